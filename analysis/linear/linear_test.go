package linear

import (
	"math"
	"testing"
)

func TestFitTemperature(t *testing.T) {
	// true log odds 1, given as 3: the temperature is 3
	var scores [][]float64
	var classes []int
	for i := range 1000 {
		class := 0
		if float64(i) < 1000/(1+math.Exp(-1)) {
			class = 1
		}
		scores, classes = append(scores, []float64{0, 3}), append(classes, class)
	}
	if got := FitTemperature(scores, classes); math.Abs(got-3) > 0.05 {
		t.Errorf("FitTemperature = %.3f: want 3", got)
	}
}

func TestFileRoundTrip(t *testing.T) {
	rows := choices(100)
	m := mustTrain(t, rows, Options{L2: 1})
	m.SetTemperature(1.5)
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read Model
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[:50] {
		for i := range row.Options {
			p, q := m.Scores(&row.Options[i], nil), read.Scores(&row.Options[i], nil)
			for c := range p {
				if math.Abs(p[c]-q[c]) > 1e-6 {
					t.Fatalf("before %v, after %v", p, q)
				}
			}
		}
	}
	for cut := range len(data) {
		if err := new(Model).UnmarshalBinary(data[:cut]); err == nil {
			t.Fatalf("a file cut at byte %d of %d was read", cut, len(data))
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	data, _ := mustTrain(f, choices(60), Options{L2: 1}).MarshalBinary()
	f.Add(data)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Model
		if m.UnmarshalBinary(data) != nil {
			return
		}
		v := Vector{Keys: []uint32{1, 100, 0xFFFFFFFF}, Values: []float32{1, 1, 1}}
		if p := m.Scores(&v, nil); len(p) != m.Classes() {
			t.Fatalf("%d scores for %d classes", len(p), m.Classes())
		}
		again, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Model).UnmarshalBinary(again); err != nil {
			t.Fatalf("a model that was read cannot be read again: %v", err)
		}
	})
}

func BenchmarkScores(b *testing.B) {
	rows := choices(600)
	m := mustTrain(b, rows, Options{L2: 1})
	dst := make([]float64, 2)
	b.ReportAllocs()
	for i := range b.N {
		m.Scores(&rows[i%len(rows)].Options[0], dst)
	}
}
