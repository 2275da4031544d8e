package stance

import "strings"

// A class groups the verbs and nouns by which a text says what somebody does
// to a target with words.
type class uint8

const (
	noClass    class = iota
	say              // neutral: said, told, noted
	accuse           // lays a deed at somebody's door
	deny             // rejects an accusation
	defend           // speaks up for
	demand           // calls on somebody to act
	condemn          // disapproves
	support          // approves
	warn             // sees danger
	praise           // values
	oppose           // is against a plan or person
	doubt            // does not believe
	threaten         // announces harm
	urge             // wants it done
	punish           // does harm in the name of right
	help             // does good
	harm             // does harm
	fail             // does not reach the aim
	achieve          // reaches the aim
	admit            // owns up
	numClasses = iota
)

// verbs are base forms; their regular forms are made by inflect, irregular
// forms stand beside them.
var verbs = [numClasses]string{
	say:      "say said tell told add note state report announce describe explain mention comment remark write wrote written reply argue claim insist suggest think thought believe",
	accuse:   "accuse blame allege charge fault implicate indict incriminate",
	deny:     "deny denied dismiss reject refute rebut dispute disavow repudiate",
	defend:   "defend justify vindicate excuse exonerate clear absolve shield",
	demand:   "demand require order insist compel press pressure",
	condemn:  "condemn denounce criticize criticise decry deplore slam blast assail rebuke lambast lambaste castigate censure excoriate berate scold chide deride mock ridicule disparage malign vilify bash attack skewer scorn lament disapprove disgust outrage",
	support:  "support back endorse favor favour approve agree uphold champion embrace advocate authorize authorise welcome stand sympathize sympathise promote side",
	warn:     "warn caution fear worry alarm risk",
	praise:   "praise laud hail applaud commend celebrate salute admire congratulate thank credit honor honour compliment tout love like trust respect appreciate",
	oppose:   "oppose resist protest object fight fought veto block halt stop end repeal overturn scrap abolish boycott ban prohibit forbid forbade forbidden withdraw withdrew",
	doubt:    "doubt question distrust mistrust suspect wonder challenge disagree",
	threaten: "threaten vow retaliate avenge",
	urge:     "urge call ask plead beg appeal propose recommend encourage push seek sought want hope implore",
	punish:   "punish sanction arrest jail convict sue impeach fire oust overthrow overthrew overthrown topple depose remove expel suspend penalize penalise fine prosecute",
	help:     "help aid protect save rescue assist improve strengthen benefit secure liberate free",
	harm:     "harm hurt kill murder slaughter massacre gas bomb torture destroy damage violate undermine weaken ruin threaten abuse oppress betray cheat lie mislead deceive steal stole stolen rape assault poison devastate endanger",
	fail:     "fail lose lost falter collapse backfire worsen struggle stumble flounder",
	achieve:  "succeed win won accomplish achieve fulfil fulfill deliver triumph prevail",
	admit:    "admit concede acknowledge confess apologize apologise regret",
}

// nouns name the same acts.
var nouns = [numClasses]string{
	say:      "statement remark remarks comment comments",
	accuse:   "accusation accusations allegation allegations blame charge charges culprit",
	deny:     "denial denials rejection",
	defend:   "defense defence justification",
	demand:   "demand demands ultimatum",
	condemn:  "condemnation criticism critic critics outrage rebuke backlash disgust anger fury",
	support:  "support supporter supporters backing approval ally allies endorsement advocate advocates proponent proponents",
	warn:     "warning warnings concern concerns danger dangers risk risks threat threats",
	praise:   "praise applause admiration admirer admirers credit thanks respect",
	oppose:   "opposition opponent opponents foe foes protest protests objection objections veto",
	doubt:    "doubt doubts skepticism scepticism skeptic skeptics suspicion suspicions",
	threaten: "retaliation revenge",
	urge:     "call calls appeal plea request proposal",
	punish:   "punishment sanctions penalty impeachment",
	help:     "help aid protection relief rescue",
	harm:     "atrocity atrocities massacre massacres crime crimes slaughter murder torture abuse abuses violation violations aggression",
	fail:     "failure failures mistake mistakes error errors blunder disaster fiasco debacle",
	achieve:  "success successes victory victories achievement triumph progress",
	admit:    "admission apology regret",
}

// good and bad are words that colour what they stand beside, whoever uses
// them.
const good = `good great best better excellent strong brave courageous honest fair just right rightly legitimate lawful legal
justified appropriate proportionate necessary needed effective successful smart wise decisive brilliant remarkable impressive
proud pleased glad happy grateful welcome positive peaceful safe stable strength hero heroic hope hopeful confident credible
important valuable vital essential sensible reasonable responsible moral noble innocent innocence popular beloved
beautiful wonderful fantastic terrific amazing incredible tremendous outstanding perfect admirable principled decent capable competent
experienced qualified talented trusted trustworthy respected honorable honourable worthy worth deserved deserve deserves merit
overdue needed prudent careful measured historic landmark breakthrough bipartisan freedom liberty justice integrity courage leadership
friend friends partner agree agrees works working solution solutions benefits advantage opportunity clear firm tough resolve`

const bad = `bad worse worst terrible horrible awful horrific heinous barbaric brutal savage evil vile monstrous atrocious despicable
disgusting disgraceful shameful shame reprehensible abhorrent outrageous unacceptable inexcusable indefensible unjustified unjust unfair
wrong wrongly illegal unlawful illegitimate unconstitutional criminal corrupt crooked dishonest liar liars lie lies lying false falsehood
fake hoax sham baseless unfounded groundless absurd ridiculous nonsense foolish stupid dumb idiotic reckless irresponsible careless
dangerous deadly disastrous catastrophic tragic failed failing weak weakness incompetent inept ineffective useless pointless
meaningless empty hollow costly wasteful harmful damaging toxic divisive racist sexist bigoted bigot hateful hate hatred extremist extreme
radical terrorist terrorists terror terrorism dictator tyrant butcher murderer murderous killer war-criminal thug thugs regime bloody ruthless
aggressor aggressive provocative provocation reckless hypocrisy hypocritical hypocrite cowardly coward cynical scandal scandals disgrace
embarrassing embarrassment humiliating guilty guilt fraud fraudulent unqualified unfit unstable erratic unpopular controversial
troubling troubled disturbing alarming worrying worrisome concerned disappointed disappointing angry furious outraged appalled
sad unfortunate regrettable crisis chaos mess quagmire problem problems nightmare violence violent victim victims suffering
misleading deceptive cover-up conspiracy abuse abusive misconduct harassment cruel inhumane inhuman immoral unethical lawless
isolated rogue pariah hostile enemy enemies adversary menace loss losses burden crackdown witch hunt`

const negators = "not n't no never none nobody nothing neither nor without hardly barely scarcely cannot cant dont doesnt didnt wont isnt fail fails failed failing lack lacks lacked lacking refuse refuses refused refusing unable unlikely unwilling stop stopped rather"

const modals = "should must ought would could can may might will shall need needs 'd 'll"

const conditionals = "if unless whether were provided otherwise"

// breakers begin a new clause. Those of coordination do so after a comma only.
const breakers = "but while although though whereas because since yet however despite unless until when after before if which who whom whose"

const commaBreakers = "and or so nor saying adding calling that as including"

type traits uint16

const (
	isNegator traits = 1 << iota
	isModal
	isConditional
	isBreaker
	isCommaBreaker
	isCopula
	isPronoun
)

// An entry is what the lexicon knows of one lower-case form.
type entry struct {
	class  class
	polar  int8 // 1 good, -1 bad
	traits traits
}

var lexicon = buildLexicon()

func buildLexicon() map[string]entry {
	lex := map[string]entry{}
	set := func(list string, change func(*entry)) {
		for _, w := range strings.Fields(list) {
			e := lex[w]
			change(&e)
			lex[w] = e
		}
	}
	for c := say; c < numClasses; c++ {
		for _, v := range strings.Fields(verbs[c]) {
			for _, form := range inflect(v) {
				set(form, func(e *entry) { e.class = c })
			}
		}
		set(nouns[c], func(e *entry) {
			if e.class == noClass {
				e.class = c
			}
		})
	}
	for form, e := range lex {
		switch e.class {
		case defend, support, praise, help, achieve:
			e.polar = 1
		case accuse, condemn, oppose, doubt, threaten, punish, harm, fail, warn:
			e.polar = -1
		}
		lex[form] = e
	}
	set(good, func(e *entry) { e.polar = 1 })
	set(bad, func(e *entry) { e.polar = -1 })
	set(negators, func(e *entry) { e.traits |= isNegator })
	set(modals, func(e *entry) { e.traits |= isModal })
	set(conditionals, func(e *entry) { e.traits |= isConditional })
	set(breakers, func(e *entry) { e.traits |= isBreaker })
	set(commaBreakers, func(e *entry) { e.traits |= isCommaBreaker })
	set("is are was were be been being 's 're 'm am", func(e *entry) { e.traits |= isCopula })
	set("he she it they him her them his their its this that these those we us our i you me my your", func(e *entry) { e.traits |= isPronoun })
	return lex
}

// inflect returns a verb's base form with its -s, -ed and -ing forms.
func inflect(v string) []string {
	n := len(v)
	last := v[n-1]
	vowel := func(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }
	switch {
	case last == 'e':
		return []string{v, v + "s", v + "d", v[:n-1] + "ing"}
	case last == 'y' && !vowel(v[n-2]):
		return []string{v, v[:n-1] + "ies", v[:n-1] + "ied", v + "ing"}
	case strings.HasSuffix(v, "s") || strings.HasSuffix(v, "sh") || strings.HasSuffix(v, "ch") || strings.HasSuffix(v, "x"):
		return []string{v, v + "es", v + "ed", v + "ing"}
	case n <= 4 && n > 2 && !vowel(last) && vowel(v[n-2]) && !vowel(v[n-3]) && last != 'w' && last != 'x' && last != 'y':
		return []string{v, v + "s", v + v[n-1:] + "ed", v + v[n-1:] + "ing"}
	}
	return []string{v, v + "s", v + "ed", v + "ing"}
}

// A group gathers the kinds of target toward which stances are spoken of
// alike: a stance toward an action is not a tone toward a name.
type group uint8

const (
	actor group = iota // person, organisation, state
	deed               // action, event, policy, law and anything else
)

func groupOf(kind string) group {
	switch kind {
	case "person", "organisation", "organization", "state", "government", "group", "country", "party":
		return actor
	}
	return deed
}
