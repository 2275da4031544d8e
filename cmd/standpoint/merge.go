package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
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
			return r.log.failed(r.merge(outputs(args)))
		},
	}
	c.Flags().StringVarP(&f.out, "out", "o", "standpoint-out", "output folder")
	workersFlag(c, &f.workers)
	c.Flags().StringVar(&f.maxQuarantine, "max-quarantine", "10%", "exit with code 3 if more articles are quarantined: a number, or a share of the articles in (\"10%\")")
	c.Flags().IntVar(&f.keep, "keep", 2, "earlier runs to keep")
	c.Flags().StringVar(&f.log, "log", "auto", "messages: plain, text or json (log/slog); auto is plain on a terminal, else text")
	return c
}

// outputs drops from the arguments, as parts/* gives them, the state beside an
// output and what comes twice.
func outputs(args []string) []string {
	args = slices.Compact(slices.Sorted(slices.Values(args)))
	return slices.DeleteFunc(slices.Clone(args), func(dir string) bool {
		of, is := strings.CutSuffix(dir, ".state")
		return is && slices.Contains(args, of)
	})
}

func (r *run) merge(dirs []string) error {
	in, environment, err := r.parts(dirs)
	if err != nil {
		return err
	}
	analyzer, err := analysis.New(in.config)
	if err != nil {
		return usageError{err}
	}
	w, err := table.Create(r.out, table.Options{Environment: environment, Keep: r.keep, Counting: countingOf(in.config)})
	if err != nil {
		return err
	}
	defer w.Abort()
	all := newGathering()
	defer all.close()
	var mu sync.Mutex
	take := func(a *table.Record) error {
		if err := w.Take(a); err != nil {
			return err
		}
		b := &a.Batch.Article
		all.groups.AddSince(b.ID, table.Time(b.Published), b.Text, w.Since(b.ID, a.Content))
		all.lines.Add(b.ID, b.Publisher, b.Text)
		mu.Lock()
		defer mu.Unlock()
		all.digests = append(all.digests, hex.EncodeToString(a.Content[:]))
		return nil
	}
	for _, dir := range dirs {
		if err := table.Records(dir, r.workers, take); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		rows, err := table.ReadQuarantine(dir)
		if err != nil {
			return err
		}
		for _, row := range rows {
			w.Quarantine(row)
		}
	}
	return r.publish(w, all, &in, analyzer, environment)
}

// parts checks that the outputs belong together, and reads the configuration.
func (r *run) parts(dirs []string) (in input, environment [32]byte, err error) {
	shards := map[shard]string{}
	var infos []table.RunInfo
	for _, dir := range dirs {
		info, err := table.ReadRun(dir)
		if err != nil {
			return in, environment, err
		}
		infos = append(infos, info)
		in.demo = in.demo || info.Demo
		part, err := parseShard(info.Shard)
		if err != nil {
			return in, environment, fmt.Errorf("%s: run.json: %w", dir, err)
		}
		if part.of == 0 {
			continue
		}
		if other, met := shards[part]; met {
			return in, environment, usageError{fmt.Errorf("%s and %s: both are shard %v (name each shard once)", other, dir, part)}
		}
		shards[part] = dir
	}
	if err := complete(shards, len(dirs)); err != nil {
		return in, environment, usageError{err}
	}
	if in.config, err = loadConfig(r.global, in.demo); err != nil {
		return in, environment, err
	}
	if environment, err = environmentOf(in.config); err != nil {
		return in, environment, err
	}
	for i, info := range infos {
		if why := whatChanged(&info, in.config, environment); why != "" {
			return in, environment, usageError{fmt.Errorf("%s: was made with another %s (name the --config of its run, or run it again)", dirs[i], why)}
		}
	}
	return in, environment, nil
}

// complete reports which shards of the outputs are not there; outputs that are
// no shards can be joined in any number.
func complete(shards map[shard]string, outputs int) error {
	if len(shards) == 0 {
		return nil
	}
	of := 0
	for s, dir := range shards {
		if of != 0 && of != s.of {
			return fmt.Errorf("%s: is shard %v, others are of %d (name the shards of one corpus)", dir, s, of)
		}
		of = s.of
	}
	if outputs != len(shards) {
		return errors.New("some of the outputs are shards, others are none (name the shards of one corpus)")
	}
	var missing []string
	for k := range of {
		if s := (shard{k + 1, of}); shards[s] == "" {
			missing = append(missing, s.String())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d of %d shards missing: %s (name them all)", len(missing), of, strings.Join(missing[:min(len(missing), 10)], ", "))
	}
	return nil
}
