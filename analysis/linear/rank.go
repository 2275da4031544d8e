package linear

import (
	"fmt"
	"math"

	"github.com/james-bowman/sparse"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// A Choice is one training row of a ranker: options, any number of which are
// right. Where none is, "none of them" is the right answer, whose score is 0.
type Choice struct {
	Options []Vector
	Right   []bool // by option
}

// TrainRanker fits a conditional logit (McFadden 1974) by L-BFGS: the options of
// a choice and "none of them" share a softmax, and the L2-penalised log
// probability of the right ones together is maximised. The model has the
// classes "not" and "chosen"; the difference of their scores is an option's
// score. The same choices in the same order give the same model to the byte.
func TrainRanker(choices []Choice, o Options) (*Model, error) {
	var rows []Vector
	starts := make([]int, 1, len(choices)+1)
	var right []bool
	for i, c := range choices {
		if len(c.Options) != len(c.Right) {
			return nil, fmt.Errorf("linear: choice %d has %d options and %d answers: want as many", i, len(c.Options), len(c.Right))
		}
		for k, v := range c.Options {
			if len(v.Keys) != len(v.Values) {
				return nil, fmt.Errorf("linear: choice %d, option %d has %d keys and %d values: want as many", i, k, len(v.Keys), len(v.Values))
			}
		}
		rows = append(rows, c.Options...)
		right = append(right, c.Right...)
		starts = append(starts, len(rows))
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("linear: nothing to train on: no choice has an option")
	}
	keys, x := matrix(rows, max(1, o.MinCount))
	loss := &choiceLoss{x: x, starts: starts, right: right, l2: o.L2, scores: make([]float64, len(rows)), delta: make([]float64, len(rows))}
	result, err := optimize.Minimize(optimize.Problem{Func: loss.value, Grad: loss.gradient}, make([]float64, len(keys)), &optimize.Settings{
		MajorIterations:   200,
		GradientThreshold: 1e-6,
		Converger:         &optimize.FunctionConverge{Relative: 1e-7, Iterations: 10},
	}, &optimize.LBFGS{Store: 10})
	// A line search that finds no better point any more has arrived; only a
	// result that is no number is a failure.
	if result == nil || math.IsNaN(result.F) || math.IsInf(result.F, 0) {
		return nil, fmt.Errorf("linear: L-BFGS did not converge: %v", err)
	}
	return compact(keys, result.X), nil
}

// choiceLoss is the mean log loss with its penalty. gonum asks for the value
// and the gradient at one point in turn: the scores are kept between the two.
type choiceLoss struct {
	x      *sparse.CSR
	starts []int // choice i has the rows starts[i] … starts[i+1]-1
	right  []bool
	l2     float64

	at     []float64
	scores []float64
	delta  []float64 // of the loss by the score of each row
	loss   float64
}

func (c *choiceLoss) evaluate(w []float64) {
	if c.at != nil && floats.Equal(c.at, w) {
		return
	}
	c.at = append(c.at[:0], w...)
	clear(c.scores)
	c.x.MulVecTo(c.scores, false, w)
	c.loss = 0
	for i := range len(c.starts) - 1 {
		from, to := c.starts[i], c.starts[i+1]
		top := 0.0
		for _, s := range c.scores[from:to] {
			top = max(top, s)
		}
		none := math.Exp(-top)
		all, good := none, 0.0
		for k := from; k < to; k++ {
			e := math.Exp(c.scores[k] - top)
			all += e
			if c.right[k] {
				good += e
			}
		}
		answered := good > 0
		if !answered {
			good = none
		}
		for k := from; k < to; k++ {
			e := math.Exp(c.scores[k] - top)
			c.delta[k] = e / all
			if answered && c.right[k] {
				c.delta[k] -= e / good
			}
		}
		c.loss -= math.Log(max(good/all, 1e-300))
	}
	n := float64(len(c.starts) - 1)
	c.loss = (c.loss + c.l2/2*floats.Dot(w, w)) / n
}

func (c *choiceLoss) value(w []float64) float64 {
	c.evaluate(w)
	return c.loss
}

func (c *choiceLoss) gradient(grad, w []float64) {
	c.evaluate(w)
	clear(grad)
	c.x.MulVecTo(grad, true, c.delta)
	floats.AddScaled(grad, c.l2, w)
	floats.Scale(1/float64(len(c.starts)-1), grad)
}
