package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// The paths differ from avx2 in the integer product, and those of AVX-512 in what
// surrounds it.
var avx2 = path{
	name: "avx2", depth: 4, panels: 1, tile: 6, rows: avx2Rows, prepare: avx2Prepare, product: avx2Product, finish: avx2Finish,
	quantise: avx2QuantiseRows, norm: avx2Norm, addNorm: avx2AddNorm, gelu: avx2GELU, matMulT: avx2MatMulT,
	dequantise: avx2Dequantise, add: avx2Add,
	queries: avx2Queries, keys: avx2Keys, values: avx2Values, probabilities: avx2Probabilities,
}

func detect() []*path {
	var paths []*path
	if !cpu.X86.HasAVX2 {
		return nil
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VNNI {
		p := avx2
		p.name, p.panels, p.tile, p.rows, p.prepare, p.product = "avx512vnni", 2, 8, vnniRows, vnniPrepare, avx512Product
		p.finish, p.quantise, p.addNorm = avx512Finish, avx512Quantise, avx512AddNorm
		p.values, p.probabilities = avx512Values, avx512Probabilities
		if hasAMX() {
			t := p
			t.name, t.depth, t.tile, t.rows, t.product, t.linear = "amx", amxDepth, 32, amxRows, amxProduct, amxLinear
			t.queries, t.scores, t.means = amxQueries, amxScores, amxMeans
			paths = append(paths, &t)
		}
		paths = append(paths, &p)
	}
	if cpu.X86.HasAVXVNNI {
		p := avx2
		p.name, p.rows, p.prepare, p.product = "avxvnni", vnniRows, vnniPrepare, avxvnniProduct
		paths = append(paths, &p)
	}
	return append(paths, &avx2)
}

// avx2Rows lets a block in 16 bits fill a quarter of a small second cache.
func avx2Rows(k int) int { return max(6, 64<<10/k/6*6) }

// avx2Prepare widens the block to 16 bits.
func avx2Prepare(ws *Workspace, data []uint8, m, k int) {
	ws.block = grow(ws.block, m*k/4)
	widenAVX2((*int16)(unsafe.Pointer(&ws.block[0])), &data[0], m*k)
}

func avx2Product(ws *Workspace, _ []uint8, w []int8, _ []int32, m, k int) {
	panelAVX2(&ws.acc[0], (*int16)(unsafe.Pointer(&ws.block[0])), &w[0], k/4, m)
}

func vnniRows(k int) int { return max(24, 128<<10/k/24*24) }

func amxRows(k int) int { return max(32, 128<<10/k/32*32) }

// vnniPrepare has nothing to do: the rows are read as they are.
func vnniPrepare(*Workspace, []uint8, int, int) {}

func avxvnniProduct(ws *Workspace, data []uint8, w []int8, _ []int32, m, k int) {
	panelAVXVNNI(&ws.acc[0], &data[0], &w[0], k/4, m)
}

func avx512Product(ws *Workspace, data []uint8, w []int8, _ []int32, m, k int) {
	panelAVX512(&ws.acc[0], &data[0], &w[0], k/4, m)
}

// finisher is the finish of a path: it brings a tile from int32 to float32.
func finisher(linear, activated func(dst *float32, ld int, acc *int32, ldAcc int, sums *int32, scaleW, bias, scale *float32, zero *int32, m int)) func(t *tile) {
	return func(t *tile) {
		f := linear
		if t.finish == gelu {
			f = activated
		}
		f(&t.dst[0], t.ld, &t.acc[0], t.ldAcc, &t.sums[0], &t.scaleW[0], &t.bias[0], &t.scale[0], &t.zero[0], t.m)
	}
}

var (
	avx2Finish   = finisher(finishPlainAVX2, finishGELUAVX2)
	avx512Finish = finisher(finishPlainAVX512, finishGELUAVX512)
)

func avx2Quantise(dst []uint8, x []float32) (scale float32, zero int32) {
	scale, inverse, zero := steps(minmaxAVX2(&x[0], len(x)))
	quantiseAVX2(&dst[0], &x[0], len(x), inverse, zero)
	return scale, zero
}

func avx2Norm(dst, x, gamma, beta []float32, eps float32) {
	normAVX2(&dst[0], &x[0], &gamma[0], &beta[0], len(x), eps)
}

func avx2AddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	addNormAVX2(&dst[0], &x[0], &residual[0], &gamma[0], &beta[0], len(x), eps)
}

func avx2Dequantise(dst []float32, w []int8, scale float32) {
	dequantiseAVX2(&dst[0], &w[0], len(dst), scale)
}

func avx2Add(dst, x []float32) { addAVX2(&dst[0], &x[0], len(dst)) }

func avx2GELU(x []float32) { geluAVX2(&x[0], len(x)) }

func avx2Queries(dst []uint8, depth int, scale []float32, x []float32, ld, m int) {
	queriesAVX2(&dst[0], depth, &scale[0], &x[0], ld, m, queryUnit)
}

func amxQueries(dst []uint8, depth int, scale []float32, x []float32, ld, m int) {
	queriesAMX(&dst[0], depth, &scale[0], &x[0], ld, m, queryUnit)
}

func avx2Keys(panel []int8, scale []float32, sums []int32, x []float32, ld, m int) {
	keysAVX2(&panel[0], &scale[0], &sums[0], &x[0], ld, m, unit)
}

func avx2Values(panel []int8, scale []float32, sums []int32, x []float32, ld, m int) {
	for c := 0; c < columns; c += 8 {
		valuesAVX2(&panel[4*c], &scale[c], &sums[c], &x[c], ld, m, unit)
	}
}

func avx2Probabilities(dst []uint8, k int, scale []float32, scores []float32, ld, n, m int) {
	probabilitiesAVX2(&dst[0], k, &scale[0], &scores[0], ld, n, m)
}

func avx512Values(panel []int8, scale []float32, sums []int32, x []float32, ld, m int) {
	valuesAVX512(&panel[0], &scale[0], &sums[0], &x[0], ld, m, unit)
}

func avx512Probabilities(dst []uint8, k int, scale []float32, scores []float32, ld, n, m int) {
	probabilitiesAVX512(&dst[0], k, &scale[0], &scores[0], ld, n, m)
}

var avx2QuantiseRows = byRow(avx2Quantise)

func avx512Quantise(dst []uint8, scale []float32, zero []int32, x []float32, k int) {
	if k%64 != 0 {
		avx2QuantiseRows(dst, scale, zero, x, k)
		return
	}
	quantiseAVX512(&dst[0], &x[0], &scale[0], &zero[0], len(scale), k)
}

func avx512AddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	addNormAVX512(&dst[0], &x[0], &residual[0], &gamma[0], &beta[0], len(x), eps)
}

func avx2MatMulT(dst, a, b []float32, m, n, k int) {
	for i := 0; i < m; {
		rows := 1
		if i+3 <= m {
			rows = 3
		}
		for j := 0; j < n; {
			d, x, y := &dst[i*n+j], &a[i*k], &b[j*k]
			switch {
			case rows == 3 && j+4 <= n:
				dot3x4AVX2(d, n, x, y, k)
			case j+4 <= n:
				dot1x4AVX2(d, n, x, y, k)
			case rows == 3:
				dot3x1AVX2(d, n, x, y, k)
			default:
				dot1x1AVX2(d, n, x, y, k)
			}
			if j+4 <= n {
				j += 3
			}
			j++
		}
		i += rows
	}
}
