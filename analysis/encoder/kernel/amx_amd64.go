package kernel

import (
	"math"
	"slices"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// amxDepth is the number of activations in a row of a tile.
const amxDepth = 64

// A tileConfig is what LDTILECFG reads: a palette, then 16 bits for the bytes of
// a row and 8 for the rows of each tile (Intel's manual, volume 1, section 18).
type tileConfig [64]uint8

// tileConfigs[r] configures the tiles of panelAMX for a block of r rows, 0 for
// one of 32.
var tileConfigs = func() (out [32]tileConfig) {
	for r := range out {
		first, second := 16, 16
		if r > 0 {
			first, second = min(r, 16), max(r-16, 0)
		}
		c := &out[r]
		c[0] = 1
		for tile, rows := range []int{first, first, second, second, first, second, 16, 16} {
			if rows > 0 {
				c[16+2*tile], c[48+tile] = 64, uint8(rows)
			}
		}
	}
	return out
}()

// hasAMX reports whether CPU and system let a program multiply tiles.
func hasAMX() bool {
	return cpu.X86.HasAMXTile && cpu.X86.HasAMXInt8 && cpu.X86.HasAMXBF16 && allowTiles()
}

func amxProduct(ws *Workspace, data []uint8, w []int8, sums []int32, m, k int) {
	if k%amxDepth != 0 {
		avx512Product(ws, data, w, sums, m, k)
		return
	}
	panelAMX(&ws.acc[0], &data[0], &w[0], k, m, &tileConfigs[0][0], &tileConfigs[m%32][0])
}

const (
	tileRows    = 32 // of a job
	tileBlock   = 64 // rows that pass by all panels before the next
	tileColumns = 2 * columns
	// deepest is the longest row whose sum fits into Weights.halves.
	deepest = 1 << 22 / 127 / amxDepth * amxDepth
)

// amxLinear multiplies in whole tiles and brings each to float32 while the next
// is multiplied.
func amxLinear(w *Weights, ws *Workspace, dst []float32, q *Quantised, scaleW, bias []float32, f finish) bool {
	if q.K != w.K || w.K%amxDepth != 0 || w.K > deepest || w.N%tileColumns != 0 || q.M == 0 {
		return false
	}
	// the last tile reads up to 15 rows too many
	if whole := (q.M + 15) / 16 * 16 * q.K; cap(q.Data) < whole {
		q.Data = slices.Grow(q.Data, whole-len(q.Data))
	}
	ws.rows = grow(ws.rows, q.M)
	for i, zero := range q.Zero[:q.M] {
		ws.rows[i] = rowScale{q.Scale[i], -zero&0xffff | -zero*128<<16}
	}
	ws.acc = grow(ws.acc, 2*tileRows*tileColumns)
	ws.jobs = ws.jobs[:0]
	for block := 0; block < q.M; block += tileBlock {
		for j := 0; j < w.N; j += tileColumns {
			for i := block; i < min(q.M, block+tileBlock); i += tileRows {
				ws.jobs = append(ws.jobs, tileJob{rows: i * w.K, weights: j * w.K, dst: 4 * (i*w.N + j), row: 8 * i, column: 4 * j, count: min(tileRows, q.M-i)})
			}
		}
	}
	call := linearAMX
	if f == gelu {
		call = linearGELUAMX
	}
	chunk := tileRows
	if turns := w.K/amxDepth - 1; turns > 0 {
		chunk = (tileRows + turns - 1) / turns
	}
	call(&dst[0], w.N, &q.Data[0], &w.panels[0], w.K, (*uint64)(unsafe.Pointer(&ws.rows[0])), &w.halves[0], &scaleW[0], &bias[0],
		(*int64)(unsafe.Pointer(&ws.jobs[0])), len(ws.jobs), &ws.acc[0], chunk, &tileConfigs[0][0])
	return true
}

// attentionWidth is the width of a head that attendAMX takes.
const attentionWidth = 32

// amxAttention is attention with both products on tiles, in pairs of bfloat16
// that make up a float32; see asm/attention.go.
func amxAttention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32) {
	if d != attentionWidth {
		avx512Attention(ws, out, q, k, v, l, d, ldQKV, ldOut, scale)
		return
	}
	const pairs = 512 // in the two tiles of 16 rows
	groups, tiles := (l+31)/32, (l+15)/16
	scores := max(1024, groups*32*16)
	ws.pairs = grow(ws.pairs, tiles*pairs+5*groups*pairs)
	ws.floats = grow(ws.floats, 16+scores)
	queries, rest := ws.pairs[:tiles*pairs], ws.pairs[tiles*pairs:]
	keys, rest := rest[:2*groups*pairs], rest[2*groups*pairs:]
	values, probabilities := rest[:2*groups*pairs], rest[2*groups*pairs:]
	splitRowsAVX512(&queries[0], &q[0], ldQKV, l, scale*math.Log2E)
	splitRowsAVX512(&keys[0], &k[0], ldQKV, l, 1)
	turnTilesAVX512(&keys[0], 2*tiles)
	splitValuesAVX512(&values[0], &v[0], ldQKV, l)
	tail := uint32(1<<(l-32*(groups-1)) - 1)
	attendAMX(&out[0], ldOut, &queries[0], &keys[0], &values[0], &probabilities[0], &ws.floats[16], l, groups, tail, &tileConfigs[0][0])
}
