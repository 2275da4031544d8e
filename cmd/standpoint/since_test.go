package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/reports/table"
)

// A cell is a speaker and a target.
type cell struct{ speaker, target string }

// TestSince holds that summary and report cover the articles since a day, and
// the other tables all.
func TestSince(t *testing.T) {
	const day = "2031-05-01"
	all, recent := filepath.Join(t.TempDir(), "all"), filepath.Join(t.TempDir(), "recent")
	mustCall(t, "run", "--out", all)
	mustCall(t, "run", "--since", day, "--out", recent)
	stances := readAll[table.StanceRow](t, recent)
	if !reflect.DeepEqual(stances, readAll[table.StanceRow](t, all)) || !reflect.DeepEqual(readAll[table.SpeakerRow](t, recent), readAll[table.SpeakerRow](t, all)) {
		t.Error("other stances or speakers than without --since")
	}
	want, met := map[cell]int32{}, map[string]bool{}
	for _, s := range stances {
		if at := s.StatementID + " " + s.Target; !s.Duplicate && s.SpeakerID != nil && s.Published != nil && table.Partition(s.Published) >= "dt="+day && !met[at] {
			met[at] = true
			want[cell{*s.SpeakerID, s.Target}]++
		}
	}
	got := map[cell]int32{}
	for _, r := range readAll[table.SummaryRow](t, recent) {
		if r.Period == "all" && r.SpeakerID != "" {
			got[cell{r.SpeakerID, r.Target}] = r.Statements
		}
	}
	if len(want) == 0 || !maps.Equal(got, want) {
		t.Errorf("the summary has %v, want %v", got, want)
	}
	sameReport(t, recent, "since "+day)
}

func readAll[T table.Row](t *testing.T, dir string) []T {
	t.Helper()
	rows, err := table.Read[T](dir)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sameReport holds that `report` rebuilds a run's report to the byte, and that
// it holds the words.
func sameReport(t *testing.T, dir, words string) {
	t.Helper()
	page := filepath.Join(dir, "report", "index.html")
	before, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	mustCall(t, "report", dir)
	after, err := os.ReadFile(page)
	if err != nil || string(after) != string(before) || !strings.Contains(string(after), words) {
		t.Errorf("the report is another when rebuilt, or lacks %q (%v)", words, err)
	}
}

func TestSinceWhatDay(t *testing.T) {
	for _, command := range []string{"run", "schedule"} {
		if code, _, stderr := call(t, "", command, "--since", "yesterday", "--out", filepath.Join(t.TempDir(), "out"), "articles"); code != exitUsage {
			t.Errorf("%s --since yesterday: exit %d: %s", command, code, stderr)
		}
	}
	for _, step := range []string{"totals", "finish"} {
		if code, _, stderr := call(t, "", "step", step, "--since", "yesterday"); code != exitUsage {
			t.Errorf("step %s --since yesterday: exit %d: %s", step, code, stderr)
		}
	}
	if stdout, _ := mustCall(t, "schedule", "--since", "2031-05-01", "articles"); !strings.Contains(stdout, " --since 2031-05-01 ") {
		t.Errorf("schedule leaves --since out: %s", stdout)
	}
}
