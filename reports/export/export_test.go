package export

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/reports/table"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// run writes the tables of two invented articles, one a copy: emoji, CRLF, a
// name that is a formula, a statement in two pieces across a line end.
func run(t testing.TB) string {
	t.Helper()
	const text = "😀 Ida Quill said “the raid\r\nmust end” and wept. Nobody said more."
	find := func(words string) (a, b, byteA, byteB int32) {
		at := strings.Index(text, words)
		a = int32(utf8.RuneCountInString(text[:at]))
		return a, a + int32(utf8.RuneCountInString(words)), int32(at), int32(at + len(words))
	}
	batch := func(id string) table.Batch {
		who, name, kind, how := "person:ida-quill", "=Ida Quill", "person", "name"
		b := table.Batch{Article: table.ArticleRow{ID: id, Title: "-Raid", Text: text, Publisher: "Aster Gazette",
			Published: table.Millis(time.Date(2031, 3, 4, 5, 6, 7, 0, time.UTC)), Relevant: true}}
		s := table.StatementRow{ID: id + "#1", Kind: "mixed", Region: "body", SourceText: "Ida Quill", CueText: "said", CueLemma: "say",
			ContentText: "the raid\r\nmust end … wept", Context: text, Confidence: 0.5, SpeakerConfidence: 0.75, SpeakerID: &who, SpeakerName: &name, SpeakerType: &kind, Resolution: &how}
		add := func(words string, starts, ends, byteStarts, byteEnds *[]int32) {
			a, b, c, d := find(words)
			*starts, *ends, *byteStarts, *byteEnds = append(*starts, a), append(*ends, b), append(*byteStarts, c), append(*byteEnds, d)
		}
		add("Ida Quill", &s.SourceStarts, &s.SourceEnds, &s.SourceByteStarts, &s.SourceByteEnds)
		add("said", &s.CueStarts, &s.CueEnds, &s.CueByteStarts, &s.CueByteEnds)
		add("the raid\r\nmust end", &s.ContentStarts, &s.ContentEnds, &s.ContentByteStarts, &s.ContentByteEnds)
		add("wept", &s.ContentStarts, &s.ContentEnds, &s.ContentByteStarts, &s.ContentByteEnds)
		st := table.StanceRow{ID: s.ID + "/1", StatementID: s.ID, Target: "raid", MentionText: "the raid", EvidenceText: "must end", Score: -0.5, Label: "against", Confidence: 0.5}
		st.MentionStart, st.MentionEnd, st.MentionByteStart, st.MentionByteEnd = find("the raid")
		st.EvidenceStart, st.EvidenceEnd, st.EvidenceByteStart, st.EvidenceByteEnd = find("must end")
		b.Statements, b.Stances = []table.StatementRow{s}, []table.StanceRow{st}
		return b
	}
	out := filepath.Join(t.TempDir(), "out")
	w, err := table.Create(out, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"gull/1", "gull-2"} {
		if err := w.Add(batch(id), sha256.Sum256([]byte(id))); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.Finish(table.Finish{
		Amend: func(b *table.Batch) {
			if of := "gull/1"; b.Article.ID == "gull-2" {
				b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = table.Duplicate, &of, "exact"
			}
		},
		Info: func(table.Counts) table.RunInfo {
			return table.RunInfo{Version: "test", Targets: []table.Target{{ID: "raid", Name: "the raid", Kind: "action"}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGolden holds every format to a file that was read through.
func TestGolden(t *testing.T) {
	dir := run(t)
	for _, f := range Formats {
		out := filepath.Join(t.TempDir(), f.Name)
		if err := Write(dir, f.Name, out); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		err := filepath.WalkDir(out, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			name, _ := filepath.Rel(out, path)
			if name != table.PackageFile { // it follows from the schema
				got[filepath.ToSlash(name)] = string(data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", f.Name+".json")
		if *update {
			if err := os.WriteFile(golden, append(data, '\n'), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(data)+"\n"); diff != "" {
			t.Errorf("%s differs (run with -update and read the difference):\n%s", f.Name, diff)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	dir := run(t)
	if err := Write(dir, "excel", t.TempDir()); err == nil || !strings.Contains(err.Error(), `unknown format "excel"`) {
		t.Error(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "csv", full); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Error(err)
	}
	if err := Write(full, "csv", filepath.Join(t.TempDir(), "y")); err == nil {
		t.Error("a folder without tables was exported")
	}
}

// TestNoFormula reads the sheets as a spreadsheet would, cut at commas or at
// semicolons, and finds no cell of text that begins like a formula.
func TestNoFormula(t *testing.T) {
	out := filepath.Join(t.TempDir(), "csv")
	if err := Write(run(t), "csv", out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"articles", "statements", "stances", "speakers", "summary"} {
		file, err := os.Open(filepath.Join(out, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		columns := table.CurrentSchema().Of(name).Columns
		for _, row := range rows[1:] {
			for i, cell := range row {
				if columns[i].Type == "string" && strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") {
					t.Errorf("%s.%s: %q", name, columns[i].Name, cell)
				}
			}
		}
	}
}

func TestFileName(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"gull-1", "gull/1", "../gull-1", "", ".", "a b", "A b", strings.Repeat("x", 300), strings.Repeat("x", 301), "漢字", "gull-1\x00"} {
		name := fileName(id)
		if len(name) > 80 || strings.ContainsAny(name, "/\\. \x00") {
			t.Errorf("%q became %q", id, name)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%q and %q share the name %q", id, other, name)
		}
		seen[name] = id
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a\r\nb\u2028c", 0, 5)
	f.Add("\n\n", 0, 2)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		r := reading{runes: []rune(text)}
		if start < 0 || end < start || end > len(r.runes) {
			return
		}
		last := start
		for _, s := range r.lines([]span{{start, end}}) {
			if s.start < last || s.end <= s.start || s.end > end {
				t.Fatalf("%v of %d to %d", s, start, end)
			}
			if strings.ContainsAny(r.cut(s), lineEnds) {
				t.Errorf("%q holds a line end", r.cut(s))
			}
			last = s.end
		}
		units := utf16Offsets(r.runes)
		if len(units) != len(r.runes)+1 {
			t.Error("an offset too many or too few")
		}
	})
}

// TestJavaText holds that every code point is where a Java editor has it.
func TestJavaText(t *testing.T) {
	text, units := javaText([]rune("😀 a\r\nb\rc\x00d\n"))
	if want := "😀 a\nb\ncd\n"; text != want {
		t.Errorf("text %q, want %q", text, want)
	}
	if diff := cmp.Diff([]int{0, 2, 3, 4, 4, 5, 6, 7, 8, 8, 9, 10}, units); diff != "" {
		t.Error(diff)
	}
}
