package attribution

import (
	"github.com/standpoint-news/standpoint/corpus"
)

// orphans gives the quotations that no cue has claimed to the statement before
// them in the paragraph, or, inherited, to that of the paragraph before.
func (r *reader) orphans() {
	drafts := make([][]int, len(r.doc.Paragraphs)) // indices into found, by paragraph
	keep := func(k int) {
		p := r.doc.Sentences[r.found[k].sentence].Paragraph
		drafts[p] = append(drafts[p], k)
	}
	for k := range r.found {
		keep(k)
	}
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
		for p := max(0, paragraph-1); p <= paragraph; p++ {
			for _, k := range drafts[p] {
				d := &r.found[k]
				if d.cue.Len() == 0 && !d.inherited || len(d.content) == 0 || d.content[len(d.content)-1].Last > quote.Tokens.First {
					continue
				}
				if p < paragraph || owner < 0 || inherited || r.found[owner].content[0].First < d.content[0].First {
					owner, inherited = k, p < paragraph
				}
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
			keep(len(r.found) - 1)
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
	for k := len(r.found) - 1; k >= 0; k-- {
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
