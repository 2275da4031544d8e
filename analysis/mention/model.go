package mention

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/standpoint-news/standpoint/analysis/linear"
)

// A model is what Train makes: the ranker of antecedents, and the regression
// that says how likely a settled speaker is right.
type model struct {
	ranker     *linear.Model
	confidence *linear.Model // nil: the resolver's own figures stand
}

// The format: "SPK2", the length of the ranker as a uvarint, both models in the
// format of package linear.
const modelMagic = "SPK2"

func (m model) marshal() ([]byte, error) {
	ranker, err := m.ranker.MarshalBinary()
	if err != nil {
		return nil, err
	}
	confidence, err := m.confidence.MarshalBinary()
	if err != nil {
		return nil, err
	}
	out := binary.AppendUvarint([]byte(modelMagic), uint64(len(ranker)))
	return append(append(out, ranker...), confidence...), nil
}

func parseModel(data []byte) (model, error) {
	if len(data) < len(modelMagic) || string(data[:len(modelMagic)]) != modelMagic {
		return model{}, fmt.Errorf("not a model: it does not begin with %q: train it again", modelMagic)
	}
	data = data[len(modelMagic):]
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return model{}, errors.New("the model is cut short: fetch or train it again")
	}
	data = data[n:]
	m := model{new(linear.Model), new(linear.Model)}
	if err := errors.Join(m.ranker.UnmarshalBinary(data[:length]), m.confidence.UnmarshalBinary(data[length:])); err != nil {
		return model{}, err
	}
	for _, part := range []*linear.Model{m.ranker, m.confidence} {
		if part.Classes() != 2 {
			return model{}, fmt.Errorf("the model has %d classes, not 2: train it again", part.Classes())
		}
	}
	return m, nil
}
