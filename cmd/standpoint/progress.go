package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A progress shows how far a run is: a bar on a terminal, a line now and then
// otherwise.
type progress struct {
	out      io.Writer
	bar      *progressbar.ProgressBar
	articles int
	bytes    int64
	began    time.Time
	last     time.Time
}

// betweenLines is how often a log gets a line.
const betweenLines = 30 * time.Second

// newProgress measures by bytes of text against the size of the input, which
// is known for plain files and folders; else only counts and rate are shown.
func newProgress(out io.Writer, quiet bool, paths []string, known bool) *progress {
	p := &progress{began: time.Now(), last: time.Now()}
	if quiet {
		return p
	}
	p.out = out
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return p
	}
	total := int64(-1)
	if !known {
		total = inputSize(paths)
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription("reading"),
		progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
	}
	if os.Getenv("NO_COLOR") == "" {
		options = append(options, progressbar.OptionEnableColorCodes(true))
	}
	p.bar = progressbar.NewOptions64(total, options...)
	return p
}

// plainExtensions are of files whose size is about that of their articles.
var plainExtensions = []string{".txt", ".jsonl", ".ndjson", ".json", ".csv", ".tsv"}

// inputSize adds up the sizes of the input, or returns -1 where it cannot be
// known before reading: compressed files, archives, pages and standard input.
func inputSize(paths []string) int64 {
	total := int64(0)
	for _, path := range paths {
		if path == "-" {
			return -1
		}
		packed := false
		filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil
			}
			packed = packed || !slices.Contains(plainExtensions, strings.ToLower(filepath.Ext(name)))
			if info, err := entry.Info(); err == nil {
				total += info.Size()
			}
			return nil
		})
		if packed {
			return -1
		}
	}
	return total
}

func (p *progress) add(bytes int) {
	p.articles++
	p.bytes += int64(bytes)
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d articles", p.articles))
		p.bar.Add(bytes)
		return
	}
	if p.out != nil && time.Since(p.last) >= betweenLines {
		p.last = time.Now()
		seconds := time.Since(p.began).Seconds()
		fmt.Fprintf(p.out, "%d articles read, %.0f a second\n", p.articles, float64(p.articles)/seconds)
	}
}

func (p *progress) done() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
