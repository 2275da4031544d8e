package reader

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
)

// TestKnown holds that a record which the caller knows is passed over, wherever it
// lies, and that what it is known by follows from all that its Document does.
func TestKnown(t *testing.T) {
	body := strings.Repeat("The harbour board of Port Averil said that the ferry would not sail. ", 5)
	line := `{"id":"a","text":"` + body + `","date":"2021-03-04"}` + "\n"
	files := map[string]string{
		"a.jsonl": line + strings.Replace(line, `"a"`, `"b"`, 1),
		"c.csv":   "id,text,date\nc,\"" + body + "\",2021-03-05\n",
		"d.txt":   body,
		"e.html":  "<html><body><article><p>" + strings.Repeat(body, 3) + "</p></article></body></html>",
		"f.json":  `[` + strings.Replace(line, `"a"`, `"f"`, 1) + `]`,
	}
	records := func(opt Options, files map[string]string) map[string]RecordDigest {
		t.Helper()
		dir := t.TempDir()
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		out := map[string]RecordDigest{}
		err := Read(context.Background(), []string{dir}, nil, opt, func(item Item) error {
			if item.Doc == nil {
				t.Fatalf("rejected: %v", item.Rejected)
			}
			id := item.Doc.ID
			out[id[strings.LastIndex(id, "/")+1:]] = item.Record
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	known := map[RecordDigest]bool{}
	var places []corpus.Place
	opt := Options{Known: func(place corpus.Place, record RecordDigest) (bool, error) {
		if known[record] {
			places = append(places, place)
		}
		return known[record], nil
	}}
	first := records(opt, files)
	if len(first) != 6 {
		t.Fatalf("%d articles, want 6", len(first))
	}
	for id, record := range first {
		if record == (RecordDigest{}) || known[record] {
			t.Errorf("the record of %s has no digest of its own", id)
		}
		known[record] = true
	}
	// in another place, and beside new ones
	moved := map[string]string{"z.jsonl": strings.Replace(line, `"a"`, `"new"`, 1) + line, "c.csv": files["c.csv"]}
	if second := records(opt, moved); len(second) != 1 || second["new"] == (RecordDigest{}) {
		t.Errorf("the second time, read: %v, want the new article alone", second)
	}
	if len(places) != 2 || places[1].Line != 2 {
		t.Errorf("known at %v, want c.csv and the second line of z.jsonl", places)
	}
	// read in another manner
	clear(known)
	other := opt
	other.Fields.Topic = []string{"desk"}
	for id, record := range records(other, files) {
		if record == first[id] {
			t.Errorf("%s has the same digest under other fields", id)
		}
	}
	// whose Document follows from the time
	other = opt
	other.Now = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	if third := records(other, map[string]string{"a.jsonl": line}); third["a"] != (RecordDigest{}) {
		t.Error("an article dated in the future has a digest: it would stay without a date")
	}
}
