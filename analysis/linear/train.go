package linear

import (
	"fmt"
	"math"
	"slices"

	"github.com/james-bowman/sparse"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// An Example is one training row.
type Example struct {
	Vector Vector
	Class  int     // 0 … classes-1
	Weight float64 // how much its loss counts; 0 leaves it out
}

// Options steer Train. The zero value is not useful: set Classes and L2.
type Options struct {
	Classes    int
	L2         float64 // strength of the Gaussian prior on the weights; the bias is free
	MinCount   int     // features that occur in fewer examples are dropped
	Iterations int     // at most so many steps of L-BFGS; 0 means 200
	// Scale, where set, weighs the features: it gets the features × examples
	// matrix and returns one factor a feature. The factors are folded into the
	// weights, so that a trained model does not need them.
	Scale func(*sparse.CSR) ([]float64, error)
}

// Train fits a multinomial logistic regression by L-BFGS (Nocedal 1980; Liu &
// Nocedal 1989) on the L2-penalised log loss. The same examples in the same
// order give the same model to the byte.
func Train(examples []Example, o Options) (*Model, error) {
	if o.Classes < 2 {
		return nil, fmt.Errorf("linear: training needs 2 classes or more, not %d", o.Classes)
	}
	used := make([]Example, 0, len(examples))
	for i, e := range examples {
		switch {
		case e.Class < 0 || e.Class >= o.Classes:
			return nil, fmt.Errorf("linear: example %d has class %d: want 0 to %d", i, e.Class, o.Classes-1)
		case len(e.Vector.Keys) != len(e.Vector.Values):
			return nil, fmt.Errorf("linear: example %d has %d keys and %d values: want as many", i, len(e.Vector.Keys), len(e.Vector.Values))
		case e.Weight < 0 || math.IsNaN(e.Weight) || math.IsInf(e.Weight, 0):
			return nil, fmt.Errorf("linear: example %d has weight %v: want a finite number, 0 or more", i, e.Weight)
		case e.Weight > 0:
			used = append(used, e)
		}
	}
	if len(used) == 0 {
		return nil, fmt.Errorf("linear: nothing to train on: no example has a weight")
	}
	keys, x, terms := matrices(used, max(1, o.MinCount))
	n, d, k := len(used), len(keys), o.Classes

	scale := make([]float64, d)
	for j := range scale {
		scale[j] = 1
	}
	if o.Scale != nil && d > 0 {
		var err error
		if scale, err = o.Scale(terms); err != nil {
			return nil, fmt.Errorf("linear: weighing the features: %w", err)
		}
		if len(scale) != d {
			return nil, fmt.Errorf("linear: Scale gave %d factors for %d features", len(scale), d)
		}
		raw := x.RawMatrix()
		for p, j := range raw.Ind {
			raw.Data[p] *= scale[j]
		}
	}

	total := 0.0
	for _, e := range used {
		total += e.Weight
	}
	// params: one row of d weights a class, then the k biases.
	loss := &objective{x: x, examples: used, classes: k, l2: o.L2, total: total,
		scores: make([]float64, n*k), delta: make([]float64, n)}
	start := make([]float64, d*k+k)
	iterations := o.Iterations
	if iterations == 0 {
		iterations = 200
	}
	problem := optimize.Problem{Func: loss.value, Grad: loss.gradient}
	result, err := optimize.Minimize(problem, start, &optimize.Settings{
		MajorIterations:   iterations,
		GradientThreshold: 1e-6,
		Converger:         &optimize.FunctionConverge{Relative: 1e-7, Iterations: 10},
	}, &optimize.LBFGS{Store: 10})
	// A line search that finds no better point any more has arrived; only a
	// result that is no number is a failure.
	if result == nil || math.IsNaN(result.F) || math.IsInf(result.F, 0) {
		return nil, fmt.Errorf("linear: L-BFGS did not converge: %v", err)
	}
	return compact(keys, result.X, scale, k), nil
}

// matrices lays out the examples as rows × features and features × rows, with
// the features in order of their keys.
func matrices(examples []Example, minCount int) ([]uint32, *sparse.CSR, *sparse.CSR) {
	counts := map[uint32]int{}
	var seen []uint32
	merged := make([]Vector, len(examples))
	for i, e := range examples {
		merged[i] = merge(e.Vector)
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
	ptr := make([]int, 1, len(examples)+1)
	for _, v := range merged {
		for p, key := range v.Keys {
			if j, ok := column[key]; ok {
				ind = append(ind, j)
				data = append(data, float64(v.Values[p]))
			}
		}
		ptr = append(ptr, len(ind))
	}
	x := sparse.NewCSR(len(examples), len(keys), ptr, ind, data)

	// The transpose, by counting.
	tptr := make([]int, len(keys)+1)
	for _, j := range ind {
		tptr[j+1]++
	}
	for j := range keys {
		tptr[j+1] += tptr[j]
	}
	next := slices.Clone(tptr)
	tind, tdata := make([]int, len(ind)), make([]float64, len(ind))
	for i := range examples {
		for p := ptr[i]; p < ptr[i+1]; p++ {
			at := next[ind[p]]
			next[ind[p]]++
			tind[at], tdata[at] = i, data[p]
		}
	}
	return keys, x, sparse.NewCSR(len(keys), len(examples), tptr, tind, tdata)
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

// objective is the mean log loss with its penalty. gonum asks for the value
// and the gradient at one point in turn: the scores are kept between the two.
type objective struct {
	x        *sparse.CSR
	examples []Example
	classes  int
	l2       float64
	total    float64

	at     []float64 // the point that scores and loss belong to
	scores []float64 // probabilities, class by class, of every example
	loss   float64
	delta  []float64
}

func (o *objective) evaluate(params []float64) {
	if o.at != nil && floats.Equal(o.at, params) {
		return
	}
	o.at = append(o.at[:0], params...)
	n, d := o.x.Dims()
	clear(o.scores)
	for c := range o.classes {
		o.x.MulVecTo(o.scores[c*n:(c+1)*n], false, params[c*d:(c+1)*d])
	}
	row := make([]float64, o.classes)
	o.loss = 0
	for i, e := range o.examples {
		for c := range row {
			row[c] = o.scores[c*n+i] + params[o.classes*d+c]
		}
		softmax(row)
		for c, p := range row {
			o.scores[c*n+i] = p
		}
		o.loss -= e.Weight * math.Log(max(row[e.Class], 1e-300))
	}
	w := params[:o.classes*d]
	o.loss = (o.loss + o.l2/2*floats.Dot(w, w)) / o.total
}

func (o *objective) value(params []float64) float64 {
	o.evaluate(params)
	return o.loss
}

func (o *objective) gradient(grad, params []float64) {
	o.evaluate(params)
	n, d := o.x.Dims()
	clear(grad)
	for c := range o.classes {
		bias := 0.0
		for i, e := range o.examples {
			o.delta[i] = o.scores[c*n+i]
			if e.Class == c {
				o.delta[i]--
			}
			o.delta[i] *= e.Weight
			bias += o.delta[i]
		}
		o.x.MulVecTo(grad[c*d:(c+1)*d], true, o.delta)
		grad[o.classes*d+c] = bias
	}
	floats.AddScaled(grad[:o.classes*d], o.l2, params[:o.classes*d])
	floats.Scale(1/o.total, grad)
}

// compact centres the weights (a constant added to all classes changes
// nothing), rounds them to bytes and drops the features that round to zero.
func compact(keys []uint32, params, scale []float64, k int) *Model {
	d := len(keys)
	centred := make([]float64, d*k)
	largest := 0.0
	for j := range d {
		mean := 0.0
		for c := range k {
			mean += params[c*d+j]
		}
		mean /= float64(k)
		for c := range k {
			w := (params[c*d+j] - mean) * scale[j]
			centred[j*k+c] = w
			largest = max(largest, math.Abs(w))
		}
	}
	m := &Model{classes: k, temperature: 1, bias: slices.Clone(params[d*k:]), step: 1}
	if largest > 0 {
		m.step = float64(float32(largest / 127))
	}
	row := make([]int8, k)
	for j, key := range keys {
		keep := false
		for c := range k {
			row[c] = int8(math.Round(min(127, max(-127, centred[j*k+c]/m.step))))
			keep = keep || row[c] != 0
		}
		if keep {
			m.keys = append(m.keys, key)
			m.weights = append(m.weights, row...)
		}
	}
	for c := range m.bias {
		m.bias[c] = float64(float32(m.bias[c]))
	}
	m.index()
	return m
}

// Temperature is what scores are divided by; 1 where nothing was calibrated.
func (m *Model) Temperature() float64 { return m.temperature }

// SetTemperature divides all later scores by t > 0 (Guo et al. 2017).
func (m *Model) SetTemperature(t float64) { m.temperature = float64(float32(t)) }

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
