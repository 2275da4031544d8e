package stance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/james-bowman/nlp"
	"github.com/james-bowman/sparse"
	"gonum.org/v1/gonum/mat"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A TargetedRow is a sentence with the sentiment toward one mention: −1, 0 or 1.
type TargetedRow struct {
	Text    string
	Mention corpus.Span // bytes of Text
	Label   int
}

// A DirectedRow is a sentence with the directed sentiment of two mentions, as
// DirectedPredict spells it.
type DirectedRow struct {
	Text  string
	P, Q  corpus.Span // bytes of Text
	Label int
}

// A StatementRow is a coded statement: its evidence within an article, and its
// stance −1, 0 or 1 toward a target of some kind.
type StatementRow struct {
	Article  string      // the article's text
	Evidence corpus.Span // bytes of Article
	Mention  string      // the words that take the target up, or empty
	Aliases  []string    // other words for the target
	Source   string      // the words that name the speaker, or empty
	Kind     string
	Stance   int
}

// Data is what Train learns from.
type Data struct {
	Targeted  []TargetedRow
	Directed  []DirectedRow
	Statement []StatementRow
}

// Settings are the choices of training that were tuned on the dev sets.
type Settings struct {
	L2       [numHeads]float64 // strength of the prior: targeted, polarity, direction, statement
	MinCount [numHeads]int     // rarer features are dropped
	// Weights of the rows that the other tasks lend to the statement head: a
	// targeted row tells of the stance toward a person, a directed row of that
	// toward its object. A statement that names its speaker and its target is a
	// directed pair in turn.
	TargetedAsStatement, DirectedAsStatement, StatementAsDirected float64
	// Iterations bounds the steps of L-BFGS; 0 leaves it to linear.
	Iterations int
}

// DefaultSettings are those of the shipped model.
var DefaultSettings = Settings{
	L2:                  [numHeads]float64{150, 20, 8, 150},
	MinCount:            [numHeads]int{2, 2, 2, 3},
	TargetedAsStatement: 0.3,
	DirectedAsStatement: 0.2,
	StatementAsDirected: 0.5,
}

// Train learns the three heads and returns the model file. prepare must lay
// tokens, sentences, quotations and tags over a text, as the pipeline does.
// The same rows give the same file to the byte.
//
// A quarter of the texts, drawn by hash, is first held out to fit each head's
// temperature (Guo et al. 2017) and its decision offsets; the shipped weights
// then learn from all rows.
func Train(data Data, set Settings, prepare func(text string) *corpus.Document) ([]byte, error) {
	b := builder{prepare: prepare, docs: map[string]*corpus.Document{}}
	sets, err := b.rows(data, set)
	if err != nil {
		return nil, err
	}
	trained, err := fitAll(sets, set)
	if err != nil {
		return nil, err
	}
	return trained.encode()
}

// fitAll trains the heads, and tunes the decision of the directed task, whose
// classes are far from even, for macro-F1. The others take the likeliest class.
func fitAll(sets [numHeads]rows, set Settings) (t trained, err error) {
	var part trained // learnt without the held-out rows
	for i := range sets {
		t.models[i], part.models[i], err = sets[i].fit(linear.Options{Classes: headClasses[i], L2: set.L2[i],
			MinCount: set.MinCount[i], Iterations: set.Iterations, Scale: inverseFrequency})
		if err != nil {
			return t, fmt.Errorf("stance: %s: %w", headNames[i], err)
		}
	}
	pairs := &sets[polarityHead]
	var probs [][]float64
	var labels []int
	for i := range pairs.examples {
		if pairs.held[i] {
			p := part.directed(&pairs.examples[i].Vector)
			probs = append(probs, p[:])
			labels = append(labels, pairs.labels[i])
		}
	}
	t.directedOffset = offsets(probs, labels)
	return t, nil
}

func inside(text string, s corpus.Span) error {
	if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
		return fmt.Errorf("span %d to %d does not lie in a text of %d bytes", s.Start, s.End, len(text))
	}
	return nil
}

// A builder turns rows into vectors, preparing each text once in a row.
type builder struct {
	prepare func(string) *corpus.Document
	docs    map[string]*corpus.Document
	view    view
	doc     *corpus.Document // of the statement made last
}

func (b *builder) document(text string) *corpus.Document {
	doc := b.docs[text]
	if doc == nil {
		doc = b.prepare(text)
		b.docs[text] = doc
	}
	return doc
}

// rows makes the examples of each head.
func (b *builder) rows(data Data, set Settings) (sets [numHeads]rows, err error) {
	for i, r := range data.Targeted {
		if r.Label < -1 || r.Label > 1 {
			return sets, fmt.Errorf("stance: targeted row %d has label %d: want -1, 0 or 1", i+1, r.Label)
		}
		if err := inside(r.Text, r.Mention); err != nil {
			return sets, fmt.Errorf("stance: targeted row %d: mention: %w", i+1, err)
		}
		doc := b.document(r.Text)
		sets[targetedHead].add(b.view.targeted(doc, r.Mention), r.Label+1, 1, r.Text)
		b.lend(&sets[statementHead], doc, r.Mention, r.Label, set.TargetedAsStatement)
	}
	for i, r := range data.Directed {
		if r.Label < 0 || r.Label > 4 {
			return sets, fmt.Errorf("stance: directed row %d has label %d: want 0 to 4", i+1, r.Label)
		}
		for _, s := range []corpus.Span{r.P, r.Q} {
			if err := inside(r.Text, s); err != nil {
				return sets, fmt.Errorf("stance: directed row %d: %w", i+1, err)
			}
		}
		doc := b.document(r.Text)
		vec, swapped := b.view.pair(doc, r.P, r.Q)
		label := r.Label
		if swapped {
			label = mirrored[label]
		}
		sets[polarityHead].add(vec, (label+1)/2, 1, r.Text)
		sets[polarityHead].labels[len(sets[polarityHead].labels)-1] = label
		if label == 0 {
			continue
		}
		sets[directionHead].add(vec, (label+1)%2, 1, r.Text)
		object, side := r.Q, 1
		if r.Label%2 == 0 {
			object = r.P
		}
		if r.Label > 2 {
			side = -1
		}
		b.lend(&sets[statementHead], doc, object, side, set.DirectedAsStatement)
	}
	for i, r := range data.Statement {
		if r.Stance < -1 || r.Stance > 1 {
			return sets, fmt.Errorf("stance: statement row %d has stance %d: want -1, 0 or 1", i+1, r.Stance)
		}
		if err := inside(r.Article, r.Evidence); err != nil {
			return sets, fmt.Errorf("stance: statement row %d: evidence: %w", i+1, err)
		}
		vec, mention := b.statement(r)
		sets[statementHead].add(vec, r.Stance+1, 1, r.Article)
		if source, ok := find(r, r.Source); ok && mention.Len() > 0 && !source.Overlaps(mention) && groupOf(r.Kind) == actor {
			b.lendPair(&sets, source, mention, r.Stance, set.StatementAsDirected)
		}
	}
	return sets, nil
}

// lend adds a row of another task to those of the statement head.
func (b *builder) lend(to *rows, doc *corpus.Document, mention corpus.Span, label int, weight float64) {
	m := doc.TokensIn(mention)
	b.view.load(doc, b.view.near(doc, m))
	to.addAuxiliary(b.view.features(query{mention: m, kind: "person", cue: b.view.cue(doc, nil), side: true}), label+1, weight)
}

// statement makes the vector of a coded statement, and returns where it
// mentions its target.
func (b *builder) statement(r StatementRow) (*linear.Vector, corpus.Span) {
	b.doc = b.document(r.Article)
	b.view.load(b.doc, b.doc.TokensIn(r.Evidence))
	q := query{kind: r.Kind, side: true, cue: b.view.cue(b.doc, nil)}
	m, ok := find(r, append([]string{r.Mention}, r.Aliases...)...)
	if ok {
		q.mention = b.doc.TokensIn(m)
	}
	return b.view.features(q), m
}

// lendPair adds the speaker and the target of the statement whose words are
// loaded to the rows of the directed task.
func (b *builder) lendPair(sets *[numHeads]rows, source, mention corpus.Span, side int, weight float64) {
	p, q := b.doc.TokensIn(source), b.doc.TokensIn(mention)
	direction := 0
	if q.First < p.First {
		p, q, direction = q, p, 1
	}
	if p.Last > q.First {
		return
	}
	vec := b.view.directed(p, q)
	sets[polarityHead].addAuxiliary(vec, []int{2, 0, 1}[side+1], weight)
	if side != 0 {
		sets[directionHead].addAuxiliary(vec, direction, weight)
	}
}

// find looks for the first of the words within the row's evidence, or else for
// the longest of the others.
func find(r StatementRow, list ...string) (corpus.Span, bool) {
	text := r.Article[r.Evidence.Start:r.Evidence.End]
	best := corpus.Span{}
	for i, words := range list {
		at := strings.Index(text, words)
		if words == "" || at < 0 || len(words) <= best.Len() {
			continue
		}
		best = corpus.Span{Start: r.Evidence.Start + at, End: r.Evidence.Start + at + len(words)}
		if i == 0 {
			break
		}
	}
	return best, best.Len() > 0
}

// rows are the examples of one head; auxiliary ones are never held out.
type rows struct {
	examples []linear.Example
	held     []bool
	labels   []int // of the directed task, for the polarity head
}

func (r *rows) add(v *linear.Vector, class int, weight float64, text string) {
	r.addAuxiliary(v, class, weight)
	r.held[len(r.held)-1] = linear.Mix(1, linear.HashString(text))%4 == 0
}

func (r *rows) addAuxiliary(v *linear.Vector, class int, weight float64) {
	if weight > 0 {
		r.examples = append(r.examples, linear.Example{
			Vector: linear.Vector{Keys: slices.Clone(v.Keys), Values: slices.Clone(v.Values)}, Class: class, Weight: weight})
		r.held = append(r.held, false)
		r.labels = append(r.labels, 0)
	}
}

// fit trains a model on all examples, with the temperature that fits part, a
// model trained without the held-out ones. Where nothing can be held out, part
// is the model itself.
func (r *rows) fit(o linear.Options) (model, part *linear.Model, err error) {
	if model, err = linear.Train(r.examples, o); err != nil {
		return nil, nil, err
	}
	var train []linear.Example
	for i, e := range r.examples {
		if !r.held[i] {
			train = append(train, e)
		}
	}
	if len(train) == 0 || len(train) == len(r.examples) {
		return model, model, nil
	}
	if part, err = linear.Train(train, o); err != nil {
		return nil, nil, err
	}
	var scores [][]float64
	var classes []int
	for i, e := range r.examples {
		if r.held[i] {
			scores = append(scores, part.Scores(&e.Vector, nil))
			classes = append(classes, e.Class)
		}
	}
	temperature := linear.FitTemperature(scores, classes)
	part.SetTemperature(temperature)
	model.SetTemperature(temperature)
	return model, part, nil
}

// offsets are what the directed decision adds to the log probabilities: the
// classes' log frequencies times −α, for the α in steps of 0.05 that gives the
// held-out rows the best macro-F1. Likelihood alone favours frequent classes.
func offsets(probs [][]float64, labels []int) (best [5]float64) {
	var counts [5]float64
	for _, label := range labels {
		counts[label]++
	}
	top := -1.0
	for step := range 21 {
		var try [5]float64
		for c, n := range counts {
			try[c] = -float64(step) / 20 * math.Log((n+1)/float64(len(labels)+5))
		}
		if f := macroF1(probs, labels, try[:]); f > top+1e-9 {
			top, best = f, try
		}
	}
	return best
}

func macroF1(probs [][]float64, classes []int, offset []float64) float64 {
	k := len(offset)
	right, guessed, gold := make([]float64, k), make([]float64, k), make([]float64, k)
	for i, p := range probs {
		c := decide(p, offset)
		guessed[c]++
		gold[classes[i]]++
		if c == classes[i] {
			right[c]++
		}
	}
	sum := 0.0
	for c := range k {
		if guessed[c]+gold[c] > 0 {
			sum += 2 * right[c] / (guessed[c] + gold[c])
		}
	}
	return sum / float64(k)
}

// inverseFrequency weighs features by their inverse document frequency, the
// TF-IDF of james-bowman/nlp.
func inverseFrequency(terms *sparse.CSR) ([]float64, error) {
	features, _ := terms.Dims()
	ones := make([]float64, features)
	for i := range ones {
		ones[i] = 1
	}
	weighted, err := nlp.NewTfidfTransformer().Fit(terms).Transform(mat.NewDense(features, 1, ones))
	if err != nil {
		return nil, err
	}
	for i := range ones {
		ones[i] = weighted.At(i, 0)
	}
	return ones, nil
}
