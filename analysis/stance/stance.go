// Package stance says which side each statement takes toward each target that
// it takes up.
//
// It needs LayerTokens, LayerSentences, LayerQuotations, LayerTags,
// LayerTargets and LayerStatements, and adds LayerStances.
//
// Three linear heads share one file of features: the sentiment of a sentence
// toward a mention (NewsMTSC; Hamborg & Donnay 2021), the directed sentiment
// of two mentions toward each other (DSE; Park et al. 2021), and the stance of
// a statement toward a target, which is what Process uses.
package stance

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"sync"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Target is one target of the configuration.
type Target struct {
	ID      string
	Name    string
	Kind    string // person, organisation, state, action, event, policy, law
	Aliases []string
}

// Config steers a Stage.
type Config struct {
	// MinConfidence is the probability, 0…1, below which a stance is left
	// undecided (corpus.Abstain).
	MinConfidence float64
	// Targets are those that corpus.TargetMention.Target indexes.
	Targets []Target
}

// A Stage adds stances. It is safe for concurrent use.
type Stage struct {
	trained
	cfg   Config
	views sync.Pool
}

// New reads a trained model, as Train returns it.
func New(model []byte, cfg Config) (*Stage, error) {
	if math.IsNaN(cfg.MinConfidence) || cfg.MinConfidence < 0 || cfg.MinConfidence > 1 {
		return nil, fmt.Errorf("stance: min_confidence is %v: want 0 to 1", cfg.MinConfidence)
	}
	t, err := decode(model)
	if err != nil {
		return nil, err
	}
	s := &Stage{trained: t, cfg: cfg}
	s.views.New = func() any { return new(view) }
	return s, nil
}

// inContext is how far a mention beside the statement's own words is trusted,
// against one within them.
const inContext = 0.6

// maxMentions bounds the mentions of one target that a statement is read by.
const maxMentions = 4

// Process adds LayerStances: for each statement one Stance for each target
// that its content takes up, in the order of the targets. A narrated statement
// (corpus.Described) takes up what
// stands behind its cue in the sentence. A target that
// only stands elsewhere in the statement's sentence counts with less
// confidence; one named only in the source is not taken up.
func (s *Stage) Process(doc *corpus.Document) error {
	if err := doc.Require("stance", corpus.LayerTokens|corpus.LayerSentences|corpus.LayerQuotations|
		corpus.LayerTags|corpus.LayerTargets|corpus.LayerStatements); err != nil {
		return err
	}
	for _, m := range doc.Targets {
		if m.Target < 0 || m.Target >= len(s.cfg.Targets) {
			return fmt.Errorf("stance: document %q takes up target %d of %d: give both stages the same targets", doc.ID, m.Target, len(s.cfg.Targets))
		}
	}
	if len(doc.Targets) > 0 {
		v := s.views.Get().(*view)
		defer s.views.Put(v)
		for i := range doc.Statements {
			s.statement(doc, i, v)
		}
	}
	doc.Add(corpus.LayerStances)
	return nil
}

// A candidate is a mention that a statement may take a side on.
type candidate struct {
	corpus.TargetMention
	trust float64
}

func (s *Stage) statement(doc *corpus.Document, index int, v *view) {
	st := &doc.Statements[index]
	st.Stances = nil
	extent := st.Extent()
	if extent.Len() == 0 {
		return
	}
	around := extent
	if i := doc.SentenceAt(extent.Start); i >= 0 {
		around.Start = min(around.Start, doc.Sentences[i].Start)
	}
	if i := doc.SentenceAt(extent.End - 1); i >= 0 {
		around.End = max(around.End, doc.Sentences[i].End)
	}
	var near []candidate
	first := sort.Search(len(doc.Targets), func(i int) bool { return doc.Targets[i].End > around.Start })
	for _, m := range doc.Targets[first:] {
		if m.Start >= around.End {
			break
		}
		if !around.Overlaps(m.Span) || covered(st.Source, m.Span) {
			continue
		}
		c := candidate{m, m.Confidence}
		if !takesUp(st, around, m.Span) {
			if belongsElsewhere(doc, index, m.Span) {
				continue
			}
			c.trust *= inContext
		}
		near = append(near, c)
	}
	for target := range s.cfg.Targets {
		if len(near) == 0 {
			break
		}
		var found []candidate
		for _, c := range near {
			if c.Target == target {
				found = append(found, c)
			}
		}
		if len(found) > 0 {
			st.Stances = append(st.Stances, s.stance(doc, st, target, best(found), v))
		}
	}
}

// takesUp reports whether a mention stands in the statement's own words: in
// its content or, where the narrator only names the act ("condemned the
// raid"), anywhere from the cue on.
func takesUp(st *corpus.Statement, around, mention corpus.Span) bool {
	if overlaps(st.Content, mention) {
		return true
	}
	return st.Kind == corpus.Described && len(st.Cue) > 0 && st.Cue[0].Start <= mention.Start && mention.End <= around.End
}

// belongsElsewhere reports whether a mention stands in the content of another
// statement.
func belongsElsewhere(doc *corpus.Document, index int, mention corpus.Span) bool {
	// statements stand in the order of the text: others with it are near
	for i := max(0, index-neighbours); i < min(len(doc.Statements), index+neighbours); i++ {
		if i != index && overlaps(doc.Statements[i].Content, mention) {
			return true
		}
	}
	return false
}

const neighbours = 16

// best keeps the most trusted candidates, in the order of the text.
func best(found []candidate) []candidate {
	top := 0.0
	for _, c := range found {
		top = max(top, c.trust)
	}
	kept := found[:0]
	for _, c := range found {
		if c.trust >= top*0.75 && len(kept) < maxMentions {
			kept = append(kept, c)
		}
	}
	return kept
}

// stance averages what the head says for each mention, by how far each is
// trusted.
func (s *Stage) stance(doc *corpus.Document, st *corpus.Statement, target int, found []candidate, v *view) corpus.Stance {
	var mean, probs [3]float64
	total, strongest := 0.0, -1.0
	out := corpus.Stance{Target: target}
	trust := 0.0
	for _, c := range found {
		scope := scopeOf(doc, st, c.Span)
		v.load(doc, doc.TokensIn(scope))
		mention := doc.TokensIn(c.Span)
		s.models[statementHead].Probabilities(v.features(query{mention: mention, kind: s.cfg.Targets[target].Kind, cue: v.cue(doc, st), side: true}), probs[:])
		for k, p := range probs {
			mean[k] += c.trust * p
		}
		total += c.trust
		trust = max(trust, c.trust)
		if strength := c.trust * math.Abs(probs[2]-probs[0]); strength > strongest {
			strongest = strength
			out.Mention = c.Span
			out.Evidence = evidence(st, scope, c.Span)
		}
	}
	if total > 0 {
		for k := range mean {
			mean[k] /= total
		}
	}
	label := likeliest(mean[:])
	out.Score = mean[2] - mean[0]
	out.Confidence = mean[label] * trust
	if out.Confidence >= s.cfg.MinConfidence {
		out.Label = [...]corpus.StanceLabel{corpus.Against, corpus.Neither, corpus.For}[label]
	}
	return out
}

// maxScope bounds the words that a stance is read from: the length of evidence
// that the head was trained on.
const maxScope = 420 // bytes

// scopeOf is the stretch of text that a statement's stance toward a mention is
// read from: the whole statement where it is short, with the rest of the
// sentence where the mention stands outside of its content; else the
// statement's part in the mention's sentence.
func scopeOf(doc *corpus.Document, st *corpus.Statement, mention corpus.Span) corpus.Span {
	extent := st.Extent()
	scope := corpus.Span{Start: min(extent.Start, mention.Start), End: max(extent.End, mention.End)}
	sentence := scope
	if i := doc.SentenceAt(mention.Start); i >= 0 && doc.Sentences[i].Contains(mention) {
		sentence = doc.Sentences[i].Span
	}
	if !overlaps(st.Content, mention) {
		scope.End = max(scope.End, sentence.End)
	}
	if scope.Len() <= maxScope {
		return scope
	}
	return corpus.Span{Start: max(scope.Start, sentence.Start), End: min(scope.End, sentence.End)}
}

// evidence is the span of content that holds the mention, cut to the scope, or
// the scope where none does.
func evidence(st *corpus.Statement, scope, mention corpus.Span) corpus.Span {
	for _, c := range st.Content {
		cut := corpus.Span{Start: max(c.Start, scope.Start), End: min(c.End, scope.End)}
		if c.Overlaps(mention) && cut.Len() > 0 {
			return cut
		}
	}
	return scope
}

func overlaps(list []corpus.Span, s corpus.Span) bool {
	for _, o := range list {
		if o.Overlaps(s) {
			return true
		}
	}
	return false
}

func covered(list []corpus.Span, s corpus.Span) bool {
	for _, o := range list {
		if o.Contains(s) {
			return true
		}
	}
	return false
}

// TargetedPredict gives the sentiment of a sentence toward a mention: its
// label −1, 0 or 1, its score P(1) − P(−1), and the probabilities of −1, 0 and
// 1. The document needs LayerTokens, LayerSentences and LayerTags, and
// LayerQuotations helps.
func (s *Stage) TargetedPredict(doc *corpus.Document, mention corpus.Span) (label int, score float64, probs [3]float64) {
	v := s.views.Get().(*view)
	defer s.views.Put(v)
	s.models[targetedHead].Probabilities(v.targeted(doc, mention), probs[:])
	return likeliest(probs[:]) - 1, probs[2] - probs[0], probs
}

// DirectedPredict gives the directed sentiment of a sentence that holds the
// mentions p and q: 0 neutral, 1 p is positive toward q, 2 q toward p, 3 p is
// negative toward q, 4 q toward p. The score is P(1) + P(2) − P(3) − P(4). The
// document needs what TargetedPredict needs.
func (s *Stage) DirectedPredict(doc *corpus.Document, p, q corpus.Span) (label int, score float64) {
	v := s.views.Get().(*view)
	defer s.views.Put(v)
	vec, swapped := v.pair(doc, p, q)
	probs := s.trained.directed(vec)
	label = decide(probs[:], s.directedOffset[:])
	if swapped {
		label = mirrored[label]
	}
	return label, probs[1] + probs[2] - probs[3] - probs[4]
}

// mirrored are the labels of DirectedPredict with p and q exchanged.
var mirrored = [...]int{0, 2, 1, 4, 3}

// decide returns the class of the highest log probability plus offset.
func decide(probs, offset []float64) int {
	top, at := math.Inf(-1), 0
	for c, p := range probs {
		if x := math.Log(max(p, 1e-12)) + offset[c]; x > top {
			top, at = x, c
		}
	}
	return at
}

// likeliest returns the class of the highest probability, the first of equals.
func likeliest(probs []float64) int {
	at := 0
	for c, p := range probs {
		if p > probs[at] {
			at = c
		}
	}
	return at
}

// join is the distribution over DirectedPredict's labels: no side, for or
// against, times the direction.
func join(polarity, direction []float64) [5]float64 {
	return [5]float64{polarity[0],
		polarity[1] * direction[0], polarity[1] * direction[1],
		polarity[2] * direction[0], polarity[2] * direction[1]}
}

// The linear models, in the order of the model file.
const (
	targetedHead  = iota // against, neither, for
	polarityHead         // of a pair: neutral, positive, negative
	directionHead        // of a pair that takes a side: p toward q, q toward p
	statementHead        // against, neither, for
	numHeads
)

var (
	headClasses = [numHeads]int{3, 3, 2, 3}
	headNames   = [numHeads]string{"targeted", "polarity", "direction", "statement"}
)

// trained is what the model file holds: the models, and the offsets that the
// decision of the directed task adds to the log probabilities.
type trained struct {
	models         [numHeads]*linear.Model
	directedOffset [5]float64
}

func (t *trained) directed(v *linear.Vector) [5]float64 {
	var polarity [3]float64
	var direction [2]float64
	return join(t.models[polarityHead].Probabilities(v, polarity[:]), t.models[directionHead].Probabilities(v, direction[:]))
}

var errModel = errors.New("stance: the model file is damaged or of another version: train it again (standpoint train stance)")
