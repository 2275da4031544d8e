package reader

import (
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	day := "2017-04-07T00:00:00Z"
	for _, test := range []struct{ in, want string }{ // want: RFC 3339, or the note
		{"2017-04-07", day},
		{"2017-4-7", day},
		{"2017/04/07", day},
		{"2017.04.07", day},
		{"20170407", day},
		{" 2017-04-07\t", day},
		{"April 7, 2017", day},
		{"Apr. 7 2017", day},
		{"April 7th, 2017", day},
		{"7 April 2017", day},
		{"7th of April 2017", day},
		{"07-Apr-2017", day},
		{"7/Apr/2017", day},
		{"Friday, April 7, 2017", day},
		{"Fri, 7 Apr 2017", day},
		{"Sept. 9, 2016", "2016-09-09T00:00:00Z"},
		{"2017-04-07T10:15:30Z", "2017-04-07T10:15:30Z"},
		{"2017-04-07T10:15:30+03:00", "2017-04-07T07:15:30Z"},
		{"2017-04-07T10:15:30.250Z", "2017-04-07T10:15:30.25Z"},
		{"2017-04-07 10:15:30.123456", "2017-04-07T10:15:30.123456Z"},
		{"2017-04-07 10:15", "2017-04-07T10:15:00Z"},
		{"2017-04-07 22:30:00-0500", "2017-04-08T03:30:00Z"},
		{"20170407T101530Z", "2017-04-07T10:15:30Z"},
		{"20170407101530", "2017-04-07T10:15:30Z"},
		{"Fri, 07 Apr 2017 10:15:30 GMT", "2017-04-07T10:15:30Z"},
		{"Fri, 07 Apr 2017 10:15:30 EST", "2017-04-07T15:15:30Z"},
		{"April 7, 2017 5:42 PM", "2017-04-07T17:42:00Z"},
		{"April 7, 2017 at 5:42 p.m. EDT", "2017-04-07T21:42:00Z"},
		{"4/17/2017 12:00 AM", "2017-04-17T00:00:00Z"},
		{"4/17/2017 12:30pm", "2017-04-17T12:30:00Z"},
		{"Fri Apr  7 10:15:30 UTC 2017", "2017-04-07T10:15:30Z"},
		{"Fri Apr 07 2017 10:15:30 GMT+0300 (Arabia Standard Time)", "2017-04-07T07:15:30Z"},
		{"1491560130", "2017-04-07T10:15:30Z"},
		{"1491560130.0", "2017-04-07T10:15:30Z"},
		{"1491560130250", "2017-04-07T10:15:30.25Z"},

		// Numbers with one reading, and with several.
		{"4/16/17", "2017-04-16T00:00:00Z"},
		{"10/29/16", "2016-10-29T00:00:00Z"},
		{"25.12.2017", "2017-12-25T00:00:00Z"},
		{"12/25/2017", "2017-12-25T00:00:00Z"},
		{"03/03/2017", "2017-03-03T00:00:00Z"},
		{"1/31/99", "1999-01-31T00:00:00Z"},
		{"03/04/2017", `ambiguous date: "03/04/2017"`},
		{"4/7/17", `ambiguous date: "4/7/17"`},
		{"16/10/17", `ambiguous date: "16/10/17"`},

		{"", "no date"},
		{" ", "no date"},
		{"None", "no date"},
		{"2017-02-30", `no such day: "2017-02-30"`},
		{"31/31/2017", `no such day: "31/31/2017"`},
		{"2017-00-10", `no such day: "2017-00-10"`},
		{"February 29, 2017", `no such day: "February 29, 2017"`},
		{"2017-04-07 25:00", `no such time of day: "2017-04-07 25:00"`},
		{"2017-04-07 13:00 PM", `no such time of day: "2017-04-07 13:00 PM"`},
		{"2017-04-07 10:15 IST", `unknown time zone: "2017-04-07 10:15 IST"`},
		{"April 7, 2017 5:42 PM ET", `unknown time zone: "April 7, 2017 5:42 PM ET"`},
		{"2017", `date without a day: "2017"`},
		{"2017-04", `date without a day: "2017-04"`},
		{"April 2017", `date without a day: "April 2017"`},
		{"April 7", `date not understood: "April 7"`},
		{"yesterday", `date not understood: "yesterday"`},
		{"7 Avril 2017", `date not understood: "7 Avril 2017"`},
		{"2017-04-07 or so", `date not understood: "2017-04-07 or so"`},
		{"2150-01-01", `year outside 1800 to 2100: "2150-01-01"`},
		{"0001-01-01T00:00:00Z", `year outside 1800 to 2100: "0001-01-01T00:00:00Z"`},
		{strings.Repeat("x", 100), `date not understood: "` + strings.Repeat("x", 60) + `…"`},
	} {
		got, note := ParseDate(test.in)
		if note == "" {
			note = got.Format(time.RFC3339Nano)
		} else if !got.IsZero() {
			t.Errorf("ParseDate(%q) has both %v and the note %q", test.in, got, note)
		}
		if note != test.want {
			t.Errorf("ParseDate(%q) = %s, want %s", test.in, note, test.want)
		}
	}
}

// The zone of the machine must not decide what a date means.
func TestParseDateAnywhere(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	for _, in := range []string{"Fri Apr  7 10:15:30 UTC 2017", "2017-04-07 10:15 IST", "Fri, 07 Apr 2017 10:15:30 EST", "April 7, 2017",
		"Fri Apr 07 2017 10:15:30 GMT+0530 (IST)"} {
		time.Local = time.UTC
		want, wantNote := ParseDate(in)
		time.Local = time.FixedZone("IST", 5*3600+1800)
		if got, note := ParseDate(in); !got.Equal(want) || note != wantNote || got.Location() != time.UTC {
			t.Errorf("ParseDate(%q) = %v %q, elsewhere %v %q", in, got, note, want, wantNote)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2017-04-07", "4/16/17", "April 7th, 2017 at 5:42 p.m. EDT", "Fri Apr  7 10:15:30 UTC 2017", "1491560130", "2017-04-07T10:15:30.25+03:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, note := ParseDate(s)
		if got.IsZero() == (note == "") {
			t.Fatalf("ParseDate(%q) = %v with the note %q", s, got, note)
		}
		if note == "" {
			again, _ := ParseDate(got.Format(time.RFC3339Nano))
			if !again.Equal(got) || got.Year() < firstYear || got.Year() > lastYear {
				t.Fatalf("ParseDate(%q) = %v, which reads back as %v", s, got, again)
			}
		}
	})
}
