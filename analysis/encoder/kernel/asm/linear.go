package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The offsets in a tileJob of the package and its size.
const (
	jobRows, jobWeights, jobDst, jobRow, jobColumn, jobCount, jobSize = 0, 8, 16, 24, 32, 40, 48
)

// linearTiles multiplies one block of up to 32 rows with two panels after the
// other. While the tiles of a block are multiplied, the sums of the block before
// it become float32: the two take different units of the CPU.
func linearTiles(name string, activation bool) {
	TEXT(name, 4, "func(dst *float32, ld int, a *uint8, w *int8, k int, rows *uint64, sums *int32, scaleW, bias *float32, jobs *int64, n int, acc *int32, chunk int, config *uint8)")
	Doc(name+" does n jobs: the products of rows of a with two panels of w, brought to float32.",
		"k is a multiple of 64, acc holds two blocks of 32 rows of 32 columns; chunk·(k/64−1) is 32 at least, where that is not 0.")
	t := &tiler{
		x0: general{RAX, 0}, x1: general{R8, 8}, w0: general{R9, 9}, w1: general{R10, 10}, k: general{RCX, 1},
		stride64: general{R13, 13}, stride128: general{R12, 12}, acc: general{RDI, 7},
		dst: RDX, sums: RBX, rows: R11, left: R15, few: RSI, steps: R14, activation: activation,
		jobs: AllocLocal(8), count: AllocLocal(8), ld: AllocLocal(8),
	}
	for range 2 {
		t.columns = append(t.columns, constantsOf{ZMM(), ZMM(), ZMM()})
	}
	tmp := RAX
	Load(Param("config"), tmp)
	configureTiles(t.x0)
	Load(Param("jobs"), tmp)
	MOVQ(tmp, t.jobs)
	Load(Param("n"), tmp)
	MOVQ(tmp, t.count)
	Load(Param("ld"), tmp)
	SHLQ(Imm(2), tmp)
	MOVQ(tmp, t.ld)
	Load(Param("k"), t.k.GPPhysical)
	Load(Param("acc"), t.acc.GPPhysical)
	MOVQ(U32(64), t.stride64.GPPhysical)
	MOVQ(U32(128), t.stride128.GPPhysical)
	XORQ(t.left, t.left) // there is no block before the first
	for _, c := range t.columns {
		for _, v := range []VecVirtual{c.sums, c.scale, c.bias} {
			VPXORD(v, v, v)
		}
	}

	loop, single, next := fresh("jobs"), fresh("single"), fresh("next")
	Label(loop)
	t.operands()
	MOVQ(t.jobs, t.steps)
	CMPQ(Mem{Base: t.steps, Disp: jobCount}, Imm(16))
	JLE(LabelRef(single))
	t.product(true)
	JMP(LabelRef(next))
	Label(single)
	t.product(false)
	Label(next)
	t.hand()
	ADDQ(U32(jobSize), t.jobs)
	DECQ(t.count)
	JNZ(LabelRef(loop))
	t.finish(nil)
	releaseTiles()
	VZEROUPPER()
	RET()
}

type constantsOf struct{ sums, scale, bias VecVirtual }

// A tiler holds the registers of linearTiles: where the tiles are read, and what
// of the block before is still to be finished.
type tiler struct {
	x0, x1, w0, w1, k, stride64, stride128, acc general
	dst, sums, rows, left, few, steps           GPPhysical
	activation                                  bool
	jobs, count, ld                             Mem
	columns                                     []constantsOf
}

// operands points at the rows and the panels of the job.
func (t *tiler) operands() {
	job := t.steps
	MOVQ(t.jobs, job)
	Load(Param("a"), t.x0.GPPhysical)
	ADDQ(Mem{Base: job, Disp: jobRows}, t.x0.GPPhysical)
	Load(Param("w"), t.w0.GPPhysical)
	ADDQ(Mem{Base: job, Disp: jobWeights}, t.w0.GPPhysical)
	MOVQ(t.k.GPPhysical, t.few)
	SHLQ(Imm(4), t.few)
	LEAQ(Mem{Base: t.x0, Index: t.few, Scale: 1}, t.x1.GPPhysical)
	LEAQ(Mem{Base: t.w0, Index: t.few, Scale: 1}, t.w1.GPPhysical)
}

// product multiplies; the tiles of the next step are loaded as soon as the last
// product that reads the old ones is on its way.
func (t *tiler) product(both bool) {
	sums := []byte{sums00, sums01, sums10, sums11}
	if !both {
		sums = sums[:2]
	}
	for _, s := range sums {
		zeroTile(s)
	}
	load := func(tile byte, base, stride general, by int) {
		loadTile(tile, base, stride, 0)
		ADDQ(U32(by), base.GPPhysical)
	}
	rows := func(tile byte, base general) {
		loadTile(tile, base, t.k, 0)
		ADDQ(Imm(64), base.GPPhysical)
	}
	rows(rows0, t.x0)
	load(panel0, t.w0, t.stride64, 1024)
	load(panel1, t.w1, t.stride64, 1024)
	if both {
		rows(rows1, t.x1)
	}
	MOVQ(t.k.GPPhysical, t.steps)
	SHRQ(Imm(6), t.steps)
	turn, last := fresh("turn"), fresh("last")
	Label(turn)
	DECQ(t.steps)
	JZ(LabelRef(last))
	dotTile(sums00, rows0, panel0)
	if both {
		dotTile(sums10, rows1, panel0)
		load(panel0, t.w0, t.stride64, 1024)
		dotTile(sums01, rows0, panel1)
		rows(rows0, t.x0)
		dotTile(sums11, rows1, panel1)
		rows(rows1, t.x1)
	} else {
		load(panel0, t.w0, t.stride64, 1024)
		dotTile(sums01, rows0, panel1)
		rows(rows0, t.x0)
	}
	load(panel1, t.w1, t.stride64, 1024)
	chunk := Load(Param("chunk"), t.few)
	t.finish(chunk)
	JMP(LabelRef(turn))
	Label(last)
	for _, s := range sums {
		dotTile(s, rows0+s/2, panel0+s%2)
	}
	t.finish(nil)
	for i, s := range sums {
		storeTile(s, t.acc, t.stride128, i/2*16*128+i%2*64)
	}
}

// hand hands the sums of the job on to finish, and takes the other buffer.
func (t *tiler) hand() {
	job, column, base := t.steps, t.few, t.x0.GPPhysical
	MOVQ(t.jobs, job)
	MOVQ(t.acc.GPPhysical, t.sums)
	Load(Param("acc"), base)
	LEAQ(Mem{Base: base, Index: base, Scale: 1, Disp: 4096}, base)
	SUBQ(t.acc.GPPhysical, base)
	MOVQ(base, t.acc.GPPhysical)
	MOVQ(Mem{Base: job, Disp: jobCount}, t.left)
	Load(Param("dst"), t.dst)
	ADDQ(Mem{Base: job, Disp: jobDst}, t.dst)
	Load(Param("rows"), t.rows)
	ADDQ(Mem{Base: job, Disp: jobRow}, t.rows)
	MOVQ(Mem{Base: job, Disp: jobColumn}, column)
	for _, p := range []struct {
		name string
		of   func(c constantsOf) VecVirtual
	}{
		{"sums", func(c constantsOf) VecVirtual { return c.sums }},
		{"scaleW", func(c constantsOf) VecVirtual { return c.scale }},
		{"bias", func(c constantsOf) VecVirtual { return c.bias }},
	} {
		Load(Param(p.name), base)
		for h, c := range t.columns {
			VMOVUPS(Mem{Base: base, Index: column, Scale: 1, Disp: 64 * h}, p.of(c))
		}
	}
}

// finish brings rows of the block before to float32: up to few of them, which it
// counts down, or all that are left.
func (t *tiler) finish(few Register) {
	loop, end := fresh("finish"), fresh("finished")
	Label(loop)
	TESTQ(t.left, t.left)
	JZ(LabelRef(end))
	s, z := ZMM(), ZMM()
	VBROADCASTSS(Mem{Base: t.rows}, s)
	VPBROADCASTD(Mem{Base: t.rows, Disp: 4}, z)
	for h, c := range t.columns {
		v, both := ZMM(), ZMM()
		VMOVDQU32(Mem{Base: t.sums, Disp: 64 * h}, v)
		VPDPWSSD(c.sums, z, v)
		VCVTDQ2PS(v, v)
		VMULPS(c.scale, s, both)
		multiplyAdd(v, both, c.bias)
		if t.activation {
			gelu(v, ZMM)
		}
		VMOVUPS(v, Mem{Base: t.dst, Disp: 64 * h})
	}
	ADDQ(Imm(8), t.rows)
	ADDQ(U32(128), t.sums)
	ADDQ(t.ld, t.dst)
	DECQ(t.left)
	if few == nil {
		JMP(LabelRef(loop))
	} else {
		DECQ(few)
		JNZ(LabelRef(loop))
	}
	Label(end)
}
