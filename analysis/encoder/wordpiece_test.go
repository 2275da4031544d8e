package encoder

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/models"
)

func tokenizer(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := NewTokenizer(models.WordPieces())
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The golden file is the reference tokeniser's, by
// models/encoder/training/wordpieces.py.
func TestPiecesEqualTheReference(t *testing.T) {
	data, err := os.ReadFile("testdata/wordpieces.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Text   string
		Pieces [][3]int
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	tok := tokenizer(t)
	for _, row := range rows {
		got := [][3]int{}
		for _, p := range tok.Pieces(nil, row.Text) {
			got = append(got, [3]int{int(p.ID), p.Start, p.End})
		}
		if d := cmp.Diff(row.Pieces, got); d != "" {
			t.Errorf("%q: -reference +got\n%s", row.Text, d)
		}
	}
}

func TestVocabularyWithoutSpecialPieces(t *testing.T) {
	if _, err := NewTokenizer("the\n##s\n"); err == nil || !strings.Contains(err.Error(), "special pieces") {
		t.Errorf("a vocabulary of two pieces was taken: %v", err)
	}
}

func FuzzPieces(f *testing.F) {
	for _, s := range []string{"The mayor said no.", "İ\u0301é北 x", "\xff\xfe", strings.Repeat("z", 200), "a\u0300\u0301"} {
		f.Add(s)
	}
	tok := tokenizer(f)
	f.Fuzz(func(t *testing.T, text string) {
		var last Piece
		for i, p := range tok.Pieces(nil, text) {
			if p.Start >= p.End || p.End > len(text) || p.Start < last.Start || p.End < last.End {
				t.Fatalf("piece %d of %q: %+v after %+v", i, text, p, last)
			}
			if i == 0 && !p.First {
				t.Fatalf("the first piece of %q continues a word", text)
			}
			last = p
		}
	})
}

func BenchmarkPieces(b *testing.B) {
	tok := tokenizer(b)
	text := strings.Repeat("The foreign ministry of Velmaria said on Tuesday that the ceasefire \"must hold\", its spokeswoman Ilda Karst told reporters. ", 40)
	var out []Piece
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		out = tok.Pieces(out[:0], text)
	}
}
