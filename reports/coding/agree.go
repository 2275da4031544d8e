package coding

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// MarshalJSON writes an interval that is not there as null.
func (e Estimate) MarshalJSON() ([]byte, error) {
	null := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		Value *float64 `json:"value"`
		Low   *float64 `json:"low"`
		High  *float64 `json:"high"`
	}{null(e.Value), null(e.Low), null(e.High)})
}

func (e Estimate) String() string {
	switch {
	case math.IsNaN(e.Value):
		return "–"
	case math.IsNaN(e.Low):
		return fmt.Sprintf("%.2f [–]", e.Value)
	}
	return fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Low, e.High)
}

// An Agreement says how far coders agree with each other, and the tool with
// them. All intervals are bootstrapped over articles.
type Agreement struct {
	Coders []Coder        `json:"coders"`
	Alpha  []Alpha        `json:"alpha"`
	Pairs  []Confusion    `json:"coder_confusion"` // of each pair of coders, codes of side
	Tool   Confusion      `json:"tool_confusion"`  // label by consensus, and its abstentions
	Groups []Group        `json:"tool_by_group"`
	Curve  []Point        `json:"risk_coverage"`
	Open   int            `json:"without_consensus"` // units on which coders split
	Labels []LabelQuality `json:"tool_by_label"`
}

// A Coder counts the codings of one coder.
type Coder struct {
	Name    string `json:"name"`
	Coded   int    `json:"coded"`
	Unclear int    `json:"unclear"`
}

// An Alpha is Krippendorff's α of one question.
type Alpha struct {
	Question string   `json:"question"`
	Scale    string   `json:"scale"` // nominal or ordinal
	Units    int      `json:"units"` // with two codes or more
	Articles int      `json:"articles"`
	Alpha    Estimate `json:"alpha"`
}

// A Confusion counts pairs of codes: Counts[i][j] units have the code Rows[i] by
// the one and Columns[j] by the other.
type Confusion struct {
	Of      string   `json:"of"`
	By      string   `json:"by"`
	Rows    []string `json:"rows"`
	Columns []string `json:"columns"`
	Counts  [][]int  `json:"counts"`
}

// A Group is a part of the sample: all of it, or the units with one value in a
// column. Shares are weighted by one over the probability of being drawn, so
// that they speak of the whole run.
type Group struct {
	Column       string   `json:"column"`
	Value        string   `json:"value"`
	Coded        int      `json:"coded"`         // units with a consensus on the side
	Decided      int      `json:"decided"`       // of these, units on which the tool does not abstain
	Right        Estimate `json:"right"`         // share of those on which its label is the consensus
	Coverage     Estimate `json:"coverage"`      // share of units on which it does not abstain
	SpeakerCoded int      `json:"speaker_coded"` // units with a consensus on the speaker
	SpeakerRight Estimate `json:"speaker_right"`
}

// A LabelQuality is precision and recall of one of the tool's labels.
type LabelQuality struct {
	Label     string   `json:"label"`
	Precision Estimate `json:"precision"`
	Recall    Estimate `json:"recall"`
	F1        Estimate `json:"f1"`
}

// A Point of the risk-coverage curve (El-Yaniv & Wiener 2010): what the tool
// would get wrong, and of how many units it would speak, if it abstained below
// Threshold. It cannot be asked about the units on which it abstained already.
type Point struct {
	Threshold float64  `json:"threshold"`
	Decided   int      `json:"decided"`
	Coverage  Estimate `json:"coverage"`
	Risk      Estimate `json:"risk"`
}

// Agree compares codings. consensus is what Settle makes of them.
func Agree(units []Unit, codings []Coding, consensus map[string]Consensus) Agreement {
	var a Agreement
	byID := map[string]*Unit{}
	for i := range units {
		byID[units[i].ID] = &units[i]
	}
	names := map[string]*Coder{}
	for _, c := range codings {
		if names[c.Coder] == nil {
			names[c.Coder] = &Coder{Name: c.Coder}
		}
		switch c.Side {
		case "":
		case Unclear:
			names[c.Coder].Unclear++
		default:
			names[c.Coder].Coded++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a.Coders = append(a.Coders, *names[name])
	}
	side := func(c Coding) string { return c.Side }
	speaker := func(c Coding) string { return c.Speaker }
	if len(a.Coders) > 1 {
		a.Alpha = []Alpha{
			alphaOf("side", "nominal", Sides, codings, byID, side),
			alphaOf("side, of statements that both hold to be one", "ordinal", Sides[:3], codings, byID, side),
			alphaOf("speaker_right", "nominal", []string{"right", "wrong"}, codings, byID, speaker),
		}
	}
	for i, x := range a.Coders {
		for _, y := range a.Coders[i+1:] {
			a.Pairs = append(a.Pairs, confusionOf(codings, x.Name, y.Name))
		}
	}
	a.tool(units, consensus)
	for i := range units {
		if c, ok := consensus[units[i].ID]; ok && c.Side == "" {
			a.Open++
		}
	}
	return a
}

// alphaOf computes α over the units to which two coders or more gave one of the codes.
func alphaOf(question, scale string, codes []string, codings []Coding, units map[string]*Unit, pick func(Coding) string) Alpha {
	values := map[string][]int{}
	for _, c := range codings {
		if at := slices.Index(codes, pick(c)); at >= 0 {
			values[c.Unit] = append(values[c.Unit], at)
		}
	}
	k := len(codes)
	out := Alpha{Question: question, Scale: scale}
	rows := newRows(k * k)
	for _, unit := range slices.Sorted(maps.Keys(values)) {
		if len(values[unit]) < 2 {
			continue
		}
		out.Units++
		coincidences(rows.of(units[unit].ArticleID), k, values[unit])
	}
	out.Articles = len(rows.list)
	out.Alpha = bootstrap(rows.list, []func([]float64) float64{func(sum []float64) float64 { return alpha(sum, k, scale == "ordinal") }})[0]
	return out
}

// rows gathers sums by article, in the order in which articles are met.
type rows struct {
	width int
	place map[string]int
	list  [][]float64
}

func newRows(width int) *rows { return &rows{width: width, place: map[string]int{}} }

func (r *rows) of(article string) []float64 {
	at, ok := r.place[article]
	if !ok {
		at = len(r.list)
		r.place[article] = at
		r.list = append(r.list, make([]float64, r.width))
	}
	return r.list[at]
}

func confusionOf(codings []Coding, x, y string) Confusion {
	codes := append(slices.Clone(Sides), Unclear)
	c := newConfusion(x, y, codes, codes)
	first := map[string]string{}
	for _, k := range codings {
		if k.Coder == x {
			first[k.Unit] = k.Side
		}
	}
	for _, k := range codings {
		if k.Coder == y {
			c.add(first[k.Unit], k.Side)
		}
	}
	return c
}

func newConfusion(of, by string, rows, columns []string) Confusion {
	c := Confusion{Of: of, By: by, Rows: rows, Columns: columns}
	for range rows {
		c.Counts = append(c.Counts, make([]int, len(columns)))
	}
	return c
}

func (c *Confusion) add(row, column string) {
	i, j := slices.Index(c.Rows, row), slices.Index(c.Columns, column)
	if i >= 0 && j >= 0 {
		c.Counts[i][j]++
	}
}

// The places of what tool adds up by article.
const (
	coded = iota
	decided
	right
	wrong
	speakerCoded
	speakerRight
	width
)

func (a *Agreement) tool(units []Unit, consensus map[string]Consensus) {
	a.Tool = newConfusion("tool", "consensus", []string{"for", "neither", "against", "abstain"}, Sides)
	group := func(in []*Unit, column, value string) Group {
		g, rows := Group{Column: column, Value: value}, newRows(width)
		for _, u := range in {
			said, weight := consensus[u.ID], 1/u.Probability
			row := rows.of(u.ArticleID)
			if said.Side != "" {
				g.Coded++
				row[coded] += weight
				if u.Label != "abstain" {
					g.Decided++
					row[decided] += weight
					if u.Label == said.Side {
						row[right] += weight
					}
				}
			}
			if said.Speaker != "" && u.SpeakerID != "" {
				g.SpeakerCoded++
				row[speakerCoded] += weight
				if said.Speaker == "right" {
					row[speakerRight] += weight
				}
			}
		}
		e := shares(rows.list, [2]int{right, decided}, [2]int{decided, coded}, [2]int{speakerRight, speakerCoded})
		g.Right, g.Coverage, g.SpeakerRight = e[0], e[1], e[2]
		return g
	}
	var in []*Unit
	for i := range units {
		u := &units[i]
		said, ok := consensus[u.ID]
		if !ok || said == (Consensus{}) {
			continue
		}
		in = append(in, u)
		a.Tool.add(u.Label, said.Side)
	}
	a.Groups = append(a.Groups, group(in, "all", ""))
	for _, column := range []string{"speaker_type", "target", "outlet", "period"} {
		values := map[string][]*Unit{}
		for _, u := range in {
			values[u.Value(column)] = append(values[u.Value(column)], u)
		}
		for _, value := range slices.Sorted(maps.Keys(values)) {
			a.Groups = append(a.Groups, group(values[value], column, value))
		}
	}
	for _, label := range Sides[:3] {
		a.Labels = append(a.Labels, labelQuality(label, in, consensus))
	}
	a.curve(in, consensus)
}

func labelQuality(label string, in []*Unit, consensus map[string]Consensus) LabelQuality {
	const said, is, both = 0, 1, 2
	rows := newRows(3)
	for _, u := range in {
		side := consensus[u.ID].Side
		if side == "" {
			continue
		}
		row, weight := rows.of(u.ArticleID), 1/u.Probability
		if u.Label == label {
			row[said] += weight
		}
		if side == label {
			row[is] += weight
		}
		if u.Label == label && side == label {
			row[both] += weight
		}
	}
	e := shares(rows.list, [2]int{both, said}, [2]int{both, is})
	f1 := bootstrap(rows.list, []func([]float64) float64{func(sum []float64) float64 {
		if sum[said]+sum[is] == 0 {
			return math.NaN()
		}
		return 2 * sum[both] / (sum[said] + sum[is])
	}})
	return LabelQuality{label, e[0], e[1], f1[0]}
}

// curve computes risk and coverage at every twentieth from the confidence at
// which the tool abstains to the highest met.
func (a *Agreement) curve(in []*Unit, consensus map[string]Consensus) {
	low, high := 1.0, 0.0
	for _, u := range in {
		if u.Label != "abstain" && consensus[u.ID].Side != "" {
			low, high = min(low, u.Confidence), max(high, u.Confidence)
		}
	}
	for step := math.Floor(low * 20); step <= math.Floor(high*20); step++ {
		threshold := step / 20
		point := Point{Threshold: threshold}
		rows := newRows(width)
		for _, u := range in {
			side := consensus[u.ID].Side
			if side == "" {
				continue
			}
			row, weight := rows.of(u.ArticleID), 1/u.Probability
			row[coded] += weight
			if u.Label != "abstain" && u.Confidence >= threshold {
				point.Decided++
				row[decided] += weight
				if u.Label != side {
					row[wrong] += weight
				}
			}
		}
		e := shares(rows.list, [2]int{decided, coded}, [2]int{wrong, decided})
		point.Coverage, point.Risk = e[0], e[1]
		a.Curve = append(a.Curve, point)
	}
}

// WriteText prints the agreement for people.
func (a Agreement) WriteText(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Coders")
	for _, c := range a.Coders {
		fmt.Fprintf(w, "  %s\t%d coded, %d unclear\n", c.Name, c.Coded, c.Unclear)
	}
	if len(a.Coders) == 1 {
		fmt.Fprintln(w, "\nOne coder: nothing says how reliable the codes are. Have a second code the same sample.")
	} else {
		fmt.Fprintln(w, "\nKrippendorff's alpha [95 % interval over articles]")
		for _, x := range a.Alpha {
			fmt.Fprintf(w, "  %s (%s)\t%v\t%d units in %d articles\n", x.Question, x.Scale, x.Alpha, x.Units, x.Articles)
		}
		fmt.Fprintf(w, "  %d units without a majority\n", a.Open)
	}
	for _, c := range append(slices.Clone(a.Pairs), a.Tool) {
		fmt.Fprintf(w, "\n%s (rows) by %s (columns), units\n", c.Of, c.By)
		fmt.Fprintf(w, "  \t%s\n", strings.Join(c.Columns, "\t"))
		for i, row := range c.Rows {
			fmt.Fprintf(w, "  %s", row)
			for _, n := range c.Counts[i] {
				fmt.Fprintf(w, "\t%d", n)
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w, "\nThe tool's labels against the consensus, weighted to the whole run [95 % interval over articles]")
	fmt.Fprintln(w, "  \tprecision\trecall\tF1")
	for _, l := range a.Labels {
		fmt.Fprintf(w, "  %s\t%v\t%v\t%v\n", l.Label, l.Precision, l.Recall, l.F1)
	}
	fmt.Fprintln(w, "\n  \tcoded\tdecided\tside right\tcoverage\tspeaker right")
	for _, g := range a.Groups {
		fmt.Fprintf(w, "  %s\t%d\t%d\t%v\t%v\t%v\n", strings.TrimSuffix(g.Column+": "+g.Value, ": "), g.Coded, g.Decided, g.Right, g.Coverage, g.SpeakerRight)
	}
	fmt.Fprintln(w, "\nRisk against coverage: if the tool abstained below a confidence")
	fmt.Fprintln(w, "  confidence\tdecided\tcoverage\trisk")
	for _, p := range a.Curve {
		fmt.Fprintf(w, "  %.2f\t%d\t%v\t%v\n", p.Threshold, p.Decided, p.Coverage, p.Risk)
	}
	return w.Flush()
}
