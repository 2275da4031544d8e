package stance

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// layers lays tokens, sentences, quotations and plain tags over a text, well
// enough for the invented sentences of these tests.
func layers(text string) *corpus.Document {
	doc := &corpus.Document{ID: "test", Text: text}
	start, sentence, open := -1, 0, -1
	first, begin := 0, 0
	word := func(end int) {
		if start >= 0 {
			w := strings.ToLower(text[start:end])
			tag := "NN"
			switch {
			case lexicon[w].class != noClass || lexicon[w].traits&isCopula != 0:
				tag = "VBD"
			case lexicon[w].polar != 0:
				tag = "JJ"
			}
			doc.Tokens = append(doc.Tokens, corpus.Token{Span: corpus.Span{Start: start, End: end}, Tag: tag, Sentence: sentence, Quotation: open})
		}
		start = -1
	}
	finish := func(end int) {
		if len(doc.Tokens) > first {
			doc.Sentences = append(doc.Sentences, corpus.Sentence{Span: corpus.Span{Start: begin, End: end},
				Tokens: corpus.Range{First: first, Last: len(doc.Tokens)}})
			sentence++
			first = len(doc.Tokens)
		}
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' {
			if start < 0 {
				start = i
				if len(doc.Tokens) == first {
					begin = i
				}
			}
			continue
		}
		word(i)
		if unicode.IsSpace(r) {
			continue
		}
		if len(doc.Tokens) == first {
			begin = i
		}
		size := len(string(r))
		if r == '”' && open >= 0 {
			doc.Quotations[open].End, doc.Quotations[open].Inner.End, doc.Quotations[open].Closed = i+size, i, true
			open = -1
		}
		doc.Tokens = append(doc.Tokens, corpus.Token{Span: corpus.Span{Start: i, End: i + size}, Tag: ".", Sentence: sentence, Quotation: open})
		if r == '“' {
			open = len(doc.Quotations)
			doc.Quotations = append(doc.Quotations, corpus.Quotation{Span: corpus.Span{Start: i, End: len(text)},
				Inner: corpus.Span{Start: i + size, End: len(text)}, Parent: -1, Continues: -1})
		}
		if r == '.' && open < 0 {
			finish(i + 1)
		}
	}
	word(len(text))
	finish(len(text))
	doc.Add(corpus.LayerTokens | corpus.LayerSentences | corpus.LayerQuotations | corpus.LayerTags)
	return doc
}

func at(text, words string) corpus.Span {
	i := strings.Index(text, words)
	if i < 0 {
		panic(fmt.Sprintf("%q does not hold %q", text, words))
	}
	return corpus.Span{Start: i, End: i + len(words)}
}

// invented is a small training set of invented people and places.
func invented() (d Data) {
	people := []string{"Orla Venn", "Tamsin Grode", "Premier Halvik", "Ludo Brakk", "Minister Sorrel", "Edda Quill"}
	good := []string{"praised %s", "thanked %s for the brave work", "defended %s", "said that %s was right", "said %s had done great work", "welcomed %s"}
	bad := []string{"condemned %s", "accused %s of lies", "blamed %s", "said that %s was wrong", "called %s a disgrace", "said %s was not honest"}
	flat := []string{"met %s on Monday", "sat beside %s", "wrote to %s", "spoke with %s by telephone", "said that %s came late", "flew home with %s"}
	for i, name := range people {
		for j := range good {
			who := people[(i+j+1)%len(people)]
			if who == name {
				who = "The harbour council"
			}
			for k, list := range [][]string{bad, flat, good} {
				text := who + " " + fmt.Sprintf(list[j], name) + "."
				d.Targeted = append(d.Targeted, TargetedRow{text, at(text, name), k - 1})
				d.Directed = append(d.Directed, DirectedRow{text, at(text, who), at(text, name), []int{3, 0, 1}[k]})
				back := name + " was " + []string{"condemned", "met", "praised"}[k] + " by " + who + fmt.Sprintf(" on day %d.", j)
				d.Directed = append(d.Directed, DirectedRow{back, at(back, name), at(back, who), []int{4, 0, 2}[k]})
				d.Statement = append(d.Statement, StatementRow{Article: text, Evidence: corpus.Span{End: len(text)}, Mention: name, Kind: "person", Stance: k - 1})
			}
		}
	}
	deeds := []string{"the blockade", "the raid", "the levy", "the embargo"}
	for _, deed := range deeds {
		for k, list := range [][]string{
			{"The envoy called for an end to %s.", "The envoy said %s was illegal.", "The envoy condemned %s.", "The envoy opposed %s."},
			{"The envoy described %s.", "The envoy asked when %s began.", "The envoy spoke about %s.", "The envoy was told of %s."},
			{"The envoy backed %s.", "The envoy said %s was justified.", "The envoy supported %s.", "The envoy called for %s."},
		} {
			for _, form := range list {
				text := fmt.Sprintf(form, deed)
				d.Statement = append(d.Statement, StatementRow{Article: text, Evidence: corpus.Span{End: len(text)}, Mention: deed, Kind: "action", Stance: k - 1})
			}
		}
	}
	return d
}

var testSettings = Settings{L2: [numHeads]float64{2, 2, 2, 2}, MinCount: [numHeads]int{2, 2, 2, 2}, TargetedAsStatement: 0.3, DirectedAsStatement: 0.2, Iterations: 60}

var testModel = sync.OnceValue(func() []byte {
	model, err := Train(invented(), testSettings, layers)
	if err != nil {
		panic(err)
	}
	return model
})

var targets = []Target{{ID: "halvik", Name: "Premier Halvik", Kind: "person"}, {ID: "blockade", Name: "the blockade", Kind: "action"}}

func stage(t testing.TB, minimum float64) *Stage {
	t.Helper()
	s, err := New(testModel(), Config{MinConfidence: minimum, Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTrainRepeatsToTheByte(t *testing.T) {
	again, err := Train(invented(), testSettings, layers)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(testModel(), again) {
		t.Error("the same rows gave another model")
	}
}

func TestTrainErrors(t *testing.T) {
	text := "Orla Venn slept."
	ok := corpus.Span{End: 9}
	for _, c := range []struct {
		name string
		data Data
		want string
	}{
		{"label", Data{Targeted: []TargetedRow{{text, ok, 2}}}, "targeted row 1 has label 2"},
		{"span", Data{Targeted: []TargetedRow{{text, corpus.Span{Start: 3, End: 99}, 1}}}, "span 3 to 99"},
		{"directed label", Data{Directed: []DirectedRow{{text, ok, ok, 5}}}, "directed row 1 has label 5"},
		{"directed span", Data{Directed: []DirectedRow{{text, ok, corpus.Span{}, 1}}}, "span 0 to 0"},
		{"stance", Data{Statement: []StatementRow{{Article: text, Evidence: ok, Stance: -2}}}, "statement row 1 has stance -2"},
		{"evidence", Data{Statement: []StatementRow{{Article: text}}}, "evidence: span 0 to 0"},
		{"empty", Data{}, "nothing to train on"},
	} {
		if _, err := Train(c.data, testSettings, layers); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v: want one with %q", c.name, err, c.want)
		}
	}
}

func TestTargetedPredict(t *testing.T) {
	s := stage(t, 0)
	for _, c := range []struct {
		text, mention string
		want          int
	}{
		{"Berit Anstruk praised Colm Fay.", "Colm Fay", 1},
		{"Berit Anstruk condemned Colm Fay.", "Colm Fay", -1},
		{"Berit Anstruk met Colm Fay on Monday.", "Colm Fay", 0},
		{"Berit Anstruk said Colm Fay was not honest.", "Colm Fay", -1},
	} {
		label, score, p := s.TargetedPredict(layers(c.text), at(c.text, c.mention))
		if label != c.want {
			t.Errorf("%q: label %d (%.2f): want %d", c.text, label, p, c.want)
		}
		if sum := p[0] + p[1] + p[2]; math.Abs(sum-1) > 1e-9 || math.Abs(score-(p[2]-p[0])) > 1e-9 {
			t.Errorf("%q: probabilities %v sum to %v, score %v", c.text, p, sum, score)
		}
	}
}

func TestDirectedPredict(t *testing.T) {
	s := stage(t, 0)
	for _, c := range []struct {
		text string
		want int
	}{
		{"Berit Anstruk praised Colm Fay.", 1},
		{"Berit Anstruk condemned Colm Fay.", 3},
		{"Berit Anstruk was praised by Colm Fay on day 2.", 2},
		{"Berit Anstruk was condemned by Colm Fay on day 2.", 4},
		{"Berit Anstruk sat beside Colm Fay.", 0},
	} {
		p, q := at(c.text, "Berit Anstruk"), at(c.text, "Colm Fay")
		label, score := s.DirectedPredict(layers(c.text), p, q)
		if label != c.want {
			t.Errorf("%q: label %d: want %d", c.text, label, c.want)
		}
		swapped, again := s.DirectedPredict(layers(c.text), q, p)
		if swapped != mirrored[c.want] || math.Abs(score-again) > 1e-12 {
			t.Errorf("%q with p and q exchanged: label %d, score %v: want %d, %v", c.text, swapped, again, mirrored[c.want], score)
		}
	}
}

// said lays one statement and its target mentions over a text.
func said(text string, kind corpus.StatementKind, source, cue, content string, mentions map[string]int) *corpus.Document {
	doc := layers(text)
	st := corpus.Statement{ID: "s1", Kind: kind, Source: []corpus.Span{at(text, source)}, Speaker: -1}
	if cue != "" {
		st.Cue = []corpus.Span{at(text, cue)}
	}
	if content != "" {
		st.Content = []corpus.Span{at(text, content)}
	}
	doc.Statements = []corpus.Statement{st}
	for i := range text {
		for _, words := range []string{"Premier Halvik", "the blockade", "Halvik's rule", "it"} {
			if target, ok := mentions[words]; ok && strings.HasPrefix(text[i:], words+" ") || ok && strings.HasPrefix(text[i:], words+".") || ok && strings.HasPrefix(text[i:], words+",") {
				doc.Targets = append(doc.Targets, corpus.TargetMention{Span: corpus.Span{Start: i, End: i + len(words)}, Target: target, Confidence: 1, Explicit: true})
			}
		}
	}
	doc.Add(corpus.LayerTargets | corpus.LayerStatements)
	return doc
}

func cases() []*corpus.Document {
	both := map[string]int{"Premier Halvik": 0, "the blockade": 1}
	return []*corpus.Document{
		said("The envoy said the blockade was justified.", corpus.Indirect, "The envoy", "said", "the blockade was justified", both),
		said("The envoy said the blockade was illegal.", corpus.Indirect, "The envoy", "said", "the blockade was illegal", both),
		said("Edda Quill condemned the blockade.", corpus.Described, "Edda Quill", "condemned", "", both),
		said("Edda Quill thanked Premier Halvik for the brave work.", corpus.Described, "Edda Quill", "thanked", "", both),
		said("Premier Halvik said that the blockade began.", corpus.Indirect, "Premier Halvik", "said", "the blockade began", both),
		said("Asked about the blockade, Edda Quill said that dinner was late.", corpus.Indirect, "Edda Quill", "said", "dinner was late", both),
		said("Edda Quill said “I met Premier Halvik. I praised Premier Halvik. He opposed the blockade.”", corpus.Direct, "Edda Quill", "said",
			"“I met Premier Halvik. I praised Premier Halvik. He opposed the blockade.”", both),
		said("Edda Quill said that dinner was late.", corpus.Indirect, "Edda Quill", "said", "dinner was late", both),
	}
}

type shown struct {
	Target, Mention, Label, Evidence string
	Score, Confidence                float64
}

func show(doc *corpus.Document) []shown {
	out := []shown{}
	for _, s := range doc.Statements[0].Stances {
		out = append(out, shown{targets[s.Target].ID, doc.Slice(s.Mention), s.Label.String(), doc.Slice(s.Evidence),
			math.Round(s.Score*100) / 100, math.Round(s.Confidence*100) / 100})
	}
	return out
}

func TestProcessGolden(t *testing.T) {
	s := stage(t, 0.45)
	var got []any
	for _, doc := range cases() {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
		got = append(got, map[string]any{"text": doc.Text, "stances": show(doc)})
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("testdata", "stances.golden.json")
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("stances differ from %s (-want +got):\n%s", path, diff)
	}
}

func TestProcessSides(t *testing.T) {
	s := stage(t, 0)
	want := [][]string{{"blockade for"}, {"blockade against"}, {"blockade against"}, {"halvik for"}, nil, nil, nil, {}}
	for i, doc := range cases() {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
		if want[i] == nil {
			continue
		}
		got := []string{}
		for _, x := range show(doc) {
			got = append(got, x.Target+" "+x.Label)
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", doc.Text, diff)
		}
	}
}

func TestSourceIsNotTakenUp(t *testing.T) {
	doc := cases()[4]
	if err := stage(t, 0).Process(doc); err != nil {
		t.Fatal(err)
	}
	for _, x := range show(doc) {
		if x.Target == "halvik" {
			t.Errorf("the speaker's own name was taken for a target: %+v", x)
		}
	}
}

func TestContextCountsLess(t *testing.T) {
	doc := cases()[5]
	if err := stage(t, 0).Process(doc); err != nil {
		t.Fatal(err)
	}
	got := show(doc)
	if len(got) != 1 || got[0].Confidence > inContext {
		t.Errorf("a target beside the content: %+v: want one stance of confidence %.1f or less", got, inContext)
	}
}

func TestAbstains(t *testing.T) {
	for _, doc := range cases() {
		if err := stage(t, 1).Process(doc); err != nil {
			t.Fatal(err)
		}
		for _, x := range show(doc) {
			if x.Label != "abstain" {
				t.Errorf("%q at min_confidence 1: %+v: want abstain", doc.Text, x)
			}
		}
	}
}

func TestNewAndProcessErrors(t *testing.T) {
	if _, err := New(testModel()[:100], Config{}); err == nil || !strings.Contains(err.Error(), "train it again") {
		t.Errorf("a model cut short: error %v", err)
	}
	if _, err := New(testModel(), Config{MinConfidence: 1.5}); err == nil || !strings.Contains(err.Error(), "min_confidence") {
		t.Errorf("min_confidence 1.5: error %v", err)
	}
	s := stage(t, 0)
	if err := s.Process(layers("Edda Quill slept.")); err == nil || !strings.Contains(err.Error(), "targets+statements") {
		t.Errorf("a document without statements: error %v", err)
	}
	doc := cases()[0]
	doc.Targets[0].Target = 7
	if err := s.Process(doc); err == nil || !strings.Contains(err.Error(), "target 7 of 2") {
		t.Errorf("an unknown target: error %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := stage(t, 0.45)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, doc := range cases() {
				if err := s.Process(doc); err != nil {
					t.Error(err)
				}
				alone := cases()[i]
				if err := stage(t, 0.45).Process(alone); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(alone.Statements, doc.Statements); diff != "" {
					t.Errorf("%q differs under concurrency:\n%s", doc.Text, diff)
				}
			}
		})
	}
	wg.Wait()
}

func TestInflect(t *testing.T) {
	for _, c := range []struct{ verb, want string }{
		{"accuse", "accuse accuses accused accusing"},
		{"deny", "deny denies denied denying"},
		{"condemn", "condemn condemns condemned condemning"},
		{"slam", "slam slams slammed slamming"},
		{"press", "press presses pressed pressing"},
		{"betray", "betray betrays betrayed betraying"},
	} {
		if got := strings.Join(inflect(c.verb), " "); got != c.want {
			t.Errorf("inflect(%q) = %q: want %q", c.verb, got, c.want)
		}
	}
}

func FuzzProcess(f *testing.F) {
	f.Add("Edda Quill said “the blockade was wrong.” Halvik slept.", 0, 10, 11, 15, 16, 40, 20, 30)
	f.Add("née – “x”", 0, 1, 0, 0, 2, 3, 1, 9)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d, e, g, h, i int) {
		text = strings.ToValidUTF8(text, "?")
		doc := layers(text)
		span := func(x, y int) (corpus.Span, bool) {
			at := func(n int) int {
				if len(text) == 0 {
					return 0
				}
				n = ((n % len(text)) + len(text)) % len(text)
				for n > 0 && text[n]&0xC0 == 0x80 {
					n--
				}
				return n
			}
			x, y = at(x), at(y)
			return corpus.Span{Start: min(x, y), End: max(x, y)}, x != y
		}
		st := corpus.Statement{Speaker: -1}
		for k, pair := range [][2]int{{a, b}, {c, d}, {e, g}} {
			if s, ok := span(pair[0], pair[1]); ok {
				list := []*[]corpus.Span{&st.Source, &st.Cue, &st.Content}[k]
				*list = append(*list, s)
			}
		}
		doc.Statements = []corpus.Statement{st}
		if s, ok := span(h, i); ok {
			doc.Targets = []corpus.TargetMention{{Span: s, Target: (h&1 + 2) % 2, Confidence: 0.8}}
		}
		doc.Add(corpus.LayerTargets | corpus.LayerStatements)
		if err := stage(t, 0.5).Process(doc); err != nil {
			t.Fatal(err)
		}
		for _, x := range doc.Statements[0].Stances {
			if !(math.Abs(x.Score) <= 1+1e-9 && x.Confidence >= 0 && x.Confidence <= 1+1e-9) {
				t.Errorf("score %v, confidence %v", x.Score, x.Confidence)
			}
			for _, s := range []corpus.Span{x.Mention, x.Evidence} {
				if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
					t.Errorf("span %v in a text of %d bytes", s, len(text))
				}
			}
		}
	})
}

func BenchmarkProcess(b *testing.B) {
	s := stage(b, 0.5)
	doc := said(strings.Repeat("The minister spoke at length of the harvest. ", 20)+
		"The envoy, who had come from the coast that morning, said the blockade was illegal and that Premier Halvik was wrong.", corpus.Indirect,
		"The envoy", "said", "the blockade was illegal and that Premier Halvik was wrong", map[string]int{"Premier Halvik": 0, "the blockade": 1})
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for range b.N {
		if err := s.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func TestEvaluateAndCard(t *testing.T) {
	d := invented()
	scores, err := Evaluate(testModel(), d, layers)
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != 3 {
		t.Fatalf("%d scores: want one a task", len(scores))
	}
	for _, s := range scores {
		if s.Accuracy < 0.9 || s.MacroF1 < 0.9 || s.Side < 0.9 || s.Side > 1 || s.CalibrationError > 0.5 {
			t.Errorf("on its own training rows: %+v", s)
		}
	}
	card, err := Card(testModel(), d, scores)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SHA-256", "| targeted |", "| statement |", "## Limits"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	if _, err := Card(nil, d, scores); err == nil {
		t.Error("a card was written for no model")
	}
}
