// Package attribution finds what an article attributes to somebody: source,
// cue and content, in the sense of PolNeAR (Newell et al., 2018).
//
// It needs LayerRegions, LayerParagraphs, LayerTokens, LayerSentences,
// LayerQuotations and LayerTags, and adds LayerStatements. Who the speakers
// are is left to package mention.
//
// The rules work on tags and quotation marks. A cue (a verb, "according to", a
// noun such as "claim") gives its subject as the source and, as the content,
// the clause or noun phrase behind it, or the quotation or clause before it
// ("…, she said"). Quotations that no cue claims go to the statement before
// them in the paragraph, or, more doubtfully, to the running speaker.
package attribution

import (
	"cmp"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage finds statements. It is safe for concurrent use.
type Stage struct{}

// New returns the stage.
func New() *Stage { return &Stage{} }

// Process adds LayerStatements to the document.
func (*Stage) Process(doc *corpus.Document) error {
	need := corpus.LayerRegions | corpus.LayerParagraphs | corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags
	if err := doc.Require("attribution", need); err != nil {
		return err
	}
	r := reader{doc: doc, claimed: make([]bool, len(doc.Quotations))}
	for i := range doc.Sentences {
		if doc.Sentences[i].Kind != corpus.Boilerplate {
			r.sentence(i)
		}
	}
	r.orphans()
	slices.SortStableFunc(r.found, func(a, b draft) int {
		return cmp.Or(cmp.Compare(r.start(a), r.start(b)), cmp.Compare(a.cue.First, b.cue.First))
	})
	for _, d := range r.found {
		if s, ok := r.statement(d); ok {
			doc.Statements = append(doc.Statements, s)
		}
	}
	doc.Add(corpus.LayerStatements)
	return nil
}

// A draft is a statement in tokens.
type draft struct {
	source    corpus.Range
	cue       corpus.Range
	content   []corpus.Range // ordered, disjoint
	lemma     string
	class     class
	sentence  int
	inherited bool
	conf      float64
	source1   float64 // confidence that the source is right
}

type reader struct {
	doc     *corpus.Document
	claimed []bool // quotations that a cue has taken, by index
	found   []draft
	scope   corpus.Range // tokens of the sentence at hand
}

func (r *reader) word(i int) string  { return r.doc.TokenText(i) }
func (r *reader) lower(i int) string { return strings.ToLower(r.doc.TokenText(i)) }
func (r *reader) tag(i int) string   { return r.doc.Tokens[i].Tag }

func (r *reader) start(d draft) int {
	if d.inherited {
		return d.content[0].First
	}
	if len(d.content) > 0 {
		return min(d.content[0].First, max(0, d.source.First))
	}
	return d.source.First
}

// quote is the outermost quotation of its paragraph that holds token i, or -1.
func (r *reader) quote(i int) int {
	q := r.doc.Tokens[i].Quotation
	for q >= 0 && r.doc.Quotations[q].Parent >= 0 {
		q = r.doc.Quotations[q].Parent
	}
	return q
}

// whole is the tokens of a quotation with its marks.
func (r *reader) whole(q int) corpus.Range { return r.doc.TokensIn(r.doc.Quotations[q].Span) }

// sentence finds the cues of one sentence and drafts their statements.
func (r *reader) sentence(index int) {
	s := r.doc.Sentences[index]
	r.scope = s.Tokens
	first := len(r.found)
	for i := s.Tokens.First; i < s.Tokens.Last; i++ {
		var d draft
		var ok bool
		switch {
		case r.lower(i) == "according" && i+1 < s.Tokens.Last && r.lower(i+1) == "to":
			d, ok = r.accordingTo(i)
		case r.tag(i) != "" && r.tag(i)[0] == 'V':
			d, ok = r.verb(i, first)
		case nouns[strings.TrimSuffix(r.lower(i), "s")] && strings.HasPrefix(r.tag(i), "NN"):
			d, ok = r.noun(i)
		case r.word(i) == ":" && i > s.Tokens.First:
			d, ok = r.colon(i)
		case dashes[r.word(i)]:
			d, ok = r.dash(i)
		}
		if ok {
			d.sentence = index
			r.found = append(r.found, d)
		}
	}
	r.separate(first)
}

// verb drafts the statement of a cue verb at token i.
func (r *reader) verb(i, first int) (draft, bool) {
	base, c := lemma(r.lower(i))
	if c == noCue {
		return draft{}, false
	}
	d := draft{cue: corpus.Range{First: i, Last: i + 1}, lemma: base, class: c, conf: 0.8, source1: 0.9}
	begin := r.groupStart(i)
	passive := r.passive(i, begin)
	d.cue.First = begin
	if passive {
		if base != "quote" && !(base == "ask" || base == "expect" || base == "tell") {
			return d, false
		}
	}
	next := i + 1
	// inverted: "…," said Roth
	if c == say && r.quote(i) < 0 {
		if src, ok := r.inverted(i, begin); ok {
			d.source = src
			d.content = r.before(begin)
			if len(d.content) > 0 {
				if rest := r.resumed(src.Last); rest.Len() > 0 && r.quote(rest.First) >= 0 {
					d.content = append(d.content, rest)
				}
				d.conf = 0.9
				return d, true
			}
		}
	}
	src, ok := r.subject(begin)
	if !ok {
		// "…, adding that": the subject of the cue before it, or of the sentence
		if r.tag(i) != "VBG" && !(begin > r.scope.First && r.tag(begin-1) == "CC") {
			return d, false
		}
		src, ok = r.shared(begin, first)
		if !ok {
			return d, false
		}
		d.source1 = 0.8
	}
	d.source = src
	if r.quote(i) >= 0 && !r.named(src) {
		return d, false // what "I think" says is the speaker's own
	}
	if c == say || c == narrow {
		// "…, she said": content before the source
		left := src.First
		if src.First > begin {
			left = begin
		}
		before := r.before(left)
		after := r.after(next, c, base)
		quotedBefore := len(before) > 0 && r.quote(before[len(before)-1].Last-1) >= 0
		parenthetical := next < r.scope.Last && r.word(next) == ","
		switch {
		case len(before) > 0 && (quotedBefore && c == say || r.endsClause(next) || parenthetical):
			d.content = before
			if rest := r.resumed(next); rest.Len() > 0 && (parenthetical && !quotedBefore || quotedBefore && r.quote(rest.First) >= 0) {
				d.content = append(d.content, rest)
			}
			d.conf = 0.9
			return d, true
		case after.Len() > 0:
			d.content = []corpus.Range{after}
			return d, true
		}
		return d, false
	}
	if after := r.after(next, c, base); after.Len() > 0 {
		d.content = []corpus.Range{after}
		d.conf = 0.65
		return d, true
	}
	return d, false
}

// groupStart returns where the verb group ends to the left: auxiliaries,
// adverbs and "to" before the verb.
func (r *reader) groupStart(i int) int {
	for i > r.scope.First {
		t, w := r.tag(i-1), r.lower(i-1)
		if t == "MD" || t == "RBR" || t == "RB" && w != "not" || w == "n't" || w == "n’t" || w == "not" || auxiliaries[w] && t != "NN" {
			i--
			continue
		}
		break
	}
	return i
}

var auxiliaries = words("has have had is are was were be been being did does do 's 've ’s ’ve having will would also")

// passive reports whether the verb at i is a participle behind a form of "be".
func (r *reader) passive(i, begin int) bool {
	if r.tag(i) != "VBN" && r.tag(i) != "VBD" {
		return false
	}
	for k := i - 1; k >= begin; k-- {
		switch r.lower(k) {
		case "is", "are", "was", "were", "be", "been", "being":
			return true
		}
	}
	return false
}

var clauseWords = words("after before as when because while since if although though that which than unless until whether where how why what but and or so")

// subject returns the noun phrase that ends where the verb group begins.
func (r *reader) subject(begin int) (corpus.Range, bool) {
	i := begin
	if i <= r.scope.First {
		return corpus.Range{}, false
	}
	// an apposition or aside between commas: "Roth, the minister, said"
	if w := r.word(i - 1); w == "," || w == "—" || w == ")" {
		closing := i - 1
		for k := closing - 1; k > r.scope.First && closing-k < 25; k-- {
			if o := r.word(k); (o == "," && w == ",") || (o == "—" && w == "—") || (o == "(" && w == ")") {
				np, ok := r.phrase(k)
				if ok && w != ")" && !r.finite(k+1, closing) {
					np.Last = closing
					return np, true
				}
				if ok && (r.tag(k+1) == "WP" || r.tag(k+1) == "WDT") {
					return np, true
				}
				if w == ")" {
					np.Last = i
					return np, ok
				}
			}
			if r.quote(k) >= 0 {
				break
			}
		}
		return corpus.Range{}, false
	}
	if t := r.tag(i - 1); t == "WP" || t == "WDT" {
		if i-1 <= r.scope.First {
			return corpus.Range{}, false
		}
		k := i - 1
		if r.word(k-1) == "," {
			k--
		}
		if np, ok := r.phrase(k); ok {
			return np, true
		}
		return corpus.Range{First: i - 1, Last: i}, true
	}
	return r.phrase(i)
}

// named reports whether a source is more than a pronoun or a bare noun.
func (r *reader) named(src corpus.Range) bool {
	for k := src.First; k < src.Last; k++ {
		if strings.HasPrefix(r.tag(k), "NNP") {
			return true
		}
	}
	return false
}

// finite reports whether a finite verb stands in the tokens.
func (r *reader) finite(from, to int) bool {
	for k := from; k < to; k++ {
		if t := r.tag(k); t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" {
			return true
		}
	}
	return false
}

var prepositions = words("of for at from in with on to under near against")

// phrase returns the noun phrase that ends before token i, with the
// prepositional phrases that hang on it.
func (r *reader) phrase(i int) (corpus.Range, bool) {
	last := i
	if last <= r.scope.First {
		return corpus.Range{}, false
	}
	if t := r.tag(last - 1); !strings.HasPrefix(t, "NN") && t != "PRP" && t != "DT" && t != "CD" && t != "JJ" && t != "JJS" && t != "WP" && t != "EX" {
		return corpus.Range{}, false
	}
	if r.tag(last-1) == "EX" {
		return corpus.Range{}, false
	}
	if r.tag(last-1) == "PRP" {
		return corpus.Range{First: last - 1, Last: last}, true
	}
	first := last
	for k := last - 1; k >= r.scope.First && last-k < 25; k-- {
		t, w := r.tag(k), r.lower(k)
		switch {
		case strings.HasPrefix(t, "NN"), strings.HasPrefix(t, "JJ"), t == "DT", t == "CD", t == "POS", t == "PRP$", t == "PDT", t == "$", t == "VBN" && k > r.scope.First && r.tag(k-1) != "PRP", t == "VBG" && k > r.scope.First && r.tag(k-1) == "DT":
			if t == "DT" && (w == "that") {
				return r.checked(first, last)
			}
			first = k
			continue
		case t == "IN" || t == "TO":
			if prepositions[w] && k > r.scope.First && (strings.HasPrefix(r.tag(k-1), "NN") || r.tag(k-1) == "CD") && first < last {
				continue
			}
		case w == "and" || w == "&" || w == "or":
			if k > r.scope.First && strings.HasPrefix(r.tag(k-1), "NN") && first < last && r.joins(first, k) {
				continue
			}
		case t == "RB" && first == k+1 && (w == "nearly" || w == "about" || w == "almost"):
			first = k
			continue
		}
		break
	}
	return r.checked(first, last)
}

// joins reports whether an "and" at k joins two phrases of one kind: names
// with names, plurals with plurals.
func (r *reader) joins(right, k int) bool {
	return strings.HasPrefix(r.tag(right), "NNP") && strings.HasPrefix(r.tag(k-1), "NNP") || r.tag(k-1) == "NNS"
}

// checked drops what cannot be a source: an empty phrase, dates.
func (r *reader) checked(first, last int) (corpus.Range, bool) {
	for first < last && (r.tag(first) == "POS" || r.tag(first) == "VBN" && first+1 < last && r.tag(first+1) == "DT") {
		first++
	}
	if first >= last || dates[r.word(last-1)] {
		return corpus.Range{}, false
	}
	return corpus.Range{First: first, Last: last}, true
}

var dates = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October November December")

// shared returns the source of the last cue of the sentence before the token,
// or else the subject of the sentence's first finite verb.
func (r *reader) shared(begin, first int) (corpus.Range, bool) {
	for k := len(r.found) - 1; k >= first; k-- {
		if d := r.found[k]; r.tag(d.cue.Last-1) != "VBG" && d.cue.First < begin && d.source.Len() > 0 && d.source.First >= r.scope.First {
			return d.source, true
		}
	}
	for k := r.scope.First; k < begin; k++ {
		if t := r.tag(k); t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" {
			return r.subject(r.groupStart(k))
		}
	}
	return corpus.Range{}, false
}

// inverted returns the subject behind the cue at i, where what stands before
// the cue ends a quotation or a clause: "…," said Roth.
func (r *reader) inverted(i, begin int) (corpus.Range, bool) {
	if begin <= r.scope.First {
		return corpus.Range{}, false
	}
	w := r.word(begin - 1)
	if w != "," && r.quote(begin-1) < 0 {
		return corpus.Range{}, false
	}
	k := i + 1
	for k < r.scope.Last && r.tag(k) == "RB" {
		k++
	}
	if k >= r.scope.Last {
		return corpus.Range{}, false
	}
	t := r.tag(k)
	if !strings.HasPrefix(t, "NN") && t != "DT" && t != "PRP" && t != "PRP$" && t != "JJ" && t != "CD" || r.lower(k) == "that" {
		return corpus.Range{}, false
	}
	if dates[r.word(k)] {
		return corpus.Range{}, false
	}
	end := r.phraseEnd(k)
	// "said he was": a clause, not an inverted subject
	if end < r.scope.Last {
		t := r.tag(end)
		if t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" || r.quote(begin-1) < 0 && !r.endsQuoteBefore(begin-1) && !r.isStop(end) && r.word(end) != "," {
			return corpus.Range{}, false
		}
	}
	return corpus.Range{First: k, Last: end}, end > k
}

// endsQuoteBefore reports whether the comma at k follows a quotation.
func (r *reader) endsQuoteBefore(k int) bool { return k > r.scope.First && r.quote(k-1) >= 0 }

// phraseEnd returns the end of the noun phrase that begins at k, with
// appositions between commas.
func (r *reader) phraseEnd(k int) int {
	end := k
	for end < r.scope.Last {
		t, w := r.tag(end), r.lower(end)
		nominal := strings.HasPrefix(t, "NN") || strings.HasPrefix(t, "JJ") || t == "DT" || t == "CD" || t == "POS" || t == "PRP$" || t == "PRP" && end == k || w == "of" || w == "for" || w == "at"
		if t == "PRP" && end == k {
			return end + 1
		}
		if nominal && r.quote(end) == r.quote(k) && !dates[r.word(end)] {
			end++
			continue
		}
		if (w == "and" || w == "in" || w == "with" || w == "to" || w == "from") && end+1 < r.scope.Last && end > k && strings.HasPrefix(r.tag(end+1), "NN") && !dates[r.word(end+1)] && r.quote(end+1) == r.quote(k) {
			end++
			continue
		}
		break
	}
	if end < r.scope.Last && r.word(end) == "," && end+1 < r.scope.Last && end > k {
		// an apposition: up to the next comma or the end, without a verb
		stop := end + 1
		for stop < r.scope.Last && r.word(stop) != "," && r.word(stop) != "." && r.quote(stop) == r.quote(k) {
			stop++
		}
		if t := r.tag(end + 1); (t == "DT" || strings.HasPrefix(t, "NN") || t == "JJ" || t == "WP") && (t == "WP" || !r.finite(end+1, r.relative(end+1, stop))) && stop-end < 25 && stop-end > 2 && r.tag(end+1) != "VBG" && !dates[r.word(end+1)] {
			end = stop
		}
	}
	return end
}

// relative returns where the first relative clause within the tokens begins.
func (r *reader) relative(from, to int) int {
	for k := from; k < to; k++ {
		if t := r.tag(k); t == "WP" || t == "WDT" || t == "WP$" {
			return k
		}
	}
	return to
}

// before returns the content that ends where the attribution begins: the
// quotation there, or the clause up to a comma. It claims the quotations.
func (r *reader) before(at int) []corpus.Range {
	k := at - 1
	for k >= r.scope.First && r.word(k) == "," && r.quote(k) < 0 {
		k--
	}
	if k < r.scope.First {
		return nil
	}
	comma := k < at-1
	if q := r.quote(k); q >= 0 {
		w := r.whole(q)
		if w.Last-1 == k && (comma || endsQuote(r.doc, q)) {
			out := []corpus.Range{w}
			// words before the quotation in its sentence belong to it
			if lead := max(r.scope.First, 0); lead < w.First {
				out[0].First = r.clauseStart(w.First)
			}
			r.claim(q)
			return r.chain(out, q)
		}
		return nil
	}
	if !comma || r.quote(at) >= 0 {
		return nil
	}
	start := r.clauseStart(k)
	if k+1-start < 3 || !r.finite(start, k+1) {
		return nil
	}
	return []corpus.Range{{First: start, Last: k + 1}}
}

// endsQuote reports whether a quotation closes with the punctuation that a
// reporting clause follows.
func endsQuote(doc *corpus.Document, q int) bool {
	inner := strings.TrimRight(doc.Slice(doc.Quotations[q].Inner), " '’\"”")
	return inner != "" && strings.ContainsRune(",.!?…", rune(inner[len(inner)-1])) || strings.HasSuffix(inner, "…") || strings.HasSuffix(inner, "—")
}

// clauseStart returns where the clause that holds token k begins: the start
// of the sentence, but for a conjunction there.
func (r *reader) clauseStart(k int) int {
	start := r.scope.First
	if start < k && r.tag(start) == "CC" {
		start++
	}
	return start
}

// chain puts the quotations of the paragraph that stand directly before the
// content in front of it: "“One. Two,” she said" in sentences of their own, and
// the paragraphs that the quotation continues.
func (r *reader) chain(content []corpus.Range, q int) []corpus.Range {
	for r.doc.Quotations[q].Continues >= 0 {
		q = r.doc.Quotations[q].Continues
		for r.doc.Quotations[q].Parent >= 0 {
			q = r.doc.Quotations[q].Parent
		}
		if r.claimed[q] {
			break
		}
		r.claim(q)
		content = append([]corpus.Range{r.whole(q)}, content...)
	}
	return content
}

func (r *reader) claim(q int) { r.claimed[q] = true }

// resumed returns what goes on behind the attribution in the same sentence:
// "…, she said, …".
func (r *reader) resumed(at int) corpus.Range {
	k := at
	// skip an addressee, time or place: "told reporters in Velgrad on Monday"
	for k < r.scope.Last && r.word(k) != "," && r.word(k) != ":" && r.quote(k) < 0 && !r.isStop(k) {
		k++
	}
	if k >= r.scope.Last || r.isStop(k) {
		return corpus.Range{}
	}
	if r.quote(k) < 0 {
		k++
	}
	if k >= r.scope.Last {
		return corpus.Range{}
	}
	if t := r.tag(k); r.quote(k) < 0 && (t == "VBG" || t == "WP" || t == "WDT" || t == "WRB" || t == "CC" ||
		t == "IN" && !resumes[r.lower(k)]) {
		// an aside: a quotation may still follow it
		for ; k < r.scope.Last && r.quote(k) < 0; k++ {
			if t == "CC" || r.tag(k) == "VBD" {
				return corpus.Range{}
			}
		}
		if k >= r.scope.Last || r.word(k-1) != "," {
			return corpus.Range{}
		}
	}
	end := r.contentEnd(k, say)
	if q := r.quote(k); q >= 0 {
		r.claim(q)
		end = max(end, r.whole(q).Last)
	}
	return corpus.Range{First: k, Last: end}
}

// resumes are the prepositions that carry on the content behind "…, she said,".
var resumes = words("that if since because unless for with without in at on by to from until")

func (r *reader) isStop(k int) bool {
	w := r.word(k)
	return r.tag(k) == "." || w == "." || w == "!" || w == "?"
}

// endsClause reports whether nothing of weight follows token k: the end of the
// sentence, or only where and when.
func (r *reader) endsClause(k int) bool {
	if k >= r.scope.Last || r.isStop(k) {
		return true
	}
	w, t := r.lower(k), r.tag(k)
	if w == "," || w == ";" || w == "—" {
		return true
	}
	if w == "in" || w == "on" || w == "at" || w == "during" || dates[r.word(k)] || w == "last" || w == "this" || w == "earlier" || w == "later" || w == "of" || w == "to" || w == "when" || w == "after" || w == "while" || w == "as" || w == "about" || w == "from" {
		return !r.that(k, r.scope.Last)
	}
	return t == "RB" && r.endsClause(k+1)
}

// that reports whether a complementizer follows within the tokens.
func (r *reader) that(from, to int) bool {
	for k := from; k < min(to, from+9); k++ {
		if r.lower(k) == "that" && r.tag(k) == "IN" {
			return true
		}
	}
	return false
}

// after returns the content behind the cue: from its complementizer,
// quotation, clause or object to the end of the clause.
func (r *reader) after(at int, c class, base string) corpus.Range {
	k := at
	if k < r.scope.Last && (r.word(k) == ":" || r.word(k) == ",") && k+1 < r.scope.Last {
		if r.word(k) == "," && r.quote(k+1) < 0 {
			return corpus.Range{}
		}
		k++
	}
	if k >= r.scope.Last || r.isStop(k) {
		return corpus.Range{}
	}
	// over the addressee and the time to "that" or a quotation
	if c == say || c == think || c == narrow {
		for j := k; j < min(k+14, r.scope.Last); j++ {
			w, t := r.lower(j), r.tag(j)
			if w == "that" && (t == "IN" || j == k) || r.quote(j) >= 0 && r.quote(at-1) < 0 && !r.doc.Quotations[r.quote(j)].Scare && j > k && (r.word(j-1) == "," || r.word(j-1) == ":" || r.tag(j-1) == "IN") {
				k = j
				break
			}
			if j > k && (t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" || t == "VB") || w == ";" {
				break
			}
		}
		if k == at {
			k = r.skipWhen(k, base)
		}
	}
	if k >= r.scope.Last || r.isStop(k) {
		return corpus.Range{}
	}
	w, t := r.lower(k), r.tag(k)
	switch c {
	case narrow, think:
		quoted := r.quote(k) >= 0 && r.quote(at-1) < 0
		if w != "that" && w != "to" && !quoted && !(c == think && r.clauseAt(k)) {
			return corpus.Range{}
		}
	case want:
		if w != "to" && !(base == "urge" || base == "order") {
			return corpus.Range{}
		}
	case act:
		if t == "." || w == "," || t == "CC" || w == "to" && base != "refer" && base != "urge" && base != "threaten" && base != "object" {
			return corpus.Range{}
		}
		if w == "on" || w == "for" || w == "to" || w == "about" || w == "of" {
			k++
		}
	case say:
		if w == "," || t == "CC" || w == "of" || w == "to" && base == "add" {
			return corpus.Range{}
		}
	}
	if k >= r.scope.Last {
		return corpus.Range{}
	}
	end := r.contentEnd(k, c)
	for j := k; j < end; j++ {
		if q := r.quote(j); q >= 0 && r.whole(q).First >= k {
			r.claim(q)
			end = max(end, r.whole(q).Last) // a quotation of several sentences
			j = r.whole(q).Last - 1
		}
	}
	return corpus.Range{First: k, Last: end}
}

// skipWhen steps over "reporters", "on Tuesday", "in an interview" behind a cue.
func (r *reader) skipWhen(k int, base string) int {
	if base == "tell" || base == "ask" || base == "assure" || base == "remind" || base == "inform" || base == "warn" && strings.HasPrefix(r.tag(k), "NNP") {
		if end := r.phraseEnd(k); end > k && end-k < 8 && end < r.scope.Last {
			k = end
		}
	}
	for k < r.scope.Last && (dates[r.word(k)] || (r.lower(k) == "on" || r.lower(k) == "last") && k+1 < r.scope.Last && dates[r.word(k+1)] || r.tag(k) == "RB" && r.lower(k) != "not" && k+1 < r.scope.Last) {
		k++
	}
	return k
}

// clauseAt reports whether a finite clause begins at k: a noun phrase, then a
// finite verb.
func (r *reader) clauseAt(k int) bool {
	for j := k; j < min(k+10, r.scope.Last); j++ {
		t := r.tag(j)
		if t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" {
			return j > k
		}
		if t == "IN" && j == k || t == "," || t == "." || t == "TO" {
			return false
		}
	}
	return false
}

// contentEnd returns where the content that begins at k ends: for a clause the
// end of the sentence, for a noun phrase also a comma or a conjunction.
func (r *reader) contentEnd(k int, c class) int {
	q := r.quote(k)
	end := k
	for end < r.scope.Last {
		if q >= 0 && r.quote(end) != q && r.whole(q).First < k {
			break // the quotation around the cue is over
		}
		w := r.word(end)
		if c == act && end > k && r.quote(end) == q {
			if w == "," || w == ";" || w == "—" || r.tag(end) == "CC" && end+1 < r.scope.Last && strings.HasPrefix(r.tag(end+1), "VB") {
				break
			}
			if l := r.lower(end); l == "after" || l == "when" || l == "while" || l == "because" || l == "during" || l == "saying" {
				break
			}
		}
		if end > k && (w == "," || w == "—") && r.quote(end) == q && end+1 < r.scope.Last {
			// "…, adding that", "…, according to": an attribution of its own
			l := r.lower(end + 1)
			if l == "according" || l == "adding" || l == "saying" || l == "noting" || l == "citing" || l == "calling" || l == "arguing" || l == "accusing" || l == "telling" {
				break
			}
		}
		end++
	}
	for end > k && (r.isStop(end-1) || r.word(end-1) == ",") && r.quote(end-1) < 0 {
		end--
	}
	return end
}

// accordingTo drafts "according to X".
func (r *reader) accordingTo(i int) (draft, bool) {
	k := i + 2
	if k >= r.scope.Last {
		return draft{}, false
	}
	end := r.phraseEnd(k)
	if end == k {
		return draft{}, false
	}
	d := draft{cue: corpus.Range{First: i, Last: i + 2}, source: corpus.Range{First: k, Last: end}, lemma: "according to", class: say, conf: 0.9, source1: 0.9}
	before := i
	for before > r.scope.First && r.word(before-1) == "," {
		before--
	}
	if before > r.scope.First && !(before-r.scope.First == 1 && r.tag(r.scope.First) == "CC") {
		d.content = append(d.content, corpus.Range{First: r.clauseStart(before), Last: before})
	}
	if end < r.scope.Last && r.word(end) == "," && end+1 < r.scope.Last {
		if stop := r.contentEnd(end+1, say); stop > end+1 && (len(d.content) == 0 || r.finite(end+1, stop)) {
			d.content = append(d.content, corpus.Range{First: end + 1, Last: stop})
		}
	}
	for _, c := range d.content {
		for j := c.First; j < c.Last; j++ {
			if q := r.quote(j); q >= 0 {
				r.claim(q)
			}
		}
	}
	return d, len(d.content) > 0
}

// noun drafts "X's claim that …".
func (r *reader) noun(i int) (draft, bool) {
	if i+1 >= r.scope.Last || r.lower(i+1) != "that" || r.tag(i+1) != "IN" && r.tag(i+1) != "WDT" {
		return draft{}, false
	}
	d := draft{cue: corpus.Range{First: i, Last: i + 1}, lemma: strings.TrimSuffix(r.lower(i), "s"), class: say, conf: 0.75, source1: 0.85}
	d.content = []corpus.Range{{First: i + 1, Last: r.contentEnd(i+1, say)}}
	for k := i - 1; k >= max(r.scope.First, i-4); k-- {
		if r.tag(k) == "POS" {
			if np, ok := r.phrase(k); ok {
				d.source = np
				return d, true
			}
		}
		if r.tag(k) == "PRP$" {
			d.source = corpus.Range{First: k, Last: k + 1}
			return d, true
		}
	}
	return draft{}, false
}

// colon drafts a line that begins "Roth: …", as interviews print it.
func (r *reader) colon(i int) (draft, bool) {
	s := r.doc.Sentences[r.doc.Tokens[i].Sentence]
	if s.Start != r.doc.Paragraphs[s.Paragraph].Start || i-r.scope.First > 5 || i+2 >= r.scope.Last {
		return draft{}, false
	}
	for k := r.scope.First; k < i; k++ {
		if !strings.HasPrefix(r.tag(k), "NNP") {
			return draft{}, false
		}
	}
	quoted := r.quote(i+1) >= 0
	if !quoted && s.Kind != corpus.Headline {
		return draft{}, false
	}
	end := r.contentEnd(i+1, say)
	if q := r.quote(i + 1); q >= 0 {
		r.claim(q)
		end = max(end, r.whole(q).Last)
	}
	return draft{source: corpus.Range{First: r.scope.First, Last: i}, cue: corpus.Range{First: i, Last: i + 1}, lemma: ":", class: say,
		content: []corpus.Range{{First: i + 1, Last: end}}, conf: 0.8, source1: 0.9}, true
}

var dashes = words("— – ― -- -")

// dash drafts a quotation signed behind a dash: "“…” — Agnes Roth".
func (r *reader) dash(i int) (draft, bool) {
	k := i - 1
	if k < 0 || i+1 >= r.scope.Last || !strings.HasPrefix(r.tag(i+1), "NNP") || r.doc.Tokens[i].Quotation >= 0 {
		return draft{}, false
	}
	q := r.quote(k)
	if q < 0 || r.claimed[q] || r.whole(q).Last != i {
		return draft{}, false
	}
	end := r.phraseEnd(i + 1)
	for j := end; j < r.scope.Last; j++ {
		if t := r.tag(j); strings.HasPrefix(t, "VB") || t == "MD" {
			return draft{}, false
		}
	}
	content := r.chain([]corpus.Range{r.whole(q)}, q)
	r.claim(q)
	return draft{source: corpus.Range{First: i + 1, Last: end}, cue: corpus.Range{First: i, Last: i + 1}, lemma: "—", class: say, content: content, conf: 0.8, source1: 0.85}, true
}

// separate ends a content where the next statement of another source begins:
// "X said …, but Y said …".
func (r *reader) separate(first int) {
	for a := first; a < len(r.found); a++ {
		for b := a + 1; b < len(r.found); b++ {
			at := min(r.found[b].source.First, r.found[b].cue.First)
			if r.found[b].source == r.found[a].source {
				at = r.found[b].cue.First
			}
			for k := range r.found[a].content {
				c := &r.found[a].content[k]
				if at <= c.First || at >= c.Last || at == r.scope.First {
					continue
				}
				w := r.lower(at - 1)
				if w != "but" && w != "while" && w != "and" && w != ";" && w != "whereas" || r.quote(at) >= 0 {
					continue
				}
				c.Last = at - 1
				for c.Last > c.First && r.word(c.Last-1) == "," {
					c.Last--
				}
			}
		}
	}
}

// orphans gives the quotations that no cue has claimed to the statement before
// them in the paragraph, or, inherited, to that of the paragraph before.
func (r *reader) orphans() {
	for q := range r.doc.Quotations {
		quote := &r.doc.Quotations[q]
		if r.claimed[q] || quote.Parent >= 0 || quote.Scare || quote.Tokens.Len() < 3 {
			continue
		}
		s := r.doc.SentenceAt(quote.Start)
		if s < 0 || r.doc.Sentences[s].Kind == corpus.Boilerplate {
			continue
		}
		paragraph := r.doc.Sentences[s].Paragraph
		if quote.Continues >= 0 && r.adopt(q, quote.Continues) {
			continue
		}
		if !r.free(q, s) {
			continue
		}
		owner, inherited := -1, false
		for k := range r.found {
			d := &r.found[k]
			if d.cue.Len() == 0 && !d.inherited || len(d.content) == 0 {
				continue
			}
			last := d.content[len(d.content)-1].Last
			p := r.doc.Sentences[d.sentence].Paragraph
			if last > quote.Tokens.First {
				continue
			}
			if p == paragraph && (owner < 0 || inherited || r.found[owner].content[0].First < d.content[0].First) {
				owner, inherited = k, false
			} else if p == paragraph-1 && (owner < 0 || inherited) {
				owner, inherited = k, true
			}
		}
		whole := r.whole(q)
		r.claim(q)
		switch {
		case owner >= 0 && !inherited && r.quotes(owner):
			r.found[owner].content = append(r.found[owner].content, whole)
		case owner >= 0:
			d := r.found[owner]
			conf := 0.6
			if !r.quotes(owner) {
				conf = 0.4 // spoken of before, not quoted: the turn may be another's
			}
			r.found = append(r.found, draft{source: d.source, content: []corpus.Range{whole}, class: say, sentence: s, inherited: true, conf: 0.7, source1: conf})
		default:
			r.found = append(r.found, draft{content: []corpus.Range{whole}, class: say, sentence: s, conf: 0.6})
		}
	}
}

// quotes reports whether a draft's content ends in a quotation.
func (r *reader) quotes(k int) bool {
	c := r.found[k].content
	return r.quote(c[len(c)-1].Last-1) >= 0
}

// adopt adds a quotation to the statement that holds the one it continues.
func (r *reader) adopt(q, from int) bool {
	before := r.whole(from)
	for k := range r.found {
		c := r.found[k].content
		if n := len(c); n > 0 && c[n-1].Last >= before.Last && c[n-1].First <= before.First {
			r.found[k].content = append(c, r.whole(q))
			r.claim(q)
			return true
		}
	}
	return false
}

// free reports whether a quotation makes up its sentence, so that it is
// somebody's words and not part of the narration.
func (r *reader) free(q, s int) bool {
	whole := r.whole(q)
	sentence := r.doc.Sentences[s].Tokens
	for i := sentence.First; i < whole.First; i++ {
		if t := r.tag(i); t != "CC" && t != ":" && t != "," && t != "``" {
			return false
		}
	}
	end := r.doc.SentenceAt(r.doc.Tokens[whole.Last-1].Start)
	last := r.doc.Sentences[end].Tokens.Last
	for i := whole.Last; i < last; i++ {
		if !r.isStop(i) {
			return false
		}
	}
	return true
}

// statement turns a draft into spans.
func (r *reader) statement(d draft) (corpus.Statement, bool) {
	s := corpus.Statement{Sentence: d.sentence, CueLemma: d.lemma, Inherited: d.inherited, Confidence: d.conf, SourceConf: d.source1, Speaker: -1}
	if d.source.Len() > 0 {
		s.Source = []corpus.Span{r.span(d.source)}
	}
	if d.cue.Len() > 0 {
		s.Cue = []corpus.Span{r.span(d.cue)}
	}
	quoted, bare := false, false
	slices.SortFunc(d.content, func(a, b corpus.Range) int { return cmp.Compare(a.First, b.First) })
	at := -1
	for _, c := range d.content {
		c.First = max(c.First, at)
		for c.First < c.Last && r.word(c.First) == "," {
			c.First++
		}
		// the attribution itself is not content
		if d.cue.First >= c.First && d.cue.First < c.Last && d.cue.Len() > 0 {
			c.Last = min(d.cue.First, c.Last)
			if d.source.Len() > 0 && d.source.First > c.First && d.source.First < c.Last {
				c.Last = d.source.First
			}
		}
		if c.Len() <= 0 {
			continue
		}
		at = c.Last
		s.Content = append(s.Content, r.span(c))
		for i := c.First; i < c.Last; i++ {
			if r.quote(i) >= 0 {
				quoted = true
			} else if t := r.tag(i); t != "" && (t[0] >= 'A' && t[0] <= 'Z') {
				bare = true
			}
		}
	}
	if len(s.Content) == 0 {
		return s, false
	}
	switch {
	case quoted && !bare:
		s.Kind = corpus.Direct
	case quoted:
		s.Kind = corpus.Mixed
	case d.class == act || d.class == want:
		s.Kind = corpus.Described
	default:
		s.Kind = corpus.Indirect
	}
	return s, true
}

func (r *reader) span(t corpus.Range) corpus.Span {
	return corpus.Span{Start: r.doc.Tokens[t.First].Start, End: r.doc.Tokens[t.Last-1].End}
}
