package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/analysis/mention"
)

func newTrain(g *global) *cobra.Command {
	var data, out string
	c := &cobra.Command{
		Use:   "train TASK --data DIR --out FILE",
		Short: "Rebuild a model from coded data",
		Long: `Trains a model on the training splits under --data and writes it to --out. The
same data give the same bytes. TASK is stance or speakers, which read

  targeted/newsmtsc-train.jsonl.gz  (stance)
  directed/dse-train.jsonl.gz       (stance)
  mission/train-syria.jsonl.gz, mission/train-any.jsonl.gz, and their -articles`,
		Example: `  standpoint train stance --data data --out models/stance.bin
  standpoint train speakers --data data --out models/speakers.bin`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] != "stance" && args[0] != "speakers" {
				return usageError{fmt.Errorf("unknown task %q: want stance or speakers", args[0])}
			}
			if data == "" || out == "" {
				return usageError{fmt.Errorf("--data and --out are needed")}
			}
			var model []byte
			var err error
			if args[0] == "stance" {
				model, err = analysis.TrainStance(c.Context(), data)
			} else {
				var scores []mention.Score
				model, scores, err = analysis.TrainSpeakers(c.Context(), data)
				for _, s := range scores {
					g.say(c.ErrOrStderr(), "%-12s held out: right %d/%d, speaker in reach %d, calibration error %.3f", s.Class, s.Right, s.Anaphors, s.Reach, s.Error)
				}
			}
			if err != nil {
				return err
			}
			if err := analysis.WriteModel(out, model); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Wrote %s, %d bytes.", out, len(model))
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "folder of the coded data")
	c.Flags().StringVar(&out, "out", "", "file to write")
	return c
}
