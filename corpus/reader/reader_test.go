package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/standpoint-news/standpoint/corpus"
)

// documented are all that the README documents.
var documented = []Reason{Binary, Bomb, Corrupt, DuplicateID, Empty, Encoding, Encrypted, Language, MalformedCSV, MalformedJSON,
	MalformedParquet, MalformedWARC, MalformedXML, MissingText, Nested, TooLong, UnknownFormat, Unreadable, Unsafe}

// write lays files under a new folder and makes it the working directory, so
// that messages hold short paths.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// read renders items as "id" or as the rejection's reason and message.
func read(t *testing.T, opt Options, stdin string, paths ...string) []string {
	t.Helper()
	var out []string
	err := Read(context.Background(), paths, strings.NewReader(stdin), opt, func(item Item) error {
		switch {
		case (item.Doc == nil) == (item.Rejected == nil):
			t.Errorf("item %+v has both or neither of its fields", item)
		case item.Doc != nil:
			out = append(out, item.Doc.ID)
		default:
			if !slices.Contains(documented, item.Rejected.Reason) {
				t.Errorf("reason %q is not on the list", item.Rejected.Reason)
			}
			out = append(out, fmt.Sprintf("%s %v", item.Rejected.Reason, item.Rejected))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func documents(t *testing.T, opt Options, stdin string, paths ...string) []*corpus.Document {
	t.Helper()
	var out []*corpus.Document
	err := Read(context.Background(), paths, strings.NewReader(stdin), opt, func(item Item) error {
		if item.Rejected != nil {
			t.Error(item.Rejected)
		} else {
			out = append(out, item.Doc)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func gz(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func zst(s string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(s), nil))
}

const good = `{"id":"good","text":"The envoy spoke."}` + "\n"

// random is text that hardly compresses.
func random(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

// Each kind of bad input costs the article it stands in and says where, what
// and how to mend it.
func TestBadInput(t *testing.T) {
	const (
		oneALine = "write one object a line: jq -c ."
		quote    = `close every quoted value with ", and double the marks inside: ""`
		noBinary = "give text, not a binary file"
		refetch  = "fetch it again; what came before was read"
		remove   = "fetch it again, or remove it"
		textName = "name the field that holds the text under fields.text in the configuration"
	)
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, `{"id":%d,"text":"%s"}`+"\n", i, random(40+i%7))
	}
	cut := gz(many.String())
	for _, test := range []struct {
		name, content string
		want          []string
	}{
		{"empty.txt", "", []string{"empty empty.txt: empty: the file holds nothing (" + remove + ")"}},
		{"empty.txt.gz", "", []string{"empty empty.txt.gz: empty: the file holds nothing (" + remove + ")"}},
		{"empty.jsonl.gz", gz(""), []string{"empty empty.jsonl.gz: empty: the file holds no record (" + remove + ")"}},
		{"blank.txt", " \n\t\n", []string{"empty blank.txt: empty: the file holds only white space (" + remove + ")"}},
		{"blank.jsonl", "\n\n", []string{"empty blank.jsonl: empty: the file holds no record (" + remove + ")"}},
		{"blank.csv", "\n\n", []string{"empty blank.csv: empty: the file holds no header row (" + remove + ")"}},
		{"header.csv", "id,text\n", []string{"empty header.csv: empty: the file holds a header row alone (" + remove + ")"}},

		{"photo.txt", "one\ntwo\x00\x01", []string{"binary photo.txt:2: not text: NUL byte at offset 7 (" + noBinary + ")"}},
		{"photo.jsonl", "\x7fELF\x00\x01\n\n\n", []string{"binary photo.jsonl:1: not text: NUL byte at offset 4 (" + noBinary + ")"}},
		{"photo.csv", "\x7fELF\x00\x01\n\n\n", []string{"binary photo.csv:1: not text: NUL byte at offset 4 (" + noBinary + ")"}},
		{"page.txt", "%PDF-1.4\n", []string{"binary page.txt: not text: a PDF file (extract its text first, with pdftotext)"}},
		{"nul.jsonl", "{\"text\":\"a\x00\"}\n" + `{"id":"b","text":"a\u0000b"}` + "\n" + good, []string{
			"binary nul.jsonl:1: not text: NUL byte at offset 10 (" + noBinary + ")",
			"binary nul.jsonl:2: not text: NUL byte at offset 1 (" + noBinary + ")", "good"}},

		{"noise.txt", "Title\n\n\x81\x8d\x8f\x90\x9d\n", []string{"encoding noise.txt: not text: 5 of its bytes belong to no encoding that is known here (convert it to UTF-8 with iconv)"}},

		{"cut.jsonl", good + `{"id":"cut","text":"The en`, []string{"good",
			"malformed_json cut.jsonl:2: not a JSON object: the line ends inside it (fetch the file again, or " + oneALine + ")"}},
		{"bad.jsonl", "{id:1}\n[1]\nnull\n\"x\"\n" + good, []string{
			"malformed_json bad.jsonl:1: not a JSON object: invalid character 'i' looking for beginning of object key string (" + oneALine + ")",
			"malformed_json bad.jsonl:2: not a JSON object: array (" + oneALine + ")",
			"malformed_json bad.jsonl:3: not a JSON object: null (" + oneALine + ")",
			"malformed_json bad.jsonl:4: not a JSON object: string (" + oneALine + ")", "good"}},
		{"array.jsonl", "[\n{\"id\":\"a\",\"text\":\"The envoy\"}\n]", []string{"a"}},
		{"cut.json", "[\n{\"id\":\"a\",\"text\":\"The envoy\"},\n", []string{"a",
			"malformed_json cut.json:3: not JSON: the file ends inside an array (fetch the file again; what came before was read)"}},
		{"lacks.jsonl", `{"id":7,"title":"No words"}` + "\n" + good, []string{
			"missing_text lacks.jsonl:1: no text: no value under any of the names text, content (" + textName + ")", "good"}},
		{"blanks.jsonl", `{"text":" "}` + "\n" + `{"text":null}` + "\n" + `{"text":["a"]}` + "\n", []string{
			"missing_text blanks.jsonl:1: no text: no value under any of the names text, content (" + textName + ")",
			"missing_text blanks.jsonl:2: no text: no value under any of the names text, content (" + textName + ")",
			"missing_text blanks.jsonl:3: no text: no value under any of the names text, content (" + textName + ")"}},

		{"short.csv", "id,title,text\n1,One,The envoy\n2,Two\n3,Three,The envoy\n", []string{"1",
			"malformed_csv short.csv:3: row too short: 2 of 3 columns (complete the row)", "3"}},
		{"long.csv", "id,text\n1,The envoy, too\n2,The envoy,,\n", []string{
			"malformed_csv long.csv:2: row too long: 3 of 2 columns (put quotation marks around values that hold the delimiter)", "2"}},
		{"quote.csv", "id,text\n1,\"The \"envoy\"\"\n2,The envoy\n", []string{
			"malformed_csv quote.csv:2: broken quotation: text after a closing mark (" + quote + ")", "2"}},
		{"lost.csv", "id,text\n1,\"The envoy\n2,The \"envoy\"\n3,\"The envoy\"\n", []string{
			"malformed_csv lost.csv:2: broken quotation: text after a closing mark on line 3 (" + quote + ")", "2", "3"}},
		{"open.csv", "id,text\n1,\"The envoy\n2,The envoy\n3,The envoy", []string{
			"malformed_csv open.csv:2: broken quotation: the quotation opened on this line never ends (" + quote + ")", "2", "3"}},
		{"head.csv", "id,\"te\"xt\n1,The envoy\n", []string{
			"malformed_csv head.csv:1: broken quotation: text after a closing mark; it is the header, so no row was read (" + quote + ")"}},
		{"lacks.csv", "id,words\n1,The envoy\n", []string{
			"missing_text lacks.csv:1: no text: none of the columns id, words holds it, so no row was read (name the column that holds the text under fields.text in the configuration)"}},
		{"lacks2.csv", "id,text\n1,\n2,The envoy\n", []string{
			"missing_text lacks2.csv:2: no text: no value under any of the names text, content (" + textName + ")", "2"}},

		{"no.jsonl.gz", good, []string{"corrupt no.jsonl.gz: damaged: no gz data in it (" + refetch + ")"}},
		{"no.jsonl.gz", "\x1f\x8bxx", []string{"corrupt no.jsonl.gz: cut short: the compressed data ends early (" + refetch + ")"}},
		{"no.jsonl.gz", gz(good)[:len(gz(good))-8] + "sums" + gz(good)[len(gz(good))-4:], []string{"good",
			"corrupt no.jsonl.gz:2: damaged: gzip: invalid checksum (" + refetch + ")"}},
		{"cut.txt.gz", cut[:len(cut)/2], []string{"corrupt cut.txt.gz: cut short: the compressed data ends early (" + refetch + ")"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, map[string]string{test.name: test.content})
			got := read(t, Options{Fields: Fields{Text: []string{"text", "content"}}}, "", test.name)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}

	for name, content := range map[string]string{"cut.jsonl.gz": cut[:len(cut)/2], "cut.jsonl.zst": zst(many.String())[:len(zst(many.String()))/2]} {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{name: content})
			got := read(t, Options{}, "", name)
			last := len(got) - 1
			// zstd gives whole blocks, and the text is one.
			if strings.HasSuffix(name, ".gz") && (last < 500 || got[last-1] != fmt.Sprint(last-1)) {
				t.Errorf("%d articles before the cut", last)
			}
			place := name
			if last > 0 {
				place = fmt.Sprintf("%s:%d", name, last+1)
			}
			want := "corrupt " + place + ": cut short: the compressed data ends early (fetch it again; what came before was read)"
			if got[last] != want {
				t.Errorf("got %s, want %s", got[last], want)
			}
		})
	}
}

// A line of 50 MB costs neither memory nor the lines around it.
func TestLongLine(t *testing.T) {
	const limit = 1 << 20
	long := func() io.Reader { return io.LimitReader(endless('x'), 50<<20) }
	for _, test := range []struct {
		format format
		stream io.Reader
		want   []string
	}{
		{jsonLines, io.MultiReader(strings.NewReader(good+`{"text":"`), long(), strings.NewReader("\"}\n"+good)), []string{"good",
			"-:2: too long: the line has 52428812 bytes, the limit is 1048576 bytes (split it, or raise max_article_bytes in the configuration)", "good"}},
		{commas, io.MultiReader(strings.NewReader("id,text\n1,The envoy\n2,"), long(), strings.NewReader("\n3,The envoy\n")), []string{"1",
			"-:3: too long: the row has 52428803 bytes or more, the limit is 1048576 bytes (split it, or raise max_article_bytes in the configuration)", "3"}},
		{commas, io.MultiReader(strings.NewReader("id,text\n1,The envoy\n2,\""), long(), strings.NewReader("\"\n3,The envoy\n")), []string{"1",
			"-:3: too long: the row has 52428805 bytes or more, the limit is 1048576 bytes (split it, or raise max_article_bytes in the configuration)", "3"}},
		{text, long(), []string{
			"-: too long: the article goes on, the limit is 1048576 bytes (split it, or raise max_article_bytes in the configuration)"}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var got []string
		r := &run{ctx: context.Background(), fields: newFieldTable(Fields{}), max: limit, yield: func(item Item) error {
			if item.Doc != nil {
				got = append(got, item.Doc.ID)
			} else {
				got = append(got, item.Rejected.Error())
			}
			return nil
		}}
		if err := r.stream(source{path: "-", format: test.format}, test.stream); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16*limit {
			t.Errorf("allocated %d bytes", used)
		}
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestUnreadable(t *testing.T) {
	write(t, map[string]string{"corpus/a.txt": "The envoy.", "corpus/shut/b.txt": "x", "corpus/shut.txt": "x", "corpus/z.txt": "The envoy."})
	for _, name := range []string{"corpus/shut", "corpus/shut.txt"} {
		if err := os.Chmod(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod("corpus/shut", 0o755) })
	if _, err := os.ReadDir("corpus/shut"); err == nil {
		t.Skip("permissions do not bind this user")
	}
	want := []string{"corpus/a",
		"unreadable corpus/shut: cannot read: permission denied (grant read permission)",
		"unreadable corpus/shut.txt: cannot read: permission denied (grant read permission)",
		"corpus/z"}
	if diff := cmp.Diff(want, read(t, Options{}, "", "corpus")); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

// Whatever user runs it: a folder that cannot be listed costs only itself.
func TestFolderVanishes(t *testing.T) {
	write(t, map[string]string{"corpus/a.txt": "The envoy.", "corpus/b/c.txt": "x", "corpus/d.txt": "The envoy."})
	var got []string
	err := Read(context.Background(), []string{"corpus"}, nil, Options{}, func(item Item) error {
		if item.Rejected != nil {
			got = append(got, item.Rejected.Error())
			return nil
		}
		got = append(got, item.Doc.ID)
		return os.RemoveAll("corpus/b")
	})
	want := []string{"corpus/a", "corpus/b: cannot read: no such file or directory (check the file and the disk)", "corpus/d"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, items (-want +got):\n%s", err, diff)
	}
}

func TestUnreadableMessage(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: "corpus", Err: fs.ErrPermission}, "corpus: cannot read: permission denied (grant read permission)"},
		{errors.New("input/output error"), "corpus: cannot read: input/output error (check the file and the disk)"},
	} {
		if got := unreadable("corpus", test.err).Error(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// A disk that fails midway costs what was not read, not what was.
func TestReadError(t *testing.T) {
	for _, f := range []format{jsonLines, commas} {
		var got []string
		r := &run{ctx: context.Background(), fields: newFieldTable(Fields{}), max: 1000, yield: func(item Item) error {
			if item.Doc != nil {
				got = append(got, item.Doc.ID)
			} else {
				got = append(got, item.Rejected.Error())
			}
			return nil
		}}
		content := good + `{"text":`
		if f == commas {
			content = "id,text\ngood,The envoy\n3,\""
		}
		in := io.MultiReader(strings.NewReader(content), failing{})
		if err := r.stream(source{path: "disk", format: f}, in); err != nil {
			t.Fatal(err)
		}
		want := []string{"good", fmt.Sprintf("disk:%d: cannot read: input/output error (check the file and the disk)", 1+strings.Count(content, "\n"))}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestFolder(t *testing.T) {
	write(t, map[string]string{
		"corpus/b.txt":            "The envoy.",
		"corpus/a.jsonl.gz":       gz(good),
		"corpus/.hidden.txt":      "x",
		"corpus/.git/c.txt":       "x",
		"corpus/2017/april.1.txt": "The envoy.",
		"corpus/2017/c.TXT.zst":   zst("The envoy."),
		"corpus/d.tsv":            "id\ttext\nd\tThe envoy\n",
		"corpus/e.ndjson":         good,
		"corpus/photo.jpg":        "x",
		"corpus/page.json":        `{"articles":[{"id":"p1","text":"The envoy."},{"id":"p2","text":"The envoy."}]}`,
		"corpus/README":           "x",
		"other/x.txt":             "The envoy.",
	})
	for link, to := range map[string]string{"corpus/k.txt": "b.txt", "corpus/l.txt": "../other/x.txt", "corpus/m": "../other", "corpus/n.txt": "nowhere"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	unknown := func(path, ext string) string {
		return fmt.Sprintf("unknown_format %s: unknown format: no reader for the extension %q (convert it to one of %s, or leave it out with --exclude)", path, ext, knownFormats)
	}
	want := []string{"corpus/2017/april.1", "corpus/2017/c", unknown("corpus/README", ""), "good", "corpus/b", "d", "good",
		"corpus/k",
		"unsafe corpus/l.txt: not read: a link that leads out of the folder (name the file itself as another argument)",
		"unsafe corpus/m: not read: a link to a folder (name the folder itself as another argument)",
		"unreadable corpus/n.txt: cannot read: no such file or directory (check the file and the disk)",
		"p1", "p2", unknown("corpus/photo.jpg", ".jpg")}
	if diff := cmp.Diff(want, read(t, Options{}, "", "corpus")); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if got := read(t, Options{}, "", "corpus/b.txt", "corpus/2017/", "./corpus/2017/c.TXT.zst"); !slices.Equal(got,
		[]string{"b", "2017/april.1", "2017/c", "c"}) {
		t.Errorf("got %q", got)
	}
	t.Chdir("corpus/2017")
	if got := read(t, Options{}, "", "."); !slices.Equal(got, []string{"2017/april.1", "2017/c"}) {
		t.Errorf("got %q", got)
	}
}

func TestMissingPath(t *testing.T) {
	write(t, map[string]string{"a.txt": "x"})
	yield := func(Item) error { t.Error("read something"); return nil }
	err := Read(context.Background(), []string{"a.txt", "b.txt"}, nil, Options{}, yield)
	if want := "b.txt: cannot read: no such file or folder (check the path)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	err = Read(context.Background(), []string{"-", "-"}, nil, Options{}, yield)
	if want := "-: named twice: standard input can be read only once (name it once)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStandardInput(t *testing.T) {
	for _, test := range []struct {
		stdin string
		want  []string
	}{
		{good + good, []string{"good", "good"}},
		{"\n " + good, []string{"good"}},
		{bom + good, []string{"good"}},
		{gz(good), []string{"good"}},
		{zst(good), []string{"good"}},
		{"The envoy spoke.", []string{"stdin"}},
		{"x", []string{"stdin"}},
		{gz("The envoy spoke."), []string{"stdin"}},
		{"", []string{"empty -: empty: standard input holds nothing (fetch it again, or remove it)"}},
	} {
		if diff := cmp.Diff(test.want, read(t, Options{}, test.stdin, "-")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.stdin, diff)
		}
	}
}

// A file named on the command line is read whatever its extension.
func TestNamedFile(t *testing.T) {
	write(t, map[string]string{"article": "The envoy.", "dump.json": good, "dump.txt": gz("The envoy.")})
	if got := read(t, Options{}, "", "article", "dump.json", "dump.txt"); !slices.Equal(got, []string{"article", "good", "dump"}) {
		t.Errorf("got %q", got)
	}
}

func TestTitle(t *testing.T) {
	for _, test := range []struct{ text, title string }{
		{"The veto\n\nThe envoy spoke.", "The veto"},
		{"The veto\r\n\r\nThe envoy spoke.\r\n", "The veto"},
		{"  The veto \n \t\nThe envoy spoke.", "The veto"},
		{"\n\nThe veto\n\nThe envoy spoke.", "The veto"},
		{bom + "The veto\n\nThe envoy spoke.", "The veto"},
		{"The veto\nThe envoy spoke.\n\nMore.", ""},
		{"The envoy spoke.", ""},
		{"The envoy spoke.\n", ""},
		{strings.Repeat("The envoy spoke. ", 20) + "\n\nMore.", ""},
	} {
		docs := documents(t, Options{}, test.text, "-")
		if len(docs) != 1 {
			t.Fatalf("%q: %d documents", test.text, len(docs))
		}
		doc := docs[0]
		if doc.Title != test.title || doc.Text != strings.TrimPrefix(test.text, bom) {
			t.Errorf("%q: title %q, text %q", test.text, doc.Title, doc.Text)
		}
		if (len(doc.Regions) == 1) != (test.title != "") {
			t.Fatalf("%q: regions %v", test.text, doc.Regions)
		}
		if test.title != "" && (doc.Slice(doc.Regions[0].Span) != test.title || doc.Regions[0].Kind != corpus.Headline) {
			t.Errorf("%q: region %v", test.text, doc.Regions[0])
		}
		if doc.PublishedNote != "no date" {
			t.Errorf("%q: note %q", test.text, doc.PublishedNote)
		}
	}
}

func TestFields(t *testing.T) {
	line := func(d *corpus.Document) string {
		return strings.Join([]string{d.ID, d.Title, d.Text, d.Publisher, d.URL, d.Topic, d.Published.Format("2006-01-02")}, "|")
	}
	for _, test := range []struct {
		in     string
		fields Fields
		want   string
	}{
		{`{"id":12,"title":" T ","text":" x\n","publisher":"P","url":"U","topic":"C","published":"2017-04-07"}`, Fields{}, "12|T| x\n|P|U|C|2017-04-07"},
		{`{"_ID":"a","Headline":"T","BODY":"x","Outlet":"P","Link":"U","Section":"C","publishedAt":"2017-04-07T10:00:00Z"}`, Fields{}, "a|T|x|P|U|C|2017-04-07"},
		{`{"id":"a","body":"second","content":"first"}`, Fields{}, "a||first||||0001-01-01"},
		{`{"id":"a","text":"","content":null,"body":"x"}`, Fields{}, "a||x||||0001-01-01"},
		{`{"id":"a","TEXT":"upper","text":"lower"}`, Fields{}, "a||upper||||0001-01-01"},
		{`{"id":"a","text":"lower","TEXT":"upper"}`, Fields{}, "a||upper||||0001-01-01"},
		{`{"id":"a","text":"one","text":"two"}`, Fields{}, "a||two||||0001-01-01"},
		{`{"id":"a","text":"x","source":{"id":null,"name":"P"},"date":1491560130,"more":{"text":["}",{}]},"n":-1.5e3,"b":true}`, Fields{}, "a||x|P|||2017-04-07"},
		{`{"url":"U","artikel":"x"}`, Fields{ID: []string{"url"}, Text: []string{"Artikel"}}, "U||x||U||0001-01-01"},
		{`{"title":"T","text":"x"}`, Fields{}, "962ecd0e7ad22231|T|x||||0001-01-01"},
		{`{"id":"","text":"\u00e9\ud83d\ude00\ud83d\"\\\/\t"}`, Fields{ID: []string{"none"}}, "63a0b73b825080e5||é😀\ufffd\"\\/\t||||0001-01-01"},
	} {
		docs := documents(t, Options{Fields: test.fields}, test.in, "-")
		if len(docs) != 1 || line(docs[0]) != test.want {
			t.Errorf("%s: got %q, want %q", test.in, line(docs[0]), test.want)
		}
		if docs[0].Place != (corpus.Place{Path: "-", Line: 1}) {
			t.Errorf("%s: place %v", test.in, docs[0].Place)
		}
	}
}

func TestCSV(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"a.csv", "id,text,date\n1,\"The envoy, \"\"he\"\" said,\r\nspoke.\",2017-04-07\n\n2,He \"spoke\",\n", "1@2:The envoy, \"he\" said,\r\nspoke.;2@5:He \"spoke\";"},
		{"a.csv", bom + "ID;Text\r\n1;The envoy, too\r\n2;\"x\"\r\n", "1@2:The envoy, too;2@3:x;"},
		{"a.csv", "text\nThe envoy\n", "9d91ef8822c9170b@2:The envoy;"},
		{"a.tsv", "id\ttext\n1\tThe envoy, too\n", "1@2:The envoy, too;"},
		{"a.csv.gz", gz("id,text\n1,\"\"\"x\"\"\""), `1@2:"x";`},
	} {
		write(t, map[string]string{test.name: test.content})
		got := ""
		for _, d := range documents(t, Options{}, "", test.name) {
			got += fmt.Sprintf("%s@%d:%s;", d.ID, d.Place.Line, d.Text)
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.content, got, test.want)
		}
	}
}

func TestStops(t *testing.T) {
	full := errors.New("disk full")
	calls := 0
	err := Read(context.Background(), []string{"-"}, strings.NewReader(good+good), Options{}, func(Item) error { calls++; return full })
	if err != full || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls = 0
	err = Read(ctx, []string{"-"}, io.MultiReader(strings.NewReader(good), endless('x')), Options{}, func(Item) error { calls++; cancel(); return nil })
	if err != context.Canceled || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestDuplicate(t *testing.T) {
	doc := &corpus.Document{ID: "7", Place: corpus.Place{Path: "b.jsonl", Line: 3}}
	got := Duplicate(doc, corpus.Place{Path: "a.jsonl", Line: 1})
	want := `b.jsonl:3: duplicate id: "7" stands at a.jsonl:1 already (give every article an id of its own; the first was kept)`
	if got.Error() != want || got.ID != "7" || got.Reason != DuplicateID {
		t.Errorf("got %v, want %s", got, want)
	}
}
