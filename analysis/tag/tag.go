// Package tag gives each token its Penn Treebank part of speech.
//
// It needs LayerTokens and LayerSentences and adds LayerTags.
//
// The model is prose's averaged perceptron (a port of TextBlob's; Honnibal,
// 2013). prose itself sums its float weights in the random order of Go's maps
// and breaks ties the same way, so that two runs over one text can differ; it
// also builds a string for every feature. The weights are therefore read out
// of prose's model once and scored here: in a fixed order, without allocation.
package tag

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/jdkato/prose/v2"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage tags documents. It is safe for concurrent use.
type Stage struct{ *perceptron }

type perceptron struct {
	classes []string
	fixed   map[string]string   // words that the training text tags one way
	rows    map[string][2]int32 // feature -> range in cells
	cells   []cell
}

type cell struct {
	class  int32
	weight float64
}

var load = sync.OnceValues(readProse)

// New returns the stage. The model is loaded once for the whole program.
func New() (*Stage, error) {
	p, err := load()
	if err != nil {
		return nil, err
	}
	return &Stage{p}, nil
}

// readProse copies the tagger's weights out of prose's private fields; the
// version in go.mod is exact, and the tests fail if the fields move.
func readProse() (p *perceptron, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("tag: this version of prose keeps its weights elsewhere: %v", r)
		}
	}()
	doc, err := prose.NewDocument("", prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return nil, fmt.Errorf("tag: loading prose's model: %w", err)
	}
	model := reflect.ValueOf(doc.Model).Elem().FieldByName("tagger").Elem().FieldByName("model").Elem()

	p = &perceptron{fixed: map[string]string{}, rows: map[string][2]int32{}}
	classes := model.FieldByName("classes")
	index := map[string]int32{}
	for i := range classes.Len() {
		p.classes = append(p.classes, classes.Index(i).String())
	}
	sort.Strings(p.classes)
	for i, c := range p.classes {
		index[c] = int32(i)
	}
	for it := model.FieldByName("tagMap").MapRange(); it.Next(); {
		p.fixed[it.Key().String()] = it.Value().String()
	}
	for it := model.FieldByName("weights").MapRange(); it.Next(); {
		first := int32(len(p.cells))
		for w := it.Value().MapRange(); w.Next(); {
			class, ok := index[w.Key().String()]
			if weight := w.Value().Float(); ok && weight != 0 {
				p.cells = append(p.cells, cell{class, weight})
			}
		}
		if last := int32(len(p.cells)); last > first {
			row := p.cells[first:last]
			sort.Slice(row, func(i, j int) bool { return row[i].class < row[j].class })
			p.rows[it.Key().String()] = [2]int32{first, last}
		}
	}
	return p, nil
}

// Process adds LayerTags to the document.
func (s *Stage) Process(doc *corpus.Document) error {
	if err := doc.Require("tag", corpus.LayerTokens|corpus.LayerSentences); err != nil {
		return err
	}
	var b buffers
	b.scores = make([]float64, len(s.classes))
	for _, sentence := range doc.Sentences {
		s.tagSentence(doc, sentence.Tokens, &b)
	}
	doc.Add(corpus.LayerTags)
	return nil
}

type buffers struct {
	context []string
	key     []byte
	scores  []float64
}

func (s *Stage) tagSentence(doc *corpus.Document, r corpus.Range, b *buffers) {
	b.context = append(b.context[:0], "-START-", "-START2-")
	for i := r.First; i < r.Last; i++ {
		b.context = append(b.context, normalize(straight(doc.TokenText(i))))
	}
	b.context = append(b.context, "-END-", "-END2-")
	// prose begins with its two markers in this order
	p1, p2 := "-START-", "-START2-"
	for i := r.First; i < r.Last; i++ {
		word := straight(doc.TokenText(i))
		tag := punctuation(doc, i, word)
		if tag == "" {
			var ok bool
			if tag, ok = s.fixed[word]; !ok {
				tag = s.predict(word, b, i-r.First+2, p1, p2)
			}
		}
		doc.Tokens[i].Tag = tag
		p2, p1 = p1, tag
	}
}

// punctuation tags what needs no model; prose has no tag for curly marks.
func punctuation(doc *corpus.Document, i int, word string) string {
	switch word {
	case "\"", "«", "»", "„", "‹", "›":
		if q := doc.Tokens[i].Quotation; q >= 0 && doc.Quotations[q].Start == doc.Tokens[i].Start {
			return "``"
		}
		return "''"
	case "'":
		if q := doc.Tokens[i].Quotation; q >= 0 && doc.Quotations[q].Start == doc.Tokens[i].Start {
			return "``"
		} else if q >= 0 && doc.Quotations[q].End == doc.Tokens[i].End {
			return "''"
		}
		return "POS"
	case "—", "–", "--", "…", "...", "-":
		return ":"
	case "(", "[":
		return "("
	case ")", "]":
		return ")"
	}
	if strings.HasPrefix(word, "@") || strings.Contains(word, "://") || strings.HasPrefix(word, "www.") {
		return "NN"
	}
	return ""
}

// straight turns curly apostrophes and marks into the straight ones that the
// model was trained with.
func straight(word string) string {
	if !strings.ContainsAny(word, "’‘“”") {
		return word
	}
	return straightener.Replace(word)
}

var straightener = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'")

func (s *Stage) predict(word string, b *buffers, i int, p1, p2 string) string {
	for k := range b.scores {
		b.scores[k] = 0
	}
	ctx := b.context
	prefix := word[:1] // one byte, as prose has it
	s.add(b, "bias", "", "")
	s.add(b, "i suffix ", word[len(word)-min(len(word), 3):], "")
	s.add(b, "i pref1 ", prefix, "")
	s.add(b, "i-1 tag ", p1, "")
	s.add(b, "i-2 tag ", p2, "")
	s.add(b, "i tag+i-2 tag ", p1, p2)
	s.add(b, "i word ", ctx[i], "")
	s.add(b, "i-1 tag+i word ", p1, ctx[i])
	s.add(b, "i-1 word ", ctx[i-1], "")
	s.add(b, "i-1 suffix ", ctx[i-1][len(ctx[i-1])-min(len(ctx[i-1]), 3):], "")
	s.add(b, "i-2 word ", ctx[i-2], "")
	s.add(b, "i+1 word ", ctx[i+1], "")
	s.add(b, "i+1 suffix ", ctx[i+1][len(ctx[i+1])-min(len(ctx[i+1]), 3):], "")
	s.add(b, "i+2 word ", ctx[i+2], "")
	best := 0
	for k, v := range b.scores {
		if v > b.scores[best] {
			best = k
		}
	}
	return s.classes[best]
}

func (s *Stage) add(b *buffers, name, x, y string) {
	b.key = append(append(b.key[:0], name...), x...)
	if y != "" {
		b.key = append(append(b.key, ' '), y...)
	}
	row, ok := s.rows[string(b.key)]
	if !ok {
		return
	}
	for _, c := range s.cells[row[0]:row[1]] {
		b.scores[c.class] += c.weight
	}
}

// normalize is prose's: the classes of words that the model does not know apart.
func normalize(word string) string {
	if word == "" {
		return word
	}
	if word[0] != '-' && strings.Contains(word, "-") {
		return "!HYPHEN"
	}
	if c := word[0]; '0' <= c && c <= '9' {
		if len(word) == 4 {
			if _, err := strconv.Atoi(word); err == nil {
				return "!YEAR"
			}
		}
		return "!DIGITS"
	}
	return strings.ToLower(word)
}
