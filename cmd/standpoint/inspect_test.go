package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", []byte(`{"id":"1","headline":"Vote","body":"Foreign Minister Agnes Roth said on Monday that the strikes were illegal and that she had told the council of it.\n\nRead more: Who is Roth?","date":"2020-04-07","outlet":"Gazette","mood":"calm"}
{"id":"2","body":"Foreign Minister Agnes Roth said on Monday that the strikes were illegal and that she had told the council of it.\n\nRead more: Who is Roth?","outlet":"Lantern"}
{"id":"3","body":"Die Gesandte sagte am Montag, kein Angriff werde ohne Antwort bleiben, und der Rat sei von den eigenen Ministern davon unterrichtet worden.","date":"03/04/2020"}
{"id":"4"}
`))
	write(t, dir, "photo.jpg", []byte("x"))
	code, stdout, stderr := call(t, "", "inspect", "--json", dir)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var page Inspection
	if err := json.Unmarshal([]byte(stdout), &page); err != nil {
		t.Fatal(err)
	}
	if page.Articles != 3 || page.SetAside != 2 || len(page.Fields) != 6 || page.Fields[0].Name != "id" || page.First == nil || len(page.Reasons) != 3 ||
		len(page.Undated) != 2 || len(page.Copies) != 1 || page.Copies[0] != (Count{"exact", 1}) || len(page.Languages) != 2 || page.Outlets[0].N != 1 {
		t.Errorf("page %+v", page)
	}
	if len(page.Shown) != 3 || page.Shown[0].Published != "2020-04-07T00:00:00Z (field)" || len(page.Shown[0].Regions) != 1 {
		t.Errorf("first articles %+v", page.Shown)
	}
	code, stdout, _ = call(t, "", "inspect", "--limit", "1", "--include", "*.jsonl", dir)
	for _, want := range []string{"1 articles, 0 files or records that are none; stopped by --limit", "body: in 1 records, text of 1", "mood: in 1 records, not used", "outlets     Gazette 1", "  not body  boilerplate: Read more: Who is Roth?"} {
		if code != exitDone || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, lacks %q:\n%s", code, want, stdout)
		}
	}
	if code, _, stderr := call(t, "", "inspect"); code != exitUsage || !strings.Contains(stderr, "no CORPUS") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
