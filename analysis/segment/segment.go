// Package segment finds paragraphs, sentences and quotations.
//
// It needs LayerRegions and LayerTokens and adds LayerParagraphs,
// LayerSentences and LayerQuotations.
//
// Sentences are Punkt's (Kiss & Strunk, 2006), by the library beneath prose
// (prose's own wrapper loads its model again for each document), then mended
// where quotation marks mislead it.
package segment

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"gopkg.in/neurosnap/sentences.v1"
	"gopkg.in/neurosnap/sentences.v1/english"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage segments documents. It is safe for concurrent use.
type Stage struct {
	punkt *sentences.DefaultSentenceTokenizer
}

var load = sync.OnceValues(func() (*sentences.DefaultSentenceTokenizer, error) {
	storage, err := decodeStorage(trained)
	if err != nil {
		return nil, err
	}
	return english.NewSentenceTokenizer(storage)
})

// New returns the stage. The model is loaded once for the whole program.
func New() (*Stage, error) {
	punkt, err := load()
	if err != nil {
		return nil, fmt.Errorf("segment: loading the Punkt model: %w", err)
	}
	return &Stage{punkt}, nil
}

// Process adds LayerParagraphs, LayerSentences and LayerQuotations.
func (s *Stage) Process(doc *corpus.Document) error {
	if err := doc.Require("segment", corpus.LayerRegions|corpus.LayerTokens); err != nil {
		return err
	}
	paragraphs(doc)
	for p := range doc.Paragraphs {
		s.sentences(doc, p)
	}
	quotations(doc)
	doc.Add(corpus.LayerParagraphs | corpus.LayerSentences | corpus.LayerQuotations)
	return nil
}

// paragraphs splits at blank lines, at region borders, and at a line break
// after what ends a sentence.
func paragraphs(doc *corpus.Document) {
	text := doc.Text
	region := 0
	add := func(start, end int, kind corpus.RegionKind) {
		body := text[start:end]
		start += len(body) - len(strings.TrimLeftFunc(body, unicode.IsSpace))
		end -= len(body) - len(strings.TrimRightFunc(body, unicode.IsSpace))
		if start < end {
			doc.Paragraphs = append(doc.Paragraphs, corpus.Paragraph{Span: corpus.Span{Start: start, End: end}, Kind: kind})
		}
	}
	split := func(start, end int, kind corpus.RegionKind) {
		from := start
		for i := start; i < end; i++ {
			if text[i] == '\n' && breaks(text[from:i], text[i+1:end]) {
				add(from, i, kind)
				from = i + 1
			}
		}
		add(from, end, kind)
	}
	at := 0
	for ; region < len(doc.Regions); region++ {
		r := doc.Regions[region]
		split(at, r.Start, corpus.Body)
		split(r.Start, r.End, r.Kind)
		at = r.End
	}
	split(at, len(text), corpus.Body)
}

// breaks reports whether the line break between the two texts parts paragraphs.
func breaks(before, after string) bool {
	line := strings.TrimRight(before[strings.LastIndexByte(before, '\n')+1:], " \t\r")
	next := strings.TrimLeft(after, " \t\r")
	if line == "" || next == "" || next[0] == '\n' {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(line)
	return strings.ContainsRune(".!?:\"”’»)", last)
}

func (s *Stage) sentences(doc *corpus.Document, p int) {
	par := doc.Paragraphs[p]
	text := doc.Slice(par.Span)
	from := 0
	emit := func(end int) {
		body := text[from:end]
		start := from + len(body) - len(strings.TrimLeftFunc(body, unicode.IsSpace))
		stop := from + len(strings.TrimRightFunc(body, unicode.IsSpace))
		from = end
		if start >= stop {
			return
		}
		span := corpus.Span{Start: par.Start + start, End: par.Start + stop}
		tokens := doc.TokensIn(span)
		index := len(doc.Sentences)
		for i := tokens.First; i < tokens.Last; i++ {
			doc.Tokens[i].Sentence = index
		}
		doc.Sentences = append(doc.Sentences, corpus.Sentence{Span: span, Tokens: tokens, Paragraph: p, Kind: par.Kind})
	}
	for _, at := range s.borders(text, func(stop, next int) bool { return glued(doc, par.Start+stop, par.Start+next) }) {
		emit(at)
	}
	emit(len(text))
}

const closers = "\"”’»')]"

// borders returns the byte offsets of a paragraph at which a sentence ends,
// in order, behind closing marks. glued reports whether one ends at a mark with
// the next right behind it.
func (s *Stage) borders(text string, glued func(stop, next int) bool) []int {
	var out []int
	add := func(at int) {
		if at > 0 && at < len(text) && (len(out) == 0 || at > out[len(out)-1]) {
			out = append(out, at)
		}
	}
	punkt := s.punkt.SentencePositions(text)
	next := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		for next < len(punkt) && punkt[next] < i {
			next++
		}
		if r != '.' && r != '!' && r != '?' && r != '…' {
			continue
		}
		end, quoted := i, false
		for end < len(text) {
			c, n := utf8.DecodeRuneInString(text[end:])
			if !strings.ContainsRune(closers, c) {
				break
			}
			quoted = quoted || c != ')' && c != ']'
			end += n
		}
		rest := strings.TrimLeftFunc(text[end:], unicode.IsSpace)
		if rest == "" {
			continue
		}
		if len(rest) == len(text[end:]) {
			if r != '…' && glued(i-1, end) {
				add(glueEnd(text, i, end))
			}
			continue
		}
		c, _ := utf8.DecodeRuneInString(rest)
		if unicode.IsLower(c) || strings.ContainsRune(",;:—–-", c) {
			continue // "“Why?” he asked": the sentence goes on
		}
		if r == '.' && untaught[lastWord(text[max(0, i-longestUntaught-1):i])] {
			continue
		}
		// Punkt's verdict, on either side of the marks; behind a closing
		// quotation mark a stop with a capital after it is one in any case.
		if near(punkt, next, i, end+1) || r != '.' || quoted {
			add(end)
		}
	}
	return out
}

// glued reports whether the mark at byte stop is a token of its own between a
// word and, at byte next, another with a capital: the tokeniser parts the two
// where they end a sentence and begin one ("in the hall.The minister").
func glued(doc *corpus.Document, stop, next int) bool {
	i := doc.TokensIn(corpus.Span{Start: stop, End: stop + 1}).First
	k := doc.TokensIn(corpus.Span{Start: next, End: next + 1}).First
	if i == 0 || k >= len(doc.Tokens) || doc.Tokens[i].Start != stop || doc.Tokens[i].Len() != 1 || doc.Tokens[k].Start != next || doc.Tokens[i-1].End != stop {
		return false
	}
	before, after := doc.TokenText(i-1), doc.TokenText(k)
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return len(before) > 1 && unicode.IsLower(last) && unicode.IsUpper(first) && (after == "I" || after == "A" || strings.ToUpper(after) != after)
}

// glueEnd is where a sentence ends whose marks lie between the two offsets, with
// the next behind them: before a straight mark that opens a quotation there.
func glueEnd(text string, stop, next int) int {
	if text[next-1] == '"' && strings.Count(text[:next-1], `"`)%2 == 0 {
		return next - 1
	}
	return max(stop, next)
}

func lastWord(text string) string { return text[strings.LastIndexAny(text, " \n(“\"")+1:] }

const longestUntaught = len("Govs.")

// untaught are abbreviations before names that Punkt has not learned.
var untaught = map[string]bool{"Sens.": true, "Reps.": true, "Govs.": true, "Gens.": true, "Drs.": true}

func near(sorted []int, from, low, high int) bool {
	for ; from < len(sorted) && sorted[from] <= high; from++ {
		if sorted[from] >= low-1 {
			return true
		}
	}
	return false
}
