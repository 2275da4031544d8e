package analysis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/attribution"
	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
)

// TrainStance trains the stance model on the training splits under dir:
//
//	targeted/newsmtsc-train.jsonl.gz    NewsMTSC (Hamborg & Donnay, 2021)
//	directed/dse-train.jsonl.gz         DSE (Park et al., 2021)
//	mission/train-*.jsonl.gz, with -articles beside each: coded statements
//
// The same rows give the same bytes.
func TrainStance(ctx context.Context, dir string) ([]byte, error) {
	words, err := wordStages()
	if err != nil {
		return nil, err
	}
	var failure error
	prepare := func(text string) *corpus.Document {
		doc := &corpus.Document{ID: "training", Text: text}
		for _, s := range words {
			failure = errors.Join(failure, s.Process(doc))
		}
		return doc
	}
	data, err := stanceData(dir)
	if err != nil {
		return nil, err
	}
	model, err := stance.Train(data, stance.DefaultSettings, prepare)
	return model, errors.Join(err, failure, ctx.Err())
}

func stanceData(dir string) (stance.Data, error) {
	var data stance.Data
	targeted, err := gold.ReadGold[gold.TargetedRow](filepath.Join(dir, "targeted", "newsmtsc-train.jsonl.gz"))
	if err != nil {
		return data, err
	}
	for _, r := range targeted {
		data.Targeted = append(data.Targeted, stance.TargetedRow{Text: r.Text, Mention: gold.Spans{{r.From, r.To}}.Bytes(r.Text)[0], Label: r.Label})
	}
	directed, err := gold.ReadGold[gold.DirectedRow](filepath.Join(dir, "directed", "dse-train.jsonl.gz"))
	if err != nil {
		return data, err
	}
	for _, r := range directed {
		if text, p, q, ok := r.Unbracketed(); ok {
			data.Directed = append(data.Directed, stance.DirectedRow{Text: text, P: p, Q: q, Label: r.Label})
		}
	}
	for _, name := range []string{"train-syria", "train-any"} {
		rows, err := missionRows(filepath.Join(dir, "mission", name))
		if err != nil {
			return data, err
		}
		data.Statement = append(data.Statement, rows...)
	}
	return data, nil
}

func missionRows(stem string) ([]stance.StatementRow, error) {
	articles, err := gold.Read[gold.Article](stem + "-articles.jsonl.gz")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, a := range articles {
		texts[a.ID] = a.Text
	}
	rows, err := gold.ReadGold[gold.MissionRow](stem + ".jsonl.gz")
	if err != nil {
		return nil, err
	}
	var out []stance.StatementRow
	for _, r := range rows {
		text := texts[r.ID]
		at := strings.Index(text, r.Evidence)
		if at < 0 {
			continue // evidence that the article lacks teaches nothing
		}
		out = append(out, stance.StatementRow{Article: text, Evidence: corpus.Span{Start: at, End: at + len(r.Evidence)},
			Mention: r.Mention, Aliases: append([]string{r.Target.Name}, r.Target.Aliases...), Source: r.SpeakerMention, Kind: r.Target.Kind, Stance: r.Stance})
	}
	return out, nil
}

// TrainSpeakers trains the ranker of antecedents on the coded statements under
// dir, mission/train-*.jsonl.gz with -articles beside each. The same rows give
// the same bytes. The scores are those of held-out folds.
func TrainSpeakers(ctx context.Context, dir string) ([]byte, []mention.Score, error) {
	words, err := wordStages()
	if err != nil {
		return nil, nil, err
	}
	catalogue, err := mention.NewCatalogue(models.Speakers(), nil)
	if err != nil {
		return nil, nil, err
	}
	stages := append(words, mention.New(catalogue), attribution.New())
	var coded []mention.CodedArticle
	for _, name := range []string{"train-syria", "train-any"} {
		stem := filepath.Join(dir, "mission", name)
		articles, err := gold.Read[gold.Article](stem + "-articles.jsonl.gz")
		if err != nil {
			return nil, nil, err
		}
		rows, err := gold.ReadGold[gold.MissionRow](stem + ".jsonl.gz")
		if err != nil {
			return nil, nil, err
		}
		byID := map[string][]gold.MissionRow{}
		for _, r := range rows {
			byID[r.ID] = append(byID[r.ID], r)
		}
		for _, article := range articles {
			doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: article.Text, Place: corpus.Place{Path: article.ID}}
			doc.Published, _ = reader.ParseDate(article.Date)
			for _, s := range stages {
				if err := errors.Join(ctx.Err(), s.Process(doc)); err != nil {
					return nil, nil, err
				}
			}
			coded = append(coded, mention.CodedArticle{Doc: doc, Coded: codedSources(doc, byID[article.ID])})
		}
	}
	return mention.Train(catalogue, coded, mention.DefaultSettings)
}

// codedSources finds the rows' source expressions. One that no statement of the
// document has gets a statement of its own, in the order of the text.
func codedSources(doc *corpus.Document, rows []gold.MissionRow) []mention.Coded {
	var out []mention.Coded
	for _, r := range rows {
		at := strings.Index(doc.Text, r.Evidence)
		within, ok := nameIn(r.Evidence, r.SpeakerMention)
		if at < 0 || !ok || r.Evidence[within.Start:within.End] != r.SpeakerMention {
			continue
		}
		c := mention.Coded{Source: corpus.Span{Start: at + within.Start, End: at + within.End}, Speaker: r.Speaker}
		if slices.Contains(out, c) {
			continue
		}
		out = append(out, c)
		if !slices.ContainsFunc(doc.Statements, func(s corpus.Statement) bool { return slices.ContainsFunc(s.Source, c.Source.Overlaps) }) {
			doc.Statements = append(doc.Statements, corpus.Statement{Source: []corpus.Span{c.Source}, SourceConf: 1, Confidence: 1,
				Sentence: doc.SentenceAt(c.Source.Start), Speaker: -1})
		}
	}
	slices.SortStableFunc(doc.Statements, func(a, b corpus.Statement) int { return a.Extent().Start - b.Extent().Start })
	return out
}

// WriteModel writes a trained model; a file in the way is replaced whole.
func WriteModel(path string, model []byte) error {
	aside := path + ".partial"
	if err := os.WriteFile(aside, model, 0o666); err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("%s: cannot write the model: %w", path, err)
	}
	return os.Rename(aside, path)
}
