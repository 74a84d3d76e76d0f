package db

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// last returns the latest event of this action on this key that was committed.
// Lines that are broken, or are of other databases, do not matter.
func (a *auditLog) last(action keys.Action, id string) (keys.Event, error) {
	none := keys.Errorf(keys.ReasonNotFound, "no %s of a key %q is recorded here", action, keys.PrintableText(id))
	if a == nil || a.file == "" {
		return keys.Event{}, none
	}
	found, err := a.find(action, id)
	if err != nil || found == nil {
		return keys.Event{}, none.Because(err)
	}
	return found.event(), nil
}

// find returns nil where there is none, or no file.
func (a *auditLog) find(action keys.Action, id string) (*auditLine, error) {
	path, there, err := a.place()
	if err != nil || there == nil {
		return nil, err
	}
	f, err := os.OpenFile(path, lookFlags|noFollow, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := search{database: inJSON(a.database), action: action, key: inJSON(id), committed: map[string]bool{}}
	err = fromEnd(f, info.Size(), piece, s.line)
	return s.found, err
}

// search reads lines from the last to the first.
type search struct {
	database, key sought
	action        keys.Action
	committed     map[string]bool // changes whose outcome was read
	found         *auditLine
}

// line looks at one line, and tells whether to go on. To parse all of them would
// take most of the time.
func (s *search) line(text []byte) bool {
	outcome := bytes.Contains(text, []byte(`"phase":"`+phaseCommitted+`"`))
	if !s.database.in(text) || !outcome && !s.key.in(text) {
		return true
	}
	var l auditLine
	if json.Unmarshal(text, &l) != nil || l.Database != s.database.read {
		return true
	}
	switch {
	case l.Phase == phaseCommitted:
		s.committed[l.Tx] = true
	case l.Phase == phaseIntent && s.committed[l.Tx] && l.Action == s.action && l.Key == s.key.read:
		s.found = &l
	}
	return s.found == nil
}

// sought is a text as the file has it, and as it is read from there: bytes that
// are no UTF-8 change on the way.
type sought struct {
	written []byte
	read    string
}

func inJSON(s string) sought {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // as in [text]
	_ = encoder.Encode(s)        // a text always works
	t := sought{written: bytes.TrimSuffix(b.Bytes(), []byte{lineFeed})}
	_ = json.Unmarshal(t.written, &t.read)
	return t
}

func (t sought) in(line []byte) bool { return bytes.Contains(line, t.written) }

const (
	piece    = 64 << 10 // is read at a time
	longest  = 1 << 20  // no line of ours is longer: what is, is broken
	lineFeed = '\n'
)

// fromEnd gives the lines of a file to line, the last one first, until that is false.
func fromEnd(f io.ReaderAt, size, piece int64, line func([]byte) bool) error {
	var rest []byte // of a line that began in an earlier piece
	for end := size; end > 0; {
		begin := max(0, end-piece)
		text := make([]byte, end-begin, int(end-begin)+len(rest))
		if _, err := f.ReadAt(text, begin); err != nil && err != io.EOF {
			return err
		}
		text, end = append(text, rest...), begin
		for at := bytes.LastIndexByte(text, lineFeed); at >= 0; at = bytes.LastIndexByte(text, lineFeed) {
			if !line(text[at+1:]) {
				return nil
			}
			text = text[:at]
		}
		if rest = text; len(rest) > longest {
			rest = nil
		}
	}
	line(rest)
	return nil
}
