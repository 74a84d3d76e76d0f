package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// lineages are a table that tells which key replaced which, and one that does not.
func lineages(t *testing.T) map[string]*bench {
	return map[string]*bench{"native": nativeBench(t), "a table without lineage": benchOf(t, scanning(), scanningFields)}
}

// requested rotates a new key by a request, which it returns too.
func (b *bench) requested() (keys.RotateRequest, keys.Issued, keys.Rotated) {
	b.made(keys.CreateRequest{BcryptCost: 4})
	old := b.made(keys.CreateRequest{BcryptCost: 4})
	q := rotate(old.Key.ID, day)
	q.RequestID, q.BcryptCost = "r", 4
	return q, old, b.rotated(q)
}

// The first answer was lost, and then the old token leaked.
func TestRepeatedRequestEndsTheOldKeyEarlier(t *testing.T) {
	for name, b := range lineages(t) {
		q, old, first := b.requested()
		b.now = b.now.Add(time.Hour)
		q.Overlap = 7 * day
		if again := b.rotated(q); again.OverlapEnds != first.OverlapEnds || again.Old.ExpiresAt != first.Old.ExpiresAt {
			t.Errorf("%s: a longer overlap: %+v", name, again)
		}
		q.Overlap = time.Hour
		soon := keys.At(b.now.Add(time.Hour))
		if again := b.rotated(q); again.OverlapEnds != soon || again.Result != keys.Changed {
			t.Errorf("%s: a shorter overlap: %+v", name, again)
		}
		if list, err := b.Rotations(t.Context(), keys.IDRef(old.Key.ID)); err != nil || list[0].OverlapEnds != soon {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
		q.Overlap, q.DryRun = 0, true
		b.rotated(q)
		b.accepts(name+": the old token after a dry run", old.Token, keys.OK)
		q.DryRun = false
		again := b.rotated(q)
		if v := b.verdict(old.Token, keys.Request{}); v.Outcome == keys.OK || !again.EndsItself || again.Result != keys.Changed {
			t.Errorf("%s: no overlap: %s, %+v", name, v.Outcome, again)
		}
		b.accepts(name+": the last token", again.New.Token, keys.OK)
	}
}

func TestSuppliedTokenAgainEndsTheOldKeyEarlier(t *testing.T) {
	for name, b := range lineages(t) {
		b.made(keys.CreateRequest{BcryptCost: 4})
		old := b.made(keys.CreateRequest{BcryptCost: 4})
		q := rotate(old.Key.ID, day)
		q.Supplied, q.RequestID, q.Scheme, q.BcryptCost = "somebody-thought-this-token-up-for-ci", "r", keys.Bcrypt, 4
		b.rotated(q)
		events := len(b.m.Audit())
		q.RequestID = ""
		b.rotated(q)
		if len(b.m.Audit()) != events {
			t.Errorf("%s: what changes nothing is recorded", name)
		}
		q.Overlap = 0
		again := b.rotated(q)
		if v := b.verdict(old.Token, keys.Request{}); v.Outcome == keys.OK || again.Result != keys.Unchanged || !again.EndsItself {
			t.Errorf("%s: %s, %+v", name, v.Outcome, again)
		}
		b.accepts(name, q.Supplied, keys.OK)
		q.RequestID = "r"
		if last := b.rotated(q); last.Result != keys.Unchanged || len(b.m.Audit()) != events+1 {
			t.Errorf("%s: at last: %+v", name, last)
		}
	}
}

// A successor lives as long as the request that made it said, and no other.
func TestRepeatedRequestForAnotherEnd(t *testing.T) {
	b := nativeBench(t)
	q, _, _ := b.requested()
	b.now = b.now.Add(time.Hour)
	for at, want := range map[keys.Instant]keys.Reason{{}: "", keys.At(b.now.Add(30 * day)): keys.ReasonAlreadyRotated} {
		if q.Expires, q.ExpiresAt = true, at; want == "" {
			b.rotated(q)
		} else {
			wantReason(t, "an end where there was none", b.rotating(q), want)
		}
	}
	q.RequestID, q.Refs = "s", idRefs(b.made(keys.CreateRequest{}).Key.ID)
	q.ExpiresAt = keys.At(b.now.Add(30 * day))
	end := q.ExpiresAt
	b.rotated(q)
	b.now = b.now.Add(time.Hour)
	for what, at := range map[string]keys.Instant{"the same moment": end, "as long as then": keys.At(b.now.Add(30 * day))} {
		if q.ExpiresAt = at; b.rotated(q).New.Key.ExpiresAt != end {
			t.Errorf("%s is another end", what)
		}
	}
	for what, at := range map[string]keys.Instant{"earlier": keys.At(b.now.Add(day)), "never": {}} {
		q.ExpiresAt = at
		wantReason(t, what, b.rotating(q), keys.ReasonAlreadyRotated)
	}
}

// A job that is started again does not take the token away from whoever may use it.
func TestRepeatedRequestOnceClientsHaveTheToken(t *testing.T) {
	b := nativeBench(t)
	q, old, first := b.requested()
	b.now = b.now.Add(2 * day)
	wantReason(t, "where nothing tells", b.rotating(q), keys.ReasonAlreadyRotated)
	b.accepts("the token that may be in use", first.New.Token, keys.OK)
	b.patch(old.Key.ID, func(k *keys.Key) { k.LastUsedAt = keys.At(noon.Add(time.Hour)) })
	if again := b.rotated(q); again.Result != keys.Changed {
		t.Errorf("where use is recorded: %+v", again)
	}

	b = nativeBench(t)
	q, _, _ = b.requested()
	q.Overlap = 0
	b.rotated(q)
	if again := b.rotated(q); again.Result != keys.Changed {
		t.Errorf("after a leak: %+v", again)
	}
}

// The overlap of a key that has not begun is one that clients get something from.
func TestRotateOfAPendingKey(t *testing.T) {
	b := nativeBench(t)
	begin := keys.At(noon.Add(10 * day))
	pending := func(end keys.Instant) string {
		return b.made(keys.CreateRequest{Key: keys.Key{NotBefore: begin, ExpiresAt: end}}).Key.ID
	}
	for what, c := range map[string]struct {
		id      string
		overlap time.Duration
		want    keys.Instant
	}{
		"an overlap":        {pending(keys.Instant{}), day, begin.Add(day)},
		"until its own end": {pending(begin.Add(time.Hour)), day, begin.Add(time.Hour)},
		"no overlap at all": {pending(keys.Instant{}), 0, keys.At(noon)},
	} {
		if got := b.rotated(rotate(c.id, c.overlap)); got.OverlapEnds != c.want || got.Old.ExpiresAt != c.want {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// A repeated call by filters gives all that the first one gave, or says why not.
func TestRepeatedRequestByFilter(t *testing.T) {
	for name, b := range lineages(t) {
		for _, label := range []string{"web-1", "web-2", "web-3"} {
			b.made(keys.CreateRequest{Key: keys.Key{Label: label}, BcryptCost: 4})
		}
		b.made(keys.CreateRequest{BcryptCost: 4})
		q := rotate("", day)
		q.Refs, q.Where = nil, &keys.Query{LabelGlob: "web-*"}
		q.RequestID, q.BcryptCost = "r", 4
		first, err := b.Rotate(t.Context(), q, quiet{})
		if err != nil || len(first) != 3 {
			t.Fatalf("%s: %d, %v", name, len(first), err)
		}
		if again, err := b.Rotate(t.Context(), q, quiet{}); err != nil || len(again) != 3 {
			t.Errorf("%s: %d given again, %v", name, len(again), err)
		}
		b.now = b.now.Add(time.Hour)
		b.patch(first[1].New.Key.ID, func(k *keys.Key) { k.LastUsedAt = keys.At(b.now) })
		wantReason(t, name+": one is used", b.rotating(q), keys.ReasonAlreadyRotated)
	}
}
