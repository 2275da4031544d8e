package mention

import (
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// roles notes what stands beside the names of people and says what they are:
// "Valdorian foreign minister Agnes Roth", "Agnes Roth, chair of the council,",
// "The ministry's spokeswoman, Ada Lindt,", "Agnes Roth is the chair of it".
// The phrases join Entity.Titles in lower case, without articles.
func (f *finder) roles() {
	for k, n := range f.found {
		m := &f.doc.Mentions[k] // clusters lay one mention for each found name, in order
		e := &f.doc.Entities[m.Entity]
		if e.Type != corpus.Person {
			continue
		}
		note := func(words []string) {
			if len(words) == 0 {
				return
			}
			role := strings.Join(words, " ")
			if !slices.Contains(e.Titles, role) {
				e.Titles = append(e.Titles, role)
			}
			if e.Gender == corpus.GenderUnknown {
				e.Gender = genderOf(headOf(words))
			}
		}
		s := f.doc.Sentences[f.doc.Tokens[n.tokens.First].Sentence].Tokens
		before := f.roleBefore(n.tokens.First, s.First)
		note(before)
		if len(before) == 0 {
			note(f.roleAcrossComma(n.tokens, s))
		}
		note(f.roleAfter(n.tokens.Last, s.Last))
	}
}

const longestRole = 14 // tokens

// roleBefore reads the noun phrase that runs up to the name at token i.
func (f *finder) roleBefore(i, first int) []string {
	k := i
	for k > first && i-k < 7 {
		t := f.doc.Tokens[k-1].Tag
		w := strings.ToLower(f.text(k - 1))
		if w == "of" && k-2 >= first && f.titleLength(k-2, i) >= 3 {
			k -= 2
			continue
		}
		if !strings.HasPrefix(t, "NN") && t != "JJ" && t != "POS" || w == "%" {
			break
		}
		k--
	}
	words := f.lowered(k, i)
	if len(words) == 0 || !isRole(words[len(words)-1]) {
		return nil
	}
	return words
}

// roleAfter reads an apposition or a predicate behind the name that ends at
// token i.
func (f *finder) roleAfter(i, last int) []string {
	if i+1 >= last {
		return nil
	}
	switch strings.ToLower(f.text(i)) {
	case ",", "-", "–", "—", "--", "(":
		i++
	case "is", "was":
		i++
		if t := f.doc.Tokens[i].Tag; t != "DT" && t != "PRP$" {
			return nil
		}
	default:
		return nil
	}
	end := i
	for end < last && end-i < longestRole {
		t := f.doc.Tokens[end].Tag
		if w := strings.ToLower(f.text(end)); w == "," || w == "who" || w == "which" || w == "and" && end == i || strings.ContainsAny(w, "()–—.\"“”;:") && len(w) <= 3 {
			break
		}
		if t == "VBD" || t == "VBZ" || t == "VBP" || t == "MD" || t == "PRP" || t == "WRB" {
			break
		}
		end++
	}
	return f.role(i, end)
}

// roleAcrossComma reads a description that a comma parts from the name behind
// it; the name must be parted off again, or be followed by a verb.
func (f *finder) roleAcrossComma(name, sentence corpus.Range) []string {
	i := name.First - 1
	if i-1 < sentence.First || f.text(i) != "," || name.Last >= sentence.Last {
		return nil
	}
	if after := f.doc.Tokens[name.Last].Tag; f.text(name.Last) != "," && !strings.HasPrefix(after, "VB") {
		return nil
	}
	k := i
	for k > sentence.First && i-k < longestRole {
		t := f.doc.Tokens[k-1].Tag
		if !strings.HasPrefix(t, "NN") && t != "JJ" && t != "POS" && t != "IN" && t != "DT" && t != "PRP$" && t != "TO" && t != "CD" {
			break
		}
		k--
	}
	for k < i { // the phrase begins with an article, a possessive, or the sentence
		t := f.doc.Tokens[k].Tag
		if t == "DT" || t == "PRP$" || k == sentence.First || k+1 < i && f.doc.Tokens[k+1].Tag == "POS" {
			break
		}
		k++
	}
	return f.role(k, i)
}

// role returns the lower-case words of tokens [i, j) if they describe a person.
func (f *finder) role(i, j int) []string {
	for i < j && (f.doc.Tokens[i].Tag == "DT" || f.doc.Tokens[i].Tag == "RB") {
		i++
	}
	words := f.lowered(i, j)
	if len(words) == 0 || !isRole(headOf(words)) {
		return nil
	}
	return words
}

func (f *finder) lowered(i, j int) []string {
	var words []string
	for ; i < j; i++ {
		if w := strings.ToLower(f.text(i)); w != "'s" && w != "’s" && w != "'" && w != "’" {
			words = append(words, w)
		}
	}
	return words
}

// headOf is the head noun of a noun phrase: the word before its first
// preposition, or its last.
func headOf(words []string) string {
	for i, w := range words {
		if i > 0 && headEnds[w] {
			return words[i-1]
		}
	}
	return words[len(words)-1]
}

// isRole reports whether a noun describes a person.
func isRole(noun string) bool { return roleNouns[noun] || !notRoles[noun] && agent(noun) }

var notRoles = set(`paper water power october september november december december. order border number summer winter matter letter
member's centre center other another corner december quarter weather another moment december front war tour hour vector sector
december latter former`)

// roleNouns describe people; more are told by their endings.
var roleNouns = set(`president premier chancellor king queen prince princess emir sheikh pope minister secretary general senator congressman
congresswoman representative sen. rep. gov. gen. speaker leader governor mayor admiral colonel captain major commander chief director chairman chairwoman
chair spokesman spokeswoman spokesperson judge justice dr. doctor ayatollah archbishop bishop analyst expert activist lawyer candidate
nominee dictator strongman commissioner marshal diplomat deputy aide delegate envoy ambassador adviser advisor head ceo founder co-founder
chairperson executive official strategist pollster scholar fellow economist scientist journalist correspondent columnist anchor host
mother father wife husband son daughter brother sister widow attorney prosecutor detective sheriff officer democrat republican conservative
liberal libertarian veteran author actor actress singer star billionaire mogul businessman businesswoman entrepreneur boss tsar czar counsel
president-elect lawmaker legislator critic advocate opponent ally rival colleague friend pastor rabbi imam priest nun monk guest intern student
resident neighbor neighbour teacher professor nurse physician surgeon historian psychologist sociologist hawk whistleblower dissident refugee
fighter rebel cleric patriarch chief-of-staff coach player athlete victim survivor witness hostage suspect cousin nephew uncle aunt
grandson granddaughter grandmother grandfather mayor-elect councilman councilwoman comptroller treasurer trustee superintendent principal dean provost`)

func agent(noun string) bool {
	noun = strings.TrimSuffix(noun, "s")
	for _, ending := range []string{"er", "or", "ist", "ian", "cian", "man", "woman", "yst", "crat", "eer"} {
		if len(noun) > len(ending)+2 && strings.HasSuffix(noun, ending) {
			return true
		}
	}
	return false
}

var feminineNouns = set(`mother wife daughter sister widow actress queen princess spokeswoman congresswoman chairwoman businesswoman councilwoman aunt granddaughter
grandmother nun duchess woman girl girlfriend niece stepmother heroine`)

var masculineNouns = set(`father husband son brother king prince emir sheikh pope ayatollah spokesman congressman chairman businessman councilman uncle nephew
grandson grandfather duke man boy boyfriend stepfather monk imam priest patriarch strongman`)

func genderOf(noun string) corpus.Gender {
	switch {
	case feminineNouns[noun]:
		return corpus.Feminine
	case masculineNouns[noun]:
		return corpus.Masculine
	}
	return corpus.GenderUnknown
}
