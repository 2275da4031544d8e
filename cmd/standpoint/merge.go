package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/reports/table"
)

func newMerge(g *global) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "merge DIR…",
		Short: "Join the outputs of shards into one",
		Long: `Joins the output folders DIR of "run --shard", or of runs over parts of a corpus
that share no article, into one at --out: copies and quotations are grouped,
speakers merged and stances summed over everything. The tables and the report
are those of one run over the whole corpus. Nothing is analysed again and the
corpus need not be there, but beside each DIR its DIR.state must.

All must be made by this version of standpoint under one configuration: name it
with --config as in their runs.`,
		Example: `  for k in 1 2 3 4; do standpoint run --shard $k/4 --out part$k articles/; done
  standpoint merge --out all part1 part2 part3 part4`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := newCall(g, f, c)
			if err != nil {
				return err
			}
			return r.log.failed(r.merge(c.Context(), outputs(args)))
		},
	}
	f.register(c)
	return c
}

// outputs drops from the arguments, as parts/* gives them, the state beside an
// output and what comes twice.
func outputs(args []string) []string {
	named := map[string]bool{}
	for _, dir := range args {
		named[filepath.Clean(dir)] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(named)), func(dir string) bool {
		of, is := strings.CutSuffix(dir, ".state")
		return is && named[of]
	})
}

func (r *run) merge(ctx context.Context, dirs []string) error {
	in, environment, err := r.parts(dirs)
	if err != nil {
		return err
	}
	opt := table.Options{Environment: environment, Keep: r.keep, Counting: countingOf(in.config), Since: r.since}
	w, err := table.Create(r.out, opt)
	if err != nil {
		return err
	}
	defer w.Abort()
	all := newGathering(w)
	defer all.groups.Close()
	type from struct {
		dir string
		table.Record
	}
	states := make([]*table.State, len(dirs))
	for i, dir := range dirs {
		if states[i], err = table.Inspect(dir, opt); err != nil {
			return err
		}
		defer states[i].Close()
		rows, err := table.Read[table.QuarantineRow](dir)
		if err != nil {
			return err
		}
		for _, row := range rows {
			w.Quarantine(row)
		}
	}
	source := func(yield func(from) error) error {
		for i, dir := range dirs {
			if err := states[i].Records(func(r table.Record) error { return yield(from{dir, r}) }); err != nil {
				return err
			}
		}
		return nil
	}
	work := func(_ context.Context, x from) result {
		b, err := w.Take(x.Record)
		if err != nil {
			return result{err: fmt.Errorf("%s: %w", x.dir, err)}
		}
		a := &b.Article
		all.add(&gathered{id: a.ID, publisher: a.Publisher, published: table.Time(a.Published), content: x.Content,
			since: w.Since(a.ID, x.Content), lines: clean.LineHashes(a.Text), sketch: sketchOf(b, a.Text)})
		return result{}
	}
	emit := func(x result) error { return x.err }
	if err := analysis.Stream(ctx, r.workers, source, work, emit); err != nil {
		return err
	}
	return r.publish(w, all, &in, environment)
}

// parts checks that the outputs belong together, and reads the configuration.
func (r *run) parts(dirs []string) (in input, environment [32]byte, err error) {
	infos, shards := make([]table.RunInfo, len(dirs)), make([]shard, len(dirs))
	for i, dir := range dirs {
		if infos[i], err = table.ReadRun(dir); err != nil {
			return in, environment, err
		}
		if shards[i], err = parseShard(infos[i].Shard); err != nil {
			return in, environment, fmt.Errorf("%s: run.json: %w", dir, err)
		}
		in.demo = in.demo || infos[i].Demo
	}
	if err := complete(dirs, shards); err != nil {
		return in, environment, usageError{err}
	}
	if in.config, err = loadConfig(r.global, in.demo); err != nil {
		return in, environment, err
	}
	if environment, err = environmentOf(in.config); err != nil {
		return in, environment, err
	}
	for i := range infos {
		if why := whatChanged(&infos[i], in.config, environment); why != "" {
			return in, environment, usageError{fmt.Errorf("%s: was made with another %s (name the --config of its run, or run it again)", dirs[i], why)}
		}
	}
	return in, environment, nil
}

// complete checks that the outputs are each shard of one corpus once, or none of
// them a shard.
func complete(dirs []string, shards []shard) error {
	of := shards[0].of
	met := map[int]string{}
	for i, s := range shards {
		if s.of != of {
			return fmt.Errorf("%s and %s: are no shards of one corpus: %q and %q (name all shards of one, or whole runs alone)", dirs[0], dirs[i], shards[0], s)
		}
		if other := met[s.number]; of > 0 && other != "" {
			return fmt.Errorf("%s and %s: both are shard %v (name each shard once)", other, dirs[i], s)
		}
		met[s.number] = dirs[i]
	}
	var missing []string
	for k := 1; k <= of; k++ {
		if met[k] == "" {
			missing = append(missing, shard{k, of}.String())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d of %d shards missing: %s (name them all)", len(missing), of, strings.Join(missing[:min(len(missing), 10)], ", "))
	}
	return nil
}
