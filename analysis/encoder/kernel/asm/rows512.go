package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
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

func minmaxAVX512() {
	TEXT("minmaxAVX512", 4, "func(x *float32, n int) (lo, hi float32)")
	Doc("minmaxAVX512 is the range of n values and 0; n is a multiple of 16.")
	p, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	lo, hi := zerosOf(ZMM, 4), zerosOf(ZMM, 4)
	SHRQ(Imm(4), n)
	repeat(n, 4, func(i int) {
		x := ZMM()
		VMOVUPS(Mem{Base: p, Disp: 64 * i}, x)
		VMINPS(x, lo[i], lo[i])
		VMAXPS(x, hi[i], hi[i])
	}, func(n int) { on(16*n, p) })
	low, high := foldAll(lo, least), foldAll(hi, most)
	VZEROUPPER()
	Store(low, ReturnIndex(0))
	Store(high, ReturnIndex(1))
	RET()
}

func quantiseAVX512() {
	TEXT("quantiseAVX512", 4, "func(dst *uint8, x *float32, n int, inverse float32, zero int32)")
	Doc("quantiseAVX512 sets dst to x·inverse + zero, rounded to even, in 0..255; n is a multiple of 64.")
	dst, p, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	inverse, zero, order := ZMM(), ZMM(), ZMM()
	VBROADCASTSS(address("inverse"), inverse)
	VBROADCASTSS(address("zero"), zero)
	VMOVDQU32(packedOrder("lanes16", 16), order)
	SHRQ(Imm(6), n)
	repeat(n, 1, func(int) {
		VMOVDQU32(quantised(p, inverse, zero, order, ZMM), Mem{Base: dst})
	}, func(int) { on(64, p); ADDQ(Imm(64), dst) })
	VZEROUPPER()
	RET()
}
