package reader

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Reason is the code under which a rejected article is counted in the
// quarantine table.
type Reason string

// The reasons, in alphabetical order. DuplicateID is not given by Read, which remembers no ids, but
// by its caller.
const (
	Binary           Reason = "binary"            // the text holds NUL bytes, or the file is no text at all
	Bomb             Reason = "bomb"              // compressed data that expands more than 200 times over
	Corrupt          Reason = "corrupt"           // an archive, compressed or binary file that is damaged or cut short
	DuplicateID      Reason = "duplicate_id"      // an earlier article has the same id
	Empty            Reason = "empty"             // the file holds no article
	Encoding         Reason = "encoding"          // bytes that are text in no encoding known here
	Encrypted        Reason = "encrypted"         // a member of an archive that needs a password
	Language         Reason = "language"          // the article is in another language than those asked for
	MalformedCSV     Reason = "malformed_csv"     // a row with the wrong number of columns or broken quotation
	MalformedJSON    Reason = "malformed_json"    // a line or value that is not one JSON object
	MalformedParquet Reason = "malformed_parquet" // a Parquet file that cannot be decoded
	MalformedWARC    Reason = "malformed_warc"    // a record without a sound header
	MalformedXML     Reason = "malformed_xml"     // XML that is not well-formed
	MissingText      Reason = "missing_text"      // a record, item or page without the text of an article
	Nested           Reason = "nested"            // archives, elements or values too deep within one another
	TooLong          Reason = "too_long"          // more bytes than Options.MaxArticleBytes
	UnknownFormat    Reason = "unknown_format"    // a file whose extension or content names no format
	Unreadable       Reason = "unreadable"        // a file or folder that the system does not let us read
	Unsafe           Reason = "unsafe"            // a link or name that leads out, a DTD, an entity declaration
)

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

// Duplicate rejects the document because an earlier one, read at first, has its
// id. Read does not call it, for it remembers no ids: its caller does.
func Duplicate(doc *corpus.Document, first corpus.Place) *Rejection {
	return &Rejection{Place: doc.Place, ID: doc.ID, Reason: DuplicateID,
		Message: fmt.Sprintf("duplicate id: %q stands at %v already", doc.ID, first),
		Mend:    "give every article an id of its own; the first was kept"}
}
