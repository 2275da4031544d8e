package html

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/reports/table"
)

// An invention is a run over articles that nobody wrote.
type invention struct {
	d        Data
	articles []table.ArticleRow
	names    map[string][2]string // speaker id to name and type
}

func newInvention() *invention {
	in := &invention{names: map[string][2]string{}}
	in.d.Run = table.RunInfo{
		Tool: table.Tool, Version: "v0.0.0-test", SchemaVersion: table.SchemaVersion, ConfigSHA256: strings.Repeat("c0ffee00", 8),
		ModelsSHA256: map[string]string{"stance.bin": strings.Repeat("5ca1ab1e", 8), "tagger.bin": strings.Repeat("0ddba11e", 8)},
		InputsSHA256: map[string]string{"harbour.jsonl": strings.Repeat("feedface", 8)},
		Targets:      []table.Target{{ID: "strikes", Name: "the strikes"}, {ID: "ruler", Name: "Regent Maldor"}, {ID: "vesperia", Name: "Vesperia"}},
		Timings:      map[string]float64{"read": 1.25},
	}
	return in
}

func (in *invention) article(id, title, outlet, address, date string) *table.ArticleRow {
	row := table.ArticleRow{ID: id, Title: title, Publisher: outlet, URL: address, Status: table.Analysed, Relevant: true, Words: 240}
	if t, err := time.Parse("2006-01-02", date); err == nil {
		row.Published = table.Millis(t)
	} else {
		row.PublishedNote = "no date given"
	}
	in.articles = append(in.articles, row)
	return &in.articles[len(in.articles)-1]
}

// span finds words in the context, in code points of an article in which the
// context begins at 40.
func span(context, words string) ([]int32, []int32) {
	at := strings.Index(context, words)
	if words == "" || at < 0 {
		return nil, nil
	}
	start := int32(40 + utf8.RuneCountInString(context[:at]))
	return []int32{start}, []int32{start + int32(utf8.RuneCountInString(words))}
}

type take struct {
	target, mention, evidence string
	score                     float64
	label                     string
	confidence                float64
}

func (in *invention) statement(a *table.ArticleRow, speaker, name, kind, context, source, cue, content string, takes ...take) *table.StatementRow {
	row := table.StatementRow{
		ID: fmt.Sprintf("%s/%d", a.ID, a.Statements), ArticleID: a.ID, Published: a.Published, Publisher: a.Publisher,
		Ordinal: a.Statements, Kind: "mixed", Region: "body", SourceText: source, CueText: cue, ContentText: content,
		Context: context, ContextStart: 40, Confidence: 0.9, SpeakerConfidence: 0.93, Duplicate: a.DuplicateOf != nil,
	}
	row.SourceStarts, row.SourceEnds = span(context, source)
	row.CueStarts, row.CueEnds = span(context, cue)
	row.ContentStarts, row.ContentEnds = span(context, content)
	if speaker != "" {
		in.names[speaker] = [2]string{name, kind}
		by := "name"
		row.SpeakerID, row.SpeakerName, row.SpeakerType, row.Resolution = &speaker, &name, &kind, &by
	} else {
		row.SpeakerNote, row.SpeakerConfidence = "two rivals are equally likely", 0.48
	}
	for i, t := range takes {
		s := table.StanceRow{
			ID: fmt.Sprintf("%s/%d", row.ID, i), StatementID: row.ID, ArticleID: a.ID, Published: a.Published, Publisher: a.Publisher,
			SpeakerID: row.SpeakerID, SpeakerName: row.SpeakerName, SpeakerType: row.SpeakerType, Kind: row.Kind, Target: t.target,
			MentionText: t.mention, EvidenceText: t.evidence, Score: t.score, Label: t.label, Confidence: t.confidence, Duplicate: row.Duplicate,
		}
		if at, end := span(context, t.mention); at != nil {
			s.MentionStart, s.MentionEnd = at[0], end[0]
		}
		if at, end := span(context, t.evidence); at != nil {
			s.EvidenceStart, s.EvidenceEnd = at[0], end[0]
		}
		in.d.Stances = append(in.d.Stances, s)
	}
	a.Statements++
	a.Stances += int32(len(takes))
	in.d.Statements = append(in.d.Statements, row)
	return &in.d.Statements[len(in.d.Statements)-1]
}

// finish adds up speakers and summary, by id, target and period.
func (in *invention) finish() Data {
	cells := map[[3]string]*tallyOf{}
	speakers := map[string]*table.SpeakerRow{}
	for i := range in.d.Statements {
		s := &in.d.Statements[i]
		if s.Duplicate || s.SpeakerID == nil {
			continue
		}
		row := speakers[*s.SpeakerID]
		if row == nil {
			row = &table.SpeakerRow{ID: *s.SpeakerID, Name: *s.SpeakerName, Type: *s.SpeakerType, FirstSeen: s.Published}
			speakers[row.ID] = row
		}
		row.Statements++
		row.Articles++
		row.LastSeen = s.Published
	}
	for i := range in.d.Stances {
		s := &in.d.Stances[i]
		if s.Duplicate {
			continue
		}
		if s.SpeakerID != nil {
			speakers[*s.SpeakerID].Stances++
		}
		k := [3]string{deref(s.SpeakerID), s.Target, "all"}
		if cells[k] == nil {
			cells[k] = &tallyOf{}
		}
		cells[k].add(s)
	}
	for _, row := range speakers {
		share := 0.125
		row.ShareAbstained = &share
		in.d.Speakers = append(in.d.Speakers, *row)
	}
	slices.SortFunc(in.d.Speakers, func(x, y table.SpeakerRow) int { return strings.Compare(x.ID, y.ID) })
	for k, t := range cells {
		row := table.SummaryRow{SpeakerID: k[0], SpeakerName: in.names[k[0]][0], SpeakerType: in.names[k[0]][1], Target: k[1], Period: k[2],
			Articles: int32(t.Articles()), NFor: int32(t.For), NAgainst: int32(t.Against), NNeither: int32(t.Neither), NAbstain: int32(t.Abstain)}
		if mean := t.Mean(); !math.IsNaN(mean) {
			row.Mean = &mean
		}
		if low, high, ok := t.interval(); ok {
			row.CILow, row.CIHigh = &low, &high
		}
		in.d.Summary = append(in.d.Summary, row)
	}
	slices.SortFunc(in.d.Summary, func(x, y table.SummaryRow) int {
		return strings.Compare(x.SpeakerID+"\x00"+x.Target, y.SpeakerID+"\x00"+y.Target)
	})
	for i := range in.articles {
		in.d.Articles.Add(&in.articles[i])
	}
	return in.d
}

// small is a report with one of everything, hostile text among it.
func small() Data {
	d := few().finish()
	item := "Q999999999"
	for i := range d.Speakers {
		if d.Speakers[i].ID == "person:rosalind-achterberg" {
			d.Speakers[i].Wikidata, d.Speakers[i].Aliases = &item, []string{"Achterberg", "Councillor Achterberg"}
		}
	}
	return d
}

// few is an invention of few articles.
func few() *invention {
	in := newInvention()
	a := in.article("gull-1", "Harbour council splits over the strikes", "Aster Gazette", "https://aster.example/gull-1", "2031-03-04")
	in.statement(a, "person:rosalind-achterberg", "Rosalind Achterberg", "person",
		"“These strikes were a crime against fishermen,” Rosalind Achterberg told reporters on the quay. She blamed Regent Maldor.",
		"Rosalind Achterberg", "told reporters", "“These strikes were a crime against fishermen,”",
		take{"strikes", "strikes", "a crime against fishermen", -0.91, "against", 0.94},
		take{"ruler", "Regent Maldor", "blamed Regent Maldor", -0.55, "against", 0.71})
	in.statement(a, "government:vesperia", "Government of Vesperia", "government",
		"Vesperia’s foreign ministry said the strikes had been “measured and lawful”.",
		"Vesperia’s foreign ministry", "said", "the strikes had been “measured and lawful”",
		take{"strikes", "the strikes", "“measured and lawful”", 0.78, "for", 0.88})
	in.statement(a, "", "", "",
		"A quarter of the fleet is gone, he said, and nobody will answer for the strikes.",
		"he", "said", "A quarter of the fleet is gone",
		take{"strikes", "the strikes", "nobody will answer for the strikes", -0.2, "abstain", 0.41})
	last := &in.d.Statements[len(in.d.Statements)-1]
	last.CandidateNames, last.CandidateConfidences = []string{"Odo Brandt", "Regent Maldor"}, []float64{0.48, 0.44}

	b := in.article("gull-2", `<script>alert("title")</script>`, "The <b>Bold</b> Post", "javascript:alert(1)", "2031-05-20")
	in.statement(b, `person:<img src=x onerror=alert(1)>`, `<img src=x onerror="alert(1)">`, "person",
		"\u202eevil\u202c said \"</blockquote><script>alert(2)</script>\" about the strikes & Vesperia.",
		"evil", "said", "</blockquote><script>alert(2)</script>",
		take{"vesperia", "Vesperia", "", 0.02, "neither", 0.66})
	in.statement(b, "group:fishermen", "الصيادون", "group", "قال الصيادون إن الضربات «جريمة».", "الصيادون", "قال", "الضربات «جريمة»",
		take{"strikes", "الضربات", "«جريمة»", -0.7, "against", 0.8})

	original := "gull-1"
	in.article("gull-3", "", "Wire Copy Weekly", "", "2031-03-05")
	in.article("gull-4", "Undated notes", "", "https://aster.example/4?a=1&b=%22", "")
	in.articles[2].DuplicateOf, in.articles[2].Status, in.articles[2].DuplicateKind = &original, table.Duplicate, "exact"
	in.articles[3].Relevant = false
	in.d.Quarantine = []table.QuarantineRow{
		{Path: "harbour.jsonl", Line: 7, Reason: "bad-json", Message: "the record ends in the middle of a string", Mend: "write the line anew"},
		{Path: "<svg onload=alert(3)>.txt", ID: "x", Reason: "binary", Message: "not text", Mend: ""},
	}
	return in
}

// large is a report of as many statements as asked for, over two years.
func large(statements, speakers int) Data {
	in := newInvention()
	random := rand.New(rand.NewPCG(7, 11))
	given := []string{"Rosalind", "Odo", "Ilse", "Tamsin", "Corvin", "Maren", "Edda", "Lucan", "Pell", "Sunniva"}
	family := []string{"Achterberg", "Brandt", "Quillfeather", "Morrowind-Hale", "Tallis", "Ottermole", "Vane", "Hollin", "Sternberg", "Okonrade"}
	outlets := []string{"Aster Gazette", "Harbour Herald", "The Inland Courier", "Northlight News", "Tidewater Times", "Meridian Wire"}
	for_ := []string{"a measured answer to the poison", "lawful and long overdue", "the only language that the palace understands", "a duty toward the children of the coast"}
	against := []string{"a crime against fishermen and their families", "an act of aggression without any mandate", "a reckless gamble with peace", "a breach of the harbour treaty"}
	months := 24
	var a *table.ArticleRow
	for i := range statements {
		if i%4 == 0 {
			n := i / 4
			in.article(fmt.Sprintf("a-%05d", n), "Council hears "+family[n%len(family)]+" on the strikes and on what Regent Maldor knew",
				outlets[n%len(outlets)], fmt.Sprintf("https://news.example/%d", n),
				time.Date(2031, 1, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n*months*30/(statements/4+1)).Format("2006-01-02"))
		}
		a = &in.articles[len(in.articles)-1]
		who := int(float64(speakers) * math.Pow(random.Float64(), 1.6))
		name := given[who%10] + " " + family[(who/10+who)%10]
		if who >= 100 {
			name += fmt.Sprint(" ", who)
		}
		lean := math.Sin(float64(who) * 2.3)
		target := []take{{target: "strikes", mention: "the strikes"}, {target: "ruler", mention: "Regent Maldor"}, {target: "vesperia", mention: "Vesperia"}}[random.IntN(3)]
		phrase := for_[random.IntN(4)]
		target.confidence = 0.55 + 0.44*random.Float64()
		switch v := lean + random.NormFloat64()*0.5; {
		case random.Float64() < 0.13:
			target.label, target.score, target.confidence = "abstain", 0.1, 0.4
		case v > 0.25:
			target.label, target.score = "for", min(1, 0.4+v/2)
		case v < -0.25:
			target.label, target.score, phrase = "against", max(-1, -0.4+v/2), against[random.IntN(4)]
		default:
			target.label, target.score, phrase = "neither", v/4, "a matter for the assembly"
		}
		target.evidence = phrase
		content := fmt.Sprintf("“What was done about %s is %s,”", target.mention, phrase)
		context := fmt.Sprintf("%s %s said in Asterhaven as the boats came in. The assembly votes again on Thursday.", content, name)
		id, kind := fmt.Sprintf("person:speaker-%03d", who), []string{"person", "person", "government", "organisation"}[who%4]
		if random.Float64() < 0.05 {
			id = ""
		}
		in.statement(a, id, name, kind, context, name, "said", content, target)
	}
	in.articles[0].PublishedNote = ""
	for i := range 6 {
		in.d.Quarantine = append(in.d.Quarantine, table.QuarantineRow{Path: "harbour-archive/2031/part-0003.jsonl", Line: int32(17 + 31*i),
			Reason: []string{"bad-json", "no-text"}[i%2], Message: "the record has no field text, content or body", Mend: "map the field in the configuration under fields.text"})
	}
	return in.finish()
}

// attacks are texts that try to run, to load, to break out of where they stand
// or to break the layout.
var attacks = []string{
	"<script>hit()</script>", "<img src=x onerror=hit()>", "\"><svg onload=hit()>", "</script><script>hit()//", "</title><script>hit()</script>",
	"<a href='javascript:hit()'>x</a>", "<iframe srcdoc='<script>parent.hit()</script>'>", "&lt;script&gt;hit()&lt;/script&gt;", "&#x3c;script&#x3e;hit()&#x3c;/script&#x3e;", "&#0; &nosuch; &amp",
	"<!--", "--><script>hit()</script>", "<![CDATA[<script>hit()</script>]]>", "{{.Script}} {{define \"x\"}}", "${hit()} `x`", "<style>*{display:none!important}</style>", "</style><style>body{background:url(http://x.example)}",
	"<base href=http://x.example/>", "<meta http-equiv=refresh content=0;url=http://x.example>", "<math><mi xlink:href=javascript:hit()>x", "<details open ontoggle=hit()>", "<input autofocus onfocus=hit()>", "' onmouseover='hit()' x='",
	"\" autofocus onfocus=\"hit()\" x=\"", "<object data=javascript:hit()>", "<embed src=javascript:hit()>", "<form action=http://x.example><button>x", "<link rel=stylesheet href=http://x.example>", "<video src=x onerror=hit()>", "<body onload=hit()>",
	"javascript:hit()", "data:text/html,<script>hit()</script>", "vbscript:hit()", "\u202eevil\u202c", "\u2066\u2067\u2068\u2069\u202a\u202b\u202d", "\u200f\u200e\u061c", "قال الصيادون إن الضربات", "\u0000\u0007\u001b[31m", "\ufeff\u2028\u2029",
	"Z\u0351\u0329\u0351\u0329\u0351\u0329\u0351\u0329\u0351\u0329\u0351\u0329", "👩\u200d👩\u200d👧\u200d👦🏴\U000e0067\U000e0062\U000e007f", strings.Repeat("W", 400), strings.Repeat("漢", 300), strings.Repeat("a\u00a0", 200), "\\u003cscript\\u003e", "%3Cscript%3Ehit()%3C/script%3E",
	"../../../etc/passwd", "=1+1", "]]>", "<svg><animate onbegin=hit() attributeName=x dur=1s>", "<template><script>hit()</script></template>",
}

// hostile is a report in which every text is an attack: 500 articles with their
// titles, outlets, names, words, targets, events and reasons.
func hostile() Data {
	in := newInvention()
	random := rand.New(rand.NewPCG(5, 3))
	any := func() string { return attacks[random.IntN(len(attacks))] }
	in.d.Run.Targets = []table.Target{{ID: "strikes", Name: any() + attacks[0]}, {ID: `"><script>hit()</script>`, Name: attacks[2]}, {ID: "vesperia", Name: strings.Repeat("W", 200)}}
	in.d.Run.Events = []table.Event{{Date: "2031-03-04", Name: attacks[1]}, {Date: "2031-05-09", Name: strings.Repeat("W", 300)}}
	for i := range 500 {
		attack := attacks[i%len(attacks)]
		a := in.article(fmt.Sprint(attack, i), attack+" "+any(), any(), attack, fmt.Sprintf("2031-%02d-%02d", 3+i%4, 1+i%28))
		a.PublishedNote = any()
		target := in.d.Run.Targets[i%3].ID
		label := []string{"for", "against", "neither", "abstain"}[random.IntN(4)]
		who := attacks[(i*7)%len(attacks)]
		s := in.statement(a, "person:"+who, who, "person", attack+" said “"+any()+"” of the strikes "+any(), attack, "said", "the strikes",
			take{target, "the strikes", attack, map[string]float64{"for": 0.8, "against": -0.8}[label], label, 0.7})
		if i%9 == 0 {
			s.SpeakerNote, s.CandidateNames, s.CandidateConfidences = any(), []string{any(), any()}, []float64{0.4, 0.3}
		}
		if i%50 == 0 {
			in.d.Quarantine = append(in.d.Quarantine, table.QuarantineRow{Path: any(), Line: int32(i), ID: any(), Reason: any(), Message: any(), Mend: any()})
		}
	}
	d := in.finish()
	for i := range d.Speakers {
		item := attacks[i%len(attacks)]
		d.Speakers[i].Aliases, d.Speakers[i].Wikidata = []string{any(), any()}, &item
	}
	return d
}
