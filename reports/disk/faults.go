//go:build faults

package disk

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// A program built with the tag faults fails, or is killed, at the step that
// STANDPOINT_FAULT names: "fail:17" or "kill:17". STANDPOINT_FAULT_LOG names a
// file that gets a line for every step.
func init() {
	NoSync = true // who kills a program leaves the system's buffers alone
	how, number, _ := strings.Cut(os.Getenv("STANDPOINT_FAULT"), ":")
	at, _ := strconv.ParseInt(number, 10, 64)
	var log *os.File
	if path := os.Getenv("STANDPOINT_FAULT_LOG"); path != "" {
		log, _ = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	}
	var step atomic.Int64
	Fault = func(op, path string) error {
		n := step.Add(1)
		if log != nil {
			fmt.Fprintln(log, op, path)
		}
		if n != at {
			return nil
		}
		if how == "kill" {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return syscall.ENOSPC
	}
}
