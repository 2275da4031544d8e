package table

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xitongsys/parquet-go/common"
	"github.com/xitongsys/parquet-go/schema"
)

const schemaHead = `# Tables of a run, schema version %d

Generated from rows.go; do not edit (` + "`go test ./reports/table -run Schema -update`" + `).

` + "`articles`, `statements` and `stances`" + ` lie in a folder a day, ` + "`TABLE/dt=YYYY-MM-DD/part-0000.parquet`" + ` (and further parts, as
nights add articles to the day: ` + "`standpoint compact`" + ` makes them one), by the day of publication in UTC; what has no date lies under ` + "`dt=undated`" + `. The others are one file each. Readers add the column ` + "`dt`" + ` from
the folder's name: to choose by time, use ` + "`published`" + `, which is null where the day is unknown, since "undated" is no date.

Times are UTC timestamps in milliseconds. Spans are half-open and count in ` + "`articles.text`" + `: code points are what Python and
R slice by, bytes what most other languages do. Text is UTF-8. "Null" is said where a column may be null; no other is.

` + "`datapackage.json`" + ` beside the tables says the same for programs, as a Frictionless Data Package; so does the footer of
every Parquet file, under the keys ` + "`standpoint.table`, `standpoint.schema_version` and `standpoint.columns`" + ` (JSON).

**Rule of change.** The version rises when a column is added, goes, moves, or changes its name, type, nullability, unit,
values or meaning. Within one version only the wording of a meaning changes. ` + "`schema_version`" + ` in run.json names the
version; a standpoint reads tables of its own version only. Choose columns by name.
`

// TestSchema holds SCHEMA.md and schema.json to the row types, their comments and
// their tags.
func TestSchema(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "rows.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"ArticleRow": "articles", "StatementRow": "statements", "StanceRow": "stances",
		"SpeakerRow": "speakers", "MergeRow": "merges", "SummaryRow": "summary", "QuarantineRow": "quarantine"}
	made := Schema{Version: SchemaVersion}
	var page strings.Builder
	fmt.Fprintf(&page, schemaHead, SchemaVersion)
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		spec := gen.Specs[0].(*ast.TypeSpec)
		row, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		about := strings.Join(strings.Fields(gen.Doc.Text()), " ")
		_, about, _ = strings.Cut(about, spec.Name.Name+" is ")
		table := TableSchema{Name: names[spec.Name.Name], Row: about}
		fmt.Fprintf(&page, "\n## %s\nA row is %s\n\n| column | type | unit or values | meaning |\n|---|---|---|---|\n", table.Name, about)
		if table.Name == "" {
			t.Fatalf("%s: no table of that row: name it here", spec.Name.Name)
		}
		for _, field := range row.Fields.List {
			tags := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
			tag, err := common.StringToTag(tags.Get("parquet"))
			if err != nil {
				t.Fatal(err)
			}
			c := Column{Name: tag.ExName, Type: columnType(t, tag, field.Type), Unit: tags.Get("unit"), Meaning: strings.Join(strings.Fields(field.Doc.Text()), " ")}
			c.Type, c.Nullable = strings.CutSuffix(c.Type, ", null")
			if values := tags.Get("values"); values != "" {
				c.Values = strings.Split(values, "|")
			}
			if c.Meaning == "" {
				t.Errorf("%s.%s: no comment", table.Name, c.Name)
			}
			table.Columns = append(table.Columns, c)
			null := map[bool]string{true: ", null"}[c.Nullable]
			values := strings.Join(c.Values, ", ")
			if strings.HasSuffix(values, ", ") {
				values += "empty"
			}
			fmt.Fprintf(&page, "| `%s` | %s%s | %s%s | %s |\n", c.Name, c.Type, null, c.Unit, values, c.Meaning)
		}
		made.Tables = append(made.Tables, table)
	}
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(made); err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ name, want string }{{"SCHEMA.md", page.String()}, {"schema.json", data.String()}} {
		if *update {
			if err := os.WriteFile(f.name, []byte(f.want), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != f.want {
			t.Errorf("%s is stale (run go test ./reports/table -run Schema -update, and raise SchemaVersion where columns changed)", f.name)
		}
	}
}

// TestEach reads every table of the schema column by column, each as itself.
func TestEach(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	write(t, out, []int{0, 1, 2, 3})
	for _, table := range CurrentSchema().Tables {
		for row, err := range Each(out, table.Name) {
			if err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
			if len(row) != len(table.Columns) {
				t.Fatalf("%s: %d values for %d columns", table.Name, len(row), len(table.Columns))
			}
		}
	}
	for _, err := range Each(out, "colours") {
		if err == nil {
			t.Error("a table that is none was read")
		}
	}
}

// TestSchemaVersion holds the rule of change: other columns, another version.
func TestSchemaVersion(t *testing.T) {
	fingerprints := map[int]string{1: "236bec6b8c10b006fc96ad5bda93322ee2e1d6684a810be4f1f9578204dd4540"}
	h := sha256.New()
	for _, table := range CurrentSchema().Tables {
		for _, c := range table.Columns {
			fmt.Fprintln(h, table.Name, c.Name, c.Type, c.Nullable, c.Unit, c.Values)
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != fingerprints[SchemaVersion] {
		t.Errorf("the columns are not those of schema version %d: raise SchemaVersion and add %q for it here", SchemaVersion, got)
	}
}

func columnType(t *testing.T, tag *common.Tag, expr ast.Expr) string {
	list, null := "", ""
	switch x := expr.(type) {
	case *ast.ArrayType:
		list, expr = "list of ", x.Elt
	case *ast.StarExpr:
		null, expr = ", null", x.X
	}
	kind := map[string]string{"string": "string", "int32": "int32", "int64": "timestamp", "float64": "double", "bool": "bool"}[expr.(*ast.Ident).Name]
	if kind == "" || kind == "timestamp" && tag.ConvertedType != "TIMESTAMP_MILLIS" {
		t.Errorf("%s: no column type for it", tag.ExName)
	}
	return list + kind + null
}

// TestHandlers holds the schemas to those of the library.
func TestHandlers(t *testing.T) {
	for _, row := range []any{new(ArticleRow), new(StatementRow), new(StanceRow), new(SpeakerRow), new(MergeRow), new(SummaryRow), new(QuarantineRow)} {
		want, err := schema.NewSchemaHandlerFromStruct(row)
		if err != nil {
			t.Fatal(err)
		}
		got, err := handlerOf(reflect.TypeOf(row).Elem())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T (-library +ours):\n%s", row, diff)
		}
	}
}
