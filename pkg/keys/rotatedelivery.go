package keys

// delivered is the successor as it is handed over: with what it replaces, as far as
// that is known. Before the change the old key is as it was.
func (t *turn) delivered() Issued {
	is := t.issued
	is.Rotated = &Rotated{Old: t.after, Result: t.result, OverlapEnds: t.told.Ends, EndsItself: t.ended}
	if t.after.ID == "" && t.old != nil {
		is.Rotated.Old = *t.old
	}
	return is
}
