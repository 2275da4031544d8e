//go:build !unix

package table

import "io/fs"

func shared(fs.FileInfo) bool { return false }
