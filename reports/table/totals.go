package table

import (
	"math"

	"github.com/standpoint-news/standpoint/analysis/aggregate"
	"github.com/standpoint-news/standpoint/corpus"
)

// speaker is the speaker of a statement, with an empty ID where the tool
// abstained.
func speaker(b *Batch, s *StatementRow) aggregate.Speaker {
	if s.SpeakerID == nil {
		return aggregate.Speaker{}
	}
	id := *s.SpeakerID
	return aggregate.Speaker{ID: id, Name: text(s.SpeakerName), Type: text(s.SpeakerType),
		Wikidata: text(s.SpeakerWikidata), Aliases: b.Aliases[id]}
}

// articleOf is the batch as the totals take it: the statements that count.
func articleOf(b *Batch) *aggregate.Article {
	article := &aggregate.Article{ID: b.Article.ID, Published: Time(b.Article.Published),
		Statements: make([]aggregate.Statement, 0, len(b.Statements))}
	place := make(map[string]*aggregate.Statement, len(b.Statements))
	for i := range b.Statements {
		if s := &b.Statements[i]; !s.Duplicate {
			article.Statements = append(article.Statements, aggregate.Statement{Speaker: speaker(b, s)})
			place[s.ID] = &article.Statements[len(article.Statements)-1] // never moves: there is room for all
		}
	}
	for i := range b.Stances {
		s := &b.Stances[i]
		of := place[s.StatementID]
		if of == nil {
			continue
		}
		l, _ := label(s.Label)
		of.Stances = append(of.Stances, aggregate.Stance{Target: s.Target, Score: s.Score, Label: l})
	}
	return article
}

// label is the inverse of corpus.StanceLabel.String.
func label(name string) (corpus.StanceLabel, bool) {
	for l := corpus.Abstain; l <= corpus.Neither; l++ {
		if l.String() == name {
			return l, true
		}
	}
	return corpus.Abstain, false
}

// speakerRows takes aliases from the profiles, since the totals know every
// speaker by one name.
func speakerRows(totals []aggregate.SpeakerTotal, profiles map[string]*aggregate.Profile) []SpeakerRow {
	rows := make([]SpeakerRow, len(totals))
	for i, t := range totals {
		t.Aliases = profiles[t.ID].Best(t.ID).Aliases
		rows[i] = speakerRow(t)
	}
	return rows
}

func speakerRow(t aggregate.SpeakerTotal) SpeakerRow {
	return SpeakerRow{
		ID: t.ID, Name: t.Name, Type: t.Type, Wikidata: nullable(t.Wikidata), Aliases: t.Aliases,
		FirstSeen: Millis(t.First), LastSeen: Millis(t.Last),
		Articles: int32(t.Articles), Statements: int32(t.Statements), Stances: int32(t.Stances),
		ShareAbstained: number(float64(t.Abstain) / float64(t.Stances)),
	}
}

func mergeRows(decisions []aggregate.Decision) []MergeRow {
	rows := make([]MergeRow, len(decisions))
	for i, d := range decisions {
		rows[i] = MergeRow{Decision: string(d.Verdict), ID: d.ID, Name: d.Name, Statements: int32(d.Statements),
			OtherID: d.Other, OtherName: d.OtherName, OtherStatements: int32(d.OtherCount), Reason: d.Reason}
	}
	return rows
}

func summaryRows(cells []aggregate.Cell) []SummaryRow {
	rows := make([]SummaryRow, len(cells))
	for i, c := range cells {
		rows[i] = SummaryRow{
			SpeakerID: c.Speaker.ID, SpeakerName: c.Speaker.Name, SpeakerType: c.Speaker.Type,
			Target: c.Target, Period: c.Period, PeriodStart: Millis(c.Start),
			Articles: int32(c.Articles), Statements: int32(c.Statements),
			NFor: int32(c.For), NAgainst: int32(c.Against), NNeither: int32(c.Neither), NAbstain: int32(c.Abstain),
			Mean: number(c.Mean), CILow: number(c.Low), CIHigh: number(c.High), ShareAbstained: c.ShareAbstained,
		}
	}
	return rows
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
