package keys

import (
	"context"
	"errors"
	"slices"
)

// DefaultValue in place of a setting's value restores what holds where nobody sets it.
const DefaultValue = "default"

// PolicyRequest says how to change the policy of a database.
type PolicyRequest struct {
	Settings []Setting // a value "" or [DefaultValue] restores a setting
	Reset    bool      // restores all others
	Reason   string    // kept in the audit
	DryRun   bool      // does everything and keeps nothing
	// Agreed is the policy that somebody agreed to change, nil for whatever it is: another
	// one gives ReasonOvertaken.
	Agreed *Policy
}

// PolicyChange is what became of a policy.
type PolicyChange struct {
	Before, After Policy
	Changed       []Setting // with their new values, in the order of [PolicySettings]; none where all was so already
	Unfit         []Unfit   // usable keys that do not comply with the policy, newest first, up to [MostUnfit]
	UnfitKeys     int       // how many such keys there are
	NoAdmin       bool      // there is an admin role, and no active key has it: until one does the guard counts all
}

// Validate tells whether the settings exist and have values of their kinds, without
// any database. The error has ReasonInvalid and says what is allowed.
func (q *PolicyRequest) Validate() error {
	if err := optional(q.Reason, ValidateReason); err != nil {
		return err
	}
	p, seen := DefaultPolicy(), map[string]bool{}
	for _, set := range q.Settings {
		if seen[set.Name] {
			return Errorf(ReasonInvalid, "%s is set twice", set.Name)
		}
		seen[set.Name] = true
		if err := p.change(set); err != nil {
			return err
		}
	}
	return nil
}

// SetPolicy changes the policy of the database: all the settings or none. What does
// not hold together gives ReasonInvalid, and ReasonPolicy if it is with what is stored. Keys that exist stay as they
// are; those that do not comply are told. A database whose rules are its server's
// gives ReasonUnsupported.
func (s *Service) SetPolicy(ctx context.Context, q PolicyRequest) (PolicyChange, error) {
	if err := q.Validate(); err != nil {
		return PolicyChange{}, err
	}
	if r := s.rules(); !r.Settings {
		return PolicyChange{}, Errorf(ReasonUnsupported, "%s keeps no policy in its database: its rules are its own", r.server())
	}
	var done PolicyChange
	err := s.Store.Update(ctx, func(tx Tx) (err error) {
		done, err = s.setPolicy(ctx, tx, q)
		if err == nil && q.DryRun {
			return errDryRun
		}
		return err
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return PolicyChange{}, err
	}
	if err := s.tellNoAdmin(ctx, &done); err != nil {
		return done, err
	}
	done.Unfit, done.UnfitKeys, err = s.Unfit(ctx, done.After)
	return done, err
}

// tellNoAdmin notes that no key has the role which the guard should count.
func (s *Service) tellNoAdmin(ctx context.Context, done *PolicyChange) error {
	role := done.After.AdminRole
	if role == "" {
		return nil
	}
	return s.Store.View(ctx, func(r Reader) error {
		some, err := someAdmin(ctx, r, role, s.now())
		done.NoAdmin = !some && err == nil
		return err
	})
}

// setPolicy is the part of SetPolicy that holds the lock.
func (s *Service) setPolicy(ctx context.Context, tx Tx, q PolicyRequest) (done PolicyChange, err error) {
	var mended []Setting
	if done.Before, mended, err = s.understood(ctx, tx, q); err != nil {
		return done, err
	}
	if err := q.overtaken(&done.Before); err != nil {
		return done, err
	}
	if done.After, err = q.applied(done.Before); err != nil {
		return done, err
	}
	if done.compare(mended); len(done.Changed) == 0 {
		return done, nil
	}
	if err := tx.SetPolicy(ctx, done.stored()); err != nil {
		return done, err
	}
	return done, tx.Record(ctx, []Event{s.policyEvent(q, &done)})
}

// compare tells what changed: what differs, and what was mended.
func (c *PolicyChange) compare(mended []Setting) {
	for _, name := range c.After.differing(&c.Before) {
		c.Changed = append(c.Changed, Setting{name, c.After.Get(name)})
	}
	for _, m := range mended {
		if set := (Setting{m.Name, c.After.Get(m.Name)}); !slices.Contains(c.Changed, set) {
			c.Changed = append(c.Changed, set)
		}
	}
}

// stored returns the changes as the database keeps them: nothing for a default.
func (c *PolicyChange) stored() []Setting {
	list, usual := slices.Clone(c.Changed), DefaultPolicy()
	for i := range list {
		if list[i].Value == usual.Get(list[i].Name) {
			list[i].Value = ""
		}
	}
	return list
}

// understood returns the policy that is stored. One that this version does not
// understand is left behind by what sets or restores that, which is then mended.
func (s *Service) understood(ctx context.Context, tx Tx, q PolicyRequest) (p Policy, mended []Setting, err error) {
	p, err = tx.Policy(ctx)
	if !errors.Is(err, &Error{Reason: ReasonPolicy}) {
		return p, nil, err
	}
	for i := range policySettings {
		if q.Reset {
			mended = append(mended, Setting{Name: policySettings[i].Name})
		}
	}
	for _, set := range q.Settings {
		if m := (Setting{Name: set.Name}); !slices.Contains(mended, m) {
			mended = append(mended, m)
		}
	}
	if len(mended) == 0 {
		return p, nil, err
	}
	if err := tx.SetPolicy(ctx, mended); err != nil {
		return p, nil, err
	}
	p, err = tx.Policy(ctx)
	if q.restores() && errors.Is(err, &Error{Reason: ReasonPolicy}) {
		err = nil // what else is not understood is restored in its turn
	}
	return p, mended, err
}

func (s *Service) policyEvent(q PolicyRequest, done *PolicyChange) Event {
	var before []Setting
	for _, set := range done.Changed {
		before = append(before, Setting{set.Name, done.Before.Get(set.Name)})
	}
	return Event{At: s.now(), Action: ActionPolicy, Actor: s.Actor, Reason: q.Reason,
		Before: settingsJSON(before), After: settingsJSON(done.Changed)}
}

// settingsJSON returns a JSON object of the settings and their values.
func settingsJSON(list []Setting) string {
	b := []byte{'{'}
	for i, set := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, set.Name), ':')
		b = AppendString(b, set.Value)
	}
	return string(append(b, '}'))
}
