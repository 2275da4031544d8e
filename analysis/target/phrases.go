package target

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A role is what a phrase is to a target. Roles are bits.
type role uint16

const (
	roleAlias role = 1 << iota
	roleWeak
	roleModifier
	roleRival
	roleActor
	roleNotActor
	roleObject
	roleNotObject
)

// A phrase is a word or words to find.
type phrase struct {
	text   string // small letters where fold is set
	fold   bool   // matches in any case
	target int
	role   role
}

// A hit is a phrase found.
type hit struct {
	corpus.Span
	target int
	role   role
}

// A phraseSet finds many phrases in one pass over a text. A bit for each pair
// of first bytes turns nearly every place away by one look-up; what is left is
// compared phrase by phrase.
type phraseSet struct {
	pairs  [1 << 16 / 64]uint64
	byPair map[uint16][]phrase
}

func newPhraseSet(list []phrase) *phraseSet {
	set := &phraseSet{byPair: map[uint16][]phrase{}}
	for _, p := range list {
		p.fold = p.text == strings.ToLower(p.text)
		a, b := p.text[0], p.text[1]
		// All capitals is a form of every phrase; any case is one of those that fold.
		forms := [][2]byte{{a, b}, {upper(a), upper(b)}}
		if p.fold {
			forms = append(forms, [2]byte{upper(a), b}, [2]byte{a, upper(b)})
		}
		var done []uint16
	next:
		for _, f := range forms {
			key := uint16(f[0])<<8 | uint16(f[1])
			for _, d := range done {
				if d == key {
					continue next
				}
			}
			done = append(done, key)
			set.pairs[key>>6] |= 1 << (key & 63)
			set.byPair[key] = append(set.byPair[key], p)
		}
	}
	return set
}

// each calls found for every phrase in the text, in the order of their starts,
// until it returns false.
func (set *phraseSet) each(text string, found func(hit) bool) {
	if len(text) < 2 {
		return
	}
	key := uint16(text[0])
	for i := 0; i+1 < len(text); i++ {
		key = key<<8 | uint16(text[i+1])
		if set.pairs[key>>6]&(1<<(key&63)) == 0 || !boundaryBefore(text, i) {
			continue
		}
		for _, p := range set.byPair[key] {
			if end := p.matchAt(text, i); end > 0 && !found(hit{corpus.Span{Start: i, End: end}, p.target, p.role}) {
				return
			}
		}
	}
}

// matchAt returns the end of the phrase at offset i, or 0.
func (p *phrase) matchAt(text string, i int) int {
	if end := p.compare(text, i, false); end > 0 {
		return end
	}
	if p.fold {
		return 0
	}
	return p.compare(text, i, true)
}

func (p *phrase) compare(text string, i int, capitals bool) int {
	for j := 0; j < len(p.text); j++ {
		if i >= len(text) {
			return 0
		}
		want, got := p.text[j], text[i]
		switch {
		case want == ' ':
			n := spaceLen(text[i:])
			if n == 0 {
				return 0
			}
			for n > 0 {
				i += n
				n = spaceLen(text[i:])
			}
			continue
		case want == '\'' && strings.HasPrefix(text[i:], "’"):
			i += len("’")
			continue
		case capitals:
			want = upper(want)
		case p.fold:
			got = lower(got)
		}
		if got != want {
			return 0
		}
		i++
	}
	if i < len(text) && wordAt(text, i) {
		return 0
	}
	return i
}

func spaceLen(s string) int {
	if s == "" {
		return 0
	}
	switch s[0] {
	case ' ', '\n', '\t', '\r':
		return 1
	}
	if strings.HasPrefix(s, "\u00a0") {
		return 2
	}
	return 0
}

func boundaryBefore(text string, i int) bool {
	if i == 0 {
		return true
	}
	if c := text[i-1]; c < utf8.RuneSelf {
		return lower(c) < 'a' && (c < '0' || c > '9') || lower(c) > 'z'
	}
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c - 'A' + 'a'
	}
	return c
}

// A pattern is a regular expression that is run only around the words that
// each of its matches must hold: Go's engine is far slower than the search for
// a word.
type pattern struct {
	re     *regexp.Regexp
	needed []string // a match holds at least one; empty: unknown, all the text is searched
	reach  int      // the greatest length of a match in bytes; 0: without bound
	target int
}

func newPattern(expr string, target int) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	p := pattern{re: re, needed: neededLiterals(tree), target: target}
	if n := longest(tree); n <= maxReach {
		p.reach = n
	}
	return p, nil
}

const maxReach = 400

// find returns the matches in the text.
func (p *pattern) find(text string) []corpus.Span {
	if len(p.needed) == 0 {
		return p.search(nil, text, 0)
	}
	var out []corpus.Span
	done := 0                          // text before this was searched
	next := make([]int, len(p.needed)) // where each word stands next, so that none is sought twice
	for i := range next {
		next[i] = -1
	}
	for {
		at := len(text)
		for i, w := range p.needed {
			if next[i] < done {
				next[i] = len(text)
				if k := strings.Index(text[done:], w); k >= 0 {
					next[i] = done + k
				}
			}
			at = min(at, next[i])
		}
		if at == len(text) {
			return out
		}
		if p.reach == 0 {
			return p.search(nil, text, 0)
		}
		// Windows begin and end at a space, so that \b sees what it would see in
		// the whole text, and grow while further words lie in reach.
		from := boundLeft(text, max(done, at-p.reach))
		to := at
		for {
			end := min(len(text), to+p.reach+1)
			more := indexAny(text[to+1:end], p.needed)
			if more < 0 {
				break
			}
			to += 1 + more
		}
		end := boundRight(text, min(len(text), to+p.reach))
		out = p.search(out, text[from:end], from)
		done = end
	}
}

func (p *pattern) search(out []corpus.Span, text string, offset int) []corpus.Span {
	for _, m := range p.re.FindAllStringIndex(text, -1) {
		if m[0] < m[1] {
			out = append(out, corpus.Span{Start: offset + m[0], End: offset + m[1]})
		}
	}
	return out
}

func boundLeft(text string, i int) int {
	for i > 0 && text[i-1] != ' ' && text[i-1] != '\n' {
		i--
	}
	return i
}

func boundRight(text string, i int) int {
	for i < len(text) && text[i] != ' ' && text[i] != '\n' {
		i++
	}
	return i
}

func indexAny(text string, words []string) int {
	best := -1
	for _, w := range words {
		if i := strings.Index(text, w); i >= 0 {
			best = i
			text = text[:min(len(text), i+len(w)-1)] // a later word counts only before this one
		}
	}
	return best
}

// longest is the length in bytes of the longest match, above maxReach where it
// is that or unbounded.
func longest(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return utf8.UTFMax * len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpCapture, syntax.OpQuest:
		return longest(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return maxReach + 1
	case syntax.OpRepeat:
		if re.Max < 0 {
			return maxReach + 1
		}
		return min(maxReach+1, re.Max*longest(re.Sub[0]))
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n = min(maxReach+1, n+longest(sub))
		}
		return n
	case syntax.OpAlternate:
		n := 0
		for _, sub := range re.Sub {
			n = max(n, longest(sub))
		}
		return n
	}
	return 0 // the empty-width ones
}

// neededLiterals returns literals of which every match holds at least one, or
// nil where there are none worth a search: the rarest of a sequence, the union
// of an alternation.
func neededLiterals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 || len(re.Rune) < 3 {
			return nil
		}
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return neededLiterals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return neededLiterals(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if lits := neededLiterals(sub); lits != nil && (best == nil || rarity(lits) > rarity(best)) {
				best = lits
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			lits := neededLiterals(sub)
			if lits == nil {
				return nil
			}
			all = append(all, lits...)
		}
		return all
	}
	return nil
}

// rarity orders lists of literals by the commonest of each: names are rarer
// than words, long words rarer than short ones.
func rarity(list []string) int {
	least := 1 << 20
	for _, s := range list {
		n := len(s)
		if strings.ToLower(s) != s {
			n += 20
		}
		least = min(least, n)
	}
	return least - len(list)
}
