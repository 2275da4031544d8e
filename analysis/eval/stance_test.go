package eval

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestStance(t *testing.T) {
	r := Stance([]Judged{
		{"a", 1, 1, 0.95}, {"a", -1, -1, 0.95}, {"a", 0, 1, 0.45},
		{"b", -1, 1, 0.75}, {"b", 0, 0, 0.75}, {"b", 1, 0, 0.35},
	}, Options{Samples: -1})
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %.4f: want %.4f", name, got, want)
		}
	}
	near("accuracy", r.Accuracy.Value, 0.5)
	// against: 1 of 1 found, 1 of 2 there; neither: 1 of 2, 1 of 2; for: 1 of 3, 1 of 2
	near("macro-F1", r.MacroF1.Value, (2.0/3+2.0/4+2.0/5)/3)
	near("side", r.Side.Value, 2.0/3)
	near("calibration error", r.Error, (2*0.05+0.45+2*0.25+0.35)/6)
	if len(r.Calibration) != 4 || r.Calibration[3].Rows != 2 || r.Calibration[2].Accuracy != 0.5 {
		t.Errorf("calibration %+v", r.Calibration)
	}
	first, last := r.Risks[0], r.Risks[len(r.Risks)-1]
	if first.Sided != 4 || first.Risk != 0.5 || first.Coverage != 1 || last.Sided != 2 || last.Risk != 0 {
		t.Errorf("risk from %+v to %+v", first, last)
	}
	var text, card bytes.Buffer
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "6 rows of 2 articles") {
		t.Errorf("text %q, error %v", text.String(), err)
	}
	if err := r.WriteCard(&card, "some.file", "0123", 45); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"some.file", "45 bytes", "`0123`", "| 0.9 to 1.0 | 2 | 0.95 | 1.00 |", "| 0.9 | 33 % | 2 | 0.000 |", "## Limits"} {
		if !strings.Contains(card.String(), want) {
			t.Errorf("the card lacks %q:\n%s", want, card.String())
		}
	}
}

func TestStanceOfNothing(t *testing.T) {
	if r := Stance(nil, Options{}); r.Rows != 0 || len(r.Calibration) != 0 {
		t.Errorf("of no rows: %+v", r)
	}
}
