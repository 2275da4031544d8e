package mention

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/standpoint-news/standpoint/corpus"
)

// A Spec describes a speaker that is known before any article is read.
type Spec struct {
	ID       string   `yaml:"id" json:"id"`                                 // "government:valdoria"
	Name     string   `yaml:"name" json:"name"`                             // as the tables print it
	Type     string   `yaml:"type" json:"type"`                             // person, organisation, government or group
	Wikidata string   `yaml:"wikidata,omitempty" json:"wikidata,omitempty"` // "Q…"
	Aliases  []string `yaml:"aliases,omitempty" json:"aliases,omitempty"`   // other names, matched by case
	Metonyms []string `yaml:"metonyms,omitempty" json:"metonyms,omitempty"` // seats and capitals that speak for it
	Demonyms []string `yaml:"demonyms,omitempty" json:"demonyms,omitempty"` // adjectives: "Valdorian"
	Gender   string   `yaml:"gender,omitempty" json:"gender,omitempty"`     // masculine or feminine
	Short    []string `yaml:"short,omitempty" json:"short,omitempty"`       // surnames that mean this person where an article names no other bearer
	Offices  []Office `yaml:"offices,omitempty" json:"offices,omitempty"`   // held or borne by this person
}

// An Office is a title with the time over which a person holds it.
type Office struct {
	Title string `yaml:"title" json:"title"`                   // lower case, "foreign minister"
	Of    string `yaml:"of,omitempty" json:"of,omitempty"`     // id of the state or body
	From  string `yaml:"from,omitempty" json:"from,omitempty"` // first day, YYYY-MM-DD; empty for always
	To    string `yaml:"to,omitempty" json:"to,omitempty"`     // last day, YYYY-MM-DD; empty for still
}

// held reports whether the office is held on a day. A day that is not known
// counts as held.
func (o *Office) held(day time.Time) bool {
	if day.IsZero() {
		return true
	}
	d := day.Format(time.DateOnly)
	return o.From <= d && (o.To == "" || d <= o.To)
}

// A Catalogue holds the known speakers, titles and first names.
type Catalogue struct {
	specs   []Spec
	types   []corpus.EntityType
	genders []corpus.Gender

	names    map[string]known // by the words of an alias or metonym joined by one space
	longest  int              // words in the longest name
	demonyms map[string]int   // -> spec
	byID     map[string]int   // -> spec
	// adjectives and one-word names of states in lower case -> spec
	lowerStates map[string]int
	peoples     map[string]int    // "Valdorians" -> spec
	short       map[string]int    // surname -> spec
	titlesOf    [][]string        // offices of each spec as they may stand beside its name, lower case
	holders     map[string][]held // "president" of a state's id -> who held it when
	titles      map[string]bool   // lower case
	openers     map[string]bool   // first words of titles, lower case, and of names
	first       map[string]corpus.Gender
}

type held struct {
	spec   int
	office *Office
}

type known struct {
	spec    int
	metonym bool
}

// Validate checks one speaker of a configuration.
func (s Spec) Validate() error {
	if s.Name == "" {
		return fmt.Errorf("speaker %q has no name (add `name:`)", s.ID)
	}
	if _, err := entityType(s.Type); err != nil {
		return fmt.Errorf("speaker %q: %w", s.Name, err)
	}
	for _, o := range s.Offices {
		if o.Title == "" {
			return fmt.Errorf("speaker %q: an office has no title (add `title:`)", s.Name)
		}
		for _, day := range []string{o.From, o.To} {
			if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
				return fmt.Errorf("speaker %q: office %q: %q is no day (write YYYY-MM-DD)", s.Name, o.Title, day)
			}
		}
	}
	switch s.Gender {
	case "", "masculine", "feminine":
	default:
		return fmt.Errorf("speaker %q: gender %q is neither masculine nor feminine", s.Name, s.Gender)
	}
	return nil
}

func entityType(name string) (corpus.EntityType, error) {
	for t := corpus.Person; t <= corpus.Group; t++ {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("type %q is none of person, organisation, government, group", name)
}

// A catalogueFile is models/speakers.yaml, and speakers.json, which is made from it:
// to read YAML takes five times as long, whenever the program starts.
type catalogueFile struct {
	Speakers  []Spec   `yaml:"speakers" json:"speakers"`
	Masculine string   `yaml:"masculine" json:"masculine"`
	Feminine  string   `yaml:"feminine" json:"feminine"`
	Titles    []string `yaml:"titles" json:"titles"`
}

// NewCatalogue reads the embedded catalogue, as JSON, and lays the configuration's own
// speakers over it.
func NewCatalogue(data []byte, own []Spec) (*Catalogue, error) {
	var file catalogueFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("catalogue of speakers: %w", err)
	}
	c := &Catalogue{names: map[string]known{}, demonyms: map[string]int{}, byID: map[string]int{}, lowerStates: map[string]int{},
		peoples: map[string]int{}, short: map[string]int{}, holders: map[string][]held{}, titles: map[string]bool{}, openers: map[string]bool{}, first: map[string]corpus.Gender{}}
	for _, s := range append(file.Speakers, own...) {
		if err := s.Validate(); err != nil {
			return nil, err
		}
		t, _ := entityType(s.Type)
		if s.ID == "" {
			s.ID = t.String() + ":" + slug(s.Name)
		}
		i := len(c.specs)
		c.specs = append(c.specs, s)
		c.types = append(c.types, t)
		gender := corpus.GenderUnknown
		switch s.Gender {
		case "masculine":
			gender = corpus.Masculine
		case "feminine":
			gender = corpus.Feminine
		}
		c.genders = append(c.genders, gender)
		c.byID[s.ID] = i
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			c.name(name, known{i, false})
			if t == corpus.Government && !strings.Contains(name, " ") {
				c.lowerStates[strings.ToLower(name)] = i
			}
		}
		for _, name := range s.Metonyms {
			c.name(name, known{i, true})
		}
		for _, d := range s.Demonyms {
			c.demonyms[d] = i
			c.lowerStates[strings.ToLower(d)] = i
			if t == corpus.Government {
				c.peoples[people(d)] = i
				if p := ownPlurals[d]; p != "" {
					c.peoples[p] = i
				}
			}
		}
	}
	for p := range c.peoples {
		if _, ok := c.names[p]; ok {
			delete(c.peoples, p) // "US" is no people
		}
	}
	for _, t := range file.Titles {
		c.titles[t] = true
		word, _, _ := strings.Cut(t, " ")
		for _, form := range []string{word, word + "s", strings.TrimSuffix(word, ".") + "s."} {
			c.openers[form] = true
		}
	}
	for i := range c.specs {
		s := &c.specs[i]
		var titles []string
		for k := range s.Offices {
			o := &s.Offices[k]
			titles = append(titles, strings.TrimSpace(c.belonging(o.Of)+" "+o.Title))
			if o.Of != "" {
				key := o.Title + " " + o.Of
				c.holders[key] = append(c.holders[key], held{i, o})
			}
		}
		c.titlesOf = append(c.titlesOf, titles)
		for _, n := range s.Short {
			c.short[bare(n)] = i
		}
	}
	for _, n := range strings.Fields(file.Masculine) {
		c.first[n] = corpus.Masculine
	}
	for _, n := range strings.Fields(file.Feminine) {
		c.first[n] = corpus.Feminine
	}
	return c, nil
}

// Knows reports whether an id is of the catalogue.
func (c *Catalogue) Knows(id string) bool {
	_, ok := c.byID[id]
	return ok
}

// belonging returns the words that may stand before a title of a state or body.
func (c *Catalogue) belonging(id string) string {
	i, ok := c.byID[id]
	if !ok {
		return ""
	}
	words := c.specs[i].Demonyms
	if len(words) == 0 {
		words = c.specs[i].Aliases
	}
	return strings.ToLower(strings.Join(words, " "))
}

// people is the plural of a state's adjective.
func people(adjective string) string {
	switch adjective[len(adjective)-1] {
	case 'n', 'i':
		return adjective + "s"
	}
	return adjective
}

// ownPlurals are peoples whose name is no form of their state's adjective.
var ownPlurals = map[string]string{"Turkish": "Turks", "British": "Britons", "Spanish": "Spaniards", "Polish": "Poles", "Swedish": "Swedes",
	"Danish": "Danes", "Finnish": "Finns", "Greek": "Greeks", "Czech": "Czechs", "Serbian": "Serbs", "Croatian": "Croats", "Philippine": "Filipinos"}

func (c *Catalogue) name(name string, k known) {
	words := strings.Fields(name)
	if len(words) == 0 {
		return
	}
	c.openers[words[0]] = true
	c.longest = max(c.longest, len(words))
	c.names[strings.Join(words, " ")] = k
}

// slug turns a name into the stable part of an entity's id: lower case,
// letters and digits, parted by hyphens.
func slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r == '\'' || r == '’' || r == '.':
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		default:
			gap = true
		}
	}
	return b.String()
}
