package mention

import (
	"errors"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/corpus"
)

// A Meant pronoun is one of which coders say what it refers to.
type Meant struct {
	corpus.Span
	Names []string // any of them
}

// linkRounds is how often the linker is fitted: in the first, pronouns that
// nobody coded are tied to nothing; then as the fit before has it.
const linkRounds = 3

// trainLinker fits the linker's ranker on the pronouns of which coders say
// what they refer to, where that was named before. The scores are those of held-out
// folds, whose models come first.
func trainLinker(c *Catalogue, articles []CodedArticle, s Settings) (folds []*linear.Model, fitted *linear.Model, scores []Score, err error) {
	var lessons []lesson
	for range linkRounds {
		lessons = nil
		for i, a := range articles {
			lessons = append(lessons, learnLinks(c, i, a, fitted)...)
		}
		if len(lessons) == 0 {
			return nil, nil, nil, errors.New("the coded articles hold no pronoun whose antecedent was coded")
		}
		if fitted, err = fitRanker(lessons, -1, s); err != nil {
			return nil, nil, nil, err
		}
	}
	folds, held, err := fitFolds(lessons, s)
	if err != nil {
		return nil, nil, nil, err
	}
	return folds, fitted, linkScores(lessons, held), nil
}

// linkScores counts the lessons whose likeliest rival is right.
func linkScores(lessons []lesson, held [][]float64) []Score {
	var out []Score
	for class := he; class <= it; class++ {
		s := Score{Class: classNames[class]}
		for i, l := range lessons {
			if l.class != class || l.silver {
				continue
			}
			s.Anaphors++
			s.Reach++
			best := 0
			for k, x := range held[i] {
				if x > held[i][best] {
					best = k
				}
			}
			if l.right[best] {
				s.Right++
			}
		}
		if s.Anaphors > 0 {
			out = append(out, s)
		}
	}
	return out
}

// learnLinks links the references of an article with the coders' answers in the
// place of the ranker's.
func learnLinks(c *Catalogue, article int, a CodedArticle, fitted *linear.Model) []lesson {
	doc := a.copied()
	for i := range doc.Statements {
		doc.Statements[i].Speaker = -1
	}
	r := newResolver(c, doc)
	r.linker = fitted
	chains := newChainer(r)
	var out []lesson
	add := func(i int, rivals []antecedent, natured bool, right func(*chain) bool) int {
		l := lesson{article: article, class: chains.refs[i].class, silver: !natured}
		answer := -1
		for n := range rivals {
			var v linear.Vector
			chains.linkFeatures(i, &rivals[n], natured, &v)
			yes := right(&chains.chains[rivals[n].chain])
			if yes && answer < 0 {
				answer = rivals[n].chain
			}
			l.rivals, l.right = append(l.rivals, v), append(l.right, yes)
		}
		if answer >= 0 {
			out = append(out, l)
		}
		return answer
	}
	chains.lesson = func(i int, rivals []antecedent) int {
		f := &chains.refs[i]
		if k := slices.IndexFunc(a.Meant, func(m Meant) bool { return m.Overlaps(doc.SpanOf(f.heads)) }); k >= 0 {
			return add(i, rivals, true, func(ch *chain) bool { return chains.called(ch, a.Meant[k].Names) })
		}
		if only, among := chains.onlyOne(i, rivals); only >= 0 {
			return add(i, among, false, func(ch *chain) bool { return ch == &chains.chains[only] })
		}
		return -1
	}
	chains.link(len(doc.Tokens))
	return out
}

// onlyOne returns the one chain that a pronoun can take up, where its gender or
// number shuts out all others nearby, and those among them: where that one
// stands teaches where antecedents stand. It returns -1 elsewhere.
func (c *chainer) onlyOne(i int, rivals []antecedent) (only int, among []antecedent) {
	f := &c.refs[i]
	fitting := slices.DeleteFunc(slices.Clone(rivals), func(a antecedent) bool { return !c.near(i, a) })
	if len(fitting) != 1 {
		return -1, nil
	}
	right := &c.chains[fitting[0].chain]
	if f.class <= she && right.gender == corpus.GenderUnknown {
		return -1, nil
	}
	among = c.rivalsOf(i, func(ch *chain) bool {
		if f.class <= she {
			return ch == right || fitsPronoun(ch, he+she-f.class)
		}
		return ch == right || fitsPronoun(ch, they+it-f.class)
	})
	among = slices.DeleteFunc(among, func(a antecedent) bool { return !c.near(i, a) })
	if len(among) < 2 {
		return -1, nil
	}
	return fitting[0].chain, among
}

// near reports whether a chain was mentioned in the sentence of a reference or the
// two before.
func (c *chainer) near(i int, a antecedent) bool {
	return c.refs[i].sentence-c.refs[a.last].sentence <= 2
}

// called reports whether one of the names is one of the chain's.
func (c *chainer) called(ch *chain, names []string) bool {
	for _, name := range names {
		if ch.entity >= 0 && c.means(ch.entity, name) {
			return true
		}
		words := strings.Fields(strings.ToLower(name))
		if len(words) == 0 || ch.nominal < 0 {
			continue
		}
		n := &c.nominals[ch.nominal]
		last := words[len(words)-1]
		if last != n.lemma && singular(last, true) != n.lemma {
			continue
		}
		if !slices.ContainsFunc(n.mods, func(w string) bool { return !slices.Contains(words, w) }) {
			return true
		}
	}
	return false
}
