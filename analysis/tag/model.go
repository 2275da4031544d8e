package tag

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A perceptron is the model as it is used.
type perceptron struct {
	classes []string          // in alphabetical order
	fixed   map[string]string // words that the training text tags one way
	slots   []slot            // open addressing; a power of two of them
	cells   []cell
}

// A slot is one feature: its hash, and its range in cells, empty in a free slot.
type slot struct {
	hash        uint64
	first, last uint32
}

// A cell is a feature's weight for one class.
type cell struct {
	class  int32
	weight int32 // in thousandths
}

const magic = "standpoint tag 1\n"

// start and hash are FNV-1a in 64 bits; hash goes on from h.
const start uint64 = 14695981039346656037

func hash(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// row returns the cells of the feature with the hash, if the model has it.
func (p *perceptron) row(h uint64) []cell {
	mask := uint64(len(p.slots) - 1)
	for i := (h ^ h>>29) & mask; ; i = (i + 1) & mask {
		switch s := &p.slots[i]; {
		case s.first == s.last:
			return nil
		case s.hash == h:
			return p.cells[s.first:s.last]
		}
	}
}

// A feature is one of a model that is being written.
type feature struct {
	hash  uint64
	cells []cell
}

// encode writes the model: the classes; the fixed words, each with its class;
// the features by hash, each with its cells. Numbers are varints, but hashes
// eight bytes; strings and lists begin with their length.
func encode(classes []string, fixed map[string]string, features []feature) ([]byte, error) {
	out := []byte(magic)
	text := func(s string) { out = append(binary.AppendUvarint(out, uint64(len(s))), s...) }
	out = binary.AppendUvarint(out, uint64(len(classes)))
	for _, c := range classes {
		text(c)
	}
	words := make([]string, 0, len(fixed))
	for w := range fixed {
		words = append(words, w)
	}
	slices.Sort(words)
	out = binary.AppendUvarint(out, uint64(len(words)))
	for _, w := range words {
		class, ok := slices.BinarySearch(classes, fixed[w])
		if !ok {
			return nil, fmt.Errorf("tag: the word %q has the unknown class %q", w, fixed[w])
		}
		text(w)
		out = binary.AppendUvarint(out, uint64(class))
	}
	slices.SortFunc(features, func(a, b feature) int {
		if a.hash < b.hash {
			return -1
		}
		return 1
	})
	out = binary.AppendUvarint(out, uint64(len(features)))
	for i, f := range features {
		if i > 0 && features[i-1].hash == f.hash {
			return nil, fmt.Errorf("tag: two features have the hash %x", f.hash)
		}
		out = binary.LittleEndian.AppendUint64(out, f.hash)
		out = binary.AppendUvarint(out, uint64(len(f.cells)))
		for _, c := range f.cells {
			out = binary.AppendVarint(binary.AppendUvarint(out, uint64(c.class)), int64(c.weight))
		}
	}
	return out, nil
}

var errDamaged = errors.New("tag: the model is damaged (restore models/tag.bin, or run standpoint train tag)")

// decode is the inverse of encode.
func decode(model []byte) (p *perceptron, err error) {
	if len(model) < len(magic) || string(model[:len(magic)]) != magic {
		return nil, errDamaged
	}
	rest := model[len(magic):]
	damaged := false
	number := func() int {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(model)) {
			damaged, rest = true, nil
			return 0
		}
		rest = rest[size:]
		return int(n)
	}
	text := func() string {
		n := number()
		if n > len(rest) {
			damaged, n = true, 0
		}
		s := string(rest[:n])
		rest = rest[n:]
		return s
	}
	p = &perceptron{}
	p.classes = make([]string, number())
	for i := range p.classes {
		p.classes[i] = text()
	}
	words := number()
	p.fixed = make(map[string]string, words)
	for range words {
		word, class := text(), number()
		if damaged || class >= len(p.classes) {
			return nil, errDamaged
		}
		p.fixed[word] = p.classes[class]
	}
	features := number()
	size := 1
	for size < features*3/2+1 {
		size *= 2
	}
	p.slots = make([]slot, size)
	p.cells = make([]cell, 0, 4*features)
	mask := uint64(size - 1)
	for range features {
		if len(rest) < 8 {
			return nil, errDamaged
		}
		h := binary.LittleEndian.Uint64(rest)
		rest = rest[8:]
		first := len(p.cells)
		for range number() {
			class := number()
			weight, n := binary.Varint(rest)
			if damaged || n <= 0 || class >= len(p.classes) {
				return nil, errDamaged
			}
			rest = rest[n:]
			p.cells = append(p.cells, cell{int32(class), int32(weight)})
		}
		if first == len(p.cells) {
			return nil, errDamaged
		}
		i := (h ^ h>>29) & mask
		for p.slots[i].first != p.slots[i].last {
			i = (i + 1) & mask
		}
		p.slots[i] = slot{h, uint32(first), uint32(len(p.cells))}
	}
	if damaged || len(rest) > 0 || len(p.classes) == 0 {
		return nil, errDamaged
	}
	return p, nil
}
