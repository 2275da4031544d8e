// Package estimate corrects means of a tool's figures by a hand-coded sample
// drawn with known probabilities, so that their intervals hold whatever errors
// the tool makes.
//
// Two estimators share one form. Each unit's moment is predicted by the tool; on
// the coded units the prediction's error is measured, and what it comes to in
// the population is taken off:
//
//	pseudo = λ·tool + c + coded/π · (hand − λ·tool − c)
//
// π is the probability with which the unit was drawn, c the mean of
// hand − λ·tool in the unit's stratum.
//
//   - DSL, design-based supervised learning (Egami, Hinck, Stewart & Wei 2023,
//     "Using imperfect surrogates for downstream inference", NeurIPS 36), has
//     λ = 1. It needs no assumption about the tool, only the design.
//   - PPI, prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan
//     & Zrnic 2023, Science 382:669), with λ between 0 and 1 chosen for the
//     narrowest interval (Angelopoulos, Duchi & Zrnic 2023, "PPI++").
//
// λ = 0 is the coded sample alone. Variances are sandwiches over clusters
// (articles), since units of one article are not independent; intervals take
// Student's t.
package estimate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Unit is one unit of the population, e.g. a statement's stance on a target.
type Unit struct {
	Cluster     int // of the article, from 0
	Stratum     int // of the design, from 0
	Coded       bool
	Tool        float64 // what the tool says
	Hand        float64 // what the coders say; 0 unless Coded and Valid
	Valid       bool    // Coded: the coders hold that the unit is one at all
	Probability float64 // that the unit was drawn, 0…1; above 0
}

// MinCoded and MinClusters are the coded units, and the clusters with one, below
// which no interval is given: Student's t is no help against a sample that small.
const (
	MinCoded    = 10
	MinClusters = 5
)

// A Mean is an estimated mean with its standard error and 95 % interval, all in
// the unit of what was coded. Low and High are NaN where too little is coded.
type Mean struct {
	Value, SE, Low, High float64
	Lambda               float64 // weight of the tool's figures, 0…1
}

// A Result holds the estimates of one domain: the units for which in is true.
type Result struct {
	Units, Coded, Clusters int     // of the domain; clusters with a coded unit
	Tool                   float64 // mean of the tool's figures, uncorrected
	Hand, PPI, DSL         Mean
}

// Domain estimates the mean of Hand over the valid units of a domain. Units
// outside of it help where a stratum holds less than two coded ones inside.
// Where nothing in the domain is coded, all but Tool is NaN.
func Domain(units []Unit, in func(i int) bool) Result {
	d := newDomain(units, in)
	r := Result{Units: len(d.members), Coded: d.coded, Clusters: d.clusters}
	for _, i := range d.members {
		r.Tool += units[i].Tool
	}
	r.Tool /= float64(len(d.members))
	r.Hand, r.DSL = d.estimate(0), d.estimate(1)
	r.PPI = d.estimate(d.tune())
	return r
}

// Pseudo returns the design-adjusted outcome of every unit, and its
// design-adjusted validity (DSL, Egami et al. 2023, section 3). A least-squares
// regression of the outcome on anything known of all units, with standard errors
// clustered by article, is not biased by the tool's errors; the ratio of the
// sums of both is the mean that Domain gives.
func Pseudo(units []Unit) (outcome, valid []float64) {
	d := newDomain(units, func(int) bool { return true })
	outcome, valid = make([]float64, len(units)), make([]float64, len(units))
	for i := range units {
		outcome[i], valid[i] = d.pseudo(&units[i], 1, false)
	}
	return outcome, valid
}

// A domain is the part of the population that a mean is about.
type domain struct {
	units         []Unit
	members       []int
	coded         int
	clusters      int
	strata        int     // with a coded member
	inside, whole []total // coded members, and coded units, by stratum
	uncovered     bool    // a member lies in a stratum in which nothing is coded
}

// A total sums up the coded units of one stratum.
type total struct{ n, tool, hand, valid float64 }

func newDomain(units []Unit, in func(i int) bool) *domain {
	d := &domain{units: units}
	clusters := map[int]bool{}
	for i := range units {
		u := &units[i]
		for len(d.whole) <= u.Stratum {
			d.whole, d.inside = append(d.whole, total{}), append(d.inside, total{})
		}
		if u.Coded {
			d.whole[u.Stratum].add(u)
		}
		if !in(i) {
			continue
		}
		d.members = append(d.members, i)
		if u.Coded {
			d.inside[u.Stratum].add(u)
			d.coded++
			clusters[u.Cluster] = true
		}
	}
	d.clusters = len(clusters)
	for _, t := range d.inside {
		if t.n > 0 {
			d.strata++
		}
	}
	for _, i := range d.members {
		d.uncovered = d.uncovered || d.whole[units[i].Stratum].n == 0
	}
	return d
}

func (t *total) add(u *Unit) {
	t.n++
	t.tool += u.Tool
	t.hand += u.Hand
	t.valid += one(u.Valid)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// cell is what a stratum's correction is measured on: its coded members, or all
// its coded units where fewer than two of them are members.
func (d *domain) cell(stratum int) total {
	if t := d.inside[stratum]; t.n >= 2 {
		return t
	}
	return d.whole[stratum]
}

// pseudo is the unit's design-adjusted outcome and validity. wide stretches the
// errors of the coded units by √(n/(n−1)): the correction c is estimated from
// the same units, which makes them too small for a variance.
func (d *domain) pseudo(u *Unit, lambda float64, wide bool) (outcome, valid float64) {
	t := d.cell(u.Stratum)
	c, v := (t.hand-lambda*t.tool)/t.n, t.valid/t.n
	outcome, valid = lambda*u.Tool+c, v
	if u.Coded {
		weight := 1 / u.Probability
		if wide && t.n > 1 {
			weight *= math.Sqrt(t.n / (t.n - 1))
		}
		outcome += weight * (u.Hand - lambda*u.Tool - c)
		valid += weight * (one(u.Valid) - v)
	}
	return outcome, valid
}

// sums adds up what the members come to in the mean, by cluster in the order in
// which clusters are met, given the mean itself.
func (d *domain) sums(lambda, mean float64) []float64 {
	var out []float64
	place := map[int]int{}
	for _, i := range d.members {
		u := &d.units[i]
		at, ok := place[u.Cluster]
		if !ok {
			at = len(out)
			place[u.Cluster] = at
			out = append(out, 0)
		}
		outcome, valid := d.pseudo(u, lambda, true)
		out[at] += outcome - mean*valid
	}
	return out
}

// mean is the estimate for one λ, and the sum of validities below the line.
func (d *domain) mean(lambda float64) (mean, below float64) {
	above := 0.0
	for _, i := range d.members {
		outcome, valid := d.pseudo(&d.units[i], lambda, false)
		above += outcome
		below += valid
	}
	return above / below, below
}

func (d *domain) estimate(lambda float64) Mean {
	nan := math.NaN()
	if d.coded == 0 || d.uncovered {
		return Mean{nan, nan, nan, nan, lambda}
	}
	value, below := d.mean(lambda)
	m := Mean{value, nan, nan, nan, lambda}
	clusters := d.sums(lambda, value)
	g := float64(len(clusters))
	if !(below > 0) || g < 2 {
		return m
	}
	square := 0.0
	for _, s := range clusters {
		square += s * s
	}
	m.SE = math.Sqrt(square*g/(g-1)) / below
	if d.coded < MinCoded || d.clusters < MinClusters {
		return m
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(max(1, d.clusters-d.strata))}
	half := t.Quantile(0.975) * m.SE
	m.Low, m.High = value-half, value+half
	return m
}

// tune is the λ between 0 and 1 for which the sandwich variance is least. The
// moments are linear in λ, so its square is a parabola.
func (d *domain) tune() float64 {
	if d.coded == 0 || d.uncovered {
		return 1
	}
	mean, _ := d.mean(1)
	none, all := d.sums(0, mean), d.sums(1, mean)
	above, below := 0.0, 0.0
	for g := range none {
		slope := all[g] - none[g]
		above -= none[g] * slope
		below += slope * slope
	}
	if below == 0 {
		return 1
	}
	return min(1, max(0, above/below))
}
