package kernel

import (
	"fmt"
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
	r, ws := generator(), &Workspace{}
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
			Pack(p.w, p.n, p.k).Product(ws, got, &Quantised{M: p.m, K: p.k, Data: p.a})
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
		Pack(w, 2, MaxK).Product(&Workspace{}, got, &Quantised{M: 2, K: MaxK, Data: a})
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
			Pack(w, nn, k).Product(&Workspace{}, got, &Quantised{M: mm, K: k, Data: a})
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

// TestQuantisedAlike holds the integer side of every path to the same bytes.
func TestQuantisedAlike(t *testing.T) {
	x := floats(generator(), 40*384, 2)
	var first *Quantised
	onEveryPath(t, func(t *testing.T) {
		q := &Quantised{}
		q.Quantise(x, 40, 384)
		if first == nil {
			first = q
		}
		if !slices.Equal(q.Data, first.Data) || !slices.Equal(q.Zero, first.Zero) || !slices.Equal(q.Scale, first.Scale) {
			t.Error("paths quantise differently")
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
			x, scaleW, bias, residual := floats(r, m*k, 1), floats(r, n, 0.001), floats(r, n, 1), floats(r, m*n, 1)
			var q Quantised
			q.Quantise(x, m, k)
			p := Pack(w, n, k)
			want, wantGELU, wantAdd := make([]float64, m*n), make([]float64, m*n), make([]float64, m*n)
			for i, sum := range naive(q.Data, w, m, n, k) {
				row, col := i/n, i%n
				for _, v := range w[col*k : (col+1)*k] {
					sum -= q.Zero[row] * int32(v)
				}
				want[i] = float64(sum)*float64(q.Scale[row])*float64(scaleW[col]) + float64(bias[col])
				wantGELU[i], wantAdd[i] = erfGELU(want[i]), want[i]+float64(residual[i])
			}
			name, got := fmt.Sprintf("%d x %d x %d", m, n, k), make([]float32, m*n)
			p.Linear(ws, got, &q, scaleW, bias)
			within(t, "Linear "+name, got, want, 1e-5)
			p.LinearGELU(ws, got, &q, scaleW, bias)
			within(t, "LinearGELU "+name, got, wantGELU, 1e-4)
			p.LinearAdd(ws, got, &q, scaleW, bias, residual)
			within(t, "LinearAdd "+name, got, wantAdd, 1e-5)
			p.LinearAdd(ws, residual, &q, scaleW, bias, residual)
			within(t, "LinearAdd in place "+name, residual, wantAdd, 1e-5)
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
				if tolerance := max(1e-4, 3e-6*math.Abs(want[i])); !(math.Abs(float64(g)-want[i]) < tolerance) {
					t.Fatalf("GELU(%g) = %g, want %g", x[len(x)-n+i], g, want[i])
				}
			}
		}
	})
}

func TestLayerNorm(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, n := range []int{1, 3, 8, 12, 17, 64, 100, 384} {
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
			if n == 1 { // x minus its mean is 0 in any precision, and nothing to compare
				continue
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
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, n := range []int{1, 2, 7, 8, 9, 16, 37, 128, 301} {
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
				within(t, fmt.Sprintf("softmax of %d, spread %g", n, spread), x, want, 1e-6)
			}
		}
	})
}

func TestAttention(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws, tolerance := generator(), &Workspace{}, 1e-5
		if Path() == "amx" {
			tolerance = 3e-5 // products of 17 bits
		}
		for _, l := range []int{1, 2, 5, 6, 7, 8, 15, 16, 17, 31, 32, 33, 37, 64, 130} {
			for _, d := range []int{8, 24, 32, 40, 64} {
				ldQKV, ldOut := 3*d+5, 2*d
				qkv, out := floats(r, l*ldQKV, 1), floats(r, l*ldOut, 1)
				before := slices.Clone(out)
				const scale = 0.3
				Attention(ws, out[d:], qkv, qkv[d:], qkv[2*d:], l, d, ldQKV, ldOut, scale)
				for i := range l {
					p := make([]float64, l)
					for j := range l {
						for c := range d {
							p[j] += scale * float64(qkv[i*ldQKV+c]) * float64(qkv[j*ldQKV+d+c])
						}
					}
					softmax64(p)
					want := make([]float64, d)
					for j := range l {
						for c := range d {
							want[c] += p[j] * float64(qkv[j*ldQKV+2*d+c])
						}
					}
					within(t, fmt.Sprintf("attention of %d tokens, width %d, row %d", l, d, i), out[i*ldOut+d:][:d], want, tolerance)
					if !slices.Equal(out[i*ldOut:][:d], before[i*ldOut:][:d]) {
						t.Fatalf("attention of %d tokens, width %d writes beside its view", l, d)
					}
				}
			}
		}
	})
}

func TestMatMulT(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r := generator()
		for _, s := range [][3]int{{1, 1, 1}, {1, 3, 8}, {2, 2, 5}, {3, 9, 16}, {4, 4, 33}, {5, 7, 384}, {17, 11, 128}, {37, 13, 100}} {
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

// TestRowsAlone asks for the same bytes of a row, alone or among others.
func TestRowsAlone(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		r, ws := generator(), &Workspace{}
		for _, n := range []int{384, 52} {
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
				p.LinearAdd(ws, y, &q, scaleW, bias, y)
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
			Attention(&ws, y, y, y[16:], y[32:], m, 16, n, n, 0.2)
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
		const m, n, k = 21, 52, 64
		r := generator()
		w := make([]int8, n*k)
		extremes(r, "random", nil, w)
		x, scaleW, bias, y := floats(r, m*k, 1), floats(r, n, 0.01), floats(r, n, 1), make([]float32, m*n)
		p, ws, q := Pack(w, n, k), &Workspace{}, &Quantised{}
		step := func() {
			q.Quantise(x, m, k)
			p.LinearAdd(ws, y, q, scaleW, bias, y)
			p.LinearGELU(ws, y, q, scaleW, bias)
			Attention(ws, y, y, y[16:], y[32:], m, 16, n, n, 0.2)
			AddLayerNorm(y, y, y, bias, bias, m, n, 1e-12)
			Softmax(y, m, n)
			MatMulT(x, y, y, m, m, n)
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
		"other k":               func() { Pack(make([]int8, 8), 2, 4).Product(&Workspace{}, make([]int32, 2), &Quantised{M: 1, K: 8}) },
		"row of 6":              func() { new(Quantised).Quantise(make([]float32, 6), 1, 6) },
		"width of head":         func() { Attention(&Workspace{}, nil, nil, nil, nil, 1, 12, 12, 12, 1) },
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
