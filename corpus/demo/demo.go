// Package demo holds a small corpus of invented news with gold codings: the
// input of a run without arguments, and a test bed that may be shipped.
//
// The articles tell of a crisis that never was, around the Republic of
// Karvelia and its ruler Ismar Dravek; every person, place and outlet in them
// is made up. The files under source are what people edit; the four embedded
// files but targets.yaml are made from them by
//
//	go test ./corpus/demo -update
package demo

import _ "embed"

//go:embed articles.jsonl
var articles []byte

//go:embed attribution.jsonl
var attribution []byte

//go:embed mission.jsonl
var mission []byte

//go:embed targets.yaml
var config []byte

// Articles returns the corpus as JSON Lines, one article a line, with the
// fields id, title, text, publisher, url, date (RFC 3339) and topic.
// The caller must not change the bytes; so for the other functions.
func Articles() []byte { return articles }

// Attribution returns the gold attributions, one article a line, in the row
// form of PolNeAR: spans are half-open pairs of code point offsets into text.
// An attribution whose article names no speaker has an empty source.
func Attribution() []byte { return attribution }

// Mission returns the gold statements, one a line: id, speaker, target,
// stance (-1, 0, 1), basis and evidence, an exact substring of the text.
func Mission() []byte { return mission }

// Config returns the target configuration that the corpus is coded by, as YAML.
func Config() []byte { return config }
