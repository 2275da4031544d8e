package target

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// An Implier finds the targets that statements take up without naming them: by
// a pronoun, a description, other words, or going on about what was named
// before. It needs what Finder adds, LayerStatements and LayerSpeakers, and
// fills Statement.Implied. It is safe for concurrent use.
type Implier struct {
	targets []wording
	model   *linear.Model
}

// leastImplied is the probability that a statement takes up a target which it
// does not name, below which nothing more is asked about the two. Of the pairs
// above it two in five are coded so: as many as of those with a name.
const leastImplied = 0.25

// Implier returns the stage with a model that TrainImplier made.
func (f *Finder) Implier(model []byte) (*Implier, error) {
	s := &Implier{targets: wordings(f.specs), model: new(linear.Model)}
	if err := s.model.UnmarshalBinary(model); err != nil {
		return nil, err
	}
	return s, nil
}

const impliedNeed = corpus.LayerTokens | corpus.LayerSentences | corpus.LayerTags | corpus.LayerTargets | corpus.LayerStatements | corpus.LayerSpeakers

// Process fills Statement.Implied.
func (s *Implier) Process(doc *corpus.Document) error {
	if err := doc.Require("target", impliedNeed); err != nil {
		return err
	}
	for i := range doc.Statements {
		doc.Statements[i].Implied = nil
	}
	var v linear.Vector
	unnamed(doc, s.targets, func(p *pair) {
		v.Reset()
		p.features(&v)
		if c := probability(s.model, &v); c >= leastImplied {
			st := &doc.Statements[p.statement]
			st.Implied = append(st.Implied, corpus.Implication{Target: p.target, Mention: p.mention(), Confidence: c})
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
	sentence int
	words    int
	stems    map[string]int // the first token of each
	pronouns map[string]int // the first token of each form
	nouns    []nounPhrase   // "this decision", "the plan"
	named    []int          // targets that it names
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

// A pair is a statement and a target that it does not name, in an article that
// named it before.
type pair struct {
	doc               *corpus.Document
	statement, target int
	said, before      *said // before is nil for the first statement
	wording           *wording
	antecedent        corpus.Span // where it was named last
	share             float64     // of the article's statements that name the target
	back              int         // sentences since it was named
	last              bool        // no target was named since
	paragraph         bool        // named in the same paragraph
	self              int         // 2: the source names the target; 1: it is the speaker's
}

// unnamed calls each for every pair of the document, in the order of the
// statements.
func unnamed(doc *corpus.Document, targets []wording, each func(*pair)) {
	sayings := make([]*said, len(doc.Statements))
	naming := make([]int, len(targets))
	for i := range doc.Statements {
		s := read(doc, &doc.Statements[i])
		s.named = named(doc, i)
		sayings[i] = s
		for _, t := range s.named {
			naming[t]++
		}
	}
	owned := owners(doc)
	// The mentions before the statement: the last of each target, and of any.
	last := make([]int, len(targets))
	for i, s := range sayings {
		own := s.Extent()
		if own.Len() == 0 {
			continue
		}
		for t := range last {
			last[t] = -1
		}
		latest := -1
		for m := range doc.Targets {
			if doc.Targets[m].Start >= own.Start {
				break
			}
			if doc.Targets[m].Confidence > confPlace {
				last[doc.Targets[m].Target] = m
				latest = m
			}
		}
		for t := range targets {
			if last[t] < 0 || slices.Contains(s.named, t) {
				continue
			}
			p := &pair{doc: doc, statement: i, target: t, said: s, wording: &targets[t], antecedent: doc.Targets[last[t]].Span, share: float64(naming[t]) / float64(len(sayings)), last: doc.Targets[latest].Target == t}
			at := doc.SentenceAt(doc.Targets[last[t]].Start)
			p.back = s.sentence - at
			p.paragraph = doc.Sentences[at].Paragraph == doc.Sentences[s.sentence].Paragraph
			if i > 0 {
				p.before = sayings[i-1]
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

// named lists the targets that are mentioned in the sentences of a statement,
// up to where another statement begins, other than in its source.
func named(doc *corpus.Document, statement int) []int {
	st := &doc.Statements[statement]
	own := st.Extent()
	if own.Len() == 0 {
		return nil
	}
	reach := own
	if i := doc.SentenceAt(own.Start); i >= 0 {
		reach.Start = min(reach.Start, doc.Sentences[i].Start)
	}
	if i := doc.SentenceAt(own.End - 1); i >= 0 {
		reach.End = max(reach.End, doc.Sentences[i].End)
	}
	for i := range doc.Statements {
		if next := doc.Statements[i].Extent(); next.Len() > 0 && next.Start >= own.End {
			reach.End = min(reach.End, next.Start)
		}
	}
	var out []int
	first := sort.Search(len(doc.Targets), func(i int) bool { return doc.Targets[i].End > reach.Start })
	for _, m := range doc.Targets[first:] {
		if m.Start >= reach.End {
			break
		}
		if !slices.Contains(out, m.Target) && !slices.ContainsFunc(st.Source, func(s corpus.Span) bool { return s.Contains(m.Span) }) {
			out = append(out, m.Target)
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

// mention is the words of the statement that mean the target, or those that
// named it before.
func (p *pair) mention() corpus.Span {
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
)

// features describes the pair: how near and how often the target was named, who
// speaks, and what words might mean it.
func (p *pair) features(v *linear.Vector) {
	group := uint64(p.wording.group)
	number := func(template, value uint64, x float64) {
		v.Add(linear.Mix(template, value), float32(x))
		v.Add(linear.Mix(template, value, 1000+group), float32(x))
	}
	add := func(template, value uint64) { number(template, value, 1) }
	add(onBias, 0)
	add(onBias, 1+uint64(p.wording.kind))
	back := linear.Bucket(p.back, 0, 1, 2, 3, 6)
	add(onBack, back)
	add(onLast, linear.Bit(p.last)|linear.Bit(p.back <= 1)<<1)
	add(onParagraph, linear.Bit(p.paragraph))
	if b := p.before; b != nil && slices.Contains(b.named, p.target) {
		same := b.Speaker == p.said.Speaker && b.Speaker >= 0
		add(onBefore, linear.Bit(same)|linear.Bucket(p.said.sentence-b.sentence, 0, 1, 2)<<1)
	}
	add(onOthers, linear.Bucket(len(p.said.named), 0, 1))
	number(onShare, 0, 3*p.share)
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
	if p.self > 0 {
		add(onSelf, uint64(p.self))
		add(onSelf, uint64(p.self)|linear.Bit(answers[p.said.CueLemma])<<4)
		for i, form := range [...]string{"he", "it", "they"} {
			if _, ok := p.said.pronouns[form]; ok {
				add(onSelf, uint64(p.self)|uint64(i+1)<<5)
			}
		}
	}
	add(onLength, linear.Bucket(p.said.words, 5, 15, 30))
	add(onStatement, uint64(p.said.Kind))
}

// answers are the cues by which one speaks up for oneself.
var answers = set("deny reject dismiss insist defend")
