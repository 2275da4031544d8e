package linear

import (
	"math"
	"slices"

	"github.com/james-bowman/sparse"
)

// Options steer TrainRanker.
type Options struct {
	L2       float64 // strength of the Gaussian prior on the weights
	MinCount int     // features that occur in fewer options are dropped
}

// matrix lays out the vectors as rows × features, with the features in order of
// their keys.
func matrix(vectors []Vector, minCount int) ([]uint32, *sparse.CSR) {
	counts := map[uint32]int{}
	var seen []uint32
	merged := make([]Vector, len(vectors))
	for i, v := range vectors {
		merged[i] = merge(v)
		for _, key := range merged[i].Keys {
			if counts[key] == 0 {
				seen = append(seen, key)
			}
			counts[key]++
		}
	}
	slices.Sort(seen)
	keys := seen[:0]
	column := make(map[uint32]int, len(seen))
	for _, key := range seen {
		if counts[key] >= minCount {
			column[key] = len(keys)
			keys = append(keys, key)
		}
	}
	var ind []int
	var data []float64
	ptr := make([]int, 1, len(vectors)+1)
	for _, v := range merged {
		for p, key := range v.Keys {
			if j, ok := column[key]; ok {
				ind = append(ind, j)
				data = append(data, float64(v.Values[p]))
			}
		}
		ptr = append(ptr, len(ind))
	}
	return keys, sparse.NewCSR(len(vectors), len(keys), ptr, ind, data)
}

// merge sorts a vector's keys and adds the values of equal ones.
func merge(v Vector) Vector {
	order := make([]int, len(v.Keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case v.Keys[a] < v.Keys[b]:
			return -1
		case v.Keys[a] > v.Keys[b]:
			return 1
		}
		return 0
	})
	out := Vector{make([]uint32, 0, len(order)), make([]float32, 0, len(order))}
	for _, i := range order {
		if n := len(out.Keys); n > 0 && out.Keys[n-1] == v.Keys[i] {
			out.Values[n-1] += v.Values[i]
			continue
		}
		out.Add(v.Keys[i], v.Values[i])
	}
	return out
}

// compact makes a ranker of the weights of the class "chosen": half of them
// against half for (a constant added to both classes changes nothing), rounded
// to bytes, without the features that round to zero.
func compact(keys []uint32, weights []float64) *Model {
	largest := 0.0
	for _, w := range weights {
		largest = max(largest, math.Abs(w/2))
	}
	m := &Model{classes: 2, temperature: 1, bias: make([]float64, 2), step: 1}
	if largest > 0 {
		m.step = float64(float32(largest / 127))
	}
	rounded := func(w float64) int8 { return int8(math.Round(min(127, max(-127, w/m.step)))) }
	for j, key := range keys {
		if against, chosen := rounded(-weights[j]/2), rounded(weights[j]/2); chosen != 0 {
			m.keys = append(m.keys, key)
			m.weights = append(m.weights, against, chosen)
		}
	}
	m.index()
	return m
}

// SetTemperature divides all later scores by t > 0 (Guo et al. 2017).
func (m *Model) SetTemperature(t float64) { m.temperature = float64(float32(t)) }

// AddBias adds to the uncalibrated scores of a class.
func (m *Model) AddBias(class int, by float64) {
	m.bias[class] = float64(float32(m.bias[class] + by))
}

// FitTemperature returns the t > 0 that makes the softmax of scores/t most likely
// on held-out examples (Guo et al. 2017, "On calibration of modern neural
// networks"): scores[i] are the uncalibrated scores of an example of class
// classes[i]. It searches 0.5 … 10 by golden section: held-out rows that are
// easy must not make a model sure of everything.
func FitTemperature(scores [][]float64, classes []int) float64 {
	row := []float64{}
	loss := func(logT float64) float64 {
		t, sum := math.Exp(logT), 0.0
		for i, s := range scores {
			row = row[:0]
			for _, x := range s {
				row = append(row, x/t)
			}
			sum -= math.Log(max(softmax(row)[classes[i]], 1e-300))
		}
		return sum
	}
	ratio := (math.Sqrt(5) - 1) / 2
	lo, hi := math.Log(0.5), math.Log(10)
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := loss(a), loss(b)
	for hi-lo > 1e-4 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = loss(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = loss(b)
		}
	}
	return math.Exp((lo + hi) / 2)
}

// A Judgement is a vector whose truth is known. Rows of one group belong
// together, as those of one article do.
type Judgement struct {
	Group    int
	Features Vector
	Right    bool
}

// TrainLogistic fits a logistic regression, a ranker of one option or none. held
// are the log odds [rows] that the fit without the row's fold of groups gives.
func TrainLogistic(rows []Judgement, folds int, o Options) (m *Model, held []float64, err error) {
	fit := func(skip int) (*Model, error) {
		var choices []Choice
		for _, r := range rows {
			if r.Group%folds != skip {
				choices = append(choices, Choice{Options: []Vector{r.Features}, Right: []bool{r.Right}})
			}
		}
		return TrainRanker(choices, o)
	}
	held = make([]float64, len(rows))
	for fold := range folds {
		if m, err = fit(fold); err != nil {
			return nil, nil, err
		}
		for i := range rows {
			if rows[i].Group%folds == fold {
				scores := m.Scores(&rows[i].Features, nil)
				held[i] = scores[1] - scores[0]
			}
		}
	}
	m, err = fit(-1)
	return m, held, err
}
