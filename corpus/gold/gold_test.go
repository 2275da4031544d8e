package gold

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

func TestReadAndWrite(t *testing.T) {
	rows := []AttributionRow{
		{ID: "a", Text: "“Ja”, sagte Öhm.", Attributions: []Attribution{{Kind: "attribution", Source: Spans{{12, 15}}, Cue: Spans{{6, 11}}, Content: Spans{{0, 4}}}}},
		{ID: "b", Text: "<b>", Attributions: []Attribution{}},
	}
	var plain bytes.Buffer
	if err := Write(&plain, rows); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plain.String(), "<b>") {
		t.Error("markup was escaped")
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(plain.Bytes())
	w.Close()
	for name, data := range map[string][]byte{
		"plain": plain.Bytes(), "zipped": zipped.Bytes(),
		"last line open, empty lines between": bytes.TrimSpace(bytes.ReplaceAll(plain.Bytes(), []byte("\n"), []byte("\r\n\n"))),
	} {
		path := filepath.Join(t.TempDir(), "rows")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadGold[AttributionRow](path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := Read[AttributionRow](filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name, data, want string
		read             func(string) error
	}{
		{"broken", "{\"id\":\"a\",\"attributions\":[]}\n\n{\"id\":", "f:3: not a row of this kind: unexpected end", into[AttributionRow]},
		{"not gzip", "\x1f\x8bno", "f: reading gzip", into[AttributionRow]},
		{"Latin-1", "{\"id\":\"\xe9\"}", "f:1: not a row of this kind: invalid UTF-8", into[AttributionRow]},
		{"no id", `{"text":"x","attributions":[]}`, `"id" is missing`, into[AttributionRow]},
		{"no gold", `{"id":"a","text":"x"}`, `it has no "attributions"`, into[AttributionRow]},
		{"span", `{"id":"a","text":"é","attributions":[{"content":[[0,2]]}]}`, "attribution 1: the span [0, 2] is no range of a text of 1 code points", into[AttributionRow]},
		{"mention", `{"id":"a","text":"x","from":1,"to":0,"label":0}`, "the span [1, 0]", into[TargetedRow]},
		{"label", `{"id":"a","text":"x","label":2}`, "label is 2, none of [-1 0 1]", into[TargetedRow]},
		{"no label", `{"id":"a","text":"x"}`, `it has no "label"`, into[DirectedRow]},
		{"directed label", `{"id":"a","label":5}`, "label is 5", into[DirectedRow]},
		{"prediction without label", `{"id":"a"}`, `it has no "label"`, into[LabelPrediction]},
		{"stance key", `{"id":"a","annotation":{"sentence-level stances":{"x":[]}}}`, `"x" of the stances is no sentence id`, into[TripletsRow]},
		{"no stances", `{"id":"a","annotation":{}}`, `it has no "sentence-level stances"`, into[TripletsRow]},
		{"sentiment", `{"id":"a","triplets":[{"sentence":0,"sentiment":"pos"}]}`, `sentiment is "pos"`, into[TripletsPrediction]},
		{"no target", `{"id":"a","stance":1}`, `"target" has neither`, into[MissionRow]},
		{"stance", `{"id":"a","target":"x","stance":2}`, "stance is 2", into[MissionRow]},
		{"row without stance", `{"id":"a","target":"x"}`, `it has no "stance"`, into[MissionPrediction]},
		{"side", `{"id":"a","statements":[{"id":"s","stances":[{"label":"pro"}]}]}`, `statement "s": label "pro"`, into[MissionPrediction]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.read(tt.data); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v does not hold %q", err, tt.want)
			}
		})
	}
	// Input needs no label.
	if _, err := readRows[TargetedRow](strings.NewReader(`{"id":"a","text":"x","from":0,"to":1}`), "f", false); err != nil {
		t.Error(err)
	}
}

func into[T any](data string) error {
	_, err := readRows[T](strings.NewReader(data), "f", true)
	return err
}

func TestTriplets(t *testing.T) {
	if _, err := readRows[TripletsRow](strings.NewReader(`{"id":"a","text":[{"id":0,"text":"x"}],"annotation":{
		"entity lists":[["Ada Brook",["People"],["Main"],["A"]],["Harbour Act"]],
		"sentence-level stances":{"10":[{"id":0,"subject":"Ada Brook","sentiment":"POS","object":"Harbour Act"}],
		"2":[{"subject":"Not in the list","sentiment":"NEG","object":"Ada Brook"},{"subject":"Ada Brook","sentiment":"NEG","object":"Harbour Act"}]}}}`), "f", false); err == nil {
		t.Fatal("a row over several lines was read")
	}
	line := `{"id":"a","text":[{"id":0,"text":"x"}],"annotation":{"entity lists":[["Ada Brook",["People"],["Main"],["A"]],["Harbour Act"]],` +
		`"sentence-level stances":{"10":[{"id":0,"subject":"Ada Brook","sentiment":"POS","object":"Harbour Act"}],` +
		`"2":[{"subject":"Not in the list","sentiment":"NEG","object":"Ada Brook"},{"subject":"Ada Brook","sentiment":"NEG","object":"Harbour Act"}]}}}`
	rows, err := readRows[TripletsRow](strings.NewReader(line), "f", false)
	if err != nil {
		t.Fatal(err)
	}
	want := []Triplet{{2, SideTaking{"Ada Brook", "NEG", "Harbour Act"}}, {10, SideTaking{"Ada Brook", "POS", "Harbour Act"}}}
	if diff := cmp.Diff(want, rows[0].Triplets()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]TripletEntity{{"Ada Brook", []string{"People"}}, {"Harbour Act", nil}}, rows[0].Annotation.Entities); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := Write(&out, []TripletsPrediction{{"a", want[:1]}}); err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"a","triplets":[{"sentence":2,"subject":"Ada Brook","sentiment":"NEG","object":"Harbour Act"}]}` + "\n"; out.String() != want {
		t.Errorf("wrote %s", out.String())
	}
}

func TestMissionForms(t *testing.T) {
	lines := `{"id":"a","speaker":"Ada Brook","target":"act","stance":1,"basis":"quoted","evidence":"x"}
{"id":"a","speaker":"Ada Brook","target":{"name":"Harbour Act","kind":"policy","aliases":["the act"]},"stance":-1,"basis":"quoted","evidence":"x"}
{"id":"b","title":"","published":null,"publisher":"","duplicate_of":null,"statements":[]}
`
	rows, err := readRows[MissionPrediction](strings.NewReader(lines), "f", false)
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[0].Row.Target.Key(); got != "act" {
		t.Errorf("key %q", got)
	}
	if got := rows[1].Row.Target.Key(); got != "Harbour Act" {
		t.Errorf("key %q", got)
	}
	if rows[2].Row != nil || rows[2].Line == nil || rows[2].Line.ID != "b" {
		t.Errorf("line %+v", rows[2])
	}
	var out bytes.Buffer
	if err := Write(&out, []MissionRow{*rows[0].Row, *rows[1].Row}); err != nil {
		t.Fatal(err)
	}
	if want := lines[:strings.Index(lines, `{"id":"b"`)]; out.String() != want {
		t.Errorf("wrote %s", out.String())
	}
}

func TestSpans(t *testing.T) {
	text := "é “x” 本"
	spans := Spans{{0, 1}, {2, 5}, {6, 7}, {7, 7}}
	bytes := spans.Bytes(text)
	var got []string
	for _, s := range bytes {
		got = append(got, text[s.Start:s.End])
	}
	if diff := cmp.Diff([]string{"é", "“x”", "本", ""}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(spans, FromBytes(corpus.NewRuneOffsets(text), bytes)); diff != "" {
		t.Error(diff)
	}
	p := AttributionPrediction{ID: "a", Attributions: []Attribution{{Cue: Spans{{0, 8}}}}}
	if err := p.CheckSpans(text); err == nil || !strings.Contains(err.Error(), `prediction "a", attribution 1: the span [0, 8]`) {
		t.Error(err)
	}
}

// What was read can be written and read again, the same.
func FuzzMission(f *testing.F) {
	f.Add(`{"id":"a","speaker":"Ada","target":"act","stance":1}`)
	f.Add(`{"id":"a","target":{"name":"x","aliases":["y"]},"stance":0}`)
	f.Fuzz(func(t *testing.T, data string) {
		rows, err := readRows[MissionRow](strings.NewReader(data), "f", false)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, rows); err != nil {
			t.Fatal(err)
		}
		again, err := readRows[MissionRow](&out, "f", false)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if rows[i].Target.Key() != again[i].Target.Key() || rows[i].Speaker != again[i].Speaker || rows[i].Stance != again[i].Stance {
				t.Fatalf("%+v became %+v", rows[i], again[i])
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	line := `{"id":"a","text":"The mayor said that the harbour would open in May.","from":4,"to":9,"mention":"mayor","label":0}` + "\n"
	data := strings.Repeat(line, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readRows[TargetedRow](strings.NewReader(data), "f", false); err != nil {
			b.Fatal(err)
		}
	}
}
