package dedup

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	shingleWords = 5
	// sketchSize bounds the hashes kept of an article. Up to as many shingles
	// the similarity is exact; beyond, its standard error is below 0.018 at the
	// threshold (Cohen and Kaplan's bottom-k sketch, 2007).
	sketchSize = 512
	// With 25 bands of 5 min-hashes, near copies of similarity 0.8 share one
	// with a probability above 0.9999, and articles of 0.3 with one of 0.06.
	bands    = 25
	bandRows = 5
)

// folded is the lower case of each ASCII letter and digit, and 0 for other bytes.
var folded = func() (table [256]byte) {
	for c := byte('0'); c <= 'z'; c++ {
		if r := rune(c); unicode.IsLetter(r) || unicode.IsDigit(r) {
			table[c] = byte(unicode.ToLower(r))
		}
	}
	return table
}()

// words is the text's words, runs of letters, marks and digits, folded to lower
// case and each followed by one space.
func words(text string) []byte {
	out := make([]byte, 0, len(text)+1)
	for i := 0; i < len(text); {
		c := text[i]
		if lower := folded[c]; lower != 0 {
			out = append(out, lower)
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
				out = utf8.AppendRune(out, fold(r))
				i += size
				continue
			}
		}
		if n := len(out); n > 0 && out[n-1] != ' ' {
			out = append(out, ' ')
		}
		i += size
	}
	if n := len(out); n > 0 && out[n-1] != ' ' {
		out = append(out, ' ')
	}
	return out
}

// fold is one rune for all that differ in case alone: the lower case of the
// smallest of them.
func fold(c rune) rune {
	least := c
	for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return unicode.ToLower(least)
}

// sketch is the sketchSize least of the hashes of the shingles of words, in
// order. A text shorter than a shingle is one shingle; one without words has
// none.
func sketch(words []byte) []uint32 {
	var (
		hashes  = make([]uint32, 0, len(words)/4)
		window  [shingleWords]uint64 // hashes of the last words, in a ring
		n       int
		rolling uint64 // Rabin and Karp's hash of the window
	)
	word := uint64(fnvOffset)
	for _, c := range words {
		if c != ' ' {
			word = (word ^ uint64(c)) * fnvPrime
			continue
		}
		oldest := &window[n%shingleWords]
		rolling = rolling*rollBase + word - *oldest*rollOut
		*oldest = word
		word = fnvOffset
		if n++; n >= shingleWords {
			hashes = append(hashes, uint32(mix(rolling)>>32))
		}
	}
	if 0 < n && n < shingleWords {
		hashes = append(hashes, uint32(mix(rolling)>>32))
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return slices.Clone(hashes[:min(len(hashes), sketchSize)])
}

// jaccard is the similarity of two sets of shingles by their sketches: exact
// where both are whole, otherwise that of the least hashes of the union.
func jaccard(a, b []uint32) float64 {
	limit := len(a) + len(b)
	if len(a) == sketchSize || len(b) == sketchSize {
		limit = sketchSize
	}
	shared, union := 0, 0
	for i, j := 0, 0; (i < len(a) || j < len(b)) && union < limit; union++ {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			i++
		case i == len(a) || b[j] < a[i]:
			j++
		default:
			shared++
			i++
			j++
		}
	}
	if union == 0 {
		return 0
	}
	return float64(shared) / float64(union)
}

// minHashes draws a min-hash for each row of each band in one pass over the
// sketch: every hash falls into one bin, and the least of a bin is its
// min-hash. An empty bin borrows from others, in an order that is the same for
// all sketches (Shrivastava's optimal densification, 2017).
func minHashes(sketch []uint32) *[bands * bandRows]uint32 {
	const bins = bands * bandRows
	var mins [bins]uint32
	var full [bins]bool
	for _, h := range sketch { // in order: the first in a bin is the least
		if bin := mix(uint64(h)) % bins; !full[bin] {
			mins[bin], full[bin] = h, true
		}
	}
	out := mins
	for bin := range out {
		for attempt, from := uint64(0), bin; !full[from]; attempt++ {
			from = int(mix(uint64(bin)<<32|attempt) % bins)
			out[bin] = mins[from]
		}
	}
	return &out
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211

	rollBase = 0xd1342543de82ef95
	rollOut  = rollBase * rollBase * rollBase * rollBase * rollBase & (1<<64 - 1) // to the power of shingleWords
)

// hashBytes is FNV-1a, mixed once more.
func hashBytes(b []byte) uint64 {
	h := uint64(fnvOffset)
	for _, c := range b {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return mix(h)
}

// mix is the finaliser of SplitMix64 (Steele et al., 2014): it spreads every
// bit of x over all bits. The constant keeps 0 from being a fixed point.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
