package aggregate

import (
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Resamples is the number of bootstrap samples behind each interval.
const Resamples = 1000

// interval is the 95 % percentile interval of the mean score by the bootstrap
// of Efron and Tibshirani (An Introduction to the Bootstrap, 1993, chapter 13),
// drawing whole articles, since the stances of one article are not independent.
// It is NaN below two articles. With fewer than about ten it is known to come
// out too narrow.
//
// The generator is seeded from the cell's key, so that a cell's interval
// depends on nothing but the cell.
func interval(k key, clusters []cluster) (low, high float64) {
	m := len(clusters)
	if m < 2 {
		return math.NaN(), math.NaN()
	}
	h := fnv.New128a()
	for _, part := range []string{k.speaker, k.target, k.period} {
		io.WriteString(h, part)
		h.Write([]byte{0})
	}
	var seed [2]uint64
	for i, b := range h.Sum(nil) {
		seed[i/8] = seed[i/8]<<8 | uint64(b)
	}
	rng := rand.New(rand.NewPCG(seed[0], seed[1]))

	means := make([]float64, Resamples)
	for i := range means {
		var sum, n int64
		for range m {
			c := &clusters[rng.IntN(m)]
			sum += c.sum
			n += c.n
		}
		means[i] = float64(sum) * billionth / float64(n)
	}
	slices.Sort(means)
	return stat.Quantile(0.025, stat.LinInterp, means, nil), stat.Quantile(0.975, stat.LinInterp, means, nil)
}
