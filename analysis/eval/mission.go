package eval

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

// MissionReport scores who takes which side toward which target. Rows are
// folded into cells of article, speaker and target, whose side is the sign of
// the sum of their stances; only sided cells count. Cells that two coders
// dispute count neither way.
type MissionReport struct {
	Articles int            `json:"articles"`
	Targets  []MissionScore `json:"targets"` // by id, or by kind where rows describe their own; "all" last
	Losses   []Loss         `json:"losses,omitempty"`
	// Of the stances of speakers that were settled: what their confidence is worth
	// where right means that the gold's cell has the side.
	Calibration []StanceBin `json:"calibration,omitempty"`
	Error       float64     `json:"calibration_error,omitempty"`
}

// A MissionScore is that of one target, or of those of one kind.
type MissionScore struct {
	Target string `json:"target"`
	Found  int    `json:"found"` // gold cells whose speaker has a sided cell in the prediction
	Cells  PRF    `json:"cells"`
}

// A Loss counts the gold cells that were lost, or got right, for one reason.
type Loss struct {
	Reason string `json:"reason"`
	Cells  int    `json:"cells"`
}

// The reasons of losses, from the first link of the chain to the last.
const (
	lossNothing   = "no statement found in the article"
	lossStatement = "no statement found where the evidence stands"
	lossAbstained = "statement found, its speaker left open"
	lossSpeaker   = "statement found, given to another speaker"
	lossTarget    = "speaker found, no stance toward the target"
	lossOpen      = "stance left open"
	lossNeither   = "stance found neutral"
	lossSide      = "wrong side"
	lossNone      = "right"
)

var lossOrder = []string{lossNothing, lossStatement, lossAbstained, lossSpeaker, lossTarget, lossOpen, lossNeither, lossSide, lossNone}

// A cell is what one speaker says toward one target in one article.
type cell struct {
	name     string // the longest that was met
	folded   foldedName
	sum      int
	disputed bool
	evidence []string
}

func (c *cell) side() int {
	switch {
	case c.sum > 0:
		return 1
	case c.sum < 0:
		return -1
	}
	return 0
}

type cellKey struct{ id, target string }

type cellMap map[cellKey][]*cell

func (m cellMap) add(id, speaker, target string, side int, disputed bool, evidence string) {
	k := cellKey{id, target}
	folded := foldName(speaker)
	for _, c := range m[k] {
		if !c.folded.same(folded) {
			continue
		}
		c.sum += side
		c.disputed = c.disputed || disputed
		c.evidence = append(c.evidence, evidence)
		if utf8.RuneCountInString(speaker) > utf8.RuneCountInString(c.name) {
			c.name, c.folded = speaker, folded
		}
		return
	}
	m[k] = append(m[k], &cell{speaker, folded, side, disputed, []string{evidence}})
}

var sides = map[string]int{"for": 1, "against": -1, "neither": 0}

func goldCells(rows []gold.MissionRow) cellMap {
	m := cellMap{}
	for _, r := range rows {
		m.add(r.ID, r.Speaker, r.Target.Key(), r.Stance, r.Disputed, r.Evidence)
	}
	return m
}

func predictedCells(predictions []gold.MissionPrediction) cellMap {
	m := cellMap{}
	for _, p := range predictions {
		if p.Row != nil {
			m.add(p.Row.ID, p.Row.Speaker, p.Row.Target.Key(), p.Row.Stance, false, "")
			continue
		}
		for _, st := range p.Line.Statements {
			if st.Speaker == nil {
				continue
			}
			for _, s := range st.Stances {
				if side, ok := sides[s.Label]; ok {
					m.add(p.Line.ID, st.Speaker.Name, s.Target, side, false, "")
				}
			}
		}
	}
	return m
}

// Mission scores predictions, which are rows or annotate's lines. With the
// lines and the texts of the articles by id it also says at which link of the
// chain each sided gold cell was lost; texts may be nil.
func Mission(rows []gold.MissionRow, predictions []gold.MissionPrediction, texts map[string]string, o Options) *MissionReport {
	g, p := goldCells(rows), predictedCells(predictions)
	var ids, targets []string
	seen := map[cellKey]bool{}
	var keys []cellKey
	group := groups(rows)
	for _, m := range []cellMap{g, p} {
		for k := range m {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
				ids, targets = append(ids, k.id), append(targets, group(k))
			}
		}
	}
	for _, list := range []*[]string{&ids, &targets} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.SortFunc(keys, func(a, b cellKey) int {
		if c := strings.Compare(a.id, b.id); c != 0 {
			return c
		}
		return strings.Compare(a.target, b.target)
	})

	// An article's counts, for each target and then for all: found, right, predicted, gold.
	units := make([][]int, len(ids))
	for i := range units {
		units[i] = make([]int, 4*(len(targets)+1))
	}
	lines := map[string]*gold.Line{}
	for _, pr := range predictions {
		if pr.Line != nil {
			lines[pr.Line.ID] = pr.Line
		}
	}
	losses := map[string]int{}
	for _, k := range keys {
		i, _ := slices.BinarySearch(ids, k.id)
		t, _ := slices.BinarySearch(targets, group(k))
		counts := match(g[k], p[k], func(c *cell, hit *cell) {
			if len(lines) > 0 {
				losses[reason(c, hit, k.target, p[k], lines[k.id], texts[k.id])]++
			}
		})
		add(units[i][4*t:4*t+4], counts[:])
		add(units[i][4*len(targets):], counts[:])
	}
	report := &MissionReport{Articles: len(ids)}
	for t, name := range append(targets, "all") {
		report.Targets = append(report.Targets, MissionScore{name, total(units, 4*t), prf(units, 4*t+1, 4*t+2, 4*t+3, o)})
	}
	if len(lines) > 0 {
		report.Calibration, report.Error = calibrate(g.judge(predictions))
		for _, r := range lossOrder {
			if losses[r] > 0 {
				report.Losses = append(report.Losses, Loss{r, losses[r]})
			}
		}
	}
	return report
}

// groups says under what a cell is counted: its target, or the kind of a target
// that the rows of its article describe.
func groups(rows []gold.MissionRow) func(cellKey) string {
	kinds := map[cellKey]string{}
	for _, r := range rows {
		if r.Target.ID == "" && r.Target.Kind != "" {
			kinds[cellKey{r.ID, r.Target.Key()}] = r.Target.Kind
		}
	}
	return func(k cellKey) string { return cmp.Or(kinds[k], k.target) }
}

// judge compares each stance of a settled speaker with the gold's cell of that
// speaker and target. Disputed cells are left out.
func (m cellMap) judge(predictions []gold.MissionPrediction) []Judged {
	const nothing = 2 // coded: no label
	var out []Judged
	for _, p := range predictions {
		if p.Line == nil {
			continue
		}
		for _, st := range p.Line.Statements {
			if st.Speaker == nil {
				continue
			}
			folded := foldName(st.Speaker.Name)
			for _, s := range st.Stances {
				side, ok := sides[s.Label]
				coded, disputed := nothing, false
				for _, c := range m[cellKey{p.Line.ID, s.Target}] {
					if c.folded.same(folded) {
						coded, disputed = c.side(), disputed || c.disputed
					}
				}
				if ok && !disputed {
					out = append(out, Judged{Article: p.Line.ID, Stance: coded, Label: side, Confidence: s.Confidence})
				}
			}
		}
	}
	return out
}

// match pairs the sided cells of one article and target, each gold cell with
// the first predicted one left whose name agrees: found, right, predicted, gold.
func match(g, p []*cell, each func(c, hit *cell)) [4]int {
	var counts [4]int
	var left []*cell
	for _, c := range p {
		disputed := slices.ContainsFunc(g, func(o *cell) bool { return o.disputed && c.folded.same(o.folded) })
		if c.sum != 0 && !disputed {
			left = append(left, c)
		}
	}
	counts[2] = len(left)
	for _, c := range g {
		if c.sum == 0 || c.disputed {
			continue
		}
		counts[3]++
		var hit *cell
		if at := slices.IndexFunc(left, func(x *cell) bool { return x.folded.same(c.folded) }); at >= 0 {
			hit = left[at]
			left = slices.Delete(left, at, at+1)
			counts[0]++
			if hit.side() == c.side() {
				counts[1]++
			}
		}
		each(c, hit)
	}
	return counts
}

// reason says at which link a gold cell was lost.
func reason(c, hit *cell, target string, predicted []*cell, line *gold.Line, text string) string {
	switch {
	case hit != nil && hit.side() == c.side():
		return lossNone
	case hit != nil:
		return lossSide
	case line == nil || len(line.Statements) == 0:
		return lossNothing
	case slices.ContainsFunc(predicted, func(x *cell) bool { return x.folded.same(c.folded) }):
		return lossNeither
	}
	spoke, open := false, false
	for _, st := range line.Statements {
		if st.Speaker == nil || !foldName(st.Speaker.Name).same(c.folded) {
			continue
		}
		spoke = true
		open = open || slices.ContainsFunc(st.Stances, func(s gold.Stance) bool { return s.Target == target })
	}
	there, nameless := atEvidence(c, line, text)
	switch {
	case open:
		return lossOpen
	case text != "" && !there:
		return lossStatement
	case spoke:
		return lossTarget
	case nameless:
		return lossAbstained
	}
	return lossSpeaker
}

// atEvidence reports whether a statement overlaps the cell's evidence, and
// whether one of those has no speaker.
func atEvidence(c *cell, line *gold.Line, text string) (there, nameless bool) {
	for _, e := range c.evidence {
		at := strings.Index(text, e)
		if at < 0 || e == "" {
			continue
		}
		start := utf8.RuneCountInString(text[:at])
		end := start + utf8.RuneCountInString(e)
		for _, st := range line.Statements {
			if overlaps(st.Source, start, end) || overlaps(st.Cue, start, end) || overlaps(st.Content, start, end) {
				there = true
				nameless = nameless || st.Speaker == nil
			}
		}
	}
	return there, nameless
}

func overlaps(spans gold.Spans, start, end int) bool {
	return slices.ContainsFunc(spans, func(s [2]int) bool { return s[0] < end && start < s[1] })
}

// WriteText prints the scores.
func (r *MissionReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("who takes which side: sided cells of %d articles\n", r.Articles)
	width := 0
	for _, t := range r.Targets {
		width = max(width, len(t.Target))
	}
	for _, t := range r.Targets {
		p.printf("  %-*s  found %d  right side %d/%d  %v\n", width, t.Target, t.Found, t.Cells.Right, t.Found, t.Cells)
	}
	if len(r.Losses) > 0 {
		p.printf("\nwhere the gold's cells end:\n")
		for _, l := range r.Losses {
			p.printf("  %5d  %s\n", l.Cells, l.Reason)
		}
		p.printf("\nstances as stated and as coded: calibration error %.3f\n", r.Error)
		printBins(p, r.Calibration)
	}
	return p.err
}
