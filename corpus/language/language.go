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

// A wordSet is a hash table of words of eight bytes at most, each as a number:
// looking one up is most of what telling English costs.
type wordSet [256]uint64

// functionWords are frequent in English and rare in its neighbours.
var functionWords = func() *wordSet {
	set := new(wordSet)
	for w := range strings.FieldsSeq("the and of to that with from by his her have has had are were this which said they but not their been would will for it who as at on its than after about") {
		packed := uint64(0)
		for i := range len(w) {
			packed |= uint64(w[i]) << (8 * i)
		}
		set.add(packed)
	}
	return set
}()

// slot is where to look for a word first.
func slot(packed uint64) uint8 { return uint8(packed * 0x9e3779b97f4a7c15 >> 56) }

func (s *wordSet) add(packed uint64) {
	i := slot(packed)
	for s[i] != 0 {
		i++
	}
	s[i] = packed
}

func (s *wordSet) has(packed uint64) bool {
	for i := slot(packed); s[i] != 0; i++ {
		if s[i] == packed {
			return true
		}
	}
	return false
}

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
	words, known, letters := count(sample)
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

// count counts the words of a sample, the English function words among them and
// the letters of all.
func count(sample string) (words, known, letters int) {
	for i := 0; i < len(sample); {
		n, packed := 0, uint64(0) // letters of the word so far, and these in lower case
		for i < len(sample) {
			c, width := sample[i]|0x20, 1
			switch {
			case 'a' <= c && c <= 'z':
				if n < 8 {
					packed |= uint64(c) << (8 * n)
				}
			case c >= utf8.RuneSelf:
				var r rune
				if r, width = utf8.DecodeRuneInString(sample[i:]); !unicode.IsLetter(r) && !unicode.IsMark(r) {
					width = 0
				}
				packed |= 1 << 63 // no function word
			default:
				width = 0
			}
			if width == 0 {
				break
			}
			n, i = n+1, i+width
		}
		if n == 0 {
			_, width := utf8.DecodeRuneInString(sample[i:])
			i += width
			continue
		}
		words, letters = words+1, letters+n
		if n < 6 && functionWords.has(packed) {
			known++
		}
	}
	return words, known, letters
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
