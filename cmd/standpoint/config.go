package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/models"
)

func newConfig(g *global) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Write, check or print the configuration"}
	c.AddCommand(&cobra.Command{
		Use:     "init [FILE]",
		Short:   "Write the default configuration to edit; to standard output without FILE",
		Example: `  standpoint config init targets.yaml`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := c.OutOrStdout().Write(models.Targets())
				return err
			}
			file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
			if errors.Is(err, fs.ErrExist) {
				return usageError{fmt.Errorf("%s: exists already (name another file, or remove it)", args[0])}
			} else if err != nil {
				return fmt.Errorf("%s: cannot write: %w", args[0], errors.Unwrap(err))
			}
			_, err = file.Write(models.Targets())
			if err := errors.Join(err, file.Close()); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "Wrote %s. Edit it, then: standpoint config check %s", args[0], args[0])
			return nil
		},
	}, &cobra.Command{
		Use:     "check FILE",
		Short:   "Say whether a configuration is sound",
		Example: `  standpoint config check targets.yaml`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := analysis.LoadConfig(args[0])
			if err != nil {
				return usageError{err}
			}
			if _, err := analysis.New(config); err != nil {
				return usageError{fmt.Errorf("%s: %w", args[0], err)}
			}
			g.say(c.ErrOrStderr(), "%s: sound, %d targets", args[0], len(config.Targets))
			return nil
		},
	}, &cobra.Command{
		Use:   "show",
		Short: "Print the effective configuration, defaults filled in",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			config, err := loadConfig(g, false)
			if err != nil {
				return err
			}
			data, err := config.YAML()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(data)
			return err
		},
	})
	return c
}
