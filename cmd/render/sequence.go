package render

import "io"

// sequence writes one object, or a list of any number of them, in the forms
// that a [tree] knows. Memory does not grow with the list.
type sequence struct {
	tree
	marks listMarks
	sink  sink
	count int
}

// listMarks is what stands around the objects of a list.
type listMarks struct{ first, next, after, last, none string }

var listForms = map[Format]listMarks{
	JSON:  {first: "[\n  ", next: ",\n  ", last: "\n]\n", none: "[]\n"},
	JSONL: {after: "\n"},
	YAML:  {first: "- ", next: "- ", after: "\n", none: "[]\n"},
}

func newSequence(out io.Writer, form Format) *sequence {
	s := &sequence{tree: tree{form: form}, marks: listForms[form], sink: sink{out: out}}
	if form != JSONL {
		s.depth = 1
	}
	return s
}

// newSingle returns a sequence for one object without a list around it.
func newSingle(out io.Writer, form Format) *sequence {
	return &sequence{tree: tree{form: form}, marks: listMarks{after: "\n"}, sink: sink{out: out}}
}

// item writes one object, whose members body adds.
func (s *sequence) item(body func(t *tree)) {
	mark := s.marks.next
	if s.count == 0 {
		mark = s.marks.first
	}
	s.count++
	s.b = append(s.b, mark...)
	s.begin()
	body(&s.tree)
	s.end()
	s.b = append(s.b, s.marks.after...)
	if len(s.b) >= full {
		_ = s.flush()
	}
}

// flush writes what was gathered.
func (s *sequence) flush() error {
	s.sink.b = s.b
	err := s.sink.flush()
	s.b = s.sink.b
	return err
}

// close ends the list.
func (s *sequence) close() error {
	mark := s.marks.last
	if s.count == 0 {
		mark = s.marks.none
	}
	s.b = append(s.b, mark...)
	return s.flush()
}
