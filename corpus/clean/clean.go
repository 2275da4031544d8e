// Package clean marks the regions of an article that are not its body: the
// headline, bylines and datelines, and the lines that news sites put around and
// into an article. It marks, and never rewrites the text.
//
// It needs no layer and adds LayerRegions. Lines that only the rest of the
// corpus gives away, because an outlet repeats them, are found by Lines.
package clean

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// maxLine is the length in bytes beyond which a line is a paragraph of the body.
const maxLine = 300

// starts matches a whole line, without its surrounding white space, that begins
// with one of the words of startWords.
var starts = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`(?:latest|top|more|related|breaking|trending|recent|recommended|most (?:read|popular|viewed)) (?:news|stories|articles|coverage|headlines|posts|topics|content|from .{1,40})\W*`,
	`(?:read|see|watch|listen|click|more|related|also|recommended|advertisement|story continues below(?: advertisement)?)(?: (?:more|also|now|here|next|on this|reading|this))?\s*(?:[:»>→].*|\W*)`,
	`(?:read|see) (?:more|also|next)\s*[:»>→|–—-].*`,
	`(?:(?:story|article) )?continue[sd]? (?:reading )?(?:below|the main story).*`, `advertisement continue reading the main story`,
	`(?:sign up|subscribe|like us|share this|share on|download (?:our|the) app|get the latest|get our|join our|click here|click to get|support our|donate)\b.*`,
	`follow (?:us\b|@|.{1,40} on (?:twitter|facebook|instagram|x)\b).*`,
	`(?:copyright|©|\(c\)) ?.*`,
	`(?:photo|image|picture|video|caption|credit|slideshow|gallery)s?(?: credit| by| courtesy)?\s*[:/].*`,
	`(?:image (?:copyright|caption|source)|media (?:caption|playback is)|enlarge this image|toggle caption|hide caption|file photo)\b.*`,
	`slideshow \(\d+ images?\)`, `(?:photo|video|close|loading|share|print|e-?mail|facebook|twitter|tweet)`,
	`this (?:article|story|post|report) (?:was (?:originally |first )?(?:published|produced|written|corrected|updated)|is more than \d+ (?:years?|months?) old|is part of|has been (?:updated|corrected)|originally appeared)\b.*`,
	`\d+ (?:years?|months?|weeks?|days?|hours?|minutes?) ago`,
	`the associated press (?:contributed|and .{1,60} contributed)\b.*`, `(?:reporting|additional reporting|editing|writing) by\b.*`, `contributing: .*`,
	`just watched\b.*\breplay (?:more )?videos?\b.*`,
	`story highlights`, `chat with us in .*`, `(?:we use|this site uses) cookies.*`,
	`the (?:views|opinions) expressed (?:in|by|here)\b.*`, `content created by .* is available without charge.*`, `send (?:tips|your|us)\b.*`,
	`newsletter sign-?up.*`, `want .* in your inbox.*`, `analysis/opinion:?`, `\[pullquote\]`, `all rights reserved\W*`,
}, `|`) + `)$`)

var startWords = wordSet(`latest top more related breaking trending recent recommended most read see watch listen click also advertisement
	story article continue continues continued sign subscribe like share download get join support donate follow copyright © (c)
	photo photos image images picture pictures video videos caption credit credits slideshow gallery media enlarge toggle hide file
	close loading print e-mail email facebook twitter tweet this 1 2 3 4 5 6 7 8 9 the reporting additional editing writing contributing
	just chat we content send newsletter want analysis/opinion analysis/opinion: [pullquote] all`)

// ends matches lines by what stands in them, which one of endWords gives away.
var ends = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`.*\ball rights reserved\b.*`,
	`.*\bcontributed (?:to this|reporting)\b.*`,
	`.*\b(?:delivered )?(?:to|in) your (?:e-?mail )?inbox\b.*`,
	`.*\(?(?:\bap photo|\bphoto(?:graph)? by|\bphoto:|\bphoto courtesy|file photo).{0,60}\)?\W*`,
	`.*(?:/|\bvia )(?:getty images|afp|ap|reuters|epa|shutterstock)\)?\W*`,
}, `|`) + `)$`)

var endWords = []string{"rights reserved", "contributed", "inbox", "photo", "getty images", "/afp", "/ap", "/reuters", "/epa", "shutterstock", "via "}

// listHead begins a list of links, which goes on while lines are headlines:
// short, and without the mark that ends a sentence.
var listHead = regexp.MustCompile(`(?i)^(?:related|latest|more|top|trending|recommended|most (?:read|popular|viewed)|read next|you (?:may|might) also like|in other news|don't miss|around the web)(?: (?:news|stories|articles|coverage|headlines|posts|topics|content|from .{1,40}))?:?$`)

// commentHead begins the comments of readers, which go on to the end.
var commentHead = regexp.MustCompile(`(?i)^(?:(?:\d+ |view |show |reader )*comments? ?(?:\(\d+\)|:)?|leave a (?:reply|comment)|join the (?:conversation|discussion)|\d+ (?:responses?|thoughts?) (?:to|on) .*)$`)

// byline matches a line of its own, near the begin, that names who wrote the
// article; or when it appeared.
var byline = regexp.MustCompile(`^(?:(?:By|BY|by) (?:[A-Z][\w.'’-]*|de|van|von|al|and|&|,)(?:,? (?:[A-Z][\w.'’/-]*|de|van|von|al|and|&|in|of|the|for|[|•·—–-]))*(?: [\w ,|/•·:—–-]*)?` +
	`|(?:(?:Published|Posted|Updated|First published|Last updated|PUBLISHED|UPDATED)(?: on| at)?:? ?)?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})[\w ,|/•·:.—–-]{0,40})$`)

// bylineLines is how many lines from the begin bylines are looked for.
const bylineLines = 5

// dateline matches "CITY, Country (Agency) — " and "CITY, April 7 — " at the
// start of the body.
var dateline = regexp.MustCompile(`^\s*(?:[A-Z][A-Z.'’-]+(?:[ ,/]+(?:[A-Z][\w.'’-]*|\d{1,2}(?:, \d{4})?,?)){0,7}\s*(?:\([^)\n]{2,40}\)\s*)?|[A-Z][a-z]+(?:[ ,]+[A-Z][\w.'’-]*){0,4}\s*\((?:AP|AFP|Reuters|CNN|UPI|dpa|Xinhua|[A-Z][A-Za-z]+ (?:Wire|News))\)\s*|\([^)\n]{2,30}\)\s*)(?:—|–|--|-)\s+`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// A Stage marks regions. It is safe for concurrent use.
type Stage struct{}

// New returns the stage.
func New() *Stage { return &Stage{} }

// Process adds LayerRegions, keeping the headline that the reader marked.
func (*Stage) Process(doc *corpus.Document) error {
	body := 0
	mark := func(start, end int, kind corpus.RegionKind) {
		doc.Regions = append(doc.Regions, corpus.Region{Span: corpus.Span{Start: start, End: end}, Kind: kind})
	}
	if n := len(doc.Regions); n > 0 {
		body = doc.Regions[n-1].End
	} else if end := gluedTitle(doc.Text, doc.Title); end > 0 {
		start := len(doc.Text) - len(strings.TrimLeftFunc(doc.Text, unicode.IsSpace))
		mark(start, end, corpus.Headline)
		body = end
	}
	no, inList, tried := 0, false, false
	for at := body; at < len(doc.Text); {
		end := len(doc.Text)
		if i := strings.IndexByte(doc.Text[at:], '\n'); i >= 0 {
			end = at + i
		}
		line := doc.Text[at:end]
		next := end + 1
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			at = next
			continue
		}
		no++
		start := at + strings.Index(line, trimmed)
		short := len(trimmed) <= maxLine
		switch {
		case short && commentHead.MatchString(trimmed) && 3*start > len(doc.Text):
			mark(start, start+len(strings.TrimRightFunc(doc.Text[start:], unicode.IsSpace)), corpus.Boilerplate)
			next = len(doc.Text)
		case short && listHead.MatchString(trimmed):
			inList = true
			mark(start, start+len(trimmed), corpus.Boilerplate)
		case short && inList && headline(trimmed), short && isBoilerplate(trimmed), short && no <= bylineLines && byline.MatchString(trimmed):
			mark(start, start+len(trimmed), corpus.Boilerplate)
		case !tried: // the body begins here
			tried, inList = true, false
			if m := dateline.FindStringIndex(doc.Text[at:min(end, at+200)]); m != nil {
				mark(at+m[0], at+m[1], corpus.Dateline)
			}
		default:
			inList = false
		}
		at = next
	}
	if !sort.SliceIsSorted(doc.Regions, func(i, j int) bool { return doc.Regions[i].Start < doc.Regions[j].Start }) {
		return fmt.Errorf("clean: document %q: regions out of order", doc.ID)
	}
	doc.Add(corpus.LayerRegions)
	return nil
}

// isBoilerplate reports whether a line is none of the article's. The patterns
// are tried only where a word gives the line away: they cost more than all else.
func isBoilerplate(line string) bool {
	if startWords[firstWord(line)] && starts.MatchString(line) {
		return true
	}
	for _, w := range endWords {
		if containsFold(line, w) {
			return ends.MatchString(line)
		}
	}
	return false
}

func firstWord(line string) string {
	word := line
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		word = line[:i]
	}
	word = strings.ToLower(word)
	switch {
	case strings.HasPrefix(word, "©"):
		return "©"
	case word != "" && '0' <= word[0] && word[0] <= '9':
		return word[:1]
	}
	return strings.TrimRight(word, ":,.!…»>→|/")
}

// containsFold reports whether line holds the words, which are lower-case
// ASCII, in any case.
func containsFold(line, words string) bool {
	for i := 0; i+len(words) <= len(line); i++ {
		if line[i]|0x20 == words[0]|0x20 && strings.EqualFold(line[i:i+len(words)], words) {
			return true
		}
	}
	return false
}

// headline reports whether a line reads as a link: short, and no sentence.
func headline(line string) bool {
	const most = 140
	last, _ := utf8.DecodeLastRuneInString(line)
	return len(line) <= most && !strings.ContainsRune(".!?”\"’;,", last)
}

// gluedTitle is where the title ends that the text begins with, whatever the
// case and white space, or 0. The body may follow without so much as a space.
func gluedTitle(text, title string) int {
	const least = 12 // a shorter one may begin the first sentence
	if len(title) < least {
		return 0
	}
	at := 0
	skip := func() {
		for at < len(text) {
			r, size := utf8.DecodeRuneInString(text[at:])
			if !unicode.IsSpace(r) {
				return
			}
			at += size
		}
	}
	skip()
	for word := range strings.FieldsSeq(title) {
		skip()
		if len(text)-at < len(word) || !strings.EqualFold(text[at:at+len(word)], word) {
			return 0
		}
		at += len(word)
	}
	// A title that the sentence goes on from is the sentence's begin.
	rest := strings.TrimLeft(text[at:], " \t")
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && (unicode.IsLower(r) || strings.ContainsRune(",;:.'’", r)) {
		return 0
	}
	if at < len(text) && !utf8.RuneStart(text[at]) {
		return 0
	}
	return at
}
