package clean

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/corpus"
)

func TestRegions(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"trailer", "Roth left early.\n\nLatest News", []string{"boilerplate Latest News"}},
		{"dateline", "VELGRAD, Valdoria (Meridian) — Roth left early.", []string{"dateline VELGRAD, Valdoria (Meridian) — "}},
		{"agency alone", "(Lantern Wire) - Roth left.", []string{"dateline (Lantern Wire) - "}},
		{"links and captions", "Roth left.\nRead more: Who is Agnes Roth?\nPhoto: M. Hale\nShe returned.",
			[]string{"boilerplate Read more: Who is Agnes Roth?", "boilerplate Photo: M. Hale"}},
		{"sign-up", "Sign up for our newsletter!\n\nRoth left.", []string{"boilerplate Sign up for our newsletter!"}},
		{"player", "Roth left.\n\nJUST WATCHED Ferry docks in Ostrana Replay More Videos ... MUST WATCH Ferry docks in Ostrana 01:20\n\nJust watched by many, Roth said: replay it.",
			[]string{"boilerplate JUST WATCHED Ferry docks in Ostrana Replay More Videos ... MUST WATCH Ferry docks in Ostrana 01:20"}},
		{"rights", "Roth left.\n© 2031 The Lantern. All rights reserved.", []string{"boilerplate © 2031 The Lantern. All rights reserved."}},
		{"body that only begins so", "Related parties were told that Roth had left, and they were not pleased about that at all.", nil},
		{"a name and a dash", "Agnes Roth - the minister - left.", nil},
		{"a list of links", "Roth left.\n\nRelated stories\nWho is Agnes Roth?\nFerries cancelled again\nShe returned on Friday.", []string{"boilerplate Related stories"}},
		{"headlines after a trailer", "Roth left.\nLatest News\nFerries cancelled again\nChess champion returns\nShe returned on Friday.",
			[]string{"boilerplate Latest News", "boilerplate Ferries cancelled again", "boilerplate Chess champion returns"}},
		{"comments", "Roth left early and would not say why.\nComments (2)\nhale says: “I told you so.”\nI do not agree.\n", []string{"boilerplate Comments (2)\nhale says: “I told you so.”\nI do not agree."}},
		{"a head in the middle", "Comments\nRoth left early and would not say why she did, or where to.", nil},
		{"byline and date", "By M. Hale and T. Brandt\nApril 7, 2031 10:30 am\nVELGRAD, April 7 (Lantern Wire) — Roth left.",
			[]string{"boilerplate By M. Hale and T. Brandt", "boilerplate April 7, 2031 10:30 am", "dateline VELGRAD, April 7 (Lantern Wire) — "}},
		{"agency after a place", "Velgrad (CNN) -- Roth left.", []string{"dateline Velgrad (CNN) -- "}},
		{"by as a word", "By Monday the council had met and Roth had left the house.", nil},
		{"captions", "Roth left.\nRoth at the harbour on Friday. (AP Photo/M. Hale)\nEnlarge this image toggle caption M. Hale/AP\nCrowds in Velgrad. M. Hale/Getty Images",
			[]string{"boilerplate Roth at the harbour on Friday. (AP Photo/M. Hale)", "boilerplate Enlarge this image toggle caption M. Hale/AP", "boilerplate Crowds in Velgrad. M. Hale/Getty Images"}},
		{"contributors", "Roth left.\nThe Associated Press contributed to this report.\nT. Brandt in Velgrad contributed to this story.",
			[]string{"boilerplate The Associated Press contributed to this report.", "boilerplate T. Brandt in Velgrad contributed to this story."}},
		{"an agency as a source", "The Associated Press reported on Friday that Roth had left.", nil},
		{"inside the text", "Roth left.\nStory Continued Below\nADVERTISEMENT\nThis article is more than 3 years old\nGet the letters you care about delivered to your inbox.",
			[]string{"boilerplate Story Continued Below", "boilerplate ADVERTISEMENT", "boilerplate This article is more than 3 years old", "boilerplate Get the letters you care about delivered to your inbox."}},
		{"a sentence about a photo", "The photo shows Roth at the harbour, and Hale said that it was genuine.", nil},
		{"a sentence that reads on", "Watch the vote and you see how the house is split over Velgrad's offer.", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := &corpus.Document{ID: "test", Text: c.text}
			if err := New().Process(doc); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range doc.Regions {
				got = append(got, r.Kind.String()+" "+doc.Slice(r.Span))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKeepsHeadline(t *testing.T) {
	text := "Roth leaves\n\nVELGRAD — She left."
	doc := &corpus.Document{ID: "test", Text: text, Regions: []corpus.Region{{Span: corpus.Span{End: 11}, Kind: corpus.Headline}}}
	if err := New().Process(doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Regions) != 2 || doc.Regions[0].Kind != corpus.Headline || strings.TrimSpace(doc.Slice(doc.Regions[1].Span)) != "VELGRAD —" {
		t.Errorf("regions %+v", doc.Regions)
	}
}

func TestGluedTitle(t *testing.T) {
	for _, test := range []struct{ text, title, want string }{
		{"Roth leaves VelgradVELGRAD — She left.", "Roth leaves Velgrad", "Roth leaves Velgrad"},
		{" ROTH LEAVES  VELGRAD\nShe left.", "Roth leaves Velgrad", "ROTH LEAVES  VELGRAD"},
		{"Roth leaves Velgrad and will not return.", "Roth leaves Velgrad", ""},
		{"Roth left.", "Roth leaves Velgrad", ""},
		{"Roth left.", "", ""},
	} {
		doc := &corpus.Document{ID: "test", Text: test.text, Title: test.title}
		if err := New().Process(doc); err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(doc.Regions) > 0 && doc.Regions[0].Kind == corpus.Headline {
			got = doc.Slice(doc.Regions[0].Span)
		}
		if got != test.want {
			t.Errorf("%q: headline %q, want %q", test.text, got, test.want)
		}
	}
}

func TestRepeatedLines(t *testing.T) {
	article := func(i int, trailer string) string {
		return fmt.Sprintf("Roth left for the %dth time.\nShe said that it was not her last.\nHale denied it %d times.\n%s\n", i, i, trailer)
	}
	l := NewLines()
	for i := range 10 {
		l.Add(fmt.Sprint("a", i), "Lantern", LineHashes(article(i, "The Lantern is owned by its readers.")))
		l.Add(fmt.Sprint("b", i), "Gazette", LineHashes(article(i, fmt.Sprint("Trailer ", i%3))))
	}
	for i := range 9 {
		l.Add(fmt.Sprint("copy", i), "Gazette", LineHashes(article(0, "A line of one story alone.")))
	}
	r := l.Repeated(func(id string) bool { return strings.HasPrefix(id, "copy") })
	text := article(77, "The Lantern is owned by its readers.")
	in := func(publisher, text string) (lines []string) {
		for at := 0; at < len(text); {
			line, _, _ := strings.Cut(text[at:], "\n")
			if r.Has(publisher, HashAt(text, at+len(line)/2)) {
				lines = append(lines, line)
			}
			at += len(line) + 1
		}
		return lines
	}
	got := in("Lantern", text)
	if diff := cmp.Diff([]string{"She said that it was not her last.", "The Lantern is owned by its readers."}, got); diff != "" {
		t.Error(diff)
	}
	for _, trailer := range []string{"A line of one story alone.", "Trailer 1"} {
		if lines := in("Gazette", trailer); len(lines) != 0 {
			t.Errorf("%q repeats", lines)
		}
	}
	if lines := in("Gazette", "Trailer 0"); len(lines) != 1 {
		t.Errorf("four times is not enough: %q", lines)
	}
	if lines := in("Herald", text); lines != nil {
		t.Errorf("another outlet's: %q", lines)
	}
	if h := HashAt("…\n", 4); h != 0 || HashAt("Roth\n\nleft", 5) != 0 {
		t.Errorf("no letter, no line: %d", h)
	}
}

func BenchmarkRegions(b *testing.B) {
	text := strings.Repeat("The envoy of Asterhaven said on Monday that no strike would go unanswered.\nThe photo shows Roth.\nRead more: Who is Roth?\n", 40)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		doc := &corpus.Document{ID: "bench", Text: text}
		if err := New().Process(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRegions(f *testing.F) {
	f.Add("VELGRAD — a\nRead more\n\n© x")
	f.Add("\n\n(a) -- \n")
	f.Add("Roth leaves VelgradBy M. Hale\nRelated\nx\nComments (2)\ny")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := &corpus.Document{ID: "fuzz", Text: text, Title: "Roth leaves Velgrad"}
		if err := New().Process(doc); err != nil {
			t.Fatal(err)
		}
		end := 0
		for _, r := range doc.Regions {
			if r.Start < end || r.End <= r.Start || r.End > len(text) || !utf8.ValidString(text[r.Start:r.End]) {
				t.Fatalf("region %+v after byte %d", r, end)
			}
			end = r.End
		}
	})
}

func TestLinks(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"headlines glued to a full name", "Sen. Mara Venn Mara Ilse VennCouncil splits over the ferry Is the ferry safe? MORE (L-Port) said no.",
			"Sen. Mara Venn (L-Port) said no."},
		{"headline that begins with the name", "President Grode Ludo Karl GrodeGrode: ‘Nobody sails’ MORE’s plan fell.", "President Grode ’s plan fell."},
		{"nickname", "Premier Bo Brakk Robert (Bo) BrakkThe ferry sails MORE, who left,", "Premier Bo Brakk , who left,"},
		{"two in a sentence", "Mara Venn Mara Ilse VennA b MORE and Bo Brakk Robert (Bo) BrakkC d MORE met.", "Mara Venn and Bo Brakk met."},
		{"MORE alone", "They want MORE ferries. Mara Venn met McGrode and asked for MORE.", "They want MORE ferries. Mara Venn met McGrode and asked for MORE."},
		{"no full name", "Mara Venn was at VennCouncil for MORE talks.", "Mara Venn was at VennCouncil for MORE talks."},
		{"another line", "Mara Venn Mara Ilse VennCouncil splits\nover MORE talks.", "Mara Venn Mara Ilse VennCouncil splits\nover MORE talks."},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := Blank(x.text)
			if len(got) != len(x.text) {
				t.Errorf("%d bytes became %d", len(x.text), len(got))
			}
			if short := regexp.MustCompile(` +`).ReplaceAllString(got, " "); short != x.want {
				t.Errorf("got %q\nwant %q", short, x.want)
			}
		})
	}
}

func FuzzLinks(f *testing.F) {
	f.Add("Sen. Mara Venn Mara Ilse VennCouncil splits MORE said no. É MORE")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range Links(text) {
			if s.Start < last || s.End <= s.Start || s.End > len(text) || !strings.HasSuffix(text[s.Start:s.End], " MORE") || strings.Contains(text[s.Start:s.End], "\n") {
				t.Fatalf("span %v of %q", s, text)
			}
			last = s.End
		}
		if len(Blank(text)) != len(text) {
			t.Fatal("another length")
		}
	})
}
