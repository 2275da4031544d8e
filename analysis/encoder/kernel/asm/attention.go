package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Attention on tiles multiplies in bfloat16, of which TDPBF16PS takes pairs. A
// float32 is the sum of two of them to 17 bits, and a product is three: high
// times high, high times low, low times high (Henry, Tang & Heinecke, Leveraging
// the bfloat16 Artificial Intelligence Datatype, 2019). The values of a pair are
// 16 columns, or 16 rows, apart: in which order the terms are summed is free, and
// so no values need to change places within a vector.

// A splitter holds the constants of split.
type splitter struct{ half, high VecVirtual }

func newSplitter() splitter {
	s, tmp := splitter{ZMM(), ZMM()}, GP32()
	MOVL(U32(0x8000), tmp)
	VPBROADCASTD(tmp, s.half)
	MOVL(U32(0xffff0000), tmp)
	VPBROADCASTD(tmp, s.high)
	return s
}

// split makes the pairs of a and b, rounded, and those of what the rounding left,
// rounded too or cut.
func (s splitter) split(a, b VecVirtual, rounded bool) (hi, lo VecVirtual) {
	x, y := ZMM(), ZMM()
	hi, lo = ZMM(), ZMM()
	VPADDD(s.half, a, x)
	VPADDD(s.half, b, y)
	VPANDD(s.high, y, y)
	VPSRLD(Imm(16), x, hi)
	VPANDD(s.high, x, x)
	VPORD(y, hi, hi)
	VSUBPS(x, a, x)
	VSUBPS(y, b, y)
	if rounded {
		VPADDD(s.half, x, x)
		VPADDD(s.half, y, y)
	}
	VPSRLD(Imm(16), x, lo)
	VPTERNLOGD(Imm(0xf8), s.high, y, lo) // lo | y & high
	return hi, lo
}

// splitRows writes tiles of 16 rows, the high halves before the low ones.
func splitRows() {
	TEXT("splitRowsAVX512", 4, "func(dst *uint32, src *float32, ld, m int, scale float32)")
	Doc("splitRowsAVX512 brings m rows of 32 values, times scale, into tiles of pairs.")
	dst, src, ld := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	m, left, scale, s := Load(Param("m"), GP64()), GP64(), ZMM(), newSplitter()
	VBROADCASTSS(address("scale"), scale)
	SHLQ(Imm(2), ld)
	MOVQ(U32(16), left)
	loop, same := fresh("loop"), fresh("same")
	Label(loop)
	x, y := ZMM(), ZMM()
	VMULPS(Mem{Base: src}, scale, x)
	VMULPS(Mem{Base: src, Disp: 64}, scale, y)
	hi, lo := s.split(x, y, true)
	VMOVDQU32(hi, Mem{Base: dst})
	VMOVDQU32(lo, Mem{Base: dst, Disp: 1024})
	ADDQ(ld, src)
	ADDQ(Imm(64), dst)
	DECQ(left)
	JNZ(LabelRef(same))
	ADDQ(U32(1024), dst)
	MOVQ(U32(16), left)
	Label(same)
	DECQ(m)
	JNZ(LabelRef(loop))
	VZEROUPPER()
	RET()
}

// splitValues writes four tiles for each 32 rows: the high halves of both halves
// of the columns, then the low ones.
func splitValues() {
	TEXT("splitValuesAVX512", 4, "func(dst *uint32, src *float32, ld, m int)")
	Doc("splitValuesAVX512 brings m rows of 32 values into tiles of pairs of rows, with zeros up to a multiple of 32 rows.")
	dst, src, ld := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	m, left, far, s := Load(Param("m"), GP64()), GP64(), GP64(), newSplitter()
	SHLQ(Imm(2), ld)
	group, loop, end := fresh("group"), fresh("loop"), fresh("end")
	Label(group)
	MOVQ(U32(16), left)
	MOVQ(ld, far)
	SHLQ(Imm(4), far)
	Label(loop)
	var v [4]VecVirtual // the near row, then the one 16 rows on
	for i := range v {
		v[i] = ZMM()
		VPXORD(v[i], v[i], v[i])
	}
	zeros := fresh("zeros")
	for i := range 2 {
		CMPQ(m, Imm(uint64(16*i)))
		JLE(LabelRef(zeros))
		at := Mem{Base: src}
		if i == 1 {
			at.Index, at.Scale = far, 1
		}
		VMOVUPS(at, v[2*i])
		at.Disp = 64
		VMOVUPS(at, v[2*i+1])
	}
	Label(zeros)
	for i := range 2 {
		hi, lo := s.split(v[i], v[2+i], true)
		VMOVDQU32(hi, Mem{Base: dst, Disp: 1024 * i})
		VMOVDQU32(lo, Mem{Base: dst, Disp: 1024 * (i + 2)})
	}
	ADDQ(ld, src)
	ADDQ(Imm(64), dst)
	DECQ(m)
	DECQ(left)
	JNZ(LabelRef(loop))
	SUBQ(Imm(16), m)
	JLE(LabelRef(end))
	ADDQ(far, src)
	ADDQ(U32(3*1024), dst)
	JMP(LabelRef(group))
	Label(end)
	VZEROUPPER()
	RET()
}

// turnTiles transposes with four rounds of exchanges between vectors.
func turnTiles() {
	TEXT("turnTilesAVX512", 4, "func(x *uint32, n int)")
	Doc("turnTilesAVX512 transposes n tiles of 16 rows of 16 numbers.")
	p, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	loop := fresh("loop")
	Label(loop)
	var r [16]VecVirtual
	for i := range r {
		r[i] = ZMM()
		VMOVDQU32(Mem{Base: p, Disp: 64 * i}, r[i])
	}
	exchange := func(i, j int, low, high func(a, b, dst VecVirtual)) {
		hi := ZMM()
		high(r[i], r[j], hi)
		low(r[i], r[j], r[i])
		r[j] = hi
	}
	for i := 0; i < 16; i += 2 {
		exchange(i, i+1, func(a, b, d VecVirtual) { VPUNPCKLDQ(b, a, d) }, func(a, b, d VecVirtual) { VPUNPCKHDQ(b, a, d) })
	}
	for i := 0; i < 16; i += 4 {
		for j := range 2 {
			exchange(i+j, i+j+2, func(a, b, d VecVirtual) { VPUNPCKLQDQ(b, a, d) }, func(a, b, d VecVirtual) { VPUNPCKHQDQ(b, a, d) })
		}
	}
	// r[4g+…] holds the columns 4·lane + (0, 2, 1, 3) of the rows 4g to 4g+3
	for _, by := range []int{4, 8} {
		for i := range 16 {
			if i&by == 0 {
				exchange(i, i+by, func(a, b, d VecVirtual) { VSHUFI32X4(Imm(0x88), b, a, d) }, func(a, b, d VecVirtual) { VSHUFI32X4(Imm(0xdd), b, a, d) })
			}
		}
	}
	for i, v := range r {
		column := i&^3 + []int{0, 2, 1, 3}[i&3]
		VMOVDQU32(v, Mem{Base: p, Disp: 64 * column})
	}
	ADDQ(U32(1024), p)
	DECQ(n)
	JNZ(LabelRef(loop))
	VZEROUPPER()
	RET()
}

// dotPairs is sum += x · w in pairs of bfloat16.
func dotPairs(sum, x, w byte) {
	encode(fmt.Sprintf("TDPBF16PS TMM%d, TMM%d, TMM%d", w, x, sum), append(vex(prefixF3, opPairs, 0, 0, w), 3<<6|sum<<3|x))
}

const opPairs = 0x5c

// An attender holds the registers of attendTiles.
type attender struct {
	q, k, v, p, scores, stride, wide general
	groups, n, at, row               GPPhysical
	split                            splitter
}

func attendTiles() {
	TEXT("attendAMX", 4, "func(out *float32, ldOut int, q, k, v, p *uint32, scores *float32, l, groups int, tail uint32, config *uint8)")
	Doc("attendAMX is attention of l rows of 32 columns; q and k are tiles of splitRows, k turned, v those of splitValues.",
		"p and scores hold 16 rows of 32·groups columns, scores 1024 numbers at least and 16 before them; tail chooses the rows of the last group.")
	a := &attender{
		q: general{RAX, 0}, k: general{R8, 8}, v: general{R9, 9}, p: general{R10, 10}, scores: general{R11, 11},
		stride: general{R13, 13}, wide: general{R12, 12}, groups: RCX, n: RDX, at: RBX, row: RSI,
	}
	Load(Param("config"), RAX)
	configureTiles(a.q)
	MOVQ(U32(64), a.stride.GPPhysical)
	Load(Param("groups"), a.groups)
	MOVQ(a.groups, a.wide.GPPhysical)
	SHLQ(Imm(7), a.wide.GPPhysical)
	Load(Param("q"), a.q.GPPhysical)
	Load(Param("scores"), a.scores.GPPhysical)
	out, left := RDI, R14
	Load(Param("out"), out)
	Load(Param("l"), left)
	a.split = newSplitter()
	loop := fresh("queries")
	Label(loop)
	a.score()
	MOVQ(U32(16), a.n)
	CMPQ(left, a.n)
	CMOVQLT(left, a.n)
	a.softmax()
	a.sum()
	a.write(out)
	ADDQ(U32(2048), a.q.GPPhysical)
	SUBQ(Imm(16), left)
	JG(LabelRef(loop))
	releaseTiles()
	VZEROUPPER()
	RET()
}

// score multiplies 16 queries with the keys of all groups.
func (a *attender) score() {
	loadTile(6, a.q, a.stride, 0)
	loadTile(7, a.q, a.stride, 1024)
	Load(Param("k"), a.k.GPPhysical)
	MOVQ(a.scores.GPPhysical, R15)
	at := general{R15, 15}
	MOVQ(a.groups, a.n)
	group := func(sum, disp int) {
		first, second := byte(sum), byte(sum+1)
		zeroTile(first)
		zeroTile(second)
		loadTile(4, a.k, a.stride, 4096*disp)
		dotPairs(first, 6, 4)
		loadTile(5, a.k, a.stride, 4096*disp+2048)
		dotPairs(second, 6, 5)
		dotPairs(first, 7, 4)
		dotPairs(second, 7, 5)
		loadTile(4, a.k, a.stride, 4096*disp+1024)
		dotPairs(first, 6, 4)
		loadTile(5, a.k, a.stride, 4096*disp+3072)
		dotPairs(second, 6, 5)
		storeTile(first, at, a.wide, 128*disp)
		storeTile(second, at, a.wide, 128*disp+64)
	}
	pair, single, end := fresh("pair"), fresh("single"), fresh("end")
	Label(pair)
	SUBQ(Imm(2), a.n)
	JL(LabelRef(single))
	group(0, 0)
	group(2, 1)
	ADDQ(U32(8192), a.k.GPPhysical)
	ADDQ(U32(256), R15)
	JMP(LabelRef(pair))
	Label(single)
	CMPQ(a.n, I8(-1))
	JNE(LabelRef(end))
	group(0, 0)
	Label(end)
}

// exp2Of gives 2^(x−top): 2 to the whole part, rounded down, by VSCALEFPS, the
// rest by a polynomial of degree 4, relative error 3e-6.
func exp2Of(x, top VecVirtual) VecVirtual {
	f, p := ZMM(), ZMM()
	VSUBPS(top, x, x)
	VREDUCEPS(Imm(9), x, f)
	VMOVUPS(vector(exp2Floor[0]), p)
	for _, c := range exp2Floor[1:] {
		VFMADD213PS(vector(c), f, p)
	}
	VSCALEFPS(x, p, p)
	return p
}

var exp2Floor = []float32{0.013534168, 0.052011464, 0.24144275, 0.69300383, 1.0000026}

// softmax turns n rows of scores into tiles of pairs of e^score, and leaves the
// inverse of each row's sum before the scores. The highest scores of all rows come
// first: what follows would wait for that of its row.
func (a *attender) softmax() {
	first, second, bits := K(), K(), GP32()
	Load(Param("tail"), bits)
	KMOVW(bits, first)
	SHRL(Imm(16), bits)
	KMOVW(bits, second)
	masks := [2]Register{first, second}
	a.eachRow(func(before GPPhysical) {
		top := [2]VecVirtual{ZMM(), ZMM()}
		for _, v := range top {
			VMOVUPS(vector(-math.MaxFloat32), v)
		}
		a.eachGroup(func(last bool) {
			for i, m := range masks {
				if last {
					VMAXPS(Mem{Base: a.at, Disp: 64 * i}, top[i], m, top[i])
				} else {
					VMAXPS(Mem{Base: a.at, Disp: 64 * i}, top[i], top[i])
				}
			}
		})
		VMAXPS(top[1], top[0], top[0])
		VMOVSS(fold16(top[0], func(ops ...Op) { VMAXPS(ops...) }), Mem{Base: before})
	})
	Load(Param("p"), a.p.GPPhysical)
	a.eachRow(func(before GPPhysical) { a.exponents(before, masks) })
}

// exponents writes a row of tiles of p.
func (a *attender) exponents(before GPPhysical, masks [2]Register) {
	top, to := ZMM(), GP64()
	VBROADCASTSS(Mem{Base: before}, top)
	sum := [2]VecVirtual{ZMM(), ZMM()}
	for _, v := range sum {
		VPXORD(v, v, v)
	}
	MOVQ(a.p.GPPhysical, to)
	a.eachGroup(func(last bool) {
		var e [2]VecVirtual
		for i, m := range masks {
			x := ZMM()
			VMOVUPS(Mem{Base: a.at, Disp: 64 * i}, x)
			e[i] = exp2Of(x, top)
			if last {
				VMOVUPS_Z(e[i], m, e[i])
			}
			VADDPS(e[i], sum[i], sum[i])
		}
		hi, lo := a.split.split(e[0], e[1], false)
		VMOVDQU32(hi, Mem{Base: to})
		VMOVDQU32(lo, Mem{Base: to, Disp: 1024})
		ADDQ(U32(2048), to)
	})
	VADDPS(sum[1], sum[0], sum[0])
	total, one := fold16(sum[0], addition), XMM()
	VMOVSS(vector(1), one)
	VDIVSS(total, one, one)
	VMOVSS(one, Mem{Base: before})
	ADDQ(Imm(64), a.p.GPPhysical)
}

// eachRow emits a loop over n rows of scores; body gets where the number of the
// row lies that stands before the scores.
func (a *attender) eachRow(body func(before GPPhysical)) {
	loop, before, left := fresh("rows"), R15, GP64()
	MOVQ(a.scores.GPPhysical, a.row)
	LEAQ(Mem{Base: a.scores, Disp: -64}, before)
	MOVQ(a.n, left)
	Label(loop)
	body(before)
	ADDQ(Imm(4), before)
	ADDQ(a.wide.GPPhysical, a.row)
	DECQ(left)
	JNZ(LabelRef(loop))
}

// eachGroup emits a loop over the groups of a row but the last, then the last.
func (a *attender) eachGroup(body func(last bool)) {
	loop, last, left := fresh("groups"), fresh("last"), GP64()
	MOVQ(a.row, a.at)
	MOVQ(a.groups, left)
	Label(loop)
	DECQ(left)
	JZ(LabelRef(last))
	body(false)
	ADDQ(U32(128), a.at)
	JMP(LabelRef(loop))
	Label(last)
	body(true)
}

// sum multiplies the tiles of p with those of v: high times high in two tiles,
// the two smaller products in two others.
func (a *attender) sum() {
	Load(Param("p"), a.p.GPPhysical)
	Load(Param("v"), a.v.GPPhysical)
	groups := R15
	MOVQ(a.groups, groups)
	for s := range byte(4) {
		zeroTile(s)
	}
	loop := fresh("values")
	Label(loop)
	loadTile(4, a.p, a.stride, 0)
	loadTile(6, a.v, a.stride, 0)
	dotPairs(0, 4, 6)
	loadTile(7, a.v, a.stride, 1024)
	dotPairs(1, 4, 7)
	loadTile(5, a.p, a.stride, 1024)
	dotPairs(2, 5, 6)
	loadTile(6, a.v, a.stride, 2048)
	dotPairs(3, 5, 7)
	loadTile(7, a.v, a.stride, 3072)
	dotPairs(2, 4, 6)
	dotPairs(3, 4, 7)
	ADDQ(U32(2048), a.p.GPPhysical)
	ADDQ(U32(4096), a.v.GPPhysical)
	DECQ(groups)
	JNZ(LabelRef(loop))
	for s := range byte(4) {
		storeTile(s, a.scores, a.stride, 1024*int(s))
	}
}

// write adds the two sums of n rows, times the inverse that softmax left.
func (a *attender) write(out GPPhysical) {
	inverse, ld, from := R15, GP64(), a.at
	LEAQ(Mem{Base: a.scores, Disp: -64}, inverse)
	Load(Param("ldOut"), ld)
	SHLQ(Imm(2), ld)
	MOVQ(a.scores.GPPhysical, from)
	loop := fresh("write")
	Label(loop)
	s := ZMM()
	VBROADCASTSS(Mem{Base: inverse}, s)
	for i := range 2 {
		v := ZMM()
		VMOVUPS(Mem{Base: from, Disp: 1024 * i}, v)
		VADDPS(Mem{Base: from, Disp: 1024 * (i + 2)}, v, v)
		VMULPS(s, v, v)
		VMOVUPS(v, Mem{Base: out, Disp: 64 * i})
	}
	ADDQ(ld, out)
	ADDQ(Imm(64), from)
	ADDQ(Imm(4), inverse)
	DECQ(a.n)
	JNZ(LabelRef(loop))
}
