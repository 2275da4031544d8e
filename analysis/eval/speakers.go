package eval

import (
	"cmp"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus/gold"
)

// Confident is the confidence from which a wrong speaker counts as wrong and
// confident.
const Confident = 0.8

// A SpeakersReport says whether statements are given to the right speakers.
// The statement of a coded row is the one that shares most characters with the
// row's evidence (the earlier among equals, but the row's own speaker among joint
// ones); its speaker is right where the
// names agree by the rule of the mission task. Rows that two coders dispute
// are left out.
type SpeakersReport struct {
	Articles  int        `json:"articles"`
	Rows      int        `json:"rows"`      // not disputed
	Found     int        `json:"found"`     // rows with a statement at their evidence
	Named     int        `json:"named"`     // of these, with a speaker
	Right     int        `json:"right"`     // of these, the row's
	Accuracy  Estimate   `json:"accuracy"`  // right / named
	Abstained Estimate   `json:"abstained"` // (found - named) / found
	Confident Estimate   `json:"confident"` // wrong with Confident or more / found
	Anywhere  Estimate   `json:"anywhere"`  // rows with any overlapping statement by the row's speaker / found
	By        []Resolved `json:"by"`        // by resolution
	// Calibration compares stated confidence with what is right, by tenths.
	Calibration []Bin         `json:"calibration"`
	Error       float64       `json:"calibration_error"` // expected calibration error (Guo et al. 2017), 0…1
	Losses      []SpeakerLoss `json:"losses"`
}

// Resolved counts the named speakers of one resolution.
type Resolved struct {
	Resolution string `json:"resolution"`
	Named      int    `json:"named"`
	Right      int    `json:"right"`
}

// A Bin is the named speakers of one tenth of confidence.
type Bin struct {
	From   float64 `json:"from"`
	Named  int     `json:"named"`
	Stated float64 `json:"stated"` // mean confidence
	Right  float64 `json:"right"`  // share
}

// A SpeakerLoss is a row whose statement has no speaker, or another one.
type SpeakerLoss struct {
	ID         string           `json:"id"`
	Gold       string           `json:"gold"`
	Mention    string           `json:"mention,omitempty"` // the coder's, where given
	Got        string           `json:"got"`               // empty where the tool abstained
	Resolution string           `json:"resolution,omitempty"`
	Confidence float64          `json:"confidence"`
	Source     string           `json:"source"` // the statement's own words for its source
	Candidates []gold.Candidate `json:"candidates"`
	Evidence   string           `json:"evidence"`
}

// Speakers scores the lines that annotate prints of the articles; texts holds
// their texts by id. Rows of articles without a line count as not found.
func Speakers(rows []gold.MissionRow, lines []gold.Line, texts map[string]string, o Options) *SpeakersReport {
	byID := make(map[string]*gold.Line, len(lines))
	for i := range lines {
		byID[lines[i].ID] = &lines[i]
	}
	const (
		found = iota
		named
		right
		confident
		anywhere
		open
		width
	)
	at := map[string]int{}
	var units [][]int
	r := &SpeakersReport{Losses: []SpeakerLoss{}}
	by := map[string]*Resolved{}
	bins := make([]Bin, 10)
	for _, row := range rows {
		if row.Disputed {
			continue
		}
		r.Rows++
		u, ok := at[row.ID]
		if !ok {
			u = len(units)
			at[row.ID] = u
			units = append(units, make([]int, width))
		}
		best, all := statementsAt(byID[row.ID], texts[row.ID], row.Evidence)
		if best == nil {
			continue
		}
		want := foldName(row.Speaker)
		if k := slices.IndexFunc(all, func(s *gold.Statement) bool {
			return s.Speaker != nil && foldName(s.Speaker.Name).same(want) && reflect.DeepEqual(s.Content, best.Content) && reflect.DeepEqual(s.Source, best.Source)
		}); k >= 0 {
			best = all[k] // a statement of joint speakers, once for each
		}
		units[u][found]++
		if slices.ContainsFunc(all, func(s *gold.Statement) bool {
			return s.Speaker != nil && foldName(s.Speaker.Name).same(want)
		}) {
			units[u][anywhere]++
		}
		loss := SpeakerLoss{ID: row.ID, Gold: row.Speaker, Mention: row.SpeakerMention, Evidence: row.Evidence, Candidates: best.Candidates}
		if len(best.Source) > 0 {
			loss.Source = runeSlice(texts[row.ID], best.Source[0])
		}
		if best.Speaker == nil {
			units[u][open]++
			r.Losses = append(r.Losses, loss)
			continue
		}
		units[u][named]++
		who := best.Speaker
		b := by[who.Resolution]
		if b == nil {
			b = &Resolved{Resolution: who.Resolution}
			by[who.Resolution] = b
		}
		bin := &bins[min(9, max(0, int(who.Confidence*10)))]
		b.Named++
		bin.Named++
		bin.Stated += who.Confidence
		if foldName(who.Name).same(want) {
			units[u][right]++
			b.Right++
			bin.Right++
			continue
		}
		if who.Confidence >= Confident {
			units[u][confident]++
		}
		loss.Got, loss.Resolution, loss.Confidence = who.Name, who.Resolution, who.Confidence
		r.Losses = append(r.Losses, loss)
	}
	r.Articles = len(units)
	r.Found, r.Named, r.Right = total(units, found), total(units, named), total(units, right)
	e := estimate(units, []metric{share(right, named), share(open, found), share(confident, found), share(anywhere, found)}, o)
	if len(e) == 4 {
		r.Accuracy, r.Abstained, r.Confident, r.Anywhere = e[0], e[1], e[2], e[3]
	}
	for _, b := range by {
		r.By = append(r.By, *b)
	}
	slices.SortFunc(r.By, func(a, b Resolved) int { return cmp.Compare(a.Resolution, b.Resolution) })
	for i, b := range bins {
		if b.Named == 0 {
			continue
		}
		n := float64(b.Named)
		b.From, b.Stated, b.Right = float64(i)/10, b.Stated/n, b.Right/n
		r.Error += n / float64(r.Named) * max(b.Stated-b.Right, b.Right-b.Stated)
		r.Calibration = append(r.Calibration, b)
	}
	return r
}

// statementsAt returns the statement that shares most code points with the
// evidence, and all that share any.
func statementsAt(line *gold.Line, text, evidence string) (best *gold.Statement, all []*gold.Statement) {
	from := strings.Index(text, evidence)
	if line == nil || from < 0 || evidence == "" {
		return nil, nil
	}
	start := utf8.RuneCountInString(text[:from])
	end := start + utf8.RuneCountInString(evidence)
	most := 0
	for i := range line.Statements {
		s := &line.Statements[i]
		shared := 0
		for _, spans := range []gold.Spans{s.Source, s.Cue, s.Content} {
			for _, p := range spans {
				shared += max(0, min(end, p[1])-max(start, p[0]))
			}
		}
		if shared > 0 {
			all = append(all, s)
		}
		if shared > most {
			best, most = s, shared
		}
	}
	return best, all
}

// runeSlice returns the text under a span of code points.
func runeSlice(text string, span [2]int) string {
	n, start, end := 0, len(text), len(text)
	for i := range text {
		if n == span[0] {
			start = i
		}
		if n == span[1] {
			end = i
			break
		}
		n++
	}
	return text[start:end]
}

// WriteText prints the scores. The losses, row by row, are in the JSON form.
func (r *SpeakersReport) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.printf("speakers: %d coded statements of %d articles, %d found, %d with a speaker\n", r.Rows, r.Articles, r.Found, r.Named)
	p.printf("  speaker right               %v  (%d/%d)\n", r.Accuracy, r.Right, r.Named)
	p.printf("  abstained                   %v\n", r.Abstained)
	p.printf("  wrong and sure (%.1f or more) %v\n", Confident, r.Confident)
	p.printf("  right in any statement there  %v\n", r.Anywhere)
	p.printf("\nby what the speaker was known:\n")
	for _, b := range r.By {
		p.printf("  %-12s %d/%d  %.3f\n", b.Resolution, b.Right, b.Named, ratio(b.Right, b.Named))
	}
	p.printf("\nstated confidence and share right (calibration error %.3f):\n", r.Error)
	for _, b := range r.Calibration {
		p.printf("  %.1f–%.1f  %4d  stated %.2f  right %.2f\n", b.From, b.From+0.1, b.Named, b.Stated, b.Right)
	}
	return p.err
}
