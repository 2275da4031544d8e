package mention

import (
	"slices"

	"github.com/standpoint-news/standpoint/corpus"
)

// Lessons lists the anaphors of an article whose antecedents are known, because
// a coder named the speaker or because they were planted, in the order of the
// text. It needs what the resolver needs; ranker is what Train made.
func (s *Resolver) Lessons(a CodedArticle, planted []Planted) ([]Anaphor, error) {
	if err := a.Doc.Require("speakers", speakersNeed); err != nil {
		return nil, err
	}
	r := newResolver(s.catalogue, a.Doc)
	r.ranker = s.ranker
	byToken := map[int]*Planted{}
	for i := range planted {
		if tokens := a.Doc.TokensIn(planted[i].At); tokens.Len() > 0 {
			byToken[tokens.First] = &planted[i]
		}
	}
	var out []Anaphor
	r.teach = func(an *anaphor, rivals []rival) []corpus.Candidate {
		x := Anaphor{Class: int(an.class - he), Candidates: r.candidates(an, rivals)}
		x.Tokens = corpus.Range{First: an.token, Last: an.token + 1}
		if an.class >= role {
			x.Tokens = an.phrase.tokens
		}
		if p := byToken[an.token]; p != nil {
			p.done = true
			x.Right = r.planted(p, x.Candidates)
		} else {
			speakers := a.speakersAt(an.statement)
			if len(speakers) == 0 {
				return r.ranked(an, rivals)
			}
			x.Right = r.coded(speakers, x.Candidates)
		}
		out = append(out, x)
		for _, k := range x.Right {
			if k >= 0 && x.Candidates[k].Entity >= 0 {
				e := x.Candidates[k].Entity
				r.links[e] = append(r.links[e], x.Tokens)
				return []corpus.Candidate{{Entity: e, Confidence: 1}}
			}
		}
		return nil
	}
	next := 0
	until := func(token int) {
		for ; next < len(planted); next++ {
			p := &planted[next]
			tokens := a.Doc.TokensIn(p.At)
			if tokens.First >= token {
				return
			}
			if !p.done && tokens.Len() > 0 && a.Doc.Tokens[tokens.First].Sentence >= 0 {
				r.antecedents(r.anaphorAt(tokens.First, -1))
			}
		}
	}
	for i := range a.Doc.Statements {
		st := &a.Doc.Statements[i]
		st.Speaker = -1
		if r.firstPerson(i) {
			continue
		}
		if len(st.Source) > 0 {
			until(a.Doc.TokensIn(st.Source[0]).First)
		}
		r.statement(i, 0)
	}
	until(len(a.Doc.Tokens))
	slices.SortStableFunc(out, func(a, b Anaphor) int { return a.Tokens.First - b.Tokens.First })
	return slices.CompactFunc(out, func(a, b Anaphor) bool { return a.Tokens.First == b.Tokens.First }), nil
}

// anaphorAt is the pronoun at token i, or the description that "the" begins there.
func (r *resolver) anaphorAt(i, statement int) *anaphor {
	if class := r.pronounAt(i); class >= he && class <= it {
		return &anaphor{token: i, class: class, statement: statement}
	}
	p := r.parse(corpus.Range{First: i, Last: i + 1}, corpus.Range{First: i, Last: i + 1})
	class := role
	if bodyNouns[p.noun] {
		class = body
	}
	return &anaphor{token: i, class: class, phrase: p, statement: statement}
}

// planted finds the candidates that the planted expression took the place of.
func (r *resolver) planted(p *Planted, candidates []Antecedent) []int {
	var out []int
	for k := range candidates {
		for _, m := range candidates[k].Mentions {
			span := corpus.Span{Start: r.doc.Tokens[m.First].Start, End: r.doc.Tokens[m.Last-1].End}
			if slices.ContainsFunc(p.Of, func(s corpus.Span) bool { return s == span || !p.Exact && s.Overlaps(span) }) {
				out = append(out, k)
				break
			}
		}
	}
	if len(out) == 0 {
		out = append(out, NoneOfThem)
	}
	return out
}

// coded finds the candidates that a coder named. Where there are none, it may
// be a noun phrase, or nothing that is listed.
func (r *resolver) coded(speakers []string, candidates []Antecedent) []int {
	var out, phrases []int
	for k := range candidates {
		if candidates[k].Entity < 0 {
			phrases = append(phrases, k)
		} else if slices.ContainsFunc(speakers, func(name string) bool { return r.means(candidates[k].Entity, name) }) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		out = append(phrases, NoneOfThem)
	}
	return out
}

// speakersAt are the coded speakers of a statement.
func (a *CodedArticle) speakersAt(statement int) []string {
	if statement < 0 {
		return nil
	}
	var out []string
	for _, coded := range a.Coded {
		if slices.ContainsFunc(a.Doc.Statements[statement].Source, coded.Source.Overlaps) {
			out = append(out, coded.Speaker)
		}
	}
	return out
}
