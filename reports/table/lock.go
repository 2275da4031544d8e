package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"time"
)

// A Holder is who writes to an output folder.
type Holder struct {
	PID     int       `json:"pid"`
	User    string    `json:"user"`
	Host    string    `json:"host"`
	Command string    `json:"command"` // run, compact, prune
	Started time.Time `json:"started"`
}

// A LockedError says that another program writes to the output folder.
type LockedError struct {
	Out    string
	Holder Holder // zero where it cannot be read
}

func (e *LockedError) Error() string {
	h := e.Holder
	if h.PID == 0 {
		return fmt.Sprintf("%s: locked: another run is writing there (wait for it to end, or choose another --out)", e.Out)
	}
	return fmt.Sprintf("%s: locked: process %d (standpoint %s) of %s on %s is writing there since %s (wait for it to end, or choose another --out)",
		e.Out, h.PID, h.Command, h.User, h.Host, h.Started.Format(time.RFC3339))
}

// A lock is a locked file that names its holder. It ends with unlock, or with
// the process.
type lock struct {
	path string
	file *os.File
}

// takeLock locks the file at path, for the output folder that messages name.
func takeLock(path, out, command string) (*lock, error) {
	file, err := lockFile(path)
	if errors.Is(err, errLocked) {
		e := &LockedError{Out: out}
		for range 5 { // the holder may be about to write its name
			data, err := os.ReadFile(path)
			if err == nil && json.Unmarshal(data, &e.Holder) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		return nil, e
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot lock: %w (choose an --out in a folder that you may write to)", path, err)
	}
	h := Holder{PID: os.Getpid(), Command: command, Started: time.Now().UTC().Truncate(time.Second)}
	h.Host, _ = os.Hostname()
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	data, err := json.Marshal(h)
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt(data, 0)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: cannot write: %w (make room, or choose another --out)", path, err)
	}
	return &lock{path, file}, nil
}

// held returns an error where the file was removed or replaced, so that another
// program may hold a lock of its own by now.
func (l *lock) held() error {
	ours, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("%s: the lock is lost: %w (run again)", l.path, err)
	}
	there, err := os.Stat(l.path)
	if err != nil || !os.SameFile(ours, there) {
		return fmt.Errorf("%s: the lock is lost: somebody removed or replaced it (leave it alone, and run again)", l.path)
	}
	return nil
}

var errLocked = errors.New("locked")
