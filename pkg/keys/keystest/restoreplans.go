package keystest

import (
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func restoresAsPlanned(l *lab) {
	s := l.service(l.store)
	l.insert(l.plainKey(), l.plainKey())
	b := l.backup()
	l.insert(l.plainKey())
	before := l.shadow()
	q := keys.RestoreRequest{From: b, Force: true, DryRun: true}
	planned, err := s.Restore(ctx, q)
	l.must(err)
	l.unchanged(before, "a dry run")
	q.DryRun, q.Plan = false, planned.Plan
	late := l.plainKey()
	l.insert(late)
	before = l.shadow()
	_, err = s.Restore(ctx, q)
	l.want(err, keys.ReasonOvertaken, "a restore that would do more than was agreed on")
	l.unchanged(before, "a restore that was overtaken")
	list := l.stored()
	at := slices.IndexFunc(list, func(k keys.Key) bool { return late.Hash == k.Hash })
	if at < 0 {
		l.errorf("a key is gone after a restore that was refused")
		return
	}
	l.update(func(tx keys.Tx) error { return tx.Delete(ctx, list[at].ID) })
	if _, err = s.Restore(ctx, q); err != nil {
		l.errorf("a restore of exactly what was agreed on: %w", err)
	}
}

func restoresPolicy(l *lab) {
	l.needsPolicy()
	l.insert(l.plainKey())
	l.setPolicy("slow_keys", "3")
	b := l.backup()
	l.setPolicy("slow_keys", "4", "unique_labels", "false")
	events := len(l.shadow().Audit)
	done, err := l.service(l.store).Restore(ctx, keys.RestoreRequest{From: b})
	l.must(err)
	if got := l.policy(); got.SlowKeys != 3 || !got.UniqueLabels || len(done.Policy) != 2 {
		l.errorf("the policy that a restore leaves is %+v, by %+v", got, done.Policy)
	}
	l.audited(l.shadow().Audit[events:], keys.ActionRestore, "")
}

func guardsRestore(l *lab) {
	if l.rules.Guard == keys.GuardNone {
		l.skip("this server works without a key")
	}
	b := l.backup()
	l.insert(l.plainKey())
	before := l.shadow()
	s := l.service(l.store)
	_, err := s.Restore(ctx, keys.RestoreRequest{From: b})
	l.want(err, l.guardReason(), "a restore that leaves no key which lets anybody in")
	l.unchanged(before, "a restore that the guard refuses")
	_, err = s.Restore(ctx, keys.RestoreRequest{From: b, Force: true})
	l.must(err)
	if e := l.shadow().Audit; !e[len(e)-1].Forced {
		l.errorf("a restore by force is recorded as %+v", e[len(e)-1])
	}
}

func restoreClaims(l *lab) {
	if l.rules.Bootstrap.Kind != keys.BootstrapClaim {
		l.skip("this server keeps no claim")
	}
	l.insert(l.plainKey())
	b := l.backup()
	l.empty()
	if !l.claimed().IsNone() {
		l.skip("keys come with a claim here")
	}
	_, err := l.service(l.store).Restore(ctx, keys.RestoreRequest{From: b})
	l.must(err)
	if l.claimed().IsNone() {
		l.errorf("a restored database can be claimed by anybody")
	}
}
