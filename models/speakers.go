package models

import _ "embed"

//go:embed speakers.yaml
var speakers []byte

// Speakers returns the catalogue of states, bodies, titles and first names
// that the mention stage knows, as YAML.
func Speakers() []byte { return speakers }
