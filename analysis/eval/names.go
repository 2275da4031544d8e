package eval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The folding of speakers' names, letter by letter that of the reference
// scorer: states by their seats and adjectives, people by what is left of the
// name without titles. It is part of the measure, not a way to resolve names.

var states = []struct{ name, words string }{
	{"russia", "russia moscow kremlin russian"},
	{"united states", "washington white house u.s. us american america united states pentagon state department"},
	{"syria", "syria damascus syrian"},
	{"iran", "iran tehran iranian"},
	{"china", "china beijing chinese"},
	{"united kingdom", "britain london british uk u.k. united kingdom"},
	{"france", "france paris french"},
	{"turkey", "turkey ankara turkish"},
	{"israel", "israel jerusalem israeli"},
	{"germany", "germany berlin german"},
	{"saudi arabia", "saudi arabia riyadh saudi"},
}

var offices = []string{"", " government", " administration", " state", " official", " officials", " regime", " foreign ministry", " ministry"}

var dropped = words(`mr mrs ms dr sen senator rep representative president prime minister foreign secretary of state defense defence
general gen lt col ambassador spokesman spokeswoman spokesperson press adviser advisor national security the a an former chief
leader king sir lord gov governor house speaker majority minority deputy government administration regime officials official
ministry state media military army`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// A foldedName is a name made ready for comparison.
type foldedName struct {
	key     []string // sorted, no word twice
	surname string   // empty where nothing is left
}

func foldName(name string) foldedName {
	return foldedName{nameKey(name), surname(name)}
}

// same reports whether two names agree: equal or one contained in the other
// after folding, or the same surname.
func (a foldedName) same(b foldedName) bool {
	return subset(a.key, b.key) || subset(b.key, a.key) || a.surname != "" && a.surname == b.surname
}

// SameSpeaker reports whether two names are of one speaker by the rule that
// scores the mission.
func SameSpeaker(a, b string) bool { return foldName(a).same(foldName(b)) }

func subset(a, b []string) bool {
	for _, w := range a {
		if !slices.Contains(b, w) {
			return false
		}
	}
	return true
}

func nameKey(name string) []string {
	low := cutPossessives(strings.ToLower(name))
	for _, s := range states {
		if isState(low, s.name, s.words) {
			return []string{s.name}
		}
	}
	var key []string
	for _, w := range runsOf(strings.ReplaceAll(low, "-", " "), func(r rune) bool { return r == '.' || nameLetter(r) }) {
		if !dropped[strings.Trim(w, ".")] {
			key = append(key, w)
		}
	}
	if len(key) == 0 {
		key = strings.Fields(low)
	}
	slices.Sort(key)
	return slices.Compact(key)
}

func isState(low, state, words string) bool {
	if strings.Contains(words, low) || strings.HasPrefix(low, state+" ") {
		return true
	}
	bare := strings.TrimPrefix(low, "the ")
	for _, w := range strings.Fields(words) {
		if rest, ok := strings.CutPrefix(bare, w); ok && slices.Contains(offices, rest) {
			return true
		}
	}
	return false
}

func surname(name string) string {
	last := ""
	for _, w := range runsOf(strings.ReplaceAll(strings.ToLower(name), "-", " "), nameLetter) {
		if !dropped[w] {
			last = w
		}
	}
	return last
}

func nameLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'à' <= r && r <= 'ÿ' }

// runsOf returns the longest stretches of runes that are in.
func runsOf(s string, in func(rune) bool) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !in(r) })
}

// cutPossessives drops 's and ’s at the end of words.
func cutPossessives(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		n := 0
		switch {
		case strings.HasPrefix(s[i:], "'s"):
			n = len("'s")
		case strings.HasPrefix(s[i:], "’s"):
			n = len("’s")
		}
		if n > 0 {
			if next, _ := utf8.DecodeRuneInString(s[i+n:]); i+n == len(s) || !unicode.IsLetter(next) && !unicode.IsNumber(next) && next != '_' {
				i += n
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		out.WriteString(s[i : i+size])
		i += size
	}
	return out.String()
}
