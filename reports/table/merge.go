package table

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/reports/store"
)

// A Record is an article of a published run as its analysis left it: copies and
// the identity of speakers are not settled.
type Record struct {
	Content [32]byte // Digest of the article

	id    string
	key   store.Key
	store *store.Store
}

// Records yields the articles of the published run by id, until an error. The
// state must hold what the run has kept, and stay open while they are in use.
func (s *State) Records(yield func(Record) error) error {
	if s.store == nil {
		return fmt.Errorf("%s: what the run has kept is not there (copy it beside the run's folder, or run it again)", filepath.Join(s.state, storeDir))
	}
	for _, id := range slices.Sorted(maps.Keys(s.known)) {
		a := s.known[id]
		if err := yield(Record{Content: a.content, id: id, key: a.key, store: s.store}); err != nil {
			return err
		}
	}
	return nil
}

// Take takes an article of another run as Add takes one that was just analysed,
// and returns it.
func (w *Writer) Take(r Record) (*Batch, error) {
	data, ok := r.store.Get(r.key, nil)
	if !ok {
		return nil, fmt.Errorf("article %q: its record is lost or damaged (run its part again: what is there is kept)", r.id)
	}
	b, err := decode(data)
	if err != nil || b.Article.ID != r.id {
		return nil, fmt.Errorf("article %q: its record is damaged (run its part again with --fresh)", r.id)
	}
	w.mu.Lock()
	err = w.takes(r.id)
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	key := w.opt.key(r.Content)
	if !w.store.Has(key) {
		if err := w.store.Put(key, data); err != nil {
			return nil, err
		}
	}
	return b, w.register(b, w.known[b.Article.ID], r.Content, key, len(data))
}
