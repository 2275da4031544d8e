package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/export"
)

func newExport(g *global) *cobra.Command {
	var format, out string
	var help strings.Builder
	var names []string
	for _, f := range export.Formats {
		fmt.Fprintf(&help, "  %-16s %s\n", f.Name, f.What)
		names = append(names, f.Name)
	}
	c := &cobra.Command{
		Use:   "export DIR --to FORMAT",
		Short: "Write the tables of a run in the forms of other tools",
		Long: `Writes the tables of a run to the folder --out in a form that other tools read:

` + help.String() + `
In CSV an apostrophe stands before whatever a spreadsheet would take for a
formula; Parquet and JSON Lines hold the text unchanged.`,
		Example: `  standpoint export standpoint-out --to csv --out sheets
  standpoint export standpoint-out --to brat --out brat/data/syria`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			known := false
			for _, name := range names {
				known = known || name == format
			}
			if !known {
				return usageError{fmt.Errorf("--to %q: want %s", format, strings.Join(names, ", "))}
			}
			if err := export.Write(args[0], format, out); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Wrote %s.", out)
			return nil
		},
	}
	c.Flags().StringVar(&format, "to", "", "format: "+strings.Join(names, ", "))
	c.Flags().StringVarP(&out, "out", "o", "standpoint-export", "folder to write, absent or empty")
	return c
}
