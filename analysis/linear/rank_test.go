package linear

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// choices draws options with one telling feature each; the option with "good"
// is right unless "spoilt" stands with it, which makes none of them right.
func choices(n int) []Choice {
	rng := rand.New(rand.NewPCG(7, 7))
	out := make([]Choice, n)
	for i := range out {
		k := 1 + rng.IntN(4)
		good, spoilt := rng.IntN(k), rng.IntN(3) == 0
		for o := range k {
			var v Vector
			v.Add(Mix(uint64(10+rng.IntN(5))), 1)
			if o == good {
				v.Add(Mix(1), 1)
			}
			if spoilt {
				v.Add(Mix(2), 1)
			}
			out[i].Options = append(out[i].Options, v)
			out[i].Right = append(out[i].Right, o == good && !spoilt)
		}
	}
	return out
}

func mustTrain(t testing.TB, data []Choice, o Options) *Model {
	t.Helper()
	m, err := TrainRanker(data, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainRanker(t *testing.T) {
	data := choices(300)
	m := mustTrain(t, data, Options{L2: 0.1})
	for i, c := range data {
		best, top := -1, 0.0
		for k := range c.Options {
			s := m.Scores(&c.Options[k], nil)
			if x := s[1] - s[0]; x > top {
				best, top = k, x
			}
		}
		want := -1
		for k, right := range c.Right {
			if right {
				want = k
			}
		}
		if best != want {
			t.Fatalf("choice %d: option %d, want %d", i, best, want)
		}
	}
	a, _ := m.MarshalBinary()
	b, _ := mustTrain(t, choices(300), Options{L2: 0.1}).MarshalBinary()
	if !bytes.Equal(a, b) {
		t.Error("the same choices gave another model")
	}
}

// With one binary feature and no prior, a choice of one option is a logistic
// regression without a bias, which reproduces the empirical frequency (Hastie,
// Tibshirani & Friedman 2009, §4.4).
func TestTrainRankerReproducesFrequencies(t *testing.T) {
	v := Vector{Keys: []uint32{5}, Values: []float32{1}}
	var rows []Choice
	for i := range 40 {
		rows = append(rows, Choice{[]Vector{v}, []bool{i < 28}})
	}
	scores := mustTrain(t, rows, Options{}).Scores(&v, nil)
	if p := 1 / (1 + math.Exp(scores[0]-scores[1])); math.Abs(p-0.7) > 0.01 {
		t.Errorf("P(chosen) = %.4f: want .70", p)
	}
}

func TestMinCount(t *testing.T) {
	var once Vector
	once.Add(7, 1)
	rows := append(choices(50), Choice{[]Vector{once}, []bool{true}})
	for _, c := range []struct {
		least int
		want  bool
	}{{0, true}, {2, false}} {
		s := mustTrain(t, rows, Options{L2: 0.1, MinCount: c.least}).Scores(&once, nil)
		if got := s[0] != s[1]; got != c.want {
			t.Errorf("MinCount %d: a feature that occurs once has a weight: %v, want %v", c.least, got, c.want)
		}
	}
}

func TestTrainRankerErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []Choice
		want string
	}{
		{"no choice", nil, "nothing to train on"},
		{"no option", []Choice{{}}, "nothing to train on"},
		{"answers", []Choice{{make([]Vector, 2), []bool{true}}}, "2 options and 1 answers"},
		{"ragged", []Choice{{[]Vector{{Keys: []uint32{1}}}, []bool{true}}}, "1 keys and 0 values"},
	} {
		if _, err := TrainRanker(c.rows, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v: want one with %q", c.name, err, c.want)
		}
	}
}

func TestChoiceGradient(t *testing.T) {
	var rows []Vector
	c := &choiceLoss{starts: []int{0}, l2: 0.3}
	for _, x := range choices(20) {
		for k, v := range x.Options {
			rows = append(rows, v)
			c.right = append(c.right, x.Right[k] || k == 0 && len(rows)%3 == 0) // several right ones too
		}
		c.starts = append(c.starts, len(rows))
	}
	keys, x := matrix(rows, 1)
	c.x, c.scores, c.delta = x, make([]float64, len(rows)), make([]float64, len(rows))
	w := make([]float64, len(keys))
	for i := range w {
		w[i] = math.Sin(float64(i))
	}
	got := make([]float64, len(w))
	c.gradient(got, w)
	want := fd.Gradient(nil, c.value, w, nil)
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-5 {
			t.Errorf("by weight %d: %v, numerically %v", i, got[i], want[i])
		}
	}
}
