package keys

import (
	"context"
	"fmt"
)

// beside looks at what a database and its server have besides keys.
func (w *watch) beside(ctx context.Context, counts map[Status]int) (found []Finding, err error) {
	var locked []Lockout
	var claimed Instant
	err = w.Store.View(ctx, func(r Reader) (err error) {
		if claimed, err = r.Claimed(ctx); err != nil {
			return err
		}
		locked, err = r.Lockouts(ctx, w.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	found = append(found, w.bootstrap(claimed, counts))
	found = append(found, w.lockouts(locked)...)
	return append(found, w.secret()...), nil
}

// bootstrap tells whether somebody else could make the first key.
func (w *watch) bootstrap(claimed Instant, counts map[Status]int) Finding {
	f := Finding{Check: "bootstrap", Level: Fine, Reason: "the first key was made"}
	switch b := &w.rules.Bootstrap; {
	case b.Kind == BootstrapNone:
		f.Reason = w.rules.server() + " has no bootstrap"
	case claimed.IsNone() && b.open(counts) && w.rules.Server != "":
		f.Level, f.Mend = Warning, []string{"bootstrap"}
		f.Reason = "the first key is yet to be made, and whoever reaches " + w.rules.server() + " first can make it"
	case claimed.IsNone() && b.open(counts):
		f.Level, f.Mend, f.Reason = Warning, []string{"bootstrap"}, "the first key is yet to be made"
	}
	return f
}

// lockouts tells which addresses are locked out now.
func (w *watch) lockouts(list []Lockout) []Finding {
	if !w.rules.Lockout.Kept {
		return []Finding{{Check: "lockouts", Level: Fine, Reason: w.rules.server() + " keeps no lockouts in its database" + w.rules.elsewhere()}}
	}
	t := tells("lockouts", Notice, "%d more addresses are locked out", "lockout", "list")
	for i := range list {
		l := &list[i]
		f := Finding{Check: "lockouts", Level: Notice, At: l.Until, Mend: clears(l.Address)}
		switch {
		case l.Unreadable():
			f.Level, f.Reason = Warning, "nobody can say whether "+PrintableText(l.Address)+" is locked out: "+l.FailuresDamage+l.SinceDamage
		case !l.Until.IsNone():
			f.Reason = fmt.Sprintf("%s is locked out after %d failures until %s", PrintableText(l.Address), l.Failures, l.Until)
		default:
			continue
		}
		t.add(func() Finding { return f })
	}
	if t.number() == 0 {
		return []Finding{{Check: "lockouts", Level: Fine, Reason: "no address is locked out"}}
	}
	return t.findings()
}

// clears are the words that forget the failures of an address, none for one that no
// command line can name. What a server counts there can be any text.
func clears(address string) []string {
	switch {
	case address == "" || PrintableText(address) != address || LooksLikeToken(address):
		return nil
	case address[0] == '-':
		return []string{"lockout", "clear", "--", address}
	}
	return []string{"lockout", "clear", address}
}

// secret tells whether the server starts with the secret that was given.
func (w *watch) secret() []Finding {
	rules := w.rules.Secret
	f := Finding{Check: "secret", Level: Fine, Reason: "the secret is one with which " + w.rules.server() + " starts"}
	switch weak, err := rules.Check(w.Secret); {
	case rules == nil:
		return nil
	case len(w.Secret) == 0:
		f.Level, f.Reason = Notice, "the secret of "+w.rules.server()+" was not given, so it was not looked at: see --secret-file"
	case err != nil:
		f.Level, f.Reason = Problem, err.Error()
	case weak:
		f.Level, f.Shell = Warning, "openssl rand -hex 32"
		f.Reason = "the secret is short or well known: give " + w.rules.server() + " another one, and make its keys again"
	}
	return []Finding{f}
}
