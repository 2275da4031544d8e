package reader

import (
	"net/url"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Of 44 pages in testdata/pages, go-readability recovers the text with a token
// F1 of .960, go-trafilatura with .956 (.959 with its fallbacks, which include
// readability) at four times the weight: hence readability. With plainText and
// dropLinks it comes to .988.

// articleText is the body of a page's article as text, its paragraphs divided
// by blank lines; empty where the page holds none. It changes the tree.
func articleText(root *html.Node, address string) (text string, err error) {
	defer func() {
		if recover() != nil {
			text, err = "", errExtract
		}
	}()
	base, _ := url.Parse(address)
	parser := readability.NewParser()
	article, err := parser.ParseAndMutate(root, base)
	if err != nil || article.Node == nil {
		return "", nil
	}
	whole := blockText(article.Node)
	dropLinks(article.Node)
	if text := blockText(article.Node); 2*len(text) > len(whole) {
		return text, nil
	}
	return whole, nil // a link that is never closed holds it all
}

// leastWords is the number of words below which what is left of a page is no article.
const leastWords = 40

// plainText is the text of a page that readability finds no article in, such as
// one whose paragraphs are items of a list: that of its main part, without the
// blocks that are mostly links. It changes the tree.
func plainText(root *html.Node) string {
	var body, main *html.Node
	walkNodes(root, func(n *html.Node) bool {
		switch {
		case n.DataAtom == atom.Body:
			body = n
		case main == nil && (n.DataAtom == atom.Article || n.DataAtom == atom.Main || attribute(n, "itemprop") == "articleBody"):
			main = n
		}
		return true
	})
	for _, n := range []*html.Node{main, body} {
		if n == nil {
			continue
		}
		dropLinks(n)
		if text := blockText(n); len(strings.Fields(text)) >= leastWords {
			return text
		}
	}
	return ""
}

// dropLinks removes headers, asides and the blocks whose words are links for
// the greater part.
func dropLinks(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			words, linked := linkWords(c, false)
			if c.DataAtom == atom.Header || c.DataAtom == atom.Aside || c.DataAtom == atom.H1 || blocks[c.DataAtom] && 2*linked > words {
				n.RemoveChild(c)
			} else if linked > 0 {
				dropLinks(c)
			}
		}
		c = next
	}
}

// linkWords counts the words under a node, and those of them in links.
func linkWords(n *html.Node, inLink bool) (words, linked int) {
	if n.Type == html.TextNode {
		words = len(strings.Fields(n.Data))
		if inLink {
			linked = words
		}
		return words, linked
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w, l := linkWords(c, inLink || n.DataAtom == atom.A)
		words, linked = words+w, linked+l
	}
	return words, linked
}

// blockText is the text under a node as a reader sees it: blocks divided by
// blank lines, list items and rows by line breaks.
func blockText(n *html.Node) string {
	var out, block strings.Builder
	flush := func() {
		var lines []string
		for line := range strings.SplitSeq(block.String(), "\n") {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				lines = append(lines, line)
			}
		}
		block.Reset()
		if len(lines) == 0 {
			return
		}
		if out.Len() > 0 {
			out.WriteString("\n\n")
		}
		out.WriteString(strings.Join(lines, "\n"))
	}
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			block.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
			return
		case n.Type != html.ElementNode:
		case skipped[n.DataAtom]:
			return
		case n.DataAtom == atom.Br:
			block.WriteByte('\n')
			return
		}
		isBlock := n.Type == html.ElementNode && blocks[n.DataAtom]
		if isBlock {
			flush()
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
		if isBlock {
			flush()
		} else if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
			block.WriteByte(' ')
		}
	}
	visit(n)
	flush()
	return out.String()
}

// skipped elements hold no words of the article; a caption is not its body.
var skipped = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Svg: true,
	atom.Figcaption: true, atom.Button: true, atom.Form: true, atom.Iframe: true, atom.Nav: true, atom.Footer: true, atom.Video: true, atom.Audio: true}

var blocks = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Main: true, atom.Header: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Ul: true, atom.Ol: true, atom.Li: true,
	atom.Blockquote: true, atom.Pre: true, atom.Table: true, atom.Tr: true, atom.Figure: true, atom.Aside: true, atom.Hr: true,
	atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Body: true, atom.Address: true}
