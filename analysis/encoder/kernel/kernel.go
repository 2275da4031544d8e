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
// k·255·127 < 2³¹, which is k ≤ MaxK.
//
// Attention is two such products. The keys of a head are int8 with a scale a
// token, its values int8 with a scale a column over the tokens; the queries are
// uint8 around 128 with a scale a token. The weight of token j for a query is
// p = round(255·2^(s − max s)), s the score times log₂e, and what attention
// gives is Σ p·v / Σ p, where both sums are of integers.
//
// All else is float32, and the same bits on every path:
//
//   - Each multiplication, addition, division and square root is rounded; no two
//     are fused. Go may fuse x*y + z, so it is written float32(x*y) + z here.
//   - A sum over a row has lanes, 64 in a norm and 8 in MatMulT: lane i takes
//     the elements i, i + lanes, … in order; then the upper half of the lanes is
//     added to the lower half until one is left. Rows are multiples of lanes.
//   - A polynomial is that of gelu or exp2 in generic.go, by Horner's rule.
//   - Rounding to an integer is to the nearest, ties to even.
//
// So a row has the same bytes whatever rows stand beside it, and whatever CPU
// computes it. Values, and the scores of attention, must stay below 1e38.
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
	"slices"
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
	scalesW [columns]float32
	biasW   [columns]float32
	tile    tile
	jobs    []tileJob // of a linear layer on tiles
	rows    []rowScale
	group   group
	weights Weights // one product of several, as part is
	part    Quantised
}

// A tileJob is a block of up to 32 rows times two panels: the offsets in bytes of
// what is read and written, the first row and column, the number of rows.
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
		p.halves[j] = halves(p.sums[j])
	}
	return p
}

// halves is a sum as its low 7 bits and the rest.
func halves(sum int32) int32 { return sum&127 | sum>>7<<16 }

// packRow puts the values of a row where its panel has them, eight at a time as
// one number, and returns their sum.
func packRow(panel, row []byte) int32 {
	var s sums
	i := 0
	for ; i+8 <= len(row); i += 8 {
		eight := binary.LittleEndian.Uint64(row[i:])
		four := panel[i*columns:][:4*columns+4]
		binary.LittleEndian.PutUint32(four, uint32(eight))
		binary.LittleEndian.PutUint32(four[4*columns:], uint32(eight>>32))
		s.add(eight)
		if i&(8*32-1) == 0 {
			s.fold()
		}
	}
	if i < len(row) {
		four := binary.LittleEndian.Uint32(row[i:])
		binary.LittleEndian.PutUint32(panel[i*columns:], four)
		s.add(uint64(four))
		s.sum -= 4 * 128
	}
	s.fold()
	if s.least != 0 {
		panic("kernel: Pack: weight -128; the range is -127..127")
	}
	return int32(s.sum) - 128*int32(len(row))
}

// Sums adds up values, each plus 128, eight at a time.
type sums struct {
	sum   uint64
	pairs uint64 // four sums, to be folded after 128 adds at the latest
	least uint64 // not 0 where a value was -128
}

func (s *sums) add(eight uint64) {
	const each, low = 0x0101010101010101, 0x00ff00ff00ff00ff
	raised := eight ^ 128*each
	s.least |= (raised - each) &^ raised & (128 * each) // one of them is 0 (Warren, Hacker's Delight, 6-1)
	s.pairs += raised&low + raised>>8&low
}

func (s *sums) fold() {
	const low = 0x0000ffff0000ffff
	halves := s.pairs&low + s.pairs>>16&low
	s.sum += halves&0xffffffff + halves>>32
	s.pairs = 0
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
	if m > 0 {
		active.quantise(q.Data, q.Scale, q.Zero, x[:m*k], k)
	}
}

// byRow is the quantise of a path that takes one row at a time.
func byRow(row func(dst []uint8, x []float32) (scale float32, zero int32)) func(dst []uint8, scale []float32, zero []int32, x []float32, k int) {
	return func(dst []uint8, scale []float32, zero []int32, x []float32, k int) {
		for i := range scale {
			scale[i], zero[i] = row(dst[i*k:(i+1)*k], x[i*k:(i+1)*k])
		}
	}
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
)

// Linear sets dst, row-major [M][N], to q·wᵀ + bias, where scaleW[j] is the
// scale of output channel j; both have length N.
func (w *Weights) Linear(ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32) {
	w.linear(ws, dst[:q.M*w.N], w.N, q, scaleW, bias, plain)
}

// LinearGELU is Linear followed by GELU.
func (w *Weights) LinearGELU(ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32) {
	w.linear(ws, dst[:q.M*w.N], w.N, q, scaleW, bias, gelu)
}

// linear is Linear into rows that are ld apart.
func (w *Weights) linear(ws *Workspace, dst []float32, ld int, q *Quantised, scaleW, bias []float32, f finish) {
	scaleW, bias = scaleW[:w.N], bias[:w.N]
	if active.linear != nil && active.linear(w, ws, dst, ld, q, scaleW, bias, f) {
		return
	}
	w.blocks(ws, q, func(i, j, m int, block []int32, ldAcc int) {
		t := &ws.tile
		*t = tile{acc: block, ldAcc: ldAcc, sums: w.sums[j : j+columns], scale: q.Scale[i : i+m], zero: q.Zero[i : i+m], m: m, finish: f}
		if j+columns <= w.N {
			t.dst, t.ld, t.scaleW, t.bias = dst[i*ld+j:], ld, scaleW[j:j+columns], bias[j:j+columns]
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
		active.finish(t)
		for r := range m {
			copy(dst[(i+r)*ld+j:][:n], ws.tail[r*columns:])
		}
	})
}

// diagonal is linear of n products that lie one after the other in q and in w,
// as many rows of the one times as many columns of the other; each begins step
// behind the one before in dst.
func (w *Weights) diagonal(ws *Workspace, n int, dst []float32, ld, step int, q *Quantised, scaleW, bias []float32) {
	rows, columns := q.M/n, w.N/n
	for i := range n {
		r, c := i*rows, i*columns
		ws.weights = Weights{N: columns, K: w.K, panels: w.panels[c*w.K:], sums: w.sums[c:]}
		ws.part = Quantised{rows, q.K, q.Data[r*q.K:], q.Scale[r:], q.Zero[r:]}
		ws.weights.linear(ws, dst[i*step:], ld, &ws.part, scaleW[c:], bias[c:], plain)
	}
}

// tile is a block of m rows of one panel on its way from int32 to float32.
type tile struct {
	dst          []float32 // row stride ld
	acc          []int32   // 16 columns, row stride ldAcc
	sums         []int32   // 16, as scaleW and bias
	scaleW, bias []float32
	scale        []float32 // m, as zero
	zero         []int32
	m, ld, ldAcc int
	finish       finish
}

// LayerNorm normalises each of the m rows of n values to mean 0 and variance 1,
// then multiplies with gamma and adds beta (Ba et al., Layer Normalization,
// arXiv:1607.06450; the biased variance, as torch). n is a multiple of NormLanes; dst
// may be x.
func LayerNorm(dst, x, gamma, beta []float32, m, n int, eps float32) {
	gamma, beta = checkNorm(gamma, beta, n)
	for i := range m {
		active.norm(dst[i*n:(i+1)*n], x[i*n:(i+1)*n], gamma, beta, eps)
	}
}

// AddLayerNorm is LayerNorm of x + residual. dst may be x or residual.
func AddLayerNorm(dst, x, residual, gamma, beta []float32, m, n int, eps float32) {
	gamma, beta = checkNorm(gamma, beta, n)
	for i := range m {
		active.addNorm(dst[i*n:(i+1)*n], x[i*n:(i+1)*n], residual[i*n:(i+1)*n], gamma, beta, eps)
	}
}

func checkNorm(gamma, beta []float32, n int) ([]float32, []float32) {
	if n <= 0 || n%NormLanes != 0 {
		panic(fmt.Sprintf("kernel: norm of rows of %d: no multiple of %d", n, NormLanes))
	}
	return gamma[:n], beta[:n]
}

// Embed sets dst to w times scale, then adds the rows in order. All have one
// length, a multiple of NormLanes.
func Embed(dst []float32, w []int8, scale float32, rows ...[]float32) {
	if len(dst) == 0 || len(dst)%NormLanes != 0 {
		panic(fmt.Sprintf("kernel: embedding of %d values: no multiple of %d", len(dst), NormLanes))
	}
	active.dequantise(dst, w[:len(dst)], scale)
	for _, row := range rows {
		active.add(dst, row[:len(dst)])
	}
}

// Add adds x to dst, both of a length that is a multiple of NormLanes.
func Add(dst, x []float32) {
	if len(dst) == 0 || len(dst)%NormLanes != 0 {
		panic(fmt.Sprintf("kernel: sum of %d values: no multiple of %d", len(dst), NormLanes))
	}
	active.add(dst, x[:len(dst)])
}

// GELU replaces each x by x·Φ(x), Φ the normal distribution function (Hendrycks
// and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415), to 5e-4.
func GELU(x []float32) {
	n := len(x) / geluLanes * geluLanes
	if n > 0 {
		active.gelu(x[:n])
	}
	if rest := x[n:]; len(rest) > 0 {
		var whole [geluLanes]float32
		copy(whole[:], rest)
		genericGELU(whole[:])
		copy(rest, whole[:])
	}
}

// Softmax replaces each of the m rows of n values by its softmax. It is plain Go,
// for the few classes of a head.
func Softmax(x []float32, m, n int) {
	for i := range m {
		row := x[i*n : (i+1)*n]
		top, sum := slices.Max(row), float32(0)
		for j, v := range row {
			row[j] = exp2(max(float32((v-top)*math.Log2E), exp2Least))
			sum += row[j]
		}
		for j, v := range row {
			row[j] = v / sum
		}
	}
}

// MatMulT sets dst, row-major [m][n], to a·bᵀ of a [m][k] and b [n][k]; k is a
// multiple of 8.
func MatMulT(dst, a, b []float32, m, n, k int) {
	if k <= 0 || k%dotLanes != 0 {
		panic(fmt.Sprintf("kernel: MatMulT of rows of %d: no multiple of %d", k, dotLanes))
	}
	active.matMulT(dst[:m*n], a[:m*k], b[:n*k], m, n, k)
}

// NormLanes is the number of lanes of a sum in a norm, dotLanes in MatMulT;
// geluLanes is what the GELU of a path takes at a time.
const NormLanes, dotLanes, geluLanes = 64, 8, 8

// path is one implementation of everything above.
type path struct {
	name     string
	depth    int                                                                 // of a turn of its product: attention fills rows up to a multiple
	panels   int                                                                 // of weights that product takes at once
	rows     func(k int) int                                                     // of a block at most, a multiple of tile
	tile     int                                                                 // rows that product takes at once
	prepare  func(ws *Workspace, data []uint8, m, k int)                         // brings a block into the order that product reads
	product  func(ws *Workspace, data []uint8, w []int8, sums []int32, m, k int) // ws.acc[m][16·panels] = block times panels
	finish   func(t *tile)
	linear   func(w *Weights, ws *Workspace, dst []float32, ld int, q *Quantised, scaleW, bias []float32, f finish) bool // all of a linear layer, false for shapes that it does not take; may be nil
	quantise func(dst []uint8, scale []float32, zero []int32, x []float32, k int)                                        // of rows of k, as many as have a scale
	norm     func(dst, x, gamma, beta []float32, eps float32)
	addNorm  func(dst, x, residual, gamma, beta []float32, eps float32)
	gelu     func(x []float32) // of a multiple of geluLanes
	// of embeddings, of multiples of NormLanes
	dequantise func(dst []float32, w []int8, scale float32)
	add        func(dst, x []float32)
	matMulT    func(dst, a, b []float32, m, n, k int)

	// of attention, see attention.go; x and scores are views of m rows that are ld apart
	queries       func(dst []uint8, depth int, scale []float32, x []float32, ld, m int)
	keys          func(panel []int8, scale []float32, sums []int32, x []float32, ld, m int)
	values        func(panel []int8, scale []float32, sums []int32, x []float32, ld, m int)
	probabilities func(dst []uint8, k int, scale []float32, scores []float32, ld, n, m int)
	// the products of queries with keys and of probabilities with values, see
	// Weights.diagonal, for a path whose queries have no zero point; may be nil
	scores, means func(w *Weights, ws *Workspace, n int, dst []float32, ld, step int, q *Quantised, scaleW []float32)
}

// available lists the paths of this CPU, best first.
var available = append(detect(), &generic)

var active = available[0]
