// Package store keeps records by key across runs: what an analysis made of an
// article, under a key of everything that it depends on. It is a cache: what is
// lost or damaged is not there, and is made again.
//
// Records are appended to numbered files (segments); nothing written is changed
// again. A segment begins with a line of its own; a record is its key, the
// length of its data and their CRC-32C (little endian), and the data. A record
// that a killed program left unfinished ends its segment.
package store

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// A Key names a record: a digest of all that the record depends on.
type Key [32]byte

const (
	magic     = "standpoint store 1\n"
	headBytes = len(Key{}) + 8
	maxRecord = 1 << 30
	// commonRecord is about the bytes of a record of news, half of them short.
	commonRecord = 3000
	bufferSize   = 256 << 10
	nearBytes    = bufferSize / 4
	// checkpoint is how much work, in time, a killed program loses at most.
	checkpoint = 10 * time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Store is a folder of segments. One program at a time may open it to write;
// it is safe for concurrent use.
type Store struct {
	dir string

	mu       sync.Mutex
	where    map[Key]place
	segments map[uint32]*os.File // open for reading
	last     uint32              // the highest number in use
	current  uint32              // the segment that is written, 0 for none yet
	out      *disk.File
	buffer   *bufio.Writer
	size     int64 // of the current segment
	flushed  int64
	synced   time.Time
	syncing  sync.WaitGroup
	failed   error // of a sync in the background
	damaged  bool  // some record is
	closed   bool

	reading sync.Mutex
	ahead   window // around the record that was read last
	at      place  // of that record
}

// A place is where a record's data stand.
type place struct {
	segment uint32
	length  uint32
	crc     uint32
	offset  int64
}

// Open reads where the records are; dir is made if it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot make the folder: %w", dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read the folder: %w", dir, err)
	}
	size := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += info.Size()
		}
	}
	s := &Store{dir: dir, where: make(map[Key]place, size/commonRecord), segments: map[uint32]*os.File{}, synced: time.Now()}
	for _, e := range entries { // by name, so by number
		n, err := strconv.ParseUint(strings.TrimSuffix(e.Name(), ".log"), 10, 32)
		if err != nil || !strings.HasSuffix(e.Name(), ".log") {
			continue
		}
		s.last = max(s.last, uint32(n))
		if err := s.scan(uint32(n)); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *Store) path(n uint32) string { return filepath.Join(s.dir, fmt.Sprintf("%08d.log", n)) }

// scan takes up the records of one segment, as far as it is whole.
func (s *Store) scan(n uint32) error {
	f, err := os.Open(s.path(n))
	if err != nil {
		return fmt.Errorf("%s: cannot read: %w (remove it: its articles are analysed again)", s.path(n), err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	in := window{file: f}
	if start, err := in.read(0, len(magic)); err != nil || string(start) != magic {
		return f.Close() // nothing of ours in it
	}
	s.segments[n] = f
	for at := int64(len(magic)); at+int64(headBytes) <= info.Size(); {
		head, err := in.read(at, headBytes)
		if err != nil {
			return fmt.Errorf("%s: cannot read: %w (remove it: its articles are analysed again)", f.Name(), err)
		}
		p := place{n, binary.LittleEndian.Uint32(head[32:]), binary.LittleEndian.Uint32(head[36:]), at + int64(headBytes)}
		at = p.offset + int64(p.length)
		if p.length == 0 || p.length > maxRecord || at > info.Size() {
			break
		}
		s.where[Key(head[:32])] = p
	}
	return nil
}

// A window is a stretch of a file in memory, which moves forward: to read the head
// of every record by itself would take a call of the system for each.
type window struct {
	file   *os.File
	at     int64
	buffer []byte
}

// read returns n bytes from a place on, until the next call.
func (w *window) read(at int64, n int) ([]byte, error) {
	if at < w.at || at+int64(n) > w.at+int64(len(w.buffer)) {
		if w.buffer == nil {
			w.buffer = make([]byte, bufferSize)
		}
		got, err := w.file.ReadAt(w.buffer[:cap(w.buffer)], at)
		w.at, w.buffer = at, w.buffer[:got]
		if got < n {
			return nil, cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	return w.buffer[at-w.at:][:n], nil
}

// Length is that of the record under the key, whole or not, false where there is
// none.
func (s *Store) Length(key Key) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.where[key]
	return int(p.length), ok
}

// Has reports whether a record stands under the key.
func (s *Store) Has(key Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.where[key]
	return ok
}

// Get appends the record's data to buf. It returns false where there is none,
// or none that is whole.
func (s *Store) Get(key Key, buf []byte) ([]byte, bool) {
	s.mu.Lock()
	p, ok := s.where[key]
	var f *os.File
	if ok {
		if p.segment == s.current && p.offset+int64(p.length) > s.flushed && s.flush() != nil {
			ok = false
		}
		f = s.segments[p.segment]
	}
	s.mu.Unlock()
	if !ok {
		return nil, false
	}
	from := len(buf)
	buf = slices.Grow(buf, int(p.length))[:from+int(p.length)]
	if err := s.read(buf[from:], f, p); err != nil || sum(key, buf[from:]) != p.crc {
		s.mu.Lock()
		delete(s.where, key)
		s.damaged = true
		s.mu.Unlock()
		return nil, false
	}
	return buf, true
}

// read fills to with a record's data. Runs ask for most records nearly in the order
// in which they stand: with one that is near the last it reads those behind it, which
// saves a call of the system for each.
func (s *Store) read(to []byte, f *os.File, p place) error {
	s.reading.Lock()
	far := p.segment != s.at.segment || max(p.offset-s.at.offset, s.at.offset-p.offset) > nearBytes
	s.at = p
	if far || len(to) > nearBytes {
		s.reading.Unlock()
		_, err := f.ReadAt(to, p.offset)
		return err
	}
	defer s.reading.Unlock()
	if s.ahead.file != f {
		s.ahead = window{file: f, buffer: s.ahead.buffer[:0]}
	}
	data, err := s.ahead.read(p.offset, len(to))
	copy(to, data)
	return err
}

func sum(key Key, data []byte) uint32 {
	return crc32.Update(crc32.Checksum(key[:], castagnoli), castagnoli, data)
}

// Put adds a record. From time to time it brings to disk what was added.
func (s *Store) Put(key Key, data []byte) error {
	if len(data) == 0 || len(data) > maxRecord {
		return fmt.Errorf("%s: a record of %d bytes: want 1 to %d", s.dir, len(data), maxRecord)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(key, data); err != nil {
		return fmt.Errorf("%s: cannot write: %w (make room, or choose another --out)", s.dir, err)
	}
	return nil
}

func (s *Store) put(key Key, data []byte) error {
	if s.failed != nil {
		return s.failed
	}
	if s.closed {
		return os.ErrClosed
	}
	if s.current == 0 {
		f, err := disk.Create(s.path(s.last + 1))
		if err != nil {
			return err
		}
		in, err := os.Open(f.Name())
		if err != nil {
			f.Close()
			return err
		}
		s.last++
		s.current, s.out, s.buffer, s.size, s.flushed = s.last, f, bufio.NewWriterSize(f, bufferSize), int64(len(magic)), 0
		s.segments[s.current] = in
		if _, err := s.buffer.WriteString(magic); err != nil {
			return err
		}
	}
	crc := sum(key, data)
	head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key[:len(key):len(key)], uint32(len(data))), crc)
	if _, err := s.buffer.Write(head); err != nil {
		return err
	}
	if _, err := s.buffer.Write(data); err != nil {
		return err
	}
	s.where[key] = place{s.current, uint32(len(data)), crc, s.size + int64(headBytes)}
	s.size += int64(headBytes + len(data))
	if time.Since(s.synced) > checkpoint {
		s.synced = time.Now()
		if err := s.flush(); err != nil {
			return err
		}
		out := s.out
		s.syncing.Go(func() { // writing goes on meanwhile
			if err := out.Sync(); err != nil {
				s.mu.Lock()
				s.failed = err
				s.mu.Unlock()
			}
		})
	}
	return nil
}

// flush hands the buffer to the system; the caller holds the lock.
func (s *Store) flush() error {
	if s.buffer == nil {
		return nil
	}
	if err := s.buffer.Flush(); err != nil {
		s.failed = err
		return err
	}
	s.flushed = s.size
	return nil
}

// Sync brings everything that was put to the disk.
func (s *Store) Sync() error {
	s.syncing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.failed
	if err == nil {
		err = s.flush()
	}
	if err == nil && s.out != nil {
		err = s.out.Sync()
	}
	if err == nil && s.out != nil {
		err = disk.Sync(s.dir)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w (make room, or choose another --out)", s.dir, err)
	}
	return nil
}

// Mend drops for good the records that Get has found damaged, if any: who asks for
// their length alone, after the store is opened anew, would take them for whole.
func (s *Store) Mend() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.damaged {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.damaged = false
	return s.rewrite(slices.Collect(maps.Keys(s.where)))
}

// Close ends the use of the store. What was put and not synced may be lost.
func (s *Store) Close() error {
	s.syncing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.flush()
	if s.out != nil {
		err = errors.Join(err, s.out.Close())
		s.out, s.buffer = nil, nil
	}
	for _, f := range s.segments {
		f.Close()
	}
	clear(s.segments)
	clear(s.where)
	s.closed = true
	return err
}

// Len is how many records there are.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.where)
}

// Tidy drops the records that live, nil for all, does not want, once they take more room than
// those that it wants and than least bytes. It copies the others into one new
// segment and removes the old ones after that is on the disk.
func (s *Store) Tidy(live func(Key) bool, least int64) error {
	if err := s.Sync(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var keep []Key
	var kept, all int64
	for key, p := range s.where {
		if live == nil {
			kept += int64(p.length)
		} else if live(key) {
			keep = append(keep, key)
			kept += int64(p.length)
		}
	}
	for _, f := range s.segments {
		if info, err := f.Stat(); err == nil {
			all += info.Size()
		}
	}
	if all-kept < max(kept, least) {
		return nil
	}
	if live == nil {
		keep = slices.Collect(maps.Keys(s.where))
	}
	return s.rewrite(keep)
}

// rewrite makes one segment of the records and removes the old ones; the caller
// holds the lock.
func (s *Store) rewrite(keep []Key) error {
	slices.SortFunc(keep, func(a, b Key) int {
		p, q := s.where[a], s.where[b]
		return cmp.Or(cmp.Compare(p.segment, q.segment), cmp.Compare(p.offset, q.offset))
	})
	if err := s.copyOut(keep); err != nil {
		return fmt.Errorf("%s: cannot be tidied: %w", s.dir, err)
	}
	return nil
}

func (s *Store) copyOut(keep []Key) error {
	n := s.last + 1
	aside := s.path(n) + ".partial"
	f, err := disk.Create(aside)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, bufferSize)
	if _, err := w.WriteString(magic); err != nil {
		return err
	}
	where := make(map[Key]place, len(keep))
	at := int64(len(magic))
	for _, key := range keep {
		p := s.where[key]
		head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key[:len(key):len(key)], p.length), p.crc)
		if _, err := w.Write(head); err != nil {
			return err
		}
		if _, err := io.Copy(w, io.NewSectionReader(s.segments[p.segment], p.offset, int64(p.length))); err != nil {
			return err
		}
		p.segment, p.offset = n, at+int64(headBytes)
		where[key] = p
		at += int64(headBytes) + int64(p.length)
	}
	if err := errors.Join(w.Flush(), f.Sync()); err != nil {
		return err
	}
	if err := disk.Rename(aside, s.path(n)); err != nil {
		return err
	}
	if err := disk.Sync(s.dir); err != nil {
		return err
	}
	in, err := os.Open(s.path(n))
	if err != nil {
		return err
	}
	if s.out != nil {
		s.out.Close()
		s.out, s.buffer, s.current = nil, nil, 0
	}
	for old, file := range s.segments {
		file.Close()
		delete(s.segments, old)
		if err := disk.RemoveAll(s.path(old)); err != nil {
			in.Close()
			return err
		}
	}
	s.last, s.where, s.segments[n] = n, where, in
	return nil
}
