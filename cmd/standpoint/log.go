package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// A runLog carries the messages of a run: plain lines, or records of log/slog.
type runLog struct {
	out      io.Writer // nil for none
	records  *slog.Logger
	terminal *os.File // standard error, where it is one and lines are plain
}

// newLog returns the log of the form auto, plain, text or json.
func newLog(out io.Writer, form string, quiet bool) (*runLog, error) {
	l := &runLog{out: out}
	file, ok := out.(*os.File)
	isTerminal := ok && term.IsTerminal(int(file.Fd()))
	if form == "auto" {
		if form = "text"; isTerminal {
			form = "plain"
		}
	}
	switch form {
	case "plain":
		if isTerminal {
			l.terminal = file
		}
	case "text":
		l.records = slog.New(slog.NewTextHandler(out, nil))
	case "json":
		l.records = slog.New(slog.NewJSONHandler(out, nil))
	default:
		return nil, fmt.Errorf("--log %q: want auto, plain, text or json", form)
	}
	if quiet {
		l.out, l.terminal = nil, nil
	}
	return l, nil
}

// say writes a message.
func (l *runLog) say(format string, args ...any) { l.note(fmt.Sprintf(format, args...)) }

// note writes a message; records carry the pairs of names and values too.
func (l *runLog) note(message string, pairs ...any) {
	switch {
	case l.out == nil:
	case l.records != nil:
		l.records.Info(message, pairs...)
	default:
		fmt.Fprintln(l.out, message)
	}
}

// failed records an error, --quiet or not. One that is recorded is not printed
// again.
func (l *runLog) failed(err error) error {
	if err == nil || l.records == nil {
		return err
	}
	l.records.Error(err.Error(), "exit", exitCode(err))
	return recordedError{err}
}

// A recordedError has been told to the user.
type recordedError struct{ error }

func (e recordedError) Unwrap() error { return e.error }
