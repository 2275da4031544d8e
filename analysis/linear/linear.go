// Package linear holds linear rankers over hashed features. It knows no text: a
// caller turns what it sees into a Vector of 32-bit keys, and the same code must
// do so in training and in use.
//
// A Model is a log-linear one, of a row of weights a class. It is small on disk (sorted
// keys as differences, one byte a weight) and quick in use (one probe of an
// open-addressing table for each feature). It needs and adds no layer.
package linear

import (
	"math"
	"math/bits"
)

// A Vector is a sparse vector of hashed features. Keys may repeat; their values
// add up. Key 0 is reserved and never matches.
type Vector struct {
	Keys   []uint32
	Values []float32
}

// Add appends a feature.
func (v *Vector) Add(key uint32, value float32) {
	v.Keys = append(v.Keys, key)
	v.Values = append(v.Values, value)
}

// Reset empties the vector and keeps its memory.
func (v *Vector) Reset() { v.Keys, v.Values = v.Keys[:0], v.Values[:0] }

// Mix folds the parts of a feature into one key: the finaliser of MurmurHash3
// over a running product. The first part should name the feature's template.
func Mix(parts ...uint64) uint32 {
	h := uint64(0x9E3779B97F4A7C15)
	for _, p := range parts {
		h = (bits.RotateLeft64(h, 27) ^ p) * 0xFF51AFD7ED558CCD
		h ^= h >> 33
	}
	h *= 0xC4CEB9FE1A85EC53
	h ^= h >> 33
	if key := uint32(h); key != 0 {
		return key
	}
	return 1
}

// HashString is the 64-bit FNV-1a hash of s.
func HashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// A Model scores vectors against a fixed number of classes. It is safe for
// concurrent use.
type Model struct {
	classes     int
	temperature float64 // scores are divided by it: 1 is uncalibrated
	bias        []float64
	step        float64  // value of one unit of a weight
	keys        []uint32 // sorted, distinct
	weights     []int8   // len(keys) rows of classes
	table       []int32  // open addressing: index into keys, or -1
	shift       uint
}

// Classes is the number of classes.
func (m *Model) Classes() int { return m.classes }

// Scores writes the calibrated scores (logits) of v into dst, which must hold
// Classes() values, and returns it. A nil dst is allocated.
func (m *Model) Scores(v *Vector, dst []float64) []float64 {
	if dst == nil {
		dst = make([]float64, m.classes)
	}
	dst = dst[:m.classes]
	clear(dst)
	for i, key := range v.Keys {
		row := m.find(key)
		if row < 0 {
			continue
		}
		x := float64(v.Values[i])
		for c, w := range m.weights[row*m.classes : (row+1)*m.classes] {
			dst[c] += x * float64(w)
		}
	}
	for c := range dst {
		dst[c] = (dst[c]*m.step + m.bias[c]) / m.temperature
	}
	return dst
}

// softmax turns scores into probabilities that sum to 1, in place.
func softmax(scores []float64) []float64 {
	top := math.Inf(-1)
	for _, s := range scores {
		top = max(top, s)
	}
	sum := 0.0
	for c, s := range scores {
		scores[c] = math.Exp(s - top)
		sum += scores[c]
	}
	for c := range scores {
		scores[c] /= sum
	}
	return scores
}

func (m *Model) find(key uint32) int {
	mask := len(m.table) - 1
	for slot := int(key * 2654435769 >> m.shift); ; slot = (slot + 1) & mask {
		row := m.table[slot]
		if row < 0 {
			return -1
		}
		if m.keys[row] == key {
			return int(row)
		}
	}
}

// index builds the table over the keys, at most half full.
func (m *Model) index() {
	size := 2
	for size < 2*len(m.keys)+2 {
		size *= 2
	}
	m.shift = uint(32 - bits.Len(uint(size-1)))
	m.table = make([]int32, size)
	for i := range m.table {
		m.table[i] = -1
	}
	for row, key := range m.keys {
		slot := int(key * 2654435769 >> m.shift)
		for m.table[slot] >= 0 {
			slot = (slot + 1) & (size - 1)
		}
		m.table[slot] = int32(row)
	}
}

// Bucket is the index of the first border that n does not pass: counts become
// classes, whose weights need not rise evenly.
func Bucket(n int, borders ...int) uint64 {
	for i, b := range borders {
		if n <= b {
			return uint64(i)
		}
	}
	return uint64(len(borders))
}

// Bit is 1 for true.
func Bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
