package html

import (
	"html/template"
	"strings"
	"testing"
)

// cardMarkup is a card as html/template would write it.
const cardMarkup = `<li class="card" data-k="{{.Keys}}">
{{- with .Stances}}<p class="chips">{{range .}}<span class="chip {{.Label}}"><bdi>{{cap .Target}}</bdi> <b>{{if eq .Label "abstain"}}abstained{{else}}{{.Label}}{{end}}</b> {{.Score}} <i class="bar {{.Class}}"></i> {{.Confidence}}</span>{{end}}</p>{{end}}<blockquote dir="auto">{{range .Segments}}{{if .Mark}}<mark class="{{.Class}}">{{.Text}}</mark>{{else if .Class}}<span class="{{.Class}}">{{.Text}}</span>{{else}}{{.Text}}{{end}}{{end}}</blockquote>{{if or .Candidates .Note}}<p class="cand">{{with .Note}}{{.}}. {{end}}{{with .Candidates}}Candidates: {{range $i, $c := .}}{{if $i}}, {{end}}<bdi>{{.Name}}</bdi>{{with .Confidence}} {{.}}{{end}}{{end}}{{end}}</p>{{end}}<p class="meta">{{if .DateTime}}<time datetime="{{.DateTime}}">{{.Date}}</time>{{else}}{{.Date}}{{end}}{{with .Outlet}} · <bdi>{{.}}</bdi>{{end}} · {{if .URL}}<a href="{{.URL}}" rel="noopener noreferrer"><bdi>{{.Title}}</bdi></a>{{else}}<bdi>{{.Title}}</bdi>{{end}} · {{.Kind}}{{with .Region}}, in the {{.}}{{end}}{{with .Via}} · {{.}}{{end}}{{with .Copies}} · {{.}}{{end}} · <bdi class="id">{{.ID}}</bdi></p></li>`

// FuzzCards holds that cards written by hand are those that html/template writes,
// escapes included, whatever their texts.
func FuzzCards(f *testing.F) {
	reference := template.Must(template.New("card").Funcs(template.FuncMap{"cap": upper}).Parse(cardMarkup))
	f.Add("plain", "Ilse Roth", "https://averil.example/a?b=c&d=%2f#e", 0)
	f.Add(`<script>alert('x')</script>`, `" onload="x`, `https://averil.example/'("<>%zz%`, 255)
	f.Add("a+b\x00c\xff", "", "http://x.example/ä ö|{}^\\`", 37)
	f.Fuzz(func(t *testing.T, text, name, address string, which int) {
		with := func(bit int, s string) string {
			if which>>bit&1 == 1 {
				return ""
			}
			return s
		}
		c := card{Keys: text, Kind: name, ID: text, Date: name, Title: text, Outlet: with(0, name), DateTime: with(1, text), Region: with(2, text),
			Via: with(3, name), Copies: with(4, text), Note: with(5, name), URL: webLink(with(6, address)),
			Segments: []segment{{Text: text}, {Text: name, Class: text}, {Text: text, Class: name, Mark: true}}}
		if which>>7&1 == 0 {
			c.Stances = []chip{{text, "abstain", name, text, name}, {name, text, text, name, text}}
			c.Candidates = []candidate{{name, text}, {text, ""}}
		}
		var want strings.Builder
		for range 2 {
			if err := reference.Execute(&want, c); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(speaker{Cards: []card{c, c}}.List()); got != want.String() {
			t.Errorf("written by hand:\n%s\nby html/template:\n%s", got, want.String())
		}
	})
}
