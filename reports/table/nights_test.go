package table

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/reports/disk"
)

// night runs the writer over samples; those that revised says come with another
// text.
func night(t testing.TB, out string, list []int, revised map[int]bool, opt Options) (RunInfo, error) {
	t.Helper()
	w, err := Create(out, opt)
	if err != nil {
		return RunInfo{}, err
	}
	defer w.Abort()
	for _, n := range list {
		b := sample(n)
		if n >= 1000 { // of one day
			b.Article.Published, b.Article.PublishedNote = Millis(time.Date(2031, 5, 1, n%24, 0, 0, 0, time.UTC)), ""
		}
		if revised[n] {
			b.Article.Text += " Revised."
		}
		if err := add(w, b); err != nil {
			return RunInfo{}, err
		}
	}
	w.Quarantine(QuarantineRow{Path: "feed.jsonl", Line: 1, Reason: "json", Message: "cut in half", Mend: "mend it"})
	return w.Finish(finish)
}

// rows are the rows of all tables in one order, whatever files they lie in.
func rows(t testing.TB, out string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range must[[]ArticleRow](t)(Read[ArticleRow](out)) {
		all["article "+r.ID] = fmt.Sprintf("%+v", withoutPointers(r))
	}
	for _, r := range must[[]StatementRow](t)(Read[StatementRow](out)) {
		name := "-"
		if r.SpeakerName != nil {
			name = *r.SpeakerName
		}
		all["statement "+r.ID] = fmt.Sprint(r.ArticleID, r.Ordinal, r.Context, name, r.Duplicate)
	}
	for _, r := range must[[]StanceRow](t)(Read[StanceRow](out)) {
		all["stance "+r.ID] = fmt.Sprint(r.StatementID, r.Label, r.Score, r.Duplicate)
	}
	for _, r := range must[[]SummaryRow](t)(Read[SummaryRow](out)) {
		all["summary "+r.SpeakerID+r.Target+r.Period] = fmt.Sprint(r.Articles, r.NFor, r.NAgainst, r.NAbstain, r.CILow != nil)
	}
	return all
}

func withoutPointers(r ArticleRow) ArticleRow {
	r.Published, r.DuplicateOf = nil, nil
	return r
}

// TestNights holds that a night over a grown input gives the rows of one run
// over all of it, takes over the files that would not differ, and says what it
// took over.
func TestNights(t *testing.T) {
	dir := t.TempDir()
	out, once := filepath.Join(dir, "out"), filepath.Join(dir, "once")
	first := must[RunInfo](t)(night(t, out, numbers(30), nil, Options{Keep: 1}))
	if first.Run != 1 || first.Counts.Unchanged != 0 || first.Counts.Analysed != 24 {
		t.Errorf("first night: run %d, %+v", first.Run, first.Counts)
	}
	before := stats(t, out)
	list := append(numbers(33), 1000)[3:] // 3 gone, 4 new
	revised := map[int]bool{10: true}
	second := must[RunInfo](t)(night(t, out, list, revised, Options{Keep: 1}))
	c := second.Counts
	if second.Run != 2 || c.In != c.Analysed+c.Unchanged+c.Duplicates+c.Quarantined || c.Analysed != 5 || c.Unchanged != 20 {
		t.Errorf("second night: run %d, %+v", second.Run, c)
	}
	must[RunInfo](t)(night(t, once, list, revised, Options{}))
	if diff := cmp.Diff(rows(t, once), rows(t, out)); diff != "" {
		t.Errorf("rows (-one run +two nights):\n%s", diff)
	}
	taken := 0
	for name, info := range stats(t, out) {
		if old := before[name]; old != nil && os.SameFile(old, info) {
			taken++
		}
	}
	if taken < len(before)/2 {
		t.Errorf("%d files of %d were taken over", taken, len(before))
	}
	// the run before is kept whole, and only that
	if runs := must[[]Run](t)(Runs(out)); len(runs) != 2 || runs[0].Number != 1 || runs[1].Number != 2 || !runs[1].Current {
		t.Errorf("runs %+v", runs)
	} else if a := must[[]ArticleRow](t)(Read[ArticleRow](runs[0].Dir)); len(a) != 30 {
		t.Errorf("the run before has %d articles, want 30", len(a))
	}
	must[RunInfo](t)(night(t, out, list, revised, Options{Keep: 1}))
	if runs := must[[]Run](t)(Runs(out)); len(runs) != 2 || runs[0].Number != 2 {
		t.Errorf("runs %+v", runs)
	}
	// many nights, then compacted: the files of one run over everything
	for n := 1001; n < 1020; n++ {
		list = append(list, n)
		must[RunInfo](t)(night(t, out, list, revised, Options{}))
	}
	checkPaths(t, out)
	want := rows(t, out)
	parts := len(stats(t, out))
	if err := Compact(out, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rows(t, out)); diff != "" {
		t.Errorf("rows (-before +after compaction):\n%s", diff)
	}
	checkPaths(t, out)
	if n := len(stats(t, out)); n >= parts {
		t.Errorf("%d files after compaction, %d before", n, parts)
	}
	os.RemoveAll(once)
	must[RunInfo](t)(night(t, once, list, revised, Options{Fresh: true}))
	if diff := cmp.Diff(tables(t, once), tables(t, out)); diff != "" {
		t.Errorf("files (-one run +compacted nights):\n%s", diff)
	}
	last := must[RunInfo](t)(night(t, out, list, revised, Options{}))
	if last.Counts.Analysed != 0 {
		t.Errorf("after compaction %d articles are analysed again", last.Counts.Analysed)
	}
}

// checkPaths holds that the index names the files that there are.
func checkPaths(t *testing.T, out string) {
	t.Helper()
	x := must[*index](t)(readIndex(out))
	for _, name := range partitioned {
		var there []string
		for _, path := range must[[]string](t)(tableFiles(filepath.Join(out, name))) {
			there = append(there, filepath.ToSlash(must[string](t)(filepath.Rel(out, path))))
		}
		if diff := cmp.Diff(there, x.paths(name)); diff != "" {
			t.Errorf("files of %s (-there +named):\n%s", name, diff)
		}
	}
}

// TestWhatOthersTell holds that a night writes again the files in which other
// articles now tell of a copy, a line to drop or a better name, and no others:
// the bytes are those of one run.
func TestWhatOthersTell(t *testing.T) {
	const speaker = "person:rosalind-achterberg"
	list := numbers(40)
	run := func(out string, amend func(*Batch), rename bool, opt Options) {
		t.Helper()
		w := must[*Writer](t)(Create(out, opt))
		for _, n := range list {
			if err := add(w, sample(n)); err != nil {
				t.Fatal(err)
			}
		}
		if rename { // an article beyond all others that calls her by a fuller name
			b := sample(5)
			b.Article.ID = "renames"
			b.Article.Published = Millis(time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC))
			b.Statements, b.Stances = nil, nil
			for i := range 100 {
				s := sample(5).Statements[0]
				name := "Rosálind M. Achterberg"
				s.ID, s.SpeakerName = fmt.Sprint("renames/", i), &name
				b.Statements = append(b.Statements, s)
			}
			if err := add(w, b); err != nil {
				t.Fatal(err)
			}
		}
		must[RunInfo](t)(w.Finish(Finish{Amend: amend}))
	}
	of := "article-0002"
	for _, c := range []struct {
		name    string
		amend   func(*Batch)
		rename  bool
		written func(s *StatementRow) bool // whose files must differ
	}{
		{"nothing", nil, false, func(*StatementRow) bool { return false }},
		{"a copy", func(b *Batch) {
			if b.Article.ID == "article-0001" {
				b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = Duplicate, &of, "near"
			}
		}, false, func(s *StatementRow) bool { return s.ArticleID == "article-0001" }},
		{"a line that repeats", func(b *Batch) {
			if b.Article.ID == "article-0005" {
				b.Statements, b.Stances = b.Statements[1:], b.Stances[1:]
			}
		}, false, func(s *StatementRow) bool { return s.ArticleID == "article-0005" }},
		{"a better name", nil, true, func(s *StatementRow) bool { return s.SpeakerID != nil && *s.SpeakerID == speaker }},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, once := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "once")
			run(out, nil, false, Options{})
			before := stats(t, out)
			run(out, c.amend, c.rename, Options{})
			run(once, c.amend, c.rename, Options{})
			if diff := cmp.Diff(tables(t, once), tables(t, out)); diff != "" {
				t.Errorf("files (-one run +two nights):\n%s", diff)
			}
			changed := map[string]bool{}
			for _, s := range must[[]StatementRow](t)(Read[StatementRow](out)) {
				if c.written(&s) {
					part := undated
					if s.Published != nil {
						part = "dt=" + Time(s.Published).Format(time.DateOnly)
					}
					changed[part] = true
				}
			}
			for name, info := range stats(t, out) {
				part := filepath.Base(filepath.Dir(name))
				if !strings.HasPrefix(part, "dt=") || before[name] == nil {
					continue
				}
				if taken := os.SameFile(before[name], info); taken == changed[part] {
					t.Errorf("%s: taken over: %v", name, taken)
				}
			}
		})
	}
}

// TestSpeakersStay holds that a fuller name of a later night joins the speaker
// whose id is published, that the rows of earlier nights stay, and that a fresh
// run knows nothing of that.
func TestSpeakersStay(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	batch := func(n int, id, name string) Batch {
		b := sample(3)
		b.Article.ID = fmt.Sprint("roth-", n)
		b.Article.Published = Millis(time.Date(2031, 5, n, 0, 0, 0, 0, time.UTC))
		b.Stances, b.Statements, b.Aliases = nil, b.Statements[:1], nil
		kind := "person"
		b.Statements[0].ID, b.Statements[0].SpeakerID, b.Statements[0].SpeakerName, b.Statements[0].SpeakerType = b.Article.ID+"/0", &id, &name, &kind
		return b
	}
	run := func(opt Options, batches ...Batch) map[string]string {
		t.Helper()
		w := must[*Writer](t)(Create(out, opt))
		for _, b := range batches {
			if err := add(w, b); err != nil {
				t.Fatal(err)
			}
		}
		must[RunInfo](t)(w.Finish(Finish{}))
		ids := map[string]string{}
		for _, s := range must[[]StatementRow](t)(Read[StatementRow](out)) {
			ids[s.ArticleID] = *s.SpeakerID + " " + *s.SpeakerName
		}
		return ids
	}
	first, second := batch(1, "person:agnes-roth", "Agnes Roth"), batch(2, "person:agnes-m-roth", "Agnes M. Roth")
	run(Options{}, first)
	if err := Compact(out, 0); err != nil { // keeps what is published
		t.Fatal(err)
	}
	want := map[string]string{"roth-1": "person:agnes-roth Agnes Roth", "roth-2": "person:agnes-roth Agnes Roth"}
	if diff := cmp.Diff(want, run(Options{}, first, second)); diff != "" {
		t.Errorf("second night (-want +got):\n%s", diff)
	}
	for id := range want {
		want[id] = "person:agnes-m-roth Agnes M. Roth"
	}
	if diff := cmp.Diff(want, run(Options{Fresh: true}, first, second)); diff != "" {
		t.Errorf("fresh (-want +got):\n%s", diff)
	}
	if err := os.Remove(filepath.Join(out, indexFile)); err != nil {
		t.Fatal(err)
	}
	before := tree(t, out)
	if err := Compact(out, 0); err == nil || !strings.Contains(err.Error(), "kept no index") {
		t.Errorf("compacted without an index: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, out)); diff != "" {
		t.Errorf("touched (-before +after):\n%s", diff)
	}
}

// stats are the Parquet files under dir.
func stats(t testing.TB, dir string) map[string]os.FileInfo {
	t.Helper()
	out := map[string]os.FileInfo{}
	for name := range tree(t, dir) {
		if strings.HasSuffix(name, ".parquet") {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			out[name] = info
		}
	}
	return out
}

// tables is the tree without run.json and the index, which tell of the run.
func tables(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := tree(t, dir)
	delete(files, runFile)
	delete(files, indexFile)
	return files
}

// TestOtherEnvironment holds that nothing made under another configuration is
// taken over.
func TestOtherEnvironment(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	must[RunInfo](t)(night(t, out, numbers(20), nil, Options{}))
	info := must[RunInfo](t)(night(t, out, numbers(20), nil, Options{Environment: [32]byte{1}}))
	if info.Counts.Unchanged != 0 || info.Counts.Analysed != 16 {
		t.Errorf("counts %+v", info.Counts)
	}
	info = must[RunInfo](t)(night(t, out, numbers(20), nil, Options{Environment: [32]byte{1}, Fresh: true}))
	if info.Counts.Unchanged != 0 {
		t.Errorf("a fresh run took over %d articles", info.Counts.Unchanged)
	}
}

// TestLock holds that of many starts at once one runs, and the others name it.
func TestLock(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	first := must[*Writer](t)(Create(out, Options{}))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := Create(out, Options{})
			var locked *LockedError
			if !errors.As(err, &locked) || locked.Holder.PID != os.Getpid() || locked.Holder.Command != "run" {
				t.Errorf("got %v, want the lock's holder", err)
			}
		})
	}
	group.Wait()
	if err := os.Remove(filepath.Join(out+".state", lockName)); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Finish(Finish{}); err == nil || !strings.Contains(err.Error(), "the lock is lost") {
		t.Errorf("without its lock: %v", err)
	}
	if exists(out) {
		t.Error("a run without its lock was published")
	}
	must[RunInfo](t)(night(t, out, numbers(3), nil, Options{}))
}

// TestFaults fails every step of a second night, and of one that builds on a run
// that is kept no more, one after the other: the tables are those of one of the
// nights, whole, and a rerun gives the bytes of an undisturbed one.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred runs")
	}
	defer func() { disk.Fault = nil }()
	t.Run("second night", func(t *testing.T) { failEach(t, 1, 1) })
	t.Run("with a spare", func(t *testing.T) { failEach(t, 2, 0) })
}

// failEach fails the steps of the night after some that were alike.
func failEach(t *testing.T, nights, keep int) {
	first, second := []int{0, 1000, 1001}, []int{0, 1000, 1001, 1003}
	revised := map[int]bool{0: true}
	wanted := filepath.Join(t.TempDir(), "out")
	for range nights {
		must[RunInfo](t)(night(t, wanted, first, nil, Options{Keep: keep}))
	}
	old := tree(t, wanted)
	saved := filepath.Join(t.TempDir(), "saved")
	if err := os.CopyFS(saved, os.DirFS(filepath.Dir(wanted))); err != nil {
		t.Fatal(err)
	}
	must[RunInfo](t)(night(t, wanted, second, revised, Options{Keep: keep}))
	new := tree(t, wanted)
	published := false
	for at := 1; ; at++ {
		out := filepath.Join(t.TempDir(), "out")
		if err := os.CopyFS(filepath.Dir(out), os.DirFS(saved)); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		step := 0
		disk.Fault = func(op, path string) error {
			mu.Lock()
			defer mu.Unlock()
			if step++; step == at {
				return syscall.ENOSPC
			}
			return nil
		}
		_, err := night(t, out, second, revised, Options{Keep: keep})
		disk.Fault = nil
		if step < at {
			if err != nil {
				t.Error(err)
			}
			if at < 30 || !published {
				t.Errorf("%d steps only; published before the last: %v", at, published)
			}
			return
		}
		now := tree(t, out)
		switch {
		case cmp.Equal(now, new):
			published = true // a link that failed was written, or it failed behind the exchange
		case err == nil || !errors.Is(err, syscall.ENOSPC):
			t.Fatalf("step %d failed, the second night was not published, and the error is %v", at, err)
		case !cmp.Equal(now, old):
			t.Fatalf("step %d failed: the tables are neither night's:\n%s", at, cmp.Diff(old, now))
		}
		if _, err := night(t, out, second, revised, Options{Keep: keep}); err != nil {
			t.Fatalf("step %d failed: the rerun: %v", at, err)
		}
		if diff := cmp.Diff(tables(t, wanted), tables(t, out)); diff != "" {
			t.Fatalf("step %d failed: bytes (-undisturbed +rerun):\n%s", at, diff)
		}
	}
}

// TestRepair holds that what a kill between two renames leaves is put right, and
// that the user's own files are nowhere lost.
func TestRepair(t *testing.T) {
	for _, c := range []struct {
		name   string
		cutOff func(t *testing.T, out, partial, before string)
		runs   int // with the one that begins
	}{
		{"after the exchange", func(t *testing.T, out, partial, before string) {
			rename(t, before, partial)
			rename(t, filepath.Join(out, "notes.txt"), filepath.Join(partial, "notes.txt"))
		}, 3},
		{"between two renames", func(t *testing.T, out, partial, before string) { rename(t, out, partial) }, 3},
		{"before the files of the user were moved", func(t *testing.T, out, partial, before string) {
			rename(t, filepath.Join(out, "notes.txt"), filepath.Join(before, "notes.txt"))
		}, 3},
		{"before the exchange", func(t *testing.T, out, partial, before string) {
			if err := os.CopyFS(partial, os.DirFS(before)); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(partial, successFile))
		}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			must[RunInfo](t)(night(t, out, numbers(3), nil, Options{Keep: 9}))
			must[RunInfo](t)(night(t, out, numbers(4), nil, Options{Keep: 9}))
			put(t, filepath.Join(out, "notes.txt"), "mine")
			c.cutOff(t, out, filepath.Join(out+".state", partialDir), filepath.Join(out+".state", runsDir, "000001"))
			info := must[RunInfo](t)(night(t, out, numbers(5), nil, Options{Keep: 9}))
			if runs := must[[]Run](t)(Runs(out)); info.Run != 3 || info.Counts.Unchanged != 4 || len(runs) != c.runs {
				t.Errorf("run %d, %+v, %d runs", info.Run, info.Counts, len(runs))
			}
			if a := must[[]ArticleRow](t)(Read[ArticleRow](out)); len(a) != 5 {
				t.Errorf("%d articles, want 5", len(a))
			}
			if text, err := os.ReadFile(filepath.Join(out, "notes.txt")); err != nil || string(text) != "mine" {
				t.Errorf("the user's file: %q, %v", text, err)
			}
		})
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// TestWithoutExchange holds that a file system that cannot exchange two folders
// in one step gets the same tables.
func TestWithoutExchange(t *testing.T) {
	defer func() { disk.Fault = nil }()
	out, plain := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "out")
	must[RunInfo](t)(night(t, out, numbers(4), nil, Options{Keep: 1}))
	must[RunInfo](t)(night(t, plain, numbers(4), nil, Options{Keep: 1}))
	put(t, filepath.Join(out, "notes.txt"), "mine")
	first := true
	disk.Fault = func(op, path string) error {
		if op == "rename" && path == out && first {
			first = false
			return errors.ErrUnsupported
		}
		if op == "link" {
			return errors.ErrUnsupported
		}
		return nil
	}
	must[RunInfo](t)(night(t, out, numbers(6), nil, Options{Keep: 1}))
	disk.Fault = nil
	must[RunInfo](t)(night(t, plain, numbers(6), nil, Options{Keep: 1}))
	got := tables(t, out)
	if first || got["notes.txt"] == "" {
		t.Errorf("the exchange was asked for: %v; files %v", !first, got)
	}
	delete(got, "notes.txt")
	if diff := cmp.Diff(tables(t, plain), got); diff != "" {
		t.Errorf("files (-with exchange and links +without):\n%s", diff)
	}
	if runs := must[[]Run](t)(Runs(out)); len(runs) != 2 {
		t.Errorf("runs %+v", runs)
	}
}

// TestClockSetBack holds that runs are told apart by number, not by time.
func TestClockSetBack(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	must[RunInfo](t)(night(t, out, numbers(3), nil, Options{Keep: 5}))
	future := time.Now().AddDate(1, 0, 0)
	if err := os.Chtimes(out, future, future); err != nil {
		t.Fatal(err)
	}
	info := must[RunInfo](t)(night(t, out, numbers(4), nil, Options{Keep: 5}))
	runs := must[[]Run](t)(Runs(out))
	if info.Run != 2 || len(runs) != 2 || runs[0].Number != 1 {
		t.Errorf("run %d, %+v", info.Run, runs)
	}
}

func FuzzIndex(f *testing.F) {
	x := &index{run: 3, speakers: []string{"person:roth"}, files: []indexed{{part: "dt=2031-04-07", number: 1, statements: 4,
		articles: []indexedArticle{{id: "ä/1", since: 2}}}},
		verdicts: []dedup.Verdict{{ID: "ä/1", Original: "b"}, {ID: "ä/1", Original: "c", Copy: true, Kind: dedup.Spun, Similarity: 0.75}}}
	f.Add(x.encode(), 5, byte(1))
	f.Fuzz(func(t *testing.T, data []byte, at int, change byte) {
		got, err := decodeIndex(data)
		if err != nil {
			return
		}
		again := got.encode()
		if same, err := decodeIndex(again); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		} else if !bytes.Equal(same.encode(), again) {
			t.Error("what was written is read as something else")
		}
		if change != 0 {
			again[(at%len(again)+len(again))%len(again)] ^= change
			if _, err := decodeIndex(again); err == nil {
				t.Error("a changed byte was not noticed")
			}
		}
	})
}

// TestVerdicts keeps verdicts from night to night where both articles are what
// they were.
func TestVerdicts(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	id := func(n int) string { return sample(n).Article.ID }
	given := []dedup.Verdict{
		{ID: id(2), Original: id(1), Copy: true, Kind: dedup.Near, Similarity: 0.75},
		{ID: id(3), Original: id(1)},
		{ID: id(4), Original: id(3), Copy: true, Kind: dedup.Spun, Similarity: 0.5},
	}
	how := finish
	for i, c := range []struct {
		list    []int
		revised int
		want    []dedup.Verdict
		whole   bool
	}{
		{[]int{1, 2, 3, 4}, 0, nil, true},
		{[]int{1, 2, 3, 4, 5}, 0, given, true},
		{[]int{1, 2, 3, 4}, 4, given[:2], false},
		{[]int{2, 3, 4}, 4, nil, false},
	} {
		w := must[*Writer](t)(Create(out, Options{}))
		for _, n := range c.list {
			b := sample(n)
			if n == c.revised {
				b.Article.Text += " Revised."
			}
			if err := add(w, b); err != nil {
				t.Fatal(err)
			}
		}
		got, run := w.Verdicts()
		if c.whole && run != w.folder.run || !c.whole && run != 0 {
			t.Errorf("night %d: all of the articles before as of run %d", i+1, run)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("night %d: %s", i+1, diff)
		}
		if how.Verdicts = got; i == 0 {
			how.Verdicts = given
		}
		must[RunInfo](t)(w.Finish(how))
		if i == 0 {
			if err := Compact(out, 2); err != nil {
				t.Fatal(err)
			}
		}
	}
}
