package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// A mark is a quotation mark of the text, by the family that pairs it.
type mark struct {
	at, size int
	family   byte // 'd' double, 's' single, 'g' guillemet
	opens    bool
	closes   bool
}

// quotations finds the quotations of each paragraph: double marks, curly or
// straight, guillemets, and single marks, nested; apostrophes are none.
func quotations(doc *corpus.Document) {
	var open []int      // indices of quotations not yet closed, outermost first
	var families []byte // their families
	carried := -1       // the unclosed quotation that the paragraph before ended in
	var carriedFamily byte
	for _, par := range doc.Paragraphs {
		open, families = open[:0], families[:0]
		marks := scan(doc.Slice(par.Span))
		for m, k := range marks {
			at := par.Start + k.at
			depth := len(open)
			inner := depth > 0 && families[depth-1] == k.family
			switch {
			case inner && k.closes:
				q := &doc.Quotations[open[depth-1]]
				q.End, q.Inner.End, q.Closed = at+k.size, at, true
				open, families = open[:depth-1], families[:depth-1]
			case depth > 1 && k.closes && families[depth-2] == k.family:
				// the inner one was never closed
				for _, i := range open[depth-2:] {
					q := &doc.Quotations[i]
					q.End, q.Inner.End, q.Closed = at, at, false
				}
				q := &doc.Quotations[open[depth-2]]
				q.End, q.Closed = at+k.size, true
				open, families = open[:depth-2], families[:depth-2]
			case k.opens && !inner && (k.family != 's' || closesLater(marks[m+1:])):
				q := corpus.Quotation{Parent: -1, Continues: -1,
					Span:  corpus.Span{Start: at, End: par.End},
					Inner: corpus.Span{Start: at + k.size, End: par.End}}
				if depth > 0 {
					q.Parent = open[depth-1]
				}
				if carried >= 0 && at == par.Start && k.family == carriedFamily {
					q.Continues = carried
				}
				open = append(open, len(doc.Quotations))
				families = append(families, k.family)
				doc.Quotations = append(doc.Quotations, q)
			case k.opens && inner && k.family != 's':
				// a new mark while one is open: the earlier was never closed
				q := &doc.Quotations[open[depth-1]]
				q.End = par.Start + len(strings.TrimRightFunc(doc.Text[par.Start:at], unicode.IsSpace))
				q.Inner.End = max(q.Inner.Start, q.End)
				q.End = max(q.End, q.Inner.Start)
				q2 := corpus.Quotation{Parent: q.Parent, Continues: -1,
					Span:  corpus.Span{Start: at, End: par.End},
					Inner: corpus.Span{Start: at + k.size, End: par.End}}
				open[depth-1] = len(doc.Quotations)
				doc.Quotations = append(doc.Quotations, q2)
			}
		}
		carried = -1
		if len(open) > 0 {
			carried, carriedFamily = open[0], families[0]
		}
	}
	finish(doc)
}

// finish ties the tokens to their quotations and marks those that are hardly
// somebody's words.
func finish(doc *corpus.Document) {
	for i := range doc.Quotations {
		q := &doc.Quotations[i]
		q.Tokens = doc.TokensIn(q.Inner)
		held := doc.TokensIn(q.Span)
		for t := held.First; t < held.Last; t++ {
			doc.Tokens[t].Quotation = i // inner ones come later and win
		}
		q.Scare = scare(doc, q)
	}
}

// scare reports whether a quotation is a title or a word held at arm's length:
// at most two words, or capitals throughout, without an end of sentence.
func scare(doc *corpus.Document, q *corpus.Quotation) bool {
	words, capitals := 0, 0
	for t := q.Tokens.First; t < q.Tokens.Last; t++ {
		r, _ := utf8.DecodeRuneInString(doc.TokenText(t))
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			words++
			if !unicode.IsLower(r) {
				capitals++
			}
		}
	}
	last, _ := utf8.DecodeLastRuneInString(doc.Slice(q.Inner))
	if capitals == words && words > 1 && !strings.ContainsRune(".!?…", last) {
		return true
	}
	return words <= 2 && !strings.ContainsRune(".,!?…", last)
}

// scan lists the quotation marks of a paragraph with what each can do there.
func scan(text string) []mark {
	var out []mark
	previous := rune(' ')
	doubleOpen := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		next := rune(' ')
		if i+size < len(text) {
			next, _ = utf8.DecodeRuneInString(text[i+size:])
		}
		before := !unicode.IsSpace(previous) && !strings.ContainsRune("([{—–-/“‘«\"'", previous)
		after := !unicode.IsSpace(next) && !strings.ContainsRune(")]},.;:!?—–", next)
		switch r {
		case '“', '„':
			// some pages close with the opening mark
			closes := before && !after && doubleOpen
			doubleOpen = !closes
			out = append(out, mark{i, size, 'd', !closes, closes})
		case '”':
			opens := !before && after && !doubleOpen
			doubleOpen = opens
			out = append(out, mark{i, size, 'd', opens, !opens})
		case '"':
			opens := !before && after || before == after && !doubleOpen
			closes := !opens
			if doubleOpen && before && !after {
				opens, closes = false, true
			}
			doubleOpen = opens
			out = append(out, mark{i, size, 'd', opens, closes})
		case '«':
			out = append(out, mark{i, size, 'g', true, false})
		case '»':
			out = append(out, mark{i, size, 'g', false, true})
		case '‘':
			if !unicode.IsDigit(next) {
				out = append(out, mark{i, size, 's', true, false})
			}
		case '’', '\'':
			if r == '\'' && next == '\'' { // two single marks for a double one
				rest := rune(' ')
				if i+2 < len(text) {
					rest, _ = utf8.DecodeRuneInString(text[i+2:])
				}
				opens := !doubleOpen && !unicode.IsSpace(rest)
				doubleOpen = opens
				out = append(out, mark{i, 2, 'd', opens, !opens})
				previous = '\''
				i += 2
				continue
			}
			switch {
			case r == '\'' && !before && unicode.IsLetter(next) && !elision(text[i+size:]):
				out = append(out, mark{i, size, 's', true, false})
			case before && !unicode.IsLetter(next) && !unicode.IsDigit(next):
				// "the allies’ plan" closes nothing unless no later mark does
				if previous != 's' || !lateClose(text[i+size:]) {
					out = append(out, mark{i, size, 's', false, true})
				}
			}
		}
		previous = r
		i += size
	}
	return out
}

func closesLater(marks []mark) bool {
	for _, m := range marks {
		if m.family == 's' && m.closes {
			return true
		}
	}
	return false
}

// lateClose reports whether a single mark that surely closes, behind
// punctuation, comes later, before another one opens.
func lateClose(text string) bool {
	previous := rune(' ')
	for i, r := range text {
		if r == '‘' {
			return false
		}
		if (r == '’' || r == '\'') && strings.ContainsRune(".,!?", previous) && i+utf8.RuneLen(r) <= len(text) {
			return true
		}
		previous = r
	}
	return false
}

// elision reports whether an apostrophe before the text stands for letters
// left out ("’em", "’tis").
func elision(text string) bool {
	for _, word := range []string{"em", "tis", "twas", "til", "cause", "bout", "round", "n"} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			r, _ := utf8.DecodeRuneInString(text[len(word):])
			if len(text) == len(word) || !unicode.IsLetter(r) {
				return true
			}
		}
	}
	return false
}
