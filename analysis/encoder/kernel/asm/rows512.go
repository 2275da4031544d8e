package main

import (
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

// zeros512 are n vectors of 0.
func zeros512(n int) []VecVirtual {
	out := make([]VecVirtual, n)
	for i := range out {
		out[i] = ZMM()
		VPXORD(out[i], out[i], out[i])
	}
	return out
}

func minmaxAVX512() {
	TEXT("minmaxAVX512", 4, "func(x *float32, n int) (lo, hi float32)")
	Doc("minmaxAVX512 is the range of n values and 0; n is a multiple of 16.")
	p, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	lo, hi := zeros512(4), zeros512(4)
	SHRQ(Imm(4), n)
	repeat(n, 4, func(i int) {
		x := ZMM()
		VMOVUPS(Mem{Base: p, Disp: 64 * i}, x)
		VMINPS(x, lo[i], lo[i])
		VMAXPS(x, hi[i], hi[i])
	}, func(n int) { on(16*n, p) })
	low, high := fold16(fold4(lo, least), least), fold16(fold4(hi, most), most)
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

func addNormAVX512() {
	TEXT("addNormAVX512", 4, "func(dst, x, residual, gamma, beta *float32, n int, eps float32)")
	Doc("addNormAVX512 normalises the sum of two rows of n values; dst may be either; n is a multiple of 16.")
	dst, x, y, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("residual"), GP64()), Load(Param("n"), GP64())
	count, p, left := XMM(), GP64(), GP64()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count, count)
	SHRQ(Imm(4), n)
	sums, squares := zeros512(4), zeros512(4)
	mean, inverse := ZMM(), ZMM()
	average := func(v []VecVirtual) VecVirtual {
		total := fold16(fold4(v, addition), addition)
		VDIVSS(count, total, total)
		out := ZMM()
		VBROADCASTSS(total, out)
		return out
	}

	MOVQ(dst, p)
	MOVQ(n, left)
	repeat(left, 4, func(i int) {
		v := ZMM()
		VMOVUPS(Mem{Base: x, Disp: 64 * i}, v)
		VADDPS(Mem{Base: y, Disp: 64 * i}, v, v)
		VMOVUPS(v, Mem{Base: p, Disp: 64 * i})
		VADDPS(v, sums[i], sums[i])
	}, func(n int) { on(16*n, p, x, y) })
	VMOVUPS(average(sums), mean)

	MOVQ(dst, p)
	MOVQ(n, left)
	repeat(left, 4, func(i int) {
		v := ZMM()
		VMOVUPS(Mem{Base: p, Disp: 64 * i}, v)
		VSUBPS(mean, v, v)
		VFMADD231PS(v, v, squares[i])
	}, func(n int) { on(16*n, p) })
	variance := average(squares).AsX()
	one := XMM()
	VADDSS(address("eps"), variance, variance)
	VSQRTSS(variance, variance, variance)
	VMOVSS(vector(1), one)
	VDIVSS(variance, one, one)
	VBROADCASTSS(one, inverse)

	gamma, beta := Load(Param("gamma"), GP64()), Load(Param("beta"), GP64())
	repeat(n, 4, func(i int) {
		v, b := ZMM(), ZMM()
		VMOVUPS(Mem{Base: dst, Disp: 64 * i}, v)
		VSUBPS(mean, v, v)
		VMULPS(inverse, v, v)
		VMOVUPS(Mem{Base: beta, Disp: 64 * i}, b)
		VFMADD132PS(Mem{Base: gamma, Disp: 64 * i}, b, v)
		VMOVUPS(v, Mem{Base: dst, Disp: 64 * i})
	}, func(n int) { on(16*n, dst, gamma, beta) })
	VZEROUPPER()
	RET()
}
