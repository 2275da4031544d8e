package attribution

import "strings"

// A class says what a cue takes as its content.
type class uint8

const (
	noCue  class = iota
	say          // a clause or a quotation, on either side: "said that …", "…, she said"
	think        // a clause, behind it only: "believes that …"
	act          // what the narrator reports in a noun phrase: "condemned the strikes"
	want         // an infinitive or a noun phrase: "vowed to leave"
	narrow       // a clause introduced by "that" or "to" alone, or a quotation: "found that …"
	evade        // what is not answered: nothing is said, unless in quotation marks
)

// verbs maps the base forms of cue verbs to their classes. The words were
// chosen by how often each is a cue where it occurs in PolNeAR's training
// split (Newell et al., 2018), with those of its kind that are rare there.
var verbs = func() map[string]class {
	m := map[string]class{}
	for _, list := range []struct {
		class class
		words string
	}{ // in this order: the first class that has a word keeps it
		{say, `say tell add write ask note announce suggest argue claim continue respond explain declare acknowledge insist
			warn recall conclude predict admit reply confirm complain assure emphasize emphasise assert joke concede boast reiterate
			stress lament shout contend proclaim caution testify quip remark observe state tweet allege opine muse concur
			interject chant yell cry brag speculate inform recount report reveal indicate remind repeat echo agree charge counter
			demand wonder hint imply plead proclaim stipulate retort snap declare disclose clarify comment exclaim`},
		{think, `think believe hope fear expect worry doubt know feel suspect assume suppose realize realise imagine recognize
			recognise remember understand foresee`},
		{act, `call describe accuse endorse criticize criticise cite praise defend oppose express discuss propose blame reject blast
			denounce dismiss slam mock highlight tout portray condemn applaud decry deem label assail rebuke hail deride liken
			characterize characterise outline disavow support back question deny urge mention refer favor favour attack
			congratulate commend deplore ridicule castigate chide lambast lambaste berate bemoan welcome embrace reference
			rebut scold vouch threaten protest prefer recommend veto bash thank salute affirm
			recommend consider encourage `},
		{want, `vow promise pledge refuse decline threaten want intend aim hope offer decide order urge wish`},
		{narrow, `show find learn read mean decide see hear prove establish estimate calculate warn remember suggest rule determine`},
		{evade, `sidestep dodge evade duck deflect`},
	} {
		for _, w := range strings.Fields(list.words) {
			if _, taken := m[w]; !taken {
				m[w] = list.class
			}
		}
	}
	return m
}()

// irregular forms of cue verbs.
var irregular = map[string]string{
	"said": "say", "told": "tell", "wrote": "write", "written": "write", "thought": "think", "knew": "know", "known": "know",
	"found": "find", "saw": "see", "seen": "see", "felt": "feel", "sought": "", "heard": "hear", "read": "read", "shown": "show",
	"meant": "mean", "understood": "understand", "swore": "swear", "foresaw": "foresee", "withdrew": "withdraw",
}

// lemma returns the base form of a cue verb, and its class.
func lemma(word string) (string, class) {
	if base, ok := irregular[word]; ok {
		return base, verbs[base]
	}
	if c, ok := verbs[word]; ok {
		return word, c
	}
	for _, s := range [...]struct{ suffix, put string }{
		{"ies", "y"}, {"ied", "y"}, {"es", ""}, {"es", "e"}, {"s", ""}, {"ed", ""}, {"ed", "e"}, {"ing", ""}, {"ing", "e"},
	} {
		stem, ok := strings.CutSuffix(word, s.suffix)
		if !ok || len(stem) < 2 {
			continue
		}
		if c, ok := verbs[stem+s.put]; ok {
			return stem + s.put, c
		}
		if n := len(stem); n > 2 && stem[n-1] == stem[n-2] {
			if c, ok := verbs[stem[:n-1]]; ok {
				return stem[:n-1], c
			}
		}
	}
	return "", noCue
}
