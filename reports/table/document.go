package table

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
	cleaning "github.com/standpoint-news/standpoint/corpus/clean"
	"github.com/standpoint-news/standpoint/corpus/dedup"
)

// Digest identifies an article by all that the input says of it, its id
// included.
func Digest(doc *corpus.Document) [32]byte {
	h := sha256.New()
	var piece [4 << 10]byte
	published := ""
	if !doc.Published.IsZero() {
		published = strconv.FormatInt(doc.Published.UnixMilli(), 10)
	}
	for _, s := range []string{doc.ID, doc.Title, doc.Text, doc.Publisher, doc.URL, doc.Topic, published, doc.PublishedNote,
		doc.PublishedRule, doc.Language, doc.Origin.Format, doc.Origin.Encoding} {
		fmt.Fprintf(h, "%d:", len(s))
		for len(s) > 0 { // at once would copy a text of any length
			n := copy(piece[:], s)
			h.Write(piece[:n])
			s = s[n:]
		}
	}
	fmt.Fprintf(h, "%d %v", doc.Origin.Replaced, doc.Regions) // regions that the reader knows already
	return [32]byte(h.Sum(nil))
}

// FromDocument turns an analysed document into its rows. targets are the ids
// that Stance.Target indexes; relevant says that the article mentions one.
func FromDocument(doc *corpus.Document, targets []string, relevant bool) Batch {
	runes := corpus.NewRuneOffsets(doc.Text)
	b := Batch{Article: ArticleRow{
		ID: doc.ID, Title: doc.Title, Text: doc.Text, Publisher: doc.Publisher, URL: doc.URL, Topic: doc.Topic,
		Language: doc.Language, Format: doc.Origin.Format, Encoding: doc.Origin.Encoding, ReplacedBytes: int32(doc.Origin.Replaced),
		Published: Millis(doc.Published), PublishedNote: doc.PublishedNote, PublishedRule: doc.PublishedRule, Relevant: relevant,
		Words: int32(doc.CountWords()), Sentences: int32(len(doc.Sentences)),
	}, Aliases: map[string][]string{}}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		row := statementRow(doc, runes, s)
		row.Ordinal = int32(i)
		line := uint64(0)
		if len(s.Content) > 0 {
			line = cleaning.HashAt(doc.Text, s.Content[0].Start)
		}
		b.Lines = append(b.Lines, int64(line))
		if s.Speaker >= 0 {
			e := doc.Entities[s.Speaker]
			b.Aliases[e.ID] = e.Aliases
		}
		b.Statements = append(b.Statements, row)
		for k := range s.Stances {
			stance := stanceRow(doc, runes, &s.Stances[k], targets)
			stance.StatementID = s.ID
			stance.ID = s.ID + "/" + strconv.Itoa(k+1)
			b.Stances = append(b.Stances, stance)
		}
	}
	return b
}

func statementRow(doc *corpus.Document, runes *corpus.RuneOffsets, s *corpus.Statement) StatementRow {
	extent := s.Extent()
	first, last := max(0, doc.SentenceAt(extent.Start)), max(0, doc.SentenceAt(max(extent.Start, extent.End-1)))
	context := corpus.Span{Start: doc.Sentences[first].Start, End: max(extent.End, doc.Sentences[last].End)}
	context.Start = min(context.Start, extent.Start)
	context = clip(doc.Text, context, extent)
	row := StatementRow{
		ID: s.ID, Kind: s.Kind.String(), Region: doc.Sentences[s.Sentence].Kind.String(),
		SourceText: pieces(doc, s.Source), CueText: pieces(doc, s.Cue), ContentText: pieces(doc, s.Content), CueLemma: s.CueLemma,
		Context: doc.Slice(context), ContextStart: int32(runes.At(context.Start)),
		Confidence: s.Confidence, SpeakerConfidence: s.SpeakerConfidence, SpeakerNote: s.SpeakerNote,
	}
	row.SourceStarts, row.SourceEnds, row.SourceByteStarts, row.SourceByteEnds = bounds(runes, s.Source)
	row.CueStarts, row.CueEnds, row.CueByteStarts, row.CueByteEnds = bounds(runes, s.Cue)
	row.ContentStarts, row.ContentEnds, row.ContentByteStarts, row.ContentByteEnds = bounds(runes, s.Content)
	if s.Speaker >= 0 {
		e := doc.Entities[s.Speaker]
		kind, resolution := e.Type.String(), s.Resolution.String()
		row.SpeakerID, row.SpeakerName, row.SpeakerType = &e.ID, &e.Name, &kind
		if s.Kind == corpus.Direct {
			row.QuotationGroup = dedup.QuotationGroup(e.Name, row.ContentText)
		}
		row.SpeakerWikidata, row.Resolution = nullable(e.Wikidata), &resolution
	} else if len(s.Candidates) > 0 {
		row.SpeakerConfidence = s.Candidates[0].Confidence
	}
	for _, c := range s.Candidates {
		row.CandidateNames = append(row.CandidateNames, doc.Entities[c.Entity].Name)
		row.CandidateConfidences = append(row.CandidateConfidences, c.Confidence)
	}
	return row
}

// mostContext is how many bytes of a sentence's text a row holds on each side of
// its statement: a text without full stops is one sentence, and many rows.
const mostContext = 4 << 10

func clip(text string, context, extent corpus.Span) corpus.Span {
	context.Start = max(context.Start, extent.Start-mostContext)
	context.End = min(context.End, extent.End+mostContext)
	for !utf8.RuneStart(text[context.Start]) {
		context.Start++
	}
	for context.End < len(text) && !utf8.RuneStart(text[context.End]) {
		context.End--
	}
	return context
}

func stanceRow(doc *corpus.Document, runes *corpus.RuneOffsets, s *corpus.Stance, targets []string) StanceRow {
	mention, evidence := runes.Runes(s.Mention), runes.Runes(s.Evidence)
	return StanceRow{
		Target: targets[s.Target], Score: s.Score, Label: s.Label.String(), Confidence: s.Confidence,
		MentionText: doc.Slice(s.Mention), MentionStart: int32(mention[0]), MentionEnd: int32(mention[1]),
		MentionByteStart: int32(s.Mention.Start), MentionByteEnd: int32(s.Mention.End),
		EvidenceText: doc.Slice(s.Evidence), EvidenceStart: int32(evidence[0]), EvidenceEnd: int32(evidence[1]),
		EvidenceByteStart: int32(s.Evidence.Start), EvidenceByteEnd: int32(s.Evidence.End),
	}
}

func pieces(doc *corpus.Document, spans []corpus.Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = doc.Slice(s)
	}
	return strings.Join(texts, " … ")
}

func bounds(runes *corpus.RuneOffsets, spans []corpus.Span) (starts, ends, byteStarts, byteEnds []int32) {
	for _, s := range spans {
		r := runes.Runes(s)
		starts, ends = append(starts, int32(r[0])), append(ends, int32(r[1]))
		byteStarts, byteEnds = append(byteStarts, int32(s.Start)), append(byteEnds, int32(s.End))
	}
	return
}
