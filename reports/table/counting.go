package table

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
)

// Counting says which statements count more than once in summary, speakers and
// report. What does not count stays in the tables, with duplicate set.
type Counting struct {
	// CopiesEach counts the statements of a copy beside those of its original.
	CopiesEach bool `json:"copies_each,omitempty"`
	// QuotationsOnce counts the statements of a quotation group once: the earliest
	// of those that count otherwise.
	QuotationsOnce bool `json:"quotations_once,omitempty"`
}

// countedQuotations finds the statement that counts of every quotation group
// that more than one statement holds: of the earliest article (undated ones come
// last), then of the first by id, then the first in the article.
func (w *Writer) countedQuotations(how *Finish) (map[string]string, error) {
	if !w.opt.Counting.QuotationsOnce {
		return nil, nil
	}
	type claim struct {
		published          *int64
		article, statement string
	}
	first := map[string]claim{}
	var record []byte
	for i := range w.index {
		e := w.index[i]
		if !slices.ContainsFunc(e.quotations, func(group string) bool { return w.quotations[group] > 1 }) {
			continue
		}
		b, err := w.load(e, &record, decodeOutline)
		if err != nil {
			return nil, err
		}
		if how.Amend != nil {
			how.Amend(b)
		}
		if b.Article.Status == Duplicate && !w.opt.Counting.CopiesEach {
			continue
		}
		for j := range b.Statements {
			s := &b.Statements[j]
			if w.quotations[s.QuotationGroup] < 2 {
				continue
			}
			mine := claim{b.Article.Published, b.Article.ID, s.ID}
			held, ok := first[s.QuotationGroup]
			if !ok || cmp.Or(compareTimes(mine.published, held.published), cmp.Compare(mine.article, held.article)) < 0 {
				first[s.QuotationGroup] = mine
			}
		}
	}
	counted := make(map[string]string, len(first))
	for group, c := range first {
		counted[group] = c.article + "\x00" + c.statement
	}
	return counted, nil
}

// compareTimes orders times of publication, those unknown last.
func compareTimes(a, b *int64) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}

// leftOut reports whether a statement does not count.
func (c Counting) leftOut(a *ArticleRow, s *StatementRow, counted map[string]string) bool {
	if a.Status == Duplicate && !c.CopiesEach {
		return true
	}
	of, repeated := counted[s.QuotationGroup]
	return repeated && of != a.ID+"\x00"+s.ID
}

// load reads an article, whole or its outline, back from the store; the record
// goes into the buffer.
func (w *Writer) load(e *entry, buffer *[]byte, read func([]byte) (*Batch, error)) (*Batch, error) {
	var ok bool
	if *buffer, ok = w.store.Get(e.key, (*buffer)[:0]); !ok {
		return nil, fmt.Errorf("%s: the record of the article %q is lost or damaged (run again)", filepath.Join(w.folder.state, storeDir), e.id)
	}
	b, err := read(*buffer)
	if err != nil {
		return nil, fmt.Errorf("%s: the article %q: %w", filepath.Join(w.folder.state, storeDir), e.id, err)
	}
	return b, nil
}
