package kernel

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// twoPanels is the plain path with two panels a turn, as avx512vnni has them,
// and plain loops for the product.
var twoPanels = func() path {
	p := generic
	p.name, p.panels, p.tile, p.rows = "twopanels", 2, 7, func(int) int { return 7 }
	p.prepare = func(*Workspace, []uint8, int, int) {}
	p.product = func(ws *Workspace, data []uint8, w []int8, _ []int32, m, k int) {
		for i := range m {
			for j := range 2 * columns {
				sum := int32(0)
				for t := range k {
					sum += int32(data[i*k+t]) * int32(w[j/columns*columns*k+t/4*columns*4+j%columns*4+t%4])
				}
				ws.acc[i*2*columns+j] = sum
			}
		}
	}
	return p
}()

func TestMain(m *testing.M) {
	available = append(available, &twoPanels)
	m.Run()
}

// multiply sets acc, row-major [M][N], to the integers of a linear layer.
func multiply(w *Weights, acc []int32, q *Quantised) {
	w.blocks(&Workspace{}, q, func(i, j, m int, block []int32, ld int) {
		n := min(columns, w.N-j)
		for r := range m {
			copy(acc[(i+r)*w.N+j:][:n], block[r*ld:])
		}
	})
}

// onEveryPath runs f once for each path of this CPU.
func onEveryPath(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	best := Path()
	defer Use(best)
	for _, p := range Paths() {
		if err := Use(p); err != nil {
			t.Fatal(err)
		}
		t.Run(p, f)
	}
}

func generator() *rand.Rand { return rand.New(rand.NewPCG(4, 7)) }

func floats(r *rand.Rand, n int, spread float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * spread)
	}
	return x
}

// extremes fills weights and activations by kind: random, all at the ends that
// saturate a 16-bit sum, or only those ends in turn.
func extremes(r *rand.Rand, kind string, a []uint8, w []int8) {
	for i := range a {
		switch kind {
		case "random":
			a[i] = uint8(r.UintN(256))
		case "ends":
			a[i] = uint8(255 * r.UintN(2))
		default:
			a[i] = 255
		}
	}
	for i := range w {
		switch kind {
		case "random":
			w[i] = int8(r.IntN(255) - 127)
		case "ends":
			w[i] = int8(254*r.IntN(2) - 127)
		case "lowest":
			w[i] = -127
		default:
			w[i] = 127
		}
	}
}

func naive(a []uint8, w []int8, m, n, k int) []int32 {
	acc := make([]int32, m*n)
	for i := range m {
		for j := range n {
			row, sum := w[j*k:(j+1)*k], int32(0)
			for t, v := range a[i*k : (i+1)*k] {
				sum += int32(v) * int32(row[t])
			}
			acc[i*n+j] = sum
		}
	}
	return acc
}

var shapes = [][3]int{
	{1, 1, 4}, {1, 8, 4}, {2, 16, 8}, {3, 17, 12}, {5, 24, 36}, {6, 16, 384}, {7, 40, 100}, {8, 33, 64}, {13, 48, 4},
	{12, 80, 384}, {50, 48, 1536}, {33, 64, 64}, {101, 96, 384}, {190, 16, 388}, {8, 15, MaxK / 16 * 4},
}

func TestProduct(t *testing.T) {
	type product struct {
		name    string
		a       []uint8
		w       []int8
		m, n, k int
		want    []int32
	}
	var products []product
	r := generator()
	for _, s := range shapes {
		for _, kind := range []string{"random", "ends", "lowest", "highest"} {
			p := product{fmt.Sprintf("%v %s", s, kind), make([]uint8, s[0]*s[2]), make([]int8, s[1]*s[2]), s[0], s[1], s[2], nil}
			extremes(r, kind, p.a, p.w)
			p.want = naive(p.a, p.w, p.m, p.n, p.k)
			products = append(products, p)
		}
	}
	onEveryPath(t, func(t *testing.T) {
		for _, p := range products {
			got := make([]int32, p.m*p.n)
			multiply(Pack(p.w, p.n, p.k), got, &Quantised{M: p.m, K: p.k, Data: p.a})
			if !slices.Equal(got, p.want) {
				t.Errorf("%s: product differs from the plain loop", p.name)
			}
		}
	})
}

func TestLongestRow(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		a, w := make([]uint8, 2*MaxK), make([]int8, 2*MaxK)
		extremes(nil, "lowest", a, w)
		got := make([]int32, 4)
		multiply(Pack(w, 2, MaxK), got, &Quantised{M: 2, K: MaxK, Data: a})
		if want := int32(-127 * 255 * MaxK); got[0] != want || got[3] != want {
			t.Errorf("got %v, want %d", got, want)
		}
	})
}

func FuzzProduct(f *testing.F) {
	f.Add(uint8(3), uint8(17), uint8(3), []byte{255, 0, 127, 129})
	f.Add(uint8(13), uint8(32), uint8(40), []byte{1, 255, 254, 3, 128})
	f.Fuzz(func(t *testing.T, m, n, quads uint8, bytes []byte) {
		mm, nn, k := int(m)%40+1, int(n)%70+1, (int(quads)%100+1)*4
		a, w := make([]uint8, mm*k), make([]int8, nn*k)
		for i := range a {
			if len(bytes) > 0 {
				a[i] = bytes[i%len(bytes)] + uint8(i/len(bytes))
			}
		}
		for i := range w {
			if len(bytes) > 0 {
				w[i] = max(int8(bytes[(i*7+3)%len(bytes)]-uint8(i)), -127)
			}
		}
		want := naive(a, w, mm, nn, k)
		got := make([]int32, mm*nn)
		best := Path()
		defer Use(best)
		for _, p := range Paths() {
			Use(p)
			multiply(Pack(w, nn, k), got, &Quantised{M: mm, K: k, Data: a})
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %d x %d x %d differs from the plain loop", p, mm, nn, k)
			}
		}
	})
}

// within fails where got is further from want than tolerance, relative to 1+|want|.
func within(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for i, g := range got {
		if d := math.Abs(float64(g) - want[i]); !(d <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s: element %d is %g, want %g", what, i, g, want[i])
			return
		}
	}
}

func erfGELU(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) }

func TestQuantise(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, k := range []int{4, 8, 12, 36, 64, 100, 384} {
			const m = 5
			x := floats(r, m*k, 3)
			for i := range k {
				x[i], x[k+i], x[2*k+i] = 0, float32(math.Abs(float64(x[k+i]))), -1e-3
			}
			var q Quantised
			q.Quantise(x, m, k)
			if q.M != m || q.K != k {
				t.Fatalf("shape %d x %d, want %d x %d", q.M, q.K, m, k)
			}
			for i, v := range x {
				scale, zero := q.Scale[i/k], q.Zero[i/k]
				if back := scale * float32(int32(q.Data[i])-zero); math.Abs(float64(back-v)) > 0.51*float64(scale) && v != 0 {
					t.Fatalf("k=%d: %g came back as %g, scale %g", k, v, back, scale)
				} else if v == 0 && back != 0 {
					t.Fatalf("k=%d: 0 came back as %g", k, back)
				}
			}
			lo, hi := slices.Min(q.Data[4*k:]), slices.Max(q.Data[4*k:])
			if lo != 0 || hi != 255 {
				t.Errorf("k=%d: a row uses %d..%d of 0..255", k, lo, hi)
			}
		}
	})
}

func TestLinear(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws := generator(), &Workspace{}
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			if m*n*k > 1<<24 {
				continue
			}
			w := make([]int8, n*k)
			extremes(r, "random", nil, w)
			x, scaleW, bias := floats(r, m*k, 1), floats(r, n, 0.001), floats(r, n, 1)
			var q Quantised
			q.Quantise(x, m, k)
			p := Pack(w, n, k)
			want, wantGELU := make([]float64, m*n), make([]float64, m*n)
			for i, sum := range naive(q.Data, w, m, n, k) {
				row, col := i/n, i%n
				for _, v := range w[col*k : (col+1)*k] {
					sum -= q.Zero[row] * int32(v)
				}
				want[i] = float64(sum)*float64(q.Scale[row])*float64(scaleW[col]) + float64(bias[col])
				wantGELU[i] = erfGELU(want[i])
			}
			name, got := fmt.Sprintf("%d x %d x %d", m, n, k), make([]float32, m*n)
			p.Linear(ws, got, &q, scaleW, bias)
			within(t, "Linear "+name, got, want, 1e-5)
			p.LinearGELU(ws, got, &q, scaleW, bias)
			within(t, "LinearGELU "+name, got, wantGELU, 5e-4)
		}
	})
}

// TestLinearIsExact holds that a layer of scale 1 gives the integers themselves,
// less those of the zero points, whatever computes them.
func TestLinearIsExact(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws := generator(), &Workspace{}
		for _, s := range [][3]int{{1, 32, 64}, {16, 32, 64}, {37, 64, 384}, {130, 96, 384}, {33, 64, 1536}, {9, 17, 100}} {
			for _, kind := range []string{"random", "ends", "lowest", "highest"} {
				m, n, k := s[0], s[1], s[2]
				q := Quantised{M: m, K: k, Data: make([]uint8, m*k), Scale: make([]float32, m), Zero: make([]int32, m)}
				w, one := make([]int8, n*k), make([]float32, n)
				extremes(r, kind, q.Data, w)
				for i := range m {
					q.Scale[i], q.Zero[i] = 1, int32(r.IntN(256))
				}
				for j := range one {
					one[j] = 1
				}
				want, got := make([]float32, m*n), make([]float32, m*n)
				for i, sum := range naive(q.Data, w, m, n, k) {
					for _, v := range w[i%n*k : (i%n+1)*k] {
						sum -= q.Zero[i/n] * int32(v)
					}
					want[i] = float32(sum)
				}
				Pack(w, n, k).Linear(ws, got, &q, one, make([]float32, n))
				if !slices.Equal(got, want) {
					t.Errorf("%d x %d x %d, %s: not the integers", m, n, k, kind)
				}
			}
		}
	})
}

func TestGELU(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		var x []float32
		for v := float32(-12); v < 12; v += 1.0 / 512 {
			x = append(x, v)
		}
		x = append(x, -1e30, 1e30, float32(math.Copysign(0, -1)), 3e-39)
		for _, n := range []int{1, 7, 8, 9, 31, len(x)} {
			got := slices.Clone(x[len(x)-n:])
			want := make([]float64, n)
			for i, v := range got {
				want[i] = erfGELU(float64(v))
			}
			GELU(got)
			for i, g := range got {
				if tolerance := max(5e-4, 3e-6*math.Abs(want[i])); !(math.Abs(float64(g)-want[i]) < tolerance) {
					t.Fatalf("GELU(%g) = %g, want %g", x[len(x)-n+i], g, want[i])
				}
			}
		}
	})
}

func TestLayerNorm(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, n := range []int{64, 128, 384} {
			const m, eps = 3, 1e-12
			x, residual, gamma, beta := floats(r, m*n, 4), floats(r, m*n, 1), floats(r, n, 1), floats(r, n, 1)
			for i := range x {
				x[i] += 50
			}
			want := func(x []float64) []float64 {
				y := make([]float64, m*n)
				for i := range m {
					mean, variance := 0.0, 0.0
					for _, v := range x[i*n : (i+1)*n] {
						mean += v / float64(n)
					}
					for _, v := range x[i*n : (i+1)*n] {
						variance += (v - mean) * (v - mean) / float64(n)
					}
					for j := range n {
						y[i*n+j] = (x[i*n+j]-mean)/math.Sqrt(variance+eps)*float64(gamma[j]) + float64(beta[j])
					}
				}
				return y
			}
			sum, single := make([]float64, m*n), make([]float64, m*n)
			for i := range x {
				single[i], sum[i] = float64(x[i]), float64(x[i])+float64(residual[i])
			}
			got := make([]float32, m*n)
			LayerNorm(got, x, gamma, beta, m, n, eps)
			within(t, fmt.Sprintf("LayerNorm of %d", n), got, want(single), 2e-4)
			AddLayerNorm(got, x, residual, gamma, beta, m, n, eps)
			within(t, fmt.Sprintf("AddLayerNorm of %d", n), got, want(sum), 2e-4)
			AddLayerNorm(residual, x, residual, gamma, beta, m, n, eps)
			if !slices.Equal(residual, got) {
				t.Errorf("AddLayerNorm of %d differs in place", n)
			}
			LayerNorm(x, x, gamma, beta, m, n, eps)
			within(t, fmt.Sprintf("LayerNorm of %d in place", n), x, want(single), 2e-4)
		}
	})
}

// TestEmbed wants the bits of sums that are rounded one after the other.
func TestEmbed(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, n := range []int{64, 192, 384} {
			w, a, b, c := make([]int8, n), floats(r, n, 1), floats(r, n, 3), floats(r, n, 0.1)
			extremes(r, "random", nil, w)
			got, want := floats(r, n, 1), make([]float32, n)
			for i := range want {
				want[i] = float32(0.037*float32(w[i])) + a[i]
				want[i] += b[i]
			}
			Embed(got, w, 0.037, a, b)
			if !slices.Equal(got, want) {
				t.Errorf("embedding of %d values: %v, want %v", n, got, want)
			}
			for i := range want {
				want[i] += c[i]
			}
			Add(got, c)
			if !slices.Equal(got, want) {
				t.Errorf("sum of %d values: %v, want %v", n, got, want)
			}
		}
	})
}

func softmax64(x []float64) {
	sum, top := 0.0, slices.Max(x)
	for i, v := range x {
		x[i] = math.Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func TestSoftmax(t *testing.T) {
	r := generator()
	for _, n := range []int{1, 2, 7, 37, 301} {
		for _, spread := range []float64{0, 1, 10, 200} {
			const m = 3
			x := floats(r, m*n, spread)
			want := make([]float64, m*n)
			for i, v := range x {
				want[i] = float64(v)
			}
			for i := range m {
				softmax64(want[i*n : (i+1)*n])
			}
			Softmax(x, m, n)
			within(t, fmt.Sprintf("softmax of %d, spread %g", n, spread), x, want, 1e-4)
		}
	}
}

// TestAttention holds attention in integers to that in float64.
func TestAttention(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws := generator(), &Workspace{}
		for _, l := range []int{1, 2, 5, 15, 16, 17, 31, 32, 33, 37, 64, 130} {
			const heads, width = 4, 4 * HeadWidth
			ldQKV, ldOut := 3*width+5, 2*width
			qkv, out := floats(r, l*ldQKV, 1), floats(r, l*ldOut, 1)
			before := slices.Clone(out)
			Attention(ws, out[width:], qkv, qkv[width:], qkv[2*width:], l, l, heads, ldQKV, ldOut)
			for i := range l {
				for at := 0; at < width; at += HeadWidth {
					want := attention64(qkv[at:], i, l, ldQKV, width)
					within(t, fmt.Sprintf("attention of %d tokens, row %d", l, i), out[i*ldOut+width+at:][:HeadWidth], want, 0.025)
				}
				if !slices.Equal(out[i*ldOut:][:width], before[i*ldOut:][:width]) {
					t.Fatalf("attention of %d tokens writes beside its view", l)
				}
			}
			few := slices.Clone(before)
			m := l/2 + 1
			Attention(ws, few[width:], qkv, qkv[width:], qkv[2*width:], m, l, heads, ldQKV, ldOut)
			if !slices.Equal(few[:m*ldOut], out[:m*ldOut]) || !slices.Equal(few[m*ldOut:], before[m*ldOut:]) {
				t.Errorf("attention of %d of %d tokens differs from that of all", m, l)
			}
		}
	})
}

// attention64 is what row i attends to in one head of qkv.
func attention64(qkv []float32, i, l, ld, width int) []float64 {
	p, out := make([]float64, l), make([]float64, HeadWidth)
	for j := range l {
		for c := range HeadWidth {
			p[j] += float64(qkv[i*ld+c]) * float64(qkv[j*ld+width+c]) / math.Sqrt(HeadWidth)
		}
	}
	softmax64(p)
	for j := range l {
		for c := range HeadWidth {
			out[c] += p[j] * float64(qkv[j*ld+2*width+c])
		}
	}
	return out
}

func TestMatMulT(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, s := range [][3]int{{1, 1, 8}, {1, 3, 8}, {2, 2, 24}, {3, 9, 16}, {4, 4, 32}, {5, 7, 384}, {17, 11, 128}, {37, 13, 104}} {
			m, n, k := s[0], s[1], s[2]
			a, b := floats(r, m*k, 1), floats(r, n*k, 1)
			want, got := make([]float64, m*n), make([]float32, m*n)
			for i := range want {
				for c := range k {
					want[i] += float64(a[i/n*k+c]) * float64(b[i%n*k+c])
				}
			}
			MatMulT(got, a, b, m, n, k)
			within(t, fmt.Sprintf("%d x %d x %d", m, n, k), got, want, 2e-5)
		}
	})
}

// everything is what all functions make of random values of some spread, in
// shapes that begin at a token.
func everything(r *rand.Rand, m, n, quads int, spread float64) []float32 {
	k, width := 4*quads, 64*(1+n%3)
	var out []float32
	ws, q := &Workspace{}, &Quantised{}
	w, x := make([]int8, n*k), floats(r, m*k, spread)
	extremes(r, "random", nil, w)
	for i := range k { // a row of the same value, and one of few steps, many of them ties
		x[i] = x[0]
		x[(m-1)*k+i] = float32(i%7-3) / 2 * float32(spread)
	}
	q.Quantise(x, m, k)
	for i, v := range q.Data {
		out = append(out, float32(v), q.Scale[i/k], float32(q.Zero[i/k]))
	}
	scaleW, bias, y := floats(r, n, 0.01), floats(r, n, 1), make([]float32, m*n)
	p := Pack(w, n, k)
	p.Linear(ws, y, q, scaleW, bias)
	out = append(out, y...)
	p.LinearGELU(ws, y, q, scaleW, bias)
	out = append(out, y...)
	z := floats(r, m*n, 3*min(spread, 1e6))
	GELU(z)
	out = append(out, z...)

	a, b, gamma := floats(r, m*width, spread), floats(r, m*width, spread), floats(r, width, 1)
	norm, products := make([]float32, m*width), make([]float32, m*m)
	LayerNorm(norm, a, gamma, gamma, m, width, 1e-12)
	out = append(out, norm...)
	AddLayerNorm(norm, a, b, gamma, gamma, m, width, 1e-12)
	out = append(out, norm...)
	MatMulT(products, a, b, m, m, width)
	out = append(out, products...)
	Softmax(products, m, m)
	out = append(out, products...)

	ld := 3*width + n
	qkv, context := floats(r, m*ld, min(spread, 1e15)), make([]float32, m*width)
	for i := range HeadWidth { // an empty key and an empty column of values
		qkv[width+i] = 0
		for j := range m {
			qkv[j*ld+2*width] = 0
		}
	}
	Attention(ws, context, qkv, qkv[width:], qkv[2*width:], m, m, width/HeadWidth, ld, width)
	return append(out, context...)
}

// alike runs everything on each path and wants the bits of the plain one.
func alike(t *testing.T, seed uint64, m, n, quads int, spread float64) {
	t.Helper()
	best := Path()
	defer Use(best)
	var want []float32
	for _, path := range append([]string{generic.name}, Paths()...) {
		Use(path)
		got := everything(rand.New(rand.NewPCG(seed, 1)), m, n, quads, spread)
		if want == nil {
			want = got
		}
		for i, v := range got {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Errorf("%s: %d rows, %d columns, k %d, spread %g: value %d of %d is %g, not %g", path, m, n, 4*quads, spread, i, len(want), v, want[i])
				break
			}
		}
	}
}

// TestPathsAreEqual holds all paths to the same bits, from values that are next
// to 0 to very great ones.
func TestPathsAreEqual(t *testing.T) {
	for i, spread := range []float64{0, 1e-42, 1e-30, 1e-6, 1, 40, 1e9, 1e18} {
		for j, s := range [][3]int{{1, 1, 1}, {2, 16, 3}, {5, 33, 16}, {17, 52, 25}, {31, 64, 32}, {64, 20, 96}, {65, 96, 9}, {130, 34, 48}} {
			alike(t, uint64(10*i+j), s[0], s[1], s[2], spread)
		}
	}
}

// TestBitsOfAllCPUs holds the bits themselves, which no test on one CPU compares
// with those of another.
func TestBitsOfAllCPUs(t *testing.T) {
	h := fnv.New64a()
	for i, m := range []int{1, 20, 67} {
		for _, v := range everything(rand.New(rand.NewPCG(uint64(i), 2)), m, 19+m, 5+i, 1) {
			binary.Write(h, binary.LittleEndian, math.Float32bits(v))
		}
	}
	if got, want := h.Sum64(), uint64(0xeb8ff375fe196838); got != want {
		t.Errorf("the bits have the hash %#x, not %#x", got, want)
	}
}

// FuzzPaths looks for shapes and values of which the paths make other bits.
func FuzzPaths(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(17), uint8(3), 1.0)
	f.Add(uint64(2), uint8(70), uint8(32), uint8(40), 3e-5)
	f.Add(uint64(1), uint8(92), uint8(17), uint8(138), 0.1) // scores just below the greatest
	f.Fuzz(func(t *testing.T, seed uint64, m, n, quads uint8, spread float64) {
		if spread = math.Abs(spread); spread < 1e18 {
			alike(t, seed, int(m)%140+1, int(n)%70+1, int(quads)%100+1, spread)
		}
	})
}

// TestRowsAlone asks for the same bytes of a row, alone or among others.
func TestRowsAlone(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws := generator(), &Workspace{}
		for _, n := range []int{384, 64} {
			const m, k = 61, 384
			w := make([]int8, n*k)
			extremes(r, "random", nil, w)
			x, scaleW, bias, gamma := floats(r, m*k, 1), floats(r, n, 0.001), floats(r, n, 1), floats(r, n, 1)
			b := floats(r, 9*n, 1)
			p := Pack(w, n, k)
			through := func(x []float32, m int) (y, heads []float32) {
				var q Quantised
				q.Quantise(x, m, k)
				y, heads = make([]float32, m*n), make([]float32, m*9)
				p.LinearGELU(ws, y, &q, scaleW, bias)
				GELU(y)
				AddLayerNorm(y, y, y, gamma, bias, m, n, 1e-12)
				MatMulT(heads, y, b, m, 9, n)
				Softmax(heads, m, 9)
				return y, heads
			}
			y, heads := through(x, m)
			for i := range m {
				one, head := through(x[i*k:(i+1)*k], 1)
				if !slices.Equal(one, y[i*n:(i+1)*n]) || !slices.Equal(head, heads[i*9:(i+1)*9]) {
					t.Fatalf("n=%d: row %d has other bytes alone than among %d", n, i, m)
				}
			}
		}
	})
}

func TestConcurrent(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		const m, n, k = 29, 80, 96
		r := generator()
		w := make([]int8, n*k)
		extremes(r, "random", nil, w)
		x, scaleW, bias := floats(r, m*k, 1), floats(r, n, 0.01), floats(r, n, 1)
		p := Pack(w, n, k)
		run := func() []float32 {
			var ws Workspace
			var q Quantised
			y := make([]float32, m*n)
			for range 4 {
				q.Quantise(x, m, k)
				p.LinearGELU(&ws, y, &q, scaleW, bias)
			}
			Attention(&ws, y, slices.Clone(y), y[8:], y[16:], m, m, 2, n, n)
			return y
		}
		want := run()
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				if !slices.Equal(run(), want) {
					t.Error("goroutines disagree")
				}
			})
		}
		group.Wait()
	})
}

func TestNoAllocation(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		const m, n, k = 21, 128, 64
		r := generator()
		w := make([]int8, n*k)
		extremes(r, "random", nil, w)
		x, scaleW, bias, y := floats(r, m*k, 1), floats(r, n, 0.01), floats(r, n, 1), make([]float32, m*n)
		out := make([]float32, m*n)
		p, ws, q := Pack(w, n, k), &Workspace{}, &Quantised{}
		step := func() {
			q.Quantise(x, m, k)
			p.LinearGELU(ws, y, q, scaleW, bias)
			Attention(ws, out, y, y, y, m, m, 4, n, n)
			AddLayerNorm(y, y, y, bias, bias, m, n, 1e-12)
			Softmax(y, m, n)
			MatMulT(x, y, y, m, m, n)
			p.Linear(ws, y, q, scaleW, bias)
		}
		step()
		if got := testing.AllocsPerRun(20, step); got != 0 {
			t.Errorf("%g allocations after warm-up", got)
		}
	})
}

func TestWrongShapesPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"k not a multiple of 4": func() { Pack(make([]int8, 6), 1, 6) },
		"k too long":            func() { Pack(make([]int8, MaxK+4), 1, MaxK+4) },
		"short weights":         func() { Pack(make([]int8, 7), 2, 4) },
		"weight of -128":        func() { Pack([]int8{1, 2, 3, -128}, 1, 4) },
		"other k":               func() { multiply(Pack(make([]int8, 8), 2, 4), make([]int32, 2), &Quantised{M: 1, K: 8}) },
		"row of 6":              func() { new(Quantised).Quantise(make([]float32, 6), 1, 6) },
		"narrow rows":           func() { Attention(&Workspace{}, nil, nil, nil, nil, 1, 1, 2, 64, 32) },
		"norm of 96":            func() { LayerNorm(nil, nil, nil, nil, 1, 96, 0) },
		"dot of 9":              func() { MatMulT(nil, nil, nil, 1, 1, 9) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	if err := Use("abacus"); err == nil {
		t.Error("unknown path accepted")
	}
}
