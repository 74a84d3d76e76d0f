package keys_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

var noon = time.Date(2027, 1, 15, 12, 0, 0, 5e6, time.UTC)

func serviceOver(s keys.Store) *keys.Service {
	return &keys.Service{Store: s, Now: func() time.Time { return noon }, Rand: seeded(1), Actor: keys.Actor{User: "root"}}
}

// What is wrong with a request is said before anything is locked, hashed or staged.
func TestRequestsAreJudgedFirst(t *testing.T) {
	n, s := newNoted()
	for name, q := range map[string]keys.CreateRequest{
		"a label with a control character": {Key: keys.Key{Label: "a\x1bb"}},
		"an expiry in the past":            {Key: keys.Key{ExpiresAt: keys.At(noon)}},
		"an expiry before the beginning":   {Key: keys.Key{ExpiresAt: keys.At(noon.Add(1e9)), NotBefore: keys.At(noon.Add(2e9))}},
		"a scope with a space":             {Key: keys.Key{Scopes: []string{"a b"}}},
		"a prefix in capitals":             {Key: keys.Key{Prefix: "KR"}},
		"a negative number":                {Count: -1},
		"two keys of one token":            {Count: 2, Supplied: strings.Repeat("x", 40)},
		"a token that is too short":        {Supplied: "short"},
		"a secret that is too short":       {SecretBytes: 8},
		"a cost that takes for ever":       {Scheme: keys.Bcrypt, BcryptCost: 16},
		"a reason of several lines":        {Reason: "a\nb"},
	} {
		_, err := s.Create(t.Context(), q, n)
		wantReason(t, name, err, keys.ReasonInvalid)
		_, err = s.Bootstrap(t.Context(), q, n)
		wantReason(t, name, err, keys.ReasonInvalid)
	}
	_, err := s.Revoke(t.Context(), keys.ChangeRequest{Reason: "a\x00b"})
	wantReason(t, "a reason with NUL", err, keys.ReasonInvalid)
	n.want(t, "nothing began")
}

func TestVerifyWritesNothing(t *testing.T) {
	n, s := newNoted()
	issued, err := s.Create(t.Context(), keys.CreateRequest{}, n)
	if err != nil {
		t.Fatal(err)
	}
	n.lines = nil
	for token, want := range map[string]keys.Outcome{issued[0].Token: keys.OK, "": keys.NoToken, "x": keys.Malformed} {
		if v, err := s.Verify(t.Context(), token, keys.Request{}); err != nil || v.Outcome != want {
			t.Errorf("%+v, %v, want %s", v, err, want)
		}
	}
	n.want(t, "verify")
}

// down is a store that does not answer.
type down struct{ keys.Store }

func (down) View(context.Context, func(keys.Reader) error) error {
	return keys.Errorf(keys.ReasonUnreadable, "down")
}

func TestVerdictWithoutADatabase(t *testing.T) {
	v, err := serviceOver(down{keystest.NewMemory()}).Verify(t.Context(), "any-token-of-a-possible-length-at-all", keys.Request{})
	if v.Accepted || v.Outcome != keys.NotAnswering {
		t.Errorf("%+v", v)
	}
	wantReason(t, "verify", err, keys.ReasonUnreadable)
}

// A row that cannot be checked must not keep others from being found.
func TestDamagedHashHidesNoOtherKey(t *testing.T) {
	m := keystest.NewMemory()
	s := serviceOver(m)
	supplied := keys.CreateRequest{Supplied: "a-token-that-somebody-has-thought-up", BcryptCost: 4}
	n, _ := newNoted()
	issued, err := s.Create(t.Context(), supplied, n)
	if err != nil {
		t.Fatal(err)
	}
	damaged := []keys.Key{}
	for i, hash := range []string{"nonsense", "$2x$04$", "$argon2id$v=19$m=9999999,t=1,p=1$AAAA$AAAA"} {
		damaged = append(damaged, keys.Key{ID: string(rune('a' + i)), Scheme: []keys.Scheme{keys.Bcrypt, keys.Bcrypt72, keys.Argon2id}[i], Hash: hash, Enabled: true})
	}
	if err := m.Update(t.Context(), func(tx keys.Tx) error { return tx.Insert(t.Context(), damaged) }); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Verify(t.Context(), supplied.Supplied, keys.Request{}); err != nil || !v.Accepted || v.Key.ID != issued[0].Key.ID {
		t.Errorf("%+v, %v", v, err)
	}
}

// ending is a store after whose first read the command is told to end.
type ending struct {
	keys.Store
	end context.CancelFunc
}

func (e ending) View(ctx context.Context, fn func(keys.Reader) error) error {
	defer e.end()
	return e.Store.View(ctx, fn)
}

// Each slow hash takes a large part of a second, and there can be many.
func TestSlowHashesEndWithTheCommand(t *testing.T) {
	n, s := newNoted()
	supplied := keys.CreateRequest{Supplied: "a-token-that-somebody-has-thought-up", BcryptCost: 4}
	if _, err := s.Create(t.Context(), supplied, n); err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func(context.Context, *keys.Service) error{
		"verify": func(ctx context.Context, s *keys.Service) error {
			_, err := s.Verify(ctx, supplied.Supplied, keys.Request{})
			return err
		},
		"create": func(ctx context.Context, s *keys.Service) error {
			_, err := s.Create(ctx, supplied, n)
			return err
		},
		"create of many": func(ctx context.Context, s *keys.Service) error {
			ctx, cancel := context.WithCancel(ctx)
			s.Now = func() time.Time { cancel(); return noon }
			_, err := s.Create(ctx, keys.CreateRequest{Count: 1000, Scheme: keys.Bcrypt}, n)
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := use(ctx, serviceOver(ending{n.Store, cancel})); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMigrateOfASchemaThatIsNotOurs(t *testing.T) {
	_, _, err := serviceOver(keystest.NewMemory()).Migrate(t.Context(), keys.ChangeRequest{})
	wantReason(t, "migrate", err, keys.ReasonUnsupported)
}

// A request made from an existing key must not give its past to another.
func TestNewKeysHaveNoPast(t *testing.T) {
	n, s := newNoted()
	past := keys.Key{
		ID: "mine", Hash: "mine", Masked: "mine", CreatedBy: "me", CreatedAt: keys.Millis(1), Label: "ci",
		RevokedAt: keys.Millis(1), RevokedBy: "me", RevokedReason: "old", RevokedUntil: keys.Millis(2),
		LastUsedAt: keys.Millis(1), LastUsedFrom: "192.0.2.7", Successor: "b", Predecessor: "a", RequestID: "r",
		UpdatedAt: keys.Millis(1), Damage: []keys.Damage{{Field: keys.FieldHash}},
	}
	issued, err := s.Create(t.Context(), keys.CreateRequest{Key: past}, n)
	if err != nil {
		t.Fatal(err)
	}
	got := issued[0].Key
	want := keys.Key{
		ID: got.ID, Hash: keys.Digest(issued[0].Token), Masked: "kr_" + got.ID + "…", Prefix: "kr", Scheme: keys.SHA256,
		Label: "ci", Enabled: true, CreatedAt: keys.At(noon), CreatedBy: "root",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(keys.Instant{})); diff != "" {
		t.Error(diff)
	}
}

// A key made in a crowd of one batch is listed as it was numbered.
func TestManyKeysAreNumbered(t *testing.T) {
	n, s := newNoted()
	issued, err := s.Create(t.Context(), keys.CreateRequest{Key: keys.Key{Label: "bot"}, Count: 3}, n)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, i := range issued {
		labels = append(labels, i.Key.Label)
	}
	if !slices.Equal(labels, []string{"bot-1", "bot-2", "bot-3"}) {
		t.Errorf("labels %q", labels)
	}
}
