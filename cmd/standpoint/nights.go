package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/reports/table"
)

func newRuns(g *global) *cobra.Command {
	c := &cobra.Command{
		Use:   "runs DIR",
		Short: "List the runs of an output folder, or prune the earlier ones",
		Long: `Lists the published run of the output folder DIR and the earlier ones that are
kept under DIR.state/runs, oldest first. Each is a whole output folder; files
that did not change from one to the next are shared, and "own" is what a run
alone takes.`,
		Example: `  standpoint runs night
  standpoint runs prune night --keep 1`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			runs, err := table.Runs(args[0])
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if g.json {
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				if runs == nil {
					runs = []table.Run{}
				}
				return enc.Encode(runs)
			}
			for _, r := range runs {
				mark := " "
				if r.Current {
					mark = "*"
				}
				counts := r.Info.Counts
				fmt.Fprintf(out, "%s run %d  %s  %d articles, %d statements, %d stances  %.1f MB, %.1f MB own  %s\n", mark, r.Number,
					r.Info.Finished.Format(time.DateTime), counts.In, counts.Statements, counts.Stances, float64(r.Bytes)/1e6, float64(r.Own)/1e6, r.Dir)
			}
			if len(runs) == 0 {
				g.say(c.ErrOrStderr(), "%s: no runs", args[0])
			}
			return nil
		},
	}
	var keep int
	prune := &cobra.Command{
		Use:     "prune DIR",
		Short:   "Remove all but the last few earlier runs; the published one stays",
		Example: `  standpoint runs prune night --keep 1`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if keep < 0 {
				return usageError{fmt.Errorf("--keep %d: want 0 or more", keep)}
			}
			before, err := table.Runs(args[0])
			if err != nil {
				return err
			}
			if len(before) == 0 {
				return fmt.Errorf("%s: holds no run (name the --out folder of a run)", args[0])
			}
			if err := table.Prune(args[0], keep); err != nil {
				return err
			}
			after, err := table.Runs(args[0])
			g.say(c.ErrOrStderr(), "%d runs removed, %d left.", len(before)-len(after), len(after))
			return err
		},
	}
	prune.Flags().IntVar(&keep, "keep", 2, "earlier runs to keep")
	c.AddCommand(prune)
	return c
}

func newCompact(g *global) *cobra.Command {
	var keep int
	c := &cobra.Command{
		Use:   "compact DIR",
		Short: "Make the files that nights have added to a day one again",
		Long: `Every night adds a Parquet file to the days that it found articles of. compact
makes them one file a day again. No row changes; who reads the folder meanwhile
reads the old files to their end.`,
		Example: `  standpoint compact night`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if keep < 0 {
				return usageError{fmt.Errorf("--keep %d: want 0 or more", keep)}
			}
			if err := table.Compact(args[0], keep); err != nil {
				return err
			}
			g.say(c.ErrOrStderr(), "%s: compacted.", args[0])
			return nil
		},
	}
	c.Flags().IntVar(&keep, "keep", 2, "earlier runs to keep")
	return c
}

func newSchedule(g *global) *cobra.Command {
	var at, out, metrics, since string
	var systemd bool
	var corpus corpusFlags
	c := &cobra.Command{
		Use:   "schedule CORPUS…",
		Short: "Print the cron line or systemd timer of a nightly run",
		Long: `Prints a line for crontab(5), or with --systemd a service and a timer, that run
standpoint over CORPUS every night. It installs nothing. The lines name this
program, the corpus and the output folder by their full paths; a run that finds
another one at work ends at once with exit code 4.`,
		Example: `  (crontab -l; standpoint schedule --out night articles/) | crontab -
  standpoint schedule --systemd --at 03:15 --out night articles/`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && len(corpus.manifests) == 0 {
				return usageError{errors.New("schedule: no CORPUS (name a file or folder)")}
			}
			clock, err := time.Parse("15:04", at)
			if err != nil {
				return usageError{fmt.Errorf("--at %q: want hours and minutes, as 02:30", at)}
			}
			program, err := os.Executable()
			if err != nil {
				return err
			}
			command := []string{program, "run", "--log", "text"}
			for _, flag := range []struct{ name, path string }{{"--config", g.config}, {"--speakers", g.speakers}, {"--out", out}, {"--metrics", metrics}} {
				if flag.path == "" {
					continue
				}
				if flag.path, err = filepath.Abs(flag.path); err != nil {
					return err
				}
				command = append(command, flag.name, flag.path)
			}
			if err := checkSince(since); err != nil {
				return err
			}
			if since != "" {
				command = append(command, "--since", since)
			}
			for _, pattern := range corpus.include {
				command = append(command, "--include", pattern)
			}
			for _, pattern := range corpus.exclude {
				command = append(command, "--exclude", pattern)
			}
			for _, list := range corpus.manifests {
				path, err := filepath.Abs(list)
				if err != nil {
					return err
				}
				command = append(command, "--manifest", path)
			}
			for _, arg := range args {
				if arg == "-" {
					return usageError{fmt.Errorf("-: a nightly run has no standard input (name files or folders)")}
				}
				path, err := filepath.Abs(arg)
				if err != nil {
					return err
				}
				command = append(command, path)
			}
			for _, word := range command {
				if strings.ContainsAny(word, "\n\r") {
					return usageError{fmt.Errorf("%q: a line break cannot stand in a schedule (rename it)", word)}
				}
			}
			w := c.OutOrStdout()
			if !systemd {
				log, err := filepath.Abs(out)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%d %d * * * %s >>%s 2>&1\n", clock.Minute(), clock.Hour(), cronWords(command), cronWords([]string{log + ".log"}))
				return nil
			}
			fmt.Fprintf(w, `# /etc/systemd/system/standpoint.service
[Unit]
Description=standpoint: who says what in the news

[Service]
Type=oneshot
ExecStart=%s
# 3: done, but articles were left out; 4: another run was at work
SuccessExitStatus=3 4
Nice=10

# /etc/systemd/system/standpoint.timer
[Unit]
Description=standpoint every night

[Timer]
OnCalendar=*-*-* %s:00
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl daemon-reload && systemctl enable --now standpoint.timer
`, systemdWords(command), clock.Format("15:04"))
			return nil
		},
	}
	corpus.register(c)
	c.Flags().StringVar(&at, "at", "02:30", "time of day")
	c.Flags().StringVarP(&out, "out", "o", "standpoint-out", "output folder")
	c.Flags().StringVar(&metrics, "metrics", "", "write figures for Prometheus's textfile collector to this file")
	c.Flags().StringVar(&since, "since", "", "summary and report cover the articles published since this day alone (YYYY-MM-DD)")
	c.Flags().BoolVar(&systemd, "systemd", false, "print systemd units in place of a cron line")
	return c
}

// cronWords quotes words for the shell that cron starts; cron itself ends the
// command at a bare %.
func cronWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:=,@", r))
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		quoted[i] = strings.ReplaceAll(w, "%", `\%`)
	}
	return strings.Join(quoted, " ")
}

// systemdWords quotes words for ExecStart (systemd.service(5)).
func systemdWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		w = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(w)
		if strings.ContainsAny(w, " \t'\"\\;") {
			w = `"` + w + `"`
		}
		quoted[i] = w
	}
	return strings.Join(quoted, " ")
}
