// Package kernel holds the inner loops of a BERT encoder: the product of
// quantised activations with quantised weights, and what lies between two such
// products. It knows matrices, no text and no model.
//
// # Arithmetic
//
// Weights are int8 in -127..127, symmetric, one scale an output channel;
// activations are uint8, asymmetric, one scale and one zero point a row (a
// token), found from the row at run time. With a = scale_a·(qa − zero_a) and
// w = scale_w·qw a product is
//
//	Σ a·w = scale_a·scale_w·(Σ qa·qw − zero_a·Σ qw)
//
// where Σ qw is computed once, when the weights are packed. This is the scheme
// of Jacob et al., Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference (CVPR 2018), equation 7, with the zero point
// of the weights at 0. The integer sum is exact in int32 as long as
// k·255·127 < 2³¹, which is k ≤ MaxK, and equal bit for bit on every path.
// Everything else is float32: a path gives the same bytes for a row whatever
// rows stand beside it; between paths the last bits differ.
//
// # Paths
//
// Products are blocked after Goto and van de Geijn, Anatomy of High-Performance
// Matrix Multiplication (ACM TOMS 34(3), 2008): panels of 16 columns of weights,
// four consecutive k of a column side by side, stay in the first cache while
// the rows of a block pass by. All paths read this one packing.
package kernel

//go:generate sh -c "cd asm && go run . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg kernel"
//go:generate sh -c "cd asm && go run ./neon > ../neon_arm64.s"

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// columns is the width of a panel of packed weights.
const columns = 16

// MaxK is the longest row for which the integer product is exact in int32.
const MaxK = math.MaxInt32 / (255 * 127) / 4 * 4

// Path names the implementation in use: amx, avx512vnni, avxvnni, avx2, neon or generic.
func Path() string { return active.name }

// Paths names the implementations that this CPU can run, best first.
func Paths() []string {
	names := make([]string, len(available))
	for i, p := range available {
		names[i] = p.name
	}
	return names
}

// Use switches to a path that Paths names. It is for tests and benchmarks and
// must not run beside any other function of the package.
func Use(path string) error {
	for _, p := range available {
		if p.name == path {
			active = p
			return nil
		}
	}
	return fmt.Errorf("kernel: this CPU has no path %q (it has %v)", path, Paths())
}

// Workspace holds the scratch memory of one goroutine's calls. The zero value
// is ready; buffers grow to the largest call and then stay.
type Workspace struct {
	acc     []int32   // one block of rows times one turn of panels
	block   []int64   // one block of rows as the path reads them
	tail    []float32 // a panel's scales, bias and rows, where n ends inside of it
	floats  []float32 // attention: keys transposed, then scores
	scalesW [columns]float32
	biasW   [columns]float32
	tile    tile
	pairs   []uint32  // attention on tiles: queries, keys, values, probabilities
	jobs    []tileJob // of a linear layer on tiles
	rows    []rowScale
}

// A tileJob is a block of up to 32 rows times two panels, by the offsets in
// bytes of what is read and written.
type tileJob struct{ rows, weights, dst, row, column, count int }

// A rowScale is a row's scale and, as two numbers of 16 bits, its zero point
// times −1 and −128, the partner of Weights.halves.
type rowScale struct {
	scale float32
	zero  int32
}

// grow returns s with length n, keeping its memory when that is enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Weights is a matrix of N output channels and K inputs, packed. It is
// read-only after Pack and may be shared by any number of goroutines.
type Weights struct {
	N, K   int
	panels []int8  // [N/16, rounded up to even][K/4][16][4]
	sums   []int32 // Σ_k of each column, padded alike
	halves []int32 // sums as two numbers of 16 bits, low 7 bits and the rest
}

// Pack packs w, row-major [n][k] as torch's Linear keeps it, with values in
// -127..127; k is a multiple of 4 and at most MaxK. Wrong shapes panic.
func Pack(w []int8, n, k int) *Weights {
	if n <= 0 || k <= 0 || k%4 != 0 || k > MaxK || len(w) != n*k {
		panic(fmt.Sprintf("kernel: Pack of %d values as %d x %d: k must be a multiple of 4 up to %d", len(w), n, k, MaxK))
	}
	np := (n + 2*columns - 1) / (2 * columns) * 2
	p := &Weights{N: n, K: k, panels: make([]int8, np*columns*k), sums: make([]int32, np*columns), halves: make([]int32, np*columns)}
	for j := range n {
		p.sums[j] = packRow(unsigned(p.panels)[j/columns*columns*k+j%columns*4:], unsigned(w[j*k:(j+1)*k]))
		p.halves[j] = p.sums[j]&127 | p.sums[j]>>7<<16
	}
	return p
}

// packRow puts the values of a row where its panel has them, four at a time as
// one number, and returns their sum.
func packRow(panel, row []byte) int32 {
	sum := uint32(0)
	for i := 0; i < len(row); i += 4 {
		four := binary.LittleEndian.Uint32(row[i:])
		binary.LittleEndian.PutUint32(panel[i*columns:], four)
		raised := four ^ 0x80808080                      // each value plus 128
		if (raised-0x01010101)&^raised&0x80808080 != 0 { // one of them is 0 (Warren, Hacker's Delight, 6-1)
			panic("kernel: Pack: weight -128; the range is -127..127")
		}
		pairs := raised&0x00ff00ff + raised>>8&0x00ff00ff
		sum += pairs&0xffff + pairs>>16
	}
	return int32(sum) - 128*int32(len(row))
}

// unsigned is the same memory as bytes.
func unsigned(s []int8) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)) }

// Quantised is a matrix of M rows of K activations as uint8. Element (i,t)
// stands for Scale[i]·(Data[i·K+t] − Zero[i]).
type Quantised struct {
	M, K  int
	Data  []uint8 // row-major [M][K]
	Scale []float32
	Zero  []int32 // 0..255
}

// Quantise fills q from x, row-major [m][k]. The range of a row is stretched to
// hold 0, so that 0 is exact. k is a multiple of 4; values must be finite.
func (q *Quantised) Quantise(x []float32, m, k int) {
	if k <= 0 || k%4 != 0 {
		panic(fmt.Sprintf("kernel: Quantise of rows of %d: no multiple of 4", k))
	}
	q.M, q.K = m, k
	q.Data, q.Scale, q.Zero = grow(q.Data, m*k), grow(q.Scale, m), grow(q.Zero, m)
	for i := range m {
		q.Scale[i], q.Zero[i] = active.quantise(q.Data[i*k:(i+1)*k], x[i*k:(i+1)*k])
	}
}

// Product sets acc, row-major [M][N], to Σ_k q[i][k]·w[j][k].
func (w *Weights) Product(ws *Workspace, acc []int32, q *Quantised) {
	acc = acc[:q.M*w.N]
	w.blocks(ws, q, func(i, j, m int, block []int32, ld int) {
		n := min(columns, w.N-j)
		for r := range m {
			copy(acc[(i+r)*w.N+j:][:n], block[r*ld:])
		}
	})
}

// blocks computes the product in blocks of rows times one panel, and calls done
// for each with its first row, its first column, its number of rows, its 16
// columns of sums and their stride.
func (w *Weights) blocks(ws *Workspace, q *Quantised, done func(i, j, m int, block []int32, ld int)) {
	if q.K != w.K {
		panic(fmt.Sprintf("kernel: product of rows of %d with weights of %d inputs", q.K, w.K))
	}
	ld := active.panels * columns
	rows := evenly(q.M, active.rows(w.K), active.tile)
	ws.acc = grow(ws.acc, rows*ld)
	for i := 0; i < q.M; i += rows {
		m := min(rows, q.M-i)
		data := q.Data[i*q.K : (i+m)*q.K]
		active.prepare(ws, data, m, q.K)
		for j := 0; j < w.N; j += ld {
			active.product(ws, data, w.panels[j*w.K:(j+ld)*w.K], w.sums[j:j+ld], m, q.K)
			for c := j; c < min(j+ld, w.N); c += columns {
				done(i, c, m, ws.acc[c-j:], ld)
			}
		}
	}
}

// evenly is the size of the blocks of at most most rows, a multiple of tile, that
// m rows are best divided into.
func evenly(m, most, tile int) int {
	n := max(1, (m+most-1)/most)
	return max(1, (m+n*tile-1)/(n*tile)) * tile
}

// finish says what follows the product in a Linear call.
type finish int

const (
	plain finish = iota
	gelu
	add
)

// Linear sets dst, row-major [M][N], to q·wᵀ + bias, where scaleW[j] is the
// scale of output channel j; both have length N.
func (w *Weights) Linear(ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32) {
	w.linear(ws, dst, q, scaleW, bias, nil, plain)
}

// LinearGELU is Linear followed by GELU.
func (w *Weights) LinearGELU(ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32) {
	w.linear(ws, dst, q, scaleW, bias, nil, gelu)
}

// LinearAdd is Linear plus residual, row-major [M][N], which may be dst.
func (w *Weights) LinearAdd(ws *Workspace, dst []float32, q *Quantised, scaleW, bias, residual []float32) {
	w.linear(ws, dst, q, scaleW, bias, residual[:q.M*w.N], add)
}

func (w *Weights) linear(ws *Workspace, dst []float32, q *Quantised, scaleW, bias, residual []float32, f finish) {
	dst, scaleW, bias = dst[:q.M*w.N], scaleW[:w.N], bias[:w.N]
	if active.linear != nil && f != add && active.linear(w, ws, dst, q, scaleW, bias, f) {
		return
	}
	w.blocks(ws, q, func(i, j, m int, block []int32, ldAcc int) {
		t := &ws.tile
		*t = tile{acc: block, ldAcc: ldAcc, sums: w.sums[j : j+columns], scale: q.Scale[i : i+m], zero: q.Zero[i : i+m], m: m, finish: f}
		if j+columns <= w.N {
			t.dst, t.ld, t.scaleW, t.bias = dst[i*w.N+j:], w.N, scaleW[j:j+columns], bias[j:j+columns]
			if f == add {
				t.residual = residual[i*w.N+j:]
			}
			active.finish(t)
			return
		}
		// the last panel is wider than what is left: aside, and copied
		n := w.N - j
		ws.scalesW, ws.biasW = [columns]float32{}, [columns]float32{}
		copy(ws.scalesW[:], scaleW[j:])
		copy(ws.biasW[:], bias[j:])
		ws.tail = grow(ws.tail, m*columns)
		t.dst, t.ld, t.scaleW, t.bias = ws.tail, columns, ws.scalesW[:], ws.biasW[:]
		if f == add {
			for r := range m {
				copy(ws.tail[r*columns:][:n], residual[(i+r)*w.N+j:])
			}
			t.residual = ws.tail
		}
		active.finish(t)
		for r := range m {
			copy(dst[(i+r)*w.N+j:][:n], ws.tail[r*columns:])
		}
	})
}

// tile is a block of m rows of one panel on its way from int32 to float32.
type tile struct {
	dst, residual []float32 // row stride ld
	acc           []int32   // 16 columns, row stride ldAcc
	sums          []int32   // 16, as scaleW and bias
	scaleW, bias  []float32
	scale         []float32 // m, as zero
	zero          []int32
	m, ld, ldAcc  int
	finish        finish
}

// LayerNorm normalises each of the m rows of n values to mean 0 and variance 1,
// then multiplies with gamma and adds beta (Ba et al., Layer Normalization,
// arXiv:1607.06450; the biased variance, as torch). dst may be x.
func LayerNorm(dst, x, gamma, beta []float32, m, n int, eps float32) {
	gamma, beta = gamma[:n], beta[:n]
	for i := range m {
		active.norm(dst[i*n:(i+1)*n], x[i*n:(i+1)*n], gamma, beta, eps)
	}
}

// AddLayerNorm is LayerNorm of x + residual. dst may be x or residual.
func AddLayerNorm(dst, x, residual, gamma, beta []float32, m, n int, eps float32) {
	gamma, beta = gamma[:n], beta[:n]
	for i := range m {
		active.addNorm(dst[i*n:(i+1)*n], x[i*n:(i+1)*n], residual[i*n:(i+1)*n], gamma, beta, eps)
	}
}

// GELU replaces each x by x·Φ(x), Φ the normal distribution function (Hendrycks
// and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415), to 1e-4.
func GELU(x []float32) { active.gelu(x) }

// Softmax replaces each of the m rows of n values by its softmax.
func Softmax(x []float32, m, n int) {
	for i := range m {
		active.softmax(x[i*n : (i+1)*n])
	}
}

// Attention is one head over one sequence of l tokens, every token attending to
// all (Vaswani et al., Attention Is All You Need, equation 1):
// out = softmax(scale·q·kᵀ)·v. q, k and v are views of l rows with stride ldQKV,
// out one with stride ldOut; d, the width of the head, is a multiple of 8.
func Attention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32) {
	if d%8 != 0 || d > ldQKV || d > ldOut {
		panic(fmt.Sprintf("kernel: Attention: head of width %d in rows of %d and %d", d, ldQKV, ldOut))
	}
	if l == 0 {
		return
	}
	end := (l-1)*ldQKV + d
	active.attention(ws, out[:(l-1)*ldOut+d], q[:end], k[:end], v[:end], l, d, ldQKV, ldOut, scale)
}

// MatMulT sets dst, row-major [m][n], to a·bᵀ of a [m][k] and b [n][k].
func MatMulT(dst, a, b []float32, m, n, k int) {
	active.matMulT(dst[:m*n], a[:m*k], b[:n*k], m, n, k)
}

// path is one implementation of everything above.
type path struct {
	name      string
	panels    int                                                                 // of weights that product takes at once
	rows      func(k int) int                                                     // of a block at most, a multiple of tile
	tile      int                                                                 // rows that product takes at once
	prepare   func(ws *Workspace, data []uint8, m, k int)                         // brings a block into the order that product reads
	product   func(ws *Workspace, data []uint8, w []int8, sums []int32, m, k int) // ws.acc[m][16·panels] = block times panels
	finish    func(t *tile)
	linear    func(w *Weights, ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32, f finish) bool // all of Linear, false for shapes that it does not take; may be nil
	quantise  func(dst []uint8, x []float32) (scale float32, zero int32)
	norm      func(dst, x, gamma, beta []float32, eps float32)
	addNorm   func(dst, x, residual, gamma, beta []float32, eps float32)
	gelu      func(x []float32)
	softmax   func(x []float32)
	attention func(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32)
	matMulT   func(dst, a, b []float32, m, n, k int)
}

// available lists the paths of this CPU, best first.
var available = append(detect(), &generic)

var active = available[0]
