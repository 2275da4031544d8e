package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/standpoint-news/standpoint/corpus/reader"
)

// A shard is one of several parts of a corpus; the zero value is all of it.
type shard struct{ number, of int }

// parseShard reads "3/40"; an empty text is the whole corpus.
func parseShard(text string) (shard, error) {
	if text == "" {
		return shard{}, nil
	}
	var s shard
	if n, err := fmt.Sscanf(text, "%d/%d", &s.number, &s.of); n != 2 || err != nil || s.String() != text || s.number < 1 || s.number > s.of {
		return shard{}, fmt.Errorf("--shard %q: want K/N, K from 1 to N, as 3/40", text)
	}
	return s, nil
}

func (s shard) String() string {
	if s.of == 0 {
		return ""
	}
	return strconv.Itoa(s.number) + "/" + strconv.Itoa(s.of)
}

// has reports whether the item belongs to the shard: by its id, so that it does
// whatever is read before it; by its place where it has none.
func (s shard) has(item reader.Item) bool {
	if item.Doc != nil {
		return s.hasID(item.Doc.ID)
	}
	return s.hasID(fmt.Sprintf("%s:%d:%s", item.Rejected.Place.Path, item.Rejected.Place.Line, item.Rejected.ID))
}

// hasID is has for the article with the id, or for what else goes by that name.
func (s shard) hasID(name string) bool {
	if s.of == 0 {
		return true
	}
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.of) == uint64(s.number-1)
}
