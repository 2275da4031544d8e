// Package models holds the trained files, embedded, with a manifest of their
// SHA-256 sums and a card for each that says what it was trained on, what it
// scores and where it fails. The package imports nothing of the project.
package models

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"sync"
)

//go:embed stance.safetensors
var stanceFile []byte

//go:embed tag.bin
var tagFile []byte

//go:embed encoder.safetensors
var encoderFile []byte

//go:embed speakers.bin
var speakersFile []byte

//go:embed targets.bin
var uptakeFile []byte

//go:embed words.safetensors
var wordsFile []byte

//go:embed manifest.json
var manifestFile []byte

// The names of the encoders' files.
const (
	EncoderName = "encoder.safetensors"
	StanceName  = "stance.safetensors"
)

// files are the embedded trained files, by the name that the manifest gives
// them, in order.
var files = []struct {
	name string
	data *[]byte
}{
	{EncoderName, &encoderFile},
	{"speakers.bin", &speakersFile},
	{StanceName, &stanceFile},
	{"tag.bin", &tagFile},
	{"targets.bin", &uptakeFile},
	{"words.safetensors", &wordsFile},
}

// An Entry is one line of the manifest.
type Entry struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
	CRC32C uint32 `json:"crc32c"` // checked whenever the program starts, at a tenth of the time
	Task   string `json:"task"`   // the TASK of `standpoint train` that makes the file
}

// Tag returns the tagger's model for analysis/tag. The caller must not change
// it.
func Tag() ([]byte, error) { return file("tag.bin") }

// Encoder returns the file of an encoder with its heads: EncoderName's reads
// statements (analysis/attribution), StanceName's the sides that they take
// (analysis/stance). The caller must not change it.
func Encoder(name string) ([]byte, error) { return file(name) }

// Tensors returns the file of an encoder, and that of the word embeddings which
// all encoders have in common, to be parsed together.
func Tensors(name string) ([][]byte, error) {
	heads, err := file(name)
	if err != nil {
		return nil, err
	}
	words, err := file("words.safetensors")
	return [][]byte{heads, words}, err
}

// Antecedents returns the ranker of antecedents for analysis/mention, with the
// regression that says how sure a speaker is. The caller must not change it.
func Antecedents() ([]byte, error) { return file("speakers.bin") }

// Uptake returns the model of which targets statements take up, for
// analysis/target. The caller must not change it.
func Uptake() ([]byte, error) { return file("targets.bin") }

// Manifest lists the embedded files, in order of their names, as the run
// report records them.
func Manifest() ([]Entry, error) {
	m, err := manifest()
	return append([]Entry(nil), m...), err
}

// manifest reads the manifest and holds every file against it, once: by its
// CRC, since a run that analyses next to nothing would else spend its time on
// SHA-256, to which the tests hold it.
var manifest = sync.OnceValues(func() ([]Entry, error) {
	var entries []Entry
	if err := json.Unmarshal(manifestFile, &entries); err != nil {
		return nil, fmt.Errorf("models/manifest.json: %w (run go test ./models -update)", err)
	}
	if len(entries) != len(files) {
		return nil, fmt.Errorf("models/manifest.json: lists %d files, but %d are embedded (run go test ./models -update)", len(entries), len(files))
	}
	for i, e := range entries {
		if e.Name != files[i].name || e.Bytes != len(*files[i].data) || e.CRC32C != crc(*files[i].data) {
			return nil, fmt.Errorf("models/%s: does not match models/manifest.json: restore it, or train it again and run go test ./models -update", e.Name)
		}
	}
	return entries, nil
})

func file(name string) ([]byte, error) {
	if _, err := manifest(); err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.name == name {
			return *f.data, nil
		}
	}
	return nil, fmt.Errorf("models/%s: no such file is embedded", name)
}

func crc(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// Sum is the SHA-256 of data in hexadecimal, as the manifest gives it.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
