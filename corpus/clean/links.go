package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// Some sites put links on a person into the sentence that names them, and what
// scrapes them leaves the name, the full name, headlines glued to it, and
// "MORE": "Mara Venn Mara Ilse VennCouncil splits over the ferry MORE said".

const (
	linksEnd  = " MORE"
	mostLinks = 600 // bytes of full name and headlines
	mostName  = 60  // bytes of a full name
)

// Links finds links that stand within sentences: byte spans in order.
func Links(text string) []corpus.Span {
	var out []corpus.Span
	from := 0
	for {
		i := strings.Index(text[from:], linksEnd)
		if i < 0 {
			return out
		}
		at := from + i
		end := at + len(linksEnd)
		r, _ := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if start := linksBegin(text, max(from, at-mostLinks), at); start >= 0 {
				out = append(out, corpus.Span{Start: start, End: end})
			}
		}
		from = end
	}
}

// linksBegin is where the last surname before the headlines of text[low:high]
// ends for the first time, or -1.
func linksBegin(text string, low, high int) int {
	if i := strings.LastIndexByte(text[low:high], '\n'); i >= 0 {
		low += i + 1
	}
	for glue := low + 1; glue < high; glue++ {
		if c := text[glue]; c < 'A' || c > 'Z' && c < utf8.RuneSelf {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:glue])
		next, _ := utf8.DecodeRuneInString(text[glue:])
		if !unicode.IsLower(before) || !unicode.IsUpper(next) {
			continue
		}
		word := strings.LastIndexAny(text[low:glue], " (") + 1
		if word == 0 {
			continue
		}
		word += low
		surname := text[word:glue]
		if len(surname) < 3 {
			continue
		}
		floor := max(low, word-mostName)
		first := strings.LastIndex(text[floor:word], " "+surname+" ")
		if first < 0 {
			continue
		}
		first += floor + 1 + len(surname)
		if capitals(text[first:word]) {
			return first
		}
	}
	return -1
}

// capitals reports whether all words begin with a capital, as those of a full
// name do ("Robert (Bob)").
func capitals(words string) bool {
	n := 0
	for w := range strings.FieldsSeq(words) {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "(\"“'"))
		if !unicode.IsUpper(r) {
			return false
		}
		n++
	}
	return n > 0
}

// Blank puts spaces in place of the links within sentences, byte for byte, so
// that offsets stay those of the text.
func Blank(text string) string {
	links := Links(text)
	if len(links) == 0 {
		return text
	}
	out := []byte(text)
	for _, s := range links {
		for i := s.Start; i < s.End; i++ {
			out[i] = ' '
		}
	}
	return string(out)
}
