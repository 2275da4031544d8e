package eval

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

func counts(p PRF) [3]int { return [3]int{p.Right, p.Predicted, p.Gold} }

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAttribution(t *testing.T) {
	rows := []gold.AttributionRow{
		{ID: "overlaps", Text: strings.Repeat("a", 40), Attributions: []gold.Attribution{
			{Source: gold.Spans{{0, 2}}, Content: gold.Spans{{10, 20}}},
			{Content: gold.Spans{{20, 30}}},
		}},
		{ID: "tie", Text: strings.Repeat("a", 40), Attributions: []gold.Attribution{
			{Source: gold.Spans{{20, 22}}, Content: gold.Spans{{0, 10}}},
			{Source: gold.Spans{{30, 32}}, Content: gold.Spans{{0, 10}}},
		}},
		{ID: "trim", Text: "“abcd.” efgh", Attributions: []gold.Attribution{{Source: gold.Spans{{8, 12}}, Content: gold.Spans{{0, 7}}}}},
		{ID: "silent", Text: "“ab” cd", Attributions: []gold.Attribution{{Content: gold.Spans{{0, 7}}}, {Source: gold.Spans{{0, 1}}}}},
	}
	predictions := []gold.AttributionPrediction{
		{ID: "overlaps", Attributions: []gold.Attribution{
			{Source: gold.Spans{{1, 3}}, Content: gold.Spans{{10, 18}}}, // IoU 8/10, source overlaps
			{Content: gold.Spans{{20, 30}}},                             // IoU 1, both without a source
			{Content: gold.Spans{{35, 40}}},                             // nothing there
		}},
		// The one prediction fits both golds alike: the later one takes it, and has another source.
		{ID: "tie", Attributions: []gold.Attribution{{Source: gold.Spans{{20, 22}}, Content: gold.Spans{{0, 10}}}}},
		// "abcd" is the same as "“abcd.”" without outer marks; the source is missing.
		{ID: "trim", Attributions: []gold.Attribution{{Content: gold.Spans{{1, 5}}}}},
		{ID: "elsewhere", Attributions: []gold.Attribution{{Content: gold.Spans{{1, 5}}}}},
	}
	r, err := Attribution(rows, predictions, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := r.Scores[0]
	// Characters: gold 20 + 10 + 4 + 6 ("ab” cd", the marks outside trimmed), predicted 23 + 10 + 4, both 18 + 10 + 4.
	for _, tt := range []struct {
		name string
		got  PRF
		want [3]int
	}{
		{"chars", all.Characters, [3]int{32, 37, 40}},
		{"content", all.Content, [3]int{4, 5, 6}},
		{"exact", all.Exact, [3]int{3, 5, 6}},
		{"who", all.WhoSaidWhat, [3]int{2, 5, 6}},
	} {
		if counts(tt.got) != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, counts(tt.got), tt.want)
		}
	}
	// P 2/5, R 2/6: F1 = 2·2/(5+6).
	near(t, "who-said-what F1", all.WhoSaidWhat.F1.Value, 4.0/11)
	// Of four matches three golds have a source; the first alone is right.
	if all.SourceRight != 1 || all.SourceOf != 3 {
		t.Errorf("source %d/%d", all.SourceRight, all.SourceOf)
	}
	var slices []string
	for _, s := range r.Scores {
		slices = append(slices, s.Slice)
		if s.Slice == "quoted" && (s.Gold != 2 || s.Predicted != 0) || s.Slice == "direct" && s.Gold != 1 || s.Slice == "mixed" && s.Gold != 1 {
			t.Errorf("%s: gold %d, predicted %d", s.Slice, s.Gold, s.Predicted)
		}
	}
	if diff := cmp.Diff([]string{"all", "quoted", "direct", "mixed", "indirect"}, slices); diff != "" {
		t.Error(diff)
	}
	if _, err := Attribution(rows, []gold.AttributionPrediction{{ID: "trim", Attributions: []gold.Attribution{{Content: gold.Spans{{0, 99}}}}}}, Options{}); err == nil {
		t.Error("a span beyond the text was scored")
	}
}

func TestLabels(t *testing.T) {
	rows := []gold.TargetedRow{{ID: "a", Label: 1}, {ID: "b", Label: 1}, {ID: "c", Label: -1}, {ID: "d", Label: 0}}
	r := Targeted(rows, []gold.LabelPrediction{{ID: "a", Label: 1}, {ID: "b", Label: -1}, {ID: "c", Label: -1}}, Options{})
	near(t, "accuracy", r.Accuracy.Value, 0.5)
	// F1 of 1: 2·1/(2·1+0+1); of -1: 2·1/(2·1+1+0); of 0: 0. Their mean is 4/9.
	near(t, "macro-F1", r.MacroF1.Value, 4.0/9)
	near(t, "F1[-1]", r.Classes[0].F1.Value, 2.0/3)
	near(t, "F1[0]", r.Classes[1].F1.Value, 0)
	if r.Missing != 1 || r.Classes[2].Rows != 2 {
		t.Errorf("%+v", r)
	}
	// Rows of one id are paired in order: the second of "a" is wrong, the third has no prediction.
	same := []gold.DirectedRow{{ID: "a", Label: 3}, {ID: "a", Label: 4}, {ID: "a", Label: 4}}
	d := Directed(same, []gold.LabelPrediction{{ID: "a", Label: 3}, {ID: "a", Label: 9}}, Options{})
	near(t, "accuracy", d.Accuracy.Value, 1.0/3)
	if d.Missing != 1 {
		t.Errorf("missing %d", d.Missing)
	}
	if empty := Labels(nil, nil, Options{}); empty.MacroF1.Value != 0 {
		t.Errorf("no rows: %+v", empty)
	}
}

func TestTriplets(t *testing.T) {
	side := func(sentiment string) gold.SideTaking {
		return gold.SideTaking{Subject: "Ada Brook", Sentiment: sentiment, Object: "Harbour Act"}
	}
	rows := []gold.TripletsRow{{ID: "a", Annotation: gold.TripletAnnotation{Stances: map[string][]gold.SideTaking{
		"0": {side("POS"), {Subject: gold.NotListed, Sentiment: "POS", Object: "Harbour Act"}}, "1": {side("NEG")},
	}}}}
	r := Triplets(rows, []gold.TripletsPrediction{{ID: "a", Triplets: []gold.Triplet{{Sentence: 0, SideTaking: side("NEG")}, {Sentence: 0, SideTaking: side("NEG")}, {Sentence: 1, SideTaking: side("NEG")}}}}, Options{})
	// Both pairs are found; the first has the wrong side; what stands twice counts once.
	if counts(r.Pair) != [3]int{2, 2, 2} || counts(r.Triplet) != [3]int{1, 2, 2} {
		t.Errorf("pair %v, triplet %v", counts(r.Pair), counts(r.Triplet))
	}
	near(t, "triplet F1", r.Triplet.F1.Value, 0.5)
}

func missionRow(id, speaker string, stance int, evidence string) gold.MissionRow {
	return gold.MissionRow{ID: id, Speaker: speaker, Target: gold.MissionTarget{ID: "act"}, Stance: stance, Evidence: evidence}
}

func TestMission(t *testing.T) {
	disputed := missionRow("x", "Cole Dane", -1, "")
	disputed.Disputed = true
	rows := []gold.MissionRow{
		missionRow("x", "Ada Brook", 1, "one"), missionRow("x", "Mr. Brook", 1, "one"), // one cell
		disputed,
		missionRow("x", "Eve Finch", -1, "two"),
		missionRow("x", "Ida Jonas", 0, "two"), // no side
	}
	var predictions []gold.MissionPrediction
	for _, r := range []gold.MissionRow{
		missionRow("x", "Brook", 1, ""),     // right
		missionRow("x", "Cole Dane", 1, ""), // disputed: counts neither way
		missionRow("x", "Finch", 1, ""),     // wrong side
		missionRow("x", "Guy Hale", -1, ""), // nobody's
	} {
		predictions = append(predictions, gold.MissionPrediction{Row: &r})
	}
	r := Mission(rows, predictions, nil, Options{})
	// Gold: Brook, Finch. Predicted: Brook, Finch, Hale. P 1/3, R 1/2: F1 = 2·1/(3+2).
	act := r.Targets[0]
	if act.Target != "act" || act.Found != 2 || counts(act.Cells) != [3]int{1, 3, 2} {
		t.Errorf("%+v", act)
	}
	near(t, "F1", act.Cells.F1.Value, 0.4)
	if all := r.Targets[1]; all.Target != "all" || counts(all.Cells) != [3]int{1, 3, 2} {
		t.Errorf("%+v", all)
	}
}

// TestMissionKinds counts targets that rows describe under their kinds.
func TestMissionKinds(t *testing.T) {
	own := func(id, speaker, name, kind string, stance int) gold.MissionRow {
		return gold.MissionRow{ID: id, Speaker: speaker, Target: gold.MissionTarget{Name: name, Kind: kind}, Stance: stance}
	}
	rows := []gold.MissionRow{own("x", "Ada Brook", "the levy", "policy", 1), own("x", "Ada Brook", "Port Hale", "state", -1), own("y", "Eve Finch", "the ban", "policy", -1)}
	var predictions []gold.MissionPrediction
	for _, r := range []gold.MissionRow{own("x", "Ada Brook", "the levy", "", 1), own("y", "Eve Finch", "the ban", "", 1)} {
		predictions = append(predictions, gold.MissionPrediction{Row: &r})
	}
	got := map[string][3]int{}
	for _, s := range Mission(rows, predictions, nil, Options{}).Targets {
		got[s.Target] = counts(s.Cells)
	}
	if diff := cmp.Diff(map[string][3]int{"policy": {1, 2, 2}, "state": {0, 0, 1}, "all": {1, 2, 3}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMissionLosses(t *testing.T) {
	text := "Ada praised it. Ben hit it. Cy bore it. Dee sang. Eli spoke. Flo left."
	rows := []gold.MissionRow{
		missionRow("x", "Ada Arden", 1, "Ada praised it."), missionRow("x", "Ben Birch", -1, "Ben hit it."),
		missionRow("x", "Cy Cedar", -1, "Cy bore it."), missionRow("x", "Dee Dogwood", 1, "Dee sang."),
		missionRow("x", "Eli Elm", 1, "Eli spoke."), missionRow("x", "Flo Fir", 1, "Flo left."), missionRow("y", "Gus Gum", 1, "Gus came."),
	}
	statement := func(speaker string, start int, label string) gold.Statement {
		s := gold.Statement{Content: gold.Spans{{start, start + 5}}}
		if speaker != "" {
			s.Speaker = &gold.Speaker{Name: speaker}
		}
		if label != "" {
			s.Stances = []gold.Stance{{Target: "act", Label: label, Confidence: 0.75}}
		}
		return s
	}
	line := &gold.Line{ID: "x", Statements: []gold.Statement{
		statement("Ada Arden", 0, "for"),
		statement("Ben Birch", 16, "for"),
		statement("Cy Cedar", 28, "neither"),
		statement("Dee Dogwood", 40, "abstain"),
		statement("", 50, "for"),
	}}
	r := Mission(rows, []gold.MissionPrediction{{Line: line}}, map[string]string{"x": text}, Options{})
	want := []Loss{{lossNothing, 1}, {lossStatement, 1}, {lossAbstained, 1}, {lossOpen, 1}, {lossNeither, 1}, {lossSide, 1}, {lossNone, 1}}
	if diff := cmp.Diff(want, r.Losses); diff != "" {
		t.Error(diff)
	}
	// Ada's side is right and Ben's is not, nor that Cy has none; Dee's is open, and the last is nobody's.
	if diff := cmp.Diff([]StanceBin{{From: 0.7, Rows: 3, Confidence: 0.75, Accuracy: 1.0 / 3}}, r.Calibration, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	near(t, "calibration error", r.Error, 0.75-1.0/3)
	// Seven gold cells, two predicted with a side, one of them right.
	if got := counts(r.Targets[0].Cells); got != [3]int{1, 2, 7} {
		t.Errorf("cells %v", got)
	}
	var out strings.Builder
	if err := r.WriteText(&out); err != nil || !strings.Contains(out.String(), "    1  wrong side") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestSameName(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"Ada Brook", "President Ada Brook", true},
		{"Ada Brook", "Brook", true},
		{"Ada Brook", "Ben Brook", true}, // the same surname
		{"Ada Brook", "Ada Stone", false},
		{"Ada Brook", "BROOK’S", true},
		{"Élise Dubois-Maré", "dubois mare", false},
		{"Élise Dubois-Maré", "Maré", true},
		{"Moscow", "the Russian government", true},
		{"Moscow", "Tehran officials", false},
		{"White House", "a White House spokesman", true}, // not as a state, but both keep "white" for a surname
		{"harbour officials", "harbour guild", true},     // contained after titles are dropped
		{"the president", "the minister", false},
	} {
		a, b := foldName(tt.a), foldName(tt.b)
		if a.same(b) != tt.want || b.same(a) != tt.want {
			t.Errorf("%q %v and %q %v: same is not %v", tt.a, a, tt.b, b, tt.want)
		}
	}
}

func TestEstimate(t *testing.T) {
	near(t, "quantile", quantile([]float64{0, 1, 2, 3, 4}, 0.1), 0.4)
	near(t, "quantile", quantile([]float64{7}, 0.975), 7)
	var units [][]int
	for i := range 50 {
		units = append(units, []int{i % 2, 1})
	}
	m := []metric{func(c []int) float64 { return ratio(c[0], c[1]) }}
	a, b := estimate(units, m, Options{Seed: 7}), estimate(units, m, Options{Seed: 7})
	if a[0] != b[0] {
		t.Errorf("one seed, two intervals: %v, %v", a[0], b[0])
	}
	// A share of a half in 50 draws has a standard error of √(.25/50) = .071, so the interval is about .5 ± .14.
	if a[0].Value != 0.5 || math.Abs(a[0].Low-0.36) > 0.04 || math.Abs(a[0].High-0.64) > 0.04 {
		t.Errorf("%v", a[0])
	}
	if got := estimate(nil, m, Options{}); got[0] != (Estimate{}) {
		t.Errorf("no units: %v", got[0])
	}
}

// Runs are sets: their measures must be those of sets of characters.
func FuzzRuns(f *testing.F) {
	f.Add([]byte{1, 5, 3, 9, 4, 4}, []byte{0, 2})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		ra, sa := runsAndSet(a)
		rb, sb := runsAndSet(b)
		both := 0
		for c := range sa {
			if sb[c] {
				both++
			}
		}
		if ra.size() != len(sa) || ra.overlap(rb) != both || rb.overlap(ra) != both {
			t.Errorf("%v and %v: size %d of %d, overlap %d of %d", ra, rb, ra.size(), len(sa), ra.overlap(rb), both)
		}
	})
}

func runsAndSet(data []byte) (runs, map[int]bool) {
	var spans gold.Spans
	set := map[int]bool{}
	for i := 0; i+1 < len(data); i += 2 {
		s := [2]int{int(data[i]), int(data[i+1])}
		spans = append(spans, s)
		for c := s[0]; c < s[1]; c++ {
			set[c] = true
		}
	}
	return union(spans), set
}

func BenchmarkMission(b *testing.B) {
	var rows []gold.MissionRow
	var predictions []gold.MissionPrediction
	for i := range 400 {
		r := missionRow(string(rune('a'+i%20)), "Speaker "+string(rune('A'+i%7)), i%3-1, "")
		rows = append(rows, r)
		predictions = append(predictions, gold.MissionPrediction{Row: &r})
	}
	b.ReportAllocs()
	for b.Loop() {
		Mission(rows, predictions, nil, Options{})
	}
}
