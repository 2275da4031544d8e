package language

import (
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	for _, test := range []struct{ want, text string }{
		{"en", "The envoy of Asterhaven said on Monday that no strike would go unanswered, and that the council had been told of it by its own ministers."},
		{"en", "PRESIDENT RENN SAYS THE RAID WAS LAWFUL AND THAT THE COUNCIL HAD BEEN TOLD OF IT BEFORE THE MISSILES WERE FIRED AT THE BASE."},
		{"de", "Die Gesandte aus Asterhaven sagte am Montag, kein Angriff werde ohne Antwort bleiben, und der Rat sei von den eigenen Ministern unterrichtet worden."},
		{"fr", "L'envoyée d'Asterhaven a déclaré lundi qu'aucune frappe ne resterait sans réponse et que le conseil avait été prévenu par ses propres ministres."},
		{"es", "La enviada de Asterhaven dijo el lunes que ningún ataque quedaría sin respuesta y que el consejo había sido informado por sus propios ministros."},
		{"el", "Η απεσταλμένη της Αστερχέιβεν δήλωσε τη Δευτέρα ότι κανένα πλήγμα δεν θα έμενε αναπάντητο και ότι το συμβούλιο είχε ενημερωθεί από τους υπουργούς του."},
		{"und", strings.Repeat("Ilvo netaru shimble kroptas vendi umarish pelloq trand zivvi ", 6)},
		{"ar", "قالت المبعوثة يوم الاثنين إن أي ضربة لن تمر دون رد وإن المجلس أبلغ بذلك من وزرائه قبل إطلاق الصواريخ على القاعدة الجوية في وسط البلاد."},
		{"", "Roth leaves."},
		{"", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"},
		{"", ""},
	} {
		if got := Identify(test.text); got != test.want {
			t.Errorf("%.40q: %q, want %q", test.text, got, test.want)
		}
	}
	// An English article that quotes another language stays English.
	mixed := strings.Repeat("The envoy said that the vote had been held and that it was lawful. ", 5) + "«Aucune frappe ne resterait sans réponse», a déclaré la ministre."
	if got := Identify(mixed); got != "en" {
		t.Errorf("mixed text: %q", got)
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("The envoy said so.")
	f.Add(strings.Repeat("\xff\u0301é", 3000))
	f.Fuzz(func(t *testing.T, text string) {
		a := Identify(text)
		if b := Identify(text); a != b || len(a) > 3 {
			t.Fatalf("%q, then %q", a, b)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	text := strings.Repeat("The envoy of Asterhaven said on Monday that no strike would go unanswered. ", 60)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Identify(text)
	}
}
