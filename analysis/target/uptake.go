package target

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// Uptakes finds the targets that statements may take up: those that they name,
// and those that they mean by a pronoun, a description, other words, or by going
// on about what was named before. It needs what Finder adds, LayerStatements and
// LayerSpeakers, and fills Statement.TakenUp. It is safe for concurrent use.
type Uptakes struct {
	targets []wording
	model   *linear.Model
}

// leastUptake is the probability that a statement takes up a target, below which
// nothing more is asked about the two.
const leastUptake = 0.27

// Uptakes returns the stage with a model that TrainUptakes made.
func (f *Finder) Uptakes(model []byte) (*Uptakes, error) {
	s := &Uptakes{targets: wordings(f.specs), model: new(linear.Model)}
	if err := s.model.UnmarshalBinary(model); err != nil {
		return nil, err
	}
	return s, nil
}

const uptakeNeed = corpus.LayerTokens | corpus.LayerSentences | corpus.LayerTags | corpus.LayerTargets | corpus.LayerStatements | corpus.LayerSpeakers

// Process fills Statement.TakenUp.
func (s *Uptakes) Process(doc *corpus.Document) error {
	if err := doc.Require("target", uptakeNeed); err != nil {
		return err
	}
	for i := range doc.Statements {
		doc.Statements[i].TakenUp = nil
	}
	var v linear.Vector
	pairs(doc, s.targets, func(p *pair) {
		v.Reset()
		p.features(&v)
		if c := probability(s.model, &v); c >= leastUptake {
			st := &doc.Statements[p.statement]
			st.TakenUp = append(st.TakenUp, corpus.Uptake{Target: p.target, Named: p.named != nil, Mention: p.mention(), Confidence: c})
		}
	})
	return nil
}

// probability is the logistic function of a vector's score.
func probability(m *linear.Model, v *linear.Vector) float64 {
	scores := m.Scores(v, make([]float64, 2))
	return 1 / (1 + math.Exp(scores[0]-scores[1]))
}

// A wording is what of a target's description its other names may share.
type wording struct {
	kind  int // index into Kinds
	group int
	names [][]string // stems of the name and the aliases
	heads map[string]bool
}

// The groups of kinds that pronouns tell apart.
const (
	persons = iota
	bodies  // a state, an organisation
	things  // a policy, an action, an event
)

func wordings(specs []Spec) []wording {
	out := make([]wording, len(specs))
	for t, s := range specs {
		w := wording{kind: slices.Index(Kinds, s.Kind), group: things, heads: map[string]bool{}}
		switch s.Kind {
		case "person":
			w.group = persons
		case "state", "organisation":
			w.group = bodies
		}
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			words := strings.Fields(name)
			if list := stems(words); len(list) > 0 {
				w.names = append(w.names, list)
			}
			end := slices.IndexFunc(words[min(1, len(words)):], func(x string) bool { return headEnds[strings.ToLower(x)] }) + 1
			if end == 0 {
				end = len(words)
			}
			if list := stems(words[:end]); len(list) > 0 {
				w.heads[list[len(list)-1]] = true
			}
		}
		out[t] = w
	}
	return out
}

var (
	headEnds = set("of to for on in with by that from against at as over into between about before after if and or who which")
	// common words name nothing
	common = set("the a an of to for on in with by that from against and or at as is are was were be been this these those his her its their our my your it he she they not no new former mr mrs ms more than into over any all some who which what about up out off has have had will would could should can may")
	// general nouns of each kind, which mean one that was named before
	general = map[string]map[string]bool{
		"action":       set("decision move action step plan measure attack operation effort strategy response approach intervention campaign mission threat option"),
		"policy":       set("plan bill law policy proposal measure deal agreement legislation rule order idea program decision act reform ban move provision approach"),
		"event":        set("event incident case crisis attack situation issue matter shooting talks vote"),
		"person":       set("president man leader candidate senator nominee officer judge governor dictator"),
		"state":        set("country government regime nation state"),
		"organisation": set("company group agency administration organization organisation government party court board committee"),
	}
)

// stems are the words that name something, each without its ending.
func stems(words []string) []string {
	var out []string
	for _, w := range words {
		if s := stem(w); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// stem cuts the ending off a word, roughly: the same for the forms of a verb
// and the noun made of it. It is empty for common words and marks.
func stem(word string) string {
	w := strings.ToLower(strings.Trim(word, "\"'“”‘’.,;:()"))
	w = strings.TrimSuffix(strings.TrimSuffix(w, "’s"), "'s")
	if len(w) < 2 || common[w] || !wordAt(w, 0) {
		return ""
	}
	for _, endings := range [][][2]string{inflections, derivations} {
		for _, e := range endings {
			if cut, ok := strings.CutSuffix(w, e[0]); ok && len(cut) >= 3 {
				w = cut + e[1]
				break
			}
		}
		if n := len(w); n > 3 && w[n-1] == w[n-2] {
			w = w[:n-1] // "banned"
		}
	}
	return strings.TrimSuffix(w, "e")
}

var (
	inflections = [][2]string{{"ies", "y"}, {"ings", ""}, {"ing", ""}, {"ied", "y"}, {"ed", ""}, {"es", ""}, {"s", ""}}
	derivations = [][2]string{{"ation", ""}, {"ment", ""}, {"ion", ""}, {"er", ""}, {"al", ""}, {"e", ""}}
)

// A said is what the words of a statement's content are.
type said struct {
	*corpus.Statement
	sentence   int
	words      int
	stems      map[string]int // the first token of each
	vocabulary []string       // the stems, in order
	pronouns   map[string]int // the first token of each form
	nouns      []nounPhrase   // "this decision", "the plan"
	named      [][]int        // of each target the mentions in its sentences, as indices into Document.Targets
}

type nounPhrase struct {
	corpus.Range
	head          string
	demonstrative bool
}

// read takes down the words of a statement's content.
func read(doc *corpus.Document, st *corpus.Statement) *said {
	s := &said{Statement: st, sentence: doc.SentenceAt(st.Extent().Start), stems: map[string]int{}, pronouns: map[string]int{}}
	for _, c := range st.Content {
		r := doc.TokensIn(c)
		s.words += r.Len()
		for i := r.First; i < r.Last; i++ {
			word := strings.ToLower(doc.TokenText(i))
			if x := stem(word); x != "" {
				if _, ok := s.stems[x]; !ok {
					s.stems[x] = i
					s.vocabulary = append(s.vocabulary, x)
				}
			}
			form, ok := pronounForms[word]
			if determines := word == "this" || word == "that" || word == "these" || word == "those"; determines || word == "the" {
				end := i + 1
				for end < r.Last && end < i+5 && (strings.HasPrefix(doc.Tokens[end].Tag, "NN") || strings.HasPrefix(doc.Tokens[end].Tag, "JJ")) {
					end++
				}
				if end > i+1 {
					head := strings.TrimSuffix(strings.ToLower(doc.TokenText(end-1)), "s")
					s.nouns = append(s.nouns, nounPhrase{corpus.Range{First: i, Last: end}, head, determines})
					continue
				}
				ok = ok && doc.Tokens[i].Tag == "DT"
			}
			if ok {
				if _, met := s.pronouns[form]; !met {
					s.pronouns[form] = i
				}
			}
		}
	}
	return s
}

var pronounForms = map[string]string{"he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "they": "they", "them": "they",
	"their": "they", "it": "it", "its": "it", "this": "this", "that": "this", "these": "this", "those": "this"}

// the pronouns that may mean a target of each group, the likelier first
var groupPronouns = [...][]string{persons: {"he", "she"}, bodies: {"it", "they"}, things: {"it", "this", "they"}}

// A pair is a statement and a target that it names, or that the article named
// before it.
type pair struct {
	doc               *corpus.Document
	statement, target int
	said, before      *said // before is nil for the first statement
	wording           *wording
	named             []int       // mentions in its sentences, as indices into Document.Targets
	antecedent        corpus.Span // where it was named last, before the statement
	share             float64     // of the article's statements that name the target
	back              int         // sentences since it was named
	last              bool        // no target was named since
	paragraph         bool        // named in the same paragraph
	self              int         // 2: the source names the target; 1: it is the speaker's
}

// pairs calls each for every pair of the document, in the order of the
// statements.
func pairs(doc *corpus.Document, targets []wording, each func(*pair)) {
	sayings := make([]*said, len(doc.Statements))
	naming := make([]int, len(targets))
	for i := range doc.Statements {
		s := read(doc, &doc.Statements[i])
		s.named = named(doc, i, len(targets))
		sayings[i] = s
		for t, at := range s.named {
			naming[t] += int(linear.Bit(at != nil))
		}
	}
	owned := owners(doc)
	for i, s := range sayings {
		if s.Extent().Len() == 0 {
			continue
		}
		last, latest := namedBefore(doc, s.Extent().Start, len(targets))
		for t := range targets {
			p := &pair{doc: doc, statement: i, target: t, said: s, wording: &targets[t], named: s.named[t], share: float64(naming[t]) / float64(len(sayings))}
			if i > 0 {
				p.before = sayings[i-1]
			}
			switch {
			case last[t] >= 0:
				p.antecedent, p.last = doc.Targets[last[t]].Span, doc.Targets[latest].Target == t
				at := doc.SentenceAt(p.antecedent.Start)
				p.back = s.sentence - at
				p.paragraph = doc.Sentences[at].Paragraph == doc.Sentences[s.sentence].Paragraph
			case p.named == nil:
				continue
			default:
				p.back = never
			}
			switch {
			case slices.ContainsFunc(doc.Targets, func(m corpus.TargetMention) bool {
				return m.Target == t && m.Confidence > confPlace && slices.ContainsFunc(s.Source, m.Overlaps)
			}):
				p.self = 2
			case s.Speaker >= 0 && slices.Contains(owned[s.Speaker], t):
				p.self = 1
			}
			each(p)
		}
	}
}

// never is as far back as a target is that was not named before.
const never = 1000

// namedBefore returns of each target the last mention before a place, −1 without
// one, and the last of any, as indices into Document.Targets.
func namedBefore(doc *corpus.Document, at, targets int) (last []int, latest int) {
	last, latest = make([]int, targets), -1
	for t := range last {
		last[t] = -1
	}
	for m := range doc.Targets {
		if doc.Targets[m].Start >= at {
			break
		}
		if doc.Targets[m].Confidence > confPlace {
			last[doc.Targets[m].Target] = m
			latest = m
		}
	}
	return last, latest
}

// named lists for each target its mentions in the sentences of a statement, up
// to where another statement begins, other than in its source.
func named(doc *corpus.Document, statement, targets int) [][]int {
	out := make([][]int, targets)
	st := &doc.Statements[statement]
	reach := doc.Reach(st)
	if reach.Len() == 0 {
		return out
	}
	first := sort.Search(len(doc.Targets), func(i int) bool { return doc.Targets[i].End > reach.Start })
	for i, m := range doc.Targets[first:] {
		if m.Start >= reach.End {
			break
		}
		if !slices.ContainsFunc(st.Source, func(s corpus.Span) bool { return s.Contains(m.Span) }) {
			out[m.Target] = append(out[m.Target], first+i)
		}
	}
	return out
}

// owners lists for each entity the targets that stand in or right before one
// of its mentions: "Syrian Foreign Minister Walid Moallem" speaks for Syria.
func owners(doc *corpus.Document) [][]int {
	out := make([][]int, len(doc.Entities))
	for _, m := range doc.Mentions {
		if m.Entity < 0 {
			continue
		}
		first := sort.Search(len(doc.Targets), func(i int) bool { return doc.Targets[i].End >= m.Start-1 })
		for _, t := range doc.Targets[first:] {
			if t.Start >= m.End {
				break
			}
			if t.Explicit && t.Confidence > confObject && !slices.Contains(out[m.Entity], t.Target) {
				out[m.Entity] = append(out[m.Entity], t.Target)
			}
		}
	}
	return out
}

// shared counts the stems that the content shares with the target's names, and
// the greatest share of one name that is there. The token is that of a head,
// else of the first stem shared.
func (p *pair) shared() (count int, share float64, head bool, token int) {
	var met []string
	token = -1
	if p.wording.group != things {
		return 0, 0, false, token // "President" and "the government" are anybody's
	}
	for _, name := range p.wording.names {
		n := 0
		for _, s := range name {
			at, ok := p.said.stems[s]
			if !ok {
				continue
			}
			n++
			if slices.Contains(met, s) {
				continue
			}
			met = append(met, s)
			isHead := p.wording.heads[s]
			if token < 0 || isHead && !head || isHead == head && at < token {
				token = at
			}
			head = head || isHead
		}
		share = max(share, float64(n)/float64(len(name)))
	}
	return len(met), share, head, token
}

// noun returns the first noun phrase headed by a general noun of the target's
// kind, or nil.
func (p *pair) noun(demonstrative bool) *nounPhrase {
	for i := range p.said.nouns {
		if n := &p.said.nouns[i]; n.demonstrative == demonstrative && general[Kinds[p.wording.kind]][n.head] {
			return n
		}
	}
	return nil
}

// mention is the words of the statement that mean the target, those of its
// content before others, or those that named it before.
func (p *pair) mention() corpus.Span {
	for _, i := range p.named {
		if m := p.doc.Targets[i]; slices.ContainsFunc(p.said.Content, m.Overlaps) {
			return m.Span
		}
	}
	if p.named != nil {
		return p.doc.Targets[p.named[0]].Span
	}
	if n, share, head, at := p.shared(); head || n > 1 && share >= 0.5 {
		return p.doc.Tokens[at].Span
	}
	for _, demonstrative := range []bool{true, false} {
		if n := p.noun(demonstrative); n != nil {
			return p.doc.SpanOf(n.Range)
		}
	}
	for _, form := range groupPronouns[p.wording.group] {
		if at, ok := p.said.pronouns[form]; ok {
			return p.doc.Tokens[at].Span
		}
	}
	return p.antecedent
}

// The templates of the features.
const (
	onBias = iota
	onBack
	onLast
	onParagraph
	onBefore
	onOthers
	onShare
	onPronoun
	onNoun
	onShared
	onHead
	onWhole
	onSelf
	onLength
	onStatement
	onNamed
	onTrust
	onPlace
	onWording
	onBeside
	onCue
	onWord
)

// features describes the pair: whether and where the statement names the
// target, else how near and how often it was named before, who speaks, and what
// words might mean it; and the words of the statement.
func (p *pair) features(v *linear.Vector) {
	group := uint64(p.wording.group)
	isNamed := linear.Bit(p.named != nil)
	number := func(template, value uint64, x float64) {
		v.Add(linear.Mix(template, value, isNamed), float32(x))
		v.Add(linear.Mix(template, value, isNamed, 1000+group), float32(x))
	}
	add := func(template, value uint64) { number(template, value, 1) }
	add(onBias, 0)
	add(onBias, 1+uint64(p.wording.kind))
	add(onStatement, uint64(p.said.Kind))
	add(onLength, linear.Bucket(p.said.words, 5, 15, 30))
	number(onShare, 0, 3*p.share)
	p.nearness(add)
	if p.named != nil {
		p.naming(add)
	} else {
		p.meaning(add, number)
	}
	if p.self > 0 {
		add(onSelf, uint64(p.self))
		add(onSelf, uint64(p.self)|linear.Bit(answers[p.said.CueLemma])<<4)
		for i, form := range [...]string{"he", "it", "they"} {
			if _, ok := p.said.pronouns[form]; ok {
				add(onSelf, uint64(p.self)|uint64(i+1)<<5)
			}
		}
	}
	p.words(v)
}

// nearness is where the target was named before.
func (p *pair) nearness(add func(template, value uint64)) {
	add(onBack, linear.Bucket(p.back, 0, 1, 2, 3, 6, never-1))
	add(onLast, linear.Bit(p.last)|linear.Bit(p.back <= 1)<<1)
	add(onParagraph, linear.Bit(p.paragraph))
	if b := p.before; b != nil && b.named[p.target] != nil {
		same := b.Speaker == p.said.Speaker && b.Speaker >= 0
		add(onBefore, linear.Bit(same)|linear.Bucket(p.said.sentence-b.sentence, 0, 1, 2)<<1)
	}
	others := 0
	for _, at := range p.said.named {
		others += int(linear.Bit(at != nil))
	}
	add(onOthers, linear.Bucket(others, 0, 1, 2))
}

// naming is how and where the statement names the target.
func (p *pair) naming(add func(template, value uint64)) {
	const inContent, inCue, before, after = 1, 2, 4, 8
	var where, outright uint64
	trust := 0.0
	for _, i := range p.named {
		m := p.doc.Targets[i]
		trust = max(trust, m.Confidence)
		outright |= linear.Bit(m.Explicit)
		switch {
		case slices.ContainsFunc(p.said.Content, m.Overlaps):
			if where&inContent == 0 {
				p.beside(m.Span, add)
			}
			where |= inContent
		case slices.ContainsFunc(p.said.Cue, m.Overlaps):
			where |= inCue
		case m.End <= p.said.Extent().Start:
			where |= before
		default:
			where |= after
		}
	}
	add(onNamed, linear.Bucket(len(p.named), 1, 2)|outright<<2)
	add(onTrust, linear.Bucket(int(100*trust+0.5), 20, 30, 40, 60, 80, 94))
	add(onPlace, where)
	add(onPlace, where|uint64(p.said.Kind)<<4|1<<8)
}

// beside is the last word of a mention, and those around it.
func (p *pair) beside(m corpus.Span, add func(template, value uint64)) {
	const before, after = 3, 1
	at := p.doc.TokensIn(m)
	add(onWording, linear.HashString(stem(p.doc.TokenText(at.Last-1))))
	sentence := p.doc.Sentences[p.doc.SentenceAt(m.Start)].Tokens
	for i := max(sentence.First, at.First-before); i < min(sentence.Last, at.Last+after); i++ {
		if i >= at.First && i < at.Last {
			continue
		}
		word := strings.ToLower(p.doc.TokenText(i))
		if s := stem(word); s != "" {
			word = s
		}
		add(onBeside, linear.HashString(word)<<1|linear.Bit(i >= at.Last))
	}
}

// meaning is what words of the statement might mean the target.
func (p *pair) meaning(add func(template, value uint64), number func(template, value uint64, x float64)) {
	for i, form := range groupPronouns[p.wording.group] {
		if at, ok := p.said.pronouns[form]; ok {
			opens := len(p.said.Content) > 0 && p.doc.Tokens[at].Start <= p.said.Content[0].Start+1
			add(onPronoun, uint64(i)|linear.Bit(p.back <= 1)<<4|linear.Bit(opens)<<5)
		}
	}
	for _, demonstrative := range []bool{true, false} {
		if p.noun(demonstrative) != nil {
			add(onNoun, linear.Bit(demonstrative)|linear.Bit(p.back <= 1)<<1)
		}
	}
	n, share, head, _ := p.shared()
	add(onShared, linear.Bucket(n, 0, 1, 2, 3))
	add(onHead, linear.Bit(head)|linear.Bit(p.back <= 1)<<1)
	number(onWhole, 0, 2*share)
}

// words are those by which statements take up targets of a group at all.
func (p *pair) words(v *linear.Vector) {
	group := uint64(p.wording.group)
	v.Add(linear.Mix(onCue, linear.HashString(p.said.CueLemma)), 1)
	v.Add(linear.Mix(onCue, linear.HashString(p.said.CueLemma), 1000+group), 1)
	for _, s := range p.said.vocabulary {
		v.Add(linear.Mix(onWord, linear.HashString(s), 1000+group), 1)
	}
}

// answers are the cues by which one speaks up for oneself.
var answers = set("deny reject dismiss insist defend")
