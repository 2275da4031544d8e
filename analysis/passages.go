package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/models"
)

// StancePassages is the Cutter of stance: the coded statements of the mission's
// articles, found by the stages that a run uses, then the rows of NewsMTSC and
// DSE.
func StancePassages(ctx context.Context, dir, split string, w io.Writer) (int, error) {
	pieces, err := encoder.NewTokenizer(models.WordPieces())
	if err != nil {
		return 0, err
	}
	words, err := wordStages()
	if err != nil {
		return 0, err
	}
	p := passages{pieces: pieces, words: words, lines: json.NewEncoder(w)}
	if split == "news" {
		err := p.uncoded(ctx, dir)
		return p.n, err
	}
	mission := [][2]string{{"train-syria.jsonl.gz", "train-syria-articles.jsonl.gz"}, {"train-any.jsonl.gz", "train-any-articles.jsonl.gz"}}
	targeted, directed := "newsmtsc-train.jsonl.gz", "dse-train.jsonl.gz"
	if split == "dev" {
		mission = [][2]string{{"dev-gold.jsonl", "dev-articles.jsonl"}}
		targeted, directed = "newsmtsc-devtest-mt.jsonl.gz", "dse-valid.jsonl.gz"
	}
	for _, m := range mission {
		if err := p.mission(ctx, filepath.Join(dir, "mission", m[0]), filepath.Join(dir, "mission", m[1])); err != nil {
			return p.n, err
		}
	}
	if err := p.targeted(filepath.Join(dir, "targeted", targeted)); err != nil {
		return p.n, err
	}
	return p.n, errors.Join(p.directed(filepath.Join(dir, "directed", directed)), ctx.Err())
}

// passages writes passages as they are made.
type passages struct {
	pieces *encoder.Tokenizer
	words  []Stage
	lines  *json.Encoder
	n      int
}

func (p *passages) write(x stance.Passage) error {
	p.n++
	return p.lines.Encode(x)
}

func (p *passages) read(text string) (*corpus.Document, error) {
	doc := &corpus.Document{Text: text}
	for _, s := range p.words {
		if err := s.Process(doc); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func (p *passages) targeted(file string) error {
	rows, err := gold.ReadGold[gold.TargetedRow](file)
	if err != nil {
		return err
	}
	for _, r := range rows {
		doc, err := p.read(r.Text)
		if err != nil {
			return err
		}
		if err := p.write(stance.TargetedPassage(p.pieces, doc, gold.Spans{{r.From, r.To}}.Bytes(r.Text)[0], r.Label)); err != nil {
			return err
		}
	}
	return nil
}

func (p *passages) directed(file string) error {
	rows, err := gold.ReadGold[gold.DirectedRow](file)
	if err != nil {
		return err
	}
	for _, r := range rows {
		text, a, b, ok := r.Unbracketed()
		if !ok {
			continue
		}
		doc, err := p.read(text)
		if err != nil {
			return err
		}
		if err := p.write(stance.DirectedPassage(p.pieces, doc, a, b, r.Label)); err != nil {
			return err
		}
	}
	return nil
}

func (p *passages) mission(ctx context.Context, rowsFile, articlesFile string) error {
	return eachCoded(ctx, rowsFile, articlesFile, func(a *Analyzer, doc *corpus.Document, rows []gold.MissionRow) error {
		var coded []stance.Coded
		for _, r := range rows {
			if t, evidence, ok := a.coded(doc, r); ok {
				coded = append(coded, stance.Coded{Target: t, Stance: r.Stance, Evidence: evidence, Source: r.SpeakerMention})
			}
		}
		for _, x := range stance.Passages(p.pieces, doc, stanceTargets(a.config.Targets), coded) {
			if doc.Topic != "" {
				x.Group = doc.Topic // held out as one: its targets are those of its other articles too
			}
			if err := p.write(x); err != nil {
				return err
			}
		}
		return nil
	})
}

// coded finds a row's target in the configuration and its evidence in the
// article. Rows without either teach nothing.
func (a *Analyzer) coded(doc *corpus.Document, r gold.MissionRow) (t int, evidence corpus.Span, ok bool) {
	at := strings.Index(doc.Text, r.Evidence)
	t = slices.IndexFunc(a.config.Targets, func(s target.Spec) bool { return s.ID == r.Target.ID || s.Name == r.Target.Name })
	return t, corpus.Span{Start: at, End: at + len(r.Evidence)}, at >= 0 && t >= 0
}

// eachCoded lays all layers but stances over each article that has coded rows,
// with its own targets and a topic where the rows describe them.
func eachCoded(ctx context.Context, rowsFile, articlesFile string, each func(a *Analyzer, doc *corpus.Document, rows []gold.MissionRow) error) error {
	rows, err := gold.ReadGold[gold.MissionRow](rowsFile)
	if err != nil {
		return err
	}
	articles, err := gold.Read[gold.Article](articlesFile)
	if err != nil {
		return err
	}
	byArticle := gold.ByArticle(rows)
	standard, err := DefaultConfig()
	if err != nil {
		return err
	}
	standard.Scope = ScopeAll
	common, err := New(standard)
	if err != nil {
		return err
	}
	for _, article := range articles {
		rows := byArticle[article.ID]
		if len(rows) == 0 {
			continue
		}
		a, _, err := common.Toward(rows)
		if err != nil {
			return fmt.Errorf("%s: %w", article.ID, err)
		}
		doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: clean.Blank(article.Text)}
		if a != common {
			doc.Topic = article.Topic
		}
		if err := errors.Join(a.run(ctx, doc, a.words), a.run(ctx, doc, a.spoken)); err != nil {
			return err
		}
		if err := each(a, doc, rows); err != nil {
			return err
		}
	}
	return nil
}

// Toward returns the analyzer of the targets that the rows of one article
// describe, with the names that the rows give them by the ids that stances have:
// the same analyzer where they name targets of the configuration.
func (a *Analyzer) Toward(rows []gold.MissionRow) (own *Analyzer, names map[string]string, err error) {
	if len(rows) == 0 || rows[0].Target.ID != "" {
		return a, nil, nil
	}
	c := a.config
	c.Targets = specsOf(rows)
	names = map[string]string{}
	for _, s := range c.Targets {
		names[s.ID] = s.Name
	}
	own, err = New(c)
	return own, names, err
}

// specsOf describes the targets of an article's rows as a configuration would.
func specsOf(rows []gold.MissionRow) []target.Spec {
	var out []target.Spec
	for _, r := range rows {
		if slices.ContainsFunc(out, func(s target.Spec) bool { return s.Name == r.Target.Name }) {
			continue
		}
		s := target.Spec{ID: fmt.Sprintf("t%d", len(out)), Name: r.Target.Name, Kind: r.Target.Kind}
		if !slices.Contains(target.Kinds, s.Kind) {
			s.Kind = "policy"
		}
		for _, alias := range append([]string{r.Target.Name}, r.Target.Aliases...) {
			first, _ := utf8.DecodeRuneInString(alias)
			if len(alias) >= 2 && strings.TrimSpace(alias) == alias && (unicode.IsLetter(first) || unicode.IsDigit(first)) && !slices.Contains(s.Aliases, alias) {
				s.Aliases = append(s.Aliases, alias)
			}
		}
		out = append(out, s)
	}
	return out
}
