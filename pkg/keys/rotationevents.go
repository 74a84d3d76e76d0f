package keys

import (
	"encoding/json"
	"strings"
	"time"
)

// rotationEvents are those of a turn: the rotation of the old key, which tells all
// that its table may have no columns for, and the creation of the new one.
func (s *Service) rotationEvents(p *plan, t *turn, now Instant) []Event {
	switch t.result {
	case Created:
		was, is, made := *t.old, t.after, t.issued.Key
		is.Successor, made.Predecessor, made.RequestID = made.ID, was.ID, p.RequestID
		rotated := s.event(ActionRotate, now, p.ChangeRequest, &was, &is)
		rotated.After = tell(rotated.After, t)
		return []Event{rotated, s.event(ActionCreate, now, p.ChangeRequest, nil, &made)}
	case Changed, Unchanged:
		return s.repeatEvents(p, t, now)
	}
	return nil
}

// repeatEvents are those of a rotation that was made before: what is another now. A key
// whose predecessor is gone has no successor to tell of.
func (s *Service) repeatEvents(p *plan, t *turn, now Instant) []Event {
	if t.result == Unchanged && !t.advanced {
		return nil
	}
	was := *t.subject()
	is := was
	if t.advanced {
		is = t.after
	}
	e := s.event(ActionRotate, now, p.ChangeRequest, &was, &is)
	if t.old != nil {
		e.After = tell(withMember(e.After, "successor", t.next.ID), t)
	}
	if t.result == Changed {
		e.After = withMember(e.After, "secret", "fresh")
	}
	return []Event{e}
}

// tell adds to the JSON of an event what [successionIn] reads, but for the successor.
func tell(object string, t *turn) string {
	object = withMember(object, "successor_created_at", t.issued.Key.CreatedAt.String())
	object = withMember(object, "overlap_ends", t.told.Ends.String())
	return withMember(object, "request_id", t.told.RequestID)
}

// withMember adds a text to a JSON object, null for an empty one.
func withMember(object, name, value string) string {
	b := []byte(strings.TrimSuffix(object, "}"))
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(AppendString(b, name), ':')
	return string(append(appendText(b, value), '}'))
}

// successionIn reads the event of a rotation.
func successionIn(e Event) (succession, bool) {
	var told struct {
		Successor string     `json:"successor"`
		Created   *time.Time `json:"successor_created_at"`
		Ends      *time.Time `json:"overlap_ends"`
		RequestID string     `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(e.After), &told); err != nil || told.Successor == "" {
		return succession{}, false
	}
	return succession{e.At, told.Successor, instantOf(told.Created), instantOf(told.Ends), told.RequestID, e.Unsure}, true
}

// originIn reads the event of a creation.
func originIn(e Event) (origin, bool) {
	var told struct {
		Predecessor string     `json:"predecessor"`
		Created     *time.Time `json:"created_at"`
		RequestID   string     `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(e.After), &told); err != nil || told.Predecessor == "" {
		return origin{}, false
	}
	return origin{told.Predecessor, instantOf(told.Created), told.RequestID}, true
}

func instantOf(t *time.Time) Instant {
	if t == nil {
		return Instant{}
	}
	return At(*t)
}
