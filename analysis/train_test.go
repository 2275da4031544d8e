package analysis

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/stance"
)

// inventedData writes coded data of invented people in the layout that
// StancePassages reads, and returns its folder.
func inventedData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, lines []string) {
		var out bytes.Buffer
		text := strings.Join(lines, "\n") + "\n"
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(&out)
			fmt.Fprint(z, text)
			z.Close()
		} else {
			out.WriteString(text)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	people := []string{"Orla Venn", "Tamsin Grode", "Ludo Brakk", "Edda Quill"}
	verbs := map[int][]string{-1: {"condemned", "accused", "blamed"}, 0: {"met", "visited", "joined"}, 1: {"praised", "thanked", "defended"}}
	var targeted, directed, rows, articles []string
	for i, p := range people {
		q := people[(i+1)%len(people)]
		for label := -1; label <= 1; label++ {
			for j, verb := range verbs[label] {
				id := fmt.Sprintf("%d-%d-%d", i, label, j)
				text := fmt.Sprintf("%s %s %s.", p, verb, q)
				from := len(p) + len(verb) + 2
				targeted = append(targeted, fmt.Sprintf(`{"id":%q,"text":%q,"from":%d,"to":%d,"mention":%q,"label":%d}`, id, text, from, from+len(q), q, label))
				directed = append(directed, fmt.Sprintf(`{"id":%q,"text":"[%s] %s [%s].","p":%q,"q":%q,"label":%d}`, id, p, verb, q, p, q, []int{3, 0, 1}[label+1]))
				articles = append(articles, fmt.Sprintf(`{"id":%q,"title":"","text":%q}`, id, text))
				rows = append(rows, fmt.Sprintf(`{"id":%q,"speaker":%q,"speaker_mention":%q,"target":{"name":%q,"kind":"person","aliases":[]},"mention":%q,"stance":%d,"basis":"described","evidence":%q}`, id, p, p, q, q, label, text))
			}
		}
	}
	put("targeted/newsmtsc-train.jsonl.gz", targeted)
	put("targeted/newsmtsc-devtest-mt.jsonl.gz", targeted[:9])
	put("directed/dse-train.jsonl.gz", directed)
	put("directed/dse-valid.jsonl.gz", directed[:8])
	for _, name := range []string{"train-syria", "train-any"} {
		put("mission/"+name+".jsonl.gz", rows)
		put("mission/"+name+"-articles.jsonl.gz", articles)
	}
	uncoded := func(id, text string) []string {
		return []string{fmt.Sprintf(`{"id":%q,"title":"","text":%q}`, id, text)}
	}
	put("syria/articles.jsonl.gz", uncoded("u1", "Orla Venn said that Assad was a liar. Edda Quill praised the strikes on Syria. Ludo Brakk met Tamsin Grode."))
	put("news/articles-4000.jsonl.gz", append(uncoded("u2", "It rained."),
		uncoded("u3", "Orla Venn condemned the harbour tax. Edda Quill said Orla Venn hated the harbour tax. Ludo Brakk said the harbour tax would help Orla Venn.")...))
	put("mission/dev-articles.jsonl", []string{`{"id":"d","title":"","text":"Orla Venn condemned Assad. Edda Quill praised the strikes."}`})
	put("mission/dev-gold.jsonl", []string{
		`{"id":"d","speaker":"Orla Venn","target":"assad","stance":-1,"basis":"described","evidence":"Orla Venn condemned Assad"}`,
		`{"id":"d","speaker":"Edda Quill","target":"strikes","stance":1,"basis":"described","evidence":"Edda Quill praised the strikes"}`,
		`{"id":"d","speaker":"Edda Quill","target":"assad","stance":1,"basis":"described","evidence":"Edda Quill praised the strikes","disputed":true}`,
		`{"id":"d","speaker":"Edda Quill","target":"assad","stance":1,"basis":"described","evidence":"words of no article"}`,
	})
	return dir
}

// TestStancePassages holds that cutting gives the same bytes again, and every
// coded row with its class.
func TestStancePassages(t *testing.T) {
	dir := inventedData(t)
	var first, again bytes.Buffer
	n, err := StancePassages(context.Background(), dir, "train", &first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := StancePassages(context.Background(), dir, "train", &again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same rows gave other bytes")
	}
	got, lines := map[string]map[int]int{}, 0
	for line := range bytes.Lines(first.Bytes()) {
		var p stance.Passage
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		lines++
		if got[p.Task] == nil {
			got[p.Task] = map[int]int{}
		}
		got[p.Task][p.Label]++
	}
	if lines != n {
		t.Errorf("%d passages, but %d told", lines, n)
	}
	if diff := cmp.Diff(map[int]int{-1: 12, 0: 12, 1: 12}, got["targeted"]); diff != "" {
		t.Errorf("targeted rows by label (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[int]int{0: 12, 1: 12, 3: 12}, got["directed"]); diff != "" {
		t.Errorf("directed rows by label (-want +got):\n%s", diff)
	}
	if c := got["statement"]; c[1] != 24 || c[2] != 24 || c[3] != 24 {
		t.Errorf("statements by class: %v, want 24 of each side and of neither", c)
	}
}

// TestUncoded holds that articles that nobody coded give examples of each
// task, none with a label.
func TestUncoded(t *testing.T) {
	dir := inventedData(t)
	var out bytes.Buffer
	if _, err := StancePassages(context.Background(), dir, "news", &out); err != nil {
		t.Fatal(err)
	}
	tasks := map[string]int{}
	for line := range bytes.Lines(out.Bytes()) {
		var p stance.Passage
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		if tasks[p.Task]++; p.Label != stance.Uncoded {
			t.Errorf("%s passage has the label %d", p.Task, p.Label)
		}
	}
	if tasks["statement"] < 4 || tasks["targeted"] < 2 || tasks["directed"] < 2 {
		t.Errorf("passages by task: %v, want statements of both articles and sentences of each", tasks)
	}
	out.Reset()
	if n, err := AttributionWindows(context.Background(), dir, "news", &out); err != nil || n != 3 {
		t.Fatalf("%d windows, error %v; want one an article", n, err)
	}
	for line := range bytes.Lines(out.Bytes()) {
		var w struct{ Labels, Links []int }
		if err := json.Unmarshal(line, &w); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(w.Labels, func(l int) bool { return l >= 0 }) || len(w.Labels) == 0 || len(w.Links) > 0 {
			t.Errorf("labels %v and %d links of a window that nobody coded", w.Labels, len(w.Links))
		}
	}
}

func TestStancePassagesWithoutData(t *testing.T) {
	dir := inventedData(t)
	missing := filepath.Join(dir, "mission", "dev-gold.jsonl")
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	if _, err := StancePassages(context.Background(), dir, "dev", io.Discard); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("without the rows: error %v, want one that names them", err)
	}
}
