package keys

import (
	"fmt"
	"slices"
	"time"
)

const (
	weakCost = 10 // of bcrypt, below which OWASP calls it too little
	// slowUnit is what one step of 2^cost of bcrypt takes on a processor of today: 0.2 s
	// at cost 12.
	slowUnit = 200 * time.Millisecond / (1 << DefaultBcryptCost)
	// slowPHC is about what argon2id takes with the parameters that are usual.
	slowPHC = 50 * time.Millisecond

	slowNotice  = 250 * time.Millisecond
	slowWarning = time.Second
)

// seeHash notes a hash that lets nobody in, or an attacker too easily, and counts
// what a wrong token costs.
func (v *survey) seeHash(k *Key) {
	if k.unread(FieldsOf(FieldHash)) || !v.held.Has(FieldHash) {
		return
	}
	if problem, mend := v.hashProblem(k); problem != "" {
		v.hash.note(k, problem, mend...)
	}
	if k.Status(v.now) == Active && k.Scheme.Slow() && !k.HasSelector() && !v.rules.Form.selects() {
		v.slow.add(k)
	}
}

// hashProblem says what is wrong with the stored hash, "" for nothing, and which
// command ends that: a successor gets a hash as new keys do.
func (w *watch) hashProblem(k *Key) (string, []string) {
	r, err := w.rules, k.Scheme.Check(k.Hash)
	again := w.renewal(k)
	cost, isBcrypt := storedCost(k.Hash)
	switch {
	case err != nil && TooCostly(err):
		return fmt.Sprintf("has a hash that this program does not compute: %v", err), again
	case err != nil:
		return fmt.Sprintf("lets nobody in: %v", err), r.off(k)
	case !r.Hash.Acceptable(k.Hash):
		return fmt.Sprintf("lets nobody in: %s takes no bcrypt text of the version %s", r.server(), k.Hash[1:3]), again
	case isBcrypt && k.Scheme.Slow() && cost < weakCost:
		return fmt.Sprintf("has a bcrypt hash of cost %d, below %d: whoever reads the table can try tokens fast", cost, weakCost), again
	case slices.Contains(r.Hash.Legacy, k.Scheme):
		return "has a hash of the scheme " + string(k.Scheme) + ", which " + r.server() + " only keeps for old keys", again
	case k.Scheme == Clear:
		return "is stored as it is: whoever reads the table has the token", nil
	}
	return "", nil
}

// off are the words that switch a key off, by what its table can do.
func (r *Rules) off(k *Key) []string {
	if r.Revoke == RevokeNone {
		return []string{"delete", k.ID}
	}
	return []string{"revoke", k.ID}
}

// selects tells whether tokens of this form have a part by which their key is found.
func (f *TokenForm) selects() bool {
	return f != nil && (f.Selector != Part{} || f.Pattern != nil && f.Pattern.SubexpIndex("selector") >= 0)
}

// slowCount adds up what a server computes for a token that is of no key.
type slowCount struct {
	keys int
	took time.Duration
	most Key // that costs most
	high time.Duration
}

func (c *slowCount) add(k *Key) {
	took := slowPHC
	if cost, isBcrypt := storedCost(k.Hash); isBcrypt {
		took = slowUnit << cost
	}
	c.keys++
	c.took += took
	if took > c.high {
		c.high, c.most = took, *k
	}
}

// findings says it, and warns where a few requests a second keep a processor busy.
func (c *slowCount) findings(w *watch) []Finding {
	f := Finding{Check: "cost", Level: Fine, Reason: "a wrong token costs no slow hash"}
	if c.keys > 0 {
		f.Reason = fmt.Sprintf("a wrong token costs about %d ms of a processor, for slow hashes: %d", c.took.Round(time.Millisecond).Milliseconds(), c.keys)
	}
	switch {
	case c.took < slowNotice:
		return []Finding{f}
	case c.took < slowWarning:
		f.Level = Notice
	default:
		f.Level = Warning
	}
	switch f.Mend = []string{"list", "--status", "active"}; {
	case !w.rules.Hash.Scheme.Slow():
		f.Key, f.Mend = c.most.ID, w.renewal(&c.most) // the successor is found by its digest
	case w.held.Has(FieldLastUsedAt):
		f.Mend = append(f.Mend, "--unused-for", FormatDuration(longUnused))
	}
	return []Finding{f}
}
