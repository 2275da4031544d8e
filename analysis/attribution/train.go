package attribution

import (
	"sort"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// Gold is one attribution of a training article, in byte spans.
type Gold struct{ Source, Cue, Content []corpus.Span }

// A Window is a stretch of a training article with its labels, as
// models/encoder/training reads it. Words count from the window's start.
type Window struct {
	Pieces     []int32 `json:"pieces"`
	Shapes     []int32 `json:"shapes"`
	Quotes     []int32 `json:"quotes"`
	Words      []int32 `json:"words"`      // first piece of each word
	Sentences  []int32 `json:"sentences"`  // sentence of each word
	Paragraphs []int32 `json:"paragraphs"` // paragraph of each word
	Labels     []int32 `json:"labels"`     // of each word; -100 in the context, -1 where nobody coded
	Links      []Link  `json:"links"`
}

// A Link is a cue of a window with the part that each word plays for it.
type Link struct {
	First int32   `json:"first"` // first and last word of the cue
	Last  int32   `json:"last"`
	Parts []int32 `json:"parts"` // by word: 0 none, 1 source, 2 content
}

// The labels of words: outside, and begin and inside of each part.
const (
	outside = iota
	beginSource
	insideSource
	beginCue
	insideCue
	beginContent
	insideContent
	labelCount = iota
)

// The parts of a word toward a cue.
const (
	noPart = iota
	sourcePart
	contentPart
	partCount = iota
)

const (
	unlabelled = -100 // context
	uncoded    = -1
)

// Windows cuts a document with its gold attributions into training windows,
// without labels where gold is nil: nobody coded it. It needs the layers that
// Process needs.
func Windows(t *encoder.Tokenizer, doc *corpus.Document, gold []Gold) ([]Window, error) {
	if err := doc.Require("attribution", layers); err != nil {
		return nil, err
	}
	words, pieces := encoder.Words(t, doc)
	labels := make([]int32, len(words))
	label := func(spans []corpus.Span, begin int32) (all []int) {
		for _, s := range spans {
			first, last := under(words, s)
			for w := first; w < last; w++ {
				labels[w] = begin + 1
				all = append(all, w)
			}
			if first < last {
				labels[first] = begin
			}
		}
		return all
	}
	// a cue or source within somebody's content is the label that counts
	contents, cues, sources := make([][]int, len(gold)), make([][]int, len(gold)), make([][]int, len(gold))
	for i, g := range gold {
		contents[i] = label(g.Content, beginContent)
	}
	for i, g := range gold {
		cues[i] = label(g.Cue, beginCue)
	}
	for i, g := range gold {
		sources[i] = label(g.Source, beginSource)
	}
	var out []Window
	for _, w := range windows(words) {
		x := w.training(words, pieces)
		for i := w.core; i < w.to; i++ {
			x.Labels[i-w.from] = labels[i]
			if gold == nil {
				x.Labels[i-w.from] = uncoded
			}
		}
		for i, cue := range cues {
			if len(cue) == 0 || cue[0] < w.core || cue[len(cue)-1] >= w.to {
				continue
			}
			link := Link{First: int32(cue[0] - w.from), Last: int32(cue[len(cue)-1] - w.from), Parts: make([]int32, w.to-w.from)}
			for part, list := range [partCount][]int{sourcePart: sources[i], contentPart: contents[i]} {
				for _, k := range list {
					if k >= w.from && k < w.to {
						link.Parts[k-w.from] = int32(part)
					}
				}
			}
			x.Links = append(x.Links, link)
		}
		out = append(out, x)
	}
	return out, nil
}

// training is the window without labels.
func (w window) training(words []encoder.Word, pieces []encoder.Piece) Window {
	in := w.input(words, pieces)
	x := Window{Pieces: in.Pieces, Words: in.Wanted, Links: []Link{}}
	for i := range in.Pieces {
		x.Shapes = append(x.Shapes, int32(in.Shapes[i]))
		x.Quotes = append(x.Quotes, int32(in.Quotes[i]))
	}
	for _, word := range words[w.from:w.to] {
		x.Sentences = append(x.Sentences, int32(word.Sentence))
		x.Paragraphs = append(x.Paragraphs, int32(word.Paragraph))
		x.Labels = append(x.Labels, unlabelled)
	}
	return x
}

// under is the half-open range of the words that overlap the span.
func under(words []encoder.Word, s corpus.Span) (first, last int) {
	first = sort.Search(len(words), func(i int) bool { return words[i].End > s.Start })
	last = sort.Search(len(words), func(i int) bool { return words[i].Start >= s.End })
	return first, max(first, last)
}
