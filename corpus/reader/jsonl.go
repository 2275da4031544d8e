package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// jsonLines reads a stream of one JSON object a line. Blank lines are passed
// over.
func (r *run) jsonLines(s source, b *bufio.Reader) error {
	l := &lines{b: b, max: r.max}
	records := 0
	for {
		more, err := l.next()
		if !more {
			var last *Rejection
			if records == 0 {
				last = empty(s, "the file holds no record")
			}
			return r.ended(s, l.no, err, last)
		}
		line := bytes.TrimSpace(l.line)
		if len(line) == 0 {
			continue
		}
		records++
		place := corpus.Place{Path: s.path, Line: l.no}
		if l.tooLong() {
			err = r.reject(tooLong(place, fmt.Sprintf("the line has %d bytes", l.size), r.max))
		} else {
			err = r.jsonRecord(place, line)
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) jsonRecord(place corpus.Place, line []byte) error {
	rec, rejection := r.parseJSON(place, line)
	if rejection != nil {
		return r.reject(rejection)
	}
	return r.article(place, rec)
}

// parseJSON reads one line without its end.
func (r *run) parseJSON(place corpus.Place, line []byte) (*record, *Rejection) {
	if rejection := checkText(place, string(line)); rejection != nil {
		return nil, rejection
	}
	malformed := func(cause, mend string) (*record, *Rejection) {
		return nil, &Rejection{Place: place, Reason: MalformedJSON, Message: "not a JSON object: " + cause, Mend: mend}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		if line[0] == '{' && strings.Contains(err.Error(), "unexpected end") {
			return malformed("the line ends inside it", "fetch the file again, or write one object a line: jq -c .")
		}
		return malformed(err.Error(), "write one object a line: jq -c .")
	}
	if object == nil {
		return malformed("null", "write one object a line: jq -c .")
	}
	var p picker
	for name, value := range object {
		for _, s := range r.fields.find(name) {
			p.offer(s, name, jsonValue(s.field, value))
		}
	}
	return &p.record, nil
}

// jsonValue is a value as text: a string, the digits of a number, or the name
// of a publisher that is an object, as news interfaces give it. It is empty
// for anything else.
func jsonValue(field int, value json.RawMessage) string {
	switch c := value[0]; {
	case c == '"':
		var s string
		if json.Unmarshal(value, &s) == nil {
			return s
		}
	case c == '-' || '0' <= c && c <= '9':
		if field != fieldText {
			return string(value)
		}
	case c == '{' && field == fieldPublisher:
		var named struct{ Name string }
		if json.Unmarshal(value, &named) == nil {
			return named.Name
		}
	}
	return ""
}

