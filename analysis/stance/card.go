package stance

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Score is what one task of a model makes on rows that it was not trained on.
type Score struct {
	Task     string // targeted, directed, statement
	Rows     int
	Accuracy float64
	MacroF1  float64
	// Side is the share right of the rows that take a side and are given one.
	Side float64
	// CalibrationError is the expected one over ten bins of the likeliest
	// class's probability (Naeini et al. 2015).
	CalibrationError float64
}

// Evaluate scores a model on held-out rows; a task without rows is left out.
func Evaluate(model []byte, dev Data, prepare func(text string) *corpus.Document) ([]Score, error) {
	t, err := decode(model)
	if err != nil {
		return nil, err
	}
	b := builder{prepare: prepare, docs: map[string]*corpus.Document{}}
	sets, err := b.rows(dev, Settings{})
	if err != nil {
		return nil, err
	}
	var out []Score
	score := func(task string, probs [][]float64, classes []int, offset []float64, side func(int) int) {
		if len(probs) == 0 {
			return
		}
		s := Score{Task: task, Rows: len(probs), MacroF1: macroF1(probs, classes, offset)}
		var n, confidence, right [10]float64
		sided, rightSide := 0, 0
		for i, p := range probs {
			guess := decide(p, offset)
			if guess == classes[i] {
				s.Accuracy += 1 / float64(len(probs))
			}
			if side(classes[i]) != 0 && side(guess) != 0 {
				sided++
				if side(classes[i]) == side(guess) {
					rightSide++
				}
			}
			top := likeliest(p)
			bin := min(9, int(p[top]*10))
			n[bin]++
			confidence[bin] += p[top]
			if top == classes[i] {
				right[bin]++
			}
		}
		s.Side = float64(rightSide) / float64(max(1, sided))
		for bin := range n {
			s.CalibrationError += math.Abs(confidence[bin]-right[bin]) / float64(len(probs))
		}
		out = append(out, s)
	}
	three := func(head int) (probs [][]float64, classes []int) {
		for _, e := range sets[head].examples {
			probs = append(probs, t.models[head].Probabilities(&e.Vector, nil))
			classes = append(classes, e.Class)
		}
		return probs, classes
	}
	bySign := func(c int) int { return c - 1 }
	probs, classes := three(targetedHead)
	score("targeted", probs, classes, make([]float64, 3), bySign)
	probs, classes = nil, nil
	for i, e := range sets[polarityHead].examples {
		p := t.directed(&e.Vector)
		label := dev.Directed[i].Label
		if dev.Directed[i].Q.Start < dev.Directed[i].P.Start {
			label = mirrored[label]
		}
		probs, classes = append(probs, p[:]), append(classes, label)
	}
	score("directed", probs, classes, t.directedOffset[:], func(c int) int { return []int{0, 1, 1, -1, -1}[c] })
	probs, classes = three(statementHead)
	score("statement", probs, classes, make([]float64, 3), bySign)
	return out, nil
}

// Card describes a model in Markdown: what it is, what it was trained on, what
// it scores on held-out rows, and where it fails.
func Card(model []byte, train Data, scores []Score) (string, error) {
	t, err := decode(model)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("<!-- Written by `standpoint train stance` beside the weights: train again rather than edit. -->")
	p("# stance.bin")
	p("")
	p("Which side a statement takes toward a target; the sentiment of a sentence toward a mention; the directed")
	p("sentiment of two mentions. Four multinomial logistic regressions over hashed features (analysis/stance/features.go),")
	p("weighted by inverse document frequency, fitted by L-BFGS with an L2 prior, calibrated by temperature on a quarter of")
	p("the training texts, weights rounded to one byte. English news.")
	p("")
	p("%d bytes, SHA-256 `%x`.", len(model), sha256.Sum256(model))
	p("")
	p("| model | classes | features | temperature |")
	p("|---|---|---|---|")
	for i, m := range t.models {
		p("| %s | %d | %d | %.2f |", headNames[i], m.Classes(), m.Features(), m.Temperature())
	}
	p("")
	p("## Trained on")
	p("")
	p("| data | rows | licence as its authors state it |")
	p("|---|---|---|")
	p("| NewsMTSC train (Hamborg & Donnay 2021) | %d | MIT-style |", len(train.Targeted))
	p("| DSE train (Park et al. 2021) | %d | cite the paper |", len(train.Directed))
	p("| coded statements of AllSides articles (Baly et al. 2020; coded by machine after the project's codebook) | %d | Apache-2.0 (texts) |", len(train.Statement))
	p("")
	p("No text or row of them is part of the project. SEESAW and GUM (non-commercial licences) were not trained on.")
	p("")
	p("## Scores")
	p("")
	p("On NewsMTSC devtest-mt, DSE valid, and the undisputed rows of the mission's dev set, there with the evidence given.")
	p("*Side* is the share right among rows that take a side and are given one. The settings were chosen on these sets, so")
	p("expect a little less on new text.")
	p("")
	p("| task | rows | accuracy | macro-F1 | side | calibration error |")
	p("|---|---|---|---|---|---|")
	for _, s := range scores {
		p("| %s | %d | %.3f | %.3f | %.3f | %.3f |", s.Task, s.Rows, s.Accuracy, s.MacroF1, s.Side, s.CalibrationError)
	}
	p("")
	p("## Limits")
	p("")
	p("- It sees words and their places, not meaning: irony, and stances that need knowledge of the conflict, are lost on it.")
	p("- A target defended without being named (\"the rebels did it\") is read only where a mention is given.")
	p("- *Neither* is its weakest class: it prefers a side. Raise `min_confidence` where a wrong side costs more than a gap.")
	p("- Of two mentions, sentiment of the second toward the first is rare in training and mostly missed.")
	p("- Sentences are judged alone; only mentions of one statement are averaged.")
	return b.String(), nil
}
