package kernel

import (
	"fmt"
	"testing"
)

// onEach runs a benchmark on each path of this CPU and reports how many
// thousand million additions and multiplications it makes a second.
func onEach(b *testing.B, name string, ops float64, bytes int, f func()) {
	b.Helper()
	best := Path()
	defer Use(best)
	for _, p := range Paths() {
		if p == twoPanels.name {
			continue
		}
		Use(p)
		b.Run(name+"/"+p, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(bytes))
			for b.Loop() {
				f()
			}
			b.ReportMetric(ops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
		})
	}
}

// BenchmarkLinear is a linear layer from float32 to float32: quantise, product,
// scales and bias.
func BenchmarkLinear(b *testing.B) {
	for _, s := range [][3]int{{128, 1536, 384}, {128, 384, 1536}, {128, 1152, 384}, {37, 1536, 384}} {
		m, n, k := s[0], s[1], s[2]
		r, ws, q := generator(), &Workspace{}, &Quantised{}
		w := make([]int8, n*k)
		extremes(r, "random", nil, w)
		x, y, scaleW, bias := floats(r, m*k, 1), make([]float32, m*n), floats(r, n, 0.001), floats(r, n, 1)
		p, ops := Pack(w, n, k), 2*float64(m*n*k)
		name := fmt.Sprintf("%dx%dx%d", m, k, n)
		onEach(b, name, ops, 4*m*k, func() {
			q.Quantise(x, m, k)
			p.Linear(ws, y, q, scaleW, bias)
		})
		onEach(b, name+"/gelu", ops, 4*m*k, func() {
			q.Quantise(x, m, k)
			p.LinearGELU(ws, y, q, scaleW, bias)
		})
	}
}

func BenchmarkPack(b *testing.B) {
	const n, k = 1536, 384
	w := make([]int8, n*k)
	extremes(generator(), "random", nil, w)
	b.ReportAllocs()
	b.SetBytes(n * k)
	for b.Loop() {
		Pack(w, n, k)
	}
}

func BenchmarkQuantise(b *testing.B) {
	x, q := floats(generator(), 128*384, 1), &Quantised{}
	onEach(b, "128x384", 0, 4*len(x), func() { q.Quantise(x, 128, 384) })
}

func BenchmarkAddLayerNorm(b *testing.B) {
	r := generator()
	x, y, dst, gamma := floats(r, 128*384, 1), floats(r, 128*384, 1), make([]float32, 128*384), floats(r, 384, 1)
	onEach(b, "128x384", 0, 4*len(x), func() { AddLayerNorm(dst, x, y, gamma, gamma, 128, 384, 1e-12) })
}

func BenchmarkEmbed(b *testing.B) {
	r, w, dst := generator(), make([]int8, 384), make([]float32, 384)
	extremes(r, "random", nil, w)
	x, y, z := floats(r, 384, 1), floats(r, 384, 1), floats(r, 384, 1)
	onEach(b, "384", 0, 4*len(x), func() { Embed(dst, w, 0.01, x, y, z) })
}

func BenchmarkGELU(b *testing.B) {
	x, y := floats(generator(), 128*1536, 1), make([]float32, 128*1536)
	onEach(b, "128x1536", 0, 4*len(x), func() {
		copy(y, x)
		GELU(y)
	})
}

func BenchmarkAttention(b *testing.B) {
	for _, l := range []int{37, 128, 256} {
		const heads, ld = 12, 1152
		qkv, out, ws := floats(generator(), l*ld, 1), make([]float32, l*384), &Workspace{}
		onEach(b, fmt.Sprintf("%d", l), float64(4*l*l*384), 4*3*l*384, func() {
			Attention(ws, out, qkv, qkv[384:], qkv[768:], l, l, heads, ld, 384)
		})
	}
}

func BenchmarkMatMulT(b *testing.B) {
	const m, n, k = 128, 12, 384
	r, dst := generator(), make([]float32, m*n)
	x, y := floats(r, m*k, 1), floats(r, n*k, 1)
	onEach(b, "128x384x12", 2*m*n*k, 4*m*k, func() { MatMulT(dst, x, y, m, n, k) })
}
