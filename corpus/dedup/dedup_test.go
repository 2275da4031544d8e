package dedup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

// story writes n invented words; the same seed gives the same story.
func story(seed uint64, n int) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("w%d", r.IntN(5000))
	}
	return out
}

// edited replaces every nth word.
func edited(words []string, nth int) []string {
	out := slices.Clone(words)
	for i := nth - 1; i < len(out); i += nth {
		out[i] = fmt.Sprintf("edited%d", i)
	}
	return out
}

func text(words []string) string { return strings.Join(words, " ") }

func day(d int) time.Time { return time.Date(2017, 4, d, 0, 0, 0, 0, time.UTC) }

func TestSignature(t *testing.T) {
	base := "The envoy said: “We won't pay 300 crowns.”"
	for _, test := range []struct {
		text string
		same bool
	}{
		{"the  ENVOY said\r\n\r\n\"we WON'T pay 300 crowns\"", true},
		{"The envoy said: we won’t pay 300 crowns", true},
		{"The envoy said: We won't pay 400 crowns.", false},
		{"The envoy said: We will pay 300 crowns.", false},
		{"The envoysaid: We won't pay 300 crowns.", false},
		{"", false},
	} {
		got := Signature(&corpus.Document{Text: test.text}) == Signature(&corpus.Document{Text: base})
		if got != test.same {
			t.Errorf("%q equals the base: %v, want %v", test.text, got, test.same)
		}
	}
	if Signature(&corpus.Document{Text: "ΣΊΣΥΦΟΣ ÉTÉ"}) != Signature(&corpus.Document{Text: "Σίσυφος été"}) {
		t.Error("case of letters beyond ASCII is not folded")
	}
	if Signature(&corpus.Document{Text: "?!"}) == Signature(&corpus.Document{Text: "…"}) {
		t.Error("texts without words are equal")
	}
}

func TestGroups(t *testing.T) {
	long := story(1, 400)
	short := "Four words alone here"
	tests := []struct {
		name string
		add  []article // id and published
		text []string
		want []Copy
	}{
		{"none", nil, nil, nil},
		{"different", []article{{id: "a"}, {id: "b"}}, []string{text(story(2, 400)), text(story(3, 400))}, nil},
		{"exact: the smaller id", []article{{id: "b"}, {id: "a"}}, []string{text(long), strings.ToUpper(text(long))},
			[]Copy{{"b", "a", Exact, 1}}},
		{"exact: the earlier one", []article{{id: "a", published: day(9)}, {id: "b", published: day(8)}}, []string{text(long), text(long)},
			[]Copy{{"a", "b", Exact, 1}}},
		{"exact: undated last", []article{{id: "a"}, {id: "b", published: day(8)}}, []string{text(long), text(long)},
			[]Copy{{"a", "b", Exact, 1}}},
		{"exact: short", []article{{id: "a"}, {id: "b"}, {id: "c"}}, []string{short, short + ".", short + "!?"},
			[]Copy{{"b", "a", Exact, 1}, {"c", "a", Exact, 1}}},
		// 400 words have 396 shingles; a changed word changes five, the last word one.
		{"near", []article{{id: "a"}, {id: "b"}}, []string{text(long), text(edited(long, 50))},
			[]Copy{{"b", "a", Near, 360.0 / 432}}},
		{"not near enough", []article{{id: "a"}, {id: "b"}}, []string{text(long), text(edited(long, 40))}, nil},
		{"exact copy of a near copy", []article{{id: "a"}, {id: "b"}, {id: "c"}},
			[]string{text(long), text(edited(long, 50)), text(edited(long, 50))},
			[]Copy{{"b", "a", Near, 360.0 / 432}, {"c", "a", Near, 360.0 / 432}}},
		{"a trailer added", []article{{id: "a", published: day(2)}, {id: "b", published: day(1)}},
			[]string{text(long) + " sign up for our letter", text(long)},
			[]Copy{{"a", "b", Near, 396.0 / 401}}},
		{"no words", []article{{id: "a"}, {id: "b"}, {id: "c"}}, []string{"", "…", "…"},
			[]Copy{{"c", "b", Exact, 1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New()
			for i, a := range test.add {
				g.Add(a.id, a.published, test.text[i])
			}
			if diff := cmp.Diff(test.want, g.Groups()); diff != "" {
				t.Errorf("Groups (-want +got):\n%s", diff)
			}
		})
	}
}

// A chain of edits, each near the one before, must not make one group.
func TestGroupsDoNotChain(t *testing.T) {
	a := story(1, 400)
	b := append(slices.Clone(a[:360]), story(2, 40)...)
	c := append(slices.Clone(b[40:]), story(3, 40)...)
	g := New()
	g.Add("a", time.Time{}, text(a))
	g.Add("b", time.Time{}, text(b))
	g.Add("c", time.Time{}, text(c))
	want := []Copy{{"b", "a", Near, 356.0 / 436}}
	if diff := cmp.Diff(want, g.Groups()); diff != "" {
		t.Errorf("Groups (-want +got):\n%s", diff)
	}
}

func TestGroupsAnyOrder(t *testing.T) {
	type entry struct {
		id   string
		at   time.Time
		text string
	}
	var entries []entry
	for i := range uint64(60) {
		base := story(i%20, 300+int(i%20)*50)
		at := day(1 + int(i*7)%28)
		if i%5 == 0 {
			at = time.Time{}
		}
		entries = append(entries, entry{fmt.Sprint(i), at, text(edited(base, 60+int(i)))})
	}
	var want []Copy
	for trial := range uint64(10) {
		rand.New(rand.NewPCG(trial, 7)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		g := New()
		var wg sync.WaitGroup
		for _, e := range entries {
			wg.Go(func() { g.Add(e.id, e.at, e.text) })
		}
		wg.Wait()
		got := g.Groups()
		if trial == 0 {
			want = got
		}
		if len(got) < 20 {
			t.Fatalf("found %d copies, want 20 or more", len(got))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %d changes the groups:\n%s", trial, diff)
		}
	}
}

// Beyond sketchSize shingles the similarity is an estimate; it must be close.
func TestJaccardOfLongTexts(t *testing.T) {
	for seed := range uint64(20) {
		words := story(seed, 4000)
		for _, nth := range []int{20, 50, 200} {
			other := edited(words, nth)
			got := jaccard(sketchOf(words), sketchOf(other))
			want := exactJaccard(words, other)
			if got < want-0.07 || got > want+0.07 {
				t.Errorf("seed %d, every %dth word edited: similarity %.3f, want %.3f", seed, nth, got, want)
			}
		}
	}
}

// Every pair at the threshold must become a candidate.
func TestCandidatesRecall(t *testing.T) {
	missed := 0
	const pairs = 400
	for seed := range uint64(pairs) {
		words := story(seed, 100+int(seed)*5)
		x := newIndex()
		x.put(1, bandKeys(sketchOf(words)))
		if len(x.candidates(bandKeys(sketchOf(edited(words, 50))))) == 0 {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("missed %d of %d near copies", missed, pairs)
	}
}

func sketchOf(w []string) []uint32 { return sketch(words(text(w))) }

func exactJaccard(a, b []string) float64 {
	set := func(w []string) map[string]bool {
		out := map[string]bool{}
		for i := shingleWords; i <= len(w); i++ {
			out[text(w[i-shingleWords:i])] = true
		}
		return out
	}
	sa, sb := set(a), set(b)
	shared := 0
	for s := range sa {
		if sb[s] {
			shared++
		}
	}
	return float64(shared) / float64(len(sa)+len(sb)-shared)
}

func FuzzGrouper(f *testing.F) {
	f.Add("The envoy left. The talks failed.", "the envoy left; the talks failed")
	f.Add("", "\x00\xff")
	f.Add("a b c d e f", "a b c d e g")
	f.Fuzz(func(t *testing.T, a, b string) {
		w := words(a)
		if again := words(string(w)); string(again) != string(w) {
			t.Fatalf("words(%q) = %q, and of that %q", a, w, again)
		}
		s := sketch(w)
		if !slices.IsSorted(s) || len(s) > sketchSize || len(slices.Compact(slices.Clone(s))) != len(s) {
			t.Fatalf("sketch(%q) = %v", a, s)
		}
		if j, k := jaccard(s, sketch(words(b))), jaccard(sketch(words(b)), s); j != k || j < 0 || j > 1 {
			t.Fatalf("similarity of %q and %q: %v and %v", a, b, j, k)
		}
		one, two := New(), New()
		one.Add("a", time.Time{}, a)
		one.Add("b", time.Time{}, b)
		two.Add("b", time.Time{}, b)
		two.Add("a", time.Time{}, a)
		if diff := cmp.Diff(one.Groups(), two.Groups()); diff != "" {
			t.Fatal(diff)
		}
		for _, c := range one.Groups() {
			if c.ID != "b" || c.Original != "a" || c.Similarity < Threshold || c.Similarity > 1 {
				t.Fatalf("%+v", c)
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	s := text(story(1, 960))
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	g := New()
	for b.Loop() {
		g.Add("id", time.Time{}, s)
		if len(g.articles) > 1000 {
			g.articles = g.articles[:0]
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	g := New()
	for i := range uint64(1000) {
		g.Add(fmt.Sprint(i), time.Time{}, text(story(i%900, 600)))
	}
	b.ReportAllocs()
	for b.Loop() {
		g.Groups()
	}
}

// TestGroupsStay holds that an original of an earlier run stays one, whatever a
// later run brings.
func TestGroupsStay(t *testing.T) {
	text := "The harbour council met on Monday and spoke of the quarry for most of the night."
	day := func(n int) time.Time { return time.Date(2031, 3, n, 0, 0, 0, 0, time.UTC) }
	g := New()
	g.AddSince("older", day(1), text, 2)
	g.AddSince("known", day(5), text, 1)
	g.AddSince("known copy", day(6), text, 1)
	g.AddSince("newer", day(9), text, 2)
	copies := g.Groups()
	if len(copies) != 3 {
		t.Fatalf("%d copies, want 3: %+v", len(copies), copies)
	}
	for _, c := range copies {
		if c.Original != "known" || c.ID == "known" {
			t.Errorf("%q is a copy of %q, want of the one that was known first", c.ID, c.Original)
		}
	}
}
