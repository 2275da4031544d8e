package gold

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/standpoint-news/standpoint/corpus"
)

// A CoreferenceDoc is a document of GUM (Zeldes 2017) with the expressions
// that refer in it. Where the treebank says who speaks, as in interviews, a label
// stands before each turn, as transcripts print it: "Ada Roth: Yes."
type CoreferenceDoc struct {
	ID       string
	Genre    string // "news", "interview", …
	Text     string
	Mentions []CoreferenceMention // by their place
}

// A CoreferenceMention is an expression and whom or what it refers to. Spans
// are in bytes of the text.
type CoreferenceMention struct {
	corpus.Span
	Head    corpus.Span
	Entity  string // mentions of one entity share it within their document
	Pronoun bool   // a personal or possessive pronoun
}

// ReadCoreference reads CoNLL-U with the key Entity among the MISC values, plain
// or compressed by gzip.
func ReadCoreference(path string) ([]CoreferenceDoc, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := plain(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	r := conllu{}
	for n := 1; lines.Scan(); n++ {
		if err := r.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: reading: %w", path, err)
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r.docs, nil
}

// conllu builds documents line by line.
type conllu struct {
	docs    []CoreferenceDoc
	fields  []string // of an Entity value
	text    strings.Builder
	tokens  []conlluToken
	open    []conlluMention
	speaker string
	gap     string // due before the next token
	whole   int    // last token of a word that the treebank parts: "do" + "n't"
	glued   bool   // SpaceAfter=No, of that word
}

type conlluToken struct {
	corpus.Span
	pronoun bool
}

type conlluMention struct {
	entity string
	head   int // place of the head among its tokens, from 0
	first  int // token
}

func (r *conllu) line(line string) error {
	comment, found := strings.CutPrefix(line, "# ")
	switch key, value, _ := strings.Cut(comment, " = "); {
	case line == "":
		r.gap = " "
		return nil
	case !found:
		return r.token(strings.Split(line, "\t"))
	case key == "newdoc id":
		if err := r.end(); err != nil {
			return err
		}
		genre := ""
		if parts := strings.Split(value, "_"); len(parts) > 1 {
			genre = parts[1]
		}
		r.docs = append(r.docs, CoreferenceDoc{ID: value, Genre: genre})
	case key == "global.Entity":
		r.fields = strings.Split(value, "-")
	case key == "newpar":
		r.gap, r.speaker = "\n\n", ""
	case key == "speaker" && value != r.speaker:
		r.speaker = value
		if r.text.Len() > 0 {
			r.text.WriteString("\n\n")
		}
		r.text.WriteString(spaced(value) + ":")
		r.gap = " "
	}
	return nil
}

// spaced is the name of a speaker, which the treebank writes as one word, as
// transcripts print it.
func spaced(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, c := range runes {
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func (r *conllu) token(columns []string) error {
	if len(columns) != 10 || len(r.docs) == 0 {
		return fmt.Errorf("no token of CoNLL-U: it has %d columns, want 10 (or no document was begun)", len(columns))
	}
	misc := strings.Split(columns[9], "|")
	glued := slices.Contains(misc, "SpaceAfter=No")
	if from, to, ok := strings.Cut(columns[0], "-"); ok {
		r.whole, _ = strconv.Atoi(to)
		r.glued = glued
		if _, err := strconv.Atoi(from); err != nil {
			return fmt.Errorf("%q is no range of tokens", columns[0])
		}
		return nil
	}
	id, err := strconv.Atoi(columns[0])
	if err != nil {
		return nil // an empty node, "8.1"
	}
	if r.text.Len() > 0 {
		r.text.WriteString(r.gap)
	}
	start := r.text.Len()
	r.text.WriteString(columns[1])
	r.tokens = append(r.tokens, conlluToken{corpus.Span{Start: start, End: r.text.Len()}, columns[4] == "PRP" || columns[4] == "PRP$"})
	switch {
	case id < r.whole:
		glued = true
	case id == r.whole:
		glued, r.whole = r.glued, 0
	}
	r.gap = " "
	if glued {
		r.gap = ""
	}
	for _, m := range misc {
		if value, ok := strings.CutPrefix(m, "Entity="); ok {
			return r.entity(value)
		}
	}
	return nil
}

// entity reads a value such as "(7-person-new-1-coref(8-place-new-1-sgl)7)".
func (r *conllu) entity(value string) error {
	for value != "" {
		opens := value[0] == '('
		if opens {
			value = value[1:]
		}
		end := strings.IndexAny(value, "()")
		if end < 0 {
			end = len(value)
		}
		parts := strings.SplitN(value[:end], "-", max(1, len(r.fields)))
		closes := end < len(value) && value[end] == ')'
		if closes {
			end++
		}
		value = value[end:]
		if opens {
			m := conlluMention{entity: parts[0], first: len(r.tokens) - 1}
			if at := slices.Index(r.fields, "minspan"); at >= 0 && at < len(parts) {
				head, _, _ := strings.Cut(parts[at], ",")
				if n, err := strconv.Atoi(head); err == nil {
					m.head = n - 1
				}
			}
			r.open = append(r.open, m)
		}
		if !closes && !opens {
			return fmt.Errorf("the value %q of Entity neither opens nor closes a mention", parts[0])
		}
		if closes {
			if err := r.close(parts[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *conllu) close(entity string) error {
	for i := len(r.open) - 1; i >= 0; i-- {
		if r.open[i].entity != entity {
			continue
		}
		m := r.open[i]
		r.open = slices.Delete(r.open, i, i+1)
		if strings.Contains(entity, "[") { // a part of a mention that is interrupted: the first stands for it
			name, part, _ := strings.Cut(entity, "[")
			if !strings.HasPrefix(part, "1/") {
				return nil
			}
			entity = name
		}
		tokens := r.tokens[m.first:]
		head := tokens[min(m.head, len(tokens)-1)]
		doc := &r.docs[len(r.docs)-1]
		doc.Mentions = append(doc.Mentions, CoreferenceMention{Span: corpus.Span{Start: tokens[0].Start, End: tokens[len(tokens)-1].End},
			Head: head.Span, Entity: entity, Pronoun: len(tokens) == 1 && head.pronoun})
		return nil
	}
	return fmt.Errorf("the mention %q is closed and was not opened", entity)
}

// end completes the document that was begun.
func (r *conllu) end() error {
	if len(r.docs) == 0 {
		return nil
	}
	doc := &r.docs[len(r.docs)-1]
	if len(r.open) > 0 {
		return fmt.Errorf("the mention %q of %s is not closed", r.open[0].entity, doc.ID)
	}
	doc.Text = r.text.String()
	slices.SortStableFunc(doc.Mentions, func(a, b CoreferenceMention) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	*r = conllu{docs: r.docs, fields: r.fields}
	return nil
}
