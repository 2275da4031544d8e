// Package disk makes, writes, syncs, renames and removes files, and nothing
// else: the one door through which what a run keeps goes to disk, so that tests
// can fail or kill the program at every step of it.
package disk

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Fault is asked, where it is set, before every step; an error takes the step's
// place. op is create, write, sync, rename, link, mkdir or remove. Set it
// before any other use of the package.
var Fault func(op, path string) error

// NoSync leaves the waiting for the disk out, for tests that pull no plug.
var NoSync bool

func fault(op, path string) error {
	if Fault == nil {
		return nil
	}
	if err := Fault(op, path); err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

// A File is an open file.
type File struct{ *os.File }

// Create makes a file, or empties the one that is there.
func Create(path string) (*File, error) {
	if err := fault("create", path); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &File{f}, nil
}

// Write appends to the file.
func (f *File) Write(p []byte) (int, error) {
	if err := fault("write", f.Name()); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

// Sync waits until the file is on the disk.
func (f *File) Sync() error {
	if err := fault("sync", f.Name()); err != nil {
		return err
	}
	if NoSync {
		return nil
	}
	return f.File.Sync()
}

// WriteFile writes a whole file and syncs it.
func WriteFile(path string, data []byte) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Sync syncs a file or folder by its path.
func Sync(path string) error {
	if err := fault("sync", path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if NoSync {
		return nil
	}
	return f.Sync()
}

// SyncEach syncs every file and folder under dir, one by one.
func SyncEach(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return Sync(path)
	})
}

// Rename moves a file or folder.
func Rename(from, to string) error {
	if err := fault("rename", to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// Exchange swaps two folders in one step. Where the system cannot, it returns
// errors.ErrUnsupported.
func Exchange(a, b string) error {
	if err := fault("rename", b); err != nil {
		return err
	}
	return exchange(a, b)
}

// Link gives a file a second name.
func Link(from, to string) error {
	if err := fault("link", to); err != nil {
		return err
	}
	return os.Link(from, to)
}

// Mkdir makes a folder.
func Mkdir(path string) error {
	if err := fault("mkdir", path); err != nil {
		return err
	}
	return os.Mkdir(path, 0o777)
}

// RemoveAll removes a file or folder with all that it holds.
func RemoveAll(path string) error {
	if err := fault("remove", path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}
