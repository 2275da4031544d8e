package stance

import (
	"strings"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Passage is a training example as models/encoder/training reads it.
type Passage struct {
	Task   string  `json:"task"` // statement, targeted or directed
	Label  int     `json:"label"`
	Group  string  `json:"group"` // the article or its topic
	Pieces []int32 `json:"pieces"`
	Shapes []int32 `json:"shapes"`
	Quotes []int32 `json:"quotes"`
	Roles  []int32 `json:"roles"`
}

// The classes of the statement task.
const (
	notTakenUp = iota // the statement does not take up the target
	against
	neither
	favours
	classCount = iota
)

func (p Passage) of(s encoder.Sequence) Passage {
	wide := func(x []uint8) []int32 {
		out := make([]int32, len(x))
		for i, v := range x {
			out[i] = int32(v)
		}
		return out
	}
	p.Pieces, p.Shapes, p.Quotes, p.Roles = s.Pieces, wide(s.Shapes), wide(s.Quotes), wide(s.Roles)
	return p
}

// A Coded row says which side a speaker takes toward a target of the
// configuration in some evidence.
type Coded struct {
	Target   int
	Stance   int // −1, 0 or 1
	Evidence corpus.Span
	Source   string // words of the evidence that name the speaker, or empty
}

// Passages pairs the statements of a document with the targets: with those
// that the coders found taken up, and with those that stand near but were not
// coded. A coded row that no statement holds becomes a passage of its
// evidence. The document needs all layers but stances.
func Passages(t *encoder.Tokenizer, doc *corpus.Document, targets []Target, rows []Coded) []Passage {
	r := newReader(t, doc)
	var out []Passage
	met := make([]bool, len(rows))
	for target := range targets {
		name := nameTarget(t, targets[target])
		for i := range doc.Statements {
			st := &doc.Statements[i]
			near := r.mentions(st, target)
			best, share, touched := -1, 0.0, false
			for k, row := range rows {
				if row.Target != target {
					continue
				}
				common := 0
				for _, c := range st.Content {
					common += max(0, min(c.End, row.Evidence.End)-max(c.Start, row.Evidence.Start))
				}
				if common == 0 {
					continue
				}
				touched = true
				size := 0
				for _, c := range st.Content {
					size += c.Len()
				}
				if s := float64(common) / float64(min(size, row.Evidence.Len())); s > share {
					best, share = k, s
				}
			}
			label := notTakenUp
			switch {
			case share >= 0.5:
				label = rows[best].Stance + neither
				met[best] = true
			case touched || uptake(st, target) == nil:
				continue // unclear, or a pair that Process does not ask about
			}
			out = append(out, Passage{Task: "statement", Label: label, Group: doc.ID}.of(r.passage(st, speakerName(doc, st), name, near)))
		}
		for k, row := range rows {
			if row.Target != target || met[k] {
				continue
			}
			st := corpus.Statement{Content: []corpus.Span{row.Evidence}, Speaker: -1}
			if at := strings.Index(doc.Slice(row.Evidence), row.Source); at >= 0 && row.Source != "" {
				st.Source = []corpus.Span{{Start: row.Evidence.Start + at, End: row.Evidence.Start + at + len(row.Source)}}
			}
			out = append(out, Passage{Task: "statement", Label: row.Stance + neither, Group: doc.ID}.of(r.passage(&st, speakerName(doc, &st), name, r.mentions(&st, target))))
		}
	}
	return out
}

// Uncoded is the label of a passage that nobody coded.
const Uncoded = -100

// UncodedPassages pairs the statements of a document with the targets that
// Process asks about.
func UncodedPassages(t *encoder.Tokenizer, doc *corpus.Document, targets []Target) []Passage {
	r := newReader(t, doc)
	var out []Passage
	for target := range targets {
		name := nameTarget(t, targets[target])
		for i := range doc.Statements {
			st := &doc.Statements[i]
			if uptake(st, target) != nil {
				out = append(out, Passage{Task: "statement", Label: Uncoded, Group: doc.ID}.of(r.passage(st, speakerName(doc, st), name, r.mentions(st, target))))
			}
		}
	}
	return out
}

// TargetedPassage is a row of NewsMTSC with its label −1, 0 or 1.
func TargetedPassage(t *encoder.Tokenizer, doc *corpus.Document, mention corpus.Span, label int) Passage {
	return Passage{Task: "targeted", Label: label}.of(newReader(t, doc).targeted(mention))
}

// DirectedPassage is a row of DSE with its label 0…4.
func DirectedPassage(t *encoder.Tokenizer, doc *corpus.Document, p, q corpus.Span, label int) Passage {
	return Passage{Task: "directed", Label: label}.of(newReader(t, doc).directed(p, q))
}
