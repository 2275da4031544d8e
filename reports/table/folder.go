package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// A folder is an output folder under way. Beside OUT, which readers look at,
// stands OUT.state:
//
//	lock     held while somebody writes
//	store    what analyses have made of articles (package store)
//	partial  the next OUT, until it takes its place
//	runs     earlier runs, by number
//	spare    the folders and files of one that is kept no more, for the next partial
type folder struct {
	name    string // as the user gave it
	out     string // where it will be published
	state   string
	partial string // where it is written
	run     int    // the number of the run under way
	lock    *lock
}

// Names at the top of an output folder, and of the state beside it.
const (
	runFile     = "run.json"
	successFile = "_SUCCESS"
	reportDir   = "report"

	lockName   = "lock"
	storeDir   = "store"
	partialDir = "partial"
	runsDir    = "runs"
	spareDir   = "spare"
)

// ours are the names that a run writes at the top of an output folder. A new
// run replaces them; it keeps whatever else lies there.
var ours = []string{"articles", "statements", "stances", "speakers", "merges", "summary", "quarantine", reportDir, runFile, PackageFile, indexFile, successFile}

// statePath is where the state of an output folder lies.
func statePath(out string) string { return out + ".state" }

// resolve is the path of an output folder without links.
func resolve(out string) (string, error) {
	path, err := filepath.Abs(out)
	if err != nil {
		return "", fmt.Errorf("%s: no usable path: %w (choose another --out)", out, err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// openFolder checks that out may be written, locks it, and puts right what a
// run that was cut off has left. It touches nothing that is not standpoint's.
func openFolder(out, command string) (*folder, error) {
	path, err := resolve(out)
	if err != nil {
		return nil, err
	}
	if err := checkOurs(out, path); err != nil {
		return nil, err
	}
	if mounted(path) {
		return nil, fmt.Errorf("%s: is a mount point, which cannot be replaced as a whole (choose a folder in it: --out %s)",
			out, filepath.Join(out, "standpoint-out"))
	}
	f := &folder{name: out, out: path, state: statePath(path)}
	f.partial = filepath.Join(f.state, partialDir)
	entries, err := os.ReadDir(f.state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: cannot be read: %w (move it, or choose another --out)", f.state, err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{lockName, storeDir, partialDir, runsDir, spareDir}, e.Name()) {
			return nil, fmt.Errorf("%s: in the way: it holds %q, and is not the state of a run (move it, or choose another --out)", f.state, e.Name())
		}
	}
	if err := os.MkdirAll(filepath.Join(f.state, runsDir), 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot write beside it: %w (choose an --out in a folder that you may write to)", out, err)
	}
	if f.lock, err = takeLock(filepath.Join(f.state, lockName), out, command); err != nil {
		return nil, err
	}
	if err := f.repair(); err != nil {
		f.lock.unlock()
		return nil, err
	}
	return f, nil
}

// checkOurs returns an error where path exists and is neither empty nor an
// output folder of standpoint. Messages name it as the user did.
func checkOurs(name, path string) error {
	const mend = "(choose another --out, or empty it)"
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: not an output folder of standpoint: %w %s", name, err, mend)
	}
	data, err := os.ReadFile(filepath.Join(path, runFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: not an output folder of standpoint: it holds %q and no %s %s", name, entries[0].Name(), runFile, mend)
	}
	if err != nil {
		return fmt.Errorf("%s: not an output folder of standpoint: %w %s", name, err, mend)
	}
	var info struct{ Tool string }
	if err := json.Unmarshal(data, &info); err != nil {
		return fmt.Errorf("%s: not an output folder of standpoint: its %s cannot be read: %w %s", name, runFile, err, mend)
	}
	if info.Tool != Tool {
		return fmt.Errorf("%s: not an output folder of standpoint: its %s is of the tool %q %s", name, runFile, info.Tool, mend)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// repair puts right what a run that was cut off has left: the beginning of a
// run, or the run that it has replaced on its way to the others.
func (f *folder) repair() error {
	wrap := func(err error) error {
		return fmt.Errorf("%s: what a run that was cut off has left cannot be cleared away: %w (move it out of the way)", f.partial, err)
	}
	if exists(f.partial) {
		whole := exists(filepath.Join(f.partial, successFile))
		var err error
		switch {
		case whole && !exists(f.out): // cut off between two renames
			err = disk.Rename(f.partial, f.out)
		case whole && runOf(f.partial) < runOf(f.out): // cut off after the exchange
			err = f.retire(f.partial)
		default:
			if exists(f.out) {
				err = f.rescue(f.partial)
			}
			if err == nil {
				err = disk.RemoveAll(f.partial)
			}
		}
		if err != nil {
			return wrap(err)
		}
	}
	runs, err := f.earlier()
	if err != nil {
		return wrap(err)
	}
	f.run = runOf(f.out) + 1
	if len(runs) > 0 {
		newest := runs[len(runs)-1]
		f.run = max(f.run, newest+1)
		if exists(f.out) {
			if err := f.rescue(f.runPath(newest)); err != nil {
				return wrap(err)
			}
		}
	}
	return nil
}

// earlier lists the numbers of the earlier runs that are kept, in order.
func (f *folder) earlier() ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(f.state, runsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var runs []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && e.IsDir() {
			runs = append(runs, n)
		}
	}
	slices.Sort(runs)
	return runs, nil
}

func (f *folder) runPath(n int) string {
	return filepath.Join(f.state, runsDir, fmt.Sprintf("%06d", n))
}

// publish syncs everything, writes _SUCCESS, and puts the folder in its place;
// of the earlier runs it keeps the last few. Where it cannot, the folder
// published before stands as it was.
func (f *folder) publish(keep int) error {
	if err := f.place(); err != nil {
		return errors.Join(err, f.discard())
	}
	defer f.lock.unlock()
	if exists(f.partial) {
		if err := f.retire(f.partial); err != nil {
			return fmt.Errorf("%s: published; the run before it cannot be put away: %w (run again)", f.name, err)
		}
	}
	if err := disk.Sync(filepath.Dir(f.out)); err != nil {
		return fmt.Errorf("%s: cannot sync: %w", filepath.Dir(f.out), err)
	}
	if err := f.prune(keep, true); err != nil {
		return fmt.Errorf("%s: published; earlier runs cannot be pruned: %w", f.name, err)
	}
	return nil
}

// place is publish up to the moment when readers see the new run.
func (f *folder) place() error {
	if err := disk.SyncTree(f.partial); err != nil {
		return fmt.Errorf("%s: cannot sync: %w", f.partial, err)
	}
	if err := disk.WriteFile(filepath.Join(f.partial, successFile), nil); err != nil {
		return err
	}
	if err := disk.Sync(f.partial); err != nil {
		return fmt.Errorf("%s: cannot sync: %w", f.partial, err)
	}
	if err := f.lock.held(); err != nil {
		return err
	}
	// Whoever used the place meanwhile keeps it.
	if err := checkOurs(f.name, f.out); err != nil {
		return err
	}
	if err := f.swap(); err != nil {
		return fmt.Errorf("%s: cannot be put in place: %w (an earlier run is as it was)", f.out, err)
	}
	return nil
}

// swap puts the partial folder in its place; the one that it replaces, if any,
// lies where it lay, or among the earlier runs.
func (f *folder) swap() error {
	if !exists(f.out) {
		return disk.Rename(f.partial, f.out)
	}
	err := disk.Exchange(f.partial, f.out)
	if err == nil || !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	old := f.runPath(runOf(f.out))
	if err := disk.Rename(f.out, old); err != nil {
		return err
	}
	if err := disk.Rename(f.partial, f.out); err != nil {
		return errors.Join(err, os.Rename(old, f.out))
	}
	return f.rescue(old)
}

// retire puts a replaced run among the earlier ones.
func (f *folder) retire(old string) error {
	if err := f.rescue(old); err != nil {
		return err
	}
	if entries, err := os.ReadDir(old); err == nil && len(entries) == 0 {
		return disk.RemoveAll(old) // an empty folder was replaced
	}
	to := f.runPath(runOf(old))
	if exists(to) {
		if err := f.remove(to); err != nil {
			return err
		}
	}
	return disk.Rename(old, to)
}

// rescue moves what else than a run's files lies in a replaced folder over to
// the new one.
func (f *folder) rescue(old string) error {
	entries, err := os.ReadDir(old)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if slices.Contains(ours, entry.Name()) {
			continue
		}
		from, to := filepath.Join(old, entry.Name()), filepath.Join(f.out, entry.Name())
		if exists(to) {
			return fmt.Errorf("%s is in the way of %s", to, from)
		}
		if err := disk.Rename(from, to); err != nil {
			return err
		}
	}
	return nil
}

// prune removes all but the last few of the earlier runs. The last of those it
// may leave as the spare.
func (f *folder) prune(keep int, spare bool) error {
	runs, err := f.earlier()
	if err != nil {
		return err
	}
	gone := runs[:max(0, len(runs)-keep)]
	for i, n := range gone {
		if spare && i == len(gone)-1 {
			return f.setAside(f.runPath(n))
		}
		if err := f.remove(f.runPath(n)); err != nil {
			return err
		}
	}
	if spare {
		return nil
	}
	return disk.RemoveAll(f.sparePath())
}

func (f *folder) sparePath() string { return filepath.Join(f.state, spareDir) }

// setAside makes an earlier run the spare.
func (f *folder) setAside(dir string) error {
	spare := f.sparePath()
	if err := disk.RemoveAll(spare); err != nil {
		return err
	}
	if err := disk.Rename(dir, spare); err != nil {
		return err
	}
	return f.strip()
}

// strip leaves the spare no more than partitioned tables and their index: never
// can it be taken for a run.
func (f *folder) strip() error {
	for _, name := range slices.Backward(ours) { // _SUCCESS first
		if name == indexFile || slices.Contains(partitioned[:], name) {
			continue
		}
		if err := disk.RemoveAll(filepath.Join(f.sparePath(), name)); err != nil {
			return err
		}
	}
	return nil
}

// begin makes the partial folder, from the spare where there is one: to make
// thousands of folders, and to remove as many, is much of a night's work.
func (f *folder) begin() error {
	spare := f.sparePath()
	if !exists(spare) {
		return disk.Mkdir(f.partial)
	}
	if err := f.strip(); err != nil { // a run may have been cut off before it was done
		return err
	}
	return disk.Rename(spare, f.partial)
}

// remove removes an earlier run, and nothing else that may lie in its folder.
func (f *folder) remove(dir string) error {
	for _, name := range ours {
		if err := disk.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return os.Remove(dir)
}

// discard removes the partial folder; what was published before stands.
func (f *folder) discard() error {
	defer f.lock.unlock()
	return os.RemoveAll(f.partial)
}
