package coding

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// invent makes units of an invented run.
func invent(n int) []Unit {
	rng := rand.New(rand.NewPCG(3, 5))
	units := make([]Unit, n)
	for i := range units {
		u := &units[i]
		*u = Unit{ID: fmt.Sprintf("=gull-%03d#1/1", i), ArticleID: fmt.Sprintf("gull-%d", i/3), Outlet: []string{"Aster Gazette", "Harbour Herald"}[i%2],
			Period: "2031-03", Target: []string{"raid", "regent"}[rng.IntN(2)], Label: []string{"for", "against", "abstain"}[rng.IntN(3)], Confidence: 0.4 + 0.5*rng.Float64()}
		u.Score = map[string]float64{"for": 0.7, "against": -0.6, "abstain": 0.1}[u.Label]
		if i%5 > 0 {
			u.SpeakerID, u.Speaker, u.SpeakerType = "person:ida-quill", "Ida Quill", "person"
		}
	}
	return units
}

func TestDraw(t *testing.T) {
	d := Design{Size: 60, Strata: []string{"target", "label"}, Least: 4, Seed: 1}
	units := invent(300)
	strata, err := Draw(units, d)
	if err != nil {
		t.Fatal(err)
	}
	drawn, weights := 0, 0.0
	for i := range units {
		if units[i].Drawn {
			drawn++
			weights += 1 / units[i].Probability
		}
	}
	if drawn != 60 || len(strata) != 6 || math.Abs(weights-300) > 1e-9 {
		t.Errorf("%d drawn in %d strata that stand for %v units, want 60, 6, 300", drawn, len(strata), weights)
	}
	again := invent(300)
	slices.Reverse(again)
	if _, err := Draw(again, d); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(again)
	if diff := cmp.Diff(units, again); diff != "" {
		t.Errorf("in another order the sample differs:\n%s", diff)
	}
	for _, bad := range []Design{{Size: 1, Least: 1, Strata: []string{"colour"}}, {Size: 0, Least: 1}} {
		if _, err := Draw(invent(3), bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if _, err := Draw(nil, d); err == nil {
		t.Error("an empty population gave a sample")
	}
}

// TestProbabilities draws over and over: every unit must come as often as its
// probability says.
func TestProbabilities(t *testing.T) {
	const rounds = 4000
	d := Design{Size: 8, Strata: []string{"label"}, Equal: true, Least: 2}
	times := make([]int, 30)
	var units []Unit
	for seed := range rounds {
		units, d.Seed = invent(30), uint64(seed)
		if _, err := Draw(units, d); err != nil {
			t.Fatal(err)
		}
		for i := range units {
			if units[i].Drawn {
				times[i]++
			}
		}
	}
	for i, n := range times {
		if p := units[i].Probability; math.Abs(float64(n)/rounds-p) > 5*math.Sqrt(p*(1-p)/rounds) {
			t.Errorf("unit %d was drawn in %.3f of the samples, its probability is %.3f", i, float64(n)/rounds, p)
		}
	}
}

func TestAllocate(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		d     Design
		want  []int
	}{
		{[]int{90, 10}, Design{Size: 20, Least: 1}, []int{18, 2}},
		{[]int{90, 10}, Design{Size: 20, Least: 5}, []int{15, 5}},
		{[]int{90, 10}, Design{Size: 20, Least: 1, Equal: true}, []int{10, 10}},
		{[]int{90, 4}, Design{Size: 20, Least: 1, Equal: true}, []int{16, 4}},
		{[]int{3, 2}, Design{Size: 20, Least: 1}, []int{3, 2}},
		{[]int{50, 50, 50}, Design{Size: 2, Least: 2}, []int{2, 2, 2}},
	} {
		if got := allocate(c.sizes, c.d); !slices.Equal(got, c.want) {
			t.Errorf("allocate(%v, %+v) = %v, want %v", c.sizes, c.d, got, c.want)
		}
	}
}

// TestAlpha holds α to the worked example of Krippendorff (2011), part C: four
// observers, twelve units, five values.
func TestAlpha(t *testing.T) {
	const observers = `
		1 2 3 3 2 1 4 1 2 . . .
		1 2 3 3 2 2 4 1 2 5 . 3
		. 3 3 3 2 3 4 2 2 5 1 .
		1 2 3 3 2 4 4 1 2 5 1 .`
	units := make([][]int, 12)
	for _, line := range strings.Split(strings.TrimSpace(observers), "\n") {
		for u, v := range strings.Fields(line) {
			if v != "." {
				units[u] = append(units[u], int(v[0]-'1'))
			}
		}
	}
	matrix := make([]float64, 25)
	for _, values := range units {
		if len(values) > 1 {
			coincidences(matrix, 5, values)
		}
	}
	for ordinal, want := range map[bool]float64{false: 0.743, true: 0.815} {
		if got := alpha(matrix, 5, ordinal); math.Abs(got-want) > 0.0005 {
			t.Errorf("ordinal %v: α = %.4f, want %.3f", ordinal, got, want)
		}
	}
	if got := alpha([]float64{4, 0, 0, 0}, 2, false); !math.IsNaN(got) {
		t.Errorf("one code only gave α = %v", got)
	}
}

func TestAgree(t *testing.T) {
	units := invent(90)
	if _, err := Draw(units, Design{Size: 90, Least: 1}); err != nil {
		t.Fatal(err)
	}
	var codings []Coding
	for i := range units {
		side := map[string]string{"for": "for", "against": "against", "abstain": "neither"}[units[i].Label]
		if i%9 == 0 {
			side = "none"
		}
		other := side
		if i%10 == 0 {
			other = "neither"
		}
		codings = append(codings, Coding{Coder: "ana", Unit: units[i].ID, Side: side, Speaker: "right"}, Coding{Coder: "ben", Unit: units[i].ID, Side: other, Speaker: "wrong"})
	}
	consensus := Settle(codings, nil)
	a := Agree(units, codings, consensus)
	if len(a.Alpha) != 3 || !(a.Alpha[0].Alpha.Low < a.Alpha[0].Alpha.Value && a.Alpha[0].Alpha.Value > 0.7 && a.Alpha[0].Alpha.Value < 1) {
		t.Errorf("alpha %+v", a.Alpha)
	}
	if a.Alpha[0].Articles != 30 || a.Alpha[0].Units != 90 {
		t.Errorf("%d units in %d articles, want 90 in 30", a.Alpha[0].Units, a.Alpha[0].Articles)
	}
	sum := 0
	for _, row := range a.Pairs[0].Counts {
		for _, n := range row {
			sum += n
		}
	}
	if sum != 90 {
		t.Errorf("the confusion of the coders holds %d units, want 90", sum)
	}
	all := a.Groups[0]
	if all.Column != "all" || all.Coded+a.Open != 90 || !(all.Right.Value > 0.8 && all.Right.Value < 1) || all.SpeakerCoded != 0 {
		t.Errorf("all: %+v; open %d", all, a.Open)
	}
	for i := 1; i < len(a.Curve); i++ {
		if a.Curve[i].Coverage.Value > a.Curve[i-1].Coverage.Value {
			t.Errorf("coverage rises with the threshold: %+v", a.Curve)
		}
	}
	var b strings.Builder
	if err := a.WriteText(&b); err != nil || !strings.Contains(b.String(), "Krippendorff") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestSettle(t *testing.T) {
	c := func(coder, unit, side string) Coding { return Coding{Coder: coder, Unit: unit, Side: side} }
	got := Settle([]Coding{c("a", "1", "for"), c("b", "1", "for"), c("c", "1", "against"), c("a", "2", "for"), c("b", "2", "none"), c("a", "3", Unclear), c("b", "3", "for")},
		[]Coding{c("x", "2", "neither")})
	want := map[string]Consensus{"1": {Side: "for"}, "2": {Side: "neither"}, "3": {Side: "for"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCorrect(t *testing.T) {
	units := invent(240)
	if _, err := Draw(units, Design{Size: 80, Strata: []string{"label"}, Least: 4}); err != nil {
		t.Fatal(err)
	}
	consensus := map[string]Consensus{}
	for i := range units {
		if units[i].Drawn {
			consensus[units[i].ID] = Consensus{Side: "against"}
		}
	}
	c, err := Correct(units, consensus, []string{"target"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Estimates) != 9 {
		t.Fatalf("%d estimates, want all and two targets for each of three outcomes", len(c.Estimates))
	}
	// Everybody was coded against: whatever the tool says, that is the figure.
	for _, e := range c.Estimates {
		want := map[string]float64{"score": -1, "share_for": 0, "share_against": 1}[e.Outcome]
		if math.Abs(e.DSL.Value-want) > 1e-9 || math.Abs(e.Hand.Value-want) > 1e-9 {
			t.Errorf("%s, %s: DSL %v, want %v", e.Group, e.Outcome, e.DSL.Value, want)
		}
	}
	delete(consensus, units[slices.IndexFunc(units, func(u Unit) bool { return u.Drawn })].ID)
	if c, err = Correct(units, consensus, nil); err != nil || c.Missing != 1 || len(c.Estimates) != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := Correct(units, nil, nil); err == nil {
		t.Error("a sample that nobody coded gave figures")
	}
	if _, err := Correct(units, consensus, []string{"colour"}); err == nil {
		t.Error("an unknown column gave figures")
	}
	var b strings.Builder
	if err := WritePseudo(&b, units, consensus); err != nil || strings.Count(b.String(), "\n") != 241 {
		t.Errorf("%v, %d lines", err, strings.Count(b.String(), "\n"))
	}
	if !strings.Contains(b.String(), "'=gull-000#1/1,") {
		t.Error("an id that begins like a formula is not guarded")
	}
}

func TestRead(t *testing.T) {
	units := []Unit{{ID: "=a"}, {ID: "b"}}
	dir := t.TempDir()
	file := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		data string
		want []Coding
		err  string
	}{
		"sheet.csv":   {"\ufeffunit,side,speaker_right,coder\n'=a,For ,,ana\nb,,,ana\n", []Coding{{Coder: "ana", Unit: "=a", Side: "for"}}, ""},
		"nobody.csv":  {"unit;side;speaker_right\nb;none;wrong\n", []Coding{{Coder: "nobody", Unit: "b", Side: "none", Speaker: "wrong"}}, ""},
		"saved.json":  {`{"format":"standpoint codings","coder":"cy","codings":[{"unit":"b","side":"neither","speaker":"right"}]}`, []Coding{{Coder: "cy", Unit: "b", Side: "neither", Speaker: "right"}}, ""},
		"studio.json": {`[{"data":{"unit":"b"},"annotations":[{"completed_by":{"id":2,"email":"d@x.example"},"result":[{"from_name":"side","value":{"choices":["for"]}}]},{"was_cancelled":true,"completed_by":3}]}]`, []Coding{{Coder: "d@x.example", Unit: "b", Side: "for"}}, ""},
		"min.json":    {`[{"unit":"b","annotator":4,"side":"against","speaker_right":"unclear"}]`, []Coding{{Coder: "annotator 4", Unit: "b", Side: "against", Speaker: "unclear"}}, ""},
		"unknown.csv": {"unit,side,speaker_right\nb,pro,\n", nil, `unknown.csv:2: unknown side "pro"`},
		"other.csv":   {"unit,side,speaker_right\nz,for,\n", nil, `other.csv:2: the unit "z" is not in the key`},
		"twice.csv":   {"unit,side,speaker_right\nb,for,\nb,for,\n", nil, "twice.csv:3: coder \"twice\" codes the unit \"b\" again"},
		"empty.csv":   {"unit,side,speaker_right\nb,,\n", nil, "holds no coding"},
		"broken.json": {`{"format":`, nil, "not a file of codings"},
		"alien.json":  {`{"format":"x"}`, nil, "not a file of codings"},
	} {
		got, err := Read([]string{file(name, c.data)}, units)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %s", name, err, c.err)
			}
			continue
		}
		for i := range got {
			got[i].place = ""
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Coding{})); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"unit,side,speaker_right\na,for,\n", `{"format":"standpoint codings"}`, `[{"unit":"b"}]`, "[", "{}", "\ufeff;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		codings, err := parse("x.csv", data)
		if err != nil && !strings.HasPrefix(err.Error(), "x.csv:") {
			t.Errorf("an error without its place: %v", err)
		}
		for _, c := range codings {
			if c.place == "" {
				t.Errorf("%+v has no place", c)
			}
		}
	})
}
