// Package sheet writes and reads CSV that people open in spreadsheets: no cell
// of it is taken for a formula, and what was guarded is read back as it was.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// starts are the characters that begin a formula in a spreadsheet, the wide
// forms among them, and those that may be dropped before one.
const starts = "=+-@\t\r\n＝＋－＠"

// splits are the characters at which a spreadsheet may cut a line into cells,
// whatever the file's own separator is.
const splits = ",;\t|\r\n\""

// Guard puts an apostrophe before whatever a spreadsheet could take for the
// beginning of a formula: at the beginning of the text, and behind every
// character at which a spreadsheet set to another separator would cut the cell
// (OWASP, "CSV Injection"). Bare undoes it. Text that holds nothing of the kind
// comes back as it is.
func Guard(s string) string {
	var b strings.Builder
	from := 0
	for _, at := range places(s) {
		b.WriteString(s[from:at])
		b.WriteByte('\'')
		from = at
	}
	if from == 0 && b.Len() == 0 {
		return s
	}
	return b.String() + s[from:]
}

// Bare returns the text that Guard was given.
func Bare(s string) string {
	var b strings.Builder
	from := 0
	for _, at := range places(s) {
		if s[at] == '\'' {
			b.WriteString(s[from:at])
			from = at + 1
		}
	}
	if from == 0 {
		return s
	}
	return b.String() + s[from:]
}

// places are the offsets at which a cell may begin and where what stands there
// is a formula, or apostrophes and a formula: what Guard adds to and Bare takes from.
func places(s string) []int {
	if !strings.ContainsAny(s, starts) {
		return nil
	}
	var out []int
	begin := true
	for i, r := range s {
		if begin {
			rest := strings.TrimLeft(s[i:], "'")
			if rest != "" && strings.ContainsRune(starts, first(rest)) {
				out = append(out, i)
			}
		}
		begin = strings.ContainsRune(splits, r)
	}
	return out
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// A Writer writes rows of cells. Cells of text are guarded, others are not:
// a number may begin with a minus.
type Writer struct {
	csv   *csv.Writer
	cells []string
}

// NewWriter returns a writer with the given head line. With mark a byte order
// mark comes first, without which some spreadsheets misread UTF-8.
func NewWriter(w io.Writer, mark bool, head ...string) (*Writer, error) {
	if mark {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return nil, err
		}
	}
	out := &Writer{csv: csv.NewWriter(w)}
	return out, out.csv.Write(head)
}

const byteOrderMark = "\ufeff"

// Text adds a guarded cell to the row.
func (w *Writer) Text(s string) { w.cells = append(w.cells, Guard(s)) }

// Plain adds a cell of this program's own making to the row: a number, a date,
// a word from a closed list.
func (w *Writer) Plain(s string) { w.cells = append(w.cells, s) }

// Int adds a whole number.
func (w *Writer) Int(n int) { w.Plain(fmt.Sprint(n)) }

// End ends the row.
func (w *Writer) End() error {
	err := w.csv.Write(w.cells)
	w.cells = w.cells[:0]
	return err
}

// Flush writes out what is held back.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// A Row is a row that was read: its line, and its bare cells by column.
type Row struct {
	Line  int
	Cells map[string]string
}

// Read reads a sheet with a head line that names at least the columns of need.
// It takes commas, semicolons and tabs, whichever the head line has most of,
// since spreadsheets save with their own. Errors begin with path and line.
func Read(path string, data []byte, need ...string) ([]Row, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	for _, c := range ",;\t" {
		if bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(r.Comma))) {
			r.Comma = c
		}
	}
	names, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s:1: not a sheet: %w (save it as CSV in UTF-8)", path, err)
	}
	for _, name := range need {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%s:1: no column %q among %q (keep the head line of the sheet)", path, name, names)
		}
	}
	var rows []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			line := 0
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				line, err = bad.StartLine, bad.Err
			}
			return nil, fmt.Errorf("%s:%d: not a row of the sheet: %w (save it as CSV in UTF-8)", path, line, err)
		}
		line, _ := r.FieldPos(0)
		row := Row{line, make(map[string]string, len(names))}
		for i, name := range names {
			row.Cells[name] = Bare(cells[i])
		}
		rows = append(rows, row)
	}
}
