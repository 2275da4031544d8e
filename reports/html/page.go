package html

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/reports/table"
)

// What the report shows and from when on it speaks.
const (
	fewStances      = 3    // labelled stances below which a figure is greyed
	findingStances  = 5    // labelled stances …
	findingArticles = 3    // … in articles, below which a finding is not put in words
	maxFindings     = 12   //
	maxHeatRows     = 25   // speakers of the heat map
	maxIndex        = 5000 // speakers in the index
	maxOutlets      = 40   //
	maxQuarantine   = 300  //
	maxReasons      = 20   //
)

// How many statements are shown. Variables, so that tests see the cuts.
var (
	pageCards   = 10_000  // on one page
	maxCards    = 4000    // of one speaker …
	maxAllCards = 200_000 // … and of all together
)

// A page is what the template shows.
type page struct {
	Counted               string // what counts how often
	Style                 template.CSS
	Script                template.JS
	StyleHash, ScriptHash string

	Title, Dek string
	Tally      []figure
	Read       []string
	Targets    []targetKey
	Overall    []finding
	Findings   []finding
	MoreSaid   string // of pairs with enough stances that no sentence is given to
	TooFew     string
	Heat       heat
	Wide       bool // too many targets for the map to stand beside the findings
	Charts     []chart
	Events     []eventKey
	Network    network
	Compared   []outletTable
	Figures    []figureFile
	Months     int
	Themes     []theme
	Speakers   []speaker // on this page
	Pages      []pageLink
	Index      []indexEntry
	Further    bool   // this is not the first page
	Cards      int    // on all pages
	Cut        string // what was left out, "" where nothing was
	Silent     string // speakers without a part of their own
	Outlets    coverage
	ByMonth    coverage
	SpeakerGap []reason
	StanceGap  []gapRow
	Undated    []reason
	Quarantine []table.QuarantineRow
	Places     []string // of Quarantine, "path:line"
	QuarMore   string
	QuarTally  []reason
	Facts      []fact
	Limits     limits
}

// limits are the thresholds that the text of the report speaks of.
type limits struct{ Few, Stances, Articles, Resamples, PerSpeaker int }

type figure struct{ Value, Label string }

// A targetKey ties a target to the token by which cards are filtered.
type targetKey struct{ Name, Key string }

// A finding is one sentence with its figures and a small drawing of its interval.
type finding struct {
	Speaker, Href string // of the speaker; empty where all speak
	Verb, Verdict string // "was", "mostly against"
	Target        string
	Figures       string
	whisker
}

type heat struct {
	Rows []heatRow
	More string
}

type heatRow struct {
	Name, Href, Type string
	Statements       int
	Cells            []heatCell
}

type heatCell struct {
	Key       string // of the target
	Class     string
	Mean      string // empty where nothing was said
	N         int
	Undecided bool // stances, but all abstained
	Label     string
}

// A pageLink leads to a page of statements.
type pageLink struct {
	File, Label string
	Here        bool
}

// An indexEntry leads to a speaker, on whichever page.
type indexEntry struct {
	Name, Href string
	Statements int
}

type speaker struct {
	ID               string
	Name, Type, Slug string
	Nobody           bool // statements whose speaker the tool would not settle
	Continued        bool // begun on an earlier page
	Wikidata         string
	Aliases          []string
	Seen             string
	Articles         int
	Statements       int
	Abstained        string
	Cells            []speakerCell
	Cards            []card
	Size             int // binary digits of the number of cards: the style guesses the height by it
	More             string
}

type speakerCell struct {
	Target, Class, Mean, Detail string
}

// coverage is a table of what was read, by outlet or by month.
type coverage struct {
	Head string
	Rows []coverageRow
}

type coverageRow struct {
	Name                                            string
	Articles, Relevant, Copies, Statements, Stances int
	Abstained                                       string
	abstained                                       int
}

type reason struct {
	Text  string
	N     int
	Share string
	Class string
}

type gapRow struct {
	Target                              string
	For, Against, Neither, Abstain, All int
	Share                               string
}

// A builder holds the rows that count, and how they hang together.
type builder struct {
	d          Data
	targets    []table.Target
	keys       map[string]int // target id to its place
	statements map[string]*table.StatementRow
	stances    []table.StanceRow             // of articles that count, in the order of the table
	said       map[string][]*table.StanceRow // by statement
	worth      map[string]int                // by statement: see worths
	bySpeaker  map[string][]*table.StatementRow
	overall    map[string]*table.SummaryRow // speaker, NUL, target: period all
	slugs      map[string]string
	files      map[string]string // speaker id to the page that holds it, where that is not the first
	pages      [][]speaker
	speakers   []*table.SpeakerRow // most telling first
}

// newPage makes the first page; the builder holds the speakers of all.
func newPage(d Data) (*builder, *page, error) {
	b := newBuilder(d)
	p := &page{Facts: facts(d.Run), Counted: counted(d.Run.Counting, d.Run.Since),
		Limits: limits{fewStances, findingStances, findingArticles, resamples, maxCards}}
	for i, t := range b.targets {
		p.Targets = append(p.Targets, targetKey{t.Name, key(i)})
	}
	b.title(p)
	b.cards(p)
	b.read(p)
	b.findings(p)
	b.heat(p)
	b.network(p)
	b.compareOutlets(p)
	p.Wide = len(b.targets) > 4
	p.Charts, p.Events = charts(b.targets, b.stances, d.Run.Events)
	for i := range p.Charts {
		p.Charts[i].Anchor = "chart-" + key(i)
		p.Months = max(p.Months, len(p.Charts[i].Rows))
	}
	var err error
	if p.Themes, err = themes(b.targets, b.stances, b.statements); err != nil {
		return nil, nil, err
	}
	b.coverage(p)
	b.gaps(p)
	b.quarantine(p)
	return b, p, nil
}

func newBuilder(d Data) *builder {
	b := &builder{d: d,
		keys:       map[string]int{},
		statements: make(map[string]*table.StatementRow, len(d.Statements)),
		said:       make(map[string][]*table.StanceRow, len(d.Stances)),
		bySpeaker:  map[string][]*table.StatementRow{},
		overall:    map[string]*table.SummaryRow{},
		slugs:      map[string]string{},
		files:      map[string]string{},
	}
	for i := range d.Statements {
		if s := &d.Statements[i]; !s.Duplicate {
			b.statements[s.ID] = s
			b.bySpeaker[deref(s.SpeakerID)] = append(b.bySpeaker[deref(s.SpeakerID)], s)
		}
	}
	for i := range d.Stances {
		if !d.Stances[i].Duplicate {
			b.stances = append(b.stances, d.Stances[i])
		}
	}
	for i := range b.stances {
		s := &b.stances[i]
		b.said[s.StatementID] = append(b.said[s.StatementID], s)
	}
	for i := range d.Summary {
		if s := &d.Summary[i]; s.Period == "all" {
			b.overall[s.SpeakerID+"\x00"+s.Target] = s
		}
	}
	b.worth = worths(b.stances)
	b.findTargets()
	taken := slugs{}
	for i := range d.Speakers {
		s := &d.Speakers[i]
		b.slugs[s.ID] = taken.of(s.ID)
		b.speakers = append(b.speakers, s)
	}
	slices.SortStableFunc(b.speakers, func(x, y *table.SpeakerRow) int {
		return cmp.Or(cmp.Compare(y.Stances, x.Stances), cmp.Compare(y.Statements, x.Statements), cmp.Compare(x.ID, y.ID))
	})
	return b
}

// findTargets takes the configured targets in their order, then any that only
// stances name.
func (b *builder) findTargets() {
	add := func(t table.Target) {
		if _, ok := b.keys[t.ID]; ok {
			return
		}
		if t.Name = plain(t.Name); t.Name == "" {
			t.Name = plain(t.ID)
		}
		b.keys[t.ID] = len(b.targets)
		b.targets = append(b.targets, t)
	}
	for _, t := range b.d.Run.Targets {
		add(t)
	}
	var more []string
	for i := range b.stances {
		if _, ok := b.keys[b.stances[i].Target]; !ok {
			more = append(more, b.stances[i].Target)
		}
	}
	slices.Sort(more)
	for _, id := range slices.Compact(more) {
		add(table.Target{ID: id})
	}
}

func key(i int) string { return fmt.Sprintf("t%d", i) }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (b *builder) targetNames() []string {
	names := make([]string, len(b.targets))
	for i, t := range b.targets {
		names[i] = t.Name
	}
	return names
}

func (b *builder) title(p *page) {
	p.Title = "Who takes which side"
	if names := b.targetNames(); len(names) > 0 && len(names) <= 4 {
		p.Title += " on " + list(names)
	}
	first, last := b.d.Articles.first, b.d.Articles.last
	if b.d.Articles.all == 0 {
		p.Dek = "No article could be analysed."
		return
	}
	p.Dek = "What " + things(b.d.Articles.outlets(), "news outlet") + " had people, governments and groups say"
	switch {
	case first.IsZero():
	case day(first) == day(last):
		p.Dek += ", " + day(first)
	default:
		p.Dek += ", " + day(first) + " to " + day(last)
	}
	p.Dek += ": every statement with its source, its words and the side that it was read to take."
}

func (b *builder) read(p *page) {
	if b.d.Run.Demo {
		p.Read = append(p.Read, "This is the tool’s demo corpus: its people, places and events are invented.")
	}
	sum := b.d.Articles.counts()
	copies, relevant := sum.copies, sum.relevant
	analysed := sum.articles - copies
	quarantined := len(b.d.Quarantine)
	all := analysed + copies + quarantined
	abstained := 0
	for i := range b.stances {
		if b.stances[i].Label == "abstain" {
			abstained++
		}
	}
	nobody := len(b.bySpeaker[""])
	p.Tally = []figure{
		{count(all), noun(all, "article") + " went in"},
		{count(len(b.statements)), noun(len(b.statements), "statement")},
		{count(len(b.d.Speakers)), noun(len(b.d.Speakers), "speaker")},
		{count(len(b.stances)), noun(len(b.stances), "stance") + " toward a target"},
		{share(abstained, len(b.stances)), "of stances left undecided"},
	}
	p.Read = append(p.Read, fmt.Sprintf("%s went in: %s analysed, %s set aside as a copy of another and %s quarantined as unreadable.",
		upper(things(all, "article")), count(analysed), count(copies), count(quarantined)))
	if b.d.Articles.all == 0 {
		return
	}
	first, last, undated := b.d.Articles.first, b.d.Articles.last, b.d.Articles.undated()
	when := "None bears a date that could be read."
	if !first.IsZero() {
		when = fmt.Sprintf("They were published from %s to %s by %s", day(first), day(last), things(b.d.Articles.outlets(), "outlet"))
		if day(first) == day(last) {
			when = fmt.Sprintf("They were published on %s by %s", day(first), things(b.d.Articles.outlets(), "outlet"))
		}
		if undated > 0 {
			when += fmt.Sprintf("; %s no date that could be read", bear(undated))
		}
		when += "."
	}
	p.Read = append(p.Read, when)
	if len(b.targets) > 0 {
		p.Read = append(p.Read, fmt.Sprintf("Of the articles analysed, %s (%s) %s up %s.", count(relevant), share(relevant, analysed),
			verb(relevant, "takes", "take"), orList(b.targetNames())))
	}
	p.Read = append(p.Read, fmt.Sprintf("In all they hold %s, with %s toward a target. The tool would not name the speaker of %s (%s) and took no side on %s (%s) because it was not sure enough.",
		things(len(b.statements), "statement"), things(len(b.stances), "stance"),
		things(nobody, "statement"), share(nobody, len(b.statements)),
		things(abstained, "stance"), share(abstained, len(b.stances))))
}

func noun(n int, s string) string {
	if n == 1 {
		return s
	}
	return s + "s"
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func bear(n int) string { return count(n) + " " + verb(n, "bears", "bear") }

func upper(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func orList(words []string) string {
	if len(words) < 2 {
		return list(words)
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// verdict puts a mean in words no stronger than its interval allows: a verb
// for one and for many speakers, the side, and its class.
func verdict(nFor, nAgainst, n int, low, high float64) (one, many, side, class string) {
	switch {
	case low > 0 && 2*nFor > n:
		return "was", "were", "mostly for", "for"
	case low > 0:
		return "was", "were", "more for than against", "for"
	case high < 0 && 2*nAgainst > n:
		return "was", "were", "mostly against", "against"
	case high < 0:
		return "was", "were", "more against than for", "against"
	}
	return "took", "took", "no clear side on", "neither"
}

func figuresOf(n, articles, all, abstained int, mean, low, high float64) string {
	s := fmt.Sprintf("mean %s, 95\u00a0%% interval %s; n = %s in %s; ", signed(mean), interval(low, high),
		things(n, "labelled stance"), things(articles, "article"))
	if abstained == 0 {
		return s + "none abstained"
	}
	return s + fmt.Sprintf("%s of %s abstained", share(abstained, all), count(all))
}

func (b *builder) findings(p *page) {
	for _, target := range b.targets {
		var t tallyOf
		for i := range b.stances {
			if b.stances[i].Target == target.ID {
				t.add(&b.stances[i])
			}
		}
		f := finding{Target: target.Name}
		low, high, ok := t.interval()
		if !ok || t.N() < findingStances || t.Articles() < findingArticles {
			f.Figures = fmt.Sprintf("too few to say: %s in %s", things(t.N(), "labelled stance"), things(t.Articles(), "article"))
			p.Overall = append(p.Overall, f)
			continue
		}
		_, f.Verb, f.Verdict, f.Class = verdict(t.For, t.Against, t.N(), low, high)
		f.Figures = figuresOf(t.N(), t.Articles(), t.All(), t.Abstain, t.Mean(), low, high) +
			fmt.Sprintf(" (%s for, %s against, %s neither)", count(t.For), count(t.Against), count(t.Neither))
		f.draw(t.Mean(), low, high)
		p.Overall = append(p.Overall, f)
	}

	var rows []*table.SummaryRow
	few := 0
	for i := range b.d.Summary {
		s := &b.d.Summary[i]
		if s.Period != "all" || s.SpeakerID == "" {
			continue
		}
		if labelled(s) < findingStances || s.Articles < findingArticles || s.Mean == nil || s.CILow == nil || s.CIHigh == nil {
			few++
			continue
		}
		rows = append(rows, s)
	}
	clear := func(s *table.SummaryRow) int {
		if *s.CILow > 0 || *s.CIHigh < 0 {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(rows, func(x, y *table.SummaryRow) int {
		return cmp.Or(cmp.Compare(clear(y), clear(x)), cmp.Compare(labelled(y), labelled(x)),
			cmp.Compare(math.Abs(*y.Mean), math.Abs(*x.Mean)), cmp.Compare(x.SpeakerID, y.SpeakerID), cmp.Compare(x.Target, y.Target))
	})
	for _, s := range rows[:min(len(rows), maxFindings)] {
		f := finding{Speaker: shown(s.SpeakerName), Target: b.name(s.Target)}
		f.Href = b.href(s.SpeakerID)
		f.Verb, _, f.Verdict, f.Class = verdict(int(s.NFor), int(s.NAgainst), labelled(s), *s.CILow, *s.CIHigh)
		f.Figures = figuresOf(labelled(s), int(s.Articles), labelled(s)+int(s.NAbstain), int(s.NAbstain), *s.Mean, *s.CILow, *s.CIHigh)
		f.draw(*s.Mean, *s.CILow, *s.CIHigh)
		p.Findings = append(p.Findings, f)
	}
	if more := len(rows) - maxFindings; more > 0 {
		p.MoreSaid = fmt.Sprintf("%s of speaker and target %s enough stances for a sentence; the table summary has them all.",
			upper(things(more, "further pair")), verb(more, "has", "have"))
	}
	if few > 0 {
		p.TooFew = fmt.Sprintf("On %s of speaker and target there is too little to say: fewer than %d labelled stances, or fewer than %d articles.",
			things(few, "other pair"), findingStances, findingArticles)
	}
}

func labelled(s *table.SummaryRow) int { return int(s.NFor + s.NAgainst + s.NNeither) }

func (b *builder) name(target string) string {
	if i, ok := b.keys[target]; ok {
		return b.targets[i].Name
	}
	return plain(target)
}

func (b *builder) heat(p *page) {
	left := 0
	for _, s := range b.speakers {
		if s.Stances == 0 {
			break
		}
		if len(p.Heat.Rows) == maxHeatRows {
			left++
			continue
		}
		row := heatRow{Name: shown(s.Name), Href: b.href(s.ID), Type: plain(s.Type), Statements: int(s.Statements)}
		for i, t := range b.targets {
			row.Cells = append(row.Cells, b.cell(row.Name, i, b.overall[s.ID+"\x00"+t.ID]))
		}
		p.Heat.Rows = append(p.Heat.Rows, row)
	}
	if left > 0 {
		p.Heat.More = fmt.Sprintf("The %d speakers with most stances are shown; %s left out.", maxHeatRows,
			things(left, "speaker")+" with fewer "+verb(left, "is", "are"))
	}
}

func (b *builder) cell(speaker string, i int, s *table.SummaryRow) heatCell {
	c := heatCell{Key: key(i)}
	about := speaker + " on " + b.targets[i].Name
	switch {
	case s == nil:
		c.Label = about + ": nothing found"
		return c
	case s.Mean == nil:
		c.Undecided, c.N = true, int(s.NAbstain)
		c.Label = fmt.Sprintf("%s: all %s abstained", about, things(c.N, "stance"))
		return c
	}
	c.N, c.Mean, c.Class = labelled(s), signed(*s.Mean), heatClass(*s.Mean)
	if c.N < fewStances {
		c.Class = "few"
	}
	c.Label = fmt.Sprintf("%s: mean %s over %s, %d for, %d against, %d neither, %d abstained", about, c.Mean,
		things(c.N, "labelled stance"), s.NFor, s.NAgainst, s.NNeither, s.NAbstain)
	if s.CILow != nil && s.CIHigh != nil {
		c.Label += ", 95\u00a0% interval " + interval(*s.CILow, *s.CIHigh)
	} else {
		c.Label += noInterval
	}
	return c
}

// cards gives every speaker a part of the report, those with most stances
// first, and deals the parts out to pages that a browser opens in comfort. A
// speaker with more statements than a page holds goes on over the next ones.
func (b *builder) cards(p *page) {
	left, shown, silent := maxAllCards, 0, 0
	b.pages = [][]speaker{nil}
	here := 0 // statements on the last page
	deal := func(s speaker, cards []card) {
		first := true
		for {
			if here > 0 && here+min(len(cards), pageCards) > pageCards {
				b.pages, here = append(b.pages, nil), 0
			}
			n := min(len(cards), pageCards)
			part := s
			part.Cards, part.Size, part.Continued = cards[:n:n], bits.Len(uint(n)), !first
			if !first {
				part.Slug += fmt.Sprintf("-part-%d", len(b.pages))
			} else if len(b.pages) > 1 {
				b.files[s.ID] = pageFile(len(b.pages))
			}
			if n < len(cards) {
				part.More = "Continued on the next page."
			}
			last := &b.pages[len(b.pages)-1]
			*last = append(*last, part)
			here += n
			cards, first = cards[n:], false
			if len(cards) == 0 {
				return
			}
		}
	}
	for _, row := range b.speakers {
		statements := b.bySpeaker[row.ID]
		if left == 0 {
			silent++
			shown += len(statements)
			delete(b.slugs, row.ID)
			continue
		}
		s := b.speaker(row)
		var cards []card
		cards, s.More = b.cardsOf(statements, &left)
		p.Cards += len(cards)
		deal(s, cards)
		if len(p.Index) < maxIndex {
			p.Index = append(p.Index, indexEntry{s.Name, b.href(row.ID), s.Statements})
		}
	}
	if statements := b.bySpeaker[""]; len(statements) > 0 {
		left = max(left, maxCards/20)
		nobody := speaker{Slug: "nobody", Nobody: true, Statements: len(statements)}
		var cards []card
		cards, nobody.More = b.cardsOf(statements, &left)
		p.Cards += len(cards)
		deal(nobody, cards)
	}
	if silent > 0 {
		p.Silent = fmt.Sprintf("%s with %s and fewer stances than those above %s only in the tables speakers and statements.",
			upper(things(silent, "further speaker")), things(shown, "statement"), verb(silent, "stands", "stand"))
	}
	if p.Cards < len(b.statements) {
		p.Cut = fmt.Sprintf("%s of %s statements are shown here; all of them stand in the table statements.", count(p.Cards), count(len(b.statements)))
	}
	if len(b.pages) > 1 {
		p.Cut += fmt.Sprintf(" They fill %d pages; search and filters look through the page at hand.", len(b.pages))
	}
}

// pageFile names the file of a page of statements, from 1.
func pageFile(n int) string {
	if n == 1 {
		return "index.html"
	}
	return fmt.Sprintf("statements-%d.html", n)
}

// href leads to a speaker's part, and is empty where there is none.
func (b *builder) href(id string) string {
	slug, ok := b.slugs[id]
	if !ok || id == "" {
		return ""
	}
	return b.files[id] + "#" + slug
}

func (b *builder) speaker(row *table.SpeakerRow) speaker {
	s := speaker{ID: row.ID, Name: shown(row.Name), Type: plain(row.Type), Slug: b.slugs[row.ID], Articles: int(row.Articles), Statements: int(row.Statements)}
	if item := deref(row.Wikidata); wikidataItem.MatchString(item) {
		s.Wikidata = item
	}
	for _, a := range row.Aliases {
		s.Aliases = append(s.Aliases, plain(a))
	}
	first, last := table.Time(row.FirstSeen), table.Time(row.LastSeen)
	switch {
	case first.IsZero():
	case day(first) == day(last):
		s.Seen = day(first)
	default:
		s.Seen = day(first) + " – " + day(last)
	}
	if row.ShareAbstained != nil && row.Stances > 0 {
		s.Abstained = percent(*row.ShareAbstained)
	}
	for i, t := range b.targets {
		c := b.cell(s.Name, i, b.overall[row.ID+"\x00"+t.ID])
		if c.N == 0 {
			continue
		}
		sc := speakerCell{Target: t.Name, Class: c.Class, Mean: c.Mean}
		if c.Undecided {
			sc.Class, sc.Mean, sc.Detail = "few", "?", fmt.Sprintf("%d abstained", c.N)
		} else {
			sc.Detail = cellDetail(b.overall[row.ID+"\x00"+t.ID])
		}
		s.Cells = append(s.Cells, sc)
	}
	return s
}

// noInterval is said of a mean whose stances are all of one article.
const noInterval = ", no interval from one article"

// cellDetail is what a mean rests on: stances, interval, abstentions.
func cellDetail(s *table.SummaryRow) string {
	n := labelled(s)
	text := fmt.Sprintf("n = %d", n)
	switch {
	case s.CILow == nil || s.CIHigh == nil:
		text += noInterval
	case n >= fewStances:
		text += ", " + interval(*s.CILow, *s.CIHigh)
	}
	if s.NAbstain == 0 {
		return text + ", none abstained"
	}
	return text + fmt.Sprintf(", %s abstained", share(int(s.NAbstain), n+int(s.NAbstain)))
}

// sidedWorth is the worth of a statement for or against some target.
const sidedWorth = 2

// worths ranks statements by what they give to see: sidedWorth with a stance
// for or against, 1 with another stance, 0 without any.
func worths(stances []table.StanceRow) map[string]int {
	worth := map[string]int{}
	for i := range stances {
		s := &stances[i]
		value := 1
		if s.Label == "for" || s.Label == "against" {
			value = sidedWorth
		}
		worth[s.StatementID] = max(worth[s.StatementID], value)
	}
	return worth
}

// cardsOf keeps the statements with a side first, then those with any stance,
// and shows what it kept in the order of the table: by date.
func (b *builder) cardsOf(statements []*table.StatementRow, budget *int) ([]card, string) {
	keep := min(len(statements), maxCards, *budget)
	*budget -= keep
	chosen := statements
	if keep < len(statements) {
		order := make([]int, len(statements))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(x, y int) int {
			return cmp.Compare(b.worth[statements[y].ID], b.worth[statements[x].ID])
		})
		order = order[:keep]
		slices.Sort(order)
		chosen = make([]*table.StatementRow, keep)
		for i, at := range order {
			chosen[i] = statements[at]
		}
	}
	cards := make([]card, len(chosen))
	for i, s := range chosen {
		cards[i] = b.card(s)
	}
	more := ""
	if left := len(statements) - keep; left > 0 {
		more = fmt.Sprintf("%s %s in the table statements.", upper(things(left, "further statement")), verb(left, "stands", "stand"))
	}
	return cards, more
}

func (b *builder) card(s *table.StatementRow) card {
	c := card{ID: plain(s.ID), Kind: plain(s.Kind), Outlet: plain(s.Publisher)}
	layers := make([]layer, 0, 8)
	add := func(starts, ends []int32, part int) {
		for i := range min(len(starts), len(ends)) {
			layers = append(layers, layer{starts[i], ends[i], part})
		}
	}
	add(s.SourceStarts, s.SourceEnds, isSource)
	add(s.CueStarts, s.CueEnds, isCue)
	add(s.ContentStarts, s.ContentEnds, isContent)
	var keys []string
	for _, stance := range b.said[s.ID] {
		i := b.keys[stance.Target]
		label := stance.Label
		if label != "for" && label != "against" && label != "neither" {
			label = "abstain"
		}
		keys = append(keys, key(i)+":"+label)
		layers = append(layers, layer{stance.MentionStart, stance.MentionEnd, isMention})
		if label == "for" || label == "against" {
			layers = append(layers, layer{stance.EvidenceStart, stance.EvidenceEnd, isEvidence})
		}
		c.Stances = append(c.Stances, chip{Target: b.targets[i].Name, Label: label, Score: signed(stance.Score),
			Confidence: percent(stance.Confidence), Class: barClass(stance.Confidence)})
	}
	c.Keys = strings.Join(keys, " ")
	c.Segments = segments(s.Context, s.ContextStart, layers)
	if t := table.Time(s.Published); !t.IsZero() {
		c.DateTime, c.Date = t.Format("2006-01-02"), day(t)
	} else {
		c.Date = "undated"
	}
	if a, ok := b.d.Articles.shown[s.ArticleID]; ok {
		c.Title, c.URL = plain(a.title), webLink(a.url)
		if n := b.d.Articles.copies[s.ArticleID]; n > 0 {
			c.Copies = things(n, "copy")
			if n > 1 {
				c.Copies = count(n) + " copies"
			}
		}
	}
	if c.Title == "" {
		c.Title = plain(s.ArticleID)
	}
	if s.Region != "" && s.Region != "body" {
		c.Region = plain(s.Region)
	}
	if s.SpeakerID != nil {
		if how := deref(s.Resolution); how != "" {
			c.Via = "speaker by " + plain(how) + ", " + percent(s.SpeakerConfidence)
		}
	} else {
		c.Note = plain(s.SpeakerNote)
		for i, name := range s.CandidateNames {
			who := candidate{Name: shown(name)}
			if i < len(s.CandidateConfidences) {
				who.Confidence = percent(s.CandidateConfidences[i])
			}
			c.Candidates = append(c.Candidates, who)
		}
	}
	return c
}

func (b *builder) coverage(p *page) {
	outlets := map[string]*coverageRow{}
	months := map[string]*coverageRow{}
	row := func(m map[string]*coverageRow, name string) *coverageRow {
		if m[name] == nil {
			m[name] = &coverageRow{Name: name}
		}
		return m[name]
	}
	month := func(ms *int64) string {
		if ms == nil {
			return ""
		}
		return table.Time(ms).Format("2006-01")
	}
	for group, n := range b.d.Articles.groups {
		for _, r := range []*coverageRow{row(outlets, group.publisher), row(months, group.name())} {
			r.Articles += n.articles
			r.Copies += n.copies
			r.Relevant += n.relevant
		}
	}
	for i := range b.d.Statements {
		if s := &b.d.Statements[i]; !s.Duplicate {
			row(outlets, s.Publisher).Statements++
			row(months, month(s.Published)).Statements++
		}
	}
	for i := range b.stances {
		s := &b.stances[i]
		for _, r := range []*coverageRow{row(outlets, s.Publisher), row(months, month(s.Published))} {
			r.Stances++
			if s.Label == "abstain" {
				r.abstained++
			}
		}
	}
	byOutlet := sorted(outlets, func(x, y *coverageRow) int {
		return cmp.Or(cmp.Compare(y.Articles, x.Articles), cmp.Compare(x.Name, y.Name))
	})
	if len(byOutlet) > maxOutlets {
		rest := coverageRow{Name: count(len(byOutlet)-maxOutlets) + " other outlets"}
		for _, r := range byOutlet[maxOutlets:] {
			rest.Articles += r.Articles
			rest.Relevant += r.Relevant
			rest.Copies += r.Copies
			rest.Statements += r.Statements
			rest.Stances += r.Stances
			rest.abstained += r.abstained
		}
		rest.Abstained = share(rest.abstained, rest.Stances)
		byOutlet = append(byOutlet[:maxOutlets:maxOutlets], rest)
	}
	byMonth := sorted(months, func(x, y *coverageRow) int {
		return cmp.Or(-cmp.Compare(min(len(x.Name), 1), min(len(y.Name), 1)), cmp.Compare(x.Name, y.Name))
	})
	for i := range byOutlet {
		if byOutlet[i].Name = plain(byOutlet[i].Name); byOutlet[i].Name == "" {
			byOutlet[i].Name = "outlet unknown"
		}
	}
	for i := range byMonth {
		if byMonth[i].Name == "" {
			byMonth[i].Name = "undated"
		} else {
			byMonth[i].Name = monthName(byMonth[i].Name, "January 2006")
		}
	}
	p.Outlets, p.ByMonth = coverage{"Outlet", byOutlet}, coverage{"Month", byMonth}
}

func sorted(m map[string]*coverageRow, by func(x, y *coverageRow) int) []coverageRow {
	rows := make([]*coverageRow, 0, len(m))
	for _, r := range m {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, by)
	out := make([]coverageRow, len(rows))
	for i, r := range rows {
		out[i] = *r
		out[i].Abstained = share(r.abstained, r.Stances)
	}
	return out
}

// gaps counts what the tool would not say, and why.
func (b *builder) gaps(p *page) {
	why, undated := map[string]int{}, map[string]int{}
	for _, s := range b.bySpeaker[""] {
		why[orElse(plain(s.SpeakerNote), "no reason recorded")]++
	}
	for note, n := range b.d.Articles.notes {
		undated[orElse(plain(note), "no reason recorded")] += n
	}
	p.SpeakerGap, p.Undated = reasons(why), reasons(undated)
	rows := make([]gapRow, len(b.targets))
	for i, t := range b.targets {
		rows[i].Target = t.Name
	}
	for i := range b.stances {
		r := &rows[b.keys[b.stances[i].Target]]
		r.All++
		switch b.stances[i].Label {
		case "for":
			r.For++
		case "against":
			r.Against++
		case "neither":
			r.Neither++
		default:
			r.Abstain++
		}
	}
	for i := range rows {
		rows[i].Share = share(rows[i].Abstain, rows[i].All)
	}
	p.StanceGap = rows
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// reasons lists texts by how often they were given, most frequent first.
func reasons(counts map[string]int) []reason {
	all := 0
	out := make([]reason, 0, len(counts))
	for t, n := range counts {
		out = append(out, reason{Text: t, N: n})
		all += n
	}
	slices.SortFunc(out, func(x, y reason) int {
		return cmp.Or(cmp.Compare(y.N, x.N), cmp.Compare(x.Text, y.Text))
	})
	if len(out) > maxReasons {
		rest := reason{Text: count(len(out)-maxReasons) + " other reasons"}
		for _, r := range out[maxReasons:] {
			rest.N += r.N
		}
		out = append(out[:maxReasons:maxReasons], rest)
	}
	for i := range out {
		out[i].Share = share(out[i].N, all)
		out[i].Class = barClass(float64(out[i].N) / float64(all))
	}
	return out
}

func (b *builder) quarantine(p *page) {
	why := map[string]int{}
	for i := range b.d.Quarantine {
		why[plain(b.d.Quarantine[i].Reason)]++
	}
	p.QuarTally = reasons(why)
	p.Quarantine = slices.Clone(b.d.Quarantine[:min(len(b.d.Quarantine), maxQuarantine)])
	for i := range p.Quarantine {
		q := &p.Quarantine[i]
		q.Path, q.ID, q.Reason, q.Message, q.Mend = plain(q.Path), plain(q.ID), plain(q.Reason), plain(q.Message), plain(q.Mend)
		place := q.Path
		if q.Line > 0 {
			place = fmt.Sprintf("%s:%d", q.Path, q.Line)
		}
		p.Places = append(p.Places, place)
	}
	if left := len(b.d.Quarantine) - len(p.Quarantine); left > 0 {
		p.QuarMore = fmt.Sprintf("%s %s in the table quarantine.", upper(things(left, "further row")), verb(left, "stands", "stand"))
	}
}

// A fact is one line about the run.
type fact struct{ Name, Value string }

// maxInputs is the number of input files named one by one.
const maxInputs = 50

// counted says what counts, and how often what is repeated does.
func counted(c table.Counting, since string) string {
	text := "Copies of one article count once."
	if c.CopiesEach {
		text = "Copies of one article count each time."
	}
	if c.QuotationsOnce {
		text += " The same words of the same speaker count once across articles."
	}
	if since != "" {
		text = "Articles published since " + since + " are covered; the tables hold the others too. " + text
	}
	return text + " A statement of joint speakers counts once for each of them, in the figures for all speakers together and in every total too."
}

func facts(run table.RunInfo) []fact {
	var out []fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{plain(name), plain(value)})
		}
	}
	add("standpoint", run.Version)
	if run.SchemaVersion > 0 {
		add("tables, schema version", fmt.Sprint(run.SchemaVersion))
	}
	add("configuration, SHA-256", run.ConfigSHA256)
	for _, name := range slices.Sorted(maps.Keys(run.ModelsSHA256)) {
		add("model "+name+", SHA-256", run.ModelsSHA256[name])
	}
	inputs := slices.Sorted(maps.Keys(run.InputsSHA256))
	for _, name := range inputs[:min(len(inputs), maxInputs)] {
		add("input "+name+", SHA-256", run.InputsSHA256[name])
	}
	if left := len(inputs) - maxInputs; left > 0 {
		add("further inputs", things(left, "file")+" in run.json")
	}
	return out
}
