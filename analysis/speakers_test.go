package analysis

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAddSpeakers(t *testing.T) {
	c, err := DefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ name, text string }{
		{"own.yaml", "speakers:\n  - {name: Port Averil Chamber, type: organisation, aliases: [the Chamber]}\nsame: [[Roth, Agnes Roth, A. Roth]]\ndifferent: [[Viktor Roth, Agnes Roth]]\n"},
		{"own.csv", "\xef\xbb\xbfname,type,aliases\nIlse Corran,person,Mayor Corran; Ilse R. Corran\n"},
		{"merges.csv", "decision,id,name,other_id,reason\nsame,person:hale,Hale,person:ada-hale,\ndifferent,person:r-hale,R. Hale,person:ada-hale,\nopen,person:x,X,person:y,\n"},
	} {
		if err := c.AddSpeakers(writeFile(t, f.name, f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.Speakers); n != 2 || !cmp.Equal(c.Speakers[1].Aliases, []string{"Mayor Corran", "Ilse R. Corran"}) {
		t.Errorf("speakers %+v", c.Speakers)
	}
	want := []aggregate.Ruling{
		{A: "Agnes Roth", B: "Roth", Same: true}, {A: "A. Roth", B: "Roth", Same: true}, {A: "person:ada-hale", B: "person:hale", Same: true},
		{A: "Agnes Roth", B: "Viktor Roth"}, {A: "person:ada-hale", B: "person:r-hale"},
	}
	if diff := cmp.Diff(want, c.Rulings()); diff != "" {
		t.Error(diff)
	}
}

func TestAddSpeakersRefuses(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"a.txt", "", `ends in .yaml, .yml or .csv, not ".txt"`},
		{"a.yaml", "speaker: []\n", `a.yaml:1: unknown key "speaker"`},
		{"b.yaml", "same: [[Roth]]\n", `want two names or more`},
		{"a.csv", "name,kind\nX,person\n", `a.csv:1: the column "type" is missing`},
		{"b.csv", "name,type,colour\nX,person,red\n", `b.csv:1: unknown column "colour"`},
		{"c.csv", "name,type\nX,person\nY,robot\n", `c.csv:3: speaker "Y": type "robot" is none of`},
		{"d.csv", "decision,id,other_id\nperhaps,a,b\n", `d.csv:2: decision "perhaps" is none of same, different, open`},
		{"e.csv", "name,type\nX\n", `e.csv:2: cannot read the row`},
	} {
		c, err := DefaultConfig()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddSpeakers(writeFile(t, x.name, x.text)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q", x.name, err, x.want)
		}
	}
	c := Config{}
	if err := c.AddSpeakers(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "cannot read the speakers") {
		t.Errorf("got %v", err)
	}
}
