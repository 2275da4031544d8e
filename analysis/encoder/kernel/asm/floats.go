package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// broadcast loads a float32 or int32 parameter into all lanes.
func broadcast(param string) VecVirtual {
	y := YMM()
	VBROADCASTSS(address(param), y)
	return y
}

// multiplyAdd is p = p·x + c, rounded after the product as after the sum.
func multiplyAdd(p, x VecVirtual, c Op) {
	VMULPS(x, p, p)
	VADDPS(c, p, p)
}

// horner is the polynomial of x with the coefficients, that of the highest power
// first.
func horner(x VecVirtual, lanes func() VecVirtual, coefficients []float32) VecVirtual {
	p := lanes()
	VMULPS(vector(coefficients[0]), x, p)
	last := len(coefficients) - 1
	for _, c := range coefficients[1:last] {
		VADDPS(vector(c), p, p)
		VMULPS(x, p, p)
	}
	VADDPS(vector(coefficients[last]), p, p)
	return p
}

// The polynomials of genericGELU and exp2 in the package.
var (
	geluCoefficients = []float32{-4.984653e-07, 2.7207429e-05, -0.00062189513, 0.00787576, -0.06265898, 0.39653435}
	exp2Coefficients = []float32{19.652224, 58.049334, 177.25481, 255}
)

func gelu(x VecVirtual, lanes func() VecVirtual) { geluAll([]VecVirtual{x}, lanes) }

// geluAll takes each step for all of the vectors before the next step, so that none
// waits for itself.
func geluAll(x []VecVirtual, lanes func() VecVirtual) {
	u, p := make([]VecVirtual, len(x)), make([]VecVirtual, len(x))
	for i := range x {
		u[i], p[i] = lanes(), lanes()
	}
	each := func(step func(x, u, p VecVirtual)) {
		for i := range x {
			step(x[i], u[i], p[i])
		}
	}
	each(func(x, _, _ VecVirtual) { VMAXPS(vector(-3.65), x, x) })
	each(func(x, u, _ VecVirtual) { VMINPS(vector(3.65), x, u) })
	each(func(_, u, _ VecVirtual) { VMULPS(u, u, u) })
	each(func(_, u, p VecVirtual) { VMULPS(vector(geluCoefficients[0]), u, p) })
	last := len(geluCoefficients) - 1
	for _, c := range geluCoefficients[1:last] {
		each(func(_, _, p VecVirtual) { VADDPS(vector(c), p, p) })
		each(func(_, u, p VecVirtual) { VMULPS(u, p, p) })
	}
	each(func(_, _, p VecVirtual) { VADDPS(vector(geluCoefficients[last]), p, p) })
	each(func(x, u, _ VecVirtual) { VMINPS(vector(3.65), x, u) }) // anew: registers are few
	each(func(_, u, p VecVirtual) { VMULPS(u, p, p) })
	each(func(_, _, p VecVirtual) { VADDPS(vector(0.5), p, p) })
	each(func(x, _, p VecVirtual) { VMULPS(p, x, x) })
}

// foldAll leaves in lane 0 of the first vector all lanes of all of them, a power
// of 2, taken together by op: the upper half with the lower until one is left.
func foldAll(v []VecVirtual, op func(ops ...Op)) Register {
	for n := len(v) / 2; n > 0; n /= 2 {
		for i := range n {
			op(v[i+n], v[i], v[i])
		}
	}
	if v[0].Size() == 64 {
		return fold16(v[0], op)
	}
	return fold(v[0], op)
}

// fold16 is fold of sixteen lanes.
func fold16(z VecVirtual, op func(ops ...Op)) Register {
	y := YMM()
	VEXTRACTF64X4(Imm(1), z, y)
	op(y, z.AsY(), y)
	return fold(y, op)
}

// fold leaves in lane 0 of y all of its lanes taken together by op.
func fold(y VecVirtual, op func(ops ...Op)) Register {
	x, z := y.AsX(), XMM()
	VEXTRACTF128(Imm(1), y, z)
	op(z, x, x)
	VPERMILPS(Imm(0x4e), x, z)
	op(z, x, x)
	VPERMILPS(Imm(0xb1), x, z)
	op(z, x, x)
	return x
}

// three passes an instruction of three operands on as op of fold.
func three(f func(a, b, c Op)) func(ops ...Op) {
	return func(ops ...Op) { f(ops[0], ops[1], ops[2]) }
}

func on(by int, pointers ...Register) {
	for _, p := range pointers {
		ADDQ(number(4*by), p)
	}
}

func finish(name string, lanes func() VecVirtual, activation bool) {
	TEXT(name, 4, "func(dst *float32, ld int, acc *int32, ldAcc int, sums *int32, scaleW, bias, scale *float32, zero *int32, m int)")
	Doc(name + " brings m rows of 16 columns from int32 to float32; ld and ldAcc are strides in elements.")
	dst, acc := Load(Param("dst"), GP64()), Load(Param("acc"), GP64())
	ld, ldAcc := Load(Param("ld"), GP64()), Load(Param("ldAcc"), GP64())
	scale, zero, m := Load(Param("scale"), GP64()), Load(Param("zero"), GP64()), Load(Param("m"), GP64())
	SHLQ(Imm(2), ld)
	SHLQ(Imm(2), ldAcc)
	width := int(lanes().Size())
	columns := map[string][]VecVirtual{}
	for _, param := range []string{"sums", "scaleW", "bias"} {
		p := Load(Param(param), GP64())
		for at := 0; at < 64; at += width {
			y := lanes()
			VMOVUPS(Mem{Base: p, Disp: at}, y)
			columns[param] = append(columns[param], y)
		}
	}
	loop := fresh("loop")
	Label(loop)
	z, s := lanes(), lanes()
	VPBROADCASTD(Mem{Base: zero}, z)
	VBROADCASTSS(Mem{Base: scale}, s)
	for h := range 64 / width {
		v, shift, c := lanes(), lanes(), lanes()
		VPMULLD(columns["sums"][h], z, shift)
		VMOVUPS(Mem{Base: acc, Disp: width * h}, v)
		VPSUBD(shift, v, v)
		VCVTDQ2PS(v, v)
		VMULPS(columns["scaleW"][h], s, c)
		multiplyAdd(v, c, columns["bias"][h])
		if activation {
			gelu(v, lanes)
		}
		VMOVUPS(v, Mem{Base: dst, Disp: width * h})
	}
	ADDQ(ld, dst)
	ADDQ(ldAcc, acc)
	ADDQ(Imm(4), scale)
	ADDQ(Imm(4), zero)
	DECQ(m)
	JNZ(LabelRef(loop))
	VZEROUPPER()
	RET()
}

func minmax() {
	TEXT("minmaxAVX2", 4, "func(x *float32, n int) (lo, hi float32)")
	Doc("minmaxAVX2 is the range of n values and 0; n is a multiple of 4.")
	p, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	lo, hi := zerosOf(YMM, 4), zerosOf(YMM, 4)
	many, fours := GP64(), GP64()
	MOVQ(n, many)
	SHRQ(Imm(5), many)
	MOVQ(n, fours)
	ANDQ(Imm(31), fours)
	SHRQ(Imm(2), fours)
	repeat(many, 1, func(int) {
		for i := range 4 {
			x := YMM()
			VMOVUPS(Mem{Base: p, Disp: 32 * i}, x)
			VMINPS(x, lo[i], lo[i])
			VMAXPS(x, hi[i], hi[i])
		}
	}, func(int) { on(32, p) })
	repeat(fours, 1, func(int) {
		x := YMM()
		VMOVUPS(Mem{Base: p}, x.AsX()) // the upper lanes become 0
		VMINPS(x, lo[0], lo[0])
		VMAXPS(x, hi[0], hi[0])
	}, func(int) { on(4, p) })
	low, high := foldAll(lo, least), foldAll(hi, most)
	VZEROUPPER()
	Store(low, ReturnIndex(0))
	Store(high, ReturnIndex(1))
	RET()
}

func quantise() {
	TEXT("quantiseAVX2", 4, "func(dst *uint8, x *float32, n int, inverse float32, zero int32)")
	Doc("quantiseAVX2 sets dst to x·inverse + zero, rounded to even, in 0..255; n is a multiple of 4.")
	dst, p, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	inverse, zero, order := broadcast("inverse"), broadcast("zero"), YMM()
	VMOVDQU(packedOrder("lanes", 8), order)
	many, fours := GP64(), GP64()
	MOVQ(n, many)
	SHRQ(Imm(5), many)
	MOVQ(n, fours)
	ANDQ(Imm(31), fours)
	SHRQ(Imm(2), fours)
	repeat(many, 1, func(int) {
		VMOVDQU(quantised(p, inverse, zero, order, YMM), Mem{Base: dst})
	}, func(int) { on(32, p); ADDQ(Imm(32), dst) })
	repeat(fours, 1, func(int) {
		v := XMM()
		VMULPS(Mem{Base: p}, inverse.AsX(), v)
		VCVTPS2DQ(v, v)
		VPADDD(zero.AsX(), v, v)
		VPACKSSDW(v, v, v)
		VPACKUSWB(v, v, v)
		VMOVD(v, Mem{Base: dst})
	}, func(int) { on(4, p); ADDQ(Imm(4), dst) })
	VZEROUPPER()
	RET()
}

// packedOrder holds the numbers by which VPERMD puts the dwords that two packings
// leave by quarters of a vector into order.
func packedOrder(name string, lanes int) Mem {
	at, ok := constants[name]
	if !ok {
		at = GLOBL(name, 8|16)
		for i := range lanes {
			DATA(4*i, U32(uint32(i%(lanes/4)*4+i/(lanes/4))))
		}
		constants[name] = at
	}
	return at
}

// quantised is four vectors of p times inverse plus zero, rounded, in 0..255, as
// one; order is packedOrder.
func quantised(p Register, inverse, zero, order VecVirtual, lanes func() VecVirtual) VecVirtual {
	var v [4]VecVirtual
	for i := range v {
		v[i] = lanes()
		VMULPS(Mem{Base: p, Disp: int(v[i].Size()) * i}, inverse, v[i])
		VCVTPS2DQ(v[i], v[i])
		VPADDD(zero, v[i], v[i])
	}
	VPACKSSDW(v[1], v[0], v[0])
	VPACKSSDW(v[3], v[2], v[2])
	VPACKUSWB(v[2], v[0], v[0])
	VPERMD(v[0], order, v[0])
	return v[0]
}

var (
	addition = three(func(a, b, c Op) { VADDPS(a, b, c) })
	least    = three(func(a, b, c Op) { VMINPS(a, b, c) })
	most     = three(func(a, b, c Op) { VMAXPS(a, b, c) })
)

// norm is LayerNorm, four or eight vectors of which are the lanes of a sum.
func norm(name string, lanes func() VecVirtual, residual bool) {
	args, doc := "dst, x, gamma, beta *float32, n int, eps float32", " normalises a row of n values; dst may be x; n is a multiple of 64."
	if residual {
		args, doc = "dst, x, residual, gamma, beta *float32, n int, eps float32", " normalises the sum of two rows of n values; dst may be either; n is a multiple of 64."
	}
	TEXT(name, 4, "func("+args+")")
	Doc(name + doc)
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	width := int(lanes().Size())
	turn := 256 / width
	count, p := XMM(), GP64()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count, count)
	SHRQ(Imm(6), n)
	each := func(body func(disp, i int), pointers ...Register) {
		repeat(n, 1, func(int) {
			for i := range turn {
				body(width*i, i)
			}
		}, func(int) { on(64, pointers...) })
	}
	average := func(v []VecVirtual) Register {
		total := foldAll(v, addition)
		VDIVSS(count, total, total)
		return total
	}

	sums, mean := zerosOf(lanes, turn), lanes()
	MOVQ(dst, p)
	if residual {
		y := Load(Param("residual"), GP64())
		each(func(disp, i int) {
			v := lanes()
			VMOVUPS(Mem{Base: x, Disp: disp}, v)
			VADDPS(Mem{Base: y, Disp: disp}, v, v)
			VMOVUPS(v, Mem{Base: p, Disp: disp})
			VADDPS(v, sums[i], sums[i])
		}, p, x, y)
		MOVQ(dst, x)
	} else {
		MOVQ(x, p)
		each(func(disp, i int) { VADDPS(Mem{Base: p, Disp: disp}, sums[i], sums[i]) }, p)
	}
	VBROADCASTSS(average(sums).(VecVirtual).AsX(), mean)

	squares, inverse, one := zerosOf(lanes, turn), lanes(), XMM()
	MOVQ(x, p)
	each(func(disp, i int) {
		v := lanes()
		VMOVUPS(Mem{Base: p, Disp: disp}, v)
		VSUBPS(mean, v, v)
		VMULPS(v, v, v)
		VADDPS(v, squares[i], squares[i])
	}, p)
	variance := average(squares)
	VADDSS(address("eps"), variance, variance)
	VSQRTSS(variance, variance, variance)
	VMOVSS(vector(1), one)
	VDIVSS(variance, one, one)
	VBROADCASTSS(one, inverse)

	gamma, beta := Load(Param("gamma"), GP64()), Load(Param("beta"), GP64())
	each(func(disp, _ int) {
		v := lanes()
		VMOVUPS(Mem{Base: x, Disp: disp}, v)
		VSUBPS(mean, v, v)
		VMULPS(inverse, v, v)
		VMULPS(Mem{Base: gamma, Disp: disp}, v, v)
		VADDPS(Mem{Base: beta, Disp: disp}, v, v)
		VMOVUPS(v, Mem{Base: dst, Disp: disp})
	}, x, dst, gamma, beta)
	VZEROUPPER()
	RET()
}

func geluRow() {
	TEXT("geluAVX2", 4, "func(x *float32, n int)")
	Doc("geluAVX2 replaces n values by their GELU; n is a multiple of 8.")
	p, n, fours := Load(Param("x"), GP64()), Load(Param("n"), GP64()), GP64()
	SHRQ(Imm(3), n)
	MOVQ(n, fours)
	SHRQ(Imm(2), fours)
	ANDQ(Imm(3), n)
	together := func(vectors int) func(int) {
		return func(int) {
			v := make([]VecVirtual, vectors)
			for i := range v {
				v[i] = YMM()
				VMOVUPS(Mem{Base: p, Disp: 32 * i}, v[i])
			}
			geluAll(v, YMM)
			for i := range v {
				VMOVUPS(v[i], Mem{Base: p, Disp: 32 * i})
			}
		}
	}
	repeat(fours, 1, together(4), func(int) { on(32, p) })
	repeat(n, 1, together(1), func(int) { on(8, p) })
	VZEROUPPER()
	RET()
}

func dequantise() {
	TEXT("dequantiseAVX2", 4, "func(dst *float32, w *int8, n int, scale float32)")
	Doc("dequantiseAVX2 sets dst to n values of w times scale; n is a multiple of 8.")
	dst, w, n, scale := Load(Param("dst"), GP64()), Load(Param("w"), GP64()), Load(Param("n"), GP64()), broadcast("scale")
	SHRQ(Imm(3), n)
	repeat(n, 4, func(i int) {
		v := YMM()
		VPMOVSXBD(Mem{Base: w, Disp: 8 * i}, v)
		VCVTDQ2PS(v, v)
		VMULPS(scale, v, v)
		VMOVUPS(v, Mem{Base: dst, Disp: 32 * i})
	}, func(n int) { on(8*n, dst); ADDQ(number(8*n), w) })
	VZEROUPPER()
	RET()
}

func addRow() {
	TEXT("addAVX2", 4, "func(dst, x *float32, n int)")
	Doc("addAVX2 adds n values of x to dst; n is a multiple of 8.")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	SHRQ(Imm(3), n)
	repeat(n, 4, func(i int) {
		v := YMM()
		VMOVUPS(Mem{Base: dst, Disp: 32 * i}, v)
		VADDPS(Mem{Base: x, Disp: 32 * i}, v, v)
		VMOVUPS(v, Mem{Base: dst, Disp: 32 * i})
	}, func(n int) { on(8*n, dst, x) })
	VZEROUPPER()
	RET()
}

// dots emits products of few rows with few rows, both read along k: every
// element is the same sequence of operations whichever of the four computes it.
func dots() {
	for _, s := range []struct {
		name string
		m, n int
	}{{"dot3x4AVX2", 3, 4}, {"dot1x4AVX2", 1, 4}, {"dot3x1AVX2", 3, 1}, {"dot1x1AVX2", 1, 1}} {
		TEXT(s.name, 4, "func(dst *float32, ldd int, a, b *float32, k int)")
		Doc(s.name + " sets dst[" + string(rune('0'+s.m)) + "][" + string(rune('0'+s.n)) + "], of stride ldd, to a·bᵀ, both of stride k, a multiple of 8.")
		k, stride := Load(Param("k"), GP64()), GP64()
		MOVQ(k, stride)
		SHLQ(Imm(2), stride)
		a := newRows(Load(Param("a"), GP64()), stride, s.m)
		b := newRows(Load(Param("b"), GP64()), stride, s.n)
		sums := zerosOf(YMM, s.m*s.n)
		SHRQ(Imm(3), k)
		repeat(k, 1, func(int) {
			for j := range s.n {
				y := YMM()
				VMOVUPS(b.at(j, 0), y)
				for i := range s.m {
					x := YMM()
					VMULPS(a.at(i, 0), y, x)
					VADDPS(x, sums[i*s.n+j], sums[i*s.n+j])
				}
			}
		}, func(int) { a.advance(32); b.advance(32) })
		dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
		SHLQ(Imm(2), ldd)
		for i := range s.m {
			for j := range s.n {
				VMOVSS(fold(sums[i*s.n+j], addition), Mem{Base: dst, Disp: 4 * j})
			}
			ADDQ(ldd, dst)
		}
		VZEROUPPER()
		RET()
	}
}
