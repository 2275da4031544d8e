package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/reports/table"
)

// shards runs a corpus in n parts and returns their outputs.
func shards(t *testing.T, n int, in string) (outputs []string) {
	t.Helper()
	dir := t.TempDir()
	for k := range n {
		out := filepath.Join(dir, fmt.Sprintf("part%d", k+1))
		mustCall(t, "run", "--quiet", "--max-quarantine", "100%", "--shard", fmt.Sprintf("%d/%d", k+1, n), "--out", out, in)
		outputs = append(outputs, out)
	}
	return outputs
}

// TestShards holds that shards, merged, are one run: articles, copies across
// shards, speakers, quarantine and report.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	text := lines(0, 30) + strings.Replace(lines(3, 4), `"id":"n3"`, `"id":"z3"`, 1) + lines(5, 6) + "{\n" + lines(30, 40) + `{"id":"none"}` + "\n"
	in := write(t, dir, "in.jsonl", []byte(text))
	once := filepath.Join(dir, "once")
	mustCall(t, "run", "--quiet", "--out", once, in)
	want := files(t, once)
	for _, n := range []int{1, 3} {
		if n == 1 && testing.Short() {
			continue
		}
		outputs := shards(t, n, in)
		total := 0
		for k, out := range outputs {
			info, err := table.ReadRun(out)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("%d/%d", k+1, n); info.Shard != want {
				t.Errorf("run.json says shard %q: want %q", info.Shard, want)
			}
			total += info.Counts.In
		}
		all := filepath.Join(dir, fmt.Sprintf("all%d", n))
		args := append([]string{"merge", "--quiet", "--out", all}, outputs...)
		mustCall(t, args...)
		same(t, want, files(t, all))
		info, err := table.ReadRun(all)
		if err != nil {
			t.Fatal(err)
		}
		if c := info.Counts; c.In != total || c.Duplicates != 2 || c.Quarantined != 2 || info.Shard != "" {
			t.Errorf("%d shards of %d articles in all give %+v", n, total, c)
		}
		// a second merge finds everything as it was
		mustCall(t, args...)
		if info, err = table.ReadRun(all); err != nil || info.Counts.Analysed != 0 || info.Counts.Unchanged != 40 {
			t.Errorf("merged again: %+v, %v", info.Counts, err)
		}
	}
}

func TestMergeErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("ten runs")
	}
	dir := t.TempDir()
	in := write(t, dir, "in.jsonl", []byte(lines(0, 6)))
	parts := shards(t, 3, in)
	whole := filepath.Join(dir, "whole")
	mustCall(t, "run", "--quiet", "--out", whole, in)
	config, _ := mustCall(t, "config", "show")
	other := write(t, dir, "other.yaml", []byte(strings.Replace(config, "min_stance_confidence: ", "min_stance_confidence: 0.9 # ", 1)))
	moved := filepath.Join(dir, "moved")
	if err := os.CopyFS(moved, os.DirFS(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		code int
		want string
		args []string
	}{
		{"none", exitUsage, "at least 1", nil},
		{"missing", exitUsage, "1 of 3 shards missing: 2/3", []string{parts[0], parts[2]}},
		{"mixed", exitUsage, "no shards of one corpus", []string{whole, parts[0], parts[1], parts[2]}},
		{"no run", exitFailed, "run.json: cannot be read", []string{dir}},
		{"other configuration", exitUsage, "another configuration", append([]string{"--config", other}, parts...)},
		{"one article twice", exitFailed, "its id was met before", []string{whole, copyRun(t, whole)}},
		{"no state", exitFailed, "moved.state", []string{moved}},
	} {
		out := filepath.Join(t.TempDir(), "out")
		code, _, stderr := call(t, "", append([]string{"merge", "--out", out}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, %q: want %d and %q", c.name, code, stderr, c.code, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: something was published", c.name)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	var stderr bytes.Buffer
	if code := execute(stopped, append([]string{"merge", "--out", filepath.Join(dir, "stopped")}, parts...), strings.NewReader(""), io.Discard, &stderr); code != exitFailed {
		t.Errorf("interrupted: exit %d, %s", code, &stderr)
	}
	store := filepath.Join(parts[0]+".state", "store")
	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(store, 0o777); err != nil {
		t.Fatal(err)
	}
	code, _, messages := call(t, "", append([]string{"merge", "--out", filepath.Join(dir, "lost")}, parts...)...)
	if code != exitFailed || !strings.Contains(messages, "lost or damaged") || !strings.Contains(messages, parts[0]) {
		t.Errorf("a lost record: exit %d, %q", code, messages)
	}
}

// TestREADMEShards runs the README's job array, Slurm's part played by a loop,
// and its merge.
func TestREADMEShards(t *testing.T) {
	if testing.Short() {
		t.Skip("a run in each of three processes")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(#!/bin/bash\n#SBATCH .*?)```").FindSubmatch(readme)
	wrap := regexp.MustCompile("--wrap '(.*)'").FindSubmatch(readme)
	if block == nil || wrap == nil {
		t.Fatal("README.md shows no job array with its merge")
	}
	script := strings.ReplaceAll(string(block[1]), "/40", "/2")
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "standpoint"), []byte("#!/bin/sh\nexport STANDPOINT_TEST_MAIN=1\nexec '"+self+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "articles"), 0o777); err != nil {
		t.Fatal(err)
	}
	in := write(t, filepath.Join(dir, "articles"), "a.jsonl", []byte(lines(0, 6)))
	for _, job := range []struct{ script, task string }{{script, "1"}, {script, "2"}, {string(wrap[1]), ""}} {
		c := exec.Command(bash, "-e", "-c", job.script)
		c.Dir = dir
		c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SLURM_ARRAY_TASK_ID="+job.task)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", job.script, err, out)
		}
	}
	once := filepath.Join(dir, "once")
	mustCall(t, "run", "--quiet", "--out", once, in)
	same(t, files(t, once), files(t, filepath.Join(dir, "all")))
}

// copyRun copies an output folder with its state.
func copyRun(t *testing.T, out string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	for _, suffix := range []string{"", ".state"} {
		if err := os.CopyFS(to+suffix, os.DirFS(out+suffix)); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestOutputs(t *testing.T) {
	got := strings.Join(outputs([]string{"parts/2.state", "parts/2", "parts/1/", "parts/1", "./parts/1.state", "lone.state"}), " ")
	if want := filepath.Clean("lone.state") + " " + filepath.Join("parts", "1") + " " + filepath.Join("parts", "2"); got != want {
		t.Errorf("outputs %q: want %q", got, want)
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]shard{"": {}, "1/1": {1, 1}, "3/40": {3, 40}} {
		if got, err := parseShard(text); err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0/4", "5/4", "1", "1/", "a/b", "1/2/3", " 1/2", "01/2", "-1/2"} {
		if got, err := parseShard(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// TestShardsPart holds that each item belongs to one shard.
func TestShardsPart(t *testing.T) {
	for i := range 100 {
		for _, item := range []reader.Item{{Doc: &corpus.Document{ID: fmt.Sprint(i)}}, {Rejected: &reader.Rejection{ID: fmt.Sprint(i)}}} {
			n := 0
			for k := range 7 {
				if (shard{k + 1, 7}).has(item) {
					n++
				}
			}
			if n != 1 || !(shard{}).has(item) {
				t.Errorf("item %d belongs to %d of 7 shards", i, n)
			}
		}
	}
}
