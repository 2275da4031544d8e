package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/reports/coding"
	"github.com/standpoint-news/standpoint/reports/sheet"
)

// TestCoding goes the way of a researcher: run, sample, code twice, agree, estimate.
func TestCoding(t *testing.T) {
	dir := t.TempDir()
	out, folder := filepath.Join(dir, "out"), filepath.Join(dir, "sample")
	if code, _, stderr := call(t, "", "run", "-q", "--out", out); code != exitDone {
		t.Fatal(stderr)
	}
	if code, _, stderr := call(t, "", "sample", out, "--size", "60", "--out", folder); code != exitDone {
		t.Fatal(stderr)
	}
	again := filepath.Join(dir, "again")
	if code, _, stderr := call(t, "", "sample", out, "--size", "60", "--out", again); code != exitDone {
		t.Fatal(stderr)
	}
	same(t, files(t, folder), files(t, again))
	if code, _, stderr := call(t, "", "sample", out, "--out", folder); code != exitFailed || !strings.Contains(stderr, "may hold codings") {
		t.Errorf("a folder with codings was overwritten: exit %d, %s", code, stderr)
	}

	data, err := os.ReadFile(filepath.Join(folder, coding.SheetFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"score", "confidence", "abstain", "probability"} {
		if head, _, _ := strings.Cut(string(data), "\n"); strings.Contains(head, secret) {
			t.Errorf("the coders' sheet tells the %s", secret)
		}
	}
	rows, err := sheet.Read(coding.SheetFile, data, "unit", "side", "passage", "mention")
	if err != nil || len(rows) != 60 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	var coders []string
	for k, coder := range []string{"ana", "ben"} {
		var b strings.Builder
		w, err := sheet.NewWriter(&b, true, "unit", "side", "speaker_right", "coder")
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			if !strings.Contains(r.Cells["passage"], r.Cells["mention"]) {
				t.Errorf("%s: the passage lacks the mention", r.Cells["unit"])
			}
			w.Text(r.Cells["unit"])
			w.Plain(coding.Sides[(i+i*k/20)%4])
			w.Plain("right")
			w.Plain(coder)
			if err := w.End(); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		coders = append(coders, write(t, folder, coder+".csv", []byte(b.String())))
	}
	code, stdout, stderr := call(t, "", append([]string{"agree", "--json"}, coders...)...)
	if code != exitDone {
		t.Fatal(stderr)
	}
	var agreement struct {
		Alpha []struct{ Units int }
		Open  int `json:"without_consensus"`
	}
	if err := json.Unmarshal([]byte(stdout), &agreement); err != nil || agreement.Alpha[0].Units != 60 || agreement.Open == 0 {
		t.Errorf("%v: %s", err, stdout)
	}
	regression := filepath.Join(dir, "dsl.csv")
	code, stdout, stderr = call(t, "", append([]string{"estimate", out, "--by", "target,outlet", "--regression", regression}, coders...)...)
	if code != exitDone || !strings.Contains(stdout, "PPI") || !strings.Contains(stdout, "strikes | ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if data, err := os.ReadFile(regression); err != nil || strings.Count(string(data), "\n") < 100 {
		t.Errorf("%v: %d bytes", err, len(data))
	}

	// Another run's tables are not those of the sample.
	other := filepath.Join(dir, "other")
	article := write(t, dir, "a.jsonl", []byte(`{"id":"a","text":"Foreign Minister Agnes Roth condemned the strikes on Syria on Monday."}`))
	if code, _, stderr := call(t, "", "run", "-q", "--out", other, article); code != exitDone {
		t.Fatal(stderr)
	}
	if code, _, stderr := call(t, "", append([]string{"estimate", other}, coders...)...); code != exitFailed || !strings.Contains(stderr, "drawn from other tables") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := call(t, "", "sample", out, "--strata", "colour", "--out", filepath.Join(dir, "x")); code != exitUsage || !strings.Contains(stderr, `no column "colour"`) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
