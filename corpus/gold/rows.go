package gold

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/corpus"
)

// Spans are half-open ranges of Unicode code points of a text, as all files
// count them.
type Spans [][2]int

// An AttributionRow is an article of PolNeAR (Newell et al., 2018).
type AttributionRow struct {
	ID           string        `json:"id"`
	Publisher    string        `json:"publisher,omitempty"`
	Date         string        `json:"date,omitempty"`
	Text         string        `json:"text"`
	Attributions []Attribution `json:"attributions"`
}

// An Attribution says who said what: the source, the cue and the content.
// Kind is that of the gold; predictions leave it out.
type Attribution struct {
	Kind    string `json:"kind,omitempty"`
	Source  Spans  `json:"source"`
	Cue     Spans  `json:"cue"`
	Content Spans  `json:"content"`
}

// An AttributionPrediction holds what was found in one article.
type AttributionPrediction struct {
	ID           string        `json:"id"`
	Attributions []Attribution `json:"attributions"`
}

// A TargetedRow is a sentence and a mention of NewsMTSC (Hamborg & Donnay,
// 2021). The mention is text[From:To] in code points; Label is the sentiment
// toward it: -1, 0 or 1.
type TargetedRow struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	From    int    `json:"from"`
	To      int    `json:"to"`
	Mention string `json:"mention"`
	Label   int    `json:"label"`
}

// A DirectedRow is a sentence and two entities of DSE (Park et al., 2021); both
// stand in brackets in Text. Label is 0 neutral, 1 P toward Q positive, 2 Q
// toward P positive, 3 P toward Q negative, 4 Q toward P negative.
type DirectedRow struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	P     string `json:"p"`
	Q     string `json:"q"`
	Label int    `json:"label"`
}

// A LabelPrediction is the label of a TargetedRow or DirectedRow.
type LabelPrediction struct {
	ID    string  `json:"id"`
	Label int     `json:"label"`
	Score float64 `json:"score"`
}

// A TripletsRow is an article of SEESAW (Zhang et al., 2022).
type TripletsRow struct {
	ID         string            `json:"id"`
	Split      string            `json:"split,omitempty"`
	Date       string            `json:"date,omitempty"`
	Topic      string            `json:"topic,omitempty"`
	Title      string            `json:"title,omitempty"`
	Text       []TripletSentence `json:"text"`
	Annotation TripletAnnotation `json:"annotation"`
}

// A TripletSentence is a sentence of a TripletsRow.
type TripletSentence struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// A TripletAnnotation holds the entities of an article, which are input, and
// the stances of its sentences by sentence id, which are gold.
type TripletAnnotation struct {
	Entities []TripletEntity         `json:"entity lists"`
	Stances  map[string][]SideTaking `json:"sentence-level stances"`
}

// A TripletEntity is an entity by its canonical name. Its file form is a list
// of the name and lists of properties, of which the first holds the kinds.
type TripletEntity struct {
	Name  string
	Kinds []string
}

// UnmarshalJSON reads ["name", ["kind"], …].
func (e *TripletEntity) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) == 0 {
		return fmt.Errorf("an entity without a name")
	}
	if err := json.Unmarshal(parts[0], &e.Name); err != nil {
		return err
	}
	e.Kinds = nil
	if len(parts) > 1 {
		return json.Unmarshal(parts[1], &e.Kinds)
	}
	return nil
}

// MarshalJSON writes ["name", ["kind"]].
func (e TripletEntity) MarshalJSON() ([]byte, error) {
	kinds := e.Kinds
	if kinds == nil {
		kinds = []string{}
	}
	return json.Marshal([]any{e.Name, kinds})
}

// SideTaking is a stance without its sentence. Sentiment is POS or NEG.
type SideTaking struct {
	Subject   string `json:"subject"`
	Sentiment string `json:"sentiment"`
	Object    string `json:"object"`
}

// NotListed stands for an entity that the article's list lacks.
const NotListed = "Not in the list"

// A Triplet is a stance in the sentence of the given id.
type Triplet struct {
	Sentence int `json:"sentence"`
	SideTaking
}

// A TripletsPrediction holds what was found in one article.
type TripletsPrediction struct {
	ID       string    `json:"id"`
	Triplets []Triplet `json:"triplets"`
}

// Triplets returns the gold triplets in the order of their sentences; those
// with an entity outside of the article's list are left out.
func (r *TripletsRow) Triplets() []Triplet {
	ids := make([]int, 0, len(r.Annotation.Stances))
	for key := range r.Annotation.Stances {
		if id, err := strconv.Atoi(key); err == nil { // validate has seen to it
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var out []Triplet
	for _, id := range ids {
		for _, s := range r.Annotation.Stances[strconv.Itoa(id)] {
			if s.Subject != NotListed && s.Object != NotListed {
				out = append(out, Triplet{id, s})
			}
		}
	}
	return out
}

// A MissionRow is a coded statement: who takes which side toward what. Stance
// is 1 for, -1 against, 0 neither; Disputed where two coders differ.
type MissionRow struct {
	ID             string        `json:"id"`
	Speaker        string        `json:"speaker"`
	SpeakerMention string        `json:"speaker_mention,omitempty"`
	Target         MissionTarget `json:"target"`
	Mention        string        `json:"mention,omitempty"`
	Stance         int           `json:"stance"`
	Basis          string        `json:"basis"`
	Evidence       string        `json:"evidence"`
	Disputed       bool          `json:"disputed,omitempty"`
}

// ByArticle lists the rows of each article, by its id.
func ByArticle(rows []MissionRow) map[string][]MissionRow {
	out := map[string][]MissionRow{}
	for _, r := range rows {
		out[r.ID] = append(out[r.ID], r)
	}
	return out
}

// A MissionTarget is a target, in the files either its bare id or an object.
type MissionTarget struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name,omitempty"`
	Kind    string   `json:"kind,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
}

// Key is the id, or the name of a target that has none.
func (t MissionTarget) Key() string {
	if t.ID != "" {
		return t.ID
	}
	return t.Name
}

// UnmarshalJSON reads either form.
func (t *MissionTarget) UnmarshalJSON(data []byte) error {
	*t = MissionTarget{}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.ID)
	}
	type plain MissionTarget
	return json.Unmarshal(data, (*plain)(t))
}

// MarshalJSON writes the bare id where that is all there is.
func (t MissionTarget) MarshalJSON() ([]byte, error) {
	if t.Name == "" && t.Kind == "" && len(t.Aliases) == 0 {
		return json.Marshal(t.ID)
	}
	type plain MissionTarget
	return json.Marshal(plain(t))
}

// An Article is what the mission and speakers tasks read. Date is as found.
type Article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Date  string `json:"date,omitempty"`
	Topic string `json:"topic,omitempty"`
}

// A Line is what "standpoint annotate" prints of one article. Spans count code
// points of the article's text.
type Line struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	Published   *string     `json:"published"`
	Publisher   string      `json:"publisher"`
	DuplicateOf *string     `json:"duplicate_of"`
	Statements  []Statement `json:"statements"`
}

// A Statement is one of a Line.
type Statement struct {
	ID         string      `json:"id"`
	Kind       string      `json:"kind"`
	Source     Spans       `json:"source"`
	Cue        Spans       `json:"cue"`
	Content    Spans       `json:"content"`
	Speaker    *Speaker    `json:"speaker"`
	Candidates []Candidate `json:"speaker_candidates"`
	Stances    []Stance    `json:"stances"`
}

// A Speaker is whom a Statement is given to.
type Speaker struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Wikidata   *string `json:"wikidata"`
	Resolution string  `json:"resolution"`
	Confidence float64 `json:"confidence"`
}

// A Candidate is whom a Statement may be given to.
type Candidate struct {
	Name       string  `json:"name"`
	Confidence float64 `json:"confidence"`
}

// A Stance is the side of a Statement toward a target. Label is for, against,
// neither or abstain.
type Stance struct {
	Target     string  `json:"target"`
	Mention    [2]int  `json:"mention"`
	Score      float64 `json:"score"`
	Label      string  `json:"label"`
	Confidence float64 `json:"confidence"`
	Evidence   [2]int  `json:"evidence"`
}

// A MissionPrediction is a line of a prediction file of the mission task,
// which holds rows or annotate's lines: one of the two is set.
type MissionPrediction struct {
	Row  *MissionRow
	Line *Line
}

// UnmarshalJSON tells the forms apart by the key "statements".
func (p *MissionPrediction) UnmarshalJSON(data []byte) error {
	var probe struct {
		Statements json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal(data, &probe); err != nil {
		return err
	}
	*p = MissionPrediction{}
	if probe.Statements != nil {
		p.Line = new(Line)
		return json.Unmarshal(data, p.Line)
	}
	p.Row = new(MissionRow)
	return json.Unmarshal(data, p.Row)
}

// Bytes converts spans of code points to byte spans of the text. Spans must
// lie within the text.
func (s Spans) Bytes(text string) []corpus.Span {
	if len(s) == 0 {
		return nil
	}
	// offsets[i] is the byte where code point i begins.
	offsets := make([]int, 0, len(text)+1)
	for i := range text {
		offsets = append(offsets, i)
	}
	offsets = append(offsets, len(text))
	out := make([]corpus.Span, len(s))
	for i, p := range s {
		out[i] = corpus.Span{Start: offsets[p[0]], End: offsets[p[1]]}
	}
	return out
}

// FromBytes converts byte spans to code points.
func FromBytes(r *corpus.RuneOffsets, spans []corpus.Span) Spans {
	out := make(Spans, len(spans)) // never nil: the files hold [], not null
	for i, s := range spans {
		out[i] = r.Runes(s)
	}
	return out
}

// within checks that the spans are ranges of a text of n code points.
func (s Spans) within(n int) error {
	for _, p := range s {
		if p[0] < 0 || p[0] > p[1] || p[1] > n {
			return fmt.Errorf("the span [%d, %d] is no range of a text of %d code points", p[0], p[1], n)
		}
	}
	return nil
}

func (a *Attribution) within(n int) error {
	for _, s := range []Spans{a.Source, a.Cue, a.Content} {
		if err := s.within(n); err != nil {
			return err
		}
	}
	return nil
}

// CheckSpans reports a span of the prediction that lies outside of the text.
func (p *AttributionPrediction) CheckSpans(text string) error {
	n := utf8.RuneCountInString(text)
	for i := range p.Attributions {
		if err := p.Attributions[i].within(n); err != nil {
			return fmt.Errorf("prediction %q, attribution %d: %w", p.ID, i+1, err)
		}
	}
	return nil
}

// Unbracketed returns the text without the brackets around the two entities,
// and where they stand, in bytes. A final "s" that the brackets leave out
// ("[Los Angele]s") is taken in, as it belongs to the name. It returns false
// where the text has not two pairs of brackets.
func (r *DirectedRow) Unbracketed() (text string, p, q corpus.Span, ok bool) {
	var b strings.Builder
	var spans [2]corpus.Span
	rest := r.Text
	for i := range spans {
		open := strings.IndexByte(rest, '[')
		if open < 0 {
			return "", p, q, false
		}
		length := strings.IndexByte(rest[open:], ']')
		if length < 0 {
			return "", p, q, false
		}
		b.WriteString(rest[:open])
		start := b.Len()
		b.WriteString(rest[open+1 : open+length])
		rest = rest[open+length+1:]
		if strings.HasPrefix(rest, "s") && (len(rest) == 1 || !isLetter(rest[1])) {
			b.WriteByte('s')
			rest = rest[1:]
		}
		spans[i] = corpus.Span{Start: start, End: b.Len()}
	}
	b.WriteString(rest)
	return b.String(), spans[0], spans[1], true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }
