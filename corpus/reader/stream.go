package reader

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/standpoint-news/standpoint/corpus"
)

// A format is how a stream divides into articles.
type format uint8

const (
	sniffed format = iota // JSON Lines where the first byte is "{", otherwise text
	text
	jsonLines
	commas
	tabs
)

var formats = map[string]format{".txt": text, ".jsonl": jsonLines, ".ndjson": jsonLines, ".csv": commas, ".tsv": tabs}

// A source is a stream that is yet to be opened.
type source struct {
	path       string // as it stands in places
	id         string // of the article, where the whole stream is one
	format     format
	compressed string // the extension that promises compression, or empty
}

// newSource reads format and id off a path; id comes with its extensions. The
// second result is false where the extension is of no known format.
func newSource(path, id string) (source, bool) {
	s := source{path: path, id: filepath.ToSlash(id)}
	ext := strings.ToLower(filepath.Ext(s.id))
	if ext == ".gz" || ext == ".zst" {
		s.compressed = ext
		s.id = s.id[:len(s.id)-len(ext)]
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
	gzipMagic  = "\x1f\x8b"
	zstdMagic  = "\x28\xb5\x2f\xfd"
	// zstdWindow bounds what a frame may ask us to keep; zstd itself refuses more without --long.
	zstdWindow = 128 << 20
)

// stream reads the articles of one opened file.
func (r *run) stream(s source, in io.Reader) error {
	raw := bufio.NewReaderSize(contextReader{r.ctx, in}, bufferSize)
	magic, err := raw.Peek(len(zstdMagic))
	if len(magic) == 0 {
		return r.ended(s, 0, err, nil)
	}
	b := raw
	// The magic number decides, not the name: a misnamed file is still read.
	switch {
	case bytes.HasPrefix(magic, []byte(gzipMagic)):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return r.reject(damaged(s, 0, err))
		}
		defer z.Close()
		b = bufio.NewReaderSize(z, bufferSize)
		s.compressed = ".gz"
	case bytes.HasPrefix(magic, []byte(zstdMagic)):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return r.reject(damaged(s, 0, err))
		}
		defer z.Close()
		b = bufio.NewReaderSize(z, bufferSize)
		s.compressed = ".zst"
	case s.compressed != "":
		return r.reject(damaged(s, 0, fmt.Errorf("no %s data in it", s.compressed[1:])))
	}
	return r.articles(s, b)
}

// articles reads a stream that is no longer compressed.
func (r *run) articles(s source, b *bufio.Reader) error {
	b.Peek(len(bom)) // fills the buffer with what has come, without waiting for more
	head, _ := b.Peek(b.Buffered())
	if bytes.HasPrefix(head, []byte(bom)) {
		b.Discard(len(bom))
		head = head[len(bom):]
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: 1}, Reason: Encoding,
			Message: "not UTF-8: a UTF-16 byte order mark", Mend: "convert with iconv -f UTF-16 -t UTF-8"})
	}
	first := byte(0)
	if trimmed := bytes.TrimLeft(head, " \t\r\n"); len(trimmed) > 0 {
		first = trimmed[0]
	}
	format := s.format
	if format == sniffed {
		if format = text; first == '{' {
			format = jsonLines
		}
	}
	if format == text {
		return r.text(s, b)
	}
	if nul := bytes.IndexByte(head, 0); nul >= 0 && first != '{' && bytes.IndexByte(head[:nul], '\n') < 0 {
		// A binary file would otherwise be rejected once for each of its newlines.
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: 1}, Reason: Binary,
			Message: fmt.Sprintf("not text: NUL byte at offset %d", nul), Mend: "give text, not a binary file"})
	}
	if format == jsonLines {
		if first == '[' {
			return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: 1}, Reason: MalformedJSON,
				Message: "not JSON Lines: the file is one JSON array", Mend: "write one object a line: jq -c '.[]'"})
		}
		return r.jsonLines(s, b)
	}
	return r.csv(s, b, format == tabs)
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
		if s.compressed != "" {
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
