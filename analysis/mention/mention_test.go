package mention

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/segment"
	"github.com/standpoint-news/standpoint/analysis/tag"
	"github.com/standpoint-news/standpoint/analysis/tokenize"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/models"
)

var ownSpeakers = []Spec{
	{Name: "Valdorian government", Type: "government", Aliases: []string{"Valdoria"}, Metonyms: []string{"Velgrad", "the Admiralty", "Admiralty"}, Demonyms: []string{"Valdorian"}},
	{ID: "government:ostrana", Name: "Ostranan government", Type: "government", Aliases: []string{"Ostrana"}, Metonyms: []string{"Norhaven"}, Demonyms: []string{"Ostranan"}},
	{ID: "person:ilse-corran", Name: "Ilse Corran", Type: "person", Gender: "feminine", Short: []string{"Corran"}, Offices: []Office{
		{Title: "trade minister", Of: "government:ostrana", From: "2011-05-01", To: "2013-06-30"}}},
	{ID: "person:tom-berrick", Name: "Tom Berrick", Type: "person", Gender: "masculine", Offices: []Office{
		{Title: "trade minister", Of: "government:ostrana", From: "2013-07-01"}}},
}

func catalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := NewCatalogue(models.Speakers(), ownSpeakers)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t testing.TB, c *Catalogue, text string) *corpus.Document {
	t.Helper()
	segments, err := segment.New()
	if err != nil {
		t.Fatal(err)
	}
	weights, err := models.Tag()
	if err != nil {
		t.Fatal(err)
	}
	tags, err := tag.New(weights)
	if err != nil {
		t.Fatal(err)
	}
	doc := &corpus.Document{ID: "test", Text: text}
	for _, s := range []interface {
		Process(*corpus.Document) error
	}{clean.New(), tokenize.New(), segments, tags, New(c)} {
		if err := s.Process(doc); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

func newTestResolver(t testing.TB, c *Catalogue, least float64) *Resolver {
	t.Helper()
	ranker, err := models.Antecedents()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResolver(c, ranker, least)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEntities(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ name, text, want string }{
		{"surname after full name", "Foreign Minister Agnes Roth spoke first. Roth then left, and Ms. Roth did not return.",
			"person Agnes Roth: Agnes Roth, Roth"},
		{"two of one surname", "Agnes Roth met Viktor Roth. Mr. Roth said little.",
			"person Agnes Roth: Agnes Roth; person Viktor Roth: Viktor Roth, Roth"},
		{"state, capital, adjective", "Valdoria said no. In Velgrad, Valdorian officials were silent.",
			"government Valdorian government: Valdoria, Velgrad"},
		{"bodies", "The Council of Free Towns met the Harbour Workers Union.",
			"organisation Council of Free Towns: Council of Free Towns; organisation Harbour Workers Union: Harbour Workers Union"},
		{"initials and generation", "Orlo F. Brandt Jr. met Ada Q. Lindt. Brandt left first.",
			"person Orlo F. Brandt Jr.: Orlo F. Brandt Jr., Brandt; person Ada Q. Lindt: Ada Q. Lindt"},
		{"acronym, part of a name", "The Harbour Workers Union met the Ferry Owners Association. The HWU left, and the Association stayed.",
			"organisation Harbour Workers Union: Harbour Workers Union, HWU; organisation Ferry Owners Association: Ferry Owners Association, Association"},
		{"name at a sentence's start", "They heard Skarv in court. Skarv was calm.", "person Skarv: Skarv"},
		{"a name that is a title elsewhere", "Angus King spoke first. King was calm, and the king was not there.", "person Angus King: Angus King, King"},
		{"ministries", "Ostrana's Foreign Ministry was silent. The Valdorian Defence Ministry was not.",
			"government Ostranan government: Ostrana, Foreign Ministry; government Valdorian government: Defence Ministry"},
		{"adjective that leaves, adjective that stays", "American Harbour Union met Valdorian President Ismar Dravek.",
			"person Ismar Dravek: Ismar Dravek; organisation American Harbour Union: American Harbour Union"},
		{"a word from within a name", "The Harbour Observatory for Tides spoke. The Observatory had more.", "organisation Harbour Observatory for Tides: Harbour Observatory for Tides, Observatory"},
		{"known short name in capitals", "CORRAN was there.", "person Ilse Corran: CORRAN"},
		{"known short name", "Corran was there.", "person Ilse Corran: Corran"},
		{"a short name that the article gives to another", "Viktor Corran was there. Corran left.", "person Viktor Corran: Viktor Corran, Corran"},
		{"husband and wife, one of them named twice", "Viktor Hale spoke. Viktor Hale and Ada Hale left. Hale had said no.",
			"person Viktor Hale: Viktor Hale, Hale; person Ada Hale: Ada Hale"},
		{"capitals of a transcript", "VIKTOR HALE: No.\n\nLater Viktor Hale left. Hale said no.", "person Viktor Hale: VIKTOR HALE, Viktor Hale, Hale"},
		{"capitals of a heading", "FORCED REMOVALS\n\nLater Viktor Hale left.", "person Viktor Hale: Viktor Hale"},
		{"named in full in a caption alone", "Photo: Tom Berrick at the harbour\n\nBerrick said no.", "person Tom Berrick: Berrick"},
		{"a woman of the same surname", "Viktor Hale left. Mrs. Hale stayed. Mr. Hale returned.", "person Viktor Hale: Viktor Hale, Hale; person Hale: Hale"},
		{"Arabic article", "Walid al-Mansuri spoke. Mansuri left, and Al-Mansuri returned.", "person Walid al-Mansuri: Walid al-Mansuri, Mansuri, Al-Mansuri"},
		{"title-case headline", "Dravek Rejects Council Draft After Roth Speech\n\nPresident Ismar Dravek rejected it. Agnes Roth had spoken.",
			"person Ismar Dravek: Ismar Dravek; person Agnes Roth: Agnes Roth"},
	} {
		t.Run(x.name, func(t *testing.T) {
			doc := read(t, c, x.text)
			var got []string
			for _, e := range doc.Entities {
				got = append(got, fmt.Sprintf("%v %s: %s", e.Type, e.Name, strings.Join(e.Aliases, ", ")))
			}
			if diff := cmp.Diff(x.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ text, want string }{
		{"Valdorian foreign minister Agnes Roth spoke.", "foreign minister, valdorian foreign minister"},
		{"Agnes Roth, chair of the harbour council, spoke.", "chair of the harbour council"},
		{"The ministry's spokeswoman, Agnes Roth, spoke.", "ministry spokeswoman"},
		{"Agnes Roth is a doctor in Velgrad.", "doctor in velgrad"},
		{"Northwind chief executive Agnes Roth spoke.", "chief executive, northwind chief executive"},
		{"Agnes Roth, however, spoke.", ""},
	} {
		doc := read(t, c, x.text)
		got := ""
		for _, e := range doc.Entities {
			if e.Name == "Agnes Roth" {
				got = strings.Join(e.Titles, ", ")
			}
		}
		if got != x.want {
			t.Errorf("%q: got %q, want %q", x.text, got, x.want)
		}
	}
}

// TestSpeakers resolves a source expression given between ⟨ and ⟩.
func TestSpeakers(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ name, text, want string }{
		{"full name with title", "⟨Defense Secretary Orlo Brandt⟩ said the base was shut.", "Orlo Brandt by name"},
		{"possessor and name", "⟨Valdoria's Safran⟩ called it a provocation.", "Safran by name"},
		{"capital", "⟨Velgrad⟩ said it had seen no proof.", "Valdorian government by metonym"},
		{"state", "⟨Valdoria⟩ said it had seen no proof.", "Valdorian government by name"},
		{"apposition", "⟨The ministry's spokeswoman, Ada Lindt,⟩ said no.", "Ada Lindt by name"},
		{"spokesman for a body", "⟨A spokesman for the Admiralty⟩ said no.", "Valdorian government by description"},
		{"spokeswoman of a senator", "Valdoria slept. Valdorian Sen. Orlo Brandt was late. ⟨A Brandt spokeswoman⟩ said no.", "unnamed Brandt spokeswoman by description"},
		{"spokesman of a party", "President Orlo Brandt of Velgrad slept. ⟨The spokesman for Brandt’s Harbour Party⟩ said no.", "Harbour Party by description"},
		{"nobody", "⟨Nobody⟩ said the harbour would be saved.", "nobody: the source may be no person or body"},
		{"a share", "42 percent said yes. ⟨37 percent of voters⟩ said no.", "37 percent of voters by description"},
		{"a people and one of its kinds", "Velmoran Kurds slept. ⟨The Kurds⟩ said no.", "Kurds by name"},
		{"former office", "⟨Then–chancellor Ulrich Wendt⟩ said no.", "Ulrich Wendt by name"},
		{"who bears a state’s name", "Robert Jordan, an envoy, slept. ⟨Jordan⟩ said no.", "Robert Jordan by name"},
		{"a state beside who bears its name", "Robert Jordan, an envoy, slept. In May ⟨Russia⟩ said no.", "Russian government by name"},
		{"aide of a person", "⟨An aide to Orlo Brandt⟩ said no.", "unnamed aide to Orlo Brandt by description"},
		{"group", "⟨Activists in the town⟩ said no.", "Activists in the town by description"},
		{"joint speakers", "⟨Senators Agnes Roth and Viktor Hale⟩ said no.", "Agnes Roth; Viktor Hale by name"},
		{"joint speakers with their states", "⟨Two Sens. Agnes Roth of Velgrad and Viktor Hale of New Harbour⟩ said no.", "Agnes Roth; Viktor Hale by name"},
		{"name and role without a comma", "⟨Mara Venn a local activist in the port⟩ said no.", "Mara Venn by name"},
		{"name and office without a comma", "⟨Mara Venn head of the rescue team⟩ said no.", "Mara Venn by name"},
		{"name of a group's leader", "⟨Mara Venn supporters⟩ said no.", "Mara Venn supporters by description"},
		{"words before a noun that is cut off", "⟨Fishermen from the islands off the long northern coast of Valdoria⟩ said no.", "Fishermen from the islands by description"},
		{"nothing behind the preposition", "⟨Harbour officials on⟩ Monday said no.", "Harbour officials by description"},
		{"credit before the source", "⟨( Wire ) Harbour officials⟩ said no.", "Harbour officials by description"},
		{"much of a group", "⟨Much of the merchant community⟩ said no.", "merchant community by description"},
		{"joint speakers behind what they are", "⟨Two harbour senators, Agnes Roth of Velgrad and Viktor Hale of New Harbour⟩, said no.", "Agnes Roth; Viktor Hale by name"},
		{"a name, a public and others", "⟨The Admiralty, the Valdorian public and other island leaders⟩ said no.", "Valdorian government; Valdorian public; island leaders by name"},
		{"names and others", "⟨Valdoria, Ostrana and other allies⟩ said no.", "Valdorian government; Ostranan government; allies by name"},
		{"a name and those of it", "Orlo Brandt came. ⟨Brandt and his aides⟩ said no.", "Orlo Brandt; Orlo Brandt's aides by name"},
		{"a name with what it is, and another", "⟨Agnes Roth, the mayor, and Viktor Hale⟩ said no.", "Agnes Roth; Viktor Hale by name"},
		{"places that a group is from", "⟨Valdorian allies from Ostrana, Velgrad and the islands⟩ said no.", "Valdorian allies from Ostrana by description"},
		{"noun with a participle behind", "⟨A senior harbour official involved in fishing matters⟩ said no.", "unnamed senior harbour official involved in fishing matters by description"},
		{"words of a heading", "⟨HARBOUR IN THE CROSSHAIRS⟩ said no.", "nobody: source expression is unclear"},
		{"figures who speak", "⟨Opposition figures⟩ said no.", "Opposition figures by description"},
		{"title held by one", "President Ismar Dravek spoke. Later ⟨the president⟩ said no.", "Ismar Dravek by title"},
		{"the office and the state", "Valdorian President Ismar Dravek met Ostranan President Piet Marr. Later ⟨the Ostranan president⟩ said no.", "Piet Marr by title"},
		{"holder on the day", "⟨Ostrana's trade minister⟩ said no.", "Ilse Corran by title"},
		{"title with a place inside", "The state said no. ⟨Minister of State Agnes Lindt⟩ said no.", "Agnes Lindt by name"},
		{"role with a body inside", "⟨Chair of the Harbour Board Agnes Lindt⟩ said no.", "Agnes Lindt by name"},
		{"ministry of a state", "⟨Valdoria’s foreign ministry⟩ said no.", "Valdorian government by description"},
		{"another's council", "⟨The Harbour Region Security Council⟩ said no.", "Harbour Region Security Council by name"},
		{"father and son", "⟨George H.W. Bush⟩ said no.", "George H.W. Bush by name"},
		{"a first name that is a verb", "The mayor and ⟨Will Marsten⟩ said no.", "Will Marsten by name"},
		{"a king called by his first name", "Saudi King Abdullah came. ⟨King Abdullah⟩ said no.", "Abdullah of Saudi Arabia by name"},
		{"a man's team", "Team Marsten won. Viktor Marsten came. ⟨Marsten⟩ said no.", "Viktor Marsten by name"},
		{"joint states", "⟨Valdoria and Ostrana⟩ said no.", "Valdorian government; Ostranan government by name"},
		{"joint of three", "⟨Agnes Roth, Viktor Hale and Ada Lindt⟩ said no.", "Agnes Roth; Viktor Hale; Ada Lindt by name"},
		{"accused by another", "⟨Orlo Brandt, who has been accused by the Admiralty of theft⟩ said no.", "Valdorian government by metonym"},
		{"joint speakers of a party", "⟨Two Democratic senators, Agnes Roth of Maryland and Viktor Hale of New Mexico⟩, said no.", "Agnes Roth; Viktor Hale by name"},
		{"continents that a group is from", "⟨Valdorian allies from Asia, Europe and the Middle East⟩ said no.", "Valdorian allies from Asia by description"},
		{"where one is from", "⟨Others, such as Velgrad Republican Ada Lindt⟩, said no.", "Ada Lindt by name"},
		{"aide of one from a place", "⟨An aide to Orlo Brandt, a Velgrad Republican⟩, said no.", "unnamed aide to Orlo Brandt by description"},
		{"no joint speakers", "⟨The leaders of Valdoria and Ostrana⟩ said no.", "leaders of Valdoria and Ostrana by description"},
		{"people for the government", "⟨The Valdorians⟩ said no.", "Valdorian government by metonym"},
		{"rule of a man", "Valdorian President Ismar Dravek was silent. ⟨The Dravek government⟩ said no.", "Valdorian government by description"},
		{"president's spokesman", "Valdorian President Ismar Dravek was silent. ⟨A spokesman for Dravek⟩ said no.", "Valdorian government by description"},
		{"what is his", "Ismar Dravek was silent. ⟨His office⟩ said no.", "Ismar Dravek's office by description"},
		{"what he wrote", "Ismar Dravek was silent. ⟨His letter⟩ said no.", "Ismar Dravek by pronoun"},
		{"body", "The Harbour Board met. ⟨The board⟩ said no.", "Harbour Board by description"},
		{"a place", "Word came ⟨in Velgrad⟩ that it was so.", "Valdorian government by metonym"},
		{"not a pronoun", "⟨WHO⟩ said no.", "World Health Organization by name"},
		{"an act", "⟨The escalation⟩ said no.", "nobody: the source may be no person or body"},
		{"woman", "Agnes Roth met Viktor Hale in the morning. ⟨She⟩ said no.", "Agnes Roth by pronoun"},
		{"nobody of that gender", "Agnes Roth spoke. ⟨He⟩ said no.", "nobody: pronoun without an antecedent"},
		{"a text", "⟨The report⟩ said no.", "nobody: the source is a text whose author is not named"},
	} {
		t.Run(x.name, func(t *testing.T) {
			start := strings.Index(x.text, "⟨")
			text := strings.Replace(x.text, "⟨", "", 1)
			end := strings.Index(text, "⟩")
			text = strings.Replace(text, "⟩", "", 1)
			doc := read(t, c, text)
			doc.Published = time.Date(2012, 3, 4, 0, 0, 0, 0, time.UTC)
			source := corpus.Span{Start: start, End: end}
			doc.Statements = []corpus.Statement{statementOf(doc, source)}
			doc.Add(corpus.LayerStatements)
			if err := newTestResolver(t, c, 0.3).Process(doc); err != nil {
				t.Fatal(err)
			}
			s := doc.Statements[0]
			got := "nobody: " + s.SpeakerNote
			if s.Speaker >= 0 {
				var each []string
				for _, s := range doc.Statements {
					each = append(each, doc.Entities[s.Speaker].Name)
				}
				got = strings.Join(each, "; ") + " by " + s.Resolution.String()
			}
			if got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// statementOf is a statement as the reader of statements finds it: the verb behind the
// source, or "accused" in it, is its cue, the rest of the sentence its content.
func statementOf(doc *corpus.Document, source corpus.Span) corpus.Statement {
	out := corpus.Statement{Kind: corpus.Indirect, Source: []corpus.Span{source}, Confidence: 0.9, SourceConf: 0.95, Speaker: -1,
		CueLemma: "say", Sentence: doc.SentenceAt(source.Start)}
	for i := doc.TokensIn(source).First; i+1 < len(doc.Tokens); i++ {
		if w := doc.TokenText(i); w == "accused" || doc.Tokens[i].Start >= source.End && doc.Tokens[i].Tag == "VBD" {
			out.Cue = []corpus.Span{doc.Tokens[i].Span}
			out.Content = []corpus.Span{{Start: doc.Tokens[i+1].Start, End: doc.Sentences[out.Sentence].End}}
			break
		}
	}
	return out
}

// TestTurns resolves several statements in their order.
func TestTurns(t *testing.T) {
	c := catalogue(t)
	text := "Agnes Roth met Viktor Hale. “I think we failed,” Hale said. He also said more.\n\nA senior Valdorian official said no. The official said it twice.\n\n“We won.”\n\nHe said so."
	doc := read(t, c, text)
	add := func(source, content string, from int) {
		at := from + strings.Index(text[from:], source)
		st := corpus.Statement{Kind: corpus.Indirect, Confidence: 0.9, SourceConf: 0.95, CueLemma: "say", Speaker: -1, Sentence: doc.SentenceAt(at)}
		if source != "" {
			st.Source = []corpus.Span{{Start: at, End: at + len(source)}}
		}
		if content != "" {
			k := strings.Index(text, content)
			st.Content = []corpus.Span{{Start: k, End: k + len(content)}}
			if source == "" {
				st.Sentence = doc.SentenceAt(k)
			}
		}
		doc.Statements = append(doc.Statements, st)
	}
	add("I", "we failed", strings.Index(text, "“I"))
	add("Hale", "I think we failed", strings.Index(text, "Hale said"))
	add("He", "more", strings.Index(text, "He also"))
	add("A senior Valdorian official", "no", 0)
	add("The official", "it twice", 0)
	add("", "“We won.”", 0)
	add("He", "so", strings.Index(text, "He said so"))
	doc.Add(corpus.LayerStatements)
	if err := newTestResolver(t, c, 0.45).Process(doc); err != nil {
		t.Fatal(err)
	}
	want := []string{"Viktor Hale", "Viktor Hale", "Viktor Hale", "unnamed senior Valdorian official", "unnamed senior Valdorian official", "", ""}
	for i, s := range doc.Statements {
		got := ""
		if s.Speaker >= 0 {
			got = doc.Entities[s.Speaker].Name
		}
		if got != want[i] {
			t.Errorf("statement %d: got %q, want %q (%v)", i, got, want[i], s.Candidates)
		}
	}
}

// TestTrain holds that training repeats to the byte and learns to prefer the
// man who speaks.
func TestTrain(t *testing.T) {
	c := catalogue(t)
	var articles []CodedArticle
	make20 := func() []CodedArticle {
		articles = nil
		for i := range 20 {
			text := []string{"Agnes Roth met Viktor Hale. Hale spoke. He said no.", "Viktor Hale met Agnes Roth. Roth spoke. She said no."}[i%2]
			doc := read(t, c, text)
			at := strings.LastIndex(text, []string{"He said", "She said"}[i%2])
			source := corpus.Span{Start: at, End: at + len("He") + i%2}
			doc.Statements = []corpus.Statement{{Source: []corpus.Span{source}, SourceConf: 1, Speaker: -1, Sentence: doc.SentenceAt(at)}}
			doc.Add(corpus.LayerStatements)
			name := []string{"Viktor Hale", "Agnes Roth"}[i%2]
			articles = append(articles, CodedArticle{doc, []Coded{{source, name}}, []Judged{{doc.Statements[0], []string{name}}}, []Meant{{source, []string{name}}}})
		}
		return articles
	}
	settings := Settings{L2: 1, MinCount: 1, Folds: 5, MinJudged: 1, SureWrong: 0.04, Agree: func(a, b string) bool { return a == b }}
	a, trained, err := Train(c, make20(), settings)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := Train(c, make20(), settings)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("another model from the same articles: %v", err)
	}
	scores, calibration := trained.Speakers, trained.Calibration
	if len(scores) != 2 || scores[0].Class != "he" || scores[0].Anaphors != 10 || scores[0].Right != 10 {
		t.Errorf("scores %+v", scores)
	}
	if calibration.Judged != 20 || calibration.Right != 20 || calibration.Error > 0.3 || calibration.SureWrong != 0 {
		t.Errorf("calibration %+v", calibration)
	}
	if _, _, err := Train(c, nil, settings); err == nil {
		t.Error("trained on nothing")
	}
	if _, err := NewResolver(c, []byte(modelMagic), 0); err == nil {
		t.Error("a model cut short was taken")
	}
}

// TestAbstains holds that rivals are listed, best first, where none is likely.
func TestAbstains(t *testing.T) {
	c := catalogue(t)
	text := "Viktor Hale met Orlo Brandt and Tom Ferris with Paul Lindt on Monday. He said no."
	doc := read(t, c, text)
	start := strings.Index(text, "He said")
	doc.Statements = []corpus.Statement{{Source: []corpus.Span{{Start: start, End: start + 2}}, SourceConf: 1, Sentence: 1}}
	doc.Add(corpus.LayerStatements)
	if err := newTestResolver(t, c, 0.9).Process(doc); err != nil {
		t.Fatal(err)
	}
	s := doc.Statements[0]
	if s.Speaker != -1 || len(s.Candidates) < 3 || s.SpeakerNote == "" {
		t.Fatalf("speaker %d, candidates %v, note %q", s.Speaker, s.Candidates, s.SpeakerNote)
	}
	for i := 1; i < len(s.Candidates); i++ {
		if s.Candidates[i].Confidence > s.Candidates[i-1].Confidence {
			t.Errorf("candidates out of order: %v", s.Candidates)
		}
	}
}

func TestCatalogueRefuses(t *testing.T) {
	for _, x := range []struct {
		spec Spec
		want string
	}{
		{Spec{Type: "person"}, "has no name"},
		{Spec{Name: "A", Type: "robot"}, "is none of person, organisation, government, group"},
		{Spec{Name: "A", Type: "person", Gender: "x"}, "neither masculine nor feminine"},
		{Spec{Name: "A", Type: "person", Offices: []Office{{}}}, "an office has no title"},
		{Spec{Name: "A", Type: "person", Offices: []Office{{Title: "mayor", From: "May 2011"}}}, `"May 2011" is no day`},
	} {
		if err := x.spec.Validate(); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: got %v, want %q", x.spec, err, x.want)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("Agnes Roth met Mr. Hale. “He said so,” she said.")
	f.Add("The U.S. Senate, U.N. and Velgrad's Roth-Hale (R-Utah)")
	c := catalogue(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := read(t, c, text)
		last := 0
		for _, m := range doc.Mentions {
			if m.Start < last || m.End > len(text) || m.Start >= m.End || !utf8.ValidString(text[m.Start:m.End]) {
				t.Fatalf("mention %+v after %d", m, last)
			}
			last = m.Start
			if m.Entity >= len(doc.Entities) || (m.Entity < 0) != (m.Kind == corpus.Pronoun) {
				t.Fatalf("mention %+v of %d entities", m, len(doc.Entities))
			}
		}
		for _, e := range doc.Entities {
			if e.Name == "" || e.ID == "" {
				t.Fatalf("entity %+v", e)
			}
		}
	})
}

// FuzzSpeakers holds that any source expression is resolved within bounds, its
// rivals in order.
func FuzzSpeakers(f *testing.F) {
	f.Add("Agnes Roth met Mr. Hale, the Ostranan president. “He said so,” she said. His office and the board's WHO said no.", uint16(5))
	f.Add("The Valdorians and Ada's ministry of one, and", uint16(1))
	f.Add("'s of , the", uint16(2))
	c := catalogue(f)
	resolver := newTestResolver(f, c, 0.3)
	f.Fuzz(func(t *testing.T, text string, width uint16) {
		if !utf8.ValidString(text) || len(text) > 2000 {
			t.Skip()
		}
		doc := read(t, c, text)
		n := 1 + int(width)%8
		for i := range doc.Tokens {
			if doc.Tokens[i].Sentence < 0 {
				continue
			}
			last := min(i+n, len(doc.Tokens)) - 1
			doc.Statements = append(doc.Statements, corpus.Statement{SourceConf: 0.9, Sentence: doc.Tokens[i].Sentence, Inherited: i%5 == 4,
				Source:  []corpus.Span{{Start: doc.Tokens[i].Start, End: max(doc.Tokens[i].End, doc.Tokens[last].End)}},
				Content: []corpus.Span{{Start: 0, End: doc.Tokens[i].Start}}})
		}
		doc.Add(corpus.LayerStatements)
		if err := resolver.Process(doc); err != nil {
			t.Fatal(err)
		}
		for _, s := range doc.Statements {
			if s.Speaker < -1 || s.Speaker >= len(doc.Entities) || s.SpeakerConfidence < 0 || s.SpeakerConfidence > 1 || (s.Speaker < 0) != (s.SpeakerNote != "") {
				t.Fatalf("statement %+v of %d entities", s, len(doc.Entities))
			}
			for i, c := range s.Candidates {
				if c.Entity < 0 || c.Entity >= len(doc.Entities) || c.Confidence < 0 || c.Confidence > 1 || i > 0 && c.Confidence > s.Candidates[i-1].Confidence {
					t.Fatalf("candidates %+v", s.Candidates)
				}
			}
		}
		for _, e := range doc.Entities {
			if e.Name == "" || e.ID == "" {
				t.Fatalf("entity %+v", e)
			}
		}
	})
}

func BenchmarkMentions(b *testing.B) {
	text := strings.Repeat("Foreign Minister Agnes Roth met Viktor Hale in Velgrad. She said that the council had no proof, and he left.\n\n", 30)
	c := catalogue(b)
	doc := read(b, c, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc.Mentions, doc.Entities = nil, nil
		if err := New(c).Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
