package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/attribution"
	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/eval"
	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
)

// A Cutter writes the examples of a split of the data under dir as JSON lines,
// and returns their number. The splits are train and dev, which are coded, and
// news: articles that nobody coded.
type Cutter func(ctx context.Context, dir, split string, w io.Writer) (int, error)

// AttributionWindows is the Cutter of attribution: the windows of PolNeAR's
// articles, cut and labelled by the code that reads articles in a run.
func AttributionWindows(ctx context.Context, dir, split string, w io.Writer) (int, error) {
	words, err := wordStages()
	if err != nil {
		return 0, err
	}
	pieces, err := encoder.NewTokenizer(models.WordPieces())
	if err != nil {
		return 0, err
	}
	c := windows{pieces: pieces, words: words, lines: json.NewEncoder(w)}
	if split == "news" {
		err := c.uncoded(ctx, dir)
		return c.n, err
	}
	file := filepath.Join(dir, "attribution", split+".jsonl.gz")
	rows, err := gold.ReadGold[gold.AttributionRow](file)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		coded := []attribution.Gold{}
		for _, a := range row.Attributions {
			coded = append(coded, attribution.Gold{Source: a.Source.Bytes(row.Text), Cue: a.Cue.Bytes(row.Text), Content: a.Content.Bytes(row.Text)})
		}
		if err := c.write(ctx, &corpus.Document{ID: row.ID, Text: row.Text}, coded); err != nil {
			return c.n, fmt.Errorf("%s: %w", file, err)
		}
	}
	return c.n, nil
}

// windows writes attribution windows as they are cut.
type windows struct {
	pieces *encoder.Tokenizer
	words  []Stage
	lines  *json.Encoder
	n      int
}

// write cuts a document; coded is nil where nobody coded it.
func (c *windows) write(ctx context.Context, doc *corpus.Document, coded []attribution.Gold) error {
	for _, s := range c.words {
		if err := errors.Join(ctx.Err(), s.Process(doc)); err != nil {
			return err
		}
	}
	cut, err := attribution.Windows(c.pieces, doc, coded)
	for _, window := range cut {
		err = errors.Join(err, c.lines.Encode(window))
		c.n++
	}
	return err
}

// TrainSpeakers trains the ranker of antecedents on the coded statements under
// dir, mission/train-*.jsonl.gz with -articles beside each. The same rows give
// the same bytes. The card's scores are those of held-out folds.
func TrainSpeakers(ctx context.Context, dir string) (model []byte, card string, err error) {
	words, err := wordStages()
	if err != nil {
		return nil, "", err
	}
	catalogue, err := mention.NewCatalogue(models.Speakers(), nil)
	if err != nil {
		return nil, "", err
	}
	m, err := loaded()
	if err != nil {
		return nil, "", err
	}
	stages := append(words, mention.New(catalogue), m.reader)
	var coded []mention.CodedArticle
	for _, name := range []string{"train-syria", "train-any"} {
		stem := filepath.Join(dir, "mission", name)
		articles, err := gold.Read[gold.Article](stem + "-articles.jsonl.gz")
		if err != nil {
			return nil, "", err
		}
		rows, err := gold.ReadGold[gold.MissionRow](stem + ".jsonl.gz")
		if err != nil {
			return nil, "", err
		}
		byID := gold.ByArticle(rows)
		for _, article := range articles {
			doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: article.Text, Place: corpus.Place{Path: article.ID}}
			doc.Published, _ = reader.ParseDate(article.Date)
			unlinked(doc) // for good: nothing of the article is printed
			for _, s := range stages {
				if err := errors.Join(ctx.Err(), s.Process(doc)); err != nil {
					return nil, "", err
				}
			}
			judged := judgedStatements(doc, byID[article.ID])
			coded = append(coded, mention.CodedArticle{Doc: doc, Coded: codedSources(doc, byID[article.ID]), Judged: judged,
				Meant: meantPronouns(doc, byID[article.ID])})
		}
	}
	settings := mention.DefaultSettings
	settings.Agree = eval.SameSpeaker
	model, scores, err := mention.Train(catalogue, coded, settings)
	if err != nil {
		return nil, "", err
	}
	return model, mention.Card(model, len(coded), scores), nil
}

// TrainTargets trains the model of which targets statements take up
// on the files that TrainSpeakers reads. The same rows give the same bytes. The
// card's scores are those of held-out folds.
func TrainTargets(ctx context.Context, dir string) (model []byte, card string, err error) {
	var lessons []target.Lesson
	articles := 0
	for _, name := range []string{"train-syria", "train-any"} {
		stem := filepath.Join(dir, "mission", name)
		err := eachCoded(ctx, stem+".jsonl.gz", stem+"-articles.jsonl.gz", func(a *Analyzer, doc *corpus.Document, rows []gold.MissionRow) error {
			var coded []target.Coded
			for _, r := range rows {
				if t, evidence, ok := a.coded(doc, r); ok {
					coded = append(coded, target.Coded{Target: t, Evidence: evidence})
				}
			}
			list, err := a.finder.Lessons(articles, doc, coded)
			lessons = append(lessons, list...)
			articles++
			return err
		})
		if err != nil {
			return nil, "", err
		}
	}
	model, scores, err := target.TrainUptakes(lessons, target.DefaultSettings)
	if err != nil {
		return nil, "", err
	}
	return model, target.Card(model, articles, scores), nil
}

// judgedStatements are the document's statements, each with the speakers of the
// rows whose evidence shares most with it among them.
func judgedStatements(doc *corpus.Document, rows []gold.MissionRow) []mention.Judged {
	out := make([]mention.Judged, len(doc.Statements))
	for i := range out {
		out[i].Statement = doc.Statements[i]
	}
	for _, r := range rows {
		at := strings.Index(doc.Text, r.Evidence)
		if at < 0 || r.Evidence == "" {
			continue
		}
		best, most := -1, 0
		for i := range doc.Statements {
			if n := shared(&doc.Statements[i], corpus.Span{Start: at, End: at + len(r.Evidence)}); n > most {
				best, most = i, n
			}
		}
		if best >= 0 {
			out[best].Speakers = append(out[best].Speakers, r.Speaker)
		}
	}
	return out
}

// shared is how many bytes of the statement lie in the span.
func shared(s *corpus.Statement, at corpus.Span) int {
	n := 0
	for _, spans := range [][]corpus.Span{s.Source, s.Cue, s.Content} {
		for _, p := range spans {
			n += max(0, min(at.End, p.End)-max(at.Start, p.Start))
		}
	}
	return n
}

// codedSources finds the rows' source expressions. One that no statement of the
// document has gets a statement of its own, in the order of the text.
func codedSources(doc *corpus.Document, rows []gold.MissionRow) []mention.Coded {
	var out []mention.Coded
	for _, r := range rows {
		at := strings.Index(doc.Text, r.Evidence)
		within, ok := nameIn(r.Evidence, r.SpeakerMention)
		if at < 0 || !ok || r.Evidence[within.Start:within.End] != r.SpeakerMention {
			continue
		}
		c := mention.Coded{Source: corpus.Span{Start: at + within.Start, End: at + within.End}, Speaker: r.Speaker}
		if slices.Contains(out, c) {
			continue
		}
		out = append(out, c)
		if !slices.ContainsFunc(doc.Statements, func(s corpus.Statement) bool { return slices.ContainsFunc(s.Source, c.Source.Overlaps) }) {
			doc.Statements = append(doc.Statements, corpus.Statement{Source: []corpus.Span{c.Source}, SourceConf: 1, Confidence: 1,
				Sentence: doc.SentenceAt(c.Source.Start), Speaker: -1})
		}
	}
	slices.SortStableFunc(doc.Statements, func(a, b corpus.Statement) int { return a.Extent().Start - b.Extent().Start })
	return out
}

// meantPronouns finds the words by which the rows mention speakers and targets;
// of words that stand in the evidence more than once, which is meant is not coded.
func meantPronouns(doc *corpus.Document, rows []gold.MissionRow) []mention.Meant {
	var out []mention.Meant
	for _, r := range rows {
		at := strings.Index(doc.Text, r.Evidence)
		if at < 0 {
			continue
		}
		for _, m := range []struct {
			words string
			names []string
		}{{r.SpeakerMention, []string{r.Speaker}}, {r.Mention, append([]string{r.Target.Name}, r.Target.Aliases...)}} {
			within, ok := nameIn(r.Evidence, m.words)
			if !ok || strings.Contains(m.words, " ") {
				continue
			}
			if _, again := nameIn(r.Evidence[within.End:], m.words); again {
				continue
			}
			out = append(out, mention.Meant{Span: corpus.Span{Start: at + within.Start, End: at + within.End}, Names: m.names})
		}
	}
	return out
}

// WriteModel writes a trained model; a file in the way is replaced whole.
func WriteModel(path string, model []byte) error {
	aside := path + ".partial"
	if err := os.WriteFile(aside, model, 0o666); err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("%s: cannot write the model: %w", path, err)
	}
	return os.Rename(aside, path)
}
