package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/standpoint-news/standpoint/reports/table"
)

// minArticles is the least number of articles on which a finding is printed.
const minArticles = 3

// summarise prints what a run did and its strongest findings.
func (r *run) summarise() error {
	info := r.info
	if r.json {
		enc := json.NewEncoder(r.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(info)
	}
	c := info.Counts
	r.log.say("%d articles in = %d analysed + %d unchanged + %d duplicates + %d quarantined; %d mention a target.", c.In, c.Analysed, c.Unchanged, c.Duplicates, c.Quarantined, c.Relevant)
	r.log.say("%d statements, %s without a sure speaker; %d stances, %s abstained.", c.Statements, share(c.SpeakersAbstained, c.Statements), c.Stances, share(c.Abstained, c.Stances))
	rows, err := table.Read[table.SummaryRow](r.out)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, t := range info.Targets {
		names[t.ID] = t.Name
	}
	rows = slices.DeleteFunc(rows, func(c table.SummaryRow) bool {
		return c.SpeakerID == "" || c.Period != "all" || c.Articles < minArticles || c.Mean == nil || c.CILow == nil || c.CIHigh == nil || *c.CILow <= 0 && *c.CIHigh >= 0
	})
	slices.SortStableFunc(rows, func(a, b table.SummaryRow) int {
		return cmp.Or(cmp.Compare(strength(b), strength(a)), cmp.Compare(a.SpeakerID, b.SpeakerID), cmp.Compare(a.Target, b.Target))
	})
	if len(rows) > 0 {
		r.log.say("Strongest findings (mean stance from -1 against to 1 for, 95 %% interval over articles):")
	} else {
		r.log.say("No speaker's side stands out from chance on %d articles or more.", minArticles)
	}
	for _, f := range rows[:min(len(rows), 5)] {
		r.log.say("  %s on %s: %+.2f [%+.2f, %+.2f], %d statements in %d articles, %.0f %% abstained",
			f.SpeakerName, names[f.Target], *f.Mean, *f.CILow, *f.CIHigh, f.Statements, f.Articles, 100*f.ShareAbstained)
	}
	r.log.note(fmt.Sprintf("Run %d is done in %s: %d articles, %d of them new, %d left out. Report: %s", info.Run,
		time.Since(r.began).Round(100*time.Millisecond), c.In, c.Analysed, c.Quarantined, filepath.Join(r.out, "report", "index.html")),
		"run", info.Run, "in", c.In, "analysed", c.Analysed, "unchanged", c.Unchanged, "duplicates", c.Duplicates,
		"quarantined", c.Quarantined, "statements", c.Statements, "stances", c.Stances, "seconds", time.Since(r.began).Seconds())
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
