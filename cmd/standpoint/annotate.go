package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/reader"
)

func newAnnotate(g *global) *cobra.Command {
	var workers int
	c := &cobra.Command{
		Use:   "annotate [FILE…]",
		Short: "Print one JSON line an article: its statements, speakers and stances",
		Long: `Prints one JSON line an article to standard output, in the order in which the
articles come. FILE is what run takes as CORPUS; - or nothing reads standard
input: JSON Lines, or the text of one article.

Spans are [start, end) in Unicode code points of the article's text, as Python
and R slice. An article that cannot be read is named on standard error, the
others go on, and the exit code is 3.`,
		Example: `  standpoint annotate articles.jsonl > annotated.jsonl
  standpoint annotate --config targets.yaml - < article.txt`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := setWorkers(workers); err != nil {
				return err
			}
			analyzer, config, err := newAnalyzer(g)
			if err != nil {
				return err
			}
			return eachArticle(c, config, workers, args, func(doc *corpus.Document) ([]byte, error) {
				if _, err := analyseSafely(c.Context(), analyzer, doc); err != nil {
					return nil, err
				}
				return json.Marshal(analyzer.Line(doc))
			})
		},
	}
	workersFlag(c, &workers)
	return c
}

func newAnalyzer(g *global) (*analysis.Analyzer, analysis.Config, error) {
	config, err := loadConfig(g, false)
	if err != nil {
		return nil, config, err
	}
	analyzer, err := analysis.New(config)
	if err != nil {
		return nil, config, usageError{err}
	}
	return analyzer, config, nil
}

// eachArticle reads articles, turns each into a line, and prints the lines in
// the order of the input.
func eachArticle(c *cobra.Command, config analysis.Config, workers int, paths []string, line func(*corpus.Document) ([]byte, error)) error {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	type outcome struct {
		line []byte
		err  error
	}
	ctx := c.Context()
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	bad := 0
	ids := newIdentifier(0)
	err := analysis.Stream(ctx, workers,
		func(yield func(reader.Item) error) error {
			return reader.Read(ctx, paths, c.InOrStdin(), reader.Options{Fields: config.Fields, MaxArticleBytes: config.MaxArticleBytes}, func(item reader.Item) error {
				return yield(ids.check(item))
			})
		},
		func(_ context.Context, item reader.Item) outcome {
			if item.Rejected != nil {
				return outcome{err: item.Rejected}
			}
			l, err := line(item.Doc)
			return outcome{l, err}
		},
		func(o outcome) error {
			if o.err != nil {
				bad++
				_, err := fmt.Fprintln(c.ErrOrStderr(), o.err)
				return err
			}
			_, err := out.Write(append(o.line, '\n'))
			return err
		})
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%w: %d left out", errQuarantined, bad)
	}
	return nil
}
