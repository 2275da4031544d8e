package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// mostMemory is what the collector aims to stay below, unless GOMEMLIMIT says
// otherwise: ten million articles hold 4.5 GB, which it would let double.
const mostMemory = 6 << 30

// leastGarbage is how much may gather before the collector runs. By itself it
// would let as much gather as is live, and so run a dozen times while the heap
// of a short night grows.
const leastGarbage = 96 << 20

// settleCollector says when the collector runs, unless the environment does.
func settleCollector() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(mostMemory)
	}
	if os.Getenv("GOGC") == "" {
		paceCollector()
	}
}

// paceCollector sets, after each collection anew, by what share the heap may grow
// until the next.
func paceCollector() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(garbageShare(live[0].Value.Uint64()))
	runtime.AddCleanup(new([16]byte), func(struct{}) { paceCollector() }, struct{}{}) // with the next collection
}

// garbageShare is how much garbage may gather beside what is live, in percent.
func garbageShare(live uint64) int {
	const most = 2400 // of the 4 MB that a heap has at least
	return int(max(100, min(most, 100*leastGarbage/max(1, live))))
}
