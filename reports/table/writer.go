package table

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
)

// The values of ArticleRow.Status.
const (
	Analysed  = "analysed"
	Duplicate = "duplicate"
)

// A Batch is one article with its rows. The writer fills in what follows from
// other rows: counts and hash of the article; article, time, publisher and
// duplicate of its statements; all of these, speaker and kind of its stances.
type Batch struct {
	Article    ArticleRow
	Statements []StatementRow
	Stances    []StanceRow         // in the order of their statements
	Aliases    map[string][]string // other names of the speakers, by speaker_id
}

// A Writer takes the articles of a run in any order and from any goroutine, and
// writes them in one order. Until Finish they wait in a file: memory grows with
// the number of articles, not with their text.
type Writer struct {
	folder *folder

	mu         sync.Mutex
	spool      *os.File
	buffer     *bufio.Writer
	offset     int64
	index      []entry
	ids        map[string]bool
	profiles   map[string]*aggregate.Profile
	quarantine []QuarantineRow
	done       bool
}

// An entry is one batch in the spool.
type entry struct {
	part, id string
	offset   int64
	length   int
}

// Create begins an output folder at out, which must be absent, empty or the
// folder of an earlier run; otherwise it touches nothing and returns an error.
// An earlier run stays as it is until Finish. Call Finish or Abort.
func Create(out string) (*Writer, error) {
	f, err := openFolder(out)
	if err != nil {
		return nil, err
	}
	spool, err := os.Create(filepath.Join(f.partial, spoolFile))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: cannot write: %w", f.partial, err), f.discard())
	}
	return &Writer{
		folder: f, spool: spool, buffer: bufio.NewWriterSize(spool, 256<<10),
		ids: make(map[string]bool), profiles: make(map[string]*aggregate.Profile),
	}, nil
}

const spoolFile = ".spool"

// undated is the partition of articles without a date of publication. Hive's
// own name for it, __HIVE_DEFAULT_PARTITION__, reads as null in polars and
// DuckDB, but stops pandas.read_parquet with an error.
const undated = "dt=undated"

// Add takes one article. An error about the batch (an id met before, rows that
// do not join, a number that is none) leaves the writer as it was.
func (w *Writer) Add(b Batch) error {
	if err := check(&b); err != nil {
		return err
	}
	record, err := encode(&b)
	if err != nil {
		return err
	}
	part := undated
	if t := Time(b.Article.Published); !t.IsZero() {
		part = "dt=" + t.Format("2006-01-02")
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return errors.New("table: Add after Finish or Abort")
	}
	if w.ids[b.Article.ID] {
		return fmt.Errorf("article %q: its id was met before (give every article its own)", b.Article.ID)
	}
	if _, err := w.buffer.Write(record); err != nil {
		return fmt.Errorf("%s: cannot write: %w (make room, or choose another --out)", w.spool.Name(), err)
	}
	w.ids[b.Article.ID] = true
	w.index = append(w.index, entry{part, b.Article.ID, w.offset, len(record)})
	w.offset += int64(len(record))
	for i := range b.Statements {
		if s := speaker(&b, &b.Statements[i]); s.ID != "" {
			p := w.profiles[s.ID]
			if p == nil {
				p = &aggregate.Profile{}
				w.profiles[s.ID] = p
			}
			p.Add(s)
		}
	}
	return nil
}

// check holds what the tables promise of an article's rows.
func check(b *Batch) error {
	statements := make(map[string]bool, len(b.Statements))
	for _, s := range b.Statements {
		if statements[s.ID] {
			return fmt.Errorf("article %q: two statements with the id %q", b.Article.ID, s.ID)
		}
		statements[s.ID] = true
	}
	for _, s := range b.Stances {
		if !statements[s.StatementID] {
			return fmt.Errorf("article %q: stance %q is of the statement %q, which the article lacks", b.Article.ID, s.ID, s.StatementID)
		}
		if _, ok := label(s.Label); !ok || !(math.Abs(s.Score) <= 1) {
			return fmt.Errorf("article %q: stance %q has the label %q and the score %v: want a known label, and a score not outside of -1…1", b.Article.ID, s.ID, s.Label, s.Score)
		}
	}
	return nil
}

// Quarantine takes one article, or stretch of input, that could not be analysed.
func (w *Writer) Quarantine(row QuarantineRow) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quarantine = append(w.quarantine, row)
}

// Finish says how a run ends. Every field may be left out.
type Finish struct {
	// Amend may change the batch before it is written: its status, duplicate_of
	// and duplicate_kind, once groups of copies are known. It leaves ids and
	// times alone, and is called from several goroutines.
	Amend func(*Batch)
	// Known reports whether a speaker's id is of the catalogue.
	Known func(id string) bool
	// Rulings are the user's word on which speakers are one.
	Rulings []aggregate.Ruling
	// Info fills in run.json; the writer adds what RunInfo says that it sets.
	Info func(Counts) RunInfo
	// Report writes report/index.html under the folder, which holds all tables
	// and run.json by then.
	Report func(dir string) error
}

// Finish writes the tables, run.json, the report and _SUCCESS, and puts them in
// the place of an earlier run. After an error the earlier run stands as it was.
func (w *Writer) Finish(how Finish) (RunInfo, error) {
	if !w.end() {
		return RunInfo{}, errors.New("table: Finish after Finish or Abort")
	}
	info, err := w.finish(how)
	if err != nil {
		w.spool.Close()
		return RunInfo{}, errors.Join(err, w.folder.discard())
	}
	return info, w.folder.publish()
}

// Abort drops what was added. An earlier run stands as it was. After Finish it
// does nothing.
func (w *Writer) Abort() error {
	if !w.end() {
		return nil
	}
	w.spool.Close()
	return w.folder.discard()
}

// end reports whether this is the first call.
func (w *Writer) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.done
	w.done = true
	return first
}

func (w *Writer) finish(how Finish) (RunInfo, error) {
	dir := w.folder.partial
	if err := w.buffer.Flush(); err != nil {
		return RunInfo{}, fmt.Errorf("%s: cannot write: %w (make room, or choose another --out)", w.spool.Name(), err)
	}
	merged, decisions, err := w.identify(how)
	if err != nil {
		return RunInfo{}, err
	}
	counts, totals, err := w.writeArticles(how, merged)
	if err != nil {
		return RunInfo{}, err
	}
	if err := errors.Join(w.spool.Close(), os.Remove(w.spool.Name())); err != nil {
		return RunInfo{}, err
	}
	speakers := speakerRows(totals.Speakers(), w.profiles)
	slices.SortFunc(w.quarantine, compareQuarantine)
	counts.Quarantined = len(w.quarantine)
	counts.In = counts.Analysed + counts.Duplicates + counts.Quarantined
	counts.Speakers = len(speakers)
	if err := errors.Join(
		writeTable(dir, speakers),
		writeTable(dir, mergeRows(decisions)),
		writeTable(dir, summaryRows(totals.Cells())),
		writeTable(dir, w.quarantine),
	); err != nil {
		return RunInfo{}, err
	}
	var info RunInfo
	if how.Info != nil {
		info = how.Info(counts)
	}
	info.Tool, info.SchemaVersion, info.Counts = Tool, SchemaVersion, counts
	if err := errors.Join(writeRun(dir, info), writePackage(dir, info)); err != nil {
		return RunInfo{}, err
	}
	if how.Report != nil {
		if err := how.Report(dir); err != nil {
			return RunInfo{}, fmt.Errorf("cannot write the report: %w", err)
		}
	}
	return info, nil
}

// identify settles which ids are one speaker and folds their profiles.
func (w *Writer) identify(how Finish) (map[string]string, []aggregate.Decision, error) {
	merged, decisions, err := aggregate.Identify(w.profiles, how.Known, how.Rulings)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(merged)) {
		w.profiles[merged[id]].Absorb(w.profiles[id])
		delete(w.profiles, id)
	}
	return merged, decisions, nil
}

func compareQuarantine(a, b QuarantineRow) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Mend, b.Mend))
}

// maxPart bounds the bytes of records behind one file of a table: a partition
// that holds more is divided, so that it is written by several goroutines too.
const maxPart = 64 << 20

// parts divides the index into files, in the order of partition and id.
func (w *Writer) parts() [][]entry {
	slices.SortFunc(w.index, func(a, b entry) int { return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.id, b.id)) })
	var out [][]entry
	first, size := 0, 0
	for i, e := range w.index {
		if i > first && (e.part != w.index[first].part || size+e.length > maxPart) {
			out = append(out, w.index[first:i])
			first, size = i, 0
		}
		size += e.length
	}
	if first < len(w.index) {
		out = append(out, w.index[first:])
	}
	return out
}

// writeArticles writes the tables that hold a partition a day and adds them up,
// file by file on all cores: most of the time goes into making the files.
func (w *Writer) writeArticles(how Finish, merged map[string]string) (Counts, *aggregate.Accumulator, error) {
	names := make(map[string]aggregate.Speaker, len(w.profiles))
	for id, p := range w.profiles {
		names[id] = p.Best(id)
	}
	for _, dir := range []string{tableName[ArticleRow](), tableName[StatementRow](), tableName[StanceRow]()} {
		if err := os.Mkdir(filepath.Join(w.folder.partial, dir), 0o777); err != nil {
			return Counts{}, nil, err
		}
	}
	parts := w.parts()
	numbers := make([]int, len(parts)) // of the file within its partition
	for i := 1; i < len(parts); i++ {
		if parts[i][0].part == parts[i-1][0].part {
			numbers[i] = numbers[i-1] + 1
		}
	}
	var (
		next   atomic.Int64
		failed atomic.Bool
		group  sync.WaitGroup
	)
	workers := make([]partWriter, runtime.GOMAXPROCS(0))
	for i := range workers {
		p := &workers[i]
		group.Go(func() {
			defer p.abort()
			if p.err = p.open(w.folder.partial); p.err != nil {
				failed.Store(true)
			}
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				if p.err = p.write(w, parts[i], numbers[i], how, names, merged); p.err != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	var counts Counts
	totals := &aggregate.Accumulator{}
	var err error
	for i := range workers {
		err = errors.Join(err, workers[i].err)
		counts.merge(&workers[i].counts)
		totals.Merge(&workers[i].totals)
	}
	return counts, totals, err
}

// A partWriter writes one part after another, and adds up what it wrote.
type partWriter struct {
	articles   *tableWriter[ArticleRow]
	statements *tableWriter[StatementRow]
	stances    *tableWriter[StanceRow]
	record     []byte
	counts     Counts
	totals     aggregate.Accumulator
	err        error
}

func (p *partWriter) open(dir string) error {
	var errs [3]error
	p.articles, errs[0] = newTableWriter[ArticleRow](dir)
	p.statements, errs[1] = newTableWriter[StatementRow](dir)
	p.stances, errs[2] = newTableWriter[StanceRow](dir)
	return errors.Join(errs[:]...)
}

func (p *partWriter) write(w *Writer, part []entry, number int, how Finish, names map[string]aggregate.Speaker, merged map[string]string) error {
	for _, e := range part {
		p.record = slices.Grow(p.record[:0], e.length)[:e.length]
		if _, err := w.spool.ReadAt(p.record, e.offset); err != nil {
			return fmt.Errorf("%s: cannot be read back: %w", w.spool.Name(), err)
		}
		b, err := decode(string(p.record))
		if err != nil {
			return fmt.Errorf("%s: cannot be read back: %w", w.spool.Name(), err)
		}
		if how.Amend != nil {
			how.Amend(b)
		}
		fill(b, names, merged)
		p.counts.add(b)
		if b.Article.Status != Duplicate {
			if err := p.totals.Add(articleOf(b)); err != nil {
				return err
			}
		}
		if err := errors.Join(p.articles.add(e.part, number, []ArticleRow{b.Article}),
			p.statements.add(e.part, number, b.Statements), p.stances.add(e.part, number, b.Stances)); err != nil {
			return err
		}
	}
	return errors.Join(p.articles.close(), p.statements.close(), p.stances.close())
}

func (p *partWriter) abort() {
	if p.stances != nil {
		p.articles.abort()
		p.statements.abort()
		p.stances.abort()
	}
}

// fill sets what follows from other rows, and names every speaker as the table
// speakers does.
func fill(b *Batch, names map[string]aggregate.Speaker, merged map[string]string) {
	a := &b.Article
	if a.Status == "" {
		a.Status = Analysed
	}
	a.Statements, a.Stances = int32(len(b.Statements)), int32(len(b.Stances))
	sum := sha256.Sum256([]byte(a.Text))
	a.TextSHA256 = hex.EncodeToString(sum[:])
	byID := make(map[string]*StatementRow, len(b.Statements))
	for i := range b.Statements {
		s := &b.Statements[i]
		byID[s.ID] = s
		s.ArticleID, s.Published, s.Publisher = a.ID, a.Published, a.Publisher
		s.Duplicate = a.Status == Duplicate
		s.SpeakerName, s.SpeakerType, s.SpeakerWikidata = nil, nil, nil
		if s.SpeakerID == nil {
			s.Resolution = nil
			continue
		}
		if id, ok := merged[*s.SpeakerID]; ok {
			s.SpeakerID = &id
		}
		best := names[*s.SpeakerID]
		s.SpeakerName, s.SpeakerType, s.SpeakerWikidata = &best.Name, &best.Type, nullable(best.Wikidata)
	}
	for i := range b.Stances {
		s := &b.Stances[i]
		of := byID[s.StatementID]
		s.ArticleID, s.Published, s.Publisher, s.Duplicate = a.ID, a.Published, a.Publisher, of.Duplicate
		s.Kind = of.Kind
		s.SpeakerID, s.SpeakerName, s.SpeakerType = of.SpeakerID, of.SpeakerName, of.SpeakerType
	}
}

func (c *Counts) merge(d *Counts) {
	c.Analysed += d.Analysed
	c.Duplicates += d.Duplicates
	c.Relevant += d.Relevant
	c.Statements += d.Statements
	c.Stances += d.Stances
	c.Abstained += d.Abstained
	c.SpeakersAbstained += d.SpeakersAbstained
}

func (c *Counts) add(b *Batch) {
	if b.Article.Status == Duplicate {
		c.Duplicates++
	} else {
		c.Analysed++
	}
	if b.Article.Relevant {
		c.Relevant++
	}
	c.Statements += len(b.Statements)
	c.Stances += len(b.Stances)
	for i := range b.Statements {
		if b.Statements[i].SpeakerID == nil {
			c.SpeakersAbstained++
		}
	}
	for i := range b.Stances {
		if b.Stances[i].Label == "abstain" {
			c.Abstained++
		}
	}
}
