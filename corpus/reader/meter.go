package reader

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/standpoint-news/standpoint/corpus"
)

// What one input may expand to. News compresses four to twenty times; what
// expands more than two hundred times over is a decompression bomb.
const (
	maxExpansion  = 200
	freeExpansion = 4 << 20 // bytes that any input may expand to
)

// maxDepth bounds the compressions and archives within one another.
const maxDepth = 4

// A meter compares what was read of one file or stream with what came out of
// all decompressors within it.
type meter struct {
	in, out int64
	ahead   *bufio.Reader // holds what was read of the input and not yet used
}

// allowed is how many bytes may have come out so far.
func (m *meter) allowed() int64 {
	used := m.in
	if m.ahead != nil {
		used -= int64(m.ahead.Buffered())
	}
	return freeExpansion + maxExpansion*used
}

var errBomb = errors.New("it expands more than 200 times over")

// packed counts the bytes read of the input itself.
func (m *meter) packed(r io.Reader) io.Reader { return counter{r, &m.in, nil} }

// unpacked counts what a decompressor yields and stops a bomb.
func (m *meter) unpacked(r io.Reader) io.Reader { return counter{r, &m.out, m} }

type counter struct {
	r     io.Reader
	n     *int64
	limit *meter
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	if m := c.limit; m != nil && m.out > m.allowed() {
		return 0, errBomb
	}
	return n, err
}

func bomb(s source, line int) *Rejection {
	return &Rejection{Place: corpus.Place{Path: s.path, Line: line}, Reason: Bomb,
		Message: fmt.Sprintf("decompression bomb: %v", errBomb),
		Mend:    "if its source can be trusted, decompress it first and name the result"}
}

func tooDeep(s source, what string) *Rejection {
	return &Rejection{Place: corpus.Place{Path: s.path}, Reason: Nested,
		Message: "nested too deep: " + what, Mend: "unpack the outer layers first"}
}
