package stance

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/encoder/kernel"
	"github.com/standpoint-news/standpoint/analysis/segment"
	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/models"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type processor interface{ Process(*corpus.Document) error }

// world is what the tests read with: the embedded model.
type world struct {
	model *Model
	words []processor
}

var loaded = sync.OnceValue(func() (w world) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	files, err := models.Tensors(models.StanceName)
	must(err)
	tensors, err := encoder.ParseTensors(files...)
	must(err)
	pieces, err := encoder.NewTokenizer(models.WordPieces())
	must(err)
	w.model, err = Load(pieces, tensors)
	must(err)
	segments, err := segment.New()
	must(err)
	w.words = []processor{clean.New(), tokenize.New(), segments}
	return w
})

var targets = []Target{
	{ID: "halvik", Name: "Premier Halvik", Kind: "person", Aliases: []string{"Halvik"}},
	{ID: "blockade", Name: "the blockade", Kind: "action", Aliases: []string{"blockade"}},
}

func stage(t testing.TB, minimum float64) *Stage {
	t.Helper()
	s, err := loaded().model.Stage(Config{MinConfidence: minimum, Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// layers lays the layers of words over a text.
func layers(text string) *corpus.Document {
	doc := &corpus.Document{ID: "test", Text: text}
	for _, s := range loaded().words {
		if err := s.Process(doc); err != nil {
			panic(err)
		}
	}
	return doc
}

func at(text, words string) corpus.Span {
	i := strings.Index(text, words)
	if i < 0 {
		panic(fmt.Sprintf("%q does not hold %q", text, words))
	}
	return corpus.Span{Start: i, End: i + len(words)}
}

// said lays one statement over a text, and the mentions of the targets.
func said(text, source, cue, content string) *corpus.Document {
	doc := layers(text)
	st := corpus.Statement{ID: "s1", Speaker: -1}
	for _, part := range []struct {
		words string
		spans *[]corpus.Span
	}{{source, &st.Source}, {cue, &st.Cue}, {content, &st.Content}} {
		if part.words != "" {
			*part.spans = []corpus.Span{at(text, part.words)}
		}
	}
	doc.Statements = []corpus.Statement{st}
	for k, target := range targets {
		for i := range text {
			if strings.HasPrefix(text[i:], target.Aliases[0]) {
				doc.Targets = append(doc.Targets, corpus.TargetMention{Span: corpus.Span{Start: i, End: i + len(target.Aliases[0])}, Target: k, Confidence: 1, Explicit: true})
			}
		}
	}
	slices.SortFunc(doc.Targets, func(a, b corpus.TargetMention) int { return a.Start - b.Start })
	doc.Add(corpus.LayerTargets | corpus.LayerStatements | corpus.LayerSpeakers)
	takeUp(doc)
	return doc
}

// takeUp lets each statement take up the targets that it may, whatever
// target.Uptakes would think of them: those mentioned outside of its source.
func takeUp(doc *corpus.Document) {
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Extent().Len() == 0 {
			continue
		}
		for k := range targets {
			for _, m := range doc.Targets {
				if m.Target == k && !covered(st.Source, m.Span) {
					st.TakenUp = append(st.TakenUp, corpus.Uptake{Target: k, Named: true, Mention: m.Span, Confidence: 1})
					break
				}
			}
		}
	}
}

func cases() []*corpus.Document {
	return []*corpus.Document{
		said("The envoy said the blockade was fully justified.", "The envoy", "said", "the blockade was fully justified"),
		said("The envoy said the blockade was illegal and must end.", "The envoy", "said", "the blockade was illegal and must end"),
		said("Edda Quill condemned the blockade as an act of piracy.", "Edda Quill", "condemned", "the blockade as an act of piracy"),
		said("Edda Quill praised Premier Halvik for his brave work.", "Edda Quill", "praised", "Premier Halvik for his brave work"),
		said("Edda Quill accused Premier Halvik of lying to the islands.", "Edda Quill", "accused", "Premier Halvik of lying to the islands"),
		said("Premier Halvik said that dinner was late.", "Premier Halvik", "said", "dinner was late"),
		said("Edda Quill said that dinner was late.", "Edda Quill", "said", "dinner was late"),
		said("“I will never support Halvik,” Edda Quill said. “The blockade was the right answer.”", "Edda Quill", "said", "“The blockade was the right answer.”"),
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

// TestProcessGolden holds the stances of the cases, which are the same on every
// path of the kernels.
func TestProcessGolden(t *testing.T) {
	const path = "testdata/stances.golden.json"
	defer kernel.Use(kernel.Path())
	for _, name := range kernel.Paths() {
		if err := kernel.Use(name); err != nil {
			t.Fatal(err)
		}
		s := stage(t, 0.7)
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
		if *update && name == kernel.Paths()[0] {
			if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(append(text, '\n'))); diff != "" {
			t.Errorf("%s: stances differ from %s (-want +got):\n%s", name, path, diff)
		}
	}
}

func TestProcessSides(t *testing.T) {
	s := stage(t, 0)
	want := [][]string{{"blockade for"}, {"blockade against"}, {"blockade against"}, {"halvik for"}, {"halvik against"}, {}, {}}
	for i, doc := range cases()[:len(want)] {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
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

// TestAssured holds that the confidence grows with the probability, is none of
// certainty, and that neither side is the less sure label.
func TestAssured(t *testing.T) {
	last := 0.0
	for p := 0.02; p < 1; p += 0.01 {
		x := assured(p, favours)
		if x <= last || x >= 1 || x != assured(p, against) || assured(p, neither) >= x {
			t.Errorf("assured(%.2f) = %v after %v; against %v, neither %v", p, x, last, assured(p, against), assured(p, neither))
		}
		last = x
	}
	if assured(0, favours) != assured(0.01, favours) || assured(1, favours) != assured(0.99, favours) {
		t.Error("probabilities beyond what rows can tell are not cut")
	}
}

// TestDoubt holds that a stance is no surer than that its target is meant.
func TestDoubt(t *testing.T) {
	s := stage(t, 0)
	sure, unsure := cases()[0], cases()[0]
	for i := range unsure.Targets {
		unsure.Targets[i].Confidence = 0.5
	}
	for _, doc := range []*corpus.Document{sure, unsure} {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
	}
	a, b := sure.Statements[0].Stances[0], unsure.Statements[0].Stances[0]
	if b.Confidence >= a.Confidence || b.Score != a.Score {
		t.Errorf("of a mention half as sure: score %v, confidence %v: want %v and less than %v", b.Score, b.Confidence, a.Score, a.Confidence)
	}
}

// TestBesideOthers holds that a statement's stances do not depend on which
// others the document has.
func TestBesideOthers(t *testing.T) {
	s := stage(t, 0)
	text := strings.Repeat("The envoy said the blockade was illegal. Edda Quill praised Halvik. ", 30)
	doc := said(text, "The envoy", "said", "the blockade was illegal")
	alone := said(text, "The envoy", "said", "the blockade was illegal")
	for i := 1; i < 30; i++ {
		from := i * len(text) / 30
		shift := func(spans []corpus.Span) []corpus.Span {
			return []corpus.Span{{Start: spans[0].Start + from, End: spans[0].End + from}}
		}
		first := doc.Statements[0]
		doc.Statements = append(doc.Statements, corpus.Statement{Speaker: -1, Source: shift(first.Source), Cue: shift(first.Cue), Content: shift(first.Content),
			TakenUp: first.TakenUp})
	}
	for _, d := range []*corpus.Document{doc, alone} {
		if err := s.Process(d); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(alone.Statements[0], doc.Statements[0]); diff != "" || len(alone.Statements[0].Stances) == 0 {
		t.Errorf("alone and beside others (-alone +beside):\n%s", diff)
	}
}

func TestTargetedPredict(t *testing.T) {
	s := stage(t, 0)
	for _, c := range []struct {
		text string
		want int
	}{
		{"Berit Anstruk praised Colm Fay for his honesty and courage.", 1},
		{"Berit Anstruk condemned Colm Fay as a corrupt liar.", -1},
		{"Berit Anstruk met Colm Fay on Monday.", 0},
	} {
		label, score, err := s.TargetedPredict(layers(c.text), at(c.text, "Colm Fay"))
		if err != nil {
			t.Fatal(err)
		}
		if label != c.want || math.Abs(score) > 1 {
			t.Errorf("%q: label %d, score %.2f: want %d", c.text, label, score, c.want)
		}
	}
}

func TestDirectedPredict(t *testing.T) {
	s := stage(t, 0)
	for _, c := range []struct {
		text string
		want int
	}{
		{"Berit Anstruk praised Colm Fay for his courage.", 1},
		{"Berit Anstruk condemned Colm Fay as a liar.", 3},
		{"Berit Anstruk sat beside Colm Fay on the train.", 0},
	} {
		label, score, err := s.DirectedPredict(layers(c.text), at(c.text, "Berit Anstruk"), at(c.text, "Colm Fay"))
		if err != nil {
			t.Fatal(err)
		}
		if label != c.want || math.Abs(score) > 1 {
			t.Errorf("%q: label %d, score %.2f: want %d", c.text, label, score, c.want)
		}
	}
}

func TestNewAndProcessErrors(t *testing.T) {
	if _, err := loaded().model.Stage(Config{MinConfidence: 1.5}); err == nil || !strings.Contains(err.Error(), "min_confidence") {
		t.Errorf("min_confidence 1.5: error %v", err)
	}
	s := stage(t, 0)
	if err := s.Process(layers("Edda Quill slept.")); err == nil || !strings.Contains(err.Error(), "targets+statements+speakers") {
		t.Errorf("a document without statements: error %v", err)
	}
	doc := cases()[0]
	doc.Statements[0].TakenUp[0].Target = 7
	if err := s.Process(doc); err == nil || !strings.Contains(err.Error(), "target 7 of 2") {
		t.Errorf("an unknown target: error %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := stage(t, 0.7)
	var want [][]shown
	for _, doc := range cases() {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
		want = append(want, show(doc))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i, doc := range cases() {
				if err := s.Process(doc); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(want[i], show(doc)); diff != "" {
					t.Errorf("%q differs under concurrency:\n%s", doc.Text, diff)
				}
			}
		})
	}
	wg.Wait()
}

// TestReference holds the int8 model in Go against what PyTorch made of the
// same passages in float32, as models/encoder/training/export.py wrote it.
func TestReference(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Pieces                []int32
		Shapes, Quotes, Roles []int
		Probabilities         [len(tasks)][]float64
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatal("no passages")
	}
	narrow := func(x []int) []uint8 {
		out := make([]uint8, len(x))
		for i, v := range x {
			out[i] = uint8(v)
		}
		return out
	}
	m := loaded().model
	for i, r := range rows {
		q := question{Sequence: encoder.Sequence{Pieces: r.Pieces, Shapes: narrow(r.Shapes), Quotes: narrow(r.Quotes), Roles: narrow(r.Roles)}}
		for task := range tasks {
			err := m.answer([]question{q}, task, func(_ question, probs []float64) {
				for c, p := range probs {
					if math.Abs(p-r.Probabilities[task][c]) > 0.1 {
						t.Errorf("passage %d, %s: probabilities %.3f, want %.3f", i, tasks[task].name, probs, r.Probabilities[task])
						break
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// roles gives the roles of a passage's pieces by what they say.
func roles(t *testing.T, seq encoder.Sequence) map[string]uint8 {
	t.Helper()
	vocabulary := strings.Fields(models.WordPieces())
	out := map[string]uint8{}
	for i, id := range seq.Pieces {
		out[vocabulary[id]] = seq.Roles[i]
	}
	return out
}

func TestPassage(t *testing.T) {
	filler := strings.Repeat("The harvest was good that year. ", 40)
	text := filler + "Asked about the harbour, Edda Quill said the blockade was wrong, and " + strings.Repeat("again and again and ", 60) + "wrong."
	doc := said(text, "Edda Quill", "said", text[strings.Index(text, "the blockade"):])
	r := newReader(loaded().model.pieces, doc)
	st := &doc.Statements[0]
	seq := r.passage(st, "Edda Quill", nameTarget(r.tok, targets[1]), r.mentions(st, 1))
	if most := textSize + speakerSize + targetSize + 4; len(seq.Pieces) > most || len(seq.Pieces) < textSize {
		t.Errorf("a passage of %d pieces: want %d to %d", len(seq.Pieces), textSize, most)
	}
	got := roles(t, seq)
	for word, want := range map[string]uint8{"said": roleCue, "about": roleNone, "wrong": roleContent, "action": roleTarget, "ed": roleSpeaker} {
		if role, ok := got[word]; !ok || role != want {
			t.Errorf("%q has role %d: want %d", word, role, want)
		}
	}
	mentions := 0
	for _, role := range seq.Roles {
		if role == roleMention {
			mentions++
		}
	}
	if mentions != 1 {
		t.Errorf("%d pieces mean the target: want the one of %q", mentions, "blockade")
	}
}

// TestPassageEnds holds that a passage ends where another begins to speak.
func TestPassageEnds(t *testing.T) {
	text := "Edda Quill called the blockade a crime, while Orla Venn said it was a duty."
	doc := said(text, "Edda Quill", "called", "the blockade a crime")
	doc.Statements = append(doc.Statements, corpus.Statement{Speaker: -1, Source: []corpus.Span{at(text, "Orla Venn")}, Cue: []corpus.Span{at(text, "said")}, Content: []corpus.Span{at(text, "it was a duty")}})
	r := newReader(loaded().model.pieces, doc)
	for i, want := range []struct{ has, lacks string }{{"crime", "duty"}, {"duty", ""}} {
		st := &doc.Statements[i]
		got := roles(t, r.passage(st, "", nameTarget(r.tok, targets[1]), r.mentions(st, 1)))
		if _, ok := got[want.has]; !ok {
			t.Errorf("the passage of statement %d lacks %q", i, want.has)
		}
		if _, ok := got[want.lacks]; ok {
			t.Errorf("the passage of statement %d holds %q", i, want.lacks)
		}
	}
}

func TestPassages(t *testing.T) {
	text := "Edda Quill condemned the blockade. Orla Venn met Halvik. Later she praised the blockade of the port."
	doc := said(text, "Edda Quill", "condemned", "the blockade")
	doc.Statements = append(doc.Statements, corpus.Statement{Speaker: -1, Source: []corpus.Span{at(text, "Orla Venn")}, Cue: []corpus.Span{at(text, "met")}, Content: []corpus.Span{at(text, "Halvik")}})
	got := Passages(loaded().model.pieces, doc, targets, []Coded{
		{Target: 1, Stance: -1, Evidence: at(text, "Edda Quill condemned the blockade"), Source: "Edda Quill"},
		{Target: 1, Stance: 1, Evidence: at(text, "she praised the blockade of the port"), Source: "she"},
	})
	labels := []int{}
	for _, p := range got {
		labels = append(labels, p.Label)
		if n := len(p.Pieces); p.Task != "statement" || n == 0 || len(p.Shapes) != n || len(p.Quotes) != n || len(p.Roles) != n {
			t.Errorf("%s passage of %d pieces with %d shapes, %d quote states, %d roles", p.Task, n, len(p.Shapes), len(p.Quotes), len(p.Roles))
		}
	}
	// Halvik by Orla Venn; the blockade by Edda Quill and by her who praised it, not by Orla Venn, whose sentence lacks it
	if diff := cmp.Diff([]int{notTakenUp, against, favours}, labels); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

// TestImplied holds that a target is asked for where a statement may take it up,
// and that a stance is no surer than that.
func TestImplied(t *testing.T) {
	text := "The blockade began on Monday. The envoy said it was illegal and must end."
	s := stage(t, 0)
	for _, tt := range []struct {
		name    string
		takenUp []corpus.Uptake
		want    string // mention and label
	}{
		{"not", nil, ""},
		{"by a pronoun", []corpus.Uptake{{Target: 1, Mention: at(text, "it"), Confidence: 0.8}}, "it against"},
		{"by the words before", []corpus.Uptake{{Target: 1, Mention: at(text, "blockade"), Confidence: 0.8}}, "blockade against"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := said(text, "The envoy", "said", "it was illegal and must end")
			doc.Targets = []corpus.TargetMention{{Span: at(text, "blockade"), Target: 1, Confidence: 1, Explicit: true}}
			doc.Statements[0].TakenUp = tt.takenUp
			if err := s.Process(doc); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, x := range doc.Statements[0].Stances {
				got += doc.Slice(x.Mention) + " " + x.Label.String()
				if x.Confidence > assured(0.8, favours) {
					t.Errorf("confidence %v of a stance toward what is meant with 0.8", x.Confidence)
				}
			}
			if got != tt.want {
				t.Errorf("stances %q, want %q", got, tt.want)
			}
			labels := 0
			for _, p := range Passages(loaded().model.pieces, doc, targets, nil) {
				labels++
				if p.Label != notTakenUp {
					t.Errorf("an uncoded pair has the label %d", p.Label)
				}
			}
			if labels != len(tt.takenUp) {
				t.Errorf("%d passages to train on, want %d", labels, len(tt.takenUp))
			}
		})
	}
}

func FuzzProcess(f *testing.F) {
	f.Add("Edda Quill said “the blockade was wrong.” Halvik slept.", 0, 10, 11, 15, 16, 40, 20, 30)
	f.Add("née – “x”", 0, 1, 0, 0, 2, 3, 1, 9)
	s := stage(f, 0.5)
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
			takeUp(doc)
		}
		doc.Add(corpus.LayerTargets | corpus.LayerStatements | corpus.LayerSpeakers)
		if err := s.Process(doc); err != nil {
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
		"The envoy, who had come from the coast that morning, said the blockade was illegal and that Premier Halvik was wrong.",
		"The envoy", "said", "the blockade was illegal and that Premier Halvik was wrong")
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
