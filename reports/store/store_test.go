package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/standpoint-news/standpoint/reports/disk"
)

func key(n int) Key       { return sha256.Sum256(fmt.Append(nil, "key ", n)) }
func record(n int) []byte { return bytes.Repeat(fmt.Append(nil, "record ", n, ". "), 1+n%7) }

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fill(t testing.TB, s *Store, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := s.Put(key(n), record(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// holds checks that the store has exactly the records from..to whole.
func holds(t testing.TB, s *Store, from, to, of int) {
	t.Helper()
	for n := range of {
		data, ok := s.Get(key(n), nil)
		if want := from <= n && n < to; ok != want || ok && !bytes.Equal(data, record(n)) {
			t.Errorf("record %d: found %v, want %v; %q", n, ok, want, data)
		}
	}
}

func TestRecordsStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	var group sync.WaitGroup
	for part := range 4 {
		group.Go(func() { fill(t, s, part*25, part*25+25) })
	}
	group.Wait()
	holds(t, s, 0, 100, 110)
	if err := errors.Join(s.Sync(), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	holds(t, s, 0, 100, 110)
	fill(t, s, 100, 110)
	s.Close()
	holds(t, open(t, dir), 0, 110, 110)
}

// TestReadAhead holds that records are read whole in whatever order, small and
// large ones, also while others are put.
func TestReadAhead(t *testing.T) {
	s := open(t, t.TempDir())
	large := func(n int) []byte { return bytes.Repeat(record(n), 1+n*n%5000) }
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 150 {
		if err := s.Put(key(n), large(n)); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			m := max(0, n-r.IntN(1+r.IntN(n+1))) // near the last, mostly
			if data, ok := s.Get(key(m), nil); !ok || !bytes.Equal(data, large(m)) {
				t.Fatalf("record %d of %d: found %v, %d bytes, want %d", m, n, ok, len(data), len(large(m)))
			}
		}
	}
}

// TestCutAnywhere holds that a segment cut at any byte keeps the records before
// the cut, and can be gone on with.
func TestCutAnywhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	fill(t, s, 0, 5)
	s.Close()
	path := filepath.Join(dir, "00000001.log")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(path, whole[:cut], 0o666); err != nil {
			t.Fatal(err)
		}
		n, size := 0, len(magic)
		for n < 5 && size+headBytes+len(record(n)) <= cut {
			size += headBytes + len(record(n))
			n++
		}
		s := open(t, dir)
		holds(t, s, 0, n, 6)
		fill(t, s, n, 6)
		s.Close()
		s = open(t, dir)
		holds(t, s, 0, 6, 6)
		s.Close()
		os.Remove(filepath.Join(dir, "00000002.log"))
	}
}

// TestDamage holds that no changed byte passes for a record.
func TestDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	fill(t, s, 0, 4)
	s.Close()
	path := filepath.Join(dir, "00000001.log")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x20
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		for n := range 4 {
			if data, ok := s.Get(key(n), nil); ok && !bytes.Equal(data, record(n)) {
				t.Fatalf("byte %d changed: record %d reads %q", i, n, data)
			}
		}
		s.Close()
	}
}

func TestTidy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	fill(t, s, 0, 50)
	s.Close()
	s = open(t, dir)
	fill(t, s, 50, 60)
	live := map[Key]bool{}
	for n := 40; n < 60; n++ {
		live[key(n)] = true
	}
	few := func(k Key) bool { return live[k] }
	if err := s.Tidy(few, 1<<20); err != nil {
		t.Fatal(err)
	}
	holds(t, s, 0, 60, 60) // too little to be worth it
	if err := s.Tidy(few, 0); err != nil {
		t.Fatal(err)
	}
	holds(t, s, 40, 60, 60)
	fill(t, s, 60, 61)
	s.Close()
	holds(t, open(t, dir), 40, 61, 61)
}

// TestCheckpoint holds that what was put before the last checkpoint is there
// after a kill.
func TestCheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	fill(t, s, 0, 10)
	s.synced = time.Now().Add(-2 * checkpoint)
	fill(t, s, 10, 11)
	fill(t, s, 11, 15) // in the buffer
	holds(t, open(t, dir), 0, 11, 15)
}

// FuzzSegment holds that no segment, whatever its bytes, gives a record that was
// not put.
func FuzzSegment(f *testing.F) {
	dir := f.TempDir()
	s := open(f, dir)
	fill(f, s, 0, 3)
	s.Close()
	whole, err := os.ReadFile(filepath.Join(dir, "00000001.log"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, segment []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000001.log"), segment, 0o666); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		for n := range 3 {
			if data, ok := s.Get(key(n), nil); ok && !bytes.Contains(segment, data) {
				t.Errorf("record %d reads %q", n, data)
			}
		}
		fill(t, s, 5, 6)
		s.Close()
		if data, ok := open(t, dir).Get(key(5), nil); !ok || !bytes.Equal(data, record(5)) {
			t.Error("what was put behind it is lost")
		}
	})
}

func BenchmarkPut(b *testing.B) {
	s := open(b, b.TempDir())
	data := bytes.Repeat([]byte("statement "), 300)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := s.Put(key(n), data); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFaults holds that a step that fails is an error, and loses no record that
// was synced before.
func TestFaults(t *testing.T) {
	defer func() { disk.Fault = nil }()
	broken := errors.New("no space")
	for at := 1; ; at++ {
		dir := filepath.Join(t.TempDir(), "store")
		s := open(t, dir)
		fill(t, s, 0, 10)
		s.Close()
		s = open(t, dir)
		step := 0
		disk.Fault = func(string, string) error {
			if step++; step == at {
				return broken
			}
			return nil
		}
		var err error
		for n := 10; n < 20 && err == nil; n++ {
			err = s.Put(key(n), record(n))
		}
		err = errors.Join(err, s.Sync(), s.Tidy(func(k Key) bool { return k == key(3) }, 0))
		disk.Fault = nil
		s.Close()
		if step < at {
			if err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, broken) {
			t.Fatalf("step %d failed, and no error came: %v", at, err)
		}
		if data, ok := open(t, dir).Get(key(3), nil); !ok || !bytes.Equal(data, record(3)) {
			t.Fatalf("step %d failed: a synced record is lost", at)
		}
	}
}

// TestTidyOverwritten holds that records which were put again go once they take more
// room than those in their place, also where all keys are wanted.
func TestTidyOverwritten(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store"))
	for range 3 {
		fill(t, s, 0, 20)
	}
	if err := s.Tidy(nil, 0); err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, f := range s.segments {
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	want := int64(len(magic))
	for n := range 20 {
		want += int64(headBytes + len(record(n)))
	}
	if size != want || s.Len() != 20 {
		t.Errorf("%d records in %d bytes, want 20 in %d", s.Len(), size, want)
	}
	holds(t, s, 0, 20, 20)
	s.Close()
}

// TestMend holds that a record found damaged is not there when the store is opened
// again, and that the others are.
func TestMend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	fill(t, s, 0, 4)
	s.Close()
	path := filepath.Join(dir, "00000001.log")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(magic)+headBytes] ^= 1
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if n, ok := s.Length(key(0)); !ok || n != len(record(0)) {
		t.Errorf("a length of %d, %v", n, ok)
	}
	holds(t, s, 1, 4, 4)
	if err := errors.Join(s.Mend(), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if _, ok := s.Length(key(0)); ok {
		t.Error("the damaged record is there")
	}
	holds(t, s, 1, 4, 4)
	s.Close()
}
