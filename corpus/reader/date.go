package reader

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/araddon/dateparse"

	"github.com/standpoint-news/standpoint/corpus"
)

// The years that a date of publication can have.
const firstYear, lastYear = 1800, 2100

// ParseDate reads a date of publication in any of the usual forms: ISO 8601,
// numeric, with the month's name, RFC 822, or seconds or milliseconds since
// 1970. The time is UTC; a clock time without a zone is taken as UTC.
//
// A date is never guessed. Where a string has more than one reading (03/04/2017),
// names no day, no such day, a time zone that is no fixed offset, or a year
// before 1800 or after 2100, the time is zero and the note says why; otherwise
// the note is empty. Of two digits, 69 to 99 are of the last century.
func ParseDate(s string) (time.Time, string) {
	s = strings.Join(strings.Fields(s), " ")
	switch strings.ToLower(s) {
	case "", "null", "none", "nan", "n/a":
		return time.Time{}, noDate
	}
	t, problem := readDate(s)
	if problem == "" && (t.Year() < firstYear || t.Year() > lastYear) {
		problem = fmt.Sprintf("year outside %d to %d", firstYear, lastYear)
	}
	if problem != "" {
		return time.Time{}, fmt.Sprintf("%s: %q", problem, shorten(s))
	}
	return t, ""
}

// The rules that give a date of publication, in the order in which they are
// tried.
const (
	ruleField    = "field"    // the record's field
	ruleMetadata = "metadata" // of the page or item
	ruleURL      = "url"      // /2017/04/07/ in the address
	ruleDateline = "dateline" // a line at the text's head that is a date, or a dateline with one
)

// dated is a string that may be a date of publication, and the rule that found it.
type dated struct{ value, rule string }

var (
	urlDate  = regexp.MustCompile(`[/_-]((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/_-]|$)`)
	headDate = regexp.MustCompile(`(?i)^(?:(?:first |last )?(?:published|posted|updated|date|issued)(?: on)?:? ?|[A-Z][A-Z .,'-]{2,40}, )?` +
		`((?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?(?:[a-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2} [a-z]{3,9}\.?,? \d{4}|\d{4}-\d{2}-\d{2}))` +
		`(?:$|[,|]? ?(?:at )?\d{1,2}[:.]\d{2}.{0,20}$| \([A-Z].{1,30}\) ?[—–-]| ?[—–|-]{1,2} )`)
)

// futureAllowed is how far ahead of the clock a date may lie: outlets date the
// morrow's paper, and clocks and time zones differ.
const futureAllowed = 48 * time.Hour

// date sets the document's date of publication by the first rule that gives a
// good one. Where none does, the note is the first rule's.
func (r *run) date(doc *corpus.Document, dates []dated) {
	note := ""
	try := func(d dated) bool {
		t, problem := ParseDate(d.value)
		if problem == "" && !r.options.Now.IsZero() && t.After(r.options.Now.Add(futureAllowed)) {
			problem = fmt.Sprintf("in the future: %q", shorten(d.value))
			r.record = RecordDigest{} // it will not always be
		}
		if problem == "" {
			doc.Published, doc.PublishedRule, doc.PublishedNote = t, d.rule, ""
			return true
		}
		if note == "" || note == noDate {
			note = problem
		}
		return false
	}
	for _, d := range dates {
		if try(d) {
			return
		}
	}
	if m := urlDate.FindStringSubmatch(doc.URL); m != nil && try(dated{fmt.Sprintf("%s-%02d-%02d", m[1], number(m[2]), number(m[3])), ruleURL}) {
		return
	}
	head := doc.Text
	for range 4 { // title, byline, date in one order or another
		head = strings.TrimLeft(head, " \t\r\n")
		line, rest, _ := strings.Cut(head[:min(len(head), 300)], "\n")
		if m := headDate.FindStringSubmatch(strings.TrimSpace(line)); m != nil && try(dated{m[1], ruleDateline}) {
			return
		}
		if rest == "" {
			break
		}
		head = head[len(line):]
	}
	doc.PublishedNote = cmp.Or(note, noDate)
}

const noDate = "no date"

const (
	ambiguous     = "ambiguous date"
	noSuchDay     = "no such day"
	noSuchTime    = "no such time of day"
	unknownZone   = "unknown time zone"
	notUnderstood = "date not understood"
	incomplete    = "date without a day"
)

var (
	epoch    = regexp.MustCompile(`^(\d{10})(\d{3})?(?:\.\d*)?$`)
	compact  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})Z?)?$`)
	numeric  = regexp.MustCompile(`^(\d{4}|\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4}|\d{1,2})(?:$|[T ,])`)
	dayFirst = regexp.MustCompile(`(?i)^(?:[a-z]{3,9}\.?,? )?(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -/]([a-z]{3,9})\.?,?[ -/](\d{4})(?:$|[T ,])`)
	monFirst = regexp.MustCompile(`(?i)^(?:[a-z]{3,9}\.?,? )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:$|[T ,])`)
	noDay    = regexp.MustCompile(`(?i)^(?:\d{4}|\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{4}|[a-z]{3,9}\.?,? \d{4})$`)
	clock    = regexp.MustCompile(`(?i)^[T ,]*(?:at )?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?([ap]\.?m\.?)?(?: ?\(?([a-z]{1,5})\)?| ?(?:GMT|UTC)?([-+])(\d{2}):?(\d{2})?(?: \([^)]*\))?)?$`)
	bracket  = regexp.MustCompile(`\([^)]*\)`)
	letters  = regexp.MustCompile(`[A-Za-z]+`)
	digits   = regexp.MustCompile(`\d+`)
)

func readDate(s string) (time.Time, string) {
	if day, ok := isoDay(s); ok { // as numeric below would read it, at a tenth of the time
		return atClock(s[len(time.DateOnly):], [][3]int{day})
	}
	if m := epoch.FindStringSubmatch(s); m != nil {
		return time.Unix(int64(number(m[1])), int64(number(m[2]))*int64(time.Millisecond)).UTC(), ""
	}
	if m := compact.FindStringSubmatch(s); m != nil {
		rest := ""
		if m[4] != "" {
			rest = m[4] + ":" + m[5] + ":" + m[6]
		}
		return atClock(rest, [][3]int{{number(m[1]), number(m[2]), number(m[3])}})
	}
	if m := numeric.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return atClock(s[len(strings.Join(m[1:], "")):], readings(m[1], m[3], m[5]))
	}
	if m := dayFirst.FindStringSubmatchIndex(s); m != nil {
		if month := monthNamed(s[m[4]:m[5]]); month > 0 {
			return atClock(s[m[7]:], [][3]int{{number(s[m[6]:m[7]]), month, number(s[m[2]:m[3]])}})
		}
	}
	if m := monFirst.FindStringSubmatchIndex(s); m != nil {
		if month := monthNamed(s[m[2]:m[3]]); month > 0 {
			return atClock(s[m[7]:], [][3]int{{number(s[m[6]:m[7]]), month, number(s[m[4]:m[5]])}})
		}
	}
	if noDay.MatchString(s) {
		return time.Time{}, incomplete
	}
	return rare(s)
}

// isoDay reads the day with which "2017-04-07" and "2017-04-07T10:00:00Z" begin.
func isoDay(s string) (day [3]int, ok bool) {
	if len(s) < len(time.DateOnly) || len(s) > len(time.DateOnly) && strings.IndexByte("T ,", s[len(time.DateOnly)]) < 0 {
		return day, false
	}
	part := 0
	for i := range len(time.DateOnly) {
		switch c := s[i]; {
		case i == 4 || i == 7:
			if c != '-' {
				return day, false
			}
			part++
		case c < '0' || c > '9':
			return day, false
		default:
			day[part] = 10*day[part] + int(c-'0')
		}
	}
	return day, true
}

// readings are the ways, as year, month, day, to read a date of three numbers.
// A year of four digits that stands first is followed by the month.
func readings(a, b, c string) [][3]int {
	x, y, z := number(a), number(b), number(c)
	switch {
	case len(a) == 4 && len(c) == 4:
		return nil
	case len(a) == 4:
		return [][3]int{{x, y, z}}
	case len(c) == 4:
		return [][3]int{{z, x, y}, {z, y, x}}
	}
	all := [][3]int{{century(z), x, y}, {century(z), y, x}}
	if len(a) == 2 {
		all = append(all, [3]int{century(x), y, z})
	}
	return all
}

func century(yy int) int {
	if yy >= 69 {
		return 1900 + yy
	}
	return 2000 + yy
}

// atClock settles the day among its readings and sets it to the time of day
// that rest holds.
func atClock(rest string, readings [][3]int) (time.Time, string) {
	var days []time.Time
	for _, r := range readings {
		day := time.Date(r[0], time.Month(r[1]), r[2], 0, 0, 0, 0, time.UTC)
		exists := day.Year() == r[0] && int(day.Month()) == r[1] && day.Day() == r[2]
		if exists && !slices.ContainsFunc(days, day.Equal) {
			days = append(days, day)
		}
	}
	switch {
	case len(days) == 0:
		return time.Time{}, noSuchDay
	case len(days) > 1:
		return time.Time{}, ambiguous
	case strings.Trim(rest, " ,") == "":
		return days[0], ""
	}
	offset, problem := clockTime(rest)
	return days[0].Add(offset), problem
}

// zones are the names that RFC 822 gives a fixed offset, in hours. Others
// ("IST", "ET") are several zones or none, and we cannot know which.
var zones = map[string]int{"Z": 0, "UT": 0, "UTC": 0, "GMT": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}

// clockTime is the time from midnight UTC of the day to the time of day.
func clockTime(s string) (time.Duration, string) {
	m := clock.FindStringSubmatch(s)
	if m == nil {
		return 0, notUnderstood
	}
	hour, minute, second := number(m[1]), number(m[2]), number(m[3])
	if m[5] != "" {
		if hour < 1 || hour > 12 {
			return 0, noSuchTime
		}
		hour %= 12
		if m[5][0] == 'p' || m[5][0] == 'P' {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, noSuchTime
	}
	t := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	if m[4] != "" {
		t += time.Duration(number((m[4] + "00000000")[:9]))
	}
	if m[6] != "" {
		hours, known := zones[strings.ToUpper(m[6])]
		if !known {
			return 0, unknownZone
		}
		t -= time.Duration(hours) * time.Hour
	}
	if m[7] != "" {
		hours, minutes := number(m[8]), number(m[9])
		if hours > 14 || minutes > 59 {
			return 0, unknownZone
		}
		offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
		if m[7] == "-" {
			offset = -offset
		}
		t -= offset
	}
	return t, ""
}

// rare leaves what is left to dateparse, and believes it only where the string
// spells out the year, the month's name and the day of the result: dateparse
// fills in what is missing. Words other than names of the calendar may be time
// zones, which it would look up on this machine.
func rare(s string) (t time.Time, problem string) {
	defer func() {
		if recover() != nil { // dateparse reads past the end of some strings
			t, problem = time.Time{}, notUnderstood
		}
	}()
	month := 0
	for _, word := range letters.FindAllString(bracket.ReplaceAllString(s, ""), -1) {
		switch strings.ToUpper(word) {
		case "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY",
			"AM", "PM", "UTC", "GMT", "Z", "T", "ST", "ND", "RD", "TH":
			continue
		}
		m := monthNamed(word)
		if m == 0 || month != 0 {
			return time.Time{}, notUnderstood
		}
		month = m
	}
	t, err := dateparse.ParseStrict(s)
	if err != nil || month == 0 || int(t.Month()) != month {
		return time.Time{}, notUnderstood
	}
	hasYear, hasDay := false, false
	for _, d := range digits.FindAllString(s, -1) {
		hasYear = hasYear || len(d) == 4 && number(d) == t.Year()
		hasDay = hasDay || len(d) <= 2 && number(d) == t.Day()
	}
	if !hasYear || !hasDay {
		return time.Time{}, notUnderstood
	}
	return t.UTC(), ""
}

// monthNamed is the month of an English name, in full or cut to three letters
// or more ("Sept"), or 0.
func monthNamed(name string) int {
	name = strings.ToLower(name)
	for m := time.January; m <= time.December; m++ {
		if len(name) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), name) {
			return int(m)
		}
	}
	return 0
}

// number reads decimal digits; it is 0 for none. The patterns bound its length.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func shorten(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
