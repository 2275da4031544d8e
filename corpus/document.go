// Package corpus holds the one document that flows through standpoint and the
// layers that the stages of package analysis lay over it.
//
// A Document's Text never changes. Everything a stage finds is a byte span
// over it, so that any row of any table can be traced to the exact characters
// it came from. Each stage names the layers it needs and the layers it adds;
// see Document.Require.
package corpus

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Place says where in the input an article came from.
type Place struct {
	Path string // as the user named it; "-" is standard input
	Line int    // 1-based line of the record, its number in a WARC, Parquet or Word file, 0 where the whole file is one article
}

// An Origin says what the reader made of the bytes that an article was read from.
type Origin struct {
	Format   string // "JSON Lines", "HTML", …
	Encoding string // "utf-8", "windows-1252", …
	Replaced int    // bytes that were no text and became U+FFFD
}

// String renders the place as path:line, the form that errors begin with.
func (p Place) String() string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d", p.Path, p.Line)
}

// A Document is one news article with the layers found over it.
type Document struct {
	ID        string
	Title     string // the record's title field, or the title line of a text file
	Text      string // valid UTF-8; never rewritten after reading
	Publisher string
	URL       string
	Topic     string

	Published     time.Time // UTC; zero where unknown
	PublishedNote string    // why Published is zero, empty where it is set
	PublishedRule string    // what gave Published: "field", "metadata", "url" or "dateline"; empty where it is zero

	Language string // ISO 639-1 code as identified, empty where the text is too short to tell
	Place    Place
	Origin   Origin

	layers Layer

	Regions    []Region
	Paragraphs []Paragraph
	Sentences  []Sentence
	Tokens     []Token
	Quotations []Quotation
	Mentions   []Mention
	Entities   []Entity
	Targets    []TargetMention
	Statements []Statement
}

// A Layer is a set of the layers that stages add to a Document.
type Layer uint16

// The layers, in the order in which the pipeline adds them.
const (
	LayerRegions    Layer = 1 << iota // Regions
	LayerParagraphs                   // Paragraphs
	LayerTokens                       // Tokens, without tags
	LayerSentences                    // Sentences, and Token.Sentence
	LayerQuotations                   // Quotations, and Token.Quotation
	LayerTags                         // Token.Tag
	LayerTargets                      // Targets
	LayerMentions                     // Mentions and Entities
	LayerStatements                   // Statements: source, cue, content
	LayerSpeakers                     // Statement.Speaker and its rivals
	LayerStances                      // Statement.Stances
)

var layerNames = []string{"regions", "paragraphs", "tokens", "sentences", "quotations", "tags",
	"targets", "mentions", "statements", "speakers", "stances"}

// String lists the layers by name, joined by "+".
func (l Layer) String() string {
	var names []string
	for i, name := range layerNames {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}

// Has reports whether all of the wanted layers are present.
func (d *Document) Has(want Layer) bool { return d.layers&want == want }

// Add records that a stage has laid the given layers.
func (d *Document) Add(l Layer) { d.layers |= l }

// Require returns an error that names the stage and the missing layers unless
// the document holds all of the wanted ones.
func (d *Document) Require(stage string, want Layer) error {
	if missing := want &^ d.layers; missing != 0 {
		return fmt.Errorf("%s: document %q lacks the layers %v: run the stages that add them first", stage, d.ID, missing)
	}
	return nil
}

// Slice returns the text under a span.
func (d *Document) Slice(s Span) string { return d.Text[s.Start:s.End] }

// CountWords counts what stands between white space, without a list of it: a
// text may have millions.
func (d *Document) CountWords() int {
	n := 0
	for range strings.FieldsSeq(d.Text) {
		n++
	}
	return n
}

// Reach is the stretch of the sentences that a statement stands in, up to where
// another begins: what another says in the rest of a sentence is not theirs.
func (d *Document) Reach(st *Statement) Span {
	own := st.Extent()
	out := own
	if own.Len() == 0 {
		return out
	}
	if i := d.SentenceAt(own.Start); i >= 0 {
		out.Start = min(out.Start, d.Sentences[i].Start)
	}
	if i := d.SentenceAt(own.End - 1); i >= 0 {
		out.End = max(out.End, d.Sentences[i].End)
	}
	for i := range d.Statements {
		if next := d.Statements[i].Extent(); next.Len() > 0 && next.Start >= own.End {
			out.End = min(out.End, next.Start)
		}
	}
	return out
}

// SpanOf returns the span from the first to the last of the tokens, of which there
// must be one.
func (d *Document) SpanOf(tokens Range) Span {
	return Span{Start: d.Tokens[tokens.First].Start, End: d.Tokens[tokens.Last-1].End}
}

// TokenText returns the text of token i.
func (d *Document) TokenText(i int) string { return d.Slice(d.Tokens[i].Span) }

// TokensIn returns the half-open range of the indices of the tokens that
// overlap the span. It needs LayerTokens.
func (d *Document) TokensIn(s Span) Range {
	first := searchTokens(d.Tokens, func(t Token) bool { return t.End > s.Start })
	last := searchTokens(d.Tokens, func(t Token) bool { return t.Start >= s.End })
	return Range{first, max(first, last)}
}

// SentenceAt returns the index of the sentence that holds the byte offset, or
// of the last one before it, or -1. It needs LayerSentences.
func (d *Document) SentenceAt(offset int) int {
	lo, hi := 0, len(d.Sentences)
	for lo < hi {
		mid := (lo + hi) / 2
		if d.Sentences[mid].Start > offset {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo - 1
}

func searchTokens(tokens []Token, yes func(Token) bool) int {
	lo, hi := 0, len(tokens)
	for lo < hi {
		mid := (lo + hi) / 2
		if yes(tokens[mid]) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// A Span is a half-open range of byte offsets into Document.Text, on rune
// boundaries.
type Span struct{ Start, End int }

// Len is the span's length in bytes.
func (s Span) Len() int { return s.End - s.Start }

// Overlaps reports whether the spans share a byte.
func (s Span) Overlaps(o Span) bool { return s.Start < o.End && o.Start < s.End }

// Contains reports whether o lies within s.
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

// A Range is a half-open range of indices, of tokens or sentences.
type Range struct{ First, Last int }

// Len is the number of indices in the range.
func (r Range) Len() int { return r.Last - r.First }

// Holds reports whether index i lies in the range.
func (r Range) Holds(i int) bool { return r.First <= i && i < r.Last }

// A RegionKind says what part of the page a region is.
type RegionKind uint8

// The kinds of region.
const (
	Body        RegionKind = iota
	Headline               // the title, where it stands in the text
	Dateline               // "ASTERHAVEN (Wire) —"
	Boilerplate            // trailers, captions, newsletter lines: no statement is drawn from them
)

// String names the kind as the tables spell it.
func (k RegionKind) String() string {
	return [...]string{"body", "headline", "dateline", "boilerplate"}[k]
}

// A Region marks part of the text as other than body. Regions are ordered and
// do not overlap; text outside of every region is body.
type Region struct {
	Span
	Kind RegionKind
}

// A Paragraph is a run of text between blank lines (or line breaks where the
// text has no blank line), without its surrounding white space.
type Paragraph struct {
	Span
	Kind RegionKind
}

// A Sentence is a sentence within one paragraph.
type Sentence struct {
	Span
	Tokens    Range // indices into Document.Tokens
	Paragraph int   // index into Document.Paragraphs
	Kind      RegionKind
}

// A Token is a word or a mark of punctuation, in the Penn Treebank's
// convention ("do" + "n't", "Assad" + "'s").
type Token struct {
	Span
	Tag       string // Penn Treebank part of speech
	Sentence  int    // index into Document.Sentences
	Quotation int    // innermost quotation that holds the token, or -1
}

// A Quotation is a stretch of text between quotation marks. The span includes
// the marks; Inner does not. A quotation ends with its paragraph at the
// latest: one that the next paragraph reopens is a chain of several, tied by
// Continues.
type Quotation struct {
	Span
	Inner     Span
	Tokens    Range // tokens of Inner
	Closed    bool  // false where the paragraph ended before a closing mark
	Parent    int   // the quotation around this one, or -1
	Continues int   // the quotation of the paragraph before that this one carries on, or -1
	Scare     bool  // a name, title or single word in marks, hardly words of somebody
}

// A MentionKind says how an expression refers.
type MentionKind uint8

// The kinds of mention. They double as a speaker's resolution.
const (
	Name        MentionKind = iota // "Rosalind Achterberg", "Achterberg"
	Title                          // "the foreign minister", tied to a holder named elsewhere
	Pronoun                        // "she", "they"
	Metonym                        // a capital or a seat for a government: "Moscow", "the White House"
	Description                    // "a senior official", "activists", "the ministry"
)

// String names the kind as annotate and the tables spell it.
func (k MentionKind) String() string {
	return [...]string{"name", "title", "pronoun", "metonym", "description"}[k]
}

// An EntityType is the type of a speaker.
type EntityType uint8

// The types of entity.
const (
	Person EntityType = iota
	Organisation
	Government
	Group
	Unnamed // a person or persons known by description alone
)

// String names the type as annotate and the tables spell it.
func (t EntityType) String() string {
	return [...]string{"person", "organisation", "government", "group", "unnamed"}[t]
}

// A Gender narrows what a pronoun can refer to.
type Gender uint8

// The values of Gender.
const (
	GenderUnknown Gender = iota
	Masculine
	Feminine
)

// A Mention is an expression that refers to an Entity.
type Mention struct {
	Span
	Tokens     Range
	Head       int // index of the head token
	Kind       MentionKind
	Entity     int     // index into Document.Entities, or -1 where nothing was settled
	Confidence float64 // that Entity is right, 0…1
	Candidates []Candidate
	Appositive bool // names or titles that stand beside another mention of the same entity
}

// A Candidate is an entity that a mention or statement may refer to.
type Candidate struct {
	Entity     int // index into Document.Entities
	Confidence float64
}

// An Entity is a person, body, government or group of the document.
type Entity struct {
	ID       string // stable across documents, "person:rosalind-achterberg"
	Name     string // the fullest name that the document supports
	Type     EntityType
	Gender   Gender
	Plural   bool
	Wikidata string // "Q…" or empty
	Aliases  []string
	Titles   []string // lower case, as they stand beside its names
	Mentions []int    // indices into Document.Mentions, ordered
}

// A TargetMention is a place where the text takes up a configured target.
type TargetMention struct {
	Span
	Target     int     // index into the configuration's list of targets
	Confidence float64 // that the words mean the target here, 0…1
	Explicit   bool    // matched by alias or pattern, not by the words around it
}

// A StatementKind says how the words of a source are given.
type StatementKind uint8

// The kinds of statement.
const (
	Direct    StatementKind = iota // all content in quotation marks
	Indirect                       // paraphrase
	Mixed                          // both
	Described                      // a stance or speech act that the narrator reports without its words
)

// String names the kind as annotate and the tables spell it.
func (k StatementKind) String() string {
	return [...]string{"direct", "indirect", "mixed", "described"}[k]
}

// A Statement is what the article attributes to one source: PolNeAR's
// attribution (Newell et al., 2018), with its source, cue and content spans.
type Statement struct {
	ID         string
	Kind       StatementKind
	Source     []Span // empty where nobody is named
	Cue        []Span // empty for free-standing quotations
	Content    []Span // ordered, disjoint
	Sentence   int    // the sentence of the cue, or of the content's start
	Confidence float64
	CueLemma   string  // base form of the cue's head ("accuse", "say", "according to"); empty without a cue
	Inherited  bool    // Source was carried over from an earlier sentence
	SourceConf float64 // that Source is the right expression, 0…1

	Speaker           int // index into Document.Entities, or -1: abstained
	SpeakerConfidence float64
	Resolution        MentionKind
	Candidates        []Candidate // ranked; filled where the tool abstains or rivals exist
	SpeakerNote       string      // why the tool abstained

	TakenUp []Uptake // by target
	Stances []Stance
}

// An Uptake is a target that a statement may take up.
type Uptake struct {
	Target     int     // index into the configuration's list of targets
	Named      bool    // mentioned in the statement's sentences, as Document.Targets has it
	Mention    Span    // the words there that mean it, or those before it that named it
	Confidence float64 // that the statement takes it up, 0…1
}

// Extent is the smallest span that covers source, cue and content.
func (s *Statement) Extent() Span {
	var out Span
	first := true
	for _, list := range [][]Span{s.Source, s.Cue, s.Content} {
		for _, sp := range list {
			if first {
				out, first = sp, false
				continue
			}
			out.Start = min(out.Start, sp.Start)
			out.End = max(out.End, sp.End)
		}
	}
	return out
}

// A StanceLabel is the side that a statement takes.
type StanceLabel uint8

// The labels.
const (
	Abstain StanceLabel = iota
	For
	Against
	Neither
)

// String names the label as annotate and the tables spell it.
func (l StanceLabel) String() string {
	return [...]string{"abstain", "for", "against", "neither"}[l]
}

// A Stance is the side that a statement takes toward one target.
type Stance struct {
	Target     int  // index into the configuration's list of targets
	Mention    Span // the words that take up the target
	Score      float64
	Label      StanceLabel
	Confidence float64
	Evidence   Span // the words that show the stance
}

// RuneOffsets maps byte offsets of one text to Unicode code points.
type RuneOffsets struct {
	text  string
	marks []int // marks[i] is the code point count before byte i*stride
}

const runeStride = 256

// NewRuneOffsets indexes a text in one pass.
func NewRuneOffsets(text string) *RuneOffsets {
	r := &RuneOffsets{text: text, marks: make([]int, 0, len(text)/runeStride+1)}
	n := 0
	for i := range len(text) {
		if i%runeStride == 0 {
			r.marks = append(r.marks, n)
		}
		if utf8.RuneStart(text[i]) {
			n++
		}
	}
	return r
}

// At returns the number of code points before the byte offset.
func (r *RuneOffsets) At(offset int) int {
	if len(r.marks) == 0 {
		return 0
	}
	block := min(offset/runeStride, len(r.marks)-1)
	n := r.marks[block]
	for i := block * runeStride; i < offset; i++ {
		if utf8.RuneStart(r.text[i]) {
			n++
		}
	}
	return n
}

// Runes converts a byte span to code points.
func (r *RuneOffsets) Runes(s Span) [2]int { return [2]int{r.At(s.Start), r.At(s.End)} }
