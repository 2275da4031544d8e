package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/reports/table"
)

// calendar makes records as lines does, each of a day of its own that has been.
func calendar(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		b.WriteString(strings.Replace(lines(i, i+1), `"date":"2031-`, fmt.Sprintf(`"publisher":"Averil Post","date":"%d-`, 1990+i), 1))
	}
	return b.String()
}

// TestRecall holds that nights which do not read again what they know give the
// bytes of one run, also where ids are met twice and what was kept is damaged.
func TestRecall(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	plain := strings.NewReplacer("strikes", "ferries", "Syria", "the pier") // no target in them
	first := calendar(0, 4) + plain.Replace(calendar(4, 8))
	again := first + calendar(2, 3) + strings.Replace(calendar(9, 10), `"n9"`, `"n3"`, 1) // a copy of n2; another n3
	path := write(t, dir, "a.jsonl", []byte(again))
	mustCall(t, "run", "--quiet", "--max-quarantine", "2", "--out", out, path)
	if n := recalled(t, out, path); n != 8 {
		t.Errorf("%d records are known, want the 8 of ids that are met once or first", n)
	}
	whole := func(name string) {
		t.Helper()
		once := filepath.Join(dir, name)
		mustCall(t, "run", "--quiet", "--max-quarantine", "2", "--out", once, path)
		a, b := files(t, once), files(t, out)
		delete(a, ".standpoint")
		delete(b, ".standpoint")
		same(t, a, b)
	}
	whole("once")
	path = write(t, dir, "a.jsonl", []byte(calendar(20, 23)+again))
	mustCall(t, "run", "--quiet", "--max-quarantine", "2", "--out", out, path)
	if info, err := table.ReadRun(out); err != nil || info.Counts.Analysed != 3 || info.Counts.Unchanged != 8 || info.Counts.Duplicates != 1 || info.Counts.Quarantined != 1 {
		t.Errorf("second night: %+v, %v", info.Counts, err)
	}
	whole("twice")
	// a byte of every record is damaged
	logs, err := filepath.Glob(filepath.Join(out+".state", "store", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no store: %v", err)
	}
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for i := 200; i < len(data); i += 700 {
			data[i] ^= 0x11
		}
		write(t, filepath.Dir(log), filepath.Base(log), data)
	}
	path = write(t, dir, "a.jsonl", []byte(calendar(20, 24)+again))
	mustCall(t, "run", "--quiet", "--max-quarantine", "2", "--out", out, path)
	whole("thrice")
}

// recalled counts the records of a file that a run in the folder would not read.
func recalled(t *testing.T, out, path string) (n int) {
	t.Helper()
	takeUp(t, out, path, func(_ *gathering, _ *identifier, known, _ int) { n = known })
	return n
}

// takeUp reads a file as a run in the folder would, analyses nothing, and shows what
// it holds then: of how many records that are known, and how many that are not.
func takeUp(t *testing.T, out, path string, show func(all *gathering, ids *identifier, known, fresh int)) {
	t.Helper()
	config, err := analysis.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	environment, err := environmentOf(config)
	if err != nil {
		t.Fatal(err)
	}
	w, err := table.Create(out, table.Options{Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	all := newGathering(w)
	defer all.groups.Close()
	r := &run{global: &global{}, began: time.Now()}
	ids := newIdentifier(w.Expected())
	met, fresh := 0, 0
	known := func(place corpus.Place, record reader.RecordDigest) (bool, error) {
		m, err := r.reuse(w, all, ids, place, record)
		if m != nil {
			met++
		}
		return m != nil, err
	}
	in := &input{config: config, paths: []string{path}}
	if err := r.read(context.Background(), in, ids, known, func(reader.Item) error { fresh++; return nil }); err != nil {
		t.Fatal(err)
	}
	show(all, ids, met, fresh)
}

// TestRecallDamaged holds that a run which needs a damaged record of an article that
// it did not read again says so, leaves the tables alone, and is repaired by another.
func TestRecallDamaged(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	plain := strings.NewReplacer("strikes", "ferries", "Syria", "the pier").Replace(calendar(1, 3))
	path := write(t, dir, "a.jsonl", []byte(plain))
	mustCall(t, "run", "--quiet", "--out", out, path)
	before := files(t, out)
	log := filepath.Join(out+".state", "store", "00000001.log")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("\x28\xb5\x2f\xfd")) // an article, compressed by Zstandard
	data[at+20] ^= 0x11
	write(t, filepath.Dir(log), filepath.Base(log), data)
	// edited copies, for which the text of the originals is asked
	edited := strings.NewReplacer(`"n1"`, `"n1b"`, `"n2"`, `"n2b"`, "that", "that even").Replace(plain)
	path = write(t, dir, "a.jsonl", []byte(plain+edited))
	code, _, messages := call(t, "", "run", "--quiet", "--out", out, path)
	if code != exitFailed || !strings.Contains(messages, "lost or damaged (run again)") {
		t.Fatalf("exit code %d: %s", code, messages)
	}
	same(t, before, files(t, out))
	mustCall(t, "run", "--quiet", "--out", out, path)
	if info, err := table.ReadRun(out); err != nil || info.Counts.Unchanged != 2 || info.Counts.Duplicates != 2 {
		t.Errorf("%+v, %v", info.Counts, err)
	}
}
