package table

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/xitongsys/parquet-go/common"
)

const schemaHead = `# Tables of a run, schema version %d

Generated from rows.go; do not edit (` + "`go test ./reports/table -run Schema -update`" + `).

` + "`articles`, `statements` and `stances`" + ` lie in one file a day, ` + "`TABLE/dt=YYYY-MM-DD/part-0000.parquet`" + `, by the day of
publication in UTC; what has no date lies under ` + "`dt=undated`" + `. The others are one file each. Readers add the column ` + "`dt`" + ` from
the folder's name: to choose by time, use ` + "`published`" + `, which is null where the day is unknown, since "undated" is no date.

Times are UTC timestamps in milliseconds. Spans are half-open and count in ` + "`articles.text`" + `: code points are what Python and
R slice by, bytes what most other languages do. Text is UTF-8. "Null" is said where a column may be null; no other is.
`

// TestSchema holds SCHEMA.md to the row types and their comments.
func TestSchema(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "rows.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
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
		table := map[string]string{"ArticleRow": "articles", "StatementRow": "statements", "StanceRow": "stances",
			"SpeakerRow": "speakers", "MergeRow": "merges", "SummaryRow": "summary", "QuarantineRow": "quarantine"}[spec.Name.Name]
		fmt.Fprintf(&page, "\n## %s\nA row is %s\n\n| column | type | meaning |\n|---|---|---|\n", table, about)
		for _, field := range row.Fields.List {
			tag, err := common.StringToTag(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("parquet"))
			if err != nil {
				t.Fatal(err)
			}
			doc := strings.Join(strings.Fields(field.Doc.Text()), " ")
			if doc == "" {
				t.Errorf("%s.%s: no comment", table, tag.ExName)
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s |\n", tag.ExName, columnType(t, tag, field.Type), doc)
		}
	}
	if *update {
		if err := os.WriteFile("SCHEMA.md", []byte(page.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("SCHEMA.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page.String() {
		t.Error("SCHEMA.md is stale (run go test ./reports/table -run Schema -update, and raise SchemaVersion where columns changed)")
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
