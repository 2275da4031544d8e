package mention

import (
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Planted expression stands in an article where a name or noun phrase stood
// that takes up an earlier one.
type Planted struct {
	At    corpus.Span   // without its article
	Of    []corpus.Span // what it means, as far as that still stands; empty for "it" that means nothing
	Exact bool          // the spans of Of are whole mentions
	done  bool
}

// The share of the places that are planted, and of these the descriptions of
// people with known roles, in hundredths.
const (
	shareOfNames    = 60
	shareOfPhrases  = 25
	shareOfPronouns = 75
)

// Plant writes pronouns and descriptions in the place of names and noun phrases
// that take up earlier ones, so that their antecedents are known (Kocijan et
// al., 2019, mask names so), and notes expletives. The document needs
// LayerMentions; the same document gives the same text.
func Plant(c *Catalogue, doc *corpus.Document) (string, []Planted) {
	r := newResolver(c, doc)
	p := planter{resolver: r, of: map[string][]int{}}
	for k := range doc.Mentions {
		m := &doc.Mentions[k]
		if m.Entity < 0 || doc.Tokens[m.Tokens.First].Sentence < 0 || doc.Sentences[doc.Tokens[m.Tokens.First].Sentence].Kind == corpus.Boilerplate {
			continue
		}
		if k > 0 {
			if pair, tokens, ok := r.pair(k); ok {
				p.plan("pair "+doc.Entities[pair[0]].ID+" "+doc.Entities[pair[1]].ID, tokens, they, "", true)
			}
		}
		p.name(m)
	}
	for i := range doc.Tokens {
		if s := doc.Tokens[i].Sentence; s >= 0 && doc.Sentences[s].Kind != corpus.Boilerplate {
			p.phrase(i)
			p.expletive(i)
		}
	}
	return p.write()
}

// A slot is a place in the text: an earlier mention, or one to be replaced.
type slot struct {
	tokens  corpus.Range // as they stand
	whole   corpus.Range // with title and article
	word    string       // in their place; empty to let them stand
	article bool         // "the" before it
	of      string
	exact   bool
}

type planter struct {
	*resolver
	slots []slot
	of    map[string][]int // what is meant -> slots
}

// chance is a number of 0…99 that follows from the document and the token.
func (p *planter) chance(token int, salt uint64) int {
	return int(linear.Mix(linear.HashString(p.doc.ID), uint64(token), salt) % 100)
}

func (p *planter) stay(of string, tokens corpus.Range) {
	p.of[of] = append(p.of[of], len(p.slots))
	p.slots = append(p.slots, slot{tokens: tokens, whole: tokens, of: of})
}

// name lets the name stand or plans a pronoun or description in its place.
func (p *planter) name(m *corpus.Mention) {
	ent := &p.doc.Entities[m.Entity]
	of := "entity " + ent.ID
	class := notAnaphor
	switch {
	case m.Kind == corpus.Pronoun:
		return
	case ent.Type == corpus.Person && ent.Gender == corpus.Masculine:
		class = he
	case ent.Type == corpus.Person && ent.Gender == corpus.Feminine:
		class = she
	case ent.Type == corpus.Group:
		class = they
	case ent.Type == corpus.Organisation || ent.Type == corpus.Government:
		class = it
		if p.chance(m.Tokens.First, 7) < 12 && ent.Type == corpus.Organisation {
			class = they
		}
	}
	description := ""
	if p.chance(m.Tokens.First, 1) >= shareOfPronouns {
		description = p.descriptionOf(ent)
	}
	if class == notAnaphor && description == "" {
		p.stay(of, m.Tokens)
		return
	}
	p.plan(of, m.Tokens, class, description, ent.Type == corpus.Group)
}

// descriptionOf is the noun for an entity by its role, or for a body by its name.
func (p *planter) descriptionOf(ent *corpus.Entity) string {
	if ent.Type == corpus.Organisation {
		if at := strings.LastIndexByte(ent.Name, ' '); at > 0 && bodyNouns[strings.ToLower(ent.Name[at+1:])] {
			return strings.ToLower(ent.Name[at+1:])
		}
		return ""
	}
	if ent.Type != corpus.Person {
		return ""
	}
	for _, title := range ent.Titles {
		noun := headOf(strings.Fields(title))
		if long, ok := abbreviated[noun]; ok {
			noun = long
		}
		if isRole(noun) && !courtesy[noun] && !strings.HasSuffix(noun, ".") && !slices.Contains(described, noun) {
			return noun
		}
	}
	return ""
}

var abbreviated = map[string]string{"sen.": "senator", "rep.": "congressman", "gov.": "governor", "gen.": "general", "lt.": "lieutenant",
	"adm.": "admiral", "col.": "colonel", "maj.": "major", "capt.": "captain"}

// described are roles that do not stand alone.
var described = []string{"democrat", "republican", "chief", "head", "head-of-state", "member", "former", "other"}

// plan plans an expression of the class, or the description, for the tokens if
// they take up what was mentioned a little before.
func (p *planter) plan(of string, tokens corpus.Range, class anaphorClass, description string, plural bool) {
	whole, ok := p.phraseAround(tokens)
	sentence := p.doc.Tokens[tokens.First].Sentence
	near := -1
	if before := p.of[of]; len(before) > 0 {
		near = sentence - p.doc.Tokens[p.slots[before[len(before)-1]].tokens.First].Sentence
	}
	reach := 2
	if description != "" {
		reach = 12
	} else if p.chance(tokens.First, 2) < 20 {
		reach = 4
	}
	word := description
	if ok && near >= 0 && near <= reach && description == "" && class != notAnaphor {
		word = p.form(class, whole, plural)
	}
	if !ok || near < 0 || near > reach || word == "" || p.chance(tokens.First, 3) >= shareOfNames {
		if !strings.HasPrefix(of, "pair ") {
			p.stay(of, tokens)
		} else if near < 0 || near > reach {
			p.of[of] = append(p.of[of], len(p.slots))
			p.slots = append(p.slots, slot{tokens: tokens, whole: tokens, of: of, exact: true})
		}
		return
	}
	p.of[of] = append(p.of[of], len(p.slots))
	p.slots = append(p.slots, slot{tokens: tokens, whole: whole, word: word, article: description != "", of: of, exact: strings.HasPrefix(of, "pair ")})
}

// phraseAround takes in the title or article before a name and reports whether
// the name with it is a noun phrase that a pronoun can replace.
func (p *planter) phraseAround(tokens corpus.Range) (corpus.Range, bool) {
	whole := tokens
	first := p.doc.Sentences[p.doc.Tokens[tokens.First].Sentence].Tokens.First
	if at := p.titleBefore(whole.First); at > 0 && at >= first {
		whole.First = at
	}
	if whole.First > first && p.lowerText(whole.First-1) == "the" {
		whole.First--
	}
	if whole.First > first {
		t, w := p.doc.Tokens[whole.First-1].Tag, p.lowerText(whole.First-1)
		if strings.HasPrefix(t, "NN") || t == "JJ" || t == "DT" || t == "PRP$" || t == "CD" || t == "POS" || w == "and" || w == "or" || w == "," && whole.First-2 >= first && strings.HasPrefix(p.doc.Tokens[whole.First-2].Tag, "NNP") ||
			w == "-" || w == "/" || w == "(" || w == "like" || w == "named" {
			return whole, false
		}
	}
	if whole.Last < len(p.doc.Tokens) {
		t, w := p.doc.Tokens[whole.Last].Tag, p.lowerText(whole.Last)
		if strings.HasPrefix(t, "NN") || t == "CD" || t == "JJ" || w == "and" || w == "or" || w == "-" || w == "/" || w == "(" || w == "who" || w == "which" || w == "of" || w == "whose" {
			return whole, false
		}
		if w == "," && whole.Last+1 < len(p.doc.Tokens) {
			switch p.lowerText(whole.Last + 1) {
			case "who", "which", "whose", "a", "an", "the", "whom", "r-", "d-", "and":
				return whole, false
			}
			if strings.HasPrefix(p.doc.Tokens[whole.Last+1].Tag, "NN") {
				return whole, false
			}
		}
	}
	return whole, true
}

var forms = map[anaphorClass][3]string{he: {"he", "him", "his"}, she: {"she", "her", "her"}, they: {"they", "them", "their"}, it: {"it", "it", "its"}}

// form is the pronoun of the class that fits the place, or empty.
func (p *planter) form(class anaphorClass, whole corpus.Range, plural bool) string {
	first := p.doc.Sentences[p.doc.Tokens[whole.First].Sentence].Tokens.First
	after, before := "", ""
	if whole.Last < len(p.doc.Tokens) {
		after = p.doc.Tokens[whole.Last].Tag
		if after == "RB" && whole.Last+1 < len(p.doc.Tokens) {
			after = p.doc.Tokens[whole.Last+1].Tag
		}
	}
	if whole.First > first {
		before = p.doc.Tokens[whole.First-1].Tag
	}
	switch {
	case after == "POS":
		return forms[class][2]
	case after == "VBD" || after == "VBZ" || after == "VBP" || after == "MD":
		if class == they && !plural && after != "MD" && (after != "VBD" || p.lowerText(whole.Last) == "was") {
			return "" // "they has"
		}
		return forms[class][0]
	case class == it && whole.First > first && placing[p.lowerText(whole.First-1)] || after == "TO":
		return "" // "in it"; "the bill to", which is no whole phrase
	case strings.HasPrefix(before, "VB") || before == "IN" || before == "TO":
		return forms[class][1]
	}
	return ""
}

// phrase plans a pronoun for "the attack" behind another one of the noun.
func (p *planter) phrase(i int) {
	noun, plural, ok := p.phraseAt(i)
	if !ok {
		return
	}
	of := "phrase " + noun
	if plural {
		of += " s"
	}
	if i == 0 || p.lowerText(i-1) != "the" || p.chance(i, 4) >= shareOfPhrases {
		p.stay(of, corpus.Range{First: i, Last: i + 1})
		return
	}
	class := it
	switch {
	case plural:
		class = they
	case genderOf(noun) == corpus.Masculine:
		class = he
	case genderOf(noun) == corpus.Feminine:
		class = she
	case isRole(noun) || folk(noun):
		p.stay(of, corpus.Range{First: i, Last: i + 1})
		return
	}
	p.plan(of, corpus.Range{First: i, Last: i + 1}, class, "", plural)
}

var seems = set("seems seemed appears appeared turns turned")

// expletive notes an "it" that refers to nothing: "it is clear that", "it seems".
func (p *planter) expletive(i int) {
	if p.lowerText(i) != "it" || i+4 >= len(p.doc.Tokens) || p.chance(i, 5) >= 70 {
		return
	}
	k := i + 1
	if t := p.doc.Tokens[k].Tag; t == "MD" {
		k++
	}
	sure := false
	switch w := p.lowerText(k); {
	case seems[w]:
		next := p.lowerText(k + 1)
		sure = next == "that" || next == "as" || next == "like" || next == "unlikely" || next == "likely" || next == "out"
	case w == "is" || w == "was" || w == "'s" || w == "’s" || w == "be":
		k++
		for p.doc.Tokens[k].Tag == "RB" && k+2 < len(p.doc.Tokens) {
			k++
		}
		next := p.lowerText(k + 1)
		sure = p.doc.Tokens[k].Tag == "JJ" && (next == "that" || next == "to" || next == "for" || next == "whether" || next == "if" || next == "how" || next == "why")
	}
	if sure {
		p.slots = append(p.slots, slot{tokens: corpus.Range{First: i, Last: i + 1}, whole: corpus.Range{First: i, Last: i + 1}, word: p.lowerText(i), of: ""})
	}
}

// write makes the text with what was planned.
func (p *planter) write() (string, []Planted) {
	order := make([]int, len(p.slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.slots[a].whole.First - p.slots[b].whole.First })
	var b strings.Builder
	at := 0
	moved := make([]corpus.Span, len(p.slots)) // where each slot is in the new text; empty where it is gone
	type edit struct{ old, new corpus.Span }
	var edits []edit
	last := -1 // token behind the last replaced
	replaced := make([]bool, len(p.slots))
	for _, k := range order {
		s := &p.slots[k]
		if s.word == "" || s.whole.First <= last {
			continue
		}
		end := p.doc.Tokens[s.whole.Last-1].End
		if s.whole.Last < len(p.doc.Tokens) && p.doc.Tokens[s.whole.Last].Tag == "POS" && !s.article {
			end = p.doc.Tokens[s.whole.Last].End
		}
		start := p.doc.Tokens[s.whole.First].Start
		b.WriteString(p.doc.Text[at:start])
		word := s.word
		if s.article {
			word = "the " + word
		}
		if p.opensSentence(s.whole.First) {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		from := b.Len()
		b.WriteString(word)
		edits = append(edits, edit{corpus.Span{Start: start, End: end}, corpus.Span{Start: from, End: b.Len()}})
		if s.article {
			from += len("the ")
		}
		moved[k] = corpus.Span{Start: from, End: b.Len()}
		replaced[k] = true
		at, last = end, s.whole.Last
	}
	b.WriteString(p.doc.Text[at:])
	text := b.String()
	next, shift := 0, 0
	for _, k := range order {
		s := &p.slots[k]
		if replaced[k] {
			continue
		}
		span := corpus.Span{Start: p.doc.Tokens[s.tokens.First].Start, End: p.doc.Tokens[s.tokens.Last-1].End}
		for next < len(edits) && edits[next].old.End <= span.Start {
			shift = edits[next].new.End - edits[next].old.End
			next++
		}
		if next < len(edits) && edits[next].old.Start < span.End {
			continue // inside of what was replaced
		}
		moved[k] = corpus.Span{Start: span.Start + shift, End: span.End + shift}
	}
	var out []Planted
	for _, k := range order {
		if !replaced[k] {
			continue
		}
		x := Planted{At: moved[k], Exact: p.slots[k].exact}
		for _, o := range p.of[p.slots[k].of] {
			if p.slots[k].of != "" && moved[o].Len() > 0 && moved[o].Start < x.At.Start {
				x.Of = append(x.Of, moved[o])
			}
		}
		if p.slots[k].of == "" || len(x.Of) > 0 {
			out = append(out, x)
		}
	}
	return text, out
}

// opensSentence reports whether a sentence, or a quotation that is one, begins
// at token i.
func (p *planter) opensSentence(i int) bool {
	first := p.doc.Sentences[p.doc.Tokens[i].Sentence].Tokens.First
	return i == first || i == first+1 && p.doc.Tokens[first].Tag == "``"
}
