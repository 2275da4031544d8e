package reader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// tokenF1 compares two texts as bags of words, letters and digits alone.
func tokenF1(got, want string) float64 {
	bag := func(s string) (map[string]int, int) {
		out, n := make(map[string]int), 0
		for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			out[strings.ToLower(w)]++
			n++
		}
		return out, n
	}
	g, gn := bag(got)
	w, wn := bag(want)
	shared := 0
	for word, n := range g {
		shared += min(n, w[word])
	}
	if gn+wn == 0 {
		return 0
	}
	return 2 * float64(shared) / float64(gn+wn)
}

// Pages built in the ways of news sites, each with the text of its article
// beside it.
func TestPages(t *testing.T) {
	pages, _ := filepath.Glob("testdata/pages/*.html")
	if len(pages) < 40 {
		t.Fatalf("%d pages", len(pages))
	}
	total := 0.0
	for _, page := range pages {
		want, err := os.ReadFile(strings.TrimSuffix(page, "html") + "txt")
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, doc := range documents(t, Options{}, "", page) {
			text += doc.Text
		}
		f1 := tokenF1(text, string(want))
		if f1 < 0.8 {
			t.Errorf("%s: F1 %.3f:\n%s", page, f1, text)
		}
		total += f1
		t.Logf("%.3f %s", f1, page)
	}
	if mean := total / float64(len(pages)); mean < 0.93 {
		t.Errorf("mean F1 %.3f, want .93", mean)
	} else {
		t.Logf("mean F1 %.4f", mean)
	}
}
