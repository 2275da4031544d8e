package target

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Spec describes one target. Its lists hold words as they stand in an
// article. A word with a capital letter matches only so, or all in capitals; a
// word in small letters matches in any case. Each kind of apostrophe matches
// each other, and a space matches any white space. Words match whole:
// "Assad" stands in "Assad's" and in "pro-Assad", not in "Assadist".
type Spec struct {
	ID          string   `yaml:"id"`          // short and stable: the tables hold it
	Name        string   `yaml:"name"`        // as the report prints it
	Kind        string   `yaml:"kind"`        // one of Kinds
	Description string   `yaml:"description"` // for people; the program does not read it
	Aliases     []string `yaml:"aliases"`     // mean the target wherever they stand
	Weak        []string `yaml:"weak"`        // mean it only in an article that names a target outright ("the regime")
	Include     []string `yaml:"include"`     // regular expressions (RE2) that do as an alias does
	Exclude     []string `yaml:"exclude"`     // what overlaps a match of these is no mention

	// For deeds, whose words ("the attack") may mean another deed as well.
	Deeds         []string `yaml:"deeds"`          // nouns ("strike") and, after "to", verbs ("to strike")
	DeedModifiers []string `yaml:"deed_modifiers"` // before the noun they speak for the target: missile, cruise
	Rivals        []string `yaml:"rivals"`         // around it they mean another deed: gas, suicide
	Actors        []string `yaml:"actors"`         // whose deed it is: "U.S. strikes", "strikes by the Pentagon"
	NotActors     []string `yaml:"not_actors"`     // whose deed it is not
	Objects       []string `yaml:"objects"`        // against whom: "strikes on Syria"
	NotObjects    []string `yaml:"not_objects"`    // against whom not
}

// Kinds lists the kinds of target.
var Kinds = []string{"person", "state", "organisation", "policy", "action", "event"}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Validate reports what is wrong with one target, the first fault first.
func (s Spec) Validate() error {
	if !idForm.MatchString(s.ID) {
		return fmt.Errorf("target %q: id must be small letters, digits, - and _, beginning with a letter", s.ID)
	}
	fail := func(field, format string, args ...any) error {
		return fmt.Errorf("target %q: %s: %s", s.ID, field, fmt.Sprintf(format, args...))
	}
	if strings.TrimSpace(s.Name) == "" {
		return fail("name", "is empty")
	}
	if !slices.Contains(Kinds, s.Kind) {
		return fail("kind", "%q is none of %s", s.Kind, strings.Join(Kinds, ", "))
	}
	if len(s.Aliases)+len(s.Include) == 0 && len(s.Deeds) == 0 {
		return fail("aliases", "a target needs aliases, include patterns or deeds")
	}
	for _, list := range s.lists() {
		for i, w := range list.words {
			switch {
			case len(w) < 2 || strings.TrimSpace(w) != w:
				return fail(list.name, "entry %d, %q: needs two bytes or more, without space around them", i+1, w)
			case !wordAt(w, 0):
				return fail(list.name, "entry %d, %q: must begin with a letter or digit", i+1, w)
			case slices.Contains(list.words[:i], w):
				return fail(list.name, "%q stands there twice", w)
			}
		}
	}
	for i, d := range s.Deeds {
		if strings.ContainsFunc(strings.TrimPrefix(d, "to "), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
			return fail("deeds", "entry %d, %q: one word, or \"to\" and a verb (longer phrases go to include)", i+1, d)
		}
	}
	for _, list := range []struct {
		name     string
		patterns []string
	}{{"include", s.Include}, {"exclude", s.Exclude}} {
		for i, p := range list.patterns {
			re, err := regexp.Compile(p)
			if err != nil {
				return fail(list.name, "entry %d: %v", i+1, err)
			}
			if re.MatchString("") {
				return fail(list.name, "entry %d, %q: matches the empty text", i+1, p)
			}
		}
	}
	for _, pair := range [][2]wordList{
		{{"actors", s.Actors, roleActor}, {"not_actors", s.NotActors, roleNotActor}},
		{{"objects", s.Objects, roleObject}, {"not_objects", s.NotObjects, roleNotObject}},
		{{"deed_modifiers", s.DeedModifiers, roleModifier}, {"rivals", s.Rivals, roleRival}},
		{{"aliases", s.Aliases, roleAlias}, {"weak", s.Weak, roleWeak}},
	} {
		for _, w := range pair[0].words {
			if slices.Contains(pair[1].words, w) {
				return fail(pair[0].name, "%q stands under %s too", w, pair[1].name)
			}
		}
	}
	if len(s.Deeds) == 0 && len(s.DeedModifiers)+len(s.Rivals)+len(s.Actors)+len(s.NotActors)+len(s.Objects)+len(s.NotObjects) > 0 {
		return fail("deeds", "is empty, but modifiers, rivals, actors or objects are given")
	}
	return nil
}

// Validate checks a list of targets: each by itself, and their ids together.
func Validate(specs []Spec) error {
	if len(specs) == 0 {
		return fmt.Errorf("targets: the list is empty")
	}
	if len(specs) > maxTargets {
		return fmt.Errorf("targets: %d of them, at most %d are possible", len(specs), maxTargets)
	}
	seen := map[string]int{}
	for i, s := range specs {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("targets, entry %d: %w", i+1, err)
		}
		if first, ok := seen[s.ID]; ok {
			return fmt.Errorf("targets, entry %d: the id %q is that of entry %d too", i+1, s.ID, first)
		}
		seen[s.ID] = i + 1
	}
	return nil
}

const maxTargets = 1000

type wordList struct {
	name  string
	words []string
	role  role
}

func (s Spec) lists() []wordList {
	return []wordList{
		{"aliases", s.Aliases, roleAlias}, {"weak", s.Weak, roleWeak},
		{"deeds", s.Deeds, 0},
		{"deed_modifiers", s.DeedModifiers, roleModifier}, {"rivals", s.Rivals, roleRival},
		{"actors", s.Actors, roleActor}, {"not_actors", s.NotActors, roleNotActor},
		{"objects", s.Objects, roleObject}, {"not_objects", s.NotObjects, roleNotObject},
	}
}

func wordAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
