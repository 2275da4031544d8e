package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// jsonLines reads a stream of one JSON object a line. Blank lines are passed
// over.
func (r *run) jsonLines(s source, b *bufio.Reader, encoding string) error {
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
		line := bytes.Trim(l.line, jsonSpace)
		if len(line) == 0 && !l.tooLong() {
			continue
		}
		records++
		place := corpus.Place{Path: s.path, Line: l.no}
		if l.tooLong() {
			err = r.reject(tooLong(place, fmt.Sprintf("the line has %d bytes", l.size), r.max))
		} else if known, failed := r.known(place, line, "line", s.format.String(), encoding); known || failed != nil {
			err = failed
		} else {
			err = r.jsonRecord(place, corpus.Origin{Format: s.format.String(), Encoding: encoding}, line)
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) jsonRecord(place corpus.Place, origin corpus.Origin, line []byte) error {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return r.reject(checkText(place, string(line), 0))
	}
	line, found, replaced := decode(line)
	if found != utf8Name {
		origin.Encoding = found
	}
	origin.Replaced = replaced
	if line[0] != '{' || !validJSON(line) {
		return r.reject(notAnObject(place, line))
	}
	return r.jsonObject(place, origin, line)
}

// jsonObject yields the article of a valid JSON object.
func (r *run) jsonObject(place corpus.Place, origin corpus.Origin, object []byte) error {
	var p picker
	eachMember(object, func(name string, value []byte) {
		r.options.Survey.met(r.fields, name)
		for _, s := range r.fields.find(name) {
			p.offer(s, name, jsonText(s.field, value))
		}
	})
	r.options.Survey.used(&p)
	return r.article(place, origin, &p.record)
}

func notAnObject(place corpus.Place, line []byte) *Rejection {
	var object map[string]json.RawMessage
	cause, mend := "null", "write one object a line: jq -c ."
	if err := json.Unmarshal(line, &object); err != nil {
		cause = strings.TrimPrefix(err.Error(), "json: ")
		if strings.Contains(cause, "unexpected end") {
			cause, mend = "the line ends inside it", "fetch the file again, or "+mend
		} else if strings.HasPrefix(cause, "cannot unmarshal ") {
			cause = strings.Fields(cause)[2] // "array", "string", …
		}
	}
	return &Rejection{Place: place, Reason: MalformedJSON, Message: "not a JSON object: " + cause, Mend: mend}
}

// eachMember calls f for the members of a valid JSON object, in order.
//
// encoding/json would scan and copy each value up to three times over; this
// makes reading three times as fast.
func eachMember(object []byte, f func(name string, value []byte)) {
	rest := bytes.TrimLeft(object[1:], jsonSpace)
	for rest[0] != '}' {
		n := valueLen(rest)
		name := unquote(rest[:n])
		rest = bytes.TrimLeft(rest[n:], jsonSpace+":")
		n = valueLen(rest)
		f(name, rest[:n])
		rest = bytes.TrimLeft(rest[n:], jsonSpace+",")
	}
}

const jsonSpace = " \t\r\n"

// valueLen is the length of the JSON value at the start of b, which is valid.
func valueLen(b []byte) int {
	switch b[0] {
	case '"':
		for i := 1; ; i++ {
			i += bytes.IndexByte(b[i:], '"')
			marks := 0
			for b[i-1-marks] == '\\' {
				marks++
			}
			if marks%2 == 0 {
				return i + 1
			}
		}
	case '{', '[':
		depth := 0
		for i := 0; ; {
			switch b[i] {
			case '"':
				i += valueLen(b[i:])
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
	default: // number, true, false, null
		if i := bytes.IndexAny(b, jsonSpace+",]}"); i >= 0 {
			return i
		}
		return len(b)
	}
}

// unquote decodes a valid JSON string.
func unquote(quoted []byte) string {
	s := quoted[1 : len(quoted)-1]
	i := bytes.IndexByte(s, '\\')
	if i < 0 {
		return string(s)
	}
	var out strings.Builder
	out.Grow(len(s))
	for ; i >= 0; i = bytes.IndexByte(s, '\\') {
		out.Write(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hexRune(s)
			s = s[4:]
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(s[2:]))
				}
				if pair != utf8.RuneError {
					s = s[6:]
				}
				r = pair
			}
			out.WriteRune(r)
			continue
		}
		out.WriteByte(c)
	}
	out.Write(s)
	return out.String()
}

// hexRune reads the four hexadecimal digits of a JSON escape.
func hexRune(s []byte) rune {
	n, _ := strconv.ParseUint(string(s[:4]), 16, 16)
	return rune(n)
}

// jsonText is a value as text: a string, the digits of a number, or the name
// of a publisher that is an object, as news interfaces give it. It is empty
// for anything else.
func jsonText(field int, value []byte) string {
	switch c := value[0]; {
	case c == '"':
		return unquote(value)
	case (c == '-' || '0' <= c && c <= '9') && field != fieldText:
		return string(value)
	case c == '{' && field == fieldPublisher:
		name := ""
		eachMember(value, func(key string, value []byte) {
			if key == "name" && value[0] == '"' {
				name = unquote(value)
			}
		})
		return name
	}
	return ""
}
