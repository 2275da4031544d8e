package encoder

import (
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Word is a run of letters and digits or a mark, as BERT parts them, with
// its pieces.
type Word struct {
	corpus.Span
	First, Last int // its pieces, half-open
	Sentence    int
	Paragraph   int
	Shape       uint8
	Quote       uint8
}

// How a word is written: the uncased pieces have lost it.
const (
	Mark      uint8 = iota // neither letter nor digit first
	LowerCase              // "said"
	MixedCase              // "Said", "McKay", "I"
	UpperCase              // "NATO"
	Digits                 // "12th"
)

// Where a word stands to the quotation around it.
const (
	Unquoted uint8 = iota
	Quoted
	Opening // the opening mark
	Closing // the closing mark
)

// Words lists the words of the document's sentences in order, boilerplate left
// out, with the pieces of the whole text. It needs LayerSentences and
// LayerQuotations.
func Words(t *Tokenizer, doc *corpus.Document) ([]Word, []Piece) {
	pieces := t.Pieces(nil, doc.Text)
	out := make([]Word, 0, len(pieces))
	sentence := 0
	for i := 0; i < len(pieces); {
		j := i + 1
		for j < len(pieces) && !pieces[j].First {
			j++
		}
		w := Word{Span: corpus.Span{Start: pieces[i].Start, End: pieces[j-1].End}, First: i, Last: j}
		i = j
		for sentence < len(doc.Sentences) && doc.Sentences[sentence].End <= w.Start {
			sentence++
		}
		if sentence == len(doc.Sentences) {
			break
		}
		s := doc.Sentences[sentence]
		if w.Start < s.Start || s.Kind == corpus.Boilerplate {
			continue
		}
		w.Sentence, w.Paragraph = sentence, s.Paragraph
		w.Shape = shape(doc.Slice(w.Span))
		out = append(out, w)
	}
	quotes(doc, out)
	return out, pieces
}

// quotes marks the words within the outermost quotations, single words held at
// arm's length included: their marks are there to be seen.
func quotes(doc *corpus.Document, words []Word) {
	next := 0
	for _, q := range doc.Quotations {
		if q.Parent >= 0 {
			continue
		}
		for next < len(words) && words[next].End <= q.Start {
			next++
		}
		for ; next < len(words) && words[next].Start < q.End; next++ {
			switch w := &words[next]; {
			case w.Start < q.Inner.Start:
				w.Quote = Opening
			case w.Start >= q.Inner.End:
				w.Quote = Closing
			default:
				w.Quote = Quoted
			}
		}
	}
}

func shape(s string) uint8 {
	r, _ := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsDigit(r):
		return Digits
	case !unicode.IsLetter(r):
		return Mark
	}
	upper, lower := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	switch {
	case upper == 0:
		return LowerCase
	case lower == 0 && upper > 1:
		return UpperCase
	}
	return MixedCase
}

// Plain cuts a short text that stands by itself, such as a name, into at most
// max pieces, with the shape of each.
func Plain(t *Tokenizer, text string, max int) (ids []int32, shapes []uint8) {
	pieces := t.Pieces(nil, text)
	for i := 0; i < len(pieces) && len(ids) < max; {
		j := i + 1
		for j < len(pieces) && !pieces[j].First {
			j++
		}
		form := shape(text[pieces[i].Start:pieces[j-1].End])
		for ; i < j && len(ids) < max; i++ {
			ids, shapes = append(ids, pieces[i].ID), append(shapes, form)
		}
		i = j
	}
	return ids, shapes
}
