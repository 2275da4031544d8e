package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A world makes populations whose true mean is known: articles of two kinds,
// equally frequent, that differ in how often a unit is for, against, neither, or
// no unit at all; and a tool that errs to one side, more in one stratum.
type world struct {
	articles, perStratum int
	noise                float64 // share of units on which the tool guesses
	blind                bool    // the design does not stratify by what the tool says
}

var shares = [2][4]float64{{0.50, 0.20, 0.20, 0.10}, {0.10, 0.55, 0.20, 0.15}} // for, against, neither, invalid

// truth is the mean over valid units.
func truth() float64 {
	above, below := 0.0, 0.0
	for _, s := range shares {
		above += s[0] - s[1]
		below += 1 - s[3]
	}
	return above / below
}

func (w world) population(rng *rand.Rand) []Unit {
	var units []Unit
	for a := range w.articles {
		s := shares[rng.IntN(2)]
		for range 1 + rng.IntN(4) {
			code, at := 3, rng.Float64()
			for c, p := range s {
				if at < p {
					code = c
					break
				}
				at -= p
			}
			said := []int{1, -1, 0, -1}[code]
			if rng.Float64() < w.noise {
				said = -rng.IntN(2) // errs against
			}
			u := Unit{Cluster: a, Stratum: said + 1, Tool: 0.8*float64(said) - 0.1*rng.Float64()}
			if w.blind {
				u.Stratum = a % 3
			}
			if code != 3 {
				u.Hand, u.Valid = []float64{1, -1, 0}[code], true
			}
			units = append(units, u)
		}
	}
	return units
}

// code draws equally many units of each stratum, whatever its size, and hides
// what nobody codes.
func (w world) code(units []Unit, rng *rand.Rand) {
	strata := map[int][]int{}
	for i := range units {
		strata[units[i].Stratum] = append(strata[units[i].Stratum], i)
	}
	for s := range 3 {
		of := strata[s]
		rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		n := min(w.perStratum, len(of))
		for k, i := range of {
			u := &units[i]
			u.Probability = float64(n) / float64(len(of))
			if u.Coded = k < n; !u.Coded {
				u.Hand, u.Valid = 0, false
			}
		}
	}
}

// TestCoverage is the promise of this package: of the nominal 95 % intervals of
// many simulated samples, 93 to 97 % hold the truth, while the tool's own mean
// lies beside it.
func TestCoverage(t *testing.T) {
	rounds := 600
	if testing.Short() {
		rounds = 300
	}
	for name, w := range map[string]world{
		"good tool, few coded":  {500, 40, 0.15, false},
		"good tool, many coded": {300, 120, 0.15, false},
		"bad tool":              {400, 60, 0.7, false},
		"blind design":          {500, 50, 0.15, true},
		"blind, bad tool":       {500, 50, 0.9, true},
	} {
		rng := rand.New(rand.NewPCG(9, 2023))
		want := truth()
		hits, width, bias := [3]int{}, [3]float64{}, [3]float64{}
		tool := 0.0
		for range rounds {
			units := w.population(rng)
			w.code(units, rng)
			r := Domain(units, func(int) bool { return true })
			tool += r.Tool - want
			for k, m := range []Mean{r.Hand, r.PPI, r.DSL} {
				if m.Low <= want && want <= m.High {
					hits[k]++
				}
				width[k] += (m.High - m.Low) / float64(rounds)
				bias[k] += (m.Value - want) / float64(rounds)
			}
		}
		for k, method := range []string{"hand", "PPI", "DSL"} {
			share := float64(hits[k]) / float64(rounds)
			t.Logf("%s, %s: %.1f %% of intervals hold the truth, mean width %.3f, bias %+.4f (tool %+.3f)", name, method, 100*share, width[k], bias[k], tool/float64(rounds))
			if share < 0.93 || share > 0.97 {
				t.Errorf("%s, %s: %.3f of the intervals hold the truth, want 0.93 to 0.97", name, method, share)
			}
			if math.Abs(bias[k]) > 0.1*width[k] {
				t.Errorf("%s, %s: off by %.4f on average", name, method, bias[k])
			}
		}
		if math.Abs(tool/float64(rounds)) < 0.03 {
			t.Errorf("%s: the tool is right on average: the test shows nothing", name)
		}
		// Strata of the tool's labels give the coded sample most of what the tool knows.
		if name == "blind design" && width[1] > 0.85*width[0] {
			t.Errorf("%s: PPI's intervals, %.3f wide, gain little on the coded sample's, %.3f", name, width[1], width[0])
		}
		if width[1] > 1.01*min(width[0], width[2]) {
			t.Errorf("%s: PPI's intervals are %.3f wide, those of the coded sample %.3f, of DSL %.3f", name, width[1], width[0], width[2])
		}
	}
}

// TestDomainCoverage holds the same of a mean over a part of the population
// that the design did not think of.
func TestDomainCoverage(t *testing.T) {
	const rounds = 800
	w := world{600, 80, 0.2, false}
	rng := rand.New(rand.NewPCG(4, 4))
	hits := [3]int{}
	for range rounds {
		units := w.population(rng)
		w.code(units, rng)
		third := func(i int) bool { return units[i].Cluster%3 == 0 }
		r := Domain(units, third)
		for k, m := range []Mean{r.Hand, r.PPI, r.DSL} {
			if m.Low <= truth() && truth() <= m.High {
				hits[k]++
			}
		}
	}
	for k, method := range []string{"hand", "PPI", "DSL"} {
		share := float64(hits[k]) / rounds
		t.Logf("%s: %.1f %%", method, 100*share)
		if share < 0.93 || share > 0.97 {
			t.Errorf("%s: %.3f of the intervals hold the truth, want 0.93 to 0.97", method, share)
		}
	}
}

// TestByHand holds the estimators to figures worked out on paper.
func TestByHand(t *testing.T) {
	// Two strata of four and two; two and one coded. Hand − tool: 1 and 0.5 in
	// the first, −0.2 in the second; all valid.
	units := []Unit{
		{Cluster: 0, Stratum: 0, Coded: true, Tool: 0, Hand: 1, Valid: true, Probability: 0.5},
		{Cluster: 1, Stratum: 0, Coded: true, Tool: 0.5, Hand: 1, Valid: true, Probability: 0.5},
		{Cluster: 2, Stratum: 0, Tool: 0.1, Probability: 0.5},
		{Cluster: 3, Stratum: 0, Tool: 0.2, Probability: 0.5},
		{Cluster: 4, Stratum: 1, Coded: true, Tool: -0.8, Hand: -1, Valid: true, Probability: 0.5},
		{Cluster: 5, Stratum: 1, Tool: -0.4, Probability: 0.5},
	}
	r := Domain(units, func(int) bool { return true })
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-12) {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	near("tool", r.Tool, (0+0.5+0.1+0.2-0.8-0.4)/6)
	near("hand", r.Hand.Value, (4*1.0+2*-1)/6)
	near("DSL", r.DSL.Value, r.Tool+(4*0.75+2*-0.2)/6)
	if !math.IsNaN(r.DSL.Low) || !math.IsNaN(r.Hand.High) {
		t.Error("an interval from three coded units")
	}
	outcome, valid := Pseudo(units)
	sum := 0.0
	for i := range outcome {
		sum += outcome[i]
		near("validity", valid[i], 1)
	}
	near("mean of pseudo-outcomes", sum/6, r.DSL.Value)

	if r := Domain(units, func(i int) bool { return i == 3 }); r.Coded != 0 || !math.IsNaN(r.DSL.Value) {
		t.Errorf("nothing coded gave %+v", r)
	}
	units[4].Coded = false
	if r := Domain(units, func(int) bool { return true }); !math.IsNaN(r.PPI.Value) {
		t.Errorf("a stratum without a coded unit gave %v", r.PPI.Value)
	}
}

// TestOrder holds that the order of the units changes nothing that is printed.
func TestOrder(t *testing.T) {
	w := world{100, 30, 0.3, true}
	rng := rand.New(rand.NewPCG(1, 1))
	units := w.population(rng)
	w.code(units, rng)
	all := func(int) bool { return true }
	a := Domain(units, all)
	slices.Reverse(units)
	if b := Domain(units, all); math.Abs(a.PPI.Low-b.PPI.Low) > 1e-9 || math.Abs(a.DSL.Value-b.DSL.Value) > 1e-9 {
		t.Errorf("%+v and, in reverse, %+v", a, b)
	}
}

func BenchmarkDomain(b *testing.B) {
	w := world{5000, 100, 0.2, false}
	rng := rand.New(rand.NewPCG(1, 1))
	units := w.population(rng)
	w.code(units, rng)
	b.ReportAllocs()
	for b.Loop() {
		Domain(units, func(int) bool { return true })
	}
}
