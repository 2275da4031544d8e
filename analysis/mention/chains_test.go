package mention

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// linked reads a text in which a pronoun stands in ⟨…⟩ and returns the words of
// the references before it in its chain, the nearest first.
func linked(t *testing.T, c *Catalogue, text string, statements ...corpus.Statement) []string {
	t.Helper()
	at := strings.Index(text, "⟨")
	doc := read(t, c, strings.NewReplacer("⟨", "", "⟩", "").Replace(text))
	doc.Statements = statements
	doc.Add(corpus.LayerStatements | corpus.LayerSpeakers)
	refs, err := newTestResolver(t, c, 0.3).References(doc)
	if err != nil {
		t.Fatal(err)
	}
	chain := -1
	var out []string
	for i := len(refs) - 1; i >= 0; i-- {
		if refs[i].Head.Start == at {
			chain = refs[i].Chain
			continue
		}
		if chain >= 0 && refs[i].Chain == chain {
			out = append(out, doc.Slice(refs[i].Span))
		}
	}
	return out
}

func TestReferences(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct{ name, text, want string }{
		{"a man", "Viktor Hale met Agnes Roth. ⟨He⟩ waved.", "Viktor Hale"},
		{"people", "The dockers left the pier in anger. ⟨They⟩ will strike on Monday.", "The dockers"},
		{"a thing", "The dockers saw the engine. ⟨It⟩ failed.", "the engine"},
		{"two people", "Agnes Roth and Viktor Hale met on the pier. Later ⟨they⟩ left.", "Agnes Roth and Viktor Hale"},
		{"a possessor", "The harbour board lost ⟨its⟩ chairman.", "The harbour board"},
		{"not the subject of its verb", "Agnes Roth came. Ida Marr saw ⟨her⟩.", "Agnes Roth"},
		{"called out in front", "Tom Ferris ran. Viktor Hale, ⟨he⟩ sails.", "Viktor Hale"},
		{"nothing: weather", "The pier is old. ⟨It⟩ rained.", ""},
		{"nothing: a clause", "The pier is old. ⟨It⟩ is clear that nobody cares.", ""},
		{"nothing: seeming", "The pier is old. ⟨It⟩ seems that nobody cares.", ""},
		{"nothing: time", "The pier is old. ⟨It⟩ took a year to mend.", ""},
		{"a place that is not meant", "The dockers came from Ostrana. ⟨They⟩ were tired.", "The dockers"},
		{"through a pronoun", "Agnes Roth sails. She won. ⟨Her⟩ boat is old.", "She"},
	} {
		got := ""
		if before := linked(t, c, x.text); len(before) > 0 {
			got = before[0]
		}
		if got != x.want {
			t.Errorf("%s: got %q, want %q", x.name, got, x.want)
		}
	}
}

// TestNounPhrases holds which noun phrases are taken for one thing.
func TestNounPhrases(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct {
		name, text, earlier, later string
		one                        bool
	}{
		{"taken up", "A new bridge was built. The bridge is high.", "A new bridge", "The bridge", true},
		{"another", "A new bridge was built. A bridge is high.", "A new bridge", "A bridge", false},
		{"said to be other", "The new bridge stands. The old bridge fell.", "The new bridge", "The old bridge", false},
		{"one and several", "The bridge stands. The bridges fell.", "The bridge", "The bridges", false},
		{"their owners differ", "Agnes Roth and Viktor Hale sail. Her boat is old. His boat is new.", "Her boat", "His boat", false},
		{"an office", "Viktor Hale, the mayor, came. Later the mayor left.", "Viktor Hale", "the mayor left", true},
		{"beside a name", "Viktor Hale, a sailor, came.", "Viktor Hale", "a sailor", true},
		{"the end of a name", "The Harbour Board met. The board agreed.", "The Harbour Board", "The board", true},
		{"a name of the body in a headline", "Big Storm Hits The Pier As Viktor Hale Waits\n\nViktor Hale waited for the storm to pass.", "Viktor Hale", "Viktor Hale waited", true},
	} {
		doc := read(t, c, x.text)
		doc.Add(corpus.LayerStatements | corpus.LayerSpeakers)
		refs, err := newTestResolver(t, c, 0.3).References(doc)
		if err != nil {
			t.Fatal(err)
		}
		chainAt := func(offset int) int {
			for _, r := range refs {
				if r.Start == offset || r.Head.Start == offset {
					return r.Chain
				}
			}
			t.Fatalf("%s: nothing refers at %q in %v", x.name, x.text[offset:], refs)
			return -1
		}
		if one := chainAt(strings.Index(x.text, x.earlier)) == chainAt(strings.Index(x.text, x.later)); one != x.one {
			t.Errorf("%s: %q and %q are one: %v, want %v", x.name, x.earlier, x.later, one, x.one)
		}
	}
}

// TestVoices links "I", "we" and "you" in a quotation and in a transcript.
func TestVoices(t *testing.T) {
	c := catalogue(t)
	const quoted = "Agnes Roth met Viktor Hale. “⟨I⟩ was late,” Hale said."
	text := strings.NewReplacer("⟨", "", "⟩", "").Replace(quoted)
	doc := read(t, c, text)
	hale := -1
	for e := range doc.Entities {
		if doc.Entities[e].Name == "Viktor Hale" {
			hale = e
		}
	}
	source := strings.Index(text, "Hale said")
	content := strings.Index(text, "“")
	st := corpus.Statement{Kind: corpus.Direct, Source: []corpus.Span{{Start: source, End: source + 4}}, Speaker: hale, SpeakerConfidence: 0.9,
		Content: []corpus.Span{{Start: content, End: content + strings.Index(text[content:], "”") + len("”")}}, Sentence: doc.SentenceAt(content)}
	if got := linked(t, c, quoted, st); len(got) == 0 || got[0] != "Viktor Hale" {
		t.Errorf("first person of a quotation: %q", got)
	}
	const transcript = "Mara Venn: Where were you, Viktor?\n\nViktor Hale: %s said nothing. We won.\n\nMara Venn: Did you win?\n\nViktor Hale: %s"
	for _, x := range []struct{ first, last, want string }{
		{"I", "⟨We⟩ did.", "We"},
		{"I", "⟨I⟩ did.", "you"},
		{"Agnes Roth", "⟨She⟩ left.", "Agnes Roth"},
	} {
		text := strings.Replace(strings.Replace(transcript, "%s", x.first, 1), "%s", x.last, 1)
		if got := linked(t, c, text); len(got) == 0 || got[0] != x.want {
			t.Errorf("%s … %s: got %q, want %q", x.first, x.last, got, x.want)
		}
	}
}

// TestPhraseSpeaks holds that people known by a noun phrase are the speaker that
// "they" takes up where no name fits.
func TestPhraseSpeaks(t *testing.T) {
	c := catalogue(t)
	text := "Dozens of dockers marched to the pier. The dockers were angry. They said no."
	doc := read(t, c, text)
	at := strings.Index(text, "They")
	doc.Statements = []corpus.Statement{statementOf(doc, corpus.Span{Start: at, End: at + 4})}
	doc.Add(corpus.LayerStatements)
	if err := newTestResolver(t, c, 0.3).Process(doc); err != nil {
		t.Fatal(err)
	}
	s := doc.Statements[0]
	if s.Speaker < 0 || doc.Entities[s.Speaker].Name != "dockers" || doc.Entities[s.Speaker].Type != corpus.Group || s.Resolution != corpus.Pronoun {
		t.Errorf("speaker %d (%s) of %+v", s.Speaker, s.SpeakerNote, doc.Entities)
	}
}

// FuzzReferences holds that references lie in the text, in order.
func FuzzReferences(f *testing.F) {
	f.Add("Agnes Roth met Mr. Hale and his wife. “I said so,” she said. It's their deal, they themselves said, of the board's.")
	f.Add(", the old, grey pier's")
	f.Add("Ada Roth: We?\n\nIda Marr: You.\n\nAda Roth: The ships, it,")
	c := catalogue(f)
	linker := newTestResolver(f, c, 0.3)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 2000 {
			t.Skip()
		}
		doc := read(t, c, text)
		doc.Add(corpus.LayerStatements | corpus.LayerSpeakers)
		refs, err := linker.References(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range refs {
			if r.Start < 0 || r.End > len(text) || r.Start > r.Head.Start || r.Head.Start >= r.Head.End || !utf8.ValidString(text[r.Start:r.End]) || r.Chain < 0 {
				t.Fatalf("reference %+v of %d bytes", r, len(text))
			}
		}
	})
}
