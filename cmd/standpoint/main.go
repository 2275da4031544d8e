// Command standpoint finds who says what in news articles, and which side each
// statement takes toward chosen targets.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/table"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // wrong usage or configuration
	exitQuarantined = 3 // done, but more was quarantined than allowed
	exitLocked      = 4 // another program writes to the output folder
)

// usageError marks an error as the user's: wrong usage or configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errQuarantined says that a command did its work, but not on every article.
var errQuarantined = errors.New("done, but articles were left out")

func main() {
	settleCollector()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var recorded recordedError
	if err != nil && !errors.As(err, &recorded) {
		fmt.Fprintln(stderr, "standpoint:", err)
	}
	return exitCode(err)
}

// exitCode is the exit code that tells of an error.
func exitCode(err error) int {
	var usage usageError
	var locked *table.LockedError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errQuarantined):
		return exitQuarantined
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &locked):
		return exitLocked
	default:
		return exitFailed
	}
}

// global holds the flags that all commands share.
type global struct {
	config   string
	speakers string
	quiet    bool
	json     bool
}

func newRoot() *cobra.Command {
	var g global
	root := &cobra.Command{
		Use:   "standpoint",
		Short: "Who says what in the news, and which side each statement takes",
		Long: `standpoint reads news articles, attributes what is said to its speakers, and
scores each statement's stance toward chosen targets. It writes Parquet tables
and an HTML report.

Data goes to standard output, messages to standard error.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 done but more
articles were quarantined than --max-quarantine allows, 4 another run is writing
to the output folder.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&g.speakers, "speakers", "", "file of your own speakers, and of names to merge or keep apart (.yaml or .csv)")
	root.PersistentFlags().StringVar(&g.config, "config", "", "configuration file (default: the embedded one; `standpoint config init` writes it)")
	root.PersistentFlags().BoolVarP(&g.quiet, "quiet", "q", false, "no messages but errors")
	root.PersistentFlags().BoolVar(&g.json, "json", false, "print results as JSON where the command has a choice")
	root.AddCommand(newRun(&g), newInspect(&g), newAnnotate(&g), newPredict(&g), newEval(&g), newTrain(&g), newWindows(&g), newReport(&g),
		newSample(&g), newAgree(&g), newEstimate(&g), newExport(&g), newConfig(&g),
		newMerge(&g), newStep(&g), newRuns(&g), newCompact(&g), newSchedule(&g))
	root.Args = cobra.NoArgs
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	wrapArgs(root)
	return root
}

// wrapArgs turns complaints about arguments into usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w (see `%s --help`)", err, cmd.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func workersFlag(c *cobra.Command, n *int) {
	c.Flags().IntVarP(n, "workers", "j", runtime.NumCPU(), "processor cores to use")
}

// setWorkers bounds the program to n cores: reading and writing count too.
func setWorkers(n int) error {
	if n < 1 || n > 1024 {
		return usageError{fmt.Errorf("--workers %d: want 1 to 1024", n)}
	}
	runtime.GOMAXPROCS(n)
	return nil
}

// printJSON prints a result for programs to read.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
