package keys

import "fmt"

// seeUse notes a key that nobody seems to need. Some servers write the creation as
// the first use.
func (v *survey) seeUse(k *Key) {
	if !v.held.Has(FieldLastUsedAt) || k.unread(FieldsOf(FieldLastUsedAt)) {
		return
	}
	said := "has never been used"
	if k.Used() {
		v.used++
		said = "was last used at " + k.LastUsedAt.String()
	}
	if k.Status(v.now) == Active && k.unusedBy(v.now.Add(-longUnused)) {
		v.idle.note(k, said, "revoke", k.ID)
	}
}

// uses tells of keys that nobody uses, where anybody writes that down.
func (v *survey) uses() []Finding {
	advice := v.AdviceOnUse()
	switch {
	case !v.held.Has(FieldLastUsedAt):
		return []Finding{{Check: "use", Level: Fine, Reason: "this table does not tell when keys were used"}}
	case len(advice) > 0 && v.used == 0:
		return []Finding{{Check: "use", Level: Fine, Reason: advice[0]}}
	case v.used == 0 && v.idle.number() > 0:
		return []Finding{{Check: "use", Level: Notice, Reason: fmt.Sprintf(
			"no use of any key is recorded here, so nobody can say whether %d keys older than 90d are needed", v.idle.number())}}
	case v.idle.number() == 0:
		return []Finding{{Check: "use", Level: Fine, Reason: "no active key was unused for 90d"}}
	}
	return v.idle.findings()
}
