// Package reader turns files, folders and standard input into a stream of
// corpus.Document.
//
// It reads text files (one article each), JSON Lines and CSV or TSV (one
// article a record), plain or compressed with gzip or Zstandard, one record at
// a time in bounded memory. Nothing is lost: every record becomes either a
// Document or a Rejection that names its place, the reason and the mend, and a
// bad record costs no other.
//
// The package needs no layer and adds none. Where a text file begins with its
// title it sets Document.Title and leaves a Headline in Document.Regions for
// package clean to take up.
package reader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// DefaultMaxArticleBytes is the size beyond which an article is rejected.
const DefaultMaxArticleBytes = 16 << 20

// Options say how to read.
type Options struct {
	Fields          Fields // an empty list means that of DefaultFields
	MaxArticleBytes int    // of one text file or record, decompressed; 0 means DefaultMaxArticleBytes
}

// An Item is an article or the reason why there is none: exactly one of its
// fields is set.
type Item struct {
	Doc      *corpus.Document
	Rejected *Rejection
}

// Read reads the paths in the given order and hands every article, or its
// rejection, to yield. A folder is walked in the order of its names; hidden
// files are passed over. "-" reads stdin.
//
// Read returns an error, before it reads anything, for a path that does not
// exist, and later only the error of yield or of ctx: whatever is wrong with
// the input arrives as a Rejection.
func Read(ctx context.Context, paths []string, stdin io.Reader, opt Options, yield func(Item) error) error {
	dashes := 0
	for _, path := range paths {
		if path == "-" {
			if dashes++; dashes > 1 {
				return errors.New("-: named twice: standard input can be read only once (name it once)")
			}
			continue
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: cannot read: no such file or folder (check the path)", path)
		}
	}
	r := &run{
		ctx:    ctx,
		fields: newFieldTable(opt.Fields),
		max:    cmp.Or(opt.MaxArticleBytes, DefaultMaxArticleBytes),
		yield:  yield,
	}
	for _, path := range paths {
		if err := r.argument(path, stdin); err != nil {
			return err
		}
	}
	return nil
}

// A run is one call of Read.
type run struct {
	ctx    context.Context
	fields *fieldTable
	max    int
	yield  func(Item) error
}

func (r *run) argument(path string, stdin io.Reader) error {
	if path == "-" {
		return r.stream(source{path: path, id: "stdin"}, stdin)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return r.reject(unreadable(path, err))
	case info.IsDir():
		return r.folder(path, folderID(path))
	}
	s, _ := newSource(path, filepath.Base(path))
	return r.file(s)
}

// folderID is the last element of the folder's absolute path: ids start with
// it, so that "corpus" and "./corpus/" name their articles alike.
func folderID(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

func (r *run) folder(path, id string) error {
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		if err := r.reject(unreadable(path, err)); err != nil {
			return err
		}
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		child := strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator) + name
		if err := r.entry(child, id+"/"+name, entry); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) entry(path, id string, entry fs.DirEntry) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if entry.IsDir() {
		return r.folder(path, id)
	}
	info, err := os.Stat(path) // follows links
	if err != nil {
		return r.reject(unreadable(path, err))
	}
	switch {
	case info.IsDir():
		// Following it could walk in circles.
		return r.reject(&Rejection{Place: corpus.Place{Path: path}, Reason: Unreadable,
			Message: "not read: a link to a folder", Mend: "name the folder itself as another argument"})
	case !info.Mode().IsRegular():
		return r.reject(&Rejection{Place: corpus.Place{Path: path}, Reason: Unreadable,
			Message: "not read: not a regular file", Mend: "move it out of the folder"})
	}
	s, known := newSource(path, id)
	if !known {
		mend := "convert it to .txt, .jsonl or .csv, or move it out of the folder"
		if strings.EqualFold(filepath.Ext(path), ".json") {
			mend = "write one object a line: jq -c . FILE.json > FILE.jsonl"
		}
		return r.reject(&Rejection{Place: corpus.Place{Path: path}, Reason: UnknownFormat,
			Message: fmt.Sprintf("unknown format: no reader for the extension %q", filepath.Ext(path)), Mend: mend})
	}
	return r.file(s)
}

func (r *run) file(s source) error {
	f, err := os.Open(s.path)
	if err != nil {
		return r.reject(unreadable(s.path, err))
	}
	defer f.Close()
	return r.stream(s, f)
}

func (r *run) reject(rejection *Rejection) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	return r.yield(Item{Rejected: rejection})
}

// accept completes a document and yields it, or its rejection where its text
// cannot be one.
func (r *run) accept(doc *corpus.Document, date string) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if rejection := checkText(doc.Place, doc.Text); rejection != nil {
		rejection.ID = doc.ID
		return r.reject(rejection)
	}
	if doc.ID == "" {
		doc.ID = contentID(doc.Title, doc.Text)
	}
	doc.Published, doc.PublishedNote = ParseDate(date)
	return r.yield(Item{Doc: doc})
}

// contentID names a record that brings no id of its own by what it says.
func contentID(title, text string) string {
	h := sha256.New()
	io.WriteString(h, title)
	h.Write([]byte{0})
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil)[:8])
}
