package aggregate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profilesOf reads "type:Name × count" lines; the id is made of type and name.
func profilesOf(t testing.TB, order []int, lines ...string) map[string]*Profile {
	t.Helper()
	out := map[string]*Profile{}
	for _, i := range order {
		kind, rest, _ := strings.Cut(lines[i], ":")
		var name string
		var n int
		if k, err := fmt.Sscanf(rest[strings.LastIndex(rest, " ")+1:], "%d", &n); k != 1 {
			t.Fatal(err)
		}
		name = strings.TrimSpace(rest[:strings.LastIndex(rest, " ")])
		id := kind + ":" + strings.ToLower(strings.ReplaceAll(name, " ", "-"))
		if out[id] == nil {
			out[id] = &Profile{}
		}
		for range n {
			s := Speaker{ID: id, Name: name, Type: kind}
			if at := strings.LastIndexByte(name, ' '); at > 0 && kind == "person" && n > 1 {
				s.Aliases = []string{name[at+1:]} // an article that gives a man twice uses his surname
			}
			out[id].Add(s)
		}
	}
	return out
}

func TestIdentify(t *testing.T) {
	for _, tt := range []struct {
		name    string
		lines   []string
		rulings []Ruling
		want    []string // "id > id that stays", sorted
	}{
		{"surname and full name", []string{"person:Roth 9", "person:Agnes Roth 2"}, nil, []string{"person:roth > person:agnes-roth"}},
		{"nobody is called by the word alone", []string{"person:Roth 9", "person:Average Roth 1"}, nil, nil},
		{"a given name that looks like a particle", []string{"person:Ben Hale 3", "person:Jon Hale 3"}, nil, nil},
		{"titles and places around", []string{"person:Lt Gen Orlo Brandt 1", "person:Orlo Brandt 3", "person:Orlo Brandt of Averil 1"}, nil,
			[]string{"person:lt-gen-orlo-brandt > person:orlo-brandt", "person:orlo-brandt-of-averil > person:orlo-brandt"}},
		{"two first names, one surname", []string{"person:Agnes Roth 2", "person:Viktor Roth 3", "person:Roth 9"}, nil, nil},
		{"initial and nickname", []string{"person:Robert Hale 2", "person:Bob Hale 2", "person:R. Hale 1"}, nil,
			[]string{"person:bob-hale > person:robert-hale", "person:r.-hale > person:robert-hale"}},
		{"an initial that two could claim", []string{"person:Robert Hale 2", "person:Rosa Hale 2", "person:R. Hale 1"}, nil, nil},
		{"middle initials that differ", []string{"person:Orlo F. Brandt 2", "person:Orlo G. Brandt 2", "person:Orlo Brandt 1"}, nil, nil},
		{"middle initial and none", []string{"person:Orlo F. Brandt 2", "person:Orlo Brandt 5"}, nil, []string{"person:orlo-brandt > person:orlo-f.-brandt"}},
		{"father and son", []string{"person:Orlo Brandt Jr. 2", "person:Orlo Brandt Sr. 5"}, nil, nil},
		{"transliterations", []string{"person:Sergei Voronskoy 3", "person:Sergey Voronskoi 2", "person:Walid al-Mansuri 2", "person:Waleed Mansouri 1"}, nil,
			[]string{"person:sergey-voronskoi > person:sergei-voronskoy", "person:waleed-mansouri > person:walid-al-mansuri"}},
		{"accents", []string{"person:René Lévêque 3", "person:Rene Leveque 2"}, nil, []string{"person:rene-leveque > person:rené-lévêque"}},
		{"acronym", []string{"organisation:HWU 3", "organisation:Harbour Workers Union 2", "organisation:ABC 1"}, nil,
			[]string{"organisation:hwu > organisation:harbour-workers-union"}},
		{"acronym of two bodies", []string{"organisation:HWU 3", "organisation:Harbour Workers Union 2", "organisation:Hill Walkers Union 2"}, nil, nil},
		{"one name under two types", []string{"person:Northwind 3", "organisation:Northwind 5", "unnamed:Northwind 4"}, nil, []string{"person:northwind > organisation:northwind"}},
		{"unnamed sources stay", []string{"unnamed:unnamed official 3", "unnamed:unnamed senior official 2"}, nil, nil},
		{"known ids stay two", []string{"person:Tom Known 3", "person:Thomas Known 2"}, nil, nil},
		{"a known id stays", []string{"person:Ida Known 1", "person:Ida Q. Known 7"}, nil, []string{"person:ida-q.-known > person:ida-known"}},
		{"forced", []string{"person:Agnes Roth 2", "person:The Fox 3"}, []Ruling{{"The Fox", "person:agnes-roth", true}}, []string{"person:the-fox > person:agnes-roth"}},
		{"forced to one of two bearers", []string{"person:Agnes Roth 2", "person:Viktor Roth 3", "person:Roth 9"}, []Ruling{{"Roth", "Viktor Roth", true}}, []string{"person:roth > person:viktor-roth"}},
		{"forbidden", []string{"person:Roth 9", "person:Agnes Roth 2"}, []Ruling{{"roth", "Agnes Roth", false}}, nil},
		{"forbidden by way of a third", []string{"person:Bob Hale 9", "person:R. Hale 2", "person:Robert Hale 1"}, []Ruling{{"Bob Hale", "Robert Hale", false}}, nil},
		{"a ruling on nobody", []string{"person:Agnes Roth 2"}, []Ruling{{"Nobody", "Agnes Roth", true}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var first []Decision
			for trial := range 6 {
				merged, decisions, err := Identify(profilesOf(t, rand.Perm(len(tt.lines)), tt.lines...),
					func(id string) bool { return strings.HasSuffix(id, "-known") && strings.Count(id, "-") == 1 }, nil, tt.rulings)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for from, to := range merged {
					got = append(got, from+" > "+to)
				}
				slices.Sort(got)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Fatal(diff)
				}
				if trial == 0 {
					first = decisions
				} else if diff := cmp.Diff(first, decisions); diff != "" {
					t.Fatalf("another order, other decisions: %s", diff)
				}
			}
		})
	}
}

func TestIdentifyRefuses(t *testing.T) {
	profiles := profilesOf(t, []int{0, 1}, "person:Agnes Roth 1", "person:Viktor Hale 1")
	for _, tt := range []struct {
		rulings []Ruling
		want    string
	}{
		{[]Ruling{{"Agnes Roth", "Viktor Hale", true}, {"Viktor Hale", "Agnes Roth", false}}, "to be the same, and to be kept apart"},
		{[]Ruling{{"Agnes Roth", "person:agnes-roth", false}}, "are one id"},
	} {
		if _, _, err := Identify(profiles, nil, nil, tt.rulings); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %q", tt.rulings, err, tt.want)
		}
	}
}

func TestDecisions(t *testing.T) {
	profiles := profilesOf(t, []int{0, 1, 2, 3}, "person:Agnes Roth 2", "person:Viktor Roth 5", "person:Roth 9", "person:V. Roth 1")
	_, decisions, err := Identify(profiles, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range decisions {
		got = append(got, fmt.Sprintf("%s %d %s %d: %s", d.Name, d.Statements, d.OtherName, d.OtherCount, d.Verdict))
	}
	want := []string{"Roth 9 Agnes Roth 2: open", "Roth 9 Viktor Roth 5: open", "Agnes Roth 2 Viktor Roth 5: different", "V. Roth 1 Viktor Roth 5: same"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAbsorb(t *testing.T) {
	var p, q Profile
	p.Add(Speaker{Name: "Agnes Roth", Type: "person", Aliases: []string{"Roth"}})
	for range 3 {
		q.Add(Speaker{Name: "Roth", Type: "person", Wikidata: "Q1", Aliases: []string{"Ms. Roth"}})
	}
	p.Absorb(&q)
	want := Speaker{ID: "x", Name: "Agnes Roth", Type: "person", Wikidata: "Q1", Aliases: []string{"Ms. Roth", "Roth"}}
	if diff := cmp.Diff(want, p.Best("x")); diff != "" {
		t.Error(diff)
	}
}

// TestPublishedIDsStay holds that a fuller name of a later night joins the id
// that stands, and that the catalogue's goes before both.
func TestPublishedIDsStay(t *testing.T) {
	profiles := profilesOf(t, []int{0, 1}, "person:Roth 2", "person:Agnes M. Roth 9")
	short, full := "person:roth", "person:agnes-m.-roth"
	for _, tt := range []struct {
		name             string
		known, published string
		want             map[string]string
	}{
		{"the first night", "", "", map[string]string{short: full}},
		{"the short one is published", "", short, map[string]string{full: short}},
		{"the full one is published", "", full, map[string]string{short: full}},
		{"the catalogue's name is new", full, short, map[string]string{short: full}},
	} {
		merged, _, err := Identify(profiles, func(id string) bool { return id == tt.known }, func(id string) bool { return id == tt.published }, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, merged); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// FuzzIdentify holds that merging ends, that what stays is not itself merged,
// and that two names are compatible both ways or not at all.
func FuzzIdentify(f *testing.F) {
	f.Add("Agnes Roth", "Roth", "A. Roth")
	f.Add("Walid al-Mansuri", "W. Mansouri Jr.", "de Mansuri")
	f.Add("U.N.", "İ.", "ß -")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		profiles := map[string]*Profile{}
		for i, name := range []string{a, b, c} {
			p := &Profile{}
			p.Add(Speaker{Name: name, Type: []string{"person", "person", "organisation"}[i]})
			profiles[fmt.Sprintf("person:%d", i)] = p
		}
		merged, _, err := Identify(profiles, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for from, to := range merged {
			if _, ok := merged[to]; ok || from == to || profiles[to] == nil {
				t.Fatalf("%s was merged into %s", from, to)
			}
		}
		x, y := parsePerson(a), parsePerson(b)
		if x.compatible(&y) != y.compatible(&x) {
			t.Fatalf("%q and %q: compatible one way only", a, b)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	profiles := map[string]*Profile{}
	for i := range 5000 {
		p := &Profile{}
		name := fmt.Sprintf("%c%s Sur%d", 'A'+rune(i%26), []string{"da", "lo", "vi"}[i%3], i%1500)
		if i%4 == 0 {
			name = fmt.Sprintf("Sur%d", i%1500)
		}
		p.Add(Speaker{Name: name, Type: "person"})
		profiles[fmt.Sprint(i)] = p
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Identify(profiles, nil, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
