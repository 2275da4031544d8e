package eval

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// A Judged row is a coded statement with the stance that was read from it.
type Judged struct {
	Article    string
	Stance     int     // as coded: −1, 0 or 1
	Label      int     // as read
	Confidence float64 // that the label is right
}

// StanceReport scores stances with the statement and the target given.
type StanceReport struct {
	Rows     int      `json:"rows"`
	Articles int      `json:"articles"`
	Accuracy Estimate `json:"accuracy"`
	MacroF1  Estimate `json:"macro_f1"` // over against, neither and for
	// Side is the share right of the rows that take a side and are given one.
	Side        Estimate      `json:"side"`
	Calibration []StanceBin   `json:"calibration"`
	Error       float64       `json:"calibration_error"` // expected (Naeini et al., 2015)
	Risks       []RiskAtLeast `json:"risk"`
}

// A StanceBin holds the rows of like confidence.
type StanceBin struct {
	From       float64 `json:"from"` // to From + 0.1
	Rows       int     `json:"rows"`
	Confidence float64 `json:"confidence"` // mean
	Accuracy   float64 `json:"accuracy"`
}

// RiskAtLeast is what a threshold on the confidence buys (El-Yaniv & Wiener,
// 2010).
type RiskAtLeast struct {
	Threshold float64 `json:"threshold"`
	Coverage  float64 `json:"coverage"` // share of the rows at or above it
	Sided     int     `json:"sided"`    // of these, those that are given a side
	Risk      float64 `json:"risk"`     // share wrong of those
}

// Stance scores the rows.
func Stance(rows []Judged, o Options) *StanceReport {
	classes := []int{-1, 0, 1}
	// An article's counts: rows, right, sided and given a side, side right, then
	// those of each class: true positives, false positives, false negatives.
	byArticle := map[string][]int{}
	var ids []string
	for _, r := range rows {
		c := byArticle[r.Article]
		if c == nil {
			c = make([]int, 4+3*len(classes))
			byArticle[r.Article] = c
			ids = append(ids, r.Article)
		}
		c[0]++
		if r.Stance == r.Label {
			c[1]++
			c[4+3*(r.Stance+1)]++
		} else {
			c[4+3*(r.Stance+1)+2]++
			c[4+3*(r.Label+1)+1]++
		}
		if r.Stance != 0 && r.Label != 0 {
			c[2]++
			if r.Stance == r.Label {
				c[3]++
			}
		}
	}
	var units [][]int
	for _, id := range ids {
		units = append(units, byArticle[id])
	}
	e := estimate(units, []metric{
		func(c []int) float64 { return ratio(c[1], c[0]) },
		func(c []int) float64 {
			sum := 0.0
			for k := range classes {
				tp, fp, fn := c[4+3*k], c[4+3*k+1], c[4+3*k+2]
				sum += float64(2*tp) / float64(max(1, 2*tp+fp+fn))
			}
			return sum / float64(len(classes))
		},
		func(c []int) float64 { return ratio(c[3], c[2]) },
	}, o)
	out := &StanceReport{Rows: len(rows), Articles: len(ids), Accuracy: e[0], MacroF1: e[1], Side: e[2]}
	out.Calibration, out.Error = calibrate(rows)
	for _, t := range []float64{0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
		x := RiskAtLeast{Threshold: t}
		covered, wrong := 0, 0
		for _, r := range rows {
			if r.Confidence < t {
				continue
			}
			covered++
			if r.Label != 0 {
				x.Sided++
				if r.Label != r.Stance {
					wrong++
				}
			}
		}
		x.Coverage, x.Risk = ratio(covered, len(rows)), ratio(wrong, x.Sided)
		out.Risks = append(out.Risks, x)
	}
	return out
}

// calibrate bins the rows by their confidence; off is the expected calibration
// error (Naeini et al., 2015).
func calibrate(rows []Judged) (bins []StanceBin, off float64) {
	bins = make([]StanceBin, 10)
	for _, j := range rows {
		b := &bins[min(9, int(j.Confidence*10))]
		b.Rows++
		b.Confidence += j.Confidence
		if j.Label == j.Stance {
			b.Accuracy++
		}
	}
	for i := range bins {
		b := &bins[i]
		b.From = float64(i) / 10
		if b.Rows == 0 {
			continue
		}
		off += math.Abs(b.Confidence-b.Accuracy) / float64(len(rows))
		b.Confidence /= float64(b.Rows)
		b.Accuracy /= float64(b.Rows)
	}
	return slices.DeleteFunc(bins, func(b StanceBin) bool { return b.Rows == 0 }), off
}

func printBins(p *printer, bins []StanceBin) {
	for _, b := range bins {
		p.printf("  confidence %.1f to %.1f  %4d rows, mean %.2f, right %.2f\n", b.From, b.From+0.1, b.Rows, b.Confidence, b.Accuracy)
	}
}

// WriteText prints the scores.
func (r *StanceReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("stance, the statement given: %d rows of %d articles\n  accuracy       %v\n  macro-F1       %v\n  side right     %v\n  calibration error %.3f\n",
		r.Rows, r.Articles, r.Accuracy, r.MacroF1, r.Side, r.Error)
	printBins(p, r.Calibration)
	for _, x := range r.Risks {
		p.printf("  at %.1f or more  %3.0f %% of rows, %4d sided, wrong %s\n", x.Threshold, 100*x.Coverage, x.Sided, fmt.Sprintf("%.3f", x.Risk))
	}
	return p.err
}
