package mention

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Coded expression is a source whose speaker a coder named in full.
type Coded struct {
	Source  corpus.Span
	Speaker string
}

// A CodedArticle is a document with all layers up to LayerStatements. The
// source of each coded expression overlaps that of one of its statements.
type CodedArticle struct {
	Doc   *corpus.Document
	Coded []Coded
}

// Settings are the choices of training that were tuned on the coded articles.
type Settings struct {
	L2       float64
	MinCount int // rarer features are dropped
	Folds    int // of articles, to fit the temperature and to score; 2 or more
}

// DefaultSettings made the shipped ranker.
var DefaultSettings = Settings{L2: 4, MinCount: 3, Folds: 5}

// A Score counts the anaphors of one class in articles that the ranker was not
// fitted on.
type Score struct {
	Class    string
	Anaphors int
	Reach    int     // the speaker is among the rivals
	Right    int     // the likeliest answer, "none of them" included, is right
	Error    float64 // expected calibration error of the answer over ten bins, 0…1
}

var classNames = map[anaphorClass]string{he: "he", she: "she", they: "they", it: "it", role: "the senator", body: "the ministry", written: "the report"}

// A lesson is one anaphor with its rivals and the answer.
type lesson struct {
	article int
	class   anaphorClass
	rivals  []linear.Vector
	right   []bool // by rival
}

// Train fits the ranker of antecedents: a conditional logit over the rivals of an
// anaphor and "none of them", its temperature fitted on held-out folds (Denis &
// Baldridge 2007 rank antecedents so). The same articles in the same order give
// the same bytes.
func Train(c *Catalogue, articles []CodedArticle, s Settings) ([]byte, []Score, error) {
	var lessons []lesson
	for i, a := range articles {
		if err := a.Doc.Require("speakers", speakersNeed); err != nil {
			return nil, nil, err
		}
		lessons = append(lessons, learn(c, i, a)...)
	}
	if len(lessons) == 0 {
		return nil, nil, errors.New("speakers: the coded articles hold no pronoun or description to learn from")
	}
	fit := func(skip int) (*linear.Model, error) {
		var choices []linear.Choice
		for _, l := range lessons {
			if l.article%s.Folds != skip {
				choices = append(choices, linear.Choice{Options: l.rivals, Right: l.right})
			}
		}
		return linear.TrainRanker(choices, linear.Options{L2: s.L2, MinCount: s.MinCount})
	}

	// Held-out scores of all answers, "none of them" last.
	held := make([][]float64, len(lessons))
	for fold := range s.Folds {
		m, err := fit(fold)
		if err != nil {
			return nil, nil, fmt.Errorf("speakers: %w", err)
		}
		for i, l := range lessons {
			if l.article%s.Folds != fold {
				continue
			}
			for k := range l.rivals {
				scores := m.Scores(&l.rivals[k], nil)
				held[i] = append(held[i], scores[1]-scores[0])
			}
			held[i] = append(held[i], 0)
		}
	}
	answers := make([]int, len(lessons))
	for i, l := range lessons {
		answers[i] = len(l.rivals)
		for k, right := range l.right {
			if right {
				answers[i] = k // the nearest mention of the speaker
				break
			}
		}
	}
	temperature := linear.FitTemperature(held, answers)
	m, err := fit(-1)
	if err != nil {
		return nil, nil, fmt.Errorf("speakers: %w", err)
	}
	m.SetTemperature(temperature)
	model, err := m.MarshalBinary()
	return model, score(lessons, held, temperature), err
}

// learn runs the resolver over an article with the coders' answers in the place
// of the ranker's.
func learn(c *Catalogue, article int, a CodedArticle) []lesson {
	var lessons []lesson
	r := newResolver(c, a.Doc)
	r.teach = func(an *anaphor, rivals []rival) []corpus.Candidate {
		if an.statement < 0 {
			return nil
		}
		var speakers []string
		for _, coded := range a.Coded {
			for _, s := range a.Doc.Statements[an.statement].Source {
				if s.Overlaps(coded.Source) {
					speakers = append(speakers, coded.Speaker)
				}
			}
		}
		if len(speakers) == 0 {
			return nil
		}
		l := lesson{article: article, class: an.class}
		var answer []corpus.Candidate
		for i := range rivals {
			var v linear.Vector
			r.features(an, &rivals[i], &v)
			right := false
			for _, name := range speakers {
				right = right || r.means(rivals[i].entity, name)
			}
			if right && len(answer) == 0 {
				answer = []corpus.Candidate{{Entity: rivals[i].entity, Confidence: 1}}
			}
			l.rivals, l.right = append(l.rivals, v), append(l.right, right)
		}
		lessons = append(lessons, l)
		return answer
	}
	r.statements(0)
	return lessons
}

// means reports whether a coder's name for a speaker is one of the entity's.
func (r *resolver) means(e int, name string) bool {
	ent := &r.doc.Entities[e]
	if k, ok := r.names[name]; ok {
		return r.specs[k.spec].ID == ent.ID
	}
	words := strings.Fields(strings.ToLower(strings.TrimPrefix(name, "unnamed ")))
	if len(words) == 0 {
		return false
	}
	for _, have := range append([]string{ent.Name}, ent.Aliases...) {
		own := strings.Fields(strings.ToLower(strings.TrimPrefix(have, "unnamed ")))
		if within(own, words) || within(words, own) && (len(words) > 1 || ent.Type != corpus.Unnamed) {
			return true
		}
	}
	return ent.Type == corpus.Person && len(words) > 1 && surname(words) == surname(strings.Fields(strings.ToLower(ent.Name)))
}

func within(a, b []string) bool {
	if len(a) == 0 {
		return false
	}
	for _, w := range a {
		found := false
		for _, o := range b {
			found = found || strings.Trim(w, ".") == strings.Trim(o, ".")
		}
		if !found {
			return false
		}
	}
	return true
}

func score(lessons []lesson, held [][]float64, temperature float64) []Score {
	var out []Score
	for class := he; class <= written; class++ {
		s := Score{Class: classNames[class]}
		var n, stated, right [10]float64
		for i, l := range lessons {
			if l.class != class {
				continue
			}
			s.Anaphors++
			reach := false
			for _, r := range l.right {
				reach = reach || r
			}
			if reach {
				s.Reach++
			}
			best, sum := 0, 0.0
			for k, x := range held[i] {
				sum += math.Exp(x / temperature)
				if x > held[i][best] {
					best = k
				}
			}
			p := math.Exp(held[i][best]/temperature) / sum
			bin := min(9, int(p*10))
			n[bin]++
			stated[bin] += p
			if best < len(l.right) && l.right[best] || best == len(l.right) && !reach {
				s.Right++
				right[bin]++
			}
		}
		if s.Anaphors == 0 {
			continue
		}
		for b := range n {
			s.Error += math.Abs(stated[b]-right[b]) / float64(s.Anaphors)
		}
		out = append(out, s)
	}
	return out
}
