package clean

import (
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
		{"rights", "Roth left.\n© 2031 The Lantern. All rights reserved.", []string{"boilerplate © 2031 The Lantern. All rights reserved."}},
		{"body that only begins so", "Related parties were told that Roth had left, and they were not pleased about that at all.", nil},
		{"a name and a dash", "Agnes Roth - the minister - left.", nil},
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

func FuzzRegions(f *testing.F) {
	f.Add("VELGRAD — a\nRead more\n\n© x")
	f.Add("\n\n(a) -- \n")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		doc := &corpus.Document{ID: "fuzz", Text: text}
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
