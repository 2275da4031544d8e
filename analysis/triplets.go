package analysis

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
)

// PredictTriplets finds who takes which side toward whom among the listed
// entities of an article: by its statements, with the entities as targets, and
// by the sentences that name two of them.
func (a *Analyzer) PredictTriplets(ctx context.Context, row gold.TripletsRow) (gold.TripletsPrediction, error) {
	out := gold.TripletsPrediction{ID: row.ID, Triplets: []gold.Triplet{}}
	add := func(sentence int, subject, sentiment, object string) {
		t := gold.Triplet{Sentence: sentence, SideTaking: gold.SideTaking{Subject: subject, Sentiment: sentiment, Object: object}}
		if subject != object && !slices.Contains(out.Triplets, t) {
			out.Triplets = append(out.Triplets, t)
		}
	}
	if err := a.statementTriplets(ctx, row, add); err != nil {
		return out, err
	}
	return out, a.pairTriplets(ctx, row, add)
}

// statementTriplets reads the whole article for what its statements say of the
// entities. The sentences are all that is known of its form: each becomes a
// paragraph.
func (a *Analyzer) statementTriplets(ctx context.Context, row gold.TripletsRow, add func(sentence int, subject, sentiment, object string)) error {
	config := a.config
	config.Scope, config.Targets = ScopeAll, nil
	var names []string
	for _, e := range row.Annotation.Entities {
		spec := specOf(e, len(names))
		if spec.Validate() != nil || slices.Contains(names, e.Name) {
			continue
		}
		names, config.Targets = append(names, e.Name), append(config.Targets, spec)
	}
	if len(names) == 0 {
		return nil
	}
	reader, err := New(config)
	if err != nil {
		return fmt.Errorf("%s: %w", row.ID, err)
	}
	var text strings.Builder
	var ends []int
	for _, s := range row.Text {
		text.WriteString(s.Text)
		text.WriteString("\n\n")
		ends = append(ends, text.Len())
	}
	doc := &corpus.Document{ID: row.ID, Title: row.Title, Text: text.String(), Place: corpus.Place{Path: row.ID}}
	if _, err := reader.Analyze(ctx, doc); err != nil {
		return err
	}
	for _, st := range doc.Statements {
		if st.Speaker < 0 {
			continue
		}
		speaker := slices.IndexFunc(names, func(name string) bool {
			_, whole := nameIn(doc.Entities[st.Speaker].Name, name)
			return whole
		})
		if speaker < 0 {
			continue
		}
		for _, x := range st.Stances {
			sentiment := map[corpus.StanceLabel]string{corpus.For: "POS", corpus.Against: "NEG"}[x.Label]
			if sentiment == "" {
				continue
			}
			i, _ := slices.BinarySearch(ends, x.Evidence.Start+1)
			add(row.Text[i].ID, names[speaker], sentiment, names[x.Target])
		}
	}
	return nil
}

// specOf describes an entity as a target: by its name, and by the last word of
// a person's, or the first of a group's.
func specOf(e gold.TripletEntity, n int) target.Spec {
	words := strings.Fields(e.Name)
	spec := target.Spec{ID: fmt.Sprintf("e%d", n), Name: e.Name, Kind: "policy", Aliases: []string{e.Name}}
	if len(words) < 2 || !slices.Contains(e.Kinds, "People") {
		return spec
	}
	spec.Kind = "person"
	if last := words[len(words)-1]; strings.ToLower(last) != last && !strings.HasSuffix(last, ".") {
		spec.Aliases = append(spec.Aliases, last)
	}
	if group := groupWord.FindString(e.Name); group != "" {
		spec.Kind, spec.Aliases = "organisation", spec.Aliases[:1]
		if stem := strings.TrimSuffix(words[0], "ic"); len(stem) > 4 {
			spec.Include = []string{`\b` + regexp.QuoteMeta(stem) + `\w*`}
		}
	}
	return spec
}

// groupWord is what makes a name one of many people.
var groupWord = regexp.MustCompile(`(?i)\b(party|lawmakers|voters|members|officials|leaders|senators|representatives|supporters|activists|groups?)$`)

// pairTriplets reads each sentence that names two entities. An entity stands
// where its name does, or the last word of it.
func (a *Analyzer) pairTriplets(ctx context.Context, row gold.TripletsRow, add func(sentence int, subject, sentiment, object string)) error {
	for _, s := range row.Text {
		type place struct {
			name string
			span corpus.Span
		}
		var found []place
		for _, e := range row.Annotation.Entities {
			if span, ok := nameIn(s.Text, e.Name); ok {
				found = append(found, place{e.Name, span})
			}
		}
		if len(found) < 2 {
			continue
		}
		doc, err := a.read(ctx, fmt.Sprintf("%s/%d", row.ID, s.ID), s.Text)
		if err != nil {
			return err
		}
		for i, p := range found {
			for _, q := range found[i+1:] {
				if p.span.Overlaps(q.span) {
					continue
				}
				first, second := p, q
				if second.span.Start < first.span.Start {
					first, second = second, first
				}
				subject, object, sentiment := first.name, second.name, "POS"
				label, _, err := a.stance.DirectedPredict(doc, first.span, second.span)
				if err != nil {
					return err
				}
				switch label {
				case 0:
					continue
				case 2, 4:
					subject, object = object, subject
				}
				if label >= 3 {
					sentiment = "NEG"
				}
				add(s.ID, subject, sentiment, object)
			}
		}
	}
	return nil
}

// nameIn finds a name, or its last word, as whole words of a sentence.
func nameIn(text, name string) (corpus.Span, bool) {
	words := strings.Fields(name)
	if len(words) == 0 {
		return corpus.Span{}, false
	}
	for _, form := range []string{name, words[len(words)-1]} {
		for from := 0; ; {
			i := strings.Index(text[from:], form)
			if i < 0 {
				break
			}
			s := corpus.Span{Start: from + i, End: from + i + len(form)}
			if (s.Start == 0 || !letter(text[s.Start-1])) && (s.End == len(text) || !letter(text[s.End])) {
				return s, true
			}
			from = s.End
		}
	}
	return corpus.Span{}, false
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80 }
