package mention

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/standpoint-news/standpoint/models"
)

var update = flag.Bool("update", false, "write models/speakers.json anew")

// TestCatalogueFile holds the embedded catalogue to the file that people write.
func TestCatalogueFile(t *testing.T) {
	text, err := os.ReadFile("../../models/speakers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file catalogueFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(file); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../models/speakers.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want.Bytes(), models.Speakers()) {
		t.Error("models/speakers.json is not made from models/speakers.yaml as it is now: run go test ./analysis/mention -run CatalogueFile -update")
	}
}
