package reader

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchText is invented prose with the escapes that JSON needs.
var benchText = strings.Repeat("The envoy of Asterhaven said on Monday that “no strike” would \"go unanswered\".\n\n"+
	"Rosalind Achterberg, who leads the delegation, declined to comment on the veto until the council meets again. ", 30)

func benchmark(b *testing.B, name string, corpus []byte, articles int) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(len(corpus)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			err := Read(context.Background(), []string{"-"}, bytes.NewReader(corpus), Options{}, func(item Item) error {
				if item.Doc != nil {
					n++
				}
				return nil
			})
			if err != nil || n != articles {
				b.Fatalf("%d articles, %v", n, err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	const articles = 500
	var jsonl bytes.Buffer
	for i := range articles {
		json.NewEncoder(&jsonl).Encode(map[string]any{"id": i, "title": "The veto", "text": benchText, "publisher": "Harbour Post",
			"date": "2017-04-07", "url": "https://harbour.example/1", "authors": []string{"A. Writer"}})
	}
	benchmark(b, "jsonl", jsonl.Bytes(), articles)
	benchmark(b, "text", []byte("The veto\n\n"+benchText), 1)
}

func BenchmarkCSV(b *testing.B) {
	const articles = 500
	var csv bytes.Buffer
	csv.WriteString("id,title,text,date\n")
	for i := range articles {
		fmt.Fprintf(&csv, "%d,The veto,\"%s\",2017-04-07\n", i, strings.ReplaceAll(benchText, `"`, `""`))
	}
	b.SetBytes(int64(csv.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		r := &run{ctx: context.Background(), fields: newFieldTable(Fields{}), max: DefaultMaxArticleBytes, yield: func(Item) error { n++; return nil }}
		if err := r.stream(source{path: "-", format: commas}, io.Reader(bytes.NewReader(csv.Bytes()))); err != nil || n != articles {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseDate("Fri, 07 Apr 2017 10:15:30 GMT")
	}
}
