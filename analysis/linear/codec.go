package linear

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The format, little-endian: "SPL1"; classes and features as uvarints;
// temperature, step and the biases as float32; the keys in rising order, each
// as the uvarint of its difference from the one before; one signed byte a
// weight, feature by feature.
const magic = "SPL1"

// MarshalBinary returns the model in its file format.
func (m *Model) MarshalBinary() ([]byte, error) {
	out := []byte(magic)
	out = binary.AppendUvarint(out, uint64(m.classes))
	out = binary.AppendUvarint(out, uint64(len(m.keys)))
	for _, f := range append([]float64{m.temperature, m.step}, m.bias...) {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(f)))
	}
	last := uint32(0)
	for _, key := range m.keys {
		out = binary.AppendUvarint(out, uint64(key-last))
		last = key
	}
	for _, w := range m.weights {
		out = append(out, byte(w))
	}
	return out, nil
}

var errCut = errors.New("linear: model is cut short: fetch or train it again")

// UnmarshalBinary reads a model in its file format. The model owns nothing of
// data afterwards.
func (m *Model) UnmarshalBinary(data []byte) error {
	if len(data) < len(magic) || string(data[:len(magic)]) != magic {
		return fmt.Errorf("linear: not a model: it does not begin with %q", magic)
	}
	data = data[len(magic):]
	uvarint := func() (uint64, bool) {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, false
		}
		data = data[n:]
		return v, true
	}
	classes, ok1 := uvarint()
	features, ok2 := uvarint()
	if !ok1 || !ok2 {
		return errCut
	}
	if classes < 2 || classes > 256 {
		return fmt.Errorf("linear: model has %d classes: want 2 to 256", classes)
	}
	// every feature takes a byte of key and a byte for each class
	if uint64(len(data)) < 4*(2+classes) || features > uint64(len(data))/(1+classes) {
		return errCut
	}
	read := Model{classes: int(classes), bias: make([]float64, classes), keys: make([]uint32, features)}
	float := func() float64 {
		f := float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
		data = data[4:]
		return f
	}
	read.temperature, read.step = float(), float()
	for c := range read.bias {
		read.bias[c] = float()
	}
	for _, f := range append([]float64{read.temperature, read.step}, read.bias...) {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return errors.New("linear: model holds a number that is none: fetch or train it again")
		}
	}
	if read.temperature <= 0 {
		return fmt.Errorf("linear: model has temperature %v: want more than 0", read.temperature)
	}
	last := uint64(0)
	for i := range read.keys {
		gap, ok := uvarint()
		if !ok {
			return errCut
		}
		last += gap
		if gap == 0 || last > math.MaxUint32 {
			return errors.New("linear: model's keys do not rise: fetch or train it again")
		}
		read.keys[i] = uint32(last)
	}
	if len(data) != int(features*classes) {
		return errCut
	}
	read.weights = make([]int8, len(data))
	for i, b := range data {
		read.weights[i] = int8(b)
	}
	read.index()
	*m = read
	return nil
}
