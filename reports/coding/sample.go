// Package coding draws stances for people to code, reads what they coded, and
// compares: coders with each other, and the tool with them.
//
// The unit is a stance: one statement toward one target. Copies of articles are
// left out, as they are of the summary. What the tool missed altogether is in no
// table and cannot be drawn: the figures speak of the stances that it found.
package coding

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/standpoint-news/standpoint/reports/sheet"
	"github.com/standpoint-news/standpoint/reports/table"
)

// A Unit is one stance of the population, with what the tool says of it.
type Unit struct {
	ID          string // stances.id
	StatementID string
	ArticleID   string
	Outlet      string
	Period      string // month of publication, "undated" without a date
	Target      string
	SpeakerID   string // empty where the tool abstains
	Speaker     string
	SpeakerType string
	Label       string // for, against, neither, abstain
	Score       float64
	Confidence  float64

	Stratum     string  // values of the columns of the design, joined by " | "
	Probability float64 // that the unit is drawn, 0…1
	Drawn       bool
}

// By names the columns that may make strata, and that figures are broken down by.
var By = []string{"target", "label", "speaker_type", "speaker", "outlet", "period"}

// Value is the unit's value in one of the columns By.
func (u *Unit) Value(column string) string {
	switch column {
	case "target":
		return u.Target
	case "label":
		return u.Label
	case "speaker_type":
		return cmp.Or(u.SpeakerType, "no speaker")
	case "speaker":
		return cmp.Or(u.SpeakerID, "no speaker")
	case "outlet":
		return cmp.Or(u.Outlet, "unknown")
	}
	return u.Period
}

// Population reads the stances that count from the tables under dir, ordered by id.
func Population(dir string) ([]Unit, error) {
	var units []Unit
	for s, err := range table.Rows[table.StanceRow](dir) {
		if err != nil {
			return nil, err
		}
		if s.Duplicate {
			continue
		}
		u := Unit{ID: s.ID, StatementID: s.StatementID, ArticleID: s.ArticleID, Outlet: s.Publisher, Period: "undated",
			Target: s.Target, Label: s.Label, Score: s.Score, Confidence: s.Confidence}
		if s.Published != nil {
			u.Period = table.Time(s.Published).Format("2006-01")
		}
		if s.SpeakerID != nil {
			u.SpeakerID, u.Speaker, u.SpeakerType = *s.SpeakerID, *s.SpeakerName, *s.SpeakerType
		}
		units = append(units, u)
	}
	slices.SortFunc(units, func(a, b Unit) int { return cmp.Compare(a.ID, b.ID) })
	return units, nil
}

// A Design says how a sample is drawn.
type Design struct {
	Size   int      `json:"size"`   // units to draw; more where strata would get less than Least
	Strata []string `json:"strata"` // columns of By
	Equal  bool     `json:"equal"`  // strata get equal shares; otherwise in proportion to their size
	Least  int      `json:"least"`  // units of each stratum, as far as it has them
	Seed   uint64   `json:"seed"`
}

// A Stratum is one cell of the design.
type Stratum struct {
	Name  string `json:"name"`
	Size  int    `json:"size"`
	Drawn int    `json:"drawn"`
}

// Draw marks the units of a stratified random sample without replacement:
// within a stratum every set of so many units is equally likely, and every
// unit's probability is drawn over size. The draw goes by a hash of seed and id:
// the order of the units, and units of other strata, change nothing.
func Draw(units []Unit, d Design) ([]Stratum, error) {
	for _, column := range d.Strata {
		if !slices.Contains(By, column) {
			return nil, fmt.Errorf("strata: no column %q (choose from %s)", column, strings.Join(By, ", "))
		}
	}
	if d.Size < 1 || d.Least < 1 {
		return nil, fmt.Errorf("a sample of %d, %d from each stratum: want 1 or more of each", d.Size, d.Least)
	}
	if len(units) == 0 {
		return nil, fmt.Errorf("no stance to draw from (the run found none: look at its report)")
	}
	members := map[string][]int{}
	for i := range units {
		values := make([]string, len(d.Strata))
		for k, column := range d.Strata {
			values[k] = units[i].Value(column)
		}
		units[i].Stratum = cmp.Or(strings.Join(values, " | "), "all")
		members[units[i].Stratum] = append(members[units[i].Stratum], i)
	}
	names := slices.Sorted(maps.Keys(members))
	sizes := make([]int, len(names))
	for h, name := range names {
		sizes[h] = len(members[name])
	}
	drawn := allocate(sizes, d)
	strata := make([]Stratum, len(names))
	for h, name := range names {
		strata[h] = Stratum{name, sizes[h], drawn[h]}
		of := members[name]
		slices.SortFunc(of, func(a, b int) int { return bytes.Compare(rank(d.Seed, units[a].ID), rank(d.Seed, units[b].ID)) })
		for k, i := range of {
			units[i].Drawn = k < drawn[h]
			units[i].Probability = float64(drawn[h]) / float64(sizes[h])
		}
	}
	return strata, nil
}

// rank is a unit's place in a random order.
func rank(seed uint64, id string) []byte {
	sum := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), id...))
	return sum[:]
}

// allocate divides the sample among strata of the given sizes: everyone its
// least, the rest one by one to the stratum that is furthest below its share.
func allocate(sizes []int, d Design) []int {
	out := make([]int, len(sizes))
	all, left := 0, d.Size
	for h, n := range sizes {
		out[h] = min(n, d.Least)
		all += n
		left -= out[h]
	}
	for ; left > 0; left-- {
		best, most := -1, math.Inf(-1)
		for h, n := range sizes {
			if out[h] == n {
				continue
			}
			share := float64(d.Size) / float64(len(sizes))
			if !d.Equal {
				share = float64(d.Size) * float64(n) / float64(all)
			}
			if gap := (share - float64(out[h])) / share; gap > most {
				best, most = h, gap
			}
		}
		if best < 0 {
			break // everything is drawn
		}
		out[best]++
	}
	return out
}

// The files of a sample.
const (
	KeyFile         = "key.csv"
	SheetFile       = "sheet.csv"
	StudioFile      = "label-studio.json"
	StudioView      = "label-studio.xml"
	PageFile        = "coding.html"
	InstructionFile = "CODEBOOK.md"
)

var keyColumns = []string{"unit", "statement_id", "article_id", "outlet", "period", "target", "speaker", "speaker_name", "speaker_type",
	"label", "score", "confidence", "stratum", "probability"}

// WriteKey writes the drawn units with what the tool says of them and the
// probability with which they were drawn. Coders should not see it.
func WriteKey(path string, units []Unit) error {
	var b bytes.Buffer
	w, err := sheet.NewWriter(&b, false, keyColumns...)
	if err != nil {
		return err
	}
	for i := range units {
		u := &units[i]
		if !u.Drawn {
			continue
		}
		for _, s := range []string{u.ID, u.StatementID, u.ArticleID, u.Outlet, u.Period, u.Target, u.SpeakerID, u.Speaker, u.SpeakerType} {
			w.Text(s)
		}
		w.Plain(u.Label)
		w.Plain(number(u.Score))
		w.Plain(number(u.Confidence))
		w.Text(u.Stratum)
		w.Plain(number(u.Probability))
		if err := w.End(); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o666)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// ReadKey reads what WriteKey wrote.
func ReadKey(path string) ([]Unit, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: the key of the sample cannot be read: %w (name it with --key)", path, bare(err))
	}
	rows, err := sheet.Read(path, data, keyColumns...)
	if err != nil {
		return nil, err
	}
	units := make([]Unit, len(rows))
	seen := map[string]bool{}
	for i, r := range rows {
		c := r.Cells
		u := &units[i]
		*u = Unit{ID: c["unit"], StatementID: c["statement_id"], ArticleID: c["article_id"], Outlet: c["outlet"], Period: c["period"],
			Target: c["target"], SpeakerID: c["speaker"], Speaker: c["speaker_name"], SpeakerType: c["speaker_type"],
			Label: c["label"], Stratum: c["stratum"], Drawn: true}
		for _, f := range []struct {
			name string
			to   *float64
		}{{"score", &u.Score}, {"confidence", &u.Confidence}, {"probability", &u.Probability}} {
			if *f.to, err = strconv.ParseFloat(c[f.name], 64); err != nil {
				return nil, fmt.Errorf("%s:%d: %s %q is no number (restore the key as sample wrote it)", path, r.Line, f.name, c[f.name])
			}
		}
		if !(u.Probability > 0 && u.Probability <= 1) {
			return nil, fmt.Errorf("%s:%d: the probability %v lies outside of 0 to 1 (restore the key as sample wrote it)", path, r.Line, u.Probability)
		}
		if seen[u.ID] {
			return nil, fmt.Errorf("%s:%d: the unit %q stands twice (restore the key as sample wrote it)", path, r.Line, u.ID)
		}
		seen[u.ID] = true
	}
	return units, nil
}

// bare drops the path that the file system's errors repeat.
func bare(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	return err
}

// WriteSample writes all files of a sample to dir, which must be absent or
// empty: codings may lie there. units are the population of the tables, drawn by d.
func WriteSample(dir, tables string, units []Unit, d Design) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: is not empty, and may hold codings (choose another --out)", dir)
	}
	items, err := readItems(tables, units, d.Seed)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("%s: cannot make the folder: %w (choose another --out)", dir, bare(err))
	}
	if err := errors.Join(WriteKey(filepath.Join(dir, KeyFile), units), WriteDesign(dir, d)); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		make func([]Item) ([]byte, error)
	}{
		{SheetFile, codingSheet}, {StudioFile, studioTasks}, {StudioView, func([]Item) ([]byte, error) { return []byte(studioView), nil }},
		{PageFile, codingPage}, {InstructionFile, func([]Item) ([]byte, error) { return []byte(codebook), nil }},
	} {
		data, err := f.make(items)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f.name), data, 0o666)
		}
		if err != nil {
			return fmt.Errorf("%s: cannot write: %w", filepath.Join(dir, f.name), bare(err))
		}
	}
	return nil
}
