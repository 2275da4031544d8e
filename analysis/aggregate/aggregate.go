// Package aggregate adds up the stances of a run: cells of speaker by target by
// month with counts, mean and interval, and the speakers themselves.
//
// It works on its own small types, one Article at a time, needs no layer of a
// document and adds none. An Accumulator holds a few numbers for each article
// of a cell and no text. Scores are summed as whole billionths, which makes
// sums exact: articles in any order, and any tree of merges, give the same
// bytes.
package aggregate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
)

// The periods that are no month.
const (
	All     = "all"     // the whole run
	Undated = "undated" // articles without a date of publication
)

// An Article is what one article adds to the totals.
type Article struct {
	ID         string    // unique in the run
	Published  time.Time // zero where unknown
	Statements []Statement
}

// A Statement is one statement of an article.
type Statement struct {
	Speaker Speaker // ID is empty where the tool abstained on the speaker
	Stances []Stance
}

// A Stance is the side that a statement takes toward a target.
type Stance struct {
	Target string
	Score  float64 // -1…1
	Label  corpus.StanceLabel
}

// A Cell is the total of one speaker's stances toward one target in one period.
type Cell struct {
	Speaker Speaker // ID is empty for the stances whose speaker is unknown
	Target  string
	Period  string    // "2018-04", Undated or All
	Start   time.Time // of the month, UTC; zero for Undated and All

	Articles, Statements           int // with a stance in the cell
	For, Against, Neither, Abstain int // stances by label

	Mean           float64 // of the scores of stances that do not abstain; NaN without any
	Low, High      float64 // 95 % interval of Mean; NaN below two articles that do not abstain
	ShareAbstained float64 // 0…1
}

// An Accumulator adds up articles. The zero value is empty and ready.
type Accumulator struct {
	cells    map[key]*cell
	speakers map[string]*speaker
}

type key struct{ speaker, target, period string }

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.speaker, b.speaker), cmp.Compare(a.target, b.target), cmp.Compare(a.period, b.period))
}

type cell struct {
	articles, statements int
	labels               [4]int    // by corpus.StanceLabel
	clusters             []cluster // articles with a stance that does not abstain
}

// A cluster is what one article adds to a cell's mean.
type cluster struct {
	article string
	sum     int64 // of scores, in billionths
	n       int64 // stances summed
}

const billionth = 1e-9

// Add adds one article. Every article is added once, to one accumulator. An
// article with a score outside of -1…1 adds nothing and returns an error.
func (a *Accumulator) Add(article *Article) error {
	for _, st := range article.Statements {
		for _, s := range st.Stances {
			if !(math.Abs(s.Score) <= 1) || int(s.Label) >= len(cell{}.labels) {
				return fmt.Errorf("aggregate: article %q: a stance toward %q has the score %v and label %d: want -1…1 and a known label",
					article.ID, s.Target, s.Score, s.Label)
			}
		}
	}
	if a.cells == nil {
		a.cells, a.speakers = make(map[key]*cell), make(map[string]*speaker)
	}
	a.addSpeakers(article)
	for _, period := range []string{All, month(article.Published)} {
		touched := make(map[key]*cluster)
		for _, st := range article.Statements {
			seen := make(map[key]bool, 1)
			for _, s := range st.Stances {
				k := key{st.Speaker.ID, s.Target, period}
				c, cl := a.cells[k], touched[k]
				if c == nil {
					c = &cell{}
					a.cells[k] = c
				}
				if cl == nil {
					cl = &cluster{article: article.ID}
					touched[k] = cl
					c.articles++
				}
				if !seen[k] {
					seen[k] = true
					c.statements++
				}
				c.labels[s.Label]++
				if s.Label != corpus.Abstain {
					cl.sum += int64(math.Round(s.Score / billionth))
					cl.n++
				}
			}
		}
		for k, cl := range touched {
			if cl.n > 0 {
				a.cells[k].clusters = append(a.cells[k].clusters, *cl)
			}
		}
	}
	return nil
}

// Merge adds everything that b holds, which must be other articles, to a. It
// leaves b as it is.
func (a *Accumulator) Merge(b *Accumulator) {
	if a.cells == nil {
		a.cells, a.speakers = make(map[key]*cell), make(map[string]*speaker)
	}
	for k, from := range b.cells {
		to := a.cells[k]
		if to == nil {
			to = &cell{}
			a.cells[k] = to
		}
		to.articles += from.articles
		to.statements += from.statements
		for i, n := range from.labels {
			to.labels[i] += n
		}
		to.clusters = append(to.clusters, from.clusters...)
	}
	for id, from := range b.speakers {
		a.speaker(id).merge(from)
	}
}

// Cells returns the totals, ordered by speaker, target and period.
func (a *Accumulator) Cells() []Cell {
	keys := slices.SortedFunc(maps.Keys(a.cells), compareKeys)
	out := make([]Cell, len(keys))
	names := make(map[string]Speaker, len(a.speakers))
	for id, s := range a.speakers {
		names[id] = s.profile.Best(id)
	}
	for i, k := range keys {
		c := a.cells[k]
		slices.SortFunc(c.clusters, func(x, y cluster) int { return cmp.Compare(x.article, y.article) })
		row := Cell{
			Speaker: names[k.speaker], Target: k.target, Period: k.period,
			Articles: c.articles, Statements: c.statements,
			For: c.labels[corpus.For], Against: c.labels[corpus.Against],
			Neither: c.labels[corpus.Neither], Abstain: c.labels[corpus.Abstain],
			Mean: mean(c.clusters),
		}
		row.Start, _ = time.Parse("2006-01", k.period) // zero where the period is no month
		row.Low, row.High = interval(k, c.clusters)
		row.ShareAbstained = float64(row.Abstain) / float64(row.For+row.Against+row.Neither+row.Abstain)
		out[i] = row
	}
	return out
}

// month is the period of a time of publication.
func month(t time.Time) string {
	if t.IsZero() {
		return Undated
	}
	return t.UTC().Format("2006-01")
}

func mean(clusters []cluster) float64 {
	var sum, n int64
	for _, c := range clusters {
		sum += c.sum
		n += c.n
	}
	if n == 0 {
		return math.NaN()
	}
	return float64(sum) * billionth / float64(n)
}
