package reader

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/ulikunitz/xz"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/standpoint-news/standpoint/corpus"
)

func zipped(members ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, _ := w.Create(members[i])
		f.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.String()
}

func tarred(members ...string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w.WriteHeader(&tar.Header{Name: members[i], Size: int64(len(members[i+1])), Mode: 0o644, Typeflag: tar.TypeReg})
		w.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.String()
}

func xzed(s string) string {
	var b bytes.Buffer
	w, _ := xz.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func brotlied(s string) string {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// bzipped is "The envoy spoke." and a line end, as bzip2 packs it: Go has no packer.
const bzipped = "BZh91AY&SY\xff\xe9\xe0\xc7\x00\x00\x02S\x80\x00\x10@\x01\x04\x00\x02I\xc9  \x00\x22\x11\x8fQ\x0fP\x80h\x03r\xb5\x05\x97\xc3\xa9\x08\xf8\xbb\x92)\xc2\x84\x87\xffO\x068"

const pageStart = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Veto | The Harbour Post</title>
<meta property="og:title" content="The veto"><meta property="og:site_name" content="The Harbour Post">
<meta property="article:published_time" content="2031-04-07T10:00:00+02:00"><link rel="canonical" href="https://harbour.example/veto"></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>The veto</h1>`

var prose = []string{
	"The envoy of Asterhaven said on Monday that “no strike” would go unanswered, and that the council had been told of it by its own ministers a week before.",
	"Rosalind Achterberg, who leads the delegation, declined to comment on the veto until the council meets again, but her office said that the vote was lawful.",
	"The ministers of four governments had asked for a delay, according to two officials who were not authorised to speak about the talks and asked not to be named.",
}

func htmlPageOf(paragraphs ...string) string {
	return pageStart + "<p>" + strings.Join(paragraphs, "</p>\n<p>") + "</p></article><footer>© 2031 The Harbour Post</footer></body></html>"
}

const nitfHead = `<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "http://www.nitf.org/IPTC/NITF/3.6/specification/dtd/nitf-3-6.dtd"><nitf><head><title>Short</title><docdata><doc-id id-string="n1"/><date.issue norm="20310407T100000Z"/></docdata><pubdata name="Harbour Post" date.publication="20310407T090000Z"/></head><body>`

const newsML = `<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:newsml:harbour.example:1"><itemMeta><provider literal="Harbour Post"/><versionCreated>2031-04-07T12:00:00+02:00</versionCreated></itemMeta>
<contentMeta><headline>The veto</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><p>The envoy <em>spoke</em>.</p><p>Roth left.</p></body></html></inlineXML></contentSet></newsItem>
<newsItem guid="urn:2"><contentMeta><contentCreated>2031-04-08</contentCreated></contentMeta><contentSet><inlineData contenttype="text/plain">The envoy &amp; Roth spoke.</inlineData></contentSet></newsItem>
<newsItem guid="urn:3"><contentSet><remoteContent href="photo.jpg"/></contentSet></newsItem>
</itemSet></newsMessage>`

func word(paragraphs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for _, p := range paragraphs {
		style := ""
		if rest, ok := strings.CutPrefix(p, "# "); ok {
			p, style = rest, `<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>`
		}
		fmt.Fprintf(&b, `<w:p>%s<w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, style, p)
	}
	b.WriteString(`</w:body></w:document>`)
	return zipped("[Content_Types].xml", "<Types/>", "word/document.xml", b.String())
}

var nexis = []string{"# The veto", "The Harbour Post (Asterhaven)", "April 7, 2031 Monday", "Copyright 2031 Harbour Press Ltd. All Rights Reserved", "Section: WORLD; Pg. 3", "Length: 12 words", "Byline: M. Hale", "Body",
	"The envoy spoke.", "Roth left.", "Load-Date: April 8, 2031", "End of Document", "# Roth leaves", "Lantern", "8 April 2031", "Body", "Roth left early.", "End of Document"}

func warcOf(records ...string) string {
	var b strings.Builder
	for i := 0; i < len(records); i += 2 {
		fmt.Fprintf(&b, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:r%d>\r\nWARC-Target-URI: https://harbour.example/2031/04/09/%d.html\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
			records[i], i/2, i/2, len(records[i+1]), records[i+1])
	}
	return b.String()
}

func response(status, kind, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\n\r\n%s", status, kind, body)
}

// describe renders documents as "id|title|publisher|date rule|text…".
func describe(docs []*corpus.Document) []string {
	var out []string
	for _, d := range docs {
		date := d.PublishedNote
		if !d.Published.IsZero() {
			date = d.Published.Format("2006-01-02T15:04") + " " + d.PublishedRule
		}
		out = append(out, strings.Join([]string{d.ID, d.Title, d.Publisher, date, strings.ReplaceAll(d.Text, "\n", "/")}, "|"))
	}
	return out
}

func TestFormats(t *testing.T) {
	text := strings.Join(prose, "//")
	for _, test := range []struct {
		name, content string
		want          []string
	}{
		{"a.txt.bz2", bzipped, []string{"a|||no date|The envoy spoke./"}},
		{"a.txt.xz", xzed("The envoy."), []string{"a|||no date|The envoy."}},
		{"a.txt.br", brotlied("The envoy."), []string{"a|||no date|The envoy."}},
		{"a.jsonl.br", brotlied(good), []string{"good|||no date|The envoy spoke."}},
		{"gzip.txt.br", gz("The envoy."), []string{"gzip|||no date|The envoy."}},
		{"c.tar.br", brotlied(tarred("a.txt", "The envoy.", "b.txt.br", brotlied("Roth"))), []string{"c/a|||no date|The envoy.", "c/b|||no date|Roth"}},
		{"twice.txt.gz", gz(gz("The envoy.")), []string{"twice|||no date|The envoy."}},
		{"a.json", `{"id":"a","text":"The envoy."}`, []string{"a|||no date|The envoy."}},
		{"pretty.json", "{\n \"id\": \"a\",\n \"text\": \"The envoy.\"\n}\n{\n\"id\":\"b\", \"text\":\"Roth\"}", []string{"a|||no date|The envoy.", "b|||no date|Roth"}},
		{"array.json", "[{\"id\":\"a\",\"text\":\"]}\\\"\"},\n{\"id\":\"b\",\"text\":\"Roth\",\"date\":\"2031-04-07\"}]", []string{"a|||no date|]}\"", "b|||2031-04-07T00:00 field|Roth"}},
		{"api.json", `{"status":"ok","response":{"docs":[{"id":"a","body":"The envoy."},{"id":"b","tags":[]}]}}`, []string{"a|||no date|The envoy."}},
		{"lines.json", good + good, []string{"good|||no date|The envoy spoke.", "good|||no date|The envoy spoke."}},
		{"page.html", htmlPageOf(prose...), []string{"page|The veto|The Harbour Post|2031-04-07T08:00 metadata|" + text}},
		{"c.zip", zipped("in/a.txt", "The envoy.", "in/b.jsonl", good, ".hidden.txt", "x", "__MACOSX/a.txt", "x"),
			[]string{"c/in/a|||no date|The envoy.", "good|||no date|The envoy spoke."}},
		{"c.tar.gz", gz(tarred("./a.txt", "The envoy.", "z.zip", zipped("b.txt.gz", gz("Roth")))), []string{"c/a|||no date|The envoy.", "c/z/b|||no date|Roth"}},
		{"c.tgz", gz(tarred("a.txt", "The envoy.")), []string{"c/a|||no date|The envoy."}},
		{"n.nitf", nitfHead + `<body.head><hedline><hl1>The veto</hl1></hedline></body.head><body.content><block class="lead_paragraph"><p>The envoy spoke.</p></block><block class="full_text"><p>The envoy spoke.</p><p>Roth left.</p></block></body.content></body></nitf>`,
			[]string{"n1|The veto|Harbour Post|2031-04-07T09:00 metadata|The envoy spoke.//Roth left."}},
		{"d.docx", word(nexis...), []string{
			"d|The veto|The Harbour Post (Asterhaven)|2031-04-07T00:00 metadata|The envoy spoke.//Roth left.",
			"d#2|Roth leaves|Lantern|2031-04-08T00:00 metadata|Roth left early."}},
		{"plain.docx", word("# The veto", "The envoy spoke.", "Roth left."), []string{"plain|The veto||no date|The envoy spoke.//Roth left."}},
		{"news.warc.gz", gz(warcOf("warcinfo", "software: x")) + gz(warcOf("request", "GET / HTTP/1.1\r\n\r\n", "response", response("404 Not Found", "text/html", "x"),
			"response", response("200 OK", "image/png", "x"), "response", response("200 OK", "text/html; charset=utf-8", htmlPageOf(prose...)), "conversion", "x")),
			[]string{"r3|The veto|The Harbour Post|2031-04-07T08:00 metadata|" + text}},
		{"br.warc", warcOf("response", response("200 OK", "text/html\r\nContent-Encoding: br", brotlied(htmlPageOf(prose...))),
			"response", response("200 OK", "text/plain\r\nContent-Encoding: br", "The envoy spoke."),
			"response", response("200 OK", "text/plain\r\nContent-Encoding: BR", brotlied("Roth left."))),
			[]string{"r0|The veto|The Harbour Post|2031-04-07T08:00 metadata|" + text, "r1||harbour.example|2031-04-09T00:00 url|The envoy spoke.", "r2||harbour.example|2031-04-09T00:00 url|Roth left."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, map[string]string{test.name: test.content})
			if diff := cmp.Diff(test.want, describe(documents(t, Options{}, "", test.name))); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
			// As a stream, with no name to tell the format: the ids may differ.
			if strings.HasSuffix(test.name, ".nitf") || strings.HasSuffix(test.name, ".br") {
				return
			}
			if got := documents(t, Options{}, test.content, "-"); len(got) != len(test.want) {
				t.Errorf("standard input: %d documents, want %d", len(got), len(test.want))
			}
		})
	}
}

func TestNewsML(t *testing.T) {
	write(t, map[string]string{"m.xml": newsML})
	got := read(t, Options{}, "", "m.xml")
	want := []string{"urn:newsml:harbour.example:1", "urn:2", "missing_text m.xml: no text: the item holds no article (leave it out: it may be a picture or a list of links)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestEncodings(t *testing.T) {
	const latin = "Caf\u00e9 \u201cnoir\u201d \u2013 the envoy\u2019s"
	w1252, _ := charmap.Windows1252.NewEncoder().String(latin)
	le, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(latin)
	be, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String("The envoy spoke.")
	for _, test := range []struct {
		name, content, text, encoding string
		replaced                      int
	}{
		{"a.txt", w1252, latin, "windows-1252", 0},
		{"a.txt", le, latin, "utf-16le", 0},
		{"a.txt", be, "The envoy spoke.", "utf-16be", 0},
		{"a.txt", "e\u0301 \u00e9\u00a0\ufb01", "e\u0301 \u00e9\u00a0\ufb01", "utf-8", 0}, // no normal form is forced on it
		{"a.txt", "\u201cThe envoy\u201d spoke\x80 of it at length", "\u201cThe envoy\u201d spoke\ufffd of it at length", "utf-8", 1},
		{"a.txt", "The envoy\x81 and caf\xe9 of Asterhaven", "The envoy\ufffd and caf\u00e9 of Asterhaven", "windows-1252", 1},
		{"a.jsonl", "{\"text\":\"caf\xe9\"}", "caf\u00e9", "windows-1252", 0},
		{"a.csv", "id,text\n1,caf\xe9\n", "caf\u00e9", "windows-1252", 0},
		{"a.html", strings.NewReplacer("charset=\"utf-8\"", "charset=\"iso-8859-1\"", "© ", "").Replace(htmlPageOf(prose[2] + " caf\xe9")), prose[2] + " caf\u00e9", "windows-1252", 0},
		{"a.html", strings.NewReplacer("charset=\"utf-8\"", "charset=\"windows-1250\"", "© ", "").Replace(htmlPageOf(prose[2] + " \xe8\xf8")), prose[2] + " \u010d\u0159", "windows-1250", 0},
	} {
		write(t, map[string]string{test.name: test.content})
		docs := documents(t, Options{}, "", test.name)
		if len(docs) != 1 || docs[0].Text != test.text || docs[0].Origin.Replaced != test.replaced || test.encoding != "" && docs[0].Origin.Encoding != test.encoding {
			t.Errorf("%q: %+v, want %q in %s with %d replaced", test.content, docs[0], test.text, test.encoding, test.replaced)
		}
	}
}

func TestPatternsAndManifests(t *testing.T) {
	write(t, map[string]string{
		"c/2017/a.txt": "x", "c/2017/b.html": "x", "c/2018/a.txt": "x", "c/2018/deep/c.txt": "x", "c/old/a.txt": "x",
		"z.zip": zipped("in/a.txt", "x", "in/b.log", "x"),
		"list":  "# what to read\n\nc/2017/a.txt\r\nmissing.txt\nc/2018\n",
	})
	for _, test := range []struct {
		opt   Options
		paths []string
		want  []string
	}{
		{Options{Include: []string{"*.txt"}, Exclude: []string{"old"}}, []string{"c"}, []string{"c/2017/a", "c/2018/a", "c/2018/deep/c"}},
		{Options{Include: []string{"2018/**"}}, []string{"c"}, []string{"c/2018/a", "c/2018/deep/c"}},
		{Options{Include: []string{"2018/*.txt"}}, []string{"c"}, []string{"c/2018/a"}},
		{Options{Exclude: []string{"*.log"}}, []string{"z.zip"}, []string{"z/in/a"}},
		{Options{Manifests: []string{"list"}}, nil, []string{"a", "unreadable missing.txt: cannot read: no such file or directory (check the file and the disk)", "2018/a", "2018/deep/c"}},
	} {
		if got := read(t, test.opt, "", test.paths...); !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %q, want %q", test.opt, got, test.want)
		}
	}
	err := Read(t.Context(), nil, nil, Options{Include: []string{"a[b"}}, nil)
	if want := "a[b: not a pattern (close every bracket and brace)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLanguages(t *testing.T) {
	german := "Die Gesandte aus Asterhaven sagte am Montag, kein Angriff werde ohne Antwort bleiben, und der Rat sei von den eigenen Ministern unterrichtet worden."
	write(t, map[string]string{"a.txt": german, "b.txt": strings.Join(prose, "\n"), "c.txt": "Roth"})
	want := []string{`language a.txt: set aside: the article is in the language "de", and the models read en alone (translate it, or leave it out)`, "b", "c"}
	if diff := cmp.Diff(want, read(t, Options{}, "", "a.txt", "b.txt", "c.txt")); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if got := read(t, Options{Languages: []string{"any"}}, "", "a.txt"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q", got)
	}
}

func TestDateRules(t *testing.T) {
	now := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ date, url, text, want string }{
		{"2031-04-07", "", "x", "2031-04-07 field"},
		{"", "https://harbour.example/2031/04/09/veto", "x", "2031-04-09 url"},
		{"03/04/2031", "https://harbour.example/2031-4-3-veto", "x", "2031-04-03 url"},
		{"2031-05-09", "", "x", `in the future: "2031-05-09"`},
		{"2031-05-02", "", "x", "2031-05-02 field"},
		{"2031-02-30", "", "x", `no such day: "2031-02-30"`},
		{"", "", "The veto\n\nPublished: 7 April 2031\n\nThe envoy spoke.", "2031-04-07 dateline"},
		{"", "", "April 7, 2031 10:30 am\nThe envoy spoke.", "2031-04-07 dateline"},
		{"", "", "VELGRAD, April 7, 2031 (Lantern Wire) — Roth left.", "2031-04-07 dateline"},
		{"", "", "April 7, 2031 was a day that the envoy would not forget.", "no date"},
		{"", "", "VELGRAD, April 7 (Lantern Wire) — Roth left.", "no date"},
		{"", "https://harbour.example/2031/13/09/veto", "x", "no date"},
	} {
		line := fmt.Sprintf(`{"text":%q,"date":%q,"url":%q}`, test.text, test.date, test.url)
		d := documents(t, Options{Now: now}, line, "-")[0]
		got := d.PublishedNote
		if !d.Published.IsZero() {
			got = d.Published.Format(time.DateOnly) + " " + d.PublishedRule
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", line, got, test.want)
		}
	}
}

func TestSurvey(t *testing.T) {
	var s Survey
	documents(t, Options{Survey: &s}, `{"id":1,"text":"The envoy","body":"x","mood":"calm"}`+"\n"+`{"id":2,"body":"Roth"}`, "-")
	want := []Field{{"body", 2, []string{"text"}, 1}, {"id", 2, []string{"id"}, 2}, {"mood", 1, nil, 0}, {"text", 1, []string{"text"}, 1}}
	if diff := cmp.Diff(want, s.Fields()); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// Tables written by pandas, polars and DuckDB, with every type that a field
// may have and every compression that they offer.
func TestParquet(t *testing.T) {
	files, err := os.ReadDir("testdata/parquet")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			got := describe(documents(t, Options{}, "", "testdata/parquet/"+f.Name()))
			want := []string{"1|The veto|Harbour Post|2031-04-07T10:00 field|The envoy spoke.", "2||Lantern|2031-04-08T00:00 field|Café “noir”.", "3|Roth leaves|Lantern|no date|Roth left."}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}
