package kernel

import "math"

// generic is plain Go, for every CPU, and what the tests hold the other paths to.
var generic = path{
	name: "generic", panels: 1, tile: 2, rows: genericRows, prepare: genericPrepare, product: genericProduct, finish: genericFinish,
	quantise: genericQuantise, norm: genericNorm, addNorm: genericAddNorm, gelu: genericGELU, softmax: genericSoftmax,
	attention: genericAttention, matMulT: genericMatMulT,
}

func genericRows(int) int { return 32 }

// genericPrepare puts two rows into one word each, the first into the lower
// half, so that one multiplication serves both.
func genericPrepare(ws *Workspace, data []uint8, m, k int) {
	ws.block = grow(ws.block, (m+1)/2*k)
	for i := 0; i < m; i += 2 {
		lo, dst := data[i*k:(i+1)*k], ws.block[i/2*k:(i/2+1)*k]
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

func genericProduct(ws *Workspace, _ []uint8, w []int8, _ []int32, m, k int) {
	for i := 0; i < m; i += 2 {
		a := ws.block[i/2*k : (i/2+1)*k]
		lo, hi := ws.acc[i*columns:][:columns], ws.acc[(i+1)*columns:][:columns]
		for j := 0; j < columns; j += 2 {
			s, u := twoColumns(a, w[j*4:])
			// a negative lower half has borrowed one from the upper
			lo[j], lo[j+1] = int32(s), int32(u)
			hi[j], hi[j+1] = int32((s-int64(int32(s)))>>32), int32((u-int64(int32(u)))>>32)
		}
	}
}

// twoColumns is apart from genericProduct so that its sums stay in registers.
func twoColumns(a []int64, w []int8) (s, u int64) {
	for t := 0; t+4 <= len(a); t += 4 {
		x, c := (*[4]int64)(a[t:]), (*[8]int8)(w[t*columns:])
		s += x[0] * int64(c[0])
		u += x[0] * int64(c[4])
		s += x[1] * int64(c[1])
		u += x[1] * int64(c[5])
		s += x[2] * int64(c[2])
		u += x[2] * int64(c[6])
		s += x[3] * int64(c[3])
		u += x[3] * int64(c[7])
	}
	return s, u
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

// roundBias is 1.5·2²³: added to a float32 up to 2²² it leaves the nearest
// integer, ties to even, in the lowest bits.
const roundBias = 3 << 22

func genericQuantise(dst []uint8, x []float32) (scale float32, zero int32) {
	lo, hi := float32(0), float32(0)
	for _, v := range x {
		if v < lo {
			lo = v
		} else if v > hi {
			hi = v
		}
	}
	scale, inverse, zero := steps(lo, hi)
	shift := zero - int32(math.Float32bits(roundBias))
	dst = dst[:len(x)]
	for i, v := range x {
		v = float32(v * inverse) // rounded before the addition on every CPU
		n := int32(math.Float32bits(v+roundBias)) + shift
		if n > 255 { // where both ends of the range are ties
			n = 255
		}
		dst[i] = uint8(n)
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
	var s [4]float32
	for i, v := range x {
		s[i%4] += v
	}
	mean := ((s[0] + s[1]) + (s[2] + s[3])) / float32(len(x))
	s = [4]float32{}
	for i, v := range x {
		s[i%4] += (v - mean) * (v - mean)
	}
	variance := ((s[0] + s[1]) + (s[2] + s[3])) / float32(len(x))
	inverse := 1 / float32(math.Sqrt(float64(variance+eps)))
	dst, gamma, beta = dst[:len(x)], gamma[:len(x)], beta[:len(x)]
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

// GELU is x·(½ + t·P(t²)), t = x cut to ±geluCut: a least-squares fit, reweighted
// to even out the error and held to ½ at the cut, within 5e-5 of x·Φ(x).
const geluCut = 4.4

func genericGELU(x []float32) {
	for i, v := range x {
		low := float64(v)
		if low < -geluCut {
			low = -geluCut
		}
		t := low
		if t > geluCut {
			t = geluCut
		}
		u := t * t
		p := 3.56942254e-11
		p = p*u - 3.7540433e-09
		p = p*u + 1.74084533e-07
		p = p*u - 4.72486454e-06
		p = p*u + 8.4292973e-05
		p = p*u - 0.0010549922
		p = p*u + 0.00964302756
		p = p*u - 0.0660764277
		p = p*u + 0.3987616
		x[i] = float32(low * (0.5 + t*p))
	}
}

// exp is e^x for x ≤ 0: 2^round(y) through the exponent's bits, y = x·log₂e, the
// rest by a polynomial of degree 5, relative error 1e-7·(1+|x|).
func exp(x float32) float32 {
	y := x * math.Log2E
	if y < -126 {
		y = -126
	}
	k := (y + roundBias) - roundBias
	f := y - k
	p := float32(0.0013276472)
	p = p*f + 0.0096755415
	p = p*f + 0.0555071328
	p = p*f + 0.240221197
	p = p*f + 0.693146967
	p = p*f + 1.00000007
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(k))<<23)
}

func genericSoftmax(x []float32) {
	top := float32(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	sum := float32(0)
	for i, v := range x {
		x[i] = exp(v - top)
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
		j := 0
		for ; j+4 <= l; j += 4 {
			p0, p1, p2, p3 := scores[j], scores[j+1], scores[j+2], scores[j+3]
			v0, v1 := v[j*ldQKV:][:len(dst)], v[(j+1)*ldQKV:][:len(dst)]
			v2, v3 := v[(j+2)*ldQKV:][:len(dst)], v[(j+3)*ldQKV:][:len(dst)]
			for t := range dst {
				dst[t] += (p0*v0[t] + p1*v1[t]) + (p2*v2[t] + p3*v3[t])
			}
		}
		for ; j < l; j++ {
			for t, u := range v[j*ldQKV:][:len(dst)] {
				dst[t] += scores[j] * u
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
