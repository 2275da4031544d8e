//go:build linux || freebsd || netbsd || openbsd || dragonfly

package main

import "golang.org/x/sys/unix"

// peakMemory is the most memory that the process has held, in bytes; 0 where
// the system does not say.
func peakMemory() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return int64(u.Maxrss) * 1024 //nolint:unconvert // 32 bits on some machines
}
