package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/coding"
)

// codedFlags are the flags of the commands that read codings.
type codedFlags struct{ sample, final string }

func (f *codedFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.sample, "sample", "", "folder of the sample (default: that of the first FILE, or standpoint-sample)")
	c.Flags().StringVar(&f.final, "final", "", "codings agreed upon in discussion, which stand in the place of the majority")
}

// folder is where the sample's key lies.
func (f *codedFlags) folder(files []string) string {
	if f.sample != "" {
		return f.sample
	}
	beside := filepath.Dir(files[0])
	if _, err := os.Stat(filepath.Join(beside, coding.KeyFile)); err == nil {
		return beside
	}
	return "standpoint-sample"
}

// read reads the codings of the files, and the consensus in them. units are
// those that may be coded.
func (f *codedFlags) read(files []string, units []coding.Unit) ([]coding.Coding, map[string]coding.Consensus, error) {
	codings, err := coding.Read(files, units)
	if err != nil {
		return nil, nil, err
	}
	var final []coding.Coding
	if f.final != "" {
		if final, err = coding.Read([]string{f.final}, units); err != nil {
			return nil, nil, err
		}
	}
	return codings, coding.Settle(codings, final), nil
}

func newAgree(g *global) *cobra.Command {
	var f codedFlags
	c := &cobra.Command{
		Use:   "agree FILE…",
		Short: "Say how far coders agree with each other, and the tool with them",
		Long: `Reads what coders coded of a sample (sheets, files saved from the coding page,
exports of Label Studio) and prints Krippendorff's alpha, the confusion of each
pair of coders, the tool against their consensus by kind of speaker, target,
outlet and period, and risk against coverage as the confidence below which the
tool abstains moves. The consensus is what more than half of a unit's coders say.

All intervals are 95 % percentiles of a bootstrap over articles. Shares of the
tool are weighted by one over the probability of being drawn.`,
		Example: `  standpoint agree standpoint-sample/codings-*.json
  standpoint agree --final settled.csv sample/ana.csv sample/ben.csv`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			units, err := coding.ReadKey(filepath.Join(f.folder(args), coding.KeyFile))
			if err != nil {
				return err
			}
			codings, consensus, err := f.read(args, units)
			if err != nil {
				return err
			}
			a := coding.Agree(units, codings, consensus)
			if g.json {
				return printJSON(c.OutOrStdout(), a)
			}
			return a.WriteText(c.OutOrStdout())
		},
	}
	f.add(c)
	return c
}
