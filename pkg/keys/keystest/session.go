package keystest

import (
	"context"
	"maps"
	"net/netip"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// session reads and changes one state. Each of its steps waits for its turn.
type session struct {
	*state
	turn func() (done func())
	info keys.Info
}

var _ keys.Tx = (*session)(nil)

// atOnce is the turn of whoever has the state alone.
func atOnce() func() { return func() {} }

func (s *session) all() []keys.Key { return slices.Collect(maps.Values(s.rows)) }

func (s *session) Key(_ context.Context, id string) (keys.Key, error) {
	defer s.turn()()
	return s.find(id)
}

func (s *session) find(id string) (keys.Key, error) {
	k, ok := s.rows[id]
	if !ok || id == "" {
		return k, keys.Errorf(keys.ReasonNotFound, "no key has the id %q", id)
	}
	return k, nil
}

func (s *session) Page(_ context.Context, q keys.Query) ([]keys.Key, error) {
	defer s.turn()()
	return pageOf(s.all(), q, s.info.Rules == nil || s.info.PrefixID, 1000), nil
}

func (s *session) Count(_ context.Context, now keys.Instant) (map[keys.Status]int, error) {
	defer s.turn()()
	counts := map[keys.Status]int{keys.Revoked: 0, keys.Expired: 0, keys.Pending: 0, keys.Active: 0}
	for _, k := range s.rows {
		counts[k.Status(now)]++
	}
	return counts, nil
}

func (s *session) Candidates(_ context.Context, p keys.Presented) ([]keys.Key, error) {
	defer s.turn()()
	found := candidatesOf(s.info, s.all(), p)
	rank := map[bool]int{true: 0, false: 1}
	slices.SortFunc(found, func(a, b keys.Key) int {
		return rank[a.Status(p.Now) == keys.Active] - rank[b.Status(p.Now) == keys.Active]
	})
	return found, nil
}

func (s *session) SlowKeys(context.Context) ([]keys.Key, error) {
	defer s.turn()()
	return slices.DeleteFunc(s.all(), func(k keys.Key) bool { return !costly(s.info, &k) }), nil
}

func (s *session) Survivor(_ context.Context, now keys.Instant, role string, except []string) (bool, error) {
	defer s.turn()()
	absent := make(map[string]bool, len(except))
	for _, id := range except {
		absent[id] = true
	}
	others := slices.DeleteFunc(s.all(), func(k keys.Key) bool { return absent[k.ID] })
	return survives(others, now, role, nil), nil
}

func (s *session) Insert(_ context.Context, list []keys.Key) error {
	defer s.turn()()
	hashes := make(map[string]bool, len(s.rows))
	for _, k := range s.rows {
		hashes[k.Hash] = true
	}
	for _, k := range list {
		if _, err := s.find(k.ID); err == nil || hashes[k.Hash] {
			return errTaken(k)
		}
		hashes[k.Hash] = true
		s.rows[k.ID], s.changed = k, true
	}
	return nil
}

func errTaken(k keys.Key) error {
	return keys.Errorf(keys.ReasonTokenTaken, "a key with the id or the hash of %s exists", k.ID).OnKey(k.ID)
}

func (s *session) Replace(_ context.Context, k *keys.Key) error {
	defer s.turn()()
	if _, err := s.find(k.ID); err != nil {
		return err
	}
	for id, other := range s.rows {
		if id != k.ID && other.Hash == k.Hash {
			return errTaken(*k)
		}
	}
	s.rows[k.ID], s.changed = *k, true
	return nil
}

func (s *session) Delete(_ context.Context, id string) error {
	defer s.turn()()
	_, err := s.find(id)
	if err == nil {
		delete(s.rows, id)
		s.changed = true
	}
	return err
}

func (s *session) Claimed(context.Context) (keys.Instant, error) {
	defer s.turn()()
	return s.claimed, nil
}

func (s *session) Claim(_ context.Context, at keys.Instant) error {
	defer s.turn()()
	if s.claimed.IsNone() {
		s.claimed, s.changed = at, true
	}
	return nil
}

func (s *session) Record(_ context.Context, events []keys.Event) error {
	defer s.turn()()
	s.audit = append(s.audit, events...)
	s.changed = s.changed || len(events) > 0
	return nil
}

func (s *session) Policy(context.Context) (p keys.Policy, err error) {
	defer s.turn()()
	p = keys.DefaultPolicy()
	var stored []keys.Setting
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		stored = append(stored, keys.Setting{Name: name, Value: s.settings[name]})
	}
	err = p.SetAll(stored)
	return p, err
}

func (s *session) SetPolicy(_ context.Context, settings []keys.Setting) error {
	defer s.turn()()
	for _, set := range settings {
		s.changed = true
		if s.settings[set.Name] = set.Value; set.Value == "" {
			delete(s.settings, set.Name)
		}
	}
	return nil
}

func (s *session) Lockouts(context.Context, keys.Instant) ([]keys.Lockout, error) {
	return slices.Clone(s.lockouts), nil
}

func (s *session) Unlock(_ context.Context, address string) error {
	at := slices.IndexFunc(s.lockouts, func(l keys.Lockout) bool { return l.Address == address })
	if at < 0 {
		return keys.Errorf(keys.ReasonNotFound, "%s is not locked out", address)
	}
	s.lockouts, s.changed = slices.Delete(s.lockouts, at, at+1), true
	return nil
}

func (s *session) LockedUntil(_ context.Context, addr netip.Addr, now keys.Instant) (keys.Instant, error) {
	for _, l := range s.lockouts {
		a, err := netip.ParseAddr(l.Address)
		if err == nil && a.Unmap() == addr.Unmap() && !l.Until.IsNone() && !l.Until.Reached(now) {
			return l.Until, nil
		}
	}
	return keys.Instant{}, nil
}

func (s *session) Seal(context.Context) error { return nil }
