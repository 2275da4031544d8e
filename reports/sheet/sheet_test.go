package sheet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGuard(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"plain words, and more", "plain words, and more"},
		{"a well-known name", "a well-known name"},
		{"=1+1", "'=1+1"},
		{"-2+3", "'-2+3"},
		{"+41 79", "'+41 79"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t'=1"},
		{"＝1", "'＝1"},
		{"'=1", "''=1"},
		{"O'Neil", "O'Neil"},
		{"so;=cmd|' /C calc'!A0", "so;'=cmd|' /C calc'!A0"},
		{"two\n=1", "two\n'=1"},
		{`say "=1"`, `say "'=1"`},
	} {
		if got := Guard(c.text); got != c.want {
			t.Errorf("Guard(%q) = %q, want %q", c.text, got, c.want)
		}
		if got := Bare(c.want); got != c.text {
			t.Errorf("Bare(%q) = %q, want %q", c.want, got, c.text)
		}
	}
}

// dangerous reports whether a spreadsheet that cuts at any of splits would find
// a cell that begins like a formula.
func dangerous(s string) bool {
	for _, cell := range strings.FieldsFunc("x,"+s, func(r rune) bool { return strings.ContainsRune(splits, r) }) {
		if strings.ContainsRune(starts, first(cell)) {
			return true
		}
	}
	return false
}

func FuzzGuard(f *testing.F) {
	for _, s := range []string{"=1", "''=1", "a;'=1", "\t\t=", ",,@", "＝", "'", "-", "\"+", "\xff="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Guard(s)
		if dangerous(got) {
			t.Errorf("Guard(%q) = %q can be taken for a formula", s, got)
		}
		if back := Bare(got); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func TestReadWrites(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, true, "id", "text", "n")
	if err != nil {
		t.Fatal(err)
	}
	w.Text("=id")
	w.Text("“Né”,\nshe said; =1")
	w.Int(-3)
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := []Row{{2, map[string]string{"id": "=id", "text": "“Né”,\nshe said; =1", "n": "-3"}}}
	got, err := Read("a.csv", b.Bytes(), "id", "text")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	got, err = Read("a.csv", []byte("id;side\na;for\nb;against\n"), "id")
	if err != nil || len(got) != 2 || got[1].Cells["side"] != "against" || got[1].Line != 3 {
		t.Errorf("semicolons: %v, %v", got, err)
	}
	for name, c := range map[string]struct{ data, want string }{
		"column": {"id,text\n", `a.csv:1: no column "side"`},
		"short":  {"id,side\na,for\nb\n", "a.csv:3: not a row"},
		"empty":  {"", "a.csv:1: not a sheet"},
	} {
		if _, err := Read("a.csv", []byte(c.data), "side"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
