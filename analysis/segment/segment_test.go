package segment

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
)

func segmented(t testing.TB, text string) *corpus.Document {
	t.Helper()
	doc := &corpus.Document{ID: "test", Text: text}
	doc.Add(corpus.LayerRegions)
	if err := tokenize.New().Process(doc); err != nil {
		t.Fatal(err)
	}
	stage, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Process(doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSentences(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"abbreviations", "Gen. Orlo Brandt met Mr. Dravek at 5 p.m. on Friday. The U.S. Embassy was shut.", "Gen. Orlo Brandt met Mr. Dravek at 5 p.m. on Friday.|The U.S. Embassy was shut."},
		{"question inside", "“Who did this?” the envoy asked. Nobody knew.", "“Who did this?” the envoy asked.|Nobody knew."},
		{"closing mark", "“It is over.” She left.", "“It is over.”|She left."},
		{"straight marks", "\"It is over.\" \"No,\" he said.", "\"It is over.\"|\"No,\" he said."},
		{"paragraphs", "One line\n\nTwo lines. Three\nfour.", "One line|Two lines.|Three\nfour."},
		{"glued", "He left the hall.The minister slept.”But who?I know. Ask Ferry.Com or J.Roth of St.Aldhelm.", "He left the hall.|The minister slept.”|But who?|I know.|Ask Ferry.Com or J.Roth of St.Aldhelm."},
		{"glued, straight marks", `"It is late."The envoy said: "Go home."He left the hall."We stay," she said.`, `"It is late."|The envoy said: "Go home."|He left the hall.|"We stay," she said.`},
		{"line breaks only", "First line.\nSecond line.", "First line.|Second line."},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := segmented(t, c.text)
			var got []string
			for _, s := range doc.Sentences {
				got = append(got, doc.Slice(s.Span))
			}
			if diff := cmp.Diff(strings.Split(c.want, "|"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQuotations(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // inner text, "<" where the paragraph closed it, "+" where it continues
	}{
		{"curly", "“We won’t go,” she said. “Not now.”", []string{"We won’t go,", "Not now."}},
		{"straight", `"No", he said. But, he added, "I saw it ... once".`, []string{"No", "I saw it ... once"}},
		{"nested", "“She said ‘never again’ to me,” he said.", []string{"She said ‘never again’ to me,", "never again"}},
		{"nested straight", `"He called it 'a mercy' today," she said.`, []string{"He called it 'a mercy' today,", "a mercy"}},
		{"guillemets", "«Nous verrons», he said.", []string{"Nous verrons"}},
		{"apostrophes", "The allies’ plan isn't the rulers' own; rock ’n’ roll in the ’90s.", nil},
		{"reopened", "“First part.\n\n“Second part,” he said.", []string{"<First part.", "+Second part,"}},
		{"unclosed", "“First part.\n\nHe left.", []string{"<First part."}},
		{"plural inside single", "‘The allies’ plan failed,’ he said.", []string{"The allies’ plan failed,"}},
		{"inches", `A 12" pipe`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := segmented(t, c.text)
			var got []string
			for _, q := range doc.Quotations {
				s := doc.Slice(q.Inner)
				if q.Continues >= 0 {
					s = "+" + s
				}
				if !q.Closed {
					s = "<" + s
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzSpans(f *testing.F) {
	for _, seed := range []string{"“a ‘b” c’", "\"a\n\n\"b\"", "«a»b’c.” D", "' ' \" \"", "a. b\nc.\n\nD? “E"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := segmented(t, text)
		end := 0
		for _, s := range doc.Sentences {
			if s.Start < end || s.End > len(text) || s.Start >= s.End || !utf8.ValidString(text[s.Start:s.End]) {
				t.Fatalf("sentence %v after byte %d", s.Span, end)
			}
			end = s.End
		}
		for i, tok := range doc.Tokens {
			if tok.Sentence < 0 || !doc.Sentences[tok.Sentence].Contains(tok.Span) {
				t.Fatalf("token %d %v lies in no sentence", i, tok.Span)
			}
		}
		for i, q := range doc.Quotations {
			if q.Start > q.Inner.Start || q.Inner.Start > q.Inner.End || q.Inner.End > q.End || q.End > len(text) {
				t.Fatalf("quotation %+v", q)
			}
			if !utf8.ValidString(text[q.Start:q.End]) || !utf8.ValidString(text[q.Inner.Start:q.Inner.End]) {
				t.Fatalf("quotation %v splits a rune", q.Span)
			}
			if q.Parent >= i || q.Parent >= 0 && !doc.Quotations[q.Parent].Contains(q.Span) {
				t.Fatalf("quotation %d %v outside of its parent %+v", i, q.Span, doc.Quotations[q.Parent])
			}
			if q.Continues >= i {
				t.Fatalf("quotation %d continues %d", i, q.Continues)
			}
		}
	})
}

func BenchmarkSegment(b *testing.B) {
	text := strings.Repeat("“The ministry won’t comment,” Ms. Achterberg said on Tuesday. The council’s vote had failed.\n\n", 50)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	doc := &corpus.Document{ID: "bench", Text: text}
	doc.Add(corpus.LayerRegions)
	if err := tokenize.New().Process(doc); err != nil {
		b.Fatal(err)
	}
	stage, err := New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		doc.Paragraphs, doc.Sentences, doc.Quotations = nil, nil, nil
		if err := stage.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
