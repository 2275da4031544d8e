package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// What follows a product in vectors of sixteen, for rows of a multiple of them.

// address is where a parameter lies.
func address(param string) Mem {
	b, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// quantiseAVX512 quantises one row after the other: what a row waits for, its range
// and the divisions by it, is hidden by the next.
func quantiseAVX512() {
	TEXT("quantiseAVX512", 4, "func(dst *uint8, x, scale *float32, zero *int32, m, k int)")
	Doc("quantiseAVX512 sets m rows of k of dst to x·inverse + zero, rounded to even, in 0..255; k is a multiple of 64.")
	dst, x, k, m := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("k"), GP64()), Load(Param("m"), GP64())
	scale, zero := Load(Param("scale"), GP64()), Load(Param("zero"), GP64())
	order, inverse, shift, p := ZMM(), ZMM(), ZMM(), GP64()
	VMOVDQU32(packedOrder("lanes16", 16), order)
	SHRQ(Imm(6), k)
	rows := fresh("rows")
	Label(rows)
	lo, hi := zerosOf(ZMM, 4), zerosOf(ZMM, 4)
	MOVQ(x, p)
	repeat(k, 1, func(int) {
		for i := range 4 {
			v := ZMM()
			VMOVUPS(Mem{Base: p, Disp: 64 * i}, v)
			VMINPS(v, lo[i], lo[i])
			VMAXPS(v, hi[i], hi[i])
		}
	}, func(int) { on(64, p) })
	stepsOf(foldAll(lo, least), foldAll(hi, most), scale, zero, inverse, shift)
	repeat(k, 1, func(int) {
		for i := range 4 {
			PREFETCHT0(Mem{Base: p, Disp: 64 * i}) // of the next row
		}
		ADDQ(U32(256), p)
		VMOVDQU32(quantisedShort(x, inverse, shift, order), Mem{Base: dst})
	}, func(int) { on(64, x); ADDQ(Imm(64), dst) })
	ADDQ(Imm(4), scale)
	ADDQ(Imm(4), zero)
	DECQ(m)
	JNZ(LabelRef(rows))
	VZEROUPPER()
	RET()
}

// stepsOf is steps of the package: it writes the scale and the zero point of the
// range from lo to hi, and sets the vectors to 1 by scale and to the zero point.
func stepsOf(lo, hi, scale, zero Register, inverse, shift VecVirtual) {
	s, one, z, both, some := XMM(), XMM(), GP32(), GP32(), fresh("range")
	VSUBSS(lo, hi, s)
	VDIVSS(vector(255), s, s)
	VMOVSS(vector(1), one)
	VDIVSS(s, one, one)
	VXORPS(hi, hi, hi)
	VSUBSS(lo, hi, lo)
	VMULSS(one, lo, lo)
	VCVTSS2SI(lo, z)
	VMOVD(one, both)
	CMPL(both, U32(math.Float32bits(float32(math.Inf(1)))))
	JNE(LabelRef(some))
	VMOVSS(vector(1), s) // nothing but zeros, or as good as that
	VXORPS(one, one, one)
	XORL(z, z)
	Label(some)
	VMOVSS(s, Mem{Base: scale})
	MOVL(z, Mem{Base: zero})
	VBROADCASTSS(one, inverse)
	IMUL3L(U32(1<<16+1), z, both)
	VPBROADCASTD(both, shift)
}

// quantisedShort is quantised with a zero point of 16 bits.
func quantisedShort(p Register, inverse, zero, order VecVirtual) VecVirtual {
	var v [4]VecVirtual
	for i := range v {
		v[i] = ZMM()
		VMULPS(Mem{Base: p, Disp: 64 * i}, inverse, v[i])
		VCVTPS2DQ(v[i], v[i])
	}
	for i := 0; i < 4; i += 2 {
		VPACKSSDW(v[i+1], v[i], v[i])
		VPADDW(zero, v[i], v[i])
	}
	VPACKUSWB(v[2], v[0], v[0])
	VPERMD(v[0], order, v[0])
	return v[0]
}
