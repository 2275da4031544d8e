package mention

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/segment"
	"github.com/standpoint-news/standpoint/analysis/tag"
	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/models"
)

var ownSpeakers = []Spec{
	{Name: "Valdorian government", Type: "government", Aliases: []string{"Valdoria"}, Metonyms: []string{"Velgrad", "the Admiralty", "Admiralty"}, Demonyms: []string{"Valdorian"}},
	{Name: "Ostranan government", Type: "government", Aliases: []string{"Ostrana"}, Metonyms: []string{"Norhaven"}, Demonyms: []string{"Ostranan"}},
}

func catalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := NewCatalogue(models.Speakers(), ownSpeakers)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t testing.TB, c *Catalogue, text string) *corpus.Document {
	t.Helper()
	segments, err := segment.New()
	if err != nil {
		t.Fatal(err)
	}
	tags, err := tag.New()
	if err != nil {
		t.Fatal(err)
	}
	doc := &corpus.Document{ID: "test", Text: text}
	for _, s := range []interface {
		Process(*corpus.Document) error
	}{clean.New(), tokenize.New(), segments, tags, New(c)} {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

func newTestResolver(t testing.TB, c *Catalogue, least float64) *Resolver {
	t.Helper()
	ranker, err := models.Antecedents()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResolver(c, ranker, least)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEntities(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ name, text, want string }{
		{"surname after full name", "Foreign Minister Agnes Roth spoke first. Roth then left, and Ms. Roth did not return.",
			"person Agnes Roth: Agnes Roth, Roth"},
		{"two of one surname", "Agnes Roth met Viktor Roth. Mr. Roth said little.",
			"person Agnes Roth: Agnes Roth; person Viktor Roth: Viktor Roth, Roth"},
		{"state, capital, adjective", "Valdoria said no. In Velgrad, Valdorian officials were silent.",
			"government Valdorian government: Valdoria, Velgrad"},
		{"bodies", "The Council of Free Towns met the Harbour Workers Union.",
			"organisation Council of Free Towns: Council of Free Towns; organisation Harbour Workers Union: Harbour Workers Union"},
		{"title-case headline", "Dravek Rejects Council Draft After Roth Speech\n\nPresident Ismar Dravek rejected it. Agnes Roth had spoken.",
			"person Ismar Dravek: Ismar Dravek; person Agnes Roth: Agnes Roth"},
	} {
		t.Run(x.name, func(t *testing.T) {
			doc := read(t, c, x.text)
			var got []string
			for _, e := range doc.Entities {
				got = append(got, fmt.Sprintf("%v %s: %s", e.Type, e.Name, strings.Join(e.Aliases, ", ")))
			}
			if diff := cmp.Diff(x.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSpeakers resolves a source expression given between ⟨ and ⟩.
func TestSpeakers(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ name, text, want string }{
		{"full name with title", "⟨Defense Secretary Orlo Brandt⟩ said the base was shut.", "Orlo Brandt by name"},
		{"possessor and name", "⟨Valdoria's Safran⟩ called it a provocation.", "Safran by name"},
		{"capital", "⟨Velgrad⟩ said it had seen no proof.", "Valdorian government by metonym"},
		{"state", "⟨Valdoria⟩ said it had seen no proof.", "Valdorian government by name"},
		{"apposition", "⟨The ministry's spokeswoman, Ada Lindt,⟩ said no.", "Ada Lindt by name"},
		{"spokesman for a body", "⟨A spokesman for the Admiralty⟩ said no.", "Valdorian government by description"},
		{"aide of a person", "⟨An aide to Orlo Brandt⟩ said no.", "unnamed aide to Orlo Brandt by description"},
		{"group", "⟨Activists in the town⟩ said no.", "Activists in the town by description"},
		{"joint speakers", "⟨Senators Agnes Roth and Viktor Hale⟩ said no.", "Agnes Roth and Viktor Hale by name"},
		{"title held by one", "President Ismar Dravek spoke. Later ⟨the president⟩ said no.", "Ismar Dravek by title"},
		{"woman", "Agnes Roth met Viktor Hale in the morning. ⟨She⟩ said no.", "Agnes Roth by pronoun"},
		{"nobody of that gender", "Agnes Roth spoke. ⟨He⟩ said no.", "nobody: pronoun without an antecedent"},
		{"a text", "⟨The report⟩ said no.", "nobody: the source is a text whose author is not named"},
	} {
		t.Run(x.name, func(t *testing.T) {
			start := strings.Index(x.text, "⟨")
			text := strings.Replace(x.text, "⟨", "", 1)
			end := strings.Index(text, "⟩")
			text = strings.Replace(text, "⟩", "", 1)
			doc := read(t, c, text)
			source := corpus.Span{Start: start, End: end}
			doc.Statements = []corpus.Statement{{Source: []corpus.Span{source}, SourceConf: 1, Speaker: -1, Sentence: doc.SentenceAt(start)}}
			doc.Add(corpus.LayerStatements)
			if err := newTestResolver(t, c, 0.3).Process(doc); err != nil {
				t.Fatal(err)
			}
			s := doc.Statements[0]
			got := "nobody: " + s.SpeakerNote
			if s.Speaker >= 0 {
				got = doc.Entities[s.Speaker].Name + " by " + s.Resolution.String()
			}
			if got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// TestAbstains holds that rivals are listed, best first, where none is likely.
func TestAbstains(t *testing.T) {
	c := catalogue(t)
	text := "Viktor Hale met Orlo Brandt and Tom Ferris with Paul Lindt on Monday. He said no."
	doc := read(t, c, text)
	start := strings.Index(text, "He said")
	doc.Statements = []corpus.Statement{{Source: []corpus.Span{{Start: start, End: start + 2}}, SourceConf: 1, Sentence: 1}}
	doc.Add(corpus.LayerStatements)
	if err := newTestResolver(t, c, 0.9).Process(doc); err != nil {
		t.Fatal(err)
	}
	s := doc.Statements[0]
	if s.Speaker != -1 || len(s.Candidates) < 3 || s.SpeakerNote == "" {
		t.Fatalf("speaker %d, candidates %v, note %q", s.Speaker, s.Candidates, s.SpeakerNote)
	}
	for i := 1; i < len(s.Candidates); i++ {
		if s.Candidates[i].Confidence > s.Candidates[i-1].Confidence {
			t.Errorf("candidates out of order: %v", s.Candidates)
		}
	}
}

func TestCatalogueRefuses(t *testing.T) {
	for _, x := range []struct {
		spec Spec
		want string
	}{
		{Spec{Type: "person"}, "has no name"},
		{Spec{Name: "A", Type: "robot"}, "is none of person, organisation, government, group"},
		{Spec{Name: "A", Type: "person", Gender: "x"}, "neither masculine nor feminine"},
	} {
		if err := x.spec.Validate(); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: got %v, want %q", x.spec, err, x.want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("Agnes Roth met Mr. Hale. “He said so,” she said.")
	f.Add("The U.S. Senate, U.N. and Velgrad's Roth-Hale (R-Utah)")
	c := catalogue(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := read(t, c, text)
		last := 0
		for _, m := range doc.Mentions {
			if m.Start < last || m.End > len(text) || m.Start >= m.End || !utf8.ValidString(text[m.Start:m.End]) {
				t.Fatalf("mention %+v after %d", m, last)
			}
			last = m.Start
			if m.Entity >= len(doc.Entities) || (m.Entity < 0) != (m.Kind == corpus.Pronoun) {
				t.Fatalf("mention %+v of %d entities", m, len(doc.Entities))
			}
		}
		for _, e := range doc.Entities {
			if e.Name == "" || e.ID == "" {
				t.Fatalf("entity %+v", e)
			}
		}
	})
}

func BenchmarkMentions(b *testing.B) {
	text := strings.Repeat("Foreign Minister Agnes Roth met Viktor Hale in Velgrad. She said that the council had no proof, and he left.\n\n", 30)
	c := catalogue(b)
	doc := read(b, c, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc.Mentions, doc.Entities = nil, nil
		if err := New(c).Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
