//go:build amd64 || arm64

package kernel

// attentionRows is the number of queries whose scores are kept at a time.
const attentionRows = 48

// packedAttention packs keys, transposed, and values into panels of 16 columns,
// so that both products are runs of gemm, c[m][16] = a[m][k]·b[k][16], over blocks
// of queries. transpose brings 8 rows of keys into a panel.
func packedAttention(ws *Workspace, out, q, k, v []float32, l, d, ldQKV, ldOut int, scale float32,
	transpose func(dst, src []float32, ld, d int, scale float32),
	softmax func(x []float32),
	gemm func(c *float32, ldc int, a *float32, lda int, b *float32, k, m int),
) {
	lp, dp := (l+15)/16*16, (d+15)/16*16
	ws.floats = grow(ws.floats, lp*d+l*dp+attentionRows*(lp+16))
	keys, values := ws.floats[:lp*d], ws.floats[lp*d:lp*d+l*dp]
	scores, aside := ws.floats[lp*d+l*dp:][:attentionRows*lp], ws.floats[lp*d+l*dp+attentionRows*lp:]
	for j := 0; j < lp; j += 8 {
		dst := keys[j/16*16*d+j%16:]
		if j+8 <= l {
			transpose(dst, k[j*ldQKV:], ldQKV, d, scale)
			continue
		}
		for t := range d {
			for r := range 8 {
				x := float32(0)
				if j+r < l {
					x = scale * k[(j+r)*ldQKV+t]
				}
				dst[t*16+r] = x
			}
		}
	}
	for c := 0; c < d; c += 16 {
		panel, n := values[c*l:(c+16)*l], min(16, d-c)
		for j := range l {
			row := panel[j*16 : j*16+16]
			clear(row[copy(row, v[j*ldQKV+c:][:n]):])
		}
	}
	for i := 0; i < l; i += attentionRows {
		m := min(attentionRows, l-i)
		for j := 0; j < lp; j += 16 {
			gemm(&scores[j], lp, &q[i*ldQKV], ldQKV, &keys[j*d], d, m)
		}
		for r := range m {
			softmax(scores[r*lp : r*lp+l])
		}
		for c := 0; c < d; c += 16 {
			if c+16 <= d {
				gemm(&out[i*ldOut+c], ldOut, &scores[0], lp, &values[c*l], l, m)
				continue
			}
			gemm(&aside[0], 16, &scores[0], lp, &values[c*l], l, m)
			for r := range m {
				copy(out[(i+r)*ldOut+c:][:d-c], aside[r*16:])
			}
		}
	}
}
