package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

An earlier run in --out is replaced when the new one is whole, and not before.`,
		Example: `  standpoint run
  standpoint run --out night articles/ more.jsonl.gz
  standpoint run --config targets.yaml --out night articles.csv`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := setWorkers(f.workers); err != nil {
				return err
			}
			limit, err := parseQuarantine(f.maxQuarantine)
			if err != nil {
				return usageError{err}
			}
			return runCorpus(c.Context(), g, f, limit, args, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVarP(&f.out, "out", "o", "standpoint-out", "output folder")
	workersFlag(c, &f.workers)
	f.corpus.register(c)
	c.Flags().StringVar(&f.maxQuarantine, "max-quarantine", "10%", "exit with code 3 if more articles are quarantined: a number, or a share of the articles in (\"10%\")")
	return c
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

// A result is what became of one article.
type result struct {
	batch     *table.Batch
	rejection *table.QuarantineRow
	bytes     int
}

func runCorpus(ctx context.Context, g *global, f runFlags, tooMany func(n, total int) bool, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	began := time.Now()
	isDemo := len(args) == 0 && len(f.corpus.manifests) == 0
	config, err := loadConfig(g, isDemo)
	if err != nil {
		return err
	}
	if isDemo {
		g.say(stderr, "No CORPUS named: reading the demo corpus, invented articles about an invented crisis.")
		args, stdin = []string{"-"}, bytes.NewReader(demo.Articles())
	}
	// one order of reading, whatever the order of the arguments
	args = slices.Compact(slices.Sorted(slices.Values(args)))
	analyzer, err := analysis.New(config)
	if err != nil {
		return usageError{err}
	}
	w, err := table.Create(f.out)
	if err != nil {
		return err
	}
	defer w.Abort()

	progress := newProgress(stderr, g.quiet, args, isDemo)
	groups := dedup.New()
	defer groups.Close()
	lines := clean.NewLines()
	ids := newIdentifier()
	inputs := sha256.New()
	options := f.corpus.options(config)
	if !isDemo { // the demo's dates lie ahead
		options.Now = began
	}
	source := func(yield func(reader.Item) error) error {
		return reader.Read(ctx, args, stdin, options, func(item reader.Item) error {
			return yield(ids.check(item))
		})
	}
	work := func(ctx context.Context, item reader.Item) result {
		return analyseItem(ctx, analyzer, groups, lines, item)
	}
	var digests []string
	emit := func(r result) error {
		progress.add(r.bytes)
		if r.rejection != nil {
			w.Quarantine(*r.rejection)
			return nil
		}
		digests = append(digests, digest(&r.batch.Article))
		return w.Add(*r.batch)
	}
	if err := analysis.Stream(ctx, f.workers, source, work, emit); err != nil {
		return err
	}
	progress.done()
	analysed := time.Since(began)

	slices.Sort(digests)
	for _, d := range digests {
		io.WriteString(inputs, d)
	}
	copies := map[string]dedup.Copy{}
	found, err := groups.Groups()
	if err != nil {
		return err
	}
	for _, c := range found {
		copies[c.ID] = c
	}
	repeated := lines.Repeated(func(id string) bool { _, is := copies[id]; return is })
	hash, err := config.SHA256()
	if err != nil {
		return err
	}
	manifest, err := models.Manifest()
	if err != nil {
		return err
	}
	info, err := w.Finish(table.Finish{
		Amend: func(b *table.Batch) {
			if c, ok := copies[b.Article.ID]; ok {
				b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = table.Duplicate, &c.Original, c.Kind.String()
				b.Article.DuplicateSimilarity = &c.Similarity
			}
			dropRepeated(b, repeated)
		},
		Known:   analyzer.KnowsSpeaker,
		Rulings: config.Rulings(),
		Info: func(table.Counts) table.RunInfo {
			info := table.RunInfo{
				Version: version(), Demo: isDemo, ConfigSHA256: hash, ModelsSHA256: map[string]string{},
				InputsSHA256: map[string]string{"articles": hex.EncodeToString(inputs.Sum(nil))},
				Timings:      map[string]float64{"analysis": analysed.Seconds(), "total": time.Since(began).Seconds()},
			}
			for _, m := range manifest {
				info.ModelsSHA256[m.Name] = m.SHA256
			}
			for _, t := range config.Targets {
				info.Targets = append(info.Targets, table.Target{ID: t.ID, Name: t.Name, Kind: t.Kind})
			}
			for _, e := range config.Events {
				info.Events = append(info.Events, table.Event{Date: e.Date, Name: e.Name})
			}
			return info
		},
		Report: html.WriteFile,
	})
	if err != nil {
		return err
	}
	if err := summarise(g, f.out, info, stdout, stderr); err != nil {
		return err
	}
	if tooMany(info.Counts.Quarantined, info.Counts.In) {
		return fmt.Errorf("%w, more than --max-quarantine allows: %d of %d (their reasons are in %s)", errQuarantined, info.Counts.Quarantined, info.Counts.In, filepath.Join(f.out, "quarantine"))
	}
	return nil
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

// digest identifies an article's content, for the hash of the input.
func digest(a *table.ArticleRow) string {
	h := sha256.New()
	published := ""
	if a.Published != nil {
		published = strconv.FormatInt(*a.Published, 10)
	}
	for _, s := range []string{a.ID, a.Title, a.Text, a.Publisher, a.URL, a.Topic, published} {
		fmt.Fprintf(h, "%d:", len(s))
		io.WriteString(h, s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func analyseItem(ctx context.Context, analyzer *analysis.Analyzer, groups *dedup.Grouper, lines *clean.Lines, item reader.Item) result {
	if r := item.Rejected; r != nil {
		return result{rejection: &table.QuarantineRow{Path: r.Place.Path, Line: int32(r.Place.Line), ID: r.ID,
			Reason: string(r.Reason), Message: r.Message, Mend: r.Mend}}
	}
	doc := item.Doc
	relevant, err := analyseSafely(ctx, analyzer, doc)
	if err != nil {
		return result{bytes: len(doc.Text), rejection: &table.QuarantineRow{Path: doc.Place.Path, Line: int32(doc.Place.Line), ID: doc.ID,
			Reason: "analysis", Message: err.Error(), Mend: "report this article to the developers; the others are not affected"}}
	}
	groups.Add(doc.ID, doc.Published, doc.Text)
	lines.Add(doc.ID, doc.Publisher, doc.Text)
	batch := table.FromDocument(doc, analyzer.Targets(), relevant)
	return result{batch: &batch, bytes: len(doc.Text)}
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

// An identifier sees to it that every article has an id of its own. Articles
// come to it in the order of reading, one at a time.
type identifier struct {
	seen   map[string][32]byte // id -> content of the first article under it
	copies map[string]int      // id -> articles equal to that one
	places map[string]corpus.Place
}

func newIdentifier() *identifier {
	return &identifier{map[string][32]byte{}, map[string]int{}, map[string]corpus.Place{}}
}

// check passes an item on. An article that comes again whole under its id gets
// a numbered id, to be found a duplicate later; another article under an id in
// use is rejected.
func (x *identifier) check(item reader.Item) reader.Item {
	doc := item.Doc
	if doc == nil {
		return item
	}
	content := sha256.Sum256([]byte(doc.Title + "\x00" + doc.Text))
	first, met := x.seen[doc.ID]
	switch {
	case !met:
		x.seen[doc.ID], x.places[doc.ID] = content, doc.Place
		return item
	case first == content:
		id := doc.ID
		for met {
			x.copies[id]++
			doc.ID = fmt.Sprintf("%s~%d", id, x.copies[id]+1)
			_, met = x.seen[doc.ID]
		}
		x.seen[doc.ID], x.places[doc.ID] = content, doc.Place
		return item
	}
	return reader.Item{Rejected: reader.Duplicate(doc, x.places[doc.ID])}
}

// say prints a message unless --quiet.
func (g *global) say(w io.Writer, format string, args ...any) {
	if !g.quiet {
		fmt.Fprintf(w, format+"\n", args...)
	}
}
