package analysis

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/standpoint-news/standpoint/analysis/eval"
	"github.com/standpoint-news/standpoint/analysis/target"
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
	defer unlinked(doc)()
	if err := a.run(ctx, doc, a.words); err != nil {
		return gold.Line{}, err
	}
	if err := a.run(ctx, doc, a.whole); err != nil {
		return gold.Line{}, err
	}
	return a.Line(doc), nil
}

// PredictCoreference finds the expressions of a document that refer, and which
// refer to one thing.
func (a *Analyzer) PredictCoreference(ctx context.Context, row gold.CoreferenceDoc) ([]eval.CoreferenceMention, error) {
	doc, err := a.read(ctx, row.ID, row.Text)
	if err != nil {
		return nil, err
	}
	if err := a.run(ctx, doc, a.whole); err != nil {
		return nil, err
	}
	references, err := a.speaks.References(doc)
	var out []eval.CoreferenceMention
	for _, r := range references {
		out = append(out, eval.CoreferenceMention{Span: r.Span, Head: r.Head, Entity: r.Chain})
	}
	return out, err
}

// JudgeStances says which side the coded rows of an article take, the
// statement given by its evidence and the target by the configuration. Rows of
// other targets, or whose evidence the article lacks, are left out, and so are
// disputed ones.
func (a *Analyzer) JudgeStances(ctx context.Context, article gold.Article, rows []gold.MissionRow) ([]eval.Judged, error) {
	doc, err := a.read(ctx, article.ID, article.Text)
	if err != nil {
		return nil, err
	}
	if err := a.run(ctx, doc, a.spoken); err != nil {
		return nil, err
	}
	var out []eval.Judged
	for _, r := range rows {
		t := slices.IndexFunc(a.config.Targets, func(s target.Spec) bool { return s.ID == r.Target.ID })
		at := strings.Index(article.Text, r.Evidence)
		if t < 0 || at < 0 || r.Disputed {
			continue
		}
		label, confidence, err := a.stance.Given(doc, statementOf(doc, corpus.Span{Start: at, End: at + len(r.Evidence)}), t)
		if err != nil {
			return nil, err
		}
		out = append(out, eval.Judged{Article: article.ID, Stance: r.Stance, Label: label, Confidence: confidence})
	}
	return out, nil
}

// statementOf is the found statement that shares most with the evidence, or
// one of the evidence itself.
func statementOf(doc *corpus.Document, evidence corpus.Span) *corpus.Statement {
	best, most := &corpus.Statement{Content: []corpus.Span{evidence}, Speaker: -1}, evidence.Len()/2
	for i := range doc.Statements {
		common := 0
		for _, c := range doc.Statements[i].Content {
			common += max(0, min(c.End, evidence.End)-max(c.Start, evidence.Start))
		}
		if common > most {
			best, most = &doc.Statements[i], common
		}
	}
	return best
}

// PredictTargeted says the sentiment of a sentence toward its mention.
func (a *Analyzer) PredictTargeted(ctx context.Context, row gold.TargetedRow) (gold.LabelPrediction, error) {
	doc, err := a.read(ctx, row.ID, row.Text)
	if err != nil {
		return gold.LabelPrediction{}, err
	}
	mention := gold.Spans{{row.From, row.To}}.Bytes(row.Text)[0]
	label, score, err := a.stance.TargetedPredict(doc, mention)
	return gold.LabelPrediction{ID: row.ID, Label: label, Score: rounded(score)}, err
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
	label, score, err := a.stance.DirectedPredict(doc, p, q)
	return gold.LabelPrediction{ID: row.ID, Label: label, Score: rounded(score)}, err
}
