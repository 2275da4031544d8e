package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/standpoint-news/standpoint/reports/table"
)

// writeMetrics writes the figures of a run, done or failed, in the text format
// of Prometheus, whole or not at all, as the textfile collector wants it.
func writeMetrics(path, out string, info *table.RunInfo, exit int, began time.Time) error {
	var b bytes.Buffer
	metric := func(name, help, labels string, value float64) {
		if help != "" {
			fmt.Fprintf(&b, "# HELP standpoint_%s %s\n# TYPE standpoint_%s gauge\n", name, help, name)
		}
		fmt.Fprintf(&b, "standpoint_%s%s %v\n", name, labels, value)
	}
	stamp := func(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
	metric("run_exit_code", "Exit code of the last run.", "", float64(exit))
	metric("run_started_timestamp_seconds", "When the last run began.", "", stamp(began))
	metric("run_duration_seconds", "How long the last run took.", "", time.Since(began).Seconds())
	if published, err := table.ReadRun(out); err == nil {
		metric("published_timestamp_seconds", "When the tables that stand were finished.", "", stamp(published.Finished))
		metric("published_run", "Number of the run whose tables stand.", "", float64(published.Run))
	}
	if info.Run > 0 {
		c := info.Counts
		for i, x := range []struct {
			outcome string
			n       int
		}{{"analysed", c.Analysed}, {"unchanged", c.Unchanged}, {"duplicate", c.Duplicates}, {"quarantined", c.Quarantined}} {
			help := ""
			if i == 0 {
				help = "Articles of the last run by what became of them."
			}
			metric("articles", help, fmt.Sprintf("{outcome=%q}", x.outcome), float64(x.n))
		}
		metric("statements", "Statements in the tables.", "", float64(c.Statements))
		metric("stances", "Stances in the tables.", "", float64(c.Stances))
		metric("peak_memory_bytes", "Most memory that the last run held.", "", float64(info.PeakMemoryBytes))
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".standpoint-*")
	if err != nil {
		return fmt.Errorf("%s: cannot write the metrics: %w (name a file in a folder that you may write to)", path, err)
	}
	_, err = f.Write(b.Bytes())
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
		return fmt.Errorf("%s: cannot write the metrics: %w (name a file in a folder that you may write to)", path, err)
	}
	return nil
}
