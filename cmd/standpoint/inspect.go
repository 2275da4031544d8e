package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/corpus/reader"
)

// corpusFlags say which files of a corpus are read.
type corpusFlags struct{ include, exclude, manifests []string }

func (f *corpusFlags) register(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.include, "include", nil, "read only these files of folders and archives: \"*.html\", \"2017/**\"; may be repeated")
	c.Flags().StringArrayVar(&f.exclude, "exclude", nil, "leave out these files and folders; may be repeated")
	c.Flags().StringArrayVar(&f.manifests, "manifest", nil, "read the paths that this file lists, one a line; may be repeated")
}

func (f *corpusFlags) options(config analysis.Config) reader.Options {
	return reader.Options{Fields: config.Fields, MaxArticleBytes: config.MaxArticleBytes,
		Include: f.include, Exclude: f.exclude, Manifests: f.manifests}
}

// corpusHelp says what a CORPUS is, for the commands that take one.
const corpusHelp = `CORPUS is a file, a folder, or - for standard input: text (.txt, the first line
is the title when a blank line follows), pages (.html), records (.json, .jsonl,
.csv, .tsv, .parquet), web archives (.warc), Nexis Uni exports (.docx), NITF and
NewsML-G2 (.xml), each also compressed (.gz, .zst, .bz2, .xz) or in .zip and .tar.`

func newInspect(g *global) *cobra.Command {
	var f corpusFlags
	var limit, show int
	c := &cobra.Command{
		Use:   "inspect CORPUS…",
		Short: "Print what run would read: formats, fields, dates, outlets, copies",
		Long: `Reads a corpus without analysing it and prints what was made of it: formats and
encodings, which record field stands for what, the span of the dates and the
rules that gave them, languages, outlets, copies, what is set aside and why, and
the first articles. A wrong mapping is seen before a night is lost.

` + corpusHelp,
		Example: `  standpoint inspect articles/
  standpoint inspect --limit 1000 --json news.warc.gz`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && len(f.manifests) == 0 {
				return usageError{errors.New("inspect: no CORPUS (name a file or folder, or - for standard input)")}
			}
			config, err := analysis.LoadConfig(g.config)
			if err != nil {
				return usageError{err}
			}
			var survey reader.Survey
			options := f.options(config)
			options.Survey, options.Now, options.Languages = &survey, time.Now(), []string{"any"}
			in := newInspection(show)
			defer in.groups.Close()
			err = reader.Read(c.Context(), args, c.InOrStdin(), options, func(item reader.Item) error {
				if err := in.add(item); err != nil {
					return err
				}
				if in.read++; in.read == limit {
					return errLimit
				}
				return nil
			})
			if err != nil && !errors.Is(err, errLimit) {
				return err
			}
			page, err := in.finish(&survey)
			if err != nil {
				return err
			}
			page.Stopped = in.read == limit
			if g.json {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(page)
			}
			return page.print(c.OutOrStdout())
		},
	}
	f.register(c)
	c.Flags().IntVar(&limit, "limit", 0, "stop after so many articles; 0 reads all")
	c.Flags().IntVar(&show, "show", 3, "print so many of the first articles")
	return c
}

var errLimit = errors.New("limit reached")

// A Count is how often a value was met.
type Count struct {
	Value string `json:"value"`
	N     int    `json:"n"`
}

// An Inspection is what inspect prints.
type Inspection struct {
	Articles  int            `json:"articles"`
	SetAside  int            `json:"set_aside"`
	Stopped   bool           `json:"stopped"` // by --limit, before the end of the corpus
	Formats   []Count        `json:"formats"`
	Encodings []Count        `json:"encodings"`
	Replaced  int            `json:"replaced_bytes"` // that were no text in any encoding
	Fields    []reader.Field `json:"fields"`
	First     *time.Time     `json:"first_published"`
	Last      *time.Time     `json:"last_published"`
	Months    []Count        `json:"months"`
	Rules     []Count        `json:"date_rules"`
	Undated   []Count        `json:"undated"` // by reason
	Languages []Count        `json:"languages"`
	Outlets   []Count        `json:"outlets"`
	Copies    []Count        `json:"copies"` // by kind
	Words     Words          `json:"words"`
	Reasons   []Aside        `json:"reasons"`
	Shown     []Shown        `json:"first_articles"`
}

// Words are quantiles of the articles' lengths.
type Words struct {
	Least  int `json:"least"`
	Median int `json:"median"`
	Most   int `json:"most"`
}

// An Aside is a reason why articles are set aside, with the first of them.
type Aside struct {
	Reason string `json:"reason"`
	N      int    `json:"n"`
	First  string `json:"first"`
}

// A Shown is one of the first articles.
type Shown struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Published string   `json:"published"`
	Publisher string   `json:"publisher"`
	Begin     string   `json:"begin"`
	Regions   []string `json:"regions,omitempty"` // other than body
}

type inspection struct {
	page    Inspection
	read    int
	show    int
	counts  map[string]map[string]int // of values, by what they are
	lengths []int
	groups  *dedup.Grouper
	clean   *clean.Stage
	seen    map[string]int
	asides  map[string]*Aside
}

func newInspection(show int) *inspection {
	return &inspection{show: show, counts: map[string]map[string]int{}, groups: dedup.New(nil), clean: clean.New(), seen: map[string]int{}, asides: map[string]*Aside{}}
}

func (in *inspection) count(what, value string) {
	if in.counts[what] == nil {
		in.counts[what] = map[string]int{}
	}
	in.counts[what][value]++
}

func (in *inspection) add(item reader.Item) error {
	if r := item.Rejected; r != nil {
		in.page.SetAside++
		in.aside(string(r.Reason), r.Error())
		return nil
	}
	d := item.Doc
	if d.Language != "" && d.Language != "en" {
		in.aside(string(reader.Language), fmt.Sprintf("%v: the article is in the language %q", d.Place, d.Language))
	}
	in.page.Articles++
	in.count("format", d.Origin.Format)
	in.count("encoding", cmp.Or(d.Origin.Encoding, "utf-8"))
	in.page.Replaced += d.Origin.Replaced
	in.count("language", cmp.Or(d.Language, "too short to tell"))
	in.count("outlet", cmp.Or(d.Publisher, "unknown"))
	if d.Published.IsZero() {
		note, _, _ := strings.Cut(d.PublishedNote, ":")
		in.count("undated", note)
	} else {
		in.count("rule", d.PublishedRule)
		in.count("month", d.Published.Format("2006-01"))
		if t := d.Published; in.page.First == nil || t.Before(*in.page.First) {
			in.page.First = &t
		}
		if t := d.Published; in.page.Last == nil || t.After(*in.page.Last) {
			in.page.Last = &t
		}
	}
	in.lengths = append(in.lengths, d.CountWords())
	id := d.ID
	if in.seen[id]++; in.seen[id] > 1 {
		id = fmt.Sprintf("%s~%d", id, in.seen[id])
	}
	in.groups.Add(id, d.Published, 0, dedup.NewSketch(d.Text))
	if len(in.page.Shown) >= in.show {
		return nil
	}
	s := Shown{ID: d.ID, Title: d.Title, Publisher: d.Publisher, Published: d.PublishedNote, Begin: begin(d.Text, 200)}
	if !d.Published.IsZero() {
		s.Published = fmt.Sprintf("%s (%s)", d.Published.Format(time.RFC3339), d.PublishedRule)
	}
	if err := in.clean.Process(d); err != nil {
		return err
	}
	for _, r := range d.Regions {
		if r.Kind != corpus.Body {
			s.Regions = append(s.Regions, r.Kind.String()+": "+begin(d.Slice(r.Span), 80))
		}
	}
	for _, l := range clean.Links(d.Text) {
		s.Regions = append(s.Regions, "links in a sentence: "+begin(strings.TrimSpace(d.Slice(l)), 80))
	}
	in.page.Shown = append(in.page.Shown, s)
	return nil
}

func (in *inspection) aside(reason, first string) {
	if in.asides[reason] == nil {
		in.asides[reason] = &Aside{Reason: reason, First: first}
	}
	in.asides[reason].N++
}

// begin is the text's begin in one line.
func begin(text string, runes int) string {
	r := []rune(strings.Join(strings.Fields(text[:min(len(text), 8*runes)]), " "))
	if len(r) <= runes {
		return strings.ToValidUTF8(string(r), "")
	}
	return string(r[:runes]) + "…"
}

func (in *inspection) finish(survey *reader.Survey) (*Inspection, error) {
	p := &in.page
	sorted := func(what string) []Count {
		out := []Count{}
		for value, n := range in.counts[what] {
			out = append(out, Count{value, n})
		}
		slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
		return out
	}
	p.Formats, p.Encodings, p.Languages, p.Outlets = sorted("format"), sorted("encoding"), sorted("language"), sorted("outlet")
	p.Rules, p.Undated, p.Months = sorted("rule"), sorted("undated"), sorted("month")
	slices.SortFunc(p.Months, func(a, b Count) int { return cmp.Compare(a.Value, b.Value) })
	p.Fields = survey.Fields()
	copies, err := in.groups.Groups()
	if err != nil {
		return nil, err
	}
	for _, c := range copies {
		in.count("copy", c.Kind.String())
	}
	p.Copies = sorted("copy")
	if slices.Sort(in.lengths); len(in.lengths) > 0 {
		p.Words = Words{in.lengths[0], in.lengths[len(in.lengths)/2], in.lengths[len(in.lengths)-1]}
	}
	p.Reasons = []Aside{}
	for _, a := range in.asides {
		p.Reasons = append(p.Reasons, *a)
	}
	slices.SortFunc(p.Reasons, func(a, b Aside) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Reason, b.Reason)) })
	return p, nil
}

// listed prints the first counts of a list.
func listed(counts []Count, most int) string {
	var parts []string
	for i, c := range counts {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more", len(counts)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", c.Value, c.N))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

func (p *Inspection) print(w io.Writer) error {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "%d articles, %d files or records that are none", p.Articles, p.SetAside)
	if p.Stopped {
		b.WriteString("; stopped by --limit")
	}
	b.WriteString("\n\n")
	row("formats", "%s", listed(p.Formats, 8))
	row("encodings", "%s; %d bytes replaced", listed(p.Encodings, 8), p.Replaced)
	for i, f := range p.Fields {
		name := ""
		if i == 0 {
			name = "fields"
		}
		if i == 20 {
			row(name, "%d more", len(p.Fields)-i)
			break
		}
		use := "not used"
		if len(f.Property) > 0 {
			use = fmt.Sprintf("%s of %d", strings.Join(f.Property, " and "), f.Used)
		}
		row(name, "%s: in %d records, %s", f.Name, f.Records, use)
	}
	if p.First != nil {
		row("dates", "%s to %s, by %s", p.First.Format(time.DateOnly), p.Last.Format(time.DateOnly), listed(p.Rules, 8))
	}
	row("undated", "%s", listed(p.Undated, 8))
	row("months", "%s", listed(p.Months, 24))
	row("languages", "%s", listed(p.Languages, 8))
	row("outlets", "%s", listed(p.Outlets, 12))
	row("copies", "%s", listed(p.Copies, 8))
	row("words", "%d to %d, median %d", p.Words.Least, p.Words.Most, p.Words.Median)
	for _, a := range p.Reasons {
		row("set aside", "%d %s, the first: %s", a.N, a.Reason, a.First)
	}
	for _, s := range p.Shown {
		fmt.Fprintf(&b, "\n%s\n", s.ID)
		row("  title", "%s", cmp.Or(s.Title, "none"))
		row("  published", "%s", s.Published)
		row("  publisher", "%s", cmp.Or(s.Publisher, "unknown"))
		row("  text", "%s", s.Begin)
		for _, r := range s.Regions {
			row("  not body", "%s", r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
