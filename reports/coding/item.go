package coding

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/standpoint-news/standpoint/reports/sheet"
	"github.com/standpoint-news/standpoint/reports/table"
)

// An Item is a drawn unit as a coder sees it: in its article, without the side
// that the tool took.
type Item struct {
	Number  int    `json:"item"`
	Unit    string `json:"unit"`
	Article string `json:"article_id"`
	Title   string `json:"title"`
	Outlet  string `json:"outlet"`
	Date    string `json:"published"` // YYYY-MM-DD, or empty
	Target  string `json:"target"`    // its name
	Speaker string `json:"speaker"`   // as the tool reads it; empty where it abstains
	Mention string `json:"mention"`   // the words that take up the target
	Said    string `json:"statement"` // the content of the statement
	Passage string `json:"passage"`
	Parts   []Part `json:"parts"` // of the passage, in order
}

// A Part is a run of the passage that plays one role.
type Part struct {
	Text string `json:"t"`
	Role string `json:"r,omitempty"` // source, content, mention
}

// around is how many code points of the article stand on each side of the
// sentences that hold the statement.
const around = 500

// readItems makes an item of every drawn unit, in an order that follows from
// the seed and tells nothing of strata.
func readItems(dir string, units []Unit, seed uint64) ([]Item, error) {
	run, err := table.ReadRun(dir)
	if err != nil {
		return nil, err
	}
	targets := map[string]string{}
	for _, t := range run.Targets {
		targets[t.ID] = t.Name
	}
	stances, statements, articles := map[string]*table.StanceRow{}, map[string]*table.StatementRow{}, map[string][]rune{}
	titles := map[string]string{}
	for i := range units {
		if u := &units[i]; u.Drawn {
			stances[u.ID], statements[u.StatementID], articles[u.ArticleID] = nil, nil, nil
		}
	}
	for row, err := range table.Rows[table.StanceRow](dir) {
		if err != nil {
			return nil, err
		}
		if _, ok := stances[row.ID]; ok {
			stances[row.ID] = &row
		}
	}
	for row, err := range table.Rows[table.StatementRow](dir) {
		if err != nil {
			return nil, err
		}
		if _, ok := statements[row.ID]; ok {
			statements[row.ID] = &row
		}
	}
	for row, err := range table.Rows[table.ArticleRow](dir) {
		if err != nil {
			return nil, err
		}
		if _, ok := articles[row.ID]; ok {
			articles[row.ID], titles[row.ID] = []rune(row.Text), row.Title
		}
	}
	var items []Item
	for i := range units {
		u := &units[i]
		if !u.Drawn {
			continue
		}
		stance, statement, text := stances[u.ID], statements[u.StatementID], articles[u.ArticleID]
		if stance == nil || statement == nil || text == nil {
			return nil, fmt.Errorf("%s: stance %q joins no statement and article (run standpoint again to rebuild the tables)", dir, u.ID)
		}
		item := Item{Unit: u.ID, Article: u.ArticleID, Title: titles[u.ArticleID], Outlet: u.Outlet, Target: targets[u.Target],
			Speaker: u.Speaker, Mention: stance.MentionText, Said: statement.ContentText}
		if t := table.Time(stance.Published); !t.IsZero() {
			item.Date = t.Format("2006-01-02")
		}
		item.Parts = passage(text, statement, stance)
		for _, p := range item.Parts {
			item.Passage += p.Text
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int { return bytes.Compare(rank(seed, "order "+a.Unit), rank(seed, "order "+b.Unit)) })
	for i := range items {
		items[i].Number = i + 1
	}
	return items, nil
}

// passage cuts the statement's surroundings out of its article and marks them.
// The mention lies over the content.
func passage(text []rune, s *table.StatementRow, st *table.StanceRow) []Part {
	low, high := int(s.ContextStart), int(s.ContextStart)+len([]rune(s.Context))
	low, high = min(low, int(st.MentionStart)), max(high, int(st.MentionEnd))
	low, high = max(0, low-around), min(len(text), high+around)
	for low > 0 && low < len(text) && !unicode.IsSpace(text[low-1]) {
		low--
	}
	for high < len(text) && !unicode.IsSpace(text[high]) {
		high++
	}
	roles := make([]string, high-low)
	mark := func(start, end int32, role string) {
		for i := max(low, int(start)); i < min(high, int(end)); i++ {
			roles[i-low] = role
		}
	}
	for i, start := range s.ContentStarts {
		mark(start, s.ContentEnds[i], "content")
	}
	for i, start := range s.SourceStarts {
		mark(start, s.SourceEnds[i], "source")
	}
	mark(st.MentionStart, st.MentionEnd, "mention")
	var parts []Part
	for i := 0; i < len(roles); {
		j := i
		for j < len(roles) && roles[j] == roles[i] {
			j++
		}
		parts = append(parts, Part{string(text[low+i : low+j]), roles[i]})
		i = j
	}
	return parts
}

// codingSheet is the CSV to code in: the last columns are empty.
func codingSheet(items []Item) ([]byte, error) {
	var b bytes.Buffer
	w, err := sheet.NewWriter(&b, true, "item", "unit", "article_id", "title", "outlet", "published", "target", "speaker", "mention", "statement", "passage",
		"side", "speaker_right", "note", "coder")
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		w.Int(it.Number)
		for _, s := range []string{it.Unit, it.Article, it.Title, it.Outlet, it.Date, it.Target, it.Speaker, it.Mention, it.Said, it.Passage, "", "", "", ""} {
			w.Text(s)
		}
		if err := w.End(); err != nil {
			return nil, err
		}
	}
	err = w.Flush()
	return b.Bytes(), err
}

// studioTasks are the tasks of Label Studio's import format
// (labelstud.io/guide/tasks): its JSON list of objects with the key data.
func studioTasks(items []Item) ([]byte, error) {
	type data struct {
		Unit      string `json:"unit"`
		Article   string `json:"article_id"`
		Title     string `json:"title"`
		Source    string `json:"outlet_and_date"`
		Question  string `json:"question"`
		Speaker   string `json:"speaker"`
		Statement string `json:"statement"`
		Passage   string `json:"passage"`
	}
	type task struct {
		ID   int  `json:"id"`
		Data data `json:"data"`
	}
	tasks := make([]task, len(items))
	for i, it := range items {
		question := fmt.Sprintf("Which side does the speaker take toward %s (“%s”)?", it.Target, it.Mention)
		tasks[i] = task{it.Number, data{it.Unit, it.Article, it.Title, strings.TrimSuffix(it.Outlet+", "+it.Date, ", "), question,
			orElse(it.Speaker, "nobody named"), it.Said, it.Passage}}
	}
	return marshal(tasks)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

var (
	//go:embed label-studio.xml
	studioView string
	//go:embed codebook.md
	codebook string
	//go:embed coding.html.tmpl
	pageMarkup string
	//go:embed coding.css
	pageStyle string
	//go:embed coding.js
	pageScript string

	page = template.Must(template.New("coding").Parse(pageMarkup))
)

// codingPage is one HTML file to code in that asks nothing of the network. It
// hands the codings to the browser to save as a file, which Read takes.
func codingPage(items []Item) ([]byte, error) {
	h := sha256.New()
	for _, it := range items {
		h.Write([]byte(strconv.Quote(it.Unit)))
	}
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Style                 template.CSS
		Script                template.JS
		StyleHash, ScriptHash string
		Sample                string
		Items                 []Item
		Number                int
	}{template.CSS(pageStyle), template.JS(pageScript), policyHash(pageStyle), policyHash(pageScript), hex.EncodeToString(h.Sum(nil))[:16], items, len(items)})
	return b.Bytes(), err
}

// policyHash is the form in which a content security policy names the one style
// or script that may run.
func policyHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
