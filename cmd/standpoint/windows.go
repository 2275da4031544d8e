package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
)

func newWindows(g *global) *cobra.Command {
	var data, out, split string
	c := &cobra.Command{
		Use:   "windows TASK --data DIR --out FILE",
		Short: "Cut coded data into what the encoder is trained on",
		Long: `Reads the coded data under --data with the stages that a run uses, and writes
what the encoder is trained on as JSON lines to --out. The same data give the
same bytes. models/encoder/training turns them into weights. TASK is

  attribution  windows of attribution/train.jsonl.gz (or dev)
  stance       passages of mission/train-syria.jsonl.gz and train-any.jsonl.gz
               with their -articles, targeted/newsmtsc-train.jsonl.gz and
               directed/dse-train.jsonl.gz (or their dev files)

The split news cuts syria/articles.jsonl.gz and news/articles-4000.jsonl.gz,
which nobody coded, for a large model to label and a small one to learn from.`,
		Example: `  standpoint windows attribution --data data --out windows.jsonl
  standpoint windows attribution --data data --split dev --out windows-dev.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cut, ok := map[string]analysis.Cutter{"attribution": analysis.AttributionWindows, "stance": analysis.StancePassages}[args[0]]
			if !ok {
				return usageError{fmt.Errorf("unknown task %q: want attribution or stance", args[0])}
			}
			if data == "" || out == "" {
				return usageError{fmt.Errorf("--data and --out are needed")}
			}
			if split != "train" && split != "dev" && split != "news" {
				return usageError{fmt.Errorf("--split %q: want train, dev or news", split)}
			}
			file, err := os.Create(out)
			if err != nil {
				return err
			}
			defer file.Close()
			w := bufio.NewWriter(file)
			n, err := cut(c.Context(), data, split, w)
			if err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("%s: %w", out, err)
			}
			g.say(c.ErrOrStderr(), "Wrote %d examples to %s.", n, out)
			return file.Close()
		},
	}
	c.Flags().StringVar(&data, "data", "", "folder of the coded data")
	c.Flags().StringVar(&split, "split", "train", "train, dev or news")
	c.Flags().StringVar(&out, "out", "", "file to write")
	return c
}
