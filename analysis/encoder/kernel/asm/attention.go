package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// What attention needs beside the product: queries, keys and values in integers,
// and probabilities.

// headVectors are the vectors of eight in a row of a head.
const headVectors = 4

// magnitudes sets top to the greatest of it and |x|; without is all but the sign.
func magnitudes(x Op, without, top VecVirtual, lanes func() VecVirtual) {
	v := lanes()
	VANDPS(x, without, v)
	VMAXPS(v, top, top)
}

// allButSign are the bits of a float32 but its sign, in all lanes.
func allButSign(lanes func() VecVirtual) VecVirtual {
	bits, v := GP32(), lanes()
	MOVL(U32(0x7fffffff), bits)
	x := XMM()
	VMOVD(bits, x)
	VBROADCASTSS(x, v)
	return v
}

// symmetric brings rows of a head to 127 steps on either side of 0: queries, from
// 128 on, one after the other; keys into a panel, with their sums.
func symmetric(name string, keys bool) {
	args, doc := "dst *uint8, depth int, scale, x *float32, ld, m int, unit float32", " brings m rows of 32 values, ld apart, to 128 ± 127, into rows of depth."
	if keys {
		args, doc = "panel *int8, scale *float32, sums *int32, x *float32, ld, m int, unit float32", " brings m rows of 32 values, ld apart, to ±127, into the columns of a panel, with their sums."
	}
	TEXT(name, 4, "func("+args+")")
	Doc(name + doc)
	x, ld, m, scale := Load(Param("x"), GP64()), Load(Param("ld"), GP64()), Load(Param("m"), GP64()), Load(Param("scale"), GP64())
	SHLQ(Imm(2), ld)
	var dst, sums, depth Register
	if keys {
		dst, sums = Load(Param("panel"), GP64()), Load(Param("sums"), GP64())
	} else {
		dst, depth = Load(Param("dst"), GP64()), Load(Param("depth"), GP64())
	}
	order, without, unit, most127 := YMM(), allButSign(YMM), XMM(), XMM()
	VMOVDQU(packedOrder("lanes", 8), order)
	VMOVSS(address("unit"), unit)
	VMOVSS(vector(127), most127)
	loop := fresh("rows")
	Label(loop)
	top := YMM()
	VANDPS(Mem{Base: x}, without, top)
	for i := 1; i < headVectors; i++ {
		magnitudes(Mem{Base: x, Disp: 32 * i}, without, top, YMM)
	}
	one, all := fold(top, most).(VecVirtual).AsX(), YMM()
	VMAXSS(vector(1e-30), one, one)
	s := XMM()
	VMULSS(unit, one, s)
	VMOVSS(s, Mem{Base: scale})
	VDIVSS(one, most127, one)
	VBROADCASTSS(one, all)
	var v [headVectors]VecVirtual
	for i := range v {
		v[i] = YMM()
		VMULPS(Mem{Base: x, Disp: 32 * i}, all, v[i])
		VCVTPS2DQ(v[i], v[i])
	}
	if keys {
		sum := []VecVirtual{YMM(), YMM()}
		VPADDD(v[1], v[0], sum[0])
		VPADDD(v[3], v[2], sum[1])
		VMOVD(foldAll(sum, integers), Mem{Base: sums})
	}
	VPACKSSDW(v[1], v[0], v[0])
	VPACKSSDW(v[3], v[2], v[2])
	VPACKSSWB(v[2], v[0], v[0])
	VPERMD(v[0], order, v[0])
	if keys {
		column(v[0], dst)
		ADDQ(Imm(4), dst)
		ADDQ(Imm(4), sums)
	} else {
		VPXOR(signs(), v[0], v[0])
		VMOVDQU(v[0], Mem{Base: dst})
		ADDQ(depth, dst)
	}
	ADDQ(ld, x)
	ADDQ(Imm(4), scale)
	DECQ(m)
	JNZ(LabelRef(loop))
	VZEROUPPER()
	RET()
}

// column writes the fours of a row one below the other.
func column(v VecVirtual, panel Register) {
	half := XMM()
	VEXTRACTI128(Imm(1), v, half)
	for i, x := range []VecVirtual{v.AsX().(VecVirtual), half} {
		VMOVD(x, Mem{Base: panel, Disp: 256 * i})
		for j := 1; j < 4; j++ {
			VPEXTRD(Imm(uint64(j)), x, Mem{Base: panel, Disp: 256*i + 64*j})
		}
	}
}

// signs are 32 bytes of 128.
func signs() Mem { return bytesOf("signs", 32, func(int) byte { return 128 }) }

// bytesOf is a constant of n bytes.
func bytesOf(name string, n int, at func(i int) byte) Mem {
	m, ok := constants[name]
	if !ok {
		m = GLOBL(name, 8|16)
		for i := range n {
			DATA(i, U8(at(i)))
		}
		constants[name] = m
	}
	return m
}

// values brings columns to 127 steps on either side of 0, four rows of a column
// side by side, as many columns as a vector has lanes.
func values(name string, lanes func() VecVirtual) {
	TEXT(name, 4, "func(panel *int8, scale *float32, sums *int32, x *float32, ld, m int, unit float32)")
	Doc(name + " brings m rows of values, ld apart, to ±127 by columns, and into a panel, with zeros up to a multiple of 4 rows, and with their sums.")
	panel, x, ld, m := Load(Param("panel"), GP64()), Load(Param("x"), GP64()), Load(Param("ld"), GP64()), Load(Param("m"), GP64())
	SHLQ(Imm(2), ld)
	without, tops, p := allButSign(lanes), zerosOf(lanes, 4), GP64()
	MOVQ(x, p)
	r := newRows(p, ld, 4)
	repeat(m, 4, func(i int) { magnitudes(r.at(i, 0), without, tops[i], lanes) }, func(n int) {
		for _, p := range r.pointers {
			LEAQ(Mem{Base: p, Index: ld, Scale: uint8(n)}, p)
		}
	})
	for i := 1; i < 4; i++ {
		VMAXPS(tops[i], tops[0], tops[0])
	}
	top, inverse, scale := tops[0], lanes(), lanes()
	VMAXPS(vector(1e-30), top, top)
	VBROADCASTSS(address("unit"), scale)
	VMULPS(scale, top, scale)
	VMOVUPS(scale, Mem{Base: Load(Param("scale"), GP64())})
	VMOVUPS(vector(127), inverse)
	VDIVPS(top, inverse, inverse)

	order, sum := lanes(), zerosOf(lanes, 1)[0]
	VMOVUPS(bytesOf("fours", 64, func(i int) byte { return byte(i%4*4 + i%16/4) }), order)
	fours := func(last bool) {
		v, end := zerosOf(lanes, 4), fresh("zeros")
		r := newRows(x, ld, 4)
		for i := range v {
			if last {
				CMPQ(m, Imm(uint64(i)))
				JE(LabelRef(end))
			}
			VMULPS(r.at(i, 0), inverse, v[i])
			VCVTPS2DQ(v[i], v[i])
			add(v[i], sum)
		}
		Label(end)
		VPACKSSDW(v[1], v[0], v[0])
		VPACKSSDW(v[3], v[2], v[2])
		VPACKSSWB(v[2], v[0], v[0])
		VPSHUFB(order, v[0], v[0])
		VMOVUPS(v[0], Mem{Base: panel})
	}
	loop, last, end := fresh("fours"), fresh("last"), fresh("end")
	SUBQ(Imm(4), m)
	JL(LabelRef(last))
	Label(loop)
	fours(false)
	LEAQ(Mem{Base: x, Index: ld, Scale: 4}, x)
	ADDQ(Imm(64), panel)
	SUBQ(Imm(4), m)
	JGE(LabelRef(loop))
	Label(last)
	ADDQ(Imm(4), m)
	JZ(LabelRef(end))
	fours(true)
	Label(end)
	VMOVUPS(sum, Mem{Base: Load(Param("sums"), GP64())})
	VZEROUPPER()
	RET()
}

// add is sum += v.
func add(v, sum VecVirtual) { VPADDD(v, sum, sum) }

// integers is addition of int32.
var integers = three(func(a, b, c Op) { VPADDD(a, b, c) })

// probabilities emits two loops over rows of scores: for the greatest of each, as
// what follows would wait for it, and for exponents, which writes the
// probabilities of one turn and adds them to the sums.
func probabilities(name string, lanes func() VecVirtual, vectors int, exponents func(scores, dst Register, top VecVirtual, sums []VecVirtual)) {
	width := int(lanes().Size())
	turn := vectors * width / 4
	TEXT(name, 4, "func(dst *uint8, k int, scale, scores *float32, ld, n, m int)")
	Doc(name+" sets m rows of dst, k apart, to 255·2^(score − the row's greatest), rounded, and scale to 1 by their sums.",
		fmt.Sprintf("A row has n scores, but as many are read and written as make it a multiple of %d.", turn))
	dst, k, ld, turns := Load(Param("dst"), GP64()), Load(Param("k"), GP64()), Load(Param("ld"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), ld)
	ADDQ(number(turn-1), turns)
	SHRQ(Imm(uint64(bits.Len(uint(turn))-1)), turns)
	row, p, scale, m := GP64(), GP64(), GP64(), GP64()
	each := func(body func()) {
		loop := fresh("rows")
		Load(Param("scores"), row)
		Load(Param("scale"), scale)
		Load(Param("m"), m)
		Label(loop)
		MOVQ(row, p)
		body()
		ADDQ(ld, row)
		ADDQ(Imm(4), scale)
		DECQ(m)
		JNZ(LabelRef(loop))
	}
	each(func() {
		tops := []VecVirtual{lanes(), lanes()}
		for _, top := range tops {
			VMOVUPS(Mem{Base: row}, top)
		}
		repeat(turns, 2, func(i int) {
			for v := range vectors {
				VMAXPS(Mem{Base: p, Disp: 4*turn*i + width*v}, tops[(i+v)%2], tops[(i+v)%2])
			}
		}, func(n int) { on(turn*n, p) })
		VMOVSS(foldAll(tops, most), Mem{Base: scale})
	})
	each(func() {
		top, sums, to := lanes(), zerosOf(lanes, min(vectors, 2)), GP64()
		VBROADCASTSS(Mem{Base: scale}, top)
		MOVQ(dst, to)
		repeat(turns, 1, func(int) { exponents(p, to, top, sums) }, func(int) { on(turn, p); ADDQ(number(turn), to) })
		total, one := foldAll(sums, integers).(VecVirtual).AsX(), XMM()
		VCVTDQ2PS(total, total)
		VMOVSS(vector(1), one)
		VDIVSS(total, one, one)
		VMOVSS(one, Mem{Base: scale})
		ADDQ(k, dst)
	})
	VZEROUPPER()
	RET()
}

func probabilitiesAVX2() {
	probabilities("probabilitiesAVX2", YMM, 4, func(scores, dst Register, top VecVirtual, sums []VecVirtual) {
		order := YMM()
		var e [4]VecVirtual
		for i := range e {
			x, floor := YMM(), YMM()
			VMOVUPS(Mem{Base: scores, Disp: 32 * i}, x)
			VSUBPS(top, x, x)
			VMAXPS(vector(-30), x, x)
			VROUNDPS(Imm(9), x, floor) // down
			VSUBPS(floor, x, x)
			e[i] = horner(x, YMM, exp2Coefficients)
			VCVTPS2DQ(floor, floor)
			VPSLLD(Imm(23), floor, floor)
			VPADDD(floor, e[i], e[i])
			VCVTPS2DQ(e[i], e[i])
			add(e[i], sums[i%2])
		}
		VPACKSSDW(e[1], e[0], e[0])
		VPACKSSDW(e[3], e[2], e[2])
		VPACKUSWB(e[2], e[0], e[0])
		VMOVDQU(packedOrder("lanes", 8), order)
		VPERMD(e[0], order, e[0])
		VMOVDQU(e[0], Mem{Base: dst})
	})
}

// probabilitiesAVX512 has an instruction for powers of 2, for which a score need
// not be above -30. VREDUCEPS would give x less floor in one, but rounds it down.
func probabilitiesAVX512() {
	probabilities("probabilitiesAVX512", ZMM, 1, func(scores, dst Register, top VecVirtual, sums []VecVirtual) {
		x, f := ZMM(), ZMM()
		VMOVUPS(Mem{Base: scores}, x)
		VSUBPS(top, x, x)
		VRNDSCALEPS(Imm(9), x, f) // down
		VSUBPS(f, x, f)
		e := horner(f, ZMM, exp2Coefficients)
		VSCALEFPS(x, e, e)
		VCVTPS2DQ(e, e)
		add(e, sums[0])
		VPMOVDB(e, Mem{Base: dst})
	})
}
