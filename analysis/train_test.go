package analysis

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/models"
)

// inventedData writes coded data of invented people in the layout that
// TrainStance reads, and returns its folder.
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
	put("mission/dev-articles.jsonl", []string{`{"id":"d","title":"","text":"Orla Venn condemned Assad. Edda Quill praised the strikes."}`})
	put("mission/dev-gold.jsonl", []string{
		`{"id":"d","speaker":"Orla Venn","target":"assad","stance":-1,"basis":"described","evidence":"Orla Venn condemned Assad"}`,
		`{"id":"d","speaker":"Edda Quill","target":"strikes","stance":1,"basis":"described","evidence":"Edda Quill praised the strikes"}`,
		`{"id":"d","speaker":"Edda Quill","target":"assad","stance":1,"basis":"described","evidence":"Edda Quill praised the strikes","disputed":true}`,
		`{"id":"d","speaker":"Edda Quill","target":"assad","stance":1,"basis":"described","evidence":"words of no article"}`,
	})
	return dir
}

// TestTrainStance holds that training gives the same model and card to the
// byte, and that the card tells of that model and of the rows it saw.
func TestTrainStance(t *testing.T) {
	dir := inventedData(t)
	set := stance.Settings{L2: [4]float64{2, 2, 2, 2}, MinCount: [4]int{1, 1, 1, 1}, Iterations: 30}
	model, card, err := trainStance(context.Background(), dir, set)
	if err != nil {
		t.Fatal(err)
	}
	again, cardAgain, err := trainStance(context.Background(), dir, set)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(model, again) || card != cardAgain {
		t.Error("the same rows gave another model or card")
	}
	for _, want := range []string{
		models.Sum(model),
		"| NewsMTSC train (Hamborg & Donnay 2021) | 36 |", "| DSE train (Park et al. 2021) | 36 |",
		"coded by machine after the project's codebook) | 72 |",
		"\n| targeted | 9 | ", "\n| directed | 8 | ",
		"\n| statement | 2 | ", // neither the disputed row nor the one without evidence
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q:\n%s", want, card)
		}
	}
	if _, err := stance.New(model, stance.Config{MinConfidence: 0.5}); err != nil {
		t.Errorf("the model cannot be loaded: %v", err)
	}
}

func TestTrainStanceWithoutData(t *testing.T) {
	dir := inventedData(t)
	missing := filepath.Join(dir, "mission", "dev-gold.jsonl")
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	if _, _, err := TrainStance(context.Background(), dir); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("without a held-out file: error %v, want one that names it", err)
	}
}
