// Package export writes the tables of a run in the forms of other tools.
//
// Texts go out as they are, byte for byte, and offsets count in what each
// format says: Unicode code points for W3C Web Annotation and brat, UTF-16 code
// units for Label Studio, whose editor is written in JavaScript.
package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/standpoint-news/standpoint/reports/sheet"
	"github.com/standpoint-news/standpoint/reports/table"
)

// Formats are the forms that Write knows, with what each is.
var Formats = []struct{ Name, What string }{
	{"csv", "a sheet for each table, guarded against formulas, with datapackage.json"},
	{"jsonl", "a file of JSON Lines for each table"},
	{"web-annotation", "W3C Web Annotations of statements and stances, and the texts they point into"},
	{"brat", "brat standoff: a .txt and an .ann for each article, and annotation.conf"},
	{"label-studio", "tasks for Label Studio with the tool's reading as predictions, and a labelling view"},
	{"dna", "a database, as SQL, and an event list for Discourse Network Analyzer"},
}

// Write writes the tables under dir in a format to out, a folder that must be
// absent or empty. Copies of articles are left out of all but csv and jsonl.
func Write(dir, format, out string) error {
	info, err := table.ReadRun(dir)
	if err != nil {
		return err
	}
	write, ok := map[string]func(*exporter) error{
		"csv": (*exporter).csv, "jsonl": (*exporter).jsonLines, "web-annotation": (*exporter).webAnnotation,
		"brat": (*exporter).brat, "label-studio": (*exporter).labelStudio, "dna": (*exporter).dna,
	}[format]
	if !ok {
		return fmt.Errorf("unknown format %q", format)
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: is not empty (choose another --out)", out)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return fmt.Errorf("%s: cannot make the folder: %w (choose another --out)", out, err)
	}
	return write(&exporter{dir: dir, out: out, info: info})
}

type exporter struct {
	dir, out string
	info     table.RunInfo
}

// file writes one file by way of fill.
func (e *exporter) file(name string, fill func(*bufio.Writer) error) error {
	path := filepath.Join(e.out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(file, 1<<16)
	if err := errors.Join(fill(buffer), buffer.Flush(), file.Close()); err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, err)
	}
	return nil
}

func (e *exporter) csv() error {
	var resources []table.Resource
	for _, t := range table.CurrentSchema().Tables {
		names := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			names[i] = c.Name
		}
		err := e.file(t.Name+".csv", func(to *bufio.Writer) error {
			w, err := sheet.NewWriter(to, false, names...)
			if err != nil {
				return err
			}
			for row, err := range table.Each(e.dir, t.Name) {
				if err != nil {
					return err
				}
				for _, v := range row {
					if err := cell(w, v); err != nil {
						return err
					}
				}
				if err := w.End(); err != nil {
					return err
				}
			}
			return w.Flush()
		})
		if err != nil {
			return err
		}
		resources = append(resources, table.Resource{Table: t.Name, Paths: []string{t.Name + ".csv"}})
	}
	return e.file(table.PackageFile, func(to *bufio.Writer) error {
		data, err := table.DataPackage(e.info, "csv", "text/csv", resources)
		if err != nil {
			return err
		}
		_, err = to.Write(data)
		return err
	})
}

// cell adds a value: null as nothing, times in ISO 8601, lists as JSON.
func cell(w *sheet.Writer, v any) error {
	switch v := v.(type) {
	case nil:
		w.Plain("")
	case string:
		w.Text(v)
	case time.Time:
		w.Plain(v.Format(time.RFC3339Nano))
	case float64:
		w.Plain(strconv.FormatFloat(v, 'g', -1, 64))
	case []string, []int32, []float64:
		text, err := compact(list(v))
		if err != nil {
			return err
		}
		w.Text(text)
	default:
		w.Plain(fmt.Sprint(v))
	}
	return nil
}

// list writes an empty list as such and not as null.
func list(v any) any {
	switch l := v.(type) {
	case []string:
		if l == nil {
			return []string{}
		}
	case []int32:
		if l == nil {
			return []int32{}
		}
	case []float64:
		if l == nil {
			return []float64{}
		}
	}
	return v
}

// compact is JSON on one line that leaves < and > as they are.
func compact(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func (e *exporter) jsonLines() error {
	for _, t := range table.CurrentSchema().Tables {
		err := e.file(t.Name+".jsonl", func(to *bufio.Writer) error {
			for row, err := range table.Each(e.dir, t.Name) {
				if err != nil {
					return err
				}
				for i, v := range row {
					text, err := compact(list(v))
					if err != nil {
						return err
					}
					fmt.Fprintf(to, "%c%q:%s", "{,"[min(i, 1)], t.Columns[i].Name, text)
				}
				if _, err := to.WriteString("}\n"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A reading is one article with the tool's reading of it.
type reading struct {
	article    table.ArticleRow
	runes      []rune // of the text
	statements []table.StatementRow
	stances    map[string][]table.StanceRow // by statement
}

// readings yields the articles that count, in the order of the tables, which
// hold an article's statements and stances in the same order.
func (e *exporter) readings() iter.Seq2[*reading, error] {
	return func(yield func(*reading, error) bool) {
		nextStatement, stop := iter.Pull2(table.Rows[table.StatementRow](e.dir))
		defer stop()
		nextStance, stopStances := iter.Pull2(table.Rows[table.StanceRow](e.dir))
		defer stopStances()
		statement, errStatement, more := nextStatement()
		stance, errStance, moreStances := nextStance()
		for article, err := range table.Rows[table.ArticleRow](e.dir) {
			r := &reading{article: article, runes: []rune(article.Text), stances: map[string][]table.StanceRow{}}
			for err == nil && more && errStatement == nil && statement.ArticleID == article.ID {
				r.statements = append(r.statements, statement)
				statement, errStatement, more = nextStatement()
			}
			for err == nil && moreStances && errStance == nil && stance.ArticleID == article.ID {
				r.stances[stance.StatementID] = append(r.stances[stance.StatementID], stance)
				stance, errStance, moreStances = nextStance()
			}
			if err = errors.Join(err, errStatement, errStance); err != nil {
				yield(nil, err)
				return
			}
			if article.Status != table.Duplicate && !yield(r, nil) {
				return
			}
		}
		if more || moreStances {
			yield(nil, fmt.Errorf("%s: its tables hold statements of no article, or in another order (run standpoint again to rebuild them)", e.dir))
		}
	}
}

// A span is a half-open stretch of an article's text, in code points.
type span struct{ start, end int }

func (r *reading) cut(s span) string { return string(r.runes[s.start:s.end]) }

func spans(starts, ends []int32) []span {
	out := make([]span, len(starts))
	for i := range starts {
		out[i] = span{int(starts[i]), int(ends[i])}
	}
	return out
}

// fileName is a name for an article's files: its id where that is a plain one,
// else what is plain in it and a hash.
func fileName(id string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, id)
	if plain == id && id != "" && len(id) <= 80 {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return plain[:min(len(plain), 60)] + "-" + hex.EncodeToString(sum[:6])
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
