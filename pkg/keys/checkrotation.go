package keys

import (
	"context"
	"errors"
)

// turned finds the rotations that are not finished, where anything tells of them.
func (w *watch) turned(ctx context.Context) (err error) {
	w.turning, err = w.Rotations(ctx)
	if errors.Is(err, &Error{Reason: ReasonUnsupported}) {
		err = nil
	}
	for i := range w.turning {
		w.replaced[w.turning[i].Old.ID] = true
	}
	return err
}

// rotations tells of those that need somebody: the first so many one by one.
func (w *watch) rotations(most int) []Finding {
	t := tells("rotation", Warning, "%d more rotations need somebody", "rotate", "--status")
	t.most = most
	for i := range w.turning {
		if f, ok := w.turn(&w.turning[i]); ok {
			t.add(func() Finding { return f })
		}
	}
	if t.number() == 0 {
		return []Finding{{Check: "rotation", Level: Fine, Reason: "no rotation needs anybody"}}
	}
	return t.findings()
}

// turn says what a rotation needs. One that goes on for longer needs nothing yet.
func (w *watch) turn(r *Rotation) (f Finding, needs bool) {
	old, next := r.Old.name(), "its successor"
	if r.New != nil {
		next += " " + r.New.name()
	}
	f = Finding{Check: "rotation", Level: Warning, Key: r.Old.ID, At: r.OverlapEnds, Mend: []string{"rotate", "--status", r.Old.ID}}
	due := r.State == RotationDue
	switch ends := due || r.OverlapEnds.Reached(w.by); {
	case !ends:
		return f, false
	case r.New == nil && due:
		f.Reason, f.Mend = "the overlap of "+old+" is over, and "+next+" is gone", w.off(&r.Old)
	case due && !usable(r.New, w.now):
		f.Reason, f.Mend = "the overlap of "+old+" is over, and "+next+" is "+string(r.New.Status(w.now)), w.off(&r.Old)
	case r.New == nil:
		f.Reason, f.Mend = old+" ends at "+r.OverlapEnds.String()+", and "+next+" is gone", []string{"show", r.Old.ID}
	case r.Use == NotInUse && due:
		f.Reason = "the overlap of " + old + " is over, and " + next + " has not been used"
	case r.Use == NotInUse:
		f.Reason = old + " ends at " + r.OverlapEnds.String() + ", and " + next + " has not been used"
	case due:
		f.Reason, f.Mend = "the overlap of "+old+" is over, and it is still accepted", []string{"rotate", "--finish", r.Old.ID}
	case r.StillUsed:
		f.Level, f.Reason = Notice, old+" ends at "+r.OverlapEnds.String()+", and somebody has used it since it was replaced"
	default:
		return f, false
	}
	return f, true
}

// off are the words that switch a key off, or delete it where nothing else does.
func (w *watch) off(k *Key) []string {
	if switchOff[w.rules.Revoke] == nil {
		return []string{"delete", k.ID}
	}
	return []string{"revoke", k.ID}
}
