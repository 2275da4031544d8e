// Package tag gives each token its Penn Treebank part of speech.
//
// It needs LayerTokens and LayerSentences and adds LayerTags.
//
// The model is prose's averaged perceptron (a port of TextBlob's; Honnibal,
// 2013), in a form of this package's own that loads in milliseconds (see
// FromProse). prose itself sums its float weights in the random order of Go's
// maps and breaks ties the same way, so that two runs over one text can differ;
// it also builds a string for every feature. Here weights are whole
// thousandths, features are hashed, and of equal classes the first in
// alphabetical order wins.
package tag

import (
	"strconv"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Stage tags documents. It is safe for concurrent use.
type Stage struct{ *perceptron }

// New returns the stage that uses a model made by FromProse.
func New(model []byte) (*Stage, error) {
	p, err := decode(model)
	if err != nil {
		return nil, err
	}
	return &Stage{p}, nil
}

// Process adds LayerTags to the document.
func (s *Stage) Process(doc *corpus.Document) error {
	if err := doc.Require("tag", corpus.LayerTokens|corpus.LayerSentences); err != nil {
		return err
	}
	var b buffers
	b.scores = make([]int32, len(s.classes))
	for _, sentence := range doc.Sentences {
		s.tagSentence(doc, sentence.Tokens, &b)
	}
	doc.Add(corpus.LayerTags)
	return nil
}

type buffers struct {
	context []string
	scores  []int32
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
	s.add(b, bias, "", "")
	s.add(b, suffix, word[len(word)-min(len(word), 3):], "")
	s.add(b, prefix1, prefix, "")
	s.add(b, tag1, p1, "")
	s.add(b, tag2, p2, "")
	s.add(b, tags, p1, p2)
	s.add(b, this, ctx[i], "")
	s.add(b, tagThis, p1, ctx[i])
	s.add(b, back1, ctx[i-1], "")
	s.add(b, back1Suffix, ctx[i-1][len(ctx[i-1])-min(len(ctx[i-1]), 3):], "")
	s.add(b, back2, ctx[i-2], "")
	s.add(b, next1, ctx[i+1], "")
	s.add(b, next1Suffix, ctx[i+1][len(ctx[i+1])-min(len(ctx[i+1]), 3):], "")
	s.add(b, next2, ctx[i+2], "")
	best := 0
	for k, v := range b.scores {
		if v > b.scores[best] {
			best = k
		}
	}
	return s.classes[best]
}

// The hashes of the names that prose gives its features, to be gone on with.
var (
	bias        = hash(start, "bias")
	suffix      = hash(start, "i suffix ")
	prefix1     = hash(start, "i pref1 ")
	tag1        = hash(start, "i-1 tag ")
	tag2        = hash(start, "i-2 tag ")
	tags        = hash(start, "i tag+i-2 tag ")
	this        = hash(start, "i word ")
	tagThis     = hash(start, "i-1 tag+i word ")
	back1       = hash(start, "i-1 word ")
	back1Suffix = hash(start, "i-1 suffix ")
	back2       = hash(start, "i-2 word ")
	next1       = hash(start, "i+1 word ")
	next1Suffix = hash(start, "i+1 suffix ")
	next2       = hash(start, "i+2 word ")
)

func (s *Stage) add(b *buffers, name uint64, x, y string) {
	h := hash(name, x)
	if y != "" {
		h = hash(hash(h, " "), y)
	}
	for _, c := range s.row(h) {
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
