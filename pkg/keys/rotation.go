package keys

import "context"

// Rotation is that of one key: who replaces it, and how far that has come.
type Rotation struct {
	Old         Key     // the key that is replaced
	New         *Key    // its successor; nil: that is gone
	Started     Instant // when the successor was made; none where nothing tells
	OverlapEnds Instant // until when both were meant to be accepted; none where nothing tells
	Use         Use     // of the successor
	State       RotationState
	StillUsed   bool // the old key was used after its successor was made
}

// Use is what is known of the use of a successor.
type Use string

// What can be known.
const (
	InUse      Use = "used"
	NotInUse   Use = "unused"  // and its table records the use of keys
	UseUnknown Use = "unknown" // nothing tells whether the use of keys is recorded
)

// RotationState is how far a rotation has come.
type RotationState string

// The states.
const (
	RotationOverlapping RotationState = "overlapping" // the old key is accepted, as it is meant to be
	RotationDue         RotationState = "due"         // the overlap is over, and the old key is still accepted
	RotationFinished    RotationState = "finished"    // the old key is accepted no more
)

// Rotations returns those of the keys that refs name, each by itself or by its
// successor, whatever their state; ReasonNotRotated says that one was never rotated.
// Without refs it returns all that are not finished, the newest keys first.
//
// Where neither the table nor an audit tells of rotations it is ReasonUnsupported, as it
// is of Finish, and of Rotate for a request id.
func (s *Service) Rotations(ctx context.Context, refs ...Ref) (list []Rotation, err error) {
	if err := s.remembers(lineFields); err != nil {
		return nil, err
	}
	if refs, err = s.settle(ctx, refs); err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	bonds, err := s.bonds(ctx, refs)
	if err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	now, recorded := s.now(), &recording{held: s.Store.Info().Fields}
	err = s.Store.View(ctx, func(r Reader) error {
		list = list[:0]
		for _, b := range bonds {
			rotation, err := b.rotation(ctx, r, recorded, now)
			if err != nil {
				return err
			}
			if len(refs) > 0 || rotation.State != RotationFinished {
				list = append(list, rotation)
			}
		}
		return nil
	})
	return list, err
}

// bonds returns the keys that refs name with their successors, or every usable key
// that has one.
func (s *Service) bonds(ctx context.Context, refs []Ref) (bonds []bond, err error) {
	list, err := s.rotatedKeys(ctx, refs)
	if err != nil {
		return nil, err
	}
	line, err := s.lineage(ctx, list)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	err = s.Store.View(ctx, func(r Reader) error {
		bonds = bonds[:0]
		clear(seen)
		for i := range list {
			b, err := line.bond(ctx, r, &list[i])
			if err == nil && b == nil && len(refs) > 0 {
				err = notRotated(&list[i])
			}
			if err != nil {
				return err
			}
			if b != nil {
				err = line.live(ctx, r, b, s.now())
			}
			if err != nil {
				return err
			}
			if b != nil && !seen[b.old.ID] {
				seen[b.old.ID] = true
				bonds = append(bonds, *b)
			}
		}
		return nil
	})
	return bonds, err
}

func notRotated(k *Key) error {
	return Errorf(ReasonNotRotated, "%s was not rotated, and replaces no key that is still there", k.name()).OnKey(k.ID)
}

// rotatedKeys returns the keys that refs name; without refs those that are usable
// and could have a successor.
func (s *Service) rotatedKeys(ctx context.Context, refs []Ref) ([]Key, error) {
	if len(refs) > 0 {
		return s.Select(ctx, refs...)
	}
	q := Query{Statuses: []Status{Active, Pending}, Replaced: s.keepsLineage()}
	var list []Key
	err := s.List(ctx, q, func(page []Key) error {
		for i := range page {
			if page[i].Identified() {
				list = append(list, page[i])
			}
		}
		return nil
	})
	return list, err
}

// rotation tells how far it has come.
func (b *bond) rotation(ctx context.Context, r Reader, recorded *recording, now Instant) (Rotation, error) {
	rotation := Rotation{Old: *b.old, New: b.next, Started: b.told.Created, OverlapEnds: b.told.Ends, Use: UseUnknown}
	if recorded.held.Has(FieldExpiresAt) {
		rotation.OverlapEnds = b.old.ExpiresAt
	}
	switch {
	case b.old.ended(now):
		rotation.State = RotationFinished
	case rotation.OverlapEnds.Reached(now):
		rotation.State = RotationDue
	default:
		rotation.State = RotationOverlapping
	}
	if b.next == nil {
		return rotation, nil
	}
	if !b.next.CreatedAt.IsNone() {
		rotation.Started = b.next.CreatedAt
	}
	rotation.StillUsed = !rotation.Started.IsNone() && rotation.Old.LastUsedAt.Millis() > rotation.Started.Millis()
	var err error
	rotation.Use, err = recorded.use(ctx, r, b)
	return rotation, err
}

// recording is whether a table records the use of keys, which is asked of it once.
type recording struct {
	held         Fields
	asked, known bool
}

// use tells of the use of a successor. Nothing is known of a key without it where no
// key was ever used: many a server has the column and never writes it.
func (r *recording) use(ctx context.Context, read Reader, b *bond) (Use, error) {
	switch {
	case !r.held.Has(FieldLastUsedAt) || b.next.unread(FieldsOf(FieldLastUsedAt)):
		return UseUnknown, nil
	case b.next.Used():
		return InUse, nil
	case b.old.Used():
		return NotInUse, nil
	}
	if err := r.ask(ctx, read); err != nil || !r.known {
		return UseUnknown, err
	}
	return NotInUse, nil
}

func (r *recording) ask(ctx context.Context, read Reader) error {
	q := Query{UsedSince: Millis(0), Fields: FieldsOf(FieldLastUsedAt)}
	for !r.asked {
		page, err := read.Page(ctx, q)
		if err != nil {
			return err
		}
		for i := range page {
			r.known = r.known || page[i].Used()
		}
		if r.asked = r.known || len(page) == 0; !r.asked {
			q.After = &page[len(page)-1]
		}
	}
	return nil
}
