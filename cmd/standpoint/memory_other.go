//go:build !(linux || freebsd || netbsd || openbsd || dragonfly)

package main

// peakMemory is the most memory that the process has held, in bytes; 0 where
// the system does not say.
func peakMemory() int64 { return 0 }
