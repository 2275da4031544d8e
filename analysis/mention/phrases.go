package mention

import (
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A nominal is a noun phrase whose head is no name that the stage found: "the
// council", "protesters", "her deal with the port", or a place.
type nominal struct {
	tokens   corpus.Range // with article, possessor and "of" phrases
	head     int
	lemma    string
	mods     []string // words between article and head
	plural   bool
	definite bool // "the", "this", a possessor
	open     bool // "a", "some", a number: something new
	proper   bool // its head is a name
	owned    bool // by what a noun or name before it says
	owner    int  // token of the possessive pronoun that begins it, or -1
	animacy  animacy
	gender   corpus.Gender
}

// An animacy says which pronouns can take a noun up.
type animacy uint8

const (
	thing    animacy = iota // it, they
	someone                 // he, she, they
	several                 // people or bodies together: they, it
	occasion                // days, amounts and measures: nothing takes them up
)

// phrases finds the noun phrases of a document in the order of their heads, but
// for those whose head is part of a name.
func phrases(doc *corpus.Document, named []bool) []nominal {
	var out []nominal
	for s := range doc.Sentences {
		if doc.Sentences[s].Kind == corpus.Boilerplate {
			continue
		}
		c := chunker{doc: doc, named: named, last: doc.Sentences[s].Tokens.Last}
		for i := doc.Sentences[s].Tokens.First; i < c.last; {
			i = c.chunk(i)
		}
		c.ofPhrases()
		out = append(out, c.found...)
	}
	return out
}

type chunker struct {
	doc   *corpus.Document
	named []bool // by token
	last  int    // of the sentence
	found []nominal
}

// chunk reads the base noun phrase at token i, with the possessors in it, and
// returns where to go on.
func (c *chunker) chunk(i int) int {
	start, from := i, i // of the whole, and behind the last possessor
	j := i
	for j < c.last {
		switch tag := c.doc.Tokens[j].Tag; {
		case tag == "DT" || tag == "PDT" || tag == "PRP$":
			if j > start && c.doc.Tokens[j-1].Tag != "PDT" {
				c.add(start, from, j)
				return j
			}
		case tag == "POS" && j > from:
			c.add(start, from, j)
			from = j + 1
		case strings.HasPrefix(tag, "NN") || strings.HasPrefix(tag, "JJ") || tag == "CD" || tag == "$" || c.named[j]:
		case j > start && j+1 < c.last && c.carries(j):
		default:
			c.add(start, from, j)
			return max(j, i+1)
		}
		j++
	}
	c.add(start, from, j)
	return max(j, i+1)
}

func (c *chunker) tag(i int, prefix string) bool {
	return strings.HasPrefix(c.doc.Tokens[i].Tag, prefix)
}

// carries reports whether token i, within a phrase, parts no words of it: "the much
// smaller port", "the old, grey port".
func (c *chunker) carries(i int) bool {
	switch {
	case c.tag(i, ","):
		return c.tag(i-1, "JJ") && c.tag(i+1, "JJ")
	case c.tag(i, "VBN"), c.tag(i, "VBG"), c.tag(i, "RB"):
		return c.adjective(i + 1)
	}
	return false
}

// adjective reports whether token i can go on a noun phrase.
func (c *chunker) adjective(i int) bool {
	t := c.doc.Tokens[i].Tag
	return strings.HasPrefix(t, "JJ") || strings.HasPrefix(t, "NN") || t == "VBN"
}

// add notes the phrase over tokens [start, end), whose own words begin at from.
func (c *chunker) add(start, from, end int) {
	head := end - 1
	for head >= from && !strings.HasPrefix(c.doc.Tokens[head].Tag, "NN") {
		head--
	}
	if head < from || c.named[head] || !letters(c.doc.TokenText(head)) {
		return
	}
	tag := c.doc.Tokens[head].Tag
	word := strings.ToLower(c.doc.TokenText(head))
	n := nominal{tokens: corpus.Range{First: start, Last: head + 1}, head: head, owner: -1, owned: from > start, definite: from > start, proper: strings.HasPrefix(tag, "NNP"),
		plural: strings.HasSuffix(tag, "S") || word == "people" || word == "police"}
	n.lemma = singular(word, n.plural)
	if n.plural && irregular[word] != "" {
		n.lemma = irregular[word]
	}
	for i := from; i < head; i++ {
		switch w := strings.ToLower(c.doc.TokenText(i)); c.doc.Tokens[i].Tag {
		case "DT", "PDT":
			n.definite = n.definite || w == "the" || strings.HasPrefix(w, "th")
			n.open = n.open || w == "a" || w == "an" || w == "some" || w == "any" || w == "another" || w == "no" || w == "every" || w == "each"
		case "PRP$":
			n.definite, n.owner = true, i
		case "CD":
			n.open = true
		default:
			n.mods = append(n.mods, w)
		}
	}
	n.open = n.open && !n.definite
	n.animacy, n.gender = animacyOf(&n, word)
	c.found = append(c.found, n)
}

// ofPhrases lengthens phrases by "of" and the phrase behind: "the head of the port".
func (c *chunker) ofPhrases() {
	for k := len(c.found) - 2; k >= 0; k-- {
		n, next := &c.found[k], &c.found[k+1]
		if n.tokens.Last+1 == next.tokens.First && strings.EqualFold(c.doc.TokenText(n.tokens.Last), "of") {
			n.tokens.Last = next.tokens.Last
		}
	}
}

func letters(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

var irregular = map[string]string{"people": "person", "children": "child", "women": "woman", "men": "man", "wives": "wife", "lives": "life", "police": "police"}

func animacyOf(n *nominal, word string) (animacy, corpus.Gender) {
	gender := genderOf(n.lemma)
	switch {
	case occasions[n.lemma]:
		return occasion, gender
	case n.proper && !n.plural && !isRole(word):
		return thing, corpus.GenderUnknown
	case gender != corpus.GenderUnknown || persons[n.lemma] || roleNouns[n.lemma]:
		return someone, gender
	case companies[n.lemma] || bodyNouns[n.lemma]:
		return several, gender
	case !tools[n.lemma] && !notRoles[n.lemma] && !things[n.lemma] && (agent(n.lemma) || folk(n.lemma)) && !abstract(n.lemma):
		return someone, gender
	}
	return thing, gender
}

// persons are nouns for people that no office or trade makes.
var persons = set(`person man woman boy girl child baby infant kid parent teenager adult youth toddler newborn patient voter citizen civilian local relative friend guy
lady gentleman spouse partner couple twin orphan individual human participant consumer user customer employee migrant protester demonstrator troop
soldier militant rebel insurgent terrorist gunman critic ally member foe enemy supporter people passenger pilot`)

// companies are nouns for people and bodies taken together.
var companies = set(`family crowd group team company public community population staff crew band couple class generation firm business bank majority minority jury board
panel club cartel gang tribe nation country city town village school college university hospital church police press media side delegation committee
agency department ministry`)

// tools are nouns with the endings of people that are none.
var tools = set(`computer paper newspaper letter number matter order power water weather disaster disorder danger cancer liver river winter summer center centre
theater theatre chapter character corner counter cover dinner drawer elevator engine error factor favor favour finger flavor floor fever filter
folder fear harbor harbour honor honour horror humor hunger labor labour laser layer leather ladder level manner mirror monitor motor murder offer
odor per pepper poster prayer printer processor quarter rumor rumour saver sector sensor shelter shoulder silver sister spider sugar supper
surrender shower tower tractor trailer transfer tumor vector vapor wonder year color colour behavior behaviour border container router server
reactor generator indicator refrigerator predator bomber freighter helicopter copper timber lumber document statement moment argument agreement
treatment movement department government apartment environment element incident accident event percent extent content talent intent plant restaurant
grant want warrant committee fee coffee degree tree knee guarantee trial list twist mist fist wrist exist other former latter later door calendar
career beer deer gear war tear bear chair hair air pair affair repair stair questionnaire tax`)

// occasions are nouns of time and measure.
var occasions = set(`day week month year hour minute second decade century morning evening night afternoon today yesterday tomorrow weekend monday tuesday wednesday
thursday friday saturday sunday january february march april june july august september october november december time age percent cent mile
kilometer kilometre meter metre pound ton dollar million billion thousand dozen lot bit kind sort way end beginning start moment km kilogram kg
tonne liter litre foot feet inch acre degree h mph barrel point fact case thanks example term front rest part course`)

// equalPhrases reports whether a later phrase can take up an earlier one by its
// noun: nothing is said of it that was not said before.
func equalPhrases(later, earlier *nominal) bool {
	if later.lemma != earlier.lemma || later.plural != earlier.plural || later.open {
		return false
	}
	if later.proper || !later.definite {
		return slices.Equal(later.mods, earlier.mods)
	}
	return !slices.ContainsFunc(later.mods, func(w string) bool { return !slices.Contains(earlier.mods, w) })
}
