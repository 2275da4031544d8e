package table

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/standpoint-news/standpoint/reports/store"
)

// A Memo is what a run needs to know of an article whose record in the input it
// meets again: who has it need neither read the record nor, where the article has
// no statements, what its analysis made of it.
type Memo struct {
	ID, Publisher, PublishedNote string
	Published                    *int64
	Content, Wording             [sha256.Size]byte
	Bytes                        int64 // of the text
	Relevant                     bool
	Plain                        bool     // see Batch.Plain
	Lines                        []uint64 // clean.LineHashes
	Sketch                       []byte   // dedup.Sketch, packed

	key store.Key // that it was recalled under
}

// memoKey is the key of a record's memo: both digests in one.
func (o *Options) memoKey(record [32]byte) (key store.Key) {
	for i, b := range o.Environment {
		key[i] = record[i] ^ b
	}
	return key
}

// Remember keeps the memo of an article that was taken up, under the digest of its
// record in the input.
func (w *Writer) Remember(record [32]byte, m *Memo) error {
	key := w.opt.memoKey(record)
	w.mu.Lock()
	w.memos = append(w.memos, key)
	w.mu.Unlock()
	return w.store.Put(key, m.encode())
}

// encode is the memo as the store holds it, field after field: a night reads too
// many to go by reflection.
func (m *Memo) encode() []byte {
	to := make([]byte, 0, 256+8*len(m.Lines)+len(m.Sketch))
	to = appendText(appendText(appendText(to, m.ID), m.Publisher), m.PublishedNote)
	to = appendFlag(to, m.Published != nil)
	if m.Published != nil {
		to = binary.AppendVarint(to, *m.Published)
	}
	to = append(append(to, m.Content[:]...), m.Wording[:]...)
	to = appendFlag(appendFlag(binary.AppendVarint(to, m.Bytes), m.Relevant), m.Plain)
	to = binary.AppendUvarint(to, uint64(len(m.Lines)))
	for _, line := range m.Lines {
		to = binary.LittleEndian.AppendUint64(to, line)
	}
	return appendBytes(to, m.Sketch)
}

// decode is the inverse of encode.
func (m *Memo) decode(data []byte) error {
	return decodeWith(data, func(d *decoder) {
		m.ID, m.Publisher, m.PublishedNote = d.text(), d.text(), d.text()
		if d.flag() {
			published := d.varint()
			m.Published = &published
		}
		copy(m.Content[:], d.bytes(len(m.Content)))
		copy(m.Wording[:], d.bytes(len(m.Wording)))
		m.Bytes, m.Relevant, m.Plain = d.varint(), d.flag(), d.flag()
		lines := d.bytes(8 * int(d.uvarint()))
		m.Lines = make([]uint64, len(lines)/8)
		for i := range m.Lines {
			m.Lines[i] = binary.LittleEndian.Uint64([]byte(lines[8*i:][:8]))
		}
		m.Sketch = d.list()
	})
}

// Recall returns the memo that an earlier run, or one that was cut off, kept of a
// record, and nil where there is none.
func (w *Writer) Recall(record [32]byte) *Memo {
	if w.opt.Fresh {
		return nil
	}
	w.recalling.Lock()
	defer w.recalling.Unlock()
	m := &Memo{key: w.opt.memoKey(record)}
	data, ok := w.store.Get(m.key, w.recalled[:0])
	if !ok {
		return nil
	}
	w.recalled = data
	if m.decode(data) != nil {
		return nil // as if it were not there
	}
	return m
}

// ReuseKnown takes an article as Reuse does, by the memo of its record, which was
// recalled. It returns the article's Since, and false where what an analysis made of
// it is lost.
func (w *Writer) ReuseKnown(m *Memo) (since int, ok bool, err error) {
	key, before := w.opt.key(m.Content), w.known[m.ID]
	b, length := w.outlineOf(m, before, key)
	if b == nil {
		return 0, false, nil
	}
	if err := w.register(b, before, m.Content, key, length); err != nil {
		return 0, false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memos = append(w.memos, m.key)
	return w.since(before, m.Content), true, nil
}

// outlineOf is the outline of the article of a memo, as far as others go by it, with
// the length of its record. The outline is nil where that is lost. The record of an
// article without statements that stands in the tables of the run before is not
// read: it is asked for where the article's file must be written again alone.
func (w *Writer) outlineOf(m *Memo, before met, key store.Key) (*Batch, int) {
	if m.Plain && before.indexedArticle != nil && before.key == key {
		if length, ok := w.store.Length(key); ok {
			return plainBatch(m), length
		}
		return nil, 0
	}
	w.recalling.Lock()
	defer w.recalling.Unlock()
	record, ok := w.store.Get(key, w.recalled[:0])
	if !ok {
		return nil, 0
	}
	w.recalled = record
	if m.Plain {
		return plainBatch(m), len(record)
	}
	b, err := decodeOutline(record)
	if err != nil || b.Article.ID != m.ID {
		return nil, 0
	}
	return b, len(record)
}

func plainBatch(m *Memo) *Batch {
	return &Batch{Article: ArticleRow{ID: m.ID, Publisher: m.Publisher, Published: m.Published, PublishedNote: m.PublishedNote, Relevant: m.Relevant}}
}

// A plain is what the end of a run needs to know of an article without statements:
// what it needs of others, it reads back from their outlines.
type plain struct {
	publisher, note string
	published       int64 // of no meaning where it is not dated
	dated, relevant bool
}

// Plain reports whether the article has no statements, and does not say already
// whose copy it is.
func (b *Batch) Plain() bool {
	return len(b.Statements) == 0 && b.Article.Status == "" && b.Article.DuplicateOf == nil
}

// plainOf is what there is to know of the article of the batch, nil where it is not
// plain.
func (w *Writer) plainOf(b *Batch) *plain {
	if !b.Plain() {
		return nil
	}
	a := &b.Article
	p := &plain{publisher: w.shared(clean(a.Publisher)), note: w.shared(clean(a.PublishedNote)), dated: a.Published != nil, relevant: a.Relevant}
	if p.dated {
		p.published = *a.Published
	}
	return p
}

// shared is one copy of a string that many articles have; the caller holds the
// lock.
func (w *Writer) shared(s string) string {
	if one, ok := w.strings[s]; ok {
		return one
	}
	s = strings.Clone(s)
	w.strings[s] = s
	return s
}

// batch is the outline of the article, as far as others go by it.
func (p *plain) batch(id string) *Batch {
	b := &Batch{Article: ArticleRow{ID: id, Publisher: p.publisher, PublishedNote: p.note, Relevant: p.relevant}}
	if p.dated {
		published := p.published
		b.Article.Published = &published
	}
	return b
}

// signPlain is sign for an article without statements: besides what its analysis
// was made from, its row follows from whose copy it is.
func (e *entry) signPlain(a *ArticleRow) {
	of := appendText(appendText(e.key[:len(e.key):len(e.key)], a.Status), a.DuplicateKind)
	of = appendFlag(of, a.DuplicateOf != nil)
	if a.DuplicateOf != nil {
		of = appendText(of, *a.DuplicateOf)
	}
	of = appendFlag(of, a.DuplicateSimilarity != nil)
	if a.DuplicateSimilarity != nil {
		of = appendFloat(of, *a.DuplicateSimilarity)
	}
	e.rows = sha256.Sum256(of)
}
