package reader

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/standpoint-news/standpoint/corpus"
)

// The columns that hold articles are flat, and few. They are decoded here and
// not by parquet-go (which writes the tables): that takes sizes and counts on
// trust, so that a few bytes can ask for all memory, and fills the rows of a
// damaged page with nulls.

const (
	maxFooter      = 16 << 20
	maxParquetPage = 128 << 20 // DuckDB writes pages of up to 100 MB
	maxPageHeader  = 4 << 20   // it holds the least and the greatest value
)

// A columnError says what of a Parquet file cannot be read.
type columnError struct{ cause string }

func (e *columnError) Error() string { return e.cause }

func broken(format string, args ...any) error { return &columnError{fmt.Sprintf(format, args...)} }

// parquet reads a table of one article a row (Apache Parquet 2.10). Lines of
// places are numbers of rows.
func (r *run) parquet(s source, b *bufio.Reader) error {
	at, size, closing, err := r.seekable(s, b)
	if err != nil {
		return r.ended(s, 0, err, nil)
	}
	defer closing()
	row, err := r.parquetRows(s, at, size)
	var bad *columnError
	switch {
	case errors.As(err, &bad):
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: row}, Reason: MalformedParquet,
			Message: "not read as Parquet: " + bad.cause, Mend: "write it again with pandas or DuckDB; what came before was read"})
	case errors.Is(err, errThrift), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.reject(&Rejection{Place: corpus.Place{Path: s.path, Line: row}, Reason: Corrupt,
			Message: "damaged: the Parquet file is broken or cut short", Mend: "fetch it again; what came before was read"})
	}
	return err
}

// A columnInfo is a flat column of the schema.
type columnInfo struct {
	name     string
	index    int // among the leaves, as row groups list them
	kind     int64
	length   int
	optional bool
	stamp    time.Duration // unit of a timestamp, or 0
	date     bool
	slots    []slot
}

// parquetRows yields the rows and returns the number of the one that it
// stopped in.
func (r *run) parquetRows(s source, at io.ReaderAt, size int64) (int, error) {
	var tail [8]byte
	if size < 12 {
		return 0, io.ErrUnexpectedEOF
	}
	if _, err := at.ReadAt(tail[:], size-8); err != nil {
		return 0, err
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != "PAR1" || length > size-12 || length > maxFooter {
		if string(tail[4:]) == "PARE" {
			return 0, broken("it is encrypted")
		}
		return 0, io.ErrUnexpectedEOF
	}
	footer := make([]byte, length)
	if _, err := at.ReadAt(footer, size-8-length); err != nil {
		return 0, err
	}
	file, _, err := readThrift(footer)
	if err != nil {
		return 0, err
	}
	columns, names, err := r.parquetSchema(file.list(2))
	if err != nil {
		return 0, err
	}
	hasText := false
	for _, c := range columns {
		for _, slot := range c.slots {
			hasText = hasText || slot.field == fieldText
		}
	}
	if !hasText {
		return 0, r.reject(&Rejection{Place: corpus.Place{Path: s.path}, Reason: MissingText,
			Message: "no text: none of the columns " + shorten(joinNames(names)) + " holds it, so no row was read",
			Mend:    "name the column that holds the text under fields.text in the configuration"})
	}
	rows := int64(0)
	for _, g := range file.list(4) {
		group, _ := g.(thriftStruct)
		if n := group.int(3, 0); n < 0 || n > size-rows { // an article takes more than a byte
			return 0, r.reject(bomb(s, 0))
		}
		rows += group.int(3, 0)
	}
	row := 0
	for _, g := range file.list(4) {
		group, _ := g.(thriftStruct)
		chunks := group.list(1)
		readers := make([]*columnReader, len(columns))
		for i, c := range columns {
			if c.index >= len(chunks) {
				return row, broken("a row group lacks the column %q", c.name)
			}
			chunk, _ := chunks[c.index].(thriftStruct)
			if readers[i], err = newColumnReader(at, size, c, chunk.fields(3)); err != nil {
				return row, err
			}
		}
		for range group.int(3, 0) {
			row++
			var p picker
			origin := corpus.Origin{Format: s.format.String(), Encoding: utf8Name}
			for i, c := range columns {
				raw, err := readers[i].next()
				if err != nil {
					return row, err
				}
				if raw == "" {
					continue
				}
				value, found, replaced := decode([]byte(raw))
				if found != utf8Name {
					origin.Encoding = found
				}
				origin.Replaced += replaced
				r.options.Survey.met(r.fields, c.name)
				for _, slot := range c.slots {
					p.offer(slot, c.name, string(value))
				}
			}
			r.options.Survey.used(&p)
			if err := r.article(corpus.Place{Path: s.path, Line: row}, origin, &p.record); err != nil {
				return row, err
			}
		}
	}
	if row == 0 {
		return 0, r.reject(empty(s, "the table holds no row"))
	}
	return row, nil
}

func joinNames(names []string) string {
	var b bytes.Buffer
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n)
	}
	return b.String()
}

// parquetSchema lists the flat columns whose names stand for a property, and
// the names of all columns at the top.
func (r *run) parquetSchema(elements []any) (columns []columnInfo, names []string, err error) {
	if len(elements) == 0 {
		return nil, nil, errThrift
	}
	root, _ := elements[0].(thriftStruct)
	at, leaf := 1, 0
	var skip func(n int64, depth int) bool
	skip = func(n int64, depth int) bool {
		for range n {
			if at >= len(elements) || depth > maxThriftDepth {
				return false
			}
			e, _ := elements[at].(thriftStruct)
			at++
			if children := e.int(5, 0); children > 0 {
				if !skip(children, depth+1) {
					return false
				}
			} else {
				leaf++
			}
		}
		return true
	}
	for range root.int(5, 0) {
		if at >= len(elements) {
			return nil, nil, errThrift
		}
		e, _ := elements[at].(thriftStruct)
		name := e.bytes(4)
		names = append(names, name)
		if children := e.int(5, 0); children > 0 || e.int(3, 0) == 2 { // a group, or repeated
			if children == 0 {
				at, leaf = at+1, leaf+1
			} else if !skip(1, 0) {
				return nil, nil, errThrift
			}
			continue
		}
		c := columnInfo{name: name, index: leaf, kind: e.int(1, -1), length: int(e.int(2, 0)), optional: e.int(3, 0) == 1, slots: r.fields.find(name)}
		switch e.int(6, -1) {
		case 6:
			c.date = true
		case 9:
			c.stamp = time.Millisecond
		case 10:
			c.stamp = time.Microsecond
		}
		logical := e.fields(10)
		if _, ok := logical[6]; ok {
			c.date = true
		}
		if unit := logical.fields(8).fields(2); unit != nil {
			for field, d := range []time.Duration{time.Millisecond, time.Microsecond, time.Nanosecond} {
				if _, ok := unit[int16(field+1)]; ok {
					c.stamp = d
				}
			}
		}
		if at, leaf = at+1, leaf+1; len(c.slots) > 0 {
			columns = append(columns, c)
		}
	}
	return columns, names, nil
}

// A columnReader reads the values of a column in one row group.
type columnReader struct {
	columnInfo
	at         io.ReaderAt
	off, end   int64
	codec      int64
	dictionary []string
	page       valuePage
}

// A valuePage is one page, decompressed; values are decoded as they are asked for.
type valuePage struct {
	left    int64 // values, nulls included
	defined hybrid
	some    bool // there are definition levels
	values  []byte
	keys    hybrid // of the dictionary
	keyed   bool
	texts   []string // where the encoding does not let them be decoded one by one
	listed  bool
	deltas  *delta // of integers
	bit     int    // of a boolean
}

func newColumnReader(at io.ReaderAt, size int64, c columnInfo, meta thriftStruct) (*columnReader, error) {
	start := meta.int(9, -1)
	if dictionary := meta.int(11, 0); dictionary > 0 && dictionary < start {
		start = dictionary
	}
	length := meta.int(7, -1)
	if start < 4 || length < 0 || start > size || length > size-start {
		return nil, errThrift
	}
	return &columnReader{columnInfo: c, at: at, off: start, end: start + length, codec: meta.int(4, 0)}, nil
}

// next is the next value as text, empty for null.
func (c *columnReader) next() (string, error) {
	for c.page.left == 0 {
		if err := c.nextPage(); err != nil {
			return "", err
		}
	}
	p := &c.page
	p.left--
	if p.some {
		level, err := p.defined.next()
		if err != nil {
			return "", err
		}
		if level == 0 {
			return "", nil
		}
	}
	if p.keyed {
		key, err := p.keys.next()
		if err != nil {
			return "", err
		}
		if int64(key) >= int64(len(c.dictionary)) {
			return "", broken("the column %q refers to a value that its dictionary lacks", c.name)
		}
		return c.dictionary[key], nil
	}
	switch {
	case p.listed:
		if len(p.texts) == 0 {
			return "", io.ErrUnexpectedEOF
		}
		value := p.texts[0]
		p.texts = p.texts[1:]
		return value, nil
	case p.deltas != nil:
		n, err := p.deltas.next()
		if c.kind == 1 {
			n = int64(int32(n))
		}
		return c.integer(n), err
	}
	return c.plain(p)
}

func (c *columnReader) nextPage() error {
	head := make([]byte, min(maxPageHeader, c.end-c.off, 4<<10))
	header, n := thriftStruct(nil), 0
	for {
		if len(head) == 0 {
			return io.ErrUnexpectedEOF
		}
		if _, err := c.at.ReadAt(head, c.off); err != nil {
			return err
		}
		var err error
		if header, n, err = readThrift(head); err == nil {
			break
		}
		longer := min(maxPageHeader, c.end-c.off, 16*int64(len(head)))
		if longer == int64(len(head)) {
			return err
		}
		head = make([]byte, longer)
	}
	c.off += int64(n)
	packed, size := header.int(3, -1), header.int(2, -1)
	if packed < 0 || size < 0 || packed > c.end-c.off {
		return errThrift
	}
	if packed > maxParquetPage || size > maxParquetPage {
		return broken("the column %q has a page of %d bytes, the limit is %d", c.name, max(packed, size), maxParquetPage)
	}
	raw := make([]byte, packed)
	if _, err := c.at.ReadAt(raw, c.off); err != nil {
		return err
	}
	c.off += packed
	switch kind := header.int(1, -1); kind {
	case 0:
		return c.dataPage(header.fields(5), raw, size)
	case 2:
		data, err := unpackPage(c.codec, raw, size)
		if err != nil {
			return err
		}
		d := valuePage{values: data}
		c.dictionary = nil
		count := header.fields(7).int(1, -1)
		for range count {
			v, err := c.plain(&d)
			if err != nil {
				return err
			}
			c.dictionary = append(c.dictionary, v)
		}
		return nil
	case 3:
		return c.dataPage2(header.fields(8), raw, size)
	}
	return nil // an index
}

func (c *columnReader) dataPage(h thriftStruct, raw []byte, size int64) error {
	data, err := unpackPage(c.codec, raw, size)
	if err != nil {
		return err
	}
	p := valuePage{left: h.int(1, -1), values: data}
	if c.optional {
		if len(data) < 4 || h.int(3, 3) != 3 {
			return errThrift
		}
		n := int64(binary.LittleEndian.Uint32(data))
		if n > int64(len(data)-4) {
			return errThrift
		}
		p.some, p.defined, p.values = true, hybrid{data: data[4 : 4+n], width: 1}, data[4+n:]
	}
	return c.begin(p, h.int(2, -1))
}

func (c *columnReader) dataPage2(h thriftStruct, raw []byte, size int64) error {
	levels, repeats := h.int(5, -1), h.int(6, -1)
	if levels < 0 || repeats < 0 || levels > int64(len(raw)) || repeats > int64(len(raw))-levels {
		return errThrift
	}
	data := raw[levels+repeats:]
	if compressed, given := h[7].(bool); compressed || !given {
		var err error
		if data, err = unpackPage(c.codec, data, size-levels-repeats); err != nil {
			return err
		}
	}
	p := valuePage{left: h.int(1, -1), values: data}
	if c.optional {
		p.some, p.defined = true, hybrid{data: raw[repeats : repeats+levels], width: 1}
	}
	return c.begin(p, h.int(4, -1))
}

// begin takes up a page whose values are in the given encoding.
func (c *columnReader) begin(p valuePage, encoding int64) error {
	if p.left < 0 {
		return errThrift
	}
	switch encoding {
	case 0:
	case 2, 8:
		p.keyed = true
		if len(p.values) > 0 {
			if p.values[0] > 32 {
				return errThrift
			}
			p.keys = hybrid{data: p.values[1:], width: int(p.values[0])}
		}
	case 5:
		var err error
		if p.deltas, err = newDelta(p.values); err != nil {
			return err
		}
	case 6, 7:
		var err error
		if p.texts, err = deltaTexts(p.values, p.left, encoding == 7); err != nil {
			return err
		}
		p.listed = true
	default:
		return broken("the column %q is in an encoding (number %d) that is not read here", c.name, encoding)
	}
	c.page = p
	return nil
}

// plain decodes the next value in PLAIN encoding.
func (c *columnReader) plain(p *valuePage) (string, error) {
	take := func(n int) ([]byte, error) {
		if n < 0 || n > len(p.values) {
			return nil, io.ErrUnexpectedEOF
		}
		b := p.values[:n]
		p.values = p.values[n:]
		return b, nil
	}
	sizes := [...]int{0, 4, 8, 12, 4, 8, 4, c.length}
	if c.kind < 0 || c.kind >= int64(len(sizes)) {
		return "", broken("the column %q has a type that does not exist", c.name)
	}
	if c.kind == 0 { // a boolean gives no property
		if p.bit++; p.bit%8 == 1 {
			_, err := take(1)
			return "", err
		}
		return "", nil
	}
	b, err := take(sizes[c.kind])
	if err != nil {
		return "", err
	}
	switch c.kind {
	case 1:
		return c.integer(int64(int32(binary.LittleEndian.Uint32(b)))), nil
	case 2:
		return c.integer(int64(binary.LittleEndian.Uint64(b))), nil
	case 3: // nanoseconds of the day, and the Julian day
		day := int64(binary.LittleEndian.Uint32(b[8:])) - 2440588
		return time.Unix(day*86400, int64(binary.LittleEndian.Uint64(b))).UTC().Format(time.RFC3339Nano), nil
	case 4:
		return number64(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))), nil
	case 5:
		return number64(math.Float64frombits(binary.LittleEndian.Uint64(b))), nil
	case 6:
		if b, err = take(int(int32(binary.LittleEndian.Uint32(b)))); err != nil {
			return "", err
		}
	}
	return string(b), nil
}

func (c *columnReader) integer(n int64) string {
	switch {
	case c.date:
		return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
	case c.stamp > 0:
		per := int64(time.Second / c.stamp)
		return time.Unix(n/per, n%per*int64(c.stamp)).UTC().Format(time.RFC3339Nano)
	}
	return strconv.FormatInt(n, 10)
}

func number64(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// unpackPage decompresses a page that must come to the given size.
func unpackPage(codec int64, raw []byte, size int64) ([]byte, error) {
	if size < 0 {
		return nil, errThrift
	}
	var data []byte
	var err error
	var stream io.Reader
	switch codec {
	case 0:
		data = raw
	case 1:
		var n int
		if n, err = snappy.DecodedLen(raw); err == nil && int64(n) == size {
			data, err = snappy.Decode(nil, raw)
		}
	case 2:
		stream, err = gzip.NewReader(bytes.NewReader(raw))
	case 6:
		var z *zstd.Decoder
		if z, err = zstd.NewReader(bytes.NewReader(raw), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow)); err == nil {
			defer z.Close()
			stream = z
		}
	case 7:
		data = make([]byte, size)
		var n int
		n, err = lz4.UncompressBlock(raw, data)
		data = data[:max(0, n)]
	default:
		return nil, broken("it is compressed with a method (number %d) that is not read here; snappy, gzip, zstd and lz4_raw are", codec)
	}
	if stream != nil && err == nil {
		var b bytes.Buffer
		_, err = io.Copy(&b, io.LimitReader(stream, size+1))
		data = b.Bytes()
	}
	if err != nil || int64(len(data)) != size {
		return nil, io.ErrUnexpectedEOF
	}
	return data, nil
}

// A hybrid reads numbers in Parquet's mix of run-length encoding and bit
// packing.
type hybrid struct {
	data  []byte
	width int
	left  uint64 // of the run
	bits  uint64 // position within a packed run
	value uint32
	pack  []byte // of a packed run; nil for a repeated value
}

func (h *hybrid) next() (uint32, error) {
	if h.width == 0 {
		return 0, nil
	}
	for h.left == 0 {
		head, n := binary.Uvarint(h.data)
		if n <= 0 {
			return 0, io.ErrUnexpectedEOF
		}
		h.data = h.data[n:]
		if head&1 == 0 {
			width := (h.width + 7) / 8
			if width > len(h.data) {
				return 0, io.ErrUnexpectedEOF
			}
			h.value = 0
			for i := range width {
				h.value |= uint32(h.data[i]) << (8 * i)
			}
			h.left, h.pack, h.data = head>>1, nil, h.data[width:]
			continue
		}
		groups := head >> 1
		if groups > uint64(len(h.data)) {
			groups = uint64(len(h.data))
		}
		size := min(groups*uint64(h.width), uint64(len(h.data))) // the last run may be cut off
		h.left, h.bits, h.pack, h.data = groups*8, 0, h.data[:size], h.data[size:]
	}
	h.left--
	if h.pack == nil {
		return h.value, nil
	}
	if h.bits+uint64(h.width) > 8*uint64(len(h.pack)) {
		return 0, io.ErrUnexpectedEOF
	}
	value := uint32(0)
	for i := range h.width {
		bit := h.bits + uint64(i)
		value |= uint32(h.pack[bit/8]>>(bit%8)&1) << i
	}
	h.bits += uint64(h.width)
	return value, nil
}

// A delta reads integers in DELTA_BINARY_PACKED encoding.
type delta struct {
	data      []byte
	left      uint64 // values, the first included
	value     int64
	started   bool
	perBlock  uint64
	miniCount uint64
	least     int64 // of the block's deltas
	widths    []byte
	mini      []byte // of the miniblock
	bit       uint64
	inMini    uint64 // values left in it
}

func newDelta(data []byte) (*delta, error) {
	d := &delta{data: data}
	d.perBlock, d.miniCount, d.left = d.uvarint(), d.uvarint(), d.uvarint()
	d.value = d.zigzag()
	if d.data == nil || d.miniCount == 0 || d.perBlock == 0 || d.perBlock > 1<<20 || d.perBlock%d.miniCount != 0 || d.perBlock/d.miniCount%8 != 0 {
		return nil, errThrift
	}
	return d, nil
}

// uvarint leaves data nil where it ends early.
func (d *delta) uvarint() uint64 {
	n, size := binary.Uvarint(d.data)
	if size <= 0 {
		d.data = nil
		return 0
	}
	d.data = d.data[size:]
	return n
}

func (d *delta) zigzag() int64 {
	n := d.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *delta) next() (int64, error) {
	if d.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	d.left--
	if !d.started {
		d.started = true
		return d.value, nil
	}
	if d.inMini == 0 {
		if len(d.widths) == 0 {
			d.least = d.zigzag()
			if d.data == nil || uint64(len(d.data)) < d.miniCount {
				return 0, io.ErrUnexpectedEOF
			}
			d.widths, d.data = d.data[:d.miniCount], d.data[d.miniCount:]
		}
		d.inMini = d.perBlock / d.miniCount
		size := min(d.inMini*uint64(d.widths[0])/8, uint64(len(d.data))) // the last may be cut off
		d.mini, d.data, d.bit = d.data[:size:size], d.data[size:], 0
	}
	width := uint64(d.widths[0])
	if width > 64 || d.bit+width > 8*uint64(len(d.mini)) {
		return 0, io.ErrUnexpectedEOF
	}
	step := uint64(0)
	for i := range width {
		step |= uint64(d.mini[(d.bit+i)/8]>>((d.bit+i)%8)&1) << i
	}
	d.bit += width
	if d.inMini--; d.inMini == 0 {
		d.widths = d.widths[1:]
	}
	d.value += d.least + int64(step)
	return d.value, nil
}

// lengths reads the values of one run of DELTA_BINARY_PACKED and what follows it.
func lengths(data []byte, limit int64) ([]int32, []byte, error) {
	d, err := newDelta(data)
	if err != nil || d.left > uint64(limit) {
		return nil, nil, errThrift
	}
	var out []int32
	for d.left > 0 {
		n, err := d.next()
		if err != nil || n < 0 || n > maxParquetPage {
			return nil, nil, errThrift
		}
		out = append(out, int32(n))
	}
	return out, d.data, nil
}

// deltaTexts decodes DELTA_LENGTH_BYTE_ARRAY, or DELTA_BYTE_ARRAY where the
// values share beginnings.
func deltaTexts(data []byte, limit int64, shared bool) ([]string, error) {
	var prefixes []int32
	var err error
	if shared {
		if prefixes, data, err = lengths(data, limit); err != nil {
			return nil, err
		}
	}
	sizes, data, err := lengths(data, limit)
	if err != nil || shared && len(prefixes) != len(sizes) {
		return nil, errThrift
	}
	out := make([]string, len(sizes))
	total := 0
	for i, n := range sizes {
		if int(n) > len(data) {
			return nil, errThrift
		}
		out[i] = string(data[:n])
		data = data[n:]
		if shared && prefixes[i] > 0 {
			if i == 0 || int(prefixes[i]) > len(out[i-1]) {
				return nil, errThrift
			}
			out[i] = out[i-1][:prefixes[i]] + out[i]
		}
		if total += len(out[i]); total > maxParquetPage {
			return nil, broken("a page of more than %d bytes", maxParquetPage)
		}
	}
	return out, nil
}
