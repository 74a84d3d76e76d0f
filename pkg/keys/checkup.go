package keys

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// toldOne is how many findings of one kind a check-up tells one by one: it is about
// all that there is, and a command lists the rest.
const (
	toldOne     = 10
	toldNotices = 3
)

// Since when a key is worth a word that is of no use any more.
const (
	longExpired = 30 * 24 * time.Hour
	longUnused  = 90 * 24 * time.Hour
	clockSlack  = time.Minute // clocks of two machines may differ by
)

// CheckUp looks at every key, and at what stands beside the keys. It tells also
// what is fine. It reads the table once, page by page, holds nothing meanwhile, and
// its memory does not grow with the table. A time below zero gives ReasonInvalid.
func (s *Service) CheckUp(ctx context.Context, within time.Duration) ([]Finding, error) {
	w, err := s.watch(ctx, within)
	if err != nil {
		return nil, err
	}
	v := w.survey()
	err = s.List(ctx, Query{}, func(page []Key) error {
		for i := range page {
			v.see(&page[i])
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	beside, err := w.beside(ctx, v.counts)
	if err != nil {
		return nil, err
	}
	return slices.Concat(v.findings(), w.rotations(toldOne), beside), nil
}

// survey is what one pass over all keys gathers.
type survey struct {
	*watch
	counts map[Status]int
	guard  *guardCount
	slow   slowCount
	used   int // keys whose use is recorded

	judge *sharing // nil where no policy can be set

	kinds                                                      []*telling
	damage, hash, expiring, endless, past, idle, future, unfit *telling
}

func (w *watch) survey() *survey {
	v := &survey{watch: w, counts: map[Status]int{}, guard: w.guard()}
	v.expiring = w.expiring(toldOne)
	v.damage = tells("rows", Warning, "%d more rows have values that are not what they should be", "list", "-o", "wide")
	v.hash = tells("hashes", Warning, "%d more keys have a hash that is weak, or of no use", "list", "--status", "active", "-o", "wide")
	v.endless = tells("endless", Notice, "%d more keys never expire", "list", "--never-expires")
	v.past = tells("expired", Notice, "%d more keys expired more than 30d ago", "prune", "--expired-for", FormatDuration(longExpired))
	v.idle = tells("use", Notice, "%d more keys were not used for 90d", "list", "--status", "active", "--unused-for", FormatDuration(longUnused))
	v.future = tells("clock", Warning, "%d more keys were made in the future", "list")
	v.unfit = tells("policy", Warning, "%d more keys do not comply with the policy", "policy", "show")
	v.judge = w.judging()
	v.kinds = []*telling{v.damage, v.hash, v.expiring, v.endless, v.past, v.future}
	return v
}

func tells(check string, level Level, rest string, mend ...string) *telling {
	most := toldOne
	if level == Notice { // nothing has to be done
		most = toldNotices
	}
	return &telling{most: most, rest: Finding{Check: check, Level: level, Reason: rest, Mend: mend}}
}

// note adds what a telling says of one key.
func (t *telling) note(k *Key, reason string, mend ...string) {
	t.add(func() Finding {
		return Finding{Check: t.rest.Check, Level: t.rest.Level, Key: k.ID, Reason: k.name() + " " + reason, Mend: mend}
	})
}

// see looks at one key.
func (v *survey) see(k *Key) {
	v.counts[k.Status(v.now)]++
	v.guard.add(k)
	v.expires(v.expiring, k)
	v.seeDamage(k)
	v.seeTimes(k)
	if k.Status(v.now) == Active || k.Status(v.now) == Pending {
		v.seeHash(k)
		v.seeUse(k)
		v.seePolicy(k)
	}
}

// seeDamage notes what nobody can read, and how to be rid of it.
func (v *survey) seeDamage(k *Key) {
	for _, d := range k.Damage {
		v.damage.add(func() Finding {
			f := Finding{Check: "rows", Level: Warning, Key: k.ID, Reason: k.name() + ": column " + PrintableText(d.Column) + ": " + d.Problem}
			switch {
			case d.Odd:
				f.Level = Notice
			case k.ID != "":
				f.Mend = []string{"delete", k.ID}
			}
			return f
		})
	}
}

func (v *survey) seeTimes(k *Key) {
	if !k.CreatedAt.IsNone() && !k.CreatedAt.Reached(v.now.Add(clockSlack)) {
		v.future.note(k, "was made at "+k.CreatedAt.String()+", which is yet to come: the clock of this machine, or of that which made it, is wrong")
	}
	switch status := k.Status(v.now); {
	case status == Expired && k.ExpiresAt.Add(longExpired).Reached(v.now):
		v.past.note(k, "expired at "+k.ExpiresAt.String(), "prune", "--expired-for", FormatDuration(longExpired))
	case status == Active && v.held.Has(FieldExpiresAt) && k.ExpiresAt.IsNone() && !k.unread(FieldsOf(FieldExpiresAt)):
		v.endless.note(k, "never expires", v.ending(k)...)
	}
}

// findings are those of the whole table, each kind with a word also where all is well.
func (v *survey) findings() []Finding {
	found := slices.Concat(v.guard.findings(), v.slow.findings(v.watch))
	for _, t := range v.kinds {
		if t.number() == 0 {
			found = append(found, Finding{Check: t.rest.Check, Level: Fine, Reason: v.fine(t)})
		}
		found = append(found, t.findings()...)
	}
	return slices.Concat(found, v.uses(), v.policed(v.unfit))
}

// fine is what there is to say of a kind that was not found.
func (v *survey) fine(t *telling) string {
	total := 0
	for _, n := range v.counts {
		total += n
	}
	switch t {
	case v.damage:
		return fmt.Sprintf("no row has a value that is not what it should be, of %d", total)
	case v.hash:
		return "the hash of every usable key is one that its server takes, and strong"
	case v.expiring:
		return "no usable key expires within " + FormatDuration(v.within)
	case v.past:
		return "no key expired more than 30d ago"
	case v.future:
		return "no key was made in the future"
	case v.endless:
		if !v.held.Has(FieldExpiresAt) {
			return "keys of this table cannot expire"
		}
	}
	return "every active key expires"
}
