package main

import (
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/dedup"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/reports/table"
)

// memoOf is what a later run needs to know of an article, whose outline comes with
// it.
func memoOf(doc *corpus.Document, outline *table.Batch, a *gathered) *table.Memo {
	return &table.Memo{ID: doc.ID, Publisher: doc.Publisher, Published: table.Millis(doc.Published), PublishedNote: doc.PublishedNote,
		Content: a.content, Wording: wording(doc), Bytes: int64(len(doc.Text)), Relevant: outline.Article.Relevant,
		Plain: outline.Plain(), Lines: a.lines, Sketch: a.sketch.Packed()}
}

// reuse takes up the article of a record that an earlier run has read, without
// reading it again. It returns its memo, or nil where the record must be read.
func (r *run) reuse(w *table.Writer, all *gathering, ids *identifier, place corpus.Place, record reader.RecordDigest) (*table.Memo, error) {
	m := w.Recall(record)
	if m == nil || ids.met(m.ID) || !r.part.hasID(m.ID) {
		return nil, nil
	}
	published := table.Time(m.Published)
	if published.After(r.began) { // the clock was set back, and the date may not be one
		return nil, nil
	}
	sketch, ok := dedup.Kept(m.Sketch)
	if !ok {
		return nil, nil
	}
	since, ok, err := w.ReuseKnown(m)
	if !ok || err != nil {
		return nil, err
	}
	ids.settle(m.ID, m.Wording, place)
	all.add(&gathered{id: m.ID, publisher: m.Publisher, published: published, content: m.Content, since: since,
		lines: m.Lines, sketch: sketch})
	return m, nil
}
