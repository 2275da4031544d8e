package attribution

import "github.com/standpoint-news/standpoint/analysis/encoder"

// A window is a stretch of words that the encoder reads at once: whole
// paragraphs as far as they fit, after whole sentences of context.
type window struct {
	from, core, to int // words: context from from, labels from core to to
}

// The sizes of a window in pieces, as in training.
const (
	coreSize    = 200
	contextSize = 50
)

// windows parts the words into stretches of whole paragraphs of up to coreSize
// pieces, longer paragraphs at sentences, longer sentences anywhere.
func windows(words []encoder.Word) []window {
	type unit struct{ from, to, size int }
	var units []unit
	size := func(a, b int) int {
		n := 0
		for _, w := range words[a:b] {
			n += w.Last - w.First
		}
		return n
	}
	for i := 0; i < len(words); {
		j := end(words, i, func(w encoder.Word) int { return w.Paragraph })
		if n := size(i, j) + 1; n <= coreSize {
			units = append(units, unit{i, j, n})
			i = j
			continue
		}
		for i < j {
			m := end(words[:j], i, func(w encoder.Word) int { return w.Sentence })
			n := size(i, m)
			for m < j {
				q := end(words[:j], m, func(w encoder.Word) int { return w.Sentence })
				more := size(m, q)
				if n+more > coreSize {
					break
				}
				n, m = n+more, q
			}
			if n > coreSize {
				for m, n = i, 0; m < j; m++ {
					more := size(m, m+1)
					if m > i && n+more > coreSize {
						break
					}
					n += more
				}
			}
			units = append(units, unit{i, m, n + 1})
			i = m
		}
	}
	var out []window
	filled := 0
	for _, u := range units {
		if len(out) > 0 && filled+u.size <= coreSize {
			out[len(out)-1].to = u.to
			filled += u.size
			continue
		}
		out = append(out, window{from: context(words, u.from), core: u.from, to: u.to})
		filled = u.size
	}
	return out
}

// end is the index behind the run of words that agree with word i.
func end(words []encoder.Word, i int, key func(encoder.Word) int) int {
	j := i + 1
	for j < len(words) && key(words[j]) == key(words[i]) {
		j++
	}
	return j
}

// context is the first word of the whole sentences before word i that fit.
func context(words []encoder.Word, i int) int {
	n := 0
	for i > 0 {
		j := i - 1
		for j > 0 && words[j-1].Sentence == words[i-1].Sentence {
			j--
		}
		for _, w := range words[j:i] {
			n += w.Last - w.First
		}
		n++
		if n > contextSize {
			break
		}
		i = j
	}
	return i
}

// input is a window as the encoder takes it, with SEP between paragraphs. What is
// wanted is the vector of each word's first piece.
func (w window) input(words []encoder.Word, pieces []encoder.Piece) encoder.Sequence {
	var in encoder.Sequence
	add := func(id int32, shape, quote uint8) {
		in.Pieces = append(in.Pieces, id)
		in.Shapes = append(in.Shapes, shape)
		in.Quotes = append(in.Quotes, quote)
	}
	add(encoder.CLS, 0, 0)
	for i := w.from; i < w.to; i++ {
		if i > w.from && words[i].Paragraph != words[i-1].Paragraph {
			add(encoder.SEP, 0, 0)
		}
		in.Wanted = append(in.Wanted, int32(len(in.Pieces)))
		for _, p := range pieces[words[i].First:words[i].Last] {
			add(p.ID, words[i].Shape, words[i].Quote)
		}
	}
	add(encoder.SEP, 0, 0)
	return in
}
