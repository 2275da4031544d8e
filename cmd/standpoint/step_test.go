package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/standpoint-news/standpoint/reports/table"
)

// A row is a line of a step.
type row map[string]any

// step runs a step over rows.
func step(t *testing.T, rows []row, args ...string) (out []row) {
	t.Helper()
	var in strings.Builder
	for _, r := range rows {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(data, '\n'))
	}
	code, stdout, stderr := call(t, in.String(), append([]string{"step"}, args...)...)
	if code != exitDone {
		t.Fatalf("step %v: exit %d: %s", args, code, stderr)
	}
	return parseRows(t, stdout)
}

func parseRows(t *testing.T, text string) (out []row) {
	t.Helper()
	for line := range strings.Lines(text) {
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber() // keys have more digits than floats
		var r row
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, r)
	}
	return out
}

// shuffle divides rows into those of one key each, in the order of keys, and
// reverses them, for no step may depend on their order.
func shuffle(rows []row, key string) (parts [][]row) {
	by := map[string][]row{}
	for _, r := range slices.Backward(rows) {
		k := fmt.Sprint(r[key])
		by[k] = append(by[k], r)
	}
	for _, k := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, by[k])
	}
	return parts
}

// tie sets "group" of the articles to one value for all that are tied by keys.
func tie(articles []row) {
	first := map[string]row{}
	var root func(r row) row
	root = func(r row) row {
		if up, ok := r["group"].(row); ok {
			return root(up)
		}
		return r
	}
	for _, a := range articles {
		keys, _ := a["keys"].([]any)
		for _, key := range keys {
			k := fmt.Sprint(key)
			if f := first[k]; f == nil {
				first[k] = a
			} else if x, y := root(a), root(f); fmt.Sprint(x["key"]) != fmt.Sprint(y["key"]) {
				x["group"] = y
			}
		}
	}
	for _, a := range articles {
		a["root"] = root(a)["key"]
	}
	for _, a := range articles {
		delete(a, "group")
	}
}

// known puts what is known of articles before each.
func known(articles []row, people map[any]row) (rows []row) {
	for _, a := range articles {
		if a["copy"] != nil {
			rows = append(rows, row{"id": a["id"], "copy": a["copy"]})
		}
		speakers, _ := a["speakers"].([]any)
		for _, s := range speakers {
			rows = append(rows, row{"id": a["id"], "person": people[s.(map[string]any)["id"]]})
		}
		rows = append(rows, a)
	}
	return rows
}

// steps makes the tables of a corpus step by step, as a cluster would, and
// returns the folder.
func steps(t *testing.T, bytes, corpus string, since ...string) string {
	t.Helper()
	dir := t.TempDir()
	aside, out := filepath.Join(dir, "aside"), filepath.Join(dir, "out")
	stdout, _ := mustCall(t, "step", "files", "--bytes", bytes, corpus)
	var articles, rest, gone []row
	for _, task := range slices.Backward(parseRows(t, stdout)) {
		for _, a := range step(t, []row{task}, "articles") {
			if a["rejected"] != nil {
				gone = append(gone, a)
			} else {
				articles = append(articles, a)
			}
		}
	}
	byKey := map[string]row{}
	for _, a := range articles {
		byKey[fmt.Sprint(a["key"])] = a
	}
	for _, family := range shuffle(articles, "family") {
		for _, x := range step(t, family, "ids") {
			a := byKey[fmt.Sprint(x["key"])]
			if x["rejected"] != nil {
				gone = append(gone, x)
				delete(byKey, fmt.Sprint(x["key"]))
			} else {
				a["id"] = x["new_id"]
			}
		}
	}
	articles = slices.DeleteFunc(articles, func(a row) bool { return byKey[fmt.Sprint(a["key"])] == nil })
	for _, a := range gone {
		rest = append(rest, row{"table": "quarantine", "row": a["rejected"]})
	}
	tie(articles)
	for _, group := range shuffle(articles, "root") {
		for _, c := range step(t, group, "copies") {
			byKey[fmt.Sprint(c["key"])]["copy"] = c
		}
	}
	var originals, said []row
	for _, a := range articles {
		if a["copy"] == nil && a["publisher"] != nil {
			originals = append(originals, a)
		}
		speakers, _ := a["speakers"].([]any)
		for _, s := range speakers {
			said = append(said, row(s.(map[string]any)))
		}
	}
	for _, outlet := range shuffle(originals, "publisher") {
		for _, x := range step(t, outlet, "lines") {
			for _, a := range articles {
				if a["publisher"] == x["publisher"] {
					a["repeated"] = x["repeated"]
				}
			}
		}
	}
	people := map[any]row{}
	for _, p := range step(t, said, "speakers") {
		if p["table"] != nil {
			rest = append(rest, p)
		} else {
			people[p["id"]] = p
		}
	}
	if err := os.Mkdir(aside, 0o777); err != nil {
		t.Fatal(err)
	}
	var adds []row
	for i, day := range shuffle(articles, "day") {
		slices.SortFunc(day, func(a, b row) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
		if i == 0 { // a task that is done twice changes nothing
			step(t, known(day, people), "tables", "--out", aside)
		}
		for _, x := range step(t, known(day, people), "tables", "--out", aside) {
			if x["table"] != nil {
				rest = append(rest, x)
			} else {
				adds = append(adds, x)
			}
		}
	}
	for _, p := range people {
		if p["stays"] == p["id"] {
			p["speaker"] = p["id"]
			adds = append(adds, p)
		}
	}
	for _, speaker := range shuffle(adds, "speaker") {
		rest = append(rest, step(t, speaker, append([]string{"totals"}, since...)...)...)
	}
	slices.Reverse(rest)
	for range 2 {
		step(t, rest, append([]string{"finish", "--dir", aside, "--out", out, "--began", time.Now().UTC().Format(time.RFC3339)}, since...)...)
	}
	return out
}

// TestSteps holds that the steps of a run make its tables, to the byte:
// articles twice under one id, copies, repeated lines, speakers, quarantine.
func TestSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("a run for every step")
	}
	dir := t.TempDir()
	corpus := filepath.Join(dir, "corpus")
	if err := os.Mkdir(corpus, 0o777); err != nil {
		t.Fatal(err)
	}
	herald := func(text string) string { // an outlet that repeats a line with a statement
		text = strings.ReplaceAll(text, `","date"`, `\nMinister Ada Hale condemned the strikes on Syria, she said.","publisher":"Herald","date"`)
		return strings.Replace(text, "Foreign Minister Agnes Roth", "Minister A. Roth", 1)
	}
	again := lines(3, 5) + strings.Replace(lines(6, 7), "Foreign", "Other", 1) + strings.Replace(lines(5, 6), `"id":"n5"`, `"id":"z5"`, 1)
	write(t, corpus, "a.jsonl", []byte(lines(0, 10)+herald(lines(10, 30))))
	write(t, corpus, "b.jsonl", []byte(lines(30, 40)+again+"{\n"))
	write(t, corpus, "c.unknown", []byte("no article"))
	once := filepath.Join(dir, "once")
	mustCall(t, "run", "--quiet", "--max-quarantine", "100%", "--out", once, corpus)
	want := files(t, once)
	maps.DeleteFunc(want, func(name, _ string) bool { return strings.HasPrefix(name, "report") || name == ".standpoint" })
	info, err := table.ReadRun(once)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := table.Read[table.StatementRow](once)
	if err != nil {
		t.Fatal(err)
	}
	repeated := slices.ContainsFunc(statements, func(s table.StatementRow) bool { return strings.Contains(s.Context, "Ada Hale") })
	if c := info.Counts; c.Duplicates < 3 || c.Quarantined != 3 || repeated || c.Speakers < 2 {
		t.Fatalf("the corpus shows too little: %+v, repeated lines %v", c, repeated)
	}
	for _, bytes := range []string{"9000", "1000000"} {
		out := steps(t, bytes, corpus)
		same(t, want, files(t, out))
		got, err := table.ReadRun(out)
		if err != nil || got.Counts != info.Counts || got.EnvironmentSHA256 != info.EnvironmentSHA256 {
			t.Errorf("run.json: %+v, %v: want %+v", got, err, info)
		}
	}
}

// TestStepsSince holds that the steps cover since a day what a run covers since it.
func TestStepsSince(t *testing.T) {
	if testing.Short() {
		t.Skip("a run for every step")
	}
	dir := t.TempDir()
	corpus := write(t, dir, "a.jsonl", []byte(calendar(0, 8)))
	all, once := filepath.Join(dir, "all"), filepath.Join(dir, "once")
	mustCall(t, "run", "--quiet", "--out", all, corpus)
	mustCall(t, "run", "--quiet", "--out", once, "--since", "1994-01-01", corpus)
	out := steps(t, "1000000", corpus, "--since", "1994-01-01")
	want, got := readAll[table.SummaryRow](t, once), readAll[table.SummaryRow](t, out)
	if len(want) == 0 || !reflect.DeepEqual(got, want) || reflect.DeepEqual(want, readAll[table.SummaryRow](t, all)) {
		t.Errorf("the summary has %d rows, want %d, other ones than of all days", len(got), len(want))
	}
	if info, err := table.ReadRun(out); err != nil || info.Since != "1994-01-01" {
		t.Errorf("run.json covers since %q, %v", info.Since, err)
	}
}

// TestStepTablesOrder holds that what is known of an article is never lost, nor
// another's.
func TestStepTablesOrder(t *testing.T) {
	for _, after := range []string{"", `{"id":"b","record":"AA=="}` + "\n"} {
		in := `{"id":"a","person":{"id":"p","stays":"p"}}` + "\n" + after
		code, _, stderr := call(t, in, "step", "tables", "--out", t.TempDir())
		if code != exitFailed || !strings.Contains(stderr, `article "a"`) || !strings.Contains(stderr, "known of it") {
			t.Errorf("then %q: exit %d, %s", after, code, stderr)
		}
	}
}
