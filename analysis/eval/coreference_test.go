package eval

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
)

// lettered makes a document of one-letter mentions from the entities of the gold,
// "abc defg", and what was found of it.
func lettered(key, response string) (gold.CoreferenceDoc, []CoreferenceMention) {
	doc := gold.CoreferenceDoc{ID: "letters", Text: "abcdefghijkl"}
	var found []CoreferenceMention
	for e, letters := range strings.Fields(key) {
		for _, l := range letters {
			at := corpus.Span{Start: int(l - 'a'), End: int(l-'a') + 1}
			doc.Mentions = append(doc.Mentions, gold.CoreferenceMention{Span: at, Head: at, Entity: string(rune('0' + e))})
		}
	}
	for e, letters := range strings.Fields(response) {
		for _, l := range letters {
			at := corpus.Span{Start: int(l - 'a'), End: int(l-'a') + 1}
			found = append(found, CoreferenceMention{Span: at, Head: at, Entity: e})
		}
	}
	return doc, found
}

// TestCoreferenceMeasures works the examples of Pradhan et al. (2014) and others
// by hand.
func TestCoreferenceMeasures(t *testing.T) {
	for _, x := range []struct {
		name, key, response       string
		mucP, mucR, b3P, b3R, ceP float64
		ceR                       float64
	}{
		{"Pradhan et al.", "abc defg", "ab cd fghi", 2. / 5, 2. / 5, 4. / 8, 35. / 84, 1.3 / 3, 1.3 / 2},
		{"all right", "abc de", "de abc", 1, 1, 1, 1, 1, 1},
		{"all in one", "ab cd", "abcd", 2. / 3, 1, 0.5, 1, 2. / 3, 1. / 3},
		{"one in two", "abcd", "ab cd", 1, 2. / 3, 1, 0.5, 1. / 3, 2. / 3},
		{"nothing in common", "ab", "cd", 0, 0, 0, 0, 0, 0},
		{"lone mentions do not count", "ab c", "ab d", 1, 1, 1, 1, 1, 1},
		{"the best pairing is not the greedy one", "abcd ef", "abe cdf", 2. / 4, 2. / 4, 20. / 36, 0.5, (4./7 + 2./5) / 2, (4./7 + 2./5) / 2},
	} {
		doc, found := lettered(x.key, x.response)
		s := Coreference([]gold.CoreferenceDoc{doc}, [][]CoreferenceMention{found}, Options{Samples: -1}).Exact
		for _, m := range []struct {
			name      string
			got, want float64
		}{
			{"MUC precision", s.MUC.Precision.Value, x.mucP}, {"MUC recall", s.MUC.Recall.Value, x.mucR},
			{"B3 precision", s.B3.Precision.Value, x.b3P}, {"B3 recall", s.B3.Recall.Value, x.b3R},
			{"CEAFe precision", s.CEAFe.Precision.Value, x.ceP}, {"CEAFe recall", s.CEAFe.Recall.Value, x.ceR},
			{"CoNLL F1", s.CoNLL.Value, (f1(x.mucP, x.mucR) + f1(x.b3P, x.b3R) + f1(x.ceP, x.ceR)) / 3},
		} {
			if math.Abs(m.got-m.want) > 2e-6 {
				t.Errorf("%s: %s is %.6f, want %.6f", x.name, m.name, m.got, m.want)
			}
		}
	}
}

// TestAssign holds the pairing to the best of all permutations.
func TestAssign(t *testing.T) {
	value := [][]float64{{7, 5, 1, 0}, {6, 1, 2, 0}, {5, 5, 3, 9}, {0, 4, 4, 8}}
	sum := 0.0
	for i, k := range assign(value) {
		sum += value[i][k]
	}
	if sum != 24 { // 5 + 6 + 9 + 4
		t.Errorf("the pairing %v sums to %v, want 24", assign(value), sum)
	}
}

// TestAntecedents judges pronouns: right by the nearest antecedent, whatever it
// is, and by the nearest name or noun.
func TestAntecedents(t *testing.T) {
	const text = "Ada Roth met Ida Marr. She saw her ship; it left. She waved."
	mention := func(words, entity string, nth int) gold.CoreferenceMention {
		at := 0
		for range nth {
			at += strings.Index(text[at:], words) + len(words)
		}
		span := corpus.Span{Start: at - len(words), End: at}
		head := span
		head.Start = span.Start + strings.LastIndexByte(words, ' ') + 1
		return gold.CoreferenceMention{Span: span, Head: head, Entity: entity, Pronoun: pronounOf(words) == "she" || pronounOf(words) == "it"}
	}
	doc := gold.CoreferenceDoc{ID: "d", Text: text, Mentions: []gold.CoreferenceMention{mention("Ada Roth", "a", 1), mention("Ida Marr", "i", 1),
		mention("She", "a", 1), mention("her ship", "s", 1), mention("her", "a", 1), mention("it", "s", 1), mention("She", "a", 2)}}
	found := []CoreferenceMention{}
	for i, entity := range []int{0, 1, 1, 2, 1, 2, 1} { // "She" was tied to Ida Marr, and so were "her" and "She"
		found = append(found, CoreferenceMention{Span: doc.Mentions[i].Span, Head: doc.Mentions[i].Head, Entity: entity})
	}
	r := Coreference([]gold.CoreferenceDoc{doc}, [][]CoreferenceMention{found}, Options{})
	if r.Pronouns != 4 || r.Right != 3 || r.Nominal != 4 || r.Named.Value != 0.25 {
		t.Errorf("%d of %d pronouns right, %.2f of %d by a name: want 3 of 4, 0.25 of 4", r.Right, r.Pronouns, r.Named.Value, r.Nominal)
	}
	if len(r.Losses) != 1 || r.Losses[0].Gold != "Ada Roth" || r.Losses[0].Got != "Ida Marr" || r.Losses[0].Around != "Ada Roth met Ida Marr. ⟨She⟩ saw her ship; it left. She waved." {
		t.Errorf("losses %+v", r.Losses)
	}
	if r.Mentions.F1.Value != 1 {
		t.Errorf("mentions %v", r.Mentions)
	}
	var out bytes.Buffer
	if err := r.WriteText(&out); err != nil || !strings.Contains(out.String(), "she   2/3") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

// TestHeads holds that a mention whose span is wrong counts by its head, once.
func TestHeads(t *testing.T) {
	doc := gold.CoreferenceDoc{ID: "d", Text: "the old harbour of Velgrad … the harbour", Mentions: []gold.CoreferenceMention{
		{Span: corpus.Span{Start: 0, End: 26}, Head: corpus.Span{Start: 8, End: 15}, Entity: "1"},
		{Span: corpus.Span{Start: 31, End: 42}, Head: corpus.Span{Start: 35, End: 42}, Entity: "1"}}}
	short := CoreferenceMention{Span: corpus.Span{Start: 0, End: 15}, Head: corpus.Span{Start: 8, End: 15}}
	r := Coreference([]gold.CoreferenceDoc{doc}, [][]CoreferenceMention{{short, short, {Span: doc.Mentions[1].Span, Head: doc.Mentions[1].Head}}}, Options{Samples: -1})
	if r.Mentions.Right != 2 || r.Mentions.Predicted != 3 || r.Head.MUC.Recall.Value != 1 || r.Exact.MUC.Recall.Value != 0 {
		t.Errorf("mentions %v, by heads %+v, exact %+v", r.Mentions, r.Head.MUC, r.Exact.MUC)
	}
}
