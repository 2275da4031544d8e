package table

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xitongsys/parquet-go-source/buffer"
	"github.com/xitongsys/parquet-go/reader"
)

// A Row is a row of one of the tables.
type Row interface {
	ArticleRow | StatementRow | StanceRow | SpeakerRow | SummaryRow | QuarantineRow
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
	case SummaryRow:
		return "summary"
	default:
		return "quarantine"
	}
}

// ReadArticles reads all rows of the table articles under dir, by date of
// publication, then id. Its texts may be large: see Rows.
func ReadArticles(dir string) ([]ArticleRow, error) { return read[ArticleRow](dir) }

// ReadStatements reads all rows of the table statements under dir, by date of
// publication, article, then place in the article.
func ReadStatements(dir string) ([]StatementRow, error) { return read[StatementRow](dir) }

// ReadStances reads all rows of the table stances under dir, in the order of
// their statements.
func ReadStances(dir string) ([]StanceRow, error) { return read[StanceRow](dir) }

// ReadSpeakers reads all rows of the table speakers under dir, by id.
func ReadSpeakers(dir string) ([]SpeakerRow, error) { return read[SpeakerRow](dir) }

// ReadSummary reads all rows of the table summary under dir, by speaker,
// target and period.
func ReadSummary(dir string) ([]SummaryRow, error) { return read[SummaryRow](dir) }

// ReadQuarantine reads all rows of the table quarantine under dir, by path and
// line.
func ReadQuarantine(dir string) ([]QuarantineRow, error) { return read[QuarantineRow](dir) }

func read[T Row](dir string) ([]T, error) {
	var rows []T
	for row, err := range Rows[T](dir) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Rows yields the rows of one table under dir in the order in which they were
// written, holding one file in memory at a time. It stops at the first error.
func Rows[T Row](dir string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		files, err := tableFiles(filepath.Join(dir, tableName[T]()))
		if err != nil {
			yield(none, err)
			return
		}
		for _, path := range files {
			rows, err := readFile[T](path)
			if err != nil {
				yield(none, fmt.Errorf("%s: not a readable table of standpoint: %w (run standpoint again to rebuild it)", path, err))
				return
			}
			for i := range rows {
				if !yield(rows[i], nil) {
					return
				}
			}
		}
	}
}

// tableFiles lists the Parquet files under a table's folder, undated last.
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
	slices.SortFunc(files, func(a, b string) int {
		undatedA, undatedB := strings.Contains(a, undated), strings.Contains(b, undated)
		if undatedA != undatedB {
			if undatedA {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return files, nil
}

// readFile reads one Parquet file. The library panics on some damaged files;
// that comes back as an error.
func readFile[T Row](path string) (rows []T, err error) {
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
	r, err := reader.NewParquetReader(file, new(T), 1)
	if err != nil {
		return nil, err
	}
	defer r.ReadStop()
	rows = make([]T, r.GetNumRows())
	if len(rows) == 0 {
		return nil, nil
	}
	if err := r.Read(&rows); err != nil {
		return nil, err
	}
	return rows, nil
}
