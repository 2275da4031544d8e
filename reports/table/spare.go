package table

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// A place is where the files of a part lie.
type place struct {
	name   string // dt=…
	number int
}

// places finds the files of the index.
func (x *index) places() map[place]*indexed {
	out := make(map[place]*indexed, len(x.files))
	for i := range x.files {
		f := &x.files[i]
		out[place{f.part, f.number}] = f
	}
	return out
}

// rows are how many rows the files of the partitioned tables have.
func (f *indexed) rows() [len(partitioned)]int {
	return [...]int{len(f.articles), f.statements, f.stances}
}

// same reports whether two files have the same rows, and so the same bytes.
func (f *indexed) same(g *indexed) bool {
	return f.rows() == g.rows() && slices.EqualFunc(f.articles, g.articles, func(a, b indexedArticle) bool {
		return a.id == b.id && a.key == b.key && a.rows == b.rows
	})
}

// reclaim leaves in the partial folder, which may have been a spare, the files
// that parts would take over from the run before, and removes whatever else lies
// in its tables.
func (w *Writer) reclaim(parts []part) error {
	x, err := readIndex(w.folder.partial)
	if err != nil {
		x = &index{} // nothing stays
	}
	// not written over: it may be linked to from elsewhere
	if err := disk.RemoveAll(filepath.Join(w.folder.partial, indexFile)); err != nil {
		return err
	}
	spare := x.places()
	stay := map[string]map[string]bool{} // by table/dt=…, the names of files
	for i := range parts {
		p := &parts[i]
		f := spare[place{p.name, p.number}]
		if p.there = p.old != nil && f != nil && f.same(p.old); !p.there {
			continue
		}
		for i, rows := range f.rows() {
			if day := filepath.Join(partitioned[i], p.name); rows > 0 {
				if stay[day] == nil {
					stay[day] = map[string]bool{}
				}
				stay[day][fileName(p.number)] = true
			}
		}
	}
	lost := map[string]bool{} // days without a file that should be there
	for _, table := range partitioned {
		days, err := os.ReadDir(filepath.Join(w.folder.partial, table))
		if err != nil {
			return err
		}
		for _, d := range days {
			day := filepath.Join(table, d.Name())
			found, err := keepOnly(filepath.Join(w.folder.partial, day), stay[day])
			if err != nil {
				return err
			}
			if found == len(stay[day]) {
				delete(stay, day)
			}
		}
	}
	for day := range stay {
		lost[filepath.Base(day)] = true
	}
	for i := range parts {
		if p := &parts[i]; p.there && lost[p.name] {
			p.there = false
			if err := removeFiles(w.folder.partial, p.old); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepOnly removes what lies in a folder under other names, and the folder where
// nothing stays. It returns how many of the names it found.
func keepOnly(dir string, stay map[string]bool) (int, error) {
	if len(stay) == 0 {
		return 0, disk.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	found := 0
	for _, e := range entries {
		if stay[e.Name()] && e.Type().IsRegular() {
			found++
		} else if err := disk.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return 0, err
		}
	}
	return found, nil
}

// removeFiles removes the files of a part.
func removeFiles(dir string, f *indexed) error {
	for i, rows := range f.rows() {
		if rows > 0 {
			if err := disk.RemoveAll(filepath.Join(dir, partitioned[i], f.part, fileName(f.number))); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeEmpty removes the folders of a day in which nothing lies.
func removeEmpty(dir, day string) error {
	for _, table := range partitioned {
		path := filepath.Join(dir, table, day)
		entries, err := os.ReadDir(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && len(entries) == 0 {
			err = disk.RemoveAll(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
