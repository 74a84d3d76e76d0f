package render

// tree writes objects, nested or in a list, as JSON, as JSON Lines or as YAML
// in block style. YAML is written here, from the JSON of each value, because a
// quoted JSON string is always right in YAML, while libraries that leave quotes
// out turn some texts into numbers or lose their line ends.
type tree struct {
	b     []byte
	form  Format // JSON, JSONL or YAML
	depth int    // objects and lists that are open
	fresh bool   // the object opened last has no member yet
	lead  bool   // its first member stays on the line
}

// begin opens an object that is the document or an item of a list.
func (t *tree) begin() {
	if t.form != YAML {
		t.b = append(t.b, '{')
	}
	t.depth, t.fresh, t.lead = t.depth+1, true, true
}

// nest opens an object that is a member of the one that is open.
func (t *tree) nest(name string) {
	t.name(name)
	if t.form == JSON {
		t.b = append(t.b, ' ')
	}
	t.begin()
	t.lead = false
}

// end closes the object opened last.
func (t *tree) end() {
	t.depth--
	switch {
	case t.form == YAML && t.fresh:
		t.b = append(t.b, " {}"...)
	case t.form == JSON && !t.fresh:
		t.line(t.depth)
		fallthrough
	case t.form != YAML:
		t.b = append(t.b, '}')
	}
	t.fresh = false
}

// each adds a member that is a list of objects, whose members item adds.
func (t *tree) each(name string, n int, item func(i int)) {
	t.name(name)
	if n == 0 || t.form != YAML {
		t.b = append(append(t.b, t.space()...), '[')
	}
	t.depth++
	for i := range n {
		switch {
		case t.form == YAML:
			t.line(t.depth - 1)
			t.b = append(t.b, "- "...)
		case i > 0:
			t.b = append(t.b, ',')
		}
		if t.form == JSON {
			t.line(t.depth)
		}
		t.begin()
		item(i)
		t.end()
	}
	t.depth--
	if n > 0 && t.form == JSON {
		t.line(t.depth)
	}
	if n == 0 || t.form != YAML {
		t.b = append(t.b, ']')
	}
}

// space stands between a name and its value.
func (t *tree) space() string {
	if t.form == JSONL {
		return ""
	}
	return " "
}

// name begins a member of the object that is open.
func (t *tree) name(name string) {
	if t.form == YAML {
		if !t.fresh || !t.lead {
			t.line(t.depth - 1)
		}
		t.b = append(append(t.b, name...), ':')
	} else {
		if !t.fresh {
			t.b = append(t.b, ',')
		}
		if t.form == JSON {
			t.line(t.depth)
		}
		t.b = append(append(append(t.b, '"'), name...), `":`...)
	}
	t.fresh = false
}

// value begins a member whose value the caller appends as JSON on one line, and
// returns where that starts, for settle.
func (t *tree) value(name string) (start int) {
	t.name(name)
	t.b = append(t.b, t.space()...)
	return len(t.b)
}

// settle ends the value that starts there.
func (t *tree) settle(start int) {
	if t.form == YAML {
		t.b = unquote(t.b, start)
	}
}

func (t *tree) line(depth int) {
	t.b = append(t.b, '\n')
	for range depth {
		t.b = append(t.b, "  "...)
	}
}
