package reader

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/standpoint-news/standpoint/corpus"
)

// json reads JSON values that need not keep to a line each: an array of
// articles, one article, several one after the other, or an object that holds
// arrays of articles, as news interfaces answer. Values are read one at a time.
func (r *run) json(s source, b *bufio.Reader, encoding string) error {
	v := &values{b: b, max: r.max, line: 1}
	records := 0
	for {
		value, start, err := v.next()
		place := corpus.Place{Path: s.path, Line: start}
		var bad *rowError
		switch {
		case errors.As(err, &bad) && bad.cause == "":
			records++
			rejection := tooLong(place, fmt.Sprintf("the value has %d bytes", bad.size), r.max)
			rejection.Mend = "write one article a line: jq -c '.[]', or raise max_article_bytes in the configuration"
			err = r.reject(rejection)
		case errors.As(err, &bad):
			// Where the next value begins cannot be known.
			return r.reject(&Rejection{Place: place, Reason: MalformedJSON, Message: "not JSON: " + bad.cause,
				Mend: "fetch the file again; what came before was read"})
		case err != nil:
			var last *Rejection
			if records == 0 {
				last = empty(s, "the file holds no record")
			}
			return r.ended(s, start, err, last)
		default:
			records++
			err = r.jsonValue(place, corpus.Origin{Format: s.format.String(), Encoding: encoding}, value)
		}
		if err != nil {
			return err
		}
	}
}

// jsonValue yields the article that a value is, or those that it holds.
func (r *run) jsonValue(place corpus.Place, origin corpus.Origin, value []byte) error {
	if i := bytes.IndexByte(value, 0); i >= 0 {
		return r.reject(checkText(place, string(value), 0))
	}
	value, found, replaced := decode(value)
	if found != utf8Name {
		origin.Encoding = found
	}
	origin.Replaced = replaced
	if value[0] != '{' || !validJSON(value) {
		return r.reject(notAnObject(place, value))
	}
	if !r.hasText(value) {
		within := r.within(value, searchDepth)
		if len(within) > 0 {
			origin.Replaced = 0 // in which of them is not known
		}
		for _, object := range within {
			if err := r.jsonObject(place, origin, object); err != nil {
				return err
			}
		}
		if len(within) > 0 {
			return nil
		}
	}
	return r.jsonObject(place, origin, value)
}

// searchDepth is how many objects deep an answer's array of articles may lie.
const searchDepth = 2

func (r *run) hasText(object []byte) bool {
	has := false
	eachMember(object, func(name string, value []byte) {
		for _, s := range r.fields.find(name) {
			has = has || s.field == fieldText && jsonText(s.field, value) != ""
		}
	})
	return has
}

// within lists the articles in the arrays that an object holds, directly or in
// objects of up to the given depth.
func (r *run) within(object []byte, depth int) [][]byte {
	var out [][]byte
	eachMember(object, func(_ string, value []byte) {
		switch value[0] {
		case '{':
			if depth > 0 {
				out = append(out, r.within(value, depth-1)...)
			}
		case '[':
			for rest := bytes.TrimLeft(value[1:], jsonSpace); rest[0] != ']'; {
				n := valueLen(rest)
				if rest[0] == '{' && r.hasText(rest[:n]) {
					out = append(out, rest[:n])
				}
				rest = bytes.TrimLeft(rest[n:], jsonSpace+",")
			}
		}
	})
	return out
}

// values divides a stream into the objects at its top level, or in the arrays
// there.
type values struct {
	b     *bufio.Reader
	max   int
	line  int // 1-based, of the next byte
	open  int // arrays
	value []byte
}

// next reads the next value, which is valid until the next call, and the line
// it starts on. A *rowError without a cause concerns that value alone; any
// other error ends the stream.
func (v *values) next() (value []byte, start int, err error) {
	v.value = v.value[:0]
	var c byte
	for {
		if c, err = v.b.ReadByte(); err == io.EOF && v.open > 0 {
			return nil, v.line, &rowError{cause: "the file ends inside an array"}
		} else if err != nil {
			return nil, v.line, err
		}
		switch c {
		case '\n':
			v.line++
		case '[':
			v.open++
		case ']':
			v.open--
		}
		if !bytes.ContainsRune([]byte(jsonSpace+",[]"), rune(c)) {
			break
		}
	}
	start = v.line
	if c != '{' {
		// A word or number at the top level is no article: read to its end.
		for {
			v.value = append(v.value, c)
			if c, err = v.b.ReadByte(); err != nil || c == ',' || c == '\n' || c == ']' || len(v.value) > 1000 {
				break
			}
		}
		return nil, start, &rowError{cause: fmt.Sprintf("an object is wanted, not %q", shorten(string(bytes.ToValidUTF8(v.value, []byte("\ufffd")))))}
	}
	depth, size, quoted, escaped := 0, 0, false, false
	for {
		size++
		if len(v.value) <= v.max {
			v.value = append(v.value, c)
		}
		switch {
		case c == '\n':
			v.line++
			escaped = false
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				if size > v.max {
					return nil, start, &rowError{size: size}
				}
				return v.value, start, nil
			}
		}
		if c, err = v.b.ReadByte(); err == io.EOF {
			return nil, start, &rowError{cause: "the file ends inside a value"}
		} else if err != nil {
			return nil, start, err
		}
	}
}
