package segment

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"strings"

	"gopkg.in/neurosnap/sentences.v1"
)

// trained is what the library has learnt of English, which it would read from
// compressed JSON for a fifth of the time that the program takes to start.
//
//go:embed english.bin
var trained string

// sets are the sets of the model in the order of the file.
func sets(s *sentences.Storage) []*sentences.SetString {
	return []*sentences.SetString{&s.AbbrevTypes, &s.Collocations, &s.SentStarters, &s.OrthoContext}
}

// decodeStorage reads a model: of each set how many words it has, and the words with
// their values, each a number before the length and the bytes of the word. Numbers are
// varints.
func decodeStorage(data string) (*sentences.Storage, error) {
	damaged := errors.New("english.bin is damaged (run go test ./analysis/segment -update)")
	in := strings.NewReader(data)
	storage := sentences.NewStorage()
	for _, set := range sets(storage) {
		n, err := binary.ReadUvarint(in)
		if err != nil || n > uint64(in.Len()) {
			return nil, damaged
		}
		*set = make(sentences.SetString, n)
		for range n {
			value, err := binary.ReadUvarint(in)
			if err != nil {
				return nil, damaged
			}
			length, err := binary.ReadUvarint(in)
			if err != nil || length > uint64(in.Len()) {
				return nil, damaged
			}
			at := len(data) - in.Len()
			word := data[at : at+int(length)]
			if _, err := in.Seek(int64(length), 1); err != nil {
				return nil, damaged
			}
			(*set)[word] = int(value)
		}
	}
	if in.Len() > 0 {
		return nil, damaged
	}
	return storage, nil
}
