package mention

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// Resolver names the speaker of each statement, or abstains and lists the
// candidates. It is safe for concurrent use.
type Resolver struct {
	catalogue *Catalogue
	model
	min float64
}

// NewResolver returns the stage over a catalogue and a model that Train made.
// Below minConfidence (0…1) it abstains.
func NewResolver(c *Catalogue, trained []byte, minConfidence float64) (*Resolver, error) {
	m, err := parseModel(trained)
	if err != nil {
		return nil, fmt.Errorf("speakers: %w", err)
	}
	return &Resolver{c, m, minConfidence}, nil
}

// Process adds LayerSpeakers to the document.
func (s *Resolver) Process(doc *corpus.Document) error {
	if err := doc.Require("speakers", speakersNeed); err != nil {
		return err
	}
	r := newResolver(s.catalogue, doc)
	r.model = s.model
	r.statements(s.min)
	r.part()
	doc.Add(corpus.LayerSpeakers)
	return nil
}

const speakersNeed = corpus.LayerMentions | corpus.LayerStatements | corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags

type resolver struct {
	*Catalogue
	model
	doc       *corpus.Document
	teach     func(a *anaphor, rivals []rival) []corpus.Candidate  // in training, in the ranker's place
	record    func(statement int, ref *referent, v *linear.Vector) // in training: what the confidence is learnt from
	turns     []turn
	sightings []sighting         // by mention
	later     map[int][]sighting // by entity: descriptions and pronouns resolved to it
	described map[string]int     // description -> entity
	members   map[int][]int      // of the groups that names side by side make
	nouns     []said             // descriptions so far, in order
	orphan    int                // paragraph that a quotation of nobody ended, plus one
	chainer   *chainer           // of the references before; nil until asked for
	lower     map[string]bool    // words that the text has in lower case; nil until asked for

	vector linear.Vector
	scores []float64
}

// A said is a description that was met.
type said struct {
	phrase phrase
	entity int
}

func newResolver(c *Catalogue, doc *corpus.Document) *resolver {
	r := &resolver{Catalogue: c, doc: doc, later: map[int][]sighting{}, described: map[string]int{}, members: map[int][]int{}}
	r.look()
	return r
}

// A referent is what a source expression refers to.
type referent struct {
	kind       corpus.MentionKind
	candidates []corpus.Candidate // best first
	note       string             // why there is none
}

// statements resolves all statements in their order; those of "I" and "we"
// last, since they speak inside the words of others.
func (r *resolver) statements(least float64) {
	var inner []int
	for i := range r.doc.Statements {
		r.doc.Statements[i].Speaker = -1
	}
	for i := range r.doc.Statements {
		if r.firstPerson(i) {
			inner = append(inner, i)
			continue
		}
		r.statement(i, least)
	}
	for _, i := range inner {
		r.settle(i, r.speakerAround(i), least)
	}
}

// part gives a statement of joint speakers to each of them: "Valdoria and
// Ostrana condemned it" says it of both.
func (r *resolver) part() {
	var out []corpus.Statement
	for i := range r.doc.Statements {
		st := r.doc.Statements[i]
		each := r.members[st.Speaker]
		if st.Speaker < 0 || len(each) == 0 {
			out = append(out, st)
			continue
		}
		for _, e := range each {
			own := st
			own.Speaker = e
			out = append(out, own)
		}
	}
	r.doc.Statements = out
}

func (r *resolver) firstPerson(i int) bool {
	st := &r.doc.Statements[i]
	if len(st.Source) == 0 {
		return false
	}
	tokens := r.doc.TokensIn(st.Source[0])
	return tokens.Len() == 1 && r.pronounAt(tokens.First) == speaking
}

// pronounAt classes the token as a pronoun; "US" and "WHO" are names.
func (r *resolver) pronounAt(i int) anaphorClass {
	if w := r.doc.TokenText(i); len(w) > 1 && shouted(w) {
		return notAnaphor
	}
	return pronounClasses[r.lowerText(i)]
}

// speakerAround resolves "I" and "we": the speaker of the innermost other
// statement whose content holds the pronoun.
func (r *resolver) speakerAround(i int) referent {
	out := referent{kind: corpus.Pronoun, note: "first person outside of anybody's words"}
	at := r.doc.Statements[i].Source[0]
	best := 0
	for k := range r.doc.Statements {
		outer := &r.doc.Statements[k]
		if k == i || outer.Speaker < 0 {
			continue
		}
		for _, c := range outer.Content {
			if c.Contains(at) && (len(out.candidates) == 0 || c.Len() < best) {
				best = c.Len()
				out.candidates = []corpus.Candidate{{Entity: outer.Speaker, Confidence: outer.SpeakerConfidence * 0.95}}
			}
		}
	}
	return out
}

func (r *resolver) statement(i int, least float64) {
	st := &r.doc.Statements[i]
	paragraph := r.doc.Sentences[st.Sentence].Paragraph
	if len(st.Source) == 0 {
		st.SpeakerNote = "nobody is named"
		if n := len(r.turns); n > 0 {
			st.Candidates = []corpus.Candidate{{Entity: r.turns[n-1].entity, Confidence: 0.3}}
		}
		r.orphan = paragraph + 1
		return
	}
	r.settle(i, r.source(st.Source, i), least)
	if st.Speaker < 0 {
		if st.Inherited {
			r.orphan = paragraph + 1
		}
		return
	}
	r.turns = append(r.turns, turn{st.Speaker, st.Sentence, paragraph})
	if r.chainer != nil {
		r.chainer.source(st)
	}
	if st.Resolution != corpus.Name && st.Resolution != corpus.Metonym {
		at := r.sight(r.doc.TokensIn(st.Source[0]))
		at.resolved = true
		r.later[st.Speaker] = append(r.later[st.Speaker], at)
	}
	if !st.Inherited {
		r.orphan = 0
	}
}

// weigh multiplies the confidence of all candidates.
func (ref *referent) weigh(by float64) {
	for k := range ref.candidates {
		ref.candidates[k].Confidence *= by
	}
}

// settle gives the statement its speaker, or the candidates and a reason.
func (r *resolver) settle(i int, ref referent, least float64) {
	st := &r.doc.Statements[i]
	st.Resolution = ref.kind
	if len(ref.candidates) == 0 {
		st.SpeakerNote = ref.note
		return
	}
	ruled := ref.candidates[0].Confidence * st.SourceConf
	r.calibrate(i, &ref)
	if sure := ref.candidates[0].Confidence; st.Inherited && sure > ruled { // a turn that no words mark: few were coded
		ref.weigh(ruled / sure)
	}
	if paragraph := r.doc.Sentences[st.Sentence].Paragraph; ref.kind == corpus.Pronoun && r.orphan > 0 && paragraph == r.orphan {
		ref.weigh(afterOrphan)
	}
	best := ref.candidates[0]
	if len(ref.candidates) > 1 || best.Confidence < least {
		st.Candidates = ref.candidates[:min(len(ref.candidates), 5)]
	}
	if best.Confidence >= least {
		st.Speaker, st.SpeakerConfidence = best.Entity, best.Confidence
		return
	}
	switch {
	case st.Inherited:
		st.SpeakerNote = "free-standing quotation: the speaker before may not be its own"
	case ref.kind == corpus.Pronoun:
		st.SpeakerNote = "pronoun with rival antecedents"
	default:
		st.SpeakerNote = "source expression is unclear"
	}
}

// source resolves the expression of a statement's source.
func (r *resolver) source(spans []corpus.Span, statement int) referent {
	tokens := r.trimmed(r.agent(r.doc.TokensIn(spans[0]), statement))
	if tokens.Len() == 0 {
		return referent{note: "source expression is unclear"}
	}
	if class := r.pronounAt(tokens.First); class != notAnaphor && r.alone(tokens) {
		return r.pronoun(tokens.First, class, statement)
	}
	if tokens.Len() > 2 && partOf[r.lowerText(tokens.First)] && r.lowerText(tokens.First+1) == "of" {
		tokens = r.trimmed(corpus.Range{First: tokens.First + 2, Last: tokens.Last}) // "much of the country"
	}
	if tokens.Len() == 0 {
		return referent{note: "source expression is unclear"}
	}
	head := corpus.Range{First: tokens.First, Last: r.headEnd(tokens)}
	comma := r.comma(tokens)
	if joint := r.joint(corpus.Range{First: tokens.First, Last: comma}); joint != nil {
		return *joint
	}
	if mixed := r.namesAndOthers(tokens, statement); mixed != nil {
		return *mixed
	}
	if d, ok := r.peoples[r.doc.TokenText(head.Last-1)]; ok && tokens.Len() == 1 && head.First > 0 && r.lowerText(head.First-1) == "the" {
		return referent{kind: corpus.Metonym, candidates: []corpus.Candidate{{Entity: r.entityOf(d), Confidence: sureOfPeople}}} // "the Valdorians"
	}
	if inside := r.namesIn(head); len(inside) > 0 {
		last := r.doc.Mentions[inside[len(inside)-1]]
		person := r.doc.Entities[last.Entity].Type == corpus.Person
		if last.Tokens.Last >= head.Last || person && r.onlyTitlesAfter(last.Tokens.Last, head.Last) || pronounClasses[r.lowerText(last.Tokens.Last)] != notAnaphor {
			if joint := r.joint(tokens); joint != nil && comma < tokens.Last {
				return *joint // "Agnes Roth, Ida Marr and Viktor Hale"
			}
			return referent{kind: last.Kind, candidates: []corpus.Candidate{{Entity: last.Entity, Confidence: r.sureOfName(&last)}}}
		}
	}
	// "Chair of the Harbour Board Dr. Ada Roth": the name ends it
	if n := r.namesIn(corpus.Range{First: head.Last, Last: comma}); len(n) > 0 {
		m := &r.doc.Mentions[n[len(n)-1]]
		if m.Tokens.Last == comma && r.doc.Entities[m.Entity].Type == corpus.Person && isRole(r.lowerText(head.Last-1)) {
			at := m.Tokens.First
			if title := r.titleBefore(at); title > 0 {
				at = title
			}
			_, state := r.demonyms[r.doc.TokenText(at-1)]
			if at > head.Last && !state && strings.HasPrefix(r.doc.Tokens[at-1].Tag, "NN") {
				return referent{kind: m.Kind, candidates: []corpus.Candidate{{Entity: m.Entity, Confidence: sureOfApposition}}}
			}
		}
	}
	// "the ministry's spokeswoman, Ada Roth": the name stands beside
	if comma < tokens.Last {
		rest := corpus.Range{First: comma + 1, Last: tokens.Last}
		if names := slices.DeleteFunc(r.namesIn(rest), r.placesPerson); len(names) > 0 {
			m := r.doc.Mentions[names[0]]
			person := r.doc.Entities[m.Entity].Type == corpus.Person && (head.Last == comma || m.Tokens.Len() > 1) // no "allies from Asia, Europe and the islands"
			if joint := r.joint(rest); joint != nil && (head.Last == comma || person) {
				return *joint // but no "allies from Valdoria, Ostrana and Velgrad"
			}
			if person && m.Tokens.First <= rest.First+4 {
				return referent{kind: m.Kind, candidates: []corpus.Candidate{{Entity: m.Entity, Confidence: sureOfApposition}}}
			}
		}
	}
	if k, ok := r.names[r.doc.TokenText(head.First)]; ok && head.Len() == 1 && r.types[k.spec] == corpus.Government && !k.metonym {
		// a state whose verb was taken for a noun: "the US talks"
		return referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: r.entityOf(k.spec), Confidence: sureOfState}}}
	}
	if tokens.Len() > 3 && shouted(r.doc.Slice(r.doc.SpanOf(tokens))) {
		return referent{note: "source expression is unclear"} // words of a heading
	}
	if ref := r.unseenName(head); ref != nil {
		return *ref
	}
	return r.description(tokens, head, statement)
}

// agent returns the part of a source that names who speaks where the source has
// its own cue inside, in the passive: "Roth, who has been accused by the Admiralty".
func (r *resolver) agent(tokens corpus.Range, statement int) corpus.Range {
	for _, span := range r.doc.Statements[statement].Cue {
		by := r.doc.TokensIn(span).Last
		if r.lowerText(by-1) == "by" {
			by--
		}
		if by > tokens.First && by+1 < tokens.Last && r.lowerText(by) == "by" {
			return corpus.Range{First: by + 1, Last: tokens.Last}
		}
	}
	return tokens
}

// How sure a speaker is who is named: shares right on the coded training
// articles, given the source expression.
const (
	sureOfFullName   = 0.97
	sureOfTitledName = 0.96
	sureOfSurname    = 0.94
	sureOfBody       = 0.93
	sureOfState      = 0.9
	sureOfMetonym    = 0.79 // the other times it is the place
	sureOfJoint      = 0.85
	sureOfMixed      = 0.7 // names and descriptions side by side
	sureOfPeople     = 0.75
	sureOfLink       = 0.8  // to a description that is taken up
	sureOfPhrase     = 0.7  // that a pronoun takes up the noun phrase that it is tied to, where no name fits
	afterOrphan      = 0.4  // a pronoun in the paragraph behind a quotation of nobody: the turn may have passed
	sureOfHolder     = 0.85 // by the catalogue and the day alone
	sureOfApposition = 0.93
	sureOfUnseenName = 0.8
)

func (r *resolver) sureOfName(m *corpus.Mention) float64 {
	e := &r.doc.Entities[m.Entity]
	placed := m.Tokens.First > 0 && inside[r.lowerText(m.Tokens.First-1)] && r.doc.Tokens[m.Tokens.First-1].Sentence == r.doc.Tokens[m.Tokens.First].Sentence
	switch {
	case placed && e.Type != corpus.Person:
		return 0.4 // "in Velgrad": a place
	case m.Kind == corpus.Metonym:
		return sureOfMetonym
	case e.Type == corpus.Government:
		return sureOfState
	case e.Type != corpus.Person:
		return sureOfBody
	case m.Tokens.Len() > 1:
		return sureOfFullName
	case len(e.Titles) > 0:
		return sureOfTitledName
	}
	return sureOfSurname * m.Confidence / 0.95
}

var inside = set("in at near outside inside across throughout")

// trimmed drops articles and opening marks before a source expression, and
// what ends its sentence behind it, and the "then–" of a former office.
func (r *resolver) trimmed(tokens corpus.Range) corpus.Range {
	if tokens.Len() > 2 && r.lowerText(tokens.First) == "then" && strings.ContainsAny(r.doc.TokenText(tokens.First+1), "–—-") {
		tokens.First += 2
	}
	for tokens.First < tokens.Last {
		t := r.doc.Tokens[tokens.First].Tag
		if (!isDeterminer(t) || pronounClasses[r.lowerText(tokens.First)] != notAnaphor) && t != "``" && t != "(" && t != "-LRB-" && t != "," && t != "CC" {
			break
		}
		tokens.First++
	}
	for tokens.Last > tokens.First {
		if t := r.doc.Tokens[tokens.Last-1].Tag; t != "," && t != "." && t != ":" && t != "''" {
			break
		}
		tokens.Last--
	}
	return tokens
}

// alone reports whether a pronoun is all that the expression holds, but for
// what may stand behind it: "he himself", "they all", "he, too,".
func (r *resolver) alone(tokens corpus.Range) bool {
	if tokens.Len() == 1 {
		return true
	}
	switch t := r.doc.Tokens[tokens.First+1].Tag; {
	case r.doc.Tokens[tokens.First].Tag == "PRP$" || strings.HasPrefix(t, "NN") || t == "JJ" || t == "CD":
		return false
	}
	return r.lowerText(tokens.First) != "that"
}

func (r *resolver) lowerText(i int) string {
	if i >= len(r.doc.Tokens) {
		return ""
	}
	return strings.ToLower(r.doc.TokenText(i))
}

func isDeterminer(tag string) bool { return tag == "DT" || tag == "PDT" || tag == "PRP$" }

var headEnds = set(", of for at from in to with on by who which that whose about near under ( [ — – --")

// headEnd returns the end of the head noun phrase of a source: what stands
// before the first preposition, comma or relative clause outside of a name.
func (r *resolver) headEnd(tokens corpus.Range) int {
	for i := tokens.First + 1; i < tokens.Last; i++ {
		if headEnds[r.lowerText(i)] && !r.insideName(i) {
			if n := r.titleAround(i, tokens); n > 0 {
				i = n - 1 // "Secretary of State Roth"
				continue
			}
			if t := r.doc.Tokens[i-1].Tag; i-1 > tokens.First && (t == "VBN" || t == "VBG") && strings.HasPrefix(r.doc.Tokens[i-2].Tag, "NN") {
				return i - 1 // "an official involved in it"
			}
			return i
		}
	}
	end := tokens.Last
	for end > tokens.First+1 && (r.doc.Tokens[end-1].Tag == "POS" || r.doc.Tokens[end-1].Tag == "." || r.doc.Tokens[end-1].Tag == ":") {
		end--
	}
	return end
}

// titleAround returns the end of a title that has the preposition at token i
// inside and a name behind it, or 0.
func (r *resolver) titleAround(i int, tokens corpus.Range) int {
	for from := max(tokens.First, i-2); from < i; from++ {
		f := finder{Catalogue: r.Catalogue, doc: r.doc}
		if n := f.titleLength(from, tokens.Last); from+n > i+1 && from+n < tokens.Last && capital(r.doc.TokenText(from+n)) {
			return from + n
		}
	}
	return 0
}

// placesPerson reports whether a name only says where somebody is from or of
// whom: "Velgrad Republican Agnes Roth", "Velgrad's mayor".
func (r *resolver) placesPerson(m int) bool {
	after := r.doc.Mentions[m].Tokens.Last
	if after >= len(r.doc.Tokens) {
		return false
	}
	t := r.doc.Tokens[after].Tag
	return t == "POS" || strings.HasPrefix(t, "NN") && isRole(r.lowerText(after))
}

// titleBefore returns where the title right before token i begins, or 0.
func (r *resolver) titleBefore(i int) int {
	f := finder{Catalogue: r.Catalogue, doc: r.doc}
	for back := 3; back > 0; back-- {
		if i-back > 0 && f.titleLength(i-back, i) == back {
			return i - back
		}
	}
	return 0
}

// comma returns the first comma of the expression outside of a name, or its end.
func (r *resolver) comma(tokens corpus.Range) int {
	for i := tokens.First + 1; i < tokens.Last; i++ {
		if r.doc.TokenText(i) == "," && !r.insideName(i) {
			return i
		}
	}
	return tokens.Last
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
		if t := r.doc.Tokens[i].Tag; t != "POS" && t != "CD" && t != "-LRB-" && t != "(" && t != "PRP" {
			return false
		}
	}
	return true
}

// joint returns the group that two or more names side by side make: nothing but
// commas, "and", articles and titles parts them.
func (r *resolver) joint(tokens corpus.Range) *referent {
	names := slices.DeleteFunc(r.namesIn(tokens), func(m int) bool { return r.homeOf(m, tokens.First) })
	if len(names) < 2 {
		return nil
	}
	for i := tokens.First; i < r.doc.Mentions[names[0]].Tokens.First; i++ {
		if headEnds[r.lowerText(i)] && r.titleAround(i, tokens) == 0 {
			return nil // "the leaders of Valdoria and Ostrana"
		}
	}
	var members []int
	joined := false
	for k, m := range names {
		if k > 0 {
			linked := false
			for i := r.doc.Mentions[names[k-1]].Tokens.Last; i < r.doc.Mentions[m].Tokens.First; i++ {
				w := r.lowerText(i)
				switch {
				case w == "and" || w == "&":
					linked, joined = true, true
				case w == ",":
					linked = true
				case w == "of" && i+1 < r.doc.Mentions[m].Tokens.First && capital(r.doc.TokenText(i+1)):
				case w == "of" || w == "for" || w == "who" || w == "to" || w == "in" || w == "at" || w == "from" || w == "with":
					return nil
				case !isDeterminer(r.doc.Tokens[i].Tag) && !strings.HasPrefix(r.doc.Tokens[i].Tag, "NN") && r.doc.Tokens[i].Tag != "JJ":
					return nil
				}
			}
			if !linked {
				members = members[:len(members)-1] // "Valdoria Foreign Minister Roth": the last is meant
			}
		}
		members = append(members, r.doc.Mentions[m].Entity)
	}
	if len(members) < 2 || !joined || members[0] == members[1] {
		return nil
	}
	// what follows the last name would be the head: "the Roth and Hale proposal"
	for i := r.doc.Mentions[names[len(names)-1]].Tokens.Last; i < tokens.Last; i++ {
		if t := r.doc.Tokens[i].Tag; strings.HasPrefix(t, "NN") || t == "POS" {
			return nil
		} else if !strings.HasPrefix(t, "NN") && t != "CD" {
			break
		}
	}
	return r.group(members, sureOfJoint)
}

// group returns what joint speakers make.
func (r *resolver) group(members []int, confidence float64) *referent {
	var said, ids []string
	for _, e := range members {
		said = append(said, r.shortName(e))
		_, id, _ := strings.Cut(r.doc.Entities[e].ID, ":")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	e := r.describe(strings.Join(said[:len(said)-1], ", ")+" and "+said[len(said)-1], corpus.Group, true)
	r.doc.Entities[e].ID = "group:" + strings.Join(slices.Compact(ids), "+")
	r.members[e] = members
	return &referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: e, Confidence: confidence}}}
}

// namesAndOthers returns the group of a list that begins with a name and holds
// people by description: "Roth, the public and other leaders", "Roth and her aides".
func (r *resolver) namesAndOthers(tokens corpus.Range, statement int) *referent {
	var members []int
	others, joined := false, false
	from := tokens.First
	for i := tokens.First; i <= tokens.Last; i++ {
		w := r.lowerText(i)
		if i < tokens.Last && (r.insideName(i) || w != "," && w != "and") {
			continue
		}
		joined = joined || i < tokens.Last && w == "and"
		part := corpus.Range{First: from, Last: i}
		from = i + 1
		if part.Len() == 0 {
			continue // ", and"
		}
		e, other := r.partOfList(part, statement, len(members) == 0)
		if e < 0 {
			return nil
		}
		others = others || other
		members = append(members, e)
	}
	if !others || !joined {
		return nil
	}
	return r.group(members, sureOfMixed)
}

// partOfList returns the entity of one part of a list, or -1, and whether it is
// known by description.
func (r *resolver) partOfList(part corpus.Range, statement int, first bool) (entity int, other bool) {
	article := part.First
	part = r.trimmed(part)
	if part.Len() == 0 {
		return -1, false
	}
	head := corpus.Range{First: part.First, Last: r.headEnd(part)}
	if names := r.namesIn(part); len(names) > 0 {
		if m := r.doc.Mentions[names[len(names)-1]]; m.Tokens.Last == part.Last && head.Last == part.Last {
			short := r.doc.Entities[m.Entity].Type == corpus.Government && article == part.First && first && shouted(r.doc.Slice(m.Span))
			if short {
				return -1, false // "US and other officials"
			}
			return m.Entity, false
		}
	}
	w := r.lowerText(part.First)
	if first || head.Last != part.Last || article == part.First && r.doc.Tokens[part.First].Tag != "PRP$" && w != "other" && w != "many" && w != "some" && w != "several" && w != "most" {
		return -1, false
	}
	p := r.parse(part, head)
	if !p.plural && !collectives[p.noun] || !speaks(p.noun) {
		return -1, false // "Roth, the mayor, and Hale"
	}
	ref := r.description(part, head, statement)
	if len(ref.candidates) == 0 {
		return -1, false
	}
	return ref.candidates[0].Entity, true
}

// partOf are quantities of what is named behind "of".
var partOf = set("much most many some several all")

// homeOf reports whether a name is where the person named before it is from:
// "Ada Roth of Velgrad".
func (r *resolver) homeOf(m, first int) bool {
	at := r.doc.Mentions[m].Tokens.First
	if at > first && r.lowerText(at-1) == "new" {
		at--
	}
	if at-2 < first || m == 0 || r.lowerText(at-1) != "of" {
		return false
	}
	before := r.doc.Mentions[m-1]
	return before.Tokens.Last == at-1 && before.Entity >= 0 && r.doc.Entities[before.Entity].Type == corpus.Person
}

// shortName is the name of an entity, the country for its government.
func (r *resolver) shortName(e int) string {
	ent := &r.doc.Entities[e]
	if ent.Type == corpus.Government {
		if s, ok := r.byID[ent.ID]; ok && len(r.specs[s].Aliases) > 0 {
			return r.specs[s].Aliases[0]
		}
	}
	return ent.Name
}

func (r *resolver) pronoun(i int, class anaphorClass, statement int) referent {
	out := referent{kind: corpus.Pronoun, note: "pronoun without an antecedent"}
	if class == speaking {
		return out // resolved when the statements around it are
	}
	if class == relative {
		first := r.doc.Sentences[r.doc.Tokens[i].Sentence].Tokens.First
		if names := r.namesIn(corpus.Range{First: max(first, i-8), Last: i}); len(names) > 0 {
			nearest := r.doc.Mentions[names[len(names)-1]]
			out.candidates = []corpus.Candidate{{Entity: nearest.Entity, Confidence: 0.8}}
		}
		return out
	}
	out.candidates = r.antecedents(&anaphor{token: i, class: class, statement: statement})
	if class == they || class == it {
		r.phraseFor(i, statement, &out)
	}
	return out
}

// phraseFor adds the noun phrase that the linker ties a pronoun to, where it is
// likelier that none of the entities is meant than any: "The protesters left. They said…".
func (r *resolver) phraseFor(i, statement int, out *referent) {
	rest := 1.0
	for _, c := range out.candidates {
		rest -= c.Confidence
	}
	if r.linker == nil || len(out.candidates) > 0 && out.candidates[0].Confidence >= rest {
		return
	}
	if r.chainer == nil {
		r.chainer = newChainer(r)
	}
	n := r.chainer.phraseOf(i)
	if n == nil {
		return
	}
	tokens := r.trimmed(corpus.Range{First: n.tokens.First, Last: n.tokens.Last})
	if tokens.Len() == 0 || n.head < tokens.First {
		return
	}
	ref := r.description(tokens, corpus.Range{First: tokens.First, Last: n.head + 1}, statement)
	if len(ref.candidates) == 0 {
		return
	}
	e := ref.candidates[0].Entity
	out.candidates = slices.DeleteFunc(out.candidates, func(c corpus.Candidate) bool { return c.Entity == e })
	out.candidates = slices.Insert(out.candidates, 0, corpus.Candidate{Entity: e, Confidence: sureOfPhrase * rest})
}

// unseenName returns the bearer of a name that the tagger took for other words:
// all of the expression is capitalised, and the text never has it in lower case.
func (r *resolver) unseenName(head corpus.Range) *referent {
	f := finder{Catalogue: r.Catalogue, doc: r.doc}
	if n := f.titleLength(head.First, head.Last); n > 0 && n < head.Len() {
		head.First += n
	}
	var words []string
	for i := head.First; i < head.Last; i++ {
		w := r.doc.TokenText(i)
		if t := r.doc.Tokens[i].Tag; !capital(w) || len(w) < 2 || notNames[w] || t == "NNS" || t == "DT" || t == "IN" || r.lowered(strings.ToLower(w)) || speaks(strings.ToLower(w)) {
			return nil
		}
		if _, ok := r.demonyms[w]; ok {
			return nil
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return nil
	}
	for e := range r.doc.Entities {
		if ent := &r.doc.Entities[e]; ent.Type == corpus.Person && bare(surname(strings.Fields(ent.Name))) == bare(surname(words)) {
			return &referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: e, Confidence: sureOfSurname}}}
		}
	}
	if k, ok := r.short[bare(words[0])]; ok && len(words) == 1 {
		return &referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: r.entityOf(k), Confidence: sureOfSurname}}}
	}
	t := corpus.Organisation
	if len(words) > 1 && r.first[strings.ToLower(words[0])] != corpus.GenderUnknown {
		t = corpus.Person
	}
	return &referent{kind: corpus.Name, candidates: []corpus.Candidate{{Entity: r.describe(strings.Join(words, " "), t, false), Confidence: sureOfUnseenName}}}
}

// lowered reports whether the text has a word in lower case.
func (r *resolver) lowered(word string) bool {
	if r.lower == nil {
		r.lower = map[string]bool{}
		for i := range r.doc.Tokens {
			if w := r.doc.TokenText(i); !capital(w) {
				r.lower[w] = true
			}
		}
	}
	return r.lower[word]
}
