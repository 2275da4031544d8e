package gold

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func conlluFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gum.conllu")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, " ~ ", "\t")), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const conlluHead = "# newdoc id = GUM_interview_port\n# global.Entity = GRP-etype-infstat-minspan-link-identity\n"

func word(id, form, tag, misc string) string {
	return strings.Join([]string{id, form, "_", "_", tag, "_", "0", "_", "_", misc}, "\t") + "\n"
}

// TestReadCoreference reads nested mentions, contractions, labels of turns and
// paragraphs.
func TestReadCoreference(t *testing.T) {
	path := conlluFile(t, conlluHead+"# newpar\n"+
		word("1", "Ada", "NNP", "Entity=(1-person-new-1,2-coref-Ada_Roth")+
		word("2", "Roth", "NNP", "Entity=1)|SpaceAfter=No")+
		word("3", "'s", "POS", "_")+
		word("4", "port", "NN", "SpaceAfter=No")+
		word("5", ".", ".", "_")+
		"\n# newpar\n# speaker = AdaMRoth\n# text = I don't.\n"+
		word("1", "I", "PRP", "Entity=(1-person-giv-1-coref)")+
		word("2-3", "don't", "_", "SpaceAfter=No")+
		word("2", "do", "VBP", "_")+
		word("3", "n't", "RB", "_")+
		word("4", ".", ".", "_")+
		"\n# speaker = AdaMRoth\n"+
		word("1", "The", "DT", "Entity=(2-place-new-2-sgl")+
		word("2", "port", "NN", "_")+
		word("3", "of", "IN", "_")+
		word("4", "Velgrad", "NNP", "Entity=(3[1/2]-place-new-1-sgl)(4-place-new-1-sgl)2)")+
		word("4.1", "is", "VBZ", "_")+
		"\n")
	docs, err := ReadCoreference(path)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents: %v", len(docs), err)
	}
	d := docs[0]
	if want := "Ada Roth's port.\n\nAda M Roth: I don't. The port of Velgrad"; d.Text != want || d.Genre != "interview" {
		t.Errorf("text %q of genre %q, want %q", d.Text, d.Genre, want)
	}
	var got []string
	for _, m := range d.Mentions {
		s := m.Entity + " " + d.Text[m.Start:m.End] + "/" + d.Text[m.Head.Start:m.Head.End]
		if m.Pronoun {
			s += " pronoun"
		}
		got = append(got, s)
	}
	want := "1 Ada Roth/Ada; 1 I/I pronoun; 2 The port of Velgrad/port; 3 Velgrad/Velgrad; 4 Velgrad/Velgrad"
	if joined := strings.Join(got, "; "); joined != want {
		t.Errorf("mentions\n%s\nwant\n%s", joined, want)
	}
}

func TestReadCoreferenceRefuses(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"no token", conlluHead + "word\n", ":3: no token of CoNLL-U"},
		{"no document", word("1", "a", "DT", "_"), ":1: no token of CoNLL-U"},
		{"closed, not opened", conlluHead + word("1", "a", "DT", "Entity=7)"), `:3: the mention "7" is closed and was not opened`},
		{"not closed", conlluHead + word("1", "a", "DT", "Entity=(7-person-new-1-sgl"), `the mention "7" of GUM_interview_port is not closed`},
		{"no range", conlluHead + word("x-2", "a", "DT", "_"), `:3: "x-2" is no range of tokens`},
		{"neither", conlluHead + word("1", "a", "DT", "Entity=7"), "neither opens nor closes"},
	} {
		if _, err := ReadCoreference(conlluFile(t, x.text)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q", x.name, err, x.want)
		}
	}
	if _, err := ReadCoreference(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}
