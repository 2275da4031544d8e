package attribution

import (
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

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
	if passive && base != "ask" && base != "expect" && base != "tell" {
		return d, false
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
		parenthetical := next < r.scope.Last && r.word(next) == ","
		if parenthetical && len(before) == 0 && left-1 > r.scope.First && r.word(left-1) == "," && r.quote(left) < 0 {
			// "The port, Roth said, would reopen": neither part is a clause by itself
			if rest := r.resumed(next); rest.Len() > 0 && r.finite(rest.First, rest.Last) {
				d.content = []corpus.Range{{First: r.clauseStart(left - 1), Last: left - 1}, rest}
				return d, true
			}
		}
		quotedBefore := len(before) > 0 && r.quote(before[len(before)-1].Last-1) >= 0
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
	if i-2 >= r.scope.First && r.lower(i-1) == "as" && (r.lower(i-2) == "quoted" || r.lower(i-2) == "cited") {
		i -= 2 // "was quoted as saying"
	}
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

// named reports whether a source is more than a pronoun or a bare noun.
func (r *reader) named(src corpus.Range) bool {
	for k := src.First; k < src.Last; k++ {
		if strings.HasPrefix(r.tag(k), "NNP") {
			return true
		}
	}
	return false
}

// shared returns the source of the last cue of the sentence before the token,
// or else the subject of the sentence's first finite verb.
func (r *reader) shared(begin, first int) (corpus.Range, bool) {
	for k := len(r.found) - 1; k >= first; k-- {
		if d := r.found[k]; r.tag(d.cue.Last-1) != "VBG" && d.cue.First < begin && d.source.Len() > 0 && d.source.First >= r.scope.First {
			return d.source, true
		}
	}
	for k := r.scope.First; k < begin; k++ {
		if t := r.tag(k); finite(t) {
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
		if finite(t) || r.quote(begin-1) < 0 && !r.endsQuoteBefore(begin-1) && !r.isStop(end) && r.word(end) != "," {
			return corpus.Range{}, false
		}
	}
	return corpus.Range{First: k, Last: end}, end > k
}

// endsQuoteBefore reports whether the comma at k follows a quotation.
func (r *reader) endsQuoteBefore(k int) bool { return k > r.scope.First && r.quote(k-1) >= 0 }
