package mention

import (
	"math"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A pronounClass says what a pronoun can refer to.
type pronounClass uint8

const (
	notPronoun pronounClass = iota
	he                      // one man
	she                     // one woman
	they                    // several, or a body
	it                      // a body or a government
	speaking                // "I", "we": whoever is speaking around it
	relative                // "who": the name before it
)

var pronounClasses = map[string]pronounClass{
	"he": he, "him": he, "himself": he, "his": he, "she": she, "her": she, "herself": she, "they": they, "them": they, "their": they,
	"it": it, "itself": it, "its": it, "i": speaking, "we": speaking, "me": speaking, "us": speaking, "my": speaking, "our": speaking,
	"who": relative, "which": relative, "that": relative,
}

// pronouns adds the third-person pronouns as mentions. What they refer to is
// the resolver's to say: the running speaker weighs most.
func (f *finder) pronouns() {
	for i := range f.doc.Tokens {
		word := f.text(i)
		if word == "US" {
			continue
		}
		switch pronounClasses[strings.ToLower(word)] {
		case he, she, they, it:
			if f.doc.Tokens[i].Sentence < 0 {
				continue
			}
			f.doc.Mentions = append(f.doc.Mentions, corpus.Mention{Span: f.doc.Tokens[i].Span,
				Tokens: corpus.Range{First: i, Last: i + 1}, Head: i, Kind: corpus.Pronoun, Entity: -1})
		}
	}
}

// Weights of the antecedent ranker: a softmax over the candidates and over
// "none of them". The features are those of Lappin & Leass (1994), with the
// speaking turn of news added; the weights were set by hand on coded training
// articles.
const (
	weightSentence   = -0.55 // for each sentence back to the candidate's last mention
	weightParagraph  = -0.15 // for each paragraph back
	weightSubject    = 0.9   // that mention leads its sentence
	weightQuoted     = -0.9  // that mention stands inside a quotation
	weightPossessor  = -0.6  // "Dravek's"
	weightFrequency  = 0.45  // log of the mentions so far
	weightGender     = 0.6   // gender known and agreeing
	weightRunning    = 1.9   // speaker of the statement before
	weightSameClause = -1.2  // named between the sentence's start and the pronoun, as an object
	scoreNone        = 0.2   // of "none of them"
	reachParagraphs  = 5
)

// antecedents ranks the entities that the pronoun at token i can refer to.
// The confidences and that of "none" sum to one.
func (r *resolver) antecedents(i int, class pronounClass) []corpus.Candidate {
	doc := r.doc
	sentence := doc.Tokens[i].Sentence
	paragraph := doc.Sentences[sentence].Paragraph
	type scored struct {
		entity int
		score  float64
	}
	var list []scored
	for e := range doc.Entities {
		ent := &doc.Entities[e]
		if !agrees(ent, class) {
			continue
		}
		last, count := -1, 0
		for _, m := range ent.Mentions {
			if doc.Mentions[m].Start >= doc.Tokens[i].Start {
				break
			}
			if doc.Sentences[doc.Tokens[doc.Mentions[m].Head].Sentence].Kind == corpus.Boilerplate {
				continue
			}
			last = m
			count++
		}
		if last < 0 {
			continue
		}
		m := &doc.Mentions[last]
		ms := doc.Tokens[m.Head].Sentence
		back := paragraph - doc.Sentences[ms].Paragraph
		if back > reachParagraphs {
			continue
		}
		score := weightSentence*float64(min(sentence-ms, 8)) + weightParagraph*float64(back) + weightFrequency*math.Log1p(float64(count))
		if r.subject(m) {
			score += weightSubject
		}
		if doc.Tokens[m.Head].Quotation >= 0 && doc.Tokens[m.Head].Quotation != doc.Tokens[i].Quotation {
			score += weightQuoted
		}
		if m.Tokens.Last < len(doc.Tokens) && doc.Tokens[m.Tokens.Last].Tag == "POS" {
			score += weightPossessor
		}
		if ent.Gender != corpus.GenderUnknown {
			score += weightGender
		}
		if e == r.running {
			score += weightRunning
		}
		if ms == sentence && !r.subject(m) {
			score += weightSameClause
		}
		list = append(list, scored{e, score})
	}
	sum := math.Exp(scoreNone)
	for _, s := range list {
		sum += math.Exp(s.score)
	}
	out := make([]corpus.Candidate, 0, len(list))
	for _, s := range list {
		out = append(out, corpus.Candidate{Entity: s.entity, Confidence: math.Exp(s.score) / sum})
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Confidence > out[b].Confidence })
	return out
}

func agrees(e *corpus.Entity, class pronounClass) bool {
	switch class {
	case he:
		return e.Type == corpus.Person && e.Gender != corpus.Feminine
	case she:
		return e.Type == corpus.Person && e.Gender != corpus.Masculine
	case they:
		return e.Type == corpus.Group || e.Type == corpus.Organisation || e.Plural
	case it:
		return e.Type == corpus.Organisation || e.Type == corpus.Government
	}
	return false
}

// subject reports whether a mention leads its sentence or clause: no verb
// stands before it there.
func (r *resolver) subject(m *corpus.Mention) bool {
	s := r.doc.Sentences[r.doc.Tokens[m.Head].Sentence]
	for i := m.Tokens.First - 1; i >= s.Tokens.First; i-- {
		tag := r.doc.Tokens[i].Tag
		if strings.HasPrefix(tag, "VB") || tag == "MD" {
			return false
		}
		if tag == "IN" && i == m.Tokens.First-1 {
			return false
		}
	}
	return true
}
