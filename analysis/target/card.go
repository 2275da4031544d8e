package target

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Card describes a trained model in Markdown: what it is, what it was trained
// on, what it scores on held-out folds, and where it fails.
func Card(model []byte, articles int, scores []Score) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Written by standpoint train targets: measure again rather than edit. -->
# targets.bin

Whether a statement takes up a target: one that it names, or one named before that it means by "it", "the decision", other
words, or by going on about it. What it finds unlikely, the encoder of stance is not asked. A logistic regression over
pairs of a statement and a target (features in analysis/target/uptake.go: where it is named, how near and how often it was
named before, who speaks, pronouns, general nouns, words shared with its names, the words of the statement), fitted by L-BFGS with an L2 prior, weights rounded to one byte. English news.

%d bytes, SHA-256 `+"`%x`"+`.

## Trained on

Statements of AllSides articles (Baly et al. 2020; coded by machine after the project's codebook; texts Apache-2.0) for
the targets that each takes up: %d articles. No text or row of them is part of the project.

## Scores

On held-out fifths of those articles. *Asked* are those that the program reads on, with a
probability of %.2f or more.

| kind of target | named there | pairs | taken up | asked | of these taken up | calibration error |
|---|---|---|---|---|---|---|
`, len(model), sha256.Sum256(model), articles, leastUptake)
	for _, s := range scores {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %.3f |\n", s.Group, map[bool]string{true: "yes", false: "no"}[s.Named], s.Pairs, s.TakenUp, s.Asked, s.Right, s.Error)
	}
	b.WriteString(`
## Limits

- It sees places, counts and shared words, not meaning: a description in words of its own is found only where the target
  was named just before.
- A target that the article never names is never found.
`)
	return b.String()
}
