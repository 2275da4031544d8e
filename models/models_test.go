package models

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write manifest.json anew")

var tasks = map[string]string{"encoder.safetensors": "attribution", "speakers.bin": "speakers", "stance.safetensors": "stance", "tag.bin": "tag", "targets.bin": "targets", "words.safetensors": "stance"}

func TestManifestMatchesTheFiles(t *testing.T) {
	var want []Entry
	for _, f := range files {
		want = append(want, Entry{Name: f.name, Bytes: len(*f.data), SHA256: Sum(*f.data), CRC32C: crc(*f.data), Task: tasks[f.name]})
	}
	text, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("manifest.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(text, manifestFile) {
		t.Errorf("manifest.json is stale: run go test ./models -update\nwant %s", text)
	}
	entries, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(files) {
		t.Errorf("%d entries for %d files", len(entries), len(files))
	}
}

func TestEveryFileHasACard(t *testing.T) {
	for _, f := range files {
		card := strings.TrimSuffix(f.name, filepath.Ext(f.name)) + ".md"
		text, err := os.ReadFile(card)
		if err != nil {
			t.Errorf("%s has no card: %v", f.name, err)
			continue
		}
		if !bytes.Contains(text, []byte(Sum(*f.data))) {
			t.Errorf("%s describes another file than the one embedded: generate it again", card)
		}
	}
}

func TestUnknownFile(t *testing.T) {
	if _, err := file("none.bin"); err == nil {
		t.Error("a file that is not embedded was found")
	}
	if data, err := Encoder(StanceName); err != nil || len(data) == 0 {
		t.Errorf("%s: %d bytes, %v", StanceName, len(data), err)
	}
	if data, err := Tensors("none.safetensors"); err == nil {
		t.Errorf("%d files of an encoder that is not embedded", len(data))
	}
}
