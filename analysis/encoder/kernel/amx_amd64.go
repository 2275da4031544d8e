package kernel

import (
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
	return cpu.X86.HasAMXTile && cpu.X86.HasAMXInt8 && allowTiles()
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
func amxLinear(w *Weights, ws *Workspace, dst []float32, ld int, q *Quantised, scaleW, bias []float32, f finish) bool {
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
	jobs, acc := ws.cut(1, q.M, w.N, w.K, ld, 0)
	call := linearAMX
	if f == gelu {
		call = linearGELUAMX
	}
	call(&dst[0], ld, &q.Data[0], &w.panels[0], w.K, (*uint64)(unsafe.Pointer(&ws.rows[0])), &w.halves[0], &scaleW[0], &bias[0],
		jobs, len(ws.jobs), acc, &tileConfigs[0][0])
	return true
}

// amxScores and amxMeans are the products of attention, of rows without zero points.
func amxScores(w *Weights, ws *Workspace, n int, dst []float32, ld, step int, q *Quantised, scaleW []float32) {
	jobs, acc := ws.cut(n, q.M, w.N, w.K, ld, step)
	scoresAMX(&dst[0], ld, &q.Data[0], &w.panels[0], w.K, &q.Scale[0], &scaleW[0], jobs, len(ws.jobs), acc, &tileConfigs[0][0])
}

func amxMeans(w *Weights, ws *Workspace, n int, dst []float32, ld, step int, q *Quantised, scaleW []float32) {
	jobs, acc := ws.cut(n, q.M, w.N, w.K, ld, step)
	meansAMX(&dst[0], ld, &q.Data[0], &w.panels[0], w.K, &q.Scale[0], &scaleW[0], jobs, len(ws.jobs), acc, &tileConfigs[0][0])
}

// cut cuts n products, as diagonal has them, of m rows of k with columns into ws.jobs.
func (ws *Workspace) cut(n, m, columns, k, ld, step int) (jobs *int64, acc *int32) {
	ws.acc = grow(ws.acc, 2*tileRows*tileColumns)
	ws.jobs = ws.jobs[:0]
	rows := m / n
	columns /= n
	for part := range n {
		r, c, dst := part*rows, part*columns, part*step
		for block := 0; block < rows; block += tileBlock {
			for j := 0; j < columns; j += tileColumns {
				for i := block; i < min(rows, block+tileBlock); i += tileRows {
					ws.jobs = append(ws.jobs, tileJob{
						rows: (r + i) * k, weights: (c + j) * k, dst: 4 * (dst + i*ld + j),
						row: r + i, column: c + j, count: min(tileRows, rows-i),
					})
				}
			}
		}
	}
	return (*int64)(unsafe.Pointer(&ws.jobs[0])), &ws.acc[0]
}
