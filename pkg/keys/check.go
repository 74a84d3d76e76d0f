package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// toldEach is how many findings of one kind are told one by one: nobody reads more.
const toldEach = 1000

// Check tells what needs somebody before long: keys that expire within this time and
// that nothing replaces, rotations that end so before their successors were used, and a
// guard that is one key from refusing. What is first comes first; none at all is
// good. A time below zero gives ReasonInvalid.
func (s *Service) Check(ctx context.Context, within time.Duration) ([]Finding, error) {
	w, err := s.watch(ctx, within)
	if err != nil {
		return nil, err
	}
	expiring := w.expiring(toldEach)
	q := Query{Statuses: []Status{Active, Pending}, ExpiresBy: w.by, Current: true}
	err = s.list(ctx, q, func(page []Key) error {
		for i := range page {
			w.expires(expiring, &page[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	guard, err := w.guarded(ctx)
	if err != nil {
		return nil, err
	}
	found := slices.Concat(guard, w.policed(nil), w.rotations(toldEach), expiring.findings())
	return slices.DeleteFunc(found, func(f Finding) bool { return !f.Level.Failing() }), nil
}

// watch is what findings about keys are judged by.
type watch struct {
	*Service
	held     Fields
	rules    *Rules // narrowed by the policy
	policy   Policy
	broken   error // why the policy is not known, nil where it is
	now, by  Instant
	within   time.Duration
	noAdmin  bool            // no active key has the admin role of the policy
	replaced map[string]bool // old keys of rotations, by their ids
	turning  []Rotation      // those that are not finished
}

func (s *Service) watch(ctx context.Context, within time.Duration) (*watch, error) {
	if within < 0 {
		return nil, Errorf(ReasonInvalid, "a time to look ahead is not below zero")
	}
	w := &watch{Service: s, held: s.Store.Info().Fields, now: s.now(), within: within, replaced: map[string]bool{}}
	w.by = w.now.Add(within)
	var err error
	w.rules, w.policy, err = s.ruled(ctx)
	if errors.Is(err, &Error{Reason: ReasonPolicy}) { // which is a finding of its own
		w.rules, w.broken, err = s.rules(), err, nil
	}
	if err == nil {
		err = w.turned(ctx)
	}
	if err == nil && w.policy.AdminRole != "" {
		err = s.Store.View(ctx, func(r Reader) error {
			some, err := someAdmin(ctx, r, w.policy.AdminRole, w.now)
			w.noAdmin = !some
			return err
		})
	}
	return w, err
}

// current tells whether nothing replaces the key: one that is replaced may well end.
func (w *watch) current(k *Key) bool { return k.Successor == "" && !w.replaced[k.ID] }

// inUse tells whether a server accepts the key, now or from some moment on.
func (w *watch) inUse(k *Key) bool {
	status := k.Status(w.now)
	return (status == Active || status == Pending) && !k.Unreadable()
}

func (w *watch) expiring(most int) *telling {
	return &telling{most: most, rest: Finding{
		Check: "expiry", Level: Warning, Reason: "%d more keys expire within " + FormatDuration(w.within),
		Mend: []string{"list", "--status", "active", "--expiring", FormatDuration(w.within)},
	}}
}

// expires notes a key that ends soon. A rotation gives it a successor that lives as
// long as it did.
func (w *watch) expires(t *telling, k *Key) {
	if !w.inUse(k) || !w.current(k) || k.ExpiresAt.IsNone() || !k.ExpiresAt.Reached(w.by) {
		return
	}
	t.add(func() Finding {
		return Finding{
			Check: "expiry", Level: Warning, Key: k.ID, At: k.ExpiresAt,
			Reason: k.name() + " expires at " + k.ExpiresAt.String() + ", and nothing replaces it",
			Mend:   []string{"rotate", k.ID, "--expires", FormatDuration(w.lifeOf(k))},
		}
	})
}

// errSeenEnough ends a list whose rest does not matter.
var errSeenEnough = errors.New("seen enough")

// guarded reads keys until the guard is known to be far from refusing.
func (w *watch) guarded(ctx context.Context) ([]Finding, error) {
	g := w.guard()
	if w.rules.Guard == GuardNone {
		return g.findings(), nil
	}
	q := Query{Statuses: []Status{Active}, Role: g.role, Unbound: true, Limit: 200}
	err := w.List(ctx, q, func(page []Key) error {
		for i := range page {
			if g.add(&page[i]); g.enough() {
				return errSeenEnough
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSeenEnough) {
		return nil, err
	}
	return g.findings(), nil
}

// telling tells findings of one kind one by one, and of the rest the number.
type telling struct {
	most int
	list []Finding
	more int
	rest Finding // its Reason has a %d for the number
}

// add notes one more; of the rest nothing is made.
func (t *telling) add(one func() Finding) {
	if len(t.list) < t.most {
		t.list = append(t.list, one())
		return
	}
	t.more++
}

// number is how many there are.
func (t *telling) number() int { return len(t.list) + t.more }

// findings returns them, what comes to pass first in front.
func (t *telling) findings() []Finding {
	slices.SortStableFunc(t.list, func(a, b Finding) int { return int(min(max(a.At.Millis()-b.At.Millis(), -1), 1)) })
	if t.more == 0 {
		return t.list
	}
	rest := t.rest
	rest.Reason = fmt.Sprintf(rest.Reason, t.more)
	return append(t.list, rest)
}
