package mention

import (
	"strconv"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A voice is who speaks a paragraph of a transcript.
type voice struct {
	ref   int // the label's reference, or -1
	label string
	end   int  // token behind the label
	asks  bool // the turn ends in a question
}

const (
	leastTurns   = 3 // paragraphs with a label, that a transcript has at least
	longestLabel = 5 // tokens
)

// transcript finds the labels of turns: "Ada Roth: Yes."
func (c *chainer) transcript() {
	turns := make([]voice, len(c.doc.Paragraphs))
	n := 0
	for i := range turns {
		turns[i].ref = -1
	}
	for s := range c.doc.Sentences {
		p := c.doc.Sentences[s].Paragraph
		if s == 0 || c.doc.Sentences[s-1].Paragraph != p {
			if end := c.labelEnd(c.doc.Sentences[s].Tokens); end > 0 {
				first := c.doc.Sentences[s].Tokens.First
				turns[p] = voice{ref: c.refWithin(first, end), end: end, label: strings.ToLower(c.doc.Slice(c.doc.SpanOf(corpus.Range{First: first, Last: end - 1})))}
				n++
			}
		}
		turns[p].asks = strings.HasSuffix(strings.TrimRight(c.doc.Slice(c.doc.Sentences[s].Span), "\"”’)"), "?")
	}
	if n >= leastTurns {
		c.voiced = turns
	}
}

// labelEnd is the token behind the colon of a label, or 0.
func (c *chainer) labelEnd(tokens corpus.Range) int {
	for i := tokens.First; i < tokens.Last && i <= tokens.First+longestLabel; i++ {
		w := c.doc.TokenText(i)
		if w == ":" && i > tokens.First {
			return i + 1
		}
		if !capital(w) && w != "." {
			return 0
		}
	}
	return 0
}

func (c *chainer) refWithin(first, end int) int {
	for k := range c.refs {
		if f := &c.refs[k]; !f.joint && f.tokens.First >= first && f.tokens.Last <= end {
			return k
		}
	}
	return -1
}

// label reports whether a reference is the label of a turn, or lies in it.
func (c *chainer) label(f *reference) bool {
	return c.voiced != nil && c.voiced[f.paragraph].label != "" && f.heads.First < c.voiced[f.paragraph].end
}

// speakerAt is the chain of whoever says the words in which a reference stands, or -1.
func (c *chainer) speakerAt(f *reference) int {
	if c.voiced != nil && c.voiced[f.paragraph].ref >= 0 {
		return c.labelled(&c.voiced[f.paragraph])
	}
	if st := c.wordsAround(f); st != nil && st.Speaker >= 0 {
		if k, ok := c.byEntity[st.Speaker]; ok {
			return k
		}
	}
	return -1
}

// labelled is the chain of the name that labels a turn, or -1.
func (c *chainer) labelled(turn *voice) int {
	if turn.ref < 0 || c.refs[turn.ref].entity < 0 {
		return -1
	}
	return c.chainOf(c.refs[turn.ref].entity)
}

// wordsAround is the statement in whose quoted content a reference stands, the
// innermost, or nil.
func (c *chainer) wordsAround(f *reference) *corpus.Statement {
	if f.quotation < 0 {
		return nil
	}
	at := c.doc.Tokens[f.heads.First].Span
	var out *corpus.Statement
	best := 0
	for i := range c.doc.Statements {
		st := &c.doc.Statements[i]
		for _, span := range st.Content {
			if span.Contains(at) && (out == nil || span.Len() < best) {
				out, best = st, span.Len()
			}
		}
	}
	return out
}

// linkVoices links the pronouns of the first and second person that are not linked
// yet: to whoever says the words that hold them, to those spoken to, and to those
// whom "we" takes in.
func (c *chainer) linkVoices() {
	for i := range c.refs {
		if f := &c.refs[i]; f.chain < 0 && (f.class == speaking || f.class == addressed) && !c.label(f) {
			c.linkVoice(i)
		}
	}
}

func (c *chainer) linkVoice(i int) {
	key, to := c.voiceOf(&c.refs[i])
	if to < 0 {
		var ok bool
		if to, ok = c.voices[key]; !ok {
			to = c.open(chain{entity: -1, kind: ofVoice, nominal: -1})
			c.voices[key] = to
		}
	}
	c.join(i, to)
}

// voiceOf is the chain that a pronoun of the first or second person belongs to, or
// -1 and the key of one that only such pronouns make.
func (c *chainer) voiceOf(f *reference) (key string, to int) {
	plural := f.word == "we" || f.word == "us" || strings.HasPrefix(f.word, "our")
	if c.voiced != nil {
		return c.voiceOfTurn(f, plural)
	}
	person := "I"
	if f.class == addressed {
		person = "you"
	} else if plural {
		person = "we"
	}
	st := c.wordsAround(f)
	if st == nil {
		return person, -1
	}
	speaker := -1
	if st.Speaker >= 0 {
		if k, ok := c.byEntity[st.Speaker]; ok {
			speaker = k
		}
	}
	if speaker < 0 && len(st.Source) > 0 {
		if k := c.refWithin(c.doc.TokensIn(st.Source[0]).First, c.doc.TokensIn(st.Source[0]).Last); k >= 0 {
			speaker = c.refs[k].chain
		}
	}
	if person == "I" && speaker >= 0 {
		return "", speaker
	}
	if person == "we" && speaker >= 0 && c.chains[speaker].kind != ofPerson && c.chains[speaker].kind != ofSomeone && c.chains[speaker].kind != ofPerhaps {
		return "", speaker // a body that speaks
	}
	return person + " of " + strconv.Itoa(speaker), -1
}

// voiceOfTurn is voiceOf in a transcript.
func (c *chainer) voiceOfTurn(f *reference, plural bool) (key string, to int) {
	turn := &c.voiced[f.paragraph]
	chain := c.labelled(turn)
	switch {
	case f.class == speaking && plural && turn.asks:
		return "we who ask", -1
	case f.class == speaking && plural:
		return "we", -1
	case f.class == speaking:
		return "I " + turn.label, chain
	case !turn.asks:
		return "you of " + turn.label, -1
	}
	for p := f.paragraph + 1; p < len(c.voiced); p++ { // asked: whoever answers
		if next := &c.voiced[p]; next.label != "" && next.label != turn.label {
			return "I " + next.label, c.labelled(next)
		}
	}
	return "you of " + turn.label, -1
}
