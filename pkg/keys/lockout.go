package keys

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
)

// UnlockRequest says whose failures to forget: those of one address, or all.
type UnlockRequest struct {
	Addr netip.Addr // IPv4 and IPv4 mapped into IPv6 are one address
	// Address is the text under which a row may be stored, byte for byte: servers
	// count also what is no address. It adds to what Addr names.
	Address string
	All     bool
	Reason  string
	DryRun  bool // does everything and keeps nothing
}

// names tells whether the failures counted under a stored address are meant.
func (q *UnlockRequest) names(stored string, v *LockoutRules) bool {
	switch {
	case q.All, q.Address != "" && stored == q.Address:
		return true
	}
	return q.Addr.IsValid() && v.counted(stored) == v.text(q.Addr)
}

// address is how messages call what was asked for.
func (q *UnlockRequest) address() string {
	if q.Addr.IsValid() {
		return q.Addr.Unmap().String()
	}
	return PrintableText(q.Address)
}

// Lockouts returns every address whose failures the server counts, by address.
// A table that does not keep them gives ReasonUnsupported.
func (s *Service) Lockouts(ctx context.Context) (list []Lockout, err error) {
	if err := s.keepsLockouts(); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(r Reader) error {
		list, err = r.Lockouts(ctx, s.now())
		return err
	})
	return list, err
}

func (s *Service) keepsLockouts() error {
	r := s.rules()
	if r.Lockout.Kept {
		return nil
	}
	return Errorf(ReasonUnsupported, "%s keeps no lockouts in its database%s", r.server(), r.elsewhere())
}

// elsewhere tells of a limit that the database knows nothing of.
func (r *Rules) elsewhere() string {
	if r.Lockout.Else == "" {
		return ""
	}
	return ": " + r.Lockout.Else
}

// Unlock forgets failures and so ends lockouts, and returns what it forgot. An
// address without any gives ReasonNotFound; with All nothing to forget is no error.
func (s *Service) Unlock(ctx context.Context, q UnlockRequest) ([]Lockout, error) {
	if err := s.keepsLockouts(); err != nil {
		return nil, err
	}
	if one := q.Addr.IsValid() || q.Address != ""; q.All == one {
		return nil, Errorf(ReasonInvalid, "name one address, or say that all are meant")
	}
	if err := optional(q.Reason, ValidateReason); err != nil {
		return nil, err
	}
	var cleared []Lockout
	err := s.Store.Update(ctx, func(tx Tx) (err error) {
		cleared, err = s.unlock(ctx, tx, q)
		if err == nil && q.DryRun {
			return errDryRun
		}
		return err
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return cleared, err
}

// unlock is the part of Unlock that holds the lock. A server may have stored one
// address in several ways.
func (s *Service) unlock(ctx context.Context, tx Tx, q UnlockRequest) (cleared []Lockout, err error) {
	r, now := s.rules(), s.now()
	list, err := tx.Lockouts(ctx, now)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, l := range list {
		if !q.names(l.Address, &r.Lockout) {
			continue
		}
		if err := tx.Unlock(ctx, l.Address); err != nil {
			return nil, err
		}
		cleared = append(cleared, l)
		events = append(events, Event{At: now, Action: ActionUnlock, Actor: s.Actor, Reason: q.Reason, Before: l.json()})
	}
	switch {
	case len(cleared) > 0:
		return cleared, tx.Record(ctx, events)
	case q.All:
		return nil, nil
	}
	return nil, Errorf(ReasonNotFound, "no failures of %s are counted here%s", q.address(), r.elsewhere())
}

// text returns what an address is counted under.
func (v *LockoutRules) text(a netip.Addr) string {
	if v.Networks {
		return LockoutAddress(a)
	}
	return a.Unmap().WithZone("").String()
}

// counted returns text of the address or network that is stored in one way or
// another. What is neither stands for itself.
func (v *LockoutRules) counted(stored string) string {
	if a, err := netip.ParseAddr(stored); err == nil {
		return v.text(a)
	}
	if p, err := netip.ParsePrefix(stored); err == nil {
		return p.Masked().String()
	}
	return stored
}

// json returns the lockout for the audit: what of it could be read.
func (l *Lockout) json() string {
	b := AppendString([]byte(`{"address":`), l.Address)
	if l.FailuresDamage == "" {
		b = strconv.AppendInt(append(b, `,"failures":`...), l.Failures, 10)
	}
	if l.SinceDamage == "" {
		b = appendInstant(append(b, `,"since":`...), l.Since)
	}
	if !l.Unreadable() {
		b = appendInstant(append(b, `,"until":`...), l.Until)
	}
	return string(append(b, '}'))
}
