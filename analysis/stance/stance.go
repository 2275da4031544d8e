// Package stance says which side each statement takes toward each target that
// it takes up.
//
// It needs LayerSentences, LayerQuotations, LayerTargets, LayerStatements and
// LayerSpeakers, and adds LayerStances.
//
// An encoder of its own reads each pair of a statement and a target that it
// names or implies: the statement's sentences with the one before, each word
// marked with the part that it plays (who says it, what is said, what means
// the target), then the speaker's name and the target's. Heads on the pooled
// vectors give the stance of the statement toward the target, which is what
// Process uses, and, by the same passages, the sentiment of a sentence toward a
// mention (NewsMTSC; Hamborg & Donnay, 2021) and that of two mentions toward
// each other (DSE; Park et al., 2021).
package stance

import (
	"fmt"
	"math"
	"sync"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/encoder/kernel"
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
	// MinConfidence is the confidence, 0…1, below which a stance is left
	// undecided (corpus.Abstain).
	MinConfidence float64
	// Targets are those that corpus.TargetMention.Target indexes.
	Targets []Target
}

// A Model is the encoder of passages with its heads. It is safe for concurrent
// use.
type Model struct {
	pieces  *encoder.Tokenizer
	encoder *encoder.Model
	heads   *heads
	scratch sync.Pool
}

// Load reads a model as models/encoder/training exports it.
func Load(pieces *encoder.Tokenizer, t *encoder.Tensors) (*Model, error) {
	e, err := encoder.New(t)
	if err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	h, err := newHeads(t, e.Width())
	if err != nil {
		return nil, err
	}
	return &Model{pieces: pieces, encoder: e, heads: h, scratch: sync.Pool{New: func() any { return new(scratch) }}}, nil
}

// A Stage adds stances. It is safe for concurrent use.
type Stage struct {
	*Model
	targets []named
	minimum float64
}

// Stage is the stage that asks the model for the targets of a configuration.
func (m *Model) Stage(cfg Config) (*Stage, error) {
	if math.IsNaN(cfg.MinConfidence) || cfg.MinConfidence < 0 || cfg.MinConfidence > 1 {
		return nil, fmt.Errorf("stance: min_confidence is %v: want 0 to 1", cfg.MinConfidence)
	}
	s := &Stage{Model: m, minimum: cfg.MinConfidence}
	for _, target := range cfg.Targets {
		s.targets = append(s.targets, nameTarget(m.pieces, target))
	}
	return s, nil
}

// A question is a passage to classify.
type question struct {
	encoder.Sequence
	statement int
	*corpus.Uptake
	near []corpus.TargetMention // in order
}

// Chosen for the F1 of sides on the mission's dev set.
const (
	// leastTakenUp is the probability that a statement takes up a target,
	// below which it has no stance toward it.
	leastTakenUp = 0.45
	// leastScore is how far from 0 a score takes a side.
	leastScore = 0.1
)

// Process adds LayerStances: for each statement one Stance for each target
// that it takes up, of those that Statement.TakenUp offers.
func (s *Stage) Process(doc *corpus.Document) error {
	if err := doc.Require("stance", corpus.LayerSentences|corpus.LayerQuotations|corpus.LayerTargets|corpus.LayerStatements|corpus.LayerSpeakers); err != nil {
		return err
	}
	doc.Add(corpus.LayerStances)
	var r *reader
	var questions []question
	for i := range doc.Statements {
		st := &doc.Statements[i]
		st.Stances = nil
		for k := range st.TakenUp {
			u := &st.TakenUp[k]
			if u.Target < 0 || u.Target >= len(s.targets) {
				return fmt.Errorf("stance: document %q takes up target %d of %d: give both stages the same targets", doc.ID, u.Target, len(s.targets))
			}
			if r == nil {
				r = newReader(s.pieces, doc)
			}
			near := r.mentions(st, u.Target)
			questions = append(questions, question{r.passage(st, speakerName(doc, st), s.targets[u.Target], near), i, u, near})
		}
	}
	return s.answer(questions, taskStatement, func(q question, probs []float64) {
		if 1-probs[notTakenUp] < leastTakenUp {
			return
		}
		st := &doc.Statements[q.statement]
		st.Stances = append(st.Stances, s.judge(st, q, probs))
	})
}

// judge turns the probabilities of the classes into a stance.
func (s *Stage) judge(st *corpus.Statement, q question, probs []float64) corpus.Stance {
	out := corpus.Stance{Target: q.Target, Mention: q.Mention, Score: (probs[favours] - probs[against]) / (1 - probs[notTakenUp])}
	trust := q.Confidence
	if q.Named {
		trust = 0
		for _, m := range q.near {
			trust = max(trust, m.Confidence)
		}
	}
	out.Evidence = evidence(st, out.Mention)
	label := neither
	switch {
	case out.Score >= leastScore:
		label = favours
	case out.Score <= -leastScore:
		label = against
	}
	out.Confidence = assured(probs[label]*trust, label)
	if out.Confidence >= s.minimum {
		out.Label = [...]corpus.StanceLabel{against: corpus.Against, neither: corpus.Neither, favours: corpus.For}[label]
	}
	return out
}

// assured is how often coders of the mission's train articles give the speaker
// the label that has a probability there: a logistic regression (Platt, 1999)
// on 6,727 stances. The product of probabilities alone is too low.
func assured(p float64, label int) float64 {
	const slope, shift, ofNeither = 0.73, 1.04, -0.98
	p = min(0.99, max(0.01, p))
	x := slope*math.Log(p/(1-p)) + shift
	if label == neither {
		x += ofNeither
	}
	return 1 / (1 + math.Exp(-x))
}

// evidence is the span of content that holds the mention, else the first; the
// whole statement where nothing is said.
func evidence(st *corpus.Statement, mention corpus.Span) corpus.Span {
	for _, c := range st.Content {
		if c.Overlaps(mention) {
			return c
		}
	}
	if len(st.Content) == 0 {
		return st.Extent()
	}
	return st.Content[0]
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
// label −1, 0 or 1 and its score P(1) − P(−1). The document needs
// LayerSentences and LayerQuotations.
func (m *Model) TargetedPredict(doc *corpus.Document, mention corpus.Span) (label int, score float64, err error) {
	q := question{Sequence: newReader(m.pieces, doc).targeted(mention)}
	err = m.answer([]question{q}, taskTargeted, func(_ question, probs []float64) {
		label, score = likeliest(probs)-1, probs[2]-probs[0]
	})
	return label, score, err
}

// DirectedPredict gives the directed sentiment of a sentence that holds the
// mentions p and q: 0 neutral, 1 p is positive toward q, 2 q toward p, 3 p is
// negative toward q, 4 q toward p. The score is P(1) + P(2) − P(3) − P(4). The
// document needs what TargetedPredict needs.
func (m *Model) DirectedPredict(doc *corpus.Document, p, q corpus.Span) (label int, score float64, err error) {
	asked := question{Sequence: newReader(m.pieces, doc).directed(p, q)}
	err = m.answer([]question{asked}, taskDirected, func(_ question, probs []float64) {
		label, score = likeliest(probs), probs[1]+probs[2]-probs[3]-probs[4]
	})
	return label, score, err
}

// Given says which side a statement takes toward a target that it is known to
// take up: −1, 0 or 1, with the probability that this is right. The document
// needs what Process needs, and need not hold the statement.
func (s *Stage) Given(doc *corpus.Document, st *corpus.Statement, target int) (label int, confidence float64, err error) {
	r := newReader(s.pieces, doc)
	q := question{Sequence: r.passage(st, speakerName(doc, st), s.targets[target], r.mentions(st, target))}
	err = s.answer([]question{q}, taskStatement, func(_ question, probs []float64) {
		side := likeliest(probs[against:])
		label, confidence = side-1, probs[against+side]/(1-probs[notTakenUp])
	})
	return label, confidence, err
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

// The tasks, each with its head.
const (
	taskStatement = iota
	taskTargeted
	taskDirected
)

var tasks = [...]struct {
	name    string
	classes int
}{{"statement", classCount}, {"targeted", 3}, {"directed", 5}}

// heads turn the vectors of a passage into the probabilities of a task's
// classes.
type heads struct {
	pool        encoder.Linear
	sides       [len(tasks)]struct{ weight, bias []float32 }
	temperature []float32 // of each task (Guo et al., 2017)
}

func newHeads(t *encoder.Tensors, width int) (*heads, error) {
	l := encoder.NewLoader(t, "stance.")
	h := &heads{pool: l.Linear("pool", width, 3*width), temperature: l.Floats("temperature", len(tasks))}
	for i, task := range tasks {
		h.sides[i].weight, h.sides[i].bias = l.Floats(task.name+".weight", task.classes, width), l.Floats(task.name+".bias", task.classes)
	}
	if err := l.Err(); err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	return h, nil
}

type scratch struct {
	encoder              encoder.Workspace
	batch                []encoder.Sequence
	pooled, hidden, side []float32
}

// batchSize is the number of pieces from which on a batch is full: a layer's
// weights are fetched once for all of them.
const batchSize = 512

// answer gives the probabilities of a task's classes for each question, in
// order.
func (m *Model) answer(questions []question, task int, each func(q question, probs []float64)) error {
	sc := m.scratch.Get().(*scratch)
	defer m.scratch.Put(sc)
	width, classes, head := m.encoder.Width(), tasks[task].classes, m.heads.sides[task]
	probs := make([]float64, classes)
	for len(questions) > 0 {
		n, size := 0, 0
		sc.batch = sc.batch[:0]
		for ; n < len(questions) && size < batchSize; n++ {
			size += len(questions[n].Pieces)
			sc.batch = append(sc.batch, pooled(questions[n].Sequence))
		}
		x, err := m.encoder.Encode(&sc.encoder, sc.batch...)
		if err != nil {
			return err
		}
		sc.pooled, sc.hidden, sc.side = grow(sc.pooled, n*3*width), grow(sc.hidden, n*width), grow(sc.side, n*classes)
		for i, seq := range sc.batch {
			row := sc.pooled[i*3*width : (i+1)*3*width]
			copy(row, x[:width])
			mean(row[width:2*width], x, seq, roleContent)
			mean(row[2*width:], x, seq, roleMention)
			x = x[len(seq.Wanted)*width:]
		}
		sc.encoder.Apply(sc.hidden, sc.pooled, n, m.heads.pool)
		kernel.GELU(sc.hidden)
		kernel.MatMulT(sc.side, sc.hidden, head.weight, n, classes, width)
		for i, q := range questions[:n] {
			for c := range probs {
				probs[c] = float64((sc.side[i*classes+c] + head.bias[c]) / m.heads.temperature[task])
			}
			softmax(probs)
			each(q, probs)
		}
		questions = questions[n:]
	}
	return nil
}

// pooled asks for the vectors that the heads pool: of CLS, content and mentions.
func pooled(s encoder.Sequence) encoder.Sequence {
	s.Wanted = make([]int32, 0, len(s.Pieces))
	for i, r := range s.Roles {
		if i == 0 || r == roleContent || r == roleMention {
			s.Wanted = append(s.Wanted, int32(i))
		}
	}
	return s
}

// mean sets dst to the mean of the rows of x, the wanted ones of the sequence,
// that play the role, or 0.
func mean(dst, x []float32, seq encoder.Sequence, role uint8) {
	clear(dst)
	n := 0
	for i, p := range seq.Wanted {
		if seq.Roles[p] != role {
			continue
		}
		n++
		for k, v := range x[i*len(dst) : (i+1)*len(dst)] {
			dst[k] += v
		}
	}
	for k := range dst {
		dst[k] /= float32(max(1, n))
	}
}

func softmax(x []float64) {
	top := x[likeliest(x)]
	sum := 0.0
	for i, v := range x {
		x[i] = math.Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
