package table

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/standpoint-news/standpoint/reports/disk"
)

var update = flag.Bool("update", false, "rewrite SCHEMA.md")

func TestMain(m *testing.M) {
	disk.NoSync = true
	os.Exit(m.Run())
}

// sample makes the batch of an invented article, the same for the same number.
func sample(n int) Batch {
	sentence := "Rosálind Achterberg said on Tuesday that “the raid on Asterhaven – a crime –” must end. "
	text := strings.Repeat("Märchenhaft quiet days. ", n%5) + strings.Repeat(sentence, 1+n%3)
	b := Batch{Article: ArticleRow{
		ID: fmt.Sprintf("article-%04d", n), Title: "Raid", Text: text, Publisher: []string{"The Brindle Post", "Köhlerblatt"}[n%2],
		URL: fmt.Sprintf("https://brindle.example/%d", n), Relevant: true,
		Words: int32(len(strings.Fields(text))), Sentences: int32(strings.Count(text, ".")),
	}}
	if n%7 == 0 {
		b.Article.PublishedNote = "no date given"
	} else {
		b.Article.Published = Millis(time.Date(2031, 3, 1+n%40, n%24, 30, 15, 0, time.UTC))
	}
	from := 0
	for i := range 1 + n%3 {
		at := from + strings.Index(text[from:], sentence)
		from = at + len(sentence)
		find := func(words string) (start, end, byteStart, byteEnd int32) {
			byteStart = int32(at + strings.Index(sentence, words))
			start = int32(utf8.RuneCountInString(text[:byteStart]))
			return start, start + int32(utf8.RuneCountInString(words)), byteStart, byteStart + int32(len(words))
		}
		s := StatementRow{
			ID: fmt.Sprintf("%s/%d", b.Article.ID, i), Ordinal: int32(i), Kind: "mixed", Region: "body",
			SourceText: "Rosálind Achterberg", CueText: "said", CueLemma: "say", ContentText: "that “the raid on Asterhaven … must end",
			Context: strings.TrimSuffix(sentence, " "), Confidence: 0.9, SpeakerConfidence: 0.8,
		}
		s.ContextStart = int32(utf8.RuneCountInString(text[:at]))
		add := func(words string, starts, ends, byteStarts, byteEnds *[]int32) {
			a, b, c, d := find(words)
			*starts, *ends = append(*starts, a), append(*ends, b)
			*byteStarts, *byteEnds = append(*byteStarts, c), append(*byteEnds, d)
		}
		add("Rosálind Achterberg", &s.SourceStarts, &s.SourceEnds, &s.SourceByteStarts, &s.SourceByteEnds)
		add("said", &s.CueStarts, &s.CueEnds, &s.CueByteStarts, &s.CueByteEnds)
		add("that “the raid on Asterhaven", &s.ContentStarts, &s.ContentEnds, &s.ContentByteStarts, &s.ContentByteEnds)
		add("must end", &s.ContentStarts, &s.ContentEnds, &s.ContentByteStarts, &s.ContentByteEnds)
		if n%4 == 3 {
			s.SpeakerNote = "two candidates are too close"
			s.CandidateNames, s.CandidateConfidences = []string{"Rosálind Achterberg", "Ida Quill"}, []float64{0.5, 0.4}
		} else {
			id, name, kind, how := "person:rosalind-achterberg", "Rosálind Achterberg", "person", "name"
			if n%5 == 1 {
				name = "Achterberg"
			}
			s.SpeakerID, s.SpeakerName, s.SpeakerType, s.Resolution = &id, &name, &kind, &how
			b.Aliases = map[string][]string{id: {"Minister Achterberg"}}
		}
		b.Statements = append(b.Statements, s)
		st := StanceRow{
			ID: s.ID + "/raid", StatementID: s.ID, Target: "raid", MentionText: "the raid", EvidenceText: "a crime",
			Score: -float64(n%10) / 10, Label: "against", Confidence: 0.7,
		}
		if n%6 == 0 {
			st.Label = "abstain"
		}
		st.MentionStart, st.MentionEnd, st.MentionByteStart, st.MentionByteEnd = find("the raid")
		st.EvidenceStart, st.EvidenceEnd, st.EvidenceByteStart, st.EvidenceByteEnd = find("a crime")
		b.Stances = append(b.Stances, st)
	}
	return b
}

// finish marks every fifth article a copy of the first.
var finish = Finish{
	Amend: func(b *Batch) {
		var n int
		fmt.Sscanf(b.Article.ID, "article-%d", &n)
		if n%5 == 4 {
			of := "article-0000"
			b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = Duplicate, &of, "near"
		}
	},
	Info: func(Counts) RunInfo {
		return RunInfo{Version: "test", Targets: []Target{{"raid", "the raid on Asterhaven", "action"}},
			ModelsSHA256: map[string]string{}, InputsSHA256: map[string]string{}}
	},
	Report: func(night Written) error {
		dir := night.Dir
		if err := os.Mkdir(filepath.Join(dir, "report"), 0o777); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "report", "index.html"), []byte("<!doctype html>"), 0o666)
	},
}

// content stands for the Digest of a batch's article.
func content(b *Batch) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q", b.Article.ID, b.Article.Title, b.Article.Text))
}

// add adds a batch as a run does: as an earlier one analysed it, where one did.
func add(w *Writer, b Batch) error {
	if known, err := w.Reuse(b.Article.ID, content(&b)); known != nil || err != nil {
		return err
	}
	return w.Add(b, content(&b))
}

// write runs the writer over the numbered samples in the given order.
func write(t testing.TB, out string, numbers []int) RunInfo {
	t.Helper()
	w, err := Create(out, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for part := range 3 {
		all.Go(func() {
			for i, n := range numbers {
				if i%3 == part {
					if err := add(w, sample(n)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	for _, i := range rand.Perm(3) {
		w.Quarantine(QuarantineRow{Path: "feed.jsonl", Line: int32(i + 1), Reason: "json", Message: "cut in half", Mend: "mend it"})
	}
	info, err := w.Finish(finish)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// tree maps the files under dir to hashes of what they hold.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRoundTrip(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	const n = 200
	info := write(t, out, numbers(n))

	want := make(map[string]Batch)
	for i := range n {
		b := sample(i)
		b.Article.Status = Analysed
		finish.Amend(&b)
		want[b.Article.ID] = b
	}
	articles := must[[]ArticleRow](t)(Read[ArticleRow](out))
	statements := must[[]StatementRow](t)(Read[StatementRow](out))
	stances := must[[]StanceRow](t)(Read[StanceRow](out))
	if len(articles) != n {
		t.Fatalf("%d articles, want %d", len(articles), n)
	}
	var gotStatements, gotStances int
	for _, a := range articles {
		b := want[a.ID]
		sum := sha256.Sum256([]byte(a.Text))
		b.Article.TextSHA256 = hex.EncodeToString(sum[:])
		b.Article.Statements, b.Article.Stances = int32(len(b.Statements)), int32(len(b.Stances))
		if diff := cmp.Diff(b.Article, a); diff != "" {
			t.Fatalf("article (-want +got):\n%s", diff)
		}
		gotStatements += len(b.Statements)
		gotStances += len(b.Stances)
	}
	for i, s := range statements {
		b := want[s.ArticleID]
		w := b.Statements[s.Ordinal]
		w.ArticleID, w.Published, w.Publisher, w.Duplicate = b.Article.ID, b.Article.Published, b.Article.Publisher, b.Article.Status == Duplicate
		if w.SpeakerName != nil {
			name := "Rosálind Achterberg" // the name given most often
			w.SpeakerName = &name
		}
		if diff := cmp.Diff(w, s, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("statement %d (-want +got):\n%s", i, diff)
		}
		if got := stances[i]; got.StatementID != s.ID || got.Kind != "mixed" || got.Duplicate != s.Duplicate || !cmp.Equal(got.SpeakerID, s.SpeakerID) {
			t.Fatalf("stance %d does not follow its statement: %+v", i, got)
		}
	}
	for i := 1; i < n; i++ {
		a, b := articles[i-1], articles[i]
		if b.Published != nil && (a.Published == nil || Time(a.Published).Format(time.DateOnly) > Time(b.Published).Format(time.DateOnly)) {
			t.Fatalf("articles %d and %d are out of order", i-1, i)
		}
	}

	speakers := must[[]SpeakerRow](t)(Read[SpeakerRow](out))
	if len(speakers) != 1 || speakers[0].Name != "Rosálind Achterberg" ||
		!cmp.Equal(speakers[0].Aliases, []string{"Achterberg", "Minister Achterberg"}) {
		t.Errorf("speakers: %+v", speakers)
	}
	summary := must[[]SummaryRow](t)(Read[SummaryRow](out))
	var all int32
	for _, row := range summary {
		if row.Period == "all" {
			all += row.NFor + row.NAgainst + row.NNeither + row.NAbstain
		}
		if (row.PeriodStart != nil) != strings.HasPrefix(row.Period, "2031-") {
			t.Errorf("period %q starts at %v", row.Period, row.PeriodStart)
		}
	}
	var counted int32
	for _, s := range stances {
		if !s.Duplicate {
			counted++
		}
	}
	if all != counted {
		t.Errorf("summary holds %d stances, want %d", all, counted)
	}
	if q := must[[]QuarantineRow](t)(Read[QuarantineRow](out)); len(q) != 3 || q[0].Line != 1 || q[2].Line != 3 {
		t.Errorf("quarantine: %+v", q)
	}

	wantCounts := Counts{In: n + 3, Analysed: n - n/5, Duplicates: n / 5, Quarantined: 3, Relevant: n,
		Statements: gotStatements, Stances: gotStances, Speakers: 1}
	for _, s := range statements {
		if s.SpeakerID == nil {
			wantCounts.SpeakersAbstained++
		}
	}
	for _, s := range stances {
		if s.Label == "abstain" {
			wantCounts.Abstained++
		}
	}
	if diff := cmp.Diff(wantCounts, info.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(info, must[RunInfo](t)(ReadRun(out))); diff != "" {
		t.Errorf("run.json (-returned +read):\n%s", diff)
	}
	for _, name := range []string{"_SUCCESS", "report/index.html"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(left) != 2 {
		t.Errorf("beside the output: %v, want its state alone", left)
	}
}

func TestSameBytesInAnyOrder(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	list := numbers(120)
	write(t, a, list)
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	write(t, b, list)
	if diff := cmp.Diff(tree(t, a), tree(t, b)); diff != "" {
		t.Errorf("files differ (-in order +shuffled):\n%s", diff)
	}
}

func TestEmptyRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "deep", "out")
	w := must[*Writer](t)(Create(out, Options{}))
	must[RunInfo](t)(w.Finish(Finish{}))
	if rows := must[[]StatementRow](t)(Read[StatementRow](out)); len(rows) != 0 {
		t.Errorf("%d rows in an empty run", len(rows))
	}
	if rows := must[[]SummaryRow](t)(Read[SummaryRow](out)); len(rows) != 0 {
		t.Errorf("%d rows in an empty run", len(rows))
	}
}

func TestHostileRows(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	w := must[*Writer](t)(Create(out, Options{}))
	long := strings.Repeat("ü", 3<<20) // several pages' worth in one value
	odd := Batch{Article: ArticleRow{ID: "odd", Title: "\xff\x00 broken", Text: long}}
	if err := add(w, odd); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]Batch{
		"met before":   odd,
		"lacks":        {Article: ArticleRow{ID: "1"}, Stances: []StanceRow{{StatementID: "none"}}},
		"with the id":  {Article: ArticleRow{ID: "2"}, Statements: []StatementRow{{ID: "s"}, {ID: "s"}}},
		"NaN":          {Article: ArticleRow{ID: "3"}, Statements: []StatementRow{{ID: "s", Confidence: math.NaN()}}},
		"outside of -": {Article: ArticleRow{ID: "4"}, Statements: []StatementRow{{ID: "s"}}, Stances: []StanceRow{{StatementID: "s", Label: "for", Score: 2}}},
		"label":        {Article: ArticleRow{ID: "5"}, Statements: []StatementRow{{ID: "s"}}, Stances: []StanceRow{{StatementID: "s", Label: "pro"}}},
	} {
		if err := add(w, bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must[RunInfo](t)(w.Finish(Finish{}))
	rows := must[[]ArticleRow](t)(Read[ArticleRow](out))
	if len(rows) != 1 || rows[0].Text != long || !utf8.ValidString(rows[0].Title) {
		t.Errorf("%d rows, title %q", len(rows), rows[0].Title)
	}
	if err := add(w, Batch{}); err == nil {
		t.Error("Add after Finish: no error")
	}
}

func TestOutputFolder(t *testing.T) {
	tests := []struct {
		name  string
		setup func(t *testing.T, out string)
		want  string // in the error; "" for none
	}{
		{"absent", func(*testing.T, string) {}, ""},
		{"empty", func(t *testing.T, out string) { mkdir(t, out) }, ""},
		{"ours", func(t *testing.T, out string) { write(t, out, numbers(3)) }, ""},
		{"a file", func(t *testing.T, out string) { put(t, out, "notes") }, "not an output folder of standpoint"},
		{"somebody's folder", func(t *testing.T, out string) { put(t, filepath.Join(out, "thesis.docx"), "years") },
			`it holds "thesis.docx" and no run.json (choose another --out, or empty it)`},
		{"another tool's", func(t *testing.T, out string) { put(t, filepath.Join(out, "run.json"), `{"tool":"other"}`) }, `of the tool "other"`},
		{"broken run.json", func(t *testing.T, out string) { put(t, filepath.Join(out, "run.json"), `{"tool":`) }, "cannot be read"},
		{"state in the way", func(t *testing.T, out string) { put(t, filepath.Join(out+".state", "mine"), "x") }, "in the way"},
		{"run cut off", func(t *testing.T, out string) {
			write(t, out, numbers(3))
			put(t, filepath.Join(out+".state", partialDir, "articles", "half"), "x")
		}, ""},
		{"under way", func(t *testing.T, out string) {
			w := must[*Writer](t)(Create(out, Options{}))
			t.Cleanup(func() { w.Abort() })
		}, "is writing there"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			test.setup(t, out)
			before := tree(t, dir)
			w, err := Create(out, Options{})
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := w.Abort(); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			after := tree(t, dir)
			for name := range after { // who waits may have made the lock, and asks who has it
				if strings.HasSuffix(name, filepath.Join(".state", lockName)) {
					delete(before, name)
					delete(after, name)
				}
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("touched (-before +after):\n%s", diff)
			}
		})
	}
}

func TestEarlierRun(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	write(t, out, numbers(10))
	put(t, filepath.Join(out, "analysis.ipynb"), "a notebook of the user's")
	before := tree(t, out)

	same := func(what string) {
		t.Helper()
		if diff := cmp.Diff(before, tree(t, out)); diff != "" {
			t.Errorf("%s: the earlier run changed (-before +after):\n%s", what, diff)
		}
		if exists(filepath.Join(out+".state", partialDir)) {
			t.Errorf("%s: the partial folder was left behind", what)
		}
	}
	w := must[*Writer](t)(Create(out, Options{}))
	add(w, sample(1))
	if diff := cmp.Diff(before, tree(t, out)); diff != "" {
		t.Errorf("the earlier run changed before Finish:\n%s", diff)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	same("abort")

	w = must[*Writer](t)(Create(out, Options{}))
	add(w, sample(1))
	broken := errors.New("disk full")
	if _, err := w.Finish(Finish{Report: func(Written) error { return broken }}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	same("report fails")

	w = must[*Writer](t)(Create(out, Options{}))
	add(w, sample(11))
	if err := os.Truncate(filepath.Join(out+".state", storeDir, "00000002.log"), 0); err == nil {
		w.store.Sync()
		os.Truncate(filepath.Join(out+".state", storeDir, "00000002.log"), 30)
	}
	if _, err := w.Finish(Finish{}); err == nil || !strings.Contains(err.Error(), "is lost") {
		t.Errorf("record lost: %v", err)
	}
	same("record lost")

	write(t, out, numbers(4))
	if rows := must[[]ArticleRow](t)(Read[ArticleRow](out)); len(rows) != 4 {
		t.Errorf("%d articles after the second run, want 4", len(rows))
	}
	if got, err := os.ReadFile(filepath.Join(out, "analysis.ipynb")); err != nil || string(got) != "a notebook of the user's" {
		t.Errorf("the user's own file is gone: %v", err)
	}
	if exists(filepath.Join(out+".state", partialDir)) {
		t.Error("the partial folder was left behind")
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read[StanceRow](dir); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadRun(dir); err == nil {
		t.Error("no run.json: no error")
	}
	out := filepath.Join(dir, "out")
	write(t, out, numbers(3))
	path := filepath.Join(out, "speakers", "part-0000.parquet")
	data := must[[]byte](t)(os.ReadFile(path))
	for _, cut := range []int{0, 3, 4, len(data) / 2, len(data) - 1} {
		put(t, path, string(data[:cut]))
		if _, err := Read[SpeakerRow](out); err == nil || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("cut at %d: got %v", cut, err)
		}
	}
}

// FuzzSpool holds the spool to giving back what it took.
func FuzzSpool(f *testing.F) {
	f.Add("id", "text", int32(7), int64(-1), 0.5, "")
	f.Add("", "\xff“ü", int32(-1<<31), int64(1)<<62, math.Copysign(0, -1), "x")
	f.Fuzz(func(t *testing.T, id, text string, n int32, ms int64, x float64, of string) {
		b := Batch{Article: ArticleRow{ID: id, Text: text, Words: n, Published: &ms, Relevant: n > 0}}
		if of != "" {
			b.Article.DuplicateOf = &of
			b.Aliases = map[string][]string{of: {id, text}, "other": nil}
		}
		b.Lines, b.Sketch = []int64{ms, 0}, []byte{byte(n), 0xff, 0}
		b.Stances = []StanceRow{{StatementID: id, Score: x, EvidenceText: text}}
		b.Statements = []StatementRow{{ID: id, Confidence: x, SourceStarts: []int32{n, 0, -n}, CandidateConfidences: []float64{x}, CandidateNames: []string{text}}}
		record, err := encode(&b)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			if err == nil {
				t.Errorf("%v: no error", x)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(record)
		if err != nil {
			t.Fatal(err)
		}
		cleaned := cmp.Transformer("clean", clean)
		if utf8.ValidString(of) { // else as a key it is another
			if diff := cmp.Diff(&b, got, cleaned, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-put in +given back):\n%s", diff)
			}
			got, err := decodeOutline(record)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(outline(&b), got, cleaned, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("outline (-put in +given back):\n%s", diff)
			}
		}
		if len(record) > 0 {
			if _, err := decode(record[:len(record)-1]); err == nil {
				t.Error("cut record: no error")
			}
		}
	})
}

func mkdir(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, path, content string) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkDays writes a run of one small article a day over 2,500 days.
func BenchmarkDays(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		out := filepath.Join(b.TempDir(), "out")
		w, err := Create(out, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for i := range 2500 {
			batch := sample(i)
			batch.Article.Published = Millis(time.Date(2020, 1, 1+i, 0, 0, 0, 0, time.UTC))
			if err := add(w, batch); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Finish(Finish{}); err != nil {
			b.Fatal(err)
		}
	}
}
