package reader

import (
	"encoding/binary"
	"errors"
)

// The metadata of Parquet is in Thrift's compact protocol. Generated readers
// make room for as many elements as a list says that it has; this one for as
// many as there are bytes, so that a hostile file cannot ask for more memory
// than it has bytes for.

const (
	maxThriftValues = 2 << 20
	maxThriftDepth  = 24
)

var errThrift = errors.New("its metadata is broken")

// A thriftStruct holds the fields by their number: int64, []byte, bool,
// thriftStruct or []any. Floats are passed over.
type thriftStruct map[int16]any

func (t thriftStruct) int(field int16, otherwise int64) int64 {
	if n, ok := t[field].(int64); ok {
		return n
	}
	return otherwise
}

func (t thriftStruct) bytes(field int16) string {
	b, _ := t[field].([]byte)
	return string(b)
}

func (t thriftStruct) fields(field int16) thriftStruct {
	s, _ := t[field].(thriftStruct)
	return s
}

func (t thriftStruct) list(field int16) []any {
	l, _ := t[field].([]any)
	return l
}

// readThrift reads a struct at the start of data and says how many bytes it takes.
func readThrift(data []byte) (s thriftStruct, size int, err error) {
	d := &thriftReader{data: data, left: maxThriftValues}
	s = d.structure(0)
	if d.failed {
		return nil, 0, errThrift
	}
	return s, d.at, nil
}

type thriftReader struct {
	data   []byte
	at     int
	left   int // values that may still be read
	failed bool
}

func (d *thriftReader) byte() byte {
	if d.at >= len(d.data) {
		d.failed = true
		return 0
	}
	d.at++
	return d.data[d.at-1]
}

func (d *thriftReader) uvarint() uint64 {
	n, size := binary.Uvarint(d.data[d.at:])
	if size <= 0 {
		d.failed = true
		return 0
	}
	d.at += size
	return n
}

func (d *thriftReader) zigzag() int64 {
	n := d.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *thriftReader) structure(depth int) thriftStruct {
	s := make(thriftStruct)
	id := int16(0)
	for !d.failed {
		head := d.byte()
		if head == 0 || depth > maxThriftDepth {
			d.failed = d.failed || head != 0
			break
		}
		if delta := int16(head >> 4); delta > 0 {
			id += delta
		} else {
			id = int16(d.zigzag())
		}
		switch kind := head & 0xf; kind {
		case 1, 2:
			s[id] = kind == 1
		default:
			s[id] = d.value(kind, depth)
		}
	}
	return s
}

func (d *thriftReader) value(kind byte, depth int) any {
	if d.left--; d.left < 0 || depth > maxThriftDepth {
		d.failed = true
	}
	if d.failed {
		return nil
	}
	switch kind {
	case 1, 2: // in a list
		return d.byte() == 1
	case 3:
		return int64(int8(d.byte()))
	case 4, 5, 6:
		return d.zigzag()
	case 7:
		if len(d.data)-d.at < 8 {
			d.failed = true
			return nil
		}
		d.at += 8
		return nil
	case 8:
		n := d.uvarint()
		if n > uint64(len(d.data)-d.at) {
			d.failed = true
			return nil
		}
		d.at += int(n)
		return d.data[d.at-int(n) : d.at : d.at]
	case 9, 10:
		head := d.byte()
		n := uint64(head >> 4)
		if n == 15 {
			n = d.uvarint()
		}
		var out []any
		for i := uint64(0); i < n && !d.failed; i++ {
			out = append(out, d.value(head&0xf, depth+1))
		}
		return out
	case 11: // a map; Parquet has none
		n := d.uvarint()
		if n == 0 {
			return nil
		}
		kinds := d.byte()
		for i := uint64(0); i < n && !d.failed; i++ {
			d.value(kinds>>4, depth+1)
			d.value(kinds&0xf, depth+1)
		}
		return nil
	case 12:
		return d.structure(depth + 1)
	}
	d.failed = true
	return nil
}
