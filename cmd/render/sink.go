package render

import "io"

// sink gathers output into few writes and remembers the first error.
type sink struct {
	out io.Writer
	b   []byte
	err error
}

// full is how much a sink gathers before it writes.
const full = 64 << 10

func (s *sink) relieve() {
	if len(s.b) >= full {
		_ = s.flush()
	}
}

func (s *sink) flush() error {
	if s.err == nil && len(s.b) > 0 {
		_, s.err = s.out.Write(s.b)
	}
	s.b = s.b[:0]
	return s.err
}
