package table

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// TestSpare holds nights that build on a run that is kept no more to nights that
// build on nothing: every file and folder is the same.
func TestSpare(t *testing.T) {
	silent := map[int]bool{} // articles whose statements are dropped
	how := finish
	how.Amend = func(b *Batch) {
		finish.Amend(b)
		for n := range silent {
			if b.Article.ID == sample(n).Article.ID {
				b.Statements, b.Stances = nil, nil
			}
		}
	}
	run := func(out string, list []int, revised int) {
		w := must[*Writer](t)(Create(out, Options{Keep: 1}))
		for _, n := range list {
			b := sample(n)
			if n == revised {
				b.Article.Text += " Revised."
			}
			if err := add(w, b); err != nil {
				t.Fatal(err)
			}
		}
		must[RunInfo](t)(w.Finish(how))
	}
	dir := t.TempDir()
	out, anew := filepath.Join(dir, "out"), filepath.Join(dir, "anew")
	spare := filepath.Join(dir, "out.state", spareDir)
	articles := filepath.Join(spare, "articles")
	night := 0
	for _, c := range []struct {
		name    string
		list    []int
		revised int
		before  func() // is done to the spare
	}{
		{name: "first", list: numbers(30)},
		{name: "the same", list: numbers(30)},
		{name: "a day more", list: numbers(31)},
		{name: "nothing new", list: numbers(31)},
		{name: "a day less", list: numbers(29)},
		{name: "an article revised", list: numbers(29), revised: 5},
		{name: "and back", list: numbers(29)},
		{name: "new articles on old days", list: append(numbers(29), 40, 41, 42, 50)},
		{name: "one of them gone", list: append(numbers(29), 40, 41, 42)},
		{name: "statements dropped", list: append(numbers(29), 40, 41, 42), before: func() { silent[9], silent[40] = true, true }},
		{name: "and there again", list: append(numbers(29), 40, 41, 42), before: func() { clear(silent) }},
		{name: "without news", list: append(numbers(29), 40, 41, 42)},
		{name: "without news again", list: append(numbers(29), 40, 41, 42)},
		{name: "settled", list: append(numbers(29), 40, 41, 42)},
		{name: "something of another's in it", list: numbers(29), before: func() {
			day := must[[]os.DirEntry](t)(os.ReadDir(articles))[3].Name()
			for _, path := range []string{filepath.Join(articles, day, "mine.parquet"), filepath.Join(articles, "dt=2001-01-01", "part-00000.parquet"), filepath.Join(articles, "x")} {
				os.MkdirAll(filepath.Dir(path), 0o777)
				if err := os.WriteFile(path, nil, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{name: "files lost", list: numbers(29), before: func() {
			for i, name := range []string{"articles", "statements", "stances"} {
				day := must[[]os.DirEntry](t)(os.ReadDir(filepath.Join(spare, name)))[5+i].Name()
				path := filepath.Join(spare, name, day)
				if i == 0 {
					path = filepath.Join(path, must[[]os.DirEntry](t)(os.ReadDir(path))[0].Name())
				}
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{name: "its index lost", list: numbers(29), before: func() { os.Remove(filepath.Join(spare, indexFile)) }},
		{name: "taken for a run", list: numbers(29), before: func() { os.WriteFile(filepath.Join(spare, successFile), nil, 0o666) }},
		{name: "the end", list: numbers(30)},
	} {
		night++
		os.RemoveAll(filepath.Join(dir, "anew.state", spareDir))
		if is := exists(spare); is != (night > 3) {
			t.Fatalf("night %d, %s: a spare: %v", night, c.name, is)
		}
		if c.before != nil {
			c.before()
		}
		var made atomic.Int64
		disk.Fault = func(op, _ string) error {
			if op == "mkdir" || op == "link" {
				made.Add(1)
			}
			return nil
		}
		run(out, c.list, c.revised)
		disk.Fault = nil
		if c.name == "settled" && made.Load() > 7 { // those of the tables themselves
			t.Errorf("a night without news after three more made %d folders and links", made.Load())
		}
		run(anew, c.list, c.revised)
		if diff := cmp.Diff(tree(t, anew), tree(t, out)); diff != "" {
			t.Fatalf("night %d, %s: anew, and with the spare: %s", night, c.name, diff)
		}
		if diff := cmp.Diff(folders(t, anew), folders(t, out)); diff != "" {
			t.Fatalf("night %d, %s: folders anew, and with the spare: %s", night, c.name, diff)
		}
		if names := must[[]os.DirEntry](t)(os.ReadDir(filepath.Join(dir, "out.state"))); len(names) > 5 || exists(filepath.Join(dir, "out.state", partialDir)) {
			t.Errorf("night %d, %s: the state holds %v", night, c.name, names)
		}
	}
	if err := Prune(out, 0); err != nil {
		t.Fatal(err)
	}
	if exists(spare) {
		t.Error("the spare was not pruned")
	}
}

// folders lists the folders under one.
func folders(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			out = append(out, must[string](t)(filepath.Rel(dir, path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
