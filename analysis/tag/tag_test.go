package tag

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jdkato/prose/v2"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/models"
)

// sentenceOf builds a document of one sentence of words parted by spaces.
func sentenceOf(text string) *corpus.Document {
	doc := &corpus.Document{ID: "test", Text: text}
	at := 0
	for _, w := range strings.Fields(text) {
		at += strings.Index(text[at:], w)
		doc.Tokens = append(doc.Tokens, corpus.Token{Span: corpus.Span{Start: at, End: at + len(w)}, Quotation: -1})
		at += len(w)
	}
	doc.Sentences = []corpus.Sentence{{Span: corpus.Span{End: len(text)}, Tokens: corpus.Range{Last: len(doc.Tokens)}}}
	doc.Add(corpus.LayerTokens | corpus.LayerSentences)
	return doc
}

var samples = []string{
	"The foreign minister of Valdoria said on Tuesday that her government would not accept the draft .",
	"Critics have called the 2031 raid a well-planned provocation , and they want proof .",
	"Who gave the order to strike the base near Tarsk ?",
	"He condemned the strikes , which he called illegal , and left .",
}

func model(t testing.TB) []byte {
	t.Helper()
	weights, err := models.Tag()
	if err != nil {
		t.Fatal(err)
	}
	return weights
}

// TestFromProse holds that the embedded model is what FromProse makes.
func TestFromProse(t *testing.T) {
	made, card, err := FromProse()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, model(t)) {
		t.Error("models/tag.bin is another model than prose's: run standpoint train tag --out models/tag.bin")
	}
	if have, err := os.ReadFile("../../models/tag.md"); err != nil || string(have) != card {
		t.Errorf("models/tag.md is stale: run standpoint train tag --out models/tag.bin (%v)", err)
	}
}

// TestDamagedModel holds that no cut or changed byte makes New panic, and that
// every cut is found.
func TestDamagedModel(t *testing.T) {
	whole, err := encode([]string{"JJ", "NN"}, map[string]string{"tide": "NN"},
		[]feature{{hash(start, "bias"), []cell{{1, 500}}}, {hash(start, "i word low"), []cell{{0, 900}, {1, -70}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(whole); err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		if _, err := New(whole[:i]); err == nil {
			t.Errorf("a model cut at byte %d was taken", i)
		}
		changed := bytes.Clone(whole)
		changed[i] ^= 0xff
		New(changed)
	}
	if _, err := encode([]string{"NN"}, nil, []feature{{7, []cell{{0, 1}}}, {7, []cell{{0, 2}}}}); err == nil {
		t.Error("two features of one hash were written")
	}
}

// TestEqualsProse holds the scorer to the model's own answers.
func TestEqualsProse(t *testing.T) {
	stage, err := New(model(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range samples {
		doc := sentenceOf(text)
		if err := stage.Process(doc); err != nil {
			t.Fatal(err)
		}
		theirs, err := prose.NewDocument(text, prose.WithSegmentation(false), prose.WithExtraction(false))
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, tok := range theirs.Tokens() {
			want = append(want, tok.Text+"/"+tok.Tag)
		}
		for i := range doc.Tokens {
			got = append(got, doc.TokenText(i)+"/"+doc.Tokens[i].Tag)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-prose +ours):\n%s", text, diff)
		}
	}
}

func TestNeedsSentences(t *testing.T) {
	stage, err := New(model(t))
	if err != nil {
		t.Fatal(err)
	}
	err = stage.Process(&corpus.Document{ID: "bare"})
	if err == nil || !strings.Contains(err.Error(), "tokens+sentences") {
		t.Errorf("got %v, want an error that names the missing layers", err)
	}
}

func BenchmarkTag(b *testing.B) {
	doc := sentenceOf(strings.Repeat(samples[0]+" "+samples[3]+" ", 50))
	stage, err := New(model(b))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := stage.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(doc.Tokens))*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
