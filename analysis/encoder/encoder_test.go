package encoder

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/standpoint-news/standpoint/analysis/encoder/kernel"
	"github.com/standpoint-news/standpoint/models"
)

func encoder(t testing.TB) *Model {
	t.Helper()
	files, err := models.Tensors(models.EncoderName)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := ParseTensors(files...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(tensors)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type golden struct {
	Pieces  []int32     `json:"pieces"`
	Shapes  []int       `json:"shapes"`
	Quotes  []int       `json:"quotes"`
	Vectors [][]float32 `json:"vectors"`
}

func (g golden) sequence() Sequence {
	s := Sequence{Pieces: g.Pieces}
	for i := range g.Pieces {
		s.Shapes, s.Quotes = append(s.Shapes, uint8(g.Shapes[i])), append(s.Quotes, uint8(g.Quotes[i]))
	}
	return s
}

func readGolden(t testing.TB) []golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// least is the cosine that a vector in int8 has with that in float32.
const least = 0.99

// TestEveryPathIsTheTrainedNetwork compares with the activations that
// models/encoder/training/export.py wrote, in float32, and holds the paths to the
// same bits.
func TestEveryPathIsTheTrainedNetwork(t *testing.T) {
	m := encoder(t)
	first := map[int][]float32{}
	onEveryPath(t, func(path string) {
		var ws Workspace
		for k, g := range readGolden(t) {
			got, err := m.Encode(&ws, g.sequence())
			if err != nil {
				t.Fatal(err)
			}
			if first[k] == nil {
				first[k] = slices.Clone(got)
			}
			if !slices.Equal(got, first[k]) {
				t.Errorf("%s: text %d: not the vectors of %s", path, k, kernel.Paths()[0])
			}
			for i, want := range g.Vectors {
				if c := cosine(want, got[i*m.Width():(i+1)*m.Width()]); c < least {
					t.Errorf("%s: text %d, piece %d: cosine %.4f", path, k, i, c)
				}
			}
		}
	})
}

func onEveryPath(t *testing.T, test func(path string)) {
	t.Helper()
	defer kernel.Use(kernel.Path())
	for _, path := range kernel.Paths() {
		if err := kernel.Use(path); err != nil {
			t.Fatal(err)
		}
		test(path)
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// TestBatchesChangeNothing holds that a sequence's vectors are the same bytes
// alone, beside others, and from many goroutines.
func TestBatchesChangeNothing(t *testing.T) {
	m := encoder(t)
	texts := readGolden(t)
	var ws Workspace
	var alone [][]float32
	var batch []Sequence
	for _, g := range texts {
		v, err := m.Encode(&ws, g.sequence())
		if err != nil {
			t.Fatal(err)
		}
		alone = append(alone, slices.Clone(v))
		batch = append(batch, g.sequence())
	}
	slices.Reverse(batch)
	slices.Reverse(alone)
	want := slices.Concat(alone...)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var ws Workspace
			for range 3 {
				got, err := m.Encode(&ws, batch...)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("in a batch the vectors differ (%v)", err)
				}
			}
		})
	}
	all.Wait()
}

// TestWantedAreThoseOfAll holds that the vectors asked for are the same bytes as
// among all.
func TestWantedAreThoseOfAll(t *testing.T) {
	m := encoder(t)
	onEveryPath(t, func(path string) {
		var ws Workspace
		var batch []Sequence
		var want []float32
		for k, g := range readGolden(t) {
			s := g.sequence()
			all, err := m.Encode(&ws, s)
			if err != nil {
				t.Fatal(err)
			}
			for i := range s.Pieces {
				if k == 0 || i%3 == 1 {
					want = append(want, all[i*m.Width():(i+1)*m.Width()]...)
				}
				if k > 0 && i%3 == 1 {
					s.Wanted = append(s.Wanted, int32(i))
				}
			}
			batch = append(batch, s)
		}
		if got, err := m.Encode(&ws, batch...); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: not the vectors asked for (%v)", path, err)
		}
	})
}

func TestSequencesThatDoNotFit(t *testing.T) {
	m := encoder(t)
	var ws Workspace
	for name, x := range map[string]struct {
		s    Sequence
		want string
	}{
		"too long":       {Sequence{Pieces: make([]int32, m.Longest()+1), Shapes: make([]uint8, m.Longest()+1), Quotes: make([]uint8, m.Longest()+1)}, "at most"},
		"unequal":        {Sequence{Pieces: []int32{CLS, SEP}, Shapes: []uint8{0}, Quotes: []uint8{0, 0}}, "2 pieces with 1 shapes"},
		"unknown piece":  {Sequence{Pieces: []int32{1 << 20}, Shapes: []uint8{0}, Quotes: []uint8{0}}, "out of range"},
		"negative piece": {Sequence{Pieces: []int32{-1}, Shapes: []uint8{0}, Quotes: []uint8{0}}, "out of range"},
		"wanted twice":   {Sequence{Pieces: []int32{CLS, SEP}, Shapes: []uint8{0, 0}, Quotes: []uint8{0, 0}, Wanted: []int32{1, 1}}, "in order"},
		"wanted beyond":  {Sequence{Pieces: []int32{CLS}, Shapes: []uint8{0}, Quotes: []uint8{0}, Wanted: []int32{1}}, "in order"},
		"unknown shape":  {Sequence{Pieces: []int32{CLS}, Shapes: []uint8{9}, Quotes: []uint8{0}}, "out of range"},
	} {
		if _, err := m.Encode(&ws, x.s); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", name, err, x.want)
		}
	}
	if v, err := m.Encode(&ws); err != nil || len(v) != 0 {
		t.Errorf("no sequence: %d values, %v", len(v), err)
	}
}

func TestNothingIsAllocatedAfterWarmUp(t *testing.T) {
	m := encoder(t)
	var ws Workspace
	s := readGolden(t)[0].sequence()
	batch := []Sequence{s, s}
	if n := testing.AllocsPerRun(5, func() { m.Encode(&ws, batch...) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkEncode reads sentences of 37 pieces, the mean of news, on each path.
func BenchmarkEncode(b *testing.B) {
	m := encoder(b)
	s := Sequence{Pieces: make([]int32, 37), Shapes: make([]uint8, 37), Quotes: make([]uint8, 37)}
	for i := range s.Pieces {
		s.Pieces[i] = int32(1000 + 137*i)
	}
	batch := []Sequence{s, s, s, s, s, s, s}
	defer kernel.Use(kernel.Path())
	for _, path := range kernel.Paths() {
		b.Run(path, func(b *testing.B) {
			if err := kernel.Use(path); err != nil {
				b.Fatal(err)
			}
			var ws Workspace
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Encode(&ws, batch...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(batch)*b.N)/b.Elapsed().Seconds(), "sentences/s")
		})
	}
}

// BenchmarkLoad is what the encoder adds to the start of a run, with its
// tokeniser.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		encoder(b)
		tokenizer(b)
	}
}
