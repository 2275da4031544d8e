package reader

import (
	"cmp"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// Fields lists, for each property of an article, the names under which records
// may give it. Names match without regard to case; the first name on the list
// under which the record has a value wins.
type Fields struct {
	ID        []string `yaml:"id"`
	Title     []string `yaml:"title"`
	Text      []string `yaml:"text"`
	Publisher []string `yaml:"publisher"`
	URL       []string `yaml:"url"`
	Published []string `yaml:"published"`
	Topic     []string `yaml:"topic"`
}

// DefaultFields is the list of the usual names.
func DefaultFields() Fields {
	return Fields{
		ID:        []string{"id", "article_id", "doc_id", "document_id", "uuid", "guid", "_id"},
		Title:     []string{"title", "headline", "heading"},
		Text:      []string{"text", "content", "body", "article", "full_text", "fulltext", "article_text", "article_body", "maintext"},
		Publisher: []string{"publisher", "source", "outlet", "newspaper", "publication", "source_name", "site_name", "source_domain", "domain"},
		URL:       []string{"url", "link", "web_url", "permalink", "uri"},
		Published: []string{"published", "date", "published_at", "publishedat", "publish_date", "published_date", "date_published", "date_publish",
			"publication_date", "pub_date", "pubdate", "datepublished", "datetime", "timestamp"},
		Topic: []string{"topic", "category", "section", "subject"},
	}
}

// The properties, as indices into a record.
const (
	fieldID = iota
	fieldTitle
	fieldText
	fieldPublisher
	fieldURL
	fieldPublished
	fieldTopic
	fieldCount
)

// A record holds the values found for each property.
type record [fieldCount]string

// A slot is a property and the rank of a name on its list.
type slot struct{ field, rank int }

// A fieldTable finds the properties that a name can stand for; one name can
// serve several, as where the URL doubles as the id.
type fieldTable struct {
	lists [fieldCount][]string
	slots map[string][]slot // by name in lower case
}

func newFieldTable(f Fields) *fieldTable {
	d := DefaultFields()
	t := &fieldTable{slots: make(map[string][]slot)}
	given := [fieldCount][]string{f.ID, f.Title, f.Text, f.Publisher, f.URL, f.Published, f.Topic}
	usual := [fieldCount][]string{d.ID, d.Title, d.Text, d.Publisher, d.URL, d.Published, d.Topic}
	for field := range fieldCount {
		t.lists[field] = given[field]
		if len(given[field]) == 0 {
			t.lists[field] = usual[field]
		}
		for rank, name := range t.lists[field] {
			name = strings.ToLower(name)
			t.slots[name] = append(t.slots[name], slot{field, rank})
		}
	}
	return t
}

func (t *fieldTable) find(name string) []slot {
	if slots, ok := t.slots[name]; ok {
		return slots
	}
	return t.slots[strings.ToLower(strings.TrimSpace(name))]
}

// A picker settles which of several names gives a property: the lowest rank,
// then, for names that differ in case alone, the first in byte order, then the
// last given.
type picker struct {
	record
	rank [fieldCount]int
	name [fieldCount]string
}

func (p *picker) offer(s slot, name, value string) {
	if value == "" {
		return
	}
	if p.record[s.field] != "" && cmp.Or(cmp.Compare(s.rank, p.rank[s.field]), cmp.Compare(name, p.name[s.field])) > 0 {
		return
	}
	p.record[s.field], p.rank[s.field], p.name[s.field] = value, s.rank, name
}

// article yields the record as a document, or rejects it for want of a text.
func (r *run) article(place corpus.Place, origin corpus.Origin, rec *record) error {
	id := strings.TrimSpace(rec[fieldID])
	if strings.TrimSpace(rec[fieldText]) == "" {
		return r.reject(&Rejection{Place: place, ID: id, Reason: MissingText,
			Message: "no text: no value under any of the names " + strings.Join(r.fields.lists[fieldText], ", "),
			Mend:    "name the field that holds the text under fields.text in the configuration"})
	}
	return r.accept(&corpus.Document{
		ID:        id,
		Title:     strings.TrimSpace(rec[fieldTitle]),
		Text:      rec[fieldText],
		Publisher: strings.TrimSpace(rec[fieldPublisher]),
		URL:       strings.TrimSpace(rec[fieldURL]),
		Topic:     strings.TrimSpace(rec[fieldTopic]),
		Place:     place,
		Origin:    origin,
	}, dated{rec[fieldPublished], ruleField})
}

// fieldNames are the properties as the configuration and inspect spell them.
var fieldNames = [fieldCount]string{"id", "title", "text", "publisher", "url", "published", "topic"}

// A Survey counts the fields of the records read, so that a wrong mapping can
// be seen. It is filled by one call of Read.
type Survey struct {
	fields map[string]*Field
}

// A Field is a name under which records give a value.
type Field struct {
	Name     string   `json:"name"`
	Records  int      `json:"records"`            // that have a value under the name
	Property []string `json:"property,omitempty"` // of the article that the name can stand for: "text", "published"
	Used     int      `json:"used"`               // records whose property came from it
}

// Fields lists the fields met, the most common first.
func (s *Survey) Fields() []Field {
	out := make([]Field, 0, len(s.fields))
	for _, f := range s.fields {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Field) int { return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Name, b.Name)) })
	return out
}

// maxSurvey bounds the names kept: a file of keys that are data has no end of them.
const maxSurvey = 1000

func (s *Survey) met(t *fieldTable, name string) {
	if s == nil {
		return
	}
	if s.fields == nil {
		s.fields = make(map[string]*Field)
	}
	f := s.fields[name]
	if f == nil {
		if len(s.fields) >= maxSurvey {
			return
		}
		f = &Field{Name: strings.Clone(name)}
		for _, slot := range t.find(name) {
			f.Property = append(f.Property, fieldNames[slot.field])
		}
		s.fields[f.Name] = f
	}
	f.Records++
}

func (s *Survey) used(p *picker) {
	if s == nil {
		return
	}
	for i, value := range p.record {
		if f := s.fields[p.name[i]]; value != "" && f != nil {
			f.Used++
		}
	}
}
