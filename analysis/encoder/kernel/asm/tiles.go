package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// What panelAMX keeps in the eight tiles: the sums of two blocks of rows with
// two panels, the blocks, the panels.
const (
	sums00 = iota
	sums01
	sums10
	sums11
	rows0
	rows1
	panel0
	panel1
)

// A general is a register with its number in an instruction.
type general struct {
	GPPhysical
	number byte
}

// The instructions on tiles have VEX encodings, which neither avo nor Go's
// assembler has; opcodes and prefixes are those of Intel's manual, volume 2.
const (
	prefixNone, prefix66, prefixF3, prefixF2 = 0, 1, 2, 3
	opConfigure, opMove, opProduct           = 0x49, 0x4b, 0x5e
)

// encode emits an instruction that reads the registers, which avo would not see
// in the bytes.
func encode(comment string, bytes []byte, reads ...general) {
	Comment(comment)
	for _, b := range bytes {
		i := &ir.Instruction{Opcode: "BYTE", Operands: []Op{U8(b)}}
		for _, r := range reads {
			i.Inputs = append(i.Inputs, r.GPPhysical)
		}
		Instruction(i)
	}
}

// vex begins an instruction with memory at base and index, or with tiles alone,
// of which the prefix holds one.
func vex(prefix, opcode, base, index, tile byte) []byte {
	return []byte{0xc4, 1<<7 | (1-index>>3)<<6 | (1-base>>3)<<5 | 2, (^tile&15)<<3 | prefix, opcode}
}

// move is a load or a store of a tile whose rows are stride apart from
// base+disp on.
func move(name string, prefix, tile byte, base, stride general, disp int) {
	code := append(vex(prefix, opMove, base.number, stride.number, 0), 2<<6|tile<<3|4, stride.number&7<<3|base.number&7)
	encode(fmt.Sprintf("%s TMM%d, %d(%s)(%s*1)", name, tile, disp, base.Asm(), stride.Asm()),
		append(code, byte(disp), byte(disp>>8), byte(disp>>16), byte(disp>>24)), base, stride)
}

func loadTile(tile byte, base, stride general, disp int) {
	move("TILELOADD", prefixF2, tile, base, stride, disp)
}

func storeTile(tile byte, base, stride general, disp int) {
	move("TILESTORED", prefixF3, tile, base, stride, disp)
}

func zeroTile(tile byte) {
	encode(fmt.Sprintf("TILEZERO TMM%d", tile), append(vex(prefixF2, opConfigure, 0, 0, 0), 3<<6|tile<<3))
}

// dotTile is sum += x (unsigned) · w (signed) in fours.
func dotTile(sum, x, w byte) {
	encode(fmt.Sprintf("TDPBUSD TMM%d, TMM%d, TMM%d", w, x, sum), append(vex(prefix66, opProduct, 0, 0, w), 3<<6|sum<<3|x))
}

// dotSigned is dotTile of x that is signed too.
func dotSigned(sum, x, w byte) {
	encode(fmt.Sprintf("TDPBSSD TMM%d, TMM%d, TMM%d", w, x, sum), append(vex(prefixF2, opProduct, 0, 0, w), 3<<6|sum<<3|x))
}

func configureTiles(base general) {
	encode("LDTILECFG ("+base.Asm()+")", append(vex(prefixNone, opConfigure, base.number, 0, 0), base.number&7), base)
}

func releaseTiles() {
	encode("TILERELEASE", append(vex(prefixNone, opConfigure, 0, 0, 0), 3<<6))
}

// panelAMX reads the panels as they are packed: 16 quads of one are a tile.
func panelAMX() {
	TEXT("panelAMX", 4, "func(acc *int32, a *uint8, w *int8, k, m int, whole, rest *uint8)")
	Doc("panelAMX sets acc[m][32] to the product of a[m][k] with two panels w[2][k/4][16][4]; k is a multiple of 64.",
		"whole configures the tiles for blocks of 32 rows, rest for the last m%32.")
	acc, a, w := general{RDI, 7}, general{RSI, 6}, general{RBX, 3}
	k, m := general{RCX, 1}, general{RDX, 2}
	x0, x1, w0, w1 := general{RAX, 0}, general{R8, 8}, general{R9, 9}, general{R10, 10}
	turns, strideW, strideAcc := general{R11, 11}, general{R13, 13}, general{R12, 12}
	for _, p := range []struct {
		name string
		in   general
	}{{"acc", acc}, {"a", a}, {"w", w}, {"k", k}, {"m", m}, {"whole", x0}} {
		Load(Param(p.name), p.in.GPPhysical)
	}
	configureTiles(x0)
	MOVQ(U32(64), strideW.GPPhysical)
	MOVQ(U32(128), strideAcc.GPPhysical)
	block := func(both bool) {
		turn := fresh("turn")
		MOVQ(k.GPPhysical, turns.GPPhysical)
		SHLQ(Imm(4), turns.GPPhysical)
		LEAQ(Mem{Base: a, Index: turns, Scale: 1}, x1.GPPhysical)
		LEAQ(Mem{Base: w, Index: turns, Scale: 1}, w1.GPPhysical)
		SHRQ(Imm(10), turns.GPPhysical)
		MOVQ(a.GPPhysical, x0.GPPhysical)
		MOVQ(w.GPPhysical, w0.GPPhysical)
		sums := []byte{sums00, sums01, sums10, sums11}
		if !both {
			sums = sums[:2]
		}
		for _, s := range sums {
			zeroTile(s)
		}
		Label(turn)
		loadTile(rows0, x0, k, 0)
		loadTile(panel0, w0, strideW, 0)
		dotTile(sums00, rows0, panel0)
		loadTile(panel1, w1, strideW, 0)
		dotTile(sums01, rows0, panel1)
		if both {
			loadTile(rows1, x1, k, 0)
			dotTile(sums10, rows1, panel0)
			dotTile(sums11, rows1, panel1)
			ADDQ(Imm(64), x1.GPPhysical)
		}
		ADDQ(Imm(64), x0.GPPhysical)
		ADDQ(U32(1024), w0.GPPhysical)
		ADDQ(U32(1024), w1.GPPhysical)
		DECQ(turns.GPPhysical)
		JNZ(LabelRef(turn))
		for i, s := range sums {
			storeTile(s, acc, strideAcc, i/2*16*128+i%2*64)
		}
	}
	loop, tail, single, end := fresh("blocks"), fresh("tail"), fresh("single"), fresh("end")
	Label(loop)
	CMPQ(m.GPPhysical, Imm(32))
	JL(LabelRef(tail))
	block(true)
	SHLQ(Imm(5), k.GPPhysical)
	ADDQ(k.GPPhysical, a.GPPhysical)
	SHRQ(Imm(5), k.GPPhysical)
	ADDQ(U32(32*128), acc.GPPhysical)
	SUBQ(Imm(32), m.GPPhysical)
	JMP(LabelRef(loop))
	Label(tail)
	TESTQ(m.GPPhysical, m.GPPhysical)
	JZ(LabelRef(end))
	Load(Param("rest"), x0.GPPhysical)
	configureTiles(x0)
	CMPQ(m.GPPhysical, Imm(16))
	JLE(LabelRef(single))
	block(true)
	JMP(LabelRef(end))
	Label(single)
	block(false)
	Label(end)
	releaseTiles()
	RET()
}
