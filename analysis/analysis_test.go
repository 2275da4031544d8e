package analysis

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
)

// TestStreamOrder holds that results come in the order of the items, however
// long each takes.
func TestStreamOrder(t *testing.T) {
	const n = 200
	next := 0
	err := Stream(context.Background(), 8,
		func(yield func(int) error) error {
			for i := range n {
				if err := yield(i); err != nil {
					return err
				}
			}
			return nil
		},
		func(_ context.Context, i int) int {
			time.Sleep(time.Duration(i*7%5) * 100 * time.Microsecond)
			return i
		},
		func(i int) error {
			if i != next {
				t.Fatalf("got %d, want %d", i, next)
			}
			next++
			return nil
		})
	if err != nil || next != n {
		t.Errorf("%d of %d, %v", next, n, err)
	}
}

func TestStreamErrors(t *testing.T) {
	endless := func(yield func(int) error) error {
		for i := 0; ; i++ {
			if err := yield(i); err != nil {
				return err
			}
		}
	}
	same := func(_ context.Context, i int) int { return i }
	full := errors.New("disk full")
	if err := Stream(context.Background(), 3, endless, same, func(i int) error {
		if i == 10 {
			return full
		}
		return nil
	}); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of emit", err)
	}
	broken := errors.New("broken")
	if err := Stream(context.Background(), 3, func(yield func(int) error) error { return broken }, same, func(int) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of source", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := Stream(ctx, 3, endless, same, func(i int) error {
		if i == 10 {
			cancel()
		}
		return nil
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

const minimal = "targets:\n  - id: a\n    name: A\n    kind: person\n    aliases: [Agnes Roth]\n"

func TestParseConfig(t *testing.T) {
	c, err := ParseConfig("x.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	if c.Scope != ScopeRelevant || c.CountCopies != CountOnce || c.CountQuotations != CountEach || c.MinSpeakerConfidence != DefaultMinSpeakerConfidence || len(c.Fields.Text) == 0 {
		t.Errorf("defaults missing: %+v", c)
	}
	for _, x := range []struct{ name, data, want string }{
		{"unknown key", minimal + "colour: red\n", `x.yaml:6: unknown key "colour"`},
		{"wrong type", minimal + "min_stance_confidence: high\n", "x.yaml:6: "},
		{"out of range", minimal + "min_stance_confidence: 2\n", "x.yaml: min_stance_confidence: 2 lies outside of 0 to 1"},
		{"bad scope", minimal + "scope: some\n", `x.yaml: scope: "some" is neither relevant nor all`},
		{"bad count of copies", minimal + "count_copies: twice\n", `x.yaml: count_copies: "twice" is neither once nor each`},
		{"bad count of quotations", minimal + "count_quotations: 1\n", `x.yaml: count_quotations: "1" is neither once nor each`},
		{"no targets", "scope: all\n", "x.yaml: targets: the list is empty"},
		{"broken YAML", "targets: [\n", "x.yaml:"},
		{"two documents", minimal + "---\n" + minimal, "more than one YAML document"},
		{"speaker without type", minimal + "speakers:\n  - name: X\n", "none of person, organisation, government, group"},
		{"bad pattern", strings.Replace(minimal, "aliases: [Agnes Roth]", "include: ['(']", 1), "include"},
	} {
		if _, err := ParseConfig("x.yaml", []byte(x.data)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q", x.name, err, x.want)
		}
	}
}

func analyzer(t testing.TB) *Analyzer {
	t.Helper()
	return built(t, DefaultConfig)
}

// allReader reads every article, relevant or not.
func allReader(t testing.TB) *Analyzer {
	t.Helper()
	return built(t, func() (Config, error) { return ParseConfig("all.yaml", []byte(minimal+"scope: all\n")) })
}

func built(t testing.TB, config func() (Config, error)) *Analyzer {
	t.Helper()
	c, err := config()
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestScope holds that an article without a target is left alone.
func TestScope(t *testing.T) {
	a := analyzer(t)
	doc := &corpus.Document{ID: "x", Text: "Agnes Roth said that the harbour would open on Monday."}
	if relevant, err := a.Analyze(context.Background(), doc); err != nil || relevant || len(doc.Tokens) > 0 {
		t.Errorf("an article out of scope was read: %v, %d tokens", err, len(doc.Tokens))
	}
	// attributed all the same where everything is; relevant it is not
	a = allReader(t)
	doc.Text = "Viktor Hale said that the harbour would open on Monday."
	if relevant, err := a.Analyze(context.Background(), doc); err != nil || relevant || len(doc.Statements) != 1 {
		t.Errorf("scope all: relevant %v, %d statements, %v", relevant, len(doc.Statements), err)
	}
}

// TestTurnsOfNobody holds that a quotation which no words give to anybody stays
// open, and that so does "He said:" behind it, with the candidates kept.
func TestTurnsOfNobody(t *testing.T) {
	a := allReader(t)
	doc := &corpus.Document{ID: "x", Text: "Fisheries ministers Ivo Orvane of Valdoria and Pell Tillmar of Ostrana met on Tuesday.\n\n" +
		"Tillmar dodged the question, but Orvane said the coast guard had found no trace of the “pirates”.\n\n" +
		"Mr Orvane asked for new quotas in the bay of Sarn but the council put the vote off. " +
		"“Nobody has ever shown us where those nets came from”.\n\n" +
		"He said: “Valdoria can decide: either its boats leave the bay by spring, or the whole fleet will be held to the old treaty”."}
	if _, err := a.Analyze(context.Background(), doc); err != nil {
		t.Fatal(err)
	}
	open := 0
	for i := range doc.Statements {
		s := &doc.Statements[i]
		switch words := doc.Slice(s.Content[0]); {
		case strings.Contains(words, "nets") || strings.Contains(words, "treaty"):
			open++
			if s.Speaker >= 0 || len(s.Candidates) == 0 || s.SpeakerNote == "" {
				t.Errorf("%s: speaker %d, candidates %v, note %q", words, s.Speaker, s.Candidates, s.SpeakerNote)
			}
		case s.Speaker < 0:
			t.Errorf("%s: nobody, %v", words, s.Candidates)
		case strings.Contains(words, "question"):
			t.Errorf("who dodges a question is given words: %s", words)
		}
	}
	if open != 2 || len(doc.Statements) != 4 {
		t.Errorf("%d open of %d statements, want 2 of 4", open, len(doc.Statements))
	}
}

// FuzzAnalyze holds that any text passes all stages, with every span in bounds.
func FuzzAnalyze(f *testing.F) {
	f.Add("Agnes Roth condemned the strikes on Syria. “They were illegal,” she said. \"No.")
	f.Add("Assad: “Is it, he asked, ‘the attack’?” — Roth\n\nAccording to Hale, who said (Hale said)")
	a := analyzer(f)
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8("Assad. "+text, "\uFFFD")
		doc := &corpus.Document{ID: "fuzz", Text: text}
		if _, err := a.Analyze(context.Background(), doc); err != nil {
			t.Fatal(err)
		}
		in := func(s corpus.Span) {
			if s.Start < 0 || s.Start > s.End || s.End > len(text) {
				t.Fatalf("span %v of %d bytes", s, len(text))
			}
		}
		for _, s := range doc.Statements {
			for _, list := range [][]corpus.Span{s.Source, s.Cue, s.Content} {
				for _, span := range list {
					in(span)
				}
			}
			if s.Speaker >= len(doc.Entities) || s.SpeakerConfidence < 0 || s.SpeakerConfidence > 1 {
				t.Fatalf("speaker %d, confidence %v", s.Speaker, s.SpeakerConfidence)
			}
			for _, st := range s.Stances {
				in(st.Mention)
				in(st.Evidence)
				if st.Score < -1 || st.Score > 1 || st.Confidence < 0 || st.Confidence > 1 {
					t.Fatalf("stance %+v", st)
				}
			}
		}
		a.Line(doc)
	})
}

func BenchmarkAnalyze(b *testing.B) {
	a := analyzer(b)
	text := strings.Repeat("Foreign Minister Agnes Roth condemned the strikes on Syria on Monday. “They were illegal,” she said, but Viktor Hale told reporters that Assad had been warned.\n\n", 30)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Analyze(context.Background(), &corpus.Document{ID: "bench", Text: text}); err != nil {
			b.Fatal(err)
		}
	}
}
