package stance

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/standpoint-news/standpoint/analysis/linear"
)

// The model file, little-endian: "STN1"; the CRC-32 (IEEE) of the rest; the
// five offsets of the directed decision as float32; for each linear model its length as a uvarint and its bytes.
const magic = "STN1"

func (t *trained) encode() ([]byte, error) {
	var body []byte
	for _, x := range t.directedOffset {
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(float32(x)))
	}
	for _, m := range t.models {
		model, err := m.MarshalBinary()
		if err != nil {
			return nil, err
		}
		body = binary.AppendUvarint(body, uint64(len(model)))
		body = append(body, model...)
	}
	out := binary.LittleEndian.AppendUint32([]byte(magic), crc32.ChecksumIEEE(body))
	return append(out, body...), nil
}

func decode(data []byte) (t trained, err error) {
	if len(data) < 8 || string(data[:4]) != magic || crc32.ChecksumIEEE(data[8:]) != binary.LittleEndian.Uint32(data[4:]) {
		return t, errModel
	}
	data = data[8:]
	for c := range t.directedOffset {
		if len(data) < 4 {
			return t, errModel
		}
		t.directedOffset[c] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
		data = data[4:]
	}
	for i := range t.models {
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return t, errModel
		}
		data = data[n:]
		m := new(linear.Model)
		if err := m.UnmarshalBinary(data[:size]); err != nil {
			return t, fmt.Errorf("stance: %s: %w", headNames[i], err)
		}
		if m.Classes() != headClasses[i] {
			return t, errModel
		}
		t.models[i], data = m, data[size:]
	}
	if len(data) > 0 {
		return t, errModel
	}
	return t, nil
}
