package analysis

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// longestPart is the length in bytes beyond which an article is analysed part by
// part. The longest of 4,700 articles of the news has 77,217 bytes: no such
// article is cut. What looks from each mention at all others must not cost the
// square of a length that whoever sends the text decides.
const longestPart = 128 << 10

// inParts analyses a long article part by part. Of the layers it keeps those
// that rows are made of: regions, paragraphs, sentences (without their tokens),
// entities and statements.
func (a *Analyzer) inParts(ctx context.Context, doc *corpus.Document) error {
	if err := a.run(ctx, doc, a.words[:1]); err != nil { // regions, which reach over parts
		return err
	}
	rest := slices.Concat(a.words[1:], a.stages)
	for start := 0; start < len(doc.Text); {
		end := start + partEnd(doc.Text[start:])
		part := partOf(doc, corpus.Span{Start: start, End: end})
		if err := a.run(ctx, part, rest); err != nil {
			return err
		}
		join(doc, part, start)
		start = end
	}
	doc.Add(corpus.LayerParagraphs | corpus.LayerSentences | corpus.LayerStatements | corpus.LayerSpeakers | corpus.LayerStances)
	return nil
}

// partEnd is where the first part of a text ends: behind a paragraph, else a
// line, else a sentence, else a word.
func partEnd(text string) int {
	if len(text) <= longestPart {
		return len(text)
	}
	const least = longestPart / 2
	for _, border := range []string{"\n\n", "\n", ". ", " "} {
		if at := strings.LastIndex(text[least:longestPart], border); at >= 0 {
			return least + at + len(border)
		}
	}
	end := longestPart
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return end
}

// partOf is the part of an article as an article of its own.
func partOf(doc *corpus.Document, at corpus.Span) *corpus.Document {
	part := &corpus.Document{ID: doc.ID, Title: doc.Title, Text: doc.Slice(at), Publisher: doc.Publisher, URL: doc.URL, Topic: doc.Topic,
		Published: doc.Published, Language: doc.Language, Place: doc.Place}
	for _, r := range doc.Regions {
		if r.Overlaps(at) {
			s := corpus.Span{Start: max(r.Start, at.Start) - at.Start, End: min(r.End, at.End) - at.Start}
			part.Regions = append(part.Regions, corpus.Region{Span: s, Kind: r.Kind})
		}
	}
	part.Add(corpus.LayerRegions)
	return part
}

// join adds what was found of a part to the article that it begins in at a byte.
func join(doc, part *corpus.Document, start int) {
	paragraphs, sentences, entities := len(doc.Paragraphs), len(doc.Sentences), len(doc.Entities)
	move := func(s corpus.Span) corpus.Span { return corpus.Span{Start: s.Start + start, End: s.End + start} }
	for _, p := range part.Paragraphs {
		doc.Paragraphs = append(doc.Paragraphs, corpus.Paragraph{Span: move(p.Span), Kind: p.Kind})
	}
	for _, s := range part.Sentences {
		doc.Sentences = append(doc.Sentences, corpus.Sentence{Span: move(s.Span), Paragraph: s.Paragraph + paragraphs, Kind: s.Kind})
	}
	for _, e := range part.Entities {
		e.Mentions = nil
		doc.Entities = append(doc.Entities, e)
	}
	for _, s := range part.Statements { // those of joint speakers share theirs: all are copied
		s.Source, s.Cue, s.Content = moved(s.Source, move), moved(s.Cue, move), moved(s.Content, move)
		s.Sentence += sentences
		if s.Speaker >= 0 {
			s.Speaker += entities
		}
		s.Candidates = moved(s.Candidates, func(c corpus.Candidate) corpus.Candidate { c.Entity += entities; return c })
		s.TakenUp = moved(s.TakenUp, func(u corpus.Uptake) corpus.Uptake { u.Mention = move(u.Mention); return u })
		s.Stances = moved(s.Stances, func(t corpus.Stance) corpus.Stance {
			t.Mention, t.Evidence = move(t.Mention), move(t.Evidence)
			return t
		})
		doc.Statements = append(doc.Statements, s)
	}
}

func moved[T any](list []T, move func(T) T) []T {
	out := slices.Clone(list)
	for i := range out {
		out[i] = move(out[i])
	}
	return out
}
