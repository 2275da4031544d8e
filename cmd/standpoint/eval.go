package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/standpoint-news/standpoint/analysis"
	"github.com/standpoint-news/standpoint/analysis/eval"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/models"
)

func newEval(g *global) *cobra.Command {
	var predictions, articles, card string
	var options eval.Options
	c := &cobra.Command{
		Use:   "eval TASK FILE",
		Short: "Score predictions against gold, with 95 % intervals",
		Long: `Scores what predict says of the rows of FILE, or the file --predictions, against
the gold in FILE. TASK is ` + tasks + `,
speakers, stance or coreference.

Intervals are percentiles of a bootstrap over articles (over rows for targeted
and directed). The mission task also reads the articles that the gold belongs
to, and says at which link of the chain each cell was lost; where the rows describe
targets of their own, an article is read toward those. The speakers task
reads the same files: whether the statement at each row's evidence is given to
the row's speaker, whatever the article is about; --json lists every loss. The
stance task reads them too, and asks only for the side: the statement and the
target are given. The coreference task reads GUM in CoNLL-U, its news and its
interviews: whether pronouns are tied to the right antecedents, and MUC, B³,
CEAF and CoNLL F1 of the entities; --json lists every pronoun that is not.`,
		Example: `  standpoint eval attribution dev.jsonl.gz
  standpoint eval mission dev-gold.jsonl --articles dev-articles.jsonl --json
  standpoint eval speakers dev-gold.jsonl
  standpoint eval stance dev-gold.jsonl --card stance.md
  standpoint eval coreference gum-dev.conllu.gz`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			analyzer, _, err := newAnalyzer(g)
			if err != nil {
				return err
			}
			if articles == "" {
				articles = articlesOf(args[1])
			}
			report, err := evaluate(c.Context(), analyzer, args[0], args[1], predictions, articles, options)
			if err != nil {
				return err
			}
			if card != "" {
				if err := writeCard(card, report); err != nil {
					return err
				}
			}
			if g.json {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(report)
			}
			return report.WriteText(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&predictions, "predictions", "", "score this file instead of predicting")
	c.Flags().StringVar(&articles, "articles", "", "articles of the mission, speakers and stance tasks (default: the file beside FILE whose name says -articles)")
	c.Flags().StringVar(&card, "card", "", "also write the model's card to this file (attribution and stance)")
	c.Flags().IntVar(&options.Samples, "samples", 1000, "bootstrap samples; negative for no intervals")
	c.Flags().Uint64Var(&options.Seed, "seed", 1, "seed of the bootstrap")
	return c
}

// writeCard describes the model by what it scored.
func writeCard(path string, report eval.Report) error {
	var b bytes.Buffer
	var err error
	switch r := report.(type) {
	case *eval.AttributionReport:
		err = describe(&b, r.WriteCard, models.EncoderName)
	case *eval.StanceReport:
		err = describe(&b, r.WriteCard, models.StanceName)
	default:
		return usageError{fmt.Errorf("--card: only attribution and stance have one")}
	}
	if err != nil {
		return err
	}
	return analysis.WriteModel(path, b.Bytes())
}

func describe(w io.Writer, card func(w io.Writer, name, sha256 string, bytes int) error, name string) error {
	model, err := models.Encoder(name)
	if err != nil {
		return err
	}
	return card(w, name, models.Sum(model), len(model))
}

func evaluate(ctx context.Context, a *analysis.Analyzer, task, path, predictions, articles string, o eval.Options) (eval.Report, error) {
	switch task {
	case "attribution":
		rows, got, err := pair(ctx, path, predictions, a.PredictAttribution)
		if err != nil {
			return nil, err
		}
		return eval.Attribution(rows, got, o)
	case "targeted":
		rows, got, err := pair(ctx, path, predictions, a.PredictTargeted)
		if err != nil {
			return nil, err
		}
		return eval.Targeted(rows, got, o), nil
	case "directed":
		rows, got, err := pair(ctx, path, predictions, a.PredictDirected)
		if err != nil {
			return nil, err
		}
		return eval.Directed(rows, got, o), nil
	case "triplets":
		rows, got, err := pair(ctx, path, predictions, a.PredictTriplets)
		if err != nil {
			return nil, err
		}
		return eval.Triplets(rows, got, o), nil
	case "speakers":
		return evaluateSpeakers(ctx, a, path, predictions, articles, o)
	case "coreference":
		return evaluateCoreference(ctx, a, path, predictions, o)
	case "stance":
		return evaluateStance(ctx, a, path, articles, o)
	case "mission":
		return evaluateMission(ctx, a, path, predictions, articles, o)
	}
	return nil, unknownTask(task)
}

// pair reads the gold rows of a file, and the predictions or makes them.
func pair[Row, Prediction any](ctx context.Context, path, predictions string, predict func(context.Context, Row) (Prediction, error)) ([]Row, []Prediction, error) {
	rows, err := gold.ReadGold[Row](path)
	if err != nil {
		return nil, nil, err
	}
	if predictions != "" {
		got, err := gold.Read[Prediction](predictions)
		return rows, got, err
	}
	got, err := predictAll(ctx, rows, predict)
	return rows, got, err
}

func evaluateMission(ctx context.Context, a *analysis.Analyzer, path, predictions, articles string, o eval.Options) (eval.Report, error) {
	rows, err := gold.ReadGold[gold.MissionRow](path)
	if err != nil {
		return nil, err
	}
	if predictions != "" {
		got, err := gold.Read[gold.MissionPrediction](predictions)
		if err != nil {
			return nil, err
		}
		return eval.Mission(rows, got, nil, o), nil
	}
	texts, err := gold.Read[gold.Article](articles)
	if err != nil {
		return nil, fmt.Errorf("the articles of the gold rows: %w (name them with --articles)", err)
	}
	byArticle := gold.ByArticle(rows)
	got, err := predictAll(ctx, texts, func(ctx context.Context, article gold.Article) (gold.MissionPrediction, error) {
		doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: article.Text, Place: corpus.Place{Path: articles}}
		own, names, err := a.Toward(byArticle[article.ID])
		if err != nil {
			return gold.MissionPrediction{}, fmt.Errorf("%s: the targets of article %s: %w", path, article.ID, err)
		}
		if _, err := analyseSafely(ctx, own, doc); err != nil {
			return gold.MissionPrediction{}, err
		}
		line := own.Line(doc)
		for _, st := range line.Statements {
			for k, s := range st.Stances {
				if name, ok := names[s.Target]; ok {
					st.Stances[k].Target = name
				}
			}
		}
		return gold.MissionPrediction{Line: &line}, nil
	})
	if err != nil {
		return nil, err
	}
	byID := map[string]string{}
	for _, t := range texts {
		byID[t.ID] = t.Text
	}
	return eval.Mission(rows, got, byID, o), nil
}

func evaluateStance(ctx context.Context, a *analysis.Analyzer, path, articles string, o eval.Options) (eval.Report, error) {
	rows, err := gold.ReadGold[gold.MissionRow](path)
	if err != nil {
		return nil, err
	}
	texts, err := gold.Read[gold.Article](articles)
	if err != nil {
		return nil, fmt.Errorf("the articles of the gold rows: %w (name them with --articles)", err)
	}
	byID := gold.ByArticle(rows)
	got, err := predictAll(ctx, texts, func(ctx context.Context, article gold.Article) ([]eval.Judged, error) {
		return a.JudgeStances(ctx, article, byID[article.ID])
	})
	if err != nil {
		return nil, err
	}
	return eval.Stance(slices.Concat(got...), o), nil
}

func evaluateCoreference(ctx context.Context, a *analysis.Analyzer, path, predictions string, o eval.Options) (eval.Report, error) {
	if predictions != "" {
		return nil, usageError{fmt.Errorf("--predictions: the coreference task reads none")}
	}
	docs, err := gold.ReadCoreference(path)
	if err != nil {
		return nil, err
	}
	docs = slices.DeleteFunc(docs, func(d gold.CoreferenceDoc) bool { return d.Genre != "news" && d.Genre != "interview" })
	if len(docs) == 0 {
		return nil, fmt.Errorf("%s: no document of news and no interview (their ids begin with GUM_news_ or GUM_interview_)", path)
	}
	got, err := predictAll(ctx, docs, a.PredictCoreference)
	if err != nil {
		return nil, err
	}
	return eval.Coreference(docs, got, o), nil
}

func evaluateSpeakers(ctx context.Context, a *analysis.Analyzer, path, predictions, articles string, o eval.Options) (eval.Report, error) {
	rows, err := gold.ReadGold[gold.MissionRow](path)
	if err != nil {
		return nil, err
	}
	texts, err := gold.Read[gold.Article](articles)
	if err != nil {
		return nil, fmt.Errorf("the articles of the gold rows: %w (name them with --articles)", err)
	}
	byID := map[string]string{}
	for _, t := range texts {
		byID[t.ID] = t.Text
	}
	var lines []gold.Line
	if predictions != "" {
		got, err := gold.Read[gold.MissionPrediction](predictions)
		if err != nil {
			return nil, err
		}
		for _, p := range got {
			if p.Line == nil {
				return nil, fmt.Errorf("%s: the speakers task reads what annotate prints, not rows", predictions)
			}
			lines = append(lines, *p.Line)
		}
	} else if lines, err = predictAll(ctx, texts, a.PredictSpeakers); err != nil {
		return nil, err
	}
	return eval.Speakers(rows, lines, byID, o), nil
}
