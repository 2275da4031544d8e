package mention

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/standpoint-news/standpoint/analysis/linear"
)

// A model is what Train makes: the ranker of the speakers that a source can refer
// to, the ranker of the linker, and the regression that says how likely a settled
// speaker is right.
type model struct {
	ranker     *linear.Model
	linker     *linear.Model // nil: the linker leaves pronouns alone
	confidence *linear.Model // nil: the resolver's own figures stand
}

// The format: "SPK3", then each of the three models in the format of package
// linear behind its length as a uvarint.
const modelMagic = "SPK3"

func (m model) marshal() ([]byte, error) {
	out := []byte(modelMagic)
	for _, part := range []*linear.Model{m.ranker, m.linker, m.confidence} {
		data, err := part.MarshalBinary()
		if err != nil {
			return nil, err
		}
		out = append(binary.AppendUvarint(out, uint64(len(data))), data...)
	}
	return out, nil
}

func parseModel(data []byte) (model, error) {
	if len(data) < len(modelMagic) || string(data[:len(modelMagic)]) != modelMagic {
		return model{}, fmt.Errorf("not a model: it does not begin with %q: train it again", modelMagic)
	}
	data = data[len(modelMagic):]
	m := model{new(linear.Model), new(linear.Model), new(linear.Model)}
	for _, part := range []*linear.Model{m.ranker, m.linker, m.confidence} {
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			return model{}, errors.New("the model is cut short: fetch or train it again")
		}
		if err := part.UnmarshalBinary(data[n : n+int(length)]); err != nil {
			return model{}, err
		}
		if part.Classes() != 2 {
			return model{}, fmt.Errorf("the model has %d classes, not 2: train it again", part.Classes())
		}
		data = data[n+int(length):]
	}
	return m, nil
}
