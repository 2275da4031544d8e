package table

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/reports/disk"
	"github.com/standpoint-news/standpoint/reports/store"
)

// indexFile says, within a published folder, what it was made from.
const indexFile = ".standpoint"

// An index is what a later run needs to know of a published one: which articles
// stand in which files, and what they were made from.
type index struct {
	run      int      // the run's number, from 1
	speakers []string // ids, ordered
	files    []indexed
	verdicts []dedup.Verdict // of comparing its articles with one another
}

// An indexed file is one file of each of the tables articles, statements and
// stances; of the latter two only where it has rows.
type indexed struct {
	part                string // dt=…
	number              int
	statements, stances int // rows
	articles            []indexedArticle
}

// An indexedArticle is one article of a file.
type indexedArticle struct {
	id      string
	content [32]byte  // Digest of the article
	key     store.Key // content, configuration, models and version
	since   int       // the run that met this content first
	rows    [32]byte  // digest of what its rows in the tables follow from
}

// A met article is one of an earlier run, with the file that it stands in.
type met struct {
	*indexedArticle
	file *indexed
}

// byID finds the articles of the index.
func (x *index) byID() map[string]met {
	n := 0
	for i := range x.files {
		n += len(x.files[i].articles)
	}
	out := make(map[string]met, n)
	for i := range x.files {
		f := &x.files[i]
		for j := range f.articles {
			a := &f.articles[j]
			out[a.id] = met{a, f}
		}
	}
	return out
}

// paths are the files of a partitioned table, from the folder of the run, in order.
func (x *index) paths(table string) []string {
	var out []string
	for i := range x.files {
		f := &x.files[i]
		if f.rows()[slices.Index(partitioned[:], table)] > 0 {
			out = append(out, table+"/"+f.part+"/"+fileName(f.number))
		}
	}
	return out
}

const indexMagic = "standpoint index 3\n"

// encode is the index as the file holds it: varints, strings and lists with
// their length before them, and the SHA-256 of all that at the end.
func (x *index) encode() []byte {
	articles := 0
	for i := range x.files {
		articles += len(x.files[i].articles)
	}
	out := append(make([]byte, 0, 4096+160*articles+64*len(x.verdicts)), indexMagic...)
	number := func(n int) { out = binary.AppendUvarint(out, uint64(n)) }
	text := func(s string) { number(len(s)); out = append(out, s...) }
	number(x.run)
	number(len(x.speakers))
	for _, id := range x.speakers {
		text(id)
	}
	number(len(x.files))
	for _, f := range x.files {
		text(f.part)
		number(f.number)
		number(f.statements)
		number(f.stances)
		number(len(f.articles))
		for _, a := range f.articles {
			text(a.id)
			out = append(append(append(out, a.content[:]...), a.key[:]...), a.rows[:]...)
			number(a.since)
		}
	}
	number(len(x.verdicts))
	for _, v := range x.verdicts {
		text(v.ID)
		text(v.Original)
		if v.Copy {
			number(1 + int(v.Kind))
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v.Similarity))
		} else {
			number(0)
		}
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// decodeIndex is the inverse of encode.
func decodeIndex(data []byte) (x *index, err error) {
	defer func() {
		if r := recover(); r != nil {
			x, err = nil, errors.New("damaged")
		}
	}()
	n := len(data) - sha256.Size
	if n < len(indexMagic) || string(data[:len(indexMagic)]) != indexMagic {
		return nil, errors.New("no index of standpoint")
	}
	if sum := sha256.Sum256(data[:n]); !bytes.Equal(sum[:], data[n:]) {
		return nil, errors.New("damaged")
	}
	d := decoder(data[len(indexMagic):n])
	x = &index{run: int(d.uvarint())}
	digest := func(to []byte) { copy(to, d.bytes(len(to))) }
	for range int(d.uvarint()) {
		x.speakers = append(x.speakers, d.bytes(int(d.uvarint())))
	}
	for range int(d.uvarint()) {
		f := indexed{part: d.bytes(int(d.uvarint())), number: int(d.uvarint())}
		f.statements, f.stances = int(d.uvarint()), int(d.uvarint())
		f.articles = make([]indexedArticle, int(d.uvarint()))
		for i := range f.articles {
			a := &f.articles[i]
			a.id = d.bytes(int(d.uvarint()))
			digest(a.content[:])
			digest(a.key[:])
			digest(a.rows[:])
			a.since = int(d.uvarint())
		}
		x.files = append(x.files, f)
	}
	for range int(d.uvarint()) {
		v := dedup.Verdict{ID: d.bytes(int(d.uvarint())), Original: d.bytes(int(d.uvarint()))}
		if kind := dedup.Kind(d.uvarint()); kind > 0 {
			v.Copy, v.Kind = true, kind-1
			v.Similarity = math.Float64frombits(binary.LittleEndian.Uint64([]byte(d.bytes(8))))
		}
		x.verdicts = append(x.verdicts, v)
	}
	return x, nil
}

// readIndex reads the index of a published folder. A folder that is absent, or
// of a version without indexes, has an empty one.
func readIndex(dir string) (*index, error) {
	path := filepath.Join(dir, indexFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &index{}, nil
	}
	if err != nil {
		return nil, err
	}
	x, err := decodeIndex(data)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w (remove it: everything is analysed again)", path, err)
	}
	return x, nil
}

// runOf is the number of the run in a folder, 0 where it has none. It reads the
// beginning of the index alone.
func runOf(dir string) int {
	f, err := os.Open(filepath.Join(dir, indexFile))
	if err != nil {
		return 0
	}
	defer f.Close()
	head := make([]byte, len(indexMagic)+binary.MaxVarintLen64)
	n, _ := io.ReadFull(f, head)
	number, ok := bytes.CutPrefix(head[:n], []byte(indexMagic))
	if !ok {
		return 0
	}
	run, size := binary.Uvarint(number)
	if size <= 0 {
		return 0
	}
	return int(run)
}

func (x *index) write(dir string) error {
	f, err := disk.Create(filepath.Join(dir, indexFile))
	if err != nil {
		return err
	}
	_, err = f.Write(x.encode())
	return errors.Join(err, f.Close())
}
