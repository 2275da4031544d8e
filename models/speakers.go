package models

import _ "embed"

//go:embed speakers.json
var speakers []byte

// Speakers returns the catalogue of states, bodies, titles and first names
// that the mention stage knows: speakers.yaml, as JSON.
func Speakers() []byte { return speakers }
