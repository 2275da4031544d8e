package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

func TestSpeakers(t *testing.T) {
	text := "“Né” and so on, Ada Arden said. Ben hit it. Cy bore it. Dee sang. Nobody spoke."
	disputed := missionRow("x", "Ben Birch", 1, "Ben hit it.")
	disputed.Disputed = true
	rows := []gold.MissionRow{
		missionRow("x", "Arden", 1, "“Né” and so on, Ada Arden said."),
		missionRow("x", "Ben Birch", 1, "Ben hit it."),
		missionRow("x", "Cy Cedar", 0, "Cy bore it."),
		missionRow("x", "Dee Dogwood", 1, "Dee sang."),
		missionRow("x", "Eve Elm", 1, "Nobody spoke."), // no statement there
		missionRow("y", "Eve Elm", 1, "Nobody spoke."), // no article
		disputed,
	}
	who := func(name, resolution string, confidence float64) *gold.Speaker {
		return &gold.Speaker{Name: name, Resolution: resolution, Confidence: confidence}
	}
	lines := []gold.Line{{ID: "x", Statements: []gold.Statement{
		{Content: gold.Spans{{0, 4}}, Speaker: who("Zoe Zander", "name", 0.9)},                                          // shares less
		{Source: gold.Spans{{16, 25}}, Content: gold.Spans{{0, 14}}, Speaker: who("Ms. Ada Arden", "name", 0.75)},       // right
		{Source: gold.Spans{{32, 35}}, Content: gold.Spans{{36, 42}}, Speaker: who("Zoe Zander", "pronoun", 0.85)},      // wrong and sure
		{Source: gold.Spans{{44, 46}}, Content: gold.Spans{{47, 55}}, Candidates: []gold.Candidate{{Name: "Cy Cedar"}}}, // open
		{Source: gold.Spans{{56, 59}}, Content: gold.Spans{{60, 65}}, Speaker: who("Zoe Zander", "pronoun", 0.79)},      // wrong, not sure
	}}}
	r := Speakers(rows, lines, map[string]string{"x": text}, Options{Samples: -1})
	if r.Articles != 2 || r.Rows != 6 || r.Found != 4 || r.Named != 3 || r.Right != 1 {
		t.Errorf("%d articles, %d rows, %d found, %d named, %d right: want 2, 6, 4, 3, 1", r.Articles, r.Rows, r.Found, r.Named, r.Right)
	}
	near(t, "accuracy", r.Accuracy.Value, 1.0/3)
	near(t, "abstained", r.Abstained.Value, 0.25)
	near(t, "wrong and sure", r.Confident.Value, 0.25)
	near(t, "anywhere", r.Anywhere.Value, 0.25)
	// |0.77 - 1/2| for the two of 0.7 to 0.8, |0.85 - 0| for the one above.
	near(t, "calibration error", r.Error, 2.0/3*0.27+1.0/3*0.85)
	if diff := cmp.Diff([]Resolved{{"name", 1, 1}, {"pronoun", 2, 0}}, r.By); diff != "" {
		t.Error(diff)
	}
	var losses []string
	for _, l := range r.Losses {
		losses = append(losses, l.Gold+" for "+l.Source+": "+l.Got)
	}
	want := []string{"Ben Birch for Ben: Zoe Zander", "Cy Cedar for Cy: ", "Dee Dogwood for Dee: Zoe Zander"}
	if diff := cmp.Diff(want, losses); diff != "" {
		t.Error(diff)
	}
	var out strings.Builder
	if err := r.WriteText(&out); err != nil || !strings.Contains(out.String(), "(1/3)") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if empty := Speakers(nil, nil, nil, Options{}); empty.Rows != 0 || empty.Accuracy.Value != 0 {
		t.Errorf("nothing to score gives %+v", empty)
	}
}
