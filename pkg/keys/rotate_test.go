package keys_test

import (
	"errors"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// rotated returns what rotating one key gives, or ends the test.
func (b *bench) rotated(q keys.RotateRequest) keys.Rotated {
	b.Helper()
	list, err := b.Rotate(b.Context(), q, quiet{})
	if err != nil {
		b.Fatal(err)
	}
	if len(list) != 1 {
		b.Fatalf("%+v", list)
	}
	return list[0]
}

func (b *bench) rotating(q keys.RotateRequest) error {
	_, err := b.Rotate(b.Context(), q, quiet{})
	return err
}

func rotate(id string, overlap time.Duration) keys.RotateRequest {
	return keys.RotateRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(id)}, Overlap: overlap}
}

func nativeBench(t *testing.T) *bench {
	b := &bench{T: t, now: noon, m: keystest.NewMemory()}
	b.Service = serviceOver(b.m)
	b.Service.Now = func() time.Time { return b.now }
	return b
}

func TestRotateGivesASuccessor(t *testing.T) {
	b := nativeBench(t)
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci", Prefix: "acme_live"}})
	got := b.rotated(rotate(old.Key.ID, day))
	if got.Result != keys.Created || !got.EndsItself || got.OverlapEnds != keys.At(noon.Add(day)) {
		t.Errorf("%+v", got)
	}
	if len(got.New.Token) != len(old.Token) {
		t.Errorf("the new token has %d characters, the old one %d", len(got.New.Token), len(old.Token))
	}
	b.accepts("the old token", old.Token, keys.OK)
	b.accepts("the new token", got.New.Token, keys.OK)
	err := b.rotating(rotate(old.Key.ID, day))
	wantReason(t, "again", err, keys.ReasonAlreadyRotated)
	var e *keys.Error
	if !errors.As(err, &e) || len(e.Matches) != 1 || e.Matches[0].ID != got.New.Key.ID {
		t.Errorf("%+v", e)
	}
	if k := b.stored(got.New.Key.ID); k.Prefix != "acme_live" || k.Label != "ci" || k.Predecessor != old.Key.ID {
		t.Errorf("%+v", k)
	}
}

func (b *bench) accepts(what, token string, want keys.Outcome) {
	b.Helper()
	if v := b.verdict(token, keys.Request{}); v.Outcome != want {
		b.Errorf("%s is %s, want %s", what, v.Outcome, want)
	}
}

func TestRotateAgainByRequestID(t *testing.T) {
	for name, b := range map[string]*bench{"native": nativeBench(t), "a table without lineage": benchOf(t, scanning(), scanningFields)} {
		old := b.made(keys.CreateRequest{BcryptCost: 4})
		b.made(keys.CreateRequest{BcryptCost: 4})
		q := rotate(old.Key.ID, day)
		q.RequestID, q.BcryptCost = "run-1", 4
		first := b.rotated(q)
		b.now = b.now.Add(time.Hour)
		second := b.rotated(q)
		if second.Result != keys.Changed || second.New.Key.ID != first.New.Key.ID || second.New.Token == first.New.Token || second.OverlapEnds != first.OverlapEnds {
			t.Errorf("%s: %+v", name, second)
		}
		if token, err := keys.ParseToken(second.New.Token); b.m.Info().Rules == nil && (err != nil || token.ID != first.New.Key.ID || !second.New.Key.HasSelector()) {
			t.Errorf("%s: the fresh token names another key: %+v", name, second.New.Key)
		}
		b.accepts(name+": the first token", first.New.Token, keys.Unknown)
		b.accepts(name+": the second token", second.New.Token, keys.OK)
		q.Refs = idRefs(first.New.Key.ID)
		if third := b.rotated(q); third.Result != keys.Changed || third.New.Key.ID != first.New.Key.ID {
			t.Errorf("%s, by the successor: %+v", name, third)
		}
		q.Refs, q.RequestID = idRefs(old.Key.ID), "run-2"
		wantReason(t, name+": another request", b.rotating(q), keys.ReasonAlreadyRotated)
	}
}

func TestFinish(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	old := b.made(keys.CreateRequest{BcryptCost: 4})
	q := rotate(old.Key.ID, day)
	q.BcryptCost = 4
	got := b.rotated(q)
	if got.EndsItself {
		t.Errorf("%+v", got)
	}
	f := keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(old.Key.ID)}}
	_, err := b.Finish(t.Context(), f)
	wantReason(t, "at once", err, keys.ReasonTooEarly)
	b.now = b.now.Add(day)
	list, err := b.Rotations(t.Context())
	if err != nil || len(list) != 1 || list[0].State != keys.RotationDue || list[0].Use != keys.UseUnknown {
		t.Errorf("%+v, %v", list, err)
	}
	for _, want := range []keys.Result{keys.Changed, keys.Unchanged} {
		done, err := b.Finish(t.Context(), f)
		if err != nil || len(done) != 1 || done[0].Result != want {
			t.Errorf("%+v, %v", done, err)
		}
	}
	b.accepts("the old token", old.Token, keys.KeyRevoked)
	b.accepts("the new token", got.New.Token, keys.OK)
}
