package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
)

// The tasks of predict and eval.
const tasks = "attribution, targeted, directed, triplets or mission"

func newPredict(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "predict TASK FILE",
		Short: "Rows of a gold format in, predictions out; labels are not read",
		Long: `Reads rows of a gold format (JSON Lines, plain or .gz) and prints a prediction
a row. TASK is ` + tasks + `:

  attribution  articles as PolNeAR's: who said what
  targeted     sentences as NewsMTSC's: the sentiment toward a mention
  directed     sentences as DSE's: the sentiment between two entities
  triplets     articles as SEESAW's: who takes which side toward whom
  mission      articles: what annotate prints

Labels in FILE are not read.`,
		Example: `  standpoint predict attribution dev.jsonl.gz > predictions.jsonl`,
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			analyzer, config, err := newAnalyzer(g)
			if err != nil {
				return err
			}
			ctx, out := c.Context(), c.OutOrStdout()
			switch args[0] {
			case "attribution":
				return writePredictions(out, args[1], predictor(ctx, analyzer.PredictAttribution))
			case "targeted":
				return writePredictions(out, args[1], predictor(ctx, analyzer.PredictTargeted))
			case "directed":
				return writePredictions(out, args[1], predictor(ctx, analyzer.PredictDirected))
			case "triplets":
				return writePredictions(out, args[1], predictor(ctx, analyzer.PredictTriplets))
			case "mission":
				return eachArticle(c, config, runtime.GOMAXPROCS(0), args[1:], func(doc *corpus.Document) ([]byte, error) {
					if _, err := analyseSafely(ctx, analyzer, doc); err != nil {
						return nil, err
					}
					return json.Marshal(analyzer.Line(doc))
				})
			}
			return unknownTask(args[0])
		},
	}
}

func unknownTask(name string) error {
	return usageError{fmt.Errorf("unknown task %q: want %s", name, tasks)}
}

// predictor returns a function that reads the rows of a file and predicts each,
// in their order, on all cores.
func predictor[Row, Prediction any](ctx context.Context, predict func(context.Context, Row) (Prediction, error)) func(path string) ([]Prediction, error) {
	return func(path string) ([]Prediction, error) {
		rows, err := gold.Read[Row](path)
		if err != nil {
			return nil, err
		}
		return predictAll(ctx, rows, predict)
	}
}

func predictAll[Row, Prediction any](ctx context.Context, rows []Row, predict func(context.Context, Row) (Prediction, error)) ([]Prediction, error) {
	type outcome struct {
		prediction Prediction
		err        error
	}
	out := make([]Prediction, 0, len(rows))
	err := analysis.Stream(ctx, runtime.GOMAXPROCS(0),
		func(yield func(Row) error) error {
			for _, row := range rows {
				if err := yield(row); err != nil {
					return err
				}
			}
			return nil
		},
		func(ctx context.Context, row Row) outcome {
			p, err := predict(ctx, row)
			return outcome{p, err}
		},
		func(o outcome) error {
			out = append(out, o.prediction)
			return o.err
		})
	return out, err
}

// articlesOf guesses the file of articles that belongs to a gold file of the
// mission task: "dev-gold.jsonl" has "dev-articles.jsonl" beside it, and
// "train.jsonl" has "train-articles.jsonl".
func articlesOf(path string) string {
	if strings.Contains(path, "-gold.") {
		return strings.Replace(path, "-gold.", "-articles.", 1)
	}
	if i := strings.LastIndex(path, ".jsonl"); i >= 0 {
		return path[:i] + "-articles" + path[i:]
	}
	return path + "-articles"
}

func writePredictions[Prediction any](out io.Writer, path string, predict func(path string) ([]Prediction, error)) error {
	predictions, err := predict(path)
	if err != nil {
		return err
	}
	return gold.Write(out, predictions)
}
