package eval

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

// AttributionReport scores who said what (PolNeAR): one score for all
// attributions, one for those whose content holds a quotation mark, and one
// for each form of content.
type AttributionReport struct {
	Documents int                `json:"documents"`
	Scores    []AttributionScore `json:"scores"`
	Groups    []AttributionScore `json:"groups"` // all attributions of the articles of one publisher, or of one length
}

// An AttributionScore is of the attributions, gold and predicted, of one
// slice: all; quoted; or by form: direct (all words within quotation marks),
// mixed, indirect (no quotation mark).
type AttributionScore struct {
	Slice       string   `json:"slice"`
	Gold        int      `json:"gold"`
	Predicted   int      `json:"predicted"`
	Characters  PRF      `json:"content_chars"` // content as a set of characters
	Content     PRF      `json:"content_iou50"` // one to one, intersection over union of 0.5 or more
	Exact       PRF      `json:"content_exact"` // the same but for outer punctuation
	WhoSaidWhat PRF      `json:"who_said_what"` // Content, and sources that overlap or are both missing
	SourceRight int      `json:"source_right"`  // matched contents whose sources overlap
	SourceOf    int      `json:"source_of"`     // matched contents whose gold has a source
	Source      Estimate `json:"source_given_content"`
}

// Attribution scores predictions. Offsets must lie within the gold's texts.
// Where an id stands twice, the last row counts, as in the reference scorer.
func Attribution(rows []gold.AttributionRow, predictions []gold.AttributionPrediction, o Options) (*AttributionReport, error) {
	at := map[string]int{}
	var docs []gold.AttributionRow
	for _, r := range rows {
		if i, ok := at[r.ID]; ok {
			docs[i] = r
			continue
		}
		at[r.ID] = len(docs)
		docs = append(docs, r)
	}
	predicted := make([]gold.AttributionPrediction, len(docs))
	for _, p := range predictions {
		i, ok := at[p.ID]
		if !ok {
			continue
		}
		if err := p.CheckSpans(docs[i].Text); err != nil {
			return nil, err
		}
		predicted[i] = p
	}
	report := &AttributionReport{Documents: len(docs)}
	slicesOf := []struct {
		name string
		keep func(form string) bool
	}{
		{"all", func(string) bool { return true }},
		{"quoted", func(f string) bool { return f != formIndirect }},
		{formDirect, func(f string) bool { return f == formDirect }},
		{formMixed, func(f string) bool { return f == formMixed }},
		{formIndirect, func(f string) bool { return f == formIndirect }},
	}
	units := make([][][]int, len(slicesOf))
	for i := range docs {
		text := []rune(docs[i].Text)
		g, p := views(text, docs[i].Attributions), views(text, predicted[i].Attributions)
		for k, s := range slicesOf {
			units[k] = append(units[k], compare(filter(g, s.keep), filter(p, s.keep)))
		}
	}
	for k, s := range slicesOf {
		report.Scores = append(report.Scores, score(s.name, units[k], o))
	}
	groups := map[string][][]int{}
	for i, d := range docs {
		for _, name := range []string{"publisher: " + d.Publisher, "length: " + lengthOf(d.Text)} {
			groups[name] = append(groups[name], units[0][i])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		report.Groups = append(report.Groups, score(name, groups[name], o))
	}
	return report, nil
}

func score(name string, units [][]int, o Options) AttributionScore {
	e := estimate(units, []metric{func(c []int) float64 { return ratio(c[sourceRight], c[sourceOf]) }}, o)
	return AttributionScore{
		Slice: name, Gold: total(units, nGold), Predicted: total(units, nPredicted),
		Characters:  prf(units, charsBoth, charsPredicted, charsGold, o),
		Content:     prf(units, matched, nPredicted, nGold, o),
		Exact:       prf(units, exact, nPredicted, nGold, o),
		WhoSaidWhat: prf(units, who, nPredicted, nGold, o),
		SourceRight: total(units, sourceRight), SourceOf: total(units, sourceOf), Source: e[0],
	}
}

// lengthOf says how long an article is.
func lengthOf(text string) string {
	switch n := len(strings.Fields(text)); {
	case n < 400:
		return "under 400 words"
	case n < 1000:
		return "400 to 999 words"
	}
	return "over 1000 words"
}

// Places of the counts of one article.
const (
	nGold = iota
	nPredicted
	matched
	exact
	who
	sourceRight
	sourceOf
	charsBoth
	charsPredicted
	charsGold
	attributionCounts
)

// The forms of content.
const (
	formDirect   = "direct"
	formMixed    = "mixed"
	formIndirect = "indirect"
)

// A view is an attribution as sets of characters.
type view struct {
	content runs
	source  runs
	form    string
}

func views(text []rune, list []gold.Attribution) []view {
	var out []view
	for _, a := range list {
		if len(a.Content) > 0 {
			out = append(out, view{union(trim(text, a.Content)), union(a.Source), form(text, a.Content)})
		}
	}
	return out
}

func filter(list []view, keep func(string) bool) []view {
	var out []view
	for _, v := range list {
		if keep(v.form) {
			out = append(out, v)
		}
	}
	return out
}

// compare counts one article.
func compare(g, p []view) []int {
	c := make([]int, attributionCounts)
	c[nGold], c[nPredicted] = len(g), len(p)
	var allGold, allPredicted []runs
	for _, v := range g {
		allGold = append(allGold, v.content)
	}
	for _, v := range p {
		allPredicted = append(allPredicted, v.content)
	}
	ag, ap := union(gold.Spans(slices.Concat(allGold...))), union(gold.Spans(slices.Concat(allPredicted...)))
	c[charsBoth], c[charsPredicted], c[charsGold] = ag.overlap(ap), ap.size(), ag.size()

	type pair struct {
		iou  float64
		i, j int
	}
	var pairs []pair
	for i, a := range g {
		for j, b := range p {
			if both := a.content.overlap(b.content); both > 0 {
				pairs = append(pairs, pair{float64(both) / float64(a.content.size()+b.content.size()-both), i, j})
			}
		}
	}
	// Ties go to the later gold, then the later prediction, as in the reference scorer.
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.iou, a.iou), cmp.Compare(b.i, a.i), cmp.Compare(b.j, a.j))
	})
	usedGold, usedPredicted := make([]bool, len(g)), make([]bool, len(p))
	for _, m := range pairs {
		if m.iou < 0.5 {
			break
		}
		if usedGold[m.i] || usedPredicted[m.j] {
			continue
		}
		usedGold[m.i], usedPredicted[m.j] = true, true
		c[matched]++
		if m.iou == 1 {
			c[exact]++
		}
		gs, ps := g[m.i].source, p[m.j].source
		overlap := gs.overlap(ps) > 0
		if len(gs) > 0 {
			c[sourceOf]++
			if overlap {
				c[sourceRight]++
			}
		}
		if overlap || len(gs) == 0 && len(ps) == 0 {
			c[who]++
		}
	}
	return c
}

const (
	trimmed        = " \t\n\r.,;:!?\"“”‘’'`-–—()[]"
	quotationMarks = "\"“”«»"
)

func trim(text []rune, spans gold.Spans) gold.Spans {
	out := make(gold.Spans, 0, len(spans))
	for _, s := range spans {
		for s[0] < s[1] && strings.ContainsRune(trimmed, text[s[0]]) {
			s[0]++
		}
		for s[1] > s[0] && strings.ContainsRune(trimmed, text[s[1]-1]) {
			s[1]--
		}
		out = append(out, s)
	}
	return out
}

// form tells whether all, some or none of the content's words stand within the
// quotation marks that it holds.
func form(text []rune, spans gold.Spans) string {
	marks, outside := false, false
	for _, s := range spans {
		open := false
		for _, r := range text[s[0]:s[1]] {
			switch {
			case strings.ContainsRune(quotationMarks, r):
				marks = true
				open = r == '“' || r == '«' || r == '"' && !open
			case !open && !strings.ContainsRune(trimmed, r):
				outside = true
			}
		}
	}
	switch {
	case !marks:
		return formIndirect
	case outside:
		return formMixed
	}
	return formDirect
}

// Runs are disjoint, ordered, non-empty spans: a set of characters.
type runs gold.Spans

func union(spans gold.Spans) runs {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	var out runs
	for _, s := range sorted {
		switch {
		case s[0] >= s[1]:
		case len(out) > 0 && s[0] <= out[len(out)-1][1]:
			out[len(out)-1][1] = max(out[len(out)-1][1], s[1])
		default:
			out = append(out, s)
		}
	}
	return out
}

func (r runs) size() int {
	n := 0
	for _, s := range r {
		n += s[1] - s[0]
	}
	return n
}

func (r runs) overlap(o runs) int {
	n := 0
	for i, j := 0, 0; i < len(r) && j < len(o); {
		n += max(0, min(r[i][1], o[j][1])-max(r[i][0], o[j][0]))
		if r[i][1] < o[j][1] {
			i++
		} else {
			j++
		}
	}
	return n
}

// WriteText prints the scores.
func (r *AttributionReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("who said what: %d documents\n", r.Documents)
	for _, s := range r.Scores {
		p.printf("\n%s: %d gold, %d predicted\n", s.Slice, s.Gold, s.Predicted)
		p.printf("  content chars  %v\n  content IoU.5  %v\n  content exact  %v\n", s.Characters, s.Content, s.Exact)
		p.printf("  source given content  %d/%d = %v\n", s.SourceRight, s.SourceOf, s.Source)
		p.printf("  who-said-what  %v\n", s.WhoSaidWhat)
	}
	return p.err
}
