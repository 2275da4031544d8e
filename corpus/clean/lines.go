package clean

import (
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A line that stands in leastRepeats articles of one outlet, and in one in
// repeatShare of its articles, is the outlet's and not the articles'.
const (
	leastRepeats = 4
	repeatShare  = 100
)

// Of an article's lines, those count that stand at its begin or end or are no
// sentences: paragraphs of background are repeated too, and are the article's.
const (
	headLines = 4
	tailLines = 8
)

// Lines collects the lines of a corpus by outlet, and finds those that repeat.
// It is safe for concurrent use, and keeps some 200 bytes an article.
type Lines struct {
	mu      sync.Mutex
	outlets map[string]*outlet
}

type outlet struct {
	ids    []string
	counts []uint16 // lines of each article
	hashes []uint64
}

// NewLines returns an empty collection.
func NewLines() *Lines { return &Lines{outlets: make(map[string]*outlet)} }

// LineHashes is what Lines keeps of an article's lines, in order.
func LineHashes(text string) []uint64 {
	var hashes []uint64
	total := strings.Count(text, "\n") + 1
	each(text, func(no int, line string) {
		if no < headLines || no >= total-tailLines || headline(line) {
			hashes = append(hashes, hashLine(line))
		}
	})
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return hashes[:min(len(hashes), 1<<16-1)]
}

// Add takes up an article by its LineHashes. One of an unknown outlet is passed
// over.
func (l *Lines) Add(id, publisher string, hashes []uint64) {
	if publisher == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.outlets[publisher]
	if o == nil {
		o = &outlet{}
		l.outlets[publisher] = o
	}
	o.ids = append(o.ids, id)
	o.counts = append(o.counts, uint16(len(hashes)))
	o.hashes = append(o.hashes, hashes...)
}

// Repeated holds the lines that outlets repeat.
type Repeated map[string][]uint64 // by outlet, in order

// Repeated finds the lines that repeat, among the articles that are no copies.
func (l *Lines) Repeated(isCopy func(id string) bool) Repeated {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(Repeated)
	for name, o := range l.outlets {
		var all []uint64
		articles, at := 0, 0
		for i, n := range o.counts {
			if !isCopy(o.ids[i]) {
				articles++
				all = append(all, o.hashes[at:at+int(n)]...)
			}
			at += int(n)
		}
		slices.Sort(all)
		least := max(leastRepeats, (articles+repeatShare-1)/repeatShare)
		for from := 0; from < len(all); {
			to := from
			for to < len(all) && all[to] == all[from] {
				to++
			}
			if to-from >= least {
				out[name] = append(out[name], all[from])
			}
			from = to
		}
	}
	return out
}

// Has reports whether the outlet repeats a line, which HashAt gave.
func (r Repeated) Has(publisher string, line uint64) bool {
	_, found := slices.BinarySearch(r[publisher], line)
	return found && line != 0
}

// HashAt is the hash of the line around the byte at that offset of the text, 0
// where that is no line that could repeat.
func HashAt(text string, at int) uint64 {
	const reach = 2 * maxLine // with white space around the line
	low, high := max(0, at-reach), min(len(text), at+reach)
	start := low
	if i := strings.LastIndexByte(text[low:at], '\n'); i >= 0 {
		start = low + i + 1
	} else if low > 0 {
		return 0
	}
	end := high
	if i := strings.IndexByte(text[at:high], '\n'); i >= 0 {
		end = at + i
	} else if high < len(text) {
		return 0
	}
	line := strings.TrimSpace(text[start:end])
	if !mayRepeat(line) {
		return 0
	}
	return hashLine(line)
}

// each visits the lines of a text that may repeat.
func each(text string, visit func(no int, line string)) {
	no := 0
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); mayRepeat(line) {
			visit(no, line)
		}
		no++
	}
}

// mayRepeat reports whether a line is short and holds a letter.
func mayRepeat(line string) bool {
	return line != "" && len(line) <= maxLine && strings.IndexFunc(line, unicode.IsLetter) >= 0
}

func hashLine(line string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, line)
	return h.Sum64()
}
