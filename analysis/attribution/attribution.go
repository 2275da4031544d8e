// Package attribution finds what an article attributes to somebody: source,
// cue and content, in the sense of PolNeAR (Newell et al., 2018).
//
// It needs LayerRegions, LayerParagraphs, LayerTokens, LayerSentences,
// LayerQuotations and LayerTags, and adds LayerStatements. Who the speakers
// are is left to package mention.
//
// It reads windows of whole paragraphs with the encoder. One head labels the
// words as source, cue or content; another says for each cue which words are
// its source and content; decode settles the two into statements.
// Free-standing quotations, which no cue takes, go to the statement before
// them or, more doubtfully, to the running speaker.
package attribution

import (
	"slices"
	"sync"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage finds statements. It is safe for concurrent use.
type Stage struct {
	pieces  *encoder.Tokenizer
	model   *encoder.Model
	heads   *heads
	near    int
	scratch *sync.Pool
}

// everything, as a stage's near, has all paragraphs read.
const everything = -1

// New returns the stage, which reads all paragraphs. The tensors hold the
// encoder and the heads of attribution.
func New(pieces *encoder.Tokenizer, model *encoder.Model, t *encoder.Tensors) (*Stage, error) {
	h, err := newHeads(t, model.Width())
	if err != nil {
		return nil, err
	}
	return &Stage{pieces: pieces, model: model, heads: h, near: everything, scratch: &sync.Pool{New: func() any { return new(scratch) }}}, nil
}

// Near returns a stage that reads only the paragraphs at most n away from one
// that mentions a target. It shares the model.
func (s *Stage) Near(n int) *Stage {
	out := *s
	out.near = n
	return &out
}

const layers = corpus.LayerRegions | corpus.LayerParagraphs | corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags

// Process adds LayerStatements to the document. Unless everything is read, it
// needs LayerTargets too.
func (s *Stage) Process(doc *corpus.Document) error {
	need := layers
	if s.near != everything {
		need |= corpus.LayerTargets
	}
	if err := doc.Require("attribution", need); err != nil {
		return err
	}
	r, err := s.read(doc)
	if err != nil {
		return err
	}
	doc.Statements = r.statements(doc, r.decode(chosen))
	doc.Add(corpus.LayerStatements)
	return nil
}

// batchSize is the number of pieces from which on a batch is full: a layer's
// weights are fetched once for all of them.
const batchSize = 512

// read runs the encoder and the heads over the document.
func (s *Stage) read(doc *corpus.Document) (*reading, error) {
	words, pieces := encoder.Words(s.pieces, doc)
	r := &reading{}
	if s.near != everything {
		r.read = s.matter(doc)
		words = slices.DeleteFunc(words, func(w encoder.Word) bool { return !r.read[w.Paragraph] })
	}
	r.words, r.labels = words, make([][labelCount]float32, len(words))
	sc := s.scratch.Get().(*scratch)
	defer s.scratch.Put(sc)
	cut := windows(words)
	for i := 0; i < len(cut); {
		var batch []encoder.Sequence
		n, j := 0, i
		for ; j < len(cut) && (n == 0 || n < batchSize); j++ {
			in := cut[j].input(words, pieces)
			batch = append(batch, in)
			n += len(in.Pieces)
		}
		vectors, err := s.model.Encode(&sc.encoder, batch...)
		if err != nil {
			return nil, err
		}
		for _, w := range cut[i:j] {
			labels := s.heads.labels(sc, vectors, w.to-w.from)
			vectors = vectors[(w.to-w.from)*s.model.Width():]
			copy(r.labels[w.core:w.to], labels[w.core-w.from:])
			candidates := cues(labels, w.core-w.from)
			if len(candidates) == 0 {
				continue
			}
			s.heads.link(sc, words[w.from:w.to], candidates)
			for _, c := range candidates {
				c.first, c.last, c.from = c.first+w.from, c.last+w.from, c.from+w.from
				r.cues = append(r.cues, c)
			}
		}
		i = j
	}
	return r, nil
}

// matter says which paragraphs are near one that mentions a target.
func (s *Stage) matter(doc *corpus.Document) []bool {
	keep := make([]bool, len(doc.Paragraphs))
	at := 0
	for _, m := range doc.Targets { // ordered
		for at < len(keep)-1 && doc.Paragraphs[at].End <= m.Start {
			at++
		}
		for p := max(0, at-s.near); p <= min(len(keep)-1, at+s.near); p++ {
			keep[p] = true
		}
	}
	return keep
}
