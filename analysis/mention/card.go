package mention

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Card describes a trained model in Markdown: what it is, what it was trained
// on, what it scores on held-out folds, and where it fails.
func Card(model []byte, articles int, t Trained) string {
	c := t.Calibration
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Written by standpoint train speakers: measure again rather than edit. -->
# speakers.bin

To whom a pronoun or a description points back: "he", "they", "the senator", "the ministry", "the report". A conditional
logit over the entities named before the expression and "none of them" (features in analysis/mention/anaphora.go: distance,
place in the sentence, gender, speaking turns, titles, states), fitted by L-BFGS with an L2 prior, weights rounded to one
byte. Its temperature is fitted on held-out fifths of the articles. English news.

With it, how likely the speaker of a statement is right, however it was found: a logistic regression (features in
analysis/mention/confidence.go: what the ranker or the rule was worth, what the encoder says of source and statement,
kind of source and speaker, cue, order, clauses, nesting).

And the linker's ranker of what a pronoun takes up, noun phrases among the rivals (features in
analysis/mention/chains.go: what the rival is, distance, place to the verb, repetition, quotation): "they" are the
protesters, "it" the deal.

%d bytes, SHA-256 `+"`%x`"+`.

## Trained on

The expressions by which coded statements of AllSides articles (Baly et al. 2020; coded by machine after the project's
codebook; texts Apache-2.0) name their speakers, with the speakers' full names: %d articles. No text or row of them is
part of the project. SEESAW and GUM (non-commercial licences) were not trained on.

## Scores

On held-out fifths of those articles, given the source expression and the speakers of the statements before. *Right*
counts the likeliest answer, "none of them" included; *in reach* are those whose speaker was named before at all.

| class | expressions | in reach | right | share right | calibration error |
|---|---|---|---|---|---|
`, len(model), sha256.Sum256(model), articles)
	for _, s := range t.Speakers {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %.2f | %.3f |\n", s.Class, s.Anaphors, s.Reach, s.Right, float64(s.Right)/float64(max(1, s.Anaphors)), s.Error)
	}
	b.WriteString(`
The linker, on pronouns whose antecedent was named before, in any place of a sentence:

| class | pronouns | right | share right |
|---|---|---|---|
`)
	for _, s := range t.Links {
		fmt.Fprintf(&b, "| %s | %d | %d | %.2f |\n", s.Class, s.Anaphors, s.Right, float64(s.Right)/float64(max(1, s.Anaphors)))
	}
	fmt.Fprintf(&b, `
Of %d coded statements as the encoder found them, %d got the coded speaker. The confidence is kept low on purpose: %.2f
is taken off its log odds, so that few are wrong and sure. On held-out fifths it then has a calibration error of
%.3f; of the %d speakers with a confidence of %.1f or more, %d were wrong (%.3f of all).

## Limits
`, c.Judged, c.Right, c.Doubt, c.Error, c.Sure, Sure, c.SureWrong, float64(c.SureWrong)/float64(max(1, c.Judged)))
	b.WriteString(`

- It sees places, counts and titles, not meaning: of two men in one sentence, the one who speaks more often wins.
- *They* and *the report* are mostly left open.
- Articles are judged alone; a man known from yesterday's news only is nobody's antecedent.
`)
	return b.String()
}
