package main

import (
	"fmt"

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

// What symmetric makes of a head's rows.
const (
	unsignedQueries = iota // 128 ± 127, one row after the other
	signedQueries          // ±127
	signedKeys             // ±127, into a panel, with their sums
)

// symmetric brings rows of a head to 127 steps on either side of 0.
func symmetric(name string, of int) {
	keys := of == signedKeys
	args, doc := "dst *uint8, depth int, scale, x *float32, ld, m int, unit float32", " brings m rows of 32 values, ld apart, to 128 ± 127, into rows of depth."
	if of == signedQueries {
		doc = " brings m rows of 32 values, ld apart, to ±127, into rows of depth."
	}
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
	var row Mem
	if keys {
		row = AllocLocal(32)
	}
	together := func(n int) {
		r := newRows(x, ld, n)
		for i, all := range inversesOf(r, n, without, unit, most127, scale) {
			var v [headVectors]VecVirtual
			for c := range v {
				v[c] = YMM()
				VMULPS(r.at(i, 32*c), all, v[c])
				VCVTPS2DQ(v[c], v[c])
			}
			if keys {
				sum := []VecVirtual{YMM(), YMM()}
				VPADDD(v[1], v[0], sum[0])
				VPADDD(v[3], v[2], sum[1])
				VMOVD(foldAll(sum, integers), Mem{Base: sums, Disp: 4 * i})
			}
			VPACKSSDW(v[1], v[0], v[0])
			VPACKSSDW(v[3], v[2], v[2])
			VPACKSSWB(v[2], v[0], v[0])
			VPERMD(v[0], order, v[0])
			if keys {
				column(v[0], row, dst)
				ADDQ(Imm(4), dst)
				continue
			}
			if of == unsignedQueries {
				VPXOR(signs(), v[0], v[0])
			}
			VMOVDQU(v[0], Mem{Base: dst})
			ADDQ(depth, dst)
		}
		skip(x, ld, n)
		ADDQ(number(4*n), scale)
		if keys {
			ADDQ(number(4*n), sums)
		}
	}
	many, one, end := fresh("many"), fresh("one"), fresh("end")
	Label(many)
	SUBQ(Imm(headRows), m)
	JL(LabelRef(one + "before"))
	together(headRows)
	JMP(LabelRef(many))
	Label(one + "before")
	ADDQ(Imm(headRows), m)
	JZ(LabelRef(end))
	Label(one)
	together(1)
	DECQ(m)
	JNZ(LabelRef(one))
	Label(end)
	VZEROUPPER()
	RET()
}

// headRows is the number of rows whose ranges symmetric finds at a time, so that
// what one waits for is hidden by the others.
const headRows = 4

// inversesOf writes the scales of n rows of a head, and returns 127 by the range of
// each in all lanes.
func inversesOf(r rows, n int, without, unit, most127 VecVirtual, scale Register) []VecVirtual {
	tops, halves := make([]VecVirtual, n), make([]VecVirtual, n)
	each := func(step func(top, half VecVirtual)) {
		for i := range n {
			step(tops[i], halves[i])
		}
	}
	for i := range n {
		tops[i], halves[i] = YMM(), XMM()
		VANDPS(r.at(i, 0), without, tops[i])
	}
	for c := 1; c < headVectors; c++ {
		for i, top := range tops {
			magnitudes(r.at(i, 32*c), without, top, YMM)
		}
	}
	fold := func(from func(top, half VecVirtual)) {
		each(from)
		each(func(top, half VecVirtual) { VMAXPS(half, top.AsX(), top.AsX()) })
	}
	fold(func(top, half VecVirtual) { VEXTRACTF128(Imm(1), top, half) })
	fold(func(top, half VecVirtual) { VPERMILPS(Imm(0x4e), top.AsX(), half) })
	fold(func(top, half VecVirtual) { VPERMILPS(Imm(0xb1), top.AsX(), half) })
	each(func(top, _ VecVirtual) { VMAXSS(vector(1e-30), top.AsX(), top.AsX()) })
	for i, half := range halves {
		VMULSS(unit, tops[i].AsX(), half)
		VMOVSS(half, Mem{Base: scale, Disp: 4 * i})
	}
	each(func(top, _ VecVirtual) { VDIVSS(top.AsX(), most127, top.AsX()) })
	each(func(top, _ VecVirtual) { VBROADCASTSS(top.AsX(), top) })
	return tops
}

// column writes the fours of a row one below the other, by way of row: the port
// that takes them out of a vector has the most to do.
func column(v VecVirtual, row Mem, panel Register) {
	VMOVDQU(v, row)
	for i := range 8 {
		four := GP32()
		MOVL(row.Offset(4*i), four)
		MOVL(four, Mem{Base: panel, Disp: 64 * i})
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

// probabilitiesAVX2 has two loops over rows of scores: for the greatest of each, as
// what follows would wait for it, and for the probabilities and their sums.
func probabilitiesAVX2() {
	const turn = 32
	TEXT("probabilitiesAVX2", 4, "func(dst *uint8, k int, scale, scores *float32, ld, n, m int)")
	Doc("probabilitiesAVX2 sets m rows of dst, k apart, to 255·2^(score − the row's greatest), rounded, and scale to 1 by their sums.",
		fmt.Sprintf("A row has n scores, but as many are read and written as make it a multiple of %d.", turn))
	dst, k, ld, turns := Load(Param("dst"), GP64()), Load(Param("k"), GP64()), Load(Param("ld"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), ld)
	ADDQ(number(turn-1), turns)
	SHRQ(Imm(5), turns)
	r := scoreRows{row: GP64(), p: GP64(), scale: GP64(), m: GP64(), ld: ld}
	r.each(func() {
		tops := []VecVirtual{YMM(), YMM()}
		for _, top := range tops {
			VMOVUPS(Mem{Base: r.row}, top)
		}
		repeat(turns, 2, func(i int) {
			for v := range turn / 8 {
				VMAXPS(Mem{Base: r.p, Disp: 4*turn*i + 32*v}, tops[v%2], tops[v%2])
			}
		}, func(n int) { on(turn*n, r.p) })
		VMOVSS(foldAll(tops, most), Mem{Base: r.scale})
	})
	r.each(func() {
		top, sums, to := YMM(), zerosOf(YMM, 2), GP64()
		VBROADCASTSS(Mem{Base: r.scale}, top)
		MOVQ(dst, to)
		repeat(turns, 1, func(int) { exponentsAVX2(r.p, to, top, sums) }, func(int) { on(turn, r.p); ADDQ(number(turn), to) })
		inverse(foldAll(sums, integers).(VecVirtual).AsX(), r.scale)
		ADDQ(k, dst)
	})
	VZEROUPPER()
	RET()
}

// exponentsAVX2 writes the probabilities of 32 scores and adds them to the sums.
func exponentsAVX2(scores, dst Register, top VecVirtual, sums []VecVirtual) {
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
}

// probabilitiesAVX512 has an instruction for powers of 2, for which a score need
// not be above -30. VREDUCEPS would give x less floor in one, but rounds it down.
// It takes four vectors at a time, whose bytes are one vector, then single ones, then
// the rest of a row.
func probabilitiesAVX512() {
	TEXT("probabilitiesAVX512", 4, "func(dst *uint8, k int, scale, scores *float32, ld, n, m int)")
	Doc("probabilitiesAVX512 sets m rows of dst, k apart, to 255·2^(score − the row's greatest), rounded, and scale to 1 by their sums.",
		"A row has n scores, but as many bytes are written as make it a multiple of 16.")
	dst, k, ld, n := Load(Param("dst"), GP64()), Load(Param("k"), GP64()), Load(Param("ld"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), ld)
	rest, singles, fours := lowLanes(n), GP64(), GP64()
	SHRQ(Imm(4), n)
	MOVQ(n, fours)
	SHRQ(Imm(2), fours)
	MOVQ(n, singles)
	ANDQ(Imm(3), singles)
	r := scoreRows{row: GP64(), p: GP64(), scale: GP64(), m: GP64(), ld: ld}
	r.each(func() {
		tops := []VecVirtual{ZMM(), ZMM()}
		for _, top := range tops {
			VMOVUPS(vector(-2e38), top)
		}
		repeat(n, 2, func(i int) { VMAXPS(Mem{Base: r.p, Disp: 64 * i}, tops[i], tops[i]) }, func(n int) { on(16*n, r.p) })
		VMAXPS(Mem{Base: r.p}, tops[0], rest, tops[0])
		VMOVSS(foldAll(tops, most), Mem{Base: r.scale})
	})
	order, each := ZMM(), ZMM()
	VMOVDQU32(packedOrder("lanes16", 16), order)
	VMOVDQU32(bytesOf("each", 64, func(int) byte { return 1 }), each)
	r.each(func() {
		top, sums, to := ZMM(), zerosOf(ZMM, 2), GP64()
		VBROADCASTSS(Mem{Base: r.scale}, top)
		MOVQ(dst, to)
		repeat(fours, 1, func(int) {
			e := []VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
			for i, x := range e {
				VMOVUPS(Mem{Base: r.p, Disp: 64 * i}, x)
			}
			powers(e, top)
			for _, x := range e {
				VCVTPS2DQ(x, x)
			}
			VPACKSSDW(e[1], e[0], e[0])
			VPACKSSDW(e[3], e[2], e[2])
			VPACKUSWB(e[2], e[0], e[0])
			VPDPBUSD(each, e[0], sums[0])
			VPERMD(e[0], order, e[0])
			VMOVDQU32(e[0], Mem{Base: to})
		}, func(int) { on(64, r.p); ADDQ(Imm(64), to) })
		single := func(x VecVirtual) {
			add(x, sums[1])
			VPMOVDB(x, Mem{Base: to})
		}
		repeat(singles, 1, func(int) {
			x := ZMM()
			VMOVUPS(Mem{Base: r.p}, x)
			powers([]VecVirtual{x}, top)
			VCVTPS2DQ(x, x)
			single(x)
		}, func(int) { on(16, r.p); ADDQ(Imm(16), to) })
		x := ZMM()
		VMOVUPS_Z(Mem{Base: r.p}, rest, x)
		powers([]VecVirtual{x}, top)
		VCVTPS2DQ_Z(x, rest, x)
		single(x)
		inverse(foldAll(sums, integers).(VecVirtual).AsX(), r.scale)
		ADDQ(k, dst)
	})
	VZEROUPPER()
	RET()
}

// lowLanes is a mask of the first n%16 lanes.
func lowLanes(n Register) Register {
	count, bits, mask := GP64(), GP32(), K()
	MOVQ(n, count)
	ANDQ(Imm(15), count)
	MOVL(U32(1<<16-1), bits)
	BZHIL(count.As32(), bits, bits)
	KMOVW(bits, mask)
	return mask
}

// powers replaces scores by 255·2^(score − top), step by step.
func powers(x []VecVirtual, top VecVirtual) {
	f, p := make([]VecVirtual, len(x)), make([]VecVirtual, len(x))
	for i := range x {
		f[i], p[i] = ZMM(), ZMM()
	}
	each := func(step func(x, f, p VecVirtual)) {
		for i := range x {
			step(x[i], f[i], p[i])
		}
	}
	each(func(x, _, _ VecVirtual) { VSUBPS(top, x, x) })
	each(func(x, f, _ VecVirtual) { VRNDSCALEPS(Imm(9), x, f) }) // down
	each(func(x, f, _ VecVirtual) { VSUBPS(f, x, f) })
	each(func(_, f, p VecVirtual) { VMULPS(vector(exp2Coefficients[0]), f, p) })
	last := len(exp2Coefficients) - 1
	for _, c := range exp2Coefficients[1:last] {
		each(func(_, _, p VecVirtual) { VADDPS(vector(c), p, p) })
		each(func(_, f, p VecVirtual) { VMULPS(f, p, p) })
	}
	each(func(_, _, p VecVirtual) { VADDPS(vector(exp2Coefficients[last]), p, p) })
	each(func(x, _, p VecVirtual) { VSCALEFPS(x, p, x) })
}

// inverse writes 1 by a sum.
func inverse(sum Register, to Register) {
	one := XMM()
	VCVTDQ2PS(sum, sum)
	VMOVSS(vector(1), one)
	VDIVSS(sum, one, one)
	VMOVSS(one, Mem{Base: to})
}

// scoreRows are m rows of scores, each with its scale.
type scoreRows struct{ row, p, scale, m, ld Register }

// each emits a loop over the rows, p at the first score of each.
func (r scoreRows) each(body func()) {
	loop := fresh("rows")
	Load(Param("scores"), r.row)
	Load(Param("scale"), r.scale)
	Load(Param("m"), r.m)
	Label(loop)
	MOVQ(r.row, r.p)
	body()
	ADDQ(r.ld, r.row)
	ADDQ(Imm(4), r.scale)
	DECQ(r.m)
	JNZ(LabelRef(loop))
}
