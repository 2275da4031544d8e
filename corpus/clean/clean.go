// Package clean marks the regions of an article that are not its body: the
// headline line that the reader found, datelines, and the lines that news
// sites put around an article. It marks, and never rewrites the text.
//
// It needs no layer and adds LayerRegions.
package clean

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// boilerplate matches a whole line, without its surrounding white space.
var boilerplate = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`(?:latest|top|more|related|breaking|trending|most (?:read|popular)) (?:news|stories|articles|coverage|headlines|posts|from .{1,40})\W*`,
	`(?:read|see|watch|listen|click|more|related|also|recommended|advertisement|story continues below(?: advertisement)?)(?: (?:more|also|now|here|next|on this|reading|this))?\s*(?:[:»>→].{0,160}|\W*)`,
	`(?:read|see) (?:more|also)\s*[:»>→|–—-].{0,160}`,
	`(?:sign up|subscribe|follow us|follow @|like us|share this|download our app|get the latest|join our|click here|support our|donate)\b.{0,160}`,
	`(?:copyright|©|\(c\)) ?.{0,120}`,
	`.{0,80}\ball rights reserved\b.{0,80}`,
	`(?:photo|image|picture|video|caption|credit)s?(?: credit| by| courtesy)?\s*[:/].{0,160}`,
	`(?:this (?:article|story|post) (?:was|is|has been)|the associated press|(?:reporting|additional reporting|editing|writing) by)\b.{0,160}`,
	`story highlights`, `chat with us in .{0,80}`, `(?:we use|this site uses) cookies.{0,160}`, `comments? ?(?:\(\d+\))?`,
}, `|`) + `)$`)

// dateline matches "CITY, Country (Agency) — " at the start of the body.
var dateline = regexp.MustCompile(`^\s*(?:[A-Z][A-Z.'’-]+(?:[ ,]+[A-Z][\w.'’-]*){0,5}\s*(?:\([^)\n]{2,30}\)\s*)?|\([^)\n]{2,30}\)\s*)(?:—|–|--|-)\s+`)

// A Stage marks regions. It is safe for concurrent use.
type Stage struct{}

// New returns the stage.
func New() *Stage { return &Stage{} }

// Process adds LayerRegions, keeping the headline that the reader marked.
func (*Stage) Process(doc *corpus.Document) error {
	body := 0
	if n := len(doc.Regions); n > 0 {
		body = doc.Regions[n-1].End
	}
	if m := dateline.FindStringIndex(doc.Text[body:min(len(doc.Text), body+200)]); m != nil {
		doc.Regions = append(doc.Regions, corpus.Region{Span: corpus.Span{Start: body + m[0], End: body + m[1]}, Kind: corpus.Dateline})
		body += m[1]
	}
	for at := body; at < len(doc.Text); {
		end := len(doc.Text)
		if i := strings.IndexByte(doc.Text[at:], '\n'); i >= 0 {
			end = at + i
		}
		line := doc.Text[at:end]
		if trimmed := strings.TrimSpace(line); trimmed != "" && len(trimmed) <= 200 && boilerplate.MatchString(trimmed) {
			start := at + strings.Index(line, trimmed)
			doc.Regions = append(doc.Regions, corpus.Region{Span: corpus.Span{Start: start, End: start + len(trimmed)}, Kind: corpus.Boilerplate})
		}
		at = end + 1
	}
	if !sort.SliceIsSorted(doc.Regions, func(i, j int) bool { return doc.Regions[i].Start < doc.Regions[j].Start }) {
		return fmt.Errorf("clean: document %q: regions out of order", doc.ID)
	}
	doc.Add(corpus.LayerRegions)
	return nil
}
