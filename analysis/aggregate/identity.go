package aggregate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Verdict says what became of two ids.
type Verdict string

// The verdicts.
const (
	Same      Verdict = "same"      // one speaker: the first id was merged into the other
	Different Verdict = "different" // two speakers who share a name's part, or whom the user keeps apart
	Open      Verdict = "open"      // a name that several speakers may bear: left by itself
)

// A Decision is one line of the table to review.
type Decision struct {
	Verdict    Verdict
	ID, Other  string // Other is the id that stays where the verdict is Same
	Name       string
	OtherName  string
	Statements int // of ID, before merging
	OtherCount int
	Reason     string
}

const byUser = "merged by the user"

// A Ruling is a user's word on two speakers, each by id or by name.
type Ruling struct {
	A, B string
	Same bool
}

// Identify decides which of the ids that articles gave are one speaker: ids of
// one name under two types, acronyms and the one body of that name, people
// whose names are compatible, and a surname alone with the only one who bears
// it and whom an article calls so. Names that differ in a given name, a middle initial or a generation are
// never merged, nor is a form that two others could claim. Rulings come first.
//
// known reports whether an id is of the catalogue: such ids stay, and two of them
// are two speakers unless a ruling says otherwise.
//
// published, which may be nil, reports whether an id stood for a speaker in an
// earlier run: of the ids of one speaker such a one stays, but for the catalogue's.
//
// The result maps each merged id to the one that stays. It depends on the
// profiles alone, not on the order in which they were filled; it needs memory
// for the speakers, not for articles. A ruling that names nobody met is heeded
// by nobody; rulings that contradict each other are an error.
func Identify(profiles map[string]*Profile, known, published func(id string) bool, rulings []Ruling) (map[string]string, []Decision, error) {
	x := identifier{parent: map[string]string{}, of: map[string]*one{}, why: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(profiles)) {
		best := profiles[id].Best(id)
		o := &one{id: id, Speaker: best, name: parsePerson(best.Name), plain: strings.TrimPrefix(plain(best.Name), "the ")}
		for _, n := range profiles[id].names {
			o.count += n
		}
		o.known = known != nil && known(id)
		o.published = published != nil && published(id)
		x.all = append(x.all, o)
		x.of[id] = o
		x.parent[id] = id
	}
	if err := x.rule(rulings); err != nil {
		return nil, nil, err
	}
	x.sameName()
	x.acronyms()
	x.people()

	merged := map[string]string{}
	for _, o := range x.all {
		if stays := x.root(o.id); stays != o.id {
			merged[o.id] = stays
			x.note(Same, o, x.of[stays], x.why[o.id])
		}
	}
	slices.SortFunc(x.decisions, func(a, b Decision) int {
		return cmp.Or(cmp.Compare(b.Statements, a.Statements), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Other, b.Other))
	})
	return merged, x.decisions, nil
}

// one is an id with what is known of it.
type one struct {
	id string
	Speaker
	name  personName
	plain string
	count int

	known, published bool
}

type identifier struct {
	all       []*one // by id
	of        map[string]*one
	parent    map[string]string // union-find
	apart     [][2]string       // ids that a user keeps apart
	why       map[string]string
	decisions []Decision
}

func (x *identifier) root(id string) string {
	for x.parent[id] != id {
		id = x.parent[id]
	}
	return id
}

// better reports whether the id of a stands for a cluster rather than that of
// b: it is of the catalogue, then published before, then the fuller name, then
// more statements.
func better(a, b *one) bool {
	return cmp.Or(
		cmp.Compare(bit(a.known), bit(b.known)),
		cmp.Compare(bit(a.published), bit(b.published)),
		cmp.Compare(a.name.detail(), b.name.detail()),
		cmp.Compare(a.count, b.count),
		cmp.Compare(len(a.Name), len(b.Name)),
		cmp.Compare(b.id, a.id)) > 0
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// join merges two clusters unless a user keeps members of them apart.
func (x *identifier) join(a, b *one, why string) bool {
	ra, rb := x.of[x.root(a.id)], x.of[x.root(b.id)]
	if ra == rb {
		return true
	}
	for _, pair := range x.apart {
		p, q := x.root(pair[0]), x.root(pair[1])
		if p == ra.id && q == rb.id || p == rb.id && q == ra.id {
			return false
		}
	}
	if ra.known && rb.known && why != byUser {
		return false
	}
	if better(rb, ra) {
		ra, rb = rb, ra
	}
	x.parent[rb.id] = ra.id
	x.why[rb.id] = why
	return true
}

func (x *identifier) note(v Verdict, a, b *one, why string) {
	x.decisions = append(x.decisions, Decision{v, a.id, b.id, a.Name, b.Name, a.count, b.count, why})
}

// find returns the speakers that a user's word means: the one of that id, else
// all of that name, case aside.
func (x *identifier) find(word string) []*one {
	if o := x.of[word]; o != nil {
		return []*one{o}
	}
	var out []*one
	for _, o := range x.all {
		if strings.EqualFold(o.Name, word) {
			out = append(out, o)
		}
	}
	return out
}

func (x *identifier) rule(rulings []Ruling) error {
	for _, r := range rulings {
		if r.Same {
			continue
		}
		for _, a := range x.find(r.A) {
			for _, b := range x.find(r.B) {
				if a == b {
					return fmt.Errorf("speakers %q and %q are one id, %q, and cannot be kept apart", r.A, r.B, a.id)
				}
				x.apart = append(x.apart, [2]string{a.id, b.id})
				x.note(Different, a, b, "kept apart by the user")
			}
		}
	}
	for _, r := range rulings {
		if !r.Same {
			continue
		}
		for _, a := range x.find(r.A) {
			for _, b := range x.find(r.B) {
				if !x.join(a, b, byUser) {
					return fmt.Errorf("speakers %q and %q are to be the same, and to be kept apart", r.A, r.B)
				}
			}
		}
	}
	return nil
}

// sameName merges ids of one name under two types.
func (x *identifier) sameName() {
	first := map[string]*one{}
	for _, o := range x.all {
		if o.Type == "unnamed" || o.plain == "" {
			continue
		}
		if f := first[o.plain]; f != nil {
			x.join(o, f, "the same name")
		} else {
			first[o.plain] = o
		}
	}
}

// acronyms merges an acronym with the only body whose initials it gives.
func (x *identifier) acronyms() {
	bodies := map[string][]*one{}
	for _, o := range x.all {
		if o.Type != "organisation" && o.Type != "group" {
			continue
		}
		for _, letters := range initials(o.Name) {
			bodies[letters] = append(bodies[letters], o)
		}
	}
	for _, o := range x.all {
		letters := strings.ReplaceAll(o.Name, ".", "")
		if o.Type == "unnamed" || len(letters) < 3 || letters != strings.ToUpper(letters) || strings.ContainsFunc(letters, func(r rune) bool { return !unicode.IsUpper(r) }) {
			continue
		}
		x.claim(o, bodies[letters], "its initials")
	}
}

// initials returns the initials of a name of several words, with and without
// those of its small words.
func initials(name string) []string {
	var capitals, all strings.Builder
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' })
	if len(words) < 3 {
		return nil
	}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsUpper(r) {
			capitals.WriteRune(r)
		} else if !small[w] {
			return nil
		}
		all.WriteRune(unicode.ToUpper(r))
	}
	out := []string{capitals.String()}
	if a := all.String(); a != out[0] {
		out = append(out, a)
	}
	return out
}

// small are the words that a body's name may have in lower case.
var small = set("of the for and in on to de")

// claim merges a form with the only cluster of the claimants, or notes that
// there are several.
func (x *identifier) claim(o *one, claimants []*one, why string) {
	var roots []*one
	for _, c := range claimants {
		r := x.of[x.root(c.id)]
		if c != o && r.id == x.root(o.id) {
			return // one of them has it already
		}
		if c != o && !slices.Contains(roots, r) {
			roots = append(roots, r)
		}
	}
	switch {
	case len(roots) == 1:
		if !x.join(o, roots[0], why) {
			return
		}
	case len(roots) > 1:
		for _, r := range roots {
			x.note(Open, o, r, fmt.Sprintf("%d speakers may be meant", len(roots)))
		}
	}
}

// people merges the forms of each surname, the fullest first.
func (x *identifier) people() {
	bySurname := map[string][]*one{}
	for _, o := range x.all {
		if o.Type == "person" && o.name.surname != "" {
			bySurname[o.name.surname] = append(bySurname[o.name.surname], o)
		}
	}
	for _, surname := range slices.Sorted(maps.Keys(bySurname)) {
		forms := bySurname[surname]
		if len(forms) < 2 {
			continue
		}
		slices.SortFunc(forms, func(a, b *one) int {
			return cmp.Or(cmp.Compare(b.name.detail(), a.name.detail()), cmp.Compare(a.id, b.id))
		})
		var clusters [][]*one
		for _, o := range forms {
			if o.name.given == "" {
				continue
			}
			var homes []int
			for k, c := range clusters {
				if !slices.ContainsFunc(c, func(m *one) bool { return !m.name.compatible(&o.name) || m.known && o.known }) {
					homes = append(homes, k)
				}
			}
			if len(homes) == 1 && x.join(o, clusters[homes[0]][0], "compatible names") {
				clusters[homes[0]] = append(clusters[homes[0]], o)
				continue
			}
			for _, k := range homes {
				if len(homes) > 1 {
					x.note(Open, o, clusters[k][0], fmt.Sprintf("%d speakers may be meant", len(homes)))
				}
			}
			clusters = append(clusters, []*one{o})
		}
		var most *one // one line a bearer, against the most frequent one
		for _, c := range clusters {
			if most == nil || c[0].count > most.count {
				most = c[0]
			}
		}
		for _, c := range clusters {
			if x.root(c[0].id) != x.root(most.id) && !c[0].name.compatible(&most.name) {
				x.note(Different, c[0], most, "one surname, other given names")
			}
		}
		for _, o := range forms {
			if o.name.given == "" {
				var bearers []*one
				alone := false // an article called a bearer so
				for _, c := range clusters {
					bearers = append(bearers, c[0])
					alone = alone || slices.ContainsFunc(c, func(m *one) bool {
						return m.known || slices.ContainsFunc(m.Aliases, func(a string) bool { return plain(a) == o.plain })
					})
				}
				if alone {
					x.claim(o, bearers, "the only bearer of the surname")
				}
			}
		}
	}
}
