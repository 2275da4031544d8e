package reader

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"

	"github.com/standpoint-news/standpoint/corpus"
)

// maxHeader bounds the header of a WARC record, and that of the HTTP response
// in it.
const maxHeader = 64 << 10

// warc reads a web archive (ISO 28500:2017; CC-NEWS is one): the HTML pages of
// its responses and the plain text of its conversions. Requests, metadata,
// images and the like are no articles and are passed over. Lines of places are
// numbers of records.
func (r *run) warc(s source, b *bufio.Reader) error {
	records, pages, broken := 0, 0, false
	for {
		line, err := warcLine(b)
		switch {
		case err != nil:
			var last *Rejection
			if pages == 0 && !broken {
				last = empty(s, "the archive holds no page")
			}
			return r.ended(s, records, err, last)
		case line == "":
			continue
		}
		place := corpus.Place{Path: s.path, Line: records + 1}
		if !strings.HasPrefix(line, "WARC/") {
			if !broken { // once a stretch: the lines up to the next record follow from it
				broken = true
				if err := r.reject(&Rejection{Place: place, Reason: MalformedWARC,
					Message: "not a WARC record: its first line is " + strconv.Quote(shorten(strings.ToValidUTF8(line, "\ufffd"))),
					Mend:    "fetch the file again; reading goes on at the next record"}); err != nil {
					return err
				}
			}
			continue
		}
		records, broken = records+1, false
		head, err := warcHead(b)
		size, sizeErr := strconv.ParseInt(head.Get("Content-Length"), 10, 64)
		if err == nil && (sizeErr != nil || size < 0) {
			err = errHeader
		}
		if errors.Is(err, errHeader) {
			broken = true
			if err := r.reject(&Rejection{Place: place, Reason: MalformedWARC, Message: "not a WARC record: its header is broken",
				Mend: "fetch the file again; reading goes on at the next record"}); err != nil {
				return err
			}
			continue
		} else if err != nil {
			return r.cutShort(s, records-1, err)
		}
		block := &io.LimitedReader{R: b, N: size}
		isPage, err := r.warcRecord(s, place, head, block)
		if err != nil {
			return err
		}
		if isPage {
			pages++
		}
		if _, err := io.Copy(io.Discard, block); err != nil || block.N > 0 {
			return r.cutShort(s, records-1, err)
		}
	}
}

// cutShort accounts for a stream that ends, with an error or without, where it
// must go on.
func (r *run) cutShort(s source, line int, err error) error {
	if err == nil || err == io.EOF {
		s.archive, err = true, io.ErrUnexpectedEOF // the file is damaged, not the disk
	}
	return r.ended(s, line, err, nil)
}

// warcRecord reads the article of a record and reports whether it may hold one.
func (r *run) warcRecord(s source, place corpus.Place, head textproto.MIMEHeader, block io.Reader) (bool, error) {
	p := page{place: place, url: head.Get("WARC-Target-URI"), origin: corpus.Origin{Format: warcFile.String()}}
	p.id = strings.TrimSuffix(strings.TrimPrefix(strings.Trim(head.Get("WARC-Record-ID"), "<> "), "urn:"), ">")
	p.id = strings.TrimPrefix(p.id, "uuid:")
	body, encoding := block, ""
	switch head.Get("WARC-Type") {
	case "response":
		limited := bufio.NewReaderSize(block, bufferSize)
		if start, _ := limited.Peek(maxHeader); !bytes.HasPrefix(start, []byte("HTTP/")) || headEnd(start) < 0 {
			return false, nil
		}
		response, err := http.ReadResponse(limited, nil)
		if err != nil || response.StatusCode != http.StatusOK {
			return false, nil
		}
		defer response.Body.Close()
		p.contentType, body = response.Header.Get("Content-Type"), response.Body
		encoding = response.Header.Get("Content-Encoding")
	case "resource", "conversion":
		p.contentType = head.Get("Content-Type")
	default:
		return false, nil
	}
	kind, _, _ := mime.ParseMediaType(p.contentType)
	if kind != "text/html" && kind != "application/xhtml+xml" && kind != "text/plain" {
		return false, nil
	}
	raw := bufio.NewReaderSize(body, bufferSize)
	if magic, _ := raw.Peek(len(xzMagic)); packed(magic) {
		z, stop, err := decompress(raw, magic)
		if err != nil {
			return true, r.reject(damagedPage(p, err))
		}
		defer stop()
		body = s.meter.unpacked(z)
	} else if strings.EqualFold(strings.TrimSpace(encoding), "br") && beginsBrotli(raw) {
		body = s.meter.unpacked(brotli.NewReader(raw))
	} else {
		body = raw
	}
	data, more, err := readAll(body, min(r.max, maxPage))
	switch {
	case errors.Is(err, errBomb):
		return true, r.reject(bomb(s, place.Line))
	case err != nil && len(data) == 0:
		return true, r.reject(damagedPage(p, err))
	case more:
		rejection := tooLong(place, "the page goes on", min(r.max, maxPage))
		rejection.ID = p.id
		return true, r.reject(rejection)
	}
	p.data = data
	if kind == "text/plain" {
		return true, r.plainPage(p)
	}
	return true, r.page(p)
}

// beginsBrotli reports whether data that a server calls Brotli is: many archives
// keep the page unpacked, under the header as it came.
func beginsBrotli(raw *bufio.Reader) bool {
	head, _ := raw.Peek(4 << 10)
	n, err := brotli.NewReader(bytes.NewReader(head)).Read(make([]byte, 1))
	return n > 0 || errors.Is(err, io.ErrUnexpectedEOF) && len(head) > 0
}

func damagedPage(p page, err error) *Rejection {
	return &Rejection{Place: p.place, ID: p.id, Reason: Corrupt, Message: fmt.Sprintf("damaged: %v", err), Mend: "fetch the page again"}
}

var errHeader = errors.New("broken header")

// headEnd is where the header of an HTTP message ends, or -1.
func headEnd(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return i
	}
	return bytes.Index(b, []byte("\n\n"))
}

// warcLine reads a line without its end; of a longer one than maxHeader, its
// begin.
func warcLine(b *bufio.Reader) (string, error) {
	l := &lines{b: b, max: maxHeader}
	more, err := l.next()
	if !more {
		if err == nil {
			err = io.EOF
		}
		return "", err
	}
	return strings.TrimRight(string(l.line), "\r\n"), nil
}

// warcHead reads the named fields of a record up to the blank line.
func warcHead(b *bufio.Reader) (textproto.MIMEHeader, error) {
	head, size := make(textproto.MIMEHeader), 0
	for {
		line, err := warcLine(b)
		if err != nil {
			return head, err
		}
		if line == "" {
			return head, nil
		}
		name, value, found := strings.Cut(line, ":")
		if size += len(line); !found || size > maxHeader {
			return head, errHeader
		}
		head.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
}
