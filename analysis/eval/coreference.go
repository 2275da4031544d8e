package eval

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
)

// A CoreferenceMention is an expression that was found to refer, in bytes of the
// text. Mentions of one entity share its number.
type CoreferenceMention struct {
	corpus.Span
	Head   corpus.Span
	Entity int
}

// A CoreferenceReport says which expressions were found to refer to one thing,
// by the measures of the CoNLL-2012 task in their reference implementation
// (Pradhan et al. 2014). Mentions are one where they end in the same place, or,
// in Head, where their heads are; entities that are mentioned once count in
// Mentions only, as in CorefUD.
type CoreferenceReport struct {
	Documents int               `json:"documents"`
	Mentions  PRF               `json:"mentions"` // by their heads
	Head      CoreferenceScores `json:"head"`
	Exact     CoreferenceScores `json:"exact"`
	// Pronouns are the personal and possessive ones whose entity was mentioned
	// before. Right where the nearest mention before that is in the same entity
	// as the pronoun is so in the gold; Named leaves pronouns out as antecedents.
	Pronouns int              `json:"pronouns"`
	Right    int              `json:"right"`
	Accuracy Estimate         `json:"accuracy"`
	Nominal  int              `json:"nominal"` // pronouns whose entity was mentioned before by a name or noun
	Named    Estimate         `json:"named"`
	By       []PronounScore   `json:"by"`
	Losses   []AntecedentLoss `json:"losses"`
}

// CoreferenceScores are the three measures and the mean of their F1.
type CoreferenceScores struct {
	MUC   Measure  `json:"muc"`
	B3    Measure  `json:"b3"`
	CEAFe Measure  `json:"ceaf_e"`
	CoNLL Estimate `json:"conll_f1"`
}

// A Measure is precision, recall and F1 of a measure that counts in fractions.
type Measure struct {
	Precision Estimate `json:"precision"`
	Recall    Estimate `json:"recall"`
	F1        Estimate `json:"f1"`
}

// A PronounScore counts the pronouns of one person, number and gender.
type PronounScore struct {
	Pronoun  string `json:"pronoun"`
	Pronouns int    `json:"pronouns"`
	Right    int    `json:"right"`
	Nominal  int    `json:"nominal"` // that a name or noun mentioned before
	Named    int    `json:"named"`   // of these, right by a name or noun
}

// An AntecedentLoss is a pronoun with a wrong antecedent, or without one.
type AntecedentLoss struct {
	ID      string `json:"id"`
	At      int    `json:"at"` // byte of the text
	Pronoun string `json:"pronoun"`
	Gold    string `json:"gold"` // the nearest antecedent
	Got     string `json:"got"`  // empty where there is none
	Around  string `json:"around"`
}

// Places in the counts of a document.
const (
	mentionsRight = iota
	mentionsFound
	mentionsGold
	pronounsRight
	pronounsAll
	namedRight
	namedAll
	headScores  // of three measures: right, found, right, gold
	exactScores = headScores + 12
	scoreWidth  = exactScores + 12
)

// millionth keeps the fractions of B³ and CEAF in whole counts.
const millionth = 1e6

// Coreference scores what was found in each document against its gold.
func Coreference(docs []gold.CoreferenceDoc, found [][]CoreferenceMention, o Options) *CoreferenceReport {
	r := &CoreferenceReport{Documents: len(docs), Losses: []AntecedentLoss{}}
	by := map[string]*PronounScore{}
	var units [][]int
	for i := range docs {
		d := aligned{doc: &docs[i], found: found[i]}
		units = append(units, d.score(by, &r.Losses))
	}
	r.Mentions = prf(units, mentionsRight, mentionsFound, mentionsGold, o)
	r.Head, r.Exact = coreferenceScores(units, headScores, o), coreferenceScores(units, exactScores, o)
	r.Pronouns, r.Right, r.Nominal = total(units, pronounsAll), total(units, pronounsRight), total(units, namedAll)
	e := estimate(units, []metric{share(pronounsRight, pronounsAll), share(namedRight, namedAll)}, o)
	r.Accuracy, r.Named = e[0], e[1]
	for _, b := range by {
		r.By = append(r.By, *b)
	}
	slices.SortFunc(r.By, func(a, b PronounScore) int {
		return cmp.Or(b.Pronouns-a.Pronouns, cmp.Compare(a.Pronoun, b.Pronoun))
	})
	return r
}

func coreferenceScores(units [][]int, at int, o Options) CoreferenceScores {
	var out CoreferenceScores
	var metrics []metric
	for k := range 3 {
		p, r := share(at+4*k, at+4*k+1), share(at+4*k+2, at+4*k+3)
		metrics = append(metrics, p, r, func(c []int) float64 { return f1(p(c), r(c)) })
	}
	mean := func(c []int) float64 { return (metrics[2](c) + metrics[5](c) + metrics[8](c)) / 3 }
	e := estimate(units, append(slices.Clone(metrics), mean), o)
	for k, m := range []*Measure{&out.MUC, &out.B3, &out.CEAFe} {
		*m = Measure{e[3*k], e[3*k+1], e[3*k+2]}
	}
	out.CoNLL = e[9]
	return out
}

// aligned is a document with what was found in it.
type aligned struct {
	doc   *gold.CoreferenceDoc
	found []CoreferenceMention
}

func (d *aligned) score(by map[string]*PronounScore, losses *[]AntecedentLoss) []int {
	out := make([]int, scoreWidth)
	heads := d.pair(func(g *gold.CoreferenceMention, f *CoreferenceMention) bool { return g.Head.Overlaps(f.Head) })
	exact := d.pair(func(g *gold.CoreferenceMention, f *CoreferenceMention) bool { return g.Span == f.Span })
	out[mentionsFound], out[mentionsGold] = len(d.found), len(d.doc.Mentions)
	for _, g := range heads {
		if g >= 0 {
			out[mentionsRight]++
		}
	}
	copy(out[headScores:], measures(d.entities(heads)))
	copy(out[exactScores:], measures(d.entities(exact)))
	d.pronouns(heads, by, losses, out)
	return out
}

// pair gives each mention that was found the mention of the gold that it is, or -1:
// one of the same span before one that only matches, and of these the one whose
// length is nearest.
func (d *aligned) pair(matches func(*gold.CoreferenceMention, *CoreferenceMention) bool) []int {
	out := make([]int, len(d.found))
	taken := make([]bool, len(d.doc.Mentions))
	for i := range out {
		out[i] = -1
	}
	for _, whole := range []bool{true, false} {
		for i := range d.found {
			if out[i] >= 0 {
				continue
			}
			best, least := -1, 0
			for g := range d.doc.Mentions {
				m := &d.doc.Mentions[g]
				differs := max(m.Len()-d.found[i].Len(), d.found[i].Len()-m.Len())
				if !taken[g] && (m.Span == d.found[i].Span || !whole) && matches(m, &d.found[i]) && (best < 0 || differs < least) {
					best, least = g, differs
				}
			}
			if out[i] = best; best >= 0 {
				taken[best] = true
			}
		}
	}
	return out
}

// entities are those of the gold and those found, as sets of mentions: a mention
// found is the number of its pair, or a number of its own.
func (d *aligned) entities(pairs []int) (key, response [][]int) {
	at := map[string]int{}
	for g, m := range d.doc.Mentions {
		k, ok := at[m.Entity]
		if !ok {
			k = len(key)
			at[m.Entity] = k
			key = append(key, nil)
		}
		key[k] = append(key[k], g)
	}
	of := map[int]int{}
	for i, m := range d.found {
		k, ok := of[m.Entity]
		if !ok {
			k = len(response)
			of[m.Entity] = k
			response = append(response, nil)
		}
		g := pairs[i]
		if g < 0 {
			g = len(d.doc.Mentions) + i
		}
		response[k] = append(response[k], g)
	}
	once := func(e []int) bool { return len(e) < 2 }
	return slices.DeleteFunc(key, once), slices.DeleteFunc(response, once)
}

// measures are MUC, B³ and CEAF by entity: of each what precision counts as right
// and of how much, and the same of recall, in millionths.
func measures(key, response [][]int) []int {
	var out []int
	for _, m := range []func(key, response [][]int) (right, all float64){muc, bCubed} {
		p, found := m(response, key)
		r, gold := m(key, response)
		out = append(out, int(math.Round(p*millionth)), int(found*millionth), int(math.Round(r*millionth)), int(gold*millionth))
	}
	common := int(math.Round(ceaf(key, response) * millionth))
	return append(out, common, len(response)*millionth, common, len(key)*millionth)
}

// memberOf is the index of the entity that holds each mention.
func memberOf(entities [][]int) map[int]int {
	out := map[int]int{}
	for k, e := range entities {
		for _, m := range e {
			out[m] = k
		}
	}
	return out
}

// muc counts the links of the key that the response keeps (Vilain et al. 1995).
func muc(key, response [][]int) (right, all float64) {
	in := memberOf(response)
	for _, e := range key {
		parts := map[int]bool{}
		lone := 0
		for _, m := range e {
			if k, ok := in[m]; ok {
				parts[k] = true
			} else {
				lone++
			}
		}
		right += float64(len(e) - len(parts) - lone)
		all += float64(len(e) - 1)
	}
	return right, all
}

// bCubed sums, over the mentions of the key, the share of their entity that the
// response has with them (Bagga & Baldwin 1998).
func bCubed(key, response [][]int) (right, all float64) {
	in := memberOf(response)
	for _, e := range key {
		shared := map[int]int{}
		for _, m := range e {
			if k, ok := in[m]; ok {
				shared[k]++
			}
		}
		sum := 0
		for _, n := range shared {
			sum += n * n
		}
		right += float64(sum) / float64(len(e))
		all += float64(len(e))
	}
	return right, all
}

// ceaf is the similarity φ4 of the best one-to-one pairing of entities (Luo 2005).
func ceaf(key, response [][]int) float64 {
	if len(key) == 0 || len(response) == 0 {
		return 0
	}
	in := memberOf(response)
	n := max(len(key), len(response))
	similar := make([][]float64, n)
	for i := range similar {
		similar[i] = make([]float64, n)
		if i >= len(key) {
			continue
		}
		for _, m := range key[i] {
			if k, ok := in[m]; ok {
				similar[i][k]++
			}
		}
		for k := range response {
			similar[i][k] *= 2 / float64(len(key[i])+len(response[k]))
		}
	}
	sum := 0.0
	for i, k := range assign(similar) {
		sum += similar[i][k]
	}
	return sum
}

// assign pairs rows with columns of a square matrix so that the sum of their
// values is largest: the Hungarian method with potentials (Kuhn 1955).
func assign(value [][]float64) []int {
	n := len(value)
	rows, columns := make([]float64, n+1), make([]float64, n+1) // potentials
	row := make([]int, n+1)                                     // of each column, from 1; 0 is none
	way := make([]int, n+1)
	for i := 1; i <= n; i++ {
		row[0] = i
		least := make([]float64, n+1)
		done := make([]bool, n+1)
		for k := range least {
			least[k] = math.Inf(1)
		}
		at := 0
		for row[at] != 0 {
			done[at] = true
			delta, next := math.Inf(1), 0
			for k := 1; k <= n; k++ {
				if done[k] {
					continue
				}
				if cost := -value[row[at]-1][k-1] - rows[row[at]] - columns[k]; cost < least[k] {
					least[k], way[k] = cost, at
				}
				if least[k] < delta {
					delta, next = least[k], k
				}
			}
			for k := range least {
				if done[k] {
					rows[row[k]] += delta
					columns[k] -= delta
				} else {
					least[k] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			row[at] = row[way[at]]
			at = way[at]
		}
	}
	out := make([]int, n)
	for k := 1; k <= n; k++ {
		out[row[k]-1] = k - 1
	}
	return out
}

// pronouns judges the antecedents of the gold's pronouns.
func (d *aligned) pronouns(pairs []int, by map[string]*PronounScore, losses *[]AntecedentLoss, out []int) {
	of := map[int]int{} // mention of the gold -> mention found
	for i, g := range pairs {
		if g >= 0 {
			of[g] = i
		}
	}
	for g := range d.doc.Mentions {
		m := &d.doc.Mentions[g]
		if !m.Pronoun {
			continue
		}
		nearest, named := d.before(g, false), d.before(g, true)
		if nearest < 0 {
			continue
		}
		word := d.doc.Text[m.Start:m.End]
		name := pronounOf(word)
		b := by[name]
		if b == nil {
			b = &PronounScore{Pronoun: name}
			by[name] = b
		}
		b.Pronouns++
		out[pronounsAll]++
		got := d.antecedent(of, pairs, g, false)
		if got >= 0 && d.doc.Mentions[got].Entity == m.Entity {
			b.Right++
			out[pronounsRight]++
		} else {
			loss := AntecedentLoss{ID: d.doc.ID, At: m.Start, Pronoun: word, Gold: d.text(nearest), Around: d.around(m.Span)}
			if got >= 0 {
				loss.Got = d.text(got)
			}
			*losses = append(*losses, loss)
		}
		if named >= 0 {
			out[namedAll]++
			b.Nominal++
			if got := d.antecedent(of, pairs, g, true); got >= 0 && d.doc.Mentions[got].Entity == m.Entity {
				out[namedRight]++
				b.Named++
			}
		}
	}
}

// before is the nearest mention before of the same entity in the gold, or -1.
func (d *aligned) before(g int, nominal bool) int {
	m := &d.doc.Mentions[g]
	for k := g - 1; k >= 0; k-- {
		if o := &d.doc.Mentions[k]; o.Entity == m.Entity && o.Head.Start < m.Start && (!nominal || !o.Pronoun) {
			return k
		}
	}
	return -1
}

// antecedent is the nearest mention of the gold before the pronoun whose pair was
// found to refer to the same, or -1.
func (d *aligned) antecedent(of map[int]int, pairs []int, g int, nominal bool) int {
	self, ok := of[g]
	if !ok {
		return -1
	}
	best := -1
	for i, p := range pairs {
		if p < 0 || p == g || d.found[i].Entity != d.found[self].Entity {
			continue
		}
		m := &d.doc.Mentions[p]
		if m.Head.Start >= d.doc.Mentions[g].Start || nominal && m.Pronoun {
			continue
		}
		if best < 0 || m.Head.Start > d.doc.Mentions[best].Head.Start {
			best = p
		}
	}
	return best
}

func (d *aligned) text(g int) string {
	return d.doc.Text[d.doc.Mentions[g].Start:d.doc.Mentions[g].End]
}

func (d *aligned) around(at corpus.Span) string {
	start := strings.LastIndexByte(d.doc.Text[:at.Start], '\n') + 1
	start = max(start, at.Start-120)
	end := min(len(d.doc.Text), at.End+60)
	return strings.ToValidUTF8(d.doc.Text[start:at.Start]+"⟨"+d.doc.Text[at.Start:at.End]+"⟩"+d.doc.Text[at.End:end], "")
}

var pronounForms = map[string]string{"him": "he", "his": "he", "himself": "he", "her": "she", "hers": "she", "herself": "she",
	"them": "they", "their": "they", "theirs": "they", "themselves": "they", "its": "it", "itself": "it",
	"me": "I", "my": "I", "mine": "I", "myself": "I", "i": "I", "us": "we", "our": "we", "ours": "we", "ourselves": "we", "'s": "we", "’s": "we",
	"your": "you", "yours": "you", "yourself": "you"}

// pronounOf is the nominative of a pronoun.
func pronounOf(word string) string {
	word = strings.ToLower(word)
	if base, ok := pronounForms[word]; ok {
		return base
	}
	return word
}

// share is the share of one count in another.
func share(a, b int) metric { return func(c []int) float64 { return ratio(c[a], c[b]) } }

// WriteText prints the scores. The losses, pronoun by pronoun, are in the JSON form.
func (r *CoreferenceReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("coreference: %d documents\n", r.Documents)
	p.printf("  pronoun antecedents right  %v  (%d/%d)\n", r.Accuracy, r.Right, r.Pronouns)
	p.printf("  by a name or noun          %v  (of %d)\n", r.Named, r.Nominal)
	p.printf("  mentions                   %v\n", r.Mentions)
	for _, s := range []struct {
		name string
		CoreferenceScores
	}{{"heads", r.Head}, {"whole spans", r.Exact}} {
		p.printf("\nentities, mentions one by their %s:\n", s.name)
		for _, m := range []struct {
			name string
			Measure
		}{{"MUC", s.MUC}, {"B3", s.B3}, {"CEAFe", s.CEAFe}} {
			p.printf("  %-6s P %.3f  R %.3f  F1 %v\n", m.name, m.Precision.Value, m.Recall.Value, m.F1)
		}
		p.printf("  CoNLL F1 %v\n", s.CoNLL)
	}
	p.printf("\nby pronoun:\n")
	for _, b := range r.By {
		p.printf("  %-5s %d/%d  %.3f  by a name or noun %d/%d  %.3f\n", b.Pronoun, b.Right, b.Pronouns, ratio(b.Right, b.Pronouns),
			b.Named, b.Nominal, ratio(b.Named, b.Nominal))
	}
	return p.err
}
