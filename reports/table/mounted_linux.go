package table

import (
	"os"
	"path/filepath"
	"syscall"
)

// mounted reports whether path lies on another file system than its parent.
func mounted(path string) bool {
	here, err := os.Stat(path)
	if err != nil {
		return false
	}
	above, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	a, ok := here.Sys().(*syscall.Stat_t)
	b, alsoOK := above.Sys().(*syscall.Stat_t)
	return ok && alsoOK && a.Dev != b.Dev
}
