package eval

import (
	"io"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

// TripletsReport scores stance triplets sentence by sentence (SEESAW).
type TripletsReport struct {
	Documents int `json:"documents"`
	Pair      PRF `json:"pair"`    // who toward whom
	Triplet   PRF `json:"triplet"` // and on which side
}

// Triplets scores predictions; what stands twice counts once. Where an id
// stands twice, the last row counts, as in the reference scorer.
func Triplets(rows []gold.TripletsRow, predictions []gold.TripletsPrediction, o Options) *TripletsReport {
	byID := map[string][]gold.Triplet{}
	for _, p := range predictions {
		byID[p.ID] = p.Triplets
	}
	last := map[string]int{}
	for i, r := range rows {
		last[r.ID] = i
	}
	var pairs, triplets [][]int
	for i := range rows {
		r := &rows[i]
		if last[r.ID] != i {
			continue
		}
		pairs = append(pairs, common(r.Triplets(), byID[r.ID], func(t *gold.Triplet) { t.Sentiment = "" }))
		triplets = append(triplets, common(r.Triplets(), byID[r.ID], func(*gold.Triplet) {}))
	}
	return &TripletsReport{len(triplets), prf(pairs, 0, 1, 2, o), prf(triplets, 0, 1, 2, o)}
}

// common counts the triplets in both lists, the predicted and the gold ones, as sets.
func common(g, p []gold.Triplet, cut func(*gold.Triplet)) []int {
	inGold, inPredicted := map[gold.Triplet]bool{}, map[gold.Triplet]bool{}
	for _, t := range g {
		cut(&t)
		inGold[t] = true
	}
	both := 0
	for _, t := range p {
		cut(&t)
		if !inPredicted[t] && inGold[t] {
			both++
		}
		inPredicted[t] = true
	}
	return []int{both, len(inPredicted), len(inGold)}
}

// WriteText prints the scores.
func (r *TripletsReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("stance triplets: %d documents\n  pair     %v\n  triplet  %v\n", r.Documents, r.Pair, r.Triplet)
	return p.err
}
