package aggregate

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Speaker is what an article knows of a speaker.
type Speaker struct {
	ID       string
	Name     string
	Type     string   // as corpus.EntityType spells it
	Wikidata string   // "Q…" or empty
	Aliases  []string // other names
}

// A Profile gathers what articles know of one speaker and settles where they
// differ. The zero value is empty and ready.
type Profile struct {
	names, types, items map[string]int // how often each was given
	aliases             map[string]bool
}

// Add counts one mention of the speaker in a statement.
func (p *Profile) Add(s Speaker) {
	if p.names == nil {
		p.names, p.types, p.items = make(map[string]int), make(map[string]int), make(map[string]int)
		p.aliases = make(map[string]bool)
	}
	p.names[s.Name]++
	p.types[s.Type]++
	if s.Wikidata != "" {
		p.items[s.Wikidata]++
	}
	for _, alias := range s.Aliases {
		p.aliases[alias] = true
	}
}

// Best is the speaker with the name, type and item given most often, the
// longer and then the alphabetically first among equals. All other names are
// aliases, in alphabetical order.
func (p *Profile) Best(id string) Speaker {
	s := Speaker{ID: id, Name: most(p.names), Type: most(p.types), Wikidata: most(p.items)}
	others := maps.Clone(p.aliases)
	for name := range p.names {
		others[name] = true
	}
	delete(others, s.Name)
	delete(others, "")
	s.Aliases = slices.Sorted(maps.Keys(others))
	return s
}

// Absorb takes in the profile of an id that was merged into this one: its
// names become aliases.
func (p *Profile) Absorb(q *Profile) {
	if p.names == nil {
		p.merge(q)
		return
	}
	for name := range q.names {
		p.aliases[name] = true
	}
	maps.Copy(p.aliases, q.aliases)
	if len(p.items) == 0 {
		maps.Copy(p.items, q.items)
	}
}

func (p *Profile) merge(q *Profile) {
	if p.names == nil {
		p.names, p.types, p.items = make(map[string]int), make(map[string]int), make(map[string]int)
		p.aliases = make(map[string]bool)
	}
	for _, pair := range [][2]map[string]int{{p.names, q.names}, {p.types, q.types}, {p.items, q.items}} {
		for value, n := range pair[1] {
			pair[0][value] += n
		}
	}
	maps.Copy(p.aliases, q.aliases)
}

func most(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	return slices.MinFunc(slices.Collect(maps.Keys(counts)), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
}

// A SpeakerTotal is the total of one speaker over the run.
type SpeakerTotal struct {
	Speaker
	First, Last          time.Time // publication of the earliest and latest dated article, UTC; zero where none is dated
	Articles, Statements int
	Stances, Abstain     int // all stances, and those that abstain
}

type speaker struct {
	profile Profile
	total   SpeakerTotal // without Speaker
}

func (a *Accumulator) speaker(id string) *speaker {
	s := a.speakers[id]
	if s == nil {
		s = &speaker{}
		a.speakers[id] = s
	}
	return s
}

func (a *Accumulator) addSpeakers(article *Article) {
	met := make(map[string]bool)
	for _, st := range article.Statements {
		id := st.Speaker.ID
		if id == "" {
			continue
		}
		s := a.speaker(id)
		s.profile.Add(st.Speaker)
		if !met[id] {
			met[id] = true
			s.total.Articles++
			s.see(article.Published.UTC(), article.Published.UTC())
		}
		s.total.Statements++
		s.total.Stances += len(st.Stances)
		for _, stance := range st.Stances {
			if stance.Label == corpus.Abstain {
				s.total.Abstain++
			}
		}
	}
}

// see widens the time over which the speaker is seen; zero times do nothing.
func (s *speaker) see(first, last time.Time) {
	if !first.IsZero() && (s.total.First.IsZero() || first.Before(s.total.First)) {
		s.total.First = first
	}
	if last.After(s.total.Last) {
		s.total.Last = last
	}
}

func (s *speaker) merge(from *speaker) {
	s.profile.merge(&from.profile)
	s.see(from.total.First, from.total.Last)
	s.total.Articles += from.total.Articles
	s.total.Statements += from.total.Statements
	s.total.Stances += from.total.Stances
	s.total.Abstain += from.total.Abstain
}

// Speakers returns the speakers with a statement, ordered by id.
func (a *Accumulator) Speakers() []SpeakerTotal {
	out := make([]SpeakerTotal, 0, len(a.speakers))
	for _, id := range slices.Sorted(maps.Keys(a.speakers)) {
		s := a.speakers[id]
		total := s.total
		total.Speaker = s.profile.Best(id)
		out = append(out, total)
	}
	return out
}
