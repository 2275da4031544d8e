// Command asm writes the amd64 assembly of package kernel with avo. It is a
// module of its own, so that avo is no dependency of the product; run it with
// go generate in the folder above.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	panelAVX2()
	panelAVXVNNI()
	panelAVX512()
	panelAMX()
	linearTiles("linearAMX", tiling{shifted: true, dot: dotTile})
	linearTiles("linearGELUAMX", tiling{shifted: true, activation: true, dot: dotTile})
	linearTiles("scoresAMX", tiling{dot: dotSigned})
	linearTiles("meansAMX", tiling{dot: dotTile})
	quantiseAVX512()
	widen()
	for _, set := range []struct {
		suffix string
		vector func() VecVirtual
	}{{"AVX2", YMM}, {"AVX512", ZMM}} {
		finish("finishPlain"+set.suffix, set.vector, false)
		finish("finishGELU"+set.suffix, set.vector, true)
		values("values"+set.suffix, set.vector)
	}
	minmax()
	quantise()
	norm("normAVX2", YMM, false)
	norm("addNormAVX2", YMM, true)
	norm("addNormAVX512", ZMM, true)
	geluRow()
	dequantise()
	addRow()
	dots()
	symmetric("queriesAVX2", unsignedQueries)
	symmetric("queriesAMX", signedQueries)
	symmetric("keysAVX2", signedKeys)
	probabilitiesAVX2()
	probabilitiesAVX512()
	Generate()
}

// number is n as an immediate of 8 or 32 bits; there are no others.
func number(n int) Op {
	if n < 128 {
		return U8(n)
	}
	return U32(n)
}

var label int

// fresh makes a label that no other call of a generator shares.
func fresh(name string) string {
	label++
	return fmt.Sprintf("%s%d", name, label)
}

var constants = map[string]Mem{}

// vector is a read-only vector of sixteen times v, for eight lanes or for all.
func vector(v float32) Mem {
	name := fmt.Sprintf("f%08x", math.Float32bits(v))
	m, ok := constants[name]
	if !ok {
		m = GLOBL(name, 8|16) // RODATA, NOPTR
		for i := range 16 {
			DATA(4*i, F32(v))
		}
		constants[name] = m
	}
	return m
}

// rows addresses up to eight rows of one stride with three pointers, so that
// the matrix of activations need not be packed.
type rows struct {
	pointers []Register
	stride   Register
}

func newRows(base, stride Register, n int) rows {
	r := rows{stride: stride}
	for i := 0; i < n; i += 3 {
		p := GP64()
		if i == 0 {
			MOVQ(base, p)
		} else {
			LEAQ(Mem{Base: r.pointers[len(r.pointers)-1], Index: stride, Scale: 2}, p)
			ADDQ(stride, p)
		}
		r.pointers = append(r.pointers, p)
	}
	return r
}

func (r rows) at(i, disp int) Mem {
	m := Mem{Base: r.pointers[i/3], Disp: disp}
	if i%3 > 0 {
		m.Index, m.Scale = r.stride, uint8(i%3)
	}
	return m
}

// skip moves p on by n rows.
func skip(p, stride Register, n int) {
	for bit := 8; bit > 0; bit /= 2 {
		if n&bit != 0 {
			LEAQ(Mem{Base: p, Index: stride, Scale: uint8(bit)}, p)
		}
	}
}

func (r rows) advance(by int) {
	for _, p := range r.pointers {
		ADDQ(number(by), p)
	}
}

// repeat emits body for n steps, unroll of them at a time; body gets the number
// of the step within a turn, step moves the pointers on by that many steps.
func repeat(n Register, unroll int, body func(i int), step func(n int)) {
	many, one, end := fresh("many"), fresh("one"), fresh("end")
	left := GP64()
	MOVQ(n, left)
	if unroll > 1 {
		SUBQ(number(unroll), left)
		JL(LabelRef(one + "before"))
		Label(many)
		for i := range unroll {
			body(i)
		}
		step(unroll)
		SUBQ(number(unroll), left)
		JGE(LabelRef(many))
		Label(one + "before")
		ADDQ(number(unroll), left)
	}
	TESTQ(left, left)
	JZ(LabelRef(end))
	Label(one)
	body(0)
	step(1)
	DECQ(left)
	JNZ(LabelRef(one))
	Label(end)
}

// rowTiles emits a loop over m rows in tiles of most rows and one smaller tile
// for the rest.
func rowTiles(m Register, most int, tile func(n int), advance func(n int)) {
	loop, tail, end := fresh("tiles"), fresh("tail"), fresh("done")
	Label(loop)
	CMPQ(m, number(most))
	JL(LabelRef(tail))
	tile(most)
	advance(most)
	SUBQ(number(most), m)
	JMP(LabelRef(loop))
	Label(tail)
	for n := most - 1; n > 0; n-- {
		next := fresh("smaller")
		CMPQ(m, number(n))
		JNE(LabelRef(next))
		tile(n)
		JMP(LabelRef(end))
		Label(next)
	}
	Label(end)
}

// panelAVX2 multiplies 16-bit pairs: VPMADDWD of values in 0..255 and -127..127
// cannot overflow, where VPMADDUBSW would saturate. An accumulator holds four
// columns, two halves of a sum each, which are added at the end.
func panelAVX2() {
	TEXT("panelAVX2", 4, "func(acc *int32, a *int16, w *int8, quads, m int)")
	Doc("panelAVX2 sets acc[m][16] to the product of a[m][4·quads] with the panel w[quads][16][4].")
	acc, a, w := Load(Param("acc"), GP64()), Load(Param("a"), GP64()), Load(Param("w"), GP64())
	quads := Load(Param("quads"), GP64())
	stride := GP64()
	MOVQ(quads, stride)
	SHLQ(Imm(3), stride)
	half := GP64()
	MOVQ(U64(2), half)
	halves := fresh("half")
	Label(halves)
	m, row, dst := Load(Param("m"), GP64()), GP64(), GP64()
	MOVQ(a, row)
	MOVQ(acc, dst)
	rowTiles(m, 6, func(n int) {
		sums := zerosOf(YMM, 2*n)
		r, weights := newRows(row, stride, n), GP64()
		MOVQ(w, weights)
		unroll := 2
		if n == 6 {
			unroll = 4
		}
		repeat(quads, unroll, func(i int) {
			w0, w1 := YMM(), YMM()
			VPMOVSXBW(Mem{Base: weights, Disp: 64 * i}, w0)
			VPMOVSXBW(Mem{Base: weights, Disp: 64*i + 16}, w1)
			for j := range n {
				x, y := YMM(), YMM()
				VPBROADCASTQ(r.at(j, 8*i), x)
				VPMADDWD(w0, x, y)
				VPMADDWD(w1, x, x)
				VPADDD(y, sums[2*j], sums[2*j])
				VPADDD(x, sums[2*j+1], sums[2*j+1])
			}
		}, func(n int) {
			r.advance(8 * n)
			ADDQ(number(64*n), weights)
		})
		for j := range n {
			VPHADDD(sums[2*j+1], sums[2*j], sums[2*j])
			VPERMQ(Imm(0xd8), sums[2*j], sums[2*j])
			VMOVDQU(sums[2*j], Mem{Base: dst, Disp: 64 * j})
		}
	}, func(n int) {
		ADDQ(number(64*n), dst)
		skip(row, stride, n)
	})
	ADDQ(Imm(32), acc)
	ADDQ(Imm(32), w)
	DECQ(half)
	JNZ(LabelRef(halves))
	VZEROUPPER()
	RET()
}

// zerosOf are n vectors of 0.
func zerosOf(lanes func() VecVirtual, n int) []VecVirtual {
	v := make([]VecVirtual, n)
	for i := range v {
		v[i] = lanes()
		if v[i].Size() == 64 {
			VPXORD(v[i], v[i], v[i])
		} else {
			VPXOR(v[i], v[i], v[i])
		}
	}
	return v
}

// dpbusd is VPDPBUSD in its VEX encoding, which neither avo nor Go's assembler
// has: sum += x (unsigned) · w (signed) in fours.
func dpbusd(w, x, sum int) {
	vex1 := 0x02 | byte(1-sum>>3)<<7 | 1<<6 | byte(1-w>>3)<<5
	vex2 := byte(^x&15)<<3 | 1<<2 | 1
	modrm := 0xc0 | byte(sum&7)<<3 | byte(w&7)
	Comment(fmt.Sprintf("VPDPBUSD Y%d, Y%d, Y%d", w, x, sum))
	for _, b := range []byte{0xc4, vex1, vex2, 0x50, modrm} {
		Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []Op{U8(b)}})
	}
}

func panelAVXVNNI() {
	TEXT("panelAVXVNNI", 4, "func(acc *int32, a *uint8, w *int8, quads, m int)")
	Doc("panelAVXVNNI sets acc[m][16] to the product of a[m][4·quads] with the panel w[quads][16][4].")
	dst, row, w := Load(Param("acc"), GP64()), Load(Param("a"), GP64()), Load(Param("w"), GP64())
	quads, m, stride := Load(Param("quads"), GP64()), Load(Param("m"), GP64()), GP64()
	MOVQ(quads, stride)
	SHLQ(Imm(2), stride)
	y := []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
	rowTiles(m, 6, func(n int) {
		for _, s := range y[:2*n] {
			VPXOR(s, s, s)
		}
		r, weights := newRows(row, stride, n), GP64()
		MOVQ(w, weights)
		repeat(quads, 2, func(i int) {
			VMOVDQU(Mem{Base: weights, Disp: 64 * i}, y[12])
			VMOVDQU(Mem{Base: weights, Disp: 64*i + 32}, y[13])
			for j := range n {
				x := 14 + j%2
				VPBROADCASTD(r.at(j, 4*i), y[x])
				dpbusd(12, x, 2*j)
				dpbusd(13, x, 2*j+1)
			}
		}, func(n int) {
			r.advance(4 * n)
			ADDQ(number(64*n), weights)
		})
		for j := range n {
			VMOVDQU(y[2*j], Mem{Base: dst, Disp: 64 * j})
			VMOVDQU(y[2*j+1], Mem{Base: dst, Disp: 64*j + 32})
		}
	}, func(n int) {
		ADDQ(number(64*n), dst)
		skip(row, stride, n)
	})
	VZEROUPPER()
	RET()
}

func panelAVX512() {
	TEXT("panelAVX512", 4, "func(acc *int32, a *uint8, w *int8, quads, m int)")
	Doc("panelAVX512 sets acc[m][32] to the product of a[m][4·quads] with two panels w[2][quads][16][4].")
	dst, row, w := Load(Param("acc"), GP64()), Load(Param("a"), GP64()), Load(Param("w"), GP64())
	quads, m, stride := Load(Param("quads"), GP64()), Load(Param("m"), GP64()), GP64()
	MOVQ(quads, stride)
	SHLQ(Imm(2), stride)
	z := []VecPhysical{
		Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25,
	}
	second := GP64()
	MOVQ(quads, second)
	SHLQ(Imm(6), second)
	rowTiles(m, 8, func(n int) {
		for _, s := range z[:2*n] {
			VPXORD(s, s, s)
		}
		r, weights := newRows(row, stride, n), GP64()
		MOVQ(w, weights)
		repeat(quads, 2, func(i int) {
			VMOVDQU32(Mem{Base: weights, Disp: 64 * i}, z[16])
			VMOVDQU32(Mem{Base: weights, Index: second, Scale: 1, Disp: 64 * i}, z[17])
			for j := range n {
				x := z[18+j]
				VPBROADCASTD(r.at(j, 4*i), x)
				VPDPBUSD(z[16], x, z[2*j])
				VPDPBUSD(z[17], x, z[2*j+1])
			}
		}, func(n int) {
			r.advance(4 * n)
			ADDQ(number(64*n), weights)
		})
		for j := range n {
			VMOVDQU32(z[2*j], Mem{Base: dst, Disp: 128 * j})
			VMOVDQU32(z[2*j+1], Mem{Base: dst, Disp: 128*j + 64})
		}
	}, func(n int) {
		ADDQ(number(128*n), dst)
		skip(row, stride, n)
	})
	VZEROUPPER()
	RET()
}

func widen() {
	TEXT("widenAVX2", 4, "func(dst *int16, src *uint8, n int)")
	Doc("widenAVX2 copies n bytes to 16 bits each; n is a multiple of 4.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	loop, rest, last, end := fresh("loop"), fresh("rest"), fresh("last"), fresh("end")
	SUBQ(Imm(16), n)
	JL(LabelRef(rest))
	Label(loop)
	x := YMM()
	VPMOVZXBW(Mem{Base: src}, x)
	VMOVDQU(x, Mem{Base: dst})
	ADDQ(Imm(16), src)
	ADDQ(Imm(32), dst)
	SUBQ(Imm(16), n)
	JGE(LabelRef(loop))
	Label(rest)
	ADDQ(Imm(16), n)
	JZ(LabelRef(end))
	Label(last)
	y := XMM()
	VMOVD(Mem{Base: src}, y)
	VPMOVZXBW(y, y)
	VMOVQ(y, Mem{Base: dst})
	ADDQ(Imm(4), src)
	ADDQ(Imm(8), dst)
	SUBQ(Imm(4), n)
	JNZ(LabelRef(last))
	Label(end)
	VZEROUPPER()
	RET()
}
