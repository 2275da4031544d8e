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

// A tiling says what becomes of the sums of a product on tiles.
type tiling struct {
	shifted    bool                 // rows have a zero point, columns a bias
	activation bool                 // GELU follows
	dot        func(sum, x, w byte) // a step of the product
}

// linearTiles multiplies one block of up to 32 rows with two panels after the
// other. While the tiles of a block are multiplied, the sums of the block before
// it become float32: the two take different units of the CPU.
func linearTiles(name string, f tiling) {
	args, doc := "scale, scaleW *float32", "the sums of the products of rows of a with two panels of w, times the scales of row and column."
	if f.shifted {
		args, doc = "rows *uint64, sums *int32, scaleW, bias *float32", "the products of rows of a with two panels of w, brought to float32."
	}
	TEXT(name, 4, "func(dst *float32, ld int, a *uint8, w *int8, k int, "+args+", jobs *int64, n int, acc *int32, config *uint8)")
	Doc(name+" does n jobs: "+doc, "k is a multiple of 64, acc holds two blocks of 32 rows of 32 columns.")
	t := &tiler{
		x0: general{RAX, 0}, x1: general{R8, 8}, w0: general{R9, 9}, w1: general{R10, 10}, k: general{RCX, 1},
		stride64: general{R13, 13}, stride128: general{R12, 12}, acc: general{RDI, 7},
		dst: RDX, sums: RBX, rows: R11, left: R15, free: RSI, steps: R14, tiling: f,
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
	t.finish()
	releaseTiles()
	VZEROUPPER()
	RET()
}

type constantsOf struct{ sums, scale, bias VecVirtual }

// A tiler holds the registers of linearTiles: where the tiles are read, and what
// of the block before is still to be finished.
type tiler struct {
	tiling
	x0, x1, w0, w1, k, stride64, stride128, acc general
	dst, sums, rows, left, free, steps          GPPhysical
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
	MOVQ(t.k.GPPhysical, t.free)
	SHLQ(Imm(4), t.free)
	LEAQ(Mem{Base: t.x0, Index: t.free, Scale: 1}, t.x1.GPPhysical)
	LEAQ(Mem{Base: t.w0, Index: t.free, Scale: 1}, t.w1.GPPhysical)
}

// product multiplies; the tiles of the next step are loaded as soon as the last
// product that reads the old ones is on its way. All steps come before the vectors
// of finish, which would keep them from their port.
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
	t.dot(sums00, rows0, panel0)
	if both {
		t.dot(sums10, rows1, panel0)
		load(panel0, t.w0, t.stride64, 1024)
		t.dot(sums01, rows0, panel1)
		rows(rows0, t.x0)
		t.dot(sums11, rows1, panel1)
		rows(rows1, t.x1)
	} else {
		load(panel0, t.w0, t.stride64, 1024)
		t.dot(sums01, rows0, panel1)
		rows(rows0, t.x0)
	}
	load(panel1, t.w1, t.stride64, 1024)
	JMP(LabelRef(turn))
	Label(last)
	for _, s := range sums {
		t.dot(s, rows0+s/2, panel0+s%2)
	}
	t.finish()
	for i, s := range sums {
		storeTile(s, t.acc, t.stride128, i/2*16*128+i%2*64)
	}
}

// hand hands the sums of the job on to finish, and takes the other buffer.
func (t *tiler) hand() {
	job, at, base := t.steps, t.free, t.x0.GPPhysical
	MOVQ(t.jobs, job)
	MOVQ(t.acc.GPPhysical, t.sums)
	Load(Param("acc"), base)
	LEAQ(Mem{Base: base, Index: base, Scale: 1, Disp: 4096}, base)
	SUBQ(t.acc.GPPhysical, base)
	MOVQ(base, t.acc.GPPhysical)
	MOVQ(Mem{Base: job, Disp: jobCount}, t.left)
	Load(Param("dst"), t.dst)
	ADDQ(Mem{Base: job, Disp: jobDst}, t.dst)
	MOVQ(Mem{Base: job, Disp: jobRow}, at)
	Load(Param(t.rowsOf()), t.rows)
	LEAQ(Mem{Base: t.rows, Index: at, Scale: uint8(t.rowSize())}, t.rows)
	MOVQ(Mem{Base: job, Disp: jobColumn}, at)
	column := func(param string, of func(c constantsOf) VecVirtual) {
		Load(Param(param), base)
		for h, c := range t.columns {
			VMOVUPS(Mem{Base: base, Index: at, Scale: 4, Disp: 64 * h}, of(c))
		}
	}
	column("scaleW", func(c constantsOf) VecVirtual { return c.scale })
	if t.shifted {
		column("sums", func(c constantsOf) VecVirtual { return c.sums })
		column("bias", func(c constantsOf) VecVirtual { return c.bias })
	}
}

// rowsOf is the parameter that has what finish needs of each row, rowSize its size.
func (t *tiler) rowsOf() string {
	if t.shifted {
		return "rows"
	}
	return "scale"
}

func (t *tiler) rowSize() int {
	if t.shifted {
		return 8
	}
	return 4
}

// finishRows is the number of rows that finish takes at a time.
const finishRows = 4

// finish brings the rows of the block before to float32.
func (t *tiler) finish() {
	many, one, end := fresh("finish"), fresh("finishOne"), fresh("finished")
	for _, l := range []struct {
		loop, next string
		rows       int
	}{{many, one, finishRows}, {one, end, 1}} {
		Label(l.loop)
		CMPQ(t.left, number(l.rows))
		JL(LabelRef(l.next))
		t.finishTogether(l.rows)
		SUBQ(number(l.rows), t.left)
		JMP(LabelRef(l.loop))
	}
	Label(end)
}

// finishTogether brings n rows to float32, step by step.
func (t *tiler) finishTogether(n int) {
	var v []VecVirtual
	for i := range n {
		s, z := ZMM(), ZMM()
		VBROADCASTSS(Mem{Base: t.rows, Disp: t.rowSize() * i}, s)
		if t.shifted {
			VPBROADCASTD(Mem{Base: t.rows, Disp: t.rowSize()*i + 4}, z)
		}
		for h, c := range t.columns {
			x, both := ZMM(), ZMM()
			VMOVDQU32(Mem{Base: t.sums, Disp: 128*i + 64*h}, x)
			if t.shifted {
				VPDPWSSD(c.sums, z, x)
			}
			VCVTDQ2PS(x, x)
			VMULPS(c.scale, s, both)
			VMULPS(both, x, x)
			if t.shifted {
				VADDPS(c.bias, x, x)
			}
			v = append(v, x)
		}
	}
	if t.activation {
		geluAll(v, ZMM)
	}
	for i, x := range v {
		h := i % len(t.columns)
		VMOVUPS(x, Mem{Base: t.dst, Disp: 64 * h})
		if h == len(t.columns)-1 {
			ADDQ(t.ld, t.dst)
		}
	}
	ADDQ(number(t.rowSize()*n), t.rows)
	ADDQ(number(128*n), t.sums)
}
