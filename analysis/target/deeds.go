package target

import (
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// Confidence of a deed's mention by what decided.
const (
	confDeedActorObject = 0.95 // "U.S. strikes on the regime"
	confDeedActor       = 0.85 // "American strikes"
	confDeedObject      = 0.8  // "strikes on the regime"
	confDeedModifier    = 0.7  // "missile strikes"
	confDeedAntecedent  = 0.75 // "the strikes", after a mention settled by its own words; fades by sentence
	confDeedFade        = 0.9
	confDeedVerb        = 0.6  // "to strike", after such a mention
	confDeedDocument    = 0.6  // "a strike", in a document that speaks of the target's
	confDeedBare        = 0.45 // "a strike", and nothing said anywhere
)

const (
	sameWordWindow = 12 // sentences back in which the same noun carries its meaning on
	anyWordWindow  = 3  // sentences back in which another noun does
	phraseWindow   = 14 // tokens after a noun or verb that may belong to it
)

// A deed is one form of a deed word.
type deed struct {
	target int
	lemma  string
	verb   bool
}

// addDeed enters the regular forms of a deed word.
func addDeed(deeds map[string][]deed, word string, target int) {
	lemma, verb := strings.CutPrefix(strings.ToLower(word), "to ")
	stem := strings.TrimSuffix(lemma, "e")
	plural := lemma + "s"
	past := stem + "ed"
	switch {
	case strings.HasSuffix(lemma, "y") && !strings.ContainsAny(lemma[max(0, len(lemma)-2):], "aeiou"):
		plural, past = lemma[:len(lemma)-1]+"ies", lemma[:len(lemma)-1]+"ied"
	case strings.HasSuffix(lemma, "s"), strings.HasSuffix(lemma, "x"), strings.HasSuffix(lemma, "ch"), strings.HasSuffix(lemma, "sh"):
		plural = lemma + "es"
	}
	forms := []string{lemma, plural}
	if verb {
		if p, ok := irregular[lemma]; ok {
			past = p
		}
		forms = append(forms, past, stem+"ing")
	}
	for _, f := range forms {
		deeds[f] = append(deeds[f], deed{target, lemma, verb})
	}
}

var irregular = map[string]string{"strike": "struck", "hit": "hit", "bomb": "bombed", "act": "acted", "intervene": "intervened",
	"fight": "fought", "ban": "banned", "cut": "cut", "withdraw": "withdrew", "shoot": "shot", "lead": "led", "break": "broke", "take": "took", "give": "gave"}

// An antecedent is a deed that was spoken of, settled by its own words.
type antecedent struct {
	start    int
	sentence int
	lemma    string
	ours     bool // the target, or a rival
}

// findDeeds judges each deed word in the order of the text. In an article that
// is not about the targets only those count that say on whom they are done.
func (f *Finder) findDeeds(doc *corpus.Document, hits []hit, excluded [][]corpus.Span, named []corpus.TargetMention, about bool) []corpus.TargetMention {
	var out []corpus.TargetMention
	roles := make([]role, len(doc.Tokens))
	for t := range f.specs {
		if len(f.specs[t].Deeds) == 0 {
			continue
		}
		clear(roles)
		for _, h := range hits {
			if h.target != t {
				continue
			}
			for r := doc.TokensIn(h.Span); r.First < r.Last; r.First++ {
				roles[r.First] |= h.role
			}
		}
		j := judge{doc: doc, roles: roles}
		var list []candidate
		for i := range doc.Tokens {
			d, ok := f.deedAt(doc, i, t)
			switch {
			case !ok:
			case d.verb:
				list = append(list, j.verb(i, d))
			default:
				list = append(list, j.noun(i, d))
			}
		}
		j.judge(list)
		for _, c := range list {
			if c.confidence > 0 && (about || c.own&roleObject != 0) && !overlapsAny(excluded[t], c.Span) {
				out = append(out, corpus.TargetMention{Span: c.Span, Target: t, Confidence: c.confidence})
				if c.own&roleObject != 0 {
					lowerObjects(doc, named, c.after)
				}
			}
		}
	}
	return out
}

// lowerObjects lowers the confidence of what is named right after a deed: who
// speaks of "a strike on Syria" takes up the strike.
func lowerObjects(doc *corpus.Document, named []corpus.TargetMention, token int) {
	if token >= len(doc.Tokens) {
		return
	}
	reach := corpus.Span{Start: doc.Tokens[token].Start, End: doc.Tokens[min(token+5, len(doc.Tokens)-1)].End}
	for k := range named {
		if named[k].Explicit && reach.Contains(named[k].Span) {
			named[k].Confidence = min(named[k].Confidence, confObject)
			break
		}
	}
}

// deedAt returns the deed of the target that token i is a form of, noun or verb
// as its tag says.
func (f *Finder) deedAt(doc *corpus.Document, i, target int) (deed, bool) {
	word := doc.TokenText(i)
	if cut := strings.LastIndexByte(word, '-'); cut >= 0 {
		word = word[cut+1:] // "counter-strike"
	}
	forms, ok := f.deeds[strings.ToLower(word)]
	if !ok {
		return deed{}, false
	}
	tag := doc.Tokens[i].Tag
	verb := strings.HasPrefix(tag, "VB")
	if !verb && !strings.HasPrefix(tag, "NN") && !strings.HasPrefix(tag, "JJ") {
		return deed{}, false
	}
	for _, d := range forms {
		if d.target == target && d.verb == verb {
			return d, true
		}
	}
	// The tagger errs on "attacks" and "strike": take the noun, if that is listed, after a determiner.
	if verb && i > 0 && nounBefore(doc.Tokens[i-1].Tag) {
		for _, d := range forms {
			if d.target == target && !d.verb {
				return d, true
			}
		}
	}
	return deed{}, false
}

func nounBefore(tag string) bool {
	return tag == "DT" || tag == "JJ" || tag == "PRP$" || tag == "POS" || tag == "NN" || tag == "NNP"
}

// A judge weighs the words around the deeds of one target in one document.
type judge struct {
	doc   *corpus.Document
	roles []role
	past  []antecedent // in the order of the text
}

// A candidate is a deed word with what its own words say.
type candidate struct {
	deed
	corpus.Span
	at         int // sentence
	after      int // first token after the deed word
	own        role
	indefinite bool // "a strike"
	confidence float64
	settled    bool
}

// judge settles what it can by a deed's own words, first over the whole
// document; then the bare ones by those that were settled.
func (j *judge) judge(list []candidate) {
	for i := range list {
		c := &list[i]
		ours := true
		c.settled = true
		switch {
		case c.own&roleRival != 0:
			ours = false
		case c.own&roleActor != 0 && c.own&roleObject != 0:
			c.confidence = confDeedActorObject
		case c.own&roleNotActor != 0 && c.own&roleActor == 0, c.own&roleNotObject != 0:
			ours = false
		case c.own&roleObject != 0:
			c.confidence = confDeedObject
		case c.verb:
			c.settled = false // somebody struck something
		case c.own&roleActor != 0:
			c.confidence = confDeedActor
		default:
			c.settled = false
		}
		if c.settled {
			j.past = append(j.past, antecedent{c.Start, c.at, c.lemma, ours})
		}
	}
	for i := range list {
		if c := &list[i]; !c.settled {
			c.confidence = j.bare(c)
		}
	}
}

// bare is the confidence of a deed whose own words settle nothing: that of the
// last deed before it, else what the deeds of the document mostly are.
func (j *judge) bare(c *candidate) float64 {
	a, ok := j.antecedent(c)
	ok = ok && !c.indefinite // "any strike" is a new one
	switch {
	case c.own&roleModifier != 0:
		return confDeedModifier
	case ok && !a.ours:
		return 0
	case ok && c.verb:
		return confDeedVerb
	case ok:
		confidence := confDeedAntecedent
		for n := a.sentence; n < c.at && n < a.sentence+8; n++ {
			confidence *= confDeedFade
		}
		return confidence
	}
	ours, rivals := 0, 0
	for _, a := range j.past {
		if a.ours {
			ours++
		} else if sameWord(a.lemma, c.lemma) {
			rivals++
		}
	}
	switch {
	case rivals > 0 && (!c.indefinite || rivals >= ours):
		return 0
	case ours > 0:
		return confDeedDocument
	default:
		return confDeedBare
	}
}

// antecedent returns the last deed of the same word within sameWordWindow
// sentences, else the last of any word within anyWordWindow if it is the target.
func (j *judge) antecedent(c *candidate) (antecedent, bool) {
	last := len(j.past) - 1
	for last >= 0 && j.past[last].start >= c.Start {
		last--
	}
	for k := last; k >= 0 && c.at-j.past[k].sentence <= sameWordWindow; k-- {
		if sameWord(j.past[k].lemma, c.lemma) {
			return j.past[k], true
		}
	}
	// Another word carries the target's meaning on, not the rival's: after "the gas attack", "a strike" is a new thing.
	if last >= 0 && c.at-j.past[last].sentence <= anyWordWindow && j.past[last].ours {
		return j.past[last], true
	}
	return antecedent{}, false
}

// sameWord holds "airstrike" and "strike" for one word.
func sameWord(a, b string) bool { return strings.HasSuffix(a, b) || strings.HasSuffix(b, a) }

// noun gathers the noun phrase headed by token i and what its words say.
func (j *judge) noun(i int, d deed) candidate {
	doc := j.doc
	at := doc.Tokens[i].Sentence
	tokens := doc.Sentences[at].Tokens
	left, own := j.before(i, tokens.First)
	if i+1 < tokens.Last && strings.HasPrefix(doc.Tokens[i+1].Tag, "NN") {
		own |= j.roles[i+1] & roleRival // "attack helicopters"
	}
	for k := left - 1; k >= tokens.First && k >= left-2; k-- {
		own |= j.roles[k] & roleRival // "victims of the attack"
	}
	own |= j.after(i+1, tokens.Last)
	return candidate{deed: d, Span: corpus.Span{Start: doc.Tokens[left].Start, End: doc.Tokens[i].End}, at: at, after: i + 1, own: own,
		indefinite: indefinite[strings.ToLower(doc.TokenText(left))]}
}

var indefinite = set("a an any another")

// before walks left over the modifiers of the noun at token i. It returns the
// first token of the noun phrase and the roles found in it.
func (j *judge) before(i, first int) (int, role) {
	doc := j.doc
	var own role
	left := i
	for k := i - 1; k >= first; k-- {
		tag := doc.Tokens[k].Tag
		switch {
		case tag == "DT" || tag == "PDT":
			return k, own
		case tag == "PRP$":
			return k, own
		case tag == "POS":
			continue // the owner's words follow
		case strings.HasPrefix(tag, "NN") || strings.HasPrefix(tag, "JJ") || tag == "CD" || tag == "VBN" || tag == "VBG" && left == k+1 && k > first && doc.Tokens[k-1].Tag == "DT":
		case (tag == "CC" || tag == ",") && k > first && j.roles[k-1]&(roleActor|roleNotActor) != 0 && j.roles[k+1]&(roleActor|roleNotActor) != 0:
			continue // "U.S., British and French strikes"
		default:
			return left, own
		}
		r := j.roles[k]
		if r&(roleObject|roleNotObject) != 0 {
			possessive := doc.Tokens[k+1].Tag == "POS" || strings.HasPrefix(tag, "JJ")
			if possessive && r&(roleActor|roleNotActor) != 0 {
				r &^= roleObject | roleNotObject // "Syria's attack", not "a Syria strike"
			} else {
				r &^= roleActor | roleNotActor
			}
		}
		own |= r
		left = k
	}
	return left, own
}

// after walks right over the phrases that belong to a noun or verb: "by the
// Pentagon", "against the regime", "with sarin".
func (j *judge) after(from, last int) role {
	doc := j.doc
	var own role
	counts := role(0) // which roles the current preposition lets count
	for k := from; k < last && k < from+phraseWindow; k++ {
		tag, word := doc.Tokens[k].Tag, strings.ToLower(doc.TokenText(k))
		switch {
		case word == "by" || word == "from":
			counts = roleActor | roleNotActor | roleRival
			continue
		case objectWords[word]:
			counts = roleObject | roleNotObject
			continue
		case word == "with" || word == "using" || word == "involving":
			if counts&roleObject != 0 {
				return own // "airstrikes targeting sites associated with gas"
			}
			counts = roleRival
			continue
		case tag == "IN" && (word == "that" || word == "as" || word == "because" || word == "if" || word == "after" || word == "before" || word == "for"),
			tag == "TO", tag == "MD", tag == "CC", tag == ",", tag == ".", tag == ":", tag == "``", tag == "''",
			strings.HasPrefix(tag, "W"),
			tag == "VBD" || tag == "VBZ" || tag == "VBP" || tag == "VB":
			if k+1 < last && (word == "that" || tag == "WDT") {
				own |= j.roles[k+1] & roleRival // "an attack that killed dozens"
			}
			return own
		}
		own |= j.roles[k] & counts
	}
	return own
}

var objectWords = set("on against at in inside into of upon targeting targeted over")

// verb gathers what the object and the subject of the verb at token i say.
func (j *judge) verb(i int, d deed) candidate {
	doc := j.doc
	at := doc.Tokens[i].Sentence
	tokens := doc.Sentences[at].Tokens
	var own role
	// The object stands right after the verb: "strike Syria", "attack the Syrian government".
	for k := i + 1; k < tokens.Last && k < i+8; k++ {
		tag, word := doc.Tokens[k].Tag, strings.ToLower(doc.TokenText(k))
		if strings.HasPrefix(tag, "VB") || strings.HasPrefix(tag, "W") || tag == "MD" || tag == "CC" || tag == "," || tag == "." ||
			tag == "IN" && !objectWords[word] {
			break
		}
		own |= j.roles[k] & (roleObject | roleNotObject)
	}
	own |= j.after(i+1, tokens.Last) & roleRival
	// The subject: the last actor before the verb in the clause.
	for k := i - 1; k >= tokens.First && k > i-10; k-- {
		tag := doc.Tokens[k].Tag
		if tag == "," || tag == ":" || tag == "``" || tag == "''" {
			break
		}
		if r := j.roles[k] & (roleActor | roleNotActor); r != 0 {
			own |= r
			break
		}
	}
	return candidate{deed: d, Span: doc.Tokens[i].Span, at: at, after: i + 1, own: own}
}
