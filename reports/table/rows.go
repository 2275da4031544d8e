// Package table writes and reads the tables of a run: Parquet files that pandas,
// polars, DuckDB and R arrow open as they are, with run.json beside them.
//
// SCHEMA.md is generated from the comments in this file
// (go test ./reports/table -run Schema -update). Columns that nobody filters by
// carry no statistics: with a file a day those would outweigh the rows.
package table

import "time"

// SchemaVersion names the columns below. It rises when a column is added, goes,
// moves, or changes its name, type, nullability, unit, values or meaning; within
// one version only the wording of a meaning changes.
const SchemaVersion = 1

// Millis is the form of a time in the rows: milliseconds since 1970, UTC. The
// zero time is null.
func Millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// Time is the inverse of Millis.
func Time(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms).UTC()
}

// An ArticleRow is one article of the input, whole.
type ArticleRow struct {
	// Key of the article: the input's own identifier, or one made from path and line.
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Headline; empty where the input has none.
	Title string `parquet:"name=title, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// The article as read, which all spans count in; never rewritten.
	Text string `parquet:"name=text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Outlet, as the input names it; empty where unknown.
	Publisher string `parquet:"name=publisher, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Address of the article; empty where unknown.
	URL string `parquet:"name=url, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Topic label of the input; empty where it has none.
	Topic string `parquet:"name=topic, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// ISO 639-1 code of the language identified; empty where the text is too short to tell.
	Language string `parquet:"name=language, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// What the article was read from: JSON Lines, HTML, WARC and so on.
	Format string `parquet:"name=format, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Encoding that the article was found in; text is UTF-8 in any case.
	Encoding string `parquet:"name=encoding, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Bytes that were text in no encoding and stand as U+FFFD in text.
	ReplacedBytes int32 `parquet:"name=replaced_bytes, type=INT32, omitstats=true"`
	// Time of publication, UTC; null where the input gives none that can be read.
	Published *int64 `parquet:"name=published, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// Why published is null; empty where it is set.
	PublishedNote string `parquet:"name=published_note, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// What gave published: field, metadata (of the page), url or dateline; empty where it is null.
	PublishedRule string `parquet:"name=published_rule, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// analysed, or duplicate: a copy of duplicate_of, left out of summary and speakers unless count_copies is each.
	Status string `parquet:"name=status, type=BYTE_ARRAY, convertedtype=UTF8" values:"analysed|duplicate"`
	// Whether the article mentions a configured target.
	Relevant bool `parquet:"name=relevant, type=BOOLEAN"`
	// articles.id of the copy that counts; null for an article that counts itself.
	DuplicateOf *string `parquet:"name=duplicate_of, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true"`
	// How it is a copy: exact (the same words), near (most runs of five words) or spun (other words around the same names); empty where it is none.
	DuplicateKind string `parquet:"name=duplicate_kind, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true" values:"exact|near|spun|"`
	// How much of the shorter one both share, 0 to 1: runs of five words, or pairs of names where spun; null for an article that is no copy.
	DuplicateSimilarity *float64 `parquet:"name=duplicate_similarity, type=DOUBLE, repetitiontype=OPTIONAL, omitstats=true" values:"0…1"`
	// Words in text, divided by white space.
	Words int32 `parquet:"name=words, type=INT32, omitstats=true" unit:"word"`
	// Sentences found in text.
	Sentences int32 `parquet:"name=sentences, type=INT32, omitstats=true" unit:"sentence"`
	// Rows of this article in statements.
	Statements int32 `parquet:"name=statements, type=INT32, omitstats=true"`
	// Rows of this article in stances.
	Stances int32 `parquet:"name=stances, type=INT32, omitstats=true"`
	// SHA-256 of text in UTF-8, 64 hexadecimal digits.
	TextSHA256 string `parquet:"name=text_sha256, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
}

// A StatementRow is one statement that an article attributes to a source: PolNeAR's attribution, with source, cue and content; a statement of joint speakers is one row for each of them, and counts so in every total.
type StatementRow struct {
	// Key of the statement.
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// articles.id of the article that holds it.
	ArticleID string `parquet:"name=article_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// The article's time of publication, UTC.
	Published *int64 `parquet:"name=published, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// The article's outlet.
	Publisher string `parquet:"name=publisher, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Place among the statements of its article, from 0.
	Ordinal int32 `parquet:"name=ordinal, type=INT32, omitstats=true"`
	// direct (all content in quotation marks), indirect (paraphrase), mixed (both) or described (a stance that the narrator reports without its words).
	Kind string `parquet:"name=kind, type=BYTE_ARRAY, convertedtype=UTF8" values:"direct|indirect|mixed|described"`
	// Part of the page: body, headline, dateline or boilerplate.
	Region string `parquet:"name=region, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true" values:"body|headline|dateline|boilerplate"`
	// Words that name the source, pieces joined by " … "; empty where nobody is named.
	SourceText string `parquet:"name=source_text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Words that attribute ("said", "according to"), pieces joined by " … "; empty for a free-standing quotation.
	CueText string `parquet:"name=cue_text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// What is attributed, pieces joined by " … ".
	ContentText string `parquet:"name=content_text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Base form of the cue's head; empty without a cue.
	CueLemma string `parquet:"name=cue_lemma, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// The sentence or sentences that hold the statement, as they stand in articles.text.
	Context string `parquet:"name=context, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Where context begins in articles.text, in code points.
	ContextStart int32 `parquet:"name=context_start, type=INT32, omitstats=true" unit:"code point"`
	// Where the pieces of the source begin in articles.text, in Unicode code points; ordered; empty without source.
	SourceStarts []int32 `parquet:"name=source_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they end, exclusive, in code points.
	SourceEnds []int32 `parquet:"name=source_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they begin, in bytes of UTF-8.
	SourceByteStarts []int32 `parquet:"name=source_byte_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// Where they end, exclusive, in bytes.
	SourceByteEnds []int32 `parquet:"name=source_byte_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// Where the pieces of the cue begin in articles.text, in Unicode code points; ordered; empty without cue.
	CueStarts []int32 `parquet:"name=cue_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they end, exclusive, in code points.
	CueEnds []int32 `parquet:"name=cue_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they begin, in bytes of UTF-8.
	CueByteStarts []int32 `parquet:"name=cue_byte_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// Where they end, exclusive, in bytes.
	CueByteEnds []int32 `parquet:"name=cue_byte_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// Where the pieces of the content begin in articles.text, in Unicode code points; ordered; empty without content.
	ContentStarts []int32 `parquet:"name=content_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they end, exclusive, in code points.
	ContentEnds []int32 `parquet:"name=content_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"code point"`
	// Where they begin, in bytes of UTF-8.
	ContentByteStarts []int32 `parquet:"name=content_byte_starts, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// Where they end, exclusive, in bytes.
	ContentByteEnds []int32 `parquet:"name=content_byte_ends, type=MAP, convertedtype=LIST, valuetype=INT32, valueomitstats=true" unit:"byte"`
	// That this is a statement with these bounds, 0 to 1.
	Confidence float64 `parquet:"name=confidence, type=DOUBLE" values:"0…1"`
	// speakers.id of who speaks; null where the tool abstains.
	SpeakerID *string `parquet:"name=speaker_id, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL"`
	// speakers.name of who speaks; null where speaker_id is.
	SpeakerName *string `parquet:"name=speaker_name, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL"`
	// person, organisation, government, group or unnamed; null where speaker_id is.
	SpeakerType *string `parquet:"name=speaker_type, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true" values:"person|organisation|government|group|unnamed"`
	// Wikidata item of the speaker ("Q…"); null where unknown.
	SpeakerWikidata *string `parquet:"name=speaker_wikidata, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true"`
	// What the speaker was recognised by: name, title, pronoun, metonym or description; null where speaker_id is.
	Resolution *string `parquet:"name=resolution, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true" values:"name|title|pronoun|metonym|description"`
	// That the speaker is right, 0 to 1; where the tool abstains, the best candidate's.
	SpeakerConfidence float64 `parquet:"name=speaker_confidence, type=DOUBLE, omitstats=true" values:"0…1"`
	// Why the tool abstained on the speaker; empty where it did not.
	SpeakerNote string `parquet:"name=speaker_note, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Names that the source may stand for, likeliest first; may be empty.
	CandidateNames []string `parquet:"name=candidate_names, type=MAP, convertedtype=LIST, valuetype=BYTE_ARRAY, valueconvertedtype=UTF8, valueomitstats=true"`
	// Their confidences, 0 to 1, in the same order.
	CandidateConfidences []float64 `parquet:"name=candidate_confidences, type=MAP, convertedtype=LIST, valuetype=DOUBLE, valueomitstats=true" values:"0…1"`
	// The same for all direct quotations that give the same words to a speaker of the same last name; empty for others, and for fewer than five words.
	QuotationGroup string `parquet:"name=quotation_group, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Whether summary, speakers and report leave the row out: the article is a copy of another, which counts in its place (unless count_copies is each), or, where count_quotations is once, another row of the quotation group counts.
	Duplicate bool `parquet:"name=duplicate, type=BOOLEAN"`
}

// A StanceRow is the side that one statement takes toward one target.
type StanceRow struct {
	// Key of the stance.
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// statements.id of the statement that takes it.
	StatementID string `parquet:"name=statement_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// articles.id of the article that holds it.
	ArticleID string `parquet:"name=article_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// The article's time of publication, UTC.
	Published *int64 `parquet:"name=published, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// The article's outlet.
	Publisher string `parquet:"name=publisher, type=BYTE_ARRAY, convertedtype=UTF8"`
	// speakers.id of who speaks; null where the tool abstains on the speaker.
	SpeakerID *string `parquet:"name=speaker_id, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL"`
	// speakers.name of who speaks; null where speaker_id is.
	SpeakerName *string `parquet:"name=speaker_name, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL"`
	// person, organisation, government, group or unnamed; null where speaker_id is.
	SpeakerType *string `parquet:"name=speaker_type, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true" values:"person|organisation|government|group|unnamed"`
	// The statement's kind: direct (all content in quotation marks), indirect (paraphrase), mixed (both) or described (a stance that the narrator reports without its words).
	Kind string `parquet:"name=kind, type=BYTE_ARRAY, convertedtype=UTF8" values:"direct|indirect|mixed|described"`
	// Identifier of the target in the configuration; run.json lists them.
	Target string `parquet:"name=target, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Words that take up the target.
	MentionText string `parquet:"name=mention_text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Where the mention begins in articles.text, in code points.
	MentionStart int32 `parquet:"name=mention_start, type=INT32, omitstats=true" unit:"code point"`
	// Where it ends, exclusive, in code points.
	MentionEnd int32 `parquet:"name=mention_end, type=INT32, omitstats=true" unit:"code point"`
	// Where it begins, in bytes of UTF-8.
	MentionByteStart int32 `parquet:"name=mention_byte_start, type=INT32, omitstats=true" unit:"byte"`
	// Where it ends, exclusive, in bytes.
	MentionByteEnd int32 `parquet:"name=mention_byte_end, type=INT32, omitstats=true" unit:"byte"`
	// Side on a scale from -1 (against) to 1 (for).
	Score float64 `parquet:"name=score, type=DOUBLE" values:"-1…1"`
	// for, against, neither, or abstain where the tool is not sure enough.
	Label string `parquet:"name=label, type=BYTE_ARRAY, convertedtype=UTF8" values:"for|against|neither|abstain"`
	// That the label is right, 0 to 1; where the tool abstains, that its best guess is.
	Confidence float64 `parquet:"name=confidence, type=DOUBLE" values:"0…1"`
	// Words that show the stance.
	EvidenceText string `parquet:"name=evidence_text, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// Where the evidence begins in articles.text, in code points.
	EvidenceStart int32 `parquet:"name=evidence_start, type=INT32, omitstats=true" unit:"code point"`
	// Where it ends, exclusive, in code points.
	EvidenceEnd int32 `parquet:"name=evidence_end, type=INT32, omitstats=true" unit:"code point"`
	// Where it begins, in bytes of UTF-8.
	EvidenceByteStart int32 `parquet:"name=evidence_byte_start, type=INT32, omitstats=true" unit:"byte"`
	// Where it ends, exclusive, in bytes.
	EvidenceByteEnd int32 `parquet:"name=evidence_byte_end, type=INT32, omitstats=true" unit:"byte"`
	// Whether summary, speakers and report leave the row out: the article is a copy of another, which counts in its place (unless count_copies is each), or, where count_quotations is once, another row of the quotation group counts.
	Duplicate bool `parquet:"name=duplicate, type=BOOLEAN"`
}

// A SpeakerRow is one speaker of the run; copies of articles do not count.
type SpeakerRow struct {
	// Key of the speaker, the same in every run that meets its fullest name: "person:rosalind-achterberg".
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// The fullest name met.
	Name string `parquet:"name=name, type=BYTE_ARRAY, convertedtype=UTF8"`
	// person, organisation, government, group or unnamed.
	Type string `parquet:"name=type, type=BYTE_ARRAY, convertedtype=UTF8" values:"person|organisation|government|group|unnamed"`
	// Wikidata item ("Q…"); null where unknown.
	Wikidata *string `parquet:"name=wikidata, type=BYTE_ARRAY, convertedtype=UTF8, repetitiontype=OPTIONAL, omitstats=true"`
	// Other names met, in alphabetical order; may be empty.
	Aliases []string `parquet:"name=aliases, type=MAP, convertedtype=LIST, valuetype=BYTE_ARRAY, valueconvertedtype=UTF8, valueomitstats=true"`
	// Publication of the earliest dated article with a statement by the speaker, UTC; null where none is dated.
	FirstSeen *int64 `parquet:"name=first_seen, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// Publication of the latest, UTC.
	LastSeen *int64 `parquet:"name=last_seen, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// Articles with a statement by the speaker.
	Articles int32 `parquet:"name=articles, type=INT32, omitstats=true"`
	// Statements by the speaker.
	Statements int32 `parquet:"name=statements, type=INT32, omitstats=true"`
	// Stances in them, abstentions included.
	Stances int32 `parquet:"name=stances, type=INT32, omitstats=true"`
	// Share of these stances that are labelled abstain, 0 to 1; null without any stance.
	ShareAbstained *float64 `parquet:"name=share_abstained, type=DOUBLE, repetitiontype=OPTIONAL, omitstats=true" values:"0…1"`
}

// A MergeRow is one judgement on two names: one speaker, two, or open. Edited and saved as CSV it is what --speakers reads.
type MergeRow struct {
	// same (id was merged into other_id), different (kept apart), or open (several speakers may be meant; left by itself).
	Decision string `parquet:"name=decision, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Key that the articles alone gave.
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Its name.
	Name string `parquet:"name=name, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Statements under id before merging, copies of articles included.
	Statements int32 `parquet:"name=statements, type=INT32, omitstats=true"`
	// speakers.id of the other.
	OtherID string `parquet:"name=other_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Name of the other.
	OtherName string `parquet:"name=other_name, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Statements under other_id before merging, copies of articles included.
	OtherStatements int32 `parquet:"name=other_statements, type=INT32, omitstats=true"`
	// What the decision rests on.
	Reason string `parquet:"name=reason, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
}

// A SummaryRow is one cell of speaker by target by period; copies of articles do not count.
type SummaryRow struct {
	// speakers.id; empty for the stances whose speaker the tool abstained on.
	SpeakerID string `parquet:"name=speaker_id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// speakers.name; empty where speaker_id is.
	SpeakerName string `parquet:"name=speaker_name, type=BYTE_ARRAY, convertedtype=UTF8"`
	// person, organisation, government, group or unnamed; empty where speaker_id is.
	SpeakerType string `parquet:"name=speaker_type, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true" values:"person|organisation|government|group|unnamed|"`
	// Identifier of the target in the configuration.
	Target string `parquet:"name=target, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Month of publication (UTC) as YYYY-MM, undated, or all for the whole run.
	Period string `parquet:"name=period, type=BYTE_ARRAY, convertedtype=UTF8"`
	// First moment of the month, UTC; null for undated and all.
	PeriodStart *int64 `parquet:"name=period_start, type=INT64, convertedtype=TIMESTAMP_MILLIS, isadjustedtoutc=true, repetitiontype=OPTIONAL"`
	// Articles with a stance in the cell.
	Articles int32 `parquet:"name=articles, type=INT32, omitstats=true"`
	// Statements with a stance in the cell.
	Statements int32 `parquet:"name=statements, type=INT32, omitstats=true"`
	// Stances labelled for.
	NFor int32 `parquet:"name=n_for, type=INT32, omitstats=true"`
	// Stances labelled against.
	NAgainst int32 `parquet:"name=n_against, type=INT32, omitstats=true"`
	// Stances labelled neither.
	NNeither int32 `parquet:"name=n_neither, type=INT32, omitstats=true"`
	// Stances labelled abstain.
	NAbstain int32 `parquet:"name=n_abstain, type=INT32, omitstats=true"`
	// Mean score of the stances not labelled abstain, -1 to 1; null where all are.
	Mean *float64 `parquet:"name=mean, type=DOUBLE, repetitiontype=OPTIONAL, omitstats=true" values:"-1…1"`
	// Lower end of the 95 % interval of mean, bootstrapped over articles; null below two articles.
	CILow *float64 `parquet:"name=ci_low, type=DOUBLE, repetitiontype=OPTIONAL, omitstats=true" values:"-1…1"`
	// Upper end of that interval.
	CIHigh *float64 `parquet:"name=ci_high, type=DOUBLE, repetitiontype=OPTIONAL, omitstats=true" values:"-1…1"`
	// Share of the stances that are labelled abstain, 0 to 1.
	ShareAbstained float64 `parquet:"name=share_abstained, type=DOUBLE, omitstats=true" values:"0…1"`
}

// A QuarantineRow is one article, or one stretch of input, that could not be analysed.
type QuarantineRow struct {
	// File it came from, as the user named it; "-" is standard input.
	Path string `parquet:"name=path, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Line of the record, from 1; 0 where the file as a whole is meant.
	Line int32 `parquet:"name=line, type=INT32, omitstats=true"`
	// Identifier of the article; empty where none was read.
	ID string `parquet:"name=id, type=BYTE_ARRAY, convertedtype=UTF8"`
	// Short code of what went wrong, the same for the same cause.
	Reason string `parquet:"name=reason, type=BYTE_ARRAY, convertedtype=UTF8"`
	// What went wrong, in words.
	Message string `parquet:"name=message, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
	// What to do about it.
	Mend string `parquet:"name=mend, type=BYTE_ARRAY, convertedtype=UTF8, omitstats=true"`
}
