package coding

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// An Estimate is a figure with its 95 % interval. Low and High are NaN, null in
// JSON, where there is too little for one; so is Value where it is not defined.
type Estimate struct{ Value, Low, High float64 }

// resamples is the number of bootstrap samples behind each interval.
const resamples = 1000

// bootstrap computes figures from sums over articles, and their percentile
// intervals by drawing as many articles with replacement (Efron & Tibshirani
// 1993, chapter 13), since units of one article are not independent. rows holds
// what each article adds. Samples in which a figure is not defined are left out
// of its interval; there is none below two articles.
func bootstrap(rows [][]float64, figures []func(sum []float64) float64) []Estimate {
	out := make([]Estimate, len(figures))
	width := 0
	if len(rows) > 0 {
		width = len(rows[0])
	}
	sum := make([]float64, width)
	add := func(row []float64) {
		for i, v := range row {
			sum[i] += v
		}
	}
	for _, row := range rows {
		add(row)
	}
	for i, f := range figures {
		out[i] = Estimate{math.NaN(), math.NaN(), math.NaN()}
		if width > 0 {
			out[i].Value = f(sum)
		}
	}
	if len(rows) < 2 {
		return out
	}
	rng := rand.New(rand.NewPCG(1993, uint64(len(rows))))
	drawn := make([][]float64, len(figures))
	for range resamples {
		clear(sum)
		for range rows {
			add(rows[rng.IntN(len(rows))])
		}
		for i, f := range figures {
			if v := f(sum); !math.IsNaN(v) {
				drawn[i] = append(drawn[i], v)
			}
		}
	}
	for i, values := range drawn {
		if len(values) < resamples/2 || math.IsNaN(out[i].Value) {
			continue
		}
		slices.Sort(values)
		out[i].Low, out[i].High = stat.Quantile(0.025, stat.LinInterp, values, nil), stat.Quantile(0.975, stat.LinInterp, values, nil)
	}
	return out
}

// shares estimates the share that each pair of places is of the sums: part over
// whole. Where every article says the same, the bootstrap knows no other; the
// interval then is the binomial's exact one (Clopper & Pearson 1934) of as many
// draws as there are articles in the whole.
func shares(rows [][]float64, pairs ...[2]int) []Estimate {
	figures := make([]func([]float64) float64, len(pairs))
	for i, p := range pairs {
		figures[i] = share(p[0], p[1])
	}
	out := bootstrap(rows, figures)
	for i, p := range pairs {
		e := &out[i]
		n := 0
		for _, row := range rows {
			if row[p[1]] > 0 {
				n++
			}
		}
		if n < 2 {
			e.Low, e.High = math.NaN(), math.NaN()
			continue
		}
		chance := math.Pow(0.025, 1/float64(n))
		if e.Value == 1 {
			e.Low, e.High = chance, 1
		}
		if e.Value == 0 {
			e.Low, e.High = 0, 1-chance
		}
	}
	return out
}

func share(part, whole int) func([]float64) float64 {
	return func(sum []float64) float64 {
		if sum[whole] == 0 {
			return math.NaN()
		}
		return sum[part] / sum[whole]
	}
}

// coincidences adds a unit's values, indices of k codes, to a matrix of k × k
// (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", step 2): every
// ordered pair of values by two coders counts 1/(m−1), m being their number.
func coincidences(matrix []float64, k int, values []int) {
	for i, a := range values {
		for j, b := range values {
			if i != j {
				matrix[a*k+b] += 1 / float64(len(values)-1)
			}
		}
	}
}

// alpha is Krippendorff's α of a coincidence matrix of k × k: 1 for perfect
// agreement, 0 for agreement by chance. ordinal takes the codes as ranks, else
// they are mere names. It is NaN where all values are one code.
func alpha(matrix []float64, k int, ordinal bool) float64 {
	n := make([]float64, k)
	all := 0.0
	for c := range k {
		for d := range k {
			n[c] += matrix[c*k+d]
		}
		all += n[c]
	}
	distance := func(c, d int) float64 {
		if c == d {
			return 0
		}
		if !ordinal {
			return 1
		}
		between := -(n[c] + n[d]) / 2
		for g := min(c, d); g <= max(c, d); g++ {
			between += n[g]
		}
		return between * between
	}
	observed, expected := 0.0, 0.0
	for c := range k {
		for d := range k {
			observed += matrix[c*k+d] * distance(c, d)
			expected += n[c] * n[d] * distance(c, d)
		}
	}
	if expected == 0 {
		return math.NaN()
	}
	return 1 - (all-1)*observed/expected
}
