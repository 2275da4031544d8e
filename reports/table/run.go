package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// Tool is the name by which run.json marks an output folder as ours.
const Tool = "standpoint"

// A RunInfo is what run.json says of a run. All but Started, Finished, Timings
// and PeakMemoryBytes is the same for the same runs over the same input.
type RunInfo struct {
	Tool          string `json:"tool"`            // set by Finish
	Version       string `json:"version"`         // of standpoint
	SchemaVersion int    `json:"schema_version"`  // set by Finish
	Demo          bool   `json:"demo,omitempty"`  // the embedded demo corpus was read
	Run           int    `json:"run"`             // number of the run, from 1; set by Finish
	Shard         string `json:"shard,omitempty"` // "3/40": the part of the corpus that was analysed; empty for all of it

	EnvironmentSHA256 string            `json:"environment_sha256"` // of what an analysis depends on beside the article
	ConfigSHA256      string            `json:"config_sha256"`      // of the effective configuration
	ModelsSHA256      map[string]string `json:"models_sha256"`      // by file of package models
	InputsSHA256      map[string]string `json:"inputs_sha256"`      // of the input: "articles", over all of them in a fixed order
	Targets           []Target          `json:"targets"`            // as configured, in order
	Events            []Event           `json:"events,omitempty"`   // as configured, in order

	Counting Counting           `json:"counting,omitzero"` // set by Finish; absent where copies count once and quotations each time
	Since    string             `json:"since,omitempty"`   // YYYY-MM-DD: summary and report cover articles published since; set by Finish
	Counts   Counts             `json:"counts"`            // set by Finish
	Timings  map[string]float64 `json:"timings,omitempty"` // seconds by part of the run

	Started         time.Time `json:"started"`  // UTC
	Finished        time.Time `json:"finished"` // UTC
	PeakMemoryBytes int64     `json:"peak_memory_bytes,omitempty"`
}

// A Target is a configured target.
type Target struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// An Event is a configured day that readers of a timeline should see.
type Event struct {
	Date string `json:"date"` // YYYY-MM-DD
	Name string `json:"name"`
}

// Counts are the totals of a run. In = Analysed + Unchanged + Duplicates +
// Quarantined.
type Counts struct {
	In          int `json:"in"`          // articles met
	Analysed    int `json:"analysed"`    // articles that count, analysed in this run
	Unchanged   int `json:"unchanged"`   // articles that count, as the run before analysed them
	Duplicates  int `json:"duplicates"`  // articles that are copies of those
	Quarantined int `json:"quarantined"` // articles that could not be analysed

	Relevant   int `json:"relevant"`   // rows of articles that mention a target
	Statements int `json:"statements"` // rows of statements
	Stances    int `json:"stances"`    // rows of stances

	Abstained         int `json:"abstained"`          // stances labelled abstain
	SpeakersAbstained int `json:"speakers_abstained"` // statements without a speaker
	Speakers          int `json:"speakers"`           // rows of speakers
}

// Covers reports whether summary and report cover an article published then.
func (r *RunInfo) Covers(published *int64) bool { return covers(r.Since, Partition(published)) }

// covers reports whether what is summarised since a day covers a partition.
func covers(since, part string) bool {
	return since == "" || part != undated && part >= "dt="+since
}

// ReadRun reads run.json under dir.
func ReadRun(dir string) (RunInfo, error) {
	var info RunInfo
	path := filepath.Join(dir, runFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return info, fmt.Errorf("%s: cannot be read: %w (name the --out folder of a finished run)", path, err)
	}
	if err := json.Unmarshal(data, &info); err != nil {
		return info, fmt.Errorf("%s: cannot be read: %w (run standpoint again to rebuild it)", path, err)
	}
	if info.Tool != Tool {
		return info, fmt.Errorf("%s: is of the tool %q (name the --out folder of a finished run)", path, info.Tool)
	}
	if info.SchemaVersion != SchemaVersion {
		return info, fmt.Errorf("%s: has tables of schema version %d, this standpoint reads %d (run standpoint again)", path, info.SchemaVersion, SchemaVersion)
	}
	return info, nil
}

func writeRun(dir string, info RunInfo) error {
	data, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	f, err := disk.Create(filepath.Join(dir, runFile))
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	return errors.Join(err, f.Close())
}
