package reader

import (
	"encoding/json"
	"strings"
	"testing"
)

var jsonSeeds = []string{`{"a":"b\u00e9\n\"","c":[1,-0.5e+3,true,false,null,{}],"d":{"e":[]}}`, ` [ ] `, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[,1]`,
	`{1:2}`, `"\x"`, `"\u12g4"`, `"\u12`, `"a`, "\"a\nb\"", "\"\x7f\xff\"", `01`, `-`, `1.`, `.5`, `1e`, `1e-`, `-0`, `0E0`, `tru`, `nulls`, `{}{}`, ``, ` `, `[1}`, `{"a":1]`,
	strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting), strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1)}

func TestValidJSON(t *testing.T) {
	for _, s := range jsonSeeds {
		if got, want := validJSON([]byte(s)), json.Valid([]byte(s)); got != want {
			t.Errorf("validJSON(%.40q) = %v, json.Valid %v", s, got, want)
		}
	}
}

func FuzzValidJSON(f *testing.F) {
	for _, s := range jsonSeeds[:len(jsonSeeds)-2] {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, want := validJSON(data), json.Valid(data); got != want {
			t.Errorf("validJSON(%q) = %v, json.Valid %v", data, got, want)
		}
	})
}

func BenchmarkValidJSON(b *testing.B) {
	line := []byte(`{"id": "1", "text": "` + strings.Repeat(`The mayor of Port Averil said \"no\" to the charge.\n`, 100) + `"}`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if !validJSON(line) {
			b.Fatal("not valid")
		}
	}
}
