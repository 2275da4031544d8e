package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress shows how far a run is: a bar on a terminal, a line or record now
// and then otherwise.
type progress struct {
	log      *runLog
	bar      *progressbar.ProgressBar
	total    int64 // bytes, -1 where unknown
	articles int
	bytes    int64
	began    time.Time
	last     time.Time
	mu       sync.Mutex
}

// betweenLines is how often a log gets a line.
const betweenLines = 30 * time.Second

// newProgress measures by bytes of text against the size of the input, which
// is known for plain files and folders; else only counts and rate are shown.
func newProgress(log *runLog, paths []string, isDemo bool) *progress {
	p := &progress{log: log, total: -1, began: time.Now(), last: time.Now()}
	if log.out == nil {
		return p
	}
	if !isDemo {
		p.total = inputSize(paths)
	}
	if log.terminal == nil {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(log.terminal), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription("reading"),
		progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
	}
	if os.Getenv("NO_COLOR") == "" {
		options = append(options, progressbar.OptionEnableColorCodes(true))
	}
	p.bar = progressbar.NewOptions64(p.total, options...)
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

// add counts an article, from any goroutine.
func (p *progress) add(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.articles++
	p.bytes += int64(bytes)
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d articles", p.articles))
		p.bar.Add(bytes)
		return
	}
	if time.Since(p.last) < betweenLines {
		return
	}
	p.last = time.Now()
	spent := time.Since(p.began)
	message := fmt.Sprintf("%d articles read, %.0f a second", p.articles, float64(p.articles)/spent.Seconds())
	pairs := []any{"articles", p.articles, "bytes", p.bytes}
	if p.total > 0 && p.bytes > 0 {
		left := time.Duration(float64(spent) * float64(max(0, p.total-p.bytes)) / float64(p.bytes)).Round(time.Second)
		message += fmt.Sprintf(", %v left", left)
		pairs = append(pairs, "left_seconds", left.Seconds())
	}
	p.log.note(message, pairs...)
}

func (p *progress) done() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
