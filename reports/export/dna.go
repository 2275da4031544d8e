package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/standpoint-news/standpoint/reports/sheet"
	"github.com/standpoint-news/standpoint/reports/table"
)

// An event is a stance as Discourse Network Analyzer (Leifeld 2017) knows it: an
// actor, a concept, and whether the actor agrees. A concept is a target; stances
// that take no side, and speakers that the tool would not name, are left out,
// since its networks know only agreement and disagreement.
type event struct {
	person, organisation, concept, agreement string
	actorType, conceptType                   string
	when                                     time.Time
	evidence                                 span
}

// actors are the person, the organisation and the concept, as the program's
// variables 1 to 3 have them, with the type of each.
func (ev event) actors() [3][2]string {
	return [3][2]string{{ev.person, ev.actorType}, {ev.organisation, ev.actorType}, {ev.concept, ev.conceptType}}
}

func (e *exporter) events(r *reading, targets map[string]table.Target) []event {
	var out []event
	for i := range r.statements {
		s := &r.statements[i]
		for _, st := range r.stances[s.ID] {
			if s.SpeakerID == nil || st.Label != "for" && st.Label != "against" {
				continue
			}
			ev := event{person: *s.SpeakerName, concept: targets[st.Target].Name, actorType: *s.SpeakerType, conceptType: targets[st.Target].Kind, agreement: map[string]string{"for": "1", "against": "0"}[st.Label],
				when: table.Time(s.Published), evidence: span{int(st.EvidenceStart), int(st.EvidenceEnd)}}
			if *s.SpeakerType != "person" && *s.SpeakerType != "unnamed" {
				ev.person, ev.organisation = "", ev.person
			}
			out = append(out, ev)
		}
	}
	return out
}

// dna writes the events twice: events.csv in the columns of the program's own
// event lists, for R, and standpoint.sql, which SQLite makes a database of; the
// program itself reads statements from its databases alone.
func (e *exporter) dna() error {
	targets := map[string]table.Target{}
	for _, t := range e.info.Targets {
		targets[t.ID] = t
	}
	err := e.file("events.csv", func(to *bufio.Writer) error {
		w, err := sheet.NewWriter(to, false, "statement_id", "time", "document_id", "document_title", "document_author", "document_source",
			"document_section", "document_type", "person", "organization", "concept", "agreement")
		if err != nil {
			return err
		}
		document, statement := 0, 0
		for r, err := range e.readings() {
			if err != nil {
				return err
			}
			document++
			for _, ev := range e.events(r, targets) {
				statement++
				when := ""
				if !ev.when.IsZero() {
					when = ev.when.Format(time.DateTime)
				}
				w.Int(statement)
				w.Plain(when)
				w.Int(document)
				for _, text := range []string{r.article.Title, "", r.article.Publisher, "", r.article.Topic, ev.person, ev.organisation, ev.concept} {
					w.Text(text)
				}
				w.Plain(ev.agreement)
				if err := w.End(); err != nil {
					return err
				}
			}
		}
		return w.Flush()
	})
	if err != nil {
		return err
	}
	return e.file("standpoint.sql", func(to *bufio.Writer) error { return e.dnaDatabase(to, targets) })
}

// dnaTables are the tables of a database of Discourse Network Analyzer 3.0, column by
// column those of createTables in its Sql.java, in
// SQLite, empty but for one coder and its usual type of statement.
const dnaTables = `-- sqlite3 standpoint.dna < standpoint.sql
-- makes a database as Discourse Network Analyzer 3.0 keeps it: coder Admin, password standpoint.
BEGIN;
CREATE TABLE SETTINGS (Property TEXT PRIMARY KEY, Value TEXT NOT NULL);
CREATE TABLE CODERS (ID INTEGER NOT NULL PRIMARY KEY, Name TEXT NOT NULL, Red INTEGER NOT NULL DEFAULT 0, Green INTEGER NOT NULL DEFAULT 0, Blue INTEGER NOT NULL DEFAULT 0, Refresh INTEGER NOT NULL DEFAULT 0, FontSize INTEGER NOT NULL DEFAULT 14, Password TEXT NOT NULL, PopupWidth INTEGER DEFAULT 300, ColorByCoder INTEGER NOT NULL DEFAULT 0, PopupDecoration INTEGER NOT NULL DEFAULT 0, PopupAutoComplete INTEGER NOT NULL DEFAULT 1, %s);
CREATE TABLE DOCUMENTS (ID INTEGER NOT NULL PRIMARY KEY, Title TEXT NOT NULL CHECK (LENGTH(Title) < 191), Text TEXT NOT NULL, Coder INTEGER REFERENCES CODERS(ID) ON DELETE CASCADE, Author TEXT NOT NULL DEFAULT '', Source TEXT NOT NULL DEFAULT '' CHECK (LENGTH(Source) < 191), Section TEXT NOT NULL DEFAULT '', Notes TEXT NOT NULL DEFAULT '', Type TEXT NOT NULL DEFAULT '' CHECK (LENGTH(Type) < 191), Date INTEGER NOT NULL);
CREATE TABLE STATEMENTTYPES (ID INTEGER NOT NULL PRIMARY KEY, Label TEXT NOT NULL, Red INTEGER NOT NULL DEFAULT 0, Green INTEGER NOT NULL DEFAULT 0, Blue INTEGER NOT NULL DEFAULT 0);
CREATE TABLE VARIABLES (ID INTEGER NOT NULL PRIMARY KEY, Variable TEXT NOT NULL, DataType TEXT NOT NULL DEFAULT 'short text', StatementTypeId INTEGER REFERENCES STATEMENTTYPES(ID) ON DELETE CASCADE, UNIQUE (Variable, StatementTypeId));
CREATE TABLE VARIABLELINKS (ID INTEGER NOT NULL PRIMARY KEY, SourceVariableId INTEGER REFERENCES VARIABLES(ID) ON DELETE CASCADE, TargetVariableId INTEGER REFERENCES VARIABLES(ID) ON DELETE CASCADE);
CREATE TABLE REGEXES (Label TEXT PRIMARY KEY, Red INTEGER NOT NULL DEFAULT 0, Green INTEGER NOT NULL DEFAULT 0, Blue INTEGER NOT NULL DEFAULT 0);
CREATE TABLE CODERRELATIONS (ID INTEGER NOT NULL PRIMARY KEY, Coder INTEGER REFERENCES CODERS(ID) ON DELETE CASCADE, OtherCoder INTEGER REFERENCES CODERS(ID) ON DELETE CASCADE, viewStatements INTEGER NOT NULL DEFAULT 1, editStatements INTEGER NOT NULL DEFAULT 1, viewDocuments INTEGER NOT NULL DEFAULT 1, editDocuments INTEGER NOT NULL DEFAULT 1);
CREATE TABLE STATEMENTS (ID INTEGER NOT NULL PRIMARY KEY, StatementTypeId INTEGER REFERENCES STATEMENTTYPES(ID) ON DELETE CASCADE, DocumentId INTEGER REFERENCES DOCUMENTS(ID) ON DELETE CASCADE, Start INTEGER NOT NULL CHECK (Start >= 0), Stop INTEGER NOT NULL, Coder INTEGER REFERENCES CODERS(ID) ON DELETE CASCADE, CHECK (Start < Stop));
CREATE TABLE DATABOOLEAN (ID INTEGER NOT NULL PRIMARY KEY, StatementId INTEGER NOT NULL REFERENCES STATEMENTS(ID) ON DELETE CASCADE, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, Value INTEGER NOT NULL DEFAULT 1, UNIQUE (StatementId, VariableId));
CREATE TABLE DATAINTEGER (ID INTEGER NOT NULL PRIMARY KEY, StatementId INTEGER NOT NULL REFERENCES STATEMENTS(ID) ON DELETE CASCADE, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, Value INTEGER NOT NULL DEFAULT 0, UNIQUE (StatementId, VariableId));
CREATE TABLE ENTITIES (ID INTEGER NOT NULL PRIMARY KEY, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, Value TEXT NOT NULL DEFAULT '' CHECK (LENGTH(Value) < 191), Red INTEGER DEFAULT 0, Green INTEGER DEFAULT 0, Blue INTEGER DEFAULT 0, ChildOf INTEGER REFERENCES ENTITIES(ID) ON DELETE CASCADE, UNIQUE (VariableId, Value));
CREATE TABLE DATASHORTTEXT (ID INTEGER NOT NULL PRIMARY KEY, StatementId INTEGER NOT NULL REFERENCES STATEMENTS(ID) ON DELETE CASCADE, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, Entity INTEGER NOT NULL REFERENCES ENTITIES(ID) ON DELETE CASCADE, UNIQUE (StatementId, VariableId));
CREATE TABLE DATALONGTEXT (ID INTEGER NOT NULL PRIMARY KEY, StatementId INTEGER NOT NULL REFERENCES STATEMENTS(ID) ON DELETE CASCADE, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, Value TEXT DEFAULT '', UNIQUE (StatementId, VariableId));
CREATE TABLE ATTRIBUTEVARIABLES (ID INTEGER NOT NULL PRIMARY KEY, VariableId INTEGER NOT NULL REFERENCES VARIABLES(ID) ON DELETE CASCADE, AttributeVariable TEXT NOT NULL, UNIQUE (VariableId, AttributeVariable));
CREATE TABLE ATTRIBUTEVALUES (ID INTEGER NOT NULL PRIMARY KEY, EntityId INTEGER NOT NULL REFERENCES ENTITIES(ID) ON DELETE CASCADE, AttributeVariableId INTEGER NOT NULL REFERENCES ATTRIBUTEVARIABLES(ID) ON DELETE CASCADE, AttributeValue TEXT NOT NULL DEFAULT '', UNIQUE (EntityId, AttributeVariableId));
INSERT INTO SETTINGS VALUES ('version', '3.0'), ('date', '');
INSERT INTO CODERS (ID, Name, Red, Green, Blue, Password) VALUES (1, 'Admin', 255, 255, 0, %s);
INSERT INTO STATEMENTTYPES VALUES (1, 'DNA Statement', 239, 208, 51);
INSERT INTO VARIABLES VALUES (1, 'person', 'short text', 1), (2, 'organization', 'short text', 1), (3, 'concept', 'short text', 1), (4, 'agreement', 'boolean', 1);
INSERT INTO ATTRIBUTEVARIABLES VALUES (1, 1, 'Type'), (2, 1, 'Alias'), (3, 1, 'Notes'), (4, 2, 'Type'), (5, 2, 'Alias'), (6, 2, 'Notes'), (7, 3, 'Type'), (8, 3, 'Alias'), (9, 3, 'Notes');
`

// dnaPermissions are what a coder may do: the one coder may everything.
var dnaPermissions = []string{"AddDocuments", "EditDocuments", "DeleteDocuments", "ImportDocuments", "AddStatements", "EditStatements", "DeleteStatements",
	"EditAttributes", "EditRegex", "EditStatementTypes", "EditCoders", "EditCoderRelations",
	"ViewOthersDocuments", "EditOthersDocuments", "ViewOthersStatements", "EditOthersStatements"}

// dnaPassword digests a password as the program does, by Jasypt's strong password
// encryptor: 16 bytes of salt before SHA-256 in 100,000 rounds. It guards nothing here.
func dnaPassword(password string) string {
	const salt = "standpoint.dna.1"
	sum := sha256.Sum256([]byte(salt + password))
	for range 100_000 - 1 {
		sum = sha256.Sum256(sum[:])
	}
	return base64.StdEncoding.EncodeToString(append([]byte(salt), sum[:]...))
}

func (e *exporter) dnaDatabase(w *bufio.Writer, targets map[string]table.Target) error {
	permissions := make([]string, len(dnaPermissions))
	for i, p := range dnaPermissions {
		permissions[i] = "Permission" + p + " INTEGER NOT NULL DEFAULT 1"
	}
	fmt.Fprintf(w, dnaTables, strings.Join(permissions, ", "), quoteSQL(dnaPassword("standpoint")))
	entities := map[string]int{} // by variable and value
	document, statement, row := 0, 0, 0
	for r, err := range e.readings() {
		if err != nil {
			return err
		}
		document++
		if len(r.statements) == 0 {
			continue
		}
		text, units := javaText(r.runes)
		seconds, note := int64(0), "no date"
		if t := table.Time(r.article.Published); !t.IsZero() {
			seconds, note = t.Unix(), ""
		}
		fmt.Fprintf(w, "INSERT INTO DOCUMENTS (ID, Title, Text, Coder, Source, Notes, Type, Date) VALUES (%d, %s, %s, 1, %s, %s, %s, %d);\n",
			document, quoteSQL(short(r.article.Title)), quoteSQL(text), quoteSQL(short(r.article.Publisher)), quoteSQL(note), quoteSQL(short(r.article.Topic)), seconds)
		for _, ev := range e.events(r, targets) {
			statement++
			fmt.Fprintf(w, "INSERT INTO STATEMENTS VALUES (%d, 1, %d, %d, %d, 1);\n", statement, document, units[ev.evidence.start], units[ev.evidence.end])
			fmt.Fprintf(w, "INSERT INTO DATABOOLEAN VALUES (%d, %d, 4, %s);\n", statement, statement, ev.agreement)
			for i, actor := range ev.actors() {
				value, kind := short(actor[0]), actor[1]
				key := fmt.Sprint(i+1, "\x00", value)
				if entities[key] == 0 {
					n := len(entities) + 1
					entities[key] = n
					if value == "" {
						kind = ""
					}
					fmt.Fprintf(w, "INSERT INTO ENTITIES (ID, VariableId, Value) VALUES (%d, %d, %s);\n", n, i+1, quoteSQL(value))
					fmt.Fprintf(w, "INSERT INTO ATTRIBUTEVALUES VALUES (%d, %d, %d, %s), (%d, %d, %d, ''), (%d, %d, %d, '');\n",
						3*n-2, n, 3*i+1, quoteSQL(kind), 3*n-1, n, 3*i+2, 3*n, n, 3*i+3)
				}
				row++
				fmt.Fprintf(w, "INSERT INTO DATASHORTTEXT VALUES (%d, %d, %d, %d);\n", row, statement, i+1, entities[key])
			}
		}
	}
	_, err := io.WriteString(w, "COMMIT;\n")
	return err
}

// javaText is a text as Java's editors hold it, with line feeds alone at the ends
// of lines, and the places of its code points, and of its end, in UTF-16 code units.
func javaText(runes []rune) (string, []int) {
	var b strings.Builder
	units := make([]int, len(runes)+1)
	at := 0
	for i, r := range runes {
		units[i] = at
		switch {
		case r == 0 || r == '\r' && i+1 < len(runes) && runes[i+1] == '\n':
			continue
		case r == '\r':
			r = '\n'
		}
		b.WriteRune(r)
		at++
		if r > 0xFFFF {
			at++
		}
	}
	units[len(runes)] = at
	return b.String(), units
}

// short cuts a text to the 190 characters that the program's columns hold.
func short(s string) string {
	if utf8.RuneCountInString(s) <= 190 {
		return s
	}
	return string([]rune(s)[:190])
}

// quoteSQL writes a literal of SQLite, which holds no NUL.
func quoteSQL(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", ""), "'", "''") + "'"
}
