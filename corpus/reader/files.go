package reader

import (
	"context"
	"errors"
	"slices"
)

// A File is one that Read would open.
type File struct {
	Path  string `json:"path"`
	ID    string `json:"id"`              // of its article, with the extensions, where the whole file is one
	Named bool   `json:"named,omitempty"` // by the user, so that an unknown extension does not exclude it
	Bytes int64  `json:"bytes"`
}

// Files hands what Read would open to found, in the order in which it would, and
// what it would reject without opening a file to yield. ReadFiles reads them,
// here or on another machine.
func Files(ctx context.Context, paths []string, opt Options, found func(File) error, yield func(Item) error) error {
	if slices.Contains(paths, "-") || slices.Contains(opt.Manifests, "-") {
		return errors.New("-: standard input cannot be divided (name files or folders)")
	}
	if err := check(paths, opt); err != nil {
		return err
	}
	r := newRun(ctx, opt, yield)
	r.found = found
	return r.all(paths, nil)
}

// ReadFiles reads files that Files has found as Read would have.
func ReadFiles(ctx context.Context, files []File, opt Options, yield func(Item) error) error {
	r := newRun(ctx, opt, yield)
	for _, f := range files {
		if err := r.file(f); err != nil {
			return err
		}
	}
	return nil
}
