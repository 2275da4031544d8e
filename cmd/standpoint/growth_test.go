package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// holdsIDs are the functions that allocate what the id sets hold: ids, digests and
// keys of articles, and where each stands.
var holdsIDs = []string{
	"reports/table.decodeIndex", "reports/table.(*index).byID", "reports/table.Create", "reports/table.(*Writer).register",
	"reports/table.(*Writer).Remember", "reports/table.(*Writer).ReuseKnown", "reports/table.(*Writer).Recall",
	"reports/store.Open", "reports/store.(*Store).scan", "cmd/standpoint.newIdentifier", "cmd/standpoint.(*identifier).settle",
	"cmd/standpoint.(*gathering).add",
}

// mostGrowth bounds what a night holds of 10,000 known articles beside the id sets, in
// MB: half of that is what dedup knows of an article, a quarter the lines that
// clean.Lines compares.
const mostGrowth = 2.2

// TestGrowth holds a night to mostGrowth, and logs who holds what.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("analyses thousands of articles")
	}
	const few, many = 2000, 8000
	idsFew, restFew := heldBytes(t, few)
	idsMany, restMany := heldBytes(t, many)
	per := func(bytes map[string]int64, less map[string]int64) (sum float64, lines string) {
		for name, n := range bytes {
			grown := float64(n-less[name]) / (many - few) / 100 // MB for 10,000
			sum += grown
			if grown > 0.02 || grown < -0.02 {
				lines += fmt.Sprintf("\n%7.2f  %s", grown, name)
			}
		}
		return sum, lines
	}
	ids, idLines := per(idsMany, idsFew)
	rest, restLines := per(restMany, restFew)
	t.Logf("id sets: %.2f MB for 10,000 articles%s\nthe rest: %.2f MB%s", ids, idLines, rest, restLines)
	if rest >= mostGrowth {
		t.Errorf("beside the id sets memory grows by %.2f MB for 10,000 articles, want less than %v", rest, mostGrowth)
	}
}

// heldBytes takes up n articles as a second night does, and sums what it holds then,
// by the function that allocated it: in id sets, and elsewhere.
func heldBytes(t *testing.T, n int) (ids, rest map[string]int64) {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	plain := strings.NewReplacer("strikes", "ferries", "Syria", "the pier", " and ", `\n\nand `, " of ", `\n\nof `,
		`"date":"2031-04-`, `"publisher":"Averil Post","date":"2021-04-`).Replace(lines(0, n))
	path := write(t, dir, "a.jsonl", []byte(plain))
	mustCall(t, "run", "--quiet", "--out", out, path)

	old := runtime.MemProfileRate
	defer func() { runtime.MemProfileRate = old }()
	runtime.MemProfileRate = 1
	before := allocated()
	var after map[[32]uintptr]int64
	takeUp(t, out, path, func(all *gathering, held *identifier, _, fresh int) {
		if fresh > 0 {
			t.Fatalf("%d of %d articles are not known", fresh, n)
		}
		after = allocated()
		runtime.KeepAlive(held)
		runtime.KeepAlive(all)
	})
	ids, rest = map[string]int64{}, map[string]int64{}
	for at, bytes := range after {
		if bytes -= before[at]; bytes == 0 {
			continue
		}
		if name, is := holderOf(at); is {
			ids[name] += bytes
		} else {
			rest[name] += bytes
		}
	}
	return ids, rest
}

// allocated is what is live, by the stack that allocated it.
func allocated() map[[32]uintptr]int64 {
	runtime.GC()
	runtime.GC() // the profile is of the collection before
	records := make([]runtime.MemProfileRecord, 1<<16)
	n, _ := runtime.MemProfile(records, false)
	out := map[[32]uintptr]int64{}
	for i := range records[:n] {
		out[records[i].Stack0] += records[i].InUseBytes()
	}
	return out
}

// holderOf names the function of this program that a stack's allocation is of, the
// innermost but for the decoder's, and reports whether that is one of the id sets'.
func holderOf(stack [32]uintptr) (name string, is bool) {
	frames := runtime.CallersFrames(stack[:])
	for {
		frame, more := frames.Next()
		_, own, ok := strings.Cut(frame.Function, "standpoint-news/standpoint/")
		if ok && !strings.Contains(own, ".(*decoder).") {
			return own, slices.ContainsFunc(holdsIDs, func(f string) bool { return own == f || strings.HasPrefix(own, f+".") })
		}
		if !more {
			return "", false
		}
	}
}
