package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus/demo"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/reports/disk"
	"github.com/standpoint-news/standpoint/reports/table"
)

func TestMain(m *testing.M) {
	if os.Getenv("STANDPOINT_TEST_MAIN") != "" { // a test's script has called the program
		os.Exit(execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	disk.NoSync = true
	os.Exit(m.Run())
}

// call runs a command line in this process.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// files reads the files of a finished run but run.json, which holds timings.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "run.json" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, a, b map[string]string) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%d files and %d files", len(a), len(b))
	}
	for name, data := range a {
		if b[name] != data {
			t.Errorf("%s differs", name)
		}
	}
}

// TestDemo runs the README's first command and holds what it promises.
func TestDemo(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "", "run", "--out", out)
	if code != exitDone || stdout != "" || !strings.Contains(stderr, "demo corpus") {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, name := range []string{"run.json", "_SUCCESS", "report/index.html"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	report, err := os.ReadFile(filepath.Join(out, "report", "index.html"))
	if err != nil || !strings.Contains(string(report), "its people, places and events are invented") {
		t.Errorf("the report does not say that it is a demo: %v", err)
	}
	info, err := table.ReadRun(out)
	if err != nil {
		t.Fatal(err)
	}
	c := info.Counts
	if c.In != c.Analysed+c.Unchanged+c.Duplicates+c.Quarantined || c.In != bytes.Count(demo.Articles(), []byte("\n")) {
		t.Errorf("counts %+v for %d articles", c, bytes.Count(demo.Articles(), []byte("\n")))
	}
	if c.Duplicates == 0 || c.Statements == 0 || c.Stances == 0 || c.Abstained == 0 || c.SpeakersAbstained == 0 {
		t.Errorf("the demo shows too little: %+v", c)
	}
}

// TestSameBytes holds that workers and the order of the input change nothing.
func TestSameBytes(t *testing.T) {
	dir := t.TempDir()
	config := write(t, dir, "demo.yaml", demo.Config())
	lines := strings.SplitAfter(strings.TrimSuffix(string(demo.Articles()), "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	one := write(t, dir, "one.jsonl", []byte(strings.Join(lines, "")))
	half := len(lines) / 2
	slices.Reverse(lines)
	a := write(t, dir, "a.jsonl", []byte(strings.Join(lines[:half], "")))
	b := write(t, dir, "b.jsonl", []byte(strings.Join(lines[half:], "")))
	runs := []struct {
		name string
		args []string
	}{
		{"first", []string{"--workers", "1", one}},
		{"workers", []string{"--workers", "8", one}},
		{"order", []string{"--workers", "3", b, a}},
	}
	var want map[string]string
	for _, r := range runs {
		out := filepath.Join(dir, r.name)
		code, _, stderr := call(t, "", append([]string{"run", "--quiet", "--config", config, "--out", out}, r.args...)...)
		if code != exitDone {
			t.Fatalf("%s: exit %d: %s", r.name, code, stderr)
		}
		got := files(t, out)
		if want == nil {
			want = got
		}
		same(t, want, got)
	}
	// the report follows from the tables alone
	out := filepath.Join(dir, "first")
	if err := os.Remove(filepath.Join(out, "report", "index.html")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "", "report", out); code != exitDone {
		t.Fatalf("report: exit %d: %s", code, stderr)
	}
	same(t, want, files(t, out))
}

const article = `{"id":"%s","title":"Vote","text":"Foreign Minister Agnes Roth condemned the strikes on Syria on Monday. “They were illegal,” she said.","date":"2031-04-07"}`

// TestBadInput holds that what is wrong costs one article, is named with its
// place and mend, and that everything is accounted for.
func TestBadInput(t *testing.T) {
	good := fmt.Sprintf(article, "a")
	for _, x := range []struct {
		name, file, data string
		analysed, dupes  int
		reasons          []string
		message          string // of the first row in quarantine
	}{
		{"empty file", "x.txt", "", 0, 0, []string{"empty"}, ""},
		{"binary", "x.txt", "\x7fELF\x00\x00", 0, 0, []string{"binary"}, ""},
		{"Latin-1", "x.txt", "Caf\xe9 said so.", 1, 0, nil, ""},
		{"another language", "x.txt", "Die Gesandte sagte am Montag, kein Angriff werde ohne Antwort bleiben, und der Rat sei von den eigenen Ministern davon unterrichtet worden.", 0, 0, []string{"language"}, ""},
		{"long line", "x.jsonl", good + "\n" + `{"text":"` + strings.Repeat("a", 50<<20) + `"}` + "\n" + fmt.Sprintf(article, "b"), 1, 1, []string{"too_long"}, ""},
		{"short CSV row", "x.csv", "id,title,text\n1,T,Agnes Roth spoke.\n2\n3,U,Viktor Hale spoke.\n", 2, 0, []string{"malformed_csv"}, ""},
		{"JSON cut in half", "x.jsonl", good + "\n" + good[:40] + "\n" + fmt.Sprintf(article, "c"), 1, 1, []string{"malformed_json"}, ""},
		{"missing field", "x.jsonl", `{"id":"1","title":"T"}` + "\n" + good, 1, 0, []string{"missing_text"}, ""},
		{"duplicate id", "x.jsonl", good + "\n" + `{"id":"a","text":"Another text."}`, 1, 0, []string{"duplicate_id"}, "duplicate id"},
		{"same article twice", "x.jsonl", good + "\n" + good, 1, 1, nil, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			in := write(t, dir, x.file, []byte(x.data))
			out := filepath.Join(dir, "out")
			code, _, stderr := call(t, "", "run", "--max-quarantine", "100", "--out", out, in)
			if code != exitDone {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			info, err := table.ReadRun(out)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := table.Read[table.QuarantineRow](out)
			if err != nil {
				t.Fatal(err)
			}
			var reasons []string
			for _, r := range rows {
				reasons = append(reasons, r.Reason)
				if !strings.Contains(r.Path, x.file) || r.Message == "" || r.Mend == "" {
					t.Errorf("row without place, message or mend: %+v", r)
				}
				if !strings.Contains(r.Message, x.message) {
					t.Errorf("message %q lacks %q", r.Message, x.message)
				}
			}
			if diff := cmp.Diff(x.reasons, reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if c := info.Counts; c.Analysed != x.analysed || c.Duplicates != x.dupes || c.In != c.Analysed+c.Unchanged+c.Duplicates+c.Quarantined {
				t.Errorf("counts %+v, want %d analysed and %d duplicates", c, x.analysed, x.dupes)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	notOurs := filepath.Join(dir, "thesis")
	if err := os.Mkdir(notOurs, 0o777); err != nil {
		t.Fatal(err)
	}
	chapter := write(t, notOurs, "chapter1.txt", []byte("precious"))
	bad := write(t, dir, "bad.jsonl", []byte("{\n{\n"))
	unknown := write(t, dir, "unknown.yaml", []byte("targets:\n  - id: a\n    name: A\n    kind: person\n    aliases: [Agnes]\n    colour: red\n"))
	for _, x := range []struct {
		name string
		args []string
		code int
		say  string // a regular expression
	}{
		{"no such file", []string{"run", "--out", filepath.Join(dir, "o1"), filepath.Join(dir, "absent.jsonl")}, exitFailed, `absent\.jsonl: .*no such file`},
		{"not our folder", []string{"run", "--out", notOurs}, exitFailed, `thesis: not an output folder of standpoint`},
		{"quarantine", []string{"run", "--max-quarantine", "0", "--out", filepath.Join(dir, "o2"), bad}, exitQuarantined, `2 of 2`},
		{"bad limit", []string{"run", "--max-quarantine", "lots"}, exitUsage, `--max-quarantine "lots"`},
		{"bad workers", []string{"run", "--workers", "0"}, exitUsage, `--workers 0`},
		{"unknown flag", []string{"run", "--fast"}, exitUsage, `unknown flag: --fast`},
		{"unknown command", []string{"rum"}, exitUsage, `unknown command "rum"`},
		{"unknown key", []string{"config", "check", unknown}, exitUsage, `unknown\.yaml:6: unknown key "colour"`},
		{"no configuration", []string{"run", "--config", filepath.Join(dir, "none.yaml")}, exitUsage, `none\.yaml: cannot read the configuration`},
		{"report of nothing", []string{"report", notOurs}, exitFailed, `thesis`},
		{"annotate a bad line", []string{"annotate", bad}, exitQuarantined, `bad\.jsonl:1: `},
	} {
		t.Run(x.name, func(t *testing.T) {
			code, _, stderr := call(t, "", x.args...)
			if code != x.code || !regexp.MustCompile(x.say).MatchString(stderr) {
				t.Errorf("exit %d, want %d; stderr %q, want %q", code, x.code, stderr, x.say)
			}
		})
	}
	if data, err := os.ReadFile(chapter); err != nil || string(data) != "precious" {
		t.Errorf("a file of the user's was touched: %q, %v", data, err)
	}
}

// TestAnnotate holds the line that other people's scripts read.
func TestAnnotate(t *testing.T) {
	text := "Café talk. Foreign Minister Agnes Roth condemned the strikes on Syria on Monday. “They were illegal,” she said."
	line, err := json.Marshal(map[string]string{"id": "x", "text": text, "date": "2031-04-07", "publisher": "Gazette"})
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, string(line)+"\n", "annotate")
	if code != exitDone || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	var got gold.Line
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "x" || got.Publisher != "Gazette" || got.Published == nil || *got.Published != "2031-04-07T00:00:00Z" {
		t.Errorf("article %+v", got)
	}
	runes := []rune(text)
	cut := func(spans gold.Spans) string {
		var parts []string
		for _, s := range spans {
			parts = append(parts, string(runes[s[0]:s[1]]))
		}
		return strings.Join(parts, "|")
	}
	found := false
	for _, s := range got.Statements {
		if s.Kind == "direct" && cut(s.Source) == "she" {
			found = true
			if s.Speaker == nil || s.Speaker.Name != "Agnes Roth" || s.Speaker.Resolution != "pronoun" {
				t.Errorf("speaker %+v, want Agnes Roth by pronoun", s.Speaker)
			}
			if c := cut(s.Content); !strings.Contains(c, "They were illegal") {
				t.Errorf("content %q", c)
			}
		}
	}
	if !found {
		t.Errorf("no direct statement of “she” in %s", stdout)
	}
	// every key is there, also where it is null
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(stdout), &raw); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"id", "title", "published", "publisher", "duplicate_of", "statements"} {
		if _, ok := raw[key]; !ok {
			t.Errorf("the line lacks %q", key)
		}
	}
}

func TestConfigRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if code, _, stderr := call(t, "", "config", "init", path); code != exitDone {
		t.Fatal(stderr)
	}
	if code, _, stderr := call(t, "", "config", "init", path); code != exitUsage || !strings.Contains(stderr, "exists already") {
		t.Errorf("a second init: exit %d, %s", code, stderr)
	}
	_, byDefault, _ := call(t, "", "config", "show")
	_, byFile, _ := call(t, "", "config", "show", "--config", path)
	if byDefault != byFile {
		t.Error("the file that init writes is not the default")
	}
	shown := write(t, t.TempDir(), "shown.yaml", []byte(byDefault))
	if code, _, stderr := call(t, "", "config", "check", shown); code != exitDone {
		t.Errorf("what show prints is refused: %s", stderr)
	}
}

// TestREADME runs the configuration and the commands that the README prints.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"go run ./cmd/standpoint run\n", "go test ./...\n"} {
		if !bytes.Contains(readme, []byte(command)) {
			t.Errorf("README.md lacks %q", command)
		}
	}
	yaml := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(yaml) == 0 {
		t.Fatal("README.md shows no configuration")
	}
	for i, block := range yaml {
		path := write(t, t.TempDir(), "readme.yaml", block[1])
		if !bytes.Contains(block[1], []byte("targets:")) { // a file of speakers
			if code, shown, stderr := call(t, "", "config", "show", "--speakers", path); code != exitDone || !strings.Contains(shown, "I. M. Corran") {
				t.Errorf("speakers %d of README.md: %s", i+1, stderr)
			}
			continue
		}
		if code, _, stderr := call(t, "", "config", "check", path); code != exitDone {
			t.Errorf("configuration %d of README.md: %s", i+1, stderr)
		}
	}
}
