package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/standpoint-news/standpoint/analysis/eval"
	"github.com/standpoint-news/standpoint/reports/table"
)

const (
	firstArticle  = `{"id":"a1","date":"2014-05-02","text":"Harbour commissioner Agnes Roth opened the quay. \"We had no choice,\" Roth said on Monday."}`
	secondArticle = `{"id":"a2","date":"2014-05-03","text":"The quay stayed open. \"It will not close,\" said Ms. Roth."}`
	thirdArticle  = `{"id":"a3","date":"2014-05-04","text":"\"It must close,\" said Viktor Roth, a farmer."}`
)

// TestEvalSpeakers scores predictions of its own and a file of them alike.
func TestEvalSpeakers(t *testing.T) {
	dir := t.TempDir()
	articles := write(t, dir, "quay-articles.jsonl", []byte(firstArticle+"\n"+thirdArticle+"\n"))
	rows := write(t, dir, "quay-gold.jsonl", []byte(`{"id":"a1","speaker":"Agnes Roth","target":"quay","stance":0,"evidence":"\"We had no choice,\" Roth said"}
{"id":"a3","speaker":"Ida Marr","target":"quay","stance":-1,"evidence":"\"It must close,\" said Viktor Roth"}
`))
	code, stdout, stderr := call(t, "", "eval", "speakers", rows, "--json", "--samples", "-1")
	if code != exitDone {
		t.Fatal(stderr)
	}
	var report eval.SpeakersReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Rows != 2 || report.Found != 2 || report.Right != 1 || len(report.Losses) != 1 || report.Losses[0].Got != "Viktor Roth" {
		t.Errorf("%+v", report)
	}
	config := write(t, dir, "all.yaml", []byte("scope: all\ntargets: [{id: quay, name: the quay, kind: policy, aliases: [quay]}]\n"))
	_, lines, _ := call(t, "", "annotate", "--config", config, articles)
	predictions := write(t, dir, "lines.jsonl", []byte(lines))
	if _, again, stderr := call(t, "", "eval", "speakers", rows, "--json", "--samples", "-1", "--predictions", predictions); again != stdout {
		t.Errorf("annotate's lines score otherwise: %s%s", stderr, again)
	}
	if code, _, stderr := call(t, "", "eval", "speakers", rows, "--predictions", rows); code != exitFailed || !strings.Contains(stderr, "reads what annotate prints") {
		t.Errorf("code %d: %s", code, stderr)
	}
}

// TestEvalMissionTargets reads an article toward the targets that its rows
// describe, and another that has none toward those of the configuration.
func TestEvalMissionTargets(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "levy-articles.jsonl", []byte(`{"id":"a1","text":"Agnes Roth condemned the harbour levy on Monday. “The harbour levy is a disgrace and must go,” Roth said."}
{"id":"a2","text":"Ida Marr praised the night ferry. “The night ferry is a blessing,” Marr said."}
{"id":"a3","text":"“The harbour levy is wrong,” said Viktor Hale."}
`))
	rows := write(t, dir, "levy-gold.jsonl", []byte(`{"id":"a1","speaker":"Agnes Roth","target":{"name":"Harbour levy","kind":"policy","aliases":["harbour levy"]},"stance":-1,"evidence":"Agnes Roth condemned the harbour levy"}
{"id":"a2","speaker":"Ida Marr","target":{"name":"Night ferry","kind":"organisation","aliases":["night ferry"]},"stance":1,"evidence":"Ida Marr praised the night ferry"}
`))
	code, stdout, stderr := call(t, "", "eval", "mission", rows, "--json", "--samples", "-1")
	if code != exitDone {
		t.Fatal(stderr)
	}
	var report eval.MissionReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int{}
	for _, s := range report.Targets {
		got[s.Target] = [2]int{s.Cells.Right, s.Cells.Gold}
	}
	if diff := cmp.Diff(map[string][2]int{"policy": {1, 1}, "organisation": {1, 1}, "all": {2, 2}}, got); diff != "" {
		t.Error(diff)
	}
	bad := write(t, dir, "bad-gold.jsonl", []byte(`{"id":"a1","speaker":"Agnes Roth","target":{"name":"!","kind":"policy"},"stance":-1,"evidence":"Agnes Roth"}`))
	if code, _, stderr := call(t, "", "eval", "mission", bad, "--articles", filepath.Join(dir, "levy-articles.jsonl")); code == exitDone || !strings.Contains(stderr, "the targets of article a1") {
		t.Errorf("a target of no words: code %d: %s", code, stderr)
	}
}

// TestOneSpeaker holds that a surname goes to its only bearer, that two bearers
// keep it open, and that a ruling overrules both.
func TestOneSpeaker(t *testing.T) {
	dir := t.TempDir()
	config := write(t, dir, "all.yaml", []byte("scope: all\ntargets: [{id: quay, name: the quay, kind: policy, aliases: [quay]}]\n"))
	ours := write(t, dir, "ours.csv", []byte("decision,id,other_id\nsame,Roth,Viktor Roth\n"))
	for _, tt := range []struct {
		name, articles string
		flags          []string
		want           string
	}{
		{"one bearer", firstArticle + "\n" + secondArticle, nil, "person:agnes-roth"},
		{"two bearers", firstArticle + "\n" + secondArticle + "\n" + thirdArticle, nil, "person:agnes-roth person:roth person:viktor-roth"},
		{"a ruling", firstArticle + "\n" + secondArticle + "\n" + thirdArticle, []string{"--speakers", ours}, "person:agnes-roth person:viktor-roth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			in := write(t, t.TempDir(), "in.jsonl", []byte(tt.articles))
			if code, _, stderr := call(t, "", append([]string{"run", "--config", config, "--out", out, in}, tt.flags...)...); code != exitDone {
				t.Fatal(stderr)
			}
			speakers, err := table.Read[table.SpeakerRow](out)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, s := range speakers {
				ids = append(ids, s.ID)
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			statements, err := table.Read[table.StatementRow](out)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range statements {
				if s.SpeakerID == nil || !strings.Contains(tt.want, *s.SpeakerID) {
					t.Errorf("%s has a speaker that the table speakers lacks", s.ID)
				}
			}
			merges, err := table.Read[table.MergeRow](out)
			if err != nil || len(merges) == 0 {
				t.Errorf("%d merges, %v", len(merges), err)
			}
		})
	}
}

// TestEvalCoreference scores a small document of CoNLL-U, and refuses one of
// another genre.
func TestEvalCoreference(t *testing.T) {
	row := func(id int, form, tag, misc string) string {
		return strings.Join([]string{strconv.Itoa(id), form, "_", "_", tag, "_", "0", "_", "_", misc}, "\t") + "\n"
	}
	text := "# newdoc id = GUM_news_pier\n# global.Entity = GRP-etype-infstat-minspan-link-identity\n# newpar\n" +
		row(1, "Viktor", "NNP", "Entity=(1-person-new-1,2-coref") + row(2, "Hale", "NNP", "Entity=1)") + row(3, "sailed", "VBD", "SpaceAfter=No") + row(4, ".", ".", "_") + "\n" +
		row(1, "He", "PRP", "Entity=(1-person-giv-1-coref)") + row(2, "won", "VBD", "SpaceAfter=No") + row(3, ".", ".", "_") + "\n"
	dir := t.TempDir()
	path := write(t, dir, "pier.conllu", []byte(text))
	if code, stdout, stderr := call(t, "", "eval", "coreference", path); code != 0 || !strings.Contains(stdout, "pronoun antecedents right  1.000") || !strings.Contains(stdout, "he    1/1") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	path = write(t, dir, "court.conllu", []byte(strings.Replace(text, "GUM_news_", "GUM_court_", 1)))
	if code, _, stderr := call(t, "", "eval", "coreference", path); code != exitFailed || !strings.Contains(stderr, "no document of news and no interview") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
