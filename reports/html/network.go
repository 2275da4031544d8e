package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/standpoint-news/standpoint/reports/table"
)

const (
	nodeStances = 3    // stances for or against, below which a speaker is not drawn
	maxNodes    = 30   // speakers drawn
	tieStances  = 2    // stances of both on shared targets, below which there is no tie
	tieAgree    = 0.25 // agreement, from −1 to 1, beyond which there is one
)

// A network ties speakers that take the same sides, or opposite ones.
type network struct {
	Nodes  []node
	Ties   []tie
	Rows   []tieRow
	Alt    string
	TooFew string
	More   string
}

type node struct {
	Name, Label, Href, X, Y, R, LabelY string // Label is the name, cut where it is long
	x, y                               float64
	stances                            int
}

type tie struct {
	X1, Y1, X2, Y2, Width, Class string
	from, to                     int
	agreement, low, high         float64 // with the 95 % interval
	support                      int
	abstained, all               int // stances of both on shared targets
}

type tieRow struct {
	A, B, Verdict, Agreement, Interval, Shared, Abstained string
	Few                                                   bool // the interval holds 0
}

// sides are a speaker's stances for and against, and left open, by target.
type sides struct{ pro, con, open []int }

// agreementInterval is the 95 % score interval (Wilson 1927) of an agreement of
// n shared stances, taken as twice the share of those on one side, less 1.
func agreementInterval(agreement float64, n int) (low, high float64) {
	const z2 = 1.959964 * 1.959964
	p, m := (agreement+1)/2, float64(n)
	middle := (p + z2/(2*m)) / (1 + z2/m)
	half := math.Sqrt(z2*(p*(1-p)/m+z2/(4*m*m))) / (1 + z2/m)
	return 2*(middle-half) - 1, 2*(middle+half) - 1
}

// network draws who agrees with whom: the discourse network of Leifeld (2017),
// congruence less conflict. Two speakers' agreement is the mean product of their
// sides (+1, −1) over all pairs of a stance of the one and a stance of the other
// on the same target: +1 where they are always on one side, −1 where never.
func (b *builder) network(p *page) {
	bySpeaker := map[string]*sides{}
	for i := range b.stances {
		s := &b.stances[i]
		if s.SpeakerID == nil {
			continue
		}
		of := bySpeaker[*s.SpeakerID]
		if of == nil {
			of = &sides{make([]int, len(b.targets)), make([]int, len(b.targets)), make([]int, len(b.targets))}
			bySpeaker[*s.SpeakerID] = of
		}
		switch t := b.keys[s.Target]; s.Label {
		case "for":
			of.pro[t]++
		case "against":
			of.con[t]++
		case "abstain":
			of.open[t]++
		}
	}
	var who []*table.SpeakerRow
	count := map[string]int{}
	for _, s := range b.speakers {
		of := bySpeaker[s.ID]
		if of == nil {
			continue
		}
		for t := range b.targets {
			count[s.ID] += of.pro[t] + of.con[t]
		}
		if count[s.ID] >= nodeStances {
			who = append(who, s)
		}
	}
	slices.SortStableFunc(who, func(x, y *table.SpeakerRow) int {
		return cmp.Or(cmp.Compare(count[y.ID], count[x.ID]), cmp.Compare(x.ID, y.ID))
	})
	n := &p.Network
	if more := len(who) - maxNodes; more > 0 {
		n.More = fmt.Sprintf("The %d speakers with most stances for or against are drawn; %s left out.", maxNodes, things(more, "other")+" "+verb(more, "is", "are"))
		who = who[:maxNodes]
	}
	if len(who) < 3 {
		n.TooFew = fmt.Sprintf("Too few to draw: %s with at least %d stances for or against.", things(len(who), "speaker"), nodeStances)
		return
	}
	agree := make([][]float64, len(who)) // weights of attraction
	for i := range agree {
		agree[i] = make([]float64, len(who))
	}
	for i, x := range who {
		for j := i + 1; j < len(who); j++ {
			t := tie{from: i, to: j}
			same, pairs := 0, 0
			a, c := bySpeaker[x.ID], bySpeaker[who[j].ID]
			for k := range b.targets {
				same += (a.pro[k] - a.con[k]) * (c.pro[k] - c.con[k])
				mine, theirs := a.pro[k]+a.con[k], c.pro[k]+c.con[k]
				pairs += mine * theirs
				if shared := min(mine, theirs); shared > 0 {
					t.support += shared
					t.abstained += a.open[k] + c.open[k]
					t.all += mine + theirs + a.open[k] + c.open[k]
				}
			}
			if t.support < tieStances {
				continue
			}
			t.agreement = float64(same) / float64(pairs)
			t.low, t.high = agreementInterval(t.agreement, t.support)
			switch {
			case t.agreement >= tieAgree:
				t.Class = "agree"
				agree[i][j] = t.agreement
			case t.agreement <= -tieAgree:
				t.Class = "differ"
			default:
				continue
			}
			agree[j][i] = agree[i][j]
			t.Width = px(min(4, 0.6+0.35*float64(t.support)))
			n.Ties = append(n.Ties, t)
		}
	}
	xs, ys := arrange(agree, networkWidth-2*networkMargin, networkHeight-2*networkPad)
	agreeing := 0
	for i, s := range who {
		r := min(16, 3+1.6*math.Sqrt(float64(count[s.ID])))
		x, y := networkMargin+xs[i], networkPad+ys[i]
		n.Nodes = append(n.Nodes, node{Name: shown(s.Name), Label: short(shown(s.Name), labelRunes), Href: b.href(s.ID), X: px(x), Y: px(y), R: px(r), LabelY: px(y + r + 11), x: x, y: y, stances: count[s.ID]})
	}
	for i := range n.Ties {
		t := &n.Ties[i]
		a, c := n.Nodes[t.from], n.Nodes[t.to]
		t.X1, t.Y1, t.X2, t.Y2 = px(a.x), px(a.y), px(c.x), px(c.y)
		row := tieRow{A: a.Name, B: c.Name, Verdict: "agree", Agreement: signed(t.agreement), Shared: strconv.Itoa(t.support),
			Interval: interval(t.low, t.high), Abstained: share(t.abstained, t.all), Few: t.low <= 0 && t.high >= 0}
		if t.Class == "differ" {
			row.Verdict = "differ"
		} else {
			agreeing++
		}
		n.Rows = append(n.Rows, row)
	}
	n.Alt = fmt.Sprintf("Network of %s: %s between speakers that take the same sides, %s between speakers on opposite sides. The table below lists them.",
		things(len(who), "speaker"), things(agreeing, "tie"), things(len(n.Ties)-agreeing, "tie"))
}

// The drawing of the network, in the units of its view box.
const (
	networkWidth, networkHeight = 760.0, 480.0
	networkMargin, networkPad   = 80.0, 26.0
	labelWidth, labelHeight     = 96.0, 32.0
	labelRunes                  = 26
)

// arrange places nodes in a box of the given size: the spring embedder of
// Fruchterman and Reingold (1991), begun on a spiral in the order given (a circle
// would hold it by symmetry), then a sweep that pulls labels off each other. It draws no random number; products
// are rounded before they are added, so that every processor gives the same.
func arrange(weight [][]float64, width, height float64) (xs, ys []float64) {
	n := len(weight)
	xs, ys = make([]float64, n), make([]float64, n)
	for i := range xs {
		turn, out := 2.399963*float64(i), 0.5*math.Sqrt(float64(i+1)/float64(n))
		xs[i], ys[i] = float64(math.Cos(turn)*out), float64(math.Sin(turn)*out)
	}
	ideal := 0.9 / math.Sqrt(float64(n))
	const rounds = 400
	for round := range rounds {
		dx, dy := make([]float64, n), make([]float64, n)
		for i := range n {
			for j := range n {
				if i == j {
					continue
				}
				x, y := xs[i]-xs[j], ys[i]-ys[j]
				d := max(1e-3, math.Sqrt(float64(x*x)+float64(y*y)))
				push := ideal*ideal/d - float64(weight[i][j]*d*d)/ideal
				dx[i] += float64(x / d * push)
				dy[i] += float64(y / d * push)
			}
			// A weak pull to the middle keeps the unconnected in the picture.
			dx[i] -= float64(0.12 * xs[i])
			dy[i] -= float64(0.12 * ys[i])
		}
		step := 0.08 * (1 - float64(round)/rounds)
		for i := range n {
			d := max(1e-9, math.Sqrt(float64(dx[i]*dx[i])+float64(dy[i]*dy[i])))
			move := min(d, step) / d
			xs[i] += float64(dx[i] * move)
			ys[i] += float64(dy[i] * move)
		}
	}
	fit(xs, width)
	fit(ys, height)
	for range 200 {
		for i := range n {
			for j := i + 1; j < n; j++ {
				x, y := xs[j]-xs[i], ys[j]-ys[i]
				if math.Abs(x) >= labelWidth || math.Abs(y) >= labelHeight {
					continue
				}
				move := (labelHeight - math.Abs(y)) / 4
				if y < 0 || y == 0 && x < 0 {
					move = -move
				}
				ys[i], ys[j] = min(height, max(0, ys[i]-move)), min(height, max(0, ys[j]+move))
				if y := ys[j] - ys[i]; math.Abs(y) < labelHeight && (ys[i] == 0 || ys[i] == height || ys[j] == 0 || ys[j] == height) {
					side := (labelWidth - math.Abs(x)) / 8
					if x < 0 {
						side = -side
					}
					xs[i], xs[j] = min(width, max(0, xs[i]-side)), min(width, max(0, xs[j]+side))
				}
			}
		}
	}
	return xs, ys
}

// fit stretches values to 0…size.
func fit(values []float64, size float64) {
	low, high := slices.Min(values), slices.Max(values)
	for i := range values {
		if high == low {
			values[i] = size / 2
			continue
		}
		values[i] = (values[i] - low) / (high - low) * size
	}
}
