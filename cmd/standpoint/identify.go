package main

import (
	"crypto/sha256"
	"fmt"
	"regexp"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/reader"
)

// An identifier sees to it that every article has an id of its own. Articles
// come to it in the order of reading, one at a time.
type identifier struct {
	seen   map[string]first // by id
	copies map[string]int   // id -> articles equal to that one
}

// first is the first article under an id.
type first struct {
	content [32]byte
	place   corpus.Place
}

// newIdentifier has room for as many articles as are expected.
func newIdentifier(expected int) *identifier {
	return &identifier{make(map[string]first, expected), map[string]int{}}
}

// check passes an item on. An article that comes again whole under its id gets
// a numbered id, to be found a duplicate later; another article under an id in
// use is rejected.
func (x *identifier) check(item reader.Item) reader.Item {
	doc := item.Doc
	if doc == nil {
		return item
	}
	id, at, ok := x.settle(doc.ID, wording(doc), doc.Place)
	if !ok {
		return reader.Item{Rejected: reader.Duplicate(doc, at)}
	}
	if id != doc.ID { // it follows from what was read before
		doc.ID, item.Record = id, reader.RecordDigest{}
	}
	return item
}

// met reports whether an article has the id.
func (x *identifier) met(id string) bool {
	_, met := x.seen[id]
	return met
}

// wording is what two articles of one id have in common where they are the same.
func wording(doc *corpus.Document) [32]byte {
	return sha256.Sum256([]byte(doc.Title + "\x00" + doc.Text))
}

// settle gives an article an id of its own. Where another one has that already,
// ok is false and at its place.
func (x *identifier) settle(id string, content [32]byte, place corpus.Place) (own string, at corpus.Place, ok bool) {
	held, met := x.seen[id]
	if met && held.content != content {
		return "", held.place, false
	}
	own = id
	for met {
		x.copies[id]++
		own = fmt.Sprintf("%s~%d", id, x.copies[id]+1)
		_, met = x.seen[own]
	}
	x.seen[own] = first{content, place}
	return own, place, true
}

// counted are the numbers that settle gives ids.
var counted = regexp.MustCompile("(~[0-9]+)+$")

// family is what all ids have in common among which settle may find another.
func family(id string) string { return counted.ReplaceAllString(id, "") }
