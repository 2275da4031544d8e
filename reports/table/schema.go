package table

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xitongsys/parquet-go/parquet"

	"github.com/standpoint-news/standpoint/reports/disk"
)

// A Schema documents the tables. It is generated from the row types.
type Schema struct {
	Version int           `json:"version"`
	Tables  []TableSchema `json:"tables"`
}

// A TableSchema documents one table.
type TableSchema struct {
	Name    string   `json:"name"`
	Row     string   `json:"row"` // what a row is
	Columns []Column `json:"columns"`
}

// A Column documents one column.
type Column struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // string, timestamp, int32, double, bool, or "list of" one
	Nullable bool     `json:"nullable,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Values   []string `json:"values,omitempty"` // all allowed ones, or one range such as 0…1
	Meaning  string   `json:"meaning"`
}

//go:embed schema.json
var schemaFile []byte

// CurrentSchema is the schema of the tables that this package writes.
var CurrentSchema = sync.OnceValue(func() Schema {
	var s Schema
	if err := json.Unmarshal(schemaFile, &s); err != nil {
		panic(fmt.Errorf("schema.json: %w", err)) // embedded, and held by a test
	}
	return s
})

// Of is the schema of one table.
func (s Schema) Of(table string) TableSchema {
	for _, t := range s.Tables {
		if t.Name == table {
			return t
		}
	}
	return TableSchema{Name: table}
}

// footerNotes is what the footer of a table's files says of its columns.
func footerNotes(table string) []*parquet.KeyValue {
	columns, err := json.Marshal(CurrentSchema().Of(table).Columns)
	if err != nil {
		panic(err) // strings only
	}
	note := func(key, value string) *parquet.KeyValue {
		return &parquet.KeyValue{Key: "standpoint." + key, Value: &value}
	}
	return []*parquet.KeyValue{note("table", table), note("schema_version", fmt.Sprint(SchemaVersion)), note("columns", string(columns))}
}

// Each yields the rows of one table under dir as values by column, in the order
// of its schema: string, time.Time in UTC, int32, float64, bool, a slice of
// string, int32 or float64, or nil for null. It stops at the first error.
func Each(dir, table string) iter.Seq2[[]any, error] {
	switch table {
	case "articles":
		return values[ArticleRow](dir)
	case "statements":
		return values[StatementRow](dir)
	case "stances":
		return values[StanceRow](dir)
	case "speakers":
		return values[SpeakerRow](dir)
	case "merges":
		return values[MergeRow](dir)
	case "summary":
		return values[SummaryRow](dir)
	case "quarantine":
		return values[QuarantineRow](dir)
	}
	return func(yield func([]any, error) bool) { yield(nil, fmt.Errorf("no table %q", table)) }
}

func values[T Row](dir string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for row, err := range Rows[T](dir) {
			if err != nil {
				yield(nil, err)
				return
			}
			v := reflect.ValueOf(row)
			out := make([]any, v.NumField())
			for i := range out {
				out[i] = columnValue(v.Field(i))
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func columnValue(v reflect.Value) any {
	if v.Kind() != reflect.Pointer {
		return v.Interface()
	}
	if v.IsNil() {
		return nil
	}
	if ms, ok := v.Interface().(*int64); ok { // times are the only columns of the kind
		return time.UnixMilli(*ms).UTC()
	}
	return v.Elem().Interface()
}

// PackageFile describes the tables of a folder as a Frictionless Data Package.
const PackageFile = "datapackage.json"

// A Resource is a table with the files that hold it, relative to the package.
type Resource struct {
	Table string
	Paths []string
}

type packageField struct {
	Name        string         `json:"name"`
	Type        string         `json:"type"`
	Description string         `json:"description"`
	Unit        string         `json:"unit,omitempty"`
	Constraints map[string]any `json:"constraints,omitempty"`
}

type reference struct {
	Fields    []string `json:"fields"`
	Reference struct {
		Resource string   `json:"resource"`
		Fields   []string `json:"fields"`
	} `json:"reference"`
}

// DataPackage is the descriptor of a Frictionless Data Package, version 2
// (datapackage.org), of the tables of a run in files of the given format.
func DataPackage(info RunInfo, format, mediaType string, resources []Resource) ([]byte, error) {
	type tableSchema struct {
		Profile     string         `json:"$schema"`
		Fields      []packageField `json:"fields"`
		PrimaryKey  []string       `json:"primaryKey,omitempty"`
		ForeignKeys []reference    `json:"foreignKeys,omitempty"`
	}
	type resource struct {
		Name        string      `json:"name"`
		Path        any         `json:"path"`
		Description string      `json:"description"`
		Format      string      `json:"format"`
		MediaType   string      `json:"mediatype"`
		Encoding    string      `json:"encoding"`
		Schema      tableSchema `json:"schema"`
	}
	var out struct {
		Profile       string     `json:"$schema"`
		Name          string     `json:"name"`
		Title         string     `json:"title"`
		Description   string     `json:"description"`
		SchemaVersion int        `json:"schema_version"`
		Version       string     `json:"standpoint_version"`
		Resources     []resource `json:"resources"`
	}
	out.Profile, out.Name = "https://datapackage.org/profiles/2.0/datapackage.json", "standpoint-run"
	out.Title = "Who says what, and which side they take"
	out.Description = "Statements that news articles attribute to speakers, and the stance of each toward configured targets, as read by a program. Check a sample by hand before you publish a figure."
	out.SchemaVersion, out.Version = SchemaVersion, info.Version
	for _, r := range resources {
		if len(r.Paths) == 0 {
			continue // a package may not hold a resource without a file
		}
		s := CurrentSchema().Of(r.Table)
		res := resource{Name: r.Table, Path: r.Paths, Description: "A row is " + s.Row, Format: format, MediaType: mediaType, Encoding: "utf-8"}
		if len(r.Paths) == 1 {
			res.Path = r.Paths[0]
		}
		res.Schema.Profile = "https://datapackage.org/profiles/2.0/tableschema.json"
		for _, c := range s.Columns {
			res.Schema.Fields = append(res.Schema.Fields, fieldOf(c))
		}
		switch r.Table {
		case "articles", "speakers":
			res.Schema.PrimaryKey = []string{"id"}
		case "statements":
			res.Schema.PrimaryKey = []string{"id"}
			res.Schema.ForeignKeys = []reference{refer("article_id", "articles")}
		case "stances":
			res.Schema.PrimaryKey = []string{"id"}
			res.Schema.ForeignKeys = []reference{refer("statement_id", "statements"), refer("article_id", "articles")}
		case "summary":
			res.Schema.PrimaryKey = []string{"speaker_id", "target", "period"}
		}
		out.Resources = append(out.Resources, res)
	}
	data, err := json.MarshalIndent(out, "", " ")
	return append(data, '\n'), err
}

func refer(column, table string) reference {
	r := reference{Fields: []string{column}}
	r.Reference.Resource, r.Reference.Fields = table, []string{"id"}
	return r
}

func fieldOf(c Column) packageField {
	f := packageField{Name: c.Name, Description: c.Meaning, Unit: c.Unit, Constraints: map[string]any{}}
	kind, list := strings.CutPrefix(c.Type, "list of ")
	f.Type = map[string]string{"string": "string", "timestamp": "datetime", "int32": "integer", "double": "number", "bool": "boolean"}[kind]
	if !c.Nullable && !list {
		f.Constraints["required"] = true
	}
	var low, high float64
	switch {
	case len(c.Values) > 1:
		f.Constraints["enum"] = c.Values
	case len(c.Values) == 1 && !list:
		if n, _ := fmt.Sscanf(strings.Replace(c.Values[0], "…", " ", 1), "%g %g", &low, &high); n == 2 {
			f.Constraints["minimum"], f.Constraints["maximum"] = low, high
		}
	}
	if list {
		f.Type = "array"
	}
	if f.Type == "string" && f.Constraints["enum"] == nil {
		delete(f.Constraints, "required") // a text column may be empty, which counts as missing
	}
	return f
}

// writePackage describes the tables under dir. x, which may be nil, spares a look
// at every day's folder.
func writePackage(dir string, info RunInfo, x *index) error {
	var resources []Resource
	for _, t := range CurrentSchema().Tables {
		var files []string
		if x != nil && slices.Contains(partitioned[:], t.Name) {
			files = x.paths(t.Name)
		} else {
			found, err := tableFiles(filepath.Join(dir, t.Name))
			if err != nil {
				return err
			}
			for _, path := range found {
				if path, err = filepath.Rel(dir, path); err != nil {
					return err
				}
				files = append(files, filepath.ToSlash(path))
			}
		}
		resources = append(resources, Resource{t.Name, files})
	}
	data, err := DataPackage(info, "parquet", "application/vnd.apache.parquet", resources)
	if err != nil {
		return err
	}
	f, err := disk.Create(filepath.Join(dir, PackageFile))
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
