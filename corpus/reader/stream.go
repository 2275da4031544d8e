package reader

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/standpoint-news/standpoint/corpus"
)

// A format is how a stream divides into articles.
type format uint8

const (
	sniffed format = iota // told by the first bytes
	text
	jsonLines
	commas
	tabs
	jsonValues
	htmlPage
	xmlItem
	warcFile
	parquetFile
	docxFile
	zipFile
	tarFile
)

// String names the format as inspect prints it.
func (f format) String() string {
	return [...]string{"unknown", "text", "JSON Lines", "CSV", "TSV", "JSON", "HTML", "XML", "WARC", "Parquet", "DOCX", "ZIP", "tar"}[f]
}

var formats = map[string]format{".txt": text, ".jsonl": jsonLines, ".ndjson": jsonLines, ".csv": commas, ".tsv": tabs,
	".json": jsonValues, ".html": htmlPage, ".htm": htmlPage, ".xhtml": htmlPage, ".xml": xmlItem, ".nitf": xmlItem, ".newsml": xmlItem,
	".warc": warcFile, ".parquet": parquetFile, ".docx": docxFile, ".zip": zipFile, ".tar": tarFile}

// knownFormats is the list of extensions that messages give.
const knownFormats = ".txt, .html, .json, .jsonl, .csv, .tsv, .parquet, .warc, .docx, .xml (NITF, NewsML-G2), .zip or .tar"

// compressions maps extensions to what the file is under its compression; ""
// leaves it to the extension before.
var compressions = map[string]string{".gz": "", ".zst": "", ".bz2": "", ".xz": "", brotliExtension: "",
	".tgz": ".tar", ".tzst": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar"}

// A source is a stream that is yet to be opened.
type source struct {
	path       string // as it stands in places
	id         string // of the article, where the whole stream is one
	format     format
	named      bool   // by the user, so that an unknown extension does not exclude it
	compressed string // the extension that promises compression, or empty
	archive    bool   // the stream is a member of an archive

	file  *os.File // where the stream is a plain file
	depth int      // compressions and archives around it
	meter *meter   // of the file that the user named
}

// newSource reads format and id off a path; id comes with its extensions. The
// second result is false where the extension is of no known format.
func newSource(path, id string) (source, bool) {
	s := source{path: path, id: filepath.ToSlash(id), meter: new(meter)}
	ext := strings.ToLower(filepath.Ext(s.id))
	if under, ok := compressions[ext]; ok {
		s.compressed = ext
		s.id = s.id[:len(s.id)-len(ext)] + under
		ext = strings.ToLower(filepath.Ext(s.id))
	}
	f, known := formats[ext]
	if known && len(filepath.Base(s.id)) > len(ext) {
		s.id = s.id[:len(s.id)-len(ext)]
	}
	s.format = f
	return s, known
}

const (
	bufferSize = 64 << 10
	bom        = "\ufeff"
	// zstdWindow bounds what a frame may ask us to keep; zstd itself refuses more without --long.
	zstdWindow = 128 << 20
	xzWindow   = 256 << 20 // four times that of xz -9
)

// brotliExtension tells Brotli, which has no magic number.
const brotliExtension = ".br"

// The first bytes by which other compressed data is known, whatever its name.
const (
	gzipMagic  = "\x1f\x8b"
	zstdMagic  = "\x28\xb5\x2f\xfd"
	bzip2Magic = "BZh"
	xzMagic    = "\xfd7zXZ\x00"
)

// mostBarren is how many records in a row may hold no article: each is a row of
// the quarantine, and a file of what it does not say has no end of them.
const mostBarren = 10_000

var errBarren = errors.New("too many records in a row hold no article")

// stream reads the articles of one opened file or member of an archive.
func (r *run) stream(s source, in io.Reader) error {
	r.barren = 0
	err := r.unpack(s, in)
	if errors.Is(err, errBarren) {
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path}, Reason: r.last,
			Message: fmt.Sprintf("given up: %d records in a row hold no article, the rest was not read", mostBarren),
			Mend:    "see whether the file is what its name says, and fields.text of the configuration the right name"})
	}
	return err
}

func (r *run) unpack(s source, in io.Reader) error {
	if s.meter == nil {
		s.meter = new(meter)
	}
	if s.depth == 0 {
		in = s.meter.packed(in)
	}
	raw := bufio.NewReaderSize(contextReader{r.ctx, in}, bufferSize)
	if s.depth == 0 {
		s.meter.ahead = raw
	}
	magic, err := raw.Peek(len(xzMagic))
	if len(magic) == 0 {
		return r.ended(s, 0, err, nil)
	}
	b, stop, err := decompress(raw, magic)
	if b == nil && err == nil && s.compressed == brotliExtension {
		b = brotli.NewReader(raw)
	}
	switch {
	case err != nil:
		return r.reject(damaged(s, 0, err))
	case b != nil:
		defer stop()
		if s.depth++; s.depth > maxDepth {
			return r.reject(tooDeep(s, fmt.Sprintf("more than %d compressions and archives within one another", maxDepth)))
		}
		compressed := s.compressed
		s.file, s.compressed = nil, ""
		inner := bufio.NewReaderSize(s.meter.unpacked(b), bufferSize)
		if head, _ := inner.Peek(len(xzMagic)); packed(head) {
			return r.stream(s, inner) // compressed twice
		}
		if s.compressed = compressed; compressed == "" {
			s.compressed = "compressed"
		}
		return r.articles(s, inner)
	case s.compressed != "":
		return r.reject(damaged(s, 0, fmt.Errorf("no %s data in it", s.compressed[1:])))
	}
	return r.articles(s, raw)
}

func packed(magic []byte) bool {
	for _, m := range []string{gzipMagic, zstdMagic, xzMagic} {
		if bytes.HasPrefix(magic, []byte(m)) {
			return true
		}
	}
	return bytes.HasPrefix(magic, []byte(bzip2Magic)) && len(magic) > 4 && '1' <= magic[3] && magic[3] <= '9' && magic[4] == 0x31
}

// decompress returns the reader of compressed data, or nil where the data is
// not compressed. The magic number decides, not the name: a misnamed file is
// still read.
func decompress(raw *bufio.Reader, magic []byte) (io.Reader, func(), error) {
	nothing := func() {}
	switch {
	case !packed(magic):
		return nil, nothing, nil
	case bytes.HasPrefix(magic, []byte(gzipMagic)):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nothing, err
		}
		return z, func() { z.Close() }, nil
	case bytes.HasPrefix(magic, []byte(zstdMagic)):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nothing, err
		}
		return z, z.Close, nil
	case bytes.HasPrefix(magic, []byte(xzMagic)):
		if size := xzDictionary(raw); size > xzWindow {
			return nil, nothing, fmt.Errorf("it asks for a dictionary of %d bytes", size)
		}
		z, err := xz.NewReader(raw)
		return z, nothing, err
	default:
		return bzip2.NewReader(raw), nothing, nil
	}
}

// xzDictionary is the size of the dictionary that the first block's LZMA2
// filter asks for (The .xz File Format 1.2.1, sections 3.1 and 5.3.1), or 0.
func xzDictionary(raw *bufio.Reader) int64 {
	head, _ := raw.Peek(12 + 24)
	for i := 14; i+2 < len(head); i++ {
		if head[i] == 0x21 && head[i+1] == 1 {
			bits := int64(head[i+2] & 0x3f)
			return (2 | bits&1) << (bits/2 + 11)
		}
	}
	return 0
}

// articles reads a stream that is no longer compressed.
func (r *run) articles(s source, b *bufio.Reader) error {
	b.Peek(len(bom)) // fills the buffer with what has come, without waiting for more
	head, _ := b.Peek(min(b.Buffered(), 512))
	if f := container(s, head); f != sniffed {
		if f != parquetFile && s.depth >= maxDepth {
			return r.reject(tooDeep(s, fmt.Sprintf("more than %d compressions and archives within one another", maxDepth)))
		}
		switch s.format = f; f {
		case zipFile:
			return r.zip(s, b)
		case tarFile:
			return r.tar(s, b)
		case parquetFile:
			return r.parquet(s, b)
		default:
			return r.warc(s, b)
		}
	}
	b, encoding := wide(b)
	b.Peek(1)
	head, _ = b.Peek(b.Buffered())
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	first := byte(0)
	if len(trimmed) > 0 {
		first = trimmed[0]
	}
	if s.format == sniffed {
		s.format = sniff(trimmed)
	}
	switch s.format {
	case text:
		return r.text(s, b, encoding)
	case htmlPage:
		return r.html(s, b)
	case xmlItem:
		return r.xml(s, b)
	case warcFile, parquetFile, docxFile, zipFile, tarFile:
		return r.reject(damaged(s, 0, fmt.Errorf("no %v data in it", s.format)))
	}
	if nul := bytes.IndexByte(head, 0); nul >= 0 && first != '{' && bytes.IndexByte(head[:nul], '\n') < 0 {
		// A binary file would otherwise be rejected once for each of its newlines.
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: 1}, Reason: Binary,
			Message: fmt.Sprintf("not text: NUL byte at offset %d", nul), Mend: "give text, not a binary file"})
	}
	switch {
	case s.format == jsonLines && first == '[', s.format == jsonValues && !r.byLine(trimmed):
		s.format = jsonValues
		return r.json(s, b, encoding)
	case s.format == jsonLines, s.format == jsonValues:
		s.format = jsonLines
		return r.jsonLines(s, b, encoding)
	}
	return r.csv(s, b, encoding, s.format == tabs)
}

// container is the kind of archive or binary file that begins so, or sniffed.
func container(s source, head []byte) format {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipFile
	case bytes.HasPrefix(head, []byte("PAR1")):
		return parquetFile
	case bytes.HasPrefix(head, []byte("WARC/")):
		return warcFile
	case len(head) >= 262 && string(head[257:262]) == "ustar", s.format == tarFile && len(head) >= 512:
		return tarFile
	}
	return sniffed
}

// sniff guesses the format of text without a telling name.
func sniff(head []byte) format {
	lower := bytes.ToLower(head[:min(len(head), 1024)])
	switch {
	case len(head) == 0:
		return text
	case head[0] == '{':
		return jsonValues
	case head[0] == '[' && len(bytes.TrimLeft(head[1:], jsonSpace)) > 0 && bytes.TrimLeft(head[1:], jsonSpace)[0] == '{':
		return jsonValues
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return htmlPage
	case bytes.HasPrefix(lower, []byte("<?xml")):
		if bytes.Contains(lower, []byte("<html")) {
			return htmlPage
		}
		return xmlItem
	}
	return text
}

// byLine reports whether text that begins with a JSON object looks like one
// object a line, rather than one that spreads over lines or holds the articles.
func (r *run) byLine(head []byte) bool {
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	line, rest, ended := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSpace(line)
	switch {
	case !validJSON(line):
		return !ended || bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{\""))
	case len(bytes.TrimSpace(rest)) > 0:
		return bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{"))
	}
	return r.hasText(line) || len(r.within(line, searchDepth)) == 0
}

// ended accounts for the end of a stream: line is the last one read, err what
// reading ended with, and last the rejection due where the stream ended well.
func (r *run) ended(s source, line int, err error, last *Rejection) error {
	if ctxErr := r.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if err != nil && err != io.EOF {
		if line > 0 {
			line++ // the one that was cut off
		}
		if errors.Is(err, errBomb) {
			return r.reject(bomb(s, line))
		}
		if s.compressed != "" || s.archive {
			return r.reject(damaged(s, line, err))
		}
		rejection := unreadable(s.path, err)
		rejection.Place.Line = line
		return r.reject(rejection)
	}
	if last != nil {
		return r.reject(last)
	}
	if line == 0 {
		return r.reject(empty(s, "the file holds nothing"))
	}
	return nil
}

func empty(s source, cause string) *Rejection {
	if s.path == "-" {
		cause = strings.Replace(cause, "the file", "standard input", 1)
	}
	return &Rejection{Place: corpus.Place{Path: s.path}, Reason: Empty,
		Message: "empty: " + cause, Mend: "fetch it again, or remove it"}
}

func damaged(s source, line int, err error) *Rejection {
	what := "damaged"
	if errors.Is(err, errBomb) {
		return bomb(s, line)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		what, err = "cut short", errors.New("the compressed data ends early")
	}
	return &Rejection{Place: corpus.Place{Path: s.path, Line: line}, Reason: Corrupt,
		Message: fmt.Sprintf("%s: %v", what, err), Mend: "fetch it again; what came before was read"}
}

// A contextReader stops a long read once the context is done.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.in.Read(p)
}

// lines reads lines of bounded length.
type lines struct {
	b    *bufio.Reader
	max  int
	line []byte // with its end; valid until the next call of next
	size int    // bytes of the line, kept or not
	no   int    // 1-based number of the line
}

// next reads the next line and reports whether there is one. A line longer
// than max is passed over and left cut off at max: size tells.
func (l *lines) next() (bool, error) {
	l.line, l.size = l.line[:0], 0
	for {
		part, err := l.b.ReadSlice('\n')
		l.size += len(part)
		l.line = append(l.line, part[:min(len(part), l.max-len(l.line))]...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == nil || err == io.EOF && l.size > 0:
			l.no++
			return true, nil
		default:
			return false, err
		}
	}
}

func (l *lines) tooLong() bool { return l.size > l.max }
