package html

import (
	"html/template"
	"strconv"
	"strings"
)

// A card is one statement.
type card struct {
	Keys       string // "t0:against t1:for"
	Segments   []segment
	Stances    []chip
	DateTime   string
	Date       string
	Outlet     string
	Title      string
	URL        string
	Kind       string
	Region     string
	Via        string
	Copies     string
	Note       string
	Candidates []candidate
	ID         string
}

type candidate struct{ Name, Confidence string }

type chip struct{ Target, Label, Score, Confidence, Class string }

// Section is the markup of the speaker's part of the report. There are thousands of
// them, and of cards, and html/template, which walks each by reflection, takes eight
// times as long: they are written by hand, as it would write them.
func (s speaker) Section() template.HTML {
	var m cardWriter
	m.add("\n" + `<section class="speaker n` + strconv.Itoa(s.Size))
	m.element(`" id="`, s.Slug, `" aria-labelledby="`)
	m.element("", s.Slug, `-h" tabindex="-1">`+"\n")
	m.element(`<h3 id="`, s.Slug, `-h">`)
	if s.Nobody {
		m.add(`Nobody named with confidence`)
	} else {
		m.element(`<bdi>`, s.Name, `</bdi>`)
	}
	if s.Continued {
		m.add(`, continued`)
	}
	m.add(` <a class="self" href="#`)
	m.address(s.Slug)
	m.add(`" aria-label="Link to this part">#</a></h3>` + "\n" + `<p class="who">`)
	if s.Nobody {
		m.add(things(s.Statements, "statement") + ` whose speaker the tool would not settle. The candidates say between whom it wavered. They count for no speaker above.</p>` + "\n")
	} else {
		m.who(&s)
	}
	m.add("\n" + `<ol class="cards">`)
	for i := range s.Cards {
		m.card(&s.Cards[i])
	}
	m.add("</ol>\n")
	if s.More != "" {
		m.element(`<p class="note more">`, s.More, `</p>`)
	}
	m.add("\n</section>")
	return template.HTML(m.String())
}

// Item is the markup of the entry.
func (e indexEntry) Item() template.HTML {
	var m cardWriter
	m.add(`<li><a href="`)
	m.address(e.Href)
	m.element(`"><bdi>`, e.Name, `</bdi></a> `)
	m.add(count(e.Statements) + `</li>`)
	return template.HTML(m.String())
}

// A cardWriter writes markup, in which only add is not escaped.
type cardWriter struct{ strings.Builder }

// who writes what is known of a speaker.
func (m *cardWriter) who(s *speaker) {
	m.element("", s.Type, ` · `)
	m.add(things(s.Statements, "statement") + ` in ` + things(s.Articles, "article"))
	m.after(` · `, s.Seen)
	if s.Abstained != "" {
		m.element(` · `, s.Abstained, ` of stances abstained`)
	}
	if s.Wikidata != "" {
		m.add(` · <a href="https://www.wikidata.org/wiki/`)
		m.address(s.Wikidata)
		m.element(`" rel="noopener noreferrer">Wikidata `, s.Wikidata, `</a>`)
	}
	for i, alias := range s.Aliases {
		if i == 0 {
			m.add(`<br>Also: `)
		} else {
			m.add(`, `)
		}
		m.element(`<bdi>`, alias, `</bdi>`)
	}
	m.add("</p>\n")
	if len(s.Cells) == 0 {
		return
	}
	m.add(`<ul class="cells">`)
	for _, c := range s.Cells {
		m.element(`<li><b class="`, c.Class, `">`)
		m.element("", c.Mean, `</b> <bdi>`)
		m.element("", upper(c.Target), `</bdi> <small>`)
		m.element("", c.Detail, `</small></li>`)
	}
	m.add(`</ul>`)
}

func (m *cardWriter) add(markup string) { m.WriteString(markup) }

// text writes a text, or the value of an attribute between quotes.
func (m *cardWriter) text(s string) {
	_, _ = escaped.WriteString(m, s) // fails on no Builder
}

// escaped does what html/template does with both.
var escaped = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;")

// address writes an http or https address, or one within the report, as the value of an attribute.
func (m *cardWriter) address(s string) {
	const hex = "0123456789abcdef"
	from := 0
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$&*+,/:;=?@[]-._~", c) >= 0 || isEscape(s[i:]) {
			continue
		}
		m.text(s[from:i])
		m.add(string([]byte{'%', hex[c>>4], hex[c&15]}))
		from = i + 1
	}
	m.text(s[from:])
}

// isEscape reports whether s begins with a byte escaped as in an address: "%2F".
func isEscape(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) > 2 && s[0] == '%' && strings.IndexByte(digits, s[1]) >= 0 && strings.IndexByte(digits, s[2]) >= 0
}

// element writes a text between a tag and its end.
func (m *cardWriter) element(begin, text, end string) {
	m.add(begin)
	m.text(text)
	m.add(end)
}

// after writes a text, where there is any, behind what parts it from the one
// before.
func (m *cardWriter) after(between, text string) {
	if text != "" {
		m.element(between, text, "")
	}
}

func (m *cardWriter) card(c *card) {
	m.element(`<li class="card" data-k="`, c.Keys, `">`)
	if len(c.Stances) > 0 {
		m.add(`<p class="chips">`)
		for i := range c.Stances {
			m.chip(&c.Stances[i])
		}
		m.add(`</p>`)
	}
	m.add(`<blockquote dir="auto">`)
	for _, s := range c.Segments {
		m.segment(s)
	}
	m.add(`</blockquote>`)
	if c.Note != "" || len(c.Candidates) > 0 {
		m.candidates(c)
	}
	m.meta(c)
	m.add(`</li>`)
}

func (m *cardWriter) chip(c *chip) {
	label := c.Label
	if label == "abstain" {
		label = "abstained"
	}
	m.element(`<span class="chip `, c.Label, `">`)
	m.element(`<bdi>`, upper(c.Target), `</bdi>`)
	m.element(` <b>`, label, `</b> `)
	m.text(c.Score)
	m.element(` <i class="bar `, c.Class, `"></i> `)
	m.element("", c.Confidence, `</span>`)
}

func (m *cardWriter) segment(s segment) {
	switch {
	case s.Mark:
		m.element(`<mark class="`, s.Class, `">`)
		m.element("", s.Text, `</mark>`)
	case s.Class != "":
		m.element(`<span class="`, s.Class, `">`)
		m.element("", s.Text, `</span>`)
	default:
		m.text(s.Text)
	}
}

func (m *cardWriter) candidates(c *card) {
	m.add(`<p class="cand">`)
	if c.Note != "" {
		m.element("", c.Note, ". ")
	}
	for i, who := range c.Candidates {
		if i == 0 {
			m.add("Candidates: ")
		} else {
			m.add(", ")
		}
		m.element(`<bdi>`, who.Name, `</bdi>`)
		m.after(" ", who.Confidence)
	}
	m.add(`</p>`)
}

func (m *cardWriter) meta(c *card) {
	m.add(`<p class="meta">`)
	if c.DateTime != "" {
		m.element(`<time datetime="`, c.DateTime, `">`)
		m.element("", c.Date, `</time>`)
	} else {
		m.text(c.Date)
	}
	if c.Outlet != "" {
		m.element(` · <bdi>`, c.Outlet, `</bdi>`)
	}
	m.add(` · `)
	if c.URL != "" {
		m.add(`<a href="`)
		m.address(c.URL)
		m.element(`" rel="noopener noreferrer"><bdi>`, c.Title, `</bdi></a>`)
	} else {
		m.element(`<bdi>`, c.Title, `</bdi>`)
	}
	m.element(` · `, c.Kind, "")
	m.after(`, in the `, c.Region)
	m.after(` · `, c.Via)
	m.after(` · `, c.Copies)
	m.element(` · <bdi class="id">`, c.ID, `</bdi></p>`)
}
