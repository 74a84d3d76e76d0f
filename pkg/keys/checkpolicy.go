package keys

import "hash/maphash"

// judging prepares to judge every key by the policy, nil where there is none. Labels
// are left to the database, which needs no memory for them.
func (w *watch) judging() *sharing {
	if !w.rules.Settings || w.broken != nil {
		return nil
	}
	p := w.policy
	p.UniqueLabels = false
	return &sharing{judge: p.judge(), seed: maphash.MakeSeed(), owners: map[uint64]bool{}, labels: map[uint64]bool{}}
}

// seePolicy notes what a key is that a new one could not be.
func (v *survey) seePolicy(k *Key) {
	if v.judge == nil {
		return
	}
	for _, u := range v.judge.unfit(k, v.now) {
		v.unfit.note(k, u.Problem+", against the policy "+u.Setting, v.complies(k, u.Setting)...)
	}
}

// complies are the words that make the key comply, as far as they are the same for
// every key: what an owner or a label should be is for people to say.
func (v *survey) complies(k *Key, setting string) []string {
	switch setting {
	case "hash", "bcrypt_cost", "slow_keys":
		return []string{"rotate", k.ID}
	case "max_lifetime":
		return []string{"rotate", k.ID, "--expires", FormatDuration(v.policy.MaxLifetime)}
	case "token_prefixes":
		return []string{"rotate", k.ID, "--prefix", v.policy.TokenPrefixes[0]}
	}
	return []string{"show", k.ID}
}

// policed tells whether the policy is known and obeyed; t are the keys that do not
// obey it, nil where nobody looked.
func (w *watch) policed(t *telling) []Finding {
	switch {
	case w.broken != nil:
		return []Finding{{Check: "policy", Level: Problem, Reason: w.broken.Error(), Mend: []string{"policy", "show"}}}
	case t == nil || !w.rules.Settings:
		return nil
	case t.number() == 0:
		return []Finding{{Check: "policy", Level: Fine, Reason: "every usable key complies with the policy"}}
	}
	return t.findings()
}
