package analysis

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
	"github.com/standpoint-news/standpoint/analysis/mention"
)

// AddSpeakers reads a file of the user's own speakers and rulings and adds them
// to the configuration. A YAML file has the keys speakers, same and different,
// as the configuration has. A CSV file has a header: with the column decision
// it is the table merges, edited (decision, id, other_id; rows that say "same"
// or "different" are heeded); otherwise it lists speakers (name, type, and as
// wanted id, wikidata, gender, aliases, metonyms, demonyms, short, the last four
// parted by semicolons).
func (c *Config) AddSpeakers(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: cannot read the speakers: %w", path, errors.Unwrap(err))
	}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		err = c.addCSV(path, data)
	case ".yaml", ".yml":
		err = c.addYAML(path, data)
	default:
		return fmt.Errorf("%s: a file of speakers ends in .yaml, .yml or .csv, not %q", path, ext)
	}
	if err != nil {
		return err
	}
	if err := c.validate(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (c *Config) addYAML(path string, data []byte) error {
	var file struct {
		Speakers  []mention.Spec `yaml:"speakers"`
		Same      [][]string     `yaml:"same"`
		Different [][]string     `yaml:"different"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return yamlError(path, err)
	}
	c.Speakers = append(c.Speakers, file.Speakers...)
	c.Same, c.Different = append(c.Same, file.Same...), append(c.Different, file.Different...)
	return nil
}

// columns that a CSV file of speakers may have.
var speakerColumns = []string{"id", "name", "type", "wikidata", "gender", "aliases", "metonyms", "demonyms", "short"}

func (c *Config) addCSV(path string, data []byte) error {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s:1: cannot read the header: %w", path, err)
	}
	rulings := slices.Contains(header, "decision")
	want := []string{"name", "type"}
	if rulings {
		want = []string{"decision", "id", "other_id"}
	}
	for _, column := range want {
		if !slices.Contains(header, column) {
			return fmt.Errorf("%s:1: the column %q is missing (the header is %q)", path, column, header)
		}
	}
	for _, column := range header {
		if !rulings && !slices.Contains(speakerColumns, column) {
			return fmt.Errorf("%s:1: unknown column %q (known are %s)", path, column, strings.Join(speakerColumns, ", "))
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return fmt.Errorf("%s:%d: cannot read the row: %w", path, line, err)
		}
		row := map[string]string{}
		for i, column := range header {
			row[column] = strings.TrimSpace(record[i])
		}
		if rulings {
			pair := []string{row["id"], row["other_id"]}
			switch row["decision"] {
			case string(aggregate.Same):
				c.Same = append(c.Same, pair)
			case string(aggregate.Different):
				c.Different = append(c.Different, pair)
			case string(aggregate.Open), "":
			default:
				return fmt.Errorf("%s:%d: decision %q is none of same, different, open", path, line, row["decision"])
			}
			continue
		}
		list := func(column string) []string {
			var out []string
			for item := range strings.SplitSeq(row[column], ";") {
				if item = strings.TrimSpace(item); item != "" {
					out = append(out, item)
				}
			}
			return out
		}
		spec := mention.Spec{ID: row["id"], Name: row["name"], Type: row["type"], Wikidata: row["wikidata"], Gender: row["gender"],
			Aliases: list("aliases"), Metonyms: list("metonyms"), Demonyms: list("demonyms"), Short: list("short")}
		if err := spec.Validate(); err != nil {
			return fmt.Errorf("%s:%d: %w", path, line, err)
		}
		c.Speakers = append(c.Speakers, spec)
	}
}

// Rulings lists the configuration's word on which speakers are one, by pairs.
func (c Config) Rulings() []aggregate.Ruling {
	var out []aggregate.Ruling
	for _, list := range c.Same {
		for _, other := range list[1:] {
			out = append(out, aggregate.Ruling{A: other, B: list[0], Same: true})
		}
	}
	for _, list := range c.Different {
		for i, a := range list {
			for _, b := range list[:i] {
				out = append(out, aggregate.Ruling{A: a, B: b})
			}
		}
	}
	return out
}
