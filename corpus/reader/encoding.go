package reader

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/standpoint-news/standpoint/corpus"
)

// The encodings that text is found in.
const (
	utf8Name    = "utf-8"
	utf16LEName = "utf-16le"
	utf16BEName = "utf-16be"
	windows1252 = "windows-1252" // Latin-1 too: HTML's encoding standard reads it so
)

// maxDamage is the share of replaced bytes, one in so many, beyond which bytes
// are no text.
const maxDamage = 10

// decode turns bytes into UTF-8. What is UTF-8 stays as it is, whatever its
// normal form. Other bytes are Windows-1252, unless most of what lies outside
// of ASCII is UTF-8 and the rest is damage. Each byte that is no text becomes
// U+FFFD; replaced counts them.
func decode(b []byte) (text []byte, encoding string, replaced int) {
	if utf8.Valid(b) {
		return b, utf8Name, 0
	}
	runes, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			runes++
		}
		i += size
	}
	if runes >= bad {
		out := make([]byte, 0, len(b)+2*bad)
		for len(b) > 0 {
			_, size := utf8.DecodeRune(b)
			out = utf8.AppendRune(out, first(b))
			b = b[size:]
		}
		return out, utf8Name, bad
	}
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError || 0x80 <= r && r < 0xa0 { // five bytes mean nothing in it
			r = utf8.RuneError
			replaced++
		}
		out = utf8.AppendRune(out, r)
	}
	return out, windows1252, replaced
}

func first(b []byte) rune {
	r, _ := utf8.DecodeRune(b)
	return r
}

// wide returns the reader's text as UTF-8 where it is UTF-16, by its mark or
// by where the first bytes are zero, and the encoding's name; otherwise the
// reader as it is, after a mark of UTF-8.
func wide(b *bufio.Reader) (*bufio.Reader, string) {
	b.Peek(len(bom)) // fills the buffer with what has come, without waiting for more
	head, _ := b.Peek(min(b.Buffered(), 256))
	order, name := unicode.LittleEndian, ""
	switch {
	case bytes.HasPrefix(head, []byte(bom)):
		b.Discard(len(bom))
		return b, utf8Name
	case bytes.HasPrefix(head, []byte("\xff\xfe")), zeros(head, 1):
		name = utf16LEName
	case bytes.HasPrefix(head, []byte("\xfe\xff")), zeros(head, 0):
		order, name = unicode.BigEndian, utf16BEName
	default:
		return b, utf8Name
	}
	return bufio.NewReaderSize(transform.NewReader(b, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), bufferSize), name
}

// zeros reports whether nearly every second byte, from the given one on, is
// zero and no other is: Latin text in UTF-16.
func zeros(head []byte, from int) bool {
	if len(head) < 8 || from == 1 && head[0] == 0 {
		return false
	}
	zero, pairs := 0, len(head)/2
	for i := range pairs {
		if head[2*i+1-from] == 0 {
			return false
		}
		if head[2*i+from] == 0 {
			zero++
		}
	}
	return zero*10 >= pairs*9
}

// checkText rejects what is no text: a PDF, NUL bytes, or mostly replaced.
func checkText(place corpus.Place, text string, replaced int) *Rejection {
	if strings.HasPrefix(text, "%PDF-") {
		return &Rejection{Place: place, Reason: Binary,
			Message: "not text: a PDF file", Mend: "extract its text first, with pdftotext"}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return &Rejection{Place: lineOf(place, text, i), Reason: Binary,
			Message: fmt.Sprintf("not text: NUL byte at offset %d", i), Mend: "give text, not a binary file"}
	}
	if replaced*maxDamage > len(text) {
		return &Rejection{Place: place, Reason: Encoding,
			Message: fmt.Sprintf("not text: %d of its bytes belong to no encoding that is known here", replaced),
			Mend:    "convert it to UTF-8 with iconv"}
	}
	return nil
}

func lineOf(place corpus.Place, text string, offset int) corpus.Place {
	if place.Line == 0 {
		place.Line = 1 + strings.Count(text[:offset], "\n")
	}
	return place
}

// readAll reads up to max bytes and reports whether there are more.
func readAll(b io.Reader, max int) (data []byte, more bool, err error) {
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(b, int64(max)+1))
	return buf.Bytes(), n > int64(max), err
}
