package mention

import (
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A phrase is a source expression without a name at its head, taken apart.
type phrase struct {
	tokens   corpus.Range
	noun     string // head noun, lower case
	lemma    string // without the plural
	plural   bool
	definite bool     // "the", "this", a possessor
	mods     []string // other words but articles and states
	state    int      // of the catalogue, that an adjective or possessive names, or -1
}

// parse takes apart the expression over tokens whose head noun ends at head.Last.
func (r *resolver) parse(tokens, head corpus.Range) phrase {
	p := phrase{tokens: tokens, state: -1}
	at := head.Last - 1
	p.noun = r.lowerText(at)
	tag := r.doc.Tokens[at].Tag
	p.plural = tag == "NNS" || tag == "NNPS" || p.noun == "people" || p.noun == "police" || shares[p.noun]
	p.lemma = same(singular(p.noun, p.plural))
	if first := head.First; first > 0 {
		switch r.lowerText(first - 1) {
		case "the", "this", "that", "these", "those", "both", "his", "her", "their", "its":
			p.definite = true
		}
	}
	for i := tokens.First; i < tokens.Last && i < tokens.First+16; i++ {
		w := r.doc.TokenText(i)
		if i > at && (w == "," || r.lowerText(i) == "who" || r.lowerText(i) == "which") {
			break
		}
		if i == at {
			continue
		}
		if i+1 < at {
			if d, ok := r.demonyms[w+" "+r.doc.TokenText(i+1)]; ok { // "South Valdorian"
				p.state = d
				i++
				continue
			}
		}
		if d, ok := r.demonyms[w]; ok {
			p.state = d
			continue
		}
		if k, ok := r.names[w]; ok && r.types[k.spec] == corpus.Government && !k.metonym {
			p.state = k.spec
			continue
		}
		switch t := r.doc.Tokens[i].Tag; {
		case t == "POS":
			p.definite = true
		case strings.HasPrefix(t, "NN") || t == "JJ" || t == "VBN" || t == "VBG":
			p.mods = append(p.mods, strings.ToLower(w))
		}
	}
	return p
}

// shares are nouns of a part of some people; each is of its own.
var shares = set("percent % majority minority half")

func singular(noun string, plural bool) string {
	switch {
	case !plural:
		return noun
	case strings.HasSuffix(noun, "ies"):
		return strings.TrimSuffix(noun, "ies") + "y"
	case strings.HasSuffix(noun, "men"):
		return strings.TrimSuffix(noun, "men") + "man"
	}
	return strings.TrimSuffix(noun, "s")
}

var spokespeople = set("spokesman spokeswoman spokesperson spokesmen spokespeople press")

// offices speak for the person or body that they belong to.
var offices = set("office team campaign")

// legislators speak for no government, nor do their spokespeople.
var legislators = set("senator sen. representative rep. congressman congresswoman lawmaker speaker leader whip mp chairman chairwoman")

// things speak in the news, but somebody wrote them.
var things = set(`report reports statement statements letter document documents poll polls survey study article post tweet video memo
email emails transcript comments comment remarks words findings finding data figures results analysis complaint lawsuit filing account resolution draft editorial page website newspaper magazine book speech
policy plan bill proposal order ruling decision indictment message messages text tweets bulletin release column memoir interview appeal`)

// ofFigures stand before "figure" where it is a person.
var ofFigures = set("opposition political religious public prominent leading senior military rebel key top")

// nobody are words that are no speaker: "no one" and "anybody" say nothing.
var nobody = set("one nobody none anybody anyone")

// collectives are nouns of groups in the singular.
var collectives = set("opposition public community electorate")

// administrations are what speaks for a state whose name stands before it.
var administrations = set("government regime administration state authorities leadership govt")

// ofToday stand before the administration of the day.
var ofToday = set("current present new entire whole")

// description resolves a source without a name at its head: a title whose
// holder is named elsewhere, a spokesperson for a body, a group, or somebody
// known by description alone.
func (r *resolver) description(tokens, head corpus.Range, statement int) referent {
	if class := pronounClasses[r.lowerText(tokens.First)]; class >= he && class <= it && r.doc.Tokens[tokens.First].Tag == "PRP$" {
		return r.owned(tokens, head, class, statement)
	}
	p := r.parse(tokens, head)
	out := referent{kind: corpus.Description}
	is := func(e int, confidence float64) referent {
		out.candidates = []corpus.Candidate{{Entity: e, Confidence: confidence}}
		return out
	}
	names := r.namesIn(tokens)
	if spokespeople[p.noun] || offices[p.noun] {
		if len(names) > 0 {
			m := r.doc.Mentions[names[0]]
			if after := m.Tokens.Last; len(names) > 1 && after < tokens.Last && r.doc.Tokens[after].Tag == "POS" {
				m = r.doc.Mentions[names[1]] // "Orlo Brandt's Harbour Party"
			}
			e := &r.doc.Entities[m.Entity]
			if e.Type != corpus.Person {
				return is(m.Entity, 0.75)
			}
			legislates := slices.ContainsFunc(e.Titles, func(title string) bool {
				return slices.ContainsFunc(strings.Fields(title), func(w string) bool { return legislators[w] })
			})
			if states := r.statesOf(e); spokespeople[p.noun] && len(states) == 1 && !legislates {
				return is(r.entityOf(states[0]), 0.65) // a president's spokesman speaks for the government
			}
		} else if p.state >= 0 {
			return is(r.entityOf(p.state), 0.7)
		}
	}
	if p.noun == "ministry" && p.state >= 0 {
		return is(r.entityOf(p.state), sureOfState) // "Valdoria's foreign ministry"
	}
	other := slices.ContainsFunc(p.mods, func(w string) bool { return !ofToday[w] }) // "the previous administration"
	if p.noun == "administration" && p.state < 0 && len(names) == 0 && !other {
		if e, ok := r.administration(); ok {
			return is(e, sureOfState)
		}
	}
	if administrations[p.noun] {
		if p.state >= 0 {
			return is(r.entityOf(p.state), sureOfState)
		}
		if len(names) > 0 { // "the Dravek government", "Hale's administration"
			words := strings.Fields(r.doc.Entities[r.doc.Mentions[names[0]].Entity].Name)
			if k, ok := r.names[words[len(words)-1]+" "+p.noun]; ok {
				return is(r.entityOf(k.spec), sureOfState)
			}
			if states := r.statesOf(&r.doc.Entities[r.doc.Mentions[names[0]].Entity]); len(states) == 1 {
				return is(r.entityOf(states[0]), 0.8)
			}
		}
	}
	if e := r.presented(tokens, head, names); e >= 0 {
		out.kind = corpus.Name
		return is(e, 0.8)
	}
	anaphor := &anaphor{token: tokens.First, phrase: p, statement: statement}
	figure := p.lemma == "figure" && slices.ContainsFunc(p.mods, func(w string) bool { return ofFigures[w] })
	if things[p.noun] && !figure {
		if len(names) > 0 {
			return is(r.doc.Mentions[names[len(names)-1]].Entity, 0.65)
		}
		out.note = "the source is a text whose author is not named"
		if p.definite {
			anaphor.class = written
			out.candidates = r.antecedents(anaphor)
		}
		return out
	}
	tag := r.doc.Tokens[head.Last-1].Tag
	noun := strings.HasPrefix(tag, "NN")
	rest := 1.0 // probability that the expression is nobody met before
	if noun && !p.plural {
		switch {
		case p.definite && (bodyNouns[p.noun] || r.endsName(p.noun)):
			anaphor.class = body
		case isRole(p.noun) && (p.definite || p.state >= 0 || len(p.mods) > 0) && !r.indefinite(head.First):
			anaphor.class, out.kind = role, corpus.Title
		}
	}
	if anaphor.class != notAnaphor {
		out.candidates = r.antecedents(anaphor)
		for _, c := range out.candidates {
			rest -= c.Confidence
		}
		if len(out.candidates) > 0 && out.candidates[0].Confidence >= rest && out.candidates[0].Entity != r.linked(&p) {
			return out
		}
		if holder := r.holder(&p); holder >= 0 && out.kind == corpus.Title {
			out.candidates = slices.Insert(out.candidates, 0, corpus.Candidate{Entity: r.entityOf(holder), Confidence: sureOfHolder * rest})
			return out
		}
		out.kind = corpus.Description
	}
	text := r.describedAs(tokens)
	if rest, ok := strings.CutPrefix(strings.ToLower(text), "administration "); ok {
		if e, ok := r.administration(); ok { // "administration officials"
			text = r.doc.Entities[e].Name + " " + rest
		}
	}
	switch {
	case !noun && tag != "JJ" && tag != "CD" && tag != "DT" || slug(text) == "":
		out.note = "source expression is unclear"
		return out
	case nobody[p.noun] || noun && !figure && !speaks(p.noun) && !bodyNouns[p.noun] && (tag == "NN" || tag == "NNS") && abstract(p.lemma):
		out.note = "the source may be no person or body"
		return out
	}
	if e := r.linked(&p); e >= 0 {
		confidence := sureOfLink * rest
		for _, c := range out.candidates {
			if c.Entity == e {
				confidence += c.Confidence
			}
		}
		return is(e, confidence)
	}
	t, confidence := corpus.Unnamed, 0.8
	switch {
	case p.plural || tag == "JJ" || tag == "CD" || tag == "DT" || collectives[p.noun]:
		t, confidence = corpus.Group, 0.83
		if len(p.mods) == 0 && p.state < 0 {
			confidence = 0.68 // "officials": whose is not said
		}
	case bodyNouns[p.noun]:
		t, confidence = corpus.Organisation, 0.72
	case p.definite:
		confidence = 0.68 // somebody known to the reader, and not found
	}
	if !figure && !speaks(p.noun) && !bodyNouns[p.noun] {
		confidence -= 0.1
	}
	if t == corpus.Unnamed && !strings.HasPrefix(text, "unnamed") {
		text = "unnamed " + text
	}
	e := r.describe(text, t, t == corpus.Group)
	r.nouns = append(r.nouns, said{p, e})
	fresh := corpus.Candidate{Entity: e, Confidence: confidence * rest}
	at := 0
	for at < len(out.candidates) && out.candidates[at].Confidence >= fresh.Confidence {
		at++
	}
	out.candidates = slices.Insert(out.candidates, at, fresh)
	return out
}

// presented returns the person whom an expression names before it says what
// they are, where the text lacks the comma between ("Mara Venn a local
// activist"), or -1.
func (r *resolver) presented(tokens, head corpus.Range, names []int) int {
	if len(names) == 0 {
		return -1
	}
	m := r.doc.Mentions[names[0]]
	if m.Kind != corpus.Name || m.Tokens.First != tokens.First || m.Tokens.Last >= head.Last || r.doc.Entities[m.Entity].Type != corpus.Person {
		return -1
	}
	if name := r.doc.Slice(m.Span); !strings.Contains(name, " ") || shouted(name) {
		return -1 // a word of a headline
	}
	next := r.lowerText(m.Tokens.Last)
	article := next == "a" || next == "an" || next == "the"
	office := isRole(next) && m.Tokens.Last+1 < tokens.Last && (r.lowerText(m.Tokens.Last+1) == "of" || r.lowerText(m.Tokens.Last+1) == "for")
	if !article && !office {
		return -1
	}
	return m.Entity
}

// administration returns the administration that the article names, or that of
// the president whom it names and who governs on its day.
func (r *resolver) administration() (int, bool) {
	best := -1
	for e := range r.doc.Entities {
		ent := &r.doc.Entities[e]
		if strings.HasSuffix(ent.Name, " administration") && ent.Type == corpus.Government && (best < 0 || len(ent.Mentions) > len(r.doc.Entities[best].Mentions)) {
			best = e
		}
	}
	if best >= 0 {
		return best, true
	}
	for e := range r.doc.Entities {
		s, ok := r.byID[r.doc.Entities[e].ID]
		if !ok {
			continue
		}
		for _, o := range r.specs[s].Offices {
			if o.Title != "president" || !o.held(r.doc.Published) {
				continue
			}
			words := strings.Fields(r.specs[s].Name)
			if k, ok := r.names[words[len(words)-1]+" administration"]; ok {
				return r.entityOf(k.spec), true
			}
		}
	}
	return 0, false
}

// holder returns the known person who holds the office that a description names
// with its state, on the article's day, or -1.
func (r *resolver) holder(p *phrase) int {
	if p.state < 0 || r.doc.Published.IsZero() {
		return -1
	}
	title := p.noun
	if len(p.mods) > 0 {
		title = strings.Join(p.mods, " ") + " " + p.noun
		if p.mods[0] == "state" && p.noun == "secretary" {
			title = "secretary of state"
		}
	}
	best := -1
	for _, h := range r.holders[strings.Replace(title, "defence", "defense", 1)+" "+r.specs[p.state].ID] {
		if h.office.held(r.doc.Published) && h.office.From != "" {
			if best >= 0 {
				return -1
			}
			best = h.spec
		}
	}
	return best
}

// endsName reports whether a body of the document has a name that ends in the noun.
func (r *resolver) endsName(noun string) bool {
	for e := range r.doc.Entities {
		if ent := &r.doc.Entities[e]; ent.Type == corpus.Organisation {
			if at := strings.LastIndexByte(ent.Name, ' '); at > 0 && strings.EqualFold(ent.Name[at+1:], noun) {
				return true
			}
		}
	}
	return false
}

// owned resolves "his office", "their statement", "her aides": what belongs to
// whom the pronoun refers to.
func (r *resolver) owned(tokens, head corpus.Range, class anaphorClass, statement int) referent {
	out := referent{kind: corpus.Description, note: "pronoun without an antecedent"}
	owners := r.antecedents(&anaphor{token: tokens.First, class: class, statement: statement})
	if len(owners) == 0 {
		return out
	}
	noun := r.lowerText(head.Last - 1)
	if things[noun] {
		out.kind, out.candidates = corpus.Pronoun, owners
		return out
	}
	owner := r.doc.Entities[owners[0].Entity]
	if owner.Type != corpus.Person && owner.Type != corpus.Unnamed && (offices[noun] || spokespeople[noun]) {
		out.candidates = owners
		return out
	}
	if words := strings.Fields(owner.Name); noun == "administration" && len(words) > 0 {
		if k, ok := r.names[words[len(words)-1]+" "+noun]; ok {
			out.candidates = []corpus.Candidate{{Entity: r.entityOf(k.spec), Confidence: sureOfState * owners[0].Confidence}}
			return out
		}
	}
	t := corpus.Unnamed
	tag := r.doc.Tokens[head.Last-1].Tag
	switch {
	case tag == "NNS" || tag == "NNPS":
		t = corpus.Group
	case offices[noun] || bodyNouns[noun]:
		t = corpus.Organisation
	}
	possessive := "'s "
	if owner.Plural && strings.HasSuffix(owner.Name, "s") {
		possessive = "' " // "Republicans' leaders"
	}
	text := owner.Name + possessive + r.describedAs(corpus.Range{First: tokens.First + 1, Last: tokens.Last})
	out.candidates = []corpus.Candidate{{Entity: r.describe(text, t, t == corpus.Group), Confidence: 0.9 * owners[0].Confidence}}
	return out
}

// indefinite reports whether "a", "another" or a number stands before token i.
func (r *resolver) indefinite(i int) bool {
	if i == 0 {
		return false
	}
	w := r.lowerText(i - 1)
	return w == "a" || w == "an" || w == "another" || w == "one" || w == "some" || w == "any" || w == "every" || w == "no"
}

// linked returns the entity of an earlier description that a later one takes up
// ("a senior official … the official", "Valdorian officials … officials"), or -1.
func (r *resolver) linked(p *phrase) int {
	if shares[p.noun] {
		return -1
	}
	if r.indefinite(p.tokens.First) {
		return -1
	}
	for k := len(r.nouns) - 1; k >= 0; k-- {
		before := &r.nouns[k]
		q := &before.phrase
		if q.lemma != p.lemma || q.plural != p.plural || p.state >= 0 && p.state != q.state || !p.definite && !p.plural {
			continue
		}
		if slices.ContainsFunc(p.mods, func(w string) bool { return !slices.Contains(q.mods, w) }) {
			continue
		}
		return before.entity
	}
	return -1
}

// entityOf returns the entity of a known speaker, which the text may not name.
func (r *resolver) entityOf(spec int) int {
	s := r.specs[spec]
	for e := range r.doc.Entities {
		if r.doc.Entities[e].ID == s.ID {
			return e
		}
	}
	r.doc.Entities = append(r.doc.Entities, corpus.Entity{ID: s.ID, Name: s.Name, Type: r.types[spec], Wikidata: s.Wikidata, Gender: r.genders[spec],
		Titles: r.officesOf(spec, r.doc.Published)})
	return len(r.doc.Entities) - 1
}

// speakingNouns are nouns for people and bodies that speak; more are told by
// their endings.
var speakingNouns = set(`people man men woman women official officials activist aide aides diplomat diplomats source sources
expert experts critic critics ally allies family families resident residents opponent opponents student students patient patients
president government governments regime administration ministry opposition council committee parliament army military police
party group groups organization organisation body agency company union court team community state states country countries nation nations
power powers west witness witnesses doctor doctors lawyer lawyers rebel rebels militant militants troop troops force forces
chief head deputy colleague colleagues friend friends relative relatives parent parents mother father wife husband son daughter brother
sister child children refugee refugees civilian civilians survivor survivors journalist journalists scholar scholars guest guests
leader leaders voter voters member members crowd crowds public media press paper newspaper outlet network broadcaster television channel
secretary king queen envoy envoys representative representatives correspondent correspondents authorities authority agencies
coalition unit units organizations organisations faction factions advocate advocates conservative conservatives liberals locals person
staff victim victims respondents hopefuls charity parties side sides alliance department campaign office service hostage
hawk hawks delegate delegates lawmaker lawmakers veteran veterans candidate candidates nominee spokesman spokeswoman spokesperson
majority minority many some others most half percent americans democrats republicans britons kurds arabs`)

// bodyNouns are those of bodies, which are known by description, not unnamed.
var bodyNouns = set(`government administration regime ministry opposition council committee parliament army military police party group
organization organisation agency company union court coalition authority alliance department campaign office service charity team
television network broadcaster newspaper paper outlet media press state country nation`)

func speaks(noun string) bool {
	return speakingNouns[noun] || isRole(noun) || agent(noun) || folk(noun)
}

// folk reports whether a noun ends as nouns of peoples and holders do.
func folk(noun string) bool {
	noun = strings.TrimSuffix(noun, "s")
	for _, ending := range []string{"ant", "men", "ee", "ese", "ent"} {
		if len(noun) > len(ending)+2 && strings.HasSuffix(noun, ending) && !strings.HasSuffix(noun, "ment") {
			return true
		}
	}
	return false
}

// abstract reports whether a noun ends as nouns of acts and qualities do: no
// speaker, whatever the attribution says.
func abstract(noun string) bool {
	for _, ending := range []string{"ment", "tion", "sion", "ness", "ity", "ism", "ing", "ance", "ence", "age", "ure", "al", "ship", "th", "acy"} {
		if len(noun) > len(ending)+1 && strings.HasSuffix(noun, ending) {
			return true
		}
	}
	return notSpeakers[noun]
}

var notSpeakers = set(`year week month day time way step move war attack attacks strike fact idea view hope fear word sign call role effort support concern response
deal pressure weapon weapons missile bomb plane aircraft airstrike base border talk meeting vote image photo test sample dollar term program programme law rule
chance sense hand story level area site round month hour decade century event conflict crisis conference interview trip visit speech debate topic victim-count
cost price tax market rate number result loss gain tie relation border line thing something nothing anything everything part place case case reason question issue problem world air backlash mood
criticism evidence intelligence data line point end start side feb apr aug sept sep oct nov dec`)

// describedAs is the source's own words, cut to a name's length and at a word
// that can end one.
func (r *resolver) describedAs(tokens corpus.Range) string {
	const most = 8
	var words []string
	last := tokens.First // token of the last word
	for i := tokens.First; i < tokens.Last && len(words) < most; i++ {
		w := r.lowerText(i)
		if w == "who" || w == "which" || w == "," || w == "that" || w == "(" {
			break
		}
		if w == ")" { // what stands before it is a credit
			words = nil
			continue
		}
		if len(words) == 0 && (w == "of" || w == "the") {
			continue // "one of the officials"
		}
		if len(words) == 0 && (w == "some" || w == "many" || w == "several" || w == "other" || w == "one" || w == "another" || w == "two") && i+1 < tokens.Last {
			continue
		}
		words, last = append(words, r.doc.TokenText(i)), i
	}
	cut := len(words) == most && last+1 < tokens.Last
	for ; len(words) > 1; last-- {
		tag := r.doc.Tokens[last].Tag
		adjective := cut && (tag == "JJ" || strings.HasPrefix(tag, "VB")) // its noun was cut off
		if !danglers[tag] && !adjective {
			break
		}
		words = words[:len(words)-1]
	}
	text := strings.Join(words, " ")
	return strings.NewReplacer(" 's", "'s", " ’s", "’s", " ’", "’", " '", "'").Replace(text)
}

// danglers are the tags of words that no description ends in.
var danglers = set("IN DT CC TO PRP$ WDT WP$ -LRB- ``")

// describe returns the entity of a description, one for each wording.
func (r *resolver) describe(text string, t corpus.EntityType, plural bool) int {
	key := strings.ToLower(text)
	if e, ok := r.described[key]; ok {
		return e
	}
	e := len(r.doc.Entities)
	r.doc.Entities = append(r.doc.Entities, corpus.Entity{ID: t.String() + ":" + slug(text), Name: text, Type: t, Plural: plural, Aliases: []string{text}})
	r.described[key] = e
	return e
}
