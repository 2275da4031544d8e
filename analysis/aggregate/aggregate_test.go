package aggregate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/standpoint-news/standpoint/corpus"
)

var march = time.Date(2031, 3, 31, 23, 59, 0, 0, time.UTC)

func stances(speaker string, of ...Stance) Statement {
	return Statement{Speaker: Speaker{ID: speaker, Name: strings.ToUpper(speaker), Type: "person"}, Stances: of}
}

func TestCells(t *testing.T) {
	against := Stance{"raid", -0.5, corpus.Against}
	abstain := Stance{"raid", -0.9, corpus.Abstain}
	var a Accumulator
	for _, article := range []Article{
		{"1", march, []Statement{stances("ida", against, against, Stance{"veto", 1, corpus.For}), stances("ida", abstain)}},
		{"2", march.Add(time.Hour), []Statement{stances("ida", Stance{"raid", 0, corpus.Neither})}},
		{"3", time.Time{}, []Statement{stances("ida", abstain), stances("", against)}},
		{"4", march, []Statement{stances("quill")}},
	} {
		if err := a.Add(&article); err != nil {
			t.Fatal(err)
		}
	}
	nan := math.NaN()
	ida, nobody := Speaker{ID: "ida", Name: "IDA", Type: "person"}, Speaker{}
	start := func(month int) time.Time { return time.Date(2031, time.Month(month), 1, 0, 0, 0, 0, time.UTC) }
	want := []Cell{
		{nobody, "raid", All, time.Time{}, 1, 1, 0, 1, 0, 0, -0.5, nan, nan, 0},
		{nobody, "raid", Undated, time.Time{}, 1, 1, 0, 1, 0, 0, -0.5, nan, nan, 0},
		{ida, "raid", "2031-03", start(3), 1, 2, 0, 2, 0, 1, -0.5, nan, nan, 1. / 3},
		{ida, "raid", "2031-04", start(4), 1, 1, 0, 0, 1, 0, 0, nan, nan, 0},
		{ida, "raid", All, time.Time{}, 3, 4, 0, 2, 1, 2, -1. / 3, -0.5, 0, 0.4},
		{ida, "raid", Undated, time.Time{}, 1, 1, 0, 0, 0, 1, nan, nan, nan, 1},
		{ida, "veto", "2031-03", start(3), 1, 1, 1, 0, 0, 0, 1, nan, nan, 0},
		{ida, "veto", All, time.Time{}, 1, 1, 1, 0, 0, 0, 1, nan, nan, 0},
	}
	opts := cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, a.Cells(), opts); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	speakers := []SpeakerTotal{
		{ida, march, march.Add(time.Hour), 3, 4, 6, 2},
		{Speaker{ID: "quill", Name: "QUILL", Type: "person"}, march, march, 1, 1, 0, 0},
	}
	if diff := cmp.Diff(speakers, a.Speakers(), opts); diff != "" {
		t.Errorf("speakers (-want +got):\n%s", diff)
	}
}

func TestAddRefuses(t *testing.T) {
	for _, bad := range []Stance{{"raid", math.NaN(), corpus.For}, {"raid", 1.01, corpus.For}, {"raid", 0, 9}} {
		var a Accumulator
		if err := a.Add(&Article{"1", march, []Statement{stances("ida", Stance{"raid", 1, corpus.For}, bad)}}); err == nil {
			t.Errorf("%v: no error", bad)
		}
		if len(a.Cells())+len(a.Speakers()) > 0 {
			t.Errorf("%v: something was added", bad)
		}
	}
}

// invent makes articles with scores whose sums depend on their order in
// floating point.
func invent(n int, seed uint64) []Article {
	rng := rand.New(rand.NewPCG(seed, 0))
	articles := make([]Article, n)
	for i := range articles {
		articles[i] = Article{ID: fmt.Sprint(i), Published: march.AddDate(0, rng.IntN(4), 0)}
		for range 1 + rng.IntN(3) {
			name := fmt.Sprint("speaker-", rng.IntN(5))
			st := stances(name, Stance{fmt.Sprint(rng.IntN(2)), 2*rng.Float64() - 1, corpus.StanceLabel(rng.IntN(4))})
			st.Speaker.Name = fmt.Sprint(name, " ", rng.IntN(3))
			st.Speaker.Aliases = []string{fmt.Sprint(rng.IntN(9))}
			articles[i].Statements = append(articles[i].Statements, st)
		}
	}
	return articles
}

func TestAnyOrderAnyMerge(t *testing.T) {
	articles := invent(300, 1)
	var whole Accumulator
	for i := range articles {
		whole.Add(&articles[i])
	}
	wantCells, wantSpeakers := whole.Cells(), whole.Speakers()
	for round := range 5 {
		rand.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
		parts := make([]Accumulator, 1+round)
		for i := range articles {
			parts[i%len(parts)].Add(&articles[i])
		}
		var merged Accumulator
		for _, i := range rand.Perm(len(parts)) {
			merged.Merge(&parts[i])
		}
		// To the bit, not approximately.
		if diff := cmp.Diff(wantCells, merged.Cells(), cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("cells of %d parts (-whole +merged):\n%s", len(parts), diff)
		}
		if diff := cmp.Diff(wantSpeakers, merged.Speakers()); diff != "" {
			t.Fatalf("speakers of %d parts (-whole +merged):\n%s", len(parts), diff)
		}
	}
}

// TestCoverage holds the intervals to what they claim: of many drawn from a
// known distribution, about 95 % hold its mean. Articles carry several equal
// stances, which an interval over stances would take for independent ones.
func TestCoverage(t *testing.T) {
	const rounds, articles, mean = 400, 40, 0.2
	rng := rand.New(rand.NewPCG(7, 7))
	hit := 0
	for round := range rounds {
		var a Accumulator
		for i := range articles {
			score := mean + 0.7*(2*rng.Float64()-1)
			article := Article{ID: fmt.Sprint(i), Published: march}
			for range 4 {
				article.Statements = append(article.Statements, stances(fmt.Sprint(round), Stance{"raid", score, corpus.For}))
			}
			a.Add(&article)
		}
		c := a.Cells()[0]
		if c.Low <= mean && mean <= c.High {
			hit++
		}
		if !(c.Low <= c.Mean && c.Mean <= c.High) {
			t.Fatalf("mean %v outside of %v…%v", c.Mean, c.Low, c.High)
		}
	}
	if share := float64(hit) / rounds; share < 0.91 || share > 0.98 {
		t.Errorf("%.3f of the intervals hold the mean, want about 0.95", share)
	}
}

func FuzzCells(f *testing.F) {
	f.Add(uint64(1), uint8(20))
	f.Add(uint64(2), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		var a Accumulator
		stanceCount := 0
		for _, article := range invent(int(n), seed) {
			for _, st := range article.Statements {
				stanceCount += len(st.Stances)
			}
			if err := a.Add(&article); err != nil {
				t.Fatal(err)
			}
		}
		all := 0
		for _, c := range a.Cells() {
			sum := c.For + c.Against + c.Neither + c.Abstain
			if c.Period == All {
				all += sum
			}
			if c.Articles < 1 || c.Articles > c.Statements || c.Statements > sum {
				t.Errorf("%+v: counts out of order", c)
			}
			if math.IsNaN(c.Mean) != (c.Abstain == sum) || c.Low > c.Mean || c.High < c.Mean {
				t.Errorf("%+v: mean out of bounds", c)
			}
		}
		if all != stanceCount {
			t.Errorf("%d stances in cells, want %d", all, stanceCount)
		}
	})
}

func BenchmarkAccumulator(b *testing.B) {
	articles := invent(2000, 3)
	b.ReportAllocs()
	for b.Loop() {
		var a Accumulator
		for i := range articles {
			a.Add(&articles[i])
		}
		a.Cells()
	}
}
