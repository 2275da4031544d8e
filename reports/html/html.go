// Package html writes the report of a run: HTML files that ask nothing of the
// network, and figures for papers, made from the tables alone, with the same
// bytes for the same tables.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/reports/disk"
	"github.com/standpoint-news/standpoint/reports/table"
)

// Data is what a report is made from: the rows of a run's tables. A report does
// not change it, and uses neither the texts of the articles nor spans in bytes
// nor the times that the run took.
type Data struct {
	Run        table.RunInfo
	Articles   Articles
	Statements []table.StatementRow
	Stances    []table.StanceRow
	Speakers   []table.SpeakerRow
	Summary    []table.SummaryRow
	Quarantine []table.QuarantineRow
}

var (
	//go:embed report.html.tmpl
	markup string
	//go:embed report.css
	style string
	//go:embed report.js
	script string

	report = template.Must(template.New("report").Funcs(template.FuncMap{
		"n": count, "cap": upper,
	}).Parse(markup))
)

// newReport makes all pages of the report. Figures come from the tables; copies
// of articles are counted, and left out of everything else.
func newReport(d Data) (*builder, []*page, error) {
	b, first, err := newPage(d)
	if err != nil {
		return nil, nil, fmt.Errorf("report: %w", err)
	}
	pages := make([]*page, len(b.pages))
	for i, speakers := range b.pages {
		p := first
		if i > 0 {
			p = &page{Further: true, Title: first.Title, Targets: first.Targets, Limits: first.Limits, Cut: first.Cut}
		}
		p.Speakers = speakers
		if len(b.pages) > 1 {
			for k := range b.pages {
				p.Pages = append(p.Pages, pageLink{pageFile(k + 1), fmt.Sprint(k + 1), k == i})
			}
		}
		pages[i] = p
	}
	return b, pages, nil
}

func (p *page) write(w io.Writer) error {
	p.Style, p.StyleHash = template.CSS(style), cspHash(style)
	p.Script, p.ScriptHash = template.JS(script), cspHash(script)
	buffered := bufio.NewWriterSize(w, 1<<16)
	if err := report.Execute(buffered, p); err != nil {
		return fmt.Errorf("report: cannot write: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("report: cannot write: %w", err)
	}
	return nil
}

// cspHash is the form in which a content security policy names the one style
// or script that may run.
func cspHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// FromTables reads what a report is made from out of the folder of a run. What
// the report does not show is dropped row by row, so that memory holds neither
// the articles nor every statement's text.
func FromTables(dir string) (Data, error) {
	d, err := totals(dir)
	if err != nil {
		return d, err
	}
	if d.Stances, err = table.Read[table.StanceRow](dir); err != nil {
		return d, err
	}
	d.Stances = slices.DeleteFunc(d.Stances, func(s table.StanceRow) bool { return !d.Run.Covers(s.Published) })
	for row, err := range table.Rows[table.ArticleRow](dir, "Text", "TextSHA256") {
		if err != nil {
			return d, err
		}
		if d.Run.Covers(row.Published) {
			d.Articles.Add(&row)
		}
	}
	worth := worths(d.Stances)
	plainOnes := map[string]int{}
	for row, err := range table.Rows[table.StatementRow](dir, "SourceText", "CueText", "SourceByteStarts", "SourceByteEnds",
		"CueByteStarts", "CueByteEnds", "ContentByteStarts", "ContentByteEnds") {
		if err != nil {
			return d, err
		}
		if d.Run.Covers(row.Published) {
			d.addStatement(row, worth[row.ID], plainOnes)
		}
	}
	d.cutSpeakers()
	return d, nil
}

// cutSpeakers leaves the speakers of the articles that the report covers, with
// what they said in these, where it does not cover all.
func (d *Data) cutSpeakers() {
	if d.Run.Since == "" {
		return
	}
	type tally struct{ statements, stances, abstained, articles int32 }
	tallies, met := map[string]*tally{}, map[[2]string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.SpeakerID == nil {
			continue
		}
		t := tallies[*s.SpeakerID]
		if t == nil {
			t = &tally{}
			tallies[*s.SpeakerID] = t
		}
		t.statements++
		if at := [2]string{*s.SpeakerID, s.ArticleID}; !met[at] {
			met[at] = true
			t.articles++
		}
	}
	for i := range d.Stances {
		s := &d.Stances[i]
		if s.Duplicate || s.SpeakerID == nil || tallies[*s.SpeakerID] == nil {
			continue
		}
		t := tallies[*s.SpeakerID]
		t.stances++
		if s.Label == corpus.Abstain.String() {
			t.abstained++
		}
	}
	d.Speakers = slices.DeleteFunc(d.Speakers, func(s table.SpeakerRow) bool { return tallies[s.ID] == nil })
	for i := range d.Speakers {
		s := &d.Speakers[i]
		t := tallies[s.ID]
		s.Articles, s.Statements, s.Stances, s.ShareAbstained = t.articles, t.statements, t.stances, nil
		if t.stances > 0 {
			share := float64(t.abstained) / float64(t.stances)
			s.ShareAbstained = &share
		}
	}
}

// fromRun takes the same from a run that is being written.
func fromRun(run table.Written) (Data, error) {
	d, err := totals(run.Dir)
	if err != nil {
		return d, err
	}
	plainOnes := map[string]int{}
	d.Statements, d.Stances = make([]table.StatementRow, 0, run.Statements), make([]table.StanceRow, 0, run.Stances)
	err = run.Articles(func(b *table.Batch) error {
		d.Articles.Add(&b.Article)
		d.Stances = append(d.Stances, b.Stances...)
		worth := worths(b.Stances)
		for _, row := range b.Statements {
			row.SourceText, row.CueText = "", ""
			row.SourceByteStarts, row.SourceByteEnds, row.CueByteStarts, row.CueByteEnds = nil, nil, nil, nil
			row.ContentByteStarts, row.ContentByteEnds = nil, nil
			d.addStatement(row, worth[row.ID], plainOnes)
		}
		return nil
	})
	d.cutSpeakers()
	return d, err
}

// totals reads run.json and the tables that tell of no article.
func totals(dir string) (d Data, err error) {
	if d.Run, err = table.ReadRun(dir); err != nil {
		return d, err
	}
	if d.Speakers, err = table.Read[table.SpeakerRow](dir); err != nil {
		return d, err
	}
	if d.Summary, err = table.Read[table.SummaryRow](dir); err != nil {
		return d, err
	}
	d.Quarantine, err = table.Read[table.QuarantineRow](dir)
	return d, err
}

// addStatement keeps of a statement what is shown. plainOnes counts those
// without a stance, by speaker.
func (d *Data) addStatement(row table.StatementRow, worth int, plainOnes map[string]int) {
	if row.Duplicate {
		return
	}
	if worth < sidedWorth {
		row.ContentText = ""
	}
	if worth == 0 {
		if plainOnes[deref(row.SpeakerID)]++; plainOnes[deref(row.SpeakerID)] > maxCards {
			row.Context = "" // never shown: the speaker's cards are full
		}
	}
	d.Statements = append(d.Statements, row)
}

// WriteFile reads the tables under dir and writes the folder report beside them:
// index.html, further pages of statements where there are more than a browser
// opens in comfort, and figures for papers with their data.
func WriteFile(dir string) error {
	d, err := FromTables(dir)
	if err != nil {
		return err
	}
	return d.writeFolder(dir, "")
}

// WriteRun writes the report of a run that is being written: the bytes of
// WriteFile, without reading its tables back, and without drawing figures again
// that the run before has.
func WriteRun(run table.Written) error {
	d, err := fromRun(run)
	if err != nil {
		return err
	}
	drawn := ""
	if run.Before != "" {
		before, err := table.ReadRun(run.Before)
		if err == nil && before.EnvironmentSHA256 == d.Run.EnvironmentSHA256 { // by the same program
			drawn = filepath.Join(run.Before, "report", "figures")
		}
	}
	return d.writeFolder(run.Dir, drawn)
}

// writeFolder writes the folder report under dir. drawn holds earlier figures by
// the same program; it may be empty.
func (d Data) writeFolder(dir, drawn string) error {
	b, pages, err := newReport(d)
	if err != nil {
		return err
	}
	folder := filepath.Join(dir, "report")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("%s: cannot make the folder: %w", folder, err)
	}
	figures := filepath.Join(folder, "figures")
	if pages[0].Figures, err = b.writeFigures(figures, drawn, pages[0]); err != nil {
		return fmt.Errorf("%s: cannot write: %w", figures, err)
	}
	old, err := filepath.Glob(filepath.Join(folder, "statements-*.html"))
	if err != nil {
		return err
	}
	for i, p := range pages {
		path := filepath.Join(folder, pageFile(i+1))
		if err := writeAside(path, p.write); err != nil {
			return err
		}
		old = slices.DeleteFunc(old, func(o string) bool { return o == path })
	}
	for _, path := range old { // pages of an earlier, longer report
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// writeAside writes a file in another's place in one step.
func writeAside(path string, write func(io.Writer) error) error {
	aside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".page-%d-%s", os.Getpid(), filepath.Base(path)))
	f, err := disk.Create(aside)
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = disk.Rename(aside, path)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, errors.Join(err, os.Remove(aside)))
	}
	return nil
}

// writeFile writes a file of a folder that is synced as a whole.
func writeFile(path string, data []byte) error {
	f, err := disk.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
