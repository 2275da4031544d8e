package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/standpoint-news/standpoint/corpus"
)

const (
	maxPage     = 4 << 20 // bytes of a page or XML file, whose tree takes some fifty times as much
	maxElements = 200_000
)

// A page is an HTML page that is yet to be read.
type page struct {
	place       corpus.Place
	id          string
	origin      corpus.Origin
	data        []byte
	contentType string // of the HTTP response; empty for a file
	url         string
}

// html reads a stream that is one page.
func (r *run) html(s source, b *bufio.Reader) error {
	limit := min(r.max, maxPage)
	data, more, err := readAll(b, limit)
	place := corpus.Place{Path: s.path}
	switch {
	case err != nil:
		return r.ended(s, 0, err, nil)
	case more:
		rejection := tooLong(place, "the page goes on", limit)
		rejection.ID, rejection.Mend = s.id, "save the article's page alone"
		return r.reject(rejection)
	case len(bytes.TrimSpace(data)) == 0:
		rejection := empty(s, "the file holds only white space")
		rejection.ID = s.id
		return r.reject(rejection)
	}
	return r.page(page{place: place, id: s.id, origin: corpus.Origin{Format: s.format.String()}, data: data})
}

// page yields the article of an HTML page.
func (r *run) page(p page) error {
	if known, err := r.known(p.place, p.data, "page", p.origin.Format, p.id, p.contentType, p.url); known || err != nil {
		return err
	}
	nested := func(what string) error {
		return r.reject(&Rejection{Place: p.place, ID: p.id, Reason: Nested, Message: "nested too deep: " + what, Mend: "leave the page out: no article is built so"})
	}
	if n := bytes.Count(p.data, []byte("<")); n > 2*maxElements {
		return nested(fmt.Sprintf("%d tags, the limit is %d", n, 2*maxElements))
	}
	if bytes.IndexByte(p.data, 0) >= 0 {
		return r.reject(rejectID(checkText(p.place, string(p.data), 0), p.id))
	}
	var data []byte
	data, p.origin.Encoding, p.origin.Replaced = decodePage(p.data, p.contentType)
	if n := reopened(data); n > maxElements {
		return nested(fmt.Sprintf("tags that are never closed make more than %d elements", maxElements))
	}
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return nested(err.Error())
	}
	m := readMeta(root)
	doc := &corpus.Document{ID: p.id, Place: p.place, Origin: p.origin, Title: m.title, Publisher: m.publisher, URL: m.url, Topic: m.topic}
	if doc.URL == "" {
		doc.URL = p.url
	}
	if doc.Publisher == "" {
		doc.Publisher = host(doc.URL)
	}
	text, err := articleText(root, doc.URL)
	if err != nil {
		return nested(err.Error())
	}
	doc.Text = text
	if doc.Text == "" {
		if root, err = html.Parse(bytes.NewReader(data)); err != nil {
			return nested(err.Error())
		}
		doc.Text = plainText(root)
	}
	if 3*utf8.RuneCountInString(doc.Text) < utf8.RuneCountInString(m.body) {
		doc.Text = m.body // a page that its scripts fill in
	}
	if doc.Text == "" {
		return r.reject(&Rejection{Place: p.place, ID: p.id, Reason: MissingText,
			Message: "no text: the page holds no article", Mend: "leave it out: it may be a front page, a list of links or a video"})
	}
	return r.accept(doc, m.dates...)
}

// plainPage yields the article of a page of plain text.
func (r *run) plainPage(p page) error {
	data, encoding, replaced := decode(p.data)
	p.origin.Encoding, p.origin.Replaced = encoding, replaced
	doc := &corpus.Document{ID: p.id, Place: p.place, Origin: p.origin, Text: string(data), URL: p.url, Publisher: host(p.url)}
	if title, ok := titleLine(doc.Text); ok {
		doc.Title = doc.Slice(title)
		doc.Regions = []corpus.Region{{Span: title, Kind: corpus.Headline}}
	}
	return r.item(doc, nil)
}

func rejectID(r *Rejection, id string) *Rejection {
	r.ID = id
	return r
}

// reopened bounds from above how many elements the parser adds to a page's own:
// in each block it opens anew the formatting elements that are left open before
// it ("reconstruct the active formatting elements", HTML 13.2.4.3), of those with
// the same attributes three. It stops counting beyond maxElements.
func reopened(page []byte) int {
	page = bytes.ToLower(page)
	open := make(map[string][]string) // by name, the tags in order
	times := make(map[string]int)     // by tag
	active, n := 0, 0
	for n <= maxElements {
		i := bytes.IndexByte(page, '<')
		if i < 0 {
			break
		}
		rest, closing := bytes.CutPrefix(page[i+1:], []byte("/"))
		name := tagName(rest)
		page = rest
		switch {
		case name == "script" || name == "style":
			if end := bytes.Index(page, []byte("</"+name)); end >= 0 && !closing {
				page = page[end+2:] // what stands within is no tag
			}
		case !formatting[name]:
			n += active
		case closing:
			if k := len(open[name]) - 1; k >= 0 {
				tag := open[name][k]
				open[name] = open[name][:k]
				if times[tag]--; times[tag] < 3 {
					active--
				}
			}
		default:
			tag, _, _ := bytes.Cut(page, []byte(">"))
			open[name] = append(open[name], string(tag))
			if times[string(tag)]++; times[string(tag)] <= 3 {
				active++
			}
		}
	}
	return n
}

// tagName is the name that a tag begins with, or its first letters.
func tagName(tag []byte) string {
	n := 0
	for n < min(len(tag), len("strike")+1) && 'a' <= tag[n] && tag[n] <= 'z' {
		n++
	}
	return string(tag[:n])
}

// formatting are the elements that the parser opens anew, but for <a> and
// <nobr>, of which one at most is open.
var formatting = map[string]bool{"b": true, "big": true, "code": true, "em": true, "font": true, "i": true,
	"s": true, "small": true, "strike": true, "strong": true, "tt": true, "u": true}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// decodePage turns a page into UTF-8 by its mark, the header it came with, or
// what it says of itself (the algorithm of HTML's encoding standard); one that
// is valid UTF-8 is taken at its word.
func decodePage(data []byte, contentType string) (text []byte, encoding string, replaced int) {
	if bytes.HasPrefix(data, []byte(bom)) {
		data = data[len(bom):]
	}
	if utf8.Valid(data) {
		return data, utf8Name, 0
	}
	found, name, _ := charset.DetermineEncoding(data[:min(len(data), 1024)], contentType)
	if name == utf8Name || name == windows1252 {
		return decode(data)
	}
	out, err := found.NewDecoder().Bytes(data)
	if err != nil {
		return decode(data)
	}
	return out, name, bytes.Count(out, []byte("\ufffd"))
}

// meta is what a page says of its article.
type meta struct {
	title, publisher, url, topic string
	body                         string // of JSON-LD
	dates                        []dated
}

// readMeta reads the metadata of a page: JSON-LD of schema.org, Open Graph,
// Dublin Core, microdata and the <time> element, in this order.
func readMeta(root *html.Node) meta {
	var m, ld meta
	byName := make(map[string]string)
	var title, heading, canonical, timeValue, itempropDate string
	walkNodes(root, func(n *html.Node) bool {
		if n.Type != html.ElementNode {
			return true
		}
		if p := attribute(n, "itemprop"); (p == "datePublished" || p == "dateCreated") && itempropDate == "" {
			for _, name := range []string{"content", "datetime"} {
				if itempropDate == "" {
					itempropDate = attribute(n, name)
				}
			}
		}
		switch n.DataAtom {
		case atom.Script:
			if strings.EqualFold(attribute(n, "type"), "application/ld+json") && n.FirstChild != nil {
				readLinkedData(&ld, n.FirstChild.Data)
			}
			return false
		case atom.Style, atom.Svg, atom.Noscript:
			return false
		case atom.Meta:
			for _, key := range []string{"property", "name"} {
				if name := strings.ToLower(attribute(n, key)); name != "" && byName[name] == "" {
					byName[name] = strings.TrimSpace(attribute(n, "content"))
				}
			}
		case atom.Title:
			if title == "" {
				title = nodeWords(n)
			}
		case atom.H1:
			if heading == "" {
				heading = nodeWords(n)
			}
		case atom.Link:
			if strings.EqualFold(attribute(n, "rel"), "canonical") && canonical == "" {
				canonical = attribute(n, "href")
			}
		case atom.Time:
			if timeValue == "" {
				timeValue = attribute(n, "datetime")
			}
		}
		return true
	})
	pick := func(values ...string) string {
		for _, v := range values {
			if v = strings.Join(strings.Fields(v), " "); v != "" {
				return v
			}
		}
		return ""
	}
	m.title = pick(ld.title, byName["og:title"], byName["twitter:title"], heading, title)
	m.publisher = pick(ld.publisher, byName["og:site_name"], byName["dc.publisher"], byName["application-name"])
	m.url = pick(canonical, byName["og:url"], ld.url)
	m.topic = pick(byName["article:section"], ld.topic, byName["section"])
	m.body = ld.body
	m.dates = ld.dates
	for _, v := range []string{byName["article:published_time"], byName["og:article:published_time"], byName["parsely-pub-date"],
		byName["sailthru.date"], byName["pubdate"], byName["publishdate"], byName["publish-date"], byName["date.release"], byName["dc.date.issued"], byName["dcterms.date"],
		byName["dc.date"], byName["date"], itempropDate, timeValue} {
		if v != "" {
			m.dates = append(m.dates, dated{v, ruleMetadata})
		}
	}
	return m
}

// readLinkedData reads the article among the things that a JSON-LD script
// describes.
func readLinkedData(m *meta, script string) {
	var thing any
	if len(script) > maxPage || json.Unmarshal([]byte(script), &thing) != nil {
		return
	}
	text := func(v any) string {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		s, _ := v.(string)
		return s
	}
	var visit func(v any, depth int)
	visit = func(v any, depth int) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				if depth > 0 {
					visit(x, depth-1)
				}
			}
		case map[string]any:
			kind := text(v["@type"])
			if !strings.HasSuffix(kind, "Article") && !strings.HasSuffix(kind, "Posting") && kind != "Report" {
				if graph, ok := v["@graph"]; ok && depth > 0 {
					visit(graph, depth-1)
				}
				return
			}
			if len(m.dates) > 0 || m.title != "" {
				return // the first is the page's, others are linked to
			}
			m.title = html.UnescapeString(text(v["headline"]))
			m.url, m.topic = text(v["url"]), text(v["articleSection"])
			m.body = strings.TrimSpace(html.UnescapeString(text(v["articleBody"])))
			if p, ok := v["publisher"].(map[string]any); ok {
				m.publisher = text(p["name"])
			}
			for _, name := range []string{"datePublished", "dateCreated"} {
				if d := text(v[name]); d != "" {
					m.dates = append(m.dates, dated{d, ruleMetadata})
				}
			}
		}
	}
	visit(thing, 3)
}

func walkNodes(n *html.Node, visit func(*html.Node) bool) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if visit(c) {
			walkNodes(c, visit)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func nodeWords(n *html.Node) string {
	var b strings.Builder
	walkNodes(n, func(c *html.Node) bool {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
		return true
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// errExtract says that the library gave up on a page.
var errExtract = errors.New("the page cannot be taken apart")
