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

func (r *reader) word(i int) string { return r.doc.TokenText(i) }

func (r *reader) lower(i int) string { return strings.ToLower(r.doc.TokenText(i)) }

func (r *reader) tag(i int) string { return r.doc.Tokens[i].Tag }

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
			d, ok = r.accordingTo(i, 2)
		case r.lower(i) == "in" && i+3 < s.Tokens.Last && r.lower(i+1) == "the" && r.lower(i+2) == "words" && r.lower(i+3) == "of":
			d, ok = r.accordingTo(i, 4)
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
