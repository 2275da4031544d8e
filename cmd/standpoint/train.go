package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/analysis/tag"
)

func newTrain(g *global) *cobra.Command {
	var data, out string
	c := &cobra.Command{
		Use:   "train TASK [--data DIR] --out FILE",
		Short: "Rebuild a model from coded data",
		Long: `Trains a model on the training splits under --data, scores it on held-out rows,
and writes it to --out and its card beside it (.md in place of .bin). The same
data give the same bytes. TASK is tag, which turns prose's tagger into a form
that loads at once and needs no --data; speakers, the ranker of antecedents
and how sure a speaker is; or targets, which says what targets statements take up. These two read
mission/train-syria.jsonl.gz, train-any.jsonl.gz and their -articles.
The encoder is trained in models/encoder/training, on what windows cuts.`,
		Example: `  standpoint train speakers --data data --out models/speakers.bin`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" || data == "" && args[0] != "tag" {
				return usageError{fmt.Errorf("--data and --out are needed")}
			}
			var model []byte
			var card string
			var err error
			switch args[0] {
			case "tag":
				model, card, err = tag.FromProse()
			case "speakers":
				model, card, err = analysis.TrainSpeakers(c.Context(), data)
			case "targets":
				model, card, err = analysis.TrainTargets(c.Context(), data)
			default:
				return usageError{fmt.Errorf("unknown task %q: want speakers, tag or targets", args[0])}
			}
			if err != nil {
				return err
			}
			cardFile := strings.TrimSuffix(out, ".bin") + ".md"
			if err := errors.Join(analysis.WriteModel(out, model), analysis.WriteModel(cardFile, []byte(card))); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Wrote %s, %d bytes, and %s.", out, len(model), cardFile)
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "folder of the coded data")
	c.Flags().StringVar(&out, "out", "", "file to write")
	return c
}
