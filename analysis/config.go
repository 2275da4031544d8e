package analysis

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
)

// The scopes of a run.
const (
	ScopeRelevant = "relevant" // articles that mention no target are recorded and cost no more
	ScopeAll      = "all"      // every article is attributed
)

// How often what is repeated counts in summaries.
const (
	CountOnce = "once" // the original, or the earliest
	CountEach = "each" // every time
)

// A Config is all that steers a run. The zero value is not usable: begin with
// DefaultConfig.
type Config struct {
	Targets   []target.Spec  `yaml:"targets"`
	Speakers  []mention.Spec `yaml:"speakers,omitempty"`  // known beside the embedded catalogue
	Same      [][]string     `yaml:"same,omitempty"`      // ids or names of one speaker each
	Different [][]string     `yaml:"different,omitempty"` // ids or names of speakers to keep apart
	Events    []Event        `yaml:"events,omitempty"`    // marked in the report
	Fields    reader.Fields  `yaml:"fields"`              // names of the record fields

	Scope                string  `yaml:"scope"`
	CountCopies          string  `yaml:"count_copies"`           // CountOnce or CountEach
	CountQuotations      string  `yaml:"count_quotations"`       // repeated across articles: CountOnce or CountEach
	MinSpeakerConfidence float64 `yaml:"min_speaker_confidence"` // 0…1
	MinStanceConfidence  float64 `yaml:"min_stance_confidence"`  // 0…1
	MaxArticleBytes      int     `yaml:"max_article_bytes"`
}

// An Event is a day that readers of a timeline should see.
type Event struct {
	Date string `yaml:"date"` // YYYY-MM-DD
	Name string `yaml:"name"`
}

// Defaults of the thresholds, chosen on the coded dev articles.
const (
	DefaultMinSpeakerConfidence = 0.4
	DefaultMinStanceConfidence  = 0.35
)

// DefaultConfig returns the embedded default: Syria, Assad and the strikes.
func DefaultConfig() (Config, error) {
	return ParseConfig("default configuration", models.Targets())
}

// LoadConfig reads a configuration file; an empty path means the default.
func LoadConfig(path string) (Config, error) {
	if path == "" {
		return DefaultConfig()
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("%s: cannot read the configuration: %w (`standpoint config init` writes one to edit)", path, errors.Unwrap(err))
	}
	return ParseConfig(path, data)
}

// ParseConfig reads YAML strictly: an unknown key, a wrong type or a value out
// of range is an error that begins with the path and, where YAML knows it, the
// line. What the file leaves out takes its default.
func ParseConfig(path string, data []byte) (Config, error) {
	c := Config{
		Scope:                ScopeRelevant,
		CountCopies:          CountOnce,
		CountQuotations:      CountEach,
		MinSpeakerConfidence: DefaultMinSpeakerConfidence,
		MinStanceConfidence:  DefaultMinStanceConfidence,
		MaxArticleBytes:      reader.DefaultMaxArticleBytes,
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, yamlError(path, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("%s: holds more than one YAML document (keep one)", path)
	}
	c.Fields = withDefaults(c.Fields)
	if err := c.validate(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// yamlError puts the line that YAML names behind the path: "path:line: what".
func yamlError(path string, err error) error {
	text := err.Error()
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		text = typed.Errors[0]
	}
	var line int
	var rest string
	for _, form := range []string{"line %d: ", "yaml: line %d: "} {
		if n, _ := fmt.Sscanf(text, form, &line); n == 1 {
			head := fmt.Sprintf(form, line)
			if len(text) > len(head) {
				rest = text[len(head):]
			}
			return fmt.Errorf("%s:%d: %s (`standpoint config show` lists every key)", path, line, readable(rest))
		}
	}
	return fmt.Errorf("%s: %s (`standpoint config show` lists every key)", path, text)
}

// readable turns the decoder's words for an unknown key into the user's.
func readable(text string) string {
	var key, typ string
	if n, _ := fmt.Sscanf(text, "field %s not found in type %s", &key, &typ); n == 2 {
		return fmt.Sprintf("unknown key %q", key)
	}
	return text
}

func withDefaults(f reader.Fields) reader.Fields {
	d := reader.DefaultFields()
	for _, pair := range []struct{ have, fall *[]string }{
		{&f.ID, &d.ID}, {&f.Title, &d.Title}, {&f.Text, &d.Text}, {&f.Publisher, &d.Publisher},
		{&f.URL, &d.URL}, {&f.Published, &d.Published}, {&f.Topic, &d.Topic},
	} {
		if len(*pair.have) == 0 {
			*pair.have = *pair.fall
		}
	}
	return f
}

func (c Config) validate() error {
	if err := target.Validate(c.Targets); err != nil {
		return err
	}
	for _, s := range c.Speakers {
		if err := s.Validate(); err != nil {
			return err
		}
	}
	for _, e := range c.Events {
		if _, err := time.Parse(time.DateOnly, e.Date); err != nil || e.Name == "" {
			return fmt.Errorf("events: date %q, name %q: want a date as YYYY-MM-DD and a name", e.Date, e.Name)
		}
	}
	for _, list := range append(slices.Clone(c.Same), c.Different...) {
		if len(list) < 2 || slices.Contains(list, "") {
			return fmt.Errorf("same, different: %q: want two names or more", list)
		}
	}
	if c.Scope != ScopeRelevant && c.Scope != ScopeAll {
		return fmt.Errorf("scope: %q is neither %s nor %s", c.Scope, ScopeRelevant, ScopeAll)
	}
	for _, k := range [][2]string{{"count_copies", c.CountCopies}, {"count_quotations", c.CountQuotations}} {
		if k[1] != CountOnce && k[1] != CountEach {
			return fmt.Errorf("%s: %q is neither %s nor %s", k[0], k[1], CountOnce, CountEach)
		}
	}
	for _, t := range []struct {
		name  string
		value float64
	}{{"min_speaker_confidence", c.MinSpeakerConfidence}, {"min_stance_confidence", c.MinStanceConfidence}} {
		if !(t.value >= 0 && t.value <= 1) {
			return fmt.Errorf("%s: %v lies outside of 0 to 1", t.name, t.value)
		}
	}
	if c.MaxArticleBytes < 1 {
		return fmt.Errorf("max_article_bytes: %d is less than 1", c.MaxArticleBytes)
	}
	return nil
}

// catalogue is the embedded catalogue of speakers with the configuration's own.
func (c Config) catalogue() (*mention.Catalogue, error) {
	if len(c.Speakers) == 0 {
		return embedded()
	}
	return mention.NewCatalogue(models.Speakers(), c.Speakers)
}

var embedded = sync.OnceValues(func() (*mention.Catalogue, error) { return mention.NewCatalogue(models.Speakers(), nil) })

// KnownSpeakers returns what reports whether an id is of the catalogue or the
// configuration's own speakers.
func (c Config) KnownSpeakers() (func(id string) bool, error) {
	catalogue, err := c.catalogue()
	if err != nil {
		return nil, err
	}
	return catalogue.Knows, nil
}

// YAML renders the effective configuration.
func (c Config) YAML() ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(c); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// SHA256 identifies the effective configuration, in hex.
func (c Config) SHA256() (string, error) {
	data, err := c.YAML()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
