package html

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/standpoint-news/standpoint/reports/table"
)

const resamples = 1000

// A tallyOf counts the stances of one cell; the zero value is empty.
type tallyOf struct {
	For, Against, Neither, Abstain int

	sum      []float64 // of the scores of the labelled stances, by article
	labelled []float64 // their number, by article
	article  map[string]int
}

func (t *tallyOf) add(s *table.StanceRow) {
	switch s.Label {
	case "for":
		t.For++
	case "against":
		t.Against++
	case "neither":
		t.Neither++
	default:
		t.Abstain++
		return
	}
	if t.article == nil {
		t.article = map[string]int{}
	}
	i, ok := t.article[s.ArticleID]
	if !ok {
		i = len(t.sum)
		t.article[s.ArticleID] = i
		t.sum, t.labelled = append(t.sum, 0), append(t.labelled, 0)
	}
	t.sum[i] += s.Score
	t.labelled[i]++
}

// N is the number of labelled stances.
func (t *tallyOf) N() int { return t.For + t.Against + t.Neither }

// All is the number of stances, abstentions included.
func (t *tallyOf) All() int { return t.N() + t.Abstain }

// Articles is the number of articles with a labelled stance.
func (t *tallyOf) Articles() int { return len(t.sum) }

// Mean is the mean score of the labelled stances; NaN without any.
func (t *tallyOf) Mean() float64 { return stat.Mean(t.ratios(), t.labelled) }

func (t *tallyOf) ratios() []float64 {
	r := make([]float64, len(t.sum))
	for i := range r {
		r[i] = t.sum[i] / t.labelled[i]
	}
	return r
}

// interval is the 95 % percentile interval of the mean (Efron, 1979), drawn
// over articles, since statements of one article are not independent. ok is
// false below two articles.
func (t *tallyOf) interval() (low, high float64, ok bool) {
	n := len(t.sum)
	if n < 2 {
		return 0, 0, false
	}
	random := rand.New(rand.NewPCG(20240229, uint64(n)))
	means := make([]float64, resamples)
	for b := range means {
		var sum, labelled float64
		for range n {
			i := random.IntN(n)
			sum += t.sum[i]
			labelled += t.labelled[i]
		}
		means[b] = sum / labelled
	}
	sort.Float64s(means)
	return stat.Quantile(0.025, stat.LinInterp, means, nil), stat.Quantile(0.975, stat.LinInterp, means, nil), true
}

// A chart is the timeline of one target; its lengths are in the units of the
// drawing's view box.
type chart struct {
	Target  string
	Anchor  string
	Alt     string
	Bars    []bar
	Bands   []string // points of polygons
	Lines   []string // points of polylines
	Dots    []dot
	Ticks   []tick // of the months
	Events  []eventMark
	Top     string // the largest number on the axis of counts
	Rows    []monthRow
	None    string // in place of a drawing that would be empty
	Undated string
}

type bar struct{ Class, X, Y, Width, Height string }

type dot struct {
	X, Y, R, Low, High string
	Few, Whisker       bool
}

type tick struct{ X, Anchor, Label string }

// An eventMark is a configured event on the timeline; Number refers to the list of events.
type eventMark struct {
	X      string
	Number int
}

// An eventKey explains the marks of an event.
type eventKey struct {
	Number    int
	Day, Name string
}

type monthRow struct {
	Month                               string
	For, Against, Neither, Abstain, All int
	Mean, Interval                      string
}

// The geometry of a timeline: means above, counts below.
const (
	chartLeft, chartRight = 34.0, 392.0
	meanTop, meanBottom   = 14.0, 124.0
	countTop, countBottom = 150.0, 232.0
	maxBar                = 26.0
)

// charts draws one timeline for each target over the same months and the same
// scale of counts, so that they can be compared.
func charts(targets []table.Target, stances []table.StanceRow, events []table.Event) ([]chart, []eventKey) {
	index := map[string]int{}
	for i, t := range targets {
		index[t.ID] = i
	}
	cells := make([]map[string]*tallyOf, len(targets))
	undated := make([]int, len(targets))
	seen := map[string]bool{}
	for i := range cells {
		cells[i] = map[string]*tallyOf{}
	}
	for i := range stances {
		s := &stances[i]
		if s.Published == nil {
			undated[index[s.Target]]++
			continue
		}
		month := table.Time(s.Published).Format("2006-01")
		seen[month] = true
		cell := cells[index[s.Target]]
		if cell[month] == nil {
			cell[month] = &tallyOf{}
		}
		cell[month].add(s)
	}
	months := axis(seen)
	top := 1
	for _, cell := range cells {
		for _, month := range months {
			if t := cell[month]; t != nil {
				top = max(top, t.N())
			}
		}
	}
	top = niceTop(top)

	marks, keys := eventMarks(events, months)
	out := make([]chart, len(targets))
	for i, target := range targets {
		out[i] = drawChart(target, months, cells[i], top)
		if n := undated[i]; n > 0 {
			out[i].Undated = things(n, "stance") + " from articles without a date that could be read are not in this chart."
		}
		if len(out[i].Rows) > 0 {
			out[i].Events = marks
		}
		labelled, all := 0, 0
		for _, t := range cells[i] {
			labelled, all = labelled+t.N(), all+t.All()
		}
		if labelled == 0 && all > 0 {
			out[i].None = "The tool abstained on " + verb(all, "the one dated stance.", "all "+things(all, "dated stance")+".")
		}
	}
	return out, keys
}

// eventMarks places the events that fall in the months of the axis, by date. A
// month's point stands in its middle, so that its first day stands at the left
// of its column.
func eventMarks(events []table.Event, months []string) ([]eventMark, []eventKey) {
	type dated struct {
		at   time.Time
		name string
	}
	var sorted []dated
	for _, e := range events {
		if at, err := time.Parse(time.DateOnly, e.Date); err == nil && slices.Contains(months, e.Date[:7]) {
			sorted = append(sorted, dated{at, plain(e.Name)})
		}
	}
	slices.SortStableFunc(sorted, func(x, y dated) int { return x.at.Compare(y.at) })
	var marks []eventMark
	var keys []eventKey
	step := (chartRight - chartLeft) / float64(len(months))
	for i, e := range sorted {
		month := slices.Index(months, e.at.Format("2006-01"))
		share := float64(e.at.Day()-1) / 31
		marks = append(marks, eventMark{px(chartLeft + (float64(month)+share)*step), i + 1})
		keys = append(keys, eventKey{i + 1, day(e.at), e.name})
	}
	return marks, keys
}

// axis is all months from the first to the last, or, where a stray date would
// stretch that over more than twenty years, those that occur.
func axis(seen map[string]bool) []string {
	months := make([]string, 0, len(seen))
	for m := range seen {
		months = append(months, m)
	}
	slices.Sort(months)
	if len(months) == 0 {
		return nil
	}
	first, err1 := time.Parse("2006-01", months[0])
	last, err2 := time.Parse("2006-01", months[len(months)-1])
	if err1 != nil || err2 != nil || last.Sub(first) > 20*366*24*time.Hour {
		return months
	}
	months = months[:0]
	for m := first; !m.After(last); m = m.AddDate(0, 1, 0) {
		months = append(months, m.Format("2006-01"))
	}
	return months
}

// niceTop rounds up to a number that reads well on an axis.
func niceTop(n int) int {
	if n <= 10 {
		return n
	}
	for unit := 1; ; unit *= 10 {
		for _, f := range []int{10, 12, 15, 20, 25, 30, 40, 50, 60, 80} {
			if f*unit >= n {
				return f * unit
			}
		}
	}
}

func monthName(month, layout string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format(layout)
}

func drawChart(target table.Target, months []string, cell map[string]*tallyOf, top int) chart {
	c := chart{Target: target.Name, Top: count(top)}
	if len(months) == 0 {
		return c
	}
	step := (chartRight - chartLeft) / float64(len(months))
	width := min(maxBar, step*0.72)
	yMean := func(v float64) float64 { return meanBottom - (v+1)/2*(meanBottom-meanTop) }
	perStance := (countBottom - countTop) / float64(top)

	var line, lower, upper []string
	flushLine := func() {
		if len(line) > 1 {
			c.Lines = append(c.Lines, strings.Join(line, " "))
		}
		line = nil
	}
	flushBand := func() {
		if len(lower) == 1 { // no neighbour to draw a band to
			c.Dots[len(c.Dots)-1].Whisker = true
		}
		if len(lower) > 1 {
			slices.Reverse(lower)
			c.Bands = append(c.Bands, strings.Join(append(upper, lower...), " "))
		}
		lower, upper = nil, nil
	}
	every := (len(months) + 4) / 5
	total, sided := 0, 0
	for i, month := range months {
		x := chartLeft + (float64(i)+0.5)*step
		if i%every == 0 {
			// The year stands where it begins only; the labels are close.
			label := monthName(month, "Jan 2006")
			if len(c.Ticks) > 0 && month[:4] == months[i-every][:4] {
				label = monthName(month, "Jan")
			}
			anchor := "middle"
			if len(months) > 1 && chartRight-x < 24 {
				anchor = "end"
			}
			c.Ticks = append(c.Ticks, tick{X: px(x), Anchor: anchor, Label: label})
		}
		t := cell[month]
		if t == nil || t.N() == 0 {
			flushLine()
			flushBand()
			if t != nil {
				c.Rows = append(c.Rows, monthRow{Month: monthName(month, "January 2006"), Abstain: t.Abstain, All: t.All(), Mean: "–", Interval: "–"})
			}
			continue
		}
		total += t.N()
		sided += t.For + t.Against
		y := countBottom
		for _, part := range []struct {
			class string
			n     int
		}{{"for", t.For}, {"neither", t.Neither}, {"against", t.Against}} {
			if part.n == 0 {
				continue
			}
			h := float64(part.n) * perStance
			y -= h
			c.Bars = append(c.Bars, bar{Class: part.class, X: px(x - width/2), Y: px(y), Width: px(width), Height: px(h)})
		}
		mean := t.Mean()
		row := monthRow{Month: monthName(month, "January 2006"), For: t.For, Against: t.Against, Neither: t.Neither,
			Abstain: t.Abstain, All: t.All(), Mean: signed(mean), Interval: "–"}
		point := dot{X: px(x), Y: px(yMean(mean)), R: px(min(3.5, max(2, step*0.35))), Few: t.N() < fewStances}
		if point.Few { // a line through it would tell of a change that may be none
			flushLine()
		} else {
			line = append(line, px(x)+","+px(yMean(mean)))
		}
		low, high, ok := t.interval()
		if ok {
			row.Interval = interval(low, high)
		}
		if ok && !point.Few {
			point.Low, point.High = px(yMean(low)), px(yMean(high))
			lower = append(lower, px(x)+","+px(yMean(low)))
			upper = append(upper, px(x)+","+px(yMean(high)))
		} else {
			flushBand()
		}
		c.Dots = append(c.Dots, point)
		c.Rows = append(c.Rows, row)
	}
	flushLine()
	flushBand()
	c.Alt = "Stances toward " + target.Name + " by month, " + monthName(months[0], "January 2006") + " to " +
		monthName(months[len(months)-1], "January 2006") + ": " + things(total, "labelled stance") + ", " + count(sided) +
		" of them for or against. The figures stand in the table below the chart."
	return c
}

// heatClass is the step of the diverging scale that a mean falls on, "h0"
// (−1) to "h8" (+1).
func heatClass(mean float64) string {
	step := math.Round((min(max(mean, -1), 1) + 1) * 4)
	return "h" + string(rune('0'+int(step)))
}
