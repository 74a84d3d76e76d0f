package keystest

import (
	"context"
	"errors"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var guardPromises = []promise{
	{"guard/refuses what the model refuses", 0, guardsAsModelled},
	{"guard/force overrides it and is recorded", 0, forces},
	{"guard/a crowd that revokes leaves one", 0, revokeCrowd},
	{"guard/a crowd that deletes leaves one", 0, deleteCrowd},
}

// locksOut tells whether the guard must refuse to take the subjects out.
func (l *lab) locksOut(all, subjects []keys.Key) bool {
	role := l.rules.AdminRole
	active := slices.ContainsFunc(subjects, func(k keys.Key) bool { return isActive(k) && (role == "" || k.Role == role) })
	return l.guardReason() != "" && active && !survives(all, now, role, ids(subjects))
}

func guardsAsModelled(l *lab) {
	for range l.rounds(25) {
		list := l.randomKeys(2 + l.rnd.IntN(4))
		l.insert(list...)
		before := l.shadow()
		for range 6 {
			subjects := l.some(list)
			q := keys.ChangeRequest{Refs: refs(subjects...), DryRun: true}
			for _, c := range l.verbs() {
				_, err := c.do(l.service(l.store), ctx, q)
				if reasons := l.refusals(c.action, list, subjects); len(reasons) > 0 {
					l.wantAny(err, reasons, "%s of %q among\n%+v", c.action, ids(subjects), list)
				} else if c.action != keys.ActionActivate && err != nil {
					l.errorf("%s of %q among\n%+v: %w", c.action, ids(subjects), list, err)
				}
			}
		}
		l.unchanged(before, "refusals and dry runs")
		l.empty()
	}
}

// some returns one or more of the keys.
func (l *lab) some(list []keys.Key) (picked []keys.Key) {
	for _, k := range list {
		if l.chance(50) {
			picked = append(picked, k)
		}
	}
	if len(picked) == 0 {
		return list[:1]
	}
	return picked
}

func forces(l *lab) {
	l.needsGuard()
	for _, c := range l.verbs() {
		if c.action == keys.ActionActivate || c.action == keys.ActionUpdate {
			continue
		}
		last := l.inserted(l.plainKey())
		before := l.shadow()
		q := keys.ChangeRequest{Refs: refs(last)}
		_, err := c.do(l.service(l.store), ctx, q)
		l.wantAny(err, l.refusals(c.action, []keys.Key{last}, []keys.Key{last}), "%s of the last key", c.action)
		l.unchanged(before, "%s of the last key", c.action)
		q.Force = true
		_, err = c.do(l.service(l.store), ctx, q)
		l.must(err)
		if e := l.shadow().Audit[len(before.Audit):]; len(e) != 1 || !e[0].Forced {
			l.errorf("a forced %s is recorded as %+v", c.action, e)
		}
		l.empty()
	}
	l.needsNoForce()
}

// needsNoForce: force where nothing stands in the way is nothing to record.
func (l *lab) needsNoForce() {
	list := l.pair(keys.ActionDelete)
	before := len(l.shadow().Audit)
	_, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Refs: refs(list[0]), Force: true})
	l.must(err)
	if e := l.shadow().Audit[before:]; len(e) != 1 || e[0].Forced {
		l.errorf("a needless force is recorded as %+v", e)
	}
}

func revokeCrowd(l *lab) {
	l.needsRevoke()
	l.guardCrowd((*keys.Service).Revoke, l.guardReason())
}

// deleteCrowd: who comes too late finds the key deleted already.
func deleteCrowd(l *lab) {
	if l.rules.KeepActive != "" {
		l.skip("an active key of this server is deleted by force only, which overrides the guard too")
	}
	l.guardCrowd((*keys.Service).Delete, l.guardReason(), keys.ReasonNotFound, keys.ReasonDeleted)
}

// guardCrowd has half a crowd go for each of the last two keys.
func (l *lab) guardCrowd(do func(*keys.Service, context.Context, keys.ChangeRequest) ([]keys.Change, error), refusals ...keys.Reason) {
	l.needsGuard()
	services := l.services(crowd)
	for range l.rounds(5) {
		list := []keys.Key{l.plainKey(), l.plainKey()}
		l.insert(list...)
		together(crowd, func(i int) {
			_, err := do(services[i], ctx, keys.ChangeRequest{Refs: refs(list[i%2])})
			if e := (*keys.Error)(nil); err != nil && !(errors.As(err, &e) && slices.Contains(refusals, e.Reason)) {
				l.errorf("in a crowd: %w", err)
			}
		})
		left := slices.DeleteFunc(l.stored(), func(k keys.Key) bool { return !l.lasts(k) })
		if len(left) != 1 {
			l.errorf("%d active keys are left of two, want 1", len(left))
		}
		l.empty()
	}
}
