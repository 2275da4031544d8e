package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/attribution"
	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
)

// TrainStance trains the stance model on the training splits under dir, and
// writes its card from the held-out ones:
//
//	targeted/newsmtsc-train.jsonl.gz, newsmtsc-devtest-mt.jsonl.gz  NewsMTSC (Hamborg & Donnay, 2021)
//	directed/dse-train.jsonl.gz, dse-valid.jsonl.gz                 DSE (Park et al., 2021)
//	mission/train-*.jsonl.gz, with -articles beside each; dev-gold.jsonl, dev-articles.jsonl
//
// The same rows give the same bytes.
func TrainStance(ctx context.Context, dir string) (model []byte, card string, err error) {
	return trainStance(ctx, dir, stance.DefaultSettings)
}

func trainStance(ctx context.Context, dir string, set stance.Settings) (model []byte, card string, err error) {
	words, err := wordStages()
	if err != nil {
		return nil, "", err
	}
	var failure error
	prepare := func(text string) *corpus.Document {
		doc := &corpus.Document{ID: "training", Text: text}
		for _, s := range words {
			failure = errors.Join(failure, s.Process(doc))
		}
		return doc
	}
	// read the held-out rows first: a missing file is told before the training
	dev, err := stanceData(dir, "newsmtsc-devtest-mt", "dse-valid", [2]string{"dev-gold.jsonl", "dev-articles.jsonl"})
	if err != nil {
		return nil, "", err
	}
	data, err := stanceData(dir, "newsmtsc-train", "dse-train",
		[2]string{"train-syria.jsonl.gz", "train-syria-articles.jsonl.gz"}, [2]string{"train-any.jsonl.gz", "train-any-articles.jsonl.gz"})
	if err != nil {
		return nil, "", err
	}
	if model, err = stance.Train(data, set, prepare); err != nil {
		return nil, "", err
	}
	scores, err := stance.Evaluate(model, dev, prepare)
	if err := errors.Join(err, failure, ctx.Err()); err != nil {
		return nil, "", err
	}
	card, err = stance.Card(model, data, scores)
	return model, card, err
}

// stanceData reads rows of each kind under dir; mission names pairs of rows and
// their articles.
func stanceData(dir, targetedSet, directedSet string, mission ...[2]string) (stance.Data, error) {
	var data stance.Data
	targeted, err := gold.ReadGold[gold.TargetedRow](filepath.Join(dir, "targeted", targetedSet+".jsonl.gz"))
	if err != nil {
		return data, err
	}
	for _, r := range targeted {
		data.Targeted = append(data.Targeted, stance.TargetedRow{Text: r.Text, Mention: gold.Spans{{r.From, r.To}}.Bytes(r.Text)[0], Label: r.Label})
	}
	directed, err := gold.ReadGold[gold.DirectedRow](filepath.Join(dir, "directed", directedSet+".jsonl.gz"))
	if err != nil {
		return data, err
	}
	for _, r := range directed {
		if text, p, q, ok := r.Unbracketed(); ok {
			data.Directed = append(data.Directed, stance.DirectedRow{Text: text, P: p, Q: q, Label: r.Label})
		}
	}
	for _, names := range mission {
		rows, err := missionRows(filepath.Join(dir, "mission", names[0]), filepath.Join(dir, "mission", names[1]))
		if err != nil {
			return data, err
		}
		data.Statement = append(data.Statement, rows...)
	}
	return data, nil
}

// missionRows reads coded statements, without those on which the coders differ.
func missionRows(rowsPath, articlesPath string) ([]stance.StatementRow, error) {
	config, err := DefaultConfig()
	if err != nil {
		return nil, err
	}
	known := map[string]target.Spec{} // rows that give a bare id mean a default target
	for _, t := range config.Targets {
		known[t.ID] = t
	}
	articles, err := gold.Read[gold.Article](articlesPath)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, a := range articles {
		texts[a.ID] = a.Text
	}
	rows, err := gold.ReadGold[gold.MissionRow](rowsPath)
	if err != nil {
		return nil, err
	}
	var out []stance.StatementRow
	for _, r := range rows {
		text := texts[r.ID]
		at := strings.Index(text, r.Evidence)
		if at < 0 || r.Disputed {
			continue // evidence that the article lacks teaches nothing
		}
		if t, ok := known[r.Target.ID]; ok && r.Target.Name == "" {
			r.Target.Name, r.Target.Kind, r.Target.Aliases = t.Name, t.Kind, t.Aliases
		}
		out = append(out, stance.StatementRow{Article: text, Evidence: corpus.Span{Start: at, End: at + len(r.Evidence)},
			Mention: r.Mention, Aliases: append([]string{r.Target.Name}, r.Target.Aliases...), Source: r.SpeakerMention, Kind: r.Target.Kind, Stance: r.Stance})
	}
	return out, nil
}

// A Cutter writes the examples of a split, train or dev, of the coded data
// under dir as JSON lines, and returns their number.
type Cutter func(ctx context.Context, dir, split string, w io.Writer) (int, error)

// AttributionWindows is the Cutter of attribution: the windows of PolNeAR's
// articles, cut and labelled by the code that reads articles in a run.
func AttributionWindows(ctx context.Context, dir, split string, w io.Writer) (int, error) {
	file := filepath.Join(dir, "attribution", split+".jsonl.gz")
	words, err := wordStages()
	if err != nil {
		return 0, err
	}
	pieces, err := encoder.NewTokenizer(models.WordPieces())
	if err != nil {
		return 0, err
	}
	rows, err := gold.ReadGold[gold.AttributionRow](file)
	if err != nil {
		return 0, err
	}
	n, lines := 0, json.NewEncoder(w)
	for _, row := range rows {
		doc := &corpus.Document{ID: row.ID, Text: row.Text}
		for _, s := range words {
			if err := errors.Join(ctx.Err(), s.Process(doc)); err != nil {
				return n, fmt.Errorf("%s: %w", file, err)
			}
		}
		var coded []attribution.Gold
		for _, a := range row.Attributions {
			coded = append(coded, attribution.Gold{Source: a.Source.Bytes(row.Text), Cue: a.Cue.Bytes(row.Text), Content: a.Content.Bytes(row.Text)})
		}
		cut, err := attribution.Windows(pieces, doc, coded)
		if err != nil {
			return n, err
		}
		for _, window := range cut {
			if err := lines.Encode(window); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// TrainSpeakers trains the ranker of antecedents on the coded statements under
// dir, mission/train-*.jsonl.gz with -articles beside each. The same rows give
// the same bytes. The card's scores are those of held-out folds.
func TrainSpeakers(ctx context.Context, dir string) (model []byte, card string, err error) {
	words, err := wordStages()
	if err != nil {
		return nil, "", err
	}
	catalogue, err := mention.NewCatalogue(models.Speakers(), nil)
	if err != nil {
		return nil, "", err
	}
	statements, err := newReader()
	if err != nil {
		return nil, "", err
	}
	stages := append(words, mention.New(catalogue), statements)
	var coded []mention.CodedArticle
	for _, name := range []string{"train-syria", "train-any"} {
		stem := filepath.Join(dir, "mission", name)
		articles, err := gold.Read[gold.Article](stem + "-articles.jsonl.gz")
		if err != nil {
			return nil, "", err
		}
		rows, err := gold.ReadGold[gold.MissionRow](stem + ".jsonl.gz")
		if err != nil {
			return nil, "", err
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
					return nil, "", err
				}
			}
			coded = append(coded, mention.CodedArticle{Doc: doc, Coded: codedSources(doc, byID[article.ID])})
		}
	}
	model, scores, err := mention.Train(catalogue, coded, mention.DefaultSettings)
	if err != nil {
		return nil, "", err
	}
	return model, mention.Card(model, len(coded), scores), nil
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
