package analysis

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A long article gives, in each part, what the part gives as an article, at the
// part's place.
func TestParts(t *testing.T) {
	a := analyzer(t)
	filler := strings.Repeat("The ferry of Port Averil sails at noon, “weather permitting”.\n\n", 1000)
	told := func(name string) string {
		return fmt.Sprintf("Minister %s and Deputy Ida Marr said that the strikes on Syria were a “crime”. She condemned them.\n\n", name)
	}
	text := "Roth speaks\n\n" + told("Agnes Roth") + filler + filler + filler + told("Viktor Hale") + filler + told("Tomas Brandt")
	if len(text) <= longestPart {
		t.Fatalf("%d bytes are one part", len(text))
	}
	doc := &corpus.Document{ID: "long", Text: text, Regions: []corpus.Region{{Span: corpus.Span{End: 11}, Kind: corpus.Headline}}}
	if relevant, err := a.Analyze(t.Context(), doc); err != nil || !relevant {
		t.Fatal(relevant, err)
	}
	want := map[string]int{"Agnes Roth": 0, "Viktor Hale": 0, "Tomas Brandt": 0}
	for _, s := range doc.Statements {
		if s.Speaker < 0 {
			continue
		}
		name := doc.Entities[s.Speaker].Name
		if _, ok := want[name]; ok && strings.Contains(doc.Slice(s.Extent()), name) && len(s.Stances) > 0 && strings.Contains(doc.Slice(s.Stances[0].Mention), "strikes") {
			want[name]++
		}
		if at := doc.Sentences[s.Sentence]; !at.Contains(s.Cue[0]) {
			t.Errorf("the cue %q is not in its sentence %q", doc.Slice(s.Cue[0]), doc.Slice(at.Span))
		}
	}
	for name, n := range want {
		if n != 1 {
			t.Errorf("%s speaks %d times", name, n)
		}
	}
	if doc.Regions[0].Kind != corpus.Headline || doc.Sentences[0].Kind != corpus.Headline {
		t.Errorf("the first sentence is %v", doc.Sentences[0].Kind)
	}
}

func TestPartEnd(t *testing.T) {
	for _, test := range []struct{ name, border string }{{"paragraph", "\n\n"}, {"line", "\n"}, {"sentence", ". "}, {"word", " "}} {
		text := strings.Repeat("é", longestPart*3/8) + test.border + strings.Repeat("é", longestPart)
		if end := partEnd(text); end != longestPart*3/4+len(test.border) {
			t.Errorf("%s: cut at %d", test.name, end)
		}
	}
	text := "x" + strings.Repeat("é", longestPart)
	if end := partEnd(text); end > longestPart || !utf8.ValidString(text[:end]) {
		t.Errorf("no border: cut at %d", end)
	}
	if end := partEnd("short"); end != 5 {
		t.Errorf("short: cut at %d", end)
	}
}
