package reader

// maxNesting is how deep values may nest, as in encoding/json.
const maxNesting = 10000

// plain are the bytes that a JSON string may hold as they are.
var plain = func() (table [256]bool) {
	for c := 0x20; c < 256; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// validJSON says of bytes what json.Valid does. That walks through a state machine
// byte by byte; articles are long strings, of which this is five times as fast.
func validJSON(b []byte) bool {
	rest, ok := passValue(passSpace(b), 0)
	return ok && len(passSpace(rest)) == 0
}

func passSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// passValue returns what follows the value at the start of b.
func passValue(b []byte, depth int) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	switch c := b[0]; {
	case c == '"':
		return passString(b)
	case c == '{' || c == '[':
		return passMembers(b, depth+1)
	case c == '-' || '0' <= c && c <= '9':
		return passNumber(b)
	}
	for _, name := range [...]string{"true", "false", "null"} {
		if len(b) >= len(name) && string(b[:len(name)]) == name {
			return b[len(name):], true
		}
	}
	return nil, false
}

// passMembers passes over an object or array.
func passMembers(b []byte, depth int) ([]byte, bool) {
	if depth > maxNesting {
		return nil, false
	}
	end := b[0] + 2 // of '{' and of '['
	if b = passSpace(b[1:]); len(b) > 0 && b[0] == end {
		return b[1:], true
	}
	for {
		var ok bool
		if end == '}' {
			if len(b) == 0 || b[0] != '"' {
				return nil, false
			}
			if b, ok = passString(b); !ok {
				return nil, false
			}
			if b = passSpace(b); len(b) == 0 || b[0] != ':' {
				return nil, false
			}
			b = passSpace(b[1:])
		}
		if b, ok = passValue(b, depth); !ok {
			return nil, false
		}
		if b = passSpace(b); len(b) == 0 || b[0] != end && b[0] != ',' {
			return nil, false
		}
		if b[0] == end {
			return b[1:], true
		}
		b = passSpace(b[1:])
	}
}

func passString(b []byte) ([]byte, bool) {
	for i := 1; i < len(b); i++ {
		if plain[b[i]] {
			continue
		}
		if b[i] == '"' {
			return b[i+1:], true
		}
		if b[i] != '\\' || i+1 == len(b) {
			return nil, false
		}
		switch i++; b[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			for range 4 {
				if i++; i == len(b) || !isHex(b[i]) {
					return nil, false
				}
			}
		default:
			return nil, false
		}
	}
	return nil, false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func passNumber(b []byte) ([]byte, bool) {
	if b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if n := digitsOf(b); n == 0 {
		return nil, false
	} else {
		b = b[n:]
	}
	if len(b) > 0 && b[0] == '.' {
		n := digitsOf(b[1:])
		if n == 0 {
			return nil, false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		n := digitsOf(b)
		if n == 0 {
			return nil, false
		}
		b = b[n:]
	}
	return b, true
}

// digitsOf is the number of digits that b begins with.
func digitsOf(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}
