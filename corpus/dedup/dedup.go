// Package dedup finds the copies of an article, so that one wire story printed
// by ten outlets counts once. It needs no layer of a Document and adds none.
//
// Two articles are exact copies where they have the same words, whatever the
// case, punctuation and white space. They are near copies where most of the
// shingles (five words in a row; Broder, 1997) of one lie in the other: edited,
// cut, with another lead, in another order. They are spun copies where the words
// differ, as a machine's synonyms do, but the names and numbers that stand
// beside one another are the same. Of a set of copies the original is the one
// published first.
//
// Candidates are found by locality sensitive hashing of min-hashes, band by
// band and by sorting, and verified on the whole sets, which wait in a temporary
// file: memory grows by about 120 bytes an article. (james-bowman/nlp's tables
// hold all bands of all articles at once, at some 8 KB an article.) Who keeps the
// Sketch of an article from an earlier run need not make its sets again, unless
// it becomes a candidate.
package dedup

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// Threshold is the least share, from 0 to 1, of the shingles of the article
	// with fewer of them that near copies have in common.
	Threshold = 0.6
	// leastJaccard keeps a short text within a much longer one from being its copy.
	leastJaccard = 0.3

	// SpunThreshold is the least share of the pairs of neighbouring names and
	// numbers that spun copies have in common.
	SpunThreshold = 0.6
	leastPairs    = 12 // below, chance decides
	// leastWords is the Jaccard similarity of the other words: a synonym for one
	// word in four leaves .6. Articles of one topic, or with the same gallery of
	// captions, have the names in common, and up to .4 of the words.
	leastWords = 0.45
	// Where nearly all pairs are the same, in both, fewer words need be.
	surePairs, sureJaccard, sureWords = 0.85, 0.7, 0.25
)

// signature digests a text's words in order, or, lest all texts without any be
// equal, the text itself. Texts with the same signature are exact copies.
func signature(words []byte, text string) [32]byte {
	if len(words) == 0 {
		return sha256.Sum256([]byte(text))
	}
	return sha256.Sum256(words)
}

// leastQuotation is the number of words below which the same words are no
// quotation of one another: "absolutely not".
const leastQuotation = 5

// QuotationGroup is the key that quotations share which give the same words to
// the same speaker, by the last word of the name, or "" where the words are too
// few or the speaker is not known.
func QuotationGroup(speaker, quoted string) string {
	name := bytes.Fields(words(speaker))
	w := words(quoted)
	if len(name) == 0 || bytes.Count(w, []byte(" ")) < leastQuotation {
		return ""
	}
	h := sha256.New()
	h.Write(name[len(name)-1])
	h.Write([]byte{0})
	h.Write(w)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// A Kind says how a copy equals its original.
type Kind uint8

// The kinds of copy.
const (
	Exact Kind = iota // the same words
	Near              // Threshold of the shingles or more
	Spun              // other words around the same names
)

// String names the kind as the tables spell it.
func (k Kind) String() string { return [...]string{"exact", "near", "spun"}[k] }

// A Copy ties an article to the original that it repeats, whose id names the
// group. An original is never itself a copy.
type Copy struct {
	ID         string
	Original   string
	Kind       Kind
	Similarity float64 // to the original, by the measure of the kind; 1 where exact
}

// A Verdict says what comparing an article with an earlier original gave. It
// follows from the two texts.
type Verdict struct {
	ID, Original string
	Copy         bool
	Kind         Kind    // Near or Spun; 0 where it is no copy
	Similarity   float64 // 0 where it is no copy
}

func compareVerdicts(a, b Verdict) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	return strings.Compare(a.Original, b.Original)
}

// A Grouper collects articles and groups them. It is safe for concurrent use.
type Grouper struct {
	mu       sync.Mutex
	text     func(id string) (string, error)
	articles []*article // apart, so that the list grows without a second copy of all
	keys     columns    // of their bands
	spill    spill
	recalled []Verdict // ordered
	run      int32     // see Recall
	verdicts []Verdict
}

type article struct {
	id        string
	since     int32
	row       int32 // in the columns
	published int64 // milliseconds since 1970; unknown is after all others
	offset    int64 // of its sets in the spill; notMade where they are not there
	signature [16]byte
	sizes
}

const (
	unknown = math.MaxInt64
	notMade = -1
)

// New returns an empty Grouper. Close it when done. It calls text, which may be
// nil where every Sketch is fresh, for the texts of articles whose Sketch was kept.
func New(text func(id string) (string, error)) *Grouper { return &Grouper{text: text} }

// Close drops all articles, and removes the temporary file, if any.
func (g *Grouper) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.articles, g.keys, g.recalled = nil, columns{}, nil
	return g.spill.close()
}

// Add takes up an article. The id must be unique; published is zero where the
// date is not known. since is the number of the run that met the article first:
// one of an earlier run is never a copy of one of a later run, so that groups
// once published stay.
func (g *Grouper) Add(id string, published time.Time, since int, s *Sketch) {
	a := &article{id: id, since: int32(since), published: unknown, offset: notMade, signature: s.signature, sizes: s.sizes}
	if !published.IsZero() {
		a.published = published.UnixMilli()
	}
	var record []byte
	if s.sets != nil {
		record = make([]byte, 0, 4*(len(s.sets.shingles)+len(s.sets.pairs)+len(s.sets.words)))
		for _, set := range [][]uint32{s.sets.shingles, s.sets.pairs, s.sets.words} {
			for _, h := range set {
				record = binary.LittleEndian.AppendUint32(record, h)
			}
		}
	}
	g.mu.Lock()
	if s.sets != nil {
		a.offset = g.spill.add(record)
	}
	a.row = int32(len(g.articles))
	g.keys.add(&s.bands, &g.spill)
	g.articles = append(g.articles, a)
	g.mu.Unlock()
}

// Recall takes up what an earlier Grouper found of texts that are the same
// still, so that they need not be compared again. Where the articles that runs before
// a run met first are those of the earlier Grouper, no more and no less, run says so;
// else it is 0.
func (g *Grouper) Recall(verdicts []Verdict, run int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.recalled, g.run = slices.Clone(verdicts), int32(run)
	if !slices.IsSortedFunc(g.recalled, compareVerdicts) {
		slices.SortFunc(g.recalled, compareVerdicts)
	}
}

// Verdicts lists all that Groups went by, ordered.
func (g *Grouper) Verdicts() []Verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.verdicts
}

// Keys are such that the copies of an article are among the articles tied to it
// by keys in common, its own or those of others between them: groups of copies
// may be found in each set of articles so tied by itself. They are the bands at
// full length, since those of 32 bits that a Grouper keeps would by chance tie
// most articles of a corpus of a hundred million.
func Keys(text string) []uint64 {
	w := words(text)
	sum := signature(w, text)
	s := setsOf(text, w)
	keys := make([]uint64, 1, 1+nearBands+spunBands)
	keys[0] = binary.BigEndian.Uint64(sum[:])
	if len(s.shingles) > 0 {
		keys = keys[:1+nearBands]
		bandKeys(s.shingles, keys[1:])
	}
	if n := len(keys); len(s.pairs) >= leastPairs {
		keys = keys[:n+spunBands]
		bandKeys(s.pairs, keys[n:])
		for i := range keys[n:] {
			keys[n+i] = mix(keys[n+i]) // apart from those of the shingles
		}
	}
	return keys
}

func (g *Grouper) sets(a *article) (sets, error) {
	if a.offset == notMade {
		text, err := g.text(a.id)
		if err != nil {
			return sets{}, err
		}
		return setsOf(text, words(text)), nil
	}
	record := make([]byte, 4*int(a.shingles+a.pairs+a.words))
	if err := g.spill.read(record, a.offset); err != nil {
		return sets{}, err
	}
	all := make([]uint32, len(record)/4)
	for i := range all {
		all[i] = binary.LittleEndian.Uint32(record[4*i:])
	}
	return sets{all[:a.shingles], all[a.shingles : a.shingles+a.pairs], all[a.shingles+a.pairs:]}, nil
}

// A link says what an article copies.
type link struct {
	original int32 // index, or -1
	kind     Kind
	measure  float64
}

// Groups lists the copies among the articles added so far, ordered by ID. It
// does not depend on the order in which they were added.
//
// Articles are taken in the order of the runs that met them first, then of
// publication, undated ones last, then by id. Each is a copy of the most similar
// original before it, the earlier one of two alike, or else an original itself.
// So every copy is similar to its original, not just to another copy.
func (g *Grouper) Groups() ([]Copy, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.spill.err != nil {
		return nil, g.spill.err
	}
	articles := g.articles
	slices.SortFunc(articles, compareArticles)
	links := make([]link, len(articles))
	bySignature := make([]int32, len(articles))
	for i := range articles {
		links[i].original = -1
		bySignature[i] = int32(i)
	}
	slices.SortFunc(bySignature, func(a, b int32) int {
		if c := bytes.Compare(articles[a].signature[:], articles[b].signature[:]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	for k := 1; k < len(bySignature); k++ {
		a, b := bySignature[k-1], bySignature[k]
		if articles[a].signature != articles[b].signature {
			continue
		}
		first := a
		if links[a].original >= 0 {
			first = links[a].original
		}
		links[b] = link{first, Exact, 1}
	}
	g.verdicts = nil
	fresh := 0
	for g.run > 0 && fresh < len(articles) && articles[fresh].since < g.run {
		fresh++
	}
	pairs, err := g.candidates(links, fresh)
	if err != nil {
		return nil, err
	}
	if fresh > 0 {
		g.link(links, fresh)
	}
	for from := 0; from < len(pairs); {
		to := from
		for to < len(pairs) && pairs[to].later == pairs[from].later {
			to++
		}
		if err := g.judge(links, pairs[from:to]); err != nil {
			return nil, err
		}
		from = to
	}
	slices.SortFunc(g.verdicts, compareVerdicts)
	var copies []Copy
	for i, l := range links {
		if l.original < 0 {
			continue
		}
		if above := links[l.original]; above.original >= 0 { // word for word a near or spun copy
			l = above
		}
		copies = append(copies, Copy{articles[i].id, articles[l.original].id, l.kind, l.measure})
	}
	slices.SortFunc(copies, func(a, b Copy) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Original, b.Original))
	})
	return copies, nil
}

// compareArticles orders articles as Groups says.
func compareArticles(a, b *article) int {
	if c := cmp.Compare(a.since, b.since); c != 0 {
		return c
	}
	if c := cmp.Compare(a.published, b.published); c != 0 {
		return c
	}
	if c := strings.Compare(a.id, b.id); c != 0 {
		return c
	}
	return bytes.Compare(a.signature[:], b.signature[:])
}

// link settles what the articles before the first fresh one copy, as an earlier
// Grouper did, by the verdicts that it went by.
func (g *Grouper) link(links []link, fresh int) {
	at := make(map[string]int32, 2*len(g.recalled))
	for _, v := range g.recalled {
		at[v.ID], at[v.Original] = -1, -1
	}
	for i, a := range g.articles[:fresh] {
		if _, asked := at[a.id]; asked {
			at[a.id] = int32(i)
		}
	}
	for _, v := range g.recalled {
		later := at[v.ID]
		links[later] = links[later].or(v, at[v.Original])
	}
	g.verdicts = append(g.verdicts, g.recalled...)
}

// or is the better of a link, to no original or to that of another verdict on the
// same article, and the one to the original of a verdict.
func (l link) or(v Verdict, original int32) link {
	better := l.original < 0 || l.kind == Spun && v.Kind == Near ||
		l.kind == v.Kind && (v.Similarity > l.measure || v.Similarity == l.measure && original < l.original)
	if v.Copy && better {
		return link{original, v.Kind, v.Similarity}
	}
	return l
}

// judge settles what the later article of the candidates, all of one, copies.
func (g *Grouper) judge(links []link, pairs []pair) error {
	later := pairs[0].later
	var originals []int32
	for _, p := range pairs {
		o := p.earlier
		if links[o].original >= 0 {
			o = links[o].original
		}
		originals = append(originals, o)
	}
	slices.Sort(originals)
	originals = slices.Compact(originals)
	var mine *sets // made where they are asked for
	best := link{original: -1}
	for _, o := range originals {
		v := Verdict{ID: g.articles[later].id, Original: g.articles[o].id}
		if i, known := slices.BinarySearchFunc(g.recalled, v, compareVerdicts); known {
			v = g.recalled[i]
		} else {
			if mine == nil {
				made, err := g.sets(g.articles[later])
				if err != nil {
					return err
				}
				mine = &made
			}
			its, err := g.sets(g.articles[o])
			if err != nil {
				return err
			}
			if v.Similarity, v.Copy = near(*mine, its); v.Copy {
				v.Kind = Near
			} else if v.Similarity, v.Copy = spun(*mine, its); v.Copy {
				v.Kind = Spun
			} else {
				v.Similarity = 0
			}
		}
		g.verdicts = append(g.verdicts, v)
		best = best.or(v, o)
	}
	links[later] = best
	return nil
}

// near reports whether two articles are near copies, and the share of the
// smaller one's shingles that lie in the other.
func near(a, b sets) (float64, bool) {
	containment, jaccard := overlap(a.shingles, b.shingles)
	return containment, containment >= Threshold && jaccard >= leastJaccard
}

// spun reports whether one article is a spun copy of the other, and the share
// of the pairs in common.
func spun(a, b sets) (float64, bool) {
	if min(len(a.pairs), len(b.pairs)) < leastPairs {
		return 0, false
	}
	containment, jaccard := overlap(a.pairs, b.pairs)
	if containment < SpunThreshold || jaccard < leastJaccard {
		return 0, false
	}
	_, other := overlap(a.words, b.words)
	sure := containment >= surePairs && jaccard >= sureJaccard
	return containment, other >= leastWords || sure && other >= sureWords
}

// A pair of articles that may be copies, as indices in the order of publication.
type pair struct{ later, earlier int32 }

// bucketDepth is how many of the first articles in a bucket each later one is
// compared with: the original is among the first, and a bucket that boilerplate
// fills must not cost its square.
const bucketDepth = 6

// A keyed is a band's key, then the index of the article that has it: one
// number, which sorts in a third of the time that two take.
type keyed uint64

func newKeyed(key uint32, index int) keyed { return keyed(key)<<32 | keyed(uint32(index)) }
func (k keyed) key() uint32                { return uint32(k >> 32) }
func (k keyed) index() int32               { return int32(uint32(k)) }

// candidates lists the pairs of articles, exact copies aside, that share a band, as
// far as the later one is fresh: the first fresh one or behind it.
func (g *Grouper) candidates(links []link, fresh int) ([]pair, error) {
	var out []pair
	articles := g.articles
	keys := make([]keyed, 0, len(articles))
	column := make([]uint32, len(articles))
	met := newFilter(len(articles))
	compacted := 0
	for band := range nearBands + spunBands {
		if err := g.keys.read(column, band, &g.spill); err != nil {
			return nil, err
		}
		keys = keys[:0]
		for i, a := range articles {
			has := band < nearBands && a.shingles > 0 || band >= nearBands && a.pairs >= leastPairs
			if has && links[i].original < 0 {
				keys = append(keys, newKeyed(column[a.row], i))
			}
		}
		keys = met.repeated(keys, fresh)
		slices.Sort(keys)
		for start, i := 0, 1; i < len(keys); i++ {
			if keys[i].key() != keys[start].key() {
				start = i
				continue
			}
			if int(keys[i].index()) < fresh {
				continue
			}
			for _, k := range keys[start:min(i, start+bucketDepth)] {
				out = append(out, pair{keys[i].index(), k.index()})
			}
			if last := i - 1; last >= start+bucketDepth { // the one just before, often of the same hour
				out = append(out, pair{keys[i].index(), keys[last].index()})
			}
		}
		if len(out) > 2*compacted+1<<20 {
			out = compact(out)
			compacted = len(out)
		}
	}
	return compact(out), nil
}

// Columns are numbers of all articles by band, which wait in the spill but for those
// of the last articles.
type columns struct {
	block   []uint32 // of the last articles, column after column
	n       int      // how many they are
	written []int64  // places of the blocks before
}

const blockRows = 1 << 10

// add appends a row.
func (c *columns) add(row *[nearBands + spunBands]uint32, to *spill) {
	if c.block == nil {
		c.block = make([]uint32, len(row)*blockRows)
	}
	for band, n := range row {
		c.block[band*blockRows+c.n] = n
	}
	if c.n++; c.n < blockRows {
		return
	}
	record := make([]byte, 0, 4*len(c.block))
	for _, n := range c.block {
		record = binary.LittleEndian.AppendUint32(record, n)
	}
	c.written = append(c.written, to.add(record))
	c.n = 0
}

// read fills column with that of a band, which has as many rows.
func (c *columns) read(column []uint32, band int, from *spill) error {
	buffer := make([]byte, 4*blockRows)
	for _, at := range c.written {
		if err := from.read(buffer, at+int64(band*len(buffer))); err != nil {
			return err
		}
		for i := range blockRows {
			column[i] = binary.LittleEndian.Uint32(buffer[4*i:])
		}
		column = column[blockRows:]
	}
	if c.n > 0 {
		copy(column, c.block[band*blockRows:][:c.n])
	}
	return nil
}

// A filter tells keys that come once, which most do, from those that may come
// again, so that few are left to sort: two bits for each of as many keys as there
// are articles, sixteen times over.
type filter struct{ once, again []uint64 }

func newFilter(articles int) *filter {
	words := 1 << max(0, bits.Len(uint(articles))-2) // at least 16 bits an article
	return &filter{make([]uint64, words), make([]uint64, words)}
}

// repeated drops, in place, keys that no other article has, or no fresh one; of those
// it may leave some. The keys come in the order of the articles.
func (f *filter) repeated(keys []keyed, fresh int) []keyed {
	clear(f.again)
	mask := uint32(len(f.once) - 1)
	if fresh > 0 {
		first, _ := slices.BinarySearchFunc(keys, int32(fresh), func(k keyed, at int32) int { return cmp.Compare(k.index(), at) })
		for _, k := range keys[first:] {
			f.again[k.key()>>6&mask] |= 1 << (k.key() & 63)
		}
		return f.kept(keys)
	}
	clear(f.once)
	for _, k := range keys {
		word, bit := k.key()>>6&mask, uint64(1)<<(k.key()&63)
		f.again[word] |= f.once[word] & bit
		f.once[word] |= bit
	}
	return f.kept(keys)
}

// kept drops, in place, the keys that are not marked as come again.
func (f *filter) kept(keys []keyed) []keyed {
	mask := uint32(len(f.again) - 1)
	left := keys[:0]
	for _, k := range keys {
		if f.again[k.key()>>6&mask]&(1<<(k.key()&63)) != 0 {
			left = append(left, k)
		}
	}
	return left
}

func compact(pairs []pair) []pair {
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.later, b.later), cmp.Compare(a.earlier, b.earlier)) })
	return slices.Compact(pairs)
}

// A spill keeps records in memory until there are many, then in a temporary file.
type spill struct {
	buffer  []byte
	flushed int64 // bytes in the file, which the buffer follows
	file    *os.File
	err     error
}

const spillBytes = 256 << 10

// add appends a record and returns its place. After an error it drops records.
func (s *spill) add(record []byte) int64 {
	at := s.flushed + int64(len(s.buffer))
	if s.err != nil {
		return at
	}
	s.buffer = append(s.buffer, record...)
	if len(s.buffer) >= spillBytes {
		s.flush()
	}
	return at
}

func (s *spill) flush() {
	if s.file == nil {
		if s.file, s.err = os.CreateTemp("", "standpoint-copies-*"); s.err != nil {
			s.err = fmt.Errorf("cannot set the articles' signatures aside: %w (set TMPDIR to a folder with room)", s.err)
			return
		}
	}
	n, err := s.file.Write(s.buffer)
	if err != nil {
		s.err = fmt.Errorf("%s: cannot set the articles' signatures aside: %w (make room, or set TMPDIR)", s.file.Name(), err)
		return
	}
	s.flushed += int64(n)
	s.buffer = s.buffer[:0]
}

// read fills to with what was added at a place and behind it, all in one record.
func (s *spill) read(to []byte, at int64) error {
	if at >= s.flushed {
		copy(to, s.buffer[at-s.flushed:])
		return nil
	}
	if _, err := s.file.ReadAt(to, at); err != nil {
		return fmt.Errorf("%s: cannot read the articles' signatures back: %w", s.file.Name(), err)
	}
	return nil
}

func (s *spill) close() error {
	s.buffer = nil
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	s.file = nil
	return err
}
