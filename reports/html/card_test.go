package html

import (
	"errors"
	"html/template"
	"strings"
	"testing"
)

// cardMarkup is a card as html/template would write it.
const cardMarkup = `<li class="card" data-k="{{.Keys}}">
{{- with .Stances}}<p class="chips">{{range .}}<span class="chip {{.Label}}"><bdi>{{cap .Target}}</bdi> <b>{{if eq .Label "abstain"}}abstained{{else}}{{.Label}}{{end}}</b> {{.Score}} <i class="bar {{.Class}}"></i> {{.Confidence}}</span>{{end}}</p>{{end}}<blockquote dir="auto">{{range .Segments}}{{if .Mark}}<mark class="{{.Class}}">{{.Text}}</mark>{{else if .Class}}<span class="{{.Class}}">{{.Text}}</span>{{else}}{{.Text}}{{end}}{{end}}</blockquote>{{if or .Candidates .Note}}<p class="cand">{{with .Note}}{{.}}. {{end}}{{with .Candidates}}Candidates: {{range $i, $c := .}}{{if $i}}, {{end}}<bdi>{{.Name}}</bdi>{{with .Confidence}} {{.}}{{end}}{{end}}{{end}}</p>{{end}}<p class="meta">{{if .DateTime}}<time datetime="{{.DateTime}}">{{.Date}}</time>{{else}}{{.Date}}{{end}}{{with .Outlet}} · <bdi>{{.}}</bdi>{{end}} · {{if .URL}}<a href="{{.URL}}" rel="noopener noreferrer"><bdi>{{.Title}}</bdi></a>{{else}}<bdi>{{.Title}}</bdi>{{end}} · {{.Kind}}{{with .Region}}, in the {{.}}{{end}}{{with .Via}} · {{.}}{{end}}{{with .Copies}} · {{.}}{{end}} · <bdi class="id">{{.ID}}</bdi></p></li>`

// sectionMarkup is a speaker's part as html/template would write it, and indexMarkup
// the entries of the index.
const sectionMarkup = `{{range .Speakers}}
<section class="speaker n{{.Size}}" id="{{.Slug}}" aria-labelledby="{{.Slug}}-h" tabindex="-1">
<h3 id="{{.Slug}}-h">{{if .Nobody}}Nobody named with confidence{{else}}<bdi>{{.Name}}</bdi>{{end}}{{if .Continued}}, continued{{end}} <a class="self" href="#{{.Slug}}" aria-label="Link to this part">#</a></h3>
{{if .Nobody}}<p class="who">{{n .Statements}} {{if eq .Statements 1}}statement{{else}}statements{{end}} whose speaker the tool would not settle. The candidates say between whom it wavered. They count for no speaker above.</p>
{{else}}<p class="who">{{.Type}} · {{n .Statements}} {{if eq .Statements 1}}statement{{else}}statements{{end}} in {{n .Articles}} {{if eq .Articles 1}}article{{else}}articles{{end}}{{with .Seen}} · {{.}}{{end}}{{with .Abstained}} · {{.}} of stances abstained{{end}}{{with .Wikidata}} · <a href="https://www.wikidata.org/wiki/{{.}}" rel="noopener noreferrer">Wikidata {{.}}</a>{{end}}{{if .Aliases}}<br>Also: {{range $i, $a := .Aliases}}{{if $i}}, {{end}}<bdi>{{$a}}</bdi>{{end}}{{end}}</p>
{{with .Cells}}<ul class="cells">{{range .}}<li><b class="{{.Class}}">{{.Mean}}</b> <bdi>{{cap .Target}}</bdi> <small>{{.Detail}}</small></li>{{end}}</ul>{{end}}{{end}}
<ol class="cards">{{range .Cards}}{{template "card" .}}{{end}}</ol>
{{with .More}}<p class="note more">{{.}}</p>{{end}}
</section>{{end}}`
const indexMarkup = `{{range .Index}}<li><a href="{{.Href}}"><bdi>{{.Name}}</bdi></a> {{n .Statements}}</li>{{end}}`

// FuzzCards holds that what is written by hand is what html/template writes,
// escapes included, whatever the texts.
func FuzzCards(f *testing.F) {
	all := template.Must(template.New("section").Funcs(template.FuncMap{"cap": upper, "n": count}).Parse(sectionMarkup))
	template.Must(all.New("card").Parse(cardMarkup))
	template.Must(all.New("index").Parse(indexMarkup))
	f.Add("plain", "Ilse Roth", "https://averil.example/a?b=c&d=%2f#e", 0)
	f.Add(`<script>alert('x')</script>`, `" onload="x`, `https://averil.example/'("<>%zz%`, 255)
	f.Add("a+b\x00c\xff", "", "http://x.example/ä ö|{}^\\`", 37)
	f.Fuzz(func(t *testing.T, text, name, address string, which int) {
		var p page
		for turn := range 4 { // with parts and without
			s := sectionOf(text, name, address, which^turn)
			p.Speakers = append(p.Speakers, s)
			p.Index = append(p.Index, indexEntry{name, pageFile(turn+1) + "#" + s.Slug, which})
		}
		var want, got strings.Builder
		if err := errors.Join(all.Execute(&want, p), all.ExecuteTemplate(&want, "index", p)); err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Speakers {
			got.WriteString(string(s.Section()))
		}
		for _, e := range p.Index {
			got.WriteString(string(e.Item()))
		}
		if got.String() != want.String() {
			t.Errorf("written by hand:\n%s\nby html/template:\n%s", got.String(), want.String())
		}
	})
}

// sectionOf is a part of the report with texts where texts may be; which says, by its
// bits, what is left out.
func sectionOf(text, name, address string, which int) speaker {
	with := func(bit int, s string) string {
		if which>>bit&1 == 1 {
			return ""
		}
		return s
	}
	c := card{Keys: text, Kind: name, ID: text, Date: name, Title: text, Outlet: with(2, name), DateTime: with(3, text), Region: with(4, text),
		Via: with(5, name), Copies: with(6, text), Note: with(7, name), URL: webLink(with(8, address)),
		Segments: []segment{{Text: text}, {Text: name, Class: text}, {Text: text, Class: name, Mark: true}}}
	s := speaker{Slug: slugs{}.of(text), Size: len(text), Nobody: which&1 == 1, Continued: which&2 == 2, Name: name, Type: text, Statements: which & 3,
		Articles: which & 1, Seen: with(2, text), Abstained: with(3, name), Wikidata: with(4, "Q42"), More: with(5, text), Cards: []card{c, c}}
	if which>>6&1 == 0 {
		c.Stances = []chip{{text, "abstain", name, text, name}, {name, text, text, name, text}}
		c.Candidates = []candidate{{name, text}, {text, ""}}
		s.Cards = append(s.Cards, c)
		s.Aliases = []string{text, name}
		s.Cells = []speakerCell{{text, name, text, name}, {name, text, name, text}}
	}
	return s
}
