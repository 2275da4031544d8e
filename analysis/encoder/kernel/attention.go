package kernel

import (
	"fmt"
	"math"
)

// HeadWidth is the width of a head of attention, as in every BERT.
const HeadWidth = 32

const (
	// attentionRows is the number of queries whose scores are kept at a time.
	attentionRows = 64
	// groupScores is the number of scores that fit into the second cache.
	groupScores = 32 << 10
	// hidden is added to the scores of what lies behind the last token.
	hidden = -2e38
	// least is the range that a row of zeros is given.
	least = 1e-30
	// unit is the scale of int8 for a range of ±1, queryUnit that of the queries,
	// which makes scores powers of 2: scale·log₂e/√width.
	unit      = float32(1.0 / 127)
	queryUnit = float32(math.Log2E / 127 / 5.656854249492381)
)

// A group holds some heads of a sequence, one after the other: the keys as
// weights [tokens][width], the values as weights [width][tokens], and of a block
// of queries these, their scores and their probabilities.
type group struct {
	heads, wide      int // wide is the number of tokens, rounded up
	keys, values     Weights
	queries, p       Quantised
	scores           []float32
	keyScale, hidden []float32
	valueScale, zero []float32
}

// Attention lets m tokens attend to the l of their sequence in each of the heads
// (Vaswani et al., Attention Is All You Need, equation 1):
// out = softmax(q·kᵀ/√HeadWidth)·v, in integers as the package comment says. q is a
// view of m rows with stride ldQKV, k and v of l, out one of m with stride ldOut; a
// row holds the heads side by side.
func Attention(ws *Workspace, out, q, k, v []float32, m, l, heads, ldQKV, ldOut int) {
	if width := heads * HeadWidth; width > ldQKV || width > ldOut || l > MaxK {
		panic(fmt.Sprintf("kernel: Attention of %d tokens, %d heads in rows of %d and %d", l, heads, ldQKV, ldOut))
	}
	if m == 0 || l == 0 {
		return
	}
	g := &ws.group
	g.fit(m, l, heads)
	for at := 0; at < heads; at += g.heads {
		c := at * HeadWidth
		g.heads = min(g.heads, heads-at)
		g.pack(k[c:], v[c:], l, ldQKV)
		for i := 0; i < m; i += attentionRows {
			g.attend(ws, out[i*ldOut+c:], q[i*ldQKV+c:], l, min(attentionRows, m-i), ldQKV, ldOut)
		}
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// fit makes room for m queries of l tokens and as many of the heads as have few scores.
func (g *group) fit(m, l, heads int) {
	width, depth, wide := roundUp(HeadWidth, active.depth), roundUp(l, active.depth), roundUp(l, 2*columns)
	rows := min(m, attentionRows)
	g.heads = max(1, min(heads, groupScores/(rows*wide)))
	if g.keys.K != width {
		g.keys = Weights{} // what another path has filled is no 0 in this one
	}
	n := g.heads * wide
	g.wide = wide
	g.keys = Weights{n, width, grow(g.keys.panels, n*width), grow(g.keys.sums, n), nil}
	g.keyScale, g.hidden = grow(g.keyScale, n), grow(g.hidden, n)
	for h := range g.heads {
		at, end := h*wide+l, (h+1)*wide
		clear(g.hidden[h*wide : at])
		clear(g.keyScale[at:end])
		for j := at; j < end; j++ {
			g.hidden[j] = hidden
		}
	}
	n = g.heads * HeadWidth
	g.values = Weights{n, depth, grow(g.values.panels, n*depth), grow(g.values.sums, n), nil}
	g.valueScale, g.zero = grow(g.valueScale, n), grow(g.zero, n)
	// products on tiles read up to 15 rows too many, and a path may write 2·columns
	// probabilities at a time
	n = g.heads * rows
	g.queries.fit(n, width, 15*width, 128)
	g.p.fit(n, depth, 15*depth+2*columns, 0)
	g.scores = grow(g.scores, n*wide)
}

// fit makes room for m rows of k, and more behind them, with one zero point.
func (q *Quantised) fit(m, k, more int, zero int32) {
	q.K, q.Data, q.Scale, q.Zero = k, grow(q.Data, m*k+more), grow(q.Scale, m), grow(q.Zero, m)
	for i := range q.Zero {
		q.Zero[i] = zero
	}
}

// pack packs the keys and the values of the heads.
func (g *group) pack(k, v []float32, l, ld int) {
	wide, depth := g.wide, g.values.K
	g.keys.N, g.values.N = g.heads*wide, g.heads*HeadWidth
	for h := range g.heads {
		for j := 0; j < l; j += columns {
			at := h*wide + j
			active.keys(g.keys.panels[at*g.keys.K:], g.keyScale[at:], g.keys.sums[at:], k[j*ld+h*HeadWidth:], ld, min(columns, l-j))
		}
		for c := h * HeadWidth; c < (h+1)*HeadWidth; c += columns {
			panel := g.values.panels[c*depth : (c+columns)*depth]
			clear(panel[l/4*4*columns:])
			active.values(panel, g.valueScale[c:], g.values.sums[c:], v[c:], ld, l)
		}
	}
}

// attend computes scores, probabilities and their means of the values for m
// queries of each head.
func (g *group) attend(ws *Workspace, out, q []float32, l, m, ldQKV, ldOut int) {
	for h := range g.heads {
		active.queries(g.queries.Data[h*m*g.queries.K:], g.queries.K, g.queries.Scale[h*m:], q[h*HeadWidth:], ldQKV, m)
	}
	g.queries.M, g.p.M = g.heads*m, g.heads*m
	if active.scores != nil {
		active.scores(&g.keys, ws, g.heads, g.scores, g.wide, m*g.wide, &g.queries, g.keyScale)
		active.probabilities(g.p.Data, g.p.K, g.p.Scale, g.scores, g.wide, l, g.p.M)
		active.means(&g.values, ws, g.heads, out, ldOut, HeadWidth, &g.p, g.valueScale)
		return
	}
	g.keys.diagonal(ws, g.heads, g.scores, g.wide, m*g.wide, &g.queries, g.keyScale, g.hidden)
	active.probabilities(g.p.Data, g.p.K, g.p.Scale, g.scores, g.wide, l, g.p.M)
	g.values.diagonal(ws, g.heads, out, ldOut, HeadWidth, &g.p, g.valueScale, g.zero)
}
