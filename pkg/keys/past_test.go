package keys_test

import (
	"context"
	"errors"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// past is a store that counts how often the audit is read, and allows it only while
// nothing of the database is held.
type past struct {
	keys.Store
	*testing.T
	held   bool
	reads  int
	broken error
}

func pastOf(b *bench) *past {
	p := &past{Store: b.Store, T: b.T}
	b.Store = p
	return p
}

func (p *past) Last(ctx context.Context, action keys.Action, ids ...string) (map[string]keys.Event, error) {
	p.reads++
	if p.held {
		p.Error("the audit is read while the database is held")
	}
	if p.broken != nil {
		return nil, p.broken
	}
	return p.Store.Last(ctx, action, ids...)
}

func (p *past) Update(ctx context.Context, fn func(keys.Tx) error) error {
	p.held = true
	defer func() { p.held = false }()
	return p.Store.Update(ctx, fn)
}

func (p *past) View(ctx context.Context, fn func(keys.Reader) error) error {
	p.held = true
	defer func() { p.held = false }()
	return p.Store.View(ctx, fn)
}

func (p *past) wantReads(what string, n int) {
	p.Helper()
	if p.reads != n {
		p.Errorf("%s: the audit is read %d times, want %d", what, p.reads, n)
	}
	p.reads = 0
}

// The audit may be a long file: it is read once for a command, after the change, and
// only where it could tell of anything.
func TestNumbersUsedAgainAreLookedUpOnce(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	for range 2 {
		b.made(keys.CreateRequest{})
	}
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("2")}); err != nil {
		t.Fatal(err)
	}
	p := pastOf(b)
	b.made(keys.CreateRequest{Count: 5, DryRun: true})
	p.wantReads("dry run", 0)
	issued, err := b.Create(t.Context(), keys.CreateRequest{Count: 5}, quiet{})
	if p.wantReads("create", 1); err != nil || len(issued[0].Advice) != 1 || issued[1].Advice != nil {
		t.Errorf("advice %q, %v", issued[0].Advice, err)
	}
	p.broken = errors.New("the audit cannot be read")
	if again := b.made(keys.CreateRequest{}); again.Advice != nil {
		t.Errorf("advice %q", again.Advice)
	}
	b = benchOf(t, ranking(), rankingFields)
	p = pastOf(b)
	b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	p.wantReads("numbers that are not used again", 0)
}

// What became of a key that is not there is looked up once the change was given up.
func TestDeletedKeysAreLookedUpAfterwards(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	for range 3 {
		b.made(keys.CreateRequest{})
	}
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("2"), Reason: "leaked"}); err != nil {
		t.Fatal(err)
	}
	p := pastOf(b)
	for _, ref := range []keys.Ref{keys.IDRef("2"), keys.TextRef("2")} {
		q := keys.ChangeRequest{Refs: []keys.Ref{ref}}
		_, err := b.Select(t.Context(), ref)
		wantSays(t, "select", err, keys.ReasonDeleted, "key 2 was deleted at", "(leaked)")
		_, err = b.Revoke(t.Context(), q)
		wantReason(t, "revoke", err, keys.ReasonDeleted)
		p.wantReads("both", 2)
	}
	_, err := b.Select(t.Context(), keys.IDRef("7"))
	wantReason(t, "never there", err, keys.ReasonNotFound)
	p.broken = errors.New("the audit cannot be read")
	_, err = b.Select(t.Context(), keys.TextRef("2"))
	wantReason(t, "an audit that cannot be read", err, keys.ReasonNotFound)
	p.reads = 0
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("1")}); err != nil {
		t.Error(err)
	}
	p.wantReads("a key that is there", 0)
}

// The expiry that comes back is read before the lock is taken, and what was read is
// checked under it.
func TestExpiryIsReadBeforeTheLock(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	end := keys.At(noon.Add(9 * day))
	id := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}, ExpiresAt: end}}).Key.ID
	q := keys.ChangeRequest{Refs: idRefs(id)}
	p := pastOf(b)
	if _, err := b.Activate(t.Context(), q); err != nil {
		t.Error(err)
	}
	p.wantReads("a key that is on", 0)
	if _, err := b.Revoke(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	overtaken := *b.Service
	overtaken.Store = meanwhile{p, func() { b.patch(id, func(k *keys.Key) { k.ExpiresAt = k.ExpiresAt.Add(-day) }) }}
	_, err := overtaken.Activate(t.Context(), q)
	wantReason(t, "an expiry that was changed meanwhile", err, keys.ReasonInvalid)
	b.patch(id, func(k *keys.Key) { k.ExpiresAt = k.ExpiresAt.Add(day) })
	if _, err := b.Activate(t.Context(), q); err != nil || b.stored(id).ExpiresAt != end {
		t.Errorf("the expiry is %s, %v", b.stored(id).ExpiresAt, err)
	}
}

// meanwhile is a store on which something happens once the audit was read.
type meanwhile struct {
	*past
	happens func()
}

func (m meanwhile) Last(ctx context.Context, action keys.Action, ids ...string) (map[string]keys.Event, error) {
	defer m.happens()
	return m.past.Last(ctx, action, ids...)
}
