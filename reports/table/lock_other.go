//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package table

import (
	"errors"
	"io/fs"
	"os"
)

// lockFile makes a file that must not exist yet. A run that was cut off leaves
// it behind, for somebody to remove.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o666)
	if errors.Is(err, fs.ErrExist) {
		err = errLocked
	}
	return file, err
}

func (l *lock) unlock() {
	l.file.Close()
	os.Remove(l.path)
}
