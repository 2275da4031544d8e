package reader

import (
	"encoding/binary"
	"fmt"

	"github.com/minio/highwayhash"

	"github.com/standpoint-news/standpoint/corpus"
)

// known asks the caller whether it knows the record, given by its bytes and by
// what else its Document follows from.
func (r *run) known(place corpus.Place, data []byte, what ...string) (bool, error) {
	if r.options.Known == nil {
		return false, nil
	}
	head := r.head[:0]
	for _, s := range what {
		head = append(binary.AppendUvarint(head, uint64(len(s))), s...)
	}
	r.head = head
	if r.hash == nil { // a night digests all of the input: ten times as fast as SHA-256
		var err error
		if r.hash, err = highwayhash.New(r.manner[:]); err != nil {
			return false, err
		}
	}
	r.hash.Reset()
	r.hash.Write(head)
	r.hash.Write(data)
	r.hash.Sum(r.record[:0])
	known, err := r.options.Known(place, r.record)
	if known {
		r.barren, r.record = 0, RecordDigest{}
	}
	return known, err
}

// knownDocument is known for a record whose bytes lie in columns or in a tree: by
// what was found there.
func (r *run) knownDocument(doc *corpus.Document, dates []dated) (bool, error) {
	if r.options.Known == nil {
		return false, nil
	}
	return r.known(doc.Place, nil, "document", doc.ID, doc.Title, doc.Text, doc.Publisher, doc.URL, doc.Topic,
		fmt.Sprintf("%q %q %v", dates, doc.Origin, doc.Regions))
}
