package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/reports/table"
)

// A plan is what a run would do.
type plan struct {
	Run         int    `json:"run"`
	In          int    `json:"in"`
	New         int    `json:"new"`         // to be analysed
	Changed     int    `json:"changed"`     // under a known id: to be analysed
	Again       int    `json:"again"`       // the same article, to be analysed again
	Unchanged   int    `json:"unchanged"`   // not to be analysed
	Quarantined int    `json:"quarantined"` // by the reader
	Gone        int    `json:"gone"`        // no longer in the input: their rows will go
	Why         string `json:"why,omitempty"`
}

// printPlan reads the input and says what a run over it would do.
func (r *run) printPlan(ctx context.Context, args []string) error {
	in, err := r.prepare(args)
	if err != nil {
		return err
	}
	environment, err := environmentOf(in.config)
	if err != nil {
		return err
	}
	state, err := table.Inspect(r.out, table.Options{Environment: environment, Fresh: r.fresh})
	if err != nil {
		return err
	}
	defer state.Close()
	p := plan{Run: state.Run}
	seen := 0
	err = r.read(ctx, &in, newIdentifier(0), nil, func(item reader.Item) error {
		p.In++
		if item.Rejected != nil {
			p.Quarantined++
			return nil
		}
		known, same, ready := state.Article(item.Doc.ID, table.Digest(item.Doc))
		if known {
			seen++
		}
		switch {
		case ready:
			p.Unchanged++
		case !known:
			p.New++
		case !same:
			p.Changed++
		default:
			p.Again++
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.Gone = state.Articles() - seen
	if before, err := table.ReadRun(r.out); err == nil && p.Again > 0 {
		if p.Why = whatChanged(&before, in.config, environment); r.fresh {
			p.Why = "--fresh"
		}
	}
	if r.json {
		enc := json.NewEncoder(r.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	}
	fmt.Fprintf(r.stdout, "Run %d of %s would read %d articles:\n", p.Run, r.out, p.In)
	for _, line := range []struct {
		n    int
		text string
	}{
		{p.New, "new, to be analysed"},
		{p.Changed, "changed, to be analysed"},
		{p.Again, "to be analysed again: another " + p.Why},
		{p.Unchanged, "analysed already"},
		{p.Quarantined, "that cannot be read"},
	} {
		if line.n > 0 {
			fmt.Fprintf(r.stdout, "%8d %s\n", line.n, line.text)
		}
	}
	if p.Gone > 0 {
		fmt.Fprintf(r.stdout, "%d articles of the run before are no longer there; their rows will go.\n", p.Gone)
	}
	return nil
}
