package html

import (
	"fmt"
	"strings"
	"time"

	"github.com/standpoint-news/standpoint/reports/table"
)

// Articles is what a report says of all articles, and shows of those that have
// statements: memory holds nothing of another. The zero value is of no article.
type Articles struct {
	all    int
	groups map[articleGroup]*articleCount
	notes  map[string]int // why articles have no date
	shown  map[string]shownArticle
	copies map[string]int // of the article

	first, last time.Time // of publication; zero where no article has a date
}

type articleGroup struct {
	publisher string
	month     int // 12 years are 144; 0 for undated
}

// name is the month as "2006-01", empty for undated.
func (g articleGroup) name() string {
	if g.month == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", g.month/12, g.month%12+1)
}

type articleCount struct{ articles, relevant, copies int }

type shownArticle struct{ title, url string }

// Add counts an article.
func (x *Articles) Add(a *table.ArticleRow) {
	if x.all == 0 {
		x.groups, x.notes = make(map[articleGroup]*articleCount), make(map[string]int)
		x.shown, x.copies = make(map[string]shownArticle), make(map[string]int)
	}
	x.all++
	group := articleGroup{publisher: a.Publisher}
	if a.Published == nil {
		x.notes[a.PublishedNote]++
	} else {
		t := table.Time(a.Published)
		x.meet(t)
		group.month = 12*t.Year() + int(t.Month()) - 1
	}
	n := x.groups[group]
	if n == nil {
		group.publisher = strings.Clone(group.publisher)
		n = &articleCount{}
		x.groups[group] = n
	}
	n.articles++
	switch {
	case a.DuplicateOf != nil:
		n.copies++
		x.copies[*a.DuplicateOf]++
	case a.Relevant:
		n.relevant++
	}
	if a.Statements > 0 {
		x.shown[a.ID] = shownArticle{a.Title, a.URL}
	}
}

// meet widens the time of publication.
func (x *Articles) meet(t time.Time) {
	if x.first.IsZero() || t.Before(x.first) {
		x.first = t
	}
	if t.After(x.last) {
		x.last = t
	}
}

// counts adds up all groups.
func (x *Articles) counts() (sum articleCount) {
	for _, n := range x.groups {
		sum.articles += n.articles
		sum.relevant += n.relevant
		sum.copies += n.copies
	}
	return sum
}

// outlets is how many outlets the articles are of.
func (x *Articles) outlets() int {
	seen := map[string]bool{}
	for group := range x.groups {
		if group.publisher != "" {
			seen[group.publisher] = true
		}
	}
	return len(seen)
}

// undated is how many articles have no date.
func (x *Articles) undated() (n int) {
	for _, m := range x.notes {
		n += m
	}
	return n
}
