package dedup

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	signed := func(text string) [32]byte { return signature(words(text), text) }
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
		if got := signed(test.text) == signed(base); got != test.same {
			t.Errorf("%q equals the base: %v, want %v", test.text, got, test.same)
		}
	}
	if signed("ΣΊΣΥΦΟΣ ÉTÉ") != signed("Σίσυφος été") {
		t.Error("case of letters beyond ASCII is not folded")
	}
	if signed("?!") == signed("…") {
		t.Error("texts without words are equal")
	}
}

func TestGroups(t *testing.T) {
	long := story(1, 400)
	short := "Four words alone here"
	tests := []struct {
		name string
		add  []entry // id and published
		text []string
		want []Copy
	}{
		{"none", nil, nil, nil},
		{"different", []entry{{id: "a"}, {id: "b"}}, []string{text(story(2, 400)), text(story(3, 400))}, nil},
		{"exact: the smaller id", []entry{{id: "b"}, {id: "a"}}, []string{text(long), strings.ToUpper(text(long))},
			[]Copy{{"b", "a", Exact, 1}}},
		{"exact: the earlier one", []entry{{id: "a", published: day(9)}, {id: "b", published: day(8)}}, []string{text(long), text(long)},
			[]Copy{{"a", "b", Exact, 1}}},
		{"exact: undated last", []entry{{id: "a"}, {id: "b", published: day(8)}}, []string{text(long), text(long)},
			[]Copy{{"a", "b", Exact, 1}}},
		{"exact: short", []entry{{id: "a"}, {id: "b"}, {id: "c"}}, []string{short, short + ".", short + "!?"},
			[]Copy{{"b", "a", Exact, 1}, {"c", "a", Exact, 1}}},
		// 400 words have 396 shingles; a changed word changes five, the last word one.
		{"near", []entry{{id: "a"}, {id: "b"}}, []string{text(long), text(edited(long, 50))},
			[]Copy{{"b", "a", Near, 360.0 / 396}}},
		{"not near enough", []entry{{id: "a"}, {id: "b"}}, []string{text(long), text(edited(long, 10))}, nil},
		{"cut in half", []entry{{id: "a"}, {id: "b"}}, []string{text(long), text(long[:200])}, []Copy{{"b", "a", Near, 1}}},
		{"a short piece of it", []entry{{id: "a"}, {id: "b"}}, []string{text(long), text(long[:100])}, nil},
		{"paragraphs about", []entry{{id: "a"}, {id: "b"}}, []string{text(long), text(slices.Concat(long[200:], long[:200]))}, []Copy{{"b", "a", Near, 392.0 / 396}}},
		{"exact copy of a near copy", []entry{{id: "a"}, {id: "b"}, {id: "c"}},
			[]string{text(long), text(edited(long, 50)), text(edited(long, 50))},
			[]Copy{{"b", "a", Near, 360.0 / 396}, {"c", "a", Near, 360.0 / 396}}},
		{"a trailer added", []entry{{id: "a", published: day(2)}, {id: "b", published: day(1)}},
			[]string{text(long) + " sign up for our letter", text(long)},
			[]Copy{{"a", "b", Near, 1}}},
		{"no words", []entry{{id: "a"}, {id: "b"}, {id: "c"}}, []string{"", "…", "…"},
			[]Copy{{"c", "b", Exact, 1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := New(nil)
			for i, a := range test.add {
				add(g, a.id, a.published, test.text[i])
			}
			if diff := cmp.Diff(test.want, groups(t, g)); diff != "" {
				t.Errorf("Groups (-want +got):\n%s", diff)
			}
		})
	}
}

type entry struct {
	id        string
	published time.Time
}

func add(g *Grouper, id string, published time.Time, text string) {
	g.Add(id, published, 0, NewSketch(text))
}

func groups(t testing.TB, g *Grouper) []Copy {
	t.Helper()
	copies, err := g.Groups()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return copies
}

// A chain of edits, each near the one before, must not make one group.
func TestGroupsDoNotChain(t *testing.T) {
	a := story(1, 400)
	b := append(slices.Clone(a[100:]), story(2, 100)...)
	c := append(slices.Clone(b[200:]), story(3, 200)...)
	d := append(slices.Clone(b[100:]), story(3, 100)...)
	g := New(nil)
	add(g, "a", time.Time{}, text(a))
	add(g, "b", time.Time{}, text(b))
	add(g, "c", time.Time{}, text(c))
	add(g, "d", time.Time{}, text(d))
	got := groups(t, g)
	// b is a copy of a; d is one of b, but not of a, and so counts as one of c.
	want := []Copy{{"b", "a", Near, 296.0 / 396}, {"d", "c", Near, 296.0 / 396}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Groups (-want +got):\n%s", diff)
	}
}

const report = `President Aldous Renn said on Monday that the United Kingdom of Ostrana would not yield to Karvelia. He told Foreign Minister Lev Morozhin in Velgrad that 48 missiles had struck the Tarsk base.
Morozhin answered that Velan, the Karvelian minister, had asked the World Assembly for 12 inspectors. Amara Nkosele promised them by Friday.
In Norhaven the spokesman Piers Hadlow said the U.S. would wait. Defence Secretary Maren Holt met General Ilse Torvane at the Marble House on Tuesday and discussed the harbour at Sel Marun.`

// spunReport is report as a machine would rewrite it.
const spunReport = `In Norhaven the spokesman Piers Hadlow said the USA may wait. Defence Secretary Maren Holt saw General Ilse Torvane at the Marble House on Tuesday and talked over the port at Sel Marun.
President Aldous Renn announced on Monday that the United Kingdom of Ostrana would not yield to Karvelia. He told Foreign Minister Lev Morozhin in Velgrad that 48 rockets had hit the Tarsk base.
Morozhin answered that Velan, the Karvelian minister, has asked the World Assembly for 12 inspectors. Amara Nkosele promised them by Friday.`

func TestSpun(t *testing.T) {
	g := New(nil)
	add(g, "a", day(1), report)
	add(g, "b", day(2), spunReport)
	add(g, "c", day(3), "In Velgrad the minister Lev Morozhin met President Aldous Renn on Friday. "+text(story(1, 60)))
	got := groups(t, g)
	if len(got) != 1 || got[0].ID != "b" || got[0].Original != "a" || got[0].Kind != Spun || got[0].Similarity < SpunThreshold {
		x, w := anchors(report)
		y, v := anchors(spunReport)
		c, j := overlap(x, y)
		_, o := overlap(w, v)
		t.Errorf("got %+v, want b as a spun copy of a; of %d and %d pairs %.2f and %.2f are the same, of the words %.2f", got, len(x), len(y), c, j, o)
	}
}

func TestAnchors(t *testing.T) {
	same := func(a, b string) bool {
		x, _ := anchors(a)
		y, _ := anchors(b)
		return len(x) > 0 && slices.Equal(x, y)
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"the U.S. told Renn", "the USA warned Renn", true},
		{"the US told Renn", "the U.S.A. told Renn", true},
		{"it told us that Renn", "it told US that Renn", false},
		{"so Renn met Holt", "so Holt saw Renn", true},
		{"so Renn met Holt", "so Renn met Hadlow", false},
	} {
		if got := same(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestQuotationGroup(t *testing.T) {
	key := QuotationGroup("Agnes Roth", "“We will not pay the crowns.”")
	for _, test := range []struct {
		speaker, quoted string
		want            bool
	}{
		{"Roth", "we will not pay the crowns", true},
		{"Minister Agnes Roth", "We will NOT pay — the crowns!", true},
		{"Hale", "we will not pay the crowns", false},
		{"Roth", "we will pay the crowns now", false},
	} {
		if got := QuotationGroup(test.speaker, test.quoted) == key; got != test.want {
			t.Errorf("%q of %q: %v, want %v", test.quoted, test.speaker, got, test.want)
		}
	}
	if key == "" || QuotationGroup("Roth", "absolutely not") != "" || QuotationGroup("", "we will not pay the crowns") != "" {
		t.Error("a short quotation, or one of nobody, has a group")
	}
}

// The groups do not depend on the order of the articles, nor on whose Sketch was
// kept.
func TestGroupsAnyOrder(t *testing.T) {
	type dated struct {
		id   string
		at   time.Time
		text string
	}
	var entries []dated
	for i := range uint64(60) {
		base := story(i%20, 300+int(i%20)*50)
		at := day(1 + int(i*7)%28)
		if i%5 == 0 {
			at = time.Time{}
		}
		entries = append(entries, dated{fmt.Sprint(i), at, text(edited(base, 60+int(i)))})
	}
	var want []Copy
	for trial := range uint64(10) {
		rand.New(rand.NewPCG(trial, 7)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		texts := map[string]string{}
		g := New(func(id string) (string, error) { return texts[id], nil })
		var wg sync.WaitGroup
		for i, e := range entries {
			texts[e.id] = e.text
			wg.Go(func() {
				s := NewSketch(e.text)
				if i%2 == 0 {
					var ok bool
					if s, ok = Kept(s.Packed()); !ok {
						t.Error("a Sketch that was kept is none")
					}
				}
				g.Add(e.id, e.at, 0, s)
			})
		}
		wg.Wait()
		got := groups(t, g)
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

// Of a set that was cut off the similarity is an estimate; it must be close.
func TestOverlapOfLongTexts(t *testing.T) {
	for seed := range uint64(3) {
		words := story(seed, 40000)
		for _, nth := range []int{20, 50, 200} {
			other := edited(words, nth)
			a, b := shinglesOf(words), shinglesOf(other)
			if len(a) != maxSet || len(b) != maxSet {
				t.Fatalf("sets of %d and %d", len(a), len(b))
			}
			_, got := overlap(a, b)
			want := exactJaccard(words, other)
			if got < want-0.02 || got > want+0.02 {
				t.Errorf("seed %d, every %dth word edited: similarity %.3f, want %.3f", seed, nth, got, want)
			}
		}
	}
}

// Nearly every pair at the threshold must become a candidate.
func TestCandidatesRecall(t *testing.T) {
	const pairs = 400
	g := New(nil)
	for seed := range uint64(pairs) {
		words := story(seed, 100+int(seed)*5)
		add(g, fmt.Sprintf("%03d", seed), day(1), text(words))
		add(g, fmt.Sprintf("%03d copy", seed), day(2), text(edited(words, 14)))
	}
	if got := groups(t, g); len(got) < pairs*97/100 || len(got) > pairs {
		t.Errorf("found %d of %d near copies", len(got), pairs)
	}
}

// What spills to the disk is compared as what does not, and the file goes.
func TestSpill(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	g := New(nil)
	for i := range uint64(40) {
		add(g, fmt.Sprintf("%02d", i), time.Time{}, text(edited(story(i%20, 300), 60+int(i))))
		if i%7 == 0 {
			g.spill.flush()
		}
	}
	files, _ := os.ReadDir(os.Getenv("TMPDIR"))
	if len(files) != 1 {
		t.Fatalf("%d temporary files", len(files))
	}
	if got := groups(t, g); len(got) != 20 {
		t.Errorf("found %d copies, want 20", len(got))
	}
	if files, _ = os.ReadDir(os.Getenv("TMPDIR")); len(files) != 0 {
		t.Errorf("%d temporary files left", len(files))
	}
	t.Setenv("TMPDIR", "/nowhere")
	g = New(nil)
	add(g, "a", time.Time{}, "x")
	g.spill.flush()
	if _, err := g.Groups(); err == nil || !strings.Contains(err.Error(), "set TMPDIR") {
		t.Errorf("got %v", err)
	}
}

// What was kept and cannot be read back is an error; other bytes are no Sketch.
func TestKept(t *testing.T) {
	lost := errors.New("lost")
	g := New(func(string) (string, error) { return "", lost })
	long := story(1, 400)
	kept, _ := Kept(NewSketch(text(long)).Packed())
	g.Add("a", day(1), 0, kept)
	add(g, "b", day(2), text(edited(long, 50)))
	if _, err := g.Groups(); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	if _, ok := Kept(kept.Packed()[1:]); ok {
		t.Error("a Sketch of too few bytes")
	}
}

func shinglesOf(w []string) []uint32 { return shingles(words(text(w))) }

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

// TestRecall groups articles, and again with more of them, by the verdicts of
// the first time and without the texts that these speak of.
func TestRecall(t *testing.T) {
	texts := map[string]string{}
	for i := range uint64(24) {
		texts[fmt.Sprintf("%02d", i)] = text(edited(story(i%6, 300), 60+int(i)))
	}
	grouper := func(n int, text func(string) (string, error)) *Grouper {
		g := New(text)
		for i := range n {
			id := fmt.Sprintf("%02d", i)
			s := NewSketch(texts[id])
			if text != nil {
				s, _ = Kept(s.Packed())
			}
			g.Add(id, day(1+i), 0, s)
		}
		return g
	}
	first := grouper(20, nil)
	groups(t, first)
	var asked []string
	second := grouper(24, func(id string) (string, error) { asked = append(asked, id); return texts[id], nil })
	second.Recall(first.Verdicts(), 0)
	got := groups(t, second)
	if diff := cmp.Diff(groups(t, grouper(24, nil)), got); diff != "" {
		t.Errorf("by verdicts, and anew: %s", diff)
	}
	for _, id := range []string{"20", "21", "22", "23"} {
		if !slices.Contains(asked, id) {
			t.Errorf("the new article %s was not compared", id)
		}
	}
	for _, id := range asked {
		if i := slices.IndexFunc(got, func(c Copy) bool { return c.ID == id }); i >= 0 && id < "20" {
			t.Errorf("the copy %s was compared again", id)
		}
	}
	third := grouper(24, func(string) (string, error) { return "", errors.New("asked for a text") })
	third.Recall(second.Verdicts(), 0)
	if diff := cmp.Diff(got, groups(t, third)); diff != "" {
		t.Errorf("by all verdicts: %s", diff)
	}
}

// TestColumns holds that rows come back as they were added, from memory and the disk.
func TestColumns(t *testing.T) {
	var c columns
	var s spill
	defer s.close()
	value := func(row, band int) uint32 { return uint32(mix(uint64(row)<<8 | uint64(band))) }
	for _, rows := range []int{0, 1, blockRows, 2*blockRows + 7} {
		for n := c.n + blockRows*len(c.written); n < rows; n++ {
			var keys [nearBands + spunBands]uint32
			for band := range keys {
				keys[band] = value(n, band)
			}
			c.add(&keys, &s)
		}
		column := make([]uint32, rows)
		for band := range nearBands + spunBands {
			if err := c.read(column, band, &s); err != nil {
				t.Fatal(err)
			}
			for n, got := range column {
				if got != value(n, band) {
					t.Fatalf("%d rows: band %d of row %d is %d, want %d", rows, band, n, got, value(n, band))
				}
			}
		}
	}
	if s.file == nil {
		t.Error("nothing went to the disk")
	}
}

// TestRecallWhole holds that nights which add articles to all of those before group
// them as if none had been grouped, and go by the same verdicts.
func TestRecallWhole(t *testing.T) {
	const nights, each = 4, 12
	texts := map[string]string{}
	var ids []string
	for i := range uint64(nights * each) {
		id := fmt.Sprintf("%02d", i*29%(nights*each))
		ids = append(ids, id)
		texts[id] = text(edited(story(i%7, 300), 40+int(i%9)*12))
		if i%5 == 4 {
			texts[id] = texts[ids[i*3/4]] // word for word
		}
	}
	var before []Verdict
	for night := 1; night <= nights; night++ {
		grouped := func(verdicts []Verdict, run int) ([]Copy, []Verdict) {
			g := New(func(id string) (string, error) { return texts[id], nil })
			for i, id := range ids[:night*each] {
				s, _ := Kept(NewSketch(texts[id]).Packed())
				g.Add(id, day(1+i*5%11), 1+i/each, s)
			}
			g.Recall(verdicts, run)
			copies := groups(t, g)
			return copies, g.Verdicts()
		}
		copies, verdicts := grouped(before, night)
		anew, all := grouped(nil, 0)
		if diff := cmp.Diff(anew, copies); diff != "" {
			t.Errorf("night %d: copies (-anew +night): %s", night, diff)
		}
		if diff := cmp.Diff(all, verdicts); diff != "" {
			t.Errorf("night %d: verdicts (-anew +night): %s", night, diff)
		}
		kinds := map[Kind]int{}
		for _, c := range copies {
			kinds[c.Kind]++
		}
		if kinds[Exact] == 0 || kinds[Near] == 0 {
			t.Errorf("night %d: a test of %v", night, kinds)
		}
		before = verdicts
	}
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
		s, o := setsOf(a, w), setsOf(b, words(b))
		for i, set := range [][]uint32{s.shingles, s.pairs, s.words} {
			if !slices.IsSorted(set) || len(set) > maxSet || len(slices.Compact(slices.Clone(set))) != len(set) {
				t.Fatalf("set %d of %q: %v", i, a, set)
			}
		}
		c, j := overlap(s.shingles, o.shingles)
		if d, k := overlap(o.shingles, s.shingles); c != d || j != k || j < 0 || j > c || c > 1 {
			t.Fatalf("similarity of %q and %q: %v and %v, %v and %v", a, b, c, d, j, k)
		}
		one, two := New(nil), New(nil)
		add(one, "a", time.Time{}, a)
		add(one, "b", time.Time{}, b)
		add(two, "b", time.Time{}, b)
		add(two, "a", time.Time{}, a)
		found := groups(t, one)
		if diff := cmp.Diff(found, groups(t, two)); diff != "" {
			t.Fatal(diff)
		}
		for _, c := range found {
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
	g := New(nil)
	for b.Loop() {
		add(g, "id", time.Time{}, s)
		if len(g.articles) > 1000 {
			g.articles, g.keys, g.spill.buffer = g.articles[:0], columns{}, g.spill.buffer[:0]
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	g := New(nil)
	for i := range uint64(1000) {
		add(g, fmt.Sprint(i), time.Time{}, text(story(i%900, 600)))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Groups(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGroupsStay holds that an original of an earlier run stays one, whatever a
// later run brings.
func TestGroupsStay(t *testing.T) {
	text := "The harbour council met on Monday and spoke of the quarry for most of the night."
	day := func(n int) time.Time { return time.Date(2031, 3, n, 0, 0, 0, 0, time.UTC) }
	g := New(nil)
	g.Add("older", day(1), 2, NewSketch(text))
	g.Add("known", day(5), 1, NewSketch(text))
	g.Add("known copy", day(6), 1, NewSketch(text))
	g.Add("newer", day(9), 2, NewSketch(text))
	copies, err := g.Groups()
	if err != nil || len(copies) != 3 {
		t.Fatalf("%d copies, want 3: %+v", len(copies), copies)
	}
	for _, c := range copies {
		if c.Original != "known" || c.ID == "known" {
			t.Errorf("%q is a copy of %q, want of the one that was known first", c.ID, c.Original)
		}
	}
}

// TestFilter holds that of the keys none that comes again is dropped, and few
// that do not are left.
func TestFilter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{0, 1, 2, 100, 5000} {
		f := newFilter(n)
		for range 2 { // again, with what the first use has left
			var keys, want []keyed
			count := map[uint32]int{}
			for i := range n {
				k := newKeyed(uint32(r.Uint64()), i)
				if i%10 == 9 {
					k = newKeyed(keys[r.IntN(i)].key(), i)
				}
				keys = append(keys, k)
				count[k.key()]++
			}
			for _, k := range keys {
				if count[k.key()] > 1 {
					want = append(want, k)
				}
			}
			left := f.repeated(keys, 0)
			var got []keyed
			for _, k := range left {
				if count[k.key()] > 1 {
					got = append(got, k)
				}
			}
			if !slices.Equal(got, want) || len(left)-len(want) > n/8 {
				t.Errorf("%d keys, %d of them repeated: %d left, %d of those repeated", n, len(want), len(left), len(got))
			}
		}
	}
}
