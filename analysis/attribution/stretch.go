package attribution

import (
	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Stretch is a window of an article as models/encoder/training reads it for
// coreference. Words count from the window's start.
type Stretch struct {
	Pieces []int32 `json:"pieces"`
	Shapes string  `json:"shapes"` // a digit for each piece
	Quotes string  `json:"quotes"`
	Words  []int32 `json:"words"` // pieces from the start of each word to that of the next
	Skip   int     `json:"skip"`  // words of context, which an earlier window has too
}

// Stretches cuts a document into the windows that Process reads, and lists the
// words that they part among them. It needs the layers that Process needs.
func Stretches(t *encoder.Tokenizer, doc *corpus.Document) ([]Stretch, []encoder.Word, error) {
	if err := doc.Require("attribution", layers); err != nil {
		return nil, nil, err
	}
	words, pieces := encoder.Words(t, doc)
	var out []Stretch
	for _, w := range windows(words) {
		in := w.input(words, pieces)
		x := Stretch{Pieces: in.Pieces, Skip: w.core - w.from, Shapes: digits(in.Shapes), Quotes: digits(in.Quotes)}
		last := int32(0)
		for _, first := range in.words {
			x.Words = append(x.Words, first-last)
			last = first
		}
		out = append(out, x)
	}
	return out, words, nil
}

func digits(values []uint8) string {
	out := make([]byte, len(values))
	for i, v := range values {
		out[i] = '0' + v
	}
	return string(out)
}

// Under is the half-open range of the words that overlap the span.
func Under(words []encoder.Word, s corpus.Span) (first, last int) { return under(words, s) }
