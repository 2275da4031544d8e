package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/coding"
)

func newEstimate(g *global) *cobra.Command {
	var f codedFlags
	var by []string
	var pseudo string
	c := &cobra.Command{
		Use:   "estimate DIR FILE…",
		Short: "Correct the tool's means by a coded sample",
		Long: `Corrects the means of a run by what people coded of a sample drawn from it, so
that their 95 % intervals hold whatever errors the tool makes: by prediction-
powered inference (PPI; Angelopoulos et al. 2023) and by design-based supervised
learning (DSL; Egami et al. 2023), with the tool's own mean and that of the coded
sample alone beside them. Groups are cells of the columns --by:
` + strings.Join(coding.By, ", ") + `.

--regression writes a sheet with a row for every stance and its design-adjusted
outcomes: regress dsl_score on what you like by least squares, with standard
errors clustered by article_id.`,
		Example: `  standpoint estimate standpoint-out standpoint-sample/codings-*.json
  standpoint estimate standpoint-out --by target,outlet --regression dsl.csv ana.csv ben.csv`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			for _, column := range by {
				if !slices.Contains(coding.By, column) {
					return usageError{fmt.Errorf("--by: no column %q (choose from %s)", column, strings.Join(coding.By, ", "))}
				}
			}
			units, err := coding.Redraw(args[0], f.folder(args[1:]))
			if err != nil {
				return err
			}
			var drawn []coding.Unit
			for _, u := range units {
				if u.Drawn {
					drawn = append(drawn, u)
				}
			}
			_, consensus, err := f.read(args[1:], drawn)
			if err != nil {
				return err
			}
			result, err := coding.Correct(units, consensus, by)
			if err != nil {
				return err
			}
			if pseudo != "" {
				if err := writeRegression(pseudo, units, consensus); err != nil {
					return err
				}
				g.say(c.ErrOrStderr(), "Wrote %s.", pseudo)
			}
			if g.json {
				return printJSON(c.OutOrStdout(), result)
			}
			return result.WriteText(c.OutOrStdout())
		},
	}
	f.add(c)
	c.Flags().StringSliceVar(&by, "by", []string{"target"}, "columns whose cells are the groups")
	c.Flags().StringVar(&pseudo, "regression", "", "also write a sheet for regressions to this file")
	return c
}

func writeRegression(path string, units []coding.Unit, consensus map[string]coding.Consensus) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, errors.Unwrap(err))
	}
	buffer := bufio.NewWriter(file)
	return errors.Join(coding.WritePseudo(buffer, units, consensus), buffer.Flush(), file.Close())
}
