package attribution

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// What the tool believes of a quotation that no cue takes: that somebody says
// it, and that it is the speaker before it.
const (
	freeConf      = 0.7
	inheritedConf = 0.6 // the turn before was quoted too
	turnConf      = 0.4 // that speaker was spoken of, not quoted: the turn may be another's
	nobodyConf    = 0.6
)

// shortest is the number of tokens from which on a free-standing quotation is
// words of somebody.
const shortest = 3

// freeQuotations gives the quotations that no statement holds to the statement
// before them in the paragraph, or, inherited, to that of the paragraph
// before. The statements are in the order of the text. Paragraphs that were not
// read, where read tells, hold none.
func freeQuotations(doc *corpus.Document, list []corpus.Statement, read []bool) []corpus.Statement {
	for q := range doc.Quotations {
		quote := &doc.Quotations[q]
		if quote.Parent >= 0 || quote.Scare || quote.Tokens.Len() < shortest || held(list, quote.Span) {
			continue
		}
		s := doc.SentenceAt(quote.Start)
		if s < 0 || doc.Sentences[s].Kind == corpus.Boilerplate || read != nil && !read[doc.Sentences[s].Paragraph] {
			continue
		}
		if quote.Continues >= 0 {
			if k := holder(list, doc.Quotations[quote.Continues].Span); k >= 0 {
				list[k].Content = append(list[k].Content, quote.Span)
				continue
			}
		}
		if !free(doc, quote, s) {
			continue
		}
		paragraph := doc.Sentences[s].Paragraph
		owner, ownerAt := -1, -1
		for k := range list {
			l := &list[k]
			at := doc.Sentences[l.Sentence].Paragraph
			if at < paragraph-1 || at > paragraph || len(l.Cue) == 0 && !l.Inherited || l.Content[len(l.Content)-1].End > quote.Start {
				continue
			}
			if at > ownerAt || l.Content[0].Start > list[owner].Content[0].Start {
				owner, ownerAt = k, at
			}
		}
		statement := corpus.Statement{Kind: corpus.Direct, Content: []corpus.Span{quote.Span}, Sentence: s, Confidence: nobodyConf, Speaker: -1}
		if owner >= 0 {
			l := &list[owner]
			quoted := endsQuoted(doc, l)
			if quoted && ownerAt == paragraph {
				l.Content = append(l.Content, quote.Span)
				continue
			}
			statement.Source, statement.Inherited, statement.Confidence, statement.SourceConf = l.Source, true, freeConf, turnConf
			if quoted {
				statement.SourceConf = inheritedConf
			}
		}
		list = append(list, statement)
	}
	return list
}

// signatureConf is how sure it is that a name behind a dash is the speaker.
const signatureConf = 0.9

// signed makes a statement of each quotation that a name behind a dash signs,
// "“…” — Agnes Roth", in place of what else was found of its words.
func signed(doc *corpus.Document, list []corpus.Statement, read []bool) []corpus.Statement {
	for q := range doc.Quotations {
		quote := &doc.Quotations[q]
		s := doc.SentenceAt(quote.Start)
		if quote.Parent >= 0 || !quote.Closed || quote.Tokens.Len() < shortest || s < 0 || read != nil && !read[doc.Sentences[s].Paragraph] {
			continue
		}
		dash, name, ok := signature(doc, quote)
		if !ok {
			continue
		}
		list = slices.DeleteFunc(list, func(l corpus.Statement) bool {
			within := len(l.Cue) > 0 && quote.Contains(l.Cue[0])
			return !within && (overlaps(l.Content, quote.Span) || overlaps(l.Cue, name) || overlaps(l.Content, name))
		})
		list = append(list, corpus.Statement{Kind: corpus.Direct, Source: []corpus.Span{name}, Cue: []corpus.Span{dash}, CueLemma: "—",
			Content: []corpus.Span{quote.Span}, Confidence: signatureConf, SourceConf: signatureConf, Sentence: s, Speaker: -1})
	}
	return list
}

// longestName is the number of tokens of a name that signs.
const longestName = 6

// signature is the dash and the name behind a quotation, up to the end of the
// line, of the sentence, or to the next quotation.
func signature(doc *corpus.Document, quote *corpus.Quotation) (dash, name corpus.Span, ok bool) {
	t := doc.TokensIn(quote.Span).Last
	if t+1 >= len(doc.Tokens) || !strings.Contains("— – ― -- -", doc.TokenText(t)) || strings.Contains(doc.Text[quote.End:doc.Tokens[t].Start], "\n") {
		return dash, name, false
	}
	dash = doc.Tokens[t].Span
	first, last := t+1, t+1
	for last < len(doc.Tokens) && last-first <= longestName {
		text := doc.TokenText(last)
		if last > first && (strings.Contains(doc.Text[doc.Tokens[last-1].End:doc.Tokens[last].Start], "\n") || strings.ContainsAny(text, ".!?;") && len(text) == 1 || doc.Tokens[last].Quotation >= 0) {
			break
		}
		r, _ := utf8.DecodeRuneInString(text)
		if !unicode.IsUpper(r) && !(last > first && particles[text]) {
			return dash, name, false
		}
		last++
	}
	if last-first > longestName {
		return dash, name, false
	}
	return dash, doc.SpanOf(corpus.Range{First: first, Last: last}), true
}

// particles may stand in small letters within a name.
var particles = map[string]bool{"al": true, "bin": true, "da": true, "de": true, "del": true, "der": true, "di": true, "el": true, "la": true, "of": true, "the": true, "van": true, "von": true, ",": true, "-": true}

func overlaps(list []corpus.Span, s corpus.Span) bool {
	return slices.ContainsFunc(list, s.Overlaps)
}

// held reports whether a statement has words of the span.
func held(list []corpus.Statement, span corpus.Span) bool { return holder(list, span) >= 0 }

func holder(list []corpus.Statement, span corpus.Span) int {
	for k := len(list) - 1; k >= 0; k-- {
		if overlaps(list[k].Content, span) {
			return k
		}
	}
	return -1
}

// endsQuoted reports whether a statement's content ends in a quotation.
func endsQuoted(doc *corpus.Document, s *corpus.Statement) bool {
	t := doc.TokensIn(s.Content[len(s.Content)-1])
	return t.Len() > 0 && doc.Tokens[t.Last-1].Quotation >= 0
}

// free reports whether a quotation makes up its sentence, so that it is
// somebody's words and not part of the narration.
func free(doc *corpus.Document, quote *corpus.Quotation, s int) bool {
	whole := doc.TokensIn(quote.Span)
	for i := doc.Sentences[s].Tokens.First; i < whole.First; i++ {
		if t := doc.Tokens[i].Tag; t != "CC" && t != ":" && t != "," && t != "``" {
			return false
		}
	}
	end := doc.SentenceAt(doc.Tokens[whole.Last-1].Start)
	for i := whole.Last; i < doc.Sentences[end].Tokens.Last; i++ {
		if !strings.ContainsAny(doc.TokenText(i), ".!?…") {
			return false
		}
	}
	return true
}
