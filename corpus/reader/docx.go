package reader

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// Word's documents are long where an export holds hundreds of articles; they
// are read a paragraph at a time.
const maxParagraph = 1 << 20

// A nexis line divides an article as Nexis Uni exports it.
var (
	nexisEnd   = regexp.MustCompile(`(?i)^end of document$`)
	nexisBody  = regexp.MustCompile(`(?i)^body$`)
	nexisField = regexp.MustCompile(`(?i)^(length|byline|section|dateline|highlight|load-date|copyright|headline|publication-type|subject|graphic|classification|language|link to (?:image|original)|correction-date|notes):?\s*(.*)$`)
)

// docx reads a Word document: Nexis Uni's exports, of one article or many, and
// any other as one article whose first paragraph is its title when it is styled
// as a heading.
func (r *run) docx(s source, member *zip.File) error {
	if s.depth > maxDepth {
		return r.reject(tooDeep(s, fmt.Sprintf("more than %d compressions and archives within one another", maxDepth)))
	}
	in, err := member.Open()
	if err != nil {
		return r.reject(damaged(s, 0, err))
	}
	defer in.Close()
	s.archive = true
	w := &wordReader{d: xml.NewDecoder(contextReader{r.ctx, s.meter.unpacked(in)})}
	articles, size := 0, 0
	var paragraphs []wordParagraph
	finish := func() error {
		if len(paragraphs) == 0 {
			return nil
		}
		articles++
		doc, dates := wordArticle(paragraphs)
		doc.ID, doc.Place = s.id, corpus.Place{Path: s.path, Line: articles}
		if articles > 1 {
			doc.ID = fmt.Sprintf("%s#%d", s.id, articles)
		}
		doc.Origin = corpus.Origin{Format: docxFile.String(), Encoding: utf8Name}
		paragraphs, size = nil, 0
		return r.item(doc, dates)
	}
	for {
		p, err := w.next()
		switch {
		case err == io.EOF:
			if err := finish(); err != nil {
				return err
			}
			if articles == 0 {
				return r.reject(empty(s, "the document holds no text"))
			}
			return nil
		case errors.Is(err, errDTD):
			return r.reject(&Rejection{Place: corpus.Place{Path: s.path}, Reason: Unsafe, Message: "refused: " + err.Error(), Mend: "save it again with a word processor"})
		case errors.Is(err, errNested):
			return r.reject(&Rejection{Place: corpus.Place{Path: s.path}, Reason: Nested, Message: "nested too deep: " + err.Error(), Mend: "save it again with a word processor"})
		case err != nil:
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return r.reject(&Rejection{Place: corpus.Place{Path: s.path}, Reason: MalformedXML,
					Message: "not well-formed: " + shorten(syntax.Msg), Mend: "save it again with a word processor"})
			}
			return r.ended(s, 0, err, nil)
		}
		if nexisEnd.MatchString(p.text) {
			if err := finish(); err != nil {
				return err
			}
			continue
		}
		if size += len(p.text); size > r.max {
			return r.reject(tooLong(corpus.Place{Path: s.path, Line: articles + 1}, "the article goes on", r.max))
		}
		if p.text != "" {
			paragraphs = append(paragraphs, p)
		}
	}
}

// A wordParagraph is one of a Word document.
type wordParagraph struct {
	text  string
	style string // "Heading1", "Title"
}

// A wordReader reads the paragraphs of word/document.xml (ECMA-376, part 1).
type wordReader struct{ d *xml.Decoder }

func (w *wordReader) next() (wordParagraph, error) {
	var p wordParagraph
	var b strings.Builder
	in, inText, depth := false, false, 0
	for {
		token, err := w.d.RawToken()
		if err != nil {
			return p, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxElementDepth {
				return p, errNested
			}
			switch t.Name.Local {
			case "p":
				in = true
			case "pStyle":
				for _, a := range t.Attr {
					if a.Name.Local == "val" {
						p.style = a.Value
					}
				}
			case "t":
				inText = true
			case "tab":
				b.WriteByte(' ')
			case "br", "cr":
				b.WriteByte('\n')
			}
		case xml.EndElement:
			depth--
			switch t.Name.Local {
			case "t":
				inText = false
			case "p":
				if in {
					p.text = strings.TrimSpace(strings.ReplaceAll(b.String(), "\u00a0", " "))
					return p, nil
				}
			}
		case xml.CharData:
			if inText && b.Len() < maxParagraph {
				b.Write(t)
			}
		case xml.Directive:
			return p, errDTD
		}
	}
}

// wordArticle makes an article of its paragraphs. One that Nexis Uni exported
// has its title, outlet and date before the line "Body".
func wordArticle(paragraphs []wordParagraph) (*corpus.Document, []dated) {
	doc := &corpus.Document{}
	var dates []dated
	body := -1
	for i, p := range paragraphs {
		if nexisBody.MatchString(p.text) {
			body = i
			break
		}
	}
	if body < 0 {
		if len(paragraphs) > 1 && (strings.HasPrefix(p0(paragraphs).style, "Heading") || p0(paragraphs).style == "Title") {
			doc.Title = p0(paragraphs).text
			paragraphs = paragraphs[1:]
		}
		doc.Text = joinParagraphs(paragraphs)
		return doc, dates
	}
	plain := 0
	for _, p := range paragraphs[:body] {
		if m := nexisField.FindStringSubmatch(p.text); m != nil {
			if strings.EqualFold(m[1], "section") {
				doc.Topic = m[2]
			}
			continue
		}
		for line := range strings.SplitSeq(p.text, "\n") {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if _, problem := ParseDate(nexisDate(line)); problem == "" {
				dates = append(dates, dated{nexisDate(line), ruleMetadata})
				continue
			}
			switch plain++; plain {
			case 1:
				doc.Title = line
			case 2:
				doc.Publisher = line
			}
		}
	}
	rest := paragraphs[body+1:]
	for i, p := range rest {
		m := nexisField.FindStringSubmatch(p.text)
		if m == nil || !strings.EqualFold(m[1], "load-date") && !strings.EqualFold(m[1], "classification") {
			continue
		}
		if strings.EqualFold(m[1], "load-date") {
			dates = append(dates, dated{m[2], ruleMetadata})
		}
		rest = rest[:i]
		break
	}
	doc.Text = joinParagraphs(rest)
	return doc, dates
}

func p0(p []wordParagraph) wordParagraph { return p[0] }

// nexisDate drops what Nexis adds to a date: "April 7, 2017 Friday 10:15 AM GMT", "(final edition)".
func nexisDate(line string) string {
	if m := nexisDay.FindString(line); m != "" {
		return m
	}
	return line
}

var nexisDay = regexp.MustCompile(`^(?:[A-Z][a-z]+ \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]+,? \d{4})\b`)

func joinParagraphs(p []wordParagraph) string {
	texts := make([]string, len(p))
	for i := range p {
		texts[i] = p[i].text
	}
	return strings.Join(texts, "\n\n")
}
