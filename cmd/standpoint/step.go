package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/analysis/aggregate"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/reports/table"
)

// newStep makes the steps of a run that another program may spread over many
// machines: cmd/standpoint-spark does. Each reads JSON lines from standard input
// and writes JSON lines to standard output, in memory for what it says, and
// gives the same lines for the same lines in any order but where an order is
// asked for. What run does is these steps on one machine.
func newStep(g *global) *cobra.Command {
	c := &cobra.Command{
		Use:   "step",
		Short: "The steps of a run, for programs that spread them over many machines",
		Long: `The steps of a run, one by one: JSON lines in, JSON lines out. They are what
cmd/standpoint-spark spreads over a cluster; its README shows how they go together.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newStepFiles(g), newStepArticles(g),
		stepCommand(g, "ids", "Give the articles of a family of ids each its own", stepIDs),
		stepCommand(g, "copies", "Group the copies among articles that are tied by their keys", stepCopies),
		stepCommand(g, "lines", "Find the lines that outlets repeat", stepLines),
		stepCommand(g, "speakers", "Settle which speakers are one", stepSpeakers),
		newStepTables(g), newStepTotals(g), newStepFinish(g))
	return c
}

// A stepCall is one call of a step.
type stepCall struct {
	context.Context
	config analysis.Config
	args   []string
	in     *lineReader
	out    *lineWriter
}

// stepCommand makes the command of a step.
func stepCommand(g *global, use, short string, do func(*stepCall) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, args []string) error {
		config, err := loadConfig(g, false)
		if err != nil {
			return err
		}
		if config.CountQuotations == analysis.CountOnce {
			return usageError{errors.New("count_quotations: once: the steps count every report of a quotation (run and merge heed it)")}
		}
		s := &stepCall{c.Context(), config, args, newLineReader(c.InOrStdin()), newLineWriter(c.OutOrStdout())}
		if err := do(s); err != nil {
			return err
		}
		return s.out.flush()
	}}
}

// A stepTask is what one task reads: files, in order, or the JSON Lines that
// follow it on standard input.
type stepTask struct {
	Part     int64                 `json:"part"` // in the order of reading
	Now      time.Time             `json:"now"`  // when the run began: dates long after are refused
	Files    []reader.File         `json:"files,omitempty"`
	Share    int                   `json:"share,omitempty"` // of the articles of the files, from 0
	Of       int                   `json:"of,omitempty"`    // 0: all
	Rejected []table.QuarantineRow `json:"rejected,omitempty"`
}

func newStepFiles(g *global) *cobra.Command {
	var f corpusFlags
	var bytes int64
	c := stepCommand(g, "files CORPUS…", "Divide the files of a corpus into tasks", func(s *stepCall) error {
		if len(s.args) == 0 && len(f.manifests) == 0 {
			return usageError{errors.New("step files: no CORPUS (name files or folders)")}
		}
		return divideFiles(s, s.args, f.options(s.config), max(bytes, 1), time.Now().UTC(), s.out)
	})
	c.Args = nil
	f.register(c)
	c.Flags().Int64Var(&bytes, "bytes", 64<<20, "bytes of files for a task; a file that has more is read by several, each of which keeps its share")
	return c
}

// divideFiles writes the tasks.
func divideFiles(ctx context.Context, paths []string, opt reader.Options, size int64, now time.Time, out *lineWriter) error {
	next := stepTask{Now: now}
	var held int64
	end := func() error {
		if len(next.Files)+len(next.Rejected) == 0 {
			return nil
		}
		for share := range max(next.Of, 1) {
			next.Share = share
			if err := out.write(next); err != nil {
				return err
			}
		}
		next, held = stepTask{Part: next.Part + 1, Now: now}, 0
		return nil
	}
	found := func(f reader.File) error {
		if len(next.Rejected) > 0 || held+f.Bytes > size {
			if err := end(); err != nil {
				return err
			}
		}
		next.Files = append(next.Files, f)
		if held += f.Bytes; f.Bytes > size {
			next.Of = int((f.Bytes + size - 1) / size)
			return end()
		}
		return nil
	}
	rejected := func(item reader.Item) error {
		if len(next.Files) > 0 {
			if err := end(); err != nil {
				return err
			}
		}
		next.Rejected = append(next.Rejected, quarantined(item.Rejected))
		return nil
	}
	if err := reader.Files(ctx, paths, opt, found, rejected); err != nil {
		return err
	}
	return end()
}

// A stepArticle is what became of one article.
type stepArticle struct {
	Key  int64  `json:"key"` // unique, in the order of reading
	ID   string `json:"id"`  // as the input has it
	Path string `json:"path"`
	Line int    `json:"line"`

	Family     string        `json:"family,omitempty"`  // see family
	Wording    []byte        `json:"wording,omitempty"` // see wording
	Day        string        `json:"day,omitempty"`     // the partition of its rows
	Publisher  string        `json:"publisher,omitempty"`
	Published  *int64        `json:"published,omitempty"`
	Keys       []int64       `json:"keys,omitempty"`  // see dedup.Keys
	Lines      []int64       `json:"lines,omitempty"` // see clean.LineHashes
	Statements int           `json:"statements,omitempty"`
	Speakers   []stepSpeaker `json:"speakers,omitempty"`
	Record     []byte        `json:"record,omitempty"`

	Rejected string `json:"rejected,omitempty"` // the row of quarantine
}

// A stepSpeaker is what some statements say of a speaker.
type stepSpeaker struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Wikidata string   `json:"wikidata"`
	Aliases  []string `json:"aliases"`
	N        int64    `json:"n"` // statements
}

func newStepArticles(g *global) *cobra.Command {
	var workers int
	c := stepCommand(g, "articles", "Read and analyse the articles of tasks", func(s *stepCall) error {
		if err := setWorkers(workers); err != nil {
			return err
		}
		return stepArticles(s, workers)
	})
	workersFlag(c, &workers)
	return c
}

// stepArticles writes a stepArticle for every item of the tasks on in. A task
// without files is the last, and in goes on with its articles.
func stepArticles(s *stepCall, workers int) error {
	analyzer, err := analysis.New(s.config)
	if err != nil {
		return usageError{err}
	}
	type numbered struct {
		key int64
		reader.Item
	}
	type outcome struct {
		stepArticle
		err error
	}
	source := func(yield func(numbered) error) error {
		for {
			var task stepTask
			more, err := s.in.read(&task)
			if !more {
				return err
			}
			key := task.Part << 32
			each := func(item reader.Item) error {
				key++
				if task.Of > 1 && key%int64(task.Of) != int64(task.Share) {
					return nil
				}
				return yield(numbered{key, item})
			}
			for _, row := range task.Rejected {
				err = errors.Join(err, each(reader.Item{Rejected: &reader.Rejection{Place: corpus.Place{Path: row.Path, Line: int(row.Line)}, ID: row.ID,
					Reason: reader.Reason(row.Reason), Message: row.Message, Mend: row.Mend}}))
			}
			opt := reader.Options{Fields: s.config.Fields, MaxArticleBytes: s.config.MaxArticleBytes, Now: task.Now}
			switch {
			case err != nil:
			case len(task.Files) > 0:
				err = reader.ReadFiles(s, task.Files, opt, each)
			case len(task.Rejected) == 0:
				return reader.Read(s, []string{"-"}, s.in.b, opt, each)
			}
			if err != nil {
				return err
			}
		}
	}
	work := func(ctx context.Context, x numbered) outcome {
		a, err := stepAnalyse(ctx, analyzer, x.Item)
		a.Key = x.key
		return outcome{a, err}
	}
	return analysis.Stream(s, workers, source, work, func(x outcome) error {
		if x.err != nil {
			return x.err
		}
		return s.out.write(x.stepArticle)
	})
}

func stepAnalyse(ctx context.Context, analyzer *analysis.Analyzer, item reader.Item) (stepArticle, error) {
	if r := item.Rejected; r != nil {
		return stepArticle{ID: r.ID, Path: r.Place.Path, Line: r.Place.Line, Rejected: asText(quarantined(r))}, nil
	}
	doc := item.Doc
	sum := wording(doc)
	a := stepArticle{ID: doc.ID, Path: doc.Place.Path, Line: doc.Place.Line, Family: family(doc.ID), Wording: sum[:], Publisher: doc.Publisher,
		Published: table.Millis(doc.Published), Keys: signed(dedup.Keys(doc.Text))}
	a.Day = table.Partition(a.Published)
	relevant, failure := analyseSafely(ctx, analyzer, doc)
	if failure != nil {
		a.Rejected, a.Keys = asText(failed(doc, failure)), nil
		return a, nil
	}
	if doc.Publisher != "" {
		a.Lines = signed(clean.LineHashes(doc.Text))
	}
	b := table.FromDocument(doc, analyzer.Targets(), relevant)
	a.Statements = len(b.Statements)
	a.Speakers = profiles(&b)
	var err error
	a.Record, err = table.Encode(&b)
	return a, err
}

// profiles adds up what the statements of an article say of its speakers.
func profiles(b *table.Batch) []stepSpeaker {
	var out []stepSpeaker
	for _, s := range b.Speakers() {
		x := stepSpeaker{s.ID, s.Name, s.Type, s.Wikidata, s.Aliases, 1}
		same := func(y stepSpeaker) bool {
			return y.ID == x.ID && y.Name == x.Name && y.Type == x.Type && y.Wikidata == x.Wikidata
		}
		if i := slices.IndexFunc(out, same); i >= 0 { // one article gives an id the same aliases throughout
			out[i].N++
		} else {
			out = append(out, x)
		}
	}
	return out
}

// signed turns numbers into those that tables of other programs hold.
func signed(in []uint64) []int64 {
	out := make([]int64, len(in))
	for i, x := range in {
		out[i] = int64(x)
	}
	return out
}

// unsigned is the inverse of signed.
func unsigned(in []int64) []uint64 {
	out := make([]uint64, len(in))
	for i, x := range in {
		out[i] = uint64(x)
	}
	return out
}

// stepIDs reads the articles of whole families, all of a partition in memory,
// and writes the ones that get another id or are rejected.
func stepIDs(s *stepCall) error {
	type settled struct {
		Key      int64  `json:"key"`
		ID       string `json:"new_id,omitempty"`
		Rejected string `json:"rejected,omitempty"` // the row of quarantine
	}
	all, err := readLines[stepArticle](s.in)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b stepArticle) int { return cmp.Compare(a.Key, b.Key) })
	ids := newIdentifier(0)
	for _, a := range all {
		place := corpus.Place{Path: a.Path, Line: a.Line}
		var content [32]byte
		copy(content[:], a.Wording)
		id, first, ok := ids.settle(a.ID, content, place)
		switch {
		case !ok:
			err = s.out.write(settled{Key: a.Key, Rejected: asText(quarantined(reader.Duplicate(&corpus.Document{ID: a.ID, Place: place}, first)))})
		case id != a.ID:
			err = s.out.write(settled{Key: a.Key, ID: id})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A stepCopy ties an article to the original that it repeats.
type stepCopy struct {
	Key        int64   `json:"key"`
	Original   string  `json:"original"` // id
	Kind       string  `json:"kind"`
	Similarity float64 `json:"similarity"`
}

// stepCopies reads articles, all that are tied by keys together, and writes
// which are copies: as dedup, in 450 bytes an article.
func stepCopies(s *stepCall) error {
	groups := dedup.New(nil)
	defer groups.Close()
	keys := map[string]int64{}
	for a, err := range linesOf[struct {
		Key    int64  `json:"key"`
		ID     string `json:"id"`
		Record []byte `json:"record"`
	}](s.in) {
		if err != nil {
			return err
		}
		b, err := table.Decode(a.Record)
		if err != nil {
			return fmt.Errorf("article %q: %w", a.ID, err)
		}
		keys[a.ID] = a.Key
		groups.Add(a.ID, table.Time(b.Article.Published), 0, dedup.NewSketch(b.Article.Text))
	}
	copies, err := groups.Groups()
	if err != nil {
		return err
	}
	for _, c := range copies {
		if err := s.out.write(stepCopy{keys[c.ID], c.Original, c.Kind.String(), c.Similarity}); err != nil {
			return err
		}
	}
	return nil
}

// stepLines reads the lines of articles that are no copies, all of an outlet
// together, and writes those that the outlet repeats: 200 bytes an article.
func stepLines(s *stepCall) error {
	lines := clean.NewLines()
	for a, err := range linesOf[struct {
		Publisher string  `json:"publisher"`
		Lines     []int64 `json:"lines"`
	}](s.in) {
		if err != nil {
			return err
		}
		lines.Add("", a.Publisher, unsigned(a.Lines))
	}
	repeated := lines.Repeated(func(string) bool { return false })
	for publisher, hashes := range repeated {
		err := s.out.write(struct {
			Publisher string  `json:"publisher"`
			Repeated  []int64 `json:"repeated"`
		}{publisher, signed(hashes)})
		if err != nil {
			return err
		}
	}
	return nil
}

// A stepPerson says as whom a speaker's id goes.
type stepPerson struct {
	ID       string   `json:"id"`
	Stays    string   `json:"stays"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Wikidata string   `json:"wikidata,omitempty"`
	Aliases  []string `json:"aliases,omitempty"` // where Stays is ID
}

// A stepRow is a row of a table without partitions, or counts, as text: only
// step finish looks into it.
type stepRow struct {
	Table string `json:"table"`
	Row   string `json:"row"`
}

// asText is a row as JSON.
func asText(row any) string {
	data, err := json.Marshal(row)
	if err != nil {
		panic(err) // of numbers that are none: the tables refuse them
	}
	return string(data)
}

// writeRows writes the rows of a table.
func writeRows[T any](out *lineWriter, name string, rows []T) error {
	for i := range rows {
		if err := out.write(stepRow{name, asText(rows[i])}); err != nil {
			return err
		}
	}
	return nil
}

// stepSpeakers reads what all articles say of speakers, added up, and writes as
// whom each goes, and the rows of the table merges. It holds all speakers.
func stepSpeakers(s *stepCall) error {
	known, err := s.config.KnownSpeakers()
	if err != nil {
		return usageError{err}
	}
	all := map[string]*aggregate.Profile{}
	var ids []string
	for x, err := range linesOf[stepSpeaker](s.in) {
		if err != nil {
			return err
		}
		p := all[x.ID]
		if p == nil {
			p = &aggregate.Profile{}
			all[x.ID] = p
			ids = append(ids, x.ID)
		}
		for range x.N {
			p.Add(aggregate.Speaker{ID: x.ID, Name: x.Name, Type: x.Type, Wikidata: x.Wikidata, Aliases: x.Aliases})
		}
	}
	merged, rows, err := table.Identify(all, known, s.config.Rulings())
	if err != nil {
		return err
	}
	slices.Sort(ids)
	for _, id := range ids {
		stays := cmp.Or(merged[id], id)
		best := all[stays].Best(stays)
		p := stepPerson{ID: id, Stays: stays, Name: best.Name, Type: best.Type, Wikidata: best.Wikidata}
		if stays == id {
			p.Aliases = best.Aliases
		}
		if err := s.out.write(p); err != nil {
			return err
		}
	}
	return writeRows(s.out, "merges", rows)
}

func newStepTables(g *global) *cobra.Command {
	var dir string
	c := stepCommand(g, "tables", "Settle articles, whole days by day and id, what is known before the record, and write their tables", func(s *stepCall) error {
		return stepTables(s, dir)
	})
	c.Flags().StringVarP(&dir, "out", "o", "", "folder of the tables, which all machines write to")
	return c
}

// A stepKnown is an article's record, or something that is known of it: who one
// of its speakers is, whose copy it is.
type stepKnown struct {
	ID        string      `json:"id"`
	Person    *stepPerson `json:"person"`
	Copy      *stepCopy   `json:"copy"`
	Publisher string      `json:"publisher"`
	Repeated  []int64     `json:"repeated"`
	Record    []byte      `json:"record"`
}

// stepTables writes the articles' tables, and prints what they contribute to
// totals and the counts. It holds one file of each table.
func stepTables(s *stepCall, dir string) error {
	days, err := table.NewDays(dir)
	if err != nil {
		return err
	}
	defer days.Abort()
	counting := countingOf(s.config)
	var known []stepKnown // of the article whose record follows
	for x, err := range linesOf[stepKnown](s.in) {
		if err != nil {
			return err
		}
		if len(known) > 0 && known[0].ID != x.ID {
			return fmt.Errorf("article %q: its record does not follow what is known of it", known[0].ID)
		}
		if x.Record == nil {
			known = append(known, x)
			continue
		}
		b, err := settle(x, known, counting)
		if err != nil {
			return fmt.Errorf("article %q: %w", x.ID, err)
		}
		known = known[:0]
		if err := days.Add(b, len(x.Record)); err != nil {
			return err
		}
		for _, c := range b.Contributions() {
			if err := s.out.write(stepContribution{Speaker: c.Speaker, Adds: asText(c.Article)}); err != nil {
				return err
			}
		}
	}
	if len(known) > 0 {
		return fmt.Errorf("article %q: no record follows what is known of it", known[0].ID)
	}
	counts, err := days.Close()
	if err != nil {
		return err
	}
	return writeRows(s.out, "counts", []table.Counts{counts})
}

// settle fills in the rows of an article what is known of it.
func settle(x stepKnown, known []stepKnown, counting table.Counting) (*table.Batch, error) {
	b, err := table.Decode(x.Record)
	if err != nil {
		return nil, err
	}
	if b.Article.ID != x.ID {
		b.Rename(x.ID)
	}
	speakers, merged := map[string]aggregate.Speaker{}, map[string]string{}
	for _, k := range known {
		if c := k.Copy; c != nil {
			b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = table.Duplicate, &c.Original, c.Kind
			b.Article.DuplicateSimilarity = &c.Similarity
		}
		if p := k.Person; p != nil {
			speakers[p.Stays] = aggregate.Speaker{ID: p.Stays, Name: p.Name, Type: p.Type, Wikidata: p.Wikidata}
			if p.Stays != p.ID {
				merged[p.ID] = p.Stays
			}
		}
	}
	dropRepeated(b, clean.Repeated{x.Publisher: unsigned(x.Repeated)})
	b.Settle(speakers, merged, counting)
	return b, nil
}

// A stepContribution is a table.Contribution, which goes as it is.
type stepContribution struct {
	Speaker string `json:"speaker"`
	Adds    string `json:"adds"`
}

func newStepTotals(g *global) *cobra.Command {
	var since string
	c := stepCommand(g, "totals", "Add up what articles contribute to the totals of speakers", func(s *stepCall) error {
		if err := checkSince(since); err != nil {
			return err
		}
		return stepTotals(s, since)
	})
	c.Flags().StringVar(&since, "since", "", "the summary covers the articles published since this day alone (YYYY-MM-DD)")
	return c
}

// checkSince checks the day that --since names, if any.
func checkSince(day string) error {
	if day == "" {
		return nil
	}
	_, err := parseDay("--since", day)
	return err
}

// stepTotals reads contributions, all of a speaker together, and the speakers,
// and writes rows of the tables speakers and, since a day, summary. It holds some
// numbers for each article of a cell.
func stepTotals(s *stepCall, since string) error {
	speakers := map[string]aggregate.Speaker{}
	var totals, recent aggregate.Accumulator
	covered := &totals
	if since != "" {
		covered = &recent
	}
	info := table.RunInfo{Since: since}
	for x, err := range linesOf[struct {
		stepPerson
		stepContribution
	}](s.in) {
		if err != nil {
			return err
		}
		if x.Adds == "" {
			speakers[x.Stays] = aggregate.Speaker{ID: x.Stays, Name: x.Name, Type: x.Type, Wikidata: x.Wikidata, Aliases: x.Aliases}
			continue
		}
		var article aggregate.Article
		if err := json.Unmarshal([]byte(x.Adds), &article); err != nil {
			return fmt.Errorf("what an article adds to the speaker %q: %w", x.Speaker, err)
		}
		if err := totals.Add(&article); err != nil {
			return err
		}
		if since != "" && info.Covers(table.Millis(article.Published)) {
			if err := recent.Add(&article); err != nil {
				return err
			}
		}
	}
	who, cells := table.TotalRows(&totals, covered, speakers)
	return errors.Join(writeRows(s.out, "speakers", who), writeRows(s.out, "summary", cells))
}

func newStepFinish(g *global) *cobra.Command {
	var dir, out, began, since string
	c := stepCommand(g, "finish", "Write the tables without partitions and run.json, and publish the folder", func(s *stepCall) error {
		if err := checkSince(since); err != nil {
			return err
		}
		environment, err := environmentOf(s.config)
		if err != nil {
			return err
		}
		info, err := runInfo(&input{config: s.config}, environment)
		if err != nil {
			return err
		}
		if info.Started, err = time.Parse(time.RFC3339, began); err != nil {
			return usageError{fmt.Errorf("--began %q: want a time as 2006-01-02T15:04:05Z", began)}
		}
		info.Finished, info.Counting, info.Since = time.Now().UTC(), countingOf(s.config), since
		var rest table.Rest
		if err := readRest(s.in, &rest, &info.Counts); err != nil {
			return err
		}
		if info, err = table.Publish(dir, out, rest, info); err != nil {
			return err
		}
		return s.out.write(info.Counts)
	})
	c.Flags().StringVar(&dir, "dir", "", "folder that step tables wrote")
	c.Flags().StringVarP(&out, "out", "o", "", "folder to publish it as, which must not be there")
	c.Flags().StringVar(&began, "began", "", "when the run began")
	c.Flags().StringVar(&since, "since", "", "the day that step totals was given")
	return c
}

func readRest(in *lineReader, rest *table.Rest, counts *table.Counts) error {
	for x, err := range linesOf[stepRow](in) {
		if err != nil {
			return err
		}
		switch x.Table {
		case "speakers":
			err = appendRow(&rest.Speakers, x.Row)
		case "merges":
			err = appendRow(&rest.Merges, x.Row)
		case "summary":
			err = appendRow(&rest.Summary, x.Row)
		case "quarantine":
			err = appendRow(&rest.Quarantine, x.Row)
		case "counts":
			var c table.Counts
			err = json.Unmarshal([]byte(x.Row), &c)
			counts.Merge(&c)
		default:
			err = fmt.Errorf("no table %q", x.Table)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func appendRow[T table.Row](rows *[]T, text string) error {
	var row T
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return err
	}
	*rows = append(*rows, row)
	return nil
}

// A lineReader reads JSON lines of any length.
type lineReader struct {
	b  *bufio.Reader
	no int
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{b: bufio.NewReaderSize(r, 1<<16)} }

// read reads the next line; more is false at the end, or with an error.
func (r *lineReader) read(to any) (more bool, err error) {
	for {
		line, err := r.b.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("-: cannot read: %w", err)
		}
		r.no++
		if len(bytes.TrimSpace(line)) > 0 {
			if bad := json.Unmarshal(line, to); bad != nil {
				return false, fmt.Errorf("-:%d: not a line of this step: %w", r.no, bad)
			}
			return true, nil
		}
		if err != nil {
			return false, nil
		}
	}
}

// linesOf reads what is left, line by line, to the end or the first error.
func linesOf[T any](in *lineReader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			var x T
			more, err := in.read(&x)
			if !more && err == nil || !yield(x, err) || err != nil {
				return
			}
		}
	}
}

func readLines[T any](in *lineReader) ([]T, error) {
	var all []T
	for x, err := range linesOf[T](in) {
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// A lineWriter writes JSON lines.
type lineWriter struct {
	b   *bufio.Writer
	enc *json.Encoder
}

func newLineWriter(w io.Writer) *lineWriter {
	b := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &lineWriter{b, enc}
}

func (w *lineWriter) write(v any) error { return w.enc.Encode(v) }

func (w *lineWriter) flush() error { return w.b.Flush() }
