//go:build !linux

package disk

import "errors"

// SyncTree syncs everything under dir.
func SyncTree(dir string) error { return SyncEach(dir) }

func exchange(_, _ string) error { return errors.ErrUnsupported }
