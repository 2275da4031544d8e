package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/corpus/demo"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
	"github.com/standpoint-news/standpoint/reports/html"
	"github.com/standpoint-news/standpoint/reports/table"
)

type runFlags struct {
	out           string
	workers       int
	maxQuarantine string
	plan, fresh   bool
	keep          int
	metrics       string
	log           string
	shard         string
	since         string
	corpus        corpusFlags
}

func newRun(g *global) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [CORPUS…]",
		Short: "Read a corpus, analyse it, write the tables and the report",
		Long: `Reads articles, analyses them, and writes Parquet tables, run.json, the HTML
report (report/index.html) and, last, _SUCCESS to the folder --out.

` + corpusHelp + `
Without CORPUS the embedded demo corpus is read: invented articles about an
invented crisis.

An earlier run in --out is replaced when the new one is whole, and not before;
it is kept under OUT.state/runs. An article that the earlier run analysed under
the same configuration and models is not analysed again. The tables hold what is
in CORPUS now. A run that was cut off goes on where it was: type it again.`,
		Example: `  standpoint run
  standpoint run --out night articles/ more.jsonl.gz
  standpoint run --plan --out night articles/
  standpoint run --config targets.yaml --out night articles.csv`,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := newCall(g, f, c)
			if err != nil {
				return err
			}
			if r.part, err = parseShard(f.shard); err != nil {
				return usageError{err}
			}
			if f.plan {
				return r.printPlan(c.Context(), args)
			}
			err = r.do(c.Context(), args)
			if f.metrics != "" {
				err = errors.Join(err, writeMetrics(f.metrics, f.out, &r.info, exitCode(err), r.began))
			}
			return r.log.failed(err)
		},
	}
	f.register(c)
	f.corpus.register(c)
	c.Flags().BoolVar(&f.plan, "plan", false, "say what a run would do, and do nothing")
	c.Flags().BoolVar(&f.fresh, "fresh", false, "analyse everything again")
	c.Flags().StringVar(&f.shard, "shard", "", "analyse one part of the articles only: 3/40 is the third of 40")
	c.Flags().StringVar(&f.metrics, "metrics", "", "write figures for Prometheus's textfile collector to this file")
	return c
}

// register adds the flags of whatever writes an output folder.
func (f *runFlags) register(c *cobra.Command) {
	c.Flags().StringVarP(&f.out, "out", "o", "standpoint-out", "output folder")
	workersFlag(c, &f.workers)
	c.Flags().StringVar(&f.maxQuarantine, "max-quarantine", "10%", "exit with code 3 if more articles are quarantined: a number, or a share of the articles in (\"10%\")")
	c.Flags().StringVar(&f.since, "since", "", "summary and report cover the articles published since this day alone (YYYY-MM-DD); the tables hold all")
	c.Flags().IntVar(&f.keep, "keep", 2, "earlier runs to keep")
	c.Flags().StringVar(&f.log, "log", "auto", "messages: plain, text or json (log/slog); auto is plain on a terminal, else text")
}

// parseQuarantine reads "25" or "10%"; the result says whether n of total is too many.
func parseQuarantine(s string) (func(n, total int) bool, error) {
	if share, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(share, 64)
		if err != nil || p < 0 || p > 100 {
			return nil, fmt.Errorf("--max-quarantine %q: want a number, or a percentage from 0%% to 100%%", s)
		}
		return func(n, total int) bool { return float64(n) > p/100*float64(total) }, nil
	}
	k, err := strconv.Atoi(s)
	if err != nil || k < 0 {
		return nil, fmt.Errorf("--max-quarantine %q: want a number, or a percentage from 0%% to 100%%", s)
	}
	return func(n, _ int) bool { return n > k }, nil
}

// A run is one call of the command.
type run struct {
	*global
	runFlags
	log     *runLog
	began   time.Time
	part    shard
	tooMany func(n, total int) bool
	stdin   io.Reader
	stdout  io.Writer

	info table.RunInfo // once it is done
}

// newCall checks the flags.
func newCall(g *global, f runFlags, c *cobra.Command) (*run, error) {
	r := &run{global: g, runFlags: f, began: time.Now(), stdin: c.InOrStdin(), stdout: c.OutOrStdout()}
	if err := setWorkers(f.workers); err != nil {
		return nil, err
	}
	if f.keep < 0 {
		return nil, usageError{fmt.Errorf("--keep %d: want 0 or more", f.keep)}
	}
	err := checkSince(f.since)
	if err != nil {
		return nil, err
	}
	if r.tooMany, err = parseQuarantine(f.maxQuarantine); err != nil {
		return nil, usageError{err}
	}
	if r.log, err = newLog(c.ErrOrStderr(), f.log, g.quiet); err != nil {
		return nil, usageError{err}
	}
	return r, nil
}

// A result is what became of one article.
type result struct {
	rejection *table.QuarantineRow
	bytes     int
	err       error // of the output: it ends the run
}

// input is what a run reads, and how.
type input struct {
	demo   bool
	paths  []string
	config analysis.Config
}

// prepare reads the configuration and settles what is read.
func (r *run) prepare(args []string) (input, error) {
	in := input{demo: len(args) == 0 && len(r.corpus.manifests) == 0}
	var err error
	if in.config, err = loadConfig(r.global, in.demo); err != nil {
		return in, err
	}
	if in.demo {
		r.log.say("No CORPUS named: reading the demo corpus, invented articles about an invented crisis.")
		args, r.stdin = []string{"-"}, bytes.NewReader(demo.Articles())
	}
	// one order of reading, whatever the order of the arguments
	in.paths = slices.Compact(slices.Sorted(slices.Values(args)))
	return in, nil
}

// read yields the articles of the input, each with an id of its own, but for those
// of the records that known, which may be nil, takes.
func (r *run) read(ctx context.Context, in *input, ids *identifier, known func(corpus.Place, reader.RecordDigest) (bool, error), yield func(reader.Item) error) error {
	opt := r.corpus.options(in.config)
	if !in.demo { // the demo's dates lie ahead
		opt.Now = r.began
	}
	opt.Known = known
	return reader.Read(ctx, in.paths, r.stdin, opt, func(item reader.Item) error {
		if item = ids.check(item); !r.part.has(item) {
			return nil
		}
		return yield(item)
	})
}

func (r *run) do(ctx context.Context, args []string) error {
	in, err := r.prepare(args)
	if err != nil {
		return err
	}
	// loaded when the first article that is new asks for it
	load := sync.OnceValues(func() (*analysis.Analyzer, error) { return analysis.New(in.config) })
	environment, err := environmentOf(in.config)
	if err != nil {
		return err
	}
	w, err := table.Create(r.out, table.Options{Environment: environment, Fresh: r.fresh, Keep: r.keep, Counting: countingOf(in.config), Since: r.since})
	if err != nil {
		return err
	}
	defer w.Abort()
	r.sayWhatChanged(in.config, environment)

	progress := newProgress(r.log, in.paths, in.demo)
	all := newGathering(w)
	defer all.groups.Close()
	work := func(ctx context.Context, item reader.Item) result {
		return analyseItem(ctx, load, w, all, item)
	}
	emit := func(x result) error {
		progress.add(x.bytes)
		if x.err != nil {
			return x.err
		}
		if x.rejection != nil {
			w.Quarantine(*x.rejection)
		}
		return nil
	}
	ids := newIdentifier(w.Expected())
	known := func(place corpus.Place, record reader.RecordDigest) (bool, error) {
		m, err := r.reuse(w, all, ids, place, record)
		if m != nil {
			progress.add(int(m.Bytes))
		}
		return m != nil, err
	}
	source := func(yield func(reader.Item) error) error { return r.read(ctx, &in, ids, known, yield) }
	if err := analysis.Stream(ctx, r.workers, source, work, emit); err != nil {
		return err
	}
	progress.done()
	return r.publish(w, all, &in, environment)
}

// A gathering is what the end of a run needs to know of all articles.
type gathering struct {
	groups *dedup.Grouper
	lines  *clean.Lines

	mu      sync.Mutex
	digests [][32]byte // of the articles' contents
}

func newGathering(w *table.Writer) *gathering {
	return &gathering{groups: dedup.New(w.Text), lines: clean.NewLines()}
}

// Gathered is what the end of a run needs to know of one article.
type gathered struct {
	id, publisher string
	published     time.Time
	content       [32]byte
	since         int      // see dedup.Grouper.Add
	lines         []uint64 // see clean.LineHashes
	sketch        *dedup.Sketch
}

// add takes up an article, from any goroutine.
func (a *gathering) add(x *gathered) {
	a.groups.Add(x.id, x.published, x.since, x.sketch)
	a.lines.Add(x.id, x.publisher, x.lines)
	a.mu.Lock()
	a.digests = append(a.digests, x.content)
	a.mu.Unlock()
}

// drop makes room: what follows on gathering needs most.
func (a *gathering) drop() error {
	a.lines, a.digests = nil, nil
	return a.groups.Close()
}

// inputs is a digest of the articles' contents.
func (a *gathering) inputs() string {
	slices.SortFunc(a.digests, func(x, y [32]byte) int { return bytes.Compare(x[:], y[:]) })
	h := sha256.New()
	var digits [2 * sha256.Size]byte
	for i := range a.digests {
		hex.Encode(digits[:], a.digests[i][:])
		h.Write(digits[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sketchOf is the article's as an earlier night kept it, or else made anew.
func sketchOf(kept *table.Batch, text string) *dedup.Sketch {
	if s, ok := dedup.Kept(kept.Sketch); ok {
		return s
	}
	return dedup.NewSketch(text)
}

// publish settles what depends on all articles, and puts the tables and the
// report in their place.
func (r *run) publish(w *table.Writer, all *gathering, in *input, environment [32]byte) error {
	analysed := time.Since(r.began)
	known, err := in.config.KnownSpeakers()
	if err != nil {
		return usageError{err}
	}
	copies := map[string]dedup.Copy{}
	all.groups.Recall(w.Verdicts())
	found, err := all.groups.Groups()
	if err != nil {
		return err
	}
	for _, c := range found {
		copies[c.ID] = c
	}
	repeated := all.lines.Repeated(func(id string) bool { _, is := copies[id]; return is })
	inputs, verdicts := all.inputs(), all.groups.Verdicts()
	if err := all.drop(); err != nil {
		return err
	}
	info, err := runInfo(in, environment)
	if err != nil {
		return err
	}
	info.Shard = r.part.String()
	info.InputsSHA256["articles"] = inputs
	r.info, err = w.Finish(table.Finish{
		Amend: func(b *table.Batch) {
			if c, ok := copies[b.Article.ID]; ok {
				b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = table.Duplicate, &c.Original, c.Kind.String()
				b.Article.DuplicateSimilarity = &c.Similarity
			}
			dropRepeated(b, repeated)
		},
		Verdicts: verdicts,
		Known:    known,
		Rulings:  in.config.Rulings(),
		Info: func(table.Counts) table.RunInfo {
			info.Timings = map[string]float64{"analysis": analysed.Seconds(), "total": time.Since(r.began).Seconds()}
			info.Started, info.Finished = r.began.UTC(), time.Now().UTC()
			info.PeakMemoryBytes = peakMemory()
			return info
		},
		Report: html.WriteRun,
	})
	if err != nil {
		return err
	}
	if err := r.summarise(); err != nil {
		return err
	}
	if c := r.info.Counts; r.tooMany(c.Quarantined, c.In) {
		return fmt.Errorf("%w, more than --max-quarantine allows: %d of %d (their reasons are in %s)", errQuarantined, c.Quarantined, c.In, filepath.Join(r.out, "quarantine"))
	}
	return nil
}

// runInfo is what run.json says of a run before it has begun.
func runInfo(in *input, environment [32]byte) (table.RunInfo, error) {
	info := table.RunInfo{Version: version(), Demo: in.demo, EnvironmentSHA256: hex.EncodeToString(environment[:]),
		ModelsSHA256: map[string]string{}, InputsSHA256: map[string]string{}}
	var err error
	if info.ConfigSHA256, err = in.config.SHA256(); err != nil {
		return info, err
	}
	manifest, err := models.Manifest()
	if err != nil {
		return info, err
	}
	for _, m := range manifest {
		info.ModelsSHA256[m.Name] = m.SHA256
	}
	for _, t := range in.config.Targets {
		info.Targets = append(info.Targets, table.Target{ID: t.ID, Name: t.Name, Kind: t.Kind})
	}
	for _, e := range in.config.Events {
		info.Events = append(info.Events, table.Event{Date: e.Date, Name: e.Name})
	}
	return info, nil
}

// countingOf is what the configuration says of repeated statements.
func countingOf(config analysis.Config) table.Counting {
	return table.Counting{CopiesEach: config.CountCopies == analysis.CountEach, QuotationsOnce: config.CountQuotations == analysis.CountOnce}
}

// environmentOf digests what the analysis of an article depends on beside the
// article: the configuration but for how records are read and what the report
// marks, the models, the version.
func environmentOf(config analysis.Config) ([32]byte, error) {
	config.Fields, config.MaxArticleBytes, config.Events = reader.Fields{}, 0, nil
	config.Same, config.Different = nil, nil // judged when everything is analysed
	config.CountCopies, config.CountQuotations = "", ""
	text, err := config.YAML()
	if err != nil {
		return [32]byte{}, err
	}
	manifest, err := models.Manifest()
	if err != nil {
		return [32]byte{}, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n%s\n", version(), table.SchemaVersion, text)
	for _, m := range manifest {
		fmt.Fprintln(h, m.Name, m.SHA256)
	}
	if v := version(); strings.Contains(v, "devel") || strings.Contains(v, "dirty") { // tells no builds apart
		if err := digestProgram(h); err != nil {
			return [32]byte{}, err
		}
	}
	return [32]byte(h.Sum(nil)), nil
}

// sayWhatChanged says before anything is done why articles that were analysed
// will be again.
func (r *run) sayWhatChanged(config analysis.Config, environment [32]byte) {
	before, err := table.ReadRun(r.out)
	if err != nil || before.Counts.In == 0 {
		return // the first run
	}
	if why := whatChanged(&before, config, environment); r.fresh {
		r.log.say("Everything is analysed again, as --fresh asks.")
	} else if why != "" {
		r.log.say("Another %s than in run %d: its %d articles are analysed again.", why, before.Run, before.Counts.In-before.Counts.Quarantined)
	}
}

// whatChanged names what differs from an earlier run and makes its results
// void, "" for nothing.
func whatChanged(before *table.RunInfo, config analysis.Config, environment [32]byte) string {
	if before.EnvironmentSHA256 == hex.EncodeToString(environment[:]) {
		return ""
	}
	var changed []string
	if hash, err := config.SHA256(); err == nil && hash != before.ConfigSHA256 {
		changed = append(changed, "configuration")
	}
	manifest, err := models.Manifest()
	for _, m := range manifest {
		if err == nil && before.ModelsSHA256[m.Name] != m.SHA256 {
			changed = append(changed, "model ("+m.Name+")")
		}
	}
	if len(changed) == 0 || before.Version != version() {
		changed = append(changed, "version of standpoint")
	}
	return strings.Join(changed, " and ")
}

// loadConfig reads the configuration; the demo brings its own unless one is named.
func loadConfig(g *global, isDemo bool) (analysis.Config, error) {
	var config analysis.Config
	var err error
	if isDemo && g.config == "" {
		config, err = analysis.ParseConfig("demo configuration", demo.Config())
	} else {
		config, err = analysis.LoadConfig(g.config)
	}
	if err == nil && g.speakers != "" {
		err = config.AddSpeakers(g.speakers)
	}
	if err != nil {
		return config, usageError{err}
	}
	return config, nil
}

func analyseItem(ctx context.Context, load func() (*analysis.Analyzer, error), w *table.Writer, all *gathering, item reader.Item) result {
	if r := item.Rejected; r != nil {
		row := quarantined(r)
		return result{rejection: &row}
	}
	doc := item.Doc
	x := result{bytes: len(doc.Text)}
	content := table.Digest(doc)
	a := &gathered{id: doc.ID, publisher: doc.Publisher, published: doc.Published, content: content, since: w.Since(doc.ID, content)}
	if doc.Publisher != "" {
		a.lines = clean.LineHashes(doc.Text)
	}
	b, err := w.Reuse(doc.ID, content)
	if err != nil {
		return result{err: err}
	}
	if b != nil {
		a.sketch = sketchOf(b, doc.Text)
	} else {
		analyzer, err := load()
		if err != nil {
			return result{err: usageError{err}}
		}
		relevant, failure := analyseSafely(ctx, analyzer, doc)
		if failure != nil {
			row := failed(doc, failure)
			x.rejection = &row
			return x
		}
		a.sketch = dedup.NewSketch(doc.Text)
		made := table.FromDocument(doc, analyzer.Targets(), relevant)
		made.Sketch = a.sketch.Packed()
		if err := w.Add(made, content); err != nil {
			return result{err: err}
		}
		b = &made
	}
	if item.Record != (reader.RecordDigest{}) {
		x.err = w.Remember(item.Record, memoOf(doc, b, a))
	}
	all.add(a)
	return x
}

// quarantined is the row of an article that the reader rejects.
func quarantined(r *reader.Rejection) table.QuarantineRow {
	return table.QuarantineRow{Path: r.Place.Path, Line: int32(r.Place.Line), ID: r.ID, Reason: string(r.Reason), Message: r.Message, Mend: r.Mend}
}

// failed is the row of an article that the analysis fails on.
func failed(doc *corpus.Document, failure error) table.QuarantineRow {
	return table.QuarantineRow{Path: doc.Place.Path, Line: int32(doc.Place.Line), ID: doc.ID,
		Reason: "analysis", Message: failure.Error(), Mend: "report this article to the developers; the others are not affected"}
}

// analyseSafely keeps a fault of the program to the article that shows it.
func analyseSafely(ctx context.Context, analyzer *analysis.Analyzer, doc *corpus.Document) (relevant bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: the analysis failed: %v", doc.Place, r)
		}
	}()
	return analyzer.Analyze(ctx, doc)
}

// say prints a message unless --quiet.
func (g *global) say(w io.Writer, format string, args ...any) {
	if !g.quiet {
		fmt.Fprintf(w, format+"\n", args...)
	}
}
