package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/html"
)

func newReport(g *global) *cobra.Command {
	return &cobra.Command{
		Use:     "report DIR",
		Short:   "Rebuild the report from the tables of a run",
		Example: `  standpoint report standpoint-out`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := html.WriteFile(args[0]); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Report: %s", filepath.Join(args[0], "report", "index.html"))
			return nil
		},
	}
}
