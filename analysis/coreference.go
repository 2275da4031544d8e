package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/standpoint-news/standpoint/analysis/attribution"
	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/analysis/linear"
	"github.com/standpoint-news/standpoint/analysis/mention"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/corpus/reader"
	"github.com/standpoint-news/standpoint/models"
)

// A chunk is a run of windows of one article, with the anaphors that it holds
// and what they may refer to. Words count from the start of the first window
// behind its context.
type chunk struct {
	Windows    []attribution.Stretch `json:"windows"`
	Sentences  []int                 `json:"sentences"`  // words of each
	Paragraphs []int                 `json:"paragraphs"` // sentences of each
	Anaphors   []chunkAnaphor        `json:"anaphors"`
}

type chunkAnaphor struct {
	First      int              `json:"first"` // first and last word
	Last       int              `json:"last"`
	Class      int              `json:"class"`
	Coded      bool             `json:"coded,omitempty"` // by hand, not planted
	Right      []int            `json:"right"`           // candidates; -1 is none of them
	Candidates []chunkCandidate `json:"candidates"`
}

type chunkCandidate struct {
	Mentions [][2]int `json:"m"` // first and last word of each, the nearest first
	Numbers  []int    `json:"f"`
}

// The windows of a chunk, and how many of them are context for those behind.
const (
	chunkWindows = 6
	chunkContext = 2
)

// SpeakerChunks is the Cutter of speakers: the pronouns and descriptions of the
// mission's coded articles, and those that are planted in the articles of news
// and syria. A tenth of the articles are the dev split; those of mission/dev
// are in neither.
func SpeakerChunks(ctx context.Context, dir, split string, w io.Writer) (int, error) {
	c, err := newChunker(w)
	if err != nil {
		return 0, err
	}
	skip := map[string]bool{}
	held, err := gold.Read[gold.Article](filepath.Join(dir, "mission", "dev-articles.jsonl"))
	if err != nil {
		return 0, err
	}
	for _, a := range held {
		skip[a.ID] = true
	}
	mine := func(id string) bool {
		dev := linear.HashString("speakers "+id)%10 == 0
		return !skip[id] && dev == (split == "dev")
	}
	for _, name := range []string{"train-syria", "train-any"} {
		stem := filepath.Join(dir, "mission", name)
		articles, err := gold.Read[gold.Article](stem + "-articles.jsonl.gz")
		if err != nil {
			return c.n, err
		}
		rows, err := gold.ReadGold[gold.MissionRow](stem + ".jsonl.gz")
		if err != nil {
			return c.n, err
		}
		byID := map[string][]gold.MissionRow{}
		for _, r := range rows {
			byID[r.ID] = append(byID[r.ID], r)
		}
		for _, article := range articles {
			if !mine(article.ID) {
				continue
			}
			doc, err := c.read(ctx, article, article.Text, c.stages)
			if err != nil {
				return c.n, err
			}
			if err := c.cut(mention.CodedArticle{Doc: doc, Coded: codedSources(doc, byID[article.ID])}, nil); err != nil {
				return c.n, err
			}
		}
	}
	for _, name := range []string{"syria/articles.jsonl.gz", "news/articles-4000.jsonl.gz"} {
		articles, err := gold.Read[gold.Article](filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return c.n, err
		}
		for _, article := range articles {
			if !mine(article.ID) || skip[article.ID] {
				continue
			}
			skip[article.ID] = true // some are in both
			doc, err := c.read(ctx, article, article.Text, c.names)
			if err != nil {
				return c.n, err
			}
			text, planted := mention.Plant(c.catalogue, doc)
			if len(planted) == 0 {
				continue
			}
			if doc, err = c.read(ctx, article, text, c.names); err != nil {
				return c.n, err
			}
			doc.Add(corpus.LayerStatements) // none: what is planted is known without
			if err := c.cut(mention.CodedArticle{Doc: doc}, planted); err != nil {
				return c.n, err
			}
		}
	}
	return c.n, nil
}

type chunker struct {
	catalogue *mention.Catalogue
	resolver  *mention.Resolver
	pieces    *encoder.Tokenizer
	names     []Stage // up to mentions
	stages    []Stage // up to statements
	lines     *json.Encoder
	n         int
}

func newChunker(w io.Writer) (*chunker, error) {
	words, err := wordStages()
	if err != nil {
		return nil, err
	}
	c := &chunker{lines: json.NewEncoder(w)}
	if c.catalogue, err = mention.NewCatalogue(models.Speakers(), nil); err != nil {
		return nil, err
	}
	ranker, err := models.Antecedents()
	if err != nil {
		return nil, err
	}
	if c.resolver, err = mention.NewResolver(c.catalogue, ranker, 0); err != nil {
		return nil, err
	}
	m, err := loaded()
	if err != nil {
		return nil, err
	}
	c.pieces = m.pieces
	c.names = append(words, mention.New(c.catalogue))
	c.stages = append(c.names[:len(c.names):len(c.names)], m.reader)
	return c, nil
}

func (c *chunker) read(ctx context.Context, article gold.Article, text string, stages []Stage) (*corpus.Document, error) {
	doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: text, Place: corpus.Place{Path: article.ID}}
	doc.Published, _ = reader.ParseDate(article.Date)
	for _, s := range stages {
		if err := errors.Join(ctx.Err(), s.Process(doc)); err != nil {
			return nil, fmt.Errorf("%s: %w", article.ID, err)
		}
	}
	return doc, nil
}

// cut writes the article's chunks that have anaphors.
func (c *chunker) cut(a mention.CodedArticle, planted []mention.Planted) error {
	anaphors, err := c.resolver.Lessons(a, planted)
	if err != nil {
		return err
	}
	windows, words, err := attribution.Stretches(c.pieces, a.Doc)
	if err != nil {
		return err
	}
	// word at which each window's own words begin
	starts := []int{0}
	for _, x := range windows {
		starts = append(starts, starts[len(starts)-1]+len(x.Words)-x.Skip)
	}
	span := func(tokens corpus.Range) (first, last int) {
		first, last = attribution.Under(words, corpus.Span{Start: a.Doc.Tokens[tokens.First].Start, End: a.Doc.Tokens[tokens.Last-1].End})
		return first, last - 1
	}
	for from := 0; from < len(windows); from += chunkWindows - chunkContext {
		to := min(from+chunkWindows, len(windows))
		if from > 0 && from+chunkContext >= to {
			break
		}
		fresh := starts[from]
		if from > 0 {
			fresh = starts[from+chunkContext]
		}
		x := chunk{Windows: windows[from:to]}
		for _, an := range anaphors {
			first, last := span(an.Tokens)
			if first < fresh || last >= starts[to] || last < first {
				continue
			}
			base := starts[from]
			y := chunkAnaphor{First: first - base, Last: last - base, Class: an.Class, Coded: planted == nil, Right: an.Right}
			for _, cand := range an.Candidates {
				z := chunkCandidate{Mentions: [][2]int{}, Numbers: cand.Numbers()}
				for _, m := range cand.Mentions {
					if f, l := span(m); f >= base && l >= f {
						z.Mentions = append(z.Mentions, [2]int{f - base, l - base})
					}
				}
				y.Candidates = append(y.Candidates, z)
			}
			if len(y.Candidates) > 0 {
				x.Anaphors = append(x.Anaphors, y)
			}
		}
		if len(x.Anaphors) == 0 {
			continue
		}
		x.lengths(words[starts[from]:starts[to]])
		if err := c.lines.Encode(x); err != nil {
			return err
		}
		c.n++
	}
	return nil
}

// lengths fills Sentences and Paragraphs.
func (x *chunk) lengths(words []encoder.Word) {
	for i := range words {
		if i == 0 || words[i].Paragraph != words[i-1].Paragraph {
			x.Paragraphs = append(x.Paragraphs, 0)
		}
		if i == 0 || words[i].Sentence != words[i-1].Sentence {
			x.Sentences = append(x.Sentences, 0)
			x.Paragraphs[len(x.Paragraphs)-1]++
		}
		x.Sentences[len(x.Sentences)-1]++
	}
}
