package coding

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/standpoint-news/standpoint/reports/sheet"
)

// Sides are the codes that count; Unclear is read as no code.
var Sides = []string{"for", "neither", "against", "none"}

// Unclear is a code given where a passage does not settle the question.
const Unclear = "unclear"

// A Coding is what one coder says of one unit. Empty means not coded.
type Coding struct {
	Coder, Unit string
	Side        string // for, against, neither, none, unclear
	Speaker     string // right, wrong, unclear
	Note        string
	place       string // path:line, or path: of the file
}

// Read reads files of codings: a sheet (CSV), the file that the coding page
// saves, or an export of Label Studio (JSON or JSON-MIN). units are those of the
// key. A unit that the key lacks, an unknown code, or two codings of a unit by
// one coder are errors.
func Read(paths []string, units []Unit) ([]Coding, error) {
	known := map[string]bool{}
	for i := range units {
		known[units[i].ID] = true
	}
	var out []Coding
	seen := map[[2]string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: codings cannot be read: %w (name a file that coders saved)", path, bare(err))
		}
		codings, err := parse(path, data)
		if err != nil {
			return nil, err
		}
		for _, c := range codings {
			if c.Side == "" && c.Speaker == "" {
				continue
			}
			if !known[c.Unit] {
				return nil, fmt.Errorf("%s: the unit %q is not in the key (give the codings and the key of one sample)", c.place, c.Unit)
			}
			if c.Side != "" && c.Side != Unclear && !slices.Contains(Sides, c.Side) {
				return nil, fmt.Errorf("%s: unknown side %q (want for, against, neither, none, unclear or nothing)", c.place, c.Side)
			}
			if c.Speaker != "" && c.Speaker != "right" && c.Speaker != "wrong" && c.Speaker != Unclear {
				return nil, fmt.Errorf("%s: unknown speaker_right %q (want right, wrong, unclear or nothing)", c.place, c.Speaker)
			}
			if first, ok := seen[[2]string{c.Coder, c.Unit}]; ok {
				return nil, fmt.Errorf("%s: coder %q codes the unit %q again, after %s (keep one, or name the coders apart)", c.place, c.Coder, c.Unit, first)
			}
			seen[[2]string{c.Coder, c.Unit}] = c.place
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: holds no coding (fill in the column side)", strings.Join(paths, ", "))
	}
	slices.SortStableFunc(out, func(a, b Coding) int { return cmp.Or(cmp.Compare(a.Coder, b.Coder), cmp.Compare(a.Unit, b.Unit)) })
	return out, nil
}

func parse(path string, data []byte) ([]Coding, error) {
	coder := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	switch trimmed := bytes.TrimSpace(data); {
	case bytes.HasPrefix(trimmed, []byte("{")):
		return parseSaved(path, coder, data)
	case bytes.HasPrefix(trimmed, []byte("[")):
		return parseStudio(path, coder, data)
	}
	rows, err := sheet.Read(path, data, "unit", "side", "speaker_right")
	if err != nil {
		return nil, err
	}
	out := make([]Coding, len(rows))
	for i, r := range rows {
		out[i] = Coding{Coder: cmp.Or(strings.TrimSpace(r.Cells["coder"]), coder), Unit: r.Cells["unit"], Side: code(r.Cells["side"]), Speaker: code(r.Cells["speaker_right"]),
			Note: r.Cells["note"], place: fmt.Sprintf("%s:%d", path, r.Line)}
	}
	return out, nil
}

func code(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func parseSaved(path, coder string, data []byte) ([]Coding, error) {
	var saved struct {
		Format  string
		Coder   string
		Codings []struct{ Unit, Side, Speaker, Note string }
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, fmt.Errorf("%s: not a file of codings: %w (save it from the coding page again)", path, err)
	}
	if saved.Format != "standpoint codings" {
		return nil, fmt.Errorf("%s: not a file of codings: its format is %q (save it from the coding page again)", path, saved.Format)
	}
	var out []Coding
	for _, c := range saved.Codings {
		out = append(out, Coding{Coder: cmp.Or(saved.Coder, coder), Unit: c.Unit, Side: c.Side, Speaker: c.Speaker, Note: c.Note, place: path})
	}
	return out, nil
}

// parseStudio reads Label Studio's export: tasks with annotations (JSON), or one
// flat object an annotation (JSON-MIN). Coders are named by its user numbers.
func parseStudio(path, coder string, data []byte) ([]Coding, error) {
	var tasks []struct {
		Data struct {
			Unit string `json:"unit"`
		} `json:"data"`
		Annotations []struct {
			CompletedBy  json.RawMessage `json:"completed_by"`
			WasCancelled bool            `json:"was_cancelled"`
			Result       []struct {
				FromName string `json:"from_name"`
				Value    struct {
					Choices []string `json:"choices"`
				} `json:"value"`
			} `json:"result"`
		} `json:"annotations"`
		Unit      string          `json:"unit"`
		Annotator json.RawMessage `json:"annotator"`
		Side      string          `json:"side"`
		Speaker   string          `json:"speaker_right"`
	}
	if err := json.Unmarshal(data, &tasks); err != nil {
		return nil, fmt.Errorf("%s: not an export of Label Studio: %w (export as JSON or JSON-MIN)", path, err)
	}
	who := func(raw json.RawMessage) string {
		var person struct {
			ID    int
			Email string
		}
		if json.Unmarshal(raw, &person) == nil && (person.Email != "" || person.ID != 0) {
			return cmp.Or(person.Email, fmt.Sprint("annotator ", person.ID))
		}
		if s := strings.Trim(string(raw), `"`); s != "" && s != "null" {
			return "annotator " + s
		}
		return coder
	}
	var out []Coding
	for _, t := range tasks {
		if t.Unit != "" {
			out = append(out, Coding{Coder: who(t.Annotator), Unit: t.Unit, Side: t.Side, Speaker: t.Speaker, place: path})
		}
		for _, a := range t.Annotations {
			if a.WasCancelled {
				continue
			}
			c := Coding{Coder: who(a.CompletedBy), Unit: t.Data.Unit, place: path}
			for _, r := range a.Result {
				if len(r.Value.Choices) == 0 {
					continue
				}
				switch r.FromName {
				case "side":
					c.Side = r.Value.Choices[0]
				case "speaker_right":
					c.Speaker = r.Value.Choices[0]
				}
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// A Consensus is what the coders hold together of a unit; empty where they do
// not agree, or none coded it.
type Consensus struct{ Side, Speaker string }

// Settle takes for each unit the code that more than half of its coders give.
// final, codings agreed upon in discussion, stand in the place of that.
func Settle(codings, final []Coding) map[string]Consensus {
	type votes struct {
		side, speaker   map[string]int
		sides, speakers int
	}
	all := map[string]*votes{}
	for _, c := range codings {
		v := all[c.Unit]
		if v == nil {
			v = &votes{side: map[string]int{}, speaker: map[string]int{}}
			all[c.Unit] = v
		}
		if c.Side != "" && c.Side != Unclear {
			v.side[c.Side]++
			v.sides++
		}
		if c.Speaker != "" && c.Speaker != Unclear {
			v.speaker[c.Speaker]++
			v.speakers++
		}
	}
	out := map[string]Consensus{}
	for unit, v := range all {
		out[unit] = Consensus{majority(v.side, v.sides), majority(v.speaker, v.speakers)}
	}
	for _, c := range final {
		settled := out[c.Unit]
		if c.Side != "" {
			settled.Side = strings.TrimSuffix(c.Side, Unclear)
		}
		if c.Speaker != "" {
			settled.Speaker = strings.TrimSuffix(c.Speaker, Unclear)
		}
		out[c.Unit] = settled
	}
	return out
}

// majority is the code with more than half of n votes: at most one has that.
func majority(votes map[string]int, n int) string {
	for code, k := range votes {
		if 2*k > n {
			return code
		}
	}
	return ""
}
