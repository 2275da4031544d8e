package demo

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the JSON Lines files from source/*.txt")

// fullSize is the number of articles from which on the corpus must hold every
// construction. Below it, TestConstructions is skipped and says so.
const fullSize = 40

func TestGenerated(t *testing.T) {
	a, b, c := generate(t, readSources(t))
	for _, f := range []struct {
		path string
		want []byte
	}{{"articles.jsonl", a}, {"attribution.jsonl", b}, {"mission.jsonl", c}} {
		if *update {
			if err := os.WriteFile(f.path, f.want, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(f.want, file(t, f.path)) {
			t.Errorf("%s is stale (run go test ./corpus/demo -update)", f.path)
		}
	}
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func rows[T any](t *testing.T, data []byte) []T {
	t.Helper()
	var list []T
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		list = append(list, v)
	}
	return list
}

func TestArticles(t *testing.T) {
	if *update {
		t.Skip("the embedded files are the old ones")
	}
	list := rows[article](t, Articles())
	publishers, months := map[string]bool{}, map[string]bool{}
	seen := map[string]bool{}
	host := regexp.MustCompile(`^https?://[a-z.-]+\.(example\.org|test)/`)
	for _, a := range list {
		if seen[a.ID] {
			t.Errorf("%s stands twice", a.ID)
		}
		seen[a.ID] = true
		if !utf8.ValidString(a.Text) || a.Title == "" || !host.MatchString(a.URL) || a.Topic == "" {
			t.Errorf("%s: text, title, url or topic is wrong: %q", a.ID, a.URL)
		}
		if n := len(strings.Fields(a.Text)); n < 100 || n > 350 {
			t.Errorf("%s: %d words, want 100 to 350", a.ID, n)
		}
		date, err := time.Parse(time.RFC3339, a.Date)
		if err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
		publishers[a.Publisher], months[date.Format("2006-01")] = true, true
	}
	if len(list) >= fullSize && (len(publishers) < 5 || len(months) < 3) {
		t.Errorf("%d publishers and %d months, want 5 and 3", len(publishers), len(months))
	}
}

func TestGold(t *testing.T) {
	if *update {
		t.Skip("the embedded files are the old ones")
	}
	texts := map[string]string{}
	for _, a := range rows[article](t, Articles()) {
		texts[a.ID] = a.Text
	}
	for _, r := range rows[attributionRow](t, file(t, "attribution.jsonl")) {
		if texts[r.ID] != r.Text {
			t.Errorf("%s: the text is another than the article's", r.ID)
		}
		text := []rune(r.Text)
		for i, g := range r.Attributions {
			if (len(g.Source) == 0) != (g.Kind == "attribution-no-source") || len(g.Content) == 0 {
				t.Errorf("%s: attribution %d: kind %s with %d sources, %d contents", r.ID, i+1, g.Kind, len(g.Source), len(g.Content))
			}
			for _, spans := range [][][2]int{g.Source, g.Cue, g.Content} {
				for _, s := range spans {
					if s[0] < 0 || s[0] >= s[1] || s[1] > len(text) {
						t.Errorf("%s: attribution %d: span %v is out of bounds", r.ID, i+1, s)
					} else if under := string(text[s[0]:s[1]]); strings.TrimSpace(under) != under {
						t.Errorf("%s: attribution %d: %q has space around it", r.ID, i+1, under)
					}
				}
			}
		}
	}
	ids := targetIDs(t)
	counts := map[int]int{}
	for i, m := range rows[missionRow](t, file(t, "mission.jsonl")) {
		switch {
		case texts[m.ID] == "":
			t.Errorf("row %d: no article %q", i+1, m.ID)
		case !strings.Contains(texts[m.ID], m.Evidence) || m.Evidence == "":
			t.Errorf("%s: evidence %q is not in the text", m.ID, m.Evidence)
		case utf8.RuneCountInString(m.Evidence) > 300:
			t.Errorf("%s: evidence of %d characters", m.ID, utf8.RuneCountInString(m.Evidence))
		case m.Speaker == "" || !ids[m.Target] || m.Stance < -1 || m.Stance > 1:
			t.Errorf("%s: bad row %+v", m.ID, m)
		case m.Basis != "quoted" && m.Basis != "paraphrased" && m.Basis != "described":
			t.Errorf("%s: basis %q", m.ID, m.Basis)
		}
		counts[m.Stance]++
	}
	for s := -1; s <= 1; s++ {
		if counts[s] < 10 && len(texts) >= fullSize {
			t.Errorf("%d rows of stance %d, want 10 or more", counts[s], s)
		}
	}
}

func targetIDs(t *testing.T) map[string]bool {
	t.Helper()
	var file struct {
		Targets []struct {
			ID string `yaml:"id"`
		} `yaml:"targets"`
	}
	if err := yaml.Unmarshal(Config(), &file); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, target := range file.Targets {
		ids[target.ID] = true
	}
	return ids
}

// TestConstructions counts what the corpus must hold: by pattern where one
// tells it, else by what the sources say they show.
func TestConstructions(t *testing.T) {
	list := readSources(t)
	if len(list) < fullSize {
		t.Skipf("the corpus is not complete: %d of %d articles", len(list), fullSize)
	}
	generate(t, list)
	var all strings.Builder
	shows := map[string]int{}
	for _, a := range list {
		all.WriteString(a.Text + "\n\n")
		for _, s := range a.shows {
			shows[s]++
		}
	}
	for _, c := range []struct {
		name, pattern string
		min           int
	}{
		{"said X", `[,?!][”"] (?:said|asked|added) (?:the |an? )?[A-Z]?[a-z]+`, 5},
		{"X said", `[A-Z][a-z]+ said`, 10},
		{"according to", `[Aa]ccording to`, 3},
		{"in the words of", `[Ii]n the words of`, 2},
		{"told reporters", `told (?:reporters|journalists)`, 3},
		{"colon", `[a-z]: ["“«]`, 3},
		{"dash attribution", `[”"] ?— ?[A-Z]`, 2},
		{"cue noun", `(?:claim|assertion|accusation|suggestion|warning|statement|allegation) that`, 4},
		{"passive", `(?:was|were) quoted as saying`, 2},
		{"paragraph left open", `“[^”]*\n\n“`, 2},
		{"said pronoun", `(?:[Hh]e|[Ss]he|[Tt]hey) (?:said|added|told)`, 8},
		{"guillemets", `«[^»]+»`, 3},
		{"straight", `"[^"\n]+"`, 10},
		{"curly", `“[^”\n]+”`, 30},
		{"nested quotes", `“[^”]*‘[^’]+’`, 2},
		{"narrated stance", `(?:condemned|blamed|backed|praised|denounced|applauded|defended)`, 10},
		{"sidestepped", `sidestepped the question`, 2},
		{"spokespeople", `spokes(?:man|woman|person)`, 6},
		{"unnamed officials", `on condition of anonymity|declined to be named`, 3},
		{"the attack", `\b[Tt]he attack\b`, 4},
		{"conditional", `\b(?:[Ii]f|[Uu]nless)\b`, 5},
		{"question", `\?[”"»]`, 4},
		{"Norhaven", `Norhaven`, 4},
		{"Velgrad", `Velgrad`, 4},
		{"the Marble House", `the Marble House`, 3},
		{"the Admiralty", `[Tt]he Admiralty`, 3},
	} {
		if n := len(regexp.MustCompile(c.pattern).FindAllStringIndex(all.String(), -1)); n < c.min {
			t.Errorf("%s: %d, want %d or more", c.name, n, c.min)
		}
	}
	for _, c := range []struct {
		name string
		min  int
	}{
		{"partial", 3}, {"mixed", 3}, {"fragments", 2}, {"sentences", 2}, {"paragraphs", 2}, {"free-standing", 3},
		{"opposite", 2}, {"orphan", 3}, {"other-man", 2}, {"glued", 2}, {"trailer", 2}, {"place", 2}, {"metonym", 3},
		{"two-attacks", 2}, {"rivals", 2}, {"nested-report", 2}, {"irony", 2}, {"negation", 2}, {"denial", 2},
		{"proof", 2}, {"apposition", 3}, {"groups", 3}, {"they", 2}, {"copy", 1}, {"near-copy", 1},
	} {
		if shows[c.name] < c.min {
			t.Errorf("%s: shown by %d sources, want %d or more", c.name, shows[c.name], c.min)
		}
	}
}

// TestNoRepetition finds stock phrasing: no two articles share 12 words in a
// row, the copies aside.
func TestNoRepetition(t *testing.T) {
	list := readSources(t)
	generate(t, list)
	const run = 12
	first := map[string]string{}
	for _, a := range list {
		if a.copyOf != "" {
			continue
		}
		words := strings.Fields(a.Text)
		for i := 0; i+run <= len(words); i++ {
			key := strings.Join(words[i:i+run], " ")
			if other := first[key]; other != "" && other != a.ID {
				t.Errorf("%s and %s share %q", other, a.ID, key)
			}
			first[key] = a.ID
		}
	}
}
