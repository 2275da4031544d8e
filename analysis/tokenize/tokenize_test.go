package tokenize

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

func words(t testing.TB, text string) []string {
	t.Helper()
	doc := &corpus.Document{ID: "test", Text: text}
	if err := New().Process(doc); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(doc.Tokens))
	for i := range doc.Tokens {
		out[i] = doc.TokenText(i)
	}
	return out
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Mr. Dravek didn't sign.", "Mr.|Dravek|did|n't|sign|."},
		{"“We won’t go,” she said.", "“|We|wo|n’t|go|,|”|she|said|."},
		{"The ruler's palace; the allies’ plan.", "The|ruler|'s|palace|;|the|allies|’|plan|."},
		{"He blamed Oil. Then left.", "He|blamed|Oil|.|Then|left|."},
		{"in the hall.The ferry.com of St.Aldhelm and J.Roth", "in|the|hall|.|The|ferry.com|of|St.Aldhelm|and|J.Roth"},
		{"the U.S. veto—a first", "the|U.S.|veto|—|a|first"},
		{"«Non», dit-il… ‘Never’", "«|Non|»|,|dit-il|…|‘|Never|’"},
		{"İstanbul’ll & Ⱥx'll", "İstanbul|’ll|&|Ⱥx|'ll"},
		{"2011–2018 and/or (maybe)", "2011–2018|and|/|or|(|maybe|)"},
		{"O'Sullivan's aides can't, won't. They've 'some' doubts", "O'Sullivan|'s|aides|ca|n't|,|wo|n't|.|They|'ve|'|some|'|doubts"},
		{"", ""},
	} {
		if diff := cmp.Diff(c.want, strings.Join(words(t, c.text), "|")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

func FuzzSpans(f *testing.F) {
	for _, seed := range []string{"“I can’t,” he said.", "a\u00a0b\tc", "&rsquo;'s", "İ'll Ⱥn't", "'''\"\"", "x’’y ‘", "--Yes.--"} {
		f.Add(seed)
	}
	stage := New()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := &corpus.Document{ID: "fuzz", Text: text}
		if err := stage.Process(doc); err != nil {
			t.Fatal(err)
		}
		end := 0
		for _, tok := range doc.Tokens {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(text) {
				t.Fatalf("token %v after byte %d of %d", tok.Span, end, len(text))
			}
			if strings.TrimSpace(text[end:tok.Start]) != "" {
				t.Fatalf("%q between tokens", text[end:tok.Start])
			}
			if !utf8.ValidString(text[tok.Start:tok.End]) {
				t.Fatalf("token %v splits a rune", tok.Span)
			}
			end = tok.End
		}
		if strings.TrimSpace(text[end:]) != "" {
			t.Fatalf("%q after the last token", text[end:])
		}
	})
}

func BenchmarkTokenize(b *testing.B) {
	text := strings.Repeat("“The ministry won’t comment,” Ms. Achterberg said on Tuesday, adding that the council’s vote had failed. ", 50)
	stage := New()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc := &corpus.Document{ID: "bench", Text: text}
		if err := stage.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
