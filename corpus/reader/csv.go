package reader

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// csv reads a stream of delimited rows under a header row (RFC 4180). Quotation
// marks inside an unquoted value stand for themselves. Blank lines are passed
// over.
//
// encoding/csv would hold a row of any length, rewrite the line ends inside
// quotation marks and, where a closing mark is missing, swallow the rest of
// the file; csvRows does neither.
func (r *run) csv(s source, b *bufio.Reader, encoding string, tabbed bool) error {
	rows := &csvRows{lines: lines{b: b, max: r.max}}
	header, err := rows.header(tabbed)
	place := corpus.Place{Path: s.path, Line: rows.start}
	var bad *rowError
	switch {
	case errors.As(err, &bad):
		rejection := bad.rejection(place, r.max)
		rejection.Message += "; it is the header, so no row was read"
		return r.reject(rejection)
	case err != nil:
		return r.ended(s, rows.no, err, empty(s, "the file holds no header row"))
	}
	columns := make([][]slot, len(header))
	hasText := false
	for i, name := range header {
		decoded, _, _ := decode([]byte(name))
		header[i] = string(decoded)
		name = header[i]
		columns[i] = r.fields.find(name)
		for _, c := range columns[i] {
			hasText = hasText || c.field == fieldText
		}
	}
	if !hasText {
		return r.reject(&Rejection{Place: place, Reason: MissingText,
			Message: fmt.Sprintf("no text: none of the columns %s holds it, so no row was read", strings.Join(header, ", ")),
			Mend:    "name the column that holds the text under fields.text in the configuration"})
	}
	records := 0
	for {
		row, err := rows.next()
		place.Line = rows.start
		switch {
		case errors.As(err, &bad):
			err = r.reject(bad.rejection(place, r.max))
		case err != nil:
			var last *Rejection
			if records == 0 {
				last = empty(s, "the file holds a header row alone")
			}
			return r.ended(s, rows.no, err, last)
		default:
			err = r.csvRow(place, corpus.Origin{Format: s.format.String(), Encoding: encoding}, header, columns, row)
		}
		if err != nil {
			return err
		}
		records++
	}
}

func (r *run) csvRow(place corpus.Place, origin corpus.Origin, header []string, columns [][]slot, row []string) error {
	for len(row) > len(columns) && row[len(row)-1] == "" {
		row = row[:len(row)-1] // spreadsheets pad rows
	}
	var p picker
	for i, value := range row {
		decoded, found, replaced := decode([]byte(value))
		if found != utf8Name {
			origin.Encoding = found
		}
		origin.Replaced += replaced
		value = string(decoded)
		if rejection := checkText(place, value, replaced); rejection != nil {
			return r.reject(rejection)
		}
		if i < len(columns) {
			if value != "" {
				r.options.Survey.met(r.fields, header[i])
			}
			for _, s := range columns[i] {
				p.offer(s, header[i], value)
			}
		}
	}
	if len(row) != len(columns) {
		what, mend := "short", "complete the row"
		if len(row) > len(columns) {
			what, mend = "long", "put quotation marks around values that hold the delimiter"
		}
		rejection := &Rejection{Place: place, Reason: MalformedCSV,
			Message: fmt.Sprintf("row too %s: %d of %d columns", what, len(row), len(columns)), Mend: mend}
		return r.reject(rejection)
	}
	r.options.Survey.used(&p)
	return r.article(place, origin, &p.record)
}

// A rowError says why a line cannot be the start of a row.
type rowError struct {
	cause string // empty where the line is too long
	size  int    // bytes read for the row
}

func (e *rowError) Error() string { return e.cause }

func (e *rowError) rejection(place corpus.Place, limit int) *Rejection {
	if e.cause == "" {
		return tooLong(place, fmt.Sprintf("the row has %d bytes or more", e.size), limit)
	}
	return &Rejection{Place: place, Reason: MalformedCSV, Message: "broken quotation: " + e.cause,
		Mend: `close every quoted value with ", and double the marks inside: ""`}
}

// A csvLine is a line that a row has read.
type csvLine struct {
	text []byte // with its end
	size int    // larger than len(text) where it was too long
	no   int
}

// csvRows divides lines into rows. A line that cannot start a row costs only
// itself: the lines read after it are read again as rows of their own.
type csvRows struct {
	lines
	delim byte
	again []csvLine // lines to read again, in order
	start int       // 1-based line on which the last row started

	// The row in progress.
	values []string
	value  []byte
	quoted bool // within quotation marks
}

// header reads the first row and settles the delimiter by it.
func (c *csvRows) header(tabbed bool) ([]string, error) {
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line.text)) == 0 {
			continue
		}
		c.again = append(c.again, line)
		c.delim = '\t'
		if !tabbed {
			c.delim = likelyDelimiter(line.text)
		}
		return c.next()
	}
}

// likelyDelimiter is the one of comma, semicolon and tab that the header has
// most of.
func likelyDelimiter(header []byte) byte {
	best, most := byte(','), 0
	for _, d := range []byte(",;\t") {
		if n := bytes.Count(header, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

func (c *csvRows) line() (csvLine, error) {
	if len(c.again) > 0 {
		line := c.again[0]
		c.again = c.again[1:]
		return line, nil
	}
	more, err := c.lines.next()
	if !more {
		if err == nil {
			err = io.EOF
		}
		return csvLine{}, err
	}
	return csvLine{bytes.Clone(c.lines.line), c.size, c.no}, nil
}

// next reads a row. A *rowError concerns that row alone; any other error ends
// the stream, io.EOF in good order.
func (c *csvRows) next() ([]string, error) {
	var taken []csvLine
	size := 0
	c.values, c.value, c.quoted = nil, c.value[:0], false
	for {
		line, err := c.line()
		if err == io.EOF && len(taken) > 0 {
			return nil, c.fail(taken, "the quotation opened on this line never ends", size)
		}
		if err != nil {
			return nil, err
		}
		if len(taken) == 0 {
			if len(bytes.TrimSpace(line.text)) == 0 {
				continue
			}
			c.start = line.no
		}
		taken = append(taken, line)
		if size += line.size; size > c.max {
			return nil, c.fail(taken, "", size)
		}
		done, cause := c.feed(line.text)
		if cause != "" {
			if line.no != c.start {
				cause += fmt.Sprintf(" on line %d", line.no)
			}
			return nil, c.fail(taken, cause, size)
		}
		if done {
			return c.values, nil
		}
	}
}

// fail gives up the first line taken and hands back the others.
func (c *csvRows) fail(taken []csvLine, cause string, size int) error {
	if len(taken) > 1 { // else nothing is handed back, and a copy for each row would cost its square
		c.again = append(taken[1:len(taken):len(taken)], c.again...)
	}
	return &rowError{cause, size}
}

// feed adds a line to the row in progress and reports whether it ends there.
func (c *csvRows) feed(line []byte) (done bool, cause string) {
	for {
		if !c.quoted && len(line) > 0 && line[0] == '"' {
			c.quoted, line = true, line[1:]
		}
		if !c.quoted {
			i := bytes.IndexByte(line, c.delim)
			if i < 0 {
				c.values = append(c.values, string(trimLineEnd(line)))
				return true, ""
			}
			c.values = append(c.values, string(line[:i]))
			line = line[i+1:]
			continue
		}
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			c.value = append(c.value, line...)
			return false, ""
		}
		c.value = append(c.value, line[:i]...)
		line = line[i+1:]
		if len(line) > 0 && line[0] == '"' {
			c.value = append(c.value, '"')
			line = line[1:]
			continue
		}
		c.values = append(c.values, string(c.value))
		c.value, c.quoted = c.value[:0], false
		switch {
		case len(trimLineEnd(line)) == 0:
			return true, ""
		case line[0] != c.delim:
			return false, "text after a closing mark"
		}
		line = line[1:]
	}
}

func trimLineEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}
