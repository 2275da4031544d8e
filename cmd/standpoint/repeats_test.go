package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/reports/table"
)

// gazette makes the records of the first n of six articles that end alike.
func gazette(n int) []byte {
	var b bytes.Buffer
	for i, city := range []string{"Velgrad", "Norhaven", "Tarsk", "Almark", "Orsha", "Marenne"}[:n] {
		fmt.Fprintf(&b, `{"id":"%d","publisher":"Gazette","date":"2020-04-%02d","text":"Minister Viktor Hale of %s condemned the strikes on Syria on day %d of his visit.\n\nHe was speaking in %s, where %d people had met.\n\n“The strikes on Syria were a crime,” says Agnes Roth, our founder."}`+"\n", i, i+1, city, i, city, 100*i)
	}
	return b.Bytes()
}

// No statement is drawn from a line that an outlet repeats.
func TestRepeatedLines(t *testing.T) {
	for n, want := range map[int]bool{3: true, 6: false} { // three times may be chance
		dir := t.TempDir()
		path := write(t, dir, "a.jsonl", gazette(n))
		if code, _, stderr := call(t, "", "run", "--out", dir+"/out", path); code != exitDone {
			t.Fatal(stderr)
		}
		info, err := table.ReadRun(dir + "/out")
		if err != nil {
			t.Fatal(err)
		}
		if info.Counts.Analysed != n || info.Counts.Statements < n {
			t.Errorf("counts %+v", info.Counts)
		}
		speakers, err := table.Read[table.SpeakerRow](dir + "/out")
		if err != nil {
			t.Fatal(err)
		}
		founder := false
		for _, s := range speakers {
			founder = founder || strings.Contains(s.Name, "Roth")
		}
		if founder != want {
			t.Errorf("of %d articles, the founder speaks: %v, want %v", n, founder, want)
		}
	}
}

// TestRepeatedLinesByNight holds that a line which a later night shows to be the
// outlet's goes from the rows of earlier nights too, though nothing of them is
// analysed again.
func TestRepeatedLinesByNight(t *testing.T) {
	dir := t.TempDir()
	founder := func(out string) (statements int) {
		rows, err := table.Read[table.StatementRow](out)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range rows {
			if strings.Contains(s.ContentText, "were a crime") {
				statements++
			}
		}
		return statements
	}
	out, once := dir+"/out", dir+"/once"
	path := write(t, dir, "a.jsonl", gazette(3))
	mustCall(t, "run", "--quiet", "--out", out, path)
	if n := founder(out); n != 3 {
		t.Errorf("first night: the founder speaks %d times, want 3", n)
	}
	write(t, dir, "a.jsonl", gazette(6))
	mustCall(t, "run", "--quiet", "--out", out, path)
	info, err := table.ReadRun(out)
	if err != nil {
		t.Fatal(err)
	}
	if n := founder(out); n != 0 || info.Counts.Unchanged != 3 || info.Counts.Analysed != 3 {
		t.Errorf("second night: the founder speaks %d times; counts %+v", n, info.Counts)
	}
	mustCall(t, "run", "--quiet", "--out", once, path)
	a, b := files(t, once), files(t, out)
	for _, m := range []map[string]string{a, b} {
		delete(m, ".standpoint") // tells of the runs
	}
	same(t, a, b)
}
