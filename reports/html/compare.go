package html

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/standpoint-news/standpoint/reports/table"
)

//go:embed compare.html.tmpl
var compareMarkup string

var comparison = template.Must(template.Must(report.Clone()).New("compare").Parse(compareMarkup))

// A part is one of the two sets of stances that are compared.
type part struct {
	Name    string
	Stances []table.StanceRow // of articles that count
	Targets []table.Target
	names   map[string]string // of speakers, by id
}

// A comparePage is what the template of a comparison shows.
type comparePage struct {
	Style                 template.CSS
	Script                template.JS
	StyleHash, ScriptHash string

	A, B     string
	Counts   []countRow
	Findings []changed
	Targets  []changeRow
	Speakers []changeRow
	Outlets  []changeRow
	Left     string
	Limits   limits
}

type countRow struct{ What, A, B string }

// A changeRow compares one mean in the two parts.
type changeRow struct {
	Name, Target           string
	MeanA, IntervalA       string
	MeanB, IntervalB       string
	Change, ChangeInterval string
	NA, NB                 int
	AbstainedA, AbstainedB string
	Few                    bool
	change, evident        float64
}

type changed struct {
	Name, Target, Verdict, Class, Figures string
}

// WriteComparison compares the runs under two folders and writes
// report/compare.html under the first.
func WriteComparison(dir, other string) error {
	a, err := partOf(other)
	if err != nil {
		return err
	}
	b, err := partOf(dir)
	if err != nil {
		return err
	}
	return writeComparison(dir, a, b)
}

// WritePeriods compares the articles of one run before a day with those from it
// on, and writes report/compare.html. Undated articles are left out.
func WritePeriods(dir string, since time.Time) error {
	whole, err := partOf(dir)
	if err != nil {
		return err
	}
	before, after := whole, whole
	before.Name, after.Name = "before "+day(since), "since "+day(since)
	before.Stances, after.Stances = nil, nil
	for _, s := range whole.Stances {
		switch t := table.Time(s.Published); {
		case t.IsZero():
		case t.Before(since):
			before.Stances = append(before.Stances, s)
		default:
			after.Stances = append(after.Stances, s)
		}
	}
	return writeComparison(dir, before, after)
}

func partOf(dir string) (part, error) {
	p := part{Name: filepath.Base(filepath.Clean(dir)), names: map[string]string{}}
	run, err := table.ReadRun(dir)
	if err != nil {
		return p, err
	}
	p.Targets = run.Targets
	for row, err := range table.Rows[table.StanceRow](dir) {
		if err != nil {
			return p, err
		}
		if !row.Duplicate {
			row.MentionText, row.EvidenceText = "", ""
			p.Stances = append(p.Stances, row)
		}
	}
	for row, err := range table.Rows[table.SpeakerRow](dir) {
		if err != nil {
			return p, err
		}
		p.names[row.ID] = row.Name
	}
	return p, nil
}

func writeComparison(dir string, a, b part) error {
	folder := filepath.Join(dir, "report")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("%s: cannot make the folder: %w", folder, err)
	}
	return writeAside(filepath.Join(folder, "compare.html"), func(w io.Writer) error { return compare(w, a, b) })
}

// compare writes the comparison of b with a.
func compare(w io.Writer, a, b part) error {
	p := comparePage{A: plain(a.Name), B: plain(b.Name), Limits: limits{fewStances, findingStances, findingArticles, resamples, maxCards}}
	p.Style, p.StyleHash = template.CSS(style), cspHash(style)
	p.Script, p.ScriptHash = template.JS(script), cspHash(script)
	targets := map[string]string{}
	for _, of := range []part{a, b} {
		for _, t := range of.Targets {
			targets[t.ID] = orElse(plain(t.Name), plain(t.ID))
		}
	}
	for _, row := range []struct {
		what string
		f    func(part) int
	}{
		{"stances", func(x part) int { return len(x.Stances) }},
		{"of these abstained", func(x part) int {
			return len(filter(x.Stances, func(s *table.StanceRow) bool { return s.Label == "abstain" }))
		}},
		{"articles with a stance", func(x part) int { return distinct(x.Stances, func(s *table.StanceRow) string { return s.ArticleID }) }},
		{"outlets", func(x part) int { return distinct(x.Stances, func(s *table.StanceRow) string { return s.Publisher }) }},
	} {
		p.Counts = append(p.Counts, countRow{row.what, count(row.f(a)), count(row.f(b))})
	}
	rows := func(key func(*table.StanceRow) (string, bool), name func(string) string) []changeRow {
		return changes(a, b, targets, key, name)
	}
	p.Targets = rows(func(*table.StanceRow) (string, bool) { return "", true }, func(string) string { return "all speakers" })
	p.Speakers = rows(func(s *table.StanceRow) (string, bool) { return deref(s.SpeakerID), s.SpeakerID != nil }, func(id string) string {
		return shown(cmp.Or(b.names[id], a.names[id], id))
	})
	p.Outlets = rows(func(s *table.StanceRow) (string, bool) { return s.Publisher, true }, func(name string) string { return orElse(plain(name), "outlet unknown") })
	for _, group := range []struct {
		rows []changeRow
		who  string
	}{{p.Targets, "all speakers together"}, {p.Speakers, ""}} {
		for _, r := range group.rows {
			if r.evident <= 0 || len(p.Findings) == maxFindings {
				continue
			}
			f := changed{Name: orElse(group.who, r.Name), Target: r.Target, Verdict: "more against", Class: "against"}
			if r.change > 0 {
				f.Verdict, f.Class = "more for", "for"
			}
			f.Figures = fmt.Sprintf("%s to %s, a change of %s (95\u00a0%% interval %s); n = %d and %d; %s and %s abstained",
				r.MeanA, r.MeanB, r.Change, r.ChangeInterval, r.NA, r.NB, r.AbstainedA, r.AbstainedB)
			p.Findings = append(p.Findings, f)
		}
	}
	const most = 300
	if left := len(p.Speakers) - most; left > 0 {
		p.Speakers = p.Speakers[:most]
		p.Left = fmt.Sprintf("%s of speaker and target with fewer stances %s left out.", upper(things(left, "pair")), verb(left, "is", "are"))
	}
	p.Outlets = p.Outlets[:min(len(p.Outlets), most)]
	buffered := bufio.NewWriterSize(w, 1<<16)
	if err := comparison.Execute(buffered, p); err != nil {
		return fmt.Errorf("comparison: cannot write: %w", err)
	}
	return buffered.Flush()
}

func filter(stances []table.StanceRow, keep func(*table.StanceRow) bool) []*table.StanceRow {
	var out []*table.StanceRow
	for i := range stances {
		if keep(&stances[i]) {
			out = append(out, &stances[i])
		}
	}
	return out
}

func distinct(stances []table.StanceRow, key func(*table.StanceRow) string) int {
	seen := map[string]bool{}
	for i := range stances {
		seen[key(&stances[i])] = true
	}
	return len(seen)
}

// changes compares the means of all groups by target that both parts hold,
// those with most stances in the smaller part first.
func changes(a, b part, targets map[string]string, key func(*table.StanceRow) (string, bool), name func(string) string) []changeRow {
	type place struct{ key, target string }
	cells := map[place]*[2]tallyOf{}
	var places []place
	for i, of := range []part{a, b} {
		for k := range of.Stances {
			s := &of.Stances[k]
			group, ok := key(s)
			if !ok {
				continue
			}
			at := place{group, s.Target}
			if cells[at] == nil {
				cells[at] = &[2]tallyOf{}
				places = append(places, at)
			}
			cells[at][i].add(s)
		}
	}
	smaller := func(at place) int { return min(cells[at][0].N(), cells[at][1].N()) }
	places = slices.DeleteFunc(places, func(at place) bool { return smaller(at) == 0 })
	slices.SortFunc(places, func(x, y place) int {
		return cmp.Or(cmp.Compare(smaller(y), smaller(x)), cmp.Compare(x.key, y.key), cmp.Compare(x.target, y.target))
	})
	rows := make([]changeRow, len(places))
	for i, at := range places {
		x, y := &cells[at][0], &cells[at][1]
		r := changeRow{Name: name(at.key), Target: orElse(targets[at.target], plain(at.target)), NA: x.N(), NB: y.N(), MeanA: signed(x.Mean()), MeanB: signed(y.Mean()),
			IntervalA: "–", IntervalB: "–", ChangeInterval: "–", AbstainedA: share(x.Abstain, x.All()), AbstainedB: share(y.Abstain, y.All()), Few: smaller(at) < fewStances}
		r.change = y.Mean() - x.Mean()
		r.Change = signed(r.change)
		if low, high, ok := x.interval(); ok {
			r.IntervalA = interval(low, high)
		}
		if low, high, ok := y.interval(); ok {
			r.IntervalB = interval(low, high)
		}
		if low, high, ok := differ(x, y); ok && !r.Few {
			r.ChangeInterval = interval(low, high)
			if smaller(at) >= findingStances && min(x.Articles(), y.Articles()) >= findingArticles {
				r.evident = max(low, -high) // above 0 where the interval excludes it
			}
		}
		rows[i] = r
	}
	return rows
}

// differ is the 95 % percentile interval of the difference of two means, drawn
// over the articles of each on its own (Efron & Tibshirani 1993, chapter 8).
func differ(x, y *tallyOf) (low, high float64, ok bool) {
	if len(x.sum) < 2 || len(y.sum) < 2 {
		return 0, 0, false
	}
	random := rand.New(rand.NewPCG(uint64(len(x.sum)), uint64(len(y.sum))))
	mean := func(t *tallyOf) float64 {
		var sum, n float64
		for range t.sum {
			i := random.IntN(len(t.sum))
			sum += t.sum[i]
			n += t.labelled[i]
		}
		return sum / n
	}
	drawn := make([]float64, resamples)
	for i := range drawn {
		before := mean(x)
		drawn[i] = mean(y) - before
	}
	sort.Float64s(drawn)
	low, high = stat.Quantile(0.025, stat.LinInterp, drawn, nil), stat.Quantile(0.975, stat.LinInterp, drawn, nil)
	return low, high, !math.IsNaN(low)
}
