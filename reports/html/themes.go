package html

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/james-bowman/nlp"
	"github.com/james-bowman/sparse"

	"github.com/standpoint-news/standpoint/reports/table"
)

const (
	themeTerms      = 8 // shown for each side
	themeStatements = 5 // on each side, below which there is too little to say
	themeArticles   = 2 // that must hold a word
)

// A theme is the words that tell the two sides of one target apart.
type theme struct {
	Target       string
	For, Against themeSide
	TooFew       string
}

type themeSide struct {
	Label, Other string
	Statements   int
	Terms        []term
}

// A term is a word with the number of statements of each side that hold it.
type term struct {
	Word        string
	Here, There int
	Class       string // w0…w20: length of the bar
	weight      float64
}

// words of no theme: function words and the vocabulary of reporting.
var stopWords = strings.Fields(`
a about above after again against all almost along already also although always am among an and another any anyone
anything are aren around as at away back be because become been before being below between both but by came can cannot
come could couldn day days did didn do does doesn doing don done down during each either else enough even ever every
everything few first for from full further gave get give given go going gone good got great had hadn has hasn have haven
having he her here hers herself him himself his how however i if in indeed into is isn it its itself just keep kept know
last later least less let like long made make many may maybe me might mine more most mr mrs ms much must mustn my myself
near need never new next no nobody none nor not nothing now of off often on once one only onto or other others our ours
ourselves out over own part people perhaps put quite rather really right said same saw say saying says see seem seen set
shall she should shouldn show since so some someone something soon still such take taken tell than that the their theirs
them themselves then there these they thing things think this those though through thus time to today together told
tomorrow too took toward towards two under until up upon us use used very was wasn way we week well went were weren what
whatever when where whether which while who whom whose why will with within without won work would wouldn yes yesterday
yet you your yours yourself
added announced asked called claimed declared denied insisted reported reporters spoke statement stated talked warned
ll re ve
monday tuesday wednesday thursday friday saturday sunday`)

// A wordTokeniser yields lower-case words of three letters or more that are no stop words.
func wordTokeniser() nlp.Tokeniser {
	stop := make(map[string]bool, len(stopWords))
	for _, w := range stopWords {
		stop[w] = true
	}
	return &nlp.RegExpTokeniser{RegExp: regexp.MustCompile(`\p{L}{3,}`), StopWords: stop}
}

// themes finds the words whose mean tf-idf weight differs most between the
// statements for a target and those against it, among the words that at least
// two articles use. The words that name the target itself are left out.
func themes(targets []table.Target, stances []table.StanceRow, statements map[string]*table.StatementRow) ([]theme, error) {
	out := make([]theme, len(targets))
	for i, target := range targets {
		t, err := themeOf(target, stances, statements)
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

func themeOf(target table.Target, stances []table.StanceRow, statements map[string]*table.StatementRow) (theme, error) {
	out := theme{Target: target.Name, For: themeSide{Label: "for", Other: "against"}, Against: themeSide{Label: "against", Other: "for"}}
	tokeniser := wordTokeniser()
	named := map[string]bool{}
	var texts, articles []string
	var isFor []bool
	for i := range stances {
		s := &stances[i]
		if s.Target != target.ID {
			continue
		}
		for _, w := range tokeniser.Tokenise(s.MentionText) {
			named[w] = true
		}
		statement := statements[s.StatementID]
		if statement == nil || (s.Label != "for" && s.Label != "against") {
			continue
		}
		texts = append(texts, statement.ContentText)
		articles = append(articles, s.ArticleID)
		isFor = append(isFor, s.Label == "for")
		if s.Label == "for" {
			out.For.Statements++
		} else {
			out.Against.Statements++
		}
	}
	if out.For.Statements < themeStatements || out.Against.Statements < themeStatements {
		out.TooFew = fmt.Sprintf("Too few to say: %s for, %s against; at least %d on each side are needed.",
			things(out.For.Statements, "statement"), count(out.Against.Statements), themeStatements)
		return out, nil
	}
	vectoriser := nlp.NewCountVectoriser()
	vectoriser.Tokeniser = tokeniser
	counts, err := vectoriser.FitTransform(texts...)
	if err != nil {
		return out, fmt.Errorf("themes of %s: cannot count words: %w", target.ID, err)
	}
	words := make([]string, len(vectoriser.Vocabulary))
	for w, i := range vectoriser.Vocabulary {
		words[i] = w
	}
	if len(words) == 0 {
		out.TooFew = "Too few to say: the statements hold no words of their own."
		return out, nil
	}
	weighted, err := nlp.NewTfidfTransformer().FitTransform(counts)
	if err != nil {
		return out, fmt.Errorf("themes of %s: cannot weigh words: %w", target.ID, err)
	}
	type entry struct {
		word, text int
		weight     float64
	}
	var entries []entry
	weighted.(sparse.Sparser).DoNonZero(func(i, j int, v float64) { entries = append(entries, entry{i, j, v}) })
	// The matrix comes out of a map; sums need a fixed order.
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.text, b.text))
	})
	var forTerms, againstTerms []term
	for len(entries) > 0 {
		word := entries[0].word
		end := 0
		var sumFor, sumAgainst float64
		var nFor, nAgainst int
		in := map[string]bool{}
		for end < len(entries) && entries[end].word == word {
			e := entries[end]
			in[articles[e.text]] = true
			if isFor[e.text] {
				nFor++
				sumFor += e.weight
			} else {
				nAgainst++
				sumAgainst += e.weight
			}
			end++
		}
		entries = entries[end:]
		if len(in) < themeArticles || named[words[word]] {
			continue
		}
		weight := sumFor/float64(out.For.Statements) - sumAgainst/float64(out.Against.Statements)
		switch {
		case weight > 0:
			forTerms = append(forTerms, term{Word: words[word], Here: nFor, There: nAgainst, weight: weight})
		case weight < 0:
			againstTerms = append(againstTerms, term{Word: words[word], Here: nAgainst, There: nFor, weight: -weight})
		}
	}
	out.For.Terms, out.Against.Terms = strongest(forTerms), strongest(againstTerms)
	return out, nil
}

func strongest(terms []term) []term {
	slices.SortFunc(terms, func(a, b term) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.Word, b.Word))
	})
	terms = terms[:min(len(terms), themeTerms)]
	for i := range terms {
		terms[i].Class = barClass(terms[i].weight / terms[0].weight)
	}
	return terms
}

// barClass is the class of a bar whose length is a share of the whole, in
// steps of a twentieth: the report's policy allows no inline style.
func barClass(share float64) string {
	return fmt.Sprintf("w%d", int(min(max(share, 0), 1)*20+0.5))
}
