package reader

import (
	"bufio"
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// maxTitle is the length in code points beyond which a first line is a
// paragraph of the article, not its title.
const maxTitle = 300

// text reads a stream that is one article.
func (r *run) text(s source, b *bufio.Reader, encoding string) error {
	data, more, err := readAll(b, r.max)
	place := corpus.Place{Path: s.path}
	switch {
	case err != nil:
		return r.ended(s, 0, err, nil)
	case more:
		rejection := tooLong(place, "the article goes on", r.max)
		rejection.ID = s.id
		return r.reject(rejection)
	}
	if known, err := r.known(place, data, "text", s.format.String(), encoding, s.id); known || err != nil {
		return err
	}
	length := len(data)
	data, found, replaced := decode(data) // white space may only show once decoded
	if len(bytes.TrimSpace(data)) == 0 {
		cause := "the file holds only white space"
		if length == 0 {
			cause = "the file holds nothing"
		}
		rejection := empty(s, cause)
		rejection.ID = s.id
		return r.reject(rejection)
	}
	doc := &corpus.Document{ID: s.id, Place: place, Origin: corpus.Origin{Format: s.format.String(), Encoding: encoding}}
	if found != utf8Name {
		doc.Origin.Encoding = found
	}
	doc.Text, doc.Origin.Replaced = string(data), replaced
	if title, ok := titleLine(doc.Text); ok {
		doc.Title = doc.Slice(title)
		doc.Regions = []corpus.Region{{Span: title, Kind: corpus.Headline}}
	}
	return r.accept(doc)
}

// titleLine finds the first line that is not blank, without the white space
// around it, and reports whether a blank line follows it.
func titleLine(text string) (corpus.Span, bool) {
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	line, rest, _ := strings.Cut(text[start:], "\n")
	next, _, more := strings.Cut(rest, "\n")
	if !more || strings.TrimSpace(next) != "" || utf8.RuneCountInString(line) > maxTitle {
		return corpus.Span{}, false
	}
	return corpus.Span{Start: start, End: start + len(strings.TrimRight(line, " \t\r"))}, true
}
