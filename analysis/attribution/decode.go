package attribution

import (
	"math"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// A reading is what the heads say of an article: the label probabilities of
// its words, and its candidates for cues in order.
type reading struct {
	read   []bool // by paragraph, or nil where all were read
	words  []encoder.Word
	labels [][labelCount]float32
	cues   []cue
}

// A found statement, in words.
type found struct {
	source, cue corpus.Range // empty where there is none
	content     []corpus.Range
	conf        float64 // that somebody says the content
	sourceConf  float64 // that the source is the right one
}

// settings steer the decoder.
type settings struct {
	cue         float32 // least probability that a cue begins
	content     float64 // least mean probability that the words of a content belong to its cue
	source      float64 // the same of the words of a labelled source
	weakSource  float32 // the same of the best word, where no source is labelled
	ownerSwitch float64 // what it costs to change the owner within a content, in nats
	claim       float32 // a cue below it everywhere in a content does not compete for it
	outside     float64 // bonus of the label outside, in nats
	inside      float64 // bonus of the label inside content, in nats
}

// chosen are, of the settings within half a point of the least error on PolNeAR's
// dev split, those that find most on the coded dev articles.
var chosen = settings{cue: 0.30, content: 0.45, source: 0.30, weakSource: 0.40, ownerSwitch: 2, claim: 0.10, outside: -0.4, inside: 0.2}

// A scaling makes a probability of a raw score: σ(a·logit(score) + b), fitted
// on PolNeAR's dev split (Platt, 1999).
type scaling struct{ a, b float64 }

var (
	statementScaling = scaling{0.890, 0.376}
	sourceScaling    = scaling{0.426, 1.628}
)

func (s scaling) of(score float64) float64 {
	score = min(0.999, max(0.001, score))
	return 1 / (1 + math.Exp(-s.a*math.Log(score/(1-score))-s.b))
}

// decode settles which words are whose. The words' labels give the spans of
// contents and sources, by the best legal path; the links give each content,
// or stretch of one, its cue.
func (r *reading) decode(set settings) []found {
	var deciding []*cue
	isCue := make([]bool, len(r.words))
	for i := range r.cues {
		if c := &r.cues[i]; c.p >= set.cue {
			deciding = append(deciding, c)
			for w := c.first; w <= c.last; w++ {
				isCue[w] = true
			}
		}
	}
	path := r.path(set)
	contents, sources := r.spans(path, beginContent), r.spans(path, beginSource)
	claims := make([][]corpus.Range, len(deciding))
	for _, span := range contents {
		for _, o := range owners(deciding, span, set) {
			for a := o.First; a < o.Last; { // a cue within is nobody's content
				b := a
				for b < o.Last && !isCue[b] {
					b++
				}
				if b > a {
					claims[o.cue] = append(claims[o.cue], corpus.Range{First: a, Last: b})
				}
				a = b + 1
			}
		}
	}
	var out []found
	for i, c := range deciding {
		content := r.tidy(claims[i], isCue)
		if len(content) == 0 {
			continue
		}
		f := found{cue: corpus.Range{First: c.first, Last: c.last + 1}, content: content}
		if f.source, f.sourceConf = r.source(c, sources, set); f.source.Len() > 0 {
			f.sourceConf = sourceScaling.of(f.sourceConf)
		}
		f.conf = statementScaling.of(float64(c.p) * meanPart(c, content, contentPart))
		out = append(out, f)
	}
	return out
}

// path is the likeliest sequence of labels in which an inside label follows
// its own kind (Viterbi, 1967).
func (r *reading) path(set settings) []uint8 {
	n := len(r.words)
	out := make([]uint8, n)
	if n == 0 {
		return out
	}
	from := make([][labelCount]uint8, n)
	bonus := [labelCount]float64{outside: set.outside, insideContent: set.inside, beginContent: set.inside}
	var score [labelCount]float64
	for i, p := range r.labels {
		var next [labelCount]float64
		for k := range next {
			best, at := math.Inf(-1), 0
			for j := range score {
				if inside := k > 0 && k%2 == 0; inside && (i == 0 || j != k && j != k-1) {
					continue
				}
				if score[j] > best {
					best, at = score[j], j
				}
			}
			next[k] = best + math.Log(float64(p[k])+1e-6) + bonus[k]
			from[i][k] = uint8(at)
		}
		score = next
	}
	best := 0
	for k := range score {
		if score[k] > score[best] {
			best = k
		}
	}
	for i := n - 1; i >= 0; i-- {
		out[i] = uint8(best)
		best = int(from[i][best])
	}
	return out
}

// spans lists the runs of a part in the path, none over the end of a
// paragraph.
func (r *reading) spans(path []uint8, begin uint8) []corpus.Range {
	var out []corpus.Range
	for i := 0; i < len(path); {
		if path[i] != begin && path[i] != begin+1 {
			i++
			continue
		}
		j := i + 1
		for j < len(path) && path[j] == begin+1 && r.words[j].Paragraph == r.words[i].Paragraph {
			j++
		}
		out = append(out, corpus.Range{First: i, Last: j})
		i = j
	}
	return out
}

type owned struct {
	corpus.Range
	cue int // index of the cue that owns the words
}

// owners parts a content among the cues that compete for it, by the likeliest
// sequence of owners; stretches that no cue holds firmly are left out.
func owners(cues []*cue, span corpus.Range, set settings) []owned {
	var rivals []int
	for k, c := range cues {
		for w := span.First; w < span.Last; w++ {
			if c.part(w, contentPart) > set.claim {
				rivals = append(rivals, k)
				break
			}
		}
	}
	if len(rivals) == 0 {
		return nil
	}
	n := span.Len()
	from := make([]int, n*len(rivals))
	score := make([]float64, len(rivals))
	for i := 0; i < n; i++ {
		top := 0
		for k := range score {
			if score[k] > score[top] {
				top = k
			}
		}
		least := score[top] - set.ownerSwitch
		for k, c := range rivals {
			from[i*len(rivals)+k] = k
			if i > 0 && score[k] < least {
				score[k] = least
				from[i*len(rivals)+k] = top
			}
			score[k] += math.Log(float64(cues[c].part(span.First+i, contentPart)) + 1e-3)
		}
	}
	best := 0
	for k := range score {
		if score[k] > score[best] {
			best = k
		}
	}
	owner := make([]int, n)
	for i := n - 1; i >= 0; i-- {
		owner[i] = best
		best = from[i*len(rivals)+best]
	}
	var out []owned
	for i := 0; i < n; {
		j := i + 1
		for j < n && owner[j] == owner[i] {
			j++
		}
		o := owned{corpus.Range{First: span.First + i, Last: span.First + j}, rivals[owner[i]]}
		if meanPart(cues[o.cue], []corpus.Range{o.Range}, contentPart) >= set.content {
			out = append(out, o)
		}
		i = j
	}
	return out
}

func meanPart(c *cue, spans []corpus.Range, part int) float64 {
	sum, n := 0.0, 0
	for _, s := range spans {
		for w := s.First; w < s.Last; w++ {
			sum += float64(c.part(w, part))
			n++
		}
	}
	return sum / float64(n)
}

// tidy joins the stretches of a content over a mark or two, and drops those
// without a word, and single words beside longer stretches.
func (r *reading) tidy(spans []corpus.Range, isCue []bool) []corpus.Range {
	var joined []corpus.Range
	for _, s := range spans {
		if n := len(joined); n > 0 && r.bridges(joined[n-1].Last, s.First, isCue) {
			joined[n-1].Last = s.Last
			continue
		}
		joined = append(joined, s)
	}
	longest := 0
	for _, s := range joined {
		longest = max(longest, s.Len())
	}
	least := 2
	if longest <= 1 {
		least = 1
	}
	var out []corpus.Range
	for _, s := range joined {
		n := 0
		for w := s.First; w < s.Last; w++ {
			if r.words[w].Shape != encoder.Mark {
				n++
			}
		}
		if n >= least {
			out = append(out, s)
		}
	}
	return out
}

func (r *reading) bridges(a, b int, isCue []bool) bool {
	for w := a; w < b; w++ {
		if r.words[w].Shape != encoder.Mark || isCue[w] {
			return false
		}
	}
	return b-a <= 2
}

// source is the labelled source that the cue holds most firmly, or, where none
// is labelled, the words around its likeliest one.
func (r *reading) source(c *cue, sources []corpus.Range, set settings) (corpus.Range, float64) {
	var best corpus.Range
	score := 0.0
	for _, s := range sources {
		if s.Last <= c.from || s.First >= c.from+len(c.parts) {
			continue
		}
		if p := meanPart(c, []corpus.Range{s}, sourcePart); p > score {
			best, score = s, p
		}
	}
	if score >= set.source {
		return best, score
	}
	top := c.from
	for w := range c.parts {
		if c.parts[w][sourcePart] > c.part(top, sourcePart) {
			top = c.from + w
		}
	}
	p := c.part(top, sourcePart)
	if p < set.weakSource {
		return corpus.Range{}, 0
	}
	a, b := top, top+1
	least := min(0.5, 0.6*p)
	for c.part(a-1, sourcePart) > least {
		a--
	}
	for c.part(b, sourcePart) > least {
		b++
	}
	return corpus.Range{First: a, Last: b}, float64(p)
}
