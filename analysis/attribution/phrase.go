package attribution

import (
	"strings"

	"github.com/standpoint-news/standpoint/corpus"
)

// subject returns the noun phrase that ends where the verb group begins.
func (r *reader) subject(begin int) (corpus.Range, bool) {
	i := begin
	if i <= r.scope.First {
		return corpus.Range{}, false
	}
	// an apposition or aside between commas: "Roth, the minister, said"
	if w := r.word(i - 1); w == "," || w == "—" || w == ")" {
		closing := i - 1
		for k := closing - 1; k > r.scope.First && closing-k < 25; k-- {
			if o := r.word(k); (o == "," && w == ",") || (o == "—" && w == "—") || (o == "(" && w == ")") {
				np, ok := r.phrase(k)
				if ok && w != ")" && !r.finite(k+1, closing) {
					np.Last = closing
					return np, true
				}
				if ok && (r.tag(k+1) == "WP" || r.tag(k+1) == "WDT") {
					return np, true
				}
				if w == ")" {
					np.Last = i
					return np, ok
				}
			}
			if r.quote(k) >= 0 {
				break
			}
		}
		return corpus.Range{}, false
	}
	if t := r.tag(i - 1); t == "WP" || t == "WDT" {
		if i-1 <= r.scope.First {
			return corpus.Range{}, false
		}
		k := i - 1
		if r.word(k-1) == "," {
			k--
		}
		if np, ok := r.phrase(k); ok {
			return np, true
		}
		return corpus.Range{First: i - 1, Last: i}, true
	}
	return r.phrase(i)
}

// finite reports whether a tag is that of a verb that makes a clause.
func finite(tag string) bool { return tag == "VBD" || tag == "VBZ" || tag == "VBP" || tag == "MD" }

// finite reports whether a finite verb stands in the tokens.
func (r *reader) finite(from, to int) bool {
	for k := from; k < to; k++ {
		if t := r.tag(k); finite(t) {
			return true
		}
	}
	return false
}

var prepositions = words("of for at from in with on to under near against")

// phrase returns the noun phrase that ends before token i, with the
// prepositional phrases that hang on it.
func (r *reader) phrase(i int) (corpus.Range, bool) {
	last := i
	if last <= r.scope.First {
		return corpus.Range{}, false
	}
	if t := r.tag(last - 1); !strings.HasPrefix(t, "NN") && t != "PRP" && t != "DT" && t != "CD" && t != "JJ" && t != "JJS" && t != "WP" && t != "EX" {
		return corpus.Range{}, false
	}
	if r.tag(last-1) == "EX" {
		return corpus.Range{}, false
	}
	if r.tag(last-1) == "PRP" {
		return corpus.Range{First: last - 1, Last: last}, true
	}
	first := last
	for k := last - 1; k >= r.scope.First && last-k < 25; k-- {
		t, w := r.tag(k), r.lower(k)
		switch {
		case strings.HasPrefix(t, "NN"), strings.HasPrefix(t, "JJ"), t == "DT", t == "CD", t == "POS", t == "PRP$", t == "PDT", t == "$", t == "VBN" && k > r.scope.First && r.tag(k-1) != "PRP", t == "VBG" && k > r.scope.First && r.tag(k-1) == "DT":
			if t == "DT" && (w == "that") {
				return r.checked(first, last)
			}
			first = k
			continue
		case t == "IN" || t == "TO":
			if prepositions[w] && k > r.scope.First && (strings.HasPrefix(r.tag(k-1), "NN") || r.tag(k-1) == "CD") && first < last {
				continue
			}
		case w == "and" || w == "&" || w == "or":
			if k > r.scope.First && strings.HasPrefix(r.tag(k-1), "NN") && first < last && r.joins(first, k) {
				continue
			}
		case t == "RB" && first == k+1 && (w == "nearly" || w == "about" || w == "almost"):
			first = k
			continue
		}
		break
	}
	return r.checked(first, last)
}

// joins reports whether an "and" at k joins two phrases of one kind: names
// with names, plurals with plurals.
func (r *reader) joins(right, k int) bool {
	return strings.HasPrefix(r.tag(right), "NNP") && strings.HasPrefix(r.tag(k-1), "NNP") || r.tag(k-1) == "NNS"
}

// checked drops what cannot be a source: an empty phrase, dates.
func (r *reader) checked(first, last int) (corpus.Range, bool) {
	for first < last && (r.tag(first) == "POS" || r.tag(first) == "VBN" && first+1 < last && r.tag(first+1) == "DT") {
		first++
	}
	if first >= last || dates[r.word(last-1)] {
		return corpus.Range{}, false
	}
	return corpus.Range{First: first, Last: last}, true
}

var dates = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October November December")

// phraseEnd returns the end of the noun phrase that begins at k, with
// appositions between commas.
func (r *reader) phraseEnd(k int) int {
	end := k
	for end < r.scope.Last {
		t, w := r.tag(end), r.lower(end)
		nominal := strings.HasPrefix(t, "NN") || strings.HasPrefix(t, "JJ") || t == "DT" || t == "CD" || t == "POS" || t == "PRP$" || t == "PRP" && end == k || w == "of" || w == "for" || w == "at"
		if t == "PRP" && end == k {
			return end + 1
		}
		if nominal && r.quote(end) == r.quote(k) && !dates[r.word(end)] {
			end++
			continue
		}
		if (w == "and" || w == "in" || w == "with" || w == "to" || w == "from") && end+1 < r.scope.Last && end > k && strings.HasPrefix(r.tag(end+1), "NN") && !dates[r.word(end+1)] && r.quote(end+1) == r.quote(k) {
			end++
			continue
		}
		break
	}
	if end < r.scope.Last && r.word(end) == "," && end+1 < r.scope.Last && end > k {
		// an apposition: up to the next comma or the end, without a verb
		stop := end + 1
		for stop < r.scope.Last && r.word(stop) != "," && r.word(stop) != "." && r.quote(stop) == r.quote(k) {
			stop++
		}
		if t := r.tag(end + 1); (t == "DT" || strings.HasPrefix(t, "NN") || t == "JJ" || t == "WP") && (t == "WP" || !r.finite(end+1, r.relative(end+1, stop))) && stop-end < 25 && stop-end > 2 && r.tag(end+1) != "VBG" && !dates[r.word(end+1)] {
			end = stop
		}
	}
	return end
}

// relative returns where the first relative clause within the tokens begins.
func (r *reader) relative(from, to int) int {
	for k := from; k < to; k++ {
		if t := r.tag(k); t == "WP" || t == "WDT" || t == "WP$" {
			return k
		}
	}
	return to
}
