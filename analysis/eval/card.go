package eval

import (
	"io"
	"slices"
)

// WriteCard describes the encoder and its reader of attributions in Markdown:
// what the file is, what it was trained on, what it scores on the gold of the
// report, and where it fails.
func (r *AttributionReport) WriteCard(w io.Writer, name, sha256 string, bytes int) error {
	p := &printer{w: w}
	p.printf(`<!-- Written by standpoint eval attribution --card: measure again rather than edit. -->
# %s

Reads who says what in a news article: a transformer encoder (six layers of width 384, 22 million parameters) in
int8, a head that labels words as source, cue or content, and a head that says for each cue which words are its source
and its content (analysis/encoder, analysis/attribution). English news.

%d bytes, SHA-256 `+"`%s`"+`.

## Made from

| what | rows | licence as its authors state it |
|---|---|---|
| all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019), where training of the layers began | | Apache-2.0 |
| bge-small-en-v1.5 (Xiao et al. 2023), whose word embeddings are kept (words.safetensors) | | MIT |
| PolNeAR 1.0 train (Newell et al. 2018), US campaign news of 2016, 7 publishers | 840 articles | none stated |
| windows of AllSides articles (Baly et al. 2020) that nobody coded | 38,162 | Apache-2.0 (texts) |

No text or row of them is part of the project. models/encoder/training holds the recipe: four models that began as
BERT base (Devlin et al. 2019; Apache-2.0) and had read the uncoded windows with words masked, each trained without a
quarter of the coded articles, labelled the quarter that they had not seen and what nobody coded; this one learnt from
the coders and from them (distillation, Hinton et al. 2015). Some pieces were masked or swapped for neighbours among the
embeddings, cues more often, so that rare cues are read by the words around them; weights are rounded to int8 with one
scale an output, activations quantised as they come.

## Scores

On %d articles of PolNeAR's dev split, by which the decoder's five thresholds were chosen: expect a little less on new
text. A prediction is right in *who said what* where half of the content's characters agree (intersection over union) and
the sources overlap. Intervals are 95 %%, by bootstrap over articles.

| attributions | gold | who said what, F1 | precision | recall | content, F1 | exact content, F1 | source, content given |
|---|---|---|---|---|---|---|---|
`, name, bytes, sha256, r.Documents)
	for _, s := range slices.Concat(r.Scores, r.Groups) {
		p.printf("| %s | %d | %v | %.3f | %.3f | %.3f | %.3f | %.3f |\n", s.Slice, s.Gold, s.WhoSaidWhat.F1,
			s.WhoSaidWhat.Precision.Value, s.WhoSaidWhat.Recall.Value, s.Content.F1.Value, s.Exact.F1.Value, s.Source.Value)
	}
	p.printf(`
## Limits

- Cues that training saw rarely, mostly of indirect speech and attitude, are found less often than "said".
- A window holds about 200 pieces and 50 of context: a source more than a paragraph from its cue is not seen.
- Trained on one campaign in one country: other genres, and English of other regions, are read less well.
- It reports what the article attributes, not whether it was said.
`)
	return p.err
}

// WriteCard describes the model of stance in Markdown, as the attribution
// report does the reader.
func (r *StanceReport) WriteCard(w io.Writer, name, sha256 string, bytes int) error {
	p := &printer{w: w}
	p.printf(`<!-- Written by standpoint eval stance --card: measure again rather than edit. -->
# %s

Says whether a statement takes up a target, and which side it takes: against, neither or for. A transformer encoder of
its own (six layers of width 384, 22 million parameters, int8) reads each pair of a statement and a target that
targets.bin finds it may take up: some sixty words around the statement, each marked as source, cue, content or mention of the
target, then the speaker's name and the target's (analysis/stance). Two more heads give the sentiment of a sentence
toward a mention, and that of two mentions toward each other. English news.

%d bytes, SHA-256 `+"`%s`"+`.

## Made from

| what | rows | licence as its authors state it |
|---|---|---|
| the reader of statements as it was before (encoder.md), where training began | | see there |
| bge-small-en-v1.5 (Xiao et al. 2023), whose word embeddings are kept (words.safetensors) | | MIT |
| coded statements of AllSides articles (Baly et al. 2020; coded by machine after the project's codebook) | 8,878 | Apache-2.0 (texts) |
| NewsMTSC train (Hamborg & Donnay 2021) | 8,739 | MIT-style |
| DSE train (Park et al. 2021) | 11,529 | cite the paper |
| statements and sentences of AllSides articles that nobody coded | 123,705 | Apache-2.0 (texts) |

Six models that began as BERT base (Devlin et al. 2019; Apache-2.0), each trained without a sixth of the rows, labelled
the part that each had not seen and what nobody coded; this one learnt from the coders and from them (distillation,
Hinton et al. 2015). No text or row of the data is part of the project. SEESAW and GUM (non-commercial licences) were not trained on. models/encoder/training holds the recipe.

## Scores

On %d undisputed statements of %d articles of the mission's dev set, the statement and the target given; thresholds and
temperatures were chosen on them, so expect a little less on new text. *Side* is the share right of the rows that take a
side and are given one. Intervals are 95 %%, by bootstrap over articles.

| accuracy | macro-F1 | side | calibration error |
|---|---|---|---|
| %v | %v | %v | %.3f |

| confidence | rows | mean | right |
|---|---|---|---|
`, name, bytes, sha256, r.Rows, r.Articles, r.Accuracy, r.MacroF1, r.Side, r.Error)
	for _, b := range r.Calibration {
		p.printf("| %.1f to %.1f | %d | %.2f | %.2f |\n", b.From, b.From+0.1, b.Rows, b.Confidence, b.Accuracy)
	}
	p.printf(`
| threshold | rows at or above it | given a side | of these wrong |
|---|---|---|---|
`)
	for _, x := range r.Risks {
		p.printf("| %.1f | %.0f %% | %d | %.3f |\n", x.Threshold, 100*x.Coverage, x.Sided, x.Risk)
	}
	p.printf(`
## Limits

- A target is asked for only where targets.bin gives it a chance (targets.md).
- It sees some sixty words: stances that need knowledge of the conflict, and much irony, are lost on it.
- *Neither* is its weakest class: it prefers a side. Raise min_stance_confidence where a wrong side costs more than a gap.
- Of two mentions, sentiment of the second toward the first is rare in training and mostly missed.
`)
	return p.err
}
