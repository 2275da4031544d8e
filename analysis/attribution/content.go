package attribution

import (
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

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
			if r.scope.First < w.First {
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
			if j > k && (finite(t) || t == "VB") || w == ";" {
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
		if t == "." || w == "," || t == "CC" || w == "to" && base != "refer" && base != "urge" && base != "threaten" {
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
		if finite(t) {
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
