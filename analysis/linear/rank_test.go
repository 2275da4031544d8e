package linear

import (
	"bytes"
	"math"
	"math/rand/v2"
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

func TestTrainRanker(t *testing.T) {
	data := choices(300)
	m, err := TrainRanker(data, Options{L2: 0.1})
	if err != nil {
		t.Fatal(err)
	}
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
	again, err := TrainRanker(choices(300), Options{L2: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	a, _ := m.MarshalBinary()
	b, _ := again.MarshalBinary()
	if !bytes.Equal(a, b) {
		t.Error("the same choices gave another model")
	}
	for _, bad := range [][]Choice{nil, {{}}, {{Options: make([]Vector, 2), Right: []bool{true}}}} {
		if _, err := TrainRanker(bad, Options{}); err == nil {
			t.Errorf("%v trained a model", bad)
		}
	}
}

func TestChoiceGradient(t *testing.T) {
	var rows []Example
	c := &choiceLoss{starts: []int{0}, l2: 0.3}
	for _, x := range choices(20) {
		for k, v := range x.Options {
			rows = append(rows, Example{Vector: v})
			c.right = append(c.right, x.Right[k] || k == 0 && len(rows)%3 == 0) // several right ones too
		}
		c.starts = append(c.starts, len(rows))
	}
	keys, x, _ := matrices(rows, 1)
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
