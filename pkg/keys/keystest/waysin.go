package keystest

import (
	"errors"
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// siege is a random sequence of changes, none of them forced, on keys that come and go
// by the clock as well.
type siege struct {
	*lab
	clock   *clock
	service *keys.Service
	roles   []string // whose keys somebody must be left of, "" for any
}

// staysOpen: what nobody forces never takes from the time, of the hour that a guard looks
// ahead, in which somebody will get in with the keys that are in use. Whatever follows
// whatever, the last way in is left.
func staysOpen(l *lab) {
	l.needsGuard()
	for range l.rounds(40) {
		c := newClock()
		s := &siege{l, c, l.timed(l.store, c), []string{l.rules.AdminRole}}
		s.demandAdmins()
		for range 1 + l.rnd.IntN(3) {
			l.inserted(s.wayIn())
		}
		for range 12 {
			s.step()
			if len(l.failures) > 0 {
				return
			}
		}
		l.empty()
	}
}

// demandAdmins has the policy name an admin role, or none, where there is one.
func (s *siege) demandAdmins() {
	if !s.rules.Settings {
		return
	}
	set := keys.Setting{Name: "admin_role", Value: keys.DefaultValue}
	if s.chance(50) {
		set.Value, s.roles = "admin", []string{"", "admin"}
	}
	_, err := s.service.SetPolicy(ctx, keys.PolicyRequest{Settings: []keys.Setting{set}})
	s.must(err)
}

// wayIn returns a key that is in use, and not for ever or not for everything.
func (s *siege) wayIn() keys.Key {
	k := s.plainKey()
	k.ExpiresAt, k.Resource = s.end(), s.pick([]string{"", "", "tv/1"})
	if s.chance(20) {
		k.Role = s.role()
	}
	return s.fit(k)
}

// end returns none, or the end of a key within the hour or soon after it.
func (s *siege) end() keys.Instant {
	after := []time.Duration{0, time.Second, 20 * time.Minute, 59 * time.Minute, 61 * time.Minute, 100 * time.Hour}[s.rnd.IntN(6)]
	if after == 0 {
		return keys.Instant{}
	}
	return s.clock.at().Add(after)
}

func (s *siege) role() string {
	if r := s.rules.Roles; r != nil && len(r.Words) > 0 {
		return s.pick(r.Words)
	}
	return s.pick(roles)
}

// step does something to some keys, and compares who gets in.
func (s *siege) step() {
	s.clock.move([]time.Duration{0, 0, time.Second, 7 * time.Minute}[s.rnd.IntN(4)])
	before := s.stored()
	if len(before) == 0 {
		return
	}
	verb := sieges[s.rnd.IntN(len(sieges))]
	q := keys.ChangeRequest{Refs: refs(s.some(before)...)}
	err := verb.do(s, q)
	if refusal := (*keys.Error)(nil); err != nil && !errors.As(err, &refusal) {
		s.errorf("%s: %w", verb.name, err)
	}
	after := s.stored()
	s.compare(before, after, fmt.Sprintf("%s of %q", verb.name, q.Refs))
}

func (s *siege) compare(before, after []keys.Key, what string) {
	for _, role := range s.roles {
		for _, bound := range []bool{false, true} {
			was, is := getsIn(before, s.clock.at(), role, bound), getsIn(after, s.clock.at(), role, bound)
			if was-is > s.cutOff() {
				s.errorf("%s leaves a way in for %s of %s (role %q, also bound ones: %v):\n%+v\nbecame\n%+v", what, is, was, role, bound, before, after)
			}
		}
	}
}

// cutOff is how much of an end its table may not keep.
func (l *lab) cutOff() time.Duration {
	if l.rules.Server == "" {
		return 0
	}
	return time.Second
}

// getsIn returns for how long, within the hour that a guard looks ahead and the moment
// after it, a key of a list that lets somebody in at a moment still will: one that opens
// everything, or any.
func getsIn(list []keys.Key, at keys.Instant, role string, bound bool) (longest time.Duration) {
	for _, k := range list {
		if k.Status(at) != keys.Active || role != "" && k.Role != role || k.Resource != "" && !bound {
			continue
		}
		left := keys.GuardHorizon + time.Millisecond
		if !k.ExpiresAt.IsNone() {
			left = min(left, k.ExpiresAt.Sub(at))
		}
		longest = max(longest, left)
	}
	return longest
}

// sieges are the verbs that can end, or narrow, how somebody gets in.
var sieges = []struct {
	name string
	do   func(s *siege, q keys.ChangeRequest) error
}{
	{"an update", (*siege).narrow}, {"an update", (*siege).narrow}, {"an update", (*siege).narrow},
	{"a revocation", func(s *siege, q keys.ChangeRequest) error { return second(s.service.Revoke(ctx, q)) }},
	{"a revocation for a while", func(s *siege, q keys.ChangeRequest) error {
		q.Until = s.clock.at().Add(20 * time.Minute)
		return second(s.service.Revoke(ctx, q))
	}},
	{"a deletion", func(s *siege, q keys.ChangeRequest) error { return second(s.service.Delete(ctx, q)) }},
	{"an activation", func(s *siege, q keys.ChangeRequest) error { return second(s.service.Activate(ctx, q)) }},
	{"an activation until some moment", func(s *siege, q keys.ChangeRequest) error {
		q.Expires, q.ExpiresAt = true, s.end()
		return second(s.service.Activate(ctx, q))
	}},
	{"pruning", (*siege).prune},
	{"a rotation", (*siege).rotate},
	{"the end of a rotation", func(s *siege, q keys.ChangeRequest) error {
		return second(s.service.Finish(ctx, keys.FinishRequest{ChangeRequest: q}))
	}},
}

func second[T any](_ T, err error) error { return err }

// narrow gives keys one other attribute of those that tell whom they let in.
func (s *siege) narrow(q keys.ChangeRequest) error {
	f := []keys.Field{keys.FieldExpiresAt, keys.FieldExpiresAt, keys.FieldResource, keys.FieldNotBefore, keys.FieldRole}[s.rnd.IntN(5)]
	u := keys.UpdateRequest{ChangeRequest: q, Set: keys.FieldsOf(f)}
	u.Key = keys.Key{ExpiresAt: s.end(), Resource: s.pick([]string{"", "tv/1", "tv/2"}), NotBefore: s.end(), Role: s.role()}
	return second(s.service.Update(ctx, u))
}

func (s *siege) prune(q keys.ChangeRequest) error {
	for range 3 {
		p := keys.PruneRequest{ChangeRequest: q}
		*[]**time.Duration{&p.ExpiredFor, &p.RevokedFor, &p.UnusedFor}[s.rnd.IntN(3)] = new(time.Duration)
		if err := second(s.service.Prune(ctx, p)); err != nil {
			return err
		}
	}
	return nil
}

func (s *siege) rotate(q keys.ChangeRequest) error {
	r := s.rotation()
	r.ChangeRequest, r.Overlap = q, []time.Duration{0, time.Second, 20 * time.Minute, 100 * time.Hour}[s.rnd.IntN(4)]
	if r.Expires = s.chance(50); r.Expires {
		r.ExpiresAt = s.end()
	}
	done, err := s.service.Rotate(ctx, r, delivered{})
	for _, turn := range done {
		s.used[turn.New.Key.ID] = true
	}
	return err
}
