package encoder

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unsafe"
)

// Tensors is a file of named arrays in the safetensors format (Hugging Face):
// eight bytes with the length of a JSON header, the header, the data.
type Tensors struct {
	entries map[string]entry
}

type entry struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
	data    []byte
}

// ParseTensors reads the headers of files whose arrays belong together. The
// data are not copied and must not change.
func ParseTensors(files ...[]byte) (*Tensors, error) {
	t := &Tensors{entries: map[string]entry{}}
	for _, file := range files {
		if err := t.parse(file); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Tensors) parse(file []byte) error {
	if len(file) < 8 {
		return fmt.Errorf("encoder: %d bytes are no tensor file", len(file))
	}
	size := binary.LittleEndian.Uint64(file)
	if size > uint64(len(file)-8) {
		return fmt.Errorf("encoder: tensor file of %d bytes is cut short: its header alone has %d", len(file), size)
	}
	data := file[8+size:]
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+size], &header); err != nil {
		return fmt.Errorf("encoder: header of the tensor file: %w", err)
	}
	for name, raw := range header {
		if name == "__metadata__" {
			continue
		}
		if _, ok := t.entries[name]; ok {
			return fmt.Errorf("encoder: two files have a tensor %s", name)
		}
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("encoder: tensor %s: %w", name, err)
		}
		width, n := map[string]int{"F32": 4, "I8": 1}[e.Type], 1
		for _, d := range e.Shape {
			if d < 0 || d > len(file) || n > len(file) {
				return fmt.Errorf("encoder: tensor %s: shape %v", name, e.Shape)
			}
			n *= d
		}
		a, b := e.Offsets[0], e.Offsets[1]
		if width == 0 || a < 0 || b < a || b > len(data) || b-a != n*width {
			return fmt.Errorf("encoder: tensor %s: %s of shape %v at bytes %v of %d", name, e.Type, e.Shape, e.Offsets, len(data))
		}
		e.data = data[a:b]
		t.entries[name] = e
	}
	return nil
}

func (t *Tensors) find(name, kind string, shape []int) ([]byte, error) {
	e, ok := t.entries[name]
	if !ok {
		return nil, fmt.Errorf("encoder: the tensor file lacks %s", name)
	}
	match := e.Type == kind && len(e.Shape) == len(shape)
	for i := 0; match && i < len(shape); i++ {
		match = shape[i] < 0 || shape[i] == e.Shape[i]
	}
	if !match {
		return nil, fmt.Errorf("encoder: tensor %s is %s of shape %v, want %s of shape %v", name, e.Type, e.Shape, kind, shape)
	}
	return e.data, nil
}

// Shape is the shape of a tensor, nil where there is none of that name.
func (t *Tensors) Shape(name string) []int { return slices.Clone(t.entries[name].Shape) }

// Floats returns a tensor of float32 of the given shape, row-major; -1 stands
// for any size.
func (t *Tensors) Floats(name string, shape ...int) ([]float32, error) {
	raw, err := t.find(name, "F32", shape)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out, nil
}

// Int8s returns a tensor of int8 of the given shape, row-major, without a
// copy.
func (t *Tensors) Int8s(name string, shape ...int) ([]int8, error) {
	raw, err := t.find(name, "I8", shape)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	return unsafe.Slice((*int8)(unsafe.Pointer(&raw[0])), len(raw)), nil
}
