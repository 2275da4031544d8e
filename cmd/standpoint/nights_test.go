package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/reports/table"
)

// lines makes records of numbered articles, of which none is a copy of another.
func lines(from, to int) string {
	common := strings.Fields("the of and to in that it was for on are as with they at be this have from or had by hot but some what there we can out other were all your when up use how said each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find")
	var b strings.Builder
	for i := from; i < to; i++ {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		var filler []string
		for range 150 {
			filler = append(filler, common[random.IntN(len(common))])
		}
		fmt.Fprintf(&b, `{"id":"n%d","title":"Vote","text":"Foreign Minister Agnes Roth condemned the strikes on Syria on day %d. “They were illegal,” she said. It was said that %s.","date":"2031-04-%02d"}`+"\n", i, i, strings.Join(filler, " "), 1+i%28)
	}
	return b.String()
}

func mustCall(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := call(t, "", args...)
	if code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, code, stderr)
	}
	return stdout, stderr
}

// TestNightlyRuns goes through what a folder sees from night to night.
func TestNightlyRuns(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.Mkdir(in, 0o777); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	write(t, in, "a.jsonl", []byte(lines(0, 20)))
	planned := func(want plan, args ...string) {
		t.Helper()
		stdout, _ := mustCall(t, append([]string{"run", "--plan", "--json", "--out", out, in}, args...)...)
		var got plan
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("plan %+v, want %+v", got, want)
		}
	}
	counts := func(want table.Counts) {
		t.Helper()
		info, err := table.ReadRun(out)
		if err != nil {
			t.Fatal(err)
		}
		c := info.Counts
		if c.In != c.Analysed+c.Unchanged+c.Duplicates+c.Quarantined {
			t.Errorf("counts do not add up: %+v", c)
		}
		if got := (table.Counts{In: c.In, Analysed: c.Analysed, Unchanged: c.Unchanged, Duplicates: c.Duplicates, Quarantined: c.Quarantined}); got != want {
			t.Errorf("counts %+v, want %+v", got, want)
		}
	}
	planned(plan{Run: 1, In: 20, New: 20})
	if _, err := os.Stat(out + ".state"); err == nil {
		t.Error("a plan made something")
	}
	mustCall(t, "run", "--out", out, in)
	counts(table.Counts{In: 20, Analysed: 20})
	// a night with new, changed, gone, broken and copied articles
	write(t, in, "a.jsonl", []byte(lines(1, 20)+strings.Replace(lines(3, 4), `"id":"n3"`, `"id":"z3"`, 1)))
	write(t, in, "b.jsonl", []byte(lines(20, 22)+"{\n"))
	planned(plan{Run: 2, In: 23, New: 3, Unchanged: 19, Quarantined: 1, Gone: 1})
	stdout, stderr := mustCall(t, "run", "--out", out, "--log", "json", in)
	if stdout != "" {
		t.Errorf("on standard output: %s", stdout)
	}
	counts(table.Counts{In: 23, Analysed: 2, Unchanged: 19, Duplicates: 1, Quarantined: 1})
	for _, line := range strings.Split(strings.TrimSpace(stderr), "\n") {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil || record["msg"] == "" {
			t.Errorf("not a record: %s", line)
		}
	}
	// the same as one run over everything, but for the number of the run
	once := filepath.Join(dir, "once")
	mustCall(t, "run", "--quiet", "--out", once, in)
	a, b := files(t, once), files(t, out)
	for _, m := range []map[string]string{a, b} {
		delete(m, ".standpoint")
		delete(m, "datapackage.json") // lists the files
	}
	for name := range a {
		if strings.HasSuffix(name, ".parquet") && strings.Contains(name, "dt=") {
			delete(a, name) // in other files than the nights put them
		}
	}
	for name := range b {
		if strings.HasSuffix(name, ".parquet") && strings.Contains(name, "dt=") {
			delete(b, name)
		}
	}
	same(t, a, b)
	// the report is the one that its tables give
	mustCall(t, "report", "--quiet", out)
	c := files(t, out)
	for name, want := range b {
		if strings.HasPrefix(name, "report/") && c[name] != want {
			t.Errorf("%s differs from the one made from the tables", name)
		}
	}
	// another configuration
	config := write(t, dir, "c.yaml", []byte("targets:\n  - id: roth\n    name: Agnes Roth\n    kind: person\n    aliases: [Roth]\n"))
	planned(plan{Run: 3, In: 23, Again: 22, Quarantined: 1, Why: "configuration"}, "--config", config)
	_, stderr = mustCall(t, "run", "--out", out, "--config", config, in)
	if !strings.Contains(stderr, "Another configuration than in run 2: its 22 articles are analysed again") {
		t.Errorf("the run does not say what it does again: %s", stderr)
	}
	counts(table.Counts{In: 23, Analysed: 21, Duplicates: 1, Quarantined: 1})
	// runs
	stdout, _ = mustCall(t, "runs", out)
	if n := strings.Count(stdout, "\n"); n != 3 || !strings.Contains(stdout, "* run 3 ") {
		t.Errorf("runs:\n%s", stdout)
	}
	mustCall(t, "runs", "prune", out, "--keep", "0")
	if stdout, _ = mustCall(t, "runs", out); strings.Count(stdout, "\n") != 1 {
		t.Errorf("runs after pruning:\n%s", stdout)
	}
	mustCall(t, "compact", out)
	mustCall(t, "run", "--out", out, "--config", config, in)
	counts(table.Counts{In: 23, Unchanged: 21, Duplicates: 1, Quarantined: 1})
	mustCall(t, "run", "--out", out, "--config", config, "--fresh", in)
	counts(table.Counts{In: 23, Analysed: 21, Duplicates: 1, Quarantined: 1})
}

// TestSecondRunIsLocked holds that a run beside another ends at once with an exit code of
// its own, and says who has the lock.
func TestSecondRunIsLocked(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	w, err := table.Create(out, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, args := range [][]string{{"run", "--out", out}, {"compact", out}, {"runs", "prune", out}} {
		code, _, stderr := call(t, "", args...)
		want := exitLocked
		if args[0] == "runs" {
			want = exitFailed // nothing is published yet
		}
		if code != want || want == exitLocked && !strings.Contains(stderr, fmt.Sprintf("process %d (standpoint run)", os.Getpid())) {
			t.Errorf("%v: exit %d, want %d: %s", args, code, want, stderr)
		}
	}
}

func TestMetrics(t *testing.T) {
	dir := t.TempDir()
	out, file := filepath.Join(dir, "out"), filepath.Join(dir, "standpoint.prom")
	// one of six is above a tenth
	if code, _, stderr := call(t, "", "run", "--quiet", "--out", out, "--metrics", file, write(t, dir, "a.jsonl", []byte(lines(0, 5)+"{\n"))); code != exitQuarantined {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"standpoint_run_exit_code 3\n", `standpoint_articles{outcome="analysed"} 5` + "\n",
		`standpoint_articles{outcome="quarantined"} 1` + "\n", "standpoint_published_run 1\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the metrics lack %q:\n%s", want, text)
		}
	}
	form := regexp.MustCompile(`^(# (HELP|TYPE) standpoint_\w+ .+|standpoint_\w+(\{outcome="\w+"\})? [-+.e0-9]+)$`)
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if !form.MatchString(line) {
			t.Errorf("not Prometheus's text format: %q", line)
		}
	}
	// a failed run says so, and what stands
	call(t, "", "run", "--quiet", "--out", out, "--metrics", file, filepath.Join(dir, "absent.jsonl"))
	if text, _ = os.ReadFile(file); !strings.Contains(string(text), "standpoint_run_exit_code 1\n") || !strings.Contains(string(text), "standpoint_published_run 1\n") {
		t.Errorf("after a failed run:\n%s", text)
	}
	if code, _, stderr := call(t, "", "run", "--quiet", "--out", out, "--metrics", filepath.Join(dir, "no", "x.prom")); code != exitFailed || !strings.Contains(stderr, "cannot write the metrics") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestSchedule runs what it prints through a shell, but for the program.
func TestSchedule(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's 100% new")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	stdout, _ := mustCall(t, "schedule", "--at", "3:05", "--out", "night", "--metrics", "m.prom", "articles", "more.jsonl")
	cron, ok := strings.CutPrefix(stdout, "5 3 * * * ")
	if !ok || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("cron line %q", stdout)
	}
	// cron takes \% for %, and hands the rest to the shell
	script := strings.ReplaceAll(strings.TrimSpace(cron), `\%`, "%")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script = strings.Replace(script, program, "printf '<%s>'", 1)
	if err := exec.Command("sh", "-c", script).Run(); err != nil {
		t.Fatal(err)
	}
	want := "<run><--log><text><--out><DIR/night><--metrics><DIR/m.prom><DIR/articles><DIR/more.jsonl>"
	if got, err := os.ReadFile("night.log"); err != nil || strings.ReplaceAll(string(got), dir, "DIR") != want {
		t.Errorf("the shell sees %s, want %s (%v)", got, want, err)
	}
	stdout, _ = mustCall(t, "schedule", "--systemd", "articles")
	for _, want := range []string{"OnCalendar=*-*-* 02:30:00", "Type=oneshot", `it's 100%% new/articles"`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the units lack %q:\n%s", want, stdout)
		}
	}
	stdout, _ = mustCall(t, "schedule", "--include", "*.html", "--exclude", "old/**", "--manifest", "list.txt", "--speakers", "s.csv")
	for _, want := range []string{" --speakers '", " --include '*.html' --exclude 'old/**' --manifest '", "new/list.txt'"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the line lacks %q: %s", want, stdout)
		}
	}
	for _, args := range [][]string{{"schedule"}, {"schedule", "-"}, {"schedule", "--at", "26:00", "x"}, {"schedule", "a\nb"}} {
		if code, _, _ := call(t, "", args...); code != exitUsage {
			t.Errorf("%q: exit %d, want %d", args, code, exitUsage)
		}
	}
}
