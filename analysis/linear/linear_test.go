package linear

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/james-bowman/sparse"
)

// examples draws vectors of which feature 100+class speaks for the class, two
// features are noise, and 900 is always on.
func examples(n int, seed uint64) []Example {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Example, n)
	for i := range out {
		class := r.IntN(3)
		e := Example{Class: class, Weight: 1}
		if r.Float64() < 0.9 {
			e.Vector.Add(uint32(100+class), 1)
		}
		e.Vector.Add(uint32(500+r.IntN(20)), 1)
		e.Vector.Add(uint32(600+r.IntN(20)), 0.5)
		e.Vector.Add(900, 1)
		out[i] = e
	}
	return out
}

func accuracy(m *Model, rows []Example) float64 {
	right := 0
	for _, e := range rows {
		p := m.Probabilities(&e.Vector, nil)
		best := 0
		for c := range p {
			if p[c] > p[best] {
				best = c
			}
		}
		if best == e.Class {
			right++
		}
	}
	return float64(right) / float64(len(rows))
}

func mustTrain(t testing.TB, rows []Example, o Options) *Model {
	t.Helper()
	m, err := Train(rows, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainLearnsAndRepeats(t *testing.T) {
	o := Options{Classes: 3, L2: 1, MinCount: 2}
	m := mustTrain(t, examples(600, 7), o)
	if a := accuracy(m, examples(400, 8)); a < 0.88 {
		t.Errorf("accuracy on unseen rows = %.3f: want 0.88 or more", a)
	}
	first, _ := m.MarshalBinary()
	again, _ := mustTrain(t, examples(600, 7), o).MarshalBinary()
	if !bytes.Equal(first, again) {
		t.Error("the same rows gave another model")
	}
}

// With one binary feature and no prior, logistic regression reproduces the
// empirical frequencies (Hastie, Tibshirani & Friedman 2009, §4.4).
func TestTrainReproducesFrequencies(t *testing.T) {
	var rows []Example
	add := func(n, class int, on bool) {
		for range n {
			e := Example{Class: class, Weight: 1}
			if on {
				e.Vector.Add(5, 1)
			}
			rows = append(rows, e)
		}
	}
	add(30, 0, false)
	add(10, 1, false)
	add(12, 0, true)
	add(28, 1, true)
	m := mustTrain(t, rows, Options{Classes: 2})
	on := Vector{Keys: []uint32{5}, Values: []float32{1}}
	for _, c := range []struct {
		v    Vector
		want float64
	}{{Vector{}, 0.25}, {on, 0.7}} {
		if got := m.Probabilities(&c.v, nil)[1]; math.Abs(got-c.want) > 0.01 {
			t.Errorf("P(1 | %v) = %.4f: want %.2f", c.v.Keys, got, c.want)
		}
	}
}

func TestWeightsCountRows(t *testing.T) {
	var once, weighted []Example
	for i, e := range examples(200, 3) {
		weighted = append(weighted, e)
		once = append(once, e)
		if i%2 == 0 {
			weighted[i].Weight = 2
			once = append(once, e)
		}
	}
	o := Options{Classes: 3, L2: 1}
	a, b := mustTrain(t, once, o), mustTrain(t, weighted, o)
	for _, e := range examples(20, 4) {
		p, q := a.Probabilities(&e.Vector, nil), b.Probabilities(&e.Vector, nil)
		for c := range p {
			if math.Abs(p[c]-q[c]) > 0.02 {
				t.Fatalf("a row of weight 2 is not two rows: %v, %v", p, q)
			}
		}
	}
}

func TestScaleIsFoldedIn(t *testing.T) {
	rows := examples(300, 5)
	scaled := mustTrain(t, rows, Options{Classes: 3, L2: 4, Scale: func(terms *sparse.CSR) ([]float64, error) {
		d, n := terms.Dims()
		if n != len(rows) {
			t.Errorf("Scale got %d examples: want %d", n, len(rows))
		}
		out := make([]float64, d)
		for i := range out {
			out[i] = 2
		}
		return out, nil
	}})
	// twice the features is a quarter of the prior
	plain := mustTrain(t, rows, Options{Classes: 3, L2: 1})
	for _, e := range rows[:20] {
		p, q := scaled.Probabilities(&e.Vector, nil), plain.Probabilities(&e.Vector, nil)
		for c := range p {
			if math.Abs(p[c]-q[c]) > 0.02 {
				t.Fatalf("scaled %v, plain %v", p, q)
			}
		}
	}
}

func TestTrainErrors(t *testing.T) {
	row := Example{Class: 0, Weight: 1}
	for _, c := range []struct {
		name string
		rows []Example
		o    Options
		want string
	}{
		{"one class", []Example{row}, Options{Classes: 1}, "2 classes"},
		{"no rows", nil, Options{Classes: 2}, "nothing to train on"},
		{"no weight", []Example{{}}, Options{Classes: 2}, "nothing to train on"},
		{"class", []Example{{Class: 2, Weight: 1}}, Options{Classes: 2}, "class 2"},
		{"weight", []Example{{Weight: math.NaN()}}, Options{Classes: 2}, "weight NaN"},
		{"ragged", []Example{{Vector: Vector{Keys: []uint32{1}}, Weight: 1}}, Options{Classes: 2}, "1 keys and 0 values"},
	} {
		if _, err := Train(c.rows, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v: want one with %q", c.name, err, c.want)
		}
	}
}

func TestFitTemperature(t *testing.T) {
	// true log odds 1, given as 3: the temperature is 3
	var scores [][]float64
	var classes []int
	for i := range 1000 {
		class := 0
		if float64(i) < 1000/(1+math.Exp(-1)) {
			class = 1
		}
		scores, classes = append(scores, []float64{0, 3}), append(classes, class)
	}
	if got := FitTemperature(scores, classes); math.Abs(got-3) > 0.05 {
		t.Errorf("FitTemperature = %.3f: want 3", got)
	}
}

func TestFileRoundTrip(t *testing.T) {
	m := mustTrain(t, examples(300, 9), Options{Classes: 3, L2: 1})
	m.SetTemperature(1.5)
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read Model
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	for _, e := range examples(50, 10) {
		p, q := m.Probabilities(&e.Vector, nil), read.Probabilities(&e.Vector, nil)
		for c := range p {
			if math.Abs(p[c]-q[c]) > 1e-6 {
				t.Fatalf("before %v, after %v", p, q)
			}
		}
	}
	for cut := range len(data) {
		if err := new(Model).UnmarshalBinary(data[:cut]); err == nil {
			t.Fatalf("a file cut at byte %d of %d was read", cut, len(data))
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	data, _ := mustTrain(f, examples(60, 11), Options{Classes: 3, L2: 1}).MarshalBinary()
	f.Add(data)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Model
		if m.UnmarshalBinary(data) != nil {
			return
		}
		v := Vector{Keys: []uint32{1, 100, 0xFFFFFFFF}, Values: []float32{1, 1, 1}}
		if p := m.Scores(&v, nil); len(p) != m.Classes() {
			t.Fatalf("%d scores for %d classes", len(p), m.Classes())
		}
		again, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Model).UnmarshalBinary(again); err != nil {
			t.Fatalf("a model that was read cannot be read again: %v", err)
		}
	})
}

func BenchmarkProbabilities(b *testing.B) {
	rows := examples(600, 12)
	m := mustTrain(b, rows, Options{Classes: 3, L2: 1})
	dst := make([]float64, 3)
	b.ReportAllocs()
	for i := range b.N {
		m.Probabilities(&rows[i%len(rows)].Vector, dst)
	}
}
