package analysis

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/stance"
	"github.com/standpoint-news/standpoint/analysis/target"
	"github.com/standpoint-news/standpoint/corpus"
	"github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/gold"
	"github.com/standpoint-news/standpoint/models"
)

// uncodedFiles hold articles that nobody coded, under the folder of the coded
// data: a larger model labels them for a smaller one (distillation, Hinton et
// al. 2015). The first is read with the default targets, the others with
// targets of each article's own.
var uncodedFiles = []string{"syria/articles.jsonl.gz", "news/articles-4000.jsonl.gz"}

// uncoded writes the windows of articles that nobody coded.
func (c *windows) uncoded(ctx context.Context, dir string) error {
	for _, file := range uncodedFiles {
		articles, err := gold.Read[gold.Article](filepath.Join(dir, file))
		if err != nil {
			return err
		}
		for _, article := range articles {
			doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: clean.Blank(article.Text)}
			if err := c.write(ctx, doc, nil); err != nil {
				return fmt.Errorf("%s: %s: %w", file, article.ID, err)
			}
		}
	}
	return nil
}

// uncoded writes stance passages of articles that nobody coded: statements
// paired with targets, sentences with a name, and sentences with two.
func (p *passages) uncoded(ctx context.Context, dir string) error {
	standard, err := DefaultConfig()
	if err != nil {
		return err
	}
	standard.Scope = ScopeAll
	common, err := New(standard)
	if err != nil {
		return err
	}
	weights, err := models.Uptake()
	if err != nil {
		return err
	}
	for k, file := range uncodedFiles {
		articles, err := gold.Read[gold.Article](filepath.Join(dir, file))
		if err != nil {
			return err
		}
		for _, article := range articles {
			doc := &corpus.Document{ID: article.ID, Title: article.Title, Text: clean.Blank(article.Text)}
			if err := errors.Join(common.run(ctx, doc, common.words), common.run(ctx, doc, common.spoken)); err != nil {
				return err
			}
			targets := common.config.Targets
			if k > 0 {
				if targets = ownTargets(doc); len(targets) == 0 {
					continue
				}
				finder, err := target.New(targets)
				if err != nil {
					return fmt.Errorf("%s: %w", article.ID, err)
				}
				uptakes, err := finder.Uptakes(weights)
				if err != nil {
					return err
				}
				doc.Targets = nil
				if err := errors.Join(finder.Process(doc), uptakes.Process(doc)); err != nil {
					return err
				}
			}
			for _, x := range stance.UncodedPassages(p.pieces, doc, stanceTargets(targets)) {
				if err := p.write(x); err != nil {
					return err
				}
			}
			if err := p.names(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownTargets makes targets of what an article names most: its entities, and
// nouns that stand together.
func ownTargets(doc *corpus.Document) []target.Spec {
	const entities, phrases, least = 4, 2, 3
	var out []target.Spec
	add := func(kind, name string, aliases ...string) {
		s := target.Spec{ID: fmt.Sprintf("t%d", len(out)), Name: name, Kind: kind}
		for _, a := range append([]string{name}, aliases...) {
			if len(a) > 2 && !slices.Contains(s.Aliases, a) {
				s.Aliases = append(s.Aliases, a)
			}
		}
		if s.Validate() == nil {
			out = append(out, s)
		}
	}
	byCount := make([]int, len(doc.Entities))
	for e := range byCount {
		byCount[e] = e
	}
	slices.SortStableFunc(byCount, func(a, b int) int { return len(doc.Entities[b].Mentions) - len(doc.Entities[a].Mentions) })
	for _, e := range byCount {
		entity := &doc.Entities[e]
		kind, ok := map[corpus.EntityType]string{corpus.Person: "person", corpus.Organisation: "organisation", corpus.Government: "state"}[entity.Type]
		if len(out) == entities || len(entity.Mentions) < least {
			break
		}
		if ok {
			var names []string
			for _, m := range entity.Mentions {
				if doc.Mentions[m].Kind == corpus.Name {
					names = append(names, doc.Slice(doc.Mentions[m].Span))
				}
			}
			add(kind, entity.Name, names...)
		}
	}
	counts, order := map[string]int{}, []string{}
	for i := 1; i < len(doc.Tokens); i++ {
		a, b := doc.Tokens[i-1], doc.Tokens[i]
		if strings.HasPrefix(b.Tag, "NN") && b.Tag != "NNP" && (strings.HasPrefix(a.Tag, "NN") || a.Tag == "JJ") && a.Sentence == b.Sentence && b.Start == a.End+1 {
			phrase := doc.Text[a.Start:b.End]
			if counts[phrase]++; counts[phrase] == least {
				order = append(order, phrase)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
	for _, phrase := range order[:min(phrases, len(order))] {
		add("policy", phrase)
	}
	return out
}

// names writes every sixth sentence with a named entity, and every sixth with
// two, cut out as the rows of NewsMTSC and DSE are.
func (p *passages) names(doc *corpus.Document) error {
	const every = 6
	named, paired := 0, 0
	for _, s := range doc.Sentences {
		var at []corpus.Span
		last := -1
		for _, m := range doc.Mentions {
			if m.Kind == corpus.Name && m.Start >= s.Start && m.End <= s.End && m.Entity >= 0 && m.Entity != last && (len(at) == 0 || m.Start >= at[len(at)-1].End) {
				at = append(at, corpus.Span{Start: m.Start - s.Start, End: m.End - s.Start})
				last = m.Entity
			}
		}
		if len(at) == 0 {
			continue
		}
		one, two := named%every == 0, len(at) > 1 && paired%every == 0
		named++
		if len(at) > 1 {
			paired++
		}
		if !one && !two {
			continue
		}
		alone, err := p.read(doc.Slice(s.Span))
		if err != nil {
			return err
		}
		if one {
			if err := p.write(stance.TargetedPassage(p.pieces, alone, at[len(at)-1], stance.Uncoded)); err != nil {
				return err
			}
		}
		if two {
			if err := p.write(stance.DirectedPassage(p.pieces, alone, at[0], at[1], stance.Uncoded)); err != nil {
				return err
			}
		}
	}
	return nil
}
