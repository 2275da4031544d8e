package kernel

import "golang.org/x/sys/unix"

// allowTiles asks Linux for the registers of tiles, which a program has only
// once it has asked (Documentation/arch/x86/xstate.rst).
func allowTiles() bool {
	const archReqXCompPerm, tileData = 0x1023, 18
	_, _, errno := unix.RawSyscall(unix.SYS_ARCH_PRCTL, archReqXCompPerm, tileData, 0)
	return errno == 0
}
