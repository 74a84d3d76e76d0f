package keystest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var updateGuardPromises = []promise{
	{"guard/an update that lets fewer in is as the model has it", 0, guardsUpdates},
	{"guard/a crowd that updates leaves one", 0, updateCrowd},
	{"guard/no sequence of changes leaves nobody who gets in", 0, staysOpen},
}

// shutting are updates by which a key can come to let fewer in.
func (l *lab) shutting() map[keys.Field]func(*keys.Key) {
	all := map[keys.Field]func(*keys.Key){
		keys.FieldResource:  func(k *keys.Key) { k.Resource = "tv/1" },
		keys.FieldNotBefore: func(k *keys.Key) { k.NotBefore = now.Add(time.Hour) },
		keys.FieldExpiresAt: func(k *keys.Key) { k.ExpiresAt = now.Add(keys.GuardHorizon / 2) },
		keys.FieldRole:      func(k *keys.Key) { k.Role = "reader" },
	}
	if r := l.rules.Roles; r != nil && len(r.Words) > 0 {
		all[keys.FieldRole] = func(k *keys.Key) { k.Role = r.Words[len(r.Words)-1] }
	}
	if l.rules.Lifetime.Least > 0 {
		delete(all, keys.FieldExpiresAt)
	}
	for f := range all {
		if !l.fields.Has(f) || f == keys.FieldRole && l.rules.AdminRole == "" {
			delete(all, f)
		}
	}
	return all
}

// guardsUpdates: those count as subjects with which somebody gets in, and then will for
// less of the time that the guard looks ahead, or only to a resource.
func guardsUpdates(l *lab) {
	for range l.rounds(25) {
		list := l.randomKeys(2 + l.rnd.IntN(4))
		for i := range list {
			list[i].Label = "" // of which there is one
		}
		l.insert(list...)
		for f, set := range l.shutting() {
			l.guardsUpdate(list, l.some(list), f, set)
		}
		l.empty()
	}
}

func (l *lab) guardsUpdate(list, picked []keys.Key, f keys.Field, set func(*keys.Key)) {
	var subjects []keys.Key
	for _, was := range picked {
		is := was
		if set(&is); l.opensLess(was, is) {
			subjects = append(subjects, was)
		}
	}
	q := setting(f, set, picked...)
	q.DryRun = true
	_, err := l.service(l.store).Update(ctx, q)
	switch lockedOut := len(subjects) > 0 && !survives(list, now, l.rules.AdminRole, ids(subjects)); {
	case errors.Is(err, &keys.Error{Reason: keys.ReasonInvalid}): // it would end before it begins
	case l.guardReason() != "" && lockedOut:
		l.want(err, l.guardReason(), "an update of the %s of %q among\n%+v", f, ids(picked), list)
	case err != nil:
		l.errorf("an update of the %s of %q among\n%+v: %w", f, ids(picked), list, err)
	}
}

func (l *lab) opensLess(was, is keys.Key) bool {
	return slices.ContainsFunc([]bool{false, true}, func(bound bool) bool {
		return getsIn([]keys.Key{is}, now, l.rules.AdminRole, bound) < getsIn([]keys.Key{was}, now, l.rules.AdminRole, bound)
	})
}

func (l *lab) lasts(k keys.Key) bool { return survives([]keys.Key{k}, now, l.rules.AdminRole, nil) }

// updateCrowd: who comes too late finds that the other key is no way in any more.
func updateCrowd(l *lab) {
	for _, f := range []keys.Field{keys.FieldResource, keys.FieldRole} {
		if set := l.shutting()[f]; set != nil {
			update := func(s *keys.Service, ctx context.Context, q keys.ChangeRequest) ([]keys.Change, error) {
				u := setting(f, set)
				u.ChangeRequest = q
				return s.Update(ctx, u)
			}
			l.guardCrowd(update, l.guardReason())
			return
		}
	}
	l.skip("no update shuts anybody out here")
}
