package coding

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/standpoint-news/standpoint/reports/estimate"
	"github.com/standpoint-news/standpoint/reports/sheet"
)

// DesignFile says how a sample was drawn, so that it can be drawn again.
const DesignFile = "design.json"

// WriteDesign keeps the design of a sample beside its key.
func WriteDesign(dir string, d Design) error {
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, DesignFile), append(data, '\n'), 0o666)
}

// Redraw reads the population from the tables under dir and draws the sample of
// the folder again. It is an error where that gives other units than its key
// holds: the tables are not those that the sample came from.
func Redraw(dir, folder string) ([]Unit, error) {
	path := filepath.Join(folder, DesignFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: the design of the sample cannot be read: %w (name the sample's folder with --sample)", path, bare(err))
	}
	var d Design
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("%s: the design of the sample cannot be read: %w (restore it as sample wrote it)", path, err)
	}
	key, err := ReadKey(filepath.Join(folder, KeyFile))
	if err != nil {
		return nil, err
	}
	units, err := Population(dir)
	if err != nil {
		return nil, err
	}
	if _, err := Draw(units, d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	drawn := map[string]*Unit{}
	for i := range units {
		if units[i].Drawn {
			drawn[units[i].ID] = &units[i]
		}
	}
	same := len(drawn) == len(key)
	for i := range key {
		u := drawn[key[i].ID]
		same = same && u != nil && u.Label == key[i].Label && u.Score == key[i].Score && u.Stratum == key[i].Stratum
	}
	if !same {
		return nil, fmt.Errorf("%s: the sample was drawn from other tables (name the run that it came from, or draw a new one)", dir)
	}
	return units, nil
}

// Outcomes are what Correct corrects.
var Outcomes = []string{"score", "share_for", "share_against"}

// Estimates are the corrected figures of one group.
type Estimates struct {
	Group   string        `json:"group"`
	Outcome string        `json:"outcome"` // score: −1 against, 0 neither, 1 for; or a share
	Units   int           `json:"units"`   // stances that the tool found
	Coded   int           `json:"coded"`
	Tool    float64       `json:"tool"` // uncorrected mean of the tool's figures
	Hand    CorrectedMean `json:"hand"` // coded sample alone
	PPI     CorrectedMean `json:"ppi"`
	DSL     CorrectedMean `json:"dsl"`
}

// A CorrectedMean is an estimate with its 95 % interval.
type CorrectedMean struct {
	Estimate
	SE     float64
	Lambda float64 // weight of the tool's figures
}

// MarshalJSON writes what is not there as null.
func (m CorrectedMean) MarshalJSON() ([]byte, error) {
	null := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	return json.Marshal(map[string]*float64{"value": null(m.Value), "se": null(m.SE), "low": null(m.Low), "high": null(m.High), "lambda": &m.Lambda})
}

// A design is how the coded units stand for the population.
type design struct {
	units    []estimate.Unit
	missing  int      // drawn units without a consensus
	combined []string // strata without any coded unit
}

// population is the units as package estimate takes them. Coded are those with
// a consensus; where drawn units lack one, the probability is that of being
// drawn and coded, as if those were missing at random within their stratum. A
// stratum in which nothing is coded is taken together with the nearest by name
// that has some.
func population(units []Unit, consensus map[string]Consensus, outcome string) (design, error) {
	var d design
	place := map[string]int{}
	for i := range units {
		place[units[i].Stratum] = 0
	}
	names := slices.Sorted(maps.Keys(place))
	for h, name := range names {
		place[name] = h
	}
	coded := make([]int, len(names))
	for i := range units {
		u := &units[i]
		if !u.Drawn {
			continue
		}
		if consensus[u.ID].Side == "" {
			d.missing++
			continue
		}
		coded[place[u.Stratum]]++
	}
	into := make([]int, len(names))
	for h := range names {
		into[h] = h
		if coded[h] > 0 {
			continue
		}
		into[h] = -1
		for away := 1; into[h] < 0 && away < len(names); away++ {
			for _, k := range []int{h - away, h + away} {
				if k >= 0 && k < len(names) && coded[k] > 0 {
					into[h] = k
				}
			}
		}
		if into[h] < 0 {
			return d, fmt.Errorf("no drawn unit has a consensus (code the sample first)")
		}
		d.combined = append(d.combined, names[h])
	}
	size, clusters := make([]int, len(names)), map[string]int{}
	d.units = make([]estimate.Unit, len(units))
	for i := range units {
		u := &units[i]
		if _, ok := clusters[u.ArticleID]; !ok {
			clusters[u.ArticleID] = len(clusters)
		}
		said := consensus[u.ID].Side
		e := estimate.Unit{Cluster: clusters[u.ArticleID], Stratum: into[place[u.Stratum]], Coded: u.Drawn && said != "", Tool: toolValue(u, outcome)}
		size[e.Stratum]++
		if e.Coded && said != "none" {
			e.Valid, e.Hand = true, value(said, outcome)
		}
		d.units[i] = e
	}
	for i := range d.units {
		h := d.units[i].Stratum
		d.units[i].Probability = float64(coded[h]) / float64(size[h])
	}
	return d, nil
}

func value(side, outcome string) float64 {
	switch {
	case outcome == "score" && side == "for", outcome == "share_"+side:
		return 1
	case outcome == "score" && side == "against":
		return -1
	}
	return 0
}

// toolValue is the tool's figure, on abstentions too: any guess helps, and none
// has to be right.
func toolValue(u *Unit, outcome string) float64 {
	if outcome == "score" {
		return u.Score
	}
	return value(u.Label, outcome)
}

// A Correction is what Correct makes of a coded sample.
type Correction struct {
	Estimates []Estimates `json:"estimates"`
	Uncoded   int         `json:"groups_without_coding"` // left out
	Missing   int         `json:"drawn_without_consensus"`
	Combined  []string    `json:"strata_without_coding"` // taken together with others
}

// Correct estimates the means of all outcomes over the whole run, and over the
// groups that the columns by make. units are the population, redrawn.
func Correct(units []Unit, consensus map[string]Consensus, by []string) (Correction, error) {
	var c Correction
	for _, column := range by {
		if !slices.Contains(By, column) {
			return c, fmt.Errorf("by: no column %q (choose from %s)", column, strings.Join(By, ", "))
		}
	}
	groups := map[string][]int{}
	for i := range units {
		values := make([]string, len(by))
		for k, column := range by {
			values[k] = units[i].Value(column)
		}
		if len(by) > 0 {
			name := strings.Join(values, " | ")
			groups[name] = append(groups[name], i)
		}
	}
	names := slices.Sorted(maps.Keys(groups))
	for _, outcome := range Outcomes {
		design, err := population(units, consensus, outcome)
		if err != nil {
			return c, err
		}
		c.Missing, c.Combined, c.Uncoded = design.missing, design.combined, 0
		add := func(name string, in func(int) bool) {
			r := estimate.Domain(design.units, in)
			if r.Coded == 0 {
				c.Uncoded++
				return
			}
			least := 0.0
			if outcome == "score" {
				least = -1
			}
			c.Estimates = append(c.Estimates, Estimates{name, outcome, r.Units, r.Coded, r.Tool,
				corrected(r.Hand, least), corrected(r.PPI, least), corrected(r.DSL, least)})
		}
		add("all", func(int) bool { return true })
		for _, name := range names {
			in := make([]bool, len(units))
			for _, i := range groups[name] {
				in[i] = true
			}
			add(name, func(i int) bool { return in[i] })
		}
	}
	return c, nil
}

// corrected ends the interval where the outcome does, at least and 1.
func corrected(m estimate.Mean, least float64) CorrectedMean {
	return CorrectedMean{Estimate{m.Value, max(least, m.Low), min(1, m.High)}, m.SE, m.Lambda}
}

// WriteText prints the correction for people.
func (c Correction) WriteText(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, outcome := range Outcomes {
		fmt.Fprintf(w, "%s [95 %% interval]\n", map[string]string{"score": "Mean side, from -1 against to 1 for", "share_for": "Share for", "share_against": "Share against"}[outcome])
		fmt.Fprintln(w, "  \tstances\tcoded\ttool alone\tcoded alone\tPPI\tDSL")
		for _, e := range c.Estimates {
			if e.Outcome == outcome {
				fmt.Fprintf(w, "  %s\t%d\t%d\t%.2f\t%v\t%v\t%v\n", e.Group, e.Units, e.Coded, e.Tool, e.Hand, e.PPI, e.DSL)
			}
		}
		fmt.Fprintln(w)
	}
	if c.Uncoded > 0 {
		fmt.Fprintf(w, "%d groups without a coded unit are left out.\n", c.Uncoded)
	}
	if c.Missing > 0 {
		fmt.Fprintf(w, "%d drawn units have no consensus; they are taken to be missing at random within their stratum.\n", c.Missing)
	}
	if len(c.Combined) > 0 {
		fmt.Fprintf(w, "Nothing is coded in the strata %s; each is taken together with the nearest by name.\n", strings.Join(c.Combined, ", "))
	}
	fmt.Fprintf(w, "No interval is given below %d coded units or %d articles. A figure is of the stances that the tool found and\nthe coders hold to be one; what it missed is in none of them. Publish PPI or DSL, not both.\n", estimate.MinCoded, estimate.MinClusters)
	return w.Flush()
}

// WritePseudo writes a sheet with a row for every stance, ready for regressions:
// what is known of it, and its design-adjusted outcomes (see estimate.Pseudo).
func WritePseudo(to io.Writer, units []Unit, consensus map[string]Consensus) error {
	w, err := sheet.NewWriter(to, false, "stance_id", "statement_id", "article_id", "outlet", "period", "target", "speaker", "speaker_type",
		"tool_label", "tool_score", "stratum", "coded", "probability", "hand_side", "dsl_score", "dsl_share_for", "dsl_share_against", "dsl_valid")
	if err != nil {
		return err
	}
	var outcomes [3][]float64
	var valid []float64
	var d design
	for k, outcome := range Outcomes {
		if d, err = population(units, consensus, outcome); err != nil {
			return err
		}
		outcomes[k], valid = estimate.Pseudo(d.units)
	}
	for i := range units {
		u := &units[i]
		for _, s := range []string{u.ID, u.StatementID, u.ArticleID, u.Outlet, u.Period, u.Target, u.SpeakerID, u.SpeakerType} {
			w.Text(s)
		}
		w.Plain(u.Label)
		w.Plain(number(u.Score))
		w.Text(u.Stratum)
		w.Plain(fmt.Sprint(d.units[i].Coded))
		w.Plain(number(d.units[i].Probability))
		w.Plain(map[bool]string{true: consensus[u.ID].Side}[d.units[i].Coded])
		for k := range outcomes {
			w.Plain(number(outcomes[k][i]))
		}
		w.Plain(number(valid[i]))
		if err := w.End(); err != nil {
			return err
		}
	}
	return w.Flush()
}
