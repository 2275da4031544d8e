package kernel

func detect() []*path { return nil }
