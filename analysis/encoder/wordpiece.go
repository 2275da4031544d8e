package encoder

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Piece is a word piece over a text.
type Piece struct {
	ID         int32 // row of the vocabulary
	Start, End int   // bytes of the text that it stands for
	First      bool  // the first piece of its word
}

// The ids of the special pieces, by the line that they hold in BERT's
// vocabulary.
const (
	PAD  = 0
	UNK  = 100
	CLS  = 101
	SEP  = 102
	MASK = 103
)

// maxWord is the length in runes beyond which a word is UNK as a whole, as in
// the reference.
const maxWord = 100

// A Tokenizer cuts text into the uncased word pieces of BERT (Devlin et al.,
// 2019; Schuster & Nakajima, 2012), with the byte offsets of each: the pieces
// are those of the reference implementation (Hugging Face tokenizers), except
// that the names of special pieces in a text ("[SEP]") are words like others.
// It is safe for concurrent use.
type Tokenizer struct {
	whole map[string]int32 // pieces that begin a word
	inner map[string]int32 // pieces within a word, without their "##"
	long  int              // bytes of the longest piece
}

// NewTokenizer reads a vocabulary, one piece a line.
func NewTokenizer(vocabulary string) (*Tokenizer, error) {
	lines := strings.Split(strings.TrimRight(vocabulary, "\n"), "\n")
	if len(lines) <= MASK || lines[CLS] != "[CLS]" || lines[SEP] != "[SEP]" || lines[UNK] != "[UNK]" || lines[MASK] != "[MASK]" {
		return nil, fmt.Errorf("encoder: the vocabulary of %d lines lacks BERT's special pieces on lines 101 to 104", len(lines))
	}
	t := &Tokenizer{whole: make(map[string]int32, len(lines)), inner: make(map[string]int32, len(lines)/4)}
	for i, piece := range lines {
		t.long = max(t.long, len(piece))
		if rest, ok := strings.CutPrefix(piece, "##"); ok && rest != "" {
			t.inner[rest] = int32(i)
		} else {
			t.whole[piece] = int32(i)
		}
	}
	return t, nil
}

// A word under construction: its normalised bytes and, for each rune of them,
// where it starts there and which bytes of the text it came from.
type word struct {
	text  []byte
	runes []runeAt
}

type runeAt struct{ at, start, end int }

func (w *word) add(r rune, start, end int) {
	w.runes = append(w.runes, runeAt{len(w.text), start, end})
	w.text = utf8.AppendRune(w.text, r)
}

// Pieces appends the pieces of the text to dst. Invalid UTF-8 counts as
// U+FFFD, which the reference drops.
func (t *Tokenizer) Pieces(dst []Piece, text string) []Piece {
	var w word
	var decomposed [64]byte
	flush := func() {
		if len(w.runes) > 0 {
			dst = t.split(dst, &w)
			w.text, w.runes = w.text[:0], w.runes[:0]
		}
	}
	put := func(r rune, start, end int) {
		if !punctuation(r) {
			w.add(r, start, end)
			return
		}
		flush()
		w.add(r, start, end)
		flush()
	}
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
				w.add(rune(c), i, i+1)
			case 'A' <= c && c <= 'Z':
				w.add(rune(c-'A'+'a'), i, i+1)
			case c == ' ' || c == '\t' || c == '\n' || c == '\r':
				flush()
			case c < ' ' || c == 0x7f:
			default:
				put(rune(c), i, i+1)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		start, end := i, i+size
		i = end
		switch {
		case r == utf8.RuneError || other(r):
		case unicode.IsSpace(r):
			flush()
		case ideograph(r):
			flush()
			w.add(r, start, end)
			flush()
		default:
			form := norm.NFD.AppendString(decomposed[:0], text[start:end])
			for len(form) > 0 {
				d, n := utf8.DecodeRune(form)
				form = form[n:]
				if unicode.Is(unicode.Mn, d) {
					continue
				}
				if d == 'İ' { // the one letter whose lower case is two
					put('i', start, end)
					continue
				}
				put(unicode.ToLower(d), start, end)
			}
		}
	}
	flush()
	return dst
}

// split cuts one word into the longest pieces from the left, or makes it UNK.
func (t *Tokenizer) split(dst []Piece, w *word) []Piece {
	first, last := w.runes[0], w.runes[len(w.runes)-1]
	if id, ok := t.whole[string(w.text)]; ok && len(w.runes) <= maxWord {
		return append(dst, Piece{id, first.start, last.end, true})
	}
	from := len(dst)
	if len(w.runes) <= maxWord {
		for a := 0; a < len(w.runes); {
			pieces := t.inner
			if a == 0 {
				pieces = t.whole
			}
			b := len(w.runes)
			id, ok := int32(0), false
			for ; b > a; b-- {
				end := len(w.text)
				if b < len(w.runes) {
					end = w.runes[b].at
				}
				if end-w.runes[a].at > t.long {
					continue
				}
				if id, ok = pieces[string(w.text[w.runes[a].at:end])]; ok {
					break
				}
			}
			if !ok {
				dst = dst[:from]
				break
			}
			dst = append(dst, Piece{id, w.runes[a].start, w.runes[b-1].end, a == 0})
			a = b
		}
	}
	if len(dst) == from {
		dst = append(dst, Piece{UNK, first.start, last.end, true})
	}
	return dst
}

// other reports what the reference cleans away: controls, format characters,
// private and unassigned code points.
func other(r rune) bool {
	return unicode.In(r, unicode.C) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

func punctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return unicode.Is(unicode.P, r)
}

// ideograph reports the blocks that BERT calls Chinese: each a word of its own.
func ideograph(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || 0x20000 <= r && r <= 0x2A6DF ||
		0x2A700 <= r && r <= 0x2B73F || 0x2B740 <= r && r <= 0x2B81F || 0x2B820 <= r && r <= 0x2CEAF ||
		0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
}
