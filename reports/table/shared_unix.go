//go:build unix

package table

import (
	"io/fs"
	"syscall"
)

// shared reports whether the file has another name.
func shared(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}
