package target

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/models"
)

func uptakes(t testing.TB) (*Finder, *Uptakes) {
	t.Helper()
	f, err := New([]Spec{
		{ID: "toll", Name: "the harbour toll", Kind: "policy", Aliases: []string{"harbour toll", "toll on ferries"}},
		{ID: "tarn", Name: "Odo Tarn", Kind: "person", Aliases: []string{"Tarn"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	weights, err := models.Uptake()
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Uptakes(weights)
	if err != nil {
		t.Fatal(err)
	}
	return f, s
}

// saying makes a document of sentences in which a source, the first two words
// of a sentence that says "said", says the rest of it.
func saying(t testing.TB, f *Finder, lines string) *corpus.Document {
	t.Helper()
	doc := tagged(t, lines)
	doc.Paragraphs = []corpus.Paragraph{{Span: corpus.Span{End: len(doc.Text)}}}
	for i, s := range doc.Sentences {
		for k := s.Tokens.First; k < s.Tokens.Last; k++ {
			if doc.TokenText(k) != "said" {
				continue
			}
			end := doc.Tokens[s.Tokens.Last-1].Start
			doc.Statements = append(doc.Statements, corpus.Statement{Kind: corpus.Indirect, Sentence: i, Speaker: -1, CueLemma: "say",
				Source: []corpus.Span{{Start: s.Start, End: doc.Tokens[k-1].End}}, Cue: []corpus.Span{doc.Tokens[k].Span},
				Content: []corpus.Span{{Start: doc.Tokens[k+1].Start, End: end}}})
			break
		}
	}
	doc.Add(corpus.LayerStatements | corpus.LayerSpeakers)
	if err := f.Process(doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

const tollNamed = "Ilse/NNP Corran/NNP said/VBD the/DT harbour/NN toll/NN works/VBZ ./.\n"

func TestUptakes(t *testing.T) {
	f, s := uptakes(t)
	tests := []struct{ name, text, want string }{
		{"this", "Agnes/NNP Roth/NNP said/VBD this/DT was/VBD unfair/JJ ./.", "toll by this"},
		{"this plan", "Agnes/NNP Roth/NNP said/VBD this/DT plan/NN was/VBD unfair/JJ to/TO all/DT who/WP take/VBP the/DT boat/NN ./.", "toll by this plan"},
		{"words of its name", "Agnes/NNP Roth/NNP said/VBD tolls/NNS on/IN the/DT ferry/NN were/VBD unfair/JJ ./.", "toll by tolls"},
		{"named", "Agnes/NNP Roth/NNP said/VBD the/DT harbour/NN toll/NN was/VBD unfair/JJ ./.", "toll named by harbour toll"},
		{"long after", strings.Repeat("It/PRP rained/VBD ./.\n", 12) + "Agnes/NNP Roth/NNP said/VBD bread/NN was/VBD dear/JJ ./.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := saying(t, f, tollNamed+tt.text)
			if err := s.Process(doc); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, st := range doc.Statements[1:] {
				for _, m := range st.TakenUp {
					got = append(got, f.specs[m.Target].ID+map[bool]string{true: " named"}[m.Named]+" by "+doc.Slice(m.Mention))
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	// before anything is named nothing is taken up
	doc := saying(t, f, "Agnes/NNP Roth/NNP said/VBD this/DT decision/NN was/VBD unfair/JJ ./.\n"+strings.TrimSpace(tollNamed))
	if err := s.Process(doc); err != nil || len(doc.Statements[0].TakenUp) > 0 {
		t.Errorf("error %v; taken up before it is named: %v", err, doc.Statements[0].TakenUp)
	}
	if err := s.Process(&corpus.Document{ID: "bare"}); err == nil || !strings.Contains(err.Error(), "statements+speakers") {
		t.Errorf("a document without layers: %v", err)
	}
	if _, err := f.Uptakes([]byte("no model")); err == nil {
		t.Error("text passes for a model")
	}
}

func TestStem(t *testing.T) {
	for _, same := range [][]string{
		{"sanction", "sanctions", "Sanctioned", "sanctioning"},
		{"impeach", "impeachment", "impeached"},
		{"policy", "policies"},
		{"subsidy", "Subsidies,"},
		{"strike", "strikes", "striking"},
		{"Corran", "Corran's", "Corran’s"},
	} {
		for _, w := range same[1:] {
			if stem(w) != stem(same[0]) || stem(w) == "" {
				t.Errorf("stem(%q) = %q, but stem(%q) = %q", w, stem(w), same[0], stem(same[0]))
			}
		}
	}
	for _, w := range []string{"the", "The", "", "a", "“", "--"} {
		if stem(w) != "" {
			t.Errorf("stem(%q) = %q, want none", w, stem(w))
		}
	}
	w := wordings([]Spec{{Name: "suspension of the ferry line", Kind: "action", Aliases: []string{"closing the line"}}})[0]
	if diff := cmp.Diff(map[string]bool{stem("suspension"): true, stem("line"): true}, w.heads); diff != "" {
		t.Errorf("heads (-want +got):\n%s", diff)
	}
}

func TestTrainUptakes(t *testing.T) {
	f, _ := uptakes(t)
	var lessons []Lesson
	for article := range 30 {
		doc := saying(t, f, tollNamed+"Agnes/NNP Roth/NNP said/VBD this/DT was/VBD unfair/JJ ./.\nBram/NNP Oster/NNP said/VBD bread/NN was/VBD dear/JJ ./.")
		at := strings.Index(doc.Text, "this was unfair")
		list, err := f.Lessons(article, doc, []Coded{{Target: 0, Evidence: corpus.Span{Start: at, End: at + 15}}})
		if err != nil {
			t.Fatal(err)
		}
		lessons = append(lessons, list...)
	}
	if len(lessons) != 90 {
		t.Fatalf("%d lessons, want three an article", len(lessons))
	}
	model, scores, err := TrainUptakes(lessons, DefaultSettings)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := TrainUptakes(lessons, DefaultSettings)
	if err != nil || !bytes.Equal(model, again) {
		t.Errorf("error %v; the same lessons give other bytes", err)
	}
	if s := scores[things]; !s.Named || s.Pairs != 30 || s.TakenUp != 0 || s.Asked != 0 {
		t.Errorf("held-out scores %+v: want none of the 30 that name the toll asked", s)
	}
	if s := scores[len(groupNames)+things]; s.Named || s.Pairs != 60 || s.TakenUp != 30 || s.Asked != 30 || s.Right != 30 {
		t.Errorf("held-out scores %+v: want the 30 with \"this\" asked", s)
	}
	if card := Card(model, 30, scores); !strings.Contains(card, "| policy, action, event | no | 60 | 30 | 30 | 30 |") {
		t.Errorf("card without its scores:\n%s", card)
	}
	if _, _, err := TrainUptakes(nil, DefaultSettings); err == nil {
		t.Error("training on nothing succeeds")
	}
	if _, err := f.Lessons(0, &corpus.Document{ID: "bare"}, nil); err == nil {
		t.Error("lessons of a document without layers")
	}
}

// What is taken up is ordered, and is named where it says so; else its mention is in the statement or before it.
func FuzzUptakes(f *testing.F) {
	finder, s := uptakes(f)
	f.Add("Ilse Corran said the harbour toll works .|Agnes said this decision on the toll of Tarn was his own .|She said it", uint8(3))
	f.Fuzz(func(t *testing.T, text string, at uint8) {
		tags := []string{"DT", "NN", "PRP", "VBD", "JJ", "IN"}
		var lines []string
		for line := range strings.SplitSeq(strings.ToValidUTF8(text, "?"), "|") {
			var words []string
			for k, w := range strings.Fields(line) {
				words = append(words, fmt.Sprintf("%s/%s", strings.ReplaceAll(w, "/", ""), tags[(k+int(at))%len(tags)]))
			}
			if len(words) > 0 {
				lines = append(lines, "Agnes/NNP said/VBD "+strings.Join(words, " ")+" ./.")
			}
		}
		if len(lines) == 0 {
			return
		}
		doc := saying(t, finder, strings.Join(lines, "\n"))
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
		for i, st := range doc.Statements {
			last := -1
			for _, m := range st.TakenUp {
				if m.Target <= last || m.Confidence < leastUptake || m.Confidence > 1 || m.Mention.Len() == 0 || !m.Named && m.Mention.End > st.Extent().End || m.Named != (named(doc, i, len(finder.specs))[m.Target] != nil) {
					t.Fatalf("statement %d %q: taken up %+v after %d", i, doc.Slice(st.Extent()), m, last)
				}
				last = m.Target
			}
		}
	})
}

func BenchmarkUptakes(b *testing.B) {
	f, s := uptakes(b)
	doc := saying(b, f, strings.Repeat(tollNamed+"Agnes/NNP Roth/NNP said/VBD this/DT decision/NN was/VBD unfair/JJ to/TO the/DT town/NN ./.\n", 30)+"It/PRP rained/VBD ./.")
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
