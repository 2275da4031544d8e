package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The store holds batches in a form of its own, field after field: JSON takes
// longer to read back than the tables take to write. Numbers are varints, or
// eight bytes for floats; strings, lists and maps begin with their length;
// pointers with 0 for nil or 1. A record is an outline of the batch with its
// length before it, and the whole batch, compressed by Zstandard.

// outline is a batch without what stands in its own rows alone: all that other
// articles, the totals and the settling of copies and speakers go by. Most
// articles of a night need be read no further.
func outline(b *Batch) *Batch {
	out := &Batch{Article: b.Article, Aliases: b.Aliases, Lines: b.Lines, Sketch: b.Sketch,
		Statements: make([]StatementRow, len(b.Statements)), Stances: make([]StanceRow, len(b.Stances))}
	out.Article.Text = ""
	for i := range b.Statements {
		s := &b.Statements[i]
		out.Statements[i] = StatementRow{ID: s.ID, SpeakerID: s.SpeakerID, SpeakerName: s.SpeakerName, SpeakerType: s.SpeakerType,
			SpeakerWikidata: s.SpeakerWikidata, QuotationGroup: s.QuotationGroup}
	}
	for i := range b.Stances {
		s := &b.Stances[i]
		out.Stances[i] = StanceRow{StatementID: s.StatementID, Target: s.Target, Score: s.Score, Label: s.Label}
	}
	return out
}

// appendValue appends a value. It panics on a float that is no number.
func appendValue(to []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			to = appendValue(to, v.Field(i))
		}
	case reflect.String:
		to = appendText(to, v.String())
	case reflect.Int32, reflect.Int64:
		to = binary.AppendVarint(to, v.Int())
	case reflect.Bool:
		to = appendFlag(to, v.Bool())
	case reflect.Float64:
		to = appendFloat(to, v.Float())
	case reflect.Pointer:
		to = appendFlag(to, !v.IsNil())
		if !v.IsNil() {
			to = appendValue(to, v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return appendBytes(to, v.Bytes())
		}
		to = binary.AppendUvarint(to, uint64(v.Len()))
		for i := range v.Len() {
			to = appendValue(to, v.Index(i))
		}
	case reflect.Map:
		to = binary.AppendUvarint(to, uint64(v.Len()))
		for it := v.MapRange(); it.Next(); { // read into a map again: its order matters to nobody
			to = appendValue(appendValue(to, it.Key()), it.Value())
		}
	default:
		panic(fmt.Errorf("no form for %v", v.Type()))
	}
	return to
}

func appendText(to []byte, s string) []byte {
	s = clean(s)
	return append(binary.AppendUvarint(to, uint64(len(s))), s...)
}

func appendBytes(to, b []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(b))), b...)
}

func appendFlag(to []byte, flag bool) []byte {
	if flag {
		return append(to, 1)
	}
	return append(to, 0)
}

func appendFloat(to []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		panic(fmt.Errorf("a number is %v", x))
	}
	return binary.LittleEndian.AppendUint64(to, math.Float64bits(x))
}

// encode is a batch as the spool holds it.
func encode(b *Batch) (record []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("article %q: cannot be written: %v", b.Article.ID, r)
		}
	}()
	head := appendValue(nil, reflect.ValueOf(outline(b)).Elem())
	plain := appendValue(make([]byte, 0, 1024+2*len(b.Article.Text)), reflect.ValueOf(b).Elem())
	record = append(binary.AppendUvarint(make([]byte, 0, len(head)+len(plain)/2), uint64(len(head))), head...)
	return packer().EncodeAll(plain, record), nil
}

// Both are safe for concurrent use by EncodeAll and DecodeAll.
var (
	packer = sync.OnceValue(func() *zstd.Encoder {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // of the options above
		}
		return z
	})
	unpacker = sync.OnceValue(func() *zstd.Decoder {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			panic(err)
		}
		return z
	})
)

// decode is the inverse of encode.
func decode(record []byte) (*Batch, error) {
	_, packed, err := split(record)
	if err != nil {
		return nil, err
	}
	plain, err := unpacker().DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	return decodeBatch(plain)
}

// decodeOutline reads the outline of a batch from its record.
func decodeOutline(record []byte) (*Batch, error) {
	head, _, err := split(record)
	if err != nil {
		return nil, err
	}
	return decodeBatch(head)
}

// split cuts a record into its outline and the compressed batch.
func split(record []byte) (head, packed []byte, err error) {
	length, n := binary.Uvarint(record)
	if n <= 0 || length > uint64(len(record)-n) {
		return nil, nil, errors.New("damaged: cut short")
	}
	end := n + int(length)
	return record[n:end], record[end:], nil
}

func decodeBatch(plain []byte) (*Batch, error) {
	b := &Batch{}
	if err := decodeInto(plain, reflect.ValueOf(b).Elem()); err != nil {
		return nil, err
	}
	return b, nil
}

// decodeInto is the inverse of appendValue.
func decodeInto(plain []byte, v reflect.Value) error {
	return decodeWith(plain, func(d *decoder) { d.value(v) })
}

// decodeWith reads a record, all of it.
func decodeWith(plain []byte, read func(*decoder)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	d := decoder(plain)
	read(&d)
	if len(d) > 0 {
		return fmt.Errorf("damaged: %d bytes too many", len(d))
	}
	return nil
}

// A decoder is what is left of a record. It panics where the record is cut.
type decoder string

func (d *decoder) bytes(n int) string {
	s := string((*d)[:n])
	*d = (*d)[n:]
	return s
}

func (d *decoder) uvarint() (x uint64) {
	for shift := 0; ; shift += 7 {
		b := d.bytes(1)[0]
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
	}
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) flag() bool { return d.bytes(1) == "\x01" }

// text is apart from the record: else a short name would keep its whole article in
// memory.
func (d *decoder) text() string { return strings.Clone(d.bytes(int(d.uvarint()))) }

func (d *decoder) list() []byte { return []byte(d.bytes(int(d.uvarint()))) }

func (d *decoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	case reflect.String:
		v.SetString(d.text())
	case reflect.Int32, reflect.Int64:
		v.SetInt(d.varint())
	case reflect.Bool:
		v.SetBool(d.flag())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64([]byte(d.bytes(8)))))
	case reflect.Pointer:
		if d.flag() {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(d.list())
		} else if n := int(d.uvarint()); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				d.value(v.Index(i))
			}
		}
	case reflect.Map:
		n := int(d.uvarint())
		v.Set(reflect.MakeMapWithSize(v.Type(), n))
		for range n {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			d.value(key)
			d.value(value)
			v.SetMapIndex(key, value)
		}
	}
}

// clean puts U+FFFD where text is not UTF-8.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
