package table

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/xitongsys/parquet-go-source/buffer"
	"github.com/xitongsys/parquet-go/layout"
	"github.com/xitongsys/parquet-go/parquet"
	"github.com/xitongsys/parquet-go/reader"
	"github.com/xitongsys/parquet-go/source"
)

// A Row is a row of one of the tables.
type Row interface {
	ArticleRow | StatementRow | StanceRow | SpeakerRow | MergeRow | SummaryRow | QuarantineRow
}

// tableName is the folder that holds rows of type T.
func tableName[T Row]() string {
	switch any(*new(T)).(type) {
	case ArticleRow:
		return "articles"
	case StatementRow:
		return "statements"
	case StanceRow:
		return "stances"
	case SpeakerRow:
		return "speakers"
	case MergeRow:
		return "merges"
	case SummaryRow:
		return "summary"
	default:
		return "quarantine"
	}
}

// Read reads all rows of one table under dir, in the order of Rows.
func Read[T Row](dir string) ([]T, error) {
	var rows []T
	for row, err := range Rows[T](dir) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Rows yields the rows of one table under dir, of the partitioned ones by day,
// then article, however many files hold a day. It holds a day in memory, reads a
// few ahead on all cores, and stops at the first error. Fields of the row type
// that are named in without stay zero, and cost nothing.
func Rows[T Row](dir string, without ...string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		files, err := tableFiles(filepath.Join(dir, tableName[T]()))
		if err != nil {
			yield(none, err)
			return
		}
		plan, err := planOf[T]()
		if err != nil {
			yield(none, err)
			return
		}
		plan = plan.without(reflect.TypeFor[T](), without)
		type content struct {
			rows []T
			err  error
		}
		ahead := runtime.GOMAXPROCS(0)
		queue := make(chan chan content, ahead)
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			defer close(queue)
			for first := 0; first < len(files); {
				last := first + 1
				for last < len(files) && filepath.Dir(files[last]) == filepath.Dir(files[first]) {
					last++
				}
				day := files[first:last]
				first = last
				c := make(chan content, 1)
				select {
				case queue <- c: // at most as many days as the queue is long
				case <-stop:
					return
				}
				go func() {
					rows, err := readDay[T](plan, day)
					c <- content{rows, err}
				}()
			}
		}()
		for c := range queue {
			file := <-c
			if file.err != nil {
				yield(none, file.err)
				return
			}
			for i := range file.rows {
				if !yield(file.rows[i], nil) {
					return
				}
			}
		}
	}
}

// readDay reads the files of one folder of a table.
func readDay[T Row](plan *layoutPlan, files []string) ([]T, error) {
	var all []T
	for _, path := range files {
		rows, err := readFile[T](plan, path)
		if err != nil {
			return nil, fmt.Errorf("%s: not a readable table of standpoint: %w (run standpoint again to rebuild it)", path, err)
		}
		all = append(all, rows...)
	}
	if len(files) > 1 { // the rows of an article lie together in one file
		slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(articleOfRow(&a), articleOfRow(&b)) })
	}
	return all, nil
}

// articleOfRow is the id of the article that a row belongs to, "" for the rows
// of tables without partitions.
func articleOfRow[T Row](row *T) string {
	switch r := any(row).(type) {
	case *ArticleRow:
		return r.ID
	case *StatementRow:
		return r.ArticleID
	case *StanceRow:
		return r.ArticleID
	}
	return ""
}

// tableFiles lists the Parquet files under a table's folder, by name: by date,
// undated last.
func tableFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".parquet") {
			files = append(files, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such table (name the --out folder of a finished run): %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot list the table: %w", dir, err)
	}
	return files, nil
}

// readFile reads one Parquet file that this package wrote. It goes by the plan
// of its table and not by the library's reader, which works the schema out anew
// for every file, takes a damaged page for the end of the data, and panics on
// others in goroutines of its own. Here a panic comes back as an error.
func readFile[T Row](plan *layoutPlan, path string) (rows []T, err error) {
	defer func() {
		if r := recover(); r != nil {
			rows, err = nil, fmt.Errorf("damaged: %v", r)
		}
	}()
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := buffer.NewBufferFile(data)
	if err != nil {
		return nil, err
	}
	if len(data) < 12 || string(data[len(data)-4:]) != magic {
		return nil, errors.New("cut short, or no Parquet file")
	}
	r := reader.ParquetReader{PFile: file}
	if err := r.ReadFooter(); err != nil {
		return nil, err
	}
	if err := plan.checkColumns(r.Footer.Schema); err != nil {
		return nil, err
	}
	if n := r.Footer.NumRows; n < 0 || n > 64*int64(len(data)) { // far more than fit
		return nil, fmt.Errorf("damaged: its footer says %d rows", n)
	}
	rows = make([]T, r.Footer.NumRows)
	values := reflect.ValueOf(rows)
	first := 0
	for _, group := range r.Footer.RowGroups {
		end := first + int(group.NumRows)
		if end > len(rows) || len(group.Columns) != len(plan.columns) {
			return nil, errors.New("damaged: its footer contradicts itself")
		}
		for i := range plan.columns {
			meta := group.Columns[i].MetaData
			if meta.DataPageOffset < 0 || meta.TotalCompressedSize < 0 || meta.DataPageOffset+meta.TotalCompressedSize > int64(len(data)) {
				return nil, errors.New("damaged: its footer points outside of it")
			}
			if plan.columns[i].skip {
				continue
			}
			if err := plan.readColumn(&plan.columns[i], file, meta, values.Slice(first, end)); err != nil {
				return nil, err
			}
		}
		first = end
	}
	if first != len(rows) {
		return nil, errors.New("damaged: its footer contradicts itself")
	}
	return rows, nil
}

// checkColumns compares a file's schema with the plan's.
func (p *layoutPlan) checkColumns(have []*parquet.SchemaElement) error {
	same := slices.EqualFunc(have, p.elements, func(a, b *parquet.SchemaElement) bool {
		return a.Name == b.Name && a.GetType() == b.GetType() && a.GetRepetitionType() == b.GetRepetitionType() &&
			a.GetNumChildren() == b.GetNumChildren()
	})
	if !same {
		return fmt.Errorf("its columns are not those of schema version %d", SchemaVersion)
	}
	return nil
}

// readColumn reads the pages of one column into a field of the rows.
func (p *layoutPlan) readColumn(c *column, file source.ParquetFile, meta *parquet.ColumnMetaData, rows reflect.Value) error {
	meta.PathInSchema = c.table.Path[1:] // as the library looks it up
	in := source.ConvertToThriftReader(file, meta.DataPageOffset, meta.TotalCompressedSize)
	row := -1
	for left := meta.NumValues; left > 0; {
		page, n, _, err := layout.ReadPage(in, p.handler, meta)
		if err != nil {
			return err
		}
		if n <= 0 || page.DataTable == nil {
			return errors.New("damaged: a page without values")
		}
		left -= n
		t := page.DataTable
		for i, v := range t.Values {
			if t.RepetitionLevels[i] == 0 {
				row++
			}
			if v == nil || t.DefinitionLevels[i] < c.table.MaxDefinitionLevel {
				continue
			}
			field := rows.Index(row).Field(c.field)
			switch field.Kind() {
			case reflect.Slice:
				field.Set(reflect.Append(field, reflect.ValueOf(v)))
			case reflect.Pointer:
				field.Set(reflect.New(field.Type().Elem()))
				field.Elem().Set(reflect.ValueOf(v))
			default:
				field.Set(reflect.ValueOf(v))
			}
		}
	}
	if row != rows.Len()-1 {
		return fmt.Errorf("damaged: column %s has %d rows of %d", c.name, row+1, rows.Len())
	}
	return nil
}
