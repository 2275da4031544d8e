package attribution

import (
	"fmt"
	"math"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/encoder/kernel"
)

// linkWidth is the width of the linking head.
const linkWidth = 192

// heads label words, and say for a cue which words are its source and content.
// The linking head scores the sum and the product of what a word and a cue
// bring to it (biaffine attention, Dozat & Manning, 2017, with a hidden layer
// for the two), with their distance in words, sentences and paragraphs.
type heads struct {
	width                                      int
	label, labelBias                           []float32 // [labelCount][width]
	addWord, addCue, mulWord, mulCue, inner    encoder.Linear
	distance, sentence, paragraph, part, partB []float32
}

func newHeads(t *encoder.Tensors, width int) (*heads, error) {
	l := encoder.NewLoader(t, "attribution.")
	h := &heads{
		width: width,
		label: l.Floats("label.weight", labelCount, width), labelBias: l.Floats("label.bias", labelCount),
		addWord: l.Linear("add_word", linkWidth, width), addCue: l.Linear("add_cue", linkWidth, width),
		mulWord: l.Linear("mul_word", linkWidth, width), mulCue: l.Linear("mul_cue", linkWidth, width),
		inner:    l.Linear("inner", linkWidth, 2*linkWidth),
		distance: l.Floats("distance", 32, linkWidth), sentence: l.Floats("sentence", 7, linkWidth), paragraph: l.Floats("paragraph", 3, linkWidth),
		part: l.Floats("part.weight", partCount, linkWidth), partB: l.Floats("part.bias", partCount),
	}
	if err := l.Err(); err != nil {
		return nil, fmt.Errorf("attribution: %w", err)
	}
	return h, nil
}

// A cue is a candidate for one, with the part of each word toward it.
type cue struct {
	first, last int     // words, last included
	p           float32 // that a cue begins here
	from        int     // word that parts begins with
	parts       [][partCount]float32
}

// part is the probability that word w plays the part.
func (c *cue) part(w, part int) float32 {
	if w < c.from || w >= c.from+len(c.parts) {
		return 0
	}
	return c.parts[w-c.from][part]
}

// A scratch is what one goroutine needs to read.
type scratch struct {
	encoder                         encoder.Workspace
	x                               []float32 // the encoder's: vectors of a window's words
	labels, add, mul, c, addC, mulC []float32
	z, inner, parts                 []float32
}

// labels returns the label probabilities of the n words of one window, whose
// vectors [words][width] it keeps for link.
func (h *heads) labels(s *scratch, vectors []float32, n int) [][labelCount]float32 {
	s.x = vectors[:n*h.width]
	s.labels = grow(s.labels, n*labelCount)
	kernel.MatMulT(s.labels, s.x, h.label, n, labelCount, h.width)
	out := make([][labelCount]float32, n)
	for i := range out {
		for k := range out[i] {
			out[i][k] = s.labels[i*labelCount+k] + h.labelBias[k]
		}
		kernel.Softmax(out[i][:], 1, labelCount)
	}
	return out
}

// A cue begins where the label says so with this probability at least: a
// threshold for candidates, below the one that decides.
const cueCandidate = 0.15

// cues lists the candidates among the words from core on, by window-relative
// words.
func cues(labels [][labelCount]float32, core int) []cue {
	var out []cue
	for i := core; i < len(labels); i++ {
		if labels[i][beginCue] < cueCandidate {
			continue
		}
		j := i
		for j+1 < len(labels) && labels[j+1][insideCue] > labels[j+1][beginCue] && labels[j+1][insideCue] > 0.5*largest(labels[j+1][:]) {
			j++
		}
		out = append(out, cue{first: i, last: j, p: labels[i][beginCue]})
		i = j
	}
	return out
}

// link fills in the parts of the words of a window toward each cue; s.x holds
// the word vectors. Words more than a paragraph away play none.
func (h *heads) link(s *scratch, words []encoder.Word, found []cue) {
	n := len(words)
	s.add, s.mul = grow(s.add, n*linkWidth), grow(s.mul, n*linkWidth)
	s.encoder.Apply(s.add, s.x, n, h.addWord)
	s.encoder.Apply(s.mul, s.x, n, h.mulWord)
	s.c = grow(s.c, len(found)*h.width)
	for i, c := range found {
		for k := 0; k < h.width; k++ {
			s.c[i*h.width+k] = (s.x[c.first*h.width+k] + s.x[c.last*h.width+k]) / 2
		}
	}
	s.addC, s.mulC = grow(s.addC, len(found)*linkWidth), grow(s.mulC, len(found)*linkWidth)
	s.encoder.Apply(s.addC, s.c, len(found), h.addCue)
	s.encoder.Apply(s.mulC, s.c, len(found), h.mulCue)
	for i := range found {
		c := &found[i]
		a, b := c.first, c.last+1
		for a > 0 && words[a-1].Paragraph >= words[c.first].Paragraph-1 {
			a--
		}
		for b < n && words[b].Paragraph <= words[c.first].Paragraph+1 {
			b++
		}
		h.linkOne(s, words, c, i, a, b)
	}
}

func (h *heads) linkOne(s *scratch, words []encoder.Word, c *cue, i, a, b int) {
	m := b - a
	s.z = grow(s.z, m*2*linkWidth)
	addC, mulC := s.addC[i*linkWidth:(i+1)*linkWidth], s.mulC[i*linkWidth:(i+1)*linkWidth]
	for w := a; w < b; w++ {
		d := 0
		if w < c.first {
			d = w - c.first
		} else if w > c.last {
			d = w - c.last
		}
		distance := h.distance[bucket(d)*linkWidth:][:linkWidth]
		sentence := h.sentence[(min(3, max(-3, words[w].Sentence-words[c.first].Sentence))+3)*linkWidth:][:linkWidth]
		paragraph := h.paragraph[(min(1, max(-1, words[w].Paragraph-words[c.first].Paragraph))+1)*linkWidth:][:linkWidth]
		add, mul := s.add[w*linkWidth:][:linkWidth], s.mul[w*linkWidth:][:linkWidth]
		sum, product := s.z[(w-a)*2*linkWidth:][:linkWidth], s.z[(w-a)*2*linkWidth+linkWidth:][:linkWidth]
		copy(sum, add)
		for _, x := range [...][]float32{addC, distance, sentence, paragraph} {
			kernel.Add(sum, x)
		}
		for k := range product {
			product[k] = mul[k] * mulC[k]
		}
	}
	kernel.GELU(s.z)
	s.inner = grow(s.inner, m*linkWidth)
	s.encoder.Apply(s.inner, s.z, m, h.inner)
	kernel.GELU(s.inner)
	s.parts = grow(s.parts, m*partCount)
	kernel.MatMulT(s.parts, s.inner, h.part, m, partCount, linkWidth)
	c.from, c.parts = a, make([][partCount]float32, m)
	for w := range c.parts {
		for k := range c.parts[w] {
			c.parts[w][k] = s.parts[w*partCount+k] + h.partB[k]
		}
		kernel.Softmax(c.parts[w][:], 1, partCount)
	}
}

// bucket sorts distances in words: exact to 7, then by half octaves (after T5,
// Raffel et al., 2020), 0…31.
func bucket(d int) int {
	a := max(d, -d)
	if a >= 8 {
		a = min(15, 8+int(math.Log2(float64(a)/8)*2))
	}
	if d < 0 {
		return 15 - a
	}
	return 16 + a
}

func largest(x []float32) float32 {
	top := x[0]
	for _, v := range x[1:] {
		top = max(top, v)
	}
	return top
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
