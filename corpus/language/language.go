// Package language tells the language of an article, so that what the models
// cannot read is set aside and not silently scored. It needs no layer of a
// Document and adds none.
package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

const (
	sampleBytes = 2 << 10 // looked at from the text's begin, and from its middle
	minLetters  = 80      // below, a language cannot be told
	minWords    = 12
	// englishShare is the least share of English function words: a fifth to two
	// fifths of English prose are these, of other languages a few in a hundred.
	englishShare = 0.12
	foreignShare = 0.05 // below, prose is not English
)

// Undetermined is ISO 639's code for a language that cannot be told; the text
// is not English.
const Undetermined = "und"

// functionWords are frequent in English and rare in its neighbours.
var functionWords = func() map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq("the and of to that with from by his her have has had are were this which said they but not their been would will for it who as at on its than after about") {
		set[w] = true
	}
	return set
}()

// Identify returns the ISO 639-1 code of the text's language (ISO 639-3 where
// there is none), Undetermined where it is another than English and cannot be
// told, or "" where the text is too short or too mixed to tell anything.
// English is told by its function words, others by the trigrams of
// whatlanggo (Cavnar and Trenkle, 1994), which takes a hundred times as long.
func Identify(text string) string {
	sample := cut(text, 0)
	if middle := len(text) / 2; middle > sampleBytes {
		sample += " " + cut(text, middle)
	}
	words, known, letters := 0, 0, 0
	var word [8]byte // of the word so far, in lower case
	for i := 0; i < len(sample); {
		n, size := 0, 0
		for i < len(sample) {
			r, width := rune(sample[i]), 1
			switch {
			case r >= utf8.RuneSelf:
				if r, width = utf8.DecodeRuneInString(sample[i:]); !unicode.IsLetter(r) && !unicode.IsMark(r) {
					width = 0
				}
				size = len(word) // no function word
			case 'a' <= r|0x20 && r|0x20 <= 'z':
				if size < len(word) {
					word[size] = sample[i] | 0x20
				}
			default:
				width = 0
			}
			if width == 0 {
				break
			}
			n, size, i = n+1, size+1, i+width
		}
		if n == 0 {
			_, width := utf8.DecodeRuneInString(sample[i:])
			i += width
			continue
		}
		words, letters = words+1, letters+n
		if size < 6 && functionWords[string(word[:size])] {
			known++
		}
	}
	if words >= minWords && float64(known) >= englishShare*float64(words) {
		return "en"
	}
	if letters < minLetters {
		return ""
	}
	info := whatlanggo.Detect(sample)
	switch {
	case !info.IsReliable():
		if info.Script != unicode.Latin || words >= 3*minWords && float64(known) < foreignShare*float64(words) {
			return Undetermined
		}
		return ""
	case info.Lang.Iso6391() != "":
		return info.Lang.Iso6391()
	}
	return info.Lang.Iso6393()
}

// cut is up to sampleBytes of the text from a place on, on rune boundaries.
func cut(text string, from int) string {
	to := min(len(text), from+sampleBytes)
	for from < to && !utf8.RuneStart(text[from]) {
		from++
	}
	for to < len(text) && to > from && !utf8.RuneStart(text[to]) {
		to--
	}
	return text[from:to]
}
