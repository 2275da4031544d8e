package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// avx2 needs FMA too. The others differ from it in the integer product, and those
// of AVX-512 in what follows it and in attention.
var avx2 = path{
	name: "avx2", panels: 1, tile: 6, rows: avx2Rows, prepare: avx2Prepare, product: avx2Product, finish: avx2Finish,
	quantise: avx2Quantise, norm: avx2Norm, addNorm: avx2AddNorm, gelu: avx2GELU, softmax: avx2Softmax,
	attention: avx2Attention, matMulT: avx2MatMulT,
}

func detect() []*path {
	var paths []*path
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return nil
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VNNI {
		p := avx2
		p.name, p.panels, p.tile, p.rows, p.prepare, p.product = "avx512vnni", 2, 8, vnniRows, vnniPrepare, avx512Product
		p.finish, p.softmax, p.attention = avx512Finish, avx512Softmax, avx512Attention
		p.quantise, p.addNorm = avx512Quantise, avx512AddNorm
		if hasAMX() {
			t := p
			t.name, t.tile, t.rows, t.product, t.linear = "amx", 32, amxRows, amxProduct, amxLinear
			t.attention = amxAttention
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

// finishers bring a tile from int32 to float32, as panels of 16 columns.
type finishers struct {
	plain, gelu func(dst *float32, ld int, acc *int32, ldAcc int, sums *int32, scaleW, bias, scale *float32, zero *int32, m int)
	add         func(dst *float32, ld int, acc *int32, ldAcc int, sums *int32, scaleW, bias, scale *float32, zero *int32, m int, residual *float32)
}

func (f finishers) finish(t *tile) {
	dst, acc, sums, scaleW, bias, scale, zero := &t.dst[0], &t.acc[0], &t.sums[0], &t.scaleW[0], &t.bias[0], &t.scale[0], &t.zero[0]
	switch t.finish {
	case plain:
		f.plain(dst, t.ld, acc, t.ldAcc, sums, scaleW, bias, scale, zero, t.m)
	case gelu:
		f.gelu(dst, t.ld, acc, t.ldAcc, sums, scaleW, bias, scale, zero, t.m)
	case add:
		f.add(dst, t.ld, acc, t.ldAcc, sums, scaleW, bias, scale, zero, t.m, &t.residual[0])
	}
}

var (
	avx2Finish   = finishers{finishPlainAVX2, finishGELUAVX2, finishAddAVX2}.finish
	avx512Finish = finishers{finishPlainAVX512, finishGELUAVX512, finishAddAVX512}.finish
)

func avx2Quantise(dst []uint8, x []float32) (scale float32, zero int32) {
	scale, inverse, zero := steps(minmaxAVX2(&x[0], len(x)))
	quantiseAVX2(&dst[0], &x[0], len(x), inverse, zero)
	return scale, zero
}

func avx2Norm(dst, x, gamma, beta []float32, eps float32) {
	if len(x) > 0 {
		normAVX2(&dst[0], &x[0], &gamma[0], &beta[0], len(x), eps)
	}
}

func avx2AddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	if len(x) > 0 {
		addNormAVX2(&dst[0], &x[0], &residual[0], &gamma[0], &beta[0], len(x), eps)
	}
}

func avx2GELU(x []float32) {
	if len(x) > 0 {
		geluAVX2(&x[0], len(x))
	}
}

func avx2Softmax(x []float32) {
	if len(x) > 0 {
		softmaxAVX2(&x[0], len(x))
	}
}

func avx2Attention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32) {
	packedAttention(ws, out, q, k, v, l, d, ldQKV, ldOut, scale, avx2Transpose, avx2Softmax, gemmAVX2)
}

func avx512Quantise(dst []uint8, x []float32) (scale float32, zero int32) {
	if len(x)%64 != 0 {
		return avx2Quantise(dst, x)
	}
	scale, inverse, zero := steps(minmaxAVX512(&x[0], len(x)))
	quantiseAVX512(&dst[0], &x[0], len(x), inverse, zero)
	return scale, zero
}

func avx512AddNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	if len(x) == 0 || len(x)%16 != 0 {
		avx2AddNorm(dst, x, residual, gamma, beta, eps)
		return
	}
	addNormAVX512(&dst[0], &x[0], &residual[0], &gamma[0], &beta[0], len(x), eps)
}

func avx512Softmax(x []float32) {
	if len(x) > 0 {
		softmaxAVX512(&x[0], len(x))
	}
}

func avx512Attention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32) {
	packedAttention(ws, out, q, k, v, l, d, ldQKV, ldOut, scale, avx2Transpose, avx512Softmax, gemmAVX512)
}

func avx2Transpose(dst, src []float32, ld, d int, scale float32) {
	transposeAVX2(&dst[0], &src[0], ld, d, scale)
}

func avx2MatMulT(dst, a, b []float32, m, n, k int) {
	if k == 0 {
		clear(dst)
		return
	}
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
