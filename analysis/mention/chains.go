package mention

import (
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Reference is a place of a text that refers. References to one thing share
// the number of their chain. Head is the name, the head noun or the pronoun.
type Reference struct {
	corpus.Span
	Head  corpus.Span
	Chain int
}

// References lists the names, noun phrases and pronouns of a document with
// LayerSpeakers that refer, in the order of the text.
func (s *Resolver) References(doc *corpus.Document) ([]Reference, error) {
	if err := doc.Require("coreference", speakersNeed|corpus.LayerSpeakers); err != nil {
		return nil, err
	}
	r := newResolver(s.catalogue, doc)
	r.model = s.model
	c := newChainer(r)
	c.link(len(doc.Tokens))
	c.linkVoices()
	var out []Reference
	for i := range c.refs {
		ref := &c.refs[i]
		if ref.chain < 0 || ref.joint && len(c.chains[ref.chain].refs) < 2 || c.label(ref) {
			continue
		}
		out = append(out, Reference{Span: doc.SpanOf(ref.tokens), Head: doc.SpanOf(ref.heads), Chain: ref.chain})
	}
	return out, nil
}

// A reference is a place of the text that refers.
type reference struct {
	tokens  corpus.Range
	heads   corpus.Range // the name, the noun or the pronoun
	class   anaphorClass // of a pronoun
	word    string       // of a pronoun, lower case
	entity  int          // of a name, or -1
	nominal int          // index into the phrases, or -1
	joint   bool         // two people side by side: entity and nominal are the tokens of their heads
	place   syntacticPlace
	chain   int // -1 until it is linked, and where it refers to nothing

	sentence, paragraph, quotation int
}

// A syntacticPlace is what a phrase is to its verb.
type syntacticPlace uint8

const (
	subject syntacticPlace = iota
	object
	oblique // behind a preposition
	possessor
	elsewhere
)

// A chain is one thing with the references to it so far.
type chain struct {
	entity  int // of the document, or -1
	kind    chainKind
	gender  corpus.Gender
	refs    []int
	nominal int // its last noun phrase, or -1
	led     int // its last reference as a subject, or -1
}

// A chainKind says what is known of the nature of a chain.
type chainKind uint8

const (
	ofPerson  chainKind = iota // named
	ofPerhaps                  // a name that may be a person’s
	ofBody
	ofGovernment
	ofGroup // named, or people in the plural
	ofSomeone
	ofSeveral // a family, a company
	ofThing
	ofThings // in the plural
	ofJoint
	ofVoice // first and second person
	ofOccasion
)

// A chainer links the references of a document in their order.
type chainer struct {
	*resolver
	nominals []nominal
	refs     []reference
	chains   []chain
	byEntity map[int]int // -> chain
	joints   map[[2]int]int
	at       map[int]int    // head token -> reference, but for two people side by side
	next     int            // the first reference that is not linked yet
	sources  map[int]int    // head token of a reference -> entity of the statement whose source it is
	voices   map[string]int // chains of the first and second person alone
	voiced   []voice        // the turns of a transcript, by paragraph; nil where it is none

	lesson func(ref int, rivals []antecedent) int // in training: the chain that is right, or -1 to let the ranker say
}

func newChainer(r *resolver) *chainer {
	c := &chainer{resolver: r, byEntity: map[int]int{}, joints: map[[2]int]int{}, at: map[int]int{}, sources: map[int]int{}, voices: map[string]int{}}
	for i := range r.doc.Mentions {
		if m := &r.doc.Mentions[i]; m.Entity >= 0 {
			c.refs = append(c.refs, reference{tokens: c.titled(m.Tokens), heads: m.Tokens, entity: m.Entity, nominal: -1})
		}
	}
	c.headlines()
	for i := range c.nominals {
		n := &c.nominals[i]
		c.refs = append(c.refs, reference{tokens: n.tokens, heads: corpus.Range{First: n.head, Last: n.head + 1}, entity: -1, nominal: i})
	}
	for i := range r.doc.Tokens {
		word := r.lowerText(i)
		class := pronounClasses[word]
		if more, ok := otherPersons[word]; ok {
			class = more
		}
		if class == notAnaphor || class > it && class != speaking && class != addressed || r.doc.Tokens[i].Sentence < 0 || len(word) > 1 && shouted(r.doc.TokenText(i)) || word == "us" && r.doc.Tokens[i].Tag != "PRP" {
			continue
		}
		at := corpus.Range{First: i, Last: i + 1}
		c.refs = append(c.refs, reference{tokens: at, heads: at, entity: -1, nominal: -1, class: class, word: word})
	}
	c.refs = slices.DeleteFunc(c.refs, func(f reference) bool {
		s := r.doc.Tokens[f.heads.First].Sentence
		return s < 0 || r.doc.Sentences[s].Kind == corpus.Boilerplate
	})
	sort.SliceStable(c.refs, func(i, j int) bool {
		a, b := &c.refs[i], &c.refs[j]
		if a.heads.First != b.heads.First {
			return a.heads.First < b.heads.First
		}
		return a.tokens.Last > b.tokens.Last
	})
	c.pairs()
	for i := range c.refs {
		c.situate(&c.refs[i])
		if !c.refs[i].joint {
			c.at[c.refs[i].heads.First] = i
		}
	}
	c.demote()
	for i := range r.doc.Statements {
		if st := &r.doc.Statements[i]; st.Speaker >= 0 && len(st.Source) > 0 {
			c.source(st)
		}
	}
	c.transcript()
	return c
}

// headlines adds the names of the body where headlines have them in full, and
// finds the noun phrases.
func (c *chainer) headlines() {
	named := make([]bool, len(c.doc.Tokens))
	for i := range c.refs {
		for k := c.refs[i].heads.First; k < c.refs[i].heads.Last; k++ {
			named[k] = true
		}
	}
	names := map[string][]int{} // first word -> entities
	for e := range c.doc.Entities {
		if first, _, several := strings.Cut(c.doc.Entities[e].Name, " "); several && len(c.doc.Entities[e].Mentions) > 0 {
			names[first] = append(names[first], e)
		}
	}
	f := finder{Catalogue: c.Catalogue, doc: c.doc}
	for s := range c.doc.Sentences {
		if c.doc.Sentences[s].Kind == corpus.Boilerplate || !f.titleCase(s) {
			continue
		}
		r := c.doc.Sentences[s].Tokens
		for i := r.First; i < r.Last; i++ {
			for _, e := range names[c.doc.TokenText(i)] {
				n := c.nameLength(i, r.Last, c.doc.Entities[e].Name)
				if n == 0 || named[i] || named[i+n-1] {
					continue
				}
				at := corpus.Range{First: i, Last: i + n}
				c.refs = append(c.refs, reference{tokens: at, heads: at, entity: e, nominal: -1})
				for k := range n {
					named[i+k] = true
				}
			}
		}
	}
	c.nominals = phrases(c.doc, named)
}

// nameLength is the number of tokens that spell the name from token i on, or 0.
func (c *chainer) nameLength(i, last int, name string) int {
	n := 0
	for w := range strings.FieldsSeq(name) {
		if i+n >= last || strings.TrimSuffix(c.doc.TokenText(i+n), ".") != strings.TrimSuffix(w, ".") {
			return 0
		}
		if n++; i+n < last && c.doc.TokenText(i+n) == "." && initial(c.doc.TokenText(i+n-1)) {
			n++
		}
	}
	return n
}

// otherPersons are pronouns that the resolver of speakers does not class.
var otherPersons = map[string]anaphorClass{"you": addressed, "your": addressed, "yours": addressed, "yourself": addressed,
	"mine": speaking, "myself": speaking, "ours": speaking, "ourselves": speaking,
	"hers": she, "theirs": they, "themselves": they}

// titled is a name with the titles that stand before it.
func (c *chainer) titled(name corpus.Range) corpus.Range {
	for name.First > 0 && c.doc.Tokens[name.First-1].Sentence == c.doc.Tokens[name.First].Sentence {
		before := name.First - 1
		if t := c.doc.Tokens[before].Tag; !strings.HasPrefix(t, "NN") && t != "JJ" || !c.titles[c.lowerText(before)] && !isRole(c.lowerText(before)) {
			break
		}
		name.First--
	}
	if name.First > 0 && name.First < name.Last && isDeterminer(c.doc.Tokens[name.First-1].Tag) && c.doc.Tokens[name.First-1].Sentence == c.doc.Tokens[name.First].Sentence {
		name.First--
	}
	return name
}

// pairs adds a reference for two people whom "and" joins.
func (c *chainer) pairs() {
	var out []reference
	last := -1 // of the names and nouns
	for i := range c.refs {
		f := &c.refs[i]
		if f.class != notAnaphor {
			continue
		}
		if last >= 0 && c.joined(c.refs[last].tokens.Last, f.tokens.First) && c.animate(&c.refs[last]) && c.animate(f) {
			out = append(out, reference{tokens: corpus.Range{First: c.refs[last].tokens.First, Last: f.tokens.Last}, heads: c.refs[last].heads, entity: last, nominal: i, joint: true})
		}
		last = i
	}
	for _, j := range out { // both are indices until the references are in order
		j.entity, j.nominal = c.refs[j.entity].heads.First, c.refs[j.nominal].heads.First
		c.refs = append(c.refs, j)
	}
	sort.SliceStable(c.refs, func(i, j int) bool { return c.last(&c.refs[i]) < c.last(&c.refs[j]) })
}

// demote takes the place of the subject from the two who share it.
func (c *chainer) demote() {
	for i := range c.refs {
		if j := &c.refs[i]; j.joint {
			for _, head := range []int{j.entity, j.nominal} {
				if g := &c.refs[c.at[head]]; g.place == subject {
					g.place = elsewhere
				}
			}
		}
	}
}

// last is the token at which a reference is complete.
func (c *chainer) last(f *reference) int {
	if f.joint {
		return f.nominal
	}
	return f.heads.First
}

// joined reports whether nothing but "and" and what may stand beside a name lies
// between two tokens.
func (c *chainer) joined(from, to int) bool {
	ands := 0
	if to-from > 6 || to <= from {
		return false
	}
	for i := from; i < to; i++ {
		switch t := c.doc.Tokens[i].Tag; {
		case c.lowerText(i) == "and":
			ands++
		case t == "," || t == "CD" || t == "PRP$" || t == "DT" || strings.HasPrefix(t, "NN") || strings.HasPrefix(t, "JJ"):
		default:
			return false
		}
	}
	return ands == 1
}

// animate reports whether a name or noun is of one person.
func (c *chainer) animate(f *reference) bool {
	if f.entity >= 0 {
		return c.doc.Entities[f.entity].Type == corpus.Person
	}
	n := &c.nominals[f.nominal]
	return n.animacy == someone && !n.plural
}

// situate fills in where a reference stands.
func (c *chainer) situate(f *reference) {
	f.chain = -1
	head := c.doc.Tokens[f.heads.First]
	f.sentence, f.quotation = head.Sentence, head.Quotation
	s := c.doc.Sentences[f.sentence]
	f.paragraph = s.Paragraph
	before, after := f.tokens.First-1, f.tokens.Last
	tag := func(i int) string {
		if i < s.Tokens.First || i >= s.Tokens.Last {
			return ""
		}
		return c.doc.Tokens[i].Tag
	}
	for strings.HasPrefix(tag(after), "RB") {
		after++
	}
	if tag(after) == "," { // "Roth, the mayor, said"
		for k := after + 1; k < after+14 && k < s.Tokens.Last; k++ {
			if tag(k) == "," {
				after = k + 1
				break
			}
		}
	}
	place := elsewhere
	switch b := tag(before); {
	case tag(f.tokens.Last) == "POS" || c.doc.Tokens[f.heads.First].Tag == "PRP$":
		place = possessor
	case (b == "IN" || b == "TO") && !subordinators[c.lowerText(before)]:
		place = oblique
	case finite[tag(after)]:
		place = subject
	case strings.HasPrefix(b, "VB") || b == "RP":
		place = object
	}
	f.place = place
}

var finite = set("VBD VBZ VBP MD")

var subordinators = set("that because if while as when after before since until although though whether than so once where why how unless")

// source notes the entity of the reference that a statement has for its source.
func (c *chainer) source(st *corpus.Statement) {
	tokens := c.doc.TokensIn(st.Source[0])
	best := -1
	for i := range c.refs {
		f := &c.refs[i]
		if f.joint || !tokens.Holds(f.heads.First) || f.class == speaking || f.class == addressed {
			continue
		}
		if f.entity == st.Speaker {
			return
		}
		if best < 0 && f.entity < 0 && f.place != possessor && f.place != oblique {
			best = f.heads.First
		}
	}
	if best >= 0 {
		c.sources[best] = st.Speaker
	}
}

// link ties the references before a token.
func (c *chainer) link(until int) {
	for ; c.next < len(c.refs) && c.last(&c.refs[c.next]) < until; c.next++ {
		i := c.next
		f := &c.refs[i]
		switch {
		case c.label(f): // nobody is spoken of there
			if f.entity >= 0 {
				f.chain = c.chainOf(f.entity)
			}
		case f.joint:
			c.linkJoint(i)
		case f.entity >= 0:
			c.join(i, c.chainOf(f.entity))
		case f.nominal >= 0:
			c.linkNominal(i)
		case f.class <= it:
			c.linkPronoun(i)
		case c.voiced != nil:
			c.linkVoice(i)
		}
	}
}

// join adds a reference to a chain.
func (c *chainer) join(ref, to int) {
	c.refs[ref].chain = to
	ch := &c.chains[to]
	ch.refs = append(ch.refs, ref)
	if c.refs[ref].nominal >= 0 && !c.refs[ref].joint {
		ch.nominal = c.refs[ref].nominal
	}
	if c.refs[ref].place == subject {
		ch.led = ref
	}
	if ch.gender == corpus.GenderUnknown {
		switch c.refs[ref].class {
		case he:
			ch.gender = corpus.Masculine
		case she:
			ch.gender = corpus.Feminine
		}
	}
}

func (c *chainer) open(ch chain) int {
	ch.led = -1
	c.chains = append(c.chains, ch)
	return len(c.chains) - 1
}

// chainOf is the chain of an entity of the document.
func (c *chainer) chainOf(entity int) int {
	if k, ok := c.byEntity[entity]; ok {
		return k
	}
	e := &c.doc.Entities[entity]
	kind := [...]chainKind{ofPerson, ofBody, ofGovernment, ofGroup, ofSomeone}[e.Type]
	gender := e.Gender
	if e.Type == corpus.Person && gender == corpus.GenderUnknown {
		first, _, _ := strings.Cut(strings.ToLower(e.Name), " ")
		if gender = c.first[first]; gender == corpus.GenderUnknown && len(e.Titles) == 0 {
			kind = ofPerhaps
		}
	}
	k := c.open(chain{entity: entity, kind: kind, gender: gender, nominal: -1})
	c.byEntity[entity] = k
	return k
}

func (c *chainer) linkJoint(i int) {
	f := &c.refs[i]
	members := [2]int{c.refs[c.at[f.entity]].chain, c.refs[c.at[f.nominal]].chain}
	if members[0] > members[1] {
		members[0], members[1] = members[1], members[0]
	}
	k, ok := c.joints[members]
	if !ok {
		k = c.open(chain{entity: -1, kind: ofJoint, nominal: -1})
		c.joints[members] = k
	}
	c.join(i, k)
}

func (c *chainer) linkNominal(i int) {
	f := &c.refs[i]
	n := &c.nominals[f.nominal]
	if to := c.antecedentOf(i); to >= 0 {
		c.join(i, to)
		return
	}
	kind := ofThing
	switch {
	case n.animacy == occasion:
		kind = ofOccasion
	case n.plural && n.animacy != thing:
		kind = ofGroup
	case n.plural:
		kind = ofThings
	case n.animacy == someone:
		kind = ofSomeone
	case n.animacy == several:
		kind = ofSeveral
	}
	k := c.open(chain{entity: -1, kind: kind, gender: n.gender, nominal: f.nominal})
	if e, ok := c.sources[f.heads.First]; ok {
		c.chains[k].entity, c.byEntity[e] = e, k
	}
	c.join(i, k)
}

// antecedentOf is the chain that a noun phrase takes up, or -1.
func (c *chainer) antecedentOf(i int) int {
	f := &c.refs[i]
	n := &c.nominals[f.nominal]
	if e, ok := c.sources[f.heads.First]; ok {
		if k, ok := c.byEntity[e]; ok {
			return k
		}
	}
	if k := c.beside(i); k >= 0 {
		return k
	}
	if n.definite && !n.plural && n.owner < 0 && !n.owned {
		if k := c.named(i); k >= 0 {
			return k
		}
	}
	for k := i - 1; k >= 0; k-- {
		g := &c.refs[k]
		if g.nominal < 0 || g.joint || g.chain < 0 {
			continue
		}
		before := &c.nominals[g.nominal]
		if !equalPhrases(n, before) || n.animacy == occasion && !n.definite {
			continue
		}
		if n.owner >= 0 && c.ownerOf(n) != c.ownerOf(before) {
			continue
		}
		return g.chain
	}
	return -1
}

// ownerOf is the chain of the possessive that begins a phrase, or -1.
func (c *chainer) ownerOf(n *nominal) int {
	if k, ok := c.at[n.owner]; ok {
		return c.refs[k].chain
	}
	return -1
}

// beside is the chain of the name that a noun phrase stands in apposition to:
// "Ada Roth, a sailor,".
func (c *chainer) beside(i int) int {
	f := &c.refs[i]
	n := &c.nominals[f.nominal]
	if f.tokens.First < 2 || c.doc.TokenText(f.tokens.First-1) != "," || n.animacy != someone || n.plural || n.owner >= 0 {
		return -1
	}
	if after := f.tokens.Last; after < len(c.doc.Tokens) && c.doc.Tokens[after].Tag != "," && c.doc.Tokens[after].Tag != "." && c.doc.Tokens[after].Tag != "IN" {
		return -1
	}
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		if g := &c.refs[k]; g.entity >= 0 && !g.joint && g.tokens.Last == f.tokens.First-1 && c.doc.Entities[g.entity].Type == corpus.Person {
			return g.chain
		}
	}
	return -1
}

// named is the chain of a name that a definite noun phrase takes up by the titles
// of a person or the last word of a body's name.
func (c *chainer) named(i int) int {
	n := &c.nominals[c.refs[i].nominal]
	first := n.tokens.First
	for first < n.head && isDeterminer(c.doc.Tokens[first].Tag) {
		first++
	}
	p := c.parse(corpus.Range{First: first, Last: n.tokens.Last}, corpus.Range{First: first, Last: n.head + 1})
	seen := map[int]bool{}
	for k := i - 1; k >= 0; k-- {
		g := &c.refs[k]
		if g.entity < 0 || g.joint || g.chain < 0 || seen[g.entity] {
			continue
		}
		seen[g.entity] = true
		e := &c.doc.Entities[g.entity]
		switch {
		case n.animacy == someone && e.Type == corpus.Person:
			if level := c.fits(&p, e); level >= fitsBare && (n.gender == e.Gender || n.gender*e.Gender == 0) && c.sameState(&p, e) != otherState {
				return g.chain
			}
		case n.animacy == several && e.Type == corpus.Organisation:
			if at := strings.LastIndexByte(e.Name, ' '); at > 0 && strings.EqualFold(e.Name[at+1:], n.lemma) && len(n.mods) == 0 {
				return g.chain
			}
		}
	}
	return -1
}

// An antecedent is a chain that a pronoun may take up.
type antecedent struct {
	chain int
	last  int // reference
	rank  int // by recency
	lead  int // by recency as a subject
	of    int // number of rivals
}

const (
	farthestAntecedent = 3  // paragraphs
	mostAntecedents    = 20 // the nearest
)

// rivalsOf lists the chains before a reference that fit, the nearest first.
func (c *chainer) rivalsOf(i int, fits func(*chain) bool) []antecedent {
	f := &c.refs[i]
	mine := c.speakerAt(f)
	var out []antecedent
	for k := range c.chains {
		ch := &c.chains[k]
		if len(ch.refs) == 0 || k == mine || !fits(ch) {
			continue
		}
		last := ch.refs[len(ch.refs)-1]
		g := &c.refs[last]
		if f.paragraph-g.paragraph > farthestAntecedent || c.bound(f, i, last) || g.tokens.First <= f.heads.First && f.heads.First < g.tokens.Last {
			continue
		}
		out = append(out, antecedent{chain: k, last: last})
	}
	sort.Slice(out, func(a, b int) bool { return out[a].last > out[b].last })
	if len(out) > mostAntecedents {
		out = out[:mostAntecedents]
	}
	for a := range out {
		out[a].rank, out[a].of = a, len(out)
		for b := range out {
			if c.chains[out[b].chain].led > c.chains[out[a].chain].led {
				out[a].lead++
			}
		}
	}
	return out
}

// fitsPronoun reports whether a pronoun of the class can take up a chain.
func fitsPronoun(ch *chain, class anaphorClass) bool {
	switch class {
	case he:
		return (ch.kind == ofPerson || ch.kind == ofPerhaps || ch.kind == ofSomeone) && ch.gender != corpus.Feminine
	case she:
		return (ch.kind == ofPerson || ch.kind == ofPerhaps || ch.kind == ofSomeone) && ch.gender != corpus.Masculine
	case they:
		return ch.kind != ofPerson && ch.kind != ofThing && ch.kind != ofOccasion && ch.kind != ofVoice && ch.kind != ofPerhaps && (ch.kind != ofSomeone || ch.gender == corpus.GenderUnknown)
	case it:
		return ch.kind == ofPerhaps || ch.kind == ofBody || ch.kind == ofGovernment || ch.kind == ofThing || ch.kind == ofSeveral
	}
	return false
}

// bound reports whether an object cannot be what is the subject of its verb:
// "Roth saw her".
func (c *chainer) bound(f *reference, i, last int) bool {
	g := &c.refs[last]
	if f.place == possessor || f.place == subject || g.sentence != f.sentence || g.place != subject || strings.HasSuffix(f.word, "self") || strings.HasSuffix(f.word, "selves") {
		return false
	}
	for k := last + 1; k < i; k++ {
		if c.refs[k].place == subject {
			return false
		}
	}
	return true
}

func (c *chainer) linkPronoun(i int) {
	f := &c.refs[i]
	if f.class == it && c.expletive(f.heads.First) {
		return
	}
	if e, ok := c.sources[f.heads.First]; ok {
		if _, met := c.byEntity[e]; met || f.class <= she {
			c.join(i, c.chainOf(e))
			return
		}
	}
	rivals := c.rivalsOf(i, func(ch *chain) bool { return fitsPronoun(ch, f.class) })
	if c.lesson != nil {
		if to := c.lesson(i, rivals); to >= 0 {
			c.join(i, to)
			return
		}
	}
	best := c.dislocated(i, rivals)
	if best < 0 && c.linker != nil {
		top := 0.0
		for k := range rivals {
			if s := c.weight(i, &rivals[k]); best < 0 || s > top {
				best, top = k, s
			}
		}
	}
	if best < 0 {
		c.join(i, c.open(chain{entity: -1, kind: [...]chainKind{he: ofSomeone, she: ofSomeone, they: ofGroup, it: ofThing}[f.class], nominal: -1}))
		return
	}
	c.join(i, rivals[best].chain)
}

// weight is the ranker's score of a rival.
func (c *chainer) weight(i int, a *antecedent) float64 {
	c.vector.Reset()
	c.linkFeatures(i, a, true, &c.vector)
	c.scores = c.linker.Scores(&c.vector, c.scores)
	return c.scores[1] - c.scores[0]
}

// expletive reports whether the "it" at a token refers to nothing: "it seems
// that", "it is clear that", "it took a year to", "it rained".
func (c *chainer) expletive(i int) bool {
	k := i + 1
	skip := func() {
		for t := c.tagAt(k); t == "MD" || strings.HasPrefix(t, "RB") || c.lowerText(k) == "be" || c.lowerText(k) == "been" || c.lowerText(k) == "has" || c.lowerText(k) == "had"; t = c.tagAt(k) {
			k++
		}
	}
	skip()
	verb := c.lowerText(k)
	switch {
	case weatherVerbs[verb]:
		return true
	case seeming[verb]:
		next := c.lowerText(k + 1)
		return next == "that" || next == "as" || next == "like" || next == "out" || next == "to" && c.lowerText(k+2) == "me"
	case verb == "takes" || verb == "took" || verb == "take":
		return c.clauseBehind(k+1, 8, "to")
	}
	copula := verb == "is" || verb == "was" || verb == "'s" || verb == "’s" || verb == "becomes" || verb == "became"
	if !copula && c.lowerText(k-1) != "be" && c.lowerText(k-1) != "been" {
		return false
	}
	if copula {
		k++
		skip()
	}
	switch t := c.tagAt(k); {
	case t == "VBN" || t == "JJ" || t == "JJR" || t == "JJS":
		return c.clauseBehind(k+1, 5, "that", "to", "whether", "how", "why")
	case c.lowerText(k) == "time":
		return true
	}
	return false
}

func (c *chainer) tagAt(i int) string {
	if i >= len(c.doc.Tokens) {
		return ""
	}
	return c.doc.Tokens[i].Tag
}

// clauseBehind reports whether one of the words opens a clause within so many tokens.
func (c *chainer) clauseBehind(from, within int, openers ...string) bool {
	for k := from; k < from+within && k < len(c.doc.Tokens); k++ {
		w := c.lowerText(k)
		if slices.Contains(openers, w) {
			return w != "to" || c.tagAt(k+1) == "VB"
		}
		if c.tagAt(k) == "." || c.tagAt(k) == "," {
			return false
		}
	}
	return false
}

var weatherVerbs = set("rained raining rains snowed snowing snows")

var seeming = set("seems seemed seem appears appeared appear turns turned happens happened")

// Templates of the linker's features. A template's number is part of every
// trained weight: a new one takes a new number.
const (
	linkKind = iota
	linkPlace
	linkRank
	linkCount
	linkLed
	linkParallel
	linkSame
	linkQuoted
	linkGender
	linkNoun
	linkOpening
	linkFirst
	linkPronoun
	linkParagraph
	linkTokens
	linkSaid
	linkBeside
	linkSelf
	linkNearSubject
	linkPlaced
)

// linkFeatures describes a pronoun and a chain that it may take up: distance,
// place to the verb, parallel places and repetition, after Lappin & Leass (1994),
// and, natured, what the chain is.
func (c *chainer) linkFeatures(i int, a *antecedent, natured bool, v *linear.Vector) {
	f := &c.refs[i]
	ch := &c.chains[a.chain]
	g := &c.refs[a.last]
	class := uint64(f.class)
	add := func(template uint64, values ...uint64) {
		v.Add(linear.Mix(append([]uint64{template}, values...)...), 1)
		v.Add(linear.Mix(append([]uint64{template, 1000 + class}, values...)...), 1)
	}
	sentences := linear.Bucket(f.sentence-g.sentence, 0, 1, 2, 4)
	add(linkPlace, sentences, uint64(g.place))
	add(linkRank, linear.Bucket(a.rank, 0, 1, 2, 4, 8))
	add(linkCount, linear.Bucket(len(ch.refs), 1, 2, 4, 8))
	add(linkParallel, uint64(f.place), uint64(g.place), linear.Bit(sentences == 0))
	add(linkQuoted, linear.Bit(f.quotation >= 0), linear.Bit(g.quotation >= 0), linear.Bit(f.quotation == g.quotation))
	add(linkPronoun, linear.Bit(g.class == f.class), sentences)
	add(linkParagraph, linear.Bit(f.paragraph == g.paragraph), min(sentences, 2))
	add(linkTokens, linear.Bucket(f.heads.First-g.heads.First, 3, 6, 12, 25, 50))
	add(linkFirst, linear.Bucket(c.refs[ch.refs[0]].sentence, 0, 1, 4))
	if ch.led >= 0 {
		add(linkLed, linear.Bucket(a.lead, 0, 1, 2), linear.Bucket(f.sentence-c.refs[ch.led].sentence, 0, 1, 2, 4))
	} else {
		add(linkLed, 99)
	}
	add(linkBeside, linear.Bit(g.tokens.Last+1 == f.heads.First && c.doc.TokenText(g.tokens.Last) == ","))
	add(linkSelf, linear.Bit(strings.HasSuffix(f.word, "self") || strings.HasSuffix(f.word, "selves")), linear.Bit(g.place == subject), min(sentences, 1))
	if g.sentence == f.sentence && g.place == subject {
		add(linkNearSubject, linear.Bit(c.nearestSubject(i) == a.last), uint64(f.place))
	}
	s := c.doc.Sentences[f.sentence].Tokens
	add(linkOpening, linear.Bit(f.heads.First == s.First), uint64(g.place), min(sentences, 2))
	if !natured {
		return
	}
	add(linkKind, uint64(ch.kind))
	add(linkGender, uint64(ch.gender))
	add(linkPlaced, linear.Bit(c.placedAt(a.last)), linear.Bit(ch.kind == ofGovernment || ch.kind == ofPerhaps || ch.kind == ofThing))
	add(linkSaid, linear.Bit(c.saying(f)), uint64(ch.kind))
	if ch.nominal >= 0 {
		n := &c.nominals[ch.nominal]
		add(linkNoun, linear.Bit(n.definite), linear.Bit(n.open), linear.Bit(n.proper), uint64(n.animacy))
	}
}

// nearestSubject is the last reference before that is the subject of its verb.
func (c *chainer) nearestSubject(i int) int {
	for k := i - 1; k >= 0; k-- {
		if c.refs[k].place == subject && c.refs[k].chain >= 0 {
			return k
		}
	}
	return -1
}

// saying reports whether a pronoun is the subject of a verb of speech or thought.
func (c *chainer) saying(f *reference) bool {
	k := f.tokens.Last
	for strings.HasPrefix(c.tagAt(k), "RB") || c.tagAt(k) == "MD" || c.lowerText(k) == "have" || c.lowerText(k) == "had" || c.lowerText(k) == "has" {
		k++
	}
	return f.place == subject && sayings[c.lowerText(k)]
}

var sayings = set(`say says said tell tells told think thinks thought believe believes believed argue argues argued add adds added claim claims claimed
warn warns warned hope hopes hoped want wants wanted know knows knew ask asks asked call calls called fear fears feared insist insists insisted
agree agrees agreed deny denies denied accuse accuses accused suspect suspects suspected expect expects expected write writes wrote`)

// placedAt reports whether a reference says where: "in the port", "from Velgrad, Valdoria".
func (c *chainer) placedAt(ref int) bool {
	before := c.refs[ref].tokens.First - 1
	if before >= 0 && c.doc.TokenText(before) == "," && ref > 0 && c.refs[ref-1].tokens.Last == before {
		before = c.refs[ref-1].tokens.First - 1
	}
	w := ""
	if before >= 0 {
		w = c.lowerText(before)
	}
	return placing[w] || w == "from" || w == "mainland"
}

// dislocated is the rival that is called out in front of its clause: "Ada Roth, she sails".
func (c *chainer) dislocated(i int, rivals []antecedent) int {
	f := &c.refs[i]
	for k := range rivals {
		g := &c.refs[rivals[k].last]
		first := c.doc.Sentences[f.sentence].Tokens.First
		if f.place == subject && g.sentence == f.sentence && g.tokens.First == first && g.tokens.Last+1 == f.heads.First && c.doc.TokenText(g.tokens.Last) == "," {
			return k
		}
	}
	return -1
}

// phraseOf is the last noun phrase of people or bodies that the pronoun at a token
// takes up, or nil.
func (c *chainer) phraseOf(token int) *nominal {
	c.link(token + 1)
	for k := c.next - 1; k >= 0; k-- {
		f := &c.refs[k]
		if f.heads.First != token || f.class == notAnaphor || f.chain < 0 {
			continue
		}
		ch := &c.chains[f.chain]
		if ch.nominal < 0 || c.nominals[ch.nominal].animacy == thing || c.nominals[ch.nominal].animacy == occasion {
			return nil
		}
		return &c.nominals[ch.nominal]
	}
	return nil
}
