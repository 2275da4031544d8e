// Package dedup finds the copies of an article, so that one wire story printed
// by ten outlets counts once. It needs no layer of a Document and adds none.
//
// Two articles are exact copies where they have the same words, whatever the
// case, punctuation and white space. They are near copies where the sets of
// their shingles (five words in a row; Broder, 1997) overlap with a Jaccard
// similarity of Threshold or more. Of a set of copies the original is the one
// published first.
package dedup

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/james-bowman/nlp"
	"github.com/james-bowman/sparse"

	"github.com/standpoint-news/standpoint/corpus"
)

// Threshold is the least Jaccard similarity, from 0 to 1, of near copies.
const Threshold = 0.8

// Signature is a digest of the document's words in order. Documents with the
// same signature are exact copies.
func Signature(doc *corpus.Document) [32]byte {
	return signature(words(doc.Text), doc.Text)
}

// signature digests the words, or, lest all texts without any be equal, the
// text itself.
func signature(words []byte, text string) [32]byte {
	if len(words) == 0 {
		return sha256.Sum256([]byte(text))
	}
	return sha256.Sum256(words)
}

// A Kind says how a copy equals its original.
type Kind uint8

// The kinds of copy.
const (
	Exact Kind = iota // the same words
	Near              // a Jaccard similarity of Threshold or more
)

// String names the kind as the tables spell it.
func (k Kind) String() string { return [...]string{"exact", "near"}[k] }

// A Copy ties an article to the original that it repeats. An original is never
// itself a copy.
type Copy struct {
	ID         string
	Original   string
	Kind       Kind
	Similarity float64 // to the original, Threshold to 1; 1 where exact
}

// A Grouper collects articles and groups them. It is safe for concurrent use.
// It keeps about 2 KB an article, not the text.
type Grouper struct {
	mu       sync.Mutex
	articles []article
}

type article struct {
	id        string
	since     int
	published time.Time
	signature [32]byte
	sketch    []uint32
}

// New returns an empty Grouper.
func New() *Grouper { return new(Grouper) }

// Add takes up an article. The id must be unique; published is zero where the
// date is not known.
func (g *Grouper) Add(id string, published time.Time, text string) {
	g.AddSince(id, published, text, 0)
}

// AddSince takes up an article that has been known since the run of that
// number. An article of an earlier run is never a copy of one of a later run, so
// that groups once published stay.
func (g *Grouper) AddSince(id string, published time.Time, text string, since int) {
	w := words(text)
	a := article{id: id, since: since, published: published, signature: signature(w, text), sketch: sketch(w)}
	g.mu.Lock()
	g.articles = append(g.articles, a)
	g.mu.Unlock()
}

// Groups lists the copies among the articles added so far, ordered by ID. It
// does not depend on the order in which they were added.
//
// Articles are taken in the order of the runs that met them first, then of
// publication, undated ones last, then by id. Each is a copy of the most similar original before it, the earlier one
// of two alike, or else an original itself. So every copy is similar to its
// original, not just to another copy.
func (g *Grouper) Groups() []Copy {
	g.mu.Lock()
	articles := slices.Clone(g.articles)
	g.mu.Unlock()
	slices.SortFunc(articles, func(a, b article) int {
		return cmp.Or(cmp.Compare(a.since, b.since), publishedOrder(a.published, b.published), cmp.Compare(a.id, b.id),
			slices.Compare(a.signature[:], b.signature[:]))
	})
	var copies []Copy
	leaders := make(map[[32]byte]int) // signature of an original or near copy -> index into copies, or -1-index into articles
	index := newIndex()
	for i, a := range articles {
		if at, seen := leaders[a.signature]; seen {
			c := Copy{ID: a.id, Kind: Exact, Similarity: 1}
			if at < 0 {
				c.Original = articles[-1-at].id
			} else { // word for word a near copy
				c.Original, c.Kind, c.Similarity = copies[at].Original, Near, copies[at].Similarity
			}
			copies = append(copies, c)
			continue
		}
		keys := bandKeys(a.sketch)
		best, similarity := -1, Threshold
		for _, candidate := range index.candidates(keys) {
			if s := jaccard(a.sketch, articles[candidate].sketch); s > similarity || s == similarity && best < 0 {
				best, similarity = candidate, s
			}
		}
		if best < 0 {
			leaders[a.signature] = -1 - i
			index.put(i, keys)
			continue
		}
		leaders[a.signature] = len(copies)
		copies = append(copies, Copy{a.id, articles[best].id, Near, similarity})
	}
	slices.SortFunc(copies, func(a, b Copy) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Original, b.Original))
	})
	return copies
}

func publishedOrder(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// An index finds the originals that share a band of min-hashes with an
// article, by the locality sensitive hashing of package nlp.
type index struct{ lsh *nlp.ClassicLSH }

const keyBits = 64

func newIndex() index { return index{nlp.NewClassicLSH(keyBits, bands)} }

func (x index) put(i int, keys *sparse.BinaryVec) {
	if keys != nil {
		x.lsh.Put(i, keys)
	}
}

// candidates are ordered: nlp returns them in the order of a map.
func (x index) candidates(keys *sparse.BinaryVec) []int {
	if keys == nil {
		return nil
	}
	var out []int
	for _, id := range x.lsh.GetCandidates(keys, 0) {
		out = append(out, id.(int))
	}
	slices.Sort(out)
	return out
}

// bandKeys is the hash of each band of the sketch's min-hashes, as the vector
// of bits that nlp's tables divide again: nil for an article without words.
//
// nlp's own SimHash would draw its hyperplanes from the process's random
// source, which cannot be seeded, so that runs would differ.
func bandKeys(sketch []uint32) *sparse.BinaryVec {
	if len(sketch) == 0 {
		return nil
	}
	mins := minHashes(sketch)
	keys := sparse.NewBinaryVec(bands * keyBits)
	var row [4 * bandRows]byte
	for band := range bands {
		for i := range bandRows {
			binary.LittleEndian.PutUint32(row[4*i:], mins[band*bandRows+i])
		}
		h := hashBytes(row[:])
		for bit := range keyBits {
			if h>>bit&1 == 1 {
				keys.SetBit(band*keyBits + bit)
			}
		}
	}
	return keys
}
