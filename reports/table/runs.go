package table

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// A Run is a published run that is still there.
type Run struct {
	Number  int     `json:"run"`
	Dir     string  `json:"dir"`     // a whole output folder
	Current bool    `json:"current"` // it is the one that readers look at
	Bytes   int64   `json:"bytes"`   // of its files
	Own     int64   `json:"own"`     // of those that no other run shares
	Info    RunInfo `json:"info"`
}

// Runs lists the published run of an output folder and the earlier ones that
// were kept, in order. A folder without any has none.
func Runs(out string) ([]Run, error) {
	path, err := resolve(out)
	if err != nil {
		return nil, err
	}
	if err := checkOurs(out, path); err != nil {
		return nil, err
	}
	f := &folder{out: path, state: statePath(path)}
	numbers, err := f.earlier()
	if err != nil {
		return nil, fmt.Errorf("%s: cannot list the earlier runs: %w", f.state, err)
	}
	var runs []Run
	for _, n := range numbers {
		if info, err := ReadRun(f.runPath(n)); err == nil {
			runs = append(runs, Run{Number: n, Dir: f.runPath(n), Info: info})
		}
	}
	if info, err := ReadRun(path); err == nil {
		runs = append(runs, Run{Number: runOf(path), Dir: path, Current: true, Info: info})
	} else if exists(filepath.Join(path, runFile)) {
		return nil, err
	}
	for i := range runs {
		r := &runs[i]
		err := filepath.WalkDir(r.Dir, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			r.Bytes += info.Size()
			if !shared(info) {
				r.Own += info.Size()
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // one that goes away meanwhile
			return nil, err
		}
	}
	return runs, nil
}

// Prune removes all but the last few of the earlier runs; the published one
// stays.
func Prune(out string, keep int) error {
	f, err := openFolder(out, "prune")
	if err != nil {
		return err
	}
	defer f.lock.unlock()
	return f.prune(keep, false)
}

// Compact makes the files that nights have added to a partition one again, as
// one run over everything would have written them. No row changes. It keeps as
// many earlier runs as keep says.
func Compact(out string, keep int) error {
	f, err := openFolder(out, "compact")
	if err != nil {
		return err
	}
	if err := f.compact(); err != nil {
		return errors.Join(fmt.Errorf("%s: cannot be compacted: %w", out, err), f.discard())
	}
	return f.publish(keep)
}

func (f *folder) compact() error {
	if !exists(filepath.Join(f.out, runFile)) {
		return errors.New("it holds no run (name the --out folder of a run)")
	}
	info, err := ReadRun(f.out)
	if err != nil {
		return err
	}
	x, err := readIndex(f.out)
	if err != nil {
		return err
	}
	if x.run == 0 {
		return errors.New("its run is of a version that kept no index (run standpoint again)")
	}
	if err := disk.Mkdir(f.partial); err != nil {
		return err
	}
	// what does not tell of runs or files is taken over
	for _, name := range ours {
		if slices.Contains(partitioned[:], name) || name == indexFile || name == runFile || name == PackageFile || name == successFile || !exists(filepath.Join(f.out, name)) {
			continue
		}
		if err := linkTree(filepath.Join(f.out, name), filepath.Join(f.partial, name)); err != nil {
			return err
		}
	}
	for _, name := range partitioned {
		if err := disk.Mkdir(filepath.Join(f.partial, name)); err != nil {
			return err
		}
	}
	next := &index{run: f.run, speakers: x.speakers, verdicts: x.verdicts}
	for first := 0; first < len(x.files); {
		last := first + 1
		for last < len(x.files) && x.files[last].part == x.files[first].part {
			last++
		}
		files := x.files[first:last]
		if len(files) == 1 && takeOver(f.out, f.partial, &files[0]) {
			next.files = append(next.files, files[0])
		} else {
			one, err := f.merge(files)
			if err != nil {
				return err
			}
			next.files = append(next.files, *one)
		}
		first = last
	}
	if err := next.write(f.partial); err != nil {
		return err
	}
	info.Run = f.run
	return errors.Join(writeRun(f.partial, info), writePackage(f.partial, info, next))
}

// merge writes the files of a partition as one.
func (f *folder) merge(files []indexed) (*indexed, error) {
	one := indexed{part: files[0].part, number: 0}
	for i := range files {
		one.statements += files[i].statements
		one.stances += files[i].stances
		one.articles = append(one.articles, files[i].articles...)
	}
	slices.SortFunc(one.articles, func(a, b indexedArticle) int { return cmp.Compare(a.id, b.id) })
	return &one, errors.Join(
		mergeFiles[ArticleRow](f, files, func(x *indexed) int { return len(x.articles) }),
		mergeFiles[StatementRow](f, files, func(x *indexed) int { return x.statements }),
		mergeFiles[StanceRow](f, files, func(x *indexed) int { return x.stances }),
	)
}

// mergeFiles merges the files of one table; count is the rows that each has.
func mergeFiles[T Row](f *folder, files []indexed, count func(*indexed) int) error {
	w, err := newTableWriter[T](f.partial)
	if err != nil {
		return err
	}
	defer w.abort()
	var paths []string
	want := 0
	for i := range files {
		if n := count(&files[i]); n > 0 {
			paths = append(paths, filepath.Join(f.out, tableName[T](), files[i].part, fileName(files[i].number)))
			want += n
		}
	}
	rows, err := readDay[T](w.plan, paths)
	if err != nil {
		return err
	}
	if len(rows) != want {
		return fmt.Errorf("%s/%s: %d rows, want %d (run standpoint again to rebuild it)", tableName[T](), files[0].part, len(rows), want)
	}
	for first := 0; first < len(rows); { // article by article, as a run adds them
		last := first + 1
		for last < len(rows) && articleOfRow(&rows[last]) == articleOfRow(&rows[first]) {
			last++
		}
		if err := w.add(files[0].part, 0, rows[first:last]); err != nil {
			return err
		}
		first = last
	}
	return w.close()
}

// linkTree gives the files under a folder second names under another.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			return disk.Mkdir(target)
		}
		if err := disk.Link(path, target); err == nil {
			return nil
		}
		data, err := os.ReadFile(path) // where the file system has no links
		if err != nil {
			return err
		}
		return disk.WriteFile(target, data)
	})
}
