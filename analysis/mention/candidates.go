package mention

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// An Anaphor is an expression that points back, with what it may refer to.
type Anaphor struct {
	Tokens     corpus.Range
	Class      int // 0…6: he, she, they, it, "the senator", "the ministry", "the report"
	Candidates []Antecedent
	Right      []int // candidates that are right; NoneOfThem among them where none may be
}

// NoneOfThem stands in Anaphor.Right for an antecedent that is no candidate.
const NoneOfThem = -1

// Classes is the number of classes of anaphor.
const Classes = int(written - he + 1)

// An Antecedent is an entity, or a noun phrase that is none, that an anaphor
// may refer to.
type Antecedent struct {
	Entity   int            // of the document; -1 for a noun phrase
	Mentions []corpus.Range // tokens of those before the anaphor, the nearest first
	Score    float64        // the ranker's logit; 0 for a noun phrase
	Features [FeatureGroups]int
}

// The groups of features of an antecedent, each of FeatureSizes values.
const (
	featureKind = iota
	featureGender
	featureCount
	featurePlace
	featureTurn
	featureLead
	featureRole
	featureState
	FeatureGroups
)

// FeatureSizes are the numbers of values of each group.
var FeatureSizes = [FeatureGroups]int{8, 3, 5, 8, 4, 5, 5, 5}

// Kinds of antecedents behind those of corpus.EntityType.
const (
	kindSingular = int(corpus.Unnamed) + 1 + iota // "the attack"
	kindPlural                                    // "the parents"
	kindJoint                                     // "Agnes Roth and Viktor Hale"
)

const (
	mentionsKept = 4  // of an antecedent: the nearest and the first
	phrasesKept  = 16 // noun phrases
	phraseReach  = 5  // sentences that a pronoun reaches back for a noun phrase
)

// candidates are the rivals of an anaphor with the mentions that stand for
// them, then noun phrases, which tell that no rival is meant.
func (r *resolver) candidates(a *anaphor, rivals []rival) []Antecedent {
	var out []Antecedent
	for i := range rivals {
		c := &rivals[i]
		ent := &r.doc.Entities[c.entity]
		x := Antecedent{Entity: c.entity, Score: r.logit(a, c)}
		for _, m := range ent.Mentions {
			if s := r.sightings[m]; s.token < a.token && s.sentence >= 0 {
				x.Mentions = append(x.Mentions, r.doc.Mentions[m].Tokens)
			}
		}
		for _, t := range r.links[c.entity] {
			if t.First < a.token {
				x.Mentions = append(x.Mentions, t)
			}
		}
		x.keep()
		level, state := 0, 0
		if a.class >= role {
			level, state = r.fits(&a.phrase, ent), r.sameState(&a.phrase, ent)
		}
		x.Features = [FeatureGroups]int{int(ent.Type), int(ent.Gender), int(bucket(c.count, 1, 2, 4, 8)),
			int(bit(c.last.subject) | bit(c.last.quoted)<<1 | bit(c.last.possessor)<<2), int(bucket(r.turnBack(c.entity), 0, 1, 2)),
			int(bucket(c.first, 0, 1, 3, 6)), level, state}
		out = append(out, x)
	}
	out = append(out, r.pairs(a)...)
	return append(out, r.phrases(a)...)
}

// keep drops all mentions but the nearest and the first.
func (x *Antecedent) keep() {
	sort.Slice(x.Mentions, func(i, j int) bool { return x.Mentions[i].First > x.Mentions[j].First })
	x.Mentions = slices.Compact(x.Mentions)
	if n := len(x.Mentions); n > mentionsKept {
		x.Mentions[mentionsKept-1] = x.Mentions[n-1]
		x.Mentions = x.Mentions[:mentionsKept]
	}
}

func (r *resolver) logit(a *anaphor, c *rival) float64 {
	r.vector.Reset()
	r.features(a, c, &r.vector)
	r.scores = r.ranker.Scores(&r.vector, r.scores)
	return r.scores[1] - r.scores[0]
}

// turnBack counts the turns since the entity spoke, from 1; 0 where it did not.
func (r *resolver) turnBack(entity int) int {
	for k := len(r.turns) - 1; k >= 0; k-- {
		if r.turns[k].entity == entity {
			return len(r.turns) - k
		}
	}
	return 0
}

// pairs are two people side by side, whom "they" can mean.
func (r *resolver) pairs(a *anaphor) []Antecedent {
	if a.class != they {
		return nil
	}
	sentence := r.doc.Tokens[a.token].Sentence
	at := map[[2]int]int{}
	var out []Antecedent
	for k := r.firstMention(r.doc.Tokens[a.token].Start) - 1; k > 0; k-- {
		pair, tokens, ok := r.pair(k)
		if s := r.doc.Tokens[r.doc.Mentions[k].Tokens.First].Sentence; s >= 0 && sentence-s > phraseReach {
			break
		}
		if !ok {
			continue
		}
		i, have := at[pair]
		if !have {
			i = len(out)
			at[pair] = i
			s := r.sight(tokens)
			out = append(out, Antecedent{Entity: -1, Features: [FeatureGroups]int{featureKind: kindJoint,
				featurePlace: int(bit(s.subject) | bit(s.quoted)<<1)}})
		}
		out[i].Mentions = append(out[i].Mentions, tokens)
	}
	for i := range out {
		out[i].Features[featureCount] = int(bucket(len(out[i].Mentions), 1, 2, 4, 8))
		out[i].keep()
	}
	return out
}

// pair reports whether mention k and the one before it are people joined by
// "and", and their entities in order.
func (r *resolver) pair(k int) (entities [2]int, tokens corpus.Range, ok bool) {
	x, y := r.doc.Mentions[k-1], r.doc.Mentions[k]
	if x.Entity < 0 || y.Entity < 0 || x.Entity == y.Entity || r.doc.Entities[x.Entity].Type != corpus.Person || r.doc.Entities[y.Entity].Type != corpus.Person {
		return entities, tokens, false
	}
	and := false
	for i := x.Tokens.Last; i < y.Tokens.First; i++ {
		w := r.lowerText(i)
		switch t := r.doc.Tokens[i].Tag; {
		case w == "and" || w == "&":
			and = true
		case w == "," || t == "CD" || t == "PRP$" || strings.HasPrefix(t, "NN") || t == "DT":
		default:
			return entities, tokens, false
		}
		if i-x.Tokens.Last > 8 {
			return entities, tokens, false
		}
	}
	entities = [2]int{min(x.Entity, y.Entity), max(x.Entity, y.Entity)}
	return entities, corpus.Range{First: x.Tokens.First, Last: y.Tokens.Last}, and
}

// instants are nouns that no pronoun takes up.
var instants = set(`year week month day time hour minute decade percent today tomorrow yesterday % morning evening night lot way
part kind sort number end moment pm a.m. p.m. cent o'clock weekend years weeks months days hours minutes decades times`)

// phrases are the common nouns before an anaphor that agree with it, those of
// one noun together, by their head words.
func (r *resolver) phrases(a *anaphor) []Antecedent {
	if a.class == written {
		return nil
	}
	doc := r.doc
	sentence := doc.Tokens[a.token].Sentence
	at := map[string]int{}
	var out []Antecedent
	for i := a.token - 1; i >= 0; i-- {
		s := doc.Tokens[i].Sentence
		if s < 0 || doc.Sentences[s].Kind == corpus.Boilerplate {
			continue
		}
		if sentence-s > phraseReach && a.class <= it {
			break
		}
		noun, plural, ok := r.phraseAt(i)
		if !ok || !r.suits(a, noun, plural) {
			continue
		}
		key := noun
		if plural {
			key += " s"
		}
		k, have := at[key]
		if !have {
			if len(out) == phrasesKept {
				continue
			}
			k = len(out)
			at[key] = k
			kind := kindSingular
			if plural {
				kind = kindPlural
			}
			p := r.sight(corpus.Range{First: i, Last: i + 1})
			out = append(out, Antecedent{Entity: -1, Features: [FeatureGroups]int{featureKind: kind, featureGender: int(genderOf(noun)),
				featurePlace: int(bit(p.subject) | bit(p.quoted)<<1 | bit(p.possessor)<<2)}})
		}
		out[k].Mentions = append(out[k].Mentions, corpus.Range{First: i, Last: i + 1})
	}
	for i := range out {
		out[i].Features[featureCount] = int(bucket(len(out[i].Mentions), 1, 2, 4, 8))
		out[i].keep()
	}
	return out
}

// phraseAt reports whether token i is the head of a noun phrase without a name,
// and its noun in the singular.
func (r *resolver) phraseAt(i int) (noun string, plural, ok bool) {
	tag := r.doc.Tokens[i].Tag
	if tag != "NN" && tag != "NNS" || i+1 < len(r.doc.Tokens) && strings.HasPrefix(r.doc.Tokens[i+1].Tag, "NN") {
		return "", false, false
	}
	w := r.lowerText(i)
	if len(w) < 3 || instants[w] {
		return "", false, false
	}
	for k := max(0, r.firstMention(r.doc.Tokens[i].Start)-2); k < len(r.doc.Mentions) && r.doc.Mentions[k].Tokens.First <= i; k++ {
		if m := r.doc.Mentions[k]; m.Tokens.First <= i && i < m.Tokens.Last {
			return "", false, false
		}
	}
	plural = tag == "NNS" || w == "people" || w == "police"
	return singular(w, tag == "NNS"), plural, true
}

// suits reports whether an anaphor can take up a noun phrase.
func (r *resolver) suits(a *anaphor, noun string, plural bool) bool {
	human := isRole(noun) || noun == "man" || noun == "woman" || noun == "boy" || noun == "girl" || noun == "child" || noun == "person" || folk(noun)
	switch a.class {
	case he:
		return !plural && human && genderOf(noun) != corpus.Feminine
	case she:
		return !plural && human && genderOf(noun) != corpus.Masculine
	case they:
		return plural || bodyNouns[noun]
	case it:
		return !plural && !isRole(noun)
	case role, body:
		return !plural && same(noun) == a.phrase.lemma
	}
	return false
}

// roundLogit is a logit in tenths, as the encoder's training reads it.
func roundLogit(x float64) int { return int(math.Round(10 * max(-9.9, min(9.9, x)))) }

// Numbers are the antecedent's score and features, as the encoder's training
// reads them.
func (x *Antecedent) Numbers() []int {
	return append([]int{roundLogit(x.Score)}, x.Features[:]...)
}

// ranked scores the rivals of an anaphor by the ranker alone.
func (r *resolver) ranked(a *anaphor, rivals []rival) []corpus.Candidate {
	if len(rivals) == 0 {
		return nil
	}
	logits := make([]float64, len(rivals))
	top := 0.0
	for i := range rivals {
		logits[i] = r.logit(a, &rivals[i])
		top = max(top, logits[i])
	}
	sum := math.Exp(-top) // none of them
	for _, l := range logits {
		sum += math.Exp(l - top)
	}
	out := make([]corpus.Candidate, len(rivals))
	for i, l := range logits {
		out[i] = corpus.Candidate{Entity: rivals[i].entity, Confidence: math.Exp(l-top) / sum}
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Confidence > out[b].Confidence })
	return out
}
