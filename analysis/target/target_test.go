package target

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

// The invented crisis: Velmora's ruler Tarn is accused of a gas attack, and
// Norland strikes his air base.
var specs = []Spec{
	{ID: "tarn", Name: "Odo Tarn", Kind: "person", Aliases: []string{"Tarn", "Odo Tarn", "Tarn regime", "Velmoran ruler"}, Weak: []string{"dictator"},
		Include: []string{`(?:government|regime) of (?:President )?(?:Odo )?Tarn\b`}, Exclude: []string{`\bLake Tarn\b`}},
	{ID: "velmora", Name: "Velmora", Kind: "state", Aliases: []string{"Velmora", "Velmoran army"}, Weak: []string{"the regime"}},
	{ID: "strikes", Name: "the strikes", Kind: "action",
		Deeds:         []string{"strike", "airstrike", "attack", "action", "to strike", "to attack"},
		DeedModifiers: []string{"missile", "military"}, Rivals: []string{"gas", "chemical"},
		Actors: []string{"Norland", "Norlandic", "Halvard"}, NotActors: []string{"Velmoran", "Velmora", "Tarn", "rebel"},
		Objects: []string{"Velmora", "Velmoran", "Tarn", "air base"}, NotObjects: []string{"Red Militia"}},
}

// tagged makes a document of sentences, one a line, of word/TAG pairs.
func tagged(t testing.TB, lines string) *corpus.Document {
	t.Helper()
	doc := &corpus.Document{ID: "test"}
	var text strings.Builder
	for n, line := range strings.Split(lines, "\n") {
		if n > 0 {
			text.WriteByte('\n')
		}
		s := corpus.Sentence{Tokens: corpus.Range{First: len(doc.Tokens)}}
		s.Start = text.Len()
		for k, pair := range strings.Fields(line) {
			cut := strings.LastIndexByte(pair, '/')
			word, tag := pair[:cut], pair[cut+1:]
			if k > 0 && tag != "POS" && tag != "." && tag != "," {
				text.WriteByte(' ')
			}
			start := text.Len()
			text.WriteString(word)
			doc.Tokens = append(doc.Tokens, corpus.Token{Span: corpus.Span{Start: start, End: text.Len()}, Tag: tag, Sentence: n, Quotation: -1})
		}
		s.End, s.Tokens.Last = text.Len(), len(doc.Tokens)
		doc.Sentences = append(doc.Sentences, s)
	}
	doc.Text = text.String()
	doc.Add(corpus.LayerTokens | corpus.LayerSentences | corpus.LayerTags)
	return doc
}

func mentions(doc *corpus.Document) []string {
	var out []string
	for _, m := range doc.Targets {
		out = append(out, fmt.Sprintf("%s=%s %.2f", doc.Slice(m.Span), specs[m.Target].ID, m.Confidence))
	}
	return out
}

func TestProcess(t *testing.T) {
	f, err := New(specs)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		want       []string
	}{
		{"possessive", "Tarn/NNP ’s/POS men/NNS fled/VBD ./.", []string{"Tarn=tarn 0.95"}},
		{"the longest stands", "The/DT Tarn/NNP regime/NN fell/VBD ./.", []string{"Tarn regime=tarn 0.95"}},
		{"a pattern over a weak alias", "Down/RB with/IN the/DT regime/NN of/IN Odo/NNP Tarn/NNP ./.", []string{"regime of Odo Tarn=tarn 0.95"}},
		{"exclusion", "Velmora/NNP lies/VBZ by/IN Lake/NNP Tarn/NNP ./.", []string{"Velmora=velmora 0.95"}},
		{"place", "He/PRP lives/VBZ in/IN Velmora/NNP ./.", []string{"Velmora=velmora 0.20"}},
		{"country", "They/PRP spoke/VBD of/IN Velmora/NNP ./.", []string{"Velmora=velmora 0.30"}},
		{"no place", "He/PRP spoke/VBD of/IN the/DT Velmoran/JJ army/NN ./.", []string{"Velmoran army=velmora 0.95"}},
		{"capitals", "TARN/NNP SPEAKS/VBZ", []string{"TARN=tarn 0.95"}},
		{"weak alone", "The/DT regime/NN fell/VBD ./.", nil},
		{"weak", "Tarn/NNP fell/VBD ./.\nThe/DT regime/NN fell/VBD ./.", []string{"Tarn=tarn 0.95", "The regime=velmora 0.70"}},
		{"actor", "Tarn/NNP fled/VBD ./.\nNorlandic/JJ strikes/NNS began/VBD ./.", []string{"Tarn=tarn 0.95", "Norlandic strikes=strikes 0.85"}},
		{"by", "Tarn/NNP saw/VBD the/DT attack/NN by/IN Norland/NNP ./.", []string{"Tarn=tarn 0.95", "the attack=strikes 0.85"}},
		{"object", "The/DT strike/NN on/IN Velmora/NNP ended/VBD ./.", []string{"The strike=strikes 0.80", "Velmora=velmora 0.30"}},
		{"object before the noun", "A/DT Velmora/NNP strike/NN looms/VBZ ./.", []string{"A Velmora strike=strikes 0.80"}},
		{"actor and object", "Norland/NNP ’s/POS strikes/NNS on/IN Velmora/NNP ended/VBD ./.", []string{"Norland’s strikes=strikes 0.95", "Velmora=velmora 0.30"}},
		{"rival", "The/DT gas/NN attack/NN shook/VBD Velmora/NNP ./.", []string{"Velmora=velmora 0.95"}},
		{"rival's actor", "The/DT Velmoran/JJ attack/NN shook/VBD Velmora/NNP ./.", []string{"Velmora=velmora 0.95"}},
		{"other object", "Velmora/NNP saw/VBD Norlandic/JJ strikes/NNS on/IN the/DT Red/NNP Militia/NNP ./.", []string{"Velmora=velmora 0.95"}},
		{"after a rival", "The/DT gas/NN attack/NN shook/VBD Velmora/NNP ./.\nHe/PRP condemned/VBD the/DT attack/NN ./.", []string{"Velmora=velmora 0.95"}},
		{"after the strike", "Norlandic/JJ strikes/NNS shook/VBD Velmora/NNP ./.\nHe/PRP condemned/VBD the/DT strikes/NNS ./.",
			[]string{"Norlandic strikes=strikes 0.85", "Velmora=velmora 0.95", "the strikes=strikes 0.68"}},
		{"a new deed after a rival", "The/DT gas/NN attack/NN shook/VBD Velmora/NNP ./.\nHe/PRP urged/VBD a/DT strike/NN ./.", []string{"Velmora=velmora 0.95", "a strike=strikes 0.45"}},
		{"verb", "He/PRP chose/VBD to/TO strike/VB Tarn/NNP ./.", []string{"strike=strikes 0.80", "Tarn=tarn 0.40"}},
		{"modifier", "Tarn/NNP fears/VBZ military/JJ action/NN ./.", []string{"Tarn=tarn 0.95", "military action=strikes 0.70"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := tagged(t, tt.text)
			if err := f.Process(doc); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, mentions(doc)); diff != "" {
				t.Error(diff)
			}
			if !doc.Has(corpus.LayerTargets) {
				t.Error("LayerTargets is missing")
			}
		})
	}
	if err := f.Process(&corpus.Document{ID: "bare"}); err == nil || !strings.Contains(err.Error(), "tokens+sentences+tags") {
		t.Errorf("a document without layers: %v", err)
	}
}

// TestAbout holds that in an article which touches on a target once, weak
// aliases and deeds that name nobody mean something else.
func TestAbout(t *testing.T) {
	f, err := New(specs)
	if err != nil {
		t.Fatal(err)
	}
	text := "Tarn/NNP slept/VBD ./.\nThe/DT attack/NN on/IN Velmora/NNP failed/VBD ./.\nThe/DT dictator/NN praised/VBD the/DT Norlandic/JJ strike/NN ./."
	filler := strings.Repeat("\nThe/DT harvest/NN was/VBD good/JJ ./.", aboutTokens/2)
	near, far := tagged(t, text), tagged(t, text+filler)
	for _, doc := range []*corpus.Document{near, far} {
		if err := f.Process(doc); err != nil {
			t.Fatal(err)
		}
	}
	all := []string{"Tarn=tarn 0.95", "The attack=strikes 0.80", "Velmora=velmora 0.30", "dictator=tarn 0.70", "the Norlandic strike=strikes 0.85"}
	if diff := cmp.Diff(all, mentions(near)); diff != "" {
		t.Errorf("in an article about the targets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all[:3], mentions(far)); diff != "" {
		t.Errorf("in one that touches on them (-want +got):\n%s", diff)
	}
}

func TestRelevant(t *testing.T) {
	f, err := New(specs)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text, title string
		want        bool
	}{
		{"", "", false},
		{"The strike at the port ends.", "", false},
		{"The regime fell to a dictator.", "", false},
		{"pro-Tarn crowds", "", true},
		{"Tarnished silver", "", false},
		{"Tarn", "", true},
		{"tarn", "", false},
		{"Boats on Lake Tarn", "", false},
		{"Boats on Lake Tarn. Then Tarn came", "", true},
		{"He spoke.", "News from Velmora", true},
		{"éTarn", "", false},
		{"Odo\nTarn", "", true},
	} {
		if got := f.Relevant(tt.text, tt.title); got != tt.want {
			t.Errorf("Relevant(%q, %q) = %v", tt.text, tt.title, got)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Spec{ID: "a", Name: "A", Kind: "policy", Aliases: []string{"the bill"}}
	for _, tt := range []struct {
		name, want string
		change     func(*Spec)
	}{
		{"id", "id must be small letters", func(s *Spec) { s.ID = "A b" }},
		{"name", "name: is empty", func(s *Spec) { s.Name = " " }},
		{"kind", `"thing" is none of person, state`, func(s *Spec) { s.Kind = "thing" }},
		{"no words", "needs aliases", func(s *Spec) { s.Aliases = nil }},
		{"short", "two bytes or more", func(s *Spec) { s.Aliases = []string{"x"} }},
		{"twice", "stands there twice", func(s *Spec) { s.Aliases = []string{"bill", "bill"} }},
		{"mark", "begin with a letter", func(s *Spec) { s.Aliases = []string{"'bill"} }},
		{"pattern", "include: entry 1: error parsing regexp", func(s *Spec) { s.Include = []string{"("} }},
		{"empty match", "matches the empty text", func(s *Spec) { s.Exclude = []string{"x*"} }},
		{"deed", `deeds: entry 1, "air strike"`, func(s *Spec) { s.Deeds = []string{"air strike"} }},
		{"both", `actors: "UN" stands under not_actors too`, func(s *Spec) { s.Deeds, s.Actors, s.NotActors = []string{"raid"}, []string{"UN"}, []string{"UN"} }},
		{"no deeds", "deeds: is empty, but", func(s *Spec) { s.Rivals = []string{"gas"} }},
	} {
		s := good
		tt.change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if err := Validate([]Spec{good, good}); err == nil || !strings.Contains(err.Error(), `the id "a" is that of entry 1 too`) {
		t.Errorf("duplicate id: %v", err)
	}
	if err := Validate(nil); err == nil {
		t.Error("an empty list passes")
	}
}

// The windows that a pattern searches must not change what it finds.
func FuzzPattern(f *testing.F) {
	p, err := newPattern(`\b(?:the )?(?:regime|government) of (?:the )?(?:Odo )?Tarn\b`, 0)
	if err != nil {
		f.Fatal(err)
	}
	if len(p.needed) != 1 || p.needed[0] != "Tarn" && !strings.Contains(p.needed[0], "Tarn") || p.reach == 0 {
		f.Fatalf("needs %q within %d", p.needed, p.reach)
	}
	f.Add("the regime of Tarn, the government of Odo Tarn")
	f.Add("government of TarnTarn Tarn regime of Tarn")
	f.Fuzz(func(t *testing.T, text string) {
		if diff := cmp.Diff(p.search(nil, text, 0), p.find(text)); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzProcess(f *testing.F) {
	finder, err := New(specs)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Tarn strikes the attack by Norland on Velmora")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		doc := &corpus.Document{Text: text}
		tags := []string{"DT", "NN", "NNP", "VB", "IN", "JJ", ","}
		for i := 0; i < len(text); {
			if text[i] == ' ' || text[i] == '\n' {
				i++
				continue
			}
			end := boundRight(text, i)
			doc.Tokens = append(doc.Tokens, corpus.Token{Span: corpus.Span{Start: i, End: end}, Tag: tags[end%len(tags)]})
			i = end
		}
		doc.Sentences = []corpus.Sentence{{Span: corpus.Span{End: len(text)}, Tokens: corpus.Range{Last: len(doc.Tokens)}}}
		doc.Add(corpus.LayerTokens | corpus.LayerSentences | corpus.LayerTags)
		if err := finder.Process(doc); err != nil {
			t.Fatal(err)
		}
		last := 0
		for _, m := range doc.Targets {
			if m.Start < last || m.End <= m.Start || m.End > len(text) || m.Confidence <= 0 || m.Confidence > 1 {
				t.Fatalf("mention %+v after %d", m, last)
			}
			last = m.End
		}
		if len(doc.Targets) > 0 && !finder.Relevant(text, "") {
			t.Fatal("mentions in an irrelevant text")
		}
	})
}

func BenchmarkRelevant(b *testing.B) {
	f, err := New(specs)
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("The council of Asterhaven met on Tuesday to vote on the harbour, and the mayor said that the works would begin in May. ", 100)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if f.Relevant(text, "") {
			b.Fatal("relevant")
		}
	}
}

func BenchmarkProcess(b *testing.B) {
	f, err := New(specs)
	if err != nil {
		b.Fatal(err)
	}
	doc := tagged(b, strings.Repeat("Norlandic/JJ strikes/NNS on/IN the/DT air/NN base/NN shook/VBD Velmora/NNP ./.\nHe/PRP condemned/VBD the/DT attack/NN by/IN Norland/NNP on/IN Tuesday/NNP ./.\n", 50)+"Tarn/NNP fled/VBD ./.")
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}
