package mention

import (
	"math"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// Templates of the features of a settled speaker. A template's number is part of
// every trained weight: a new one takes a new number.
const (
	ofBias = iota
	ofConfidence
	ofSource
	ofStatement
	ofKind
	ofRivals
	ofForm
	ofCue
	ofOrder
	ofAgent
	ofClause
	ofNesting
	ofContent
	ofPlace
	ofCompany
	ofFame
	ofLength
	ofHead
	ofVerb
	ofActors
)

// doubts describes how a statement came by its likeliest speaker: what the
// ranker or the rule was worth, what the reader of statements says of its source,
// and where source, cue and content stand. From it the confidence follows.
func (r *resolver) doubts(i int, ref *referent, v *linear.Vector) {
	st := &r.doc.Statements[i]
	best := ref.candidates[0]
	ent := &r.doc.Entities[best.Entity]
	kind := uint64(ref.kind)<<4 | uint64(ent.Type)
	add := func(template uint64, values ...uint64) {
		v.Add(linear.Mix(append([]uint64{template}, values...)...), 1)
	}
	degree := func(template uint64, p float64) {
		v.Add(linear.Mix(template), float32(logit(p)))
		v.Add(linear.Mix(template, 1+uint64(ref.kind)), float32(logit(p)))
	}
	add(ofBias)
	degree(ofConfidence, best.Confidence)
	degree(ofSource, st.SourceConf)
	degree(ofStatement, st.Confidence)
	add(ofKind, kind)
	add(ofRivals, uint64(ref.kind), linear.Bucket(len(ref.candidates), 1, 2, 4))
	add(ofForm, uint64(st.Kind), linear.Bit(st.Inherited))
	add(ofCue, linear.HashString(st.CueLemma))
	add(ofFame, linear.Bucket(len(ent.Mentions), 0, 1, 3, 8), linear.Bit(ent.Wikidata != ""))
	r.doubtContent(st, add)
	add(ofPlace, uint64(r.doc.Sentences[st.Sentence].Kind))
	within, holds, company := r.nesting(i)
	add(ofNesting, linear.Bit(within), linear.Bit(holds), uint64(st.Kind))
	add(ofCompany, linear.Bucket(company, 0, 1, 2))
	if len(st.Source) > 0 {
		r.doubtSource(st, kind, add)
	}
}

// doubtSource adds what the words of the source and those around them say.
func (r *resolver) doubtSource(st *corpus.Statement, kind uint64, add func(uint64, ...uint64)) {
	source := r.doc.TokensIn(st.Source[0])
	if source.Len() == 0 {
		return
	}
	add(ofLength, linear.Bucket(source.Len(), 1, 2, 4, 8))
	before := ""
	if source.First > 0 {
		before = r.lowerText(source.First - 1)
	}
	add(ofAgent, linear.Bit(before == "by"), linear.Bit(before == "of"), kind)
	add(ofHead, linear.HashString(r.doc.Tokens[source.Last-1].Tag))
	if len(st.Cue) == 0 {
		return
	}
	cue := r.doc.TokensIn(st.Cue[0])
	gap := linear.Bucket(cue.First-source.Last, 0, 1, 3, 8)
	if source.First >= cue.Last {
		gap = 8 + linear.Bucket(source.First-cue.Last, 0, 1, 3, 8)
	}
	add(ofOrder, gap)
	clause := uint64(0)
	for k := source.First; k < cue.First && k < source.First+60; k++ {
		switch r.lowerText(k) {
		case "who", "which", "whom", "whose":
			clause |= 1
		case ",":
			clause |= 2
		}
	}
	add(ofClause, clause, linear.Bit(strings.HasPrefix(r.doc.Tokens[cue.Last-1].Tag, "VBN")))
}

// doubtContent adds what the content says of others: its verbs, and how many
// of those named in it do something there, for what they say may be meant.
func (r *resolver) doubtContent(st *corpus.Statement, add func(uint64, ...uint64)) {
	size, actors := 0, 0
	for _, c := range st.Content {
		tokens := r.doc.TokensIn(c)
		size += tokens.Len()
		for k := tokens.First; k < tokens.Last; k++ {
			if strings.HasPrefix(r.doc.Tokens[k].Tag, "VB") {
				add(ofVerb, linear.HashString(r.lowerText(k)))
			}
		}
		for _, m := range r.namesIn(tokens) {
			if after := r.doc.Mentions[m].Tokens.Last; after < tokens.Last && strings.HasPrefix(r.doc.Tokens[after].Tag, "VB") {
				actors++
			}
		}
	}
	add(ofContent, linear.Bucket(size, 2, 5, 10, 25))
	add(ofActors, linear.Bucket(actors, 0, 1), linear.Bit(st.Kind == corpus.Direct))
}

// nesting reports whether another's content holds the source of the statement,
// whether its own content holds another's cue, and how many others share its
// sentence.
func (r *resolver) nesting(i int) (within, holds bool, company int) {
	st := &r.doc.Statements[i]
	for k := range r.doc.Statements {
		other := &r.doc.Statements[k]
		if k == i {
			continue
		}
		if other.Sentence == st.Sentence {
			company++
		}
		within = within || len(st.Source) > 0 && covers(other.Content, st.Source[0])
		holds = holds || len(other.Cue) > 0 && covers(st.Content, other.Cue[0])
	}
	return within, holds, company
}

func covers(spans []corpus.Span, at corpus.Span) bool {
	for _, s := range spans {
		if s.Contains(at) {
			return true
		}
	}
	return false
}

// logit is the log odds of a probability, kept within what a count of rows can
// tell from certainty.
func logit(p float64) float64 {
	p = min(0.99, max(0.01, p))
	return math.Log(p / (1 - p))
}

// calibrate puts the trained confidence in the place of the likeliest
// candidate's, and scales the others' with it.
func (r *resolver) calibrate(i int, ref *referent) {
	r.vector.Reset()
	r.doubts(i, ref, &r.vector)
	if r.record != nil {
		r.record(i, ref, &r.vector)
	}
	if r.confidence == nil {
		return
	}
	r.scores = r.confidence.Scores(&r.vector, r.scores)
	sure := 1 / (1 + math.Exp(r.scores[0]-r.scores[1]))
	others := 0.0
	for _, c := range ref.candidates[1:] {
		others += c.Confidence
	}
	scale := sure / max(ref.candidates[0].Confidence, 1e-9)
	if others > 0 {
		scale = min(scale, (1-sure)/others)
	}
	ref.candidates[0].Confidence = sure
	for k := range ref.candidates[1:] {
		c := &ref.candidates[k+1]
		c.Confidence = min(sure, scale*c.Confidence)
	}
}
