package mention

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// An anaphorClass says what an expression that points back can refer to.
type anaphorClass uint8

const (
	notAnaphor anaphorClass = iota
	he                      // one man
	she                     // one woman
	they                    // several, or a body
	it                      // a body or a government
	role                    // "the senator": a person told by an office or a trade
	body                    // "the ministry", "the group"
	written                 // "the report": whoever wrote it
	speaking                // "I", "we": whoever is speaking around it
	relative                // "who": the name before it
	addressed               // "you": whoever is spoken to
)

var pronounClasses = map[string]anaphorClass{
	"he": he, "him": he, "himself": he, "his": he, "she": she, "her": she, "herself": she, "they": they, "them": they, "their": they,
	"it": it, "itself": it, "its": it, "i": speaking, "we": speaking, "me": speaking, "us": speaking, "my": speaking, "our": speaking,
	"who": relative, "which": relative, "that": relative,
}

// pronouns adds the third-person pronouns as mentions. What they refer to is
// the resolver's to say: the running speaker weighs most.
func (f *finder) pronouns() {
	for i := range f.doc.Tokens {
		word := f.text(i)
		if len(word) > 1 && shouted(word) {
			continue // "US", "IT"
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

// An anaphor is an expression that points back.
type anaphor struct {
	token     int // its first
	class     anaphorClass
	phrase    phrase // of a description
	statement int    // whose source it is
}

// A sighting is a place where an entity is mentioned.
type sighting struct {
	token, sentence, paragraph         int
	subject, quoted, possessor, placed bool
	resolved                           bool // a pronoun or description that was resolved to it
}

// A turn is a statement whose speaker is settled.
type turn struct{ entity, sentence, paragraph int }

// A rival is an entity that an anaphor may refer to.
type rival struct {
	entity int
	last   sighting
	count  int      // mentions before
	placed int      // of these, behind a preposition of place
	first  int      // sentence of the first mention
	led    sighting // last one as a subject outside of quotations; token -1 without
	lead   int      // rank by that one
	rank   int      // by recency, 0 is the nearest
	of     int      // number of rivals
}

const reachParagraphs = 8

// rivals lists the entities mentioned before the anaphor that agree with it,
// the nearest first.
func (r *resolver) rivals(a *anaphor) []rival {
	sentence := r.doc.Tokens[a.token].Sentence
	paragraph := r.doc.Sentences[sentence].Paragraph
	var out []rival
	for e := range r.doc.Entities {
		ent := &r.doc.Entities[e]
		if !agrees(ent, a.class) {
			continue
		}
		c := rival{entity: e, first: -1, last: sighting{token: -1}, led: sighting{token: -1}}
		for _, m := range ent.Mentions {
			s := r.sightings[m]
			if s.token >= a.token {
				break
			}
			if s.sentence < 0 {
				continue // boilerplate
			}
			c.see(s)
		}
		for _, s := range r.later[e] {
			if s.token < a.token {
				c.see(s)
			}
		}
		if a.class == body && len(ent.Mentions) == 0 && !strings.Contains(ent.Name, " ") {
			continue // "company", itself a description that led nowhere
		}
		if a.class == role && r.sameState(&a.phrase, ent) == otherState {
			continue
		}
		if c.count == 0 || paragraph-c.last.paragraph > reachParagraphs && a.class <= it {
			continue
		}
		out = append(out, c)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].last.token > out[j].last.token })
	if len(out) > 12 && a.class <= it {
		out = out[:12]
	}
	for i := range out {
		out[i].rank, out[i].of = i, len(out)
		for k := range out {
			if out[k].led.token > out[i].led.token {
				out[i].lead++
			}
		}
	}
	return out
}

func (c *rival) see(s sighting) {
	c.count++
	if s.placed {
		c.placed++
	}
	if c.first < 0 || s.sentence < c.first {
		c.first = s.sentence
	}
	if s.token > c.last.token {
		c.last = s
	}
	if s.subject && !s.quoted && !s.possessor && s.token > c.led.token {
		c.led = s
	}
}

func agrees(e *corpus.Entity, class anaphorClass) bool {
	switch class {
	case he:
		return (e.Type == corpus.Person || e.Type == corpus.Unnamed) && e.Gender != corpus.Feminine
	case she:
		return (e.Type == corpus.Person || e.Type == corpus.Unnamed) && e.Gender != corpus.Masculine
	case they:
		return e.Type == corpus.Group || e.Type == corpus.Organisation || e.Type == corpus.Government
	case it, body:
		return e.Type == corpus.Organisation || e.Type == corpus.Government || e.Type == corpus.Group
	case role:
		return e.Type == corpus.Person || e.Type == corpus.Unnamed
	case written:
		return true
	}
	return false
}

// look fills the sightings of the document's mentions, by mention.
func (r *resolver) look() {
	doc := r.doc
	r.sightings = make([]sighting, len(doc.Mentions))
	for k := range doc.Mentions {
		m := &doc.Mentions[k]
		s := &r.sightings[k]
		*s = r.sight(m.Tokens)
		if s.sentence >= 0 && doc.Sentences[s.sentence].Kind == corpus.Boilerplate {
			s.sentence = -1
		}
	}
}

// sight describes the place of a mention.
func (r *resolver) sight(tokens corpus.Range) sighting {
	doc := r.doc
	head := doc.Tokens[tokens.Last-1]
	s := sighting{token: tokens.First, sentence: head.Sentence, quoted: head.Quotation >= 0, subject: true}
	if head.Sentence < 0 {
		return s
	}
	sentence := doc.Sentences[head.Sentence]
	s.paragraph = sentence.Paragraph
	s.possessor = tokens.Last < len(doc.Tokens) && doc.Tokens[tokens.Last].Tag == "POS"
	for i := tokens.First - 1; i >= sentence.Tokens.First; i-- {
		tag := doc.Tokens[i].Tag
		if i == tokens.First-1 && (tag == "IN" || tag == "TO") {
			s.placed = placing[strings.ToLower(doc.TokenText(i))]
			s.subject = false
			break
		}
		if strings.HasPrefix(tag, "VB") || tag == "MD" {
			s.subject = false
			break
		}
	}
	return s
}

var placing = set("in at near from outside inside across around throughout into")

// Templates of the ranker's features. A template's number is part of every
// trained weight: a new one takes a new number.
const (
	onBias = iota
	onSentences
	onParagraphs
	onPlace
	onCount
	onGender
	onTurn
	onTurns
	onRank
	onAlone
	onSame
	onType
	onFull
	onPlaced
	onOwn
	onTitle
	onState
	onHead
	onLead
	onOpening
	onNoun
	onResolved
	onLed
	onTopic
)

// features describes the pair of an anaphor and a rival: the features of Lappin
// & Leass (1994) and of the mention-pair models after them, with the speaking
// turns of news, titles and the states that people speak for added.
func (r *resolver) features(a *anaphor, c *rival, v *linear.Vector) {
	doc := r.doc
	ent := &doc.Entities[c.entity]
	sentence := doc.Tokens[a.token].Sentence
	paragraph := doc.Sentences[sentence].Paragraph
	class := uint64(a.class)
	add := func(template, value uint64) {
		v.Add(linear.Mix(template, value), 1)
		v.Add(linear.Mix(template, value, 1000+class), 1)
	}
	add(onBias, 0)
	sentences := linear.Bucket(sentence-c.last.sentence, 0, 1, 2, 3, 5)
	paragraphs := linear.Bucket(paragraph-c.last.paragraph, 0, 1, 2, 4)
	add(onSentences, sentences)
	add(onParagraphs, paragraphs)
	add(onPlace, linear.Bit(c.last.subject)|linear.Bit(c.last.quoted)<<1|linear.Bit(c.last.possessor)<<2|min(sentences, 2)<<3)
	add(onResolved, linear.Bit(c.last.resolved)|min(sentences, 2)<<1)
	add(onCount, linear.Bucket(c.count, 1, 2, 4, 8))
	add(onGender, uint64(ent.Gender)|linear.Bit(len(ent.Titles) > 0)<<2)

	turnBack, turns := 0, 0
	for k := len(r.turns) - 1; k >= 0; k-- {
		if r.turns[k].entity == c.entity {
			if turns == 0 {
				turnBack = len(r.turns) - k
			}
			turns++
		}
	}
	var after uint64
	if len(r.turns) > 0 {
		last := r.turns[len(r.turns)-1]
		after = 1 + linear.Bucket(paragraph-last.paragraph, 0, 1, 2)
	}
	passed := r.orphan > 0 && paragraph-(r.orphan-1) <= 1 // a quotation of nobody came between
	add(onTurn, linear.Bucket(turnBack, 0, 1, 2)|after<<2|linear.Bit(passed)<<6|linear.Bit(turnBack > 0 && doc.SentenceAt(r.firstOfTurn(turnBack)) == sentence)<<7)
	add(onTurns, linear.Bucket(turns, 0, 1, 3))
	add(onRank, linear.Bucket(c.rank, 0, 1, 2, 4))
	add(onAlone, linear.Bit(c.of == 1)|linear.Bit(c.rank == 0)<<1|linear.Bucket(c.of, 1, 2, 4)<<2)
	if c.last.sentence == sentence {
		add(onSame, linear.Bit(c.last.subject)|linear.Bit(c.last.possessor)<<1|linear.Bit(c.last.quoted)<<2)
	}
	add(onType, uint64(ent.Type)|linear.Bit(ent.Wikidata != "")<<4)
	add(onFull, linear.Bit(strings.ContainsRune(ent.Name, ' '))|linear.Bit(len(ent.Titles) > 0)<<1)
	add(onPlaced, linear.Bucket(4*c.placed/c.count, 0, 1, 3))
	if a.statement >= 0 {
		own := false
		for _, span := range doc.Statements[a.statement].Content {
			own = own || span.Start <= doc.Tokens[c.last.token].Start && doc.Tokens[c.last.token].Start < span.End
		}
		add(onOwn, linear.Bit(own))
	}
	add(onLead, linear.Bucket(c.first, 0, 1, 3, 6))
	if c.led.token >= 0 {
		back := linear.Bucket(sentence-c.led.sentence, 0, 1, 2, 4)
		add(onLed, linear.Bucket(c.lead, 0, 1, 2)|back<<2)
		opened := doc.Paragraphs[paragraph].Start
		add(onTopic, linear.Bit(c.led.paragraph == paragraph)|linear.Bit(c.led.paragraph == paragraph && doc.Tokens[c.led.token].Start < opened+40)<<1|linear.Bit(c.lead == 0)<<2)
	} else {
		add(onLed, 99)
	}
	first := doc.Sentences[sentence].Tokens.First
	add(onOpening, linear.Bit(a.token == first)|linear.Bit(turnBack == 1)<<1|linear.Bit(c.rank == 0)<<2)

	if a.class >= role {
		level := r.fits(&a.phrase, ent)
		state := r.sameState(&a.phrase, ent)
		name := false
		for w := range strings.FieldsSeq(strings.ToLower(ent.Name)) {
			name = name || strings.TrimSuffix(w, "s") == a.phrase.lemma
		}
		add(onTitle, uint64(level)|min(sentences, 3)<<4|linear.Bit(c.rank == 0)<<8)
		add(onState, uint64(state)|uint64(level)<<4)
		add(onHead, linear.Bit(name)|linear.Bit(len(a.phrase.mods) > 0)<<1)
		v.Add(linear.Mix(onNoun, linear.HashString(a.phrase.lemma), uint64(ent.Type)), 1)
		v.Add(linear.Mix(onNoun, linear.HashString(a.phrase.lemma), 100+uint64(level)), 1)
	}
}

// firstOfTurn is where the turn so many back begins.
func (r *resolver) firstOfTurn(back int) int {
	return r.doc.Sentences[r.turns[len(r.turns)-back].sentence].Start
}

// antecedents ranks the entities that the anaphor can refer to. The
// confidences and that of "none of them" sum to one.
func (r *resolver) antecedents(a *anaphor) []corpus.Candidate {
	rivals := r.rivals(a)
	if r.teach != nil {
		return r.teach(a, rivals)
	}
	if len(rivals) == 0 {
		return nil
	}
	logits := make([]float64, len(rivals))
	top := 0.0
	for i := range rivals {
		r.vector.Reset()
		r.features(a, &rivals[i], &r.vector)
		r.scores = r.ranker.Scores(&r.vector, r.scores)
		logits[i] = r.scores[1] - r.scores[0]
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

// How a description fits what is known of an entity.
const (
	fitsUnknown = iota // nothing is known of the entity
	fitsNot            // other roles are known
	fitsHead           // the head noun, with words that are not known of it
	fitsBare           // the head noun, and the description has no other words
	fitsWhole          // the head noun and all other words
)

// equals are nouns that say the same of a person.
var equals = map[string]string{
	"sen.": "senator", "rep.": "representative", "congressman": "representative", "congresswoman": "representative", "gov.": "governor",
	"gen.": "general", "lt. gen.": "general", "adm.": "admiral", "col.": "colonel", "maj.": "major", "capt.": "captain", "dr.": "doctor",
	"advisor": "adviser", "defence": "defense", "premier": "minister", "secretary-general": "secretary", "spokeswoman": "spokesman",
	"spokesperson": "spokesman", "chairwoman": "chairman", "chair": "chairman", "chairperson": "chairman", "prof.": "professor",
	"ceo": "executive", "businesswoman": "businessman",
}

// wider are nouns that take in others.
var wider = map[string][]string{
	"lawmaker":   {"senator", "representative", "congressman", "congresswoman", "member", "legislator"},
	"legislator": {"senator", "representative", "lawmaker"},
	"leader":     {"president", "minister", "premier", "chancellor", "king", "dictator", "strongman", "prince", "emir", "chief", "head"},
	"dictator":   {"president", "leader", "strongman"}, "strongman": {"president", "leader", "dictator"},
	"diplomat": {"secretary", "minister", "ambassador", "envoy"},
	"attorney": {"lawyer"}, "lawyer": {"attorney"},
	"politician": {"senator", "representative", "leader", "minister", "president", "governor", "mayor", "candidate"},
	"republican": {"senator", "representative", "governor"}, "democrat": {"senator", "representative", "governor"},
	"chief": {"director", "head", "commander", "leader", "chairman"}, "head": {"director", "chief", "leader", "chairman"},
	"ruler":     {"president", "king", "leader", "dictator"},
	"candidate": {"nominee"}, "nominee": {"candidate"},
	"commander": {"general", "admiral", "president"},
	"minister":  {"secretary"},
}

// setsApart are words that make another office of the one they stand before.
var setsApart = set("vice deputy prime assistant under first-lady press shadow")

func same(noun string) string {
	if e, ok := equals[noun]; ok {
		return e
	}
	return noun
}

// fits compares a description with the roles known of an entity.
func (r *resolver) fits(p *phrase, e *corpus.Entity) int {
	best := fitsUnknown
	titles := e.Titles
	if e.Type == corpus.Unnamed {
		titles = []string{strings.ToLower(strings.TrimPrefix(e.Name, "unnamed "))}
	}
	for _, title := range titles {
		words := strings.Fields(title)
		head := headOf(words)
		if courtesy[head] {
			continue
		}
		best = max(best, fitsNot)
		if h := same(head); h != same(p.lemma) && !slices.Contains(wider[p.lemma], h) {
			continue
		}
		apart := false
		for _, w := range words {
			apart = apart || setsApart[w] && !slices.Contains(p.mods, w)
		}
		for _, w := range p.mods {
			apart = apart || setsApart[w] && !slices.Contains(words, w) && !(w == "prime" && head == "premier")
		}
		if apart {
			continue
		}
		level := fitsBare
		if len(p.mods) > 0 {
			level = fitsWhole
			for _, w := range p.mods {
				if !slices.Contains(words, w) && !slices.Contains(words, same(w)) {
					level = fitsHead
				}
			}
		}
		best = max(best, level)
	}
	return best
}

var courtesy = set("mr. mr mrs. mrs ms. ms miss sir lady lord dame dr. dr")

// How the state that a description names compares with those that the entity's
// roles name.
const (
	noState        = iota
	phraseHasState // and the entity none
	entityHasState // and the description none
	oneState       // the same
	otherState
)

// sameState compares the two.
func (r *resolver) sameState(p *phrase, e *corpus.Entity) int {
	states := r.statesOf(e)
	switch {
	case len(states) == 0 && p.state < 0:
		return noState
	case len(states) == 0:
		return phraseHasState
	case p.state < 0:
		return entityHasState
	case slices.Contains(states, p.state):
		return oneState
	}
	return otherState
}

// statesOf lists the states that the titles of an entity name.
func (r *resolver) statesOf(e *corpus.Entity) []int {
	var out []int
	for _, title := range e.Titles {
		for w := range strings.FieldsSeq(title) {
			if d, ok := r.lowerStates[w]; ok && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}
