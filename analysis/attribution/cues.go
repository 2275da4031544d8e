package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

func capital(word string) bool {
	c, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(c)
}

// accordingTo drafts "according to X" and "in the words of X", cues of n tokens.
func (r *reader) accordingTo(i, n int) (draft, bool) {
	k := i + n
	if k >= r.scope.Last {
		return draft{}, false
	}
	end := r.phraseEnd(k)
	if end == k {
		return draft{}, false
	}
	d := draft{cue: corpus.Range{First: i, Last: k}, source: corpus.Range{First: k, Last: end}, lemma: "according to", class: say, conf: 0.9, source1: 0.9}
	before := i
	for before > r.scope.First && r.word(before-1) == "," {
		before--
	}
	if before > r.scope.First && !(before-r.scope.First == 1 && r.tag(r.scope.First) == "CC") {
		d.content = append(d.content, corpus.Range{First: r.clauseStart(before), Last: before})
	}
	if end < r.scope.Last && r.word(end) == "," && end+1 < r.scope.Last {
		if stop := r.contentEnd(end+1, say); stop > end+1 && (len(d.content) == 0 || r.finite(end+1, stop) || r.quote(end+1) >= 0) {
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

// subordinateEnd returns where a clause that is part of a sentence's subject
// ends: before the second finite verb, which is the sentence's own ("the claim
// that the port had closed | was false").
func (r *reader) subordinateEnd(first, last int) int {
	verbs := 0
	for k := first; k < last; k++ {
		switch t := r.tag(k); {
		case t == "CC" || t == "WDT" || t == "WP" || t == "WRB" || r.word(k) == "," || k > first && r.lower(k) == "that":
			return last // more clauses: leave it whole
		case finite(t):
			if verbs++; verbs == 2 {
				return k
			}
		}
	}
	return last
}

// noun drafts "X's claim that …".
func (r *reader) noun(i int) (draft, bool) {
	if i+1 >= r.scope.Last || r.lower(i+1) != "that" || r.tag(i+1) != "IN" && r.tag(i+1) != "WDT" {
		return draft{}, false
	}
	d := draft{cue: corpus.Range{First: i, Last: i + 1}, lemma: strings.TrimSuffix(r.lower(i), "s"), class: say, conf: 0.75, source1: 0.85}
	d.content = []corpus.Range{{First: i + 1, Last: r.subordinateEnd(i+1, r.contentEnd(i+1, say))}}
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
		if !capital(r.word(k)) {
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
	if k < 0 || i+1 >= r.scope.Last || !capital(r.word(i+1)) || r.doc.Tokens[i].Quotation >= 0 {
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
