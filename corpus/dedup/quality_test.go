package dedup

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestQuality holds the groups to exact similarity: that of all shingles, as
// words, of an article and of its edits. STANDPOINT_ARTICLES names a file of JSON
// Lines, compressed by gzip, whose "text" takes the place of the invented stories.
func TestQuality(t *testing.T) {
	texts := stories(300)
	if name := os.Getenv("STANDPOINT_ARTICLES"); name != "" {
		texts = articlesOf(t, name, 2000)
	}
	r := rand.New(rand.NewPCG(7, 7))
	g := New(nil)
	versions := map[string]string{}
	sourceOf := map[string]string{}
	put := func(id, text string, d int) {
		versions[id] = text
		add(g, id, day(1).Add(time.Duration(d)*time.Hour), text)
	}
	kinds := []string{"cut", "shuffled", "swapped", "led", "spun"}
	for i, text := range texts {
		id := fmt.Sprintf("%05d", i)
		put(id, text, 0)
		kind := kinds[i%len(kinds)]
		edit := id + " " + kind
		sourceOf[edit] = id
		put(edit, edits[kind](r, text, texts[(i+1)%len(texts)]), 1)
	}
	group := map[string]string{}
	right, reported := 0, 0
	for _, c := range groups(t, g) {
		group[c.ID] = c.Original
		if c.Kind == Spun {
			continue
		}
		reported++
		if c.Kind == Exact || similar(versions[c.ID], versions[c.Original]) {
			right++
		}
	}
	of := func(id string) string {
		if o := group[id]; o != "" {
			return o
		}
		return id
	}
	met, due := map[string]int{}, map[string]int{}
	for edit, source := range sourceOf {
		kind := strings.Fields(edit)[1]
		if kind != "spun" && !similar(versions[edit], versions[source]) {
			continue
		}
		due[kind]++
		if of(edit) == of(source) {
			met[kind]++
		}
	}
	found, all := 0, 0
	for _, kind := range kinds {
		t.Logf("%s: %d of %d", kind, met[kind], due[kind])
		if kind != "spun" {
			found, all = found+met[kind], all+due[kind]
		}
	}
	recall, precision := float64(found)/float64(all), float64(right)/float64(reported)
	t.Logf("%d articles: recall %.4f of %d, precision %.4f of %d; spun recall %.3f", len(texts), recall, all, precision, reported, float64(met["spun"])/float64(due["spun"]))
	if all < len(texts)/3 || recall < 0.97 || precision < 0.97 {
		t.Errorf("recall %.4f of %d, precision %.4f, want .97", recall, all, precision)
	}
}

// similar holds two texts for copies by all of their shingles.
func similar(a, b string) bool {
	shingled := func(text string) map[string]bool {
		w := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		out := map[string]bool{}
		for i := shingleWords; i <= len(w); i++ {
			out[strings.Join(w[i-shingleWords:i], " ")] = true
		}
		return out
	}
	x, y := shingled(a), shingled(b)
	shared := 0
	for s := range x {
		if y[s] {
			shared++
		}
	}
	return float64(shared) >= Threshold*float64(max(1, min(len(x), len(y)))) && float64(shared) >= leastJaccard*float64(len(x)+len(y)-shared)
}

var border = regexp.MustCompile(`[.!?][”"]?\s+`)

func sentencesOf(text string) []string {
	var out []string
	from := 0
	for _, at := range border.FindAllStringIndex(text, -1) {
		out = append(out, text[from:at[1]])
		from = at[1]
	}
	return append(out, text[from:]+"\n")
}

// edits are what agencies, editors and machines make of an article.
var edits = map[string]func(r *rand.Rand, text, other string) string{
	"cut": func(r *rand.Rand, text, _ string) string { // a tenth to a half goes, from the end or anywhere
		s := sentencesOf(text)
		keep := len(s) - int(float64(len(s))*(0.1+0.4*r.Float64()))
		for len(s) > max(1, keep) {
			at := len(s) - 1
			if r.IntN(2) == 0 {
				at = r.IntN(len(s))
			}
			s = slices.Delete(s, at, at+1)
		}
		return strings.Join(s, "")
	},
	"shuffled": func(r *rand.Rand, text, _ string) string { return shuffled(r, text) },
	"swapped":  func(r *rand.Rand, text, _ string) string { return swapped(r, text, 0.02+0.2*r.Float64()) },
	"led": func(_ *rand.Rand, text, other string) string { // another lead
		s := sentencesOf(other)
		return strings.Join(s[:min(len(s), 3)], "") + text
	},
	"spun": func(r *rand.Rand, text, _ string) string {
		return strings.ReplaceAll(shuffled(r, swapped(r, text, 0.25)), "U.S.", "USA")
	},
}

func shuffled(r *rand.Rand, text string) string {
	s := sentencesOf(text)
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return strings.Join(s, "")
}

var plainWord = regexp.MustCompile(`\b[a-z]{4,}\b`)

// swapped puts, with a probability, a word that stands nowhere else in place of
// each word in small letters, always the same for the same one, as a machine's
// dictionary of synonyms does.
func swapped(r *rand.Rand, text string, share float64) string {
	return plainWord.ReplaceAllStringFunc(text, func(w string) string {
		if r.Float64() < share {
			return w + "oid"
		}
		return w
	})
}

// stories are invented articles: sentences of words, and of names that recur
// within an article.
func stories(n int) []string {
	out := make([]string, n)
	for i := range out {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		var b strings.Builder
		for range 12 + r.IntN(30) {
			b.WriteString("The")
			for k := range 10 + r.IntN(15) {
				if k%4 == 3 {
					fmt.Fprintf(&b, " N%d", i*20+r.IntN(20))
				} else {
					fmt.Fprintf(&b, " %s", letters(r.IntN(4000)))
				}
			}
			b.WriteString(". ")
		}
		out[i] = b.String()
	}
	return out
}

// letters spells a number as a word.
func letters(n int) string {
	var w []byte
	for range 5 {
		w = append(w, byte('a'+n%26))
		n /= 26
	}
	return string(w)
}

func articlesOf(t *testing.T, name string, most int) []string {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 16<<20)
	var out []string
	for in.Scan() && len(out) < most {
		var row struct{ Text string }
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row.Text)
	}
	return out
}
