package eval

import (
	"io"
	"slices"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

// LabelReport scores labels row by row.
type LabelReport struct {
	Rows     int          `json:"rows"`
	Missing  int          `json:"missing"` // rows without a prediction: they count as wrong
	Accuracy Estimate     `json:"accuracy"`
	MacroF1  Estimate     `json:"macro_f1"` // mean over the classes of the gold
	Classes  []ClassScore `json:"classes"`
}

// A ClassScore is the F1 of one label.
type ClassScore struct {
	Label int      `json:"label"`
	Rows  int      `json:"rows"`
	F1    Estimate `json:"f1"`
}

// A Labelled is a row's id and its label.
type Labelled struct {
	ID    string
	Label int
}

// Targeted scores NewsMTSC rows.
func Targeted(rows []gold.TargetedRow, predictions []gold.LabelPrediction, o Options) *LabelReport {
	list := make([]Labelled, len(rows))
	for i, r := range rows {
		list[i] = Labelled{r.ID, r.Label}
	}
	return Labels(list, predictions, o)
}

// Directed scores DSE rows.
func Directed(rows []gold.DirectedRow, predictions []gold.LabelPrediction, o Options) *LabelReport {
	list := make([]Labelled, len(rows))
	for i, r := range rows {
		list[i] = Labelled{r.ID, r.Label}
	}
	return Labels(list, predictions, o)
}

// Labels scores any labelled rows. Rows of one id are paired with its
// predictions in order.
func Labels(rows []Labelled, predictions []gold.LabelPrediction, o Options) *LabelReport {
	byID := map[string][]int{}
	for _, p := range predictions {
		byID[p.ID] = append(byID[p.ID], p.Label)
	}
	var classes []int
	for _, r := range rows {
		if !slices.Contains(classes, r.Label) {
			classes = append(classes, r.Label)
		}
	}
	slices.Sort(classes)
	report := &LabelReport{Rows: len(rows)}

	// A row's counts: one, right, then true positive, false positive and false
	// negative of each class.
	units := make([][]int, 0, len(rows))
	seen := map[string]int{}
	for _, r := range rows {
		c := make([]int, 2+3*len(classes))
		c[0] = 1
		k := slices.Index(classes, r.Label)
		n := seen[r.ID]
		seen[r.ID]++
		switch list := byID[r.ID]; {
		case n >= len(list):
			report.Missing++
			c[2+3*k+2] = 1
		case list[n] == r.Label:
			c[1], c[2+3*k] = 1, 1
		default:
			c[2+3*k+2] = 1
			if wrong := slices.Index(classes, list[n]); wrong >= 0 {
				c[2+3*wrong+1] = 1
			}
		}
		units = append(units, c)
	}
	metrics := []metric{func(c []int) float64 { return ratio(c[1], c[0]) }}
	for k := range classes {
		metrics = append(metrics, func(c []int) float64 {
			tp, fp, fn := c[2+3*k], c[2+3*k+1], c[2+3*k+2]
			return float64(2*tp) / float64(max(1, 2*tp+fp+fn))
		})
	}
	perClass := metrics[1:]
	metrics = append(metrics, func(c []int) float64 {
		sum := 0.0
		for _, m := range perClass {
			sum += m(c)
		}
		return sum / float64(max(1, len(perClass)))
	})
	e := estimate(units, metrics, o)
	report.Accuracy, report.MacroF1 = e[0], e[len(e)-1]
	for k, label := range classes {
		report.Classes = append(report.Classes, ClassScore{label, total(units, 2+3*k) + total(units, 2+3*k+2), e[1+k]})
	}
	return report
}

// WriteText prints the scores.
func (r *LabelReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("labels: %d rows, %d without a prediction\n  accuracy  %v\n  macro-F1  %v\n", r.Rows, r.Missing, r.Accuracy, r.MacroF1)
	for _, c := range r.Classes {
		p.printf("  F1[%2d]    %v  (%d rows)\n", c.Label, c.F1, c.Rows)
	}
	return p.err
}
