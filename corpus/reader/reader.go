// Package reader turns files, folders and standard input into a stream of
// corpus.Document.
//
// It reads text files and HTML pages (one article each), JSON, JSON Lines, CSV,
// TSV and Parquet (one article a record), web archives (WARC), Nexis Uni's Word
// exports, NITF and NewsML-G2, plain, compressed (gzip, Zstandard, bzip2, xz, Brotli)
// or in ZIP and tar archives, one article at a time in bounded memory. Nothing
// is lost: every record becomes either a Document or a Rejection that names its
// place, the reason and the mend, and a bad record costs no other. Input may be
// hostile: what it can make the reader do is bounded (meter.go, archive.go).
//
// The package needs no layer and adds none. Where a text file begins with its
// title it sets Document.Title and leaves a Headline in Document.Regions for
// package clean to take up.
package reader

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/language"
)

// DefaultMaxArticleBytes is the size beyond which an article is rejected.
const DefaultMaxArticleBytes = 16 << 20

// Options say how to read.
type Options struct {
	Fields          Fields // an empty list means that of DefaultFields
	MaxArticleBytes int    // of one text file or record, decompressed; 0 means DefaultMaxArticleBytes

	// Include and Exclude are patterns of the files to read in folders and
	// archives, relative to these: * is any run of characters but /, ** of any.
	// A pattern without / is matched against the last element alone. Without
	// Include every file is read; Exclude has the last word.
	Include, Exclude []string
	Manifests        []string // files that list further paths, one a line; blank lines and those that begin with # are passed over

	Languages []string  // ISO 639-1 codes of the articles to keep; empty means English alone, "any" every one
	Now       time.Time // dates of publication more than two days later are refused; zero refuses none
	Survey    *Survey   // where not nil, counts the fields met in records

	// Known, where not nil, is asked of most records before they are read. Where it
	// returns true, the caller has taken the article of such a record from elsewhere
	// and it is passed over.
	Known func(corpus.Place, RecordDigest) (bool, error)
}

// A RecordDigest is of the bytes of a record and of all else that its Document
// follows from, but for the place; the zero value is of none.
type RecordDigest [sha256.Size]byte

// An Item is an article or the reason why there is none: Doc or Rejected is set.
type Item struct {
	Doc      *corpus.Document
	Rejected *Rejection
	Record   RecordDigest // of an article: what Options.Known was asked of; zero where Doc follows from the time too
}

// Read reads the paths in the given order and hands every article, or its
// rejection, to yield. A folder is walked in the order of its names; hidden
// files are passed over. "-" reads stdin.
//
// Read returns an error, before it reads anything, for a path or manifest that
// does not exist or a pattern that is none, and later only the error of yield or of ctx: whatever is wrong with
// the input arrives as a Rejection.
func Read(ctx context.Context, paths []string, stdin io.Reader, opt Options, yield func(Item) error) error {
	if err := check(paths, opt); err != nil {
		return err
	}
	return newRun(ctx, opt, yield).all(paths, stdin)
}

// check returns the errors for which nothing is read.
func check(paths []string, opt Options) error {
	for _, pattern := range slices.Concat(opt.Include, opt.Exclude) {
		if !doublestar.ValidatePattern(pattern) {
			return fmt.Errorf("%s: not a pattern (close every bracket and brace)", pattern)
		}
	}
	dashes := 0
	for _, path := range slices.Concat(paths, opt.Manifests) {
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
	return nil
}

func newRun(ctx context.Context, opt Options, yield func(Item) error) *run {
	r := &run{
		ctx:     ctx,
		options: opt,
		fields:  newFieldTable(opt.Fields),
		max:     cmp.Or(opt.MaxArticleBytes, DefaultMaxArticleBytes),
		yield:   yield,
	}
	r.manner = sha256.Sum256(fmt.Appendf(nil, "%q %d %q", r.fields.lists, r.max, opt.Languages))
	return r
}

func (r *run) all(paths []string, stdin io.Reader) error {
	for _, path := range paths {
		if err := r.argument(path, stdin); err != nil {
			return err
		}
	}
	for _, path := range r.options.Manifests {
		if err := r.manifest(path, stdin); err != nil {
			return err
		}
	}
	return nil
}

// manifest reads the paths that a file lists.
func (r *run) manifest(path string, stdin io.Reader) error {
	const maxPath = 64 << 10
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return r.reject(unreadable(path, err))
		}
		defer f.Close()
		in = f
	}
	l := &lines{b: bufio.NewReaderSize(contextReader{r.ctx, in}, bufferSize), max: maxPath}
	for {
		more, err := l.next()
		if !more {
			return r.ended(source{path: path}, l.no, err, nil)
		}
		name := strings.TrimSpace(strings.TrimPrefix(string(l.line), bom))
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if l.tooLong() || name == "-" {
			err = r.reject(&Rejection{Place: corpus.Place{Path: path, Line: l.no}, Reason: Unreadable,
				Message: "not a path of a file or folder", Mend: "list one path a line"})
		} else {
			err = r.argument(name, nil)
		}
		if err != nil {
			return err
		}
	}
}

// A run is one call of Read.
type run struct {
	ctx     context.Context
	options Options
	fields  *fieldTable
	max     int
	yield   func(Item) error
	found   func(File) error // where not nil, takes the files in place of reading them
	barren  int              // records without an article in a row
	last    Reason           // of the last of them
	manner  [32]byte         // digest of the options that a Document follows from
	record  RecordDigest     // of the record being read, where the caller was asked
	hash    hash.Hash        // of known
	head    []byte           // of known
}

// wanted reports whether the patterns ask for a file, by its path within the
// folder or archive.
func (r *run) wanted(name string) bool {
	return (len(r.options.Include) == 0 || matches(r.options.Include, name)) && !matches(r.options.Exclude, name)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		against := name
		if !strings.Contains(pattern, "/") {
			against = path.Base(name)
		}
		return doublestar.MatchUnvalidated(pattern, against)
	})
}

func (r *run) argument(path string, stdin io.Reader) error {
	if path == "-" {
		return r.stream(source{path: path, id: "stdin", named: true, meter: new(meter)}, stdin)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return r.reject(unreadable(path, err))
	case info.IsDir():
		root, err := filepath.EvalSymlinks(path)
		if err != nil {
			return r.reject(unreadable(path, err))
		}
		return r.folder(&folder{root: root, id: folderID(path)}, path, "")
	}
	return r.file(File{Path: path, ID: filepath.Base(path), Named: true, Bytes: info.Size()})
}

// folderID is the last element of the folder's absolute path: ids start with
// it, so that "corpus" and "./corpus/" name their articles alike.
func folderID(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// A folder is one that the user named.
type folder struct {
	root string // without links
	id   string // with which the ids of its articles begin
}

// folder reads what lies in the folder at path, which is rel within the one
// that the user named.
func (r *run) folder(f *folder, path, rel string) error {
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
		if err := r.entry(f, child, strings.TrimPrefix(rel+"/"+name, "/"), entry); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) entry(f *folder, path, rel string, entry fs.DirEntry) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if entry.IsDir() {
		if matches(r.options.Exclude, rel) {
			return nil
		}
		return r.folder(f, path, rel)
	}
	if !r.wanted(rel) {
		return nil
	}
	info, err := os.Stat(path) // follows links
	if err != nil {
		return r.reject(unreadable(path, err))
	}
	refuse := func(reason Reason, message, mend string) error {
		return r.reject(&Rejection{Place: corpus.Place{Path: path}, Reason: reason, Message: message, Mend: mend})
	}
	switch {
	case info.IsDir():
		// Following it could walk in circles.
		return refuse(Unsafe, "not read: a link to a folder", "name the folder itself as another argument")
	case !info.Mode().IsRegular():
		return refuse(Unreadable, "not read: not a regular file", "move it out of the folder")
	case entry.Type()&fs.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return r.reject(unreadable(path, err))
		}
		if within, err := filepath.Rel(f.root, target); err != nil || !filepath.IsLocal(within) {
			return refuse(Unsafe, "not read: a link that leads out of the folder", "name the file itself as another argument")
		}
	}
	file := File{Path: path, ID: f.id + "/" + rel, Bytes: info.Size()}
	if _, known := newSource(path, file.ID); !known {
		return r.reject(unknownFormat(path))
	}
	return r.file(file)
}

func (r *run) file(file File) error {
	if r.found != nil {
		return r.found(file)
	}
	f, err := os.Open(file.Path)
	if err != nil {
		return r.reject(unreadable(file.Path, err))
	}
	defer f.Close()
	s, _ := newSource(file.Path, file.ID)
	s.named, s.file = file.Named, f
	return r.stream(s, f)
}

func (r *run) reject(rejection *Rejection) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.record = RecordDigest{}
	if err := r.yield(Item{Rejected: rejection}); err != nil {
		return err
	}
	if rejection.Reason == Language || rejection.Place.Line == 0 { // an article, or no record
		return nil
	}
	r.last = rejection.Reason
	if r.barren++; r.barren >= mostBarren {
		return errBarren
	}
	return nil
}

// accept completes a document and yields it, or its rejection where its text
// cannot be that of an article to keep. The first of the dates that can be read
// is that of publication.
func (r *run) accept(doc *corpus.Document, dates ...dated) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.record == (RecordDigest{}) {
		if known, err := r.knownDocument(doc, dates); known || err != nil {
			return err
		}
	}
	rejection := checkText(doc.Place, doc.Text, doc.Origin.Replaced)
	if doc.ID == "" {
		doc.ID = contentID(doc.Title, doc.Text)
	}
	if rejection == nil {
		doc.Language = language.Identify(doc.Text)
		rejection = r.otherLanguage(doc)
	}
	if rejection != nil {
		rejection.ID = doc.ID
		if rejection.Reason == Language {
			r.barren = 0
		}
		return r.reject(rejection)
	}
	r.barren = 0
	r.date(doc, dates)
	item := Item{Doc: doc, Record: r.record}
	r.record = RecordDigest{}
	return r.yield(item)
}

func (r *run) otherLanguage(doc *corpus.Document) *Rejection {
	keep := r.options.Languages
	if len(keep) == 0 {
		keep = []string{"en"}
	}
	if doc.Language == "" || slices.Contains(keep, doc.Language) || slices.Contains(keep, "any") {
		return nil
	}
	return &Rejection{Place: doc.Place, Reason: Language,
		Message: fmt.Sprintf("set aside: the article is in the language %q, and the models read %s alone", doc.Language, strings.Join(keep, ", ")),
		Mend:    "translate it, or leave it out"}
}

// contentID names a record that brings no id of its own by what it says.
func contentID(title, text string) string {
	h := sha256.New()
	io.WriteString(h, title)
	h.Write([]byte{0})
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil)[:8])
}
