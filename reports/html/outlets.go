package html

import (
	"cmp"
	"fmt"
	"slices"
)

const maxCompared = 12 // outlets compared

// An outletTable compares outlets on one target.
type outletTable struct {
	Target string
	Rows   []outletRow
	More   string
}

type outletRow struct {
	Name           string
	Mean, Interval string
	N, Articles    int
	Abstained      string
	Few            bool
	Drawn          bool
	whisker
}

// A whisker is the small drawing of a mean and its interval, in drawing units, 0…200.
type whisker struct{ Low, Mid, High, Width, Class string }

func (w *whisker) draw(mean, low, high float64) {
	at := func(v float64) float64 { return 4 + (v+1)/2*192 }
	w.Low, w.Mid, w.High = px(at(low)), px(at(mean)), px(at(high))
	w.Width = px(at(high) - at(low))
}

// outlets compares what the outlets with most stances had their sources say.
func (b *builder) compareOutlets(p *page) {
	for _, target := range b.targets {
		cells := map[string]*tallyOf{}
		for i := range b.stances {
			if s := &b.stances[i]; s.Target == target.ID {
				if cells[s.Publisher] == nil {
					cells[s.Publisher] = &tallyOf{}
				}
				cells[s.Publisher].add(s)
			}
		}
		names := make([]string, 0, len(cells))
		for name := range cells {
			names = append(names, name)
		}
		slices.SortFunc(names, func(x, y string) int {
			return cmp.Or(cmp.Compare(cells[y].N(), cells[x].N()), cmp.Compare(x, y))
		})
		t := outletTable{Target: target.Name}
		if more := len(names) - maxCompared; more > 0 {
			t.More = fmt.Sprintf("%s with fewer stances %s left out.", upper(things(more, "outlet")), verb(more, "is", "are"))
			names = names[:maxCompared]
		}
		for _, name := range names {
			c := cells[name]
			row := outletRow{Name: orElse(plain(name), "outlet unknown"), N: c.N(), Articles: c.Articles(), Abstained: share(c.Abstain, c.All()), Mean: "–", Interval: "–", Few: c.N() < fewStances}
			if c.N() > 0 {
				row.Mean = signed(c.Mean())
			}
			if low, high, ok := c.interval(); ok && !row.Few {
				row.Interval, row.Drawn = interval(low, high), true
				_, _, _, row.Class = verdict(c.For, c.Against, c.N(), low, high)
				row.draw(c.Mean(), low, high)
			}
			t.Rows = append(t.Rows, row)
		}
		p.Compared = append(p.Compared, t)
	}
}
