package models

import _ "embed"

//go:embed wordpieces.txt
var wordPieces string

// WordPieces returns the uncased vocabulary of BERT (Devlin et al., 2019), one
// piece a line.
func WordPieces() string { return wordPieces }
