package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/reports/table"
)

// No statement is drawn from a line that an outlet repeats.
func TestRepeatedLines(t *testing.T) {
	cities := []string{"Velgrad", "Norhaven", "Tarsk", "Almark", "Orsha", "Marenne"}
	for n, want := range map[int]bool{3: true, 6: false} { // three times may be chance
		dir := t.TempDir()
		var in strings.Builder
		for i, city := range cities[:n] {
			fmt.Fprintf(&in, `{"id":"%d","publisher":"Gazette","date":"2020-04-%02d","text":"Minister Viktor Hale of %s condemned the strikes on Syria on day %d of his visit.\n\nHe was speaking in %s, where %d people had met.\n\n“The strikes on Syria were a crime,” says Agnes Roth, our founder."}`+"\n", i, i+1, city, i, city, 100*i)
		}
		path := write(t, dir, "a.jsonl", []byte(in.String()))
		if code, _, stderr := call(t, "", "run", "--out", dir+"/out", path); code != exitDone {
			t.Fatal(stderr)
		}
		info, err := table.ReadRun(dir + "/out")
		if err != nil {
			t.Fatal(err)
		}
		if info.Counts.Analysed != n || info.Counts.Statements < n {
			t.Errorf("counts %+v", info.Counts)
		}
		speakers, err := table.ReadSpeakers(dir + "/out")
		if err != nil {
			t.Fatal(err)
		}
		founder := false
		for _, s := range speakers {
			founder = founder || strings.Contains(s.Name, "Roth")
		}
		if founder != want {
			t.Errorf("of %d articles, the founder speaks: %v, want %v", n, founder, want)
		}
	}
}
