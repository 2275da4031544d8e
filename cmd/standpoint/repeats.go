package main

import (
	"slices"

	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/reports/table"
)

// dropRepeated removes the statements, with their stances, that were drawn from
// lines which the article's outlet repeats: only the whole corpus tells those.
func dropRepeated(b *table.Batch, repeated clean.Repeated) {
	var dropped map[string]bool
	for i, line := range b.Lines {
		if repeated.Has(b.Article.Publisher, uint64(line)) {
			if dropped == nil {
				dropped = make(map[string]bool)
			}
			dropped[b.Statements[i].ID] = true
		}
	}
	if len(dropped) == 0 {
		return
	}
	b.Statements = slices.DeleteFunc(b.Statements, func(s table.StatementRow) bool { return dropped[s.ID] })
	b.Stances = slices.DeleteFunc(b.Stances, func(s table.StanceRow) bool { return dropped[s.StatementID] })
}
