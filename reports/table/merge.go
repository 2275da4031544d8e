package table

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/standpoint-news/standpoint/reports/store"
)

// A Record is an article of a published run as its analysis left it: copies and
// the identity of speakers are not settled.
type Record struct {
	Batch   *Batch
	Content [32]byte // Digest of the article

	data []byte
}

// Records calls yield with each article of the published run in dir, on as many
// goroutines as workers says and in no order, until an error. DIR.state must
// hold what the run has kept.
func Records(dir string, workers int, yield func(*Record) error) error {
	path, err := resolve(dir)
	if err != nil {
		return err
	}
	x, err := readIndex(path)
	if err != nil {
		return err
	}
	kept := filepath.Join(statePath(path), storeDir)
	if _, err := os.Stat(kept); err != nil {
		return fmt.Errorf("what its run has kept is not beside it: %w (copy %s too, or run it again)", err, filepath.Base(statePath(path)))
	}
	s, err := store.Open(kept)
	if err != nil {
		return err
	}
	defer s.Close()
	articles := make(chan *indexedArticle)
	errs := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for a := range articles {
				if err := a.record(s, yield); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for i := range x.files {
		for k := range x.files[i].articles {
			select {
			case articles <- &x.files[i].articles[k]:
				continue
			case err := <-errs:
				close(articles)
				group.Wait()
				return err
			}
		}
	}
	close(articles)
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func (a *indexedArticle) record(s *store.Store, yield func(*Record) error) error {
	data, ok := s.Get(a.key, nil)
	if !ok {
		return fmt.Errorf("article %q: its record is lost or damaged (run the shard again: the others are kept)", a.id)
	}
	b, err := decode(data)
	if err != nil || b.Article.ID != a.id {
		return fmt.Errorf("article %q: its record is damaged (run the shard again with --fresh)", a.id)
	}
	return yield(&Record{Batch: b, Content: a.content, data: data})
}

// Take takes an article of another run as Add takes one that was just analysed.
func (w *Writer) Take(r *Record) error {
	w.mu.Lock()
	err := w.takes(r.Batch.Article.ID)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	key := w.opt.key(r.Content)
	if !w.store.Has(key) {
		if err := w.store.Put(key, r.data); err != nil {
			return err
		}
	}
	return w.register(r.Batch, r.Content, key, len(r.data))
}
