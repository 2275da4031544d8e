// Package gold reads and writes the files of human-annotated data and of
// predictions: JSON Lines, plain or compressed by gzip, one row a line.
//
// Read takes the rows of a task as input, and does not ask for their labels;
// ReadGold fails where a row has none. Errors begin with path:line.
package gold

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A row checks what its type cannot say.
type row interface{ validate() error }

// A labelled row names the key that holds its gold.
type labelled interface{ goldKey() []string }

// A prediction names the key that it must hold.
type prediction interface{ predictionKey() string }

// Read reads the rows of a file; "-" is standard input.
func Read[T any](path string) ([]T, error) { return readFile[T](path, false) }

// ReadGold reads the rows of a file and fails where one has no gold label.
func ReadGold[T any](path string) ([]T, error) { return readFile[T](path, true) }

func readFile[T any](path string, needGold bool) ([]T, error) {
	if path == "-" {
		return readRows[T](os.Stdin, path, needGold)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readRows[T](f, path, needGold)
}

// plain is the stream, decompressed where it is gzip.
func plain(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	unzip, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("reading gzip: %w", err)
	}
	return bufio.NewReaderSize(unzip, 1<<16), nil
}

// readRows reads the rows of a stream, plain or gzip; name stands in errors.
func readRows[T any](r io.Reader, name string, needGold bool) ([]T, error) {
	in, err := plain(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []T
	for line := 1; ; line++ {
		data, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:%d: reading: %w", name, line, err)
		}
		if data = bytes.TrimSpace(data); len(data) > 0 {
			var v T
			if err := decode(data, &v, needGold); err != nil {
				return nil, fmt.Errorf("%s:%d: not a row of this kind: %w", name, line, err)
			}
			out = append(out, v)
		}
		if err != nil {
			return out, nil
		}
	}
}

func decode(data []byte, v any, needGold bool) error {
	if !utf8.Valid(data) {
		return errors.New("invalid UTF-8 (convert the file to UTF-8)")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if l, ok := v.(labelled); ok && needGold {
		if err := hasKey(data, l.goldKey()); err != nil {
			return err
		}
	}
	if p, ok := v.(prediction); ok {
		if err := hasKey(data, []string{p.predictionKey()}); err != nil {
			return err
		}
	}
	if r, ok := v.(row); ok {
		return r.validate()
	}
	return nil
}

// hasKey checks that the object holds the key, each but the first inside of the one before.
func hasKey(data []byte, keys []string) error {
	for _, k := range keys {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
		v, ok := object[k]
		if !ok || string(v) == "null" {
			return fmt.Errorf("it has no %q", k)
		}
		data = v
	}
	return nil
}

// Write writes one row a line.
func Write[T any](w io.Writer, rows []T) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i := range rows {
		if err := enc.Encode(rows[i]); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return out.Flush()
}

func (*AttributionPrediction) predictionKey() string { return "attributions" }
func (*LabelPrediction) predictionKey() string       { return "label" }
func (*TripletsPrediction) predictionKey() string    { return "triplets" }

func (p *MissionPrediction) predictionKey() string {
	if p.Line != nil {
		return "statements"
	}
	return "stance"
}

func (*AttributionRow) goldKey() []string { return []string{"attributions"} }
func (*TargetedRow) goldKey() []string    { return []string{"label"} }
func (*DirectedRow) goldKey() []string    { return []string{"label"} }
func (*MissionRow) goldKey() []string     { return []string{"stance"} }
func (*TripletsRow) goldKey() []string    { return []string{"annotation", "sentence-level stances"} }

var errNoID = errors.New(`"id" is missing or empty`)

func (r *AttributionRow) validate() error {
	if r.ID == "" {
		return errNoID
	}
	n := utf8.RuneCountInString(r.Text)
	for i := range r.Attributions {
		if err := r.Attributions[i].within(n); err != nil {
			return fmt.Errorf("attribution %d: %w", i+1, err)
		}
	}
	return nil
}

func (p *AttributionPrediction) validate() error { return checkID(p.ID) }

func (r *TargetedRow) validate() error {
	if r.ID == "" {
		return errNoID
	}
	if err := (Spans{{r.From, r.To}}).within(utf8.RuneCountInString(r.Text)); err != nil {
		return err
	}
	return oneOf("label", r.Label, -1, 0, 1)
}

func (r *DirectedRow) validate() error {
	if r.ID == "" {
		return errNoID
	}
	return oneOf("label", r.Label, 0, 1, 2, 3, 4)
}

func (p *LabelPrediction) validate() error { return checkID(p.ID) }

func (r *TripletsRow) validate() error {
	for key := range r.Annotation.Stances {
		if id, err := strconv.Atoi(key); err != nil || strconv.Itoa(id) != key {
			return fmt.Errorf("the key %q of the stances is no sentence id", key)
		}
	}
	return checkID(r.ID)
}

func (p *TripletsPrediction) validate() error {
	for _, t := range p.Triplets {
		if t.Sentiment != "POS" && t.Sentiment != "NEG" {
			return fmt.Errorf("sentiment is %q, neither POS nor NEG", t.Sentiment)
		}
	}
	return checkID(p.ID)
}

func (r *MissionRow) validate() error {
	switch {
	case r.ID == "":
		return errNoID
	case r.Target.Key() == "":
		return errors.New(`"target" has neither id nor name`)
	}
	return oneOf("stance", r.Stance, -1, 0, 1)
}

func (p *MissionPrediction) validate() error {
	if p.Row != nil {
		return p.Row.validate()
	}
	for _, st := range p.Line.Statements {
		for _, s := range st.Stances {
			switch s.Label {
			case "for", "against", "neither", "abstain":
			default:
				return fmt.Errorf("statement %q: label %q is none of for, against, neither, abstain", st.ID, s.Label)
			}
		}
	}
	return checkID(p.Line.ID)
}

func (a *Article) validate() error { return checkID(a.ID) }

func checkID(id string) error {
	if id == "" {
		return errNoID
	}
	return nil
}

func oneOf(name string, v int, allowed ...int) error {
	if !slices.Contains(allowed, v) {
		return fmt.Errorf("%s is %d, none of %v", name, v, allowed)
	}
	return nil
}
