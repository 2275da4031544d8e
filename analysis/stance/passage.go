package stance

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/standpoint-news/standpoint/analysis/encoder"
	"github.com/standpoint-news/standpoint/corpus"
)

// This file is the one place where a statement and a target become what the
// encoder reads; training and inference both come through it.

// The parts that pieces play in the question which side a statement takes.
const (
	roleNone    uint8 = iota
	roleSource        // whose statement it is, as the text names them
	roleCue           // what says that they say it
	roleContent       // what they say
	roleMention       // words that mean the target
	roleSpeaker       // the speaker's name, behind the text
	roleTarget        // the target's name and aliases, behind the text
	roleCount   = iota
)

// The lengths of a passage in pieces: of the text, the speaker's name, and the
// target's names.
const (
	textSize    = 80
	speakerSize = 10
	targetSize  = 16
)

// named is a target with its names in pieces.
type named struct {
	ids    []int32
	shapes []uint8
}

func nameTarget(t *encoder.Tokenizer, target Target) named {
	text := target.Kind + ": " + target.Name
	for _, a := range target.Aliases {
		if a != target.Name {
			text += "; " + a
		}
	}
	ids, shapes := encoder.Plain(t, text, targetSize)
	return named{ids, shapes}
}

// A reader cuts passages from one document.
type reader struct {
	doc    *corpus.Document
	words  []encoder.Word
	pieces []encoder.Piece
	tok    *encoder.Tokenizer
}

func newReader(t *encoder.Tokenizer, doc *corpus.Document) *reader {
	r := &reader{doc: doc, tok: t}
	r.words, r.pieces = encoder.Words(t, doc)
	return r
}

// around is the stretch of text that a statement is read in: its sentences and
// the one before them.
func (r *reader) around(st *corpus.Statement) corpus.Span {
	out := r.doc.Reach(st)
	if i := r.doc.SentenceAt(st.Extent().Start); i > 0 {
		out.Start = min(out.Start, r.doc.Sentences[i-1].Start)
	}
	return out
}

// passage is the text around a statement with the part that each word plays,
// then the speaker's name and the target's. The mentions are those of the
// target, ordered.
func (r *reader) passage(st *corpus.Statement, speaker string, target named, mentions []corpus.TargetMention) encoder.Sequence {
	first, last := r.under(r.around(st))
	roles := make([]uint8, last-first)
	anchor := first
	set := func(spans []corpus.Span, role uint8) {
		for k := len(spans) - 1; k >= 0; k-- {
			a, b := r.under(spans[k])
			for w := max(a, first); w < min(b, last); w++ {
				roles[w-first] = role
				anchor = w
			}
		}
	}
	set(st.Content, roleContent)
	set(st.Source, roleSource)
	set(st.Cue, roleCue)
	if len(st.Content) > 0 {
		anchor, _ = r.under(st.Content[0])
	}
	middle := anchor
	for k := len(mentions) - 1; k >= 0; k-- {
		set([]corpus.Span{mentions[k].Span}, roleMention)
	}
	if anchor != middle && (anchor < middle || r.size(middle, anchor) < textSize/2) {
		anchor = middle // the mention is before the content or near its beginning
	}
	first, last, roles = r.cut(first, last, anchor, roles)
	var s encoder.Sequence
	add := func(id int32, shape, quote, role uint8) {
		s.Pieces, s.Shapes = append(s.Pieces, id), append(s.Shapes, shape)
		s.Quotes, s.Roles = append(s.Quotes, quote), append(s.Roles, role)
	}
	add(encoder.CLS, 0, 0, roleNone)
	for w := first; w < last; w++ {
		word := r.words[w]
		for _, p := range r.pieces[word.First:word.Last] {
			add(p.ID, word.Shape, word.Quote, roles[w-first])
		}
	}
	add(encoder.SEP, 0, 0, roleNone)
	ids, shapes := encoder.Plain(r.tok, speaker, speakerSize)
	for i, id := range ids {
		add(id, shapes[i], 0, roleSpeaker)
	}
	add(encoder.SEP, 0, 0, roleNone)
	for i, id := range target.ids {
		add(id, target.shapes[i], 0, roleTarget)
	}
	add(encoder.SEP, 0, 0, roleNone)
	return s
}

// cut drops words from the ends until the text fits, from the longer side of
// the anchor first.
func (r *reader) cut(first, last, anchor int, roles []uint8) (int, int, []uint8) {
	left, right := r.size(first, anchor), r.size(anchor, last)
	for left+right > textSize && last-first > 1 {
		if left > textSize/4 && left*2 > right || right == 0 || last-1 == anchor {
			left -= r.size(first, first+1)
			first++
			roles = roles[1:]
		} else {
			last--
			right -= r.size(last, last+1)
			roles = roles[:len(roles)-1]
		}
	}
	return first, last, roles
}

func (r *reader) size(a, b int) int {
	if a >= b {
		return 0
	}
	return r.words[b-1].Last - r.words[a].First
}

// under is the half-open range of the words that overlap the span.
func (r *reader) under(s corpus.Span) (first, last int) {
	first = sort.Search(len(r.words), func(i int) bool { return r.words[i].End > s.Start })
	last = sort.Search(len(r.words), func(i int) bool { return r.words[i].Start >= s.End })
	return first, max(first, last)
}

// speakerName is how a passage names a statement's speaker: by the entity
// where one was settled, else in the text's words.
func speakerName(doc *corpus.Document, st *corpus.Statement) string {
	if st.Speaker >= 0 {
		return doc.Entities[st.Speaker].Name
	}
	var parts []string
	for _, s := range st.Source {
		parts = append(parts, doc.Slice(s))
	}
	return strings.Join(parts, " ")
}

// mentions lists where a target is mentioned around a statement, in order, the
// words that imply it included; mentions within its source do not count.
func (r *reader) mentions(st *corpus.Statement, target int) []corpus.TargetMention {
	around := r.around(st)
	first := sort.Search(len(r.doc.Targets), func(i int) bool { return r.doc.Targets[i].End > around.Start })
	var out []corpus.TargetMention
	for _, m := range r.doc.Targets[first:] {
		if m.Start >= around.End {
			break
		}
		if m.Target == target && !covered(st.Source, m.Span) {
			out = append(out, m)
		}
	}
	if m := uptake(st, target); m != nil && !m.Named && overlaps(st.Content, m.Mention) {
		at, _ := slices.BinarySearchFunc(out, m.Mention.Start, func(o corpus.TargetMention, start int) int { return cmp.Compare(o.Start, start) })
		out = slices.Insert(out, at, corpus.TargetMention{Span: m.Mention, Target: target, Confidence: m.Confidence})
	}
	return out
}

// uptake returns how a statement may take up a target, nil where it does not.
func uptake(st *corpus.Statement, target int) *corpus.Uptake {
	for i := range st.TakenUp {
		if st.TakenUp[i].Target == target {
			return &st.TakenUp[i]
		}
	}
	return nil
}

// targeted is a sentence with a mention whose sentiment is asked.
func (r *reader) targeted(mention corpus.Span) encoder.Sequence {
	st := corpus.Statement{Content: []corpus.Span{{Start: 0, End: len(r.doc.Text)}}, Speaker: -1}
	return r.passage(&st, "", nameTarget(r.tok, Target{Kind: "person", Name: r.doc.Slice(mention)}), []corpus.TargetMention{{Span: mention}})
}

// directed is a sentence with two mentions whose sentiment toward each other
// is asked: the first stands as its source.
func (r *reader) directed(p, q corpus.Span) encoder.Sequence {
	st := corpus.Statement{Content: []corpus.Span{{Start: 0, End: len(r.doc.Text)}}, Source: []corpus.Span{p}, Speaker: -1}
	return r.passage(&st, r.doc.Slice(p), nameTarget(r.tok, Target{Kind: "person", Name: r.doc.Slice(q)}), []corpus.TargetMention{{Span: q}})
}
