package attribution

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// label is a distribution that puts most on one label.
func label(k int) (p [labelCount]float32) {
	for i := range p {
		p[i] = 0.02
	}
	p[k] = 1 - 0.02*(labelCount-1)
	return p
}

// article makes a reading of words in one paragraph with the given labels; a
// shape of 0 makes a word a mark.
func article(labels []int, marks ...int) *reading {
	r := &reading{}
	for i, k := range labels {
		r.words = append(r.words, encoder.Word{Span: corpus.Span{Start: 2 * i, End: 2*i + 1}, Shape: encoder.LowerCase})
		r.labels = append(r.labels, label(k))
	}
	for _, m := range marks {
		r.words[m].Shape = encoder.Mark
	}
	return r
}

// cueAt is a cue of one word that gives the words of source and content to
// their parts.
func cueAt(n, at int, p float32, source, content corpus.Range) cue {
	c := cue{first: at, last: at, p: p, parts: make([][partCount]float32, n)}
	for w := range c.parts {
		c.parts[w] = [partCount]float32{0.9, 0.05, 0.05}
		switch {
		case source.Holds(w):
			c.parts[w] = [partCount]float32{0.05, 0.9, 0.05}
		case content.Holds(w):
			c.parts[w] = [partCount]float32{0.05, 0.05, 0.9}
		}
	}
	return c
}

// plain settings, whatever is chosen.
var plain = settings{cue: 0.45, content: 0.4, source: 0.2, weakSource: 0.3, ownerSwitch: 3, claim: 0.1}

func TestDecode(t *testing.T) {
	span := func(a, b int) corpus.Range { return corpus.Range{First: a, Last: b} }
	for _, x := range []struct {
		name    string
		reading func() *reading
		want    []found
	}{
		{"source, cue, content", func() *reading {
			r := article([]int{beginSource, insideSource, beginCue, beginContent, insideContent, insideContent})
			r.cues = []cue{cueAt(6, 2, 0.9, span(0, 2), span(3, 6))}
			return r
		}, []found{{source: span(0, 2), cue: span(2, 3), content: []corpus.Range{span(3, 6)}}}},
		{"a cue below the threshold", func() *reading {
			r := article([]int{beginSource, insideSource, beginCue, beginContent, insideContent, insideContent})
			r.cues = []cue{cueAt(6, 2, plain.cue-0.01, span(0, 2), span(3, 6))}
			return r
		}, nil},
		{"two cues part one content", func() *reading {
			r := article([]int{beginSource, beginCue, beginContent, insideContent, insideContent, insideContent, beginCue, beginSource})
			r.cues = []cue{cueAt(8, 1, 0.9, span(0, 1), span(2, 4)), cueAt(8, 6, 0.9, span(7, 8), span(4, 6))}
			return r
		}, []found{
			{source: span(0, 1), cue: span(1, 2), content: []corpus.Range{span(2, 4)}},
			{source: span(7, 8), cue: span(6, 7), content: []corpus.Range{span(4, 6)}},
		}},
		{"content on both sides of its cue, joined over a mark", func() *reading {
			r := article([]int{beginContent, insideContent, outside, insideContent, insideContent, beginSource, beginCue, beginContent, insideContent}, 2)
			r.labels[3] = label(beginContent)
			r.cues = []cue{cueAt(9, 6, 0.9, span(5, 6), span(0, 9))}
			for _, w := range []int{2, 5, 6} {
				r.cues[0].parts[w] = [partCount]float32{0.9, 0.05, 0.05}
			}
			r.cues[0].parts[5] = [partCount]float32{0.05, 0.9, 0.05}
			return r
		}, []found{{source: span(5, 6), cue: span(6, 7), content: []corpus.Range{span(0, 5), span(7, 9)}}}},
		{"a source that no label shows", func() *reading {
			r := article([]int{outside, outside, beginCue, beginContent, insideContent})
			r.cues = []cue{cueAt(5, 2, 0.9, span(0, 2), span(3, 5))}
			return r
		}, []found{{source: span(0, 2), cue: span(2, 3), content: []corpus.Range{span(3, 5)}}}},
		{"no source", func() *reading {
			r := article([]int{outside, outside, beginCue, beginContent, insideContent})
			r.cues = []cue{cueAt(5, 2, 0.9, span(0, 0), span(3, 5))}
			return r
		}, []found{{cue: span(2, 3), content: []corpus.Range{span(3, 5)}}}},
		{"content that no cue holds", func() *reading {
			r := article([]int{beginCue, beginContent, insideContent, insideContent})
			r.cues = []cue{cueAt(4, 0, 0.9, span(0, 0), span(0, 0))}
			return r
		}, nil},
		{"nothing", func() *reading { return article(nil) }, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := x.reading().decode(plain)
			for i := range got {
				if got[i].conf <= 0 || got[i].conf > 1 || got[i].sourceConf < 0 || got[i].sourceConf > 1 || (got[i].source.Len() > 0) != (got[i].sourceConf > 0) {
					t.Errorf("confidences of %+v", got[i])
				}
				got[i].conf, got[i].sourceConf = 0, 0
			}
			if d := cmp.Diff(x.want, got, cmp.AllowUnexported(found{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestPathIsLegal holds that no inside label begins a part, whatever the
// labels' probabilities.
func TestPathIsLegal(t *testing.T) {
	r := article([]int{insideSource, insideContent, beginCue, insideContent, insideSource, outside, insideCue})
	before := uint8(outside)
	for i, k := range r.path(chosen) {
		if k > 0 && k%2 == 0 && before != k && before != k-1 {
			t.Errorf("word %d: label %d after %d", i, k, before)
		}
		before = k
	}
}

func TestCandidates(t *testing.T) {
	labels := [][labelCount]float32{label(outside), label(beginCue), label(insideCue), label(beginContent), label(beginCue)}
	got := cues(labels, 1)
	if len(got) != 2 || got[0].first != 1 || got[0].last != 2 || got[1].first != 4 || got[1].last != 4 {
		t.Errorf("cues %+v", got)
	}
	if got := cues(labels, 2); len(got) != 1 || got[0].first != 4 {
		t.Errorf("cues in the context were taken: %+v", got)
	}
}

func TestBucket(t *testing.T) {
	last := -1
	for d := -600; d <= 600; d++ {
		b := bucket(d)
		if b < 0 || b > 31 || b < last {
			t.Fatalf("distance %d is in bucket %d after %d", d, b, last)
		}
		last = b
	}
	for d, want := range map[int]int{0: 16, 7: 23, 8: 24, 11: 24, 12: 25, 16: 26, 100: 31, -1: 14, -7: 8, -8: 7, -100: 0} {
		if got := bucket(d); got != want {
			t.Errorf("distance %d is in bucket %d, want %d", d, got, want)
		}
	}
}

func FuzzWindows(f *testing.F) {
	f.Add([]byte{3, 10, 250, 0, 7, 255, 255, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, lengths []byte) {
		// each byte is a word: its pieces, and whether a sentence or paragraph ends before it
		var words []encoder.Word
		sentence, paragraph, piece := 0, 0, 0
		for _, l := range lengths {
			if l%5 == 0 {
				sentence++
			}
			if l%15 == 0 {
				paragraph++
			}
			n := int(l)%97 + 1
			words = append(words, encoder.Word{First: piece, Last: piece + n, Sentence: sentence, Paragraph: paragraph})
			piece += n
		}
		next := 0
		for _, w := range windows(words) {
			if w.core != next || w.to <= w.core || w.from > w.core || w.to > len(words) {
				t.Fatalf("window %+v after word %d of %d", w, next, len(words))
			}
			next = w.to
			size := 0
			for _, word := range words[w.core:w.to] {
				size += word.Last - word.First
			}
			if size > coreSize && w.to-w.core > 1 {
				t.Fatalf("window %+v holds %d pieces", w, size)
			}
		}
		if next != len(words) {
			t.Fatalf("%d of %d words are in no window", len(words)-next, len(words))
		}
	})
}
