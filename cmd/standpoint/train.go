package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
)

func newTrain(g *global) *cobra.Command {
	var data, out string
	c := &cobra.Command{
		Use:   "train TASK --data DIR --out FILE",
		Short: "Rebuild a model from coded data",
		Long: `Trains a model on the training splits under --data and writes it to --out. The
same data give the same bytes. TASK is stance, which reads

  targeted/newsmtsc-train.jsonl.gz
  directed/dse-train.jsonl.gz
  mission/train-syria.jsonl.gz, mission/train-any.jsonl.gz, and their -articles`,
		Example: `  standpoint train stance --data data --out models/stance.bin`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] != "stance" {
				return usageError{fmt.Errorf("unknown task %q: want stance", args[0])}
			}
			if data == "" || out == "" {
				return usageError{fmt.Errorf("--data and --out are needed")}
			}
			model, err := analysis.TrainStance(c.Context(), data)
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
