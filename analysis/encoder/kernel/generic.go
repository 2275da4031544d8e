package kernel

import (
	"math"
	"slices"
)

// generic is plain Go, for every CPU, and what the tests hold the other paths to.
var generic = path{
	name: "generic", depth: 4, panels: 1, tile: 2, rows: genericRows, prepare: genericPrepare, product: genericProduct, finish: genericFinish,
	quantise: byRow(genericQuantise), norm: genericNorm, addNorm: genericAddNorm, gelu: genericGELU, matMulT: genericMatMulT,
	dequantise: genericDequantise, add: genericAdd,
	queries: genericQueries, keys: genericKeys, values: genericValues, probabilities: genericProbabilities,
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
		for j, v := range acc {
			dst[j] = float32(float32(v-zero*sums[j])*float32(scale*scaleW[j])) + bias[j]
		}
		if t.finish == gelu {
			genericGELU(dst)
		}
	}
}

// round is the integer nearest to x, |x| ≤ 2²².
func round(x float32) int32 {
	return int32(math.Float32bits(x+roundBias)) - int32(math.Float32bits(roundBias))
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
	dst = dst[:len(x)]
	for i, v := range x {
		n := round(float32(v*inverse)) + zero
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
	return scale, inverse, round(float32(-lo * inverse))
}

// fold adds the upper half of the lanes to the lower until one is left.
func fold(lanes []float32) float32 {
	for n := len(lanes) / 2; n > 0; n /= 2 {
		for i, v := range lanes[n : 2*n] {
			lanes[i] += v
		}
	}
	return lanes[0]
}

func genericDequantise(dst []float32, w []int8, scale float32) {
	for i, v := range w {
		dst[i] = scale * float32(v)
	}
}

func genericAdd(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

func genericNorm(dst, x, gamma, beta []float32, eps float32) {
	var sums, squares [NormLanes]float32
	for t := 0; t < len(x); t += NormLanes {
		for i, v := range x[t : t+NormLanes] {
			sums[i] += v
		}
	}
	n := float32(len(x))
	mean := fold(sums[:]) / n
	for t := 0; t < len(x); t += NormLanes {
		for i, v := range x[t : t+NormLanes] {
			squares[i] += float32((v - mean) * (v - mean))
		}
	}
	inverse := 1 / float32(math.Sqrt(float64(fold(squares[:])/n+eps)))
	dst, gamma, beta = dst[:len(x)], gamma[:len(x)], beta[:len(x)]
	for i, v := range x {
		dst[i] = float32(float32((v-mean)*inverse)*gamma[i]) + beta[i]
	}
}

func genericAddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	for i, v := range x {
		dst[i] = v + residual[i]
	}
	genericNorm(dst, dst, gamma, beta, eps)
}

// GELU is x·(½ + t·P(t²)), t = x cut to ±geluCut: a least-squares fit, reweighted
// to even out the error and held to ½ at the cut, within 5e-4 of x·Φ(x). That is
// small beside the steps of the 8 bits to which its values are brought next.
const geluCut = 3.65

func genericGELU(x []float32) {
	for i, v := range x {
		low := max(v, -geluCut)
		t := min(low, geluCut)
		u := float32(t * t)
		p := float32(-4.984653e-07)
		p = float32(p*u) + 2.7207429e-05
		p = float32(p*u) - 0.00062189513
		p = float32(p*u) + 0.00787576
		p = float32(p*u) - 0.06265898
		p = float32(p*u) + 0.39653435
		x[i] = float32(low * (float32(t*p) + 0.5))
	}
}

// dot is the product of two rows; its lanes are apart, to stay in registers.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for ; len(a) >= dotLanes && len(b) >= dotLanes; a, b = a[dotLanes:], b[dotLanes:] {
		x, y := (*[dotLanes]float32)(a), (*[dotLanes]float32)(b)
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
	}
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

func genericMatMulT(dst, a, b []float32, m, n, k int) {
	for i := range m {
		for j := range n {
			dst[i*n+j] = dot(a[i*k:(i+1)*k], b[j*k:(j+1)*k])
		}
	}
}

// symmetric are the steps of values up to ±top that leave 127 of them on either
// side of 0; unit is the scale for a top of 1.
func symmetric(top, unit float32) (scale, inverse float32) {
	top = max(top, least)
	return float32(top * unit), 127 / top
}

// magnitude is the greatest absolute value.
func magnitude(x []float32) float32 {
	top := float32(0)
	for _, v := range x {
		top = max(top, v, -v)
	}
	return top
}

func genericQueries(dst []uint8, depth int, scale []float32, x []float32, ld, m int) {
	for i := range m {
		row, inverse := x[i*ld:][:HeadWidth], float32(0)
		scale[i], inverse = symmetric(magnitude(row), queryUnit)
		for t, v := range row {
			dst[i*depth+t] = uint8(128 + round(float32(v*inverse)))
		}
	}
}

func genericKeys(panel []int8, scale []float32, sums []int32, x []float32, ld, m int) {
	for i := range m {
		row, inverse, sum := x[i*ld:][:HeadWidth], float32(0), int32(0)
		scale[i], inverse = symmetric(magnitude(row), unit)
		for t, v := range row {
			n := round(float32(v * inverse))
			panel[t/4*4*columns+4*i+t%4] = int8(n)
			sum += n
		}
		sums[i] = sum
	}
}

func genericValues(panel []int8, scale []float32, sums []int32, x []float32, ld, m int) {
	var top, inverse [columns]float32
	for i := range m {
		for c, v := range x[i*ld:][:columns] {
			top[c] = max(top[c], v, -v)
		}
	}
	for c := range columns {
		scale[c], inverse[c] = symmetric(top[c], unit)
	}
	clear(sums[:columns])
	clear(panel[m/4*4*columns : (m+3)/4*4*columns])
	for i := range m {
		for c, v := range x[i*ld:][:columns] {
			n := round(float32(v * inverse[c]))
			panel[i/4*4*columns+4*c+i%4] = int8(n)
			sums[c] += n
		}
	}
}

// exp2Least is where 255·2^x is next to 0.
const exp2Least = -30

// exp2 is 255·2^x for exp2Least ≤ x ≤ 0 to 1e-4, and 255 for 0: 2^⌊x⌋ through the
// exponent's bits, the rest by a polynomial of degree 3.
func exp2(x float32) float32 {
	floor := float32(math.Floor(float64(x)))
	f := x - floor
	p := float32(19.652224)
	p = float32(p*f) + 58.049334
	p = float32(p*f) + 177.25481
	p = float32(p*f) + 255
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(floor))<<23)
}

func genericProbabilities(dst []uint8, k int, scale []float32, scores []float32, ld, n, m int) {
	for i := range m {
		row, p := scores[i*ld:][:n], dst[i*k:]
		top, sum := slices.Max(row), int32(0)
		for j, s := range row {
			n := round(exp2(max(s-top, exp2Least)))
			p[j] = uint8(n)
			sum += n
		}
		scale[i] = 1 / float32(sum)
	}
}
