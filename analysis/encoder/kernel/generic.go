package kernel

import "math"

// generic is plain Go, for every CPU, and what the tests hold the other paths to.
var generic = path{
	name: "generic", panels: 1, rows: genericRows, prepare: genericPrepare, product: genericProduct, finish: genericFinish,
	quantise: genericQuantise, norm: genericNorm, addNorm: genericAddNorm, gelu: genericGELU, softmax: genericSoftmax,
	attention: genericAttention, matMulT: genericMatMulT,
}

func genericRows(int) int { return 32 }

// genericPrepare puts two rows into one word each, the first into the lower
// half, so that one multiplication serves both.
func genericPrepare(ws *Workspace, data []uint8, m, k int) {
	ws.pairs = grow(ws.pairs, (m+1)/2*k)
	for i := 0; i < m; i += 2 {
		lo, dst := data[i*k:(i+1)*k], ws.pairs[i/2*k:(i/2+1)*k]
		if i+1 == m {
			for t, v := range lo {
				dst[t] = int64(v)
			}
			continue
		}
		hi := data[(i+1)*k : (i+2)*k]
		for t, v := range lo {
			dst[t] = int64(v) | int64(hi[t])<<32
		}
	}
}

func genericProduct(ws *Workspace, _ []uint8, w []int8, m, k int) {
	for i := 0; i < m; i += 2 {
		a := ws.pairs[i/2*k : (i/2+1)*k]
		lo, hi := ws.acc[i*columns:][:columns], ws.acc[(i+1)*columns:][:columns]
		for j := 0; j < columns; j += 2 {
			var s, u int64
			p := w[j*4:]
			for t := 0; t+4 <= len(a); t += 4 {
				x, c := a[t:t+4:t+4], p[t*columns:][:8:8]
				s += x[0]*int64(c[0]) + x[1]*int64(c[1]) + x[2]*int64(c[2]) + x[3]*int64(c[3])
				u += x[0]*int64(c[4]) + x[1]*int64(c[5]) + x[2]*int64(c[6]) + x[3]*int64(c[7])
			}
			// a negative lower half has borrowed one from the upper
			lo[j], lo[j+1] = int32(s), int32(u)
			hi[j], hi[j+1] = int32((s-int64(int32(s)))>>32), int32((u-int64(int32(u)))>>32)
		}
	}
}

func genericFinish(t *tile) {
	sums, scaleW, bias := t.sums[:columns], t.scaleW[:columns], t.bias[:columns]
	for i := range t.m {
		acc, dst := t.acc[i*t.ldAcc:][:columns], t.dst[i*t.ld:][:columns]
		scale, zero := t.scale[i], t.zero[i]
		var residual []float32
		if t.finish == add {
			residual = t.residual[i*t.ld:][:columns]
		}
		for j, v := range acc {
			y := float32(v-zero*sums[j])*(scale*scaleW[j]) + bias[j]
			if residual != nil {
				y += residual[j]
			}
			dst[j] = y
		}
		if t.finish == gelu {
			genericGELU(dst)
		}
	}
}

func genericQuantise(dst []uint8, x []float32) (scale float32, zero int32) {
	lo, hi := float32(0), float32(0)
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	scale, inverse, zero := steps(lo, hi)
	for i, v := range x {
		dst[i] = uint8(min(max(int32(math.RoundToEven(float64(v*inverse)))+zero, 0), 255))
	}
	return scale, zero
}

// steps divides the range lo..hi, which holds 0, into 255 steps.
func steps(lo, hi float32) (scale, inverse float32, zero int32) {
	scale = (hi - lo) / 255
	inverse = 1 / scale
	if scale == 0 || math.IsInf(float64(inverse), 0) {
		return 1, 0, 0 // nothing but zeros, or as good as that
	}
	return scale, inverse, int32(math.RoundToEven(float64(-lo * inverse)))
}

func genericNorm(dst, x, gamma, beta []float32, eps float32) {
	sum := float32(0)
	for _, v := range x {
		sum += v
	}
	mean, squares := sum/float32(len(x)), float32(0)
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	inverse := 1 / float32(math.Sqrt(float64(squares/float32(len(x))+eps)))
	for i, v := range x {
		dst[i] = (v-mean)*inverse*gamma[i] + beta[i]
	}
}

func genericAddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	for i, v := range x {
		dst[i] = v + residual[i]
	}
	genericNorm(dst, dst, gamma, beta, eps)
}

func genericGELU(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * (1 + math.Erf(float64(v)*(math.Sqrt2/2))))
	}
}

func genericSoftmax(x []float32) {
	top := float32(math.Inf(-1))
	for _, v := range x {
		top = max(top, v)
	}
	sum := float32(0)
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v - top)))
		sum += x[i]
	}
	inverse := 1 / sum
	for i := range x {
		x[i] *= inverse
	}
}

func genericAttention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32) {
	ws.floats = grow(ws.floats, l)
	scores := ws.floats
	for i := range l {
		row := q[i*ldQKV:][:d]
		for j := range scores {
			scores[j] = scale * dot(row, k[j*ldQKV:][:d])
		}
		genericSoftmax(scores)
		dst := out[i*ldOut:][:d]
		clear(dst)
		for j, p := range scores {
			for t, u := range v[j*ldQKV:][:d] {
				dst[t] += p * u
			}
		}
	}
}

func genericMatMulT(dst, a, b []float32, m, n, k int) {
	for i := range m {
		for j := range n {
			dst[i*n+j] = dot(a[i*k:(i+1)*k], b[j*k:(j+1)*k])
		}
	}
}

// dot keeps four sums, so that the additions need not wait for each other.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	t := 0
	for ; t+4 <= len(a); t += 4 {
		x, y := a[t:t+4:t+4], b[t:t+4:t+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for ; t < len(a); t++ {
		s0 += a[t] * b[t]
	}
	return (s0 + s1) + (s2 + s3)
}
