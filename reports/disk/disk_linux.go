package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// SyncTree syncs everything under dir: in one call, since a table has
// thousands of files and a sync of each takes longer than the analysis.
func SyncTree(dir string) error {
	if err := fault("sync", dir); err != nil {
		return err
	}
	if NoSync {
		return nil
	}
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer file.Close()
	if unix.Syncfs(int(file.Fd())) != nil {
		return SyncEach(dir)
	}
	return nil
}

func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) { // the file system has no such call
		return errors.ErrUnsupported
	}
	return err
}
