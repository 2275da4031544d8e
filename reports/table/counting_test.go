package table

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCounting holds what counts under every setting, in any order of articles:
// "wire" and its copy, a later article and an undated one hold one quotation.
func TestCounting(t *testing.T) {
	roth := "person:roth"
	article := func(id string, day int) Batch {
		b := Batch{Article: ArticleRow{ID: id, Text: "“We will not pay the crowns,” Roth said.", Relevant: true}}
		if day > 0 {
			b.Article.Published = Millis(time.Date(2031, 4, day, 0, 0, 0, 0, time.UTC))
		}
		for i, group := range []string{"crowns", ""} {
			s := StatementRow{ID: fmt.Sprintf("%s#%d", id, i), Ordinal: int32(i), Kind: "direct", Region: "body", SpeakerID: &roth, SpeakerName: &roth,
				SpeakerType: &roth, Resolution: &roth, QuotationGroup: group}
			b.Statements = append(b.Statements, s)
			b.Stances = append(b.Stances, StanceRow{ID: s.ID + "/1", StatementID: s.ID, Target: "toll", Label: "against", Score: -1, Confidence: 1})
		}
		return b
	}
	// by the id alone the undated article and the late one would come first
	list := []Batch{article("a-undated", 0), article("b-late", 9), article("copy", 1), article("wire", 2)}
	copied := func(b *Batch) {
		if original := "wire"; b.Article.ID == "copy" {
			b.Article.Status, b.Article.DuplicateOf, b.Article.DuplicateKind = Duplicate, &original, "exact"
		}
	}
	for _, test := range []struct {
		counting Counting
		left     []string
	}{
		{Counting{}, []string{"copy#0", "copy#1"}},
		{Counting{CopiesEach: true}, nil},
		{Counting{QuotationsOnce: true}, []string{"a-undated#0", "b-late#0", "copy#0", "copy#1"}},
		{Counting{CopiesEach: true, QuotationsOnce: true}, []string{"a-undated#0", "b-late#0", "wire#0"}},
	} {
		t.Run(fmt.Sprintf("%+v", test.counting), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			for range 2 { // the second night finds all articles analysed
				w, err := Create(out, Options{Counting: test.counting})
				if err != nil {
					t.Fatal(err)
				}
				for _, b := range list {
					if err := add(w, b); err != nil {
						t.Fatal(err)
					}
				}
				info, err := w.Finish(Finish{Amend: copied})
				if err != nil {
					t.Fatal(err)
				}
				if info.Counting != test.counting || info.Counts.Duplicates != 1 {
					t.Errorf("run.json: %+v, %d copies", info.Counting, info.Counts.Duplicates)
				}
				slices.Reverse(list)
			}
			var left, stances []string
			for s, err := range Rows[StatementRow](out) {
				if err != nil {
					t.Fatal(err)
				} else if s.Duplicate {
					left = append(left, s.ID)
				}
			}
			for _, s := range must[[]StanceRow](t)(Read[StanceRow](out)) {
				if s.Duplicate {
					stances = append(stances, s.StatementID)
				}
			}
			slices.Sort(left)
			slices.Sort(stances)
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Errorf("statements left out (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(left, stances); diff != "" {
				t.Errorf("stances left out (-statements +stances):\n%s", diff)
			}
			counted := int32(8 - len(test.left))
			if s := must[[]SpeakerRow](t)(Read[SpeakerRow](out)); len(s) != 1 || s[0].Statements != counted {
				t.Errorf("speakers %+v, want one of %d statements", s, counted)
			}
			for _, c := range must[[]SummaryRow](t)(Read[SummaryRow](out)) {
				if c.Period == "all" && (c.Statements != counted || c.NAgainst != counted) {
					t.Errorf("summary %+v, want %d statements", c, counted)
				}
			}
		})
	}
}
