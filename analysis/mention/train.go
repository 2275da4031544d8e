package mention

import (
	"errors"
	"fmt"
	"math"
	"slices"
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
// source of each coded expression overlaps that of one of its statements; Judged
// are the statements as they were found, each with the coded speakers of the
// passages that it shares most with among them.
type CodedArticle struct {
	Doc    *corpus.Document
	Coded  []Coded
	Judged []Judged
	Meant  []Meant // pronouns, for the linker
}

// copied is the document, to be resolved without a trace in the article.
func (a CodedArticle) copied() *corpus.Document {
	doc := *a.Doc
	doc.Entities, doc.Statements = slices.Clone(a.Doc.Entities), slices.Clone(a.Doc.Statements)
	return &doc
}

// A Judged statement is one as it was found, with what coders say of its place.
type Judged struct {
	Statement corpus.Statement
	Speakers  []string // one a coded row; none where nobody coded a statement there
}

// Settings are the choices of training that were tuned on the coded articles.
type Settings struct {
	L2       float64
	MinCount int // rarer features are dropped
	Folds    int // of articles, to fit the temperature and to score; 2 or more

	JudgedL2  float64                        // as L2, of the confidence
	MinJudged int                            // as MinCount, of the confidence
	SureWrong float64                        // largest share of coded statements that may have a wrong speaker of confidence Sure or more
	Agree     func(ours, coders string) bool // whether two names are of one speaker
}

// DefaultSettings made the shipped ranker.
var DefaultSettings = Settings{L2: 4, MinCount: 3, Folds: 5, JudgedL2: 16, MinJudged: 10, SureWrong: 0.045}

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
	silver  bool   // of the linker: told by gender or number, not coded
}

// Trained is what training scored in articles that were not fitted on.
type Trained struct {
	Speakers    []Score
	Links       []Score // of the linker, where the antecedent was named before
	Calibration Calibration
}

// Train fits the ranker of antecedents: a conditional logit over the rivals of an
// anaphor and "none of them", its temperature fitted on held-out folds (Denis &
// Baldridge 2007 rank antecedents so). The same articles in the same order give
// the same bytes.
func Train(c *Catalogue, articles []CodedArticle, s Settings) ([]byte, Trained, error) {
	var lessons []lesson
	for i, a := range articles {
		if err := a.Doc.Require("speakers", speakersNeed); err != nil {
			return nil, Trained{}, err
		}
		lessons = append(lessons, learn(c, i, a)...)
	}
	if len(lessons) == 0 {
		return nil, Trained{}, errors.New("speakers: the coded articles hold no pronoun or description to learn from")
	}
	folds, held, err := fitFolds(lessons, s)
	if err != nil {
		return nil, Trained{}, fmt.Errorf("speakers: %w", err)
	}
	answers := make([]int, len(lessons))
	for i, l := range lessons {
		held[i] = append(held[i], 0) // "none of them"
		answers[i] = len(l.rivals)
		for k, right := range l.right {
			if right {
				answers[i] = k // the nearest mention of the speaker
				break
			}
		}
	}
	temperature := linear.FitTemperature(held, answers)
	m, err := fitRanker(lessons, -1, s)
	if err != nil {
		return nil, Trained{}, fmt.Errorf("speakers: %w", err)
	}
	m.SetTemperature(temperature)
	for _, fold := range folds {
		fold.SetTemperature(temperature)
	}
	linkers, linker, links, err := trainLinker(c, articles, s)
	if err != nil {
		return nil, Trained{}, fmt.Errorf("speakers: %w", err)
	}
	confidence, calibration, err := trainConfidence(c, articles, folds, linkers, s)
	if err != nil {
		return nil, Trained{}, fmt.Errorf("speakers: %w", err)
	}
	out, err := model{m, linker, confidence}.marshal()
	return out, Trained{score(lessons, held, temperature), links, calibration}, err
}

// fitRanker fits a ranker on all lessons but those of one fold of articles.
func fitRanker(lessons []lesson, skip int, s Settings) (*linear.Model, error) {
	var choices []linear.Choice
	for _, l := range lessons {
		if l.article%s.Folds != skip {
			choices = append(choices, linear.Choice{Options: l.rivals, Right: l.right})
		}
	}
	return linear.TrainRanker(choices, linear.Options{L2: s.L2, MinCount: s.MinCount})
}

// fitFolds fits the ranker without each fold in turn; held are the scores of each
// lesson's rivals by the one that did not see it.
func fitFolds(lessons []lesson, s Settings) (folds []*linear.Model, held [][]float64, err error) {
	held = make([][]float64, len(lessons))
	for fold := range s.Folds {
		m, err := fitRanker(lessons, fold, s)
		if err != nil {
			return nil, nil, err
		}
		folds = append(folds, m)
		for i, l := range lessons {
			for k := range l.rivals {
				if l.article%s.Folds == fold {
					scores := m.Scores(&l.rivals[k], nil)
					held[i] = append(held[i], scores[1]-scores[0])
				}
			}
		}
	}
	return folds, held, nil
}

// trainConfidence fits how likely a settled speaker is right to what coders say:
// a logistic regression on how the statement came by the speaker. The rankers
// are those that did not see the article.
func trainConfidence(c *Catalogue, articles []CodedArticle, folds, linkers []*linear.Model, s Settings) (*linear.Model, Calibration, error) {
	var verdicts []linear.Judgement // speakers that the resolver settled where coders named one
	for i, a := range articles {
		verdicts = append(verdicts, judge(c, i, a, model{ranker: folds[i%len(folds)], linker: linkers[i%len(linkers)]}, s.Agree)...)
	}
	if len(verdicts) == 0 {
		return nil, Calibration{}, errors.New("the coded articles hold no statement whose speaker is coded")
	}
	m, held, err := linear.TrainLogistic(verdicts, s.Folds, linear.Options{L2: s.JudgedL2, MinCount: s.MinJudged})
	if err != nil {
		return nil, Calibration{}, err
	}
	out := calibration(verdicts, held, 0)
	for step := 1; float64(out.SureWrong) > s.SureWrong*float64(out.Judged); step++ {
		out = calibration(verdicts, held, float64(step)*doubtStep)
	}
	m.AddBias(1, -out.Doubt)
	return m, out, nil
}

// doubtStep is by what the log odds of all speakers are lowered, and again, until
// few are wrong and sure.
const doubtStep = 0.05

// Sure is the confidence from which users take a speaker as given.
const Sure = 0.8

// judge runs the resolver over the statements as they were found and notes how
// those came by their speakers where coders named one.
func judge(c *Catalogue, article int, a CodedArticle, m model, agree func(ours, coders string) bool) []linear.Judgement {
	doc := a.copied()
	doc.Statements = make([]corpus.Statement, len(a.Judged))
	for i := range a.Judged {
		doc.Statements[i] = a.Judged[i].Statement
	}
	r := newResolver(c, doc)
	r.model = m
	var out []linear.Judgement
	r.record = func(i int, ref *referent, v *linear.Vector) {
		features := linear.Vector{Keys: slices.Clone(v.Keys), Values: slices.Clone(v.Values)}
		for _, name := range a.Judged[i].Speakers {
			best := ref.candidates[0].Entity
			right := agree(doc.Entities[best].Name, name)
			for _, e := range r.members[best] {
				right = right || agree(doc.Entities[e].Name, name)
			}
			out = append(out, linear.Judgement{Group: article, Features: features, Right: right})
		}
	}
	r.statements(0)
	return out
}

// A Calibration says what the confidence of speakers is worth in articles that
// it was not fitted on.
type Calibration struct {
	Judged    int
	Right     int
	Loss      float64 // mean log loss, in nats
	Error     float64 // expected calibration error over ten bins, 0…1
	Doubt     float64 // taken off the log odds, so that few are wrong and sure
	Sure      int     // with the confidence Sure or more
	SureWrong int
}

// calibration scores held-out log odds, less the doubt.
func calibration(verdicts []linear.Judgement, held []float64, doubt float64) Calibration {
	out := Calibration{Judged: len(verdicts), Doubt: doubt}
	var stated, right [10]float64
	for i, v := range verdicts {
		p := 1 / (1 + math.Exp(doubt-held[i]))
		bin := min(9, int(p*10))
		stated[bin] += p
		likely := 1 - p
		if v.Right {
			likely = p
		}
		out.Loss -= math.Log(max(likely, 1e-9)) / float64(len(verdicts))
		if p >= Sure {
			out.Sure++
			if !v.Right {
				out.SureWrong++
			}
		}
		if v.Right {
			out.Right++
			right[bin]++
		}
	}
	for b := range stated {
		out.Error += math.Abs(stated[b]-right[b]) / float64(max(1, len(verdicts)))
	}
	return out
}

// learn runs the resolver over an article with the coders' answers in the place
// of the ranker's.
func learn(c *Catalogue, article int, a CodedArticle) []lesson {
	var lessons []lesson
	doc := a.copied()
	r := newResolver(c, doc)
	r.teach = func(an *anaphor, rivals []rival) []corpus.Candidate {
		if an.statement < 0 {
			return nil
		}
		var speakers []string
		for _, coded := range a.Coded {
			for _, s := range doc.Statements[an.statement].Source {
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
