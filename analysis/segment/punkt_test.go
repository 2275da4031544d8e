package segment

import (
	"encoding/binary"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/neurosnap/sentences.v1"
	"gopkg.in/neurosnap/sentences.v1/data"
)

var update = flag.Bool("update", false, "write english.bin anew")

func encodeStorage(s *sentences.Storage) []byte {
	var out []byte
	for _, set := range sets(s) {
		out = binary.AppendUvarint(out, uint64(len(*set)))
		for _, word := range slices.Sorted(maps.Keys(*set)) {
			out = binary.AppendUvarint(binary.AppendUvarint(out, uint64((*set)[word])), uint64(len(word)))
			out = append(out, word...)
		}
	}
	return out
}

// TestTrained holds the model to that of the library.
func TestTrained(t *testing.T) {
	text, err := data.Asset("data/english.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := sentences.LoadTraining(text)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("english.bin", encodeStorage(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := decodeStorage(trained)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("english.bin (-library +ours), run go test ./analysis/segment -update:\n%s", diff)
	}
}

// TestDamagedTraining holds that no cut model is taken for one.
func TestDamagedTraining(t *testing.T) {
	small := string(encodeStorage(&sentences.Storage{AbbrevTypes: sentences.SetString{"dr": 1}, OrthoContext: sentences.SetString{"the": 46, "a": 200}}))
	if _, err := decodeStorage(small); err != nil {
		t.Fatal(err)
	}
	for cut := range small {
		if _, err := decodeStorage(small[:cut]); err == nil {
			t.Errorf("cut to %d of %d bytes: no error", cut, len(small))
		}
	}
	if _, err := decodeStorage(small + "\x00"); err == nil {
		t.Error("a byte too many: no error")
	}
}
