// Package mention finds the people, bodies, governments and groups of a
// document, and later says which of them is the speaker of each statement.
//
// Stage needs LayerTokens, LayerSentences, LayerQuotations and LayerTags and
// adds LayerMentions. Resolver needs LayerMentions and LayerStatements and
// adds LayerSpeakers; its References, for whoever asks, tie all that refers, noun
// phrases and every pronoun.
package mention

import (
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage finds mentions and entities. It is safe for concurrent use.
type Stage struct{ *Catalogue }

// New returns the stage over a catalogue.
func New(c *Catalogue) *Stage { return &Stage{c} }

// Process adds LayerMentions to the document.
func (s *Stage) Process(doc *corpus.Document) error {
	need := corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags
	if err := doc.Require("mention", need); err != nil {
		return err
	}
	f := finder{Catalogue: s.Catalogue, doc: doc, byKey: map[string]int{}, inside: map[string]bool{}, lower: map[string]bool{}}
	f.gather()
	f.captions()
	// Names of the body first: a headline's capitals say little by themselves.
	for i := range doc.Sentences {
		if doc.Sentences[i].Kind != corpus.Boilerplate && !f.titleCase(i) {
			f.sentence(i)
		}
	}
	f.headline = true
	for i := range doc.Sentences {
		if doc.Sentences[i].Kind != corpus.Boilerplate && f.titleCase(i) {
			f.sentence(i)
		}
	}
	f.cluster()
	f.roles()
	f.pronouns()
	sort.SliceStable(doc.Mentions, func(i, j int) bool { return doc.Mentions[i].Start < doc.Mentions[j].Start })
	for i := range doc.Mentions {
		if e := doc.Mentions[i].Entity; e >= 0 {
			doc.Entities[e].Mentions = append(doc.Entities[e].Mentions, i)
		}
	}
	doc.Add(corpus.LayerMentions)
	return nil
}

// titleCase reports whether a sentence has capitals throughout and no full
// stop, as headlines do, so that capitals mark no names.
func (f *finder) titleCase(index int) bool {
	s := f.doc.Sentences[index]
	if strings.HasSuffix(strings.TrimRight(f.doc.Slice(s.Span), "\"”’)"), ".") {
		return false
	}
	capitals, words := 0, 0
	for i := s.Tokens.First; i < s.Tokens.Last; i++ {
		if r, _ := utf8.DecodeRuneInString(f.text(i)); unicode.IsLetter(r) {
			words++
			if unicode.IsUpper(r) {
				capitals++
			}
		}
	}
	return words >= 4 && 10*capitals >= 6*words
}

// A found is a name as it stands, before names are joined to entities.
type found struct {
	tokens corpus.Range
	words  []string
	titles []string // before or beside the name, lower case
	gender corpus.Gender
	spec   int // of the catalogue, or -1
	kind   corpus.MentionKind
	typ    corpus.EntityType
	sure   bool // the type is
	maybe  bool // a name only where its last word is a person's surname: the title "King", words in capitals
}

type finder struct {
	*Catalogue
	doc      *corpus.Document
	headline bool            // only known names count
	inside   map[string]bool // words that are names inside of sentences
	lower    map[string]bool // words that the text has in lower case
	found    []found
	byKey    map[string]int // full name -> entity
	aside    map[string]int // surname -> known person whom a caption names in full
}

// gather notes the words that the tagger takes for names where their capital
// says something: inside of sentences. At a sentence's start they are names too.
func (f *finder) gather() {
	for index := range f.doc.Sentences {
		if f.doc.Sentences[index].Kind == corpus.Boilerplate || f.titleCase(index) {
			continue
		}
		r := f.doc.Sentences[index].Tokens
		for i := r.First + 1; i < r.Last; i++ {
			if word := f.text(i); !capital(word) {
				f.lower[word] = true
			} else if strings.HasPrefix(f.doc.Tokens[i].Tag, "NNP") && len(word) > 1 && capital(word) && !opens(f.text(i-1)) && !notNames[word] {
				f.inside[word] = true
			}
		}
	}
}

// bears reports whether token i is a first name, and the next a state's name of
// one word, which is then a surname: "Orlo Jordan".
func (f *finder) bears(i int) bool {
	word := f.text(i)
	if !capital(word) || f.first[strings.ToLower(word)] == corpus.GenderUnknown || notNames[word] || word == "May" || !strings.HasPrefix(f.doc.Tokens[i].Tag, "NNP") {
		return false
	}
	k, ok := f.names[f.text(i+1)]
	_, adjective := f.demonyms[f.text(i+1)]
	return ok && f.types[k.spec] == corpus.Government && !shouted(f.text(i+1)) && !adjective
}

func (f *finder) text(i int) string { return f.doc.TokenText(i) }

func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r)
}

// nameWord reports whether token i can be part of a name.
func (f *finder) nameWord(i, first int) bool {
	word, tag := f.text(i), f.doc.Tokens[i].Tag
	if dash := strings.LastIndexByte(word, '-'); dash > 0 && compounds[word[dash+1:]] {
		return false // "Western-backed"
	}
	if article(word) {
		return true // "al-Zoubi"
	}
	will := word == "Will" && tag == "NNP" && i > first && !opens(f.text(i-1)) // "Will Roth"
	if !capital(word) || len(word) == 1 && i == first || notNames[word] && !will || partyMark(word) {
		return false
	}
	if strings.HasPrefix(tag, "NNP") {
		return true
	}
	if i == first || i > 0 && opens(f.text(i-1)) {
		// the first word of a sentence is a name only if the tagger says so,
		// a known first name leads it, or a name word follows
		lower := strings.ToLower(word)
		return (f.inside[word] || f.first[lower] != corpus.GenderUnknown) && tag != "MD"
	}
	switch tag { // the tagger takes strange names for anything; not for these
	case "DT", "IN", "CC", "PRP", "PRP$", "MD", "TO", "WP", "WDT", "WRB", "EX", "CD":
		return false
	}
	return true
}

// partyMark reports whether a word is a party and a state: "R-Ohio".
func partyMark(word string) bool {
	return len(word) > 2 && word[1] == '-' && (word[0] == 'R' || word[0] == 'D' || word[0] == 'I') && capital(word[2:])
}

func opens(mark string) bool { return strings.ContainsAny(mark, "\"“‘«„(") || mark == ":" }

// compounds end adjectives that begin with a name.
var compounds = set(`backed led based held style controlled wide born era friendly sponsored run made funded trained occupied dominated
linked allied owned supported affiliated brokered drafted proposed appointed speaking majority aligned leaning like language`)

// article reports whether a word is a name behind its Arabic article.
func article(word string) bool {
	return (strings.HasPrefix(word, "al-") || strings.HasPrefix(word, "el-")) && len(word) > 3 && capital(word[3:])
}

// notNames are capitalised words that are no part of a person's or body's name.
var notNames = set(`Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August
September October November December I The A An This That These Those It He She They We You His Her Their Our My If When While As
But And Or So Yet Still Now Then There Here What Who Why How Where Which Yes No Not Also After Before Since Until Despite In On At By For From
With Without Under Over Some Many Most All Both Each Every Another Other More Earlier Later Last Next Instead Meanwhile However Asked
Critics Officials According Senior Former Is Was Are Were Will Has Have Had Did Does Do Can Could Would Should
Jan. Feb. Mar. Apr. Aug. Sept. Sep. Oct. Nov. Dec. Feb Apr Aug Sept Sep Oct Nov Dec Democrat Republican Democratic-led Republican-led Others None Nobody Everyone Mostly Proponents Opponents
Amid Amidst Among Although Though Because Like Unlike Through Throughout Within Against Between During Even Just Perhaps Such Several`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// joins are lower-case words inside of names.
var joins = set("al de la van von der den bin ibn ben du di da del el ul abu bint dos of for and")

func (f *finder) sentence(index int) {
	r := f.doc.Sentences[index].Tokens
	for i := r.First; i < r.Last; {
		j := i + 1
		if n := f.titleLength(i, r.Last); n > 1 && i+n < r.Last && capital(f.text(i)) && f.nameWord(i+n, r.First) {
			j = i + n // "Secretary of State Roth"
		} else if n, k := f.catalogued(i, r.Last); n > 0 {
			f.addKnown(i, i+n, k)
			i += n
			continue
		} else if f.headline || !f.nameWord(i, r.First) {
			i++
			continue
		}
		for j < r.Last {
			if n, k := f.catalogued(j, r.Last); n > 0 && (n > 1 || k.metonym || f.types[k.spec] == corpus.Government) && f.titleLength(i, j) == 0 && !f.bodyWord(i, j) && f.text(i) != "New" && !f.namesake(j, k) && (j > i+1 || !f.bears(i)) {
				// "Kremlin" after a person's name starts a name of its own, but not in "New Mexico"
				break
			}
			w := f.text(j)
			if shouted(w) != shouted(f.text(j-1)) && (len(w) > 3 && shouted(w) || len(f.text(j-1)) > 3 && shouted(f.text(j-1))) {
				break // "MUST SEE Roth"
			}
			switch {
			case f.nameWord(j, r.First) || capital(w) && strings.HasSuffix(w, ".") && len(w) <= 3:
				j++
				continue
			case w == "." && initial(f.text(j-1)) && j+1 < r.Last && f.nameWord(j+1, r.First):
				j++ // "Orlo F. Brandt"
				continue
			case joins[w] && j+1 < r.Last && f.nameWord(j+1, r.First):
				if (w == "of" || w == "for" || w == "and") && !f.bodyWord(i, j) {
					break
				}
				j++
				continue
			}
			break
		}
		f.addName(i, j)
		i = j
	}
}

// namesake reports whether the known body at token i, behind other words of a name,
// is another of its kind: the "Harbour Region Security Council".
func (f *finder) namesake(i int, k known) bool {
	return f.types[k.spec] == corpus.Organisation && !k.metonym && sharedOpenings[f.text(i)]
}

// sharedOpenings begin the names of bodies that every state may have.
var sharedOpenings = set("Security Supreme Justice Central")

// initial reports whether a word is one capital letter.
func initial(word string) bool { return len(word) == 1 && capital(word) }

// bodyWord reports whether a run of tokens names a body, so that "of", "for"
// and "and" may carry it on.
func (f *finder) bodyWord(i, j int) bool {
	for ; i < j; i++ {
		if bodies[f.text(i)] {
			return true
		}
	}
	return false
}

var bodies = set(`Ministry Department Council Committee Commission Agency Office Bureau Organization Organisation Union League Party
Congress Parliament Senate House Assembly Court University Institute Center Centre Foundation Association Group Coalition Alliance
Front Army Navy Force Forces Command Guard Police Bank Fund Network Observatory Watch International News Times Post Journal Tribune Herald
Television TV Radio Agency Authority Federation Society Board Service Services Corporation Company Inc. Ltd. Co. Corp. Church Movement Campaign
Administration Government Embassy Mission Delegation Bloc Caucus Conference Forum Initiative Project Desk Wire Press Gazette Courier Ledger Team`)

// catalogued returns the length in tokens of the longest known name at token
// i, 0 where none stands there.
func (f *finder) catalogued(i, last int) (int, known) {
	if word := f.text(i); !capital(word) || !f.openers[word] {
		return 0, known{}
	}
	var b strings.Builder
	n, best := 0, known{}
	for k := i; k < last && k-i < f.longest+1; k++ {
		if k > i && (f.text(k) != "." || !initial(f.text(k-1))) {
			b.WriteByte(' ')
		}
		b.WriteString(f.text(k))
		if hit, ok := f.names[b.String()]; ok {
			n, best = k-i+1, hit
		}
	}
	if n == 0 || i+n < last && generations[f.text(i+n)] {
		return 0, best
	}
	if n == 1 && i+2 < last && bodies[f.text(i)] && f.text(i+1) == "of" && capital(f.text(i+2)) {
		return 0, best // "House of Delegates"
	}
	// "Syria Civil Bank", "Paris Hilton": a longer name that only begins so
	if i+n < last && strings.HasPrefix(f.doc.Tokens[i+n].Tag, "NNP") && capital(f.text(i+n)) && f.types[best.spec] == corpus.Government &&
		f.titleLength(i+n, last) == 0 && !best.metonym && bodies[f.text(i+n)] {
		return 0, best
	}
	return n, best
}

// leadsPlace are words after which a state's name is the state, whoever bears it.
var leadsPlace = set("in to from into inside across within throughout near through outside around between")

func (f *finder) addKnown(i, j int, k known) {
	if f.types[k.spec] == corpus.Government && j-i == 1 {
		if _, adjective := f.demonyms[f.text(i)]; adjective && j < len(f.doc.Tokens) && strings.HasPrefix(f.doc.Tokens[j].Tag, "NN") {
			// "US officials": an adjective here
			return
		}
	}
	kind := corpus.Name
	if k.metonym {
		kind = corpus.Metonym
	}
	f.found = append(f.found, found{tokens: corpus.Range{First: i, Last: j}, words: []string{f.specs[k.spec].Name}, spec: k.spec,
		kind: kind, typ: f.types[k.spec], gender: f.genders[k.spec], sure: true})
}

// titleLength returns how many tokens from i on make a title.
func (f *finder) titleLength(i, last int) int {
	if i >= last || !f.openers[strings.ToLower(f.text(i))] {
		return 0
	}
	best := 0
	var b strings.Builder
	for k := i; k < last && k-i < 4; k++ {
		if k > i {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToLower(f.text(k)))
		if f.titles[b.String()] || plural(b.String(), f.titles) {
			best = k - i + 1
		}
	}
	return best
}

func plural(word string, titles map[string]bool) bool {
	return strings.HasSuffix(word, "s.") && titles[strings.TrimSuffix(word, "s.")+"."] || strings.HasSuffix(word, "s") && titles[strings.TrimSuffix(word, "s")]
}

var feminineTitles = set("mrs. ms. mrs ms miss queen princess lady dame spokeswoman congresswoman chairwoman")
var masculineTitles = set("mr. mr king prince sir lord spokesman congressman emir sheikh ayatollah pope chairman strongman")

// addName takes the run of name words [i, j) apart into titles and the name.
func (f *finder) addName(i, j int) {
	out := found{spec: -1}
	take := func(n int) {
		var words []string
		for k := range n {
			words = append(words, strings.ToLower(f.text(i+k)))
		}
		title := strings.Join(words, " ")
		out.titles = append(out.titles, title)
		if feminineTitles[title] {
			out.gender = corpus.Feminine
		} else if masculineTitles[title] {
			out.gender = corpus.Masculine
		}
		i += n
		out.sure = true
	}
	// a lower-case title before the name: "foreign minister Agnes Roth"
	for back := 3; back > 0; back-- {
		if i-back >= 0 && f.doc.Tokens[i-back].Sentence == f.doc.Tokens[i].Sentence && f.titleLength(i-back, i) == back {
			i -= back
			take(back)
			break
		}
	}
	// what stands before a title further in is no part of the name: "New Port Gov. Ada Hale"
	if !f.bodyWord(i, j) {
		for k := j - 2; k > i; k-- {
			if n := f.titleLength(k, j); n > 0 && k+n < j && !generations[f.text(k+n)] {
				i = k
				break
			}
		}
	}
	state := -1
	for i < j {
		if d, ok := f.demonyms[f.text(i)]; ok && f.leaves(i, j) {
			state = d
			i++
			continue
		}
		if w := f.text(i); i+1 < j && adjectives[w] {
			i++
			continue
		}
		n := f.titleLength(i, j)
		if n == 0 {
			break
		}
		take(n)
	}
	if i >= j {
		// a title alone: the resolver reads it where it is a source
		if i == j && len(out.titles) == 1 && capital(f.text(i-1)) && (i < 2 || f.doc.Tokens[i-2].Tag != "DT") {
			f.found = append(f.found, found{tokens: corpus.Range{First: i - 1, Last: i}, words: []string{f.text(i - 1)}, spec: -1, maybe: true})
		}
		return
	}
	for k := i + 1; k+1 < j; k++ {
		if f.first[strings.ToLower(f.text(k))] == corpus.GenderUnknown || f.first[strings.ToLower(f.text(i))] != corpus.GenderUnknown {
			continue
		}
		before := strings.ToLower(f.text(k - 1))
		if f.bodyWord(i, k) { // "Harbour Board Agnes Lindt": a body and a person
			f.addName(i, k)
			i = k
		} else if roleNouns[before] || f.lower[before] && !joins[before] { // "Businesswoman Agnes Lindt", "Minister of State Agnes Lindt"
			i = k
		}
		break
	}
	if n, k := f.catalogued(i, j); n == j-i {
		f.addKnown(i, j, k)
		if last := &f.found[len(f.found)-1]; last.tokens.First == i {
			last.titles = out.titles
		}
		return
	}
	if f.text(j-1) == "Ministry" {
		if state < 0 {
			state = f.possessor(i)
		}
		if state >= 0 {
			f.addKnown(i, j, known{state, true})
			return
		}
	}
	for k := i; k < j; k++ {
		if w := f.text(k); w == "." && len(out.words) > 0 {
			out.words[len(out.words)-1] += "."
		} else {
			out.words = append(out.words, w)
		}
	}
	out.tokens = corpus.Range{First: i, Last: j}
	if plain := recased(out.words); plain != nil && !slices.ContainsFunc(plain, func(w string) bool { return bodies[w] }) {
		if k, ok := f.names[strings.Join(plain, " ")]; ok {
			if !k.metonym { // "WASHINGTON": a dateline
				f.addKnown(i, j, k)
			}
			return
		}
		if len(plain) > 1 {
			out.words = plain
			out.maybe = f.first[strings.ToLower(plain[0])] == corpus.GenderUnknown && len(out.titles) == 0
		}
	}
	first := strings.ToLower(out.words[0])
	switch {
	case f.bodyWord(i, j):
		out.typ, out.sure = corpus.Organisation, true
	case f.isPeople(out.words[len(out.words)-1]):
		out.typ, out.sure = corpus.Group, true
	case len(out.words) == 1 && acronym(out.words[0]) && len(out.titles) == 0 && !f.shortName(out.words[0]):
		out.typ, out.sure = corpus.Organisation, true
	case i > 0 && len(out.titles) == 0 && f.first[first] == corpus.GenderUnknown && strings.EqualFold(f.text(i-1), "the") && f.doc.Tokens[i-1].Sentence == f.doc.Tokens[i].Sentence:
		out.typ = corpus.Organisation
	default:
		out.typ = corpus.Person
		if g := f.first[first]; g != corpus.GenderUnknown && len(out.words) > 1 {
			out.sure = true
			if out.gender == corpus.GenderUnknown {
				out.gender = g
			}
		}
	}
	f.found = append(f.found, out)
}

// adjectives stand before names and titles and are part of neither.
var adjectives = set("Deputy Former Acting Senior Republican Democratic Interim Outgoing Incoming Then-President Longtime Retired Late")

// leaves reports whether the adjective of a state at token i belongs to a title
// or person behind it, not to the name of a body ("American Harbour Union").
func (f *finder) leaves(i, j int) bool {
	if i+1 >= j || f.text(j-1) == "Ministry" || adjectives[f.text(i+1)] || f.titleLength(i+1, j) > 0 {
		return true
	}
	return !f.bodyWord(i, j) && (f.first[strings.ToLower(f.text(i+1))] != corpus.GenderUnknown || article(f.text(j-1)))
}

// possessor returns the state that owns what begins at token i: "Valdoria's".
func (f *finder) possessor(i int) int {
	if i < 2 || f.doc.Tokens[i-1].Tag != "POS" {
		return -1
	}
	if k, ok := f.names[f.text(i-2)]; ok && f.types[k.spec] == corpus.Government {
		return k.spec
	}
	return -1
}

// shortName reports whether a word is a surname that the catalogue knows a bearer of.
func (f *finder) shortName(word string) bool {
	_, ok := f.short[bare(word)]
	return ok
}

func (f *finder) isPeople(word string) bool {
	_, ok := f.peoples[word]
	return ok || communities[word]
}

// communities are peoples and creeds that no state stands for.
var communities = set(`Kurds Muslims Christians Jews Sunnis Shiites Shias Alawites Druze Yazidis Arabs Europeans Westerners Islamists Jihadists
Palestinians Salafists Marines Africans Asians Latinos Hispanics Evangelicals Catholics Liberals Conservatives Tories Libertarians Independents`)

func shouted(word string) bool { return len(word) > 1 && word == strings.ToUpper(word) }

// recased is a name in capitals as text has it ("ADA ROTH": "Ada Roth"); nil for
// other names, and for what may be acronyms.
func recased(words []string) []string {
	long := false
	for _, w := range words {
		if !shouted(w) || strings.ContainsAny(w, "0123456789&") {
			return nil
		}
		long = long || len(w) > 4
	}
	if !long {
		return nil
	}
	out := make([]string, len(words))
	for k, w := range words {
		letters := []rune(strings.ToLower(w))
		for i := range letters {
			if i == 0 || !unicode.IsLetter(letters[i-1]) {
				letters[i] = unicode.ToUpper(letters[i])
			}
		}
		out[k] = string(letters)
	}
	return out
}

func acronym(word string) bool {
	letters := strings.ReplaceAll(word, ".", "")
	return len(letters) >= 2 && letters == strings.ToUpper(letters)
}

// cluster joins the names found to entities: known and full names first, then
// acronyms and parts of a body's name to the full name, surnames and first
// names to the person who bears them.
func (f *finder) cluster() {
	surnames := map[string]bool{}
	for _, n := range f.found {
		if n.typ == corpus.Person && len(n.words) > 1 && !n.maybe {
			surnames[surname(n.words)] = true
		}
	}
	f.found = slices.DeleteFunc(f.found, func(n found) bool { return n.maybe && !surnames[surname(n.words)] })
	entity := make([]int, len(f.found))
	for i := range entity {
		entity[i] = -1
	}
	open := func(i int, key string) int {
		n := &f.found[i]
		e, ok := f.byKey[key]
		if !ok {
			e = len(f.doc.Entities)
			f.byKey[key] = e
			ent := corpus.Entity{Name: strings.Join(n.words, " "), Type: n.typ, Gender: n.gender}
			if n.spec >= 0 {
				ent.ID, ent.Wikidata, ent.Titles = f.specs[n.spec].ID, f.specs[n.spec].Wikidata, f.officesOf(n.spec, f.doc.Published)
			} else {
				ent.ID = n.typ.String() + ":" + slug(ent.Name)
			}
			ent.Plural = n.typ == corpus.Group
			f.doc.Entities = append(f.doc.Entities, ent)
		}
		return e
	}
	bySurname := map[string][]int{} // last word -> entities of people, in text order
	byFirst := map[string][]int{}
	var fullBodies []int // indices of found: bodies with names of several words
	for i, n := range f.found {
		if n.spec < 0 && len(n.words) > 1 {
			if n.typ == corpus.Person {
				entity[i] = open(i, f.personKey(n.words))
				addUnique(bySurname, bare(surname(n.words)), entity[i])
				addUnique(byFirst, bare(n.words[0]), entity[i])
			} else if n.typ == corpus.Group {
				entity[i] = open(i, strings.ToLower(strings.Join(n.words, " "))) // "the Kurds" may be others than "Syrian Kurds"
			} else {
				fullBodies = append(fullBodies, i)
			}
		} else if n.spec >= 0 && n.typ == corpus.Organisation && n.tokens.Len() > 1 {
			fullBodies = append(fullBodies, i)
		}
	}
	for i, n := range f.found {
		if n.spec < 0 {
			continue
		}
		if at := n.tokens.First; n.typ == corpus.Government && n.tokens.Len() == 1 && (at == 0 || !leadsPlace[f.text(at-1)]) {
			// "Jordan" where the article is about a Mr. Jordan
			if e := f.nearest(bySurname[bare(f.text(at))], entity, i, corpus.GenderUnknown); e >= 0 {
				entity[i] = e
				f.found[i].kind = corpus.Name
				continue
			}
		}
		entity[i] = open(i, f.specs[n.spec].ID)
		if n.typ == corpus.Person {
			words := strings.Fields(n.words[0])
			addUnique(bySurname, bare(surname(words)), entity[i])
			addUnique(byFirst, bare(words[0]), entity[i])
			for _, short := range f.specs[n.spec].Short {
				addUnique(bySurname, bare(short), entity[i])
			}
		}
	}
	for _, i := range fullBodies {
		if entity[i] >= 0 {
			continue
		}
		if whole := f.wholeOf(i, fullBodies); whole >= 0 && entity[whole] >= 0 {
			entity[i] = entity[whole]
		} else if whole >= 0 {
			entity[i] = open(whole, strings.ToLower(strings.Join(f.found[whole].words, " ")))
		} else {
			entity[i] = open(i, strings.ToLower(strings.Join(f.found[i].words, " ")))
		}
	}
	for i, n := range f.found {
		if entity[i] >= 0 {
			continue
		}
		word := n.words[0]
		if n.typ != corpus.Person && n.sure {
			if whole := f.wholeOf(i, fullBodies); whole >= 0 {
				entity[i] = entity[whole]
			} else {
				entity[i] = open(i, strings.ToLower(word))
			}
			continue
		}
		rivals := bySurname[bare(word)]
		if len(rivals) == 0 && !slices.ContainsFunc(n.titles, func(t string) bool { return !royal[t] }) {
			rivals = byFirst[bare(word)]
		}
		entity[i] = f.nearest(f.foremost(rivals, entity), entity, i, n.gender)
		k, ok := f.short[bare(word)]
		if !ok {
			k, ok = f.aside[bare(word)]
		}
		if ok && (n.typ == corpus.Person || !n.sure) && (entity[i] < 0 || f.outranks(k, &n, entity[i])) {
			f.found[i].spec, f.found[i].words = k, []string{f.specs[k].Name}
			f.found[i].gender = f.genders[k]
			entity[i] = open(i, f.specs[k].ID)
			addUnique(bySurname, bare(word), entity[i])
		}
		if entity[i] < 0 {
			entity[i] = open(i, bare(word))
			addUnique(bySurname, bare(word), entity[i])
		}
	}
	for i, n := range f.found {
		e := &f.doc.Entities[entity[i]]
		if e.Gender == corpus.GenderUnknown {
			e.Gender = n.gender
		}
		alias := f.doc.Slice(f.doc.SpanOf(n.tokens))
		if !slices.Contains(e.Aliases, alias) {
			e.Aliases = append(e.Aliases, alias)
		}
		for _, t := range n.titles {
			if !slices.Contains(e.Titles, t) {
				e.Titles = append(e.Titles, t)
			}
		}
		confidence := 0.95
		if !n.sure && len(n.words) == 1 {
			confidence = 0.8
		}
		f.doc.Mentions = append(f.doc.Mentions, corpus.Mention{
			Span:   f.doc.SpanOf(n.tokens),
			Tokens: n.tokens, Head: n.tokens.Last - 1, Kind: n.kind, Entity: entity[i], Confidence: confidence})
	}
}

// foremost are those of the rivals whom the article names most often in full:
// the others are called by their first names too where they come up again.
func (f *finder) foremost(rivals, entity []int) []int {
	if len(rivals) < 2 {
		return rivals
	}
	full := map[int]int{}
	for i, n := range f.found {
		if entity[i] >= 0 && n.tokens.Len() > 1 {
			full[entity[i]]++
		}
	}
	most := 0
	for _, e := range rivals {
		most = max(most, full[e])
	}
	return slices.DeleteFunc(slices.Clone(rivals), func(e int) bool { return full[e] < most })
}

// captions notes the known people whom captions and the like name in full:
// the body may call them by their surname alone.
func (f *finder) captions() {
	f.aside = map[string]int{}
	for _, s := range f.doc.Sentences {
		if s.Kind != corpus.Boilerplate {
			continue
		}
		for i := s.Tokens.First; i < s.Tokens.Last; i++ {
			if n, k := f.catalogued(i, s.Tokens.Last); n > 1 && f.types[k.spec] == corpus.Person {
				f.aside[bare(f.text(i+n-1))] = k.spec
			}
		}
	}
}

// officesOf lists the offices that a known speaker holds on a day, as titles.
func (c *Catalogue) officesOf(spec int, day time.Time) []string {
	var out []string
	for k := range c.specs[spec].Offices {
		if c.specs[spec].Offices[k].held(day) {
			out = append(out, c.titlesOf[spec][k])
		}
	}
	return out
}

// outranks reports whether a surname means the known bearer rather than the one
// whom the article names in full: a title stands before it that he alone bears.
func (f *finder) outranks(spec int, n *found, entity int) bool {
	if f.doc.Entities[entity].ID == f.specs[spec].ID {
		return false
	}
	for _, t := range n.titles {
		for k := range f.specs[spec].Offices {
			o := &f.specs[spec].Offices[k]
			if o.Title == t && o.held(f.doc.Published) && !slices.Contains(f.doc.Entities[entity].Titles, t) {
				return true
			}
		}
	}
	return false
}

// personKey is what two spellings of a full name share within an article: first
// name and surname without initials, Arabic articles and case.
func (f *finder) personKey(words []string) string {
	var kept []string
	for k, w := range words {
		if k > 0 && (len(w) == 1 || len(w) == 2 && w[1] == '.' || generations[w]) {
			continue
		}
		kept = append(kept, bare(w))
	}
	return strings.Join(kept, " ")
}

// bare is a word of a name in lower case without its Arabic article.
func bare(word string) string {
	word = strings.ToLower(word)
	if len(word) > 4 && (strings.HasPrefix(word, "al-") || strings.HasPrefix(word, "el-")) {
		return word[3:]
	}
	return word
}

// wholeOf returns the body of several words that found i is a part or the
// acronym of, the one named last before it or first after it, or -1.
func (f *finder) wholeOf(i int, candidates []int) int {
	words := f.found[i].words
	best := -1
	for _, k := range candidates {
		whole := f.found[k].words
		if f.found[k].spec >= 0 {
			whole = strings.Fields(f.doc.Slice(f.doc.SpanOf(f.found[k].tokens)))
		}
		if k == i || len(whole) <= len(words) {
			continue
		}
		if !slices.Equal(whole[len(whole)-len(words):], words) && !slices.Equal(whole[:len(words)], words) &&
			(len(words) > 1 || !acronymOf(words[0], whole) && !(bodies[words[0]] && slices.Contains(whole, words[0]))) {
			continue
		}
		if best >= 0 && k > i {
			break
		}
		best = k
	}
	return best
}

// acronymOf reports whether a word's letters are the initials of the words,
// with or without those of "of", "the" and the like.
func acronymOf(word string, words []string) bool {
	letters := strings.ReplaceAll(word, ".", "")
	if len(letters) < 2 || letters != strings.ToUpper(letters) {
		return false
	}
	var capitals, all strings.Builder
	for _, w := range words {
		for part := range strings.SplitSeq(w, "-") {
			if part == "" {
				continue
			}
			all.WriteByte(part[0] &^ 0x20)
			if capital(part) {
				capitals.WriteByte(part[0])
			} else if !joins[part] && part != "the" && part != "in" {
				return false
			}
		}
	}
	return letters == capitals.String() || letters == all.String()
}

// royal are titles of those who are called by their first names.
var royal = set("king queen prince princess emir sultan pope")

var generations = set("Jr. Sr. Jr Sr II III IV")

// surname is the last word of a name, but for "Jr." and the like.
func surname(words []string) string {
	last := words[len(words)-1]
	if len(words) > 2 && generations[last] {
		last = words[len(words)-2]
	}
	return last
}

// nearest picks the entity of the rivals named last before name i, or first
// after it; a gender known to differ rules a rival out.
func (f *finder) nearest(rivals, entity []int, i int, gender corpus.Gender) int {
	fits := func(e int) bool {
		if e < 0 {
			return false
		}
		g := f.doc.Entities[e].Gender
		for _, r := range rivals {
			if r == e {
				return gender == corpus.GenderUnknown || g == corpus.GenderUnknown || g == gender
			}
		}
		return false
	}
	for k := i - 1; k >= 0; k-- {
		if fits(entity[k]) {
			return entity[k]
		}
	}
	for k := i + 1; k < len(entity); k++ {
		if fits(entity[k]) {
			return entity[k]
		}
	}
	return -1
}

func addUnique(m map[string][]int, key string, e int) {
	for _, have := range m[key] {
		if have == e {
			return
		}
	}
	m[key] = append(m[key], e)
}
