package attribution

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/segment"
	"github.com/standpoint-news/standpoint/analysis/tag"
	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/models"
)

func stage(t testing.TB) *Stage {
	t.Helper()
	files, err := models.Tensors(models.EncoderName)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := encoder.ParseTensors(files...)
	if err != nil {
		t.Fatal(err)
	}
	pieces, err := encoder.NewTokenizer(models.WordPieces())
	if err != nil {
		t.Fatal(err)
	}
	model, err := encoder.New(tensors)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(pieces, model, tensors)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func attributed(t testing.TB, s *Stage, text string) *corpus.Document {
	t.Helper()
	segments, err := segment.New()
	if err != nil {
		t.Fatal(err)
	}
	weights, err := models.Tag()
	if err != nil {
		t.Fatal(err)
	}
	tags, err := tag.New(weights)
	if err != nil {
		t.Fatal(err)
	}
	doc := &corpus.Document{ID: "test", Text: text}
	for _, s := range []interface {
		Process(*corpus.Document) error
	}{clean.New(), tokenize.New(), segments, tags, s} {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

func shown(doc *corpus.Document) []string {
	cut := func(spans []corpus.Span) string {
		var parts []string
		for _, s := range spans {
			parts = append(parts, strings.ReplaceAll(doc.Slice(s), "\n", "/"))
		}
		return strings.Join(parts, " … ")
	}
	var out []string
	for i := range doc.Statements {
		s := &doc.Statements[i]
		kind := s.Kind.String()
		if s.Inherited {
			kind += " inherited"
		}
		out = append(out, kind+": "+cut(s.Source)+" | "+cut(s.Cue)+" | "+cut(s.Content))
	}
	return out
}

func TestConstructions(t *testing.T) {
	s := stage(t)
	for _, x := range []struct {
		name, text string
		want       []string
	}{
		{"X said", "Agnes Roth said that the port had closed.", []string{"indirect: Agnes Roth | said | that the port had closed"}},
		{"said X", "“The port has closed,” said Agnes Roth.", []string{"direct: Agnes Roth | said | “The port has closed,”"}},
		{"quotation, X said", "“The port has closed,” Roth said on Monday.", []string{"direct: Roth | said | “The port has closed,”"}},
		{"straight marks", "\"The port has closed\", Roth said.", []string{"direct: Roth | said | \"The port has closed\""}},
		{"told reporters", "Roth told reporters that the port had closed.", []string{"indirect: Roth | told | that the port had closed"}},
		{"according to, front", "According to the harbour master, two ships sank.", []string{"indirect: the harbour master | According to | two ships sank"}},
		{"according to, back", "Two ships sank, according to the harbour master.", []string{"indirect: the harbour master | according to | Two ships sank"}},
		{"in the words of", "The closure was, in the words of Agnes Roth, “a slow disaster for the region”.", []string{"mixed: Agnes Roth | words | The closure … “a slow disaster for the region”"}},
		{"quoted as saying", "Hale was quoted as saying that the port had closed.", []string{"indirect: Hale | was quoted as saying | that the port had closed"}},
		{"quoted by another", "Minister Roth was quoted by the Ostrana Herald as saying the port would open in May.",
			[]string{"indirect: Minister Roth | was quoted … as saying | the port would open in May"}},
		{"quoted behind", "“We are ready,” Agnes Roth was quoted as saying by the state agency.", []string{"direct: Agnes Roth | was quoted as saying | “We are ready,”"}},
		{"colon", "Roth: “The port has closed.”", []string{"direct: Roth | : | “The port has closed.”"}},
		{"dash", "“The port has closed.” — Agnes Roth", []string{"direct: Agnes Roth | — | “The port has closed.”"}},
		{"cue noun", "Hale's claim that the port had closed was false.", []string{"indirect: Hale | claim | that the port had closed"}},
		{"parenthetical", "The port, Roth said, would reopen soon.", []string{"indirect: Roth | said | The port … would reopen soon"}},
		{"fragments under one cue", "“The port,” Roth said, “has closed.”", []string{"direct: Roth | said | “The port,” … “has closed.”"}},
		{"mixed", "Roth said the closure was “a slow disaster”.", []string{"mixed: Roth | said | the closure was “a slow disaster”"}},
		{"several sentences", "“The port has closed. Nobody may leave,” Roth said. “We will wait.”",
			[]string{"direct: Roth | said | “The port has closed. Nobody may leave,” … “We will wait.”"}},
		{"several paragraphs", "“The port has closed,” Roth said. “Nobody may leave.\n\n“We will wait.”",
			[]string{"direct: Roth | said | “The port has closed,” … “Nobody may leave.//“We will wait.”"}},
		{"running speaker", "“The port has closed,” Roth said.\n\n“Nobody may leave until the storm is over.”",
			[]string{"direct: Roth | said | “The port has closed,”", "direct inherited: Roth |  | “Nobody may leave until the storm is over.”"}},
		{"nobody named", "The port was quiet.\n\n“Nobody may leave until the storm is over.”", []string{"direct:  |  | “Nobody may leave until the storm is over.”"}},
		{"narrated", "The council condemned the strikes.", []string{"described: The council | condemned | the strikes"}},
		{"narrated in a relative clause", "Senator Hale, who backs the strikes, left early.", []string{"described: who | backs | the strikes"}},
		{"two cues", "Roth believes that the dockers are right and hopes that the strike will end soon.",
			[]string{"indirect: Roth | believes | that the dockers are right", "indirect: Roth | hopes | that the strike will end soon"}},
		{"two speakers", "Roth called the raid a provocation, but Hale said it was “a lawful response”.",
			[]string{"described: Roth | called | the raid a provocation", "mixed: Hale | said | it was “a lawful response”"}},
		{"apposition", "Agnes Roth, the foreign minister, said that the port had closed.", []string{"indirect: Agnes Roth, the foreign minister | said | that the port had closed"}},
		{"participle", "Roth left the hall, saying that the port had closed.", []string{"indirect: Roth | saying | that the port had closed"}},
		{"refusal", "Hale refused to answer.", []string{"described: Hale | refused | to answer"}},
		{"nested", "Roth said Hale believed that the port had closed.", // a word has one owner: the outer speaker
			[]string{"indirect: Roth | said | Hale believed that the port had closed"}},
		{"no words", "Roth sidestepped the question.", nil},
		{"no cue", "The port closed on Monday after the storm.", nil},
		{"boilerplate", "Read more: Roth says the port has closed", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			if diff := cmp.Diff(x.want, shown(attributed(t, s, x.text))); diff != "" {
				t.Errorf("%s\n%s", x.text, diff)
			}
		})
	}
}

// TestDoubt holds that a source carried over is less sure than one that stands
// beside its words.
func TestDoubt(t *testing.T) {
	doc := attributed(t, stage(t), "“The port has closed,” Roth said.\n\n“Nobody may leave until the storm is over.”")
	if len(doc.Statements) != 2 || doc.Statements[1].SourceConf >= doc.Statements[0].SourceConf {
		t.Errorf("statements %+v", doc.Statements)
	}
}

func TestCompleteNoun(t *testing.T) {
	text := "Mr. Brakk said on Monday that the Norhaven harbour officials met the poor."
	doc := attributed(t, stage(t), text)
	for source, want := range map[string]string{
		"Mr.": "Mr. Brakk", "the": "the Norhaven harbour officials", "Brakk": "Brakk", "the poor": "the poor", "that": "that", "harbour officials": "harbour officials",
	} {
		at := strings.Index(text, source)
		spans := []corpus.Span{{Start: at, End: at + len(source)}}
		if completeNoun(doc, spans, nil); doc.Slice(spans[0]) != want {
			t.Errorf("%q became %q, want %q", source, doc.Slice(spans[0]), want)
		}
	}
	at := strings.Index(text, "the Norhaven")
	spans := []corpus.Span{{Start: at, End: at + 3}}
	if completeNoun(doc, spans, []corpus.Span{{Start: at + 4, End: at + 12}}); doc.Slice(spans[0]) != "the" {
		t.Errorf("%q runs into what is taken", doc.Slice(spans[0]))
	}
}

func FuzzStatements(f *testing.F) {
	for _, seed := range []string{
		"“A,” said Roth, “b.” According to Hale, who said it. Roth: “c” — Hale",
		"\"No\", Roth said. But, he added, \"I\n\n\"see ... it\".",
		"Roth, Hale said, called it “a ‘b’ c,” adding that, in the words of X, it was.",
	} {
		f.Add(seed)
	}
	s := stage(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := attributed(t, s, text)
		for _, s := range doc.Statements {
			if len(s.Content) == 0 || s.Sentence < 0 || s.Sentence >= len(doc.Sentences) || s.Confidence <= 0 || s.Confidence > 1 || s.SourceConf < 0 || s.SourceConf > 1 {
				t.Fatalf("statement %+v", s)
			}
			for _, list := range [][]corpus.Span{s.Source, s.Cue, s.Content} {
				end := 0
				for _, span := range list {
					if span.Start < end || span.Start >= span.End || span.End > len(text) || !utf8.ValidString(text[span.Start:span.End]) {
						t.Fatalf("span %v after byte %d of %q", span, end, text)
					}
					end = span.End
				}
			}
			for _, cue := range s.Cue {
				for _, content := range s.Content {
					if cue.Overlaps(content) {
						t.Fatalf("cue %v within content %v of %q", cue, content, text)
					}
				}
			}
		}
	})
}

func BenchmarkAttribution(b *testing.B) {
	text := strings.Repeat("“The port has closed,” Agnes Roth said on Monday. Viktor Hale told reporters that nobody could leave, according to the harbour master. The council condemned the strikes.\n\n", 40)
	s := stage(b)
	doc := attributed(b, s, text)

	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc.Statements = nil
		if err := s.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
