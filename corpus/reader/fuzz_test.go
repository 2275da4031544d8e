package reader

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

// collect reads a stream and checks what holds for any input.
func collect(t *testing.T, f format, in []byte, limit int) []Item {
	t.Helper()
	return collectFrom(t, source{path: "-", id: "stdin", format: f, named: true}, in, limit)
}

func collectFrom(t *testing.T, s source, in []byte, limit int) []Item {
	t.Helper()
	var items []Item
	r := &run{ctx: context.Background(), fields: newFieldTable(Fields{}), max: limit, yield: func(item Item) error {
		items = append(items, item)
		return nil
	}}
	if err := r.stream(s, bytes.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if len(items) == 0 {
		t.Fatal("nothing came of the input")
	}
	for _, item := range items {
		if (item.Doc == nil) == (item.Rejected == nil) {
			t.Fatalf("item %+v", item)
		}
		if d := item.Doc; d != nil {
			if d.ID == "" || strings.TrimSpace(d.Text) == "" || !utf8.ValidString(d.Text) || strings.Contains(d.Text, "\x00") || len(d.Text) > 3*limit {
				t.Fatalf("document %+v", d)
			}
			for _, region := range d.Regions {
				if d.Slice(region.Span) != d.Title {
					t.Fatalf("region %v of %q", region, d.Text)
				}
			}
		} else if r := item.Rejected; r.Reason == "" || r.Message == "" || r.Mend == "" || !strings.HasPrefix(r.Place.Path, "-") || !slices.Contains(documented, r.Reason) {
			t.Fatalf("rejection %+v", r)
		}
	}
	return items
}

func FuzzStream(f *testing.F) {
	for _, seed := range []string{good, "The veto\n\nThe envoy spoke.", "id,text\n1,x\n", gz(good), zst(good), bom + good, "\xff\xfe", "[", "\x00", "\xa0"} {
		for form := range byte(tarFile + 1) {
			f.Add(form, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, form byte, in []byte) {
		collect(t, format(form%byte(tarFile+1)), in, 200)
	})
}

// samples holds a sound file of each format, for fuzzing and mutation.
func samples() map[format][]string {
	out := map[format][]string{
		text:       {"The veto\n\nPublished: 7 April 2031\n\n" + strings.Join(prose, "\n")},
		jsonLines:  {good + good},
		commas:     {"id,text,date\n1,\"The \"\"envoy\"\"\",2031-04-07\n2,Roth,\n"},
		tabs:       {"id\ttext\n1\tThe envoy\n"},
		jsonValues: {"[{\"id\":\"a\",\"text\":\"The envoy\"},\n{\"id\":\"b\",\"text\":\"Roth\"}]", `{"response":{"docs":[{"text":"x"}]}}`},
		htmlPage:   {htmlPageOf(prose...), `<html><script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","headline":"x","datePublished":"2031-04-07","articleBody":"The envoy."}]}</script><table><td><p>x<br>y</table>`},
		xmlItem:    {newsML, nitfHead + `<body.content><p>The envoy.</p></body.content></body></nitf>`},
		warcFile:   {warcOf("request", "x", "response", response("200 OK", "text/html", htmlPageOf(prose...)), "response", response("200 OK", "text/plain", gz("The envoy.")))},
		docxFile:   {word(nexis...)},
		zipFile:    {zipped("a.txt", "The envoy.", "b.jsonl.gz", gz(good), "c.docx", word("Roth left."))},
		tarFile:    {tarred("a.txt", "The envoy.", "c.zip", zipped("x.csv", "text\nRoth\n"))},
		sniffed:    {gz(good), zst(good), xzed(good), bzipped, gz(gz(good))},
	}
	tables, _ := filepath.Glob("testdata/parquet/*.parquet")
	for _, name := range tables {
		data, _ := os.ReadFile(name)
		out[parquetFile] = append(out[parquetFile], string(data))
	}
	return out
}

func fuzzFormat(f *testing.F, form format) {
	for _, seed := range samples()[form] {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) { collect(t, form, in, 1<<20) })
}

func FuzzJSON(f *testing.F)    { fuzzFormat(f, jsonValues) }
func FuzzHTML(f *testing.F)    { fuzzFormat(f, htmlPage) }
func FuzzXML(f *testing.F)     { fuzzFormat(f, xmlItem) }
func FuzzWARC(f *testing.F)    { fuzzFormat(f, warcFile) }
func FuzzDOCX(f *testing.F)    { fuzzFormat(f, docxFile) }
func FuzzZIP(f *testing.F)     { fuzzFormat(f, zipFile) }
func FuzzTar(f *testing.F)     { fuzzFormat(f, tarFile) }
func FuzzParquet(f *testing.F) { fuzzFormat(f, parquetFile) }
func FuzzPacked(f *testing.F)  { fuzzFormat(f, sniffed) }

func FuzzBrotli(f *testing.F) {
	for _, seed := range []string{good, "", strings.Repeat(good, 40)} {
		f.Add([]byte(brotlied(seed)))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		collectFrom(t, source{path: "-", id: "stdin", format: jsonLines, named: true, compressed: brotliExtension}, in, 1<<20)
	})
}

// Damaged files of every format are refused with a reason, or read; nothing
// crashes and nothing takes long. STANDPOINT_MUTATIONS sets how many of each.
func TestMutations(t *testing.T) {
	n := 100
	if s := os.Getenv("STANDPOINT_MUTATIONS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	all := samples()
	for form := range tarFile + 1 {
		t.Run(form.String(), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(form), 7))
			for i := range n {
				in := []byte(all[form][i%len(all[form])])
				for range 1 + random.IntN(4) {
					at := random.IntN(len(in))
					switch random.IntN(6) {
					case 0:
						in[at] = byte(random.IntN(256))
					case 1:
						in[at] ^= 1 << random.IntN(8)
					case 2:
						in = in[:at+1]
					case 3:
						end := at + random.IntN(min(64, len(in)-at))
						in = append(in[:end:end], in[at:]...) // a piece twice
					case 4:
						end := at + random.IntN(min(64, len(in)-at))
						in = append(in[:at:at], in[end:]...)
					case 5:
						for j := range min(4, len(in)-at) {
							in[at+j] = 0xff
						}
					}
					if len(in) == 0 {
						in = []byte("x")
					}
				}
				collect(t, form, in, 1<<20)
			}
		})
	}
}

// What encoding/json takes for an object gives the same article as it would.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{good, `{"id":1,"text":"\u00e9\ud83d\ude00\ud83d\"\\\/\b\f\n\r\t"}`, `{"text":["}",{"a":"\\\""}],"body":"x","n":-1.5e3 , "b" : true}`,
		`{"text":"x","source":{"id":null,"name":"P"}}`, `{}`, `{"a":{}`, "{\"text\":\"\xff\"}", `{"TEXT":"\\","text":"\\\\"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.Map(func(r rune) rune {
			if r == '\n' {
				return ' '
			}
			return r
		}, line)
		if trimmed := strings.Trim(line, jsonSpace); trimmed == "" || trimmed[0] == '[' || strings.HasPrefix(line, bom) {
			return // an array is read by another reader
		}
		var object map[string]json.RawMessage
		valid := utf8.ValidString(line) && json.Unmarshal([]byte(line), &object) == nil && object != nil
		if valid {
			var names []string
			trimmed := bytes.Trim([]byte(line), jsonSpace)
			got := map[string]string{}
			eachMember(trimmed, func(name string, value []byte) {
				names = append(names, name)
				got[name] = string(value)
			})
			want := map[string]string{}
			for name, raw := range object {
				want[name] = string(raw)
				var s string
				if raw[0] == '"' && json.Unmarshal(raw, &s) == nil && unquote(raw) != s {
					t.Fatalf("unquote(%s) = %q, want %q", raw, unquote(raw), s)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("members %q of %s (-want +got):\n%s", names, line, diff)
			}
		}
		items := collect(t, jsonLines, []byte(line), 1<<20)
		if len(items) != 1 {
			t.Fatalf("%d items of one line", len(items))
		}
		r := items[0].Rejected
		broken := r != nil && (r.Reason == MalformedJSON || r.Reason == Encoding || strings.Contains(line, "\x00"))
		if valid == broken {
			t.Fatalf("%s: valid %v, but %v", line, valid, r)
		}
	})
}

// What encoding/csv reads without complaint divides into the same rows.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"id,text\n1,\"The \"\"envoy\"\",\nspoke\"\n\n2,x\n", "text\n\"open\nx\n", "a\"b,c\n", "text\n\"a\"b\n\"c\"", "text\n\"\"\"\n", ","} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		collect(t, commas, []byte(in), 200)

		if strings.Contains(in, "\r") {
			return // encoding/csv rewrites line ends
		}
		std := csv.NewReader(strings.NewReader(in))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		if err != nil {
			return
		}
		rows := &csvRows{lines: lines{b: bufio.NewReader(strings.NewReader(in)), max: 1 << 20}, delim: ','}
		for i := 0; ; i++ {
			row, err := rows.next()
			if err == io.EOF && allBlank(want[i:]) {
				return
			}
			for i < len(want) && allBlank(want[i:i+1]) && !cmp.Equal(row, want[i]) {
				want = append(want[:i], want[i+1:]...) // a line of white space alone
			}
			if err != nil || i >= len(want) || !cmp.Equal(row, want[i]) {
				t.Fatalf("row %d of %q: %q %v, want %q", i, in, row, err, want[i:])
			}
		}
	})
}

func allBlank(rows [][]string) bool {
	for _, row := range rows {
		if len(row) > 1 || strings.TrimSpace(row[0]) != "" {
			return false
		}
	}
	return true
}

func FuzzTitleLine(f *testing.F) {
	f.Add("The veto\n\nThe envoy spoke.")
	f.Add("\n \n")
	f.Add("a\r\n\r\nb")
	f.Fuzz(func(t *testing.T, text string) {
		span, ok := titleLine(text)
		if !ok {
			return
		}
		doc := corpus.Document{Text: text}
		title := doc.Slice(span)
		if strings.Contains(title, "\n") || utf8.RuneCountInString(title) > maxTitle {
			t.Fatalf("title %q of %q", title, text)
		}
	})
}
