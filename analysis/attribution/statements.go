package attribution

import (
	"cmp"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// statements turns what was found into statements, in the order of the text,
// and adds those of free-standing quotations.
func (r *reading) statements(doc *corpus.Document, list []found) []corpus.Statement {
	out := make([]corpus.Statement, 0, len(list))
	for _, f := range list {
		s := corpus.Statement{Cue: r.byteSpans(f.cue), Source: r.byteSpans(r.trim(doc, f.source)),
			Confidence: f.conf, SourceConf: f.sourceConf, Speaker: -1, Sentence: r.words[f.cue.First].Sentence}
		var c class
		s.CueLemma, c = cueLemma(doc, s.Cue)
		var later []corpus.Range
		quoted := false
		for _, content := range f.content {
			content = r.trim(doc, r.complete(doc, r.marks(content)))
			if r.turns(doc, f.cue, content) || !quoted && len(s.Content) > 0 && r.stands(content, f.cue) {
				later = append(later, content)
			} else {
				s.Content = append(s.Content, r.byteSpans(content)...)
				for w := content.First; w < content.Last; w++ {
					quoted = quoted || r.words[w].Quote != encoder.Unquoted
				}
			}
		}
		if len(s.Content) == 0 {
			s.Content, later = r.byteSpans(later...), nil
		}
		quotedAs(doc, &s)
		s.Kind = kind(doc, s.Content, c)
		if c == evade && s.Kind == corpus.Indirect {
			continue
		}
		ownOf(doc, s.Source)
		completeNoun(doc, s.Source, slices.Concat(s.Cue, s.Content))
		completeNoun(doc, s.Content, slices.Concat(s.Cue, s.Source))
		out = append(out, s)
		turn := turnConf
		if quoted {
			turn = inheritedConf
		}
		for _, content := range later {
			out = append(out, corpus.Statement{Kind: corpus.Direct, Source: s.Source, Content: r.byteSpans(content), Inherited: true,
				Confidence: f.conf, SourceConf: turn * f.sourceConf, Speaker: -1, Sentence: r.words[content.First].Sentence})
		}
	}
	out = signed(doc, out, r.read)
	sortStatements(out)
	out = freeQuotations(doc, out, r.read)
	sortStatements(out)
	return out
}

// ownOf takes the mark of possession from a source: "Roth's" claim is Roth's.
func ownOf(doc *corpus.Document, source []corpus.Span) {
	if len(source) == 0 {
		return
	}
	last := &source[len(source)-1]
	if t := doc.TokensIn(*last); t.Len() > 1 && doc.Tokens[t.Last-1].Tag == "POS" {
		last.End = doc.Tokens[t.Last-2].End
	}
}

// subjectConf is the confidence that the subject of "was quoted as saying" speaks.
const subjectConf = 0.9

// quotedAs makes the subject of "was quoted as saying" the source, whoever
// quotes, and "saying" a part of the cue: in "Roth was quoted by the Herald as
// saying that …" it is Roth who speaks.
func quotedAs(doc *corpus.Document, s *corpus.Statement) {
	if len(s.Cue) == 0 {
		return
	}
	cue := doc.TokensIn(s.Cue[0])
	is := func(i int, words ...string) bool { return slices.Contains(words, strings.ToLower(doc.TokenText(i))) }
	quoted := cue.First
	for quoted < cue.Last && !is(quoted, "quoted", "cited") {
		quoted++
	}
	if quoted == cue.First || quoted == cue.Last || !is(cue.First, "is", "are", "was", "were", "been", "be", "has", "have", "had") {
		return
	}
	sentence := doc.Sentences[doc.Tokens[quoted].Sentence].Tokens
	as, reach := quoted+1, min(sentence.Last, quoted+12)-1
	for as < reach && !(is(as, "as") && is(as+1, "saying", "telling", "stating")) {
		as++
	}
	subject := cue.First
	for subject > sentence.First && isNominal(doc.Tokens[subject-1].Tag) {
		subject--
	}
	if as >= reach || subject == cue.First {
		return
	}
	words := func(first, last int) corpus.Span { return doc.SpanOf(corpus.Range{First: first, Last: last}) }
	content := without(doc, s.Content, words(subject, as+2))
	if len(content) == 0 {
		return
	}
	s.Content, s.Source = content, []corpus.Span{words(subject, cue.First)}
	s.SourceConf = max(s.SourceConf, subjectConf)
	s.Cue = []corpus.Span{words(cue.First, as+2)}
	if as > quoted+1 {
		s.Cue = []corpus.Span{words(cue.First, quoted+1), words(as, as+2)}
	}
}

// isNominal reports whether a word of this part of speech may stand in a noun
// phrase of its own.
func isNominal(tag string) bool {
	return strings.HasPrefix(tag, "NN") || strings.HasPrefix(tag, "PRP") || tag == "DT" || tag == "JJ" || tag == "POS" || tag == "CD"
}

// without is the words of the spans that lie outside hole.
func without(doc *corpus.Document, spans []corpus.Span, hole corpus.Span) []corpus.Span {
	var out []corpus.Span
	for _, s := range spans {
		for _, part := range []corpus.Span{{Start: s.Start, End: min(s.End, hole.Start)}, {Start: max(s.Start, hole.End), End: s.End}} {
			if t := doc.TokensIn(part); part.Len() > 0 && t.Len() > 0 {
				out = append(out, corpus.Span{Start: max(part.Start, doc.Tokens[t.First].Start), End: min(part.End, doc.Tokens[t.Last-1].End)})
			}
		}
	}
	return out
}

// completeNoun carries a source or content that ends in an article, an adjective
// or a title on to its noun, but for what is taken: "the", "Northern" before
// "officials", "Mr." before a name.
func completeNoun(doc *corpus.Document, spans, taken []corpus.Span) {
	if len(spans) == 0 {
		return
	}
	end := &spans[len(spans)-1].End
	t := doc.TokensIn(spans[len(spans)-1])
	if t.Len() == 0 {
		return
	}
	last := doc.Tokens[t.Last-1]
	word := doc.Slice(last.Span)
	abbreviated := len(word) > 1 && strings.HasSuffix(word, ".") && 'A' <= word[0] && word[0] <= 'Z'
	switch {
	case last.Tag == "DT" && !strings.EqualFold(word, "that") && !strings.EqualFold(word, "this"), last.Tag == "JJ", last.Tag == "PRP$", abbreviated:
	default:
		return
	}
	for i := t.Last; i < len(doc.Tokens) && i < t.Last+5; i++ {
		next := doc.Tokens[i]
		noun := strings.HasPrefix(next.Tag, "NN")
		if next.Sentence != last.Sentence || slices.ContainsFunc(taken, next.Span.Overlaps) || !noun && next.Tag != "JJ" && next.Tag != "CD" {
			break
		}
		if noun {
			*end = next.End
		}
	}
}

// turns reports whether a content is a quotation of its own in a paragraph
// behind its cue's: the turn may have passed to somebody whom nobody names. One
// that an earlier quotation left open, or a colon announced, goes on.
func (r *reading) turns(doc *corpus.Document, cue, content corpus.Range) bool {
	first := r.words[content.First]
	if first.Paragraph <= r.words[cue.First].Paragraph || first.Quote == encoder.Unquoted {
		return false
	}
	at, _ := slices.BinarySearchFunc(doc.Quotations, first.Start, func(q corpus.Quotation, start int) int { return cmp.Compare(q.Start, start+1) })
	q := at - 1 // the last that begins at the word or before it
	for q >= 0 && doc.Quotations[q].Parent >= 0 {
		q = doc.Quotations[q].Parent
	}
	if q >= 0 && doc.Quotations[q].Continues >= 0 {
		return false
	}
	announced := doc.Sentences[r.words[cue.First].Sentence]
	return !strings.HasSuffix(doc.Slice(announced.Span), ":")
}

// stands reports whether a content is a quotation in a sentence behind its
// cue's: where nothing before it was quoted, the words may be another's.
func (r *reading) stands(content, cue corpus.Range) bool {
	first := r.words[content.First]
	return first.Quote == encoder.Opening && first.Sentence > r.words[cue.Last-1].Sentence
}

// marks takes the quotation marks around a content into it.
func (r *reading) marks(s corpus.Range) corpus.Range {
	if s.Len() == 0 {
		return s
	}
	if s.First > 0 && r.words[s.First-1].Quote == encoder.Opening && r.words[s.First].Quote == encoder.Quoted {
		s.First--
	}
	if s.Last < len(r.words) && r.words[s.Last].Quote == encoder.Closing && r.words[s.Last-1].Quote == encoder.Quoted {
		s.Last++
	}
	return s
}

// complete cuts what follows a whole quotation that ends in its own
// punctuation, "“We left,” until nightfall": the narrator goes on.
func (r *reading) complete(doc *corpus.Document, s corpus.Range) corpus.Range {
	if r.words[s.First].Quote != encoder.Opening {
		return s
	}
	for w := s.First + 2; w < s.Last; w++ {
		if r.words[w].Quote == encoder.Closing {
			if strings.Contains(",.!?", doc.Slice(r.words[w-1].Span)) && (w+1 == s.Last || r.words[w+1].Quote == encoder.Unquoted) {
				s.Last = w + 1
			}
			break
		}
	}
	return s
}

// trim cuts unquoted punctuation from the ends of a span of more than it, and from
// the second the apostrophe of a possessive and what joins on the next clause.
func (r *reading) trim(doc *corpus.Document, s corpus.Range) corpus.Range {
	loose := func(w encoder.Word, marks string) bool {
		return w.Quote == encoder.Unquoted && w.Shape == encoder.Mark && strings.Contains(marks, doc.Slice(w.Span))
	}
	for s.Len() > 1 && loose(r.words[s.First], ",.;:!?—–-") {
		s.First++
	}
	open := func(w encoder.Word) bool { // "left and", before another's words
		return w.Quote == encoder.Unquoted && slices.Contains([]string{"and", "or", "but"}, doc.Slice(w.Span))
	}
	for s.Len() > 1 && (loose(r.words[s.Last-1], ",.;:!?—–-'’") || open(r.words[s.Last-1])) {
		s.Last--
	}
	return s
}

func (r *reading) byteSpans(ranges ...corpus.Range) []corpus.Span {
	var out []corpus.Span
	for _, w := range ranges {
		if w.Len() > 0 {
			out = append(out, corpus.Span{Start: r.words[w.First].Start, End: r.words[w.Last-1].End})
		}
	}
	return out
}

// kind says how the words of the source are given.
func kind(doc *corpus.Document, content []corpus.Span, c class) corpus.StatementKind {
	quoted, bare := false, false
	for _, s := range content {
		t := doc.TokensIn(s)
		for i := t.First; i < t.Last; i++ {
			if doc.Tokens[i].Quotation >= 0 {
				quoted = true
			} else if tag := doc.Tokens[i].Tag; tag != "" && 'A' <= tag[0] && tag[0] <= 'Z' {
				bare = true
			}
		}
	}
	switch {
	case quoted && !bare:
		return corpus.Direct
	case quoted:
		return corpus.Mixed
	case c == act || c == want:
		return corpus.Described
	}
	return corpus.Indirect
}

// cueLemma is the base form of a cue's head, and its class where it is known.
func cueLemma(doc *corpus.Document, cue []corpus.Span) (string, class) {
	t := doc.TokensIn(cue[0])
	if strings.EqualFold(doc.Slice(cue[0]), "according to") {
		return "according to", say
	}
	verb := ""
	for i := t.Last - 1; i >= t.First; i-- {
		low := strings.ToLower(doc.TokenText(i))
		if base, c := lemma(low); c != noCue {
			return base, c
		}
		if verb == "" && strings.HasPrefix(doc.Tokens[i].Tag, "V") {
			verb = low
		}
	}
	if verb == "" {
		verb = strings.ToLower(doc.TokenText(t.Last - 1))
	}
	return verb, noCue
}

func sortStatements(list []corpus.Statement) {
	slices.SortStableFunc(list, func(a, b corpus.Statement) int { return cmp.Compare(a.Extent().Start, b.Extent().Start) })
}
