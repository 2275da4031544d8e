package main

import (
	"crypto/sha256"
	"fmt"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/reader"
)

// An identifier sees to it that every article has an id of its own. Articles
// come to it in the order of reading, one at a time.
type identifier struct {
	seen   map[string][32]byte // id -> content of the first article under it
	copies map[string]int      // id -> articles equal to that one
	places map[string]corpus.Place
}

func newIdentifier() *identifier {
	return &identifier{map[string][32]byte{}, map[string]int{}, map[string]corpus.Place{}}
}

// check passes an item on. An article that comes again whole under its id gets
// a numbered id, to be found a duplicate later; another article under an id in
// use is rejected.
func (x *identifier) check(item reader.Item) reader.Item {
	doc := item.Doc
	if doc == nil {
		return item
	}
	content := sha256.Sum256([]byte(doc.Title + "\x00" + doc.Text))
	first, met := x.seen[doc.ID]
	switch {
	case !met:
		x.seen[doc.ID], x.places[doc.ID] = content, doc.Place
		return item
	case first == content:
		id := doc.ID
		for met {
			x.copies[id]++
			doc.ID = fmt.Sprintf("%s~%d", id, x.copies[id]+1)
			_, met = x.seen[doc.ID]
		}
		x.seen[doc.ID], x.places[doc.ID] = content, doc.Place
		return item
	}
	return reader.Item{Rejected: reader.Duplicate(doc, x.places[doc.ID])}
}
