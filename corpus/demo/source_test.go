package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A source file holds "key: value" lines, a line "---", the text with marks,
// another "---" and the mission rows. A mark is {1s:the minister}, where 1 is
// the number of the attribution and s, c or q its source, cue or content;
// marks nest. A mission row is "speaker | target | stance | basis | evidence",
// where "first words ~ last words" stands for the text between as well.
//
// The key shows lists the constructions that the article holds. The key copy
// names an article whose marked text and rows this one repeats, and each
// replace, "old => new", changes the repetition.
type article struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Text      string `json:"text"`
	Publisher string `json:"publisher"`
	URL       string `json:"url"`
	Date      string `json:"date"`
	Topic     string `json:"topic"`

	copyOf       string
	replacements [][2]string
	shows        []string
	marked, rows string
}

type attributionGold struct {
	Kind    string   `json:"kind"`
	Source  [][2]int `json:"source"`
	Cue     [][2]int `json:"cue"`
	Content [][2]int `json:"content"`
}

type attributionRow struct {
	ID           string            `json:"id"`
	Text         string            `json:"text"`
	Attributions []attributionGold `json:"attributions"`
}

type missionRow struct {
	ID       string `json:"id"`
	Speaker  string `json:"speaker"`
	Target   string `json:"target"`
	Stance   int    `json:"stance"`
	Basis    string `json:"basis"`
	Evidence string `json:"evidence"`
}

func readSources(t *testing.T) []*article {
	t.Helper()
	paths, err := filepath.Glob("source/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("source/*.txt: %d files, %v", len(paths), err)
	}
	var list []*article
	byID := map[string]*article{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := parseSource(string(raw))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if byID[a.ID] != nil {
			t.Fatalf("%s: id %q stands twice", path, a.ID)
		}
		byID[a.ID] = a
		list = append(list, a)
	}
	for _, a := range list {
		if a.copyOf == "" {
			continue
		}
		of := byID[a.copyOf]
		if of == nil {
			t.Fatalf("%s: copy of unknown %q", a.ID, a.copyOf)
		}
		a.marked, a.rows = of.marked, of.rows
		for _, r := range a.replacements {
			if !strings.Contains(a.marked, r[0]) {
				t.Fatalf("%s: replace: %q is not in the text", a.ID, r[0])
			}
			a.marked = strings.ReplaceAll(a.marked, r[0], r[1])
		}
	}
	return list
}

func parseSource(raw string) (*article, error) {
	parts := strings.Split(raw, "\n---\n")
	if len(parts) == 1 {
		parts = []string{strings.TrimRight(raw, "\n"), "", ""}
	}
	if len(parts) != 3 {
		return nil, fmt.Errorf("%d parts between lines of ---, want 3", len(parts))
	}
	a := &article{marked: strings.TrimSpace(parts[1]), rows: strings.TrimSpace(parts[2])}
	for _, line := range strings.Split(parts[0], "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("%q: want key: value", line)
		}
		switch key {
		case "id":
			a.ID = value
		case "title":
			a.Title = value
		case "publisher":
			a.Publisher = value
		case "url":
			a.URL = value
		case "date":
			a.Date = value
		case "topic":
			a.Topic = value
		case "copy":
			a.copyOf = value
		case "replace":
			old, new, ok := strings.Cut(value, " => ")
			if !ok {
				return nil, fmt.Errorf("%q: want old => new", value)
			}
			a.replacements = append(a.replacements, [2]string{old, new})
		case "shows":
			a.shows = strings.Split(value, ", ")
		default:
			return nil, fmt.Errorf("unknown key %q", key)
		}
	}
	return a, nil
}

var markStart = regexp.MustCompile(`^\{(\d+)([scq]):`)

// unmark takes the marks out of the text and returns what they hold.
func unmark(marked string) (string, []attributionGold, error) {
	type open struct {
		number int
		part   byte
		start  int
	}
	var (
		text  strings.Builder
		runes int
		stack []open
		golds = []attributionGold{}
	)
	for i := 0; i < len(marked); {
		switch {
		case marked[i] == '{':
			m := markStart.FindStringSubmatch(marked[i:])
			if m == nil {
				return "", nil, fmt.Errorf("bad mark at %.40q", marked[i:])
			}
			var n int
			fmt.Sscan(m[1], &n)
			stack = append(stack, open{n, m[2][0], runes})
			i += len(m[0])
		case marked[i] == '}':
			if len(stack) == 0 {
				return "", nil, fmt.Errorf("unopened } before %.40q", marked[i:])
			}
			o := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for len(golds) < o.number {
				golds = append(golds, attributionGold{"attribution", [][2]int{}, [][2]int{}, [][2]int{}})
			}
			g, span := &golds[o.number-1], [2]int{o.start, runes}
			switch o.part {
			case 's':
				g.Source = append(g.Source, span)
			case 'c':
				g.Cue = append(g.Cue, span)
			default:
				g.Content = append(g.Content, span)
			}
			i++
		default:
			_, size := utf8.DecodeRuneInString(marked[i:])
			text.WriteString(marked[i : i+size])
			runes++
			i += size
		}
	}
	if len(stack) > 0 {
		return "", nil, fmt.Errorf("%d marks are not closed, attribution %d the last", len(stack), stack[len(stack)-1].number)
	}
	golds = slices.DeleteFunc(golds, func(g attributionGold) bool { // numbers that were left out
		return len(g.Source)+len(g.Cue)+len(g.Content) == 0
	})
	for i := range golds {
		if len(golds[i].Content) == 0 {
			return "", nil, fmt.Errorf("attribution %d has no content: %+v", i+1, golds[i])
		}
		if len(golds[i].Source) == 0 {
			golds[i].Kind = "attribution-no-source"
		}
	}
	return text.String(), golds, nil
}

func parseRow(id, text, line string) (missionRow, error) {
	f := strings.Split(line, " | ")
	if len(f) != 5 {
		return missionRow{}, fmt.Errorf("%q: %d fields, want 5", line, len(f))
	}
	r := missionRow{ID: id, Speaker: f[0], Target: f[1], Basis: f[3], Evidence: f[4]}
	if _, err := fmt.Sscan(f[2], &r.Stance); err != nil {
		return r, fmt.Errorf("%q: stance: %v", line, err)
	}
	first, last, cut := strings.Cut(f[4], " ~ ")
	from := strings.Index(text, first)
	if from < 0 {
		return r, fmt.Errorf("evidence %q is not in the text", first)
	}
	if cut {
		to := strings.Index(text[from:], last)
		if to < 0 {
			return r, fmt.Errorf("evidence: %q does not follow %q", last, first)
		}
		r.Evidence = text[from : from+to+len(last)]
	}
	return r, nil
}

// generate makes the three files from the sources.
func generate(t *testing.T, list []*article) (articles, attribution, mission []byte) {
	t.Helper()
	var a, b, c bytes.Buffer
	write := func(buf *bytes.Buffer, v any) {
		e := json.NewEncoder(buf)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, art := range list {
		text, golds, err := unmark(art.marked)
		if err != nil {
			t.Fatalf("%s: %v", art.ID, err)
		}
		art.Text = text
		write(&a, art)
		write(&b, attributionRow{art.ID, text, golds})
		for _, line := range strings.Split(art.rows, "\n") {
			if line == "" {
				continue
			}
			row, err := parseRow(art.ID, text, line)
			if err != nil {
				t.Fatalf("%s: %v", art.ID, err)
			}
			write(&c, row)
		}
	}
	return a.Bytes(), b.Bytes(), c.Bytes()
}
