package table

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
	"github.com/standpoint-news/standpoint/reports/disk"
)

// What a Writer does in one place can be done in steps, on many machines: Encode
// what an analysis made of an article, Settle it when all are known, write the
// days with Days, add up the Contributions, and Publish. The tables are the same.

// Encode is a batch as a record of bytes, compressed.
func Encode(b *Batch) ([]byte, error) {
	if err := check(b); err != nil {
		return nil, err
	}
	return encode(b)
}

// Decode is the inverse of Encode.
func Decode(record []byte) (*Batch, error) { return decode(record) }

// Partition is the folder of an article's rows: "dt=2018-04-14", "dt=undated".
func Partition(published *int64) string {
	if t := Time(published); !t.IsZero() {
		return "dt=" + t.Format("2006-01-02")
	}
	return undated
}

// Rename gives an article another id, and its rows theirs.
func (b *Batch) Rename(id string) {
	old := b.Article.ID
	rename := func(s *string) {
		if rest, ok := strings.CutPrefix(*s, old+"#"); ok {
			*s = id + "#" + rest
		}
	}
	b.Article.ID = id
	for i := range b.Statements {
		rename(&b.Statements[i].ID)
	}
	for i := range b.Stances {
		rename(&b.Stances[i].ID)
		rename(&b.Stances[i].StatementID)
	}
}

// Speakers lists what the statements say of their speakers, one by one.
func (b *Batch) Speakers() []aggregate.Speaker {
	var out []aggregate.Speaker
	for i := range b.Statements {
		if s := speaker(b, &b.Statements[i]); s.ID != "" {
			out = append(out, s)
		}
	}
	return out
}

// Settle fills in what follows from other rows. speakers are the speakers of its
// statements as they are named, by id; merged says which ids became another.
func (b *Batch) Settle(speakers map[string]aggregate.Speaker, merged map[string]string, counting Counting) {
	(&settled{names: speakers, merged: merged, counting: counting}).fill(b)
}

// A Contribution is what an article adds to the totals of one speaker, "" for
// the statements without one. No field of a Speaker but ID is set.
type Contribution struct {
	Speaker string
	Article aggregate.Article
}

// Contributions lists what a settled article adds to the totals, by speaker.
func (b *Batch) Contributions() []Contribution {
	all := articleOf(b)
	byID := map[string][]aggregate.Statement{}
	for _, s := range all.Statements {
		id := s.Speaker.ID
		if id == "" && len(s.Stances) == 0 {
			continue // adds to nothing
		}
		s.Speaker = aggregate.Speaker{ID: id}
		byID[id] = append(byID[id], s)
	}
	var out []Contribution
	for id, statements := range byID {
		out = append(out, Contribution{id, aggregate.Article{ID: all.ID, Published: all.Published, Statements: statements}})
	}
	slices.SortFunc(out, func(a, b Contribution) int { return cmp.Compare(a.Speaker, b.Speaker) })
	return out
}

// Identify settles which ids are one speaker, as Finish does. It folds the
// profiles of the ids that go into those that stay, and returns where each went
// and the rows of the table merges.
func Identify(profiles map[string]*aggregate.Profile, known func(id string) bool, rulings []aggregate.Ruling) (map[string]string, []MergeRow, error) {
	w := Writer{before: &index{}, profiles: profiles}
	merged, decisions, err := w.identify(Finish{Known: known, Rulings: rulings})
	return merged, mergeRows(decisions), err
}

// TotalRows are the rows of speakers for what was added up, and those of summary
// for what of it the summary covers; speakers are these as they are named, by id,
// with all their aliases.
func TotalRows(totals, covered *aggregate.Accumulator, speakers map[string]aggregate.Speaker) ([]SpeakerRow, []SummaryRow) {
	sums := totals.Speakers()
	rows := make([]SpeakerRow, len(sums))
	for i, t := range sums {
		t.Speaker = speakers[t.ID]
		rows[i] = speakerRow(t)
	}
	cells := covered.Cells()
	for i := range cells {
		cells[i].Speaker = speakers[cells[i].Speaker.ID]
	}
	return rows, summaryRows(cells)
}

// Days writes the tables that have a partition a day. It is for one goroutine,
// and takes whole days: no other one may write to them.
type Days struct {
	dir, aside   string
	part         string
	number, size int
	tables       partWriter
}

// NewDays writes under dir, aside at first: Close puts the files in place, and
// puts the same there when it is done twice.
func NewDays(dir string) (*Days, error) {
	aside, err := os.MkdirTemp(dir, ".aside-")
	if err != nil {
		return nil, fmt.Errorf("%s: cannot write: %w (it must be a folder that all machines may write to)", dir, err)
	}
	d := &Days{dir: dir, aside: aside}
	for _, name := range partitioned {
		if err := disk.Mkdir(filepath.Join(aside, name)); err != nil {
			return nil, err
		}
	}
	return d, d.tables.open(aside)
}

// Add writes a settled article. Articles come by partition, then by id; length
// is that of the record, which says when a file is full.
func (d *Days) Add(b *Batch, length int) error {
	part := Partition(b.Article.Published)
	switch {
	case part != d.part:
		if err := d.end(); err != nil {
			return err
		}
		d.part, d.number, d.size = part, 0, 0
	case d.size+length > maxPart:
		if err := d.end(); err != nil {
			return err
		}
		d.number, d.size = d.number+1, 0
	}
	d.size += length
	d.tables.counts.add(b, false)
	return d.tables.add(d.part, d.number, b)
}

func (d *Days) end() error {
	return errors.Join(d.tables.articles.close(), d.tables.statements.close(), d.tables.stances.close())
}

// Close ends the files, puts them in place and returns what was counted.
func (d *Days) Close() (Counts, error) {
	if err := d.end(); err != nil {
		return Counts{}, err
	}
	if err := disk.SyncTree(d.aside); err != nil {
		return Counts{}, err
	}
	err := filepath.WalkDir(d.aside, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(d.aside, path)
		if err != nil {
			return err
		}
		to := filepath.Join(d.dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		return disk.Rename(path, to)
	})
	return d.tables.counts, errors.Join(err, os.RemoveAll(d.aside))
}

// Abort drops what is not in place. After Close it does nothing.
func (d *Days) Abort() {
	d.tables.abort()
	_ = os.RemoveAll(d.aside) // Publish removes what stays
}

// Merge adds the counts of other articles.
func (c *Counts) Merge(d *Counts) { c.merge(d) }

// Rest is what Publish adds to the days: the tables without partitions, in any
// order.
type Rest struct {
	Speakers   []SpeakerRow
	Merges     []MergeRow
	Summary    []SummaryRow
	Quarantine []QuarantineRow
}

// Publish writes what is not there under dir, where Days have been written, and
// puts dir in the place of out, which must not be there. Once done, to do it
// again does nothing.
func Publish(dir, out string, rest Rest, info RunInfo) (RunInfo, error) {
	if before, err := ReadRun(out); err == nil && !exists(dir) {
		return before, nil
	}
	if exists(out) {
		return info, fmt.Errorf("%s: is there already (choose another --out)", out)
	}
	aside, err := filepath.Glob(filepath.Join(dir, ".aside-*")) // of killed writers
	if err != nil {
		return info, err
	}
	for _, path := range aside {
		if err := os.RemoveAll(path); err != nil {
			return info, err
		}
	}
	slices.SortFunc(rest.Speakers, func(a, b SpeakerRow) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(rest.Merges, func(a, b MergeRow) int {
		return cmp.Or(cmp.Compare(b.Statements, a.Statements), cmp.Compare(a.ID, b.ID), cmp.Compare(a.OtherID, b.OtherID))
	})
	slices.SortFunc(rest.Summary, func(a, b SummaryRow) int {
		return cmp.Or(cmp.Compare(a.SpeakerID, b.SpeakerID), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Period, b.Period))
	})
	slices.SortFunc(rest.Quarantine, compareQuarantine)
	for _, name := range ours[:7] { // a table without a row is there too
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return info, err
		}
	}
	if err := errors.Join(writeTable(dir, rest.Speakers), writeTable(dir, rest.Merges), writeTable(dir, rest.Summary), writeTable(dir, rest.Quarantine)); err != nil {
		return info, err
	}
	c := &info.Counts
	c.Quarantined, c.Speakers = len(rest.Quarantine), len(rest.Speakers)
	c.In = c.Analysed + c.Unchanged + c.Duplicates + c.Quarantined
	info.Tool, info.SchemaVersion, info.Run = Tool, SchemaVersion, 1
	if err := errors.Join(writeRun(dir, info), writePackage(dir, info, nil), disk.WriteFile(filepath.Join(dir, successFile), nil)); err != nil {
		return info, err
	}
	if err := disk.SyncTree(dir); err != nil {
		return info, err
	}
	return info, disk.Rename(dir, out)
}
