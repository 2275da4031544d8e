package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A folder is an output folder under way: everything is written aside, in a
// folder beside the one that readers look at, and takes its place at the end.
type folder struct {
	out     string // where it will be published
	partial string // where it is written
	unlock  func()
}

// Names at the top of an output folder.
const (
	runFile     = "run.json"
	successFile = "_SUCCESS"
	reportDir   = "report"
	lockFile    = ".standpoint"
)

// ours are the names that a run writes at the top of an output folder. A new
// run replaces them; it keeps whatever else lies there.
var ours = []string{"articles", "statements", "stances", "speakers", "merges", "summary", "quarantine", reportDir, runFile, PackageFile, successFile}

// openFolder checks that out may be written and makes the folder beside it. It
// touches nothing that is not an earlier run's.
func openFolder(out string) (*folder, error) {
	path, err := filepath.Abs(out)
	if err != nil {
		return nil, fmt.Errorf("%s: no usable path: %w (choose another --out)", out, err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := checkOurs(out, path); err != nil {
		return nil, err
	}
	if mounted(path) {
		return nil, fmt.Errorf("%s: is a mount point, which cannot be replaced as a whole (choose a folder in it: --out %s)",
			out, filepath.Join(out, "standpoint-out"))
	}
	f := &folder{out: path, partial: path + ".partial"}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot make the folder above it: %w (choose another --out)", out, err)
	}
	if err := f.clearStale(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(f.partial, 0o777); err != nil {
		return nil, fmt.Errorf("%s: cannot write beside it: %w (choose an --out in a folder that you may write to)", out, err)
	}
	if f.unlock, err = lock(filepath.Join(f.partial, lockFile)); err != nil {
		return nil, fmt.Errorf("%s: cannot lock %s: %w (wait for the other run to end)", out, f.partial, err)
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

// previous is where the folder to be replaced waits, on systems that cannot
// exchange two folders in one step.
func (f *folder) previous() string { return f.out + ".previous" }

// clearStale puts right what runs that were cut off have left: a replaced run
// on its way out, or a partial one that nobody writes any more.
func (f *folder) clearStale() error {
	if isRun(f.previous()) {
		if _, err := os.Lstat(f.out); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(f.previous(), f.out); err != nil {
				return fmt.Errorf("%s: the earlier run cannot be put back: %w (rename it to %s)", f.previous(), err, f.out)
			}
		} else if err := f.retire(f.previous()); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(f.partial); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(f.partial, lockFile)); err != nil {
		if isRun(f.partial) && isRun(f.out) {
			return f.retire(f.partial)
		}
		return fmt.Errorf("%s: in the way, and not the beginning of a run (remove it, or choose another --out)", f.partial)
	}
	unlock, err := lock(filepath.Join(f.partial, lockFile))
	if err != nil {
		return fmt.Errorf("%s: another run is writing there: %w (wait for it to end, or choose another --out)", f.partial, err)
	}
	defer unlock()
	if err := os.RemoveAll(f.partial); err != nil {
		return fmt.Errorf("%s: cannot remove what a run that was cut off has left: %w (remove it)", f.partial, err)
	}
	return nil
}

// isRun reports whether path holds a finished run.
func isRun(path string) bool {
	_, err := os.Stat(filepath.Join(path, runFile))
	return err == nil && checkOurs(path, path) == nil
}

// publish syncs everything, writes _SUCCESS, and puts the folder in its place.
// Where it cannot, the folder published before stands as it was.
func (f *folder) publish() error {
	old, err := f.place()
	if err != nil {
		return errors.Join(err, f.discard())
	}
	f.unlock()
	if err := syncFile(filepath.Dir(f.out)); err != nil {
		return fmt.Errorf("%s: cannot sync: %w", filepath.Dir(f.out), err)
	}
	if old == "" {
		return nil
	}
	return f.retire(old)
}

// place is publish up to the moment when readers see the new run. It returns
// where the one that it replaces lies now, or "".
func (f *folder) place() (old string, err error) {
	if err := syncTree(f.partial); err != nil {
		return "", fmt.Errorf("%s: cannot sync: %w", f.partial, err)
	}
	success := filepath.Join(f.partial, successFile)
	if err := os.WriteFile(success, nil, 0o666); err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(f.partial, lockFile)); err != nil {
		return "", err
	}
	for _, path := range []string{success, f.partial} {
		if err := syncFile(path); err != nil {
			return "", fmt.Errorf("%s: cannot sync: %w", path, err)
		}
	}
	if old, err = f.swap(); err != nil {
		return "", fmt.Errorf("%s: cannot be put in place: %w (an earlier run is as it was)", f.out, err)
	}
	return old, nil
}

// swap puts the partial folder in its place, as place does.
func (f *folder) swap() (old string, err error) {
	// Whoever used the place meanwhile keeps it.
	if err := checkOurs(f.out, f.out); err != nil {
		return "", err
	}
	if _, err := os.Lstat(f.out); errors.Is(err, fs.ErrNotExist) {
		return "", os.Rename(f.partial, f.out)
	}
	if exchange(f.partial, f.out) == nil {
		return f.partial, nil
	}
	if err := os.Rename(f.out, f.previous()); err != nil {
		return "", err
	}
	if err := os.Rename(f.partial, f.out); err != nil {
		return "", errors.Join(err, os.Rename(f.previous(), f.out))
	}
	return f.previous(), nil
}

// retire removes a replaced run, run.json last, by which it is known, and moves
// what else lay in its folder over to the new one.
func (f *folder) retire(old string) error {
	wrap := func(err error) error {
		return fmt.Errorf("%s: a replaced run that cannot be cleared away: %w (move out what you need, and remove it)", old, err)
	}
	entries, err := os.ReadDir(old)
	if err != nil {
		return wrap(err)
	}
	for _, entry := range entries {
		from, to := filepath.Join(old, entry.Name()), filepath.Join(f.out, entry.Name())
		switch {
		case entry.Name() == runFile:
		case slices.Contains(ours, entry.Name()):
			err = os.RemoveAll(from)
		default:
			if _, err := os.Lstat(to); err == nil {
				return wrap(fmt.Errorf("%s is in the way of %s", to, from))
			}
			err = os.Rename(from, to)
		}
		if err != nil {
			return wrap(err)
		}
	}
	if err := os.RemoveAll(old); err != nil {
		return wrap(err)
	}
	return nil
}

// discard removes the partial folder; what was published before stands.
func (f *folder) discard() error {
	defer f.unlock()
	return os.RemoveAll(f.partial)
}

// syncEach syncs every file and folder under dir, one by one.
func syncEach(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncFile(path)
	})
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}
