// Package analysis is the front door: it wires the stages in their order and
// runs a document through them.
//
//	clean     regions                     (package corpus/clean)
//	tokenize  tokens
//	segment   paragraphs, sentences, quotations
//	tag       parts of speech
//	target    mentions of the targets
//	mention   mentions, entities
//	attribution  source, cue, content -> statements
//	mention   speakers of the statements
//	target    which of them statements may take up
//	stance    statement x target -> score, label, confidence
package analysis

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/standpoint-news/standpoint/analysis/attribution"
	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/analysis/segment"
	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/analysis/tag"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/models"
)

// A Stage lays layers over a document. Stages are safe for concurrent use.
type Stage interface {
	Process(doc *corpus.Document) error
}

// An Analyzer runs documents through all stages. It is safe for concurrent use.
type Analyzer struct {
	config Config
	finder *target.Finder
	stance *stance.Stage
	reader *attribution.Stage // of whole articles
	whole  []Stage            // mentions, statements and speakers, whatever the article is about
	speaks *mention.Resolver

	words  []Stage // what any later stage needs
	spoken []Stage // targets, statements and speakers
	stages []Stage // all but words
}

// New loads the models and builds the stages.
func New(c Config) (*Analyzer, error) {
	finder, err := target.New(c.Targets)
	if err != nil {
		return nil, err
	}
	catalogue, err := c.catalogue()
	if err != nil {
		return nil, err
	}
	words, err := wordStages()
	if err != nil {
		return nil, err
	}
	m, err := loaded()
	if err != nil {
		return nil, err
	}
	statements := m.reader
	if c.Scope != ScopeAll {
		statements = m.reader.Near(nearTargets)
	}
	side, err := m.stance.Stage(stance.Config{MinConfidence: c.MinStanceConfidence, Targets: stanceTargets(c.Targets)})
	if err != nil {
		return nil, err
	}
	ranker, err := models.Antecedents()
	if err != nil {
		return nil, err
	}
	speakers, err := mention.NewResolver(catalogue, ranker, c.MinSpeakerConfidence)
	if err != nil {
		return nil, err
	}
	weights, err := models.Uptake()
	if err != nil {
		return nil, err
	}
	uptakes, err := finder.Uptakes(weights)
	if err != nil {
		return nil, err
	}
	mentions := mention.New(catalogue)
	spoken := []Stage{finder, mentions, statements, speakers, uptakes}
	return &Analyzer{config: c, finder: finder, stance: side, reader: m.reader, words: words,
		spoken: spoken, stages: append(slices.Clone(spoken), side),
		whole: []Stage{mentions, m.reader, speakers}, speaks: speakers,
	}, nil
}

// wordStages builds the stages that know no task: regions to tags.
func wordStages() ([]Stage, error) {
	segments, err := segment.New()
	if err != nil {
		return nil, err
	}
	weights, err := models.Tag()
	if err != nil {
		return nil, err
	}
	tags, err := tag.New(weights)
	if err != nil {
		return nil, err
	}
	return []Stage{clean.New(), tokenize.New(), segments, tags}, nil
}

// nearTargets is how many paragraphs around one that mentions a target are read
// for statements: who goes on about it without naming it is seldom farther, and
// a second would cost a sixth more and bring no side.
const nearTargets = 1

// encoders are the stages on the embedded encoders. They know no configuration.
type encoders struct {
	pieces *encoder.Tokenizer
	reader *attribution.Stage // of whole articles
	stance *stance.Model
}

// loaded reads the embedded encoders, once.
var loaded = sync.OnceValues(func() (e encoders, err error) {
	if e.pieces, err = encoder.NewTokenizer(models.WordPieces()); err != nil {
		return e, err
	}
	read := func(name string) (*encoder.Tensors, error) {
		files, err := models.Tensors(name)
		if err != nil {
			return nil, err
		}
		return encoder.ParseTensors(files...)
	}
	tensors, err := read(models.EncoderName)
	if err != nil {
		return e, err
	}
	body, err := encoder.New(tensors)
	if err != nil {
		return e, err
	}
	if e.reader, err = attribution.New(e.pieces, body, tensors); err != nil {
		return e, err
	}
	if tensors, err = read(models.StanceName); err != nil {
		return e, err
	}
	e.stance, err = stance.Load(e.pieces, tensors)
	return e, err
})

func stanceTargets(specs []target.Spec) []stance.Target {
	out := make([]stance.Target, len(specs))
	for i, s := range specs {
		out[i] = stance.Target{ID: s.ID, Name: s.Name, Kind: s.Kind, Aliases: s.Aliases}
	}
	return out
}

// Analyze lays all layers over the document and reports whether the article
// mentions a target. One that does not is left as it is, without an error,
// unless the scope is ScopeAll; the scan that tells is cheap.
func (a *Analyzer) Analyze(ctx context.Context, doc *corpus.Document) (relevant bool, err error) {
	relevant = a.finder.Relevant(doc.Text, doc.Title)
	if !relevant && a.config.Scope != ScopeAll {
		return false, nil
	}
	defer unlinked(doc)()
	if len(doc.Text) > longestPart {
		err = a.inParts(ctx, doc)
	} else {
		err = a.run(ctx, doc, slices.Concat(a.words, a.stages))
	}
	if err != nil {
		return relevant, err
	}
	for i := range doc.Statements {
		doc.Statements[i].ID = fmt.Sprintf("%s#%d", doc.ID, i+1)
	}
	return relevant, nil
}

// unlinked hides links within sentences from the stages, until what it returns
// is called.
func unlinked(doc *corpus.Document) (restore func()) {
	text := doc.Text
	doc.Text = clean.Blank(text)
	return func() { doc.Text = text }
}

func (a *Analyzer) run(ctx context.Context, doc *corpus.Document, stages []Stage) error {
	for _, s := range stages {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.Process(doc); err != nil {
			return fmt.Errorf("%v: %w", doc.Place, err)
		}
	}
	return nil
}

// Targets lists the configured targets' ids, by the index that stances carry.
func (a *Analyzer) Targets() []string {
	out := make([]string, len(a.config.Targets))
	for i, t := range a.config.Targets {
		out[i] = t.ID
	}
	return out
}
