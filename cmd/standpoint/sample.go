package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/coding"
)

func newSample(g *global) *cobra.Command {
	var out string
	d := coding.Design{}
	c := &cobra.Command{
		Use:   "sample DIR",
		Short: "Draw stances with known probabilities, and write sheets to code them by hand",
		Long: `Draws a stratified random sample of the stances in the tables of a run, and
writes to --out

  coding.html        a page to code in with the keyboard, that saves to a file
  sheet.csv          the same as a sheet
  label-studio.json  the same as tasks for Label Studio, with label-studio.xml
  CODEBOOK.md        what the codes mean
  key.csv            what the tool says and the probability of each unit: not for coders
  design.json        how the sample was drawn

Strata are cells of the columns --strata: ` + strings.Join(coding.By, ", ") + `.
The same tables, options and seed give the same sample. Then: standpoint agree,
standpoint estimate.`,
		Example: `  standpoint sample standpoint-out --size 200 --out sample
  standpoint sample standpoint-out --strata target,label,speaker_type --equal`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			units, err := coding.Population(args[0])
			if err != nil {
				return err
			}
			strata, err := coding.Draw(units, d)
			if err != nil {
				return usageError{err}
			}
			if err := coding.WriteSample(out, args[0], units, d); err != nil {
				return err
			}
			if g.json {
				return printJSON(c.OutOrStdout(), strata)
			}
			drawn := 0
			for _, s := range strata {
				drawn += s.Drawn
				g.say(c.ErrOrStderr(), "  %s: %d of %d", s.Name, s.Drawn, s.Size)
			}
			g.say(c.ErrOrStderr(), "Drew %d of %d stances in %d strata. To code: %s", drawn, len(units), len(strata), filepath.Join(out, coding.PageFile))
			return nil
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "standpoint-sample", "folder to write, absent or empty")
	c.Flags().IntVarP(&d.Size, "size", "n", 200, "stances to draw")
	c.Flags().StringSliceVar(&d.Strata, "strata", []string{"target", "label"}, "columns whose cells are the strata")
	c.Flags().BoolVar(&d.Equal, "equal", false, "equal shares for all strata (default: in proportion to their size)")
	c.Flags().IntVar(&d.Least, "least", 4, "stances of each stratum, as far as it has them")
	c.Flags().Uint64Var(&d.Seed, "seed", 1, "seed of the draw")
	return c
}
