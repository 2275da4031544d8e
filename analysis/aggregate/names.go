package aggregate

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// A personName is a name taken apart and folded for comparison: lower case,
// without accents, Arabic articles and full stops, one spelling for the ways of
// writing a Russian or Arabic name.
type personName struct {
	given      string // empty where a surname stands alone
	middle     []string
	surname    string
	generation string // "jr", "ii"
}

var generations = map[string]bool{"jr": true, "sr": true, "ii": true, "iii": true, "iv": true}

// particles belong to the surname behind them.
var particles = set("de del della di du da la le van von der den ter bin ibn bint abd el al ul")

// noNames stand before a name or are none.
var noNames = set("mr mrs ms dr sir lord lady dame president senator sen rep gov gen lt maj col capt adm sgt brig the")

func parsePerson(name string) personName {
	var words []string
	for w := range strings.FieldsSeq(plain(name)) {
		w = strings.Trim(w, ".,'’\"“”()")
		if w == "of" {
			break // "Ada Hale of Port Averil"
		}
		if w == "" || len(words) == 0 && noNames[w] {
			continue
		}
		words = append(words, w)
	}
	var n personName
	if k := len(words); k > 1 && generations[words[k-1]] {
		n.generation, words = words[k-1], words[:k-1]
	}
	if len(words) == 0 {
		return n
	}
	n.surname = foldSurname(words[len(words)-1])
	if len(words) == 1 {
		return n
	}
	n.given = words[0]
	for _, w := range words[1 : len(words)-1] {
		if !particles[w] {
			n.middle = append(n.middle, w)
		}
	}
	if particles[n.given] && n.given != "van" && len(n.middle) == 0 { // "de Mistura", "al Assad"
		n.given = ""
	}
	return n
}

// plain is a name in lower case without accents, Arabic articles and what is
// not a letter, a digit, a space or a full stop.
func plain(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		strip := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
		if folded, _, err := transform.String(strip, name); err == nil {
			name = folded
		}
	}
	var b strings.Builder
	for w := range strings.FieldsSeq(strings.ToLower(name)) {
		for _, article := range []string{"al-", "el-", "as-", "ash-", "ul-"} {
			if rest, ok := strings.CutPrefix(w, article); ok && len(rest) > 2 {
				w = rest
				break
			}
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		for _, r := range w {
			switch {
			case r == '-':
				b.WriteByte(' ')
			case r == 'ı':
				b.WriteByte('i')
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.':
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

var spellings = strings.NewReplacer("ou", "u", "oo", "u", "ee", "i", "q", "k", "dh", "d", "tch", "ch", "sh", "s", "kh", "h", "yy", "y")

// foldSurname writes a surname the one way for its transliterations.
func foldSurname(s string) string {
	s = spellings.Replace(strings.ReplaceAll(s, ".", ""))
	for _, ending := range []string{"iy", "ii", "yi", "ey", "ei", "y"} {
		if rest, ok := strings.CutSuffix(s, ending); ok && len(rest) > 2 {
			s = rest + "i"
			break
		}
	}
	var b strings.Builder
	var last rune
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// forms are the forms of given names, nicknames and transliterations, a name a line.
var forms = func() (out [][]string) {
	for line := range strings.SplitSeq(strings.TrimSpace(`
bob robert rob bobby robbie
bill william will billy
joe joseph joey
mike michael mick mickey
jim james jimmy jamie
tom thomas tommy
dick richard rick rich ricky
bernie bernard bernhard
ben benjamin binyamin
chuck charles charlie
dan daniel danny
dave david
ed edward eddie edwin
ted theodore edward
jeff jeffrey geoffrey geoff
ken kenneth kenny
larry lawrence laurence
matt matthew
nick nicholas nicolas
pat patrick
pete peter
ron ronald ronnie
sam samuel
steve steven stephen
tim timothy
tony anthony antony
andy andrew
chris christopher
greg gregory
jon jonathan
josh joshua
liz elizabeth beth betsy eliza
kate katherine kathleen kathy cathy catherine katie
sue susan suzanne
deb deborah debbie debra
jen jennifer jenny
maggie margaret peggy meg
al albert alan allan alfred
alex alexander aleksandr alexandr
fred frederick
gene eugene
jerry gerald jerome
harry harold henry
hank henry
jack john
johnny john
marty martin
max maxwell maximilian
mitch mitchell
phil philip phillip
ray raymond
stan stanley
vince vincent
walt walter
zack zachary zach
doug douglas
don donald
gabe gabriel
reggie reginald
vlad vladimir
sandy alexander alexandra
abe abraham
brad bradley
cindy cynthia
cory corey
dennis denis
frank francis
gerry gerald gerard
herb herbert
ike isaac dwight
lindsey lindsay
marc mark marco
rand randal randall
russ russell
sean shaun shawn
val valerie
wes wesley
sergei sergey serge
dmitri dmitry dmitriy dmitrii
alexei alexey aleksei aleksey
vasily vassily vasiliy vasili
vitaly vitali
yuri yury yuriy
nikolai nikolay
andrei andrey
evgeny yevgeny yevgeniy evgeniy
mikhail michail
gennady gennadi gennadiy
mohammed mohammad muhammad mohamed mohamad muhammed mohammod
ahmed ahmad ahmet
hussein hussain husain hossein husein
hassan hasan
abdullah abdallah abdulla
khaled khalid
mustafa mostafa moustafa
omar umar omer
osama usama
yousef youssef yusuf yousuf yousif
ibrahim ebrahim
mahmoud mahmud
moaz mouaz muaz moath
faisal faysal feisal
salim selim saleem
walid waleed
riad riyad riyadh
tariq tarek tarik
bouthaina buthaina bothaina
binali bin
qassem qasem qassim qasim
nuri nouri
hasan hassan`), "\n") {
		out = append(out, strings.Fields(line))
	}
	return out
}()

// alike finds the lines of forms that hold a name.
var alike = func() map[string][]int {
	lines := map[string][]int{}
	for i, names := range forms {
		for _, n := range names {
			lines[n] = append(lines[n], i)
		}
	}
	return lines
}()

// sameGiven reports whether two given names can be one: equal, one the initial
// of the other, or forms of one name.
func sameGiven(a, b string) bool {
	a, b = strings.ReplaceAll(a, ".", ""), strings.ReplaceAll(b, ".", "")
	if a == "" || b == "" {
		return false
	}
	if a == b || len(a) <= 2 && len(b) <= 2 && a[0] == b[0] {
		return true
	}
	if len(a) == 1 || len(b) == 1 {
		return begins(b, a) || begins(a, b)
	}
	for _, x := range alike[a] {
		for _, y := range alike[b] {
			if x == y {
				return true
			}
		}
	}
	return false
}

// begins reports whether the name, or another form of it, has the initial.
func begins(name, initial string) bool {
	if len(initial) != 1 {
		return false
	}
	if name[0] == initial[0] {
		return true
	}
	for _, x := range alike[name] {
		for _, form := range forms[x] {
			if form[0] == initial[0] {
				return true
			}
		}
	}
	return false
}

// compatible reports whether two names can be one person's: the same surname,
// no two given names or initials that differ. A surname alone is compatible
// with nothing here: whom it means is a question of who else bears it.
func (n *personName) compatible(o *personName) bool {
	if n.surname != o.surname || n.surname == "" || n.given == "" || o.given == "" {
		return false
	}
	if n.generation != "" && o.generation != "" && n.generation != o.generation {
		return false
	}
	if sameGiven(n.given, o.given) {
		if len(n.middle) == 0 || len(o.middle) == 0 {
			return true
		}
		for i := range min(len(n.middle), len(o.middle)) {
			if !sameGiven(n.middle[i], o.middle[i]) {
				return false
			}
		}
		return true
	}
	// "Javad Zarif" and "Mohammad Javad Zarif"
	return len(n.middle) == 0 && containsGiven(o.middle, n.given) || len(o.middle) == 0 && containsGiven(n.middle, o.given)
}

func containsGiven(list []string, name string) bool {
	for _, m := range list {
		if len(name) > 2 && len(m) > 2 && sameGiven(m, name) {
			return true
		}
	}
	return false
}

// detail counts what a name says: the more, the fuller.
func (n *personName) detail() int {
	d := 0
	for _, w := range append([]string{n.given}, n.middle...) {
		switch {
		case len(w) > 2:
			d += 3
		case w != "":
			d++
		}
	}
	if n.generation != "" {
		d++
	}
	return d
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
