// Package eval scores predictions against gold: who said what, labels,
// triplets, and who takes which side. The figures are those of the project's
// reference scorers to the last digit, matching order and ties included; each
// comes with a 95 % interval by the bootstrap over articles (over rows where
// rows are what is labelled).
package eval

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// Options steer the bootstrap.
type Options struct {
	Samples int    // 0: 1,000; negative: no intervals
	Seed    uint64 // the same seed, the same intervals
}

// An Estimate is a figure with its 95 % interval, the percentiles 2.5 and 97.5
// of its bootstrap distribution (Efron & Tibshirani, 1993, chapter 13).
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// PRF is precision, recall and F1 with the counts behind them.
type PRF struct {
	Right     int      `json:"right"`
	Predicted int      `json:"predicted"`
	Gold      int      `json:"gold"`
	Precision Estimate `json:"precision"`
	Recall    Estimate `json:"recall"`
	F1        Estimate `json:"f1"`
}

// A metric computes one figure from counts summed over units.
type metric func(counts []int) float64

// estimate computes each metric over all units, and its interval by drawing as
// many units with replacement. All metrics share the draws.
func estimate(units [][]int, metrics []metric, o Options) []Estimate {
	width := 0
	if len(units) > 0 {
		width = len(units[0])
	}
	sum := make([]int, width)
	for _, u := range units {
		add(sum, u)
	}
	out := make([]Estimate, len(metrics))
	for i, m := range metrics {
		v := 0.0
		if width > 0 {
			v = m(sum)
		}
		out[i] = Estimate{v, v, v}
	}
	samples := o.Samples
	if samples == 0 {
		samples = 1000
	}
	if samples < 0 || len(units) < 2 {
		return out
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	drawn := make([][]float64, len(metrics))
	for range samples {
		clear(sum)
		for range units {
			add(sum, units[rng.IntN(len(units))])
		}
		for i, m := range metrics {
			drawn[i] = append(drawn[i], m(sum))
		}
	}
	for i := range out {
		slices.Sort(drawn[i])
		out[i].Low, out[i].High = quantile(drawn[i], 0.025), quantile(drawn[i], 0.975)
	}
	return out
}

func add(sum, unit []int) {
	for i, n := range unit {
		sum[i] += n
	}
}

// quantile interpolates linearly between order statistics (type 7 of Hyndman &
// Fan, 1996).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// prfMetrics are precision, recall and F1 of the counts at the three places.
func prfMetrics(right, predicted, gold int) []metric {
	p := func(c []int) float64 { return ratio(c[right], c[predicted]) }
	r := func(c []int) float64 { return ratio(c[right], c[gold]) }
	return []metric{p, r, func(c []int) float64 { return f1(p(c), r(c)) }}
}

// prf estimates precision, recall and F1 of the counts at the three places.
func prf(units [][]int, right, predicted, gold int, o Options) PRF {
	e := estimate(units, prfMetrics(right, predicted, gold), o)
	return PRF{total(units, right), total(units, predicted), total(units, gold), e[0], e[1], e[2]}
}

func total(units [][]int, at int) int {
	n := 0
	for _, u := range units {
		n += u[at]
	}
	return n
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func f1(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func (e Estimate) String() string { return fmt.Sprintf("%.3f [%.3f, %.3f]", e.Value, e.Low, e.High) }

func (s PRF) String() string {
	return fmt.Sprintf("P %.3f  R %.3f  F1 %v  (right %d, predicted %d, gold %d)",
		s.Precision.Value, s.Recall.Value, s.F1, s.Right, s.Predicted, s.Gold)
}

// A Report prints itself as a table for people. As JSON it is its own struct.
type Report interface{ WriteText(w io.Writer) error }

// A printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
