package models

import _ "embed"

//go:embed targets.yaml
var targets []byte

// Targets returns the default targets, a YAML file with the keys "targets" and
// "events": Syria, Assad and the strikes. It is the example that "config init" writes.
func Targets() []byte { return targets }
