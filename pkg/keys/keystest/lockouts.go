package keystest

import (
	"net/netip"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var lockoutPromises = []promise{
	{"lockouts/are listed as the server counts them", 0, listsLockouts},
	{"lockouts/are forgotten one by one or all", 0, forgetsLockouts},
	{"lockouts/decide about a token as the server does", 0, lockoutsDecide},
}

// far is more failures than any server allows.
const far = 1000

// lockSome has an address locked out, one that failed once, and one whose lockout
// is over.
func (l *lab) lockSome() (locked, failed, over string) {
	if !l.rules.Lockout.Kept || l.database.LockOut == nil {
		l.skip("nobody is locked out in this database")
	}
	locked, failed, over = "192.0.2.7", "198.51.100.9", "203.0.113.4"
	l.must(l.database.LockOut(locked, far, now.Add(-time.Second)))
	l.must(l.database.LockOut(failed, 1, now.Add(-time.Second)))
	l.must(l.database.LockOut(over, far, now.Add(-30*24*time.Hour)))
	return locked, failed, over
}

func (l *lab) lockouts() (list []keys.Lockout) {
	list, err := l.service(l.store).Lockouts(ctx)
	l.must(err)
	return list
}

func addresses(list []keys.Lockout) []string {
	var names []string
	for _, o := range list {
		names = append(names, o.Address)
	}
	return names
}

func listsLockouts(l *lab) {
	locked, failed, over := l.lockSome()
	list := l.lockouts()
	if want := []string{locked, failed, over}; !slices.Equal(addresses(list), want) {
		l.errorf("the lockouts are %+v, want those of %q", list, want)
		return
	}
	for i, o := range list {
		if (i == 0) == o.Until.IsNone() {
			l.errorf("%+v is locked out until %q", o, o.Until)
		}
		l.view(func(r keys.Reader) error {
			until, err := r.LockedUntil(ctx, netip.MustParseAddr(o.Address), now)
			mapped, err2 := r.LockedUntil(ctx, netip.MustParseAddr("::ffff:"+o.Address), now)
			if until != o.Until || mapped != until || err != nil || err2 != nil {
				l.errorf("%s is locked out until %q, mapped into IPv6 until %q, listed until %q", o.Address, until, mapped, o.Until)
			}
			return nil
		})
	}
	if o := list[1]; o.Failures != 1 || !about(o.Since, now.Add(-time.Second)) {
		l.errorf("one failure a second ago is listed as %+v", o)
	}
}

func forgetsLockouts(l *lab) {
	locked, failed, over := l.lockSome()
	s, addr := l.service(l.store), netip.MustParseAddr("::ffff:"+locked)
	before := l.shadow()
	done, err := s.Unlock(ctx, keys.UnlockRequest{Addr: addr, DryRun: true})
	if err != nil || !slices.Equal(addresses(done), []string{locked}) || len(l.lockouts()) != 3 {
		l.errorf("a dry run gives %+v, %v, and leaves %+v", done, err, l.lockouts())
	}
	l.unchanged(before, "a dry run")
	done, err = s.Unlock(ctx, keys.UnlockRequest{Addr: addr, Reason: "a typo"})
	if err != nil || !slices.Equal(addresses(done), []string{locked}) || !slices.Equal(addresses(l.lockouts()), []string{failed, over}) {
		l.errorf("clearing %s gives %+v, %v, and leaves %+v", locked, done, err, l.lockouts())
	}
	if e := l.shadow().Audit[len(before.Audit):]; len(e) != 1 || e[0].Action != keys.ActionUnlock || e[0].Reason != "a typo" {
		l.errorf("clearing a lockout is recorded as %+v", e)
	}
	done, err = s.Unlock(ctx, keys.UnlockRequest{All: true})
	if err != nil || len(done) != 2 || len(l.lockouts()) != 0 {
		l.errorf("clearing all gives %+v, %v, and leaves %+v", done, err, l.lockouts())
	}
}

func lockoutsDecide(l *lab) {
	locked, failed, over := l.lockSome()
	token := l.create(l.service(l.store), l.request()).Token
	for address, out := range map[string]bool{locked: true, failed: false, over: false} {
		q := keys.Request{Addr: netip.MustParseAddr(address)}
		l.asked(token, q, !out || !l.rules.Lockout.Strict, keys.Locked)
		wrong := keys.Unknown
		if out {
			wrong = keys.Locked
		}
		l.asked(l.otherSecret(token), q, false, wrong)
	}
}
