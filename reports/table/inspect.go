package table

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/standpoint-news/standpoint/reports/store"
)

// A State is what is known of an output folder before a run. It holds no lock.
type State struct {
	Run int // the number that the next run would have

	opt   Options
	state string         // the folder
	known map[string]met // articles of the run before, by id
	store *store.Store
}

// Inspect looks at an output folder as Create would, and changes nothing.
func Inspect(out string, opt Options) (*State, error) {
	path, err := resolve(out)
	if err != nil {
		return nil, err
	}
	if err := checkOurs(out, path); err != nil {
		return nil, err
	}
	f := &folder{out: path, state: statePath(path)}
	s := &State{opt: opt, state: f.state}
	s.Run = runOf(path) + 1
	if runs, err := f.earlier(); err == nil && len(runs) > 0 {
		s.Run = max(s.Run, runs[len(runs)-1]+1)
	}
	x, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	s.known = x.byID()
	if dir := filepath.Join(f.state, storeDir); exists(dir) && !opt.Fresh {
		s.store, err = store.Open(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return s, nil
}

// Article says of an article whether the published run has its id, whether with
// that content, and whether its analysis is there already.
func (s *State) Article(id string, content [32]byte) (known, same, ready bool) {
	a, known := s.known[id]
	ready = s.store != nil && s.store.Has(s.opt.key(content))
	return known, known && a.content == content, ready
}

// Articles is the number of articles in the published run.
func (s *State) Articles() int { return len(s.known) }

// Close ends the use of the state.
func (s *State) Close() error {
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
