package kernel

import "golang.org/x/sys/cpu"

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
