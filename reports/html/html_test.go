package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"flag"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/reports/table"
)

var (
	update = flag.Bool("update", false, "rewrite the golden file")
	keep   = flag.String("keep", "", "also write an invented report into this folder, to look at")
)

// render is the first page of the report, without figures for papers.
func render(t testing.TB, d Data) string {
	t.Helper()
	_, pages, err := newReport(d)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pages[0].write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	// Style and script have files of their own to be read in.
	got := strings.Replace(strings.Replace(render(t, small()), style, "", 1), script, "", 1)
	got = regexp.MustCompile(`sha256-(?:&#43;|[\w+/=])+`).ReplaceAllString(got, "sha256-…")
	path := filepath.Join("testdata", "small.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("report differs (run with -update and read the difference):\n%s", diff)
	}
}

func TestSameBytes(t *testing.T) {
	first := render(t, large(600, 30))
	for range 3 {
		if render(t, large(600, 30)) != first {
			t.Fatal("two reports of the same rows differ")
		}
	}
	if *keep != "" {
		for name, d := range map[string]Data{"small": small(), "medium": large(600, 30), "large": large(10_000, 120), "empty": {}, "hostile": hostile()} {
			if err := os.WriteFile(filepath.Join(*keep, name+".html"), []byte(render(t, d)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var (
	elements = regexp.MustCompile(`<(\w+)((?:\s[^<>]*)?)>`)
	values   = regexp.MustCompile(`([\w-]+)\s*=\s*"([^"]*)"`)
	loaders  = regexp.MustCompile(`(?i)@import|url\(|image-set\(|\bfetch\b|XMLHttp|WebSocket|EventSource|sendBeacon|import\(`)
	allowed  = regexp.MustCompile(`^(#|https?://|(index|statements-\d+)\.html(#|$)|figures/[\w-]+\.(svg|png|csv)$)`)
)

func TestAsksNothingOfTheNetwork(t *testing.T) {
	if found := loaders.FindString(style + script); found != "" {
		t.Errorf("style or script holds %q", found)
	}
	for name, d := range map[string]Data{"small": small(), "large": large(300, 20), "empty": {}, "hostile": hostile()} {
		// Style and script are checked above; in what is left every < opens an element.
		got := strings.Replace(strings.Replace(render(t, d), style, "", 1), script, "", 1)
		for _, m := range elements.FindAllStringSubmatch(got, -1) {
			tag := m[1]
			switch tag {
			case "img", "iframe", "object", "embed", "base", "audio", "video", "source", "image", "use", "foreignObject":
				t.Errorf("%s: holds <%s>", name, tag)
			}
			for _, v := range values.FindAllStringSubmatch(m[2], -1) {
				switch attribute, to := strings.ToLower(v[1]), v[2]; {
				case attribute == "href" && (tag == "a" && allowed.MatchString(to) || tag == "link" && to == "data:,"):
				case attribute == "href", attribute == "src", attribute == "srcset", attribute == "action", attribute == "formaction",
					attribute == "poster", attribute == "data", attribute == "ping", attribute == "background", attribute == "style",
					strings.HasPrefix(attribute, "on"):
					t.Errorf("%s: <%s %s=%q>", name, tag, attribute, to)
				}
			}
			if tag == "a" && strings.Contains(m[2], `href="http`) && !strings.Contains(m[2], `rel="noopener noreferrer"`) {
				t.Errorf("%s: link without rel: %s", name, m[0])
			}
		}
	}
}

// TestHostileReport writes 500 articles of attacks: none of them becomes an
// element, an attribute or an address, in the report, the comparison or the
// figures. check_report.py opens the same in a browser.
func TestHostileReport(t *testing.T) {
	d := hostile()
	b, pages, err := newReport(d)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "figures")
	if pages[0].Figures, err = b.writeFigures(folder, "", pages[0]); err != nil || len(pages[0].Figures) == 0 {
		t.Fatalf("figures: %v, %v", pages[0].Figures, err)
	}
	for _, f := range pages[0].Figures {
		data, err := os.ReadFile(filepath.Join(folder, f.Name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s.svg: %v", f.Name, err)
			}
			if e, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "g", "path", "text", "rect"}, e.Name.Local) {
				t.Errorf("%s.svg: holds <%s>", f.Name, e.Name.Local)
			}
		}
	}
	var compared bytes.Buffer
	half := part{Name: attacks[0], Targets: d.Run.Targets, Stances: d.Stances, names: map[string]string{}}
	if err := compare(&compared, half, half); err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := pages[0].write(&page); err != nil {
		t.Fatal(err)
	}
	if *keep != "" {
		if err := os.WriteFile(filepath.Join(*keep, "hostile-compare.html"), compared.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]string{"report": page.String(), "comparison": compared.String()} {
		got = strings.Replace(strings.Replace(got, style, "", 1), script, "", 1)
		for _, m := range elements.FindAllStringSubmatch(got, -1) {
			if strings.Contains(strings.ToLower(m[1]), "script") && m[2] != "" {
				t.Errorf("%s: %s", name, m[0])
			}
			for _, v := range values.FindAllStringSubmatch(m[2], -1) {
				if attribute := strings.ToLower(v[1]); strings.HasPrefix(attribute, "on") || attribute == "src" || attribute == "style" || attribute == "href" && !allowed.MatchString(v[2]) && m[1] != "link" {
					t.Errorf("%s: <%s %s=%q>", name, m[1], v[1], v[2])
				}
			}
		}
		if n := strings.Count(got, "<script"); n != 1 {
			t.Errorf("%s: %d scripts, want 1", name, n)
		}
		if strings.ContainsAny(got, "\u202e\u202a\u202b\u202d\u2066\u2067\u2068\x00\x1b") {
			t.Errorf("%s: holds a character that reorders text, or a control character", name)
		}
	}
}

func TestHostileTextIsText(t *testing.T) {
	got := render(t, small())
	if n := strings.Count(got, "<script"); n != 1 {
		t.Errorf("%d script elements, want 1", n)
	}
	for _, bad := range []string{"<img", "<b>Bold", "<svg onload", "javascript:", "\u202e", "\u202c", "ZgotmplZ"} {
		if strings.Contains(got, bad) {
			t.Errorf("report holds %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(&#34;title&#34;)", "<bdi>الصيادون</bdi>"} {
		if !strings.Contains(got, want) {
			t.Errorf("report lacks %q", want)
		}
	}
}

// TestPolicy holds that the hashes name exactly the style and script that stand
// in the file: html/template must not have touched them.
func TestPolicy(t *testing.T) {
	got := render(t, small())
	for _, tag := range []string{"style", "script"} {
		_, rest, _ := strings.Cut(got, "<"+tag+">")
		body, _, _ := strings.Cut(rest, "</"+tag+">")
		policy := strings.ReplaceAll(got, "&#43;", "+")
		if !strings.Contains(policy, tag+"-src '"+cspHash(body)+"'") && !strings.Contains(policy, tag+"-src &#39;"+cspHash(body)+"&#39;") {
			t.Errorf("the policy does not name the %s", tag)
		}
	}
}

func TestEveryAnchorIsThereOnce(t *testing.T) {
	for name, d := range map[string]Data{"small": small(), "crowded": large(3000, 900)} {
		got := render(t, d)
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(got, -1) {
			ids[m[1]]++
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: id %q stands %d times", name, id, n)
			}
		}
		for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(got, -1) {
			if !strings.Contains(m[1], "%") && ids[m[1]] == 0 {
				t.Errorf("%s: link to %q, which is not there", name, m[1])
			}
		}
	}
}

func TestSaysWhatItLeavesOut(t *testing.T) {
	defer func(n int) { maxCards = n }(maxCards)
	maxCards = 200
	d := large(1500, 2)
	got := render(t, d)
	if n := strings.Count(got, `<li class="card"`); n > 3*maxCards {
		t.Errorf("%d cards, want at most %d for each of two speakers and nobody", n, maxCards)
	}
	if !strings.Contains(got, "in the table statements") {
		t.Error("the report does not say that statements were left out")
	}
}

// TestPages deals statements out to pages: every card stands on one page, every
// link between pages leads to a part that is there.
func TestPages(t *testing.T) {
	defer func(n int) { pageCards = n }(pageCards)
	pageCards = 100
	d := large(1500, 12)
	_, pages, err := newReport(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 15 {
		t.Fatalf("%d pages for %d statements", len(pages), len(d.Statements))
	}
	ids := map[string]bool{}
	links := map[string]bool{}
	cards := 0
	for i, p := range pages {
		var b bytes.Buffer
		if err := p.write(&b); err != nil {
			t.Fatal(err)
		}
		n := strings.Count(b.String(), `<li class="card"`)
		if n > pageCards || n == 0 {
			t.Errorf("page %d holds %d cards", i+1, n)
		}
		cards += n
		for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(b.String(), -1) {
			ids[pageFile(i+1)+"#"+m[1]] = true
		}
		for _, m := range regexp.MustCompile(`href="((?:index|statements-\d+)\.html)?(#[^"]+)?"`).FindAllStringSubmatch(b.String(), -1) {
			if m[2] != "" {
				links[orElse(m[1], pageFile(i+1))+m[2]] = true
			}
		}
	}
	if cards != len(d.Statements) {
		t.Errorf("%d cards on all pages for %d statements", cards, len(d.Statements))
	}
	crossing := 0
	for to := range links {
		if !ids[to] {
			t.Errorf("a link to %s, which is not there", to)
		}
		if strings.HasPrefix(to, "statements-") && strings.Contains(to, "#speaker") {
			crossing++
		}
	}
	if crossing == 0 {
		t.Error("no link leads to a speaker on a further page")
	}
}

func TestEvents(t *testing.T) {
	d := large(200, 10)
	d.Run.Events = []table.Event{{Date: "2031-06-16", Name: "the <b>second</b>"}, {Date: "2031-02-01", Name: "the first"}, {Date: "1999-01-01", Name: "long ago"}}
	got := render(t, d)
	for _, want := range []string{`<b class="mark">1</b> 1 February 2031, <bdi>the first</bdi>`, `<b class="mark">2</b> 16 June 2031, <bdi>the &lt;b&gt;second`} {
		if !strings.Contains(got, want) {
			t.Errorf("report lacks %q", want)
		}
	}
	if strings.Contains(got, "long ago") {
		t.Error("an event outside of the months is named")
	}
}

// TestAgreementInterval holds the interval of a tie to the score intervals of
// shares that textbooks give: of 2 of 2, .342 to 1; of 5 of 10, .237 to .763.
func TestAgreementInterval(t *testing.T) {
	for _, x := range []struct {
		agreement float64
		n         int
		low, high float64
	}{{1, 2, -0.3153, 1}, {-1, 2, -1, 0.3153}, {0, 10, -0.5268, 0.5268}, {1, 30, 0.7729, 1}} {
		if low, high := agreementInterval(x.agreement, x.n); math.Abs(low-x.low) > 5e-4 || math.Abs(high-x.high) > 5e-4 {
			t.Errorf("agreement %v of %d: %.4f to %.4f, want %.4f to %.4f", x.agreement, x.n, low, high, x.low, x.high)
		}
	}
}

// TestArrange holds that the drawing of the network is in its box, the same each
// time, and draws friends closer than others.
func TestArrange(t *testing.T) {
	weight := make([][]float64, 12)
	for i := range weight {
		weight[i] = make([]float64, 12)
		for j := range weight[i] {
			if i != j && i%2 == j%2 {
				weight[i][j] = 1
			}
		}
	}
	xs, ys := arrange(weight, 600, 400)
	again, _ := arrange(weight, 600, 400)
	if diff := cmp.Diff(xs, again); diff != "" {
		t.Error(diff)
	}
	var near, far float64
	for i := range xs {
		if xs[i] < 0 || xs[i] > 600 || ys[i] < 0 || ys[i] > 400 {
			t.Errorf("node %d at %v, %v", i, xs[i], ys[i])
		}
		for j := range i {
			d := math.Hypot(xs[i]-xs[j], ys[i]-ys[j])
			if i%2 == j%2 {
				near += d / 30
			} else {
				far += d / 36
			}
		}
	}
	if near > 0.8*far {
		t.Errorf("friends are %.0f apart, others %.0f", near, far)
	}
}

// TestFigures writes the figures for papers twice: the same bytes, every one
// with its data.
func TestFigures(t *testing.T) {
	d := large(600, 12)
	d.Run.Events = []table.Event{{Date: "2031-06-16", Name: "the vote"}}
	read := func(drawn string) (map[string]string, string) {
		b, pages, err := newReport(d)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(t.TempDir(), "figures")
		files, err := b.writeFigures(folder, drawn, pages[0])
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range files {
			for _, ending := range []string{".svg", ".png", ".csv"} {
				data, err := os.ReadFile(filepath.Join(folder, f.Name+ending))
				if err != nil || len(data) < 100 {
					t.Errorf("%s%s: %d bytes, %v", f.Name, ending, len(data), err)
				}
				out[f.Name+ending] = string(data)
			}
		}
		return out, folder
	}
	first, drawn := read("")
	for _, want := range []string{"timeline-strikes.svg", "outlets-ruler.png", "speakers.csv", "network.svg"} {
		if first[want] == "" {
			t.Errorf("no %s", want)
		}
	}
	if second, _ := read(""); !maps.Equal(first, second) {
		t.Error("two writings of the same figures differ")
	}
	// beside earlier ones: those that would not differ are taken over
	taken := func() (n int, files map[string]string) {
		files, folder := read(drawn)
		for name := range files {
			a, err := os.Stat(filepath.Join(drawn, name))
			b, err2 := os.Stat(filepath.Join(folder, name))
			if err == nil && err2 == nil && os.SameFile(a, b) {
				n++
			}
		}
		return n, files
	}
	if n, second := taken(); n != len(first)/3 || !maps.Equal(first, second) {
		t.Errorf("%d images of %d taken over; same files: %v", n, len(first)/3, maps.Equal(first, second))
	}
	for i := range d.Stances {
		if s := &d.Stances[i]; s.Target == "strikes" && s.Label != "abstain" && !s.Duplicate && s.Published != nil {
			s.Score *= 1 - 1e-9 // in no digit of the SVG
			break
		}
	}
	want, _ := read("")
	if n, second := taken(); n == 0 || n >= len(first)/3 || !maps.Equal(want, second) {
		t.Errorf("with another score %d images of %d taken over; those of a fresh writing: %v", n, len(first)/3, maps.Equal(want, second))
	}
}

// TestCompare finds the change that was put into two parts, and no other.
func TestCompare(t *testing.T) {
	make := func(name string, shift float64) part {
		p := part{Name: name, Targets: []table.Target{{ID: "raid", Name: "the raid"}}, names: map[string]string{"person:ida": "Ida <b>Quill</b>", "person:odo": "Odo Brandt"}}
		for i := range 40 {
			id := []string{"person:ida", "person:odo"}[i%2]
			score := 0.4
			if i%8 < 4 {
				score = -0.4
			}
			if i%2 == 0 {
				score += shift
			}
			label := "for"
			if score < 0 {
				label = "against"
			}
			p.Stances = append(p.Stances, table.StanceRow{ArticleID: name + string(rune('a'+i)), SpeakerID: &id, Publisher: "Aster Gazette", Target: "raid", Score: score, Label: label})
			if i%20 == 0 { // the tool abstains too, on Ida alone
				p.Stances = append(p.Stances, table.StanceRow{ArticleID: name + string(rune('a'+i)), SpeakerID: &id, Publisher: "Aster Gazette", Target: "raid", Label: "abstain"})
			}
		}
		return p
	}
	var b bytes.Buffer
	if err := compare(&b, make("2030", 0), make("2031", -0.6)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<bdi>2030</bdi> and <bdi>2031</bdi>, compared", `<bdi>Ida &lt;b&gt;Quill&lt;/b&gt;</bdi> moved <b class="say-against">more against</b> <bdi>the raid</bdi>`, "a change of −0.60",
		"<td class=\"num\">9\u00a0%, 9\u00a0%</td>", "<td class=\"num\">0\u00a0%, 0\u00a0%</td>"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("comparison lacks %q", want)
		}
	}
	if strings.Contains(b.String(), "<bdi>Odo Brandt</bdi> moved") {
		t.Error("a speaker who did not change is said to have moved")
	}
	if !strings.Contains(strings.ReplaceAll(b.String(), "&#43;", "+"), cspHash(script)) {
		t.Error("the policy does not name the script")
	}
}

// TestCellDetail holds that no mean stands without its stances, interval and abstentions.
func TestCellDetail(t *testing.T) {
	low, high := -0.5, 0.25
	for _, c := range []struct {
		row  table.SummaryRow
		want string
	}{
		{table.SummaryRow{NFor: 4, NAgainst: 2, NAbstain: 2, CILow: &low, CIHigh: &high}, "n = 6, −0.50 to +0.25, 25\u00a0% abstained"},
		{table.SummaryRow{NFor: 4, NAgainst: 2}, "n = 6, no interval from one article, none abstained"},
		{table.SummaryRow{NNeither: 2, NAbstain: 2, CILow: &low, CIHigh: &high}, "n = 2, 50\u00a0% abstained"},
	} {
		if got := cellDetail(&c.row); got != c.want {
			t.Errorf("cellDetail = %q, want %q", got, c.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		nFor, nAgainst, n int
		low, high         float64
		want              string
	}{
		{8, 1, 10, 0.2, 0.9, "was mostly for"},
		{4, 1, 10, 0.1, 0.4, "was more for than against"},
		{1, 8, 10, -0.9, -0.2, "was mostly against"},
		{1, 5, 10, -0.5, -0.1, "was more against than for"},
		{8, 1, 10, -0.01, 0.9, "took no clear side on"},
		{0, 0, 10, 0, 0, "took no clear side on"},
	} {
		if one, _, side, _ := verdict(c.nFor, c.nAgainst, c.n, c.low, c.high); one+" "+side != c.want {
			t.Errorf("verdict(%+v) = %q, want %q", c, one+" "+side, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(1234567), "1,234,567"}, {count(999), "999"}, {count(-1234), "-1,234"},
		{things(1, "article"), "1 article"}, {things(0, "article"), "0 articles"},
		{signed(-0.001), "0.00"}, {signed(0.5), "+0.50"}, {signed(-1), "−1.00"},
		{percent(0), "0\u00a0%"}, {percent(0.001), "under 1\u00a0%"}, {percent(0.999), "over 99\u00a0%"}, {percent(1), "100\u00a0%"},
		{list([]string{"a", "b", "c"}), "a, b and c"},
		{shown("\ufeff\u2028"), "name without a visible character"}, {shown("Ida\u202e"), "Ida"},
		{webLink("https://a.example/x?y=1"), "https://a.example/x?y=1"}, {webLink("javascript:alert(1)"), ""},
		{webLink("//a.example"), ""}, {webLink("data:text/html,x"), ""}, {webLink("ftp://a.example"), ""},
		{heatClass(-1), "h0"}, {heatClass(0), "h4"}, {heatClass(1), "h8"}, {heatClass(0.3), "h5"},
		{slugs{}.of("person:rosalind-achterberg"), "speaker-person-rosalind-achterberg"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSegments(t *testing.T) {
	context := "“Né,” she said."
	got := segments(context, 100, []layer{{100, 105, isContent}, {101, 103, isEvidence}, {106, 109, isSource}, {110, 114, isCue}, {90, 101, isMention}, {200, 210, isCue}})
	want := []segment{{"“", "k m", false}, {"Né", "k", true}, {",”", "k", false}, {" ", "", false}, {"she", "s", false}, {" ", "", false}, {"said", "c", false}, {".", "", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("“Né,” she said.", int32(3), int32(4), int32(9))
	f.Fuzz(func(t *testing.T, context string, start, from, to int32) {
		if !utf8.ValidString(context) {
			return
		}
		var joined strings.Builder
		for _, s := range segments(context, start, []layer{{from, to, isSource}, {to, from, isCue}, {start, to, isEvidence}}) {
			joined.WriteString(s.Text)
		}
		if joined.String() != plain(context) {
			t.Errorf("%q came out as %q", context, joined.String())
		}
	})
}

func TestSlugsDiffer(t *testing.T) {
	same := func(a, b string) bool {
		s := slugs{}
		return s.of(a) != s.of(b) || a == b
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	if !same("person:a-b", "person:a b") {
		t.Error("two speakers share an anchor")
	}
}

func TestThemesTellTheSidesApart(t *testing.T) {
	got := render(t, large(600, 30))
	for _, want := range []string{"<bdi>fishermen</bdi>", "<bdi>lawful</bdi>"} {
		if !strings.Contains(got, want) {
			t.Errorf("themes lack %s", want)
		}
	}
}

func TestFromTables(t *testing.T) {
	in := few()
	d := in.finish()
	out := filepath.Join(t.TempDir(), "out")
	w, err := table.Create(out, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range in.articles {
		batch := table.Batch{Article: a}
		for _, s := range d.Statements {
			if s.ArticleID == a.ID {
				batch.Statements = append(batch.Statements, s)
			}
		}
		for _, s := range d.Stances {
			if s.ArticleID == a.ID {
				batch.Stances = append(batch.Stances, s)
			}
		}
		if err := w.Add(batch, sha256.Sum256([]byte(a.ID))); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range d.Quarantine {
		w.Quarantine(q)
	}
	info := func(table.Counts) table.RunInfo { return d.Run }
	if _, err := w.Finish(table.Finish{Info: info, Report: WriteRun}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, "report", "index.html")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="speaker-person-rosalind-achterberg"`, "a crime against fishermen</mark>", "Odo Brandt", "harbour.jsonl:7"} {
		if !bytes.Contains(first, []byte(want)) {
			t.Errorf("report lacks %q", want)
		}
	}
	if err := WriteFile(out); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(path); err != nil || !bytes.Equal(first, second) {
		t.Errorf("rebuilt from its tables the report differs (%v)", err)
	}
	if _, err := FromTables(t.TempDir()); err == nil {
		t.Error("an empty folder gave a report")
	}
}

func BenchmarkWrite(b *testing.B) {
	d := large(10_000, 120)
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		size = len(render(b, d))
	}
	b.SetBytes(int64(size))
}
