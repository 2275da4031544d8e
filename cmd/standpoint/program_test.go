package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDigestProgram(t *testing.T) {
	var a, b bytes.Buffer
	if err := digestProgram(&a); err != nil || a.Len() == 0 {
		t.Fatalf("%d bytes, %v", a.Len(), err)
	}
	if err := digestProgram(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("another digest of the same program, %v", err)
	}
}

func TestBuildIDOfNoProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte("no program"), 0o666); err != nil {
		t.Fatal(err)
	}
	if id := buildID(path); id != "" {
		t.Errorf("the ID %q", id)
	}
	if id := buildID(path + "-absent"); id != "" {
		t.Errorf("the ID %q of a file that is not there", id)
	}
}
