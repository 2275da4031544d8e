// Package encoder is a small transformer: word pieces in, a vector for each
// out. It knows no task; the heads that label words or pairs are the stages'.
//
// The network is BERT (Devlin et al., 2019) in the size of MiniLM-L6 (Wang et
// al., 2020): six layers of width 384, with two more embeddings added to each
// piece for what the uncased pieces have lost, how the word is written and
// where it stands to quotation marks. Weights are int8 with a scale for each
// output; activations are quantised to uint8 with a scale and zero point for
// each piece as they come (Jacob et al., 2018, with dynamic ranges), and so are
// queries, keys, values and probabilities of attention. What lies between the
// products is float32 in one fixed order, so that every CPU gives the same bytes;
// see package kernel.
package encoder

import (
	"fmt"

	"github.com/standpoint-news/standpoint/analysis/encoder/kernel"
)

const epsilon = 1e-12 // of the norms, as in BERT

// A Model is an encoder. It is safe for concurrent use.
type Model struct {
	width, longest int

	word      []int8 // [vocabulary][width]
	wordScale []float32
	position  []float32 // [longest][width]
	shape     []float32 // [shapes][width]
	quote     []float32 // [quotes][width]
	role      []float32 // [roles][width], or none
	norm      layerNorm
	layers    []layer
}

type layerNorm struct{ gamma, beta []float32 }

// A Linear is a layer with int8 weights: y = W·x + b.
type Linear struct {
	weights     *kernel.Weights
	scale, bias []float32
}

type layer struct {
	qkv, output, up, down Linear
	attended, norm        layerNorm
}

// New builds the encoder from the tensors whose names begin with "encoder.".
func New(t *Tensors) (*Model, error) {
	shape := t.Shape("encoder.word")
	if len(shape) != 2 || shape[1]%kernel.NormLanes != 0 {
		return nil, fmt.Errorf("encoder: word embeddings of shape %v", shape)
	}
	m := &Model{width: shape[1]}
	l := Loader{tensors: t, prefix: "encoder."}
	m.word, l.err = t.Int8s("encoder.word", shape...)
	m.wordScale = l.Floats("word.scale", shape[0])
	m.position = l.Floats("position", -1, m.width)
	m.longest = len(m.position) / m.width
	m.shape = l.Floats("shape", -1, m.width)
	m.quote = l.Floats("quote", -1, m.width)
	if t.Shape("encoder.role") != nil {
		m.role = l.Floats("role", -1, m.width)
	}
	m.norm = l.norm("norm", m.width)
	for i := 0; ; i++ {
		p := fmt.Sprintf("layers.%d.", i)
		inner := t.Shape("encoder." + p + "up.weight")
		if len(inner) != 2 {
			break
		}
		m.layers = append(m.layers, layer{
			qkv: l.Linear(p+"qkv", 3*m.width, m.width), output: l.Linear(p+"output", m.width, m.width), attended: l.norm(p+"attended", m.width),
			up: l.Linear(p+"up", inner[0], m.width), down: l.Linear(p+"down", m.width, inner[0]), norm: l.norm(p+"norm", m.width),
		})
	}
	if l.err == nil && len(m.layers) == 0 {
		l.err = fmt.Errorf("encoder: the tensor file has no layer")
	}
	return m, l.err
}

// A Loader reads tensors whose names begin alike, until the first error.
type Loader struct {
	tensors *Tensors
	prefix  string
	err     error
}

// NewLoader reads tensors of the given prefix.
func NewLoader(t *Tensors, prefix string) *Loader { return &Loader{tensors: t, prefix: prefix} }

// Err is the first error.
func (l *Loader) Err() error { return l.err }

// Floats reads a tensor of float32; see Tensors.Floats.
func (l *Loader) Floats(name string, shape ...int) []float32 {
	if l.err != nil {
		return nil
	}
	var out []float32
	out, l.err = l.tensors.Floats(l.prefix+name, shape...)
	return out
}

// Linear reads a layer of n outputs and k inputs: name.weight (int8),
// name.scale and name.bias.
func (l *Loader) Linear(name string, n, k int) Linear {
	if l.err != nil {
		return Linear{}
	}
	var w []int8
	if w, l.err = l.tensors.Int8s(l.prefix+name+".weight", n, k); l.err != nil {
		return Linear{}
	}
	return Linear{kernel.Pack(w, n, k), l.Floats(name+".scale", n), l.Floats(name+".bias", n)}
}

func (l *Loader) norm(name string, n int) layerNorm {
	return layerNorm{l.Floats(name+".weight", n), l.Floats(name+".bias", n)}
}

// Width is the length of a piece's vector.
func (m *Model) Width() int { return m.width }

// Longest is the greatest number of pieces that a sequence may have.
func (m *Model) Longest() int { return m.longest }

// A Sequence is a text for the encoder: ids of pieces, beginning with CLS and
// ending with SEP, and the shape and quote state of each. Roles, where a model
// has embeddings for them, say what part a piece plays in the question asked.
// Wanted lists the pieces, in order, whose vectors are asked for; nil asks for
// all. The last layer is spared the others.
type Sequence struct {
	Pieces                []int32
	Shapes, Quotes, Roles []uint8
	Wanted                []int32
}

// A Workspace holds what one goroutine needs to encode. Its buffers grow with
// the longest batch, then nothing is allocated.
type Workspace struct {
	kernel                 kernel.Workspace
	quantised              kernel.Quantised
	x, y, qkv, context, up []float32
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// The numbers of pieces that pass through a layer's wide middle, and at least
// through its attention, at a time: with the weights, their activations fit into
// the second cache.
const (
	blockRows = 64
	groupRows = 160
)

// Encode returns the vectors of all pieces of the sequences, or of those that
// each asks for, one after the other, row-major [pieces][width]. A sequence's
// vectors do not depend on which others stand beside it. The slice is the
// workspace's and holds until its next use.
func (m *Model) Encode(ws *Workspace, batch ...Sequence) ([]float32, error) {
	n := 0
	for _, s := range batch {
		if err := m.check(s); err != nil {
			return nil, err
		}
		n += len(s.Pieces)
	}
	h := m.width
	ws.x, ws.context = grow(ws.x, n*h), grow(ws.context, n*h)
	ws.y = grow(ws.y, min(n, blockRows)*h)
	if err := m.embed(ws.x, batch); err != nil {
		return nil, err
	}
	kernel.LayerNorm(ws.x, ws.x, m.norm.gamma, m.norm.beta, n, h, epsilon)
	for i := range m.layers {
		last := i == len(m.layers)-1
		m.attend(ws, &m.layers[i], batch, last)
		if last {
			n = ws.choose(batch, h)
		}
		for at := 0; at < n; at += blockRows {
			end := min(n, at+blockRows)
			m.forward(ws, &m.layers[i], ws.x[at*h:end*h], ws.context[at*h:end*h], end-at)
		}
	}
	return ws.x[:n*h], nil
}

func (m *Model) check(s Sequence) error {
	if len(s.Pieces) > m.longest {
		return fmt.Errorf("encoder: a sequence of %d pieces: the model takes %d at most", len(s.Pieces), m.longest)
	}
	roles := 0
	if m.role != nil {
		roles = len(s.Pieces)
	}
	if len(s.Shapes) != len(s.Pieces) || len(s.Quotes) != len(s.Pieces) || len(s.Roles) != roles {
		return fmt.Errorf("encoder: %d pieces with %d shapes, %d quote states, %d roles", len(s.Pieces), len(s.Shapes), len(s.Quotes), len(s.Roles))
	}
	for i, p := range s.Wanted {
		if p < 0 || int(p) >= len(s.Pieces) || i > 0 && p <= s.Wanted[i-1] {
			return fmt.Errorf("encoder: the vectors wanted of %d pieces are not pieces in order", len(s.Pieces))
		}
	}
	return nil
}

// attend fills ws.context with what the pieces of ws.x attend to, groupRows of
// them at least at a time; in the last layer only those that are wanted.
func (m *Model) attend(ws *Workspace, l *layer, batch []Sequence, last bool) {
	h, at, asked := m.width, 0, 0
	for i := 0; i < len(batch); {
		n, j := 0, i
		for ; j < len(batch) && n < groupRows; j++ {
			n += len(batch[j].Pieces)
		}
		ws.qkv = grow(ws.qkv, 3*n*h)
		ws.Apply(ws.qkv, ws.x[at*h:], n, l.qkv)
		at += n
		qkv := ws.qkv
		for _, s := range batch[i:j] {
			n := len(s.Pieces)
			queries := n
			if last && s.Wanted != nil {
				queries = len(s.Wanted)
				for to, from := range s.Wanted {
					copy(qkv[3*to*h:][:h], qkv[3*int(from)*h:])
				}
			}
			if queries > 0 {
				kernel.Attention(&ws.kernel, ws.context[asked*h:], qkv, qkv[h:], qkv[2*h:], queries, n, h/kernel.HeadWidth, 3*h, h)
			}
			qkv = qkv[3*n*h:]
			asked += queries
		}
		i = j
	}
}

// forward is the rest of a layer, for n of the pieces: it brings x to the next.
func (m *Model) forward(ws *Workspace, l *layer, x, context []float32, n int) {
	h := m.width
	ws.Apply(ws.y, context, n, l.output)
	kernel.AddLayerNorm(x, ws.y, x, l.attended.gamma, l.attended.beta, n, h, epsilon)
	ws.up = grow(ws.up, n*l.up.weights.N)
	ws.quantised.Quantise(x, n, h)
	l.up.weights.LinearGELU(&ws.kernel, ws.up, &ws.quantised, l.up.scale, l.up.bias)
	ws.Apply(ws.y, ws.up, n, l.down)
	kernel.AddLayerNorm(x, ws.y, x, l.norm.gamma, l.norm.beta, n, h, epsilon)
}

// choose moves the pieces that the sequences ask for to the front, as attend has
// left what they attend to, and returns how many they are.
func (ws *Workspace) choose(batch []Sequence, width int) int {
	n, at := 0, 0
	take := func(from int) {
		if from != n {
			copy(ws.x[n*width:(n+1)*width], ws.x[from*width:])
		}
		n++
	}
	for _, s := range batch {
		if s.Wanted == nil {
			for i := range s.Pieces {
				take(at + i)
			}
		}
		for _, p := range s.Wanted {
			take(at + int(p))
		}
		at += len(s.Pieces)
	}
	return n
}

// Apply runs m rows of x through the layer into dst, row-major.
func (ws *Workspace) Apply(dst, x []float32, m int, l Linear) {
	ws.quantised.Quantise(x, m, l.weights.K)
	l.weights.Linear(&ws.kernel, dst, &ws.quantised, l.scale, l.bias)
}

// embed sums the embeddings of each piece.
func (m *Model) embed(dst []float32, batch []Sequence) error {
	h := m.width
	at := 0
	for _, s := range batch {
		for i, id := range s.Pieces {
			if int(id) >= len(m.wordScale) || id < 0 || (int(s.Shapes[i])+1)*h > len(m.shape) || (int(s.Quotes[i])+1)*h > len(m.quote) {
				return fmt.Errorf("encoder: piece %d of shape %d and quote state %d is out of range", id, s.Shapes[i], s.Quotes[i])
			}
			row := dst[at*h : (at+1)*h]
			kernel.Embed(row, m.word[int(id)*h:(int(id)+1)*h], m.wordScale[id], m.position[i*h:], m.shape[int(s.Shapes[i])*h:], m.quote[int(s.Quotes[i])*h:])
			if m.role != nil {
				if (int(s.Roles[i])+1)*h > len(m.role) {
					return fmt.Errorf("encoder: role %d is out of range", s.Roles[i])
				}
				kernel.Add(row, m.role[int(s.Roles[i])*h:])
			}
			at++
		}
	}
	return nil
}
