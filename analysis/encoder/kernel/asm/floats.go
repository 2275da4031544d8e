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

// geluCoefficients and exp2 are those of genericGELU and exp in the package.
var geluCoefficients = []float32{
	3.56942254e-11, -3.7540433e-09, 1.74084533e-07, -4.72486454e-06, 8.4292973e-05,
	-0.0010549922, 0.00964302756, -0.0660764277, 0.3987616,
}

func gelu(x VecVirtual, lanes func() VecVirtual) {
	low, t, u, p := lanes(), lanes(), lanes(), lanes()
	VMAXPS(vector(-4.4), x, low)
	VMINPS(vector(4.4), low, t)
	VMULPS(t, t, u)
	VMOVUPS(vector(geluCoefficients[0]), p)
	for _, c := range geluCoefficients[1:] {
		VFMADD213PS(vector(c), u, p)
	}
	VFMADD213PS(vector(0.5), t, p)
	VMULPS(p, low, x)
}

// exp2 replaces x, at least -126, by 2^x: 2^round(x) through the exponent's
// bits, the rest by a polynomial of degree 5, relative error 8e-8.
func exp2(x VecVirtual, lanes func() VecVirtual, round func(ops ...Op)) {
	k, p := lanes(), lanes()
	round(Imm(0), x, k)
	VSUBPS(k, x, x)
	VCVTPS2DQ(k, k)
	VPSLLD(Imm(23), k, k)
	VMOVUPS(vector(0.0013276472), p)
	for _, c := range []float32{0.0096755415, 0.0555071328, 0.240221197, 0.693146967, 1.00000007} {
		VFMADD213PS(vector(c), x, p)
	}
	VPADDD(k, p, x)
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

// eights emits body for n/8 vectors, turn of them at a time, then once more for
// the rest of n mod 8 lanes; body gets the displacement in floats, the number
// within a turn and whether the mask holds. move gets the floats done.
func eights(n Register, turn int, body func(disp, i int, masked bool), move func(by int)) {
	whole, rest := GP64(), fresh("rest")
	MOVQ(n, whole)
	SHRQ(Imm(3), whole)
	repeat(whole, turn, func(i int) { body(8*i, i, false) }, func(n int) { move(8 * n) })
	TESTQ(U32(7), n)
	JZ(LabelRef(rest))
	body(0, 0, true)
	Label(rest)
}

func load(p Register, disp int, m VecVirtual, masked bool) VecVirtual {
	y := YMM()
	if masked {
		VMASKMOVPS(Mem{Base: p, Disp: 4 * disp}, m, y)
	} else {
		VMOVUPS(Mem{Base: p, Disp: 4 * disp}, y)
	}
	return y
}

func store(y VecVirtual, p Register, disp int, m VecVirtual, masked bool) {
	if masked {
		VMASKMOVPS(y, m, Mem{Base: p, Disp: 4 * disp})
	} else {
		VMOVUPS(y, Mem{Base: p, Disp: 4 * disp})
	}
}

func on(by int, pointers ...Register) {
	for _, p := range pointers {
		ADDQ(number(4*by), p)
	}
}

func finish(name string, lanes func() VecVirtual, activation, residual bool) {
	args := "dst *float32, ld int, acc *int32, ldAcc int, sums *int32, scaleW, bias, scale *float32, zero *int32, m int"
	if residual {
		args += ", residual *float32"
	}
	TEXT(name, 4, "func("+args+")")
	Doc(name + " brings m rows of 16 columns from int32 to float32; ld and ldAcc are strides in elements.")
	dst, acc := Load(Param("dst"), GP64()), Load(Param("acc"), GP64())
	ld, ldAcc := Load(Param("ld"), GP64()), Load(Param("ldAcc"), GP64())
	scale, zero, m := Load(Param("scale"), GP64()), Load(Param("zero"), GP64()), Load(Param("m"), GP64())
	var added Register
	if residual {
		added = Load(Param("residual"), GP64())
	}
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
		VFMADD213PS(columns["bias"][h], c, v)
		if residual {
			VADDPS(Mem{Base: added, Disp: width * h}, v, v)
		}
		if activation {
			gelu(v, lanes)
		}
		VMOVUPS(v, Mem{Base: dst, Disp: width * h})
	}
	ADDQ(ld, dst)
	if residual {
		ADDQ(ld, added)
	}
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
	lo, hi := zeros(4), zeros(4)
	many, fours := GP64(), GP64()
	MOVQ(n, many)
	SHRQ(Imm(5), many)
	MOVQ(n, fours)
	ANDQ(Imm(31), fours)
	SHRQ(Imm(2), fours)
	repeat(many, 1, func(int) {
		for i := range 4 {
			x := load(p, 8*i, nil, false)
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
	fold(fold4(lo, least), least)
	fold(fold4(hi, most), most)
	VZEROUPPER()
	Store(lo[0].AsX(), ReturnIndex(0))
	Store(hi[0].AsX(), ReturnIndex(1))
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
	at := GLOBL(name, 8|16)
	for i := range lanes {
		DATA(4*i, U32(uint32(i%(lanes/4)*4+i/(lanes/4))))
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

// fold4 leaves in the first of four what op makes of all.
func fold4(v []VecVirtual, op func(ops ...Op)) VecVirtual {
	op(v[1], v[0], v[0])
	op(v[3], v[2], v[2])
	op(v[2], v[0], v[0])
	return v[0]
}

func norm(name string, residual bool) {
	args, doc := "dst, x, gamma, beta *float32, n int, eps float32", " normalises a row of n values; dst may be x."
	if residual {
		args, doc = "dst, x, residual, gamma, beta *float32, n int, eps float32", " normalises the sum of two rows of n values; dst may be either."
	}
	TEXT(name, 4, "func("+args+")")
	Doc(name + doc)
	n := Load(Param("n"), GP64())
	m := YMM()
	mask(n, m)
	count := XMM()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count, count)

	// the mean
	src, x, y := Load(Param("x"), GP64()), GP64(), GP64()
	dst := Load(Param("dst"), GP64())
	sums := zeros(4)
	MOVQ(src, x)
	if residual {
		Load(Param("residual"), y)
		out := GP64()
		MOVQ(dst, out)
		eights(n, 4, func(disp, i int, masked bool) {
			v := load(x, disp, m, masked)
			VADDPS(load(y, disp, m, masked), v, v)
			store(v, out, disp, m, masked)
			VADDPS(v, sums[i], sums[i])
		}, func(by int) { on(by, x, y, out) })
		MOVQ(dst, src)
	} else {
		eights(n, 4, func(disp, i int, masked bool) {
			VADDPS(load(x, disp, m, masked), sums[i], sums[i])
		}, func(by int) { on(by, x) })
	}
	total := func(v []VecVirtual) Register {
		return fold(fold4(v, addition), addition)
	}
	mean := YMM()
	s := total(sums)
	VDIVSS(count, s, s)
	VBROADCASTSS(s, mean)

	// the variance
	squares := zeros(4)
	MOVQ(src, x)
	eights(n, 4, func(disp, i int, masked bool) {
		v := load(x, disp, m, masked)
		VSUBPS(mean, v, v)
		if masked {
			VANDPS(m, v, v)
		}
		VFMADD231PS(v, v, squares[i])
	}, func(by int) { on(by, x) })
	s = total(squares)
	eps, one, inverse := broadcast("eps"), XMM(), YMM()
	VDIVSS(count, s, s)
	VADDSS(eps.AsX(), s, s)
	VSQRTSS(s, s, s)
	VMOVSS(vector(1), one)
	VDIVSS(s, one, one)
	VBROADCASTSS(one, inverse)

	gamma, beta := Load(Param("gamma"), GP64()), Load(Param("beta"), GP64())
	eights(n, 4, func(disp, _ int, masked bool) {
		v := load(src, disp, m, masked)
		VSUBPS(mean, v, v)
		VMULPS(inverse, v, v)
		g, b := load(gamma, disp, m, masked), load(beta, disp, m, masked)
		VFMADD213PS(b, g, v)
		store(v, dst, disp, m, masked)
	}, func(by int) { on(by, src, dst, gamma, beta) })
	VZEROUPPER()
	RET()
}

func geluRow() {
	TEXT("geluAVX2", 4, "func(x *float32, n int)")
	Doc("geluAVX2 replaces n values by their GELU.")
	p, n, m := Load(Param("x"), GP64()), Load(Param("n"), GP64()), YMM()
	mask(n, m)
	eights(n, 2, func(disp, _ int, masked bool) {
		v := load(p, disp, m, masked)
		gelu(v, YMM)
		store(v, p, disp, m, masked)
	}, func(by int) { on(by, p) })
	VZEROUPPER()
	RET()
}

func softmax() {
	TEXT("softmaxAVX2", 4, "func(x *float32, n int)")
	Doc("softmaxAVX2 replaces n values by their softmax.")
	start, n, p := Load(Param("x"), GP64()), Load(Param("n"), GP64()), GP64()
	m := YMM()
	mask(n, m)
	const lowest = -3.4028234663852886e38

	top := []VecVirtual{YMM(), YMM()}
	VMOVUPS(vector(lowest), top[0])
	VMOVUPS(vector(lowest), top[1])
	MOVQ(start, p)
	eights(n, 2, func(disp, i int, masked bool) {
		v := load(p, disp, m, masked)
		if masked {
			low := YMM()
			VMOVUPS(vector(lowest), low)
			VBLENDVPS(m, v, low, v)
		}
		VMAXPS(v, top[i], top[i])
	}, func(by int) { on(by, p) })
	VMAXPS(top[1], top[0], top[0])
	all := YMM()
	VBROADCASTSS(fold(top[0], three(func(a, b, c Op) { VMAXPS(a, b, c) })), all)

	sums := zeros(2)
	MOVQ(start, p)
	eights(n, 2, func(disp, i int, masked bool) {
		v := load(p, disp, m, masked)
		VSUBPS(all, v, v)
		VMULPS(vector(1.4426950408889634), v, v)
		VMAXPS(vector(-126), v, v)
		exp2(v, YMM, three(func(a, b, c Op) { VROUNDPS(a, b, c) }))
		if masked {
			VANDPS(m, v, v)
		}
		store(v, p, disp, m, masked)
		VADDPS(v, sums[i], sums[i])
	}, func(by int) { on(by, p) })
	VADDPS(sums[1], sums[0], sums[0])
	sum, one, inverse := fold(sums[0], addition), XMM(), YMM()
	VMOVSS(vector(1), one)
	VDIVSS(sum, one, one)
	VBROADCASTSS(one, inverse)
	eights(n, 4, func(disp, _ int, masked bool) {
		v := load(start, disp, m, masked)
		VMULPS(inverse, v, v)
		store(v, start, disp, m, masked)
	}, func(by int) { on(by, start) })
	VZEROUPPER()
	RET()
}

// sixteens is eights with sixteen lanes; body gets the mask, nil for all lanes.
func sixteens(n Register, turn int, rest Register, body func(disp, i int, k Op), move func(by int)) {
	whole, end := GP64(), fresh("rest")
	MOVQ(n, whole)
	SHRQ(Imm(4), whole)
	repeat(whole, turn, func(i int) { body(16*i, i, nil) }, func(n int) { move(16 * n) })
	TESTQ(U32(15), n)
	JZ(LabelRef(end))
	body(0, 0, rest)
	Label(end)
}

// masked passes the operands on, the mask before the last of them.
func masked(f func(ops ...Op), k Op, ops ...Op) {
	if k != nil {
		last := len(ops) - 1
		ops = append(ops[:last:last], k, ops[last])
	}
	f(ops...)
}

func softmaxAVX512() {
	TEXT("softmaxAVX512", 4, "func(x *float32, n int)")
	Doc("softmaxAVX512 replaces n values by their softmax.")
	start, n, p := Load(Param("x"), GP64()), Load(Param("n"), GP64()), GP64()
	const lowest = -3.4028234663852886e38
	// RCX holds the count of a shift
	ones, rest := GP64(), K()
	MOVQ(n, RCX)
	ANDQ(Imm(15), RCX)
	MOVQ(U32(1), ones)
	SHLQ(CL, ones)
	DECQ(ones)
	KMOVW(ones.As32(), rest)

	top := []VecVirtual{ZMM(), ZMM()}
	VMOVUPS(vector(lowest), top[0])
	VMOVUPS(vector(lowest), top[1])
	MOVQ(start, p)
	sixteens(n, 2, rest, func(disp, i int, k Op) {
		masked(VMAXPS, k, Mem{Base: p, Disp: 4 * disp}, top[i], top[i])
	}, func(by int) { on(by, p) })
	VMAXPS(top[1], top[0], top[0])
	all := ZMM()
	VBROADCASTSS(fold16(top[0], func(ops ...Op) { VMAXPS(ops...) }), all)

	sums := []VecVirtual{ZMM(), ZMM()}
	for _, s := range sums {
		VPXORD(s, s, s)
	}
	MOVQ(start, p)
	sixteens(n, 2, rest, func(disp, i int, k Op) {
		v := ZMM()
		if k == nil {
			VMOVUPS(Mem{Base: p, Disp: 4 * disp}, v)
		} else {
			VMOVUPS_Z(Mem{Base: p, Disp: 4 * disp}, k, v)
		}
		VSUBPS(all, v, v)
		VMULPS(vector(1.4426950408889634), v, v)
		VMAXPS(vector(-126), v, v)
		exp2(v, ZMM, func(ops ...Op) { VRNDSCALEPS(ops...) })
		masked(VMOVUPS, k, v, Mem{Base: p, Disp: 4 * disp})
		masked(VADDPS, k, v, sums[i], sums[i])
	}, func(by int) { on(by, p) })
	VADDPS(sums[1], sums[0], sums[0])
	sum, one, inverse := fold16(sums[0], addition), XMM(), ZMM()
	VMOVSS(vector(1), one)
	VDIVSS(sum, one, one)
	VBROADCASTSS(one, inverse)
	sixteens(n, 4, rest, func(disp, _ int, k Op) {
		v := ZMM()
		if k == nil {
			VMULPS(Mem{Base: start, Disp: 4 * disp}, inverse, v)
		} else {
			VMULPS_Z(Mem{Base: start, Disp: 4 * disp}, inverse, k, v)
		}
		masked(VMOVUPS, k, v, Mem{Base: start, Disp: 4 * disp})
	}, func(by int) { on(by, start) })
	VZEROUPPER()
	RET()
}

func transpose() {
	TEXT("transposeAVX2", 4, "func(dst, src *float32, ld, d int, scale float32)")
	Doc("transposeAVX2 sets dst[t][16], of which it writes the first 8, to scale times the first d columns of 8 rows of src; d is a multiple of 8.")
	dst, src, d, stride := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("d"), GP64()), Load(Param("ld"), GP64())
	SHLQ(Imm(2), stride)
	SHRQ(Imm(3), d)
	r := newRows(src, stride, 8)
	scale := broadcast("scale")
	repeat(d, 1, func(int) {
		var t, u [8]VecVirtual
		for i := 0; i < 8; i += 2 {
			a, b, hi := YMM(), YMM(), YMM()
			VMULPS(r.at(i, 0), scale, a)
			VMULPS(r.at(i+1, 0), scale, b)
			VUNPCKHPS(b, a, hi)
			VUNPCKLPS(b, a, a)
			t[i], t[i+1] = a, hi
		}
		for i := 0; i < 8; i += 4 {
			for j := range 2 {
				a, b, hi := t[i+j], t[i+j+2], YMM()
				VSHUFPS(Imm(0xee), b, a, hi)
				VSHUFPS(Imm(0x44), b, a, a)
				u[i+2*j], u[i+2*j+1] = a, hi
			}
		}
		for i := range 4 {
			hi := YMM()
			VPERM2F128(Imm(0x31), u[i+4], u[i], hi)
			VPERM2F128(Imm(0x20), u[i+4], u[i], u[i])
			VMOVUPS(u[i], Mem{Base: dst, Disp: 64 * i})
			VMOVUPS(hi, Mem{Base: dst, Disp: 64 * (i + 4)})
		}
	}, func(int) { r.advance(32); ADDQ(number(8*64), dst) })
	VZEROUPPER()
	RET()
}

func gemmAVX2() {
	TEXT("gemmAVX2", 4, "func(c *float32, ldc int, a *float32, lda int, b *float32, k, m int)")
	Doc("gemmAVX2 sets c[m][16] to the product of a[m][k] with the panel b[k][16]; ldc and lda are strides in elements.")
	c, ldc, row, lda := Load(Param("c"), GP64()), Load(Param("ldc"), GP64()), Load(Param("a"), GP64()), Load(Param("lda"), GP64())
	b, k, m := Load(Param("b"), GP64()), Load(Param("k"), GP64()), Load(Param("m"), GP64())
	SHLQ(Imm(2), ldc)
	SHLQ(Imm(2), lda)
	rowTiles(m, 6, func(n int) {
		sums := zeros(2 * n)
		r, panel := newRows(row, lda, n), GP64()
		MOVQ(b, panel)
		repeat(k, 2, func(i int) {
			b0, b1 := YMM(), YMM()
			VMOVUPS(Mem{Base: panel, Disp: 64 * i}, b0)
			VMOVUPS(Mem{Base: panel, Disp: 64*i + 32}, b1)
			for j := range n {
				x := YMM()
				VBROADCASTSS(r.at(j, 4*i), x)
				VFMADD231PS(b0, x, sums[2*j])
				VFMADD231PS(b1, x, sums[2*j+1])
			}
		}, func(n int) {
			r.advance(4 * n)
			ADDQ(number(64*n), panel)
		})
		for j := range n {
			VMOVUPS(sums[2*j], Mem{Base: c})
			VMOVUPS(sums[2*j+1], Mem{Base: c, Disp: 32})
			ADDQ(ldc, c)
		}
	}, func(n int) { skip(row, lda, n) })
	VZEROUPPER()
	RET()
}

func gemmAVX512() {
	TEXT("gemmAVX512", 4, "func(c *float32, ldc int, a *float32, lda int, b *float32, k, m int)")
	Doc("gemmAVX512 sets c[m][16] to the product of a[m][k] with the panel b[k][16]; ldc and lda are strides in elements.")
	c, ldc, row, lda := Load(Param("c"), GP64()), Load(Param("ldc"), GP64()), Load(Param("a"), GP64()), Load(Param("lda"), GP64())
	b, k, m := Load(Param("b"), GP64()), Load(Param("k"), GP64()), Load(Param("m"), GP64())
	SHLQ(Imm(2), ldc)
	SHLQ(Imm(2), lda)
	rowTiles(m, 8, func(n int) {
		sums := make([]VecVirtual, n)
		for i := range sums {
			sums[i] = ZMM()
			VPXORD(sums[i], sums[i], sums[i])
		}
		r, panel := newRows(row, lda, n), GP64()
		MOVQ(b, panel)
		repeat(k, 4, func(i int) {
			x := ZMM()
			VMOVUPS(Mem{Base: panel, Disp: 64 * i}, x)
			for j := range n {
				VFMADD231PS_BCST(r.at(j, 4*i), x, sums[j])
			}
		}, func(n int) {
			r.advance(4 * n)
			ADDQ(number(64*n), panel)
		})
		for _, s := range sums {
			VMOVUPS(s, Mem{Base: c})
			ADDQ(ldc, c)
		}
	}, func(n int) { skip(row, lda, n) })
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
		Doc(s.name + " sets dst[" + string(rune('0'+s.m)) + "][" + string(rune('0'+s.n)) + "], of stride ldd, to a·bᵀ, both of stride k.")
		k, m, stride := Load(Param("k"), GP64()), YMM(), GP64()
		MOVQ(k, stride)
		SHLQ(Imm(2), stride)
		a := newRows(Load(Param("a"), GP64()), stride, s.m)
		b := newRows(Load(Param("b"), GP64()), stride, s.n)
		sums := zeros(s.m * s.n)
		whole, rest := GP64(), fresh("rest")
		MOVQ(k, whole)
		SHRQ(Imm(3), whole)
		repeat(whole, 1, func(int) {
			x := make([]VecVirtual, s.m)
			for i := range x {
				x[i] = YMM()
				VMOVUPS(a.at(i, 0), x[i])
			}
			for j := range s.n {
				y := YMM()
				VMOVUPS(b.at(j, 0), y)
				for i := range x {
					VFMADD231PS(x[i], y, sums[i*s.n+j])
				}
			}
		}, func(int) { a.advance(32); b.advance(32) })
		TESTQ(U32(7), k)
		JZ(LabelRef(rest))
		mask(k, m)
		for j := range s.n {
			y := YMM()
			VMASKMOVPS(b.at(j, 0), m, y)
			for i := range s.m {
				x := YMM()
				VMASKMOVPS(a.at(i, 0), m, x)
				VFMADD231PS(x, y, sums[i*s.n+j])
			}
		}
		Label(rest)
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
