// Package demo holds a small corpus of invented news with gold codings: the
// input of a run without arguments, and a test bed that may be shipped.
//
// The articles tell of a crisis that never was, around the Republic of
// Karvelia and its ruler Ismar Dravek; every person, place and outlet in them
// is made up. The files under source are what people edit; the JSON Lines files
// are made from them by
//
//	go test ./corpus/demo -update
//
// attribution.jsonl holds the gold attributions, one article a line, in the row
// form of PolNeAR: spans are half-open pairs of code point offsets into text. An
// attribution whose article names no speaker has an empty source. mission.jsonl
// holds the gold statements, one a line: id, speaker, target, stance (-1, 0, 1),
// basis and evidence, an exact substring of the text.
package demo

import _ "embed"

//go:embed articles.jsonl
var articles []byte

//go:embed targets.yaml
var config []byte

// Articles returns the corpus as JSON Lines, one article a line, with the
// fields id, title, text, publisher, url, date (RFC 3339) and topic.
// The caller must not change the bytes.
func Articles() []byte { return articles }

// Config returns the target configuration that the corpus is coded by, as YAML.
func Config() []byte { return config }
