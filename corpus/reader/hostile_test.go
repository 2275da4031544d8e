package reader

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// zeroes is n bytes of the same letter as gzip packs them best.
func packedZeroes(n int64) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	io.Copy(w, io.LimitReader(endless('x'), n))
	w.Close()
	return b.Bytes()
}

// reasons reads a stream and lists the reasons of its rejections, and "ok" for
// an article.
func reasons(t *testing.T, s source, in io.Reader) []string {
	t.Helper()
	var out []string
	r := &run{ctx: context.Background(), fields: newFieldTable(Fields{}), max: DefaultMaxArticleBytes, yield: func(item Item) error {
		if item.Doc != nil {
			out = append(out, "ok")
		} else {
			out = append(out, string(item.Rejected.Reason))
		}
		return nil
	}}
	if err := r.stream(s, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// A bomb is refused before it has expanded far, in whatever it is wrapped.
func TestBombs(t *testing.T) {
	inner := packedZeroes(128 << 20)
	outer := string(inner)
	quine := zipped("a.jsonl.gz", string(inner))
	for _, test := range []struct {
		name string
		s    source
		in   string
		want string
	}{
		{"JSON Lines", source{path: "a.jsonl.gz", format: jsonLines}, string(inner), "bomb"},
		{"CSV", source{path: "a.csv.gz", format: commas}, string(inner), "malformed_csv bomb"},
		{"text", source{path: "a.txt.gz", format: text}, string(inner), "bomb"},
		{"page", source{path: "a.html.gz", format: htmlPage}, string(inner), "too_long"},
		{"twice", source{path: "a.jsonl.gz.gz", format: jsonLines}, gz(outer), "bomb"},
		{"Brotli", source{path: "a.jsonl.br", format: jsonLines, compressed: ".br"}, brotlied(strings.Repeat("x", 64<<20)), "bomb"},
		{"tar", source{path: "a.tar.gz", format: tarFile}, string(inner), "corrupt"},
		{"member", source{path: "a.zip", format: zipFile}, quine, "bomb"},
		{"Word", source{path: "a.docx", format: docxFile}, zipped("word/document.xml", "<w:p><w:t>"+strings.Repeat("x", 50<<20)), "bomb"},
		{"deep", source{path: "a.gz"}, gz(gz(gz(gz(gz("x"))))), "nested"},
		{"deep archives", source{path: "a.zip"}, zipped("a.zip", zipped("a.zip", zipped("a.zip", zipped("a.zip", zipped("a.txt", "x"))))), "nested"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := strings.Join(reasons(t, test.s, strings.NewReader(test.in)), " ")
			runtime.ReadMemStats(&after)
			if got != test.want && !strings.HasSuffix(test.want, got) {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
				t.Errorf("allocated %d MiB in all", used)
			}
		})
	}
}

func TestHostileArchives(t *testing.T) {
	var links bytes.Buffer
	w := tar.NewWriter(&links)
	w.WriteHeader(&tar.Header{Name: "a.txt", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink})
	w.WriteHeader(&tar.Header{Name: "../../b.txt", Size: 1, Typeflag: tar.TypeReg})
	w.Write([]byte("x"))
	w.WriteHeader(&tar.Header{Name: "/c.txt", Size: 1, Typeflag: tar.TypeReg})
	w.Write([]byte("x"))
	w.WriteHeader(&tar.Header{Name: "d.txt", Size: 1, Typeflag: tar.TypeReg})
	w.Write([]byte("x"))
	w.Close()
	var z bytes.Buffer
	zw := zip.NewWriter(&z)
	for _, name := range []string{"../a.txt", "C:\\b.txt", "/c.txt", "ok/d.txt"} {
		f, _ := zw.Create(name)
		f.Write([]byte("x"))
	}
	h := &zip.FileHeader{Name: "link.txt"}
	h.SetMode(os.ModeSymlink | 0o777)
	f, _ := zw.CreateHeader(h)
	f.Write([]byte("/etc/passwd"))
	zw.Close()
	locked := []byte(zipped("a.txt", "x"))
	at := bytes.Index(locked, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint16(locked[at+8:], 1|binary.LittleEndian.Uint16(locked[at+8:]))
	for _, test := range []struct{ name, in, want string }{
		{"tar", links.String(), "unsafe unsafe unsafe ok"},
		{"zip", z.String(), "unsafe unsafe unsafe ok unsafe"},
		{"locked", string(locked), "encrypted"},
	} {
		if got := strings.Join(reasons(t, source{path: "a"}, strings.NewReader(test.in)), " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// distinct is n formatting elements left open, each with attributes of its own.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<b id=%d>", i)
	}
	return b.String()
}

func TestReopened(t *testing.T) {
	for _, test := range []struct {
		page string
		want int
	}{
		{"<p><b>x</b></p><p>x</p>", 0},
		{"<p><b>x<p>x<p>x", 2},
		{"<p>" + strings.Repeat("<i>", 100) + "<p>x", 3},
		{"<p><B id=1><b id=2></B><p>x", 1},
		{"<script>if(i<b)x='<b>'</SCRIPT><p>x", 0},
		{"<p><a><a><br>", 0},
	} {
		if got := reopened([]byte(test.page)); got != test.want {
			t.Errorf("%q: %d, want %d", test.page, got, test.want)
		}
	}
}

// A row that fails costs itself, however many lines wait to be read again.
func TestCSVOfLooseQuotations(t *testing.T) {
	in := "text\n\"" + strings.Repeat("\"\"x\n", 300_000)
	if got := reasons(t, source{path: "a.csv", format: commas}, strings.NewReader(in)); len(got) != mostBarren+1 {
		t.Errorf("%d rejections", len(got))
	}
}

// A file of what it does not say is given up; articles in other languages are articles.
func TestBarren(t *testing.T) {
	lines := func(line string, n int) string { return strings.Repeat(line+"\n", n) }
	german := `{"text":"Die Gesandte sagte am Montag, kein Angriff werde ohne Antwort bleiben, und der Rat sei von den eigenen Ministern davon unterrichtet worden."}`
	for _, test := range []struct {
		name, in string
		want     int
	}{
		{"noise", lines("x", 3*mostBarren), mostBarren + 1},
		{"noise with an article", lines("x", mostBarren-1) + good + lines("x", mostBarren-1), 2*mostBarren - 1},
		{"noise with an article in another language", lines("x", mostBarren-1) + german + lines("\nx", mostBarren-1), 2*mostBarren - 1},
	} {
		if got := reasons(t, source{path: "a.jsonl", format: jsonLines}, strings.NewReader(test.in)); len(got) != test.want {
			t.Errorf("%s: %d items, want %d", test.name, len(got), test.want)
		}
	}
}

func TestHostileMarkup(t *testing.T) {
	lol := `<?xml version="1.0"?><!DOCTYPE nitf [<!ENTITY a "` + strings.Repeat("x", 1000) + `"><!ENTITY b "&a;&a;&a;">]><nitf><body><body.content><p>&b;</p></body.content></body></nitf>`
	for _, test := range []struct {
		name string
		s    source
		in   string
		want string
	}{
		{"entities", source{path: "a.xml", format: xmlItem}, lol, "unsafe"},
		{"external entity", source{path: "a.xml", format: xmlItem}, `<!DOCTYPE nitf [<!ENTITY a SYSTEM "file:///etc/passwd">]><nitf><p>&a;</p></nitf>`, "unsafe"},
		{"unknown entity", source{path: "a.xml", format: xmlItem}, `<nitf><p>&a;</p></nitf>`, "malformed_xml"},
		{"deep elements", source{path: "a.xml", format: xmlItem}, strings.Repeat("<p>", 100_000), "nested"},
		{"deep tags", source{path: "a.html", format: htmlPage}, "<html>" + strings.Repeat("<div>", 100_000) + "x", "nested"},
		{"tags", source{path: "a.html", format: htmlPage}, "<html>" + strings.Repeat("<p>x", 500_000), "nested"},
		{"tags that are never closed", source{path: "a.html", format: htmlPage}, "<html><p>" + distinct(400) + "</p>" + strings.Repeat("<p>x</p>", 100_000), "nested"},
		{"unclosed quotation", source{path: "a.html", format: htmlPage}, "<html><a href=\"" + strings.Repeat("<p>", 50_000), "missing_text"},
		{"other XML", source{path: "a.xml", format: xmlItem}, "<rss/>", "unknown_format"},
		{"deep Word", source{path: "a.docx", format: docxFile}, zipped("word/document.xml", strings.Repeat("<w>", 1000)), "nested"},
		{"Word with entities", source{path: "a.docx", format: docxFile}, zipped("word/document.xml", "<!DOCTYPE a><w:p/>"), "unsafe"},
		{"deep JSON", source{path: "a.json", format: jsonValues}, strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), "malformed_json"},
		{"deep JSON Lines", source{path: "a.jsonl", format: jsonLines}, `{"a":` + strings.Repeat("[", 100_000), "malformed_json"},
		{"broken WARC", source{path: "a.warc", format: warcFile}, "WARC/1.0\r\nContent-Length: -5\r\n\r\nx\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed_warc corrupt"},
		{"Parquet without an end", source{path: "a.parquet", format: parquetFile}, "PAR1" + strings.Repeat("x", 100) + "\xff\xff\xff\x7fPAR1", "corrupt"},
		{"quotation marks", source{path: "a.txt", format: text}, strings.Repeat("“", 1_000_000), "ok"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(reasons(t, test.s, strings.NewReader(test.in)), " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
