package dedup

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	shingleWords = 5
	maxSet       = 1 << 14
	// Near copies of the least similarity (all of equal length, Jaccard .43)
	// share one of 40 bands of 3 min-hashes with a probability of .96, those of
	// .5 with one of .995, and articles of .05 with one of .005. A spun copy of
	// Jaccard .5 shares one of 24 with .96.
	bandRows  = 3
	nearBands = 40
	spunBands = 24
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

// A Sketch is what an article is compared by.
type Sketch struct {
	sketch
	sets *sets // nil where the Sketch was kept
}

// A sketch is what is kept of a Sketch.
type sketch struct {
	signature [16]byte
	bands     [nearBands + spunBands]uint32 // keys: first the near ones
	sizes
}

// Sizes are the numbers of elements of the sets.
type sizes struct{ shingles, pairs, words int32 }

// NewSketch makes the Sketch of a text.
func NewSketch(text string) *Sketch {
	w := words(text)
	sum := signature(w, text)
	sets := setsOf(text, w)
	s := &Sketch{sets: &sets}
	s.signature = [16]byte(sum[:16])
	s.sizes = sizes{int32(len(sets.shingles)), int32(len(sets.pairs)), int32(len(sets.words))}
	var keys [nearBands + spunBands]uint64
	bandKeys(sets.shingles, keys[:nearBands])
	bandKeys(sets.pairs, keys[nearBands:])
	for i := range s.bands {
		s.bands[i] = uint32(keys[i] >> 32)
	}
	return s
}

// Packed is the Sketch without its sets, to be kept for the same text and the
// same version of this package.
func (s *Sketch) Packed() []byte {
	out := append(make([]byte, 0, packedBytes), s.signature[:]...)
	for _, numbers := range [][]uint32{s.bands[:], {uint32(s.shingles), uint32(s.pairs), uint32(s.words)}} {
		for _, n := range numbers {
			out = binary.LittleEndian.AppendUint32(out, n)
		}
	}
	return out
}

const packedBytes = len(Sketch{}.signature) + 4*(nearBands+spunBands+3)

// Kept is the inverse of Packed. It returns false for what is none of a Sketch.
func Kept(packed []byte) (*Sketch, bool) {
	if len(packed) != packedBytes {
		return nil, false
	}
	s := &Sketch{}
	packed = packed[copy(s.signature[:], packed):]
	var numbers [3]uint32
	for _, list := range [][]uint32{s.bands[:], numbers[:]} {
		for i := range list {
			list[i] = binary.LittleEndian.Uint32(packed[4*i:])
		}
		packed = packed[4*len(list):]
	}
	s.sizes = sizes{int32(numbers[0]), int32(numbers[1]), int32(numbers[2])}
	return s, true
}

// The sets of hashes by which articles are compared. Each is sorted, without
// repeats, and of maxSet at most: the least ones, which are a random sample
// (Cohen and Kaplan's bottom-k sketch, 2007).
type sets struct {
	shingles []uint32 // five words in a row; all words of a shorter text
	pairs    []uint32 // neighbouring names and numbers, whatever their order
	words    []uint32 // other words of four letters and more
}

// setsOf makes the sets of a text, whose words come folded.
func setsOf(text string, folded []byte) sets {
	var s sets
	s.shingles = shingles(folded)
	s.pairs, s.words = anchors(text)
	return s
}

// shingles hashes the shingles of words. A text shorter than a shingle is one
// shingle; one without words has none.
func shingles(words []byte) []uint32 {
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
	return asSet(hashes)
}

func asSet(hashes []uint32) []uint32 {
	sortHashes(hashes)
	hashes = slices.Compact(hashes)
	return hashes[:min(len(hashes), maxSet)]
}

// sortHashes sorts by radix, a byte at a time: three times as fast as comparing
// on the thousand hashes of an article.
func sortHashes(hashes []uint32) {
	if len(hashes) < 128 {
		slices.Sort(hashes)
		return
	}
	from, to := hashes, make([]uint32, len(hashes))
	for shift := 0; shift < 32; shift += 8 {
		var at [256]int
		for _, h := range from {
			at[h>>shift&0xff]++
		}
		sum := 0
		for digit, n := range at {
			at[digit] = sum
			sum += n
		}
		for _, h := range from {
			digit := h >> shift & 0xff
			to[at[digit]] = h
			at[digit]++
		}
		from, to = to, from
	} // after an even number of passes the result stands in hashes
}

// pairReach is how many words may stand between the two of a pair.
const pairReach = 12

// anchors hashes what a machine that swaps words leaves as it is: pairs of
// neighbouring names and numbers, in either order, since it turns sentences
// about; and, apart, the other words.
func anchors(text string) (pairs, others []uint32) {
	var (
		last, lastAt uint64 // the last anchor, and which word it was
		n            uint64
		initials     uint64 // hash of a run of single capitals: "U.S."
		starts       = true // the next word begins a sentence
		held         uint64 // a capitalised first word, an anchor only before another one
	)
	anchor := func(h uint64) {
		if h == usa || h == usaLong {
			h = us
		}
		if last != 0 && last != h && n-lastAt <= pairReach {
			pairs = append(pairs, uint32(mix(min(last, h)^mix(max(last, h)))>>32))
		}
		last, lastAt = h, n
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		var letter, digit, capital bool
		if r < utf8.RuneSelf {
			digit, capital = '0' <= r && r <= '9', 'A' <= r && r <= 'Z'
			letter = folded[r] != 0 && !digit
		} else {
			r, size = utf8.DecodeRuneInString(text[i:])
			letter, digit, capital = unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsUpper(r)
		}
		if !letter && !digit {
			switch r {
			case '.', '!', '?', '\n', '“', '"', ':':
				starts = starts || initials == 0 || r != '.'
			}
			i += size
			continue
		}
		h, length := uint64(fnvOffset), 0
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf {
				if folded[c] == 0 {
					break
				}
				h = (h ^ uint64(folded[c])) * fnvPrime
				length++
				i++
				continue
			}
			r, size = utf8.DecodeRuneInString(text[i:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				break
			}
			h = (h ^ uint64(fold(r))) * fnvPrime
			length++
			i += size
		}
		n++
		first := starts
		starts = false
		if capital && length == 1 {
			if initials == 0 {
				initials = fnvOffset
			}
			initials = (initials ^ h) * fnvPrime
			continue
		}
		if initials != 0 {
			if initials == initialsUS || initials == initialsUSA {
				anchor(us)
			}
			initials = 0
		}
		switch {
		case digit || capital && !first:
			if held != 0 {
				anchor(held)
				held = 0
			}
			anchor(h)
		case capital:
			held = h
		default:
			held = 0
			if length >= 4 {
				others = append(others, uint32(mix(h)>>32))
			}
		}
	}
	return asSet(pairs), asSet(others)
}

// The ways to write the United States.
var (
	us          = hashWord("us")
	usa         = hashWord("usa")
	usaLong     = hashWord("america")
	initialsUS  = hashInitials("us")
	initialsUSA = hashInitials("usa")
)

func hashWord(w string) uint64 {
	h := uint64(fnvOffset)
	for _, c := range []byte(w) {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

func hashInitials(w string) uint64 {
	h := uint64(fnvOffset)
	for _, c := range w {
		h = (h ^ hashWord(string(c))) * fnvPrime
	}
	return h
}

// overlap compares two sets: the share of the smaller one that lies in the
// other, and their Jaccard similarity. Where a set was cut off, both are
// compared as far as it reaches.
func overlap(a, b []uint32) (containment, jaccard float64) {
	for _, set := range [][]uint32{a, b} {
		if len(set) == maxSet {
			a, b = upTo(a, set[maxSet-1]), upTo(b, set[maxSet-1])
		}
	}
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case b[j] < a[i]:
			j++
		default:
			shared++
			i++
			j++
		}
	}
	if len(a) == 0 || len(b) == 0 {
		return 0, 0
	}
	return float64(shared) / float64(min(len(a), len(b))), float64(shared) / float64(len(a)+len(b)-shared)
}

func upTo(set []uint32, last uint32) []uint32 {
	n, _ := slices.BinarySearch(set, last+1)
	if last+1 == 0 {
		n = len(set)
	}
	return set[:n]
}

// bandKeys hashes the min-hashes of each band of a set. They are drawn in one
// pass: every hash falls into one bin, and the least of a bin is its min-hash.
// An empty bin borrows from others, in an order that is the same for all sets
// (Shrivastava's optimal densification, 2017).
func bandKeys(set []uint32, keys []uint64) {
	if len(set) == 0 {
		return
	}
	bins := uint64(bandRows * len(keys))
	mins := make([]uint32, bins)
	full := make([]bool, bins)
	for _, h := range set { // in order: the first in a bin is the least
		if bin := mix(uint64(h)) % bins; !full[bin] {
			mins[bin], full[bin] = h, true
		}
	}
	for band := range keys {
		h := uint64(band + 1)
		for row := range bandRows {
			bin := uint64(band*bandRows + row)
			for attempt, from := uint64(0), bin; ; attempt++ {
				if full[from] {
					h = mix(h ^ uint64(mins[from]))
					break
				}
				from = mix(bin<<32|attempt) % bins
			}
		}
		keys[band] = h
	}
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211

	rollBase = 0xd1342543de82ef95
	rollOut  = rollBase * rollBase * rollBase * rollBase * rollBase & (1<<64 - 1) // to the power of shingleWords
)

// mix is the finaliser of SplitMix64 (Steele et al., 2014): it spreads every
// bit of x over all bits. The constant keeps 0 from being a fixed point.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
