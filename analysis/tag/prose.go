package tag

import (
	"crypto/sha256"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/jdkato/prose/v2"
)

// FromProse makes the model of this package from prose's, and its card in
// Markdown. prose's takes half a second to load, most of a short run; this one
// gives the same tags and loads in milliseconds.
//
// It copies the weights out of prose's private fields; the version in go.mod
// is exact, and the tests fail if the fields move.
func FromProse() (model []byte, card string, err error) {
	defer func() {
		if r := recover(); r != nil {
			model, err = nil, fmt.Errorf("tag: this version of prose keeps its weights elsewhere: %v", r)
		}
	}()
	doc, err := prose.NewDocument("", prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return nil, "", fmt.Errorf("tag: loading prose's model: %w", err)
	}
	theirs := reflect.ValueOf(doc.Model).Elem().FieldByName("tagger").Elem().FieldByName("model").Elem()

	var classes []string
	for list, i := theirs.FieldByName("classes"), 0; i < list.Len(); i++ {
		classes = append(classes, list.Index(i).String())
	}
	slices.Sort(classes)
	fixed := map[string]string{}
	for it := theirs.FieldByName("tagMap").MapRange(); it.Next(); {
		fixed[it.Key().String()] = it.Value().String()
	}
	var features []feature
	cells := 0
	for it := theirs.FieldByName("weights").MapRange(); it.Next(); {
		f := feature{hash: hash(start, it.Key().String())}
		for w := it.Value().MapRange(); w.Next(); {
			thousandths := math.Round(w.Value().Float() * 1000) // as the averages were rounded in training
			class, ok := slices.BinarySearch(classes, w.Key().String())
			if ok && thousandths != 0 {
				f.cells = append(f.cells, cell{int32(class), int32(thousandths)})
			}
		}
		if len(f.cells) > 0 {
			slices.SortFunc(f.cells, func(a, b cell) int { return int(a.class - b.class) })
			features = append(features, f)
			cells += len(f.cells)
		}
	}
	if model, err = encode(classes, fixed, features); err != nil {
		return nil, "", err
	}
	return model, cardOf(model, len(classes), len(fixed), len(features), cells), nil
}

func cardOf(model []byte, classes, fixed, features, cells int) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("<!-- Written by `standpoint train tag` beside the weights: write it again rather than edit. -->")
	p("# tag.bin")
	p("")
	p("The Penn Treebank part of speech of each word: an averaged perceptron over the word, its neighbours and the tags")
	p("before it (Honnibal 2013). English.")
	p("")
	p("%d bytes, SHA-256 `%x`. %d classes, %d words with one tag, %d features with %d weights in thousandths.", len(model), sha256.Sum256(model), classes, fixed, features, cells)
	p("")
	p("## Trained on")
	p("")
	p("Nothing here: these are the weights of github.com/jdkato/prose/v2 v2.0.0 (MIT), themselves those of TextBlob's tagger")
	p("(MIT), in a form that loads at once and sums in whole numbers. They follow the Penn Treebank's tags.")
	p("")
	p("## Limits")
	p("")
	p("- Edited English prose: headlines in capitals, transcripts and posts are tagged poorly.")
	p("- Curly quotation marks and apostrophes are read as straight ones, and punctuation is tagged by rule.")
	return b.String()
}
