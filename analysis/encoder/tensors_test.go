package encoder

import (
	"encoding/binary"
	"strings"
	"testing"
)

func tensorFile(header string, data ...byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data...)
}

func TestTensors(t *testing.T) {
	file := tensorFile(`{"__metadata__":{"by":"test"},"f":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"w":{"dtype":"I8","shape":[3],"data_offsets":[8,11]}}`,
		0, 0, 128, 63, 0, 0, 0, 192, 1, 0xff, 0x80)
	tensors, err := ParseTensors(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := tensors.Floats("f", 1, -1)
	if err != nil || len(f) != 2 || f[0] != 1 || f[1] != -2 {
		t.Errorf("floats %v, %v", f, err)
	}
	w, err := tensors.Int8s("w", 3)
	if err != nil || len(w) != 3 || w[0] != 1 || w[1] != -1 || w[2] != -128 {
		t.Errorf("int8s %v, %v", w, err)
	}
	if s := tensors.Shape("f"); len(s) != 2 || s[1] != 2 {
		t.Errorf("shape %v", s)
	}
	for _, x := range []struct {
		name  string
		read  func() error
		wants string
	}{
		{"missing", func() error { _, err := tensors.Floats("none", 1); return err }, "lacks none"},
		{"wrong shape", func() error { _, err := tensors.Floats("f", 2, 1); return err }, "shape [1 2], want"},
		{"wrong type", func() error { _, err := tensors.Int8s("f", 1, 2); return err }, "F32"},
	} {
		if err := x.read(); err == nil || !strings.Contains(err.Error(), x.wants) {
			t.Errorf("%s: %v, want %q", x.name, err, x.wants)
		}
	}
}

func TestBrokenTensorFiles(t *testing.T) {
	for name, file := range map[string][]byte{
		"empty":          nil,
		"header cut":     tensorFile(`{}`)[:9],
		"no JSON":        tensorFile(`{"f":`),
		"beyond the end": tensorFile(`{"f":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 0),
		"shape too big":  tensorFile(`{"f":{"dtype":"I8","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`, 0),
		"negative":       tensorFile(`{"f":{"dtype":"I8","shape":[-1],"data_offsets":[1,0]}}`, 0, 0),
		"unknown type":   tensorFile(`{"f":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}`, 0, 0),
	} {
		if _, err := ParseTensors(file); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New(&Tensors{}); err == nil {
		t.Error("an encoder without tensors")
	}
}

func TestTensorsOfTwoFiles(t *testing.T) {
	one := tensorFile(`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1)
	two := tensorFile(`{"b":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 2)
	tensors, err := ParseTensors(one, two)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int8{"a": 1, "b": 2} {
		if got, err := tensors.Int8s(name, 1); err != nil || got[0] != want {
			t.Errorf("%s = %v, %v", name, got, err)
		}
	}
	if _, err := ParseTensors(one, two, one); err == nil || !strings.Contains(err.Error(), "two files have a tensor a") {
		t.Errorf("a name that two files give: %v", err)
	}
}

func FuzzTensors(f *testing.F) {
	f.Add(tensorFile(`{"f":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 1, 2, 3, 4), "f")
	f.Add(tensorFile(`{"encoder.word":{"dtype":"I8","shape":[1,32],"data_offsets":[0,32]}}`, make([]byte, 32)...), "encoder.word")
	f.Fuzz(func(t *testing.T, file []byte, name string) {
		tensors, err := ParseTensors(file)
		if err != nil {
			return
		}
		n := 1
		for _, d := range tensors.Shape(name) {
			n *= d
		}
		if x, err := tensors.Floats(name, tensors.Shape(name)...); err == nil && len(x) != n {
			t.Errorf("%d floats of shape %v", len(x), tensors.Shape(name))
		}
		New(tensors)
	})
}
