package main

import (
	"slices"

	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/reports/table"
)

// dropRepeated removes the statements, with their stances, that were drawn from
// lines which the article's outlet repeats: only the whole corpus tells those.
func dropRepeated(b *table.Batch, repeated clean.Repeated) {
	if len(b.Statements) == 0 {
		return
	}
	lines := repeated.In(b.Article.Publisher, b.Article.Text)
	if len(lines) == 0 {
		return
	}
	dropped := make(map[string]bool)
	b.Statements = slices.DeleteFunc(b.Statements, func(s table.StatementRow) bool {
		if len(s.ContentByteStarts) == 0 {
			return false
		}
		start := int(s.ContentByteStarts[0])
		in := slices.ContainsFunc(lines, func(line corpus.Span) bool { return line.Start <= start && start < line.End })
		dropped[s.ID] = in
		return in
	})
	b.Stances = slices.DeleteFunc(b.Stances, func(s table.StanceRow) bool { return dropped[s.StatementID] })
}
