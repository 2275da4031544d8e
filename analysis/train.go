package analysis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
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
