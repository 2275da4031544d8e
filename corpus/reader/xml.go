package reader

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/standpoint-news/standpoint/corpus"
)

// maxElementDepth bounds how deep elements lie within one another.
const maxElementDepth = 256

// An element is one of an XML document, with its text.
type element struct {
	name     string // without its name space
	attr     []xml.Attr
	text     string // where it is a piece of text, name is empty
	children []*element
}

var (
	errDTD    = errors.New("it declares entities or a document type of its own")
	errNested = errors.New("its elements lie too deep within one another")
)

// parseXML reads a document of bounded size. It resolves no entities but the
// five of XML and those of HTML, reads no external DTD and refuses an internal
// one, which could define entities that grow without end.
func parseXML(data []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	d.Entity = xml.HTMLEntity
	root := &element{}
	stack := []*element{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			if len(root.children) == 0 {
				return nil, errors.New("it holds no element")
			}
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) > maxElementDepth {
				return nil, errNested
			}
			e := &element{name: t.Name.Local, attr: t.Attr}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 1 {
				top.children = append(top.children, &element{text: string(t)})
			}
		case xml.Directive:
			if bytes.Contains(t, []byte("[")) || bytes.Contains(t, []byte("ENTITY")) {
				return nil, errDTD
			}
		}
	}
}

func (e *element) attribute(name string) string {
	for _, a := range e.attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// find is the first element under e, in the order of the document, that the
// path of names leads to, each at any depth under the one before, or nil.
func (e *element) find(path ...string) *element {
	var found *element
	e.each(func(x *element) bool {
		if found == nil && x.name == path[0] {
			if found = x; len(path) > 1 {
				found = x.find(path[1:]...)
			}
		}
		return found == nil
	})
	return found
}

// each visits the elements under e in order until visit says no, for the
// elements under the visited one.
func (e *element) each(visit func(*element) bool) {
	for _, c := range e.children {
		if c.name != "" && visit(c) {
			c.each(visit)
		}
	}
}

// words is the text under an element, its white space collapsed; empty for nil.
func (e *element) words() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	e.write(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (e *element) write(b *strings.Builder) {
	b.WriteString(e.text)
	for _, c := range e.children {
		c.write(b)
	}
}

// paragraphs is the text of the named elements under e, divided by blank lines.
func (e *element) paragraphs(skip func(*element) bool, names ...string) string {
	var out []string
	e.each(func(x *element) bool {
		if skip(x) {
			return false
		}
		for _, name := range names {
			if x.name == name {
				if w := x.words(); w != "" {
					out = append(out, w)
				}
				return false
			}
		}
		return true
	})
	return strings.Join(out, "\n\n")
}

// xml reads a file of NITF (IPTC, 3.6) or NewsML-G2 (IPTC, 2.x), the latter one
// item or a message of many.
func (r *run) xml(s source, b *bufio.Reader) error {
	data, more, err := readAll(b, min(r.max, maxPage))
	place := corpus.Place{Path: s.path}
	switch {
	case err != nil:
		return r.ended(s, 0, err, nil)
	case more:
		return r.reject(tooLong(place, "the file goes on", min(r.max, maxPage)))
	case len(bytes.TrimSpace(data)) == 0:
		return r.reject(empty(s, "the file holds only white space"))
	}
	root, err := parseXML(data)
	switch {
	case errors.Is(err, errDTD):
		return r.reject(&Rejection{Place: place, Reason: Unsafe, Message: "refused: " + err.Error(), Mend: "remove the declaration: xmllint --noent --dropdtd"})
	case errors.Is(err, errNested):
		return r.reject(&Rejection{Place: place, Reason: Nested, Message: fmt.Sprintf("nested too deep: elements more than %d deep", maxElementDepth), Mend: "fetch it again"})
	case err != nil:
		var syntax *xml.SyntaxError
		cause := err.Error()
		if errors.As(err, &syntax) {
			place.Line, cause = syntax.Line, syntax.Msg
		}
		return r.reject(&Rejection{Place: place, Reason: MalformedXML, Message: "not well-formed: " + shorten(cause), Mend: "fetch it again, or mend it: xmllint --recover"})
	}
	origin := corpus.Origin{Encoding: utf8Name}
	items := 0
	var failure error
	root.each(func(e *element) bool {
		if failure != nil {
			return false
		}
		switch e.name {
		case "nitf":
			items++
			origin.Format = "NITF"
			failure = r.nitf(s, origin, e, "", nil)
		case "newsItem":
			items++
			origin.Format = "NewsML-G2"
			failure = r.newsItem(s, origin, e, items)
		default:
			return true
		}
		return false
	})
	if items == 0 && failure == nil {
		rejection := unknownFormat(s.path)
		rejection.Message = fmt.Sprintf("unknown format: an XML file of <%s>, neither NITF nor NewsML-G2", root.children[0].name)
		return r.reject(rejection)
	}
	return failure
}

// nitf yields the article of a NITF document; id and dates are those of the
// item around it, if any.
func (r *run) nitf(s source, origin corpus.Origin, e *element, id string, dates []dated) error {
	doc := &corpus.Document{ID: id, Place: corpus.Place{Path: s.path}, Origin: origin}
	if doc.ID == "" {
		doc.ID = s.id
		if x := e.find("docdata", "doc-id"); x != nil && x.attribute("id-string") != "" {
			doc.ID = x.attribute("id-string")
		}
	}
	doc.Title = e.find("body.head", "hedline").words()
	if doc.Title == "" {
		doc.Title = e.find("head", "title").words()
	}
	if x := e.find("pubdata"); x != nil {
		doc.Publisher, doc.URL = x.attribute("name"), x.attribute("ex-ref")
		dates = append(dates, dated{x.attribute("date.publication"), ruleMetadata})
	}
	if doc.Publisher == "" {
		doc.Publisher = e.find("body.head", "distributor").words()
	}
	for _, name := range []string{"date.issue", "date.release"} {
		if x := e.find("docdata", name); x != nil {
			dates = append(dates, dated{x.attribute("norm"), ruleMetadata})
		}
	}
	content := e.find("body.content")
	if content == nil {
		content = e
	}
	full := false // the New York Times' archive repeats its first paragraph in another block
	content.each(func(x *element) bool {
		full = full || x.name == "block" && x.attribute("class") == "full_text"
		return true
	})
	doc.Text = content.paragraphs(func(x *element) bool {
		switch x.name {
		case "media", "table", "body.end", "body.head", "head":
			return true
		case "block":
			return full && x.attribute("class") != "full_text"
		}
		return false
	}, "p", "hl2", "li")
	return r.item(doc, dates)
}

// newsItem yields the article of a NewsML-G2 item; n is its number in the file.
func (r *run) newsItem(s source, origin corpus.Origin, e *element, n int) error {
	id := e.attribute("guid")
	if id == "" {
		if id = s.id; n > 1 {
			id = fmt.Sprintf("%s#%d", s.id, n)
		}
	}
	var dates []dated
	for _, path := range [][]string{{"contentMeta", "contentCreated"}, {"itemMeta", "firstCreated"}, {"itemMeta", "versionCreated"}} {
		if w := e.find(path...).words(); w != "" {
			dates = append(dates, dated{w, ruleMetadata})
		}
	}
	set := e.find("contentSet")
	if set != nil {
		if x := set.find("nitf"); x != nil {
			return r.nitf(s, origin, x, id, dates)
		}
	}
	doc := &corpus.Document{ID: id, Place: corpus.Place{Path: s.path}, Origin: origin, Title: e.find("contentMeta", "headline").words()}
	if doc.Title == "" {
		doc.Title = e.find("itemMeta", "title").words()
	}
	for _, path := range [][]string{{"itemMeta", "provider"}, {"contentMeta", "infoSource"}} {
		if x := e.find(path...); x != nil && doc.Publisher == "" {
			if doc.Publisher = x.find("name").words(); doc.Publisher == "" {
				doc.Publisher = x.attribute("literal")
			}
		}
	}
	if set != nil {
		if html := set.find("inlineXML"); html != nil {
			doc.Text = html.paragraphs(func(x *element) bool {
				switch x.name {
				case "head", "figure", "aside", "table", "h1":
					return true
				}
				return false
			}, "p", "li", "h2", "h3", "blockquote")
		}
		if doc.Text == "" {
			if plain := set.find("inlineData"); plain != nil {
				var b strings.Builder
				plain.write(&b)
				doc.Text = strings.TrimSpace(b.String())
			}
		}
	}
	return r.item(doc, dates)
}

// item yields a document that may lack a text.
func (r *run) item(doc *corpus.Document, dates []dated) error {
	if strings.TrimSpace(doc.Text) == "" {
		return r.reject(&Rejection{Place: doc.Place, ID: doc.ID, Reason: MissingText,
			Message: "no text: the item holds no article", Mend: "leave it out: it may be a picture or a list of links"})
	}
	return r.accept(doc, dates...)
}
