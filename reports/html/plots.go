package html

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/standpoint-news/standpoint/reports/disk"
	"github.com/standpoint-news/standpoint/reports/sheet"
	"github.com/standpoint-news/standpoint/reports/table"
)

// A figureFile is a figure for papers: figures/Name.svg, .png and .csv, its data.
type figureFile struct{ Name, Title string }

const (
	maxPlots  = 12 // targets with figures of their own
	maxForest = 24 // rows of a figure of intervals
	plotDPI   = 300
)

var (
	ink    = color.Gray{Y: 30}
	soft   = color.Gray{Y: 130}
	forInk = color.RGBA{R: 0x1f, G: 0x6a, B: 0xa5, A: 255}
	conInk = color.RGBA{R: 0xb4, G: 0x53, B: 0x0a, A: 255}
)

// writeFigures writes the figures to a folder. Text in them is set in Liberation
// Serif, which the program carries. What would be drawn as it is in the folder
// drawn, which may be empty, is taken from there: most of the time goes into
// making images.
func (b *builder) writeFigures(folder, drawn string, p *page) ([]figureFile, error) {
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	var out []figureFile
	add := func(name, title string, width, height vg.Length, drawing *plot.Plot, data []byte, err error) error {
		if err != nil {
			return fmt.Errorf("figure %s: %w", name, err)
		}
		to, mark := filepath.Join(folder, name), markOf(drawing, width, height)
		err = writeFile(to+".csv", data)
		if err == nil && (drawn == "" || !takeFigure(filepath.Join(drawn, name), to, mark)) {
			err = drawFigure(drawing, width, height, to, mark)
		}
		if err != nil {
			return fmt.Errorf("figure %s: %w", name, err)
		}
		out = append(out, figureFile{name, title})
		return nil
	}
	for i, t := range b.targets[:min(len(b.targets), maxPlots)] {
		name := "timeline-" + safeName(t.ID, i)
		drawing, data, err := b.timeline(t)
		if drawing == nil && err == nil {
			continue
		}
		if err := add(name, upper(t.Name)+" by month", 16*vg.Centimeter, 8*vg.Centimeter, drawing, data, err); err != nil {
			return nil, err
		}
	}
	for i, t := range b.targets[:min(len(b.targets), maxPlots)] {
		rows := b.outletMeans(t)
		if len(rows) == 0 {
			continue
		}
		drawing, data, err := forest(upper(t.Name)+" by outlet", "outlet", rows)
		if err := add("outlets-"+safeName(t.ID, i), upper(t.Name)+" by outlet", 16*vg.Centimeter, forestHeight(len(rows)), drawing, data, err); err != nil {
			return nil, err
		}
	}
	if rows := b.speakerMeans(); len(rows) > 0 {
		drawing, data, err := forest("Who stands where", "speaker and target", rows)
		if err := add("speakers", "Speakers with most labelled stances", 16*vg.Centimeter, forestHeight(len(rows)), drawing, data, err); err != nil {
			return nil, err
		}
	}
	if len(p.Network.Nodes) > 0 {
		drawing, data, err := networkPlot(&p.Network)
		if err := add("network", "Who agrees with whom", 16*vg.Centimeter, 11*vg.Centimeter, drawing, data, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// safeName is the target's id as a part of a file's name, or its number where
// the id is not plain.
func safeName(id string, i int) string {
	if plainName.MatchString(id) {
		return id
	}
	return strconv.Itoa(i + 1)
}

// markOf is a comment that ends a figure's SVG: a digest of every stroke, in
// full precision, from which SVG and PNG follow.
func markOf(p *plot.Plot, width, height vg.Length) string {
	var c recorder.Canvas
	p.Draw(padded(draw.NewCanvas(&c, width, height)))
	h := sha256.New()
	fmt.Fprintln(h, width, height)
	for _, a := range c.Actions {
		io.WriteString(h, a.Call())
	}
	return fmt.Sprintf("<!-- drawing %x -->\n", h.Sum(nil))
}

// takeFigure takes over an earlier figure's SVG and PNG where it has that mark.
func takeFigure(from, to, mark string) bool {
	svg, err := os.ReadFile(from + ".svg")
	return err == nil && strings.HasSuffix(string(svg), mark) &&
		disk.Link(from+".png", to+".png") == nil && writeFile(to+".svg", svg) == nil
}

func drawFigure(p *plot.Plot, width, height vg.Length, to, mark string) error {
	svg, err := svgOf(p, width, height)
	if err != nil {
		return err
	}
	image, err := pngOf(p, width, height)
	if err != nil {
		return err
	}
	// not over a file that may be linked into a published run
	if err := os.Remove(to + ".png"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(writeFile(to+".svg", append(svg, mark...)), writeFile(to+".png", image))
}

func svgOf(p *plot.Plot, width, height vg.Length) ([]byte, error) {
	c := vgsvg.New(width, height)
	p.Draw(padded(draw.New(c)))
	var b bytes.Buffer
	_, err := c.WriteTo(&b)
	return b.Bytes(), err
}

// padded leaves an edge around a figure.
func padded(c draw.Canvas) draw.Canvas {
	const edge = 6
	return draw.Crop(c, edge, -edge, edge, -edge)
}

func pngOf(p *plot.Plot, width, height vg.Length) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(plotDPI), vgimg.UseBackgroundColor(color.White))
	p.Draw(padded(draw.New(c)))
	var b bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed} // the best takes more time than the drawing
	err := fast.Encode(&b, indexed(c.Image()))
	return b.Bytes(), err
}

// indexed is the image in at most 256 colours, with shades at the borders of
// strokes rounded where there are more, or the image itself where that does not
// do: it takes a fifth of the time to encode.
func indexed(img image.Image) image.Image {
	rgba, ok := img.(*image.RGBA)
	if !ok || rgba.Stride != 4*rgba.Rect.Dx() {
		return img
	}
	for _, bits := range []uint32{0xff, 0xfc, 0xf8, 0xf0} {
		if out := inColours(rgba, bits*0x010101); out != nil {
			return out
		}
	}
	return img
}

// inColours is the image with some bits of its colours, nil where these are more
// than 256.
func inColours(img *image.RGBA, bits uint32) *image.Paletted {
	out := image.NewPaletted(img.Rect, nil)
	index := map[uint32]uint8{}
	last, at := uint32(0), uint8(0)
	for i := range out.Pix {
		pixel := img.Pix[4*i : 4*i+4]
		c := (uint32(pixel[0])<<16 | uint32(pixel[1])<<8 | uint32(pixel[2])) & bits
		if i == 0 || c != last {
			known := false
			if at, known = index[c]; !known {
				if pixel[3] != 0xff || len(index) == 256 {
					return nil
				}
				at = uint8(len(index))
				index[c] = at
				out.Palette = append(out.Palette, colourOf(c, bits))
			}
			last = c
		}
		out.Pix[i] = at
	}
	return out
}

// colourOf is the colour with the bits, white where they are all set.
func colourOf(c, bits uint32) color.RGBA {
	if c == bits {
		c = 0xffffff
	}
	return color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}
}

// timeline is the mean by month with its interval, and the events. It is nil
// where no stance has a date.
func (b *builder) timeline(target table.Target) (*plot.Plot, []byte, error) {
	cells, seen := map[string]*tallyOf{}, map[string]bool{}
	for i := range b.stances {
		s := &b.stances[i]
		if s.Target != target.ID || s.Published == nil {
			continue
		}
		month := table.Time(s.Published).Format("2006-01")
		if cells[month] == nil {
			cells[month] = &tallyOf{}
		}
		seen[month] = true
		cells[month].add(s)
	}
	months := axis(seen)
	if len(months) == 0 {
		return nil, nil, nil
	}
	p := plot.New()
	p.Title.Text = upper(target.Name)
	p.Y.Min, p.Y.Max = -1, 1
	p.Y.Label.Text = "against … for"
	p.X.Min, p.X.Max = -0.5, float64(len(months))-0.5
	var ticks plot.ConstantTicks
	every := (len(months) + 7) / 8
	var data bytes.Buffer
	w, err := sheet.NewWriter(&data, false, "month", "for", "against", "neither", "abstained", "articles", "mean", "ci_low", "ci_high")
	if err != nil {
		return nil, nil, err
	}
	var points, faint plotter.XYs
	var bars errorPoints
	for i, month := range months {
		if i%every == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: monthName(month, "Jan 2006")})
		}
		t := cells[month]
		if t == nil {
			continue
		}
		w.Plain(month)
		for _, n := range []int{t.For, t.Against, t.Neither, t.Abstain, t.Articles()} {
			w.Int(n)
		}
		cell := [3]string{}
		if t.N() > 0 {
			mean := t.Mean()
			cell[0] = number(mean)
			point := plotter.XY{X: float64(i), Y: mean}
			low, high, ok := t.interval()
			if ok {
				cell[1], cell[2] = number(low), number(high)
			}
			if t.N() < fewStances || !ok {
				faint = append(faint, point)
			} else {
				points = append(points, point)
				bars.add(point, mean-low, high-mean)
			}
		}
		for _, c := range cell {
			w.Plain(c)
		}
		if err := w.End(); err != nil {
			return nil, nil, err
		}
	}
	p.X.Tick.Marker = ticks
	zero, err := plotter.NewLine(plotter.XYs{{X: p.X.Min, Y: 0}, {X: p.X.Max, Y: 0}})
	if err != nil {
		return nil, nil, err
	}
	zero.Color = soft
	p.Add(zero)
	for i, e := range b.d.Run.Events {
		if err := eventLine(p, e, months); err != nil {
			return nil, nil, fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	if len(points) > 0 {
		whiskers, err := plotter.NewYErrorBars(bars)
		if err != nil {
			return nil, nil, err
		}
		whiskers.Color = ink
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, nil, err
		}
		line.Color, dots.Color, dots.Shape, dots.Radius = ink, ink, draw.CircleGlyph{}, vg.Points(2.5)
		p.Add(whiskers, line, dots)
	}
	if len(faint) > 0 {
		rings, err := plotter.NewScatter(faint)
		if err != nil {
			return nil, nil, err
		}
		rings.Color, rings.Shape, rings.Radius = soft, draw.RingGlyph{}, vg.Points(2.5)
		p.Add(rings)
	}
	err = w.Flush()
	return p, data.Bytes(), err
}

func eventLine(p *plot.Plot, e table.Event, months []string) error {
	marks, keys := eventMarks([]table.Event{e}, months)
	if len(marks) == 0 {
		return nil
	}
	drawn, err := strconv.ParseFloat(marks[0].X, 64)
	if err != nil {
		return err
	}
	x := (drawn-chartLeft)/(chartRight-chartLeft)*float64(len(months)) - 0.5
	line, err := plotter.NewLine(plotter.XYs{{X: x, Y: -1}, {X: x, Y: 1}})
	if err != nil {
		return err
	}
	line.Color, line.Dashes = soft, []vg.Length{vg.Points(3), vg.Points(2)}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: -0.98}}, Labels: []string{keys[0].Name}})
	if err != nil {
		return err
	}
	labels.TextStyle[0].Font.Size, labels.TextStyle[0].Color, labels.TextStyle[0].Rotation = vg.Points(6), soft, 1.5707963
	labels.Offset.X = vg.Points(-2)
	p.Add(line, labels)
	return nil
}

// errorPoints are points with errors below and above.
type errorPoints struct {
	plotter.XYs
	plotter.YErrors
	plotter.XErrors
}

func (e *errorPoints) add(at plotter.XY, below, above float64) {
	e.XYs = append(e.XYs, at)
	e.YErrors = append(e.YErrors, struct{ Low, High float64 }{below, above})
	e.XErrors = append(e.XErrors, struct{ Low, High float64 }{below, above})
}

// A meanRow is one row of a figure of intervals.
type meanRow struct {
	Name                  string
	For, Against, Neither int
	Abstain, Articles     int
	Mean, Low, High       float64
}

func (r meanRow) n() int { return r.For + r.Against + r.Neither }

func (b *builder) outletMeans(target table.Target) []meanRow {
	cells := map[string]*tallyOf{}
	var names []string
	for i := range b.stances {
		s := &b.stances[i]
		if s.Target != target.ID {
			continue
		}
		if cells[s.Publisher] == nil {
			cells[s.Publisher] = &tallyOf{}
			names = append(names, s.Publisher)
		}
		cells[s.Publisher].add(s)
	}
	var rows []meanRow
	for _, name := range names {
		c := cells[name]
		low, high, ok := c.interval()
		if ok && c.N() >= fewStances {
			rows = append(rows, meanRow{orElse(plain(name), "outlet unknown"), c.For, c.Against, c.Neither, c.Abstain, c.Articles(), c.Mean(), low, high})
		}
	}
	return longest(rows)
}

func (b *builder) speakerMeans() []meanRow {
	var rows []meanRow
	for i := range b.d.Summary {
		s := &b.d.Summary[i]
		if s.Period != "all" || s.SpeakerID == "" || s.Mean == nil || s.CILow == nil || s.CIHigh == nil || labelled(s) < findingStances || s.Articles < findingArticles {
			continue
		}
		rows = append(rows, meanRow{shown(s.SpeakerName) + " on " + b.name(s.Target), int(s.NFor), int(s.NAgainst), int(s.NNeither), int(s.NAbstain), int(s.Articles), *s.Mean, *s.CILow, *s.CIHigh})
	}
	return longest(rows)
}

// longest keeps the rows with most stances.
func longest(rows []meanRow) []meanRow {
	slices.SortStableFunc(rows, func(x, y meanRow) int { return cmp.Or(cmp.Compare(y.n(), x.n()), cmp.Compare(x.Name, y.Name)) })
	return rows[:min(len(rows), maxForest)]
}

func forestHeight(rows int) vg.Length { return vg.Length(float64(rows)*0.55+2.2) * vg.Centimeter }

// forest draws a mean and its interval a row, most stances on top.
func forest(title, what string, rows []meanRow) (*plot.Plot, []byte, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Min, p.X.Max = -1, 1
	p.X.Label.Text = "against … for"
	var data bytes.Buffer
	w, err := sheet.NewWriter(&data, false, what, "for", "against", "neither", "abstained", "articles", "mean", "ci_low", "ci_high")
	if err != nil {
		return nil, nil, err
	}
	var ticks plot.ConstantTicks
	groups := [3]errorPoints{}
	colours := [3]color.Color{ink, forInk, conInk}
	for i, r := range rows {
		y := float64(len(rows) - 1 - i)
		ticks = append(ticks, plot.Tick{Value: y, Label: fmt.Sprintf("%s (%d)", short(r.Name, 44), r.n())})
		side := 0
		switch {
		case r.Low > 0:
			side = 1
		case r.High < 0:
			side = 2
		}
		groups[side].add(plotter.XY{X: r.Mean, Y: y}, r.Mean-r.Low, r.High-r.Mean)
		w.Text(r.Name)
		for _, n := range []int{r.For, r.Against, r.Neither, r.Abstain, r.Articles} {
			w.Int(n)
		}
		for _, v := range []float64{r.Mean, r.Low, r.High} {
			w.Plain(number(v))
		}
		if err := w.End(); err != nil {
			return nil, nil, err
		}
	}
	p.Y.Tick.Marker = ticks
	p.Y.Min, p.Y.Max = -0.7, float64(len(rows))-0.3
	zero, err := plotter.NewLine(plotter.XYs{{X: 0, Y: p.Y.Min}, {X: 0, Y: p.Y.Max}})
	if err != nil {
		return nil, nil, err
	}
	zero.Color = soft
	p.Add(zero)
	for side, points := range groups {
		if len(points.XYs) == 0 {
			continue
		}
		whiskers, err := plotter.NewXErrorBars(points)
		if err != nil {
			return nil, nil, err
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return nil, nil, err
		}
		whiskers.Color, dots.Color, dots.Shape, dots.Radius = colours[side], colours[side], draw.CircleGlyph{}, vg.Points(2.5)
		p.Add(whiskers, dots)
	}
	err = w.Flush()
	return p, data.Bytes(), err
}

// short cuts a long name, on a rune boundary.
func short(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

func networkPlot(n *network) (*plot.Plot, []byte, error) {
	p := plot.New()
	p.Title.Text = "Who agrees with whom"
	p.HideAxes()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, networkWidth, -20, networkHeight
	var data bytes.Buffer
	w, err := sheet.NewWriter(&data, false, "speaker", "other", "verdict", "agreement", "ci_low", "ci_high", "shared_stances", "abstained", "stances")
	if err != nil {
		return nil, nil, err
	}
	for i, t := range n.Ties {
		a, c := n.Nodes[t.from], n.Nodes[t.to]
		line, err := plotter.NewLine(plotter.XYs{{X: a.x, Y: networkHeight - a.y}, {X: c.x, Y: networkHeight - c.y}})
		if err != nil {
			return nil, nil, err
		}
		line.Color, line.Width = soft, vg.Points(min(3, 0.3+0.2*float64(t.support)))
		if t.Class == "differ" {
			line.Color, line.Dashes = conInk, []vg.Length{vg.Points(3), vg.Points(3)}
		}
		p.Add(line)
		w.Text(n.Rows[i].A)
		w.Text(n.Rows[i].B)
		w.Plain(n.Rows[i].Verdict)
		for _, v := range []float64{t.agreement, t.low, t.high} {
			w.Plain(number(v))
		}
		for _, n := range []int{t.support, t.abstained, t.all} {
			w.Int(n)
		}
		if err := w.End(); err != nil {
			return nil, nil, err
		}
	}
	var at, under plotter.XYs
	var names []string
	for _, node := range n.Nodes {
		at = append(at, plotter.XY{X: node.x, Y: networkHeight - node.y})
		under = append(under, plotter.XY{X: node.x, Y: networkHeight - node.y - 14})
		names = append(names, short(node.Name, 28))
	}
	dots, err := plotter.NewScatter(at)
	labels, err2 := plotter.NewLabels(plotter.XYLabels{XYs: under, Labels: names})
	if err := errors.Join(err, err2); err != nil {
		return nil, nil, err
	}
	dots.Color, dots.Shape, dots.Radius = forInk, draw.CircleGlyph{}, vg.Points(3)
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Size, labels.TextStyle[i].XAlign, labels.TextStyle[i].YAlign = vg.Points(6), draw.XCenter, draw.YTop
	}
	p.Add(dots, labels)
	err = w.Flush()
	return p, data.Bytes(), err
}
