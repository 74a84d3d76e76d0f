package db

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// last returns, by key, the latest event of this action that was committed, or that
// may have been if its action is one of provable. Lines that are broken, or are of
// other databases, do not matter.
func (a *auditLog) last(ctx context.Context, action keys.Action, ids []string) (map[string]keys.Event, error) {
	if a == nil || a.file == "" || len(ids) == 0 {
		return nil, nil
	}
	s := a.search(action, ids)
	if err := a.read(func(line []byte) bool { return s.line(line) && ctx.Err() == nil }); err != nil {
		return nil, keys.Errorf(keys.ReasonAudit, "the audit log %s cannot be read", a.name()).OnPath(a.file).Because(err)
	}
	return s.found, ctx.Err()
}

// recent is how much of a file is read, from its end: some 500000 changes.
const recent = 256 << 20

// recalls tells whether what is recorded can be read later. One who only reads needs no
// more than a file that somebody else wrote; one who named it is refused if it fails.
func (a *auditLog) recalls(access Access) bool {
	if a.file == "" || a.must {
		return a.file != ""
	}
	_, there, err := a.place()
	return err == nil && there != nil && access == ReadOnly || a.writable() == nil
}

// read gives the lines of the file to line, the last one first, until that is false.
func (a *auditLog) read(line func([]byte) bool) error {
	path, there, err := a.place()
	if err != nil || there == nil {
		return err
	}
	f, err := os.OpenFile(path, lookFlags|noFollow, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := min(info.Size(), recent)
	return fromEnd(io.NewSectionReader(f, info.Size()-size, size), size, piece, line)
}

// provable are the actions of which also an event counts that has no outcome, since
// the machine stopped right after or before the commit: whoever asks for it holds it
// against the rows.
var provable = map[keys.Action]bool{keys.ActionRotate: true, keys.ActionCreate: true}

// search reads lines from the last to the first.
type search struct {
	database  sought
	action    sought
	keys      map[string]string // yet to be found: the id by how it is read
	only      []byte            // the id as it is written, where only one is sought
	committed map[string]bool   // of the changes whose outcome was read
	unsure    bool              // one without an outcome counts too
	found     map[string]keys.Event
}

func (a *auditLog) search(action keys.Action, ids []string) *search {
	s := &search{
		database: inJSON(a.database), action: inJSON(string(action)), keys: make(map[string]string, len(ids)),
		committed: map[string]bool{}, unsure: provable[action], found: map[string]keys.Event{},
	}
	for _, id := range ids {
		key := inJSON(id)
		s.keys[key.read], s.only = id, key.written
	}
	if len(s.keys) > 1 {
		s.only = nil
	}
	return s
}

// line looks at one line, and tells whether to go on. To parse all of them would
// take most of the time.
func (s *search) line(text []byte) bool {
	outcome := !bytes.Contains(text, []byte(`"phase":"`+phaseIntent+`"`))
	if !s.database.in(text) || !outcome && !(s.action.in(text) && bytes.Contains(text, s.only)) {
		return true
	}
	var l auditLine
	if json.Unmarshal(text, &l) != nil || l.Database != s.database.read {
		return true
	}
	if l.Phase != phaseIntent {
		s.committed[l.Tx] = l.Phase == phaseCommitted
	}
	done, known := s.committed[l.Tx]
	counts := done || s.unsure && !known
	if id, ok := s.keys[l.Key]; ok && l.Phase == phaseIntent && counts && string(l.Action) == s.action.read {
		e := l.event()
		e.Unsure = !done
		s.found[id] = e
		delete(s.keys, l.Key)
	}
	return len(s.keys) > 0
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
