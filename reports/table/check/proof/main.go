// Command proof kills standpoint at random points, fails its writes, syncs and
// renames one after the other, starts it many times at once and fills its disk.
// After each it holds that the published tables are whole, and those of one
// night or the next; and that a rerun gives the bytes of an undisturbed run.
//
//	go build -tags faults -o /tmp/standpoint ./cmd/standpoint
//	go run ./reports/table/check/proof -bin /tmp/standpoint -kills 200
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/standpoint-news/standpoint/corpus/demo"
	"github.com/standpoint-news/standpoint/reports/table"
)

func main() {
	bin := flag.String("bin", "", "standpoint, built with -tags faults")
	kills := flag.Int("kills", 200, "times to kill it at random")
	fails := flag.Bool("fails", true, "fail every step, one after the other")
	starts := flag.Int("starts", 50, "starts at once")
	small := flag.String("small", "", "a folder on a file system of a few MB, to fill")
	seed := flag.Uint64("seed", 1, "of the random points")
	flag.Parse()
	dir, err := os.MkdirTemp("", "proof-")
	if err == nil {
		p := &proof{bin: *bin, dir: dir, random: rand.New(rand.NewPCG(*seed, 0))}
		err = p.all(*kills, *fails, *starts, *small)
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

type proof struct {
	bin, dir string
	random   *rand.Rand

	base           string // out and its state after the first night
	night1, night2 string // the inputs
	old, new       map[string]string
	steps          int
	took           time.Duration // of the second night
}

func (p *proof) all(kills int, fails bool, starts int, small string) error {
	if p.bin == "" {
		return errors.New("-bin is needed")
	}
	if err := p.prepare(); err != nil {
		return err
	}
	fmt.Printf("second night: %d steps, %v undisturbed\n", p.steps, p.took.Round(time.Millisecond))
	published := 0
	for i := range kills {
		// in turn: at a random step, and at a random moment
		env, after := fmt.Sprintf("STANDPOINT_FAULT=kill:%d", 1+p.random.IntN(p.steps)), time.Duration(0)
		if i%2 == 1 {
			env, after = "STANDPOINT_FAULT=", time.Duration(p.random.Int64N(int64(p.took)))
		}
		was, err := p.disturb(filepath.Join(p.dir, "trial"), env, after)
		if err != nil {
			return fmt.Errorf("kill %d of %d (%s, %v): %w", i+1, kills, env, after, err)
		}
		if was == "new" {
			published++
		}
	}
	fmt.Printf("%d kills: whole after each (%d after the new tables were in place), and rerun to the same bytes\n", kills, published)
	if fails {
		for step := 1; step <= p.steps; step++ {
			env := fmt.Sprintf("STANDPOINT_FAULT=fail:%d", step)
			if _, err := p.disturb(filepath.Join(p.dir, "trial"), env, 0); err != nil {
				return fmt.Errorf("%s: %w", env, err)
			}
		}
		fmt.Printf("%d failures, one a step: the same\n", p.steps)
	}
	if err := p.startMany(starts); err != nil {
		return fmt.Errorf("%d starts at once: %w", starts, err)
	}
	if small != "" {
		if err := p.fill(small); err != nil {
			return fmt.Errorf("full disk: %w", err)
		}
	}
	return nil
}

// prepare makes the inputs and the undisturbed nights.
func (p *proof) prepare() error {
	var lines [][]byte
	for line := range bytes.Lines(demo.Articles()) {
		// the demo's dates lie ahead, and would be none
		lines = append(lines, bytes.Replace(line, []byte(`"date":"2031-`), []byte(`"date":"2021-`), 1))
	}
	p.night1, p.night2 = filepath.Join(p.dir, "night1.jsonl"), filepath.Join(p.dir, "night2.jsonl")
	first := bytes.Join(lines[:10], nil)
	changed := bytes.Replace(lines[0], []byte(`"text":"`), []byte(`"text":"Corrected. `), 1)
	second := append(bytes.Join([][]byte{changed}, nil), bytes.Join(lines[2:15], nil)...) // one gone, five new
	if err := errors.Join(os.WriteFile(p.night1, first, 0o666), os.WriteFile(p.night2, second, 0o666)); err != nil {
		return err
	}
	p.base = filepath.Join(p.dir, "base")
	if err := os.Mkdir(p.base, 0o777); err != nil {
		return err
	}
	if code, out := p.run(p.base, p.night1, "", 0); code != 0 {
		return fmt.Errorf("the first night: exit %d: %s", code, out)
	}
	var err error
	if p.old, err = tree(p.base); err != nil {
		return err
	}
	trial := filepath.Join(p.dir, "undisturbed")
	if err := os.CopyFS(trial, os.DirFS(p.base)); err != nil {
		return err
	}
	log := filepath.Join(p.dir, "steps")
	began := time.Now()
	if code, out := p.run(trial, p.night2, "STANDPOINT_FAULT_LOG="+log, 0); code != 0 {
		return fmt.Errorf("the second night: exit %d: %s", code, out)
	}
	p.took = time.Since(began)
	if p.new, err = tree(trial); err != nil {
		return err
	}
	if same(p.old, p.new) {
		return errors.New("the nights do not differ")
	}
	text, err := os.ReadFile(log)
	p.steps = bytes.Count(text, []byte("\n"))
	return err
}

// run runs a night in dir/out, and kills it after a time that is not 0.
func (p *proof) run(dir, input, env string, after time.Duration) (code int, output string) {
	c := exec.Command(p.bin, "run", "--workers", "2", "--quiet", "--log", "plain", "--config", filepath.Join(p.dir, "targets.yaml"), "--out", filepath.Join(dir, "out"), input)
	c.Env = append(os.Environ(), env)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := os.WriteFile(filepath.Join(p.dir, "targets.yaml"), demo.Config(), 0o666); err != nil {
		return -2, err.Error()
	}
	if err := c.Start(); err != nil {
		return -2, err.Error()
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
		defer timer.Stop()
	}
	_ = c.Wait() // its exit code tells
	return c.ProcessState.ExitCode(), out.String()
}

// disturb runs the second night under a fault, checks what it left, and reruns
// it. It says whose tables stood before the rerun.
func (p *proof) disturb(dir, env string, after time.Duration) (was string, err error) {
	if err := os.CopyFS(dir, os.DirFS(p.base)); err != nil {
		return "", err
	}
	code, output := p.run(dir, p.night2, env, after)
	if strings.Contains(env, "=fail:") && code != 0 && (code != 1 || !strings.Contains(output, "no space left")) {
		return "", fmt.Errorf("exit %d: %s", code, output)
	}
	was, err = p.whole(dir)
	if err == nil && code == 0 && was == "old" {
		err = errors.New("exit 0, and the tables are those of the first night")
	}
	if err == nil {
		err = p.rerun(dir)
	}
	if err != nil {
		return "", fmt.Errorf("%w (exit %d: %s; see %s)", err, code, output, dir)
	}
	return was, os.RemoveAll(dir)
}

// whole checks that the published tables read whole, and whose they are.
func (p *proof) whole(dir string) (string, error) {
	out := filepath.Join(dir, "out")
	if err := errors.Join(count[table.ArticleRow](out), count[table.StatementRow](out), count[table.StanceRow](out),
		count[table.SpeakerRow](out), count[table.MergeRow](out), count[table.SummaryRow](out), count[table.QuarantineRow](out)); err != nil {
		return "", err
	}
	now, err := tree(dir)
	switch {
	case err != nil:
		return "", err
	case same(now, p.old):
		return "old", nil
	case same(now, p.new):
		return "new", nil
	}
	return "", errors.New("the tables are those of neither night")
}

func count[T table.Row](out string) error {
	for _, err := range table.Rows[T](out) {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *proof) rerun(dir string) error {
	if code, output := p.run(dir, p.night2, "", 0); code != 0 {
		return fmt.Errorf("the rerun: exit %d: %s", code, output)
	}
	was, err := p.whole(dir)
	if err == nil && was != "new" {
		err = errors.New("the rerun's bytes are not an undisturbed run's")
	}
	if _, left := os.Lstat(filepath.Join(dir, "out.state", "partial")); err == nil && left == nil {
		err = errors.New("the rerun left its partial folder behind")
	}
	return err
}

// tree maps the published files to what they hold, without those that tell the
// time or the number of the run.
func tree(dir string) (map[string]string, error) {
	root := filepath.Join(dir, "out")
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "run.json" || entry.Name() == ".standpoint" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		out[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if _, ok := out["_SUCCESS"]; err == nil && !ok {
		err = errors.New("there is no _SUCCESS")
	}
	return out, err
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, sum := range a {
		if b[name] != sum {
			return false
		}
	}
	return true
}

// startMany starts the program many times at once: one reads its input, which
// is held back until the others have ended.
func (p *proof) startMany(n int) error {
	if n == 0 {
		return nil
	}
	dir := filepath.Join(p.dir, "many")
	if err := os.CopyFS(dir, os.DirFS(p.base)); err != nil {
		return err
	}
	input, err := os.ReadFile(p.night2)
	if err != nil {
		return err
	}
	type ended struct {
		code   int
		output string
	}
	ends := make(chan ended, n)
	release := make(chan struct{})
	var group sync.WaitGroup
	for range n {
		c := exec.Command(p.bin, "run", "--quiet", "--log", "plain", "--config", filepath.Join(p.dir, "targets.yaml"), "--out", filepath.Join(dir, "out"), "-")
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		in, err := c.StdinPipe()
		if err != nil {
			return err
		}
		if err := c.Start(); err != nil {
			return err
		}
		group.Go(func() {
			<-release
			_, _ = in.Write(input) // those that have ended take none
			in.Close()
		})
		group.Go(func() {
			_ = c.Wait()
			ends <- ended{c.ProcessState.ExitCode(), out.String()}
		})
	}
	var problem error
	for range n - 1 {
		if e := <-ends; e.code != 4 || !strings.Contains(e.output, "is writing there") {
			problem = errors.Join(problem, fmt.Errorf("one ended with exit %d: %s", e.code, e.output))
		}
	}
	close(release)
	if last := <-ends; last.code != 0 {
		problem = errors.Join(problem, fmt.Errorf("the one that ran: exit %d: %s", last.code, last.output))
	}
	group.Wait()
	if problem != nil {
		return problem
	}
	if _, err := p.whole(dir); err != nil {
		return err
	}
	fmt.Printf("%d starts at once: one ran, the others ended with exit code 4\n", n)
	return os.RemoveAll(dir)
}

// fill runs the second night on a file system without room.
func (p *proof) fill(small string) error {
	dir := filepath.Join(small, "proof")
	if err := os.CopyFS(dir, os.DirFS(p.base)); err != nil {
		return err
	}
	filler, err := os.Create(filepath.Join(small, "filler"))
	if err != nil {
		return err
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = filler.Write(block)
	}
	filler.Close()
	code, output := p.run(dir, p.night2, "", 0)
	if code != 1 || !strings.Contains(output, "no space left") {
		return fmt.Errorf("exit %d, want 1: %s", code, output)
	}
	if was, err := p.whole(dir); err != nil || was != "old" {
		return fmt.Errorf("the tables of the first night are not intact: %s, %w", was, err)
	}
	if err := os.Remove(filler.Name()); err != nil {
		return err
	}
	if err := p.rerun(dir); err != nil {
		return err
	}
	fmt.Println("a full disk: exit 1, the first night's tables intact, and rerun to the same bytes")
	return os.RemoveAll(dir)
}
