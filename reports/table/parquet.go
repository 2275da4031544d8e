package table

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/xitongsys/parquet-go-source/writerfile"
	"github.com/xitongsys/parquet-go/common"
	"github.com/xitongsys/parquet-go/layout"
	"github.com/xitongsys/parquet-go/parquet"
	"github.com/xitongsys/parquet-go/schema"
	"github.com/xitongsys/parquet-go/writer"

	"github.com/standpoint-news/standpoint/reports/disk"
)

const (
	magic         = "PAR1"   // at both ends of a file
	pageBytes     = 64 << 10 // of values, before compression
	flushBytes    = 1 << 20  // rows held back before they become pages
	rowGroupBytes = 32 << 20 // of pages, compressed
)

// A layoutPlan is what all files of one table share. The library would work it
// out again for every file, which with a file a day is most of the time.
type layoutPlan struct {
	handler  *schema.SchemaHandler
	elements []*parquet.SchemaElement // as they stand in the footer
	orders   []*parquet.ColumnOrder   // without them readers ignore the statistics
	columns  []column
	exPath   map[string][]string // path by Go names -> path in the file
	notes    []*parquet.KeyValue // what the footer says of the columns
}

// A column is one leaf of the schema. All leaves are fields of the row, or the
// elements of a field that is a list.
type column struct {
	name  string // path by Go names
	table layout.Table
	field int
	skip  bool // when reading
}

// plans holds what planOf gave, by the type of the rows.
var plans sync.Map

// planOf is the plan of a table, which nobody may change.
func planOf[T Row]() (*layoutPlan, error) {
	made, _ := plans.LoadOrStore(reflect.TypeFor[T](), sync.OnceValues(newPlan[T]))
	return made.(func() (*layoutPlan, error))()
}

// without is the plan for reading rows of a type, but for some of their fields.
func (p *layoutPlan) without(row reflect.Type, fields []string) *layoutPlan {
	q := *p
	q.columns = slices.Clone(p.columns)
	for i := range q.columns {
		c := &q.columns[i]
		c.skip = slices.Contains(fields, row.Field(c.field).Name)
	}
	return &q
}

func newPlan[T Row]() (*layoutPlan, error) {
	handler, err := handlerOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, fmt.Errorf("schema of the table %s: %w", tableName[T](), err)
	}
	p := &layoutPlan{handler: handler, exPath: make(map[string][]string), notes: footerNotes(tableName[T]())}
	row := reflect.TypeFor[T]()
	for i, element := range handler.SchemaElements {
		out := *element
		out.Name = handler.GetExName(i)
		// The library sets these to zero on every element, where they mean nothing.
		out.TypeLength, out.Scale, out.Precision, out.FieldID = nil, nil, nil, nil
		p.elements = append(p.elements, &out)
		if element.GetNumChildren() > 0 {
			continue
		}
		name := handler.IndexMap[int32(i)]
		path := common.StrToPath(name)
		field, _ := row.FieldByName(path[1])
		c := column{name: name, field: field.Index[0], table: layout.Table{
			RepetitionType: element.GetRepetitionType(), Schema: element, Path: path, Info: handler.Infos[i],
		}}
		if c.table.MaxDefinitionLevel, err = handler.MaxDefinitionLevel(path); err != nil {
			return nil, err
		}
		if c.table.MaxRepetitionLevel, err = handler.MaxRepetitionLevel(path); err != nil {
			return nil, err
		}
		p.columns = append(p.columns, c)
		p.orders = append(p.orders, &parquet.ColumnOrder{TYPE_ORDER: parquet.NewTypeDefinedOrder()})
		p.exPath[name[len(path[0])+len(common.PAR_GO_PATH_DELIMITER):]] = common.StrToPath(handler.InPathToExPath[name])[1:]
	}
	return p, nil
}

// handlerOf is the library's NewSchemaHandlerFromStruct for rows whose fields are
// values, pointers to them, or lists of them. That copies every column's tag by way
// of gob, which takes longer than a small table takes to write.
func handlerOf(row reflect.Type) (*schema.SchemaHandler, error) {
	root := common.NewTag()
	root.InName, root.ExName, root.RepetitionType = "Parquet_go_root", "parquet_go_root", parquet.FieldRepetitionType_REQUIRED
	var elements []*parquet.SchemaElement
	var infos []*common.Tag
	add := func(info *common.Tag, element *parquet.SchemaElement) {
		infos, elements = append(infos, info), append(elements, element)
	}
	add(root, parent(root.InName, root.RepetitionType, row.NumField()))
	for i := range row.NumField() {
		field := row.Field(i)
		info, err := common.StringToTag(field.Tag.Get("parquet"))
		if err != nil {
			return nil, err
		}
		info.InName = field.Name
		if field.Type.Kind() == reflect.Slice {
			outer := parent(info.InName, info.RepetitionType, 1)
			outer.ConvertedType = parquet.ConvertedTypePtr(parquet.ConvertedType_LIST)
			add(info, outer)
			list := *info
			list.InName, list.ExName = "List", "list"
			add(&list, parent(list.InName, parquet.FieldRepetitionType_REPEATED, 1))
			info = common.GetValueTagMap(info)
			info.InName, info.ExName, info.RepetitionType = "Element", "element", parquet.FieldRepetitionType_REQUIRED
		}
		element, err := common.NewSchemaElementFromTagMap(info)
		if err != nil {
			return nil, err
		}
		add(info, element)
	}
	handler := schema.NewSchemaHandlerFromSchemaList(elements)
	handler.Infos = infos
	handler.CreateInExMap()
	return handler, nil
}

// parent is the element of a schema that holds others.
func parent(name string, repetition parquet.FieldRepetitionType, children int) *parquet.SchemaElement {
	n := int32(children)
	return &parquet.SchemaElement{Name: name, RepetitionType: &repetition, NumChildren: &n}
}

// marshal lays rows, each a *T, out in columns. It takes the place of the
// library's own, which walks every value by reflection.
func (p *layoutPlan) marshal(rows []any, _ *schema.SchemaHandler) (*map[string]*layout.Table, error) {
	tables := make(map[string]*layout.Table, len(p.columns))
	values := make([]reflect.Value, len(rows))
	for i, row := range rows {
		values[i] = reflect.ValueOf(row).Elem()
	}
	zeros := make([]int32, len(rows))
	for i := range p.columns {
		c := &p.columns[i]
		t := c.table
		t.Values = make([]any, 0, len(rows))
		switch {
		case t.MaxRepetitionLevel > 0:
			for _, v := range values {
				list := v.Field(c.field)
				if list.Len() == 0 {
					t.Values = append(t.Values, nil)
					t.DefinitionLevels = append(t.DefinitionLevels, 0)
					t.RepetitionLevels = append(t.RepetitionLevels, 0)
				}
				for j := range list.Len() {
					t.Values = append(t.Values, value(list.Index(j)))
					t.DefinitionLevels = append(t.DefinitionLevels, 1)
					t.RepetitionLevels = append(t.RepetitionLevels, int32(min(j, 1)))
				}
			}
		case t.MaxDefinitionLevel > 0:
			t.DefinitionLevels, t.RepetitionLevels = make([]int32, len(rows)), zeros
			for j, v := range values {
				pointer := v.Field(c.field)
				if pointer.IsNil() {
					t.Values = append(t.Values, nil)
					continue
				}
				t.Values = append(t.Values, value(pointer.Elem()))
				t.DefinitionLevels[j] = 1
			}
		default:
			t.DefinitionLevels, t.RepetitionLevels = zeros, zeros
			for _, v := range values {
				t.Values = append(t.Values, value(v.Field(c.field)))
			}
		}
		tables[c.name] = &t
	}
	return &tables, nil
}

// value is a field's value.
func value(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return clean(v.String())
	case reflect.Int32:
		return int32(v.Int())
	case reflect.Int64:
		return v.Int()
	case reflect.Float64:
		return v.Float()
	default:
		return v.Bool()
	}
}

// A tableWriter writes the files of one table, one after the other. It is for
// one goroutine. After an error it must not be used any more.
type tableWriter[T Row] struct {
	dir  string // of the table
	plan *layoutPlan

	open   bool
	file   *disk.File
	buffer *bufio.Writer
	pw     *writer.ParquetWriter
	held   int // bytes of rows not yet in pages
}

// newTableWriter returns a writer of the table's files; their folder is there.
func newTableWriter[T Row](dir string) (*tableWriter[T], error) {
	plan, err := planOf[T]()
	if err != nil {
		return nil, err
	}
	return &tableWriter[T]{dir: filepath.Join(dir, tableName[T]()), plan: plan, buffer: bufio.NewWriterSize(nil, 64<<10)}, nil
}

// add appends rows to the numbered file of a partition, "" for a table that has
// none. The rows of one file come one after the other.
func (w *tableWriter[T]) add(part string, number int, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if !w.open {
		if err := w.create(part, number); err != nil {
			return err
		}
	}
	for i := range rows {
		w.pw.Objs = append(w.pw.Objs, &rows[i])
		w.held += size(&rows[i])
	}
	if w.held < flushBytes {
		return nil
	}
	w.held = 0
	return w.wrap(w.pw.Flush(false))
}

// size is about what the row's values take.
func size[T Row](row *T) int {
	const fixed = 256
	switch r := any(row).(type) {
	case *ArticleRow:
		return fixed + len(r.Text)
	case *StatementRow:
		return fixed + len(r.ContentText) + len(r.Context)
	case *StanceRow:
		return fixed + len(r.EvidenceText)
	}
	return fixed
}

func (w *tableWriter[T]) create(part string, number int) error {
	folder := filepath.Join(w.dir, part)
	if err := disk.Mkdir(folder); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	path := filepath.Join(folder, fileName(number))
	// not over a file that may be linked into a published run
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := disk.Create(path)
	if err != nil {
		return err
	}
	w.open, w.file, w.held = true, file, 0
	w.buffer.Reset(file)
	w.pw, err = writer.NewParquetWriter(writerfile.NewWriterFile(w.buffer), nil, 1)
	if err != nil {
		return w.wrap(err)
	}
	createdBy := "standpoint (parquet-go)"
	w.pw.Footer.CreatedBy = &createdBy
	w.pw.SchemaHandler, w.pw.Footer.Schema, w.pw.Footer.ColumnOrders = w.plan.handler, w.plan.elements, w.plan.orders
	w.pw.Footer.KeyValueMetadata = w.plan.notes
	w.pw.MarshalFunc = w.plan.marshal
	w.pw.PageSize, w.pw.RowGroupSize = pageBytes, rowGroupBytes
	return nil
}

func fileName(number int) string { return fmt.Sprintf("part-%04d.parquet", number) }

// close ends the open file. It writes the footer itself: the library's
// WriteStop adds page indexes that are wrong for lists and for pages of nulls.
func (w *tableWriter[T]) close() error {
	if !w.open {
		return nil
	}
	if err := w.pw.Flush(true); err != nil {
		return w.wrap(err)
	}
	for _, group := range w.pw.Footer.RowGroups {
		for _, chunk := range group.Columns {
			meta := chunk.MetaData
			meta.PathInSchema = w.plan.exPath[common.PathToStr(meta.PathInSchema[1:])]
			// Deprecated, and of another order than text has.
			meta.Statistics.Min, meta.Statistics.Max = nil, nil
		}
	}
	ts := thrift.NewTSerializer()
	ts.Protocol = thrift.NewTCompactProtocolFactory().GetProtocol(ts.Transport)
	footer, err := ts.Write(context.Background(), w.pw.Footer)
	if err != nil {
		return w.wrap(err)
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	if _, err := w.buffer.Write(append(footer, magic...)); err != nil {
		return w.wrap(err)
	}
	if err := w.buffer.Flush(); err != nil {
		return w.wrap(err)
	}
	w.open = false
	return w.file.Close()
}

// abort closes the open file as it is.
func (w *tableWriter[T]) abort() {
	if w.open {
		w.open = false
		w.file.Close()
	}
}

func (w *tableWriter[T]) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: cannot write the table: %w", w.file.Name(), err)
}

// writeTable writes a table that has no partitions.
func writeTable[T Row](dir string, rows []T) error {
	w, err := newTableWriter[T](dir)
	if err != nil {
		return err
	}
	defer w.abort()
	if err := w.create("", 0); err != nil {
		return err
	}
	if err := w.add("", 0, rows); err != nil {
		return err
	}
	return w.close()
}
