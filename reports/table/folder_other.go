//go:build !linux

package table

import (
	"errors"
	"os"
)

func syncTree(dir string) error { return syncEach(dir) }

func exchange(_, _ string) error { return errors.ErrUnsupported }

// lock makes a file that must not exist yet. A run that was cut off leaves it
// behind, for somebody to remove.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return func() {}, file.Close()
}

func mounted(string) bool { return false }
