// Package tokenize finds the words of a document.
//
// It needs no layer and adds LayerTokens. Words are those of prose's tokeniser
// (Penn Treebank convention), which keeps strings without offsets: the text is
// handed to it in a form of which every byte is known to come from one place
// of the original, and its output is aligned back in one pass.
package tokenize

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage tokenises documents. It is safe for concurrent use.
type Stage struct{ model *prose.Model }

// New returns the stage.
func New() *Stage { return &Stage{model: &prose.Model{}} }

// Process adds LayerTokens to the document.
func (s *Stage) Process(doc *corpus.Document) error {
	prepared := prepare(doc.Text)
	// An empty model keeps prose from loading the one that it would not use.
	out, err := prose.NewDocument(prepared.text, prose.UsingModel(s.model),
		prose.WithSegmentation(false), prose.WithTagging(false), prose.WithExtraction(false))
	if err != nil {
		return fmt.Errorf("tokenize: document %q: %w", doc.ID, err)
	}
	words := out.Tokens()
	doc.Tokens = make([]corpus.Token, 0, len(words)+len(words)/16)
	cursor := 0
	for _, w := range words {
		for cursor < len(prepared.text) && prepared.text[cursor] == ' ' {
			cursor++
		}
		end := cursor + len(w.Text)
		if end > len(prepared.text) || prepared.text[cursor:end] != w.Text {
			return fmt.Errorf("tokenize: document %q: prose's word %q does not stand at byte %d", doc.ID, w.Text, prepared.origin[cursor])
		}
		last := prepared.origin[end-1]
		stop := last + 1
		if strings.HasPrefix(doc.Text[last:], "’") { // one byte stands for the three of the mark
			stop = last + len("’")
		}
		doc.Tokens = appendToken(doc.Tokens, doc.Text, corpus.Span{Start: prepared.origin[cursor], End: stop})
		cursor = end
	}
	doc.Add(corpus.LayerTokens)
	return nil
}

// abbreviations that keep their full stop; prose keeps it on every capitalised
// word of up to three letters ("Oil.").
var abbreviations = map[string]bool{
	"Mr.": true, "Mrs.": true, "Ms.": true, "Dr.": true, "Sen.": true, "Rep.": true, "Gov.": true, "Gen.": true,
	"Lt.": true, "Col.": true, "Maj.": true, "Sgt.": true, "Adm.": true, "Rev.": true, "Hon.": true, "St.": true,
	"Jr.": true, "Sr.": true, "Co.": true, "Inc.": true, "Ltd.": true, "Mt.": true, "Ft.": true, "No.": true,
	"Jan.": true, "Feb.": true, "Mar.": true, "Apr.": true, "Jun.": true, "Jul.": true, "Aug.": true, "Sep.": true,
	"Oct.": true, "Nov.": true, "Dec.": true, "Amb.": true, "Cmd.": true, "Cpl.": true, "Pvt.": true, "Del.": true,
	"Sens.": true, "Reps.": true, "Govs.": true, "Gens.": true, "Drs.": true,
}

func appendToken(tokens []corpus.Token, text string, s corpus.Span) []corpus.Token {
	word := text[s.Start:s.End]
	if n := len(tokens); word == "." && n > 0 && tokens[n-1].End == s.Start && abbreviations[text[tokens[n-1].Start:s.End]] {
		tokens[n-1].End = s.End // prose parts longer ones: "Sens."
		return tokens
	}
	if n := len(word); n > 2 && n <= 4 && word[n-1] == '.' && strings.Count(word, ".") == 1 &&
		unicode.IsUpper(rune(word[0])) && !abbreviations[word] {
		return append(tokens,
			corpus.Token{Span: corpus.Span{Start: s.Start, End: s.End - 1}, Sentence: -1, Quotation: -1},
			corpus.Token{Span: corpus.Span{Start: s.End - 1, End: s.End}, Sentence: -1, Quotation: -1})
	}
	return append(tokens, corpus.Token{Span: s, Sentence: -1, Quotation: -1})
}

// prepared is a text for prose: origin[i] is the byte of the original that
// byte i stands for; bytes put in stand for nothing and are spaces.
type preparedText struct {
	text   string
	origin []int
}

func prepare(text string) preparedText {
	var b strings.Builder
	b.Grow(len(text) + len(text)/16)
	origin := make([]int, 0, len(text)+len(text)/16)
	space := func(at int) {
		b.WriteByte(' ')
		origin = append(origin, at)
	}
	var previous rune = ' '
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		next := rune(' ')
		if i+size < len(text) {
			next, _ = utf8.DecodeRuneInString(text[i+size:])
		}
		switch {
		case unicode.IsSpace(r):
			for range size {
				space(i)
			}
		case glued(text, i):
			space(i)
			origin = append(origin, i)
			b.WriteByte(text[i])
			space(i + 1)
		case isolated(r, previous, next):
			// prose turns curly marks into one byte each, which would break the
			// alignment: they travel as a private letter of their own length.
			space(i)
			for k := range size {
				origin = append(origin, i+k)
			}
			b.WriteString(stand(r, size))
			space(i + size)
		case r == '’' || r == '\'':
			clitic := cliticAt(text[i+size:])
			switch {
			case clitic == "":
				// prose loses the rest of a word that it takes for a clitic ("O'Sullivan")
				b.WriteByte('x')
			case clitic == "t":
				b.WriteByte('\'')
			default:
				space(i)
				b.WriteByte('\'')
			}
			origin = append(origin, i)
			if clitic != "" { // prose loses a clitic with anything behind it ("can't,")
				for k := range len(clitic) {
					b.WriteByte(clitic[k])
					origin = append(origin, i+size+k)
				}
				i += len(clitic)
				space(i + size)
				r = 't'
			}
		case size != utf8.RuneLen(unicode.ToLower(r)) || r == utf8.RuneError || r == '&':
			// prose cuts a word at an index found in its lower-case form, and
			// replaces some entities: keep lengths equal.
			for k := range size {
				origin = append(origin, i+k)
				b.WriteByte('x')
			}
		default:
			b.WriteString(text[i : i+size])
			for k := range size {
				origin = append(origin, i+k)
			}
		}
		previous = r
		i += size
	}
	return preparedText{b.String(), origin}
}

// glued reports whether a sentence ends with the mark at byte stop and another
// begins right behind it, as where a page's paragraphs were
// joined ("in the hall.The minister"): words on both sides, no name of a site,
// no abbreviation.
func glued(text string, stop int) bool {
	next := stop + 1
	if strings.IndexByte(".!?", text[stop]) < 0 || stop < 2 || next >= len(text) || !isLower(text[stop-1]) || !isLower(text[stop-2]) {
		return false
	}
	first := stop
	for first > 0 && text[first-1] > ' ' {
		first--
	}
	end := next
	for end < len(text) && (isLower(text[end]) || isUpper(text[end])) {
		end++
	}
	word := text[next:end]
	if word == "" || !isUpper(word[0]) || strings.IndexFunc(word[1:], unicode.IsUpper) >= 0 || len(word) == 1 && word != "I" && word != "A" {
		return false
	}
	before := text[first:stop]
	return !domains[word] && !abbreviations[before+"."] && !strings.ContainsAny(before, "@/") && !strings.HasPrefix(before, "www.")
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' }
func isUpper(b byte) bool { return 'A' <= b && b <= 'Z' }

var domains = map[string]bool{"Com": true, "Net": true, "Org": true, "Gov": true, "Edu": true, "Co": true, "Js": true, "Io": true, "Tv": true}

// cliticAt returns the clitic ("s", "ll", "t") that the text begins with, or "".
func cliticAt(text string) string {
	n := 0
	for n < len(text) && n < 3 && ('a' <= text[n]|0x20 && text[n]|0x20 <= 'z') {
		n++
	}
	if n == 0 || n == 3 {
		return ""
	}
	if r, _ := utf8.DecodeRuneInString(text[n:]); n < len(text) && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return ""
	}
	switch strings.ToLower(text[:n]) {
	case "s", "ll", "re", "m", "ve", "d", "t":
		return text[:n]
	}
	return ""
}

// stand returns what a mark looks like to prose: itself where prose leaves it
// alone, else a stand-in of equal length.
func stand(r rune, size int) string {
	if r == '“' || r == '”' || r == '‘' || r == '’' || r == '\'' || r == '"' {
		return strings.Repeat("x", size)
	}
	return string(r)
}

// isolated reports whether the rune is a token of its own wherever it stands.
func isolated(r, previous, next rune) bool {
	switch r {
	case '“', '”', '„', '«', '»', '‹', '›', '—', '…', '(', ')', '[', ']', '"', '•', '|', '~', '*':
		return true
	case '–':
		return !unicode.IsDigit(previous) || !unicode.IsDigit(next)
	case '‘':
		return true
	case '’', '\'':
		// an apostrophe joins letters or ends a plural; a mark stands at an edge
		return !unicode.IsLetter(next) && !unicode.IsDigit(next) || !unicode.IsLetter(previous) && !unicode.IsDigit(previous)
	case '-':
		return previous == ' ' && next == ' '
	case '/':
		return unicode.IsLetter(previous) && unicode.IsLetter(next)
	}
	return false
}
