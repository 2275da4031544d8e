package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/html"
)

// parseDay reads the day that a flag names.
func parseDay(flag, day string) (time.Time, error) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return at, usageError{fmt.Errorf("%s %q: want a date as YYYY-MM-DD", flag, day)}
	}
	return at, nil
}

func newReport(g *global) *cobra.Command {
	var other, split string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Rebuild the report from the tables of a run, or compare two runs or periods",
		Long: `Writes report/index.html from the tables under DIR, further pages where there are
more statements than a browser opens in comfort, and report/figures: figures for
papers as SVG and PNG, each with its data as CSV.

--compare and --split write report/compare.html instead: whose side changed, from
another run to this one, or from before a day to after it.`,
		Example: `  standpoint report standpoint-out
  standpoint report this-year --compare last-year
  standpoint report standpoint-out --split 2017-04-07`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			page := "index.html"
			var err error
			switch {
			case other != "" && split != "":
				return usageError{fmt.Errorf("--compare and --split: give one of them")}
			case other != "":
				page, err = "compare.html", html.WriteComparison(args[0], other)
			case split != "":
				since, bad := parseDay("--split", split)
				if bad != nil {
					return bad
				}
				page, err = "compare.html", html.WritePeriods(args[0], since)
			default:
				err = html.WriteFile(args[0])
			}
			if err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Report: %s", filepath.Join(args[0], "report", page))
			return nil
		},
	}
	c.Flags().StringVar(&other, "compare", "", "folder of an earlier run to compare this one with")
	c.Flags().StringVar(&split, "split", "", "day (YYYY-MM-DD) to compare the time before with the time after")
	return c
}
