// Package target finds the mentions of the configured targets.
//
// It needs LayerTokens, LayerSentences and LayerTags and adds LayerTargets.
// Finder.Relevant needs none: it is the scan that says whether an article is
// worth any other stage.
//
// A target is named outright by an alias or a pattern, or, in an article that
// names one, by a weak alias ("the regime"). A deed is also meant by common
// words ("the attack") that mean another deed elsewhere in the same article:
// there the words around the noun decide, else the last deed spoken of.
package target

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Finder finds mentions of the targets that it was made for. It is safe for
// concurrent use.
type Finder struct {
	specs   []Spec
	strong  *phraseSet // aliases alone, for Relevant
	phrases *phraseSet // all lists
	include []pattern
	exclude [][]pattern // by target
	deeds   map[string][]deed
}

// New compiles the targets.
func New(specs []Spec) (*Finder, error) {
	if err := Validate(specs); err != nil {
		return nil, err
	}
	f := &Finder{specs: specs, exclude: make([][]pattern, len(specs)), deeds: map[string][]deed{}}
	var strong, all []phrase
	for t, s := range specs {
		for _, list := range s.lists() {
			if list.role == 0 {
				continue
			}
			for _, w := range list.words {
				p := phrase{text: strings.ReplaceAll(w, "’", "'"), target: t, role: list.role}
				all = append(all, p)
				if list.role == roleAlias {
					strong = append(strong, p)
				}
			}
		}
		for _, expr := range s.Include {
			p, err := newPattern(expr, t)
			if err != nil {
				return nil, fmt.Errorf("target %q: include: %w", s.ID, err)
			}
			f.include = append(f.include, p)
		}
		for _, expr := range s.Exclude {
			p, err := newPattern(expr, t)
			if err != nil {
				return nil, fmt.Errorf("target %q: exclude: %w", s.ID, err)
			}
			f.exclude[t] = append(f.exclude[t], p)
		}
		for _, d := range s.Deeds {
			addDeed(f.deeds, d, t)
		}
	}
	f.strong, f.phrases = newPhraseSet(strong), newPhraseSet(all)
	return f, nil
}

// Targets returns the targets; TargetMention.Target is an index into them.
func (f *Finder) Targets() []Spec { return f.specs }

// Relevant reports whether the text or the title names a target outright. It
// reads each once and allocates nothing where no target is named.
func (f *Finder) Relevant(text, title string) bool {
	return f.names(text) || f.names(title)
}

func (f *Finder) names(text string) bool {
	yes := false
	var excluded [][]corpus.Span
	barred := func(t int, s corpus.Span) bool {
		if len(f.exclude[t]) == 0 {
			return false
		}
		if excluded == nil {
			excluded = f.excluded(text)
		}
		return overlapsAny(excluded[t], s)
	}
	f.strong.each(text, func(h hit) bool {
		yes = !barred(h.target, h.Span)
		return !yes
	})
	for i := 0; !yes && i < len(f.include); i++ {
		for _, s := range f.include[i].find(text) {
			if !barred(f.include[i].target, s) {
				return true
			}
		}
	}
	return yes
}

// excluded returns what the exclude patterns match, by target, ordered and
// without overlap.
func (f *Finder) excluded(text string) [][]corpus.Span {
	out := make([][]corpus.Span, len(f.specs))
	for t := range f.specs {
		var all []corpus.Span
		for i := range f.exclude[t] {
			all = append(all, f.exclude[t][i].find(text)...)
		}
		slices.SortFunc(all, func(a, b corpus.Span) int { return cmp.Compare(a.Start, b.Start) })
		for _, s := range all {
			if n := len(out[t]); n > 0 && s.Start < out[t][n-1].End {
				out[t][n-1].End = max(out[t][n-1].End, s.End)
				continue
			}
			out[t] = append(out[t], s)
		}
	}
	return out
}

// overlapsAny reports whether s overlaps one of the ordered, disjoint spans.
func overlapsAny(list []corpus.Span, s corpus.Span) bool {
	at, _ := slices.BinarySearchFunc(list, s.Start, func(l corpus.Span, start int) int { return cmp.Compare(l.End, start+1) })
	return at < len(list) && list[at].Overlaps(s)
}

// Confidence of mentions by how they were found; those of deeds are with the
// rules in deeds.go. Tuned on coded articles of the Syrian war.
const (
	confNamed  = 0.95
	confWeak   = 0.7
	confObject = 0.4 // what a deed is done to: "a strike on Syria"
	confPlace  = 0.3 // a state's name after "on", "of": the country, hardly the state
	confWithin = 0.2 // a state's name after "in", "across": where something is
)

// aboutTokens is how often an article that is about the targets names one
// outright: once in so many tokens at least. In one that touches on them, "the
// regime" and "the attack" are mostly others.
const aboutTokens = 250

// Process adds LayerTargets: doc.Targets, ordered and without overlap.
func (f *Finder) Process(doc *corpus.Document) error {
	if err := doc.Require("target", corpus.LayerTokens|corpus.LayerSentences|corpus.LayerTags); err != nil {
		return err
	}
	doc.Targets = nil
	defer doc.Add(corpus.LayerTargets)

	excluded := f.excluded(doc.Text)
	var found []corpus.TargetMention
	var roles []hit // those that speak for or against a deed
	outright := 0   // mentions by alias or pattern
	explicit := func(t int, s corpus.Span, confidence float64) {
		if !overlapsAny(excluded[t], s) {
			found = append(found, corpus.TargetMention{Span: s, Target: t, Confidence: confidence, Explicit: true})
		}
	}
	f.phrases.each(doc.Text, func(h hit) bool {
		switch h.role {
		case roleAlias:
			before := len(found)
			explicit(h.target, h.Span, f.nameConfidence(doc, h))
			outright += len(found) - before
		case roleWeak:
			explicit(h.target, h.Span, confWeak)
		default:
			roles = append(roles, h)
		}
		return true
	})
	for i := range f.include {
		for _, s := range f.include[i].find(doc.Text) {
			before := len(found)
			explicit(f.include[i].target, s, confNamed)
			outright += len(found) - before
		}
	}
	if f.names(doc.Title) {
		outright++
	}
	if outright == 0 {
		return nil
	}
	about := outright*aboutTokens >= len(doc.Tokens)
	if !about {
		found = slices.DeleteFunc(found, func(m corpus.TargetMention) bool { return m.Confidence == confWeak })
	}
	if len(f.deeds) > 0 {
		found = append(found, f.findDeeds(doc, roles, excluded, found, about)...)
	}
	doc.Targets = settle(found)
	return nil
}

// nameConfidence lowers the confidence of a state's name where it stands as a
// place: one of several words ("the Velmoran army") is none.
func (f *Finder) nameConfidence(doc *corpus.Document, h hit) float64 {
	if f.specs[h.target].Kind != "state" || strings.ContainsRune(doc.Slice(h.Span), ' ') {
		return confNamed
	}
	first := doc.TokensIn(h.Span).First
	if first > 0 {
		switch before := strings.ToLower(doc.TokenText(first - 1)); {
		case within[before]:
			return confWithin
		case places[before]:
			return confPlace
		}
	}
	// "Syria policy", "Syria talks": the name only says which
	if last := doc.TokensIn(h.Span).Last; last < len(doc.Tokens) && strings.HasPrefix(doc.Tokens[last].Tag, "NN") &&
		strings.ToLower(doc.TokenText(last)) == doc.TokenText(last) {
		return confPlace
	}
	return confNamed
}

var (
	within = set("in into inside from across within throughout near through outside around central northern southern eastern western leaving entering")
	places = set("to of on for over about regarding")
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// settle lets the longest of overlapping mentions stand ("the Assad regime"
// over "the regime"; a weak alias
// yields to any other) and orders what is left by its start.
func settle(found []corpus.TargetMention) []corpus.TargetMention {
	weak := func(m corpus.TargetMention) int {
		if m.Explicit && m.Confidence == confWeak {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(found, func(a, b corpus.TargetMention) int {
		return cmp.Or(cmp.Compare(weak(a), weak(b)), cmp.Compare(b.Len(), a.Len()), cmp.Compare(a.Start, b.Start),
			cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Target, b.Target))
	})
	var kept []corpus.TargetMention // ordered by Start
	for _, m := range found {
		at, _ := slices.BinarySearchFunc(kept, m.Start, func(k corpus.TargetMention, start int) int { return cmp.Compare(k.Start, start) })
		if at < len(kept) && kept[at].Overlaps(m.Span) || at > 0 && kept[at-1].Overlaps(m.Span) {
			continue
		}
		kept = slices.Insert(kept, at, m)
	}
	return kept
}
