package target

import (
	"errors"
	"fmt"
	"math"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Coded row says that the words of an article which are its evidence take up
// a target.
type Coded struct {
	Target   int
	Evidence corpus.Span
}

// A Lesson is a pair of a statement and a target whose uptake is known.
type Lesson struct {
	article int
	group   int
	named   bool
	vector  linear.Vector
	takenUp bool
}

// Lessons are the pairs of a document, which needs the layers that Uptakes
// needs. Statements that share too little with the evidence to be sure are
// left out.
func (f *Finder) Lessons(article int, doc *corpus.Document, rows []Coded) ([]Lesson, error) {
	if err := doc.Require("target", uptakeNeed); err != nil {
		return nil, err
	}
	var out []Lesson
	pairs(doc, wordings(f.specs), func(p *pair) {
		touched, share := false, 0.0
		for _, row := range rows {
			if row.Target != p.target {
				continue
			}
			common, size := 0, 0
			for _, c := range p.said.Content {
				common += max(0, min(c.End, row.Evidence.End)-max(c.Start, row.Evidence.Start))
				size += c.Len()
			}
			if common > 0 {
				touched = true
				share = max(share, float64(common)/float64(min(size, row.Evidence.Len())))
			}
		}
		if touched && share < 0.5 {
			return
		}
		l := Lesson{article: article, group: p.wording.group, named: p.named != nil, takenUp: touched}
		p.features(&l.vector)
		out = append(out, l)
	})
	return out, nil
}

// Settings are the choices of training that were tuned on the coded articles.
type Settings struct {
	L2       float64
	MinCount int // rarer features are dropped
	Folds    int // of articles, to score; 2 or more
}

// DefaultSettings made the shipped model.
var DefaultSettings = Settings{L2: 30, MinCount: 5, Folds: 5}

// A Score counts the pairs of one group of kinds in articles that the model
// was not fitted on.
type Score struct {
	Group   string
	Named   bool
	Pairs   int
	TakenUp int     // as coded
	Asked   int     // with a probability of leastUptake or more
	Right   int     // of these, those taken up
	Error   float64 // expected calibration error over ten bins, 0…1
}

var groupNames = [...]string{persons: "person", bodies: "state, organisation", things: "policy, action, event"}

// TrainUptakes fits a logistic regression of whether a statement takes up a
// target. The same lessons in the same order give the
// same bytes.
func TrainUptakes(lessons []Lesson, s Settings) ([]byte, []Score, error) {
	if len(lessons) == 0 {
		return nil, nil, errors.New("targets: the coded articles hold no statement near a target")
	}
	rows := make([]linear.Judgement, len(lessons))
	for i, l := range lessons {
		rows[i] = linear.Judgement{Group: l.article, Features: l.vector, Right: l.takenUp}
	}
	m, held, err := linear.TrainLogistic(rows, s.Folds, linear.Options{L2: s.L2, MinCount: s.MinCount})
	if err != nil {
		return nil, nil, fmt.Errorf("targets: %w", err)
	}
	for i, odds := range held {
		held[i] = 1 / (1 + math.Exp(-odds))
	}
	model, err := m.MarshalBinary()
	return model, score(lessons, held), err
}

func score(lessons []Lesson, held []float64) []Score {
	var out []Score
	for k := range 2 * len(groupNames) {
		group, isNamed := k%len(groupNames), k < len(groupNames)
		s := Score{Group: groupNames[group], Named: isNamed}
		var stated, right [10]float64
		for i, l := range lessons {
			if l.group != group || l.named != isNamed {
				continue
			}
			bin := min(9, int(held[i]*10))
			stated[bin] += held[i]
			s.Pairs++
			if l.takenUp {
				s.TakenUp++
				right[bin]++
			}
			if held[i] >= leastUptake {
				s.Asked++
				s.Right += int(linear.Bit(l.takenUp))
			}
		}
		for b := range stated {
			s.Error += math.Abs(stated[b]-right[b]) / float64(max(1, s.Pairs))
		}
		out = append(out, s)
	}
	return out
}
