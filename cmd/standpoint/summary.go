package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/reports/table"
)

// minArticles is the least number of articles on which a finding is printed.
const minArticles = 3

// summarise prints what a run did and its strongest findings.
func summarise(g *global, out string, info table.RunInfo, stdout, stderr io.Writer) error {
	if g.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(info)
	}
	c := info.Counts
	g.say(stderr, "%d articles in = %d analysed + %d duplicates + %d quarantined; %d mention a target.", c.In, c.Analysed, c.Duplicates, c.Quarantined, c.Relevant)
	g.say(stderr, "%d statements, %s without a sure speaker; %d stances, %s abstained.", c.Statements, share(c.SpeakersAbstained, c.Statements), c.Stances, share(c.Abstained, c.Stances))
	rows, err := table.ReadSummary(out)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, t := range info.Targets {
		names[t.ID] = t.Name
	}
	rows = slices.DeleteFunc(rows, func(r table.SummaryRow) bool {
		return r.SpeakerID == "" || r.Period != "all" || r.Articles < minArticles || r.Mean == nil || r.CILow == nil || r.CIHigh == nil || *r.CILow <= 0 && *r.CIHigh >= 0
	})
	slices.SortStableFunc(rows, func(a, b table.SummaryRow) int {
		return cmp.Or(cmp.Compare(strength(b), strength(a)), cmp.Compare(a.SpeakerID, b.SpeakerID), cmp.Compare(a.Target, b.Target))
	})
	if len(rows) > 0 {
		g.say(stderr, "Strongest findings (mean stance from -1 against to 1 for, 95 %% interval over articles):")
	} else {
		g.say(stderr, "No speaker's side stands out from chance on %d articles or more.", minArticles)
	}
	for _, r := range rows[:min(len(rows), 5)] {
		g.say(stderr, "  %s on %s: %+.2f [%+.2f, %+.2f], %d statements in %d articles, %.0f %% abstained",
			r.SpeakerName, names[r.Target], *r.Mean, *r.CILow, *r.CIHigh, r.Statements, r.Articles, 100*r.ShareAbstained)
	}
	g.say(stderr, "Report: %s", filepath.Join(out, "report", "index.html"))
	return nil
}

// strength ranks a finding: its distance from zero, in the root of its articles.
func strength(r table.SummaryRow) float64 {
	return math.Abs(*r.Mean) * math.Sqrt(float64(r.Articles))
}

func share(part, whole int) string {
	if whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}
