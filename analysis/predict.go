package analysis

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/corpus/reader"
)

// Line renders an analysed document as annotate prints it.
func (a *Analyzer) Line(doc *corpus.Document) gold.Line {
	runes := corpus.NewRuneOffsets(doc.Text)
	out := gold.Line{ID: doc.ID, Title: doc.Title, Publisher: doc.Publisher, Statements: []gold.Statement{}}
	if !doc.Published.IsZero() {
		t := doc.Published.Format(time.RFC3339)
		out.Published = &t
	}
	for i := range doc.Statements {
		out.Statements = append(out.Statements, a.lineStatement(doc, runes, &doc.Statements[i]))
	}
	return out
}

func (a *Analyzer) lineStatement(doc *corpus.Document, runes *corpus.RuneOffsets, s *corpus.Statement) gold.Statement {
	out := gold.Statement{ID: s.ID, Kind: s.Kind.String(), Candidates: []gold.Candidate{}, Stances: []gold.Stance{},
		Source: gold.FromBytes(runes, s.Source), Cue: gold.FromBytes(runes, s.Cue), Content: gold.FromBytes(runes, s.Content)}
	if s.Speaker >= 0 {
		e := doc.Entities[s.Speaker]
		out.Speaker = &gold.Speaker{ID: e.ID, Name: e.Name, Type: e.Type.String(), Resolution: s.Resolution.String(), Confidence: rounded(s.SpeakerConfidence)}
		if e.Wikidata != "" {
			out.Speaker.Wikidata = &e.Wikidata
		}
	}
	for _, c := range s.Candidates {
		out.Candidates = append(out.Candidates, gold.Candidate{Name: doc.Entities[c.Entity].Name, Confidence: rounded(c.Confidence)})
	}
	for _, t := range s.Stances {
		out.Stances = append(out.Stances, gold.Stance{Target: a.config.Targets[t.Target].ID, Mention: runes.Runes(t.Mention),
			Score: rounded(t.Score), Label: t.Label.String(), Confidence: rounded(t.Confidence), Evidence: runes.Runes(t.Evidence)})
	}
	return out
}

// rounded keeps four decimals: more would pretend to a precision that is not there.
func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// read lays the layers of words over a text of a gold row.
func (a *Analyzer) read(ctx context.Context, id, text string) (*corpus.Document, error) {
	doc := &corpus.Document{ID: id, Text: text, Place: corpus.Place{Path: id}}
	return doc, a.run(ctx, doc, a.words)
}

// PredictAttribution finds the attributions of an article, whatever it is
// about, by the stages that a run uses.
func (a *Analyzer) PredictAttribution(ctx context.Context, row gold.AttributionRow) (gold.AttributionPrediction, error) {
	out := gold.AttributionPrediction{ID: row.ID, Attributions: []gold.Attribution{}}
	doc, err := a.read(ctx, row.ID, row.Text)
	if err != nil {
		return out, err
	}
	if err := a.run(ctx, doc, []Stage{a.reader}); err != nil {
		return out, err
	}
	runes := corpus.NewRuneOffsets(doc.Text)
	for _, s := range doc.Statements {
		out.Attributions = append(out.Attributions, gold.Attribution{
			Source: gold.FromBytes(runes, s.Source), Cue: gold.FromBytes(runes, s.Cue), Content: gold.FromBytes(runes, s.Content)})
	}
	return out, nil
}

// PredictSpeakers finds the statements of an article and their speakers,
// whatever it is about.
func (a *Analyzer) PredictSpeakers(ctx context.Context, article gold.Article) (gold.Line, error) {
	doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: article.Text, Place: corpus.Place{Path: article.ID}}
	doc.Published, _ = reader.ParseDate(article.Date)
	if err := a.run(ctx, doc, a.words); err != nil {
		return gold.Line{}, err
	}
	if err := a.run(ctx, doc, a.whole); err != nil {
		return gold.Line{}, err
	}
	return a.Line(doc), nil
}

// PredictTargeted says the sentiment of a sentence toward its mention.
func (a *Analyzer) PredictTargeted(ctx context.Context, row gold.TargetedRow) (gold.LabelPrediction, error) {
	doc, err := a.read(ctx, row.ID, row.Text)
	if err != nil {
		return gold.LabelPrediction{}, err
	}
	mention := gold.Spans{{row.From, row.To}}.Bytes(row.Text)[0]
	label, score, _ := a.stance.TargetedPredict(doc, mention)
	return gold.LabelPrediction{ID: row.ID, Label: label, Score: rounded(score)}, nil
}

// PredictDirected says the sentiment between the two bracketed entities.
func (a *Analyzer) PredictDirected(ctx context.Context, row gold.DirectedRow) (gold.LabelPrediction, error) {
	text, p, q, ok := row.Unbracketed()
	if !ok {
		return gold.LabelPrediction{ID: row.ID}, nil // the entities do not stand in the text: neutral
	}
	doc, err := a.read(ctx, row.ID, text)
	if err != nil {
		return gold.LabelPrediction{}, err
	}
	label, score := a.stance.DirectedPredict(doc, p, q)
	return gold.LabelPrediction{ID: row.ID, Label: label, Score: rounded(score)}, nil
}

// PredictTriplets finds who takes which side toward whom among the listed
// entities of each sentence. An entity stands where its name does, or the last
// word of it.
func (a *Analyzer) PredictTriplets(ctx context.Context, row gold.TripletsRow) (gold.TripletsPrediction, error) {
	out := gold.TripletsPrediction{ID: row.ID, Triplets: []gold.Triplet{}}
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
			return out, err
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
				label, _ := a.stance.DirectedPredict(doc, first.span, second.span)
				switch label {
				case 0:
					continue
				case 2, 4:
					subject, object = object, subject
				}
				if label >= 3 {
					sentiment = "NEG"
				}
				out.Triplets = append(out.Triplets, gold.Triplet{Sentence: s.ID, SideTaking: gold.SideTaking{Subject: subject, Sentiment: sentiment, Object: object}})
			}
		}
	}
	return out, nil
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
