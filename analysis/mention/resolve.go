package mention

import (
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// Resolver names the speaker of each statement, or abstains and lists the
// candidates. It is safe for concurrent use.
type Resolver struct {
	catalogue *Catalogue
	min       float64
}

// NewResolver returns the stage. Below minConfidence (0…1) it abstains.
func NewResolver(c *Catalogue, minConfidence float64) *Resolver { return &Resolver{c, minConfidence} }

// Process adds LayerSpeakers to the document.
func (s *Resolver) Process(doc *corpus.Document) error {
	need := corpus.LayerMentions | corpus.LayerStatements | corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags
	if err := doc.Require("speakers", need); err != nil {
		return err
	}
	r := resolver{Catalogue: s.catalogue, doc: doc, running: -1, described: map[string]int{}}
	for i := range doc.Statements {
		r.statement(i, s.min)
	}
	doc.Add(corpus.LayerSpeakers)
	return nil
}

type resolver struct {
	*Catalogue
	doc       *corpus.Document
	running   int            // speaker of the statement before, or -1
	described map[string]int // description -> entity
	orphan    int            // paragraph that a quotation of nobody ended, plus one
}

// A referent is what a source expression refers to.
type referent struct {
	kind       corpus.MentionKind
	candidates []corpus.Candidate // best first
	note       string             // why there is none
}

func (r *resolver) statement(i int, least float64) {
	st := &r.doc.Statements[i]
	st.Speaker = -1
	paragraph := r.doc.Sentences[st.Sentence].Paragraph
	if len(st.Source) == 0 {
		st.SpeakerNote = "nobody is named"
		if r.running >= 0 {
			st.Candidates = []corpus.Candidate{{Entity: r.running, Confidence: 0.3}}
		}
		r.running, r.orphan = -1, paragraph+1
		return
	}
	ref := r.source(st.Source, i)
	st.Resolution = ref.kind
	weight := st.SourceConf
	if ref.kind == corpus.Pronoun && r.orphan > 0 && paragraph-(r.orphan-1) <= 1 {
		// after a quotation that nobody is named for, the turn may have passed
		weight *= 0.5
	}
	for k := range ref.candidates {
		ref.candidates[k].Confidence *= weight
	}
	if len(ref.candidates) == 0 {
		st.SpeakerNote = ref.note
		r.running = -1
		return
	}
	best := ref.candidates[0]
	if best.Confidence < least {
		st.Candidates = ref.candidates[:min(len(ref.candidates), 5)]
		switch {
		case st.Inherited:
			st.SpeakerNote = "free-standing quotation: the speaker before may not be its own"
			r.orphan = paragraph + 1
		case ref.kind == corpus.Pronoun:
			st.SpeakerNote = "pronoun with rival antecedents"
		default:
			st.SpeakerNote = "source expression is unclear"
		}
		return
	}
	st.Speaker, st.SpeakerConfidence = best.Entity, best.Confidence
	if len(ref.candidates) > 1 {
		st.Candidates = ref.candidates[:min(len(ref.candidates), 5)]
	}
	r.running = best.Entity
	if !st.Inherited {
		r.orphan = 0
	}
}

// source resolves the expression of a statement's source.
func (r *resolver) source(spans []corpus.Span, statement int) referent {
	tokens := r.doc.TokensIn(spans[0])
	for tokens.First < tokens.Last && (isDeterminer(r.doc.Tokens[tokens.First].Tag) && pronounClasses[r.lower(tokens.First)] == notPronoun || r.doc.Tokens[tokens.First].Tag == "``") {
		tokens.First++
	}
	if tokens.Len() == 0 {
		return referent{note: "source expression is unclear"}
	}
	if tokens.Len() <= 2 {
		if class := pronounClasses[r.lower(tokens.First)]; class != notPronoun && r.doc.TokenText(tokens.First) != "US" {
			return r.pronoun(tokens.First, class, statement)
		}
	}
	head := corpus.Range{First: tokens.First, Last: r.headEnd(tokens)}
	inside := r.namesIn(head)
	if n := len(inside); n > 0 {
		if joint := r.joint(tokens); joint != nil {
			return *joint
		}
		last := r.doc.Mentions[inside[n-1]]
		if last.Tokens.Last >= head.Last || r.onlyTitlesAfter(last.Tokens.Last, head.Last) && r.doc.Entities[last.Entity].Type == corpus.Person {
			return referent{kind: last.Kind, candidates: []corpus.Candidate{{Entity: last.Entity, Confidence: last.Confidence}}}
		}
	}
	// "the ministry's spokeswoman, Ada Roth": the name stands beside
	if head.Last < tokens.Last && r.doc.TokenText(head.Last) == "," {
		rest := corpus.Range{First: head.Last + 1, Last: tokens.Last}
		if names := r.namesIn(rest); len(names) > 0 {
			if m := r.doc.Mentions[names[0]]; m.Tokens.First <= rest.First+4 && r.doc.Entities[m.Entity].Type == corpus.Person {
				return referent{kind: m.Kind, candidates: []corpus.Candidate{{Entity: m.Entity, Confidence: 0.9}}}
			}
		}
	}
	return r.description(tokens, head)
}

func (r *resolver) lower(i int) string { return strings.ToLower(r.doc.TokenText(i)) }

func isDeterminer(tag string) bool { return tag == "DT" || tag == "PDT" || tag == "PRP$" }

var headEnds = set(", of for at in from to with on by who which that whose about near under ( [ — – --")

// headEnd returns the end of the head noun phrase of a source: what stands
// before the first preposition, comma or relative clause outside of a name.
func (r *resolver) headEnd(tokens corpus.Range) int {
	for i := tokens.First + 1; i < tokens.Last; i++ {
		if headEnds[r.lower(i)] && !r.insideName(i) {
			return i
		}
	}
	end := tokens.Last
	for end > tokens.First+1 && (r.doc.Tokens[end-1].Tag == "POS" || r.doc.Tokens[end-1].Tag == "." || r.doc.Tokens[end-1].Tag == ":") {
		end--
	}
	return end
}

func (r *resolver) insideName(i int) bool {
	at := r.firstMention(r.doc.Tokens[i].Start)
	for k := max(0, at-2); k < len(r.doc.Mentions) && k <= at; k++ {
		m := r.doc.Mentions[k]
		if m.Kind != corpus.Pronoun && m.Tokens.First < i && i < m.Tokens.Last {
			return true
		}
	}
	return false
}

// firstMention is the index of the first mention that starts at or after the offset.
func (r *resolver) firstMention(offset int) int {
	return sort.Search(len(r.doc.Mentions), func(k int) bool { return r.doc.Mentions[k].Start >= offset })
}

// namesIn lists the mentions of settled entities that lie in the tokens.
func (r *resolver) namesIn(tokens corpus.Range) []int {
	var out []int
	if tokens.Len() <= 0 {
		return nil
	}
	for k := r.firstMention(r.doc.Tokens[tokens.First].Start); k < len(r.doc.Mentions); k++ {
		m := r.doc.Mentions[k]
		if m.Tokens.First >= tokens.Last {
			break
		}
		if m.Entity >= 0 && m.Tokens.Last <= tokens.Last {
			out = append(out, k)
		}
	}
	return out
}

func (r *resolver) onlyTitlesAfter(from, to int) bool {
	for i := from; i < to; i++ {
		if t := r.doc.Tokens[i].Tag; t != "POS" && t != "CD" && t != "-LRB-" && t != "(" {
			return false
		}
	}
	return true
}

// joint returns the group that two or more people named side by side make.
func (r *resolver) joint(tokens corpus.Range) *referent {
	names := r.namesIn(tokens)
	var people []int
	for k, m := range names {
		if r.doc.Entities[r.doc.Mentions[m].Entity].Type != corpus.Person {
			continue
		}
		if len(people) > 0 {
			joined := false
			for i := r.doc.Mentions[names[k-1]].Tokens.Last; i < r.doc.Mentions[m].Tokens.First; i++ {
				w := r.lower(i)
				if w == "and" {
					joined = true
				} else if w == "of" || w == "for" || w == "who" || w == "to" {
					return nil
				}
			}
			if !joined {
				continue
			}
		}
		people = append(people, r.doc.Mentions[m].Entity)
	}
	if len(people) < 2 || people[0] == people[1] {
		return nil
	}
	var names2 []string
	for _, e := range people {
		names2 = append(names2, r.doc.Entities[e].Name)
	}
	e := r.describe(strings.Join(names2, " and "), corpus.Group, true)
	return &referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: e, Confidence: 0.85}}}
}

func (r *resolver) pronoun(i int, class pronounClass, statement int) referent {
	out := referent{kind: corpus.Pronoun, note: "pronoun without an antecedent"}
	switch class {
	case speaking:
		// inside somebody's words: the speaker of the statement around it
		for k := statement - 1; k >= 0; k-- {
			outer := &r.doc.Statements[k]
			for _, c := range outer.Content {
				if c.Contains(r.doc.Tokens[i].Span) && outer.Speaker >= 0 {
					out.candidates = []corpus.Candidate{{Entity: outer.Speaker, Confidence: outer.SpeakerConfidence * 0.9}}
					return out
				}
			}
		}
		return out
	case relative:
		first := r.doc.Sentences[r.doc.Tokens[i].Sentence].Tokens.First
		if names := r.namesIn(corpus.Range{First: max(first, i-8), Last: i}); len(names) > 0 {
			nearest := r.doc.Mentions[names[len(names)-1]]
			out.candidates = []corpus.Candidate{{Entity: nearest.Entity, Confidence: 0.8}}
		}
		return out
	}
	out.candidates = r.antecedents(i, class)
	return out
}

var spokespeople = set("spokesman spokeswoman spokesperson spokesmen spokespeople press")

// things speak in the news, but somebody wrote them.
var things = set(`report reports statement statements letter document documents poll polls survey study article post tweet video memo
email emails transcript comments comment remarks words findings finding data figures results analysis complaint lawsuit filing account resolution draft editorial page website newspaper magazine book speech`)

// description resolves a source without a name at its head: a title whose
// holder is named elsewhere, a spokesperson for a body, a group, or somebody
// known by description alone.
func (r *resolver) description(tokens, head corpus.Range) referent {
	noun := r.lower(head.Last - 1)
	if spokespeople[noun] || noun == "office" || noun == "team" || noun == "campaign" {
		if names := r.namesIn(tokens); len(names) > 0 {
			m := r.doc.Mentions[names[0]]
			if t := r.doc.Entities[m.Entity].Type; t != corpus.Person {
				return referent{kind: corpus.Description, candidates: []corpus.Candidate{{Entity: m.Entity, Confidence: 0.75}}}
			}
		}
	}
	if things[noun] {
		if names := r.namesIn(tokens); len(names) > 0 {
			m := r.doc.Mentions[names[len(names)-1]]
			return referent{kind: corpus.Description, candidates: []corpus.Candidate{{Entity: m.Entity, Confidence: 0.65}}}
		}
		return referent{kind: corpus.Description, note: "the source is a text whose author is not named"}
	}
	// "the foreign minister", held by somebody named elsewhere
	for length := min(3, head.Len()); length > 0; length-- {
		if holders := r.holders(head, length); len(holders) > 0 {
			return referent{kind: corpus.Title, candidates: holders}
		}
	}
	tag := r.doc.Tokens[head.Last-1].Tag
	text := r.describedAs(tokens)
	if strings.HasPrefix(tag, "NN") && !speaks(noun) {
		return referent{kind: corpus.Description, note: "the source may be no person or body"}
	}
	if !strings.HasPrefix(tag, "NN") && tag != "JJ" && tag != "CD" || text == "" {
		return referent{kind: corpus.Description, note: "source expression is unclear"}
	}
	if tag == "NNS" || tag == "NNPS" || tag == "JJ" || tag == "CD" || noun == "people" || noun == "opposition" {
		return referent{kind: corpus.Description, candidates: []corpus.Candidate{{Entity: r.describe(text, corpus.Group, true), Confidence: 0.75}}}
	}
	if bodyNouns[noun] {
		return referent{kind: corpus.Description, candidates: []corpus.Candidate{{Entity: r.describe(text, corpus.Organisation, false), Confidence: 0.6}}}
	}
	if !strings.HasPrefix(text, "unnamed") {
		text = "unnamed " + text
	}
	confidence := 0.7
	if first := r.lower(max(0, head.First-1)); first == "the" {
		confidence = 0.55 // somebody known to the reader, and not found
	}
	return referent{kind: corpus.Description, candidates: []corpus.Candidate{{Entity: r.describe(text, corpus.Unnamed, false), Confidence: confidence}}}
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
	if speakingNouns[noun] {
		return true
	}
	noun = strings.TrimSuffix(noun, "s")
	for _, ending := range []string{"er", "or", "ist", "ian", "ant", "cian", "man", "men", "woman", "yst", "crat", "ee", "ese"} {
		if len(noun) > len(ending)+2 && strings.HasSuffix(noun, ending) {
			return true
		}
	}
	return false
}

// describedAs is the source's own words, cut to a name's length.
func (r *resolver) describedAs(tokens corpus.Range) string {
	var words []string
	for i := tokens.First; i < tokens.Last && len(words) < 8; i++ {
		w := r.lower(i)
		if w == "who" || w == "which" || w == "," || w == "that" || w == "(" {
			break
		}
		if len(words) == 0 && (w == "of" || w == "the") {
			continue // "one of the officials"
		}
		if len(words) == 0 && (w == "some" || w == "many" || w == "several" || w == "other" || w == "one" || w == "another" || w == "two") && i+1 < tokens.Last {
			continue
		}
		words = append(words, r.doc.TokenText(i))
	}
	text := strings.Join(words, " ")
	return strings.NewReplacer(" 's", "'s", " ’s", "’s", " ’", "’", " '", "'").Replace(text)
}

// holders ranks the entities that bear the title that the last `length`
// tokens of the head make.
func (r *resolver) holders(head corpus.Range, length int) []corpus.Candidate {
	var words []string
	for i := head.Last - length; i < head.Last; i++ {
		words = append(words, r.lower(i))
	}
	title := strings.Join(words, " ")
	if !r.titles[title] || spokespeople[title] {
		return nil
	}

	var out []corpus.Candidate
	total := 0
	for e := range r.doc.Entities {
		ent := &r.doc.Entities[e]
		if ent.Type != corpus.Person || !slices.Contains(ent.Titles, title) {
			continue
		}
		before := 0
		for _, m := range ent.Mentions {
			if r.doc.Mentions[m].Start < r.doc.Tokens[head.First].Start {
				before++
			}
		}
		if before == 0 {
			continue
		}
		total += before
		out = append(out, corpus.Candidate{Entity: e, Confidence: float64(before)})
	}
	for i := range out {
		out[i].Confidence = 0.85 * out[i].Confidence / float64(total)
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Confidence > out[b].Confidence })
	return out
}

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
