//go:build linux || darwin || freebsd || netbsd || openbsd

package table

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile makes and locks a file until it is closed, or the process ends. It
// returns errLocked where another process has it.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, err
	}
	return file, nil
}

func (l *lock) unlock() { l.file.Close() }
