package export

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
)

// around is how many code points of context a quote selector carries.
const around = 32

// webAnnotation writes annotations.jsonld, an AnnotationPage of the W3C Web
// Annotation Data Model (2017), and the texts that it points into. Positions
// count in code points, as section 4.2.6 of the model has it.
func (e *exporter) webAnnotation() error {
	type object = map[string]any
	return e.file("annotations.jsonld", func(to *bufio.Writer) error {
		io.WriteString(to, "{\"@context\":\"http://www.w3.org/ns/anno.jsonld\",\"id\":\"urn:standpoint:annotations\",\"type\":\"AnnotationPage\",\"items\":[")
		first := true
		add := func(o object) error {
			text, err := compact(o)
			if err != nil {
				return err
			}
			if !first {
				text = ",\n" + text
			}
			first = false
			_, err = to.WriteString(text)
			return err
		}
		for r, err := range e.readings() {
			if err != nil {
				return err
			}
			if len(r.statements) == 0 {
				continue
			}
			name := "texts/" + fileName(r.article.ID) + ".txt"
			if err := e.file(name, func(w *bufio.Writer) error { _, err := w.WriteString(r.article.Text); return err }); err != nil {
				return err
			}
			// The model knows no role of a target; a style class is what it has to tell targets apart.
			target := func(s span, role string) object {
				return object{"type": "SpecificResource", "source": name, "styleClass": role, "selector": []object{
					{"type": "TextPositionSelector", "start": s.start, "end": s.end},
					{"type": "TextQuoteSelector", "exact": r.cut(s),
						"prefix": r.cut(span{max(0, s.start-around), s.start}), "suffix": r.cut(span{s.end, min(len(r.runes), s.end+around)})}}}
			}
			tag := func(key, value string) object {
				return object{"type": "TextualBody", "purpose": "tagging", "value": key + ": " + value}
			}
			for i := range r.statements {
				s := &r.statements[i]
				var targets, bodies []object
				for _, x := range spans(s.ContentStarts, s.ContentEnds) {
					targets = append(targets, target(x, "content"))
				}
				for _, x := range spans(s.SourceStarts, s.SourceEnds) {
					targets = append(targets, target(x, "source"))
				}
				for _, x := range spans(s.CueStarts, s.CueEnds) {
					targets = append(targets, target(x, "cue"))
				}
				bodies = append(bodies, tag("kind", s.Kind))
				if s.SpeakerID != nil {
					bodies = append(bodies, tag("speaker", *s.SpeakerName))
				}
				if s.SpeakerWikidata != nil {
					bodies = append(bodies, object{"type": "SpecificResource", "purpose": "identifying", "source": "http://www.wikidata.org/entity/" + *s.SpeakerWikidata})
				}
				id := "urn:standpoint:statement:" + url.PathEscape(s.ID)
				if err := add(object{"id": id, "type": "Annotation", "motivation": "identifying", "body": bodies, "target": targets}); err != nil {
					return err
				}
				for k := range r.stances[s.ID] {
					st := &r.stances[s.ID][k]
					err := add(object{"id": "urn:standpoint:stance:" + url.PathEscape(st.ID), "type": "Annotation", "motivation": "assessing",
						"body": []object{tag("target", st.Target), tag("stance", st.Label), tag("score", number(st.Score)), tag("confidence", number(st.Confidence)),
							{"type": "SpecificResource", "purpose": "linking", "source": id}},
						"target": []object{target(span{int(st.EvidenceStart), int(st.EvidenceEnd)}, "evidence"), target(span{int(st.MentionStart), int(st.MentionEnd)}, "mention")}})
					if err != nil {
						return err
					}
				}
			}
		}
		_, err := to.WriteString("]}\n")
		return err
	})
}

func number(v float64) string { return fmt.Sprintf("%.4g", v) }

// brat writes the standoff format of brat (Stenetorp et al. 2012; brat.nlplab.org/
// standoff.html). A statement is an event triggered by its content, with source
// and cue as arguments, PolNeAR's attribution; stances are its attributes, and
// speakers its notes.
func (e *exporter) brat() error {
	err := e.file("annotation.conf", func(w *bufio.Writer) error {
		io.WriteString(w, "[entities]\nSource\nCue\nMention\nEvidence\n\n[relations]\n\n[events]\nStatement\tSource?:Source, Cue?:Cue, Mention*:Mention, Evidence*:Evidence\n\n[attributes]\nKind\tArg:Statement, Value:direct|indirect|mixed|described\n")
		for _, t := range e.info.Targets {
			fmt.Fprintf(w, "%s\tArg:Statement, Value:for|against|neither|abstain\n", stanceAttribute(t.ID))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for r, err := range e.readings() {
		if err != nil {
			return err
		}
		name := fileName(r.article.ID)
		if err := e.file(name+".txt", func(w *bufio.Writer) error { _, err := w.WriteString(r.article.Text); return err }); err != nil {
			return err
		}
		if err := e.file(name+".ann", func(w *bufio.Writer) error { return standoff(w, r) }); err != nil {
			return err
		}
	}
	return nil
}

// stanceAttribute names the attribute of one target. Identifiers of targets are
// letters, digits, - and _.
func stanceAttribute(target string) string { return "Stance_" + strings.ReplaceAll(target, "-", "_") }

func standoff(w *bufio.Writer, r *reading) error {
	texts, events, attributes, notes := 0, 0, 0, 0
	bound := func(kind string, of []span) string {
		pieces := r.lines(of)
		if len(pieces) == 0 {
			return ""
		}
		texts++
		places, words := make([]string, len(pieces)), make([]string, len(pieces))
		for i, s := range pieces {
			places[i], words[i] = fmt.Sprintf("%d %d", s.start, s.end), r.cut(s)
		}
		fmt.Fprintf(w, "T%d\t%s %s\t%s\n", texts, kind, strings.Join(places, ";"), strings.Join(words, " "))
		return fmt.Sprint("T", texts)
	}
	for i := range r.statements {
		s := &r.statements[i]
		trigger := bound("Statement", spans(s.ContentStarts, s.ContentEnds))
		if trigger == "" {
			continue
		}
		event := "Statement:" + trigger
		if id := bound("Source", spans(s.SourceStarts, s.SourceEnds)); id != "" {
			event += " Source:" + id
		}
		if id := bound("Cue", spans(s.CueStarts, s.CueEnds)); id != "" {
			event += " Cue:" + id
		}
		stances := r.stances[s.ID]
		for k := range stances {
			st := &stances[k]
			number := ""
			if k > 0 {
				number = fmt.Sprint(k + 1)
			}
			if id := bound("Mention", []span{{int(st.MentionStart), int(st.MentionEnd)}}); id != "" {
				event += " Mention" + number + ":" + id
			}
			if id := bound("Evidence", []span{{int(st.EvidenceStart), int(st.EvidenceEnd)}}); id != "" {
				event += " Evidence" + number + ":" + id
			}
		}
		events++
		fmt.Fprintf(w, "E%d\t%s\n", events, event)
		attribute := func(name, value string) {
			attributes++
			fmt.Fprintf(w, "A%d\t%s E%d %s\n", attributes, name, events, value)
		}
		attribute("Kind", s.Kind)
		seen := map[string]bool{} // brat takes one value of an attribute; later ones are in the notes
		var said []string
		for k := range stances {
			st := &stances[k]
			if !seen[st.Target] {
				attribute(stanceAttribute(st.Target), st.Label)
			}
			seen[st.Target] = true
			said = append(said, fmt.Sprintf("%s: %s (%.2f)", st.Target, st.Label, st.Confidence))
		}
		note := "speaker: nobody with confidence"
		if s.SpeakerID != nil {
			note = fmt.Sprintf("speaker: %s (%s, %.2f)", oneLine(*s.SpeakerName), *s.SpeakerID, s.SpeakerConfidence)
		}
		notes++
		_, err := fmt.Fprintf(w, "#%d\tAnnotatorNotes E%d\t%s\n", notes, events, oneLine(strings.Join(append([]string{note}, said...), "; ")))
		if err != nil {
			return err
		}
	}
	return nil
}

// lineEnds are where Python's reader, and so brat, ends a line.
const lineEnds = "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029"

// lines cuts spans at line ends, which brat's may not hold, and drops what is empty.
func (r *reading) lines(of []span) []span {
	var out []span
	for _, s := range of {
		from := s.start
		for i := s.start; i <= s.end; i++ {
			if i < s.end && !strings.ContainsRune(lineEnds, r.runes[i]) {
				continue
			}
			if i > from {
				out = append(out, span{from, i})
			}
			from = i + 1
		}
	}
	return out
}

// oneLine keeps a name from breaking a format of lines and tabs.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(lineEnds, r) }), " ")
}

const studioView = `<View>
  <Labels name="label" toName="text">
    <Label value="Source" background="#1b4f8f"/>
    <Label value="Cue" background="#8f5a1b"/>
    <Label value="Content" background="#3f7f4f"/>
    <Label value="Mention" background="#a08a1b"/>
    <Label value="Evidence" background="#7a3f8f"/>
  </Labels>
  <Relations>
    <Relation value="source of"/>
    <Relation value="cue of"/>
  </Relations>
  <Text name="text" value="$text"/>
</View>
`

// labelStudio writes tasks in Label Studio's import format with predictions
// (labelstud.io/guide/predictions).
func (e *exporter) labelStudio() error {
	type object = map[string]any
	if err := e.file("label-studio.xml", func(w *bufio.Writer) error { _, err := w.WriteString(studioView); return err }); err != nil {
		return err
	}
	return e.file("tasks.json", func(to *bufio.Writer) error {
		open := "[\n"
		for r, err := range e.readings() {
			if err != nil {
				return err
			}
			units := utf16Offsets(r.runes)
			var result []object
			mark := func(id, label string, s span, meta string) {
				if s.end <= s.start {
					return
				}
				o := object{"id": id, "from_name": "label", "to_name": "text", "type": "labels",
					"value": object{"start": units[s.start], "end": units[s.end], "text": r.cut(s), "labels": []string{label}}}
				if meta != "" {
					o["meta"] = object{"text": []string{meta}}
				}
				result = append(result, o)
			}
			for i := range r.statements {
				s := &r.statements[i]
				who := deref(s.SpeakerName)
				parts := func(label string, of []span, meta string) (first string) {
					for k, x := range of {
						id := fmt.Sprintf("s%d-%s-%d", i, strings.ToLower(label), k)
						if k == 0 {
							first = id
						}
						mark(id, label, x, meta)
					}
					return first
				}
				content := parts("Content", spans(s.ContentStarts, s.ContentEnds), who)
				relate := func(from, name string) {
					if from != "" && content != "" {
						result = append(result, object{"type": "relation", "from_id": from, "to_id": content, "direction": "right", "labels": []string{name}})
					}
				}
				relate(parts("Source", spans(s.SourceStarts, s.SourceEnds), who), "source of")
				relate(parts("Cue", spans(s.CueStarts, s.CueEnds), ""), "cue of")
				for k, st := range r.stances[s.ID] {
					meta := fmt.Sprintf("%s: %s (%.2f)", st.Target, st.Label, st.Confidence)
					mark(fmt.Sprintf("s%d-mention-%d", i, k), "Mention", span{int(st.MentionStart), int(st.MentionEnd)}, st.Target)
					mark(fmt.Sprintf("s%d-evidence-%d", i, k), "Evidence", span{int(st.EvidenceStart), int(st.EvidenceEnd)}, meta)
				}
			}
			if result == nil {
				result = []object{}
			}
			text, err := compact(object{
				"data":        object{"text": r.article.Text, "title": r.article.Title, "article_id": r.article.ID, "publisher": r.article.Publisher},
				"predictions": []object{{"model_version": "standpoint " + e.info.Version, "result": result}},
			})
			if err != nil {
				return err
			}
			if _, err := to.WriteString(open + text); err != nil {
				return err
			}
			open = ",\n"
		}
		if open == "[\n" {
			io.WriteString(to, "[")
		}
		_, err := to.WriteString("\n]\n")
		return err
	})
}

// utf16Offsets are the places of code points, and of the end, in UTF-16 code units.
func utf16Offsets(runes []rune) []int {
	out := make([]int, len(runes)+1)
	at := 0
	for i, r := range runes {
		out[i] = at
		at++
		if r > 0xFFFF {
			at++
		}
	}
	out[len(runes)] = at
	return out
}
