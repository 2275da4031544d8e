package stance

import (
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// This file is the one place where text becomes features; training and
// inference both come through it.

// A word is what the features need of one token.
type word struct {
	form    uint64 // hash of the lower-case form
	stem    uint64 // hash of its first six letters, tied to their being cut off
	entry   entry
	clause  int32
	negated bool
	quoted  bool
	letters bool // holds a letter or digit: no mark
	tag     byte // 'V' verb, 'P' past participle, 'N' noun, 'J' adjective, 'R' adverb, 'I' preposition, 'O' other
}

// A view holds the words of a stretch of a document.
type view struct {
	first int // index of the document's token that words[0] is
	words []word
	lower []byte
	vec   linear.Vector
}

// reach is how many words a negator reaches over, at most, within its clause.
const reach = 6

// load reads the tokens of r.
func (v *view) load(doc *corpus.Document, r corpus.Range) {
	v.first = r.First
	v.words = v.words[:0]
	clause, negation := int32(0), 0
	comma := false
	for i := r.First; i < r.Last; i++ {
		t := &doc.Tokens[i]
		w := word{quoted: t.Quotation >= 0 && !doc.Quotations[t.Quotation].Scare, tag: coarse(t.Tag)}
		v.lower = appendLower(v.lower[:0], doc.Text[t.Start:t.End])
		w.form = hashBytes(v.lower)
		w.stem = w.form
		if cut := runePrefix(v.lower, 6); cut < len(v.lower) {
			w.stem = hashBytes(v.lower[:cut]) + 1
		}
		c, _ := utf8.DecodeRune(v.lower)
		w.letters = unicode.IsLetter(c) || unicode.IsDigit(c) || c == '\'' && len(v.lower) > 1
		w.entry = lexicon[string(v.lower)]
		if !w.letters {
			switch {
			case c == ';' || c == ':' || c == '—' || c == '–' || c == '(' || c == ')' || c == '.' || c == '?' || c == '!' || len(v.lower) == 2 && v.lower[0] == '-':
				clause++
				negation = 0
			}
			if c == ',' {
				negation = min(negation, 2)
			}
		} else if w.entry.traits&isBreaker != 0 || comma && w.entry.traits&isCommaBreaker != 0 {
			clause++
			negation = 0
		}
		if w.letters {
			comma = false
		}
		comma = comma || c == ','
		w.clause = clause
		w.negated = negation > 0
		if negation > 0 && w.letters {
			negation--
		}
		if w.entry.traits&isNegator != 0 {
			negation = reach
		}
		v.words = append(v.words, w)
	}
}

func coarse(tag string) byte {
	if tag == "" {
		return 'O'
	}
	switch tag[0] {
	case 'V':
		if tag == "VBN" {
			return 'P'
		}
		return 'V'
	case 'N', 'J':
		return tag[0]
	case 'R':
		if len(tag) > 1 && tag[1] == 'B' {
			return 'R'
		}
	case 'I', 'T':
		return 'I'
	}
	return 'O'
}

// appendLower appends s in lower case, with curly apostrophes straightened.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '’' {
			r = '\''
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += size
	}
	return dst
}

func hashBytes(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// runePrefix is the length in bytes of the first n runes of b.
func runePrefix(b []byte, n int) int {
	at := 0
	for ; n > 0 && at < len(b); n-- {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

// The templates of features. Their numbers are part of the trained model.
const (
	tWord = iota + 1
	tWordKind
	tSide
	tNear
	tClause
	tBigram
	tBigramKind
	tStem
	tStemKind
	tContext1
	tContext2
	tContext3
	tContext4
	tContext5
	tPolar
	tVerb
	tVerbRole
	tMention
	tMentionStem
	tShape
	tCue
	tCueClass
	tCueZone
	tClassClause
	tPreposition
	tPath
	tBetween
	tBetweenBigram
	tOuter
	tQuoted
	tKind
	tAdjective
	tBias
	tSkip
)

// distances are the buckets of distance in words.
func distance(d int) uint64 {
	switch {
	case d <= 1:
		return 0
	case d <= 2:
		return 1
	case d <= 4:
		return 2
	case d <= 8:
		return 3
	case d <= 16:
		return 4
	}
	return 5
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// A query is what a vector is made for.
type query struct {
	mention corpus.Range // tokens; empty where no word of the view takes the target up
	kind    string
	cue     corpus.Range // tokens of the statement's cue; empty where there is none
	side    bool         // conjoin with the kind of target: for stances of statements
}

// features fills v.vec with the features of the query over the loaded words.
func (v *view) features(q query) *linear.Vector {
	out := &v.vec
	out.Reset()
	words := v.words
	ma, mb := q.mention.First-v.first, q.mention.Last-v.first
	has := q.mention.Len() > 0 && ma >= 0 && mb <= len(words)
	kind := uint64(groupOf(q.kind)) + 1
	if !q.side {
		kind = 0
	}
	out.Add(linear.Mix(tBias, bit(has), kind), 1)
	if q.side {
		out.Add(linear.Mix(tKind, linear.HashString(q.kind)), 1)
	}

	mclause := int32(-1)
	if has {
		mclause = words[ma].clause
	}
	var polar [2][2][2]float32 // clause of the mention or not; before or after; good or bad
	previous, before2 := uint64(1), uint64(1)
	for i := range words {
		w := &words[i]
		if has && i >= ma && i < mb {
			if i == ma {
				out.Add(linear.Mix(tBigram, previous, 2), 1)
				before2, previous = previous, 2
			}
			continue
		}
		if !w.letters {
			if w.form == questionMark || w.form == exclamation {
				out.Add(linear.Mix(tShape, 10, w.form, kind), 1)
			}
			continue
		}
		neg := bit(w.negated)
		after := has && i >= mb
		near := has && w.clause == mclause
		side := bit(after)
		d := 0
		if has {
			d = ma - i
			if after {
				d = i - mb + 1
			}
		}
		out.Add(linear.Mix(tWord, w.form, neg), 1)
		out.Add(linear.Mix(tStem, w.stem), 1)
		out.Add(linear.Mix(tBigram, previous, w.form), 1)
		if before2 != 1 {
			out.Add(linear.Mix(tSkip, before2, w.form), 0.5)
		}
		if q.side {
			out.Add(linear.Mix(tWordKind, w.form, neg, kind), 1)
			out.Add(linear.Mix(tBigramKind, previous, w.form, kind), 1)
			out.Add(linear.Mix(tQuoted, w.stem, bit(w.quoted)), 0.5)
		}
		if has {
			out.Add(linear.Mix(tSide, w.form, side), 1)
			if d <= 8 {
				out.Add(linear.Mix(tNear, w.stem, side, distance(d), kind), 1)
			}
			if near {
				out.Add(linear.Mix(tClause, w.stem, neg, kind), 1)
			}
		}
		if p := w.entry.polar; p != 0 {
			good := p > 0 != w.negated
			polar[bit(near)][side][bit(good)]++
		}
		if c := w.entry.class; c > say {
			out.Add(linear.Mix(tClassClause, uint64(c), bit(near), side, neg, kind), 1)
			out.Add(linear.Mix(tCueClass, uint64(c), bit(w.quoted), side, kind), 1)
		}
		if w.entry.traits&(isModal|isConditional) != 0 {
			out.Add(linear.Mix(tShape, 11, uint64(w.entry.traits), bit(near), kind), 1)
		}
		before2, previous = previous, w.form
	}
	for near := range polar {
		for side := range polar[near] {
			for good, n := range polar[near][side] {
				if n > 0 {
					out.Add(linear.Mix(tPolar, uint64(near), uint64(side), uint64(good), kind), min(n, 3))
				}
			}
		}
	}
	if has {
		v.around(ma, mb, kind)
	}
	if q.cue.Len() > 0 {
		for i := max(0, q.cue.First-v.first); i < min(len(words), q.cue.Last-v.first); i++ {
			out.Add(linear.Mix(tCue, words[i].stem, kind), 1)
			if has {
				out.Add(linear.Mix(tCueZone, words[i].stem, bit(i < ma), bit(words[ma].quoted)), 1)
			}
		}
	}
	return out
}

var (
	questionMark = hashBytes([]byte("?"))
	exclamation  = hashBytes([]byte("!"))
)

// around adds the features of the mention's own words and of its immediate
// surroundings: neighbours, preposition, the verbs it may be agent or patient
// of.
func (v *view) around(ma, mb int, kind uint64) {
	out, words := &v.vec, v.words
	form := func(i int) uint64 {
		if i < 0 || i >= len(words) {
			return 1
		}
		return words[i].form
	}
	out.Add(linear.Mix(tContext1, form(ma-1)), 1)
	out.Add(linear.Mix(tContext2, form(mb)), 1)
	out.Add(linear.Mix(tContext3, form(ma-2), form(ma-1), kind), 1)
	out.Add(linear.Mix(tContext4, form(mb), form(mb+1), kind), 1)
	out.Add(linear.Mix(tContext5, form(ma-1), form(mb), kind), 1)
	for i := ma; i < mb; i++ {
		out.Add(linear.Mix(tMention, words[i].form, kind), 1)
		if p := words[i].entry.polar; p != 0 {
			out.Add(linear.Mix(tMentionStem, uint64(p+1), kind), 1)
		}
		if c := words[i].entry.class; c != noClass {
			out.Add(linear.Mix(tMentionStem, 9, uint64(c), kind), 1)
		}
	}
	head := &words[mb-1]
	out.Add(linear.Mix(tShape, 1, bit(head.entry.traits&isPronoun != 0), kind), 1)
	out.Add(linear.Mix(tShape, 2, bit(words[ma].quoted), kind), 1)
	out.Add(linear.Mix(tShape, 3, bit(words[ma].negated), kind), 1)
	out.Add(linear.Mix(tShape, 4, distance(ma), kind), 1)
	out.Add(linear.Mix(tShape, 5, uint64(head.tag)), 1)

	clause := words[ma].clause
	// The verb before takes the mention as its patient, the verb behind as its
	// agent, or the other way round in the passive.
	for i := ma - 1; i >= 0 && ma-i <= 10; i-- {
		w := &words[i]
		if w.tag == 'I' && ma-i <= 4 {
			out.Add(linear.Mix(tPreposition, w.form, kind), 1)
		}
		if w.tag == 'J' && ma-i <= 3 {
			out.Add(linear.Mix(tAdjective, w.stem, 0), 1)
		}
		if (w.tag == 'V' || w.tag == 'P') && w.entry.traits&isCopula == 0 {
			out.Add(linear.Mix(tVerb, 0, w.stem, bit(w.negated)), 1)
			out.Add(linear.Mix(tVerbRole, 0, uint64(w.entry.class), bit(w.negated), bit(w.clause == clause), kind), 1)
			out.Add(linear.Mix(tVerbRole, 2, uint64(w.entry.polar+1), bit(w.negated), bit(w.quoted), kind), 1)
			break
		}
	}
	copula := false
	for i := mb; i < len(words) && i-mb < 10; i++ {
		w := &words[i]
		if w.entry.traits&isCopula != 0 && !copula {
			copula = true
			out.Add(linear.Mix(tVerb, 2, distance(i-mb)), 1)
			continue
		}
		if copula && (w.tag == 'J' || w.tag == 'N') {
			out.Add(linear.Mix(tAdjective, w.stem, 1, bit(w.negated)), 1)
			out.Add(linear.Mix(tVerbRole, 3, uint64(w.entry.polar+1), bit(w.negated), kind), 1)
			break
		}
		if w.tag == 'V' || w.tag == 'P' {
			passive := bit(copula && w.tag == 'P')
			out.Add(linear.Mix(tVerb, 1, w.stem, bit(w.negated), passive), 1)
			out.Add(linear.Mix(tVerbRole, 1, uint64(w.entry.class), bit(w.negated), passive, kind), 1)
			out.Add(linear.Mix(tVerbRole, 4, uint64(w.entry.polar+1), bit(w.negated), passive, kind), 1)
			break
		}
	}
}

// directed fills v.vec with the features of an ordered pair of mentions, p
// before q, for the sentiment of each toward the other.
func (v *view) directed(p, q corpus.Range) *linear.Vector {
	out := &v.vec
	out.Reset()
	words := v.words
	pa, pb, qa, qb := p.First-v.first, p.Last-v.first, q.First-v.first, q.Last-v.first
	between := distance(qa - pb)
	out.Add(linear.Mix(tBias, 7), 1)
	out.Add(linear.Mix(tShape, 20, between), 1)
	var polar [3][2]float32
	previous := uint64(1)
	passive := false
	for i := range words {
		w := &words[i]
		switch {
		case i >= pa && i < pb:
			previous = 2
			out.Add(linear.Mix(tMention, w.form, 1), 1)
			continue
		case i >= qa && i < qb:
			if i == qa {
				out.Add(linear.Mix(tBetweenBigram, previous, 3), 1)
			}
			previous = 3
			out.Add(linear.Mix(tMention, w.form, 2), 1)
			continue
		}
		zone := uint64(0)
		if i >= qb {
			zone = 2
		} else if i >= pb {
			zone = 1
		}
		if !w.letters {
			if zone == 1 {
				out.Add(linear.Mix(tBetween, w.form), 1)
			}
			continue
		}
		neg := bit(w.negated)
		out.Add(linear.Mix(tWord, w.form, neg), 0.5)
		out.Add(linear.Mix(tStem, w.stem), 0.5)
		out.Add(linear.Mix(tOuter, w.stem, zone), 1)
		out.Add(linear.Mix(tBetweenBigram, previous, w.form), 1)
		if zone == 1 {
			out.Add(linear.Mix(tBetween, w.stem, neg), 1)
			out.Add(linear.Mix(tNear, w.stem, between), 1)
			if w.entry.traits&isCopula != 0 {
				passive = true
			}
			if w.tag == 'V' || w.tag == 'P' {
				out.Add(linear.Mix(tVerb, w.stem, neg, bit(passive && w.tag == 'P')), 1)
				out.Add(linear.Mix(tVerbRole, uint64(w.entry.class), neg, bit(passive && w.tag == 'P'), between), 1)
			}
		}
		if w.entry.polar != 0 {
			polar[zone][bit(w.entry.polar > 0 != w.negated)]++
		}
		if w.entry.class > say {
			out.Add(linear.Mix(tClassClause, uint64(w.entry.class), zone, neg), 1)
		}
		previous = w.form
	}
	for zone := range polar {
		for good, n := range polar[zone] {
			if n > 0 {
				out.Add(linear.Mix(tPolar, uint64(zone), uint64(good)), min(n, 3))
			}
		}
	}
	form := func(i int) uint64 {
		if i < 0 || i >= len(words) {
			return 1
		}
		return words[i].form
	}
	for k, m := range [2][2]int{{pa, pb}, {qa, qb}} {
		out.Add(linear.Mix(tContext1, uint64(k), form(m[0]-1)), 1)
		out.Add(linear.Mix(tContext2, uint64(k), form(m[1])), 1)
		out.Add(linear.Mix(tContext3, uint64(k), form(m[0]-2), form(m[0]-1)), 1)
		out.Add(linear.Mix(tContext4, uint64(k), form(m[1]), form(m[1]+1)), 1)
	}
	if qa-pb <= 5 {
		path := uint64(17)
		for i := pb; i < qa; i++ {
			path = path*31 + words[i].form
		}
		out.Add(linear.Mix(tPath, path), 1)
	}
	return out
}

// window is how many tokens either side of a mention a lone sentence is read.
const window = 100

// targeted makes the vector of TargetedPredict.
func (v *view) targeted(doc *corpus.Document, mention corpus.Span) *linear.Vector {
	m := doc.TokensIn(mention)
	v.load(doc, v.near(doc, m))
	return v.features(query{mention: m})
}

// pair makes the vector of DirectedPredict, and says whether q stands before p.
func (v *view) pair(doc *corpus.Document, p, q corpus.Span) (*linear.Vector, bool) {
	a, b := doc.TokensIn(p), doc.TokensIn(q)
	swapped := b.First < a.First
	if swapped {
		a, b = b, a
	}
	v.load(doc, v.near(doc, corpus.Range{First: a.First, Last: max(a.Last, b.Last)}))
	return v.directed(a, b), swapped
}

func (v *view) near(doc *corpus.Document, r corpus.Range) corpus.Range {
	return corpus.Range{First: max(0, r.First-window), Last: min(len(doc.Tokens), r.Last+window)}
}

// cue is the range of the statement's cue within the loaded words, or else of
// the first word outside of quotations that is one by the lexicon. With a nil
// statement, as in training, it is the latter.
func (v *view) cue(doc *corpus.Document, st *corpus.Statement) corpus.Range {
	if st != nil && len(st.Cue) > 0 {
		r := doc.TokensIn(st.Cue[0])
		if r.Len() > 0 && r.First >= v.first && r.Last <= v.first+len(v.words) {
			return r
		}
	}
	for i, w := range v.words {
		if w.entry.class != noClass && !w.quoted && (w.tag == 'V' || w.tag == 'P' || w.tag == 'O') {
			return corpus.Range{First: v.first + i, Last: v.first + i + 1}
		}
	}
	return corpus.Range{}
}
