package html

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// plain drops the characters that reorder the text around them: an article may
// not make the report read other than it stands. Letters keep their direction.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// shown is a name as plain gives it, or words in its place where nothing of it
// can be seen: a link needs a text.
func shown(name string) string {
	name = plain(name)
	if strings.IndexFunc(name, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) < 0 {
		return "name without a visible character"
	}
	return name
}

// webLink returns the address where it is an absolute http or https one, else "".
func webLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

var wikidataItem = regexp.MustCompile(`^Q[1-9][0-9]*$`)

// slugs hands out the anchors of speakers: the same id gets the same anchor in
// every report, but for ids that differ in punctuation alone.
type slugs map[string]bool

func (taken slugs) of(id string) string {
	var b strings.Builder
	b.WriteString("speaker")
	dash := true
	for _, r := range strings.ToLower(id) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			dash = true
			continue
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteRune(r)
	}
	slug := b.String()
	if taken[slug] || slug == "speaker" {
		sum := sha256.Sum256([]byte(id))
		slug += "-" + hex.EncodeToString(sum[:6])
	}
	taken[slug] = true
	return slug
}

// count writes a number of things: 1,234.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// things writes a number with its noun: "1 article", "1,234 articles".
func things(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// signed writes a score with a true minus sign: +0.62, −0.10, 0.00.
func signed(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	switch {
	case s == "0.00" || s == "-0.00":
		return "0.00"
	case s[0] == '-':
		return "−" + s[1:]
	}
	return "+" + s
}

// percent writes a share of 1; a share above nought never reads "0 %", nor one
// below all "100 %".
func percent(v float64) string {
	switch {
	case v > 0 && v < 0.005:
		return "under 1\u00a0%"
	case v < 1 && v >= 0.995:
		return "over 99\u00a0%"
	}
	return strconv.FormatFloat(100*v, 'f', 0, 64) + "\u00a0%"
}

func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return percent(float64(part) / float64(whole))
}

// list joins words as prose does: "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func day(t time.Time) string { return t.Format("2 January 2006") }

func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// A segment is a run of the context that plays one part in the statement.
type segment struct {
	Text  string
	Class string // s source, c cue, k content; m with one of them where a target is taken up
	Mark  bool   // the evidence of a stance
}

const (
	isSource = 1 << iota
	isCue
	isContent
	isMention
	isEvidence
)

// A layer marks one part of a text, in code points from the start of the article.
type layer struct {
	start, end int32
	part       int
}

// segments cuts the context, which begins at code point start of its article,
// where a layer begins or ends. What lies outside the context is not shown.
func segments(context string, start int32, layers []layer) []segment {
	size := utf8.RuneCountInString(context)
	parts := make([]int, size)
	for _, l := range layers {
		for i := max(0, int(l.start-start)); i < min(size, int(l.end-start)); i++ {
			parts[i] |= l.part
		}
	}
	var out []segment
	from, at, last := 0, 0, 0
	for i := range context {
		if at > 0 && parts[at] != last {
			out = append(out, newSegment(context[from:i], last))
			from = i
		}
		last = parts[at]
		at++
	}
	if from < len(context) {
		out = append(out, newSegment(context[from:], last))
	}
	return out
}

func newSegment(text string, part int) segment {
	var class []string
	switch {
	case part&isSource != 0:
		class = append(class, "s")
	case part&isCue != 0:
		class = append(class, "c")
	case part&isContent != 0:
		class = append(class, "k")
	}
	if part&isMention != 0 {
		class = append(class, "m")
	}
	return segment{Text: plain(text), Class: strings.Join(class, " "), Mark: part&isEvidence != 0}
}

// interval writes the ends of a 95 % interval.
func interval(low, high float64) string {
	return fmt.Sprintf("%s to %s", signed(low), signed(high))
}
