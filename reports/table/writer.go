package table

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/reports/disk"
	"github.com/standpoint-news/standpoint/reports/store"
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
	Lines      []int64             // of each statement: clean.HashAt of the line that its content begins in; in no table
	Sketch     []byte              // dedup.Sketch of the text, packed; in no table
}

// A Writer takes the articles of a run in any order and from any goroutine, and
// writes them in one order. Until Finish they wait in the store, where a later
// run finds them again: memory grows with the number of articles, not with
// their text.
type Writer struct {
	folder *folder
	opt    Options
	before *index         // of the run that Finish will replace
	known  map[string]met // its articles, by id
	after  *index         // of this run, once its articles are written
	store  *store.Store

	taking    sync.Mutex // files of the run before
	recalling sync.Mutex
	recalled  []byte // a buffer for Recall and ReuseKnown

	mu         sync.Mutex
	memos      []store.Key       // of the articles that were taken up
	strings    map[string]string // see shared
	days       map[int64]string  // partitions, by the day since 1970
	index      []*entry
	ids        map[string]store.Key
	profiles   map[string]*aggregate.Profile
	quotations map[string]int // statements of each quotation group, where those count once
	quarantine []QuarantineRow
	done       bool
}

// Options say how to write.
type Options struct {
	// Environment is a digest of what an analysis depends on beside the article:
	// configuration, models, version.
	Environment [32]byte
	// Fresh forgets what earlier runs made.
	Fresh bool
	// Keep is the number of earlier runs to keep.
	Keep int
	// Counting says what counts more than once.
	Counting Counting
	// Since, as YYYY-MM-DD, keeps articles published before, or without a date, out
	// of summary and report; empty keeps none out.
	Since string
}

// key is the key of an article with the content.
func (o *Options) key(content [32]byte) store.Key {
	var of [2 * sha256.Size]byte
	copy(of[copy(of[:], o.Environment[:]):], content[:])
	return sha256.Sum256(of[:])
}

// An entry is one article of the run.
type entry struct {
	part, id            string
	content             [32]byte
	key                 store.Key
	since               int
	length              int // bytes of its record
	statements, stances int
	before              met      // the article in the run before; zero where that has none
	plain               *plain   // nil where the analysis found statements
	rows                [32]byte // see sign
	quotations          []string // its quotation groups, where those count once
}

// Create begins an output folder at out, which must be absent, empty or the
// folder of an earlier run; otherwise it touches nothing and returns an error, a
// *LockedError where another program writes there. An earlier run stays as it
// is until Finish. Call Finish or Abort.
func Create(out string, opt Options) (*Writer, error) {
	f, err := openFolder(out, "run")
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Writer, error) { return nil, errors.Join(err, f.discard()) }
	w := &Writer{folder: f, opt: opt, before: &index{}, profiles: make(map[string]*aggregate.Profile), quotations: make(map[string]int), strings: make(map[string]string), days: make(map[int64]string)}
	if !opt.Fresh {
		if w.before, err = readIndex(f.out); err != nil {
			return fail(err)
		}
	}
	w.known = w.before.byID()
	w.ids = make(map[string]store.Key, len(w.known))
	w.index = make([]*entry, 0, len(w.known)+len(w.known)/64)
	w.memos = make([]store.Key, 0, cap(w.index))
	if err := f.begin(); err != nil {
		return fail(fmt.Errorf("%s: cannot write beside it: %w (choose an --out in a folder that you may write to)", out, err))
	}
	if w.store, err = store.Open(filepath.Join(f.state, storeDir)); err != nil {
		return fail(err)
	}
	return w, nil
}

// Since is the number of the run that first met the article with that content;
// this run's for a new one.
func (w *Writer) Since(id string, content [32]byte) int {
	return w.since(w.known[id], content)
}

func (w *Writer) since(before met, content [32]byte) int {
	if before.indexedArticle != nil && before.content == content {
		return before.since
	}
	return w.folder.run
}

// Expected is how many articles the run before had.
func (w *Writer) Expected() int { return len(w.known) }

// Verdicts are those of the run before on articles that were added and are the
// same as then. run is the number of this run where all of that run's articles are
// the same still, else 0. Call it when all are added.
func (w *Writer) Verdicts() (verdicts []dedup.Verdict, run int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	unchanged := 0
	for _, e := range w.index {
		if e.unchanged() {
			unchanged++
		}
	}
	if unchanged == len(w.known) {
		return w.before.verdicts, w.folder.run
	}
	same := func(id string) bool {
		key, is := w.ids[id]
		a, known := w.known[id]
		return is && known && key == a.key
	}
	return slices.DeleteFunc(slices.Clone(w.before.verdicts), func(v dedup.Verdict) bool { return !same(v.ID) || !same(v.Original) }), 0
}

// undated is the partition of articles without a date of publication. Hive's
// own name for it, __HIVE_DEFAULT_PARTITION__, reads as null in polars and
// DuckDB, but stops pandas.read_parquet with an error.
const undated = "dt=undated"

// Reuse takes an article as an earlier run, or one that was cut off, analysed
// it, and returns its outline. It returns nil where none did: Add it then.
func (w *Writer) Reuse(id string, content [32]byte) (*Batch, error) {
	if w.opt.Fresh {
		return nil, nil
	}
	key := w.opt.key(content)
	record, ok := w.store.Get(key, nil)
	if !ok {
		return nil, nil
	}
	b, err := decodeOutline(record)
	if err != nil || b.Article.ID != id {
		return nil, nil // as if it were not there: it is analysed again
	}
	return b, w.register(b, w.known[id], content, key, len(record))
}

// Text reads back the text of an article that was taken up.
func (w *Writer) Text(id string) (string, error) {
	w.mu.Lock()
	e := entry{id: id, key: w.ids[id]}
	w.mu.Unlock()
	b, err := w.load(&e, new([]byte), decode)
	if err != nil {
		return "", err
	}
	return b.Article.Text, nil
}

// Add takes one article with the Digest of its content. An error about the
// batch (an id met before, rows that do not join, a number that is none) leaves
// the writer as it was.
func (w *Writer) Add(b Batch, content [32]byte) error {
	if err := check(&b); err != nil {
		return err
	}
	record, err := encode(&b)
	if err != nil {
		return err
	}
	w.mu.Lock()
	err = w.takes(b.Article.ID)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	key := w.opt.key(content)
	if err := w.store.Put(key, record); err != nil {
		return err
	}
	return w.register(&b, w.known[b.Article.ID], content, key, len(record))
}

// takes returns an error where the writer takes no article, or none with the id.
func (w *Writer) takes(id string) error {
	if w.done {
		return errors.New("table: Add after Finish or Abort")
	}
	if _, met := w.ids[id]; met {
		return fmt.Errorf("article %q: its id was met before (give every article its own)", id)
	}
	return nil
}

// register takes up an article whose record is in the store.
func (w *Writer) register(b *Batch, before met, content [32]byte, key store.Key, length int) error {
	e := &entry{id: b.Article.ID, content: content, key: key, since: w.since(before, content), before: before,
		length: length, statements: len(b.Statements), stances: len(b.Stances)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.takes(e.id); err != nil {
		return err
	}
	e.part, e.plain = w.partition(b.Article.Published), w.plainOf(b)
	for i := range b.Statements {
		if s := speaker(b, &b.Statements[i]); s.ID != "" {
			p := w.profiles[s.ID]
			if p == nil {
				p = &aggregate.Profile{}
				w.profiles[s.ID] = p
			}
			p.Add(s)
		}
	}
	if w.opt.Counting.QuotationsOnce {
		for i := range b.Statements {
			if group := b.Statements[i].QuotationGroup; group != "" {
				e.quotations = append(e.quotations, group)
				w.quotations[group]++
			}
		}
	}
	w.ids[e.id] = key
	w.index = append(w.index, e)
	return nil
}

// partition is Partition, with one copy of what it gives for a day; the caller holds
// the lock.
func (w *Writer) partition(published *int64) string {
	if Time(published).IsZero() {
		return undated
	}
	const day = 24 * 60 * 60 * 1000
	at := *published / day
	if *published < at*day { // before 1970
		at--
	}
	part, ok := w.days[at]
	if !ok {
		part = Partition(published)
		w.days[at] = part
	}
	return part
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
	// and duplicate_kind, once groups of copies are known; it may drop statements.
	// It leaves ids and times alone, and is called from several goroutines, more
	// than once for an article, mostly with its outline: what it does must follow
	// from that.
	Amend func(*Batch)
	// Verdicts are kept for the next run: see Writer.Verdicts.
	Verdicts []dedup.Verdict
	// Known reports whether a speaker's id is of the catalogue.
	Known func(id string) bool
	// Rulings are the user's word on which speakers are one.
	Rulings []aggregate.Ruling
	// Info fills in run.json; the writer adds what RunInfo says that it sets.
	Info func(Counts) RunInfo
	// Report writes report/index.html under the folder of the run.
	Report func(Written) error
}

// Written is what a report may be made from when everything else is written.
type Written struct {
	Dir    string // holds all tables and run.json
	Before string // folder of the run that this one will replace; empty where there is none
	// Articles yields the articles that the report covers in the order of the tables,
	// until an error: their rows as they stand there, but for text and text_sha256;
	// of an article without statements, whose and of when it is and what it counts as.
	Articles func(yield func(*Batch) error) error
	// Statements and Stances are how many rows the articles have at most.
	Statements, Stances int
}

// Finish writes the tables, run.json, the report and _SUCCESS, and puts them in
// the place of an earlier run. Files that would not differ are taken over from
// that. After an error the earlier run stands as it was.
func (w *Writer) Finish(how Finish) (RunInfo, error) {
	if !w.end() {
		return RunInfo{}, errors.New("table: Finish after Finish or Abort")
	}
	info, err := w.finish(how)
	if err != nil {
		err = errors.Join(err, w.store.Mend())
		w.store.Close()
		return RunInfo{}, errors.Join(err, w.folder.discard())
	}
	// the store is behind nothing that was published: tidy it up, then publish
	err = w.store.Tidy(w.live(), tidyBytes)
	if err := errors.Join(err, w.store.Close()); err != nil {
		return RunInfo{}, errors.Join(err, w.folder.discard())
	}
	return info, w.folder.publish(w.opt.Keep)
}

// live tells the records that the run wants, nil where that is all of them.
func (w *Writer) live() func(store.Key) bool {
	wanted := len(w.index) + len(w.memos)
	if w.store.Len() <= wanted {
		return nil
	}
	live := make(map[store.Key]bool, wanted)
	for _, e := range w.index {
		live[e.key] = true
	}
	for _, key := range w.memos {
		live[key] = true
	}
	return func(k store.Key) bool { return live[k] }
}

// tidyBytes is how much that nobody needs the store may hold in any case.
const tidyBytes = 16 << 20

// Abort drops what was added. An earlier run stands as it was. After Finish it
// does nothing.
func (w *Writer) Abort() error {
	if !w.end() {
		return nil
	}
	// what was analysed need not be again
	return errors.Join(w.store.Sync(), w.store.Mend(), w.store.Close(), w.folder.discard())
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
	if err := w.store.Sync(); err != nil { // from here on a rerun analyses nothing
		return RunInfo{}, err
	}
	merged, decisions, err := w.identify(how)
	if err != nil {
		return RunInfo{}, err
	}
	counted, err := w.countedQuotations(&how)
	if err != nil {
		return RunInfo{}, err
	}
	all := w.settle(&how, merged, counted)
	counts, totals, covered, err := w.writeArticles(all, how.Verdicts)
	if err != nil {
		return RunInfo{}, err
	}
	speakers := speakerRows(totals.Speakers(), w.profiles)
	slices.SortFunc(w.quarantine, compareQuarantine)
	counts.Quarantined = len(w.quarantine)
	counts.In = counts.Analysed + counts.Unchanged + counts.Duplicates + counts.Quarantined
	counts.Speakers = len(speakers)
	if err := errors.Join(
		writeTable(dir, speakers),
		writeTable(dir, mergeRows(decisions)),
		writeTable(dir, summaryRows(covered.Cells())),
		writeTable(dir, w.quarantine),
	); err != nil {
		return RunInfo{}, err
	}
	var info RunInfo
	if how.Info != nil {
		info = how.Info(counts)
	}
	info.Tool, info.SchemaVersion, info.Counts, info.Run = Tool, SchemaVersion, counts, w.folder.run
	info.Counting, info.Since = w.opt.Counting, w.opt.Since
	if err := errors.Join(writeRun(dir, info), writePackage(dir, info, w.after)); err != nil {
		return RunInfo{}, err
	}
	w.after = nil
	if how.Report != nil {
		written := Written{Dir: dir, Articles: func(yield func(*Batch) error) error { return w.articles(all, yield) },
			Statements: counts.Statements, Stances: counts.Stances}
		if w.before.run > 0 {
			written.Before = w.folder.out
		}
		if err := how.Report(written); err != nil {
			return RunInfo{}, fmt.Errorf("cannot write the report: %w", err)
		}
	}
	return info, nil
}

// identify settles which ids are one speaker and folds their profiles.
func (w *Writer) identify(how Finish) (map[string]string, []aggregate.Decision, error) {
	published := make(map[string]bool, len(w.before.speakers))
	for _, id := range w.before.speakers {
		published[id] = true
	}
	merged, decisions, err := aggregate.Identify(w.profiles, how.Known, func(id string) bool { return published[id] }, how.Rulings)
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

const (
	// maxPart bounds the bytes of records behind one file of a table: a partition
	// that holds more is divided, so that it is written by several goroutines too.
	maxPart = 64 << 20
	// maxParts bounds the files that nights may add to a partition before they
	// are made one again.
	maxParts = 16
)

// A part is one file of each table, to be written or to be taken over.
type part struct {
	name    string // of the partition
	number  int
	entries []*entry // by id
	old     *indexed // files with the same articles, if there are any
	there   bool     // the old files stand in the partial folder already
	left    bool     // they did
}

// parts divides the articles into files, ordered by partition and number. An
// article stays in the file in which an earlier run put it; those that come to a
// partition make a new one, which leaves the old files as they are.
func (w *Writer) parts() []part {
	slices.SortFunc(w.index, func(a, b *entry) int {
		if c := strings.Compare(a.part, b.part); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	var out []part
	for first := 0; first < len(w.index); {
		name := w.index[first].part
		last := first
		numbers := map[int]bool{}
		highest := -1
		var fresh []*entry
		stay := map[int][]*entry{}
		for ; last < len(w.index) && w.index[last].part == name; last++ {
			e := w.index[last]
			if at := e.before.file; at != nil && at.part == name {
				stay[at.number] = append(stay[at.number], e)
				numbers[at.number] = true
				highest = max(highest, at.number)
			} else {
				fresh = append(fresh, e)
			}
		}
		pieces := divide(fresh)
		if len(numbers)+len(pieces) > maxParts {
			numbers, highest = nil, -1
			pieces = divide(w.index[first:last])
		}
		for _, n := range slices.Sorted(maps.Keys(numbers)) {
			out = append(out, part{name: name, number: n, entries: stay[n]})
		}
		for i, piece := range pieces {
			out = append(out, part{name: name, number: highest + 1 + i, entries: piece})
		}
		first = last
	}
	return out
}

// divide cuts the articles of a partition into pieces of at most maxPart bytes.
func divide(entries []*entry) (out [][]*entry) {
	first, size := 0, 0
	for i, e := range entries {
		if i > first && size+e.length > maxPart {
			out = append(out, entries[first:i])
			first, size = i, 0
		}
		size += e.length
	}
	if first < len(entries) {
		out = append(out, entries[first:])
	}
	return out
}

// sameArticles reports whether the part holds the articles of an earlier file,
// all unchanged. Their rows may differ still: by what other articles tell.
func (p *part) sameArticles(old *indexed) bool {
	return slices.EqualFunc(p.entries, old.articles, func(e *entry, a indexedArticle) bool {
		return e.id == a.id && e.key == a.key
	})
}

// sameRows reports whether the rows of the part, which are signed, are those of
// the earlier file.
func (p *part) sameRows(old *indexed) bool {
	return slices.EqualFunc(p.entries, old.articles, func(e *entry, a indexedArticle) bool { return e.rows == a.rows })
}

// sign digests what the rows of an article follow from: what its analysis was
// made from, and its outline as it will stand in the tables.
func (e *entry) sign(outline *Batch) {
	if e.plain != nil {
		e.signPlain(&outline.Article)
		return
	}
	rows := *outline
	rows.Aliases, rows.Lines, rows.Sketch = nil, nil, nil // in no table of the article's
	e.rows = sha256.Sum256(appendValue(e.key[:len(e.key):len(e.key)], reflect.ValueOf(&rows).Elem()))
	e.statements, e.stances = len(outline.Statements), len(outline.Stances)
}

// writeArticles writes the tables that hold a partition a day, with their
// index, and adds them up, all and those that the summary covers, file by file on
// all cores: most of the time goes into making the files.
func (w *Writer) writeArticles(all *settled, verdicts []dedup.Verdict) (_ Counts, totals, covered *aggregate.Accumulator, _ error) {
	dir := w.folder.partial
	for _, name := range partitioned {
		if err := disk.Mkdir(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
			return Counts{}, nil, nil, err
		}
	}
	parts := w.parts()
	before := w.before.places()
	for i := range parts {
		p := &parts[i]
		if old := before[place{p.name, p.number}]; old != nil && p.sameArticles(old) {
			p.old = old
		}
	}
	if err := w.reclaim(parts); err != nil {
		return Counts{}, nil, nil, err
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
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				part := &parts[i]
				if p.err = p.write(w, part, all); p.err != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	var counts Counts
	totals, covered = &aggregate.Accumulator{}, &aggregate.Accumulator{}
	var err error
	for i := range parts {
		if parts[i].left {
			err = errors.Join(err, removeEmpty(dir, parts[i].name))
		}
	}
	for i := range workers {
		err = errors.Join(err, workers[i].err)
		counts.merge(&workers[i].counts)
		totals.Merge(&workers[i].totals)
		covered.Merge(&workers[i].covered)
	}
	if err != nil {
		return counts, nil, nil, err
	}
	if w.opt.Since == "" {
		covered = totals
	}
	w.before.files, w.known, w.ids = nil, nil, nil // the report needs the room
	for _, e := range w.index {
		e.before = met{}
	}
	w.after = w.newIndex(parts)
	w.after.verdicts = verdicts
	return counts, totals, covered, w.after.write(dir)
}

// newIndex is the index of the run.
func (w *Writer) newIndex(parts []part) *index {
	x := &index{run: w.folder.run, speakers: slices.Sorted(maps.Keys(w.profiles))}
	for i := range parts {
		p := &parts[i]
		f := indexed{part: p.name, number: p.number, articles: make([]indexedArticle, 0, len(p.entries))}
		for _, e := range p.entries {
			f.statements += e.statements
			f.stances += e.stances
			f.articles = append(f.articles, indexedArticle{e.id, e.content, e.key, e.since, e.rows})
		}
		x.files = append(x.files, f)
	}
	return x
}

// partitioned are the tables with a partition a day.
var partitioned = [...]string{tableName[ArticleRow](), tableName[StatementRow](), tableName[StanceRow]()}

// takeOver links the files of a part from the run before, one part at a time: two
// that make folders in one would burn time on its lock.
func (w *Writer) takeOver(f *indexed) bool {
	w.taking.Lock()
	defer w.taking.Unlock()
	return takeOver(w.folder.out, w.folder.partial, f)
}

// takeOver links the files of a part from one folder to another. It returns
// false where that cannot be done.
func takeOver(from, to string, f *indexed) bool {
	for i, rows := range [...]int{len(f.articles), f.statements, f.stances} {
		if rows == 0 {
			continue
		}
		name := filepath.Join(partitioned[i], f.part, fileName(f.number))
		if err := disk.Mkdir(filepath.Join(to, partitioned[i], f.part)); err != nil && !errors.Is(err, fs.ErrExist) {
			return false
		}
		if err := disk.Link(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return false
		}
	}
	return true
}

// A partWriter writes one part after another, and adds up what it wrote.
type partWriter struct {
	articles   *tableWriter[ArticleRow]
	statements *tableWriter[StatementRow]
	stances    *tableWriter[StanceRow]
	record     []byte
	counts     Counts
	totals     aggregate.Accumulator
	covered    aggregate.Accumulator // by the summary, where that is not everything
	err        error
}

func (p *partWriter) open(dir string) error {
	var errs [3]error
	p.articles, errs[0] = newTableWriter[ArticleRow](dir)
	p.statements, errs[1] = newTableWriter[StatementRow](dir)
	p.stances, errs[2] = newTableWriter[StanceRow](dir)
	return errors.Join(errs[:]...)
}

// write writes a part, or takes it over where its rows are those of an earlier
// file: their outlines tell.
func (p *partWriter) write(w *Writer, part *part, all *settled) error {
	for _, e := range part.entries {
		b, err := w.outlined(e, &p.record, all)
		if err != nil {
			return err
		}
		e.sign(b)
		p.counts.add(b, e.unchanged())
		if e.plain != nil {
			continue
		}
		if err := p.totals.Add(articleOf(b)); err != nil {
			return err
		}
		if w.opt.Since != "" && covers(w.opt.Since, e.part) {
			if err := p.covered.Add(articleOf(b)); err != nil {
				return err
			}
		}
	}
	if part.old != nil && part.sameRows(part.old) && (part.there || w.takeOver(part.old)) {
		return nil
	}
	if part.there {
		part.there, part.left = false, true
		if err := removeFiles(w.folder.partial, part.old); err != nil {
			return err
		}
	}
	if p.stances == nil {
		if err := p.open(w.folder.partial); err != nil {
			return err
		}
	}
	for _, e := range part.entries {
		b, err := w.settled(e, &p.record, all, decode)
		if err != nil {
			return err
		}
		if err := p.add(e.part, part.number, b); err != nil {
			return err
		}
	}
	return errors.Join(p.articles.close(), p.statements.close(), p.stances.close())
}

// add writes the rows of a settled article, whole.
func (p *partWriter) add(part string, number int, b *Batch) error {
	sum := sha256.Sum256([]byte(b.Article.Text))
	b.Article.TextSHA256 = hex.EncodeToString(sum[:])
	return errors.Join(p.articles.add(part, number, []ArticleRow{b.Article}),
		p.statements.add(part, number, b.Statements), p.stances.add(part, number, b.Stances))
}

// settled reads an article back, whole or its outline, as it stands in the
// tables.
func (w *Writer) settled(e *entry, buffer *[]byte, all *settled, read func([]byte) (*Batch, error)) (*Batch, error) {
	b, err := w.load(e, buffer, read)
	if err != nil {
		return nil, err
	}
	all.settle(b)
	return b, nil
}

// outlined is the outline of an article as it stands in the tables; of one without
// statements, as far as others go by it.
func (w *Writer) outlined(e *entry, buffer *[]byte, all *settled) (*Batch, error) {
	if e.plain == nil {
		return w.settled(e, buffer, all, decodeOutline)
	}
	b := e.plain.batch(e.id)
	all.settle(b)
	return b, nil
}

// articles is Written's: the index is in the order of the tables.
func (w *Writer) articles(all *settled, yield func(*Batch) error) error {
	var record []byte
	for _, e := range w.index {
		if !covers(w.opt.Since, e.part) {
			continue
		}
		var b *Batch
		var err error
		if e.statements > 0 {
			b, err = w.settled(e, &record, all, decode)
		} else {
			b, err = w.outlined(e, &record, all)
		}
		if err != nil {
			return err
		}
		b.Article.Text = ""
		if err := yield(b); err != nil {
			return err
		}
	}
	return nil
}

// unchanged reports whether the run before had the article with the same
// analysis.
func (e *entry) unchanged() bool {
	return e.before.indexedArticle != nil && e.before.key == e.key
}

func (p *partWriter) abort() {
	if p.stances != nil {
		p.articles.abort()
		p.statements.abort()
		p.stances.abort()
	}
}

// settled is what is known when all articles are.
type settled struct {
	amend    func(*Batch)
	names    map[string]aggregate.Speaker // by id
	merged   map[string]string            // ids that became another
	counting Counting
	counted  map[string]string // see countedQuotations
}

// settle gathers what is known when all articles are.
func (w *Writer) settle(how *Finish, merged, counted map[string]string) *settled {
	all := &settled{amend: how.Amend, merged: merged, counting: w.opt.Counting, counted: counted, names: make(map[string]aggregate.Speaker, len(w.profiles))}
	for id, p := range w.profiles {
		all.names[id] = p.Best(id)
	}
	return all
}

// settle brings a batch to what it is once all articles are known.
func (all *settled) settle(b *Batch) {
	if all.amend != nil {
		all.amend(b)
	}
	all.fill(b)
}

// fill sets what follows from other rows, and names every speaker as the table
// speakers does.
func (all *settled) fill(b *Batch) {
	a := &b.Article
	if a.Status == "" {
		a.Status = Analysed
	}
	a.Statements, a.Stances = int32(len(b.Statements)), int32(len(b.Stances))
	byID := make(map[string]*StatementRow, len(b.Statements))
	for i := range b.Statements {
		s := &b.Statements[i]
		byID[s.ID] = s
		s.ArticleID, s.Published, s.Publisher = a.ID, a.Published, a.Publisher
		s.Duplicate = all.counting.leftOut(a, s, all.counted)
		s.SpeakerName, s.SpeakerType, s.SpeakerWikidata = nil, nil, nil
		if s.SpeakerID == nil {
			s.Resolution = nil
			continue
		}
		if id, ok := all.merged[*s.SpeakerID]; ok {
			s.SpeakerID = &id
		}
		best := all.names[*s.SpeakerID]
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
	c.Unchanged += d.Unchanged
	c.Duplicates += d.Duplicates
	c.Relevant += d.Relevant
	c.Statements += d.Statements
	c.Stances += d.Stances
	c.Abstained += d.Abstained
	c.SpeakersAbstained += d.SpeakersAbstained
}

func (c *Counts) add(b *Batch, unchanged bool) {
	switch {
	case b.Article.Status == Duplicate:
		c.Duplicates++
	case unchanged:
		c.Unchanged++
	default:
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
