package reader

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Reason is the code under which a rejected article is counted in the
// quarantine table.
type Reason string

// The reasons. DuplicateID is not given by Read, which remembers no ids, but
// by its caller.
const (
	Binary        Reason = "binary"         // the text holds NUL bytes, or the file is no text at all
	Corrupt       Reason = "corrupt"        // the compressed data is damaged or cut short
	DuplicateID   Reason = "duplicate_id"   // an earlier article has the same id
	Empty         Reason = "empty"          // the file holds no article
	Encoding      Reason = "encoding"       // the text is not UTF-8
	MalformedCSV  Reason = "malformed_csv"  // a row with the wrong number of columns or broken quotation
	MalformedJSON Reason = "malformed_json" // a line that is not one JSON object
	MissingText   Reason = "missing_text"   // a record without a text
	TooLong       Reason = "too_long"       // more bytes than Options.MaxArticleBytes
	UnknownFormat Reason = "unknown_format" // a file in a folder whose extension names no format
	Unreadable    Reason = "unreadable"     // a file or folder that the system does not let us read
)

// Reasons lists every reason in alphabetical order.
func Reasons() []Reason {
	return []Reason{Binary, Corrupt, DuplicateID, Empty, Encoding, MalformedCSV, MalformedJSON,
		MissingText, TooLong, UnknownFormat, Unreadable}
}

// A Rejection says why a record, a file or a folder gave no article.
type Rejection struct {
	Place   corpus.Place
	ID      string // of the article, empty where none was found
	Reason  Reason
	Message string // "what went wrong: cause"
	Mend    string // what the user can do about it
}

// Error renders the rejection as "path:line: what went wrong: cause (mend)".
func (r *Rejection) Error() string {
	return fmt.Sprintf("%v: %s (%s)", r.Place, r.Message, r.Mend)
}

func unreadable(path string, err error) *Rejection {
	mend := "check the file and the disk"
	if errors.Is(err, fs.ErrPermission) {
		mend = "grant read permission"
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err // the place names the path already
	}
	return &Rejection{Place: corpus.Place{Path: path}, Reason: Unreadable,
		Message: fmt.Sprintf("cannot read: %v", err), Mend: mend}
}

func tooLong(place corpus.Place, what string, limit int) *Rejection {
	return &Rejection{Place: place, Reason: TooLong,
		Message: fmt.Sprintf("too long: %s, the limit is %d bytes", what, limit),
		Mend:    "split it, or raise max_article_bytes in the configuration"}
}

// checkText rejects bytes that are not UTF-8 text. Where the place is a whole
// file, the rejection's is the line of the first bad byte.
func checkText(place corpus.Place, text string) *Rejection {
	const pdf = "%PDF-"
	if strings.HasPrefix(text, pdf) {
		return &Rejection{Place: place, Reason: Binary,
			Message: "not text: a PDF file", Mend: "extract its text first, with pdftotext"}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return &Rejection{Place: lineOf(place, text, i), Reason: Binary,
			Message: fmt.Sprintf("not text: NUL byte at offset %d", i), Mend: "give text, not a binary file"}
	}
	if i := invalidUTF8(text); i >= 0 {
		return &Rejection{Place: lineOf(place, text, i), Reason: Encoding,
			Message: fmt.Sprintf("not UTF-8: byte 0x%02X at offset %d", text[i], i),
			Mend:    "convert with iconv -f WINDOWS-1252 -t UTF-8"}
	}
	return nil
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func lineOf(place corpus.Place, text string, offset int) corpus.Place {
	if place.Line == 0 {
		place.Line = 1 + strings.Count(text[:offset], "\n")
	}
	return place
}

// Duplicate rejects the document because an earlier one, read at first, has its
// id. Read does not call it, for it remembers no ids: its caller does.
func Duplicate(doc *corpus.Document, first corpus.Place) *Rejection {
	return &Rejection{Place: doc.Place, ID: doc.ID, Reason: DuplicateID,
		Message: fmt.Sprintf("duplicate id: %q stands at %v already", doc.ID, first),
		Mend:    "give every article an id of its own; the first was kept"}
}
