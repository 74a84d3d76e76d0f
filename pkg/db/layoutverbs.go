package db

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Ability is what one verb does with a table, or why it refuses. It is read off
// the layout alone, so that it says what the service will do, and no more.
type Ability struct {
	Verb string
	Able bool
	Does []string // sentences for people, the advice that follows the change among them
}

// abilities tell what each verb does, in the order in which a key meets them.
var abilities = []struct {
	verb   string
	action keys.Action // whose advice belongs to it
	does   func(*Layout) (able bool, does []string)
}{
	{"bootstrap", keys.ActionBootstrap, (*Layout).bootstraps},
	{"create", keys.ActionCreate, (*Layout).creates},
	{"list", keys.ActionList, (*Layout).lists},
	{"rotate", keys.ActionRotate, (*Layout).rotates},
	{"revoke", keys.ActionRevoke, (*Layout).revokes},
	{"activate", keys.ActionActivate, (*Layout).activates},
	{"update", keys.ActionUpdate, (*Layout).updates},
	{"delete", keys.ActionDelete, (*Layout).deletes},
	{"prune", "", (*Layout).prunes},
	{"guard", "", (*Layout).guards},
	{"verify", "", (*Layout).verifies},
	{"lockout", "", (*Layout).locks},
	{"backup", "", (*Layout).backsUp},
	{"restore", "", (*Layout).restores},
}

// Abilities tells what each verb does with a table of this layout.
func (l *Layout) Abilities() []Ability {
	list := make([]Ability, len(abilities))
	for i, a := range abilities {
		able, does := a.does(l)
		for _, advice := range l.Rules.Advice[a.action] {
			does = append(does, "advises: "+advice)
		}
		list[i] = Ability{Verb: a.verb, Able: able, Does: does}
	}
	return list
}

// facts gathers sentences.
type facts []string

// add says something, but only if it holds.
func (f *facts) add(holds bool, format string, args ...any) {
	if holds {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

var bootstrapFacts = map[keys.BootstrapKind]string{
	keys.BootstrapClaim:  "claims the database for ever and makes the first key, in one transaction",
	keys.BootstrapRow:    "makes the first key; refused once there is any key, and open again when all are deleted",
	keys.BootstrapActive: "makes the first key; refused while any key is active, and open again when none is",
	keys.BootstrapNone:   "refused: this server needs no first key to be opened; create makes keys",
}

func (l *Layout) bootstraps() (bool, []string) {
	b := l.Rules.Bootstrap
	said := facts{bootstrapFacts[b.Kind]}
	if l.Claim != nil {
		said.add(true, "the claim is a row of the table %s", l.Claim.Table)
	}
	said.add(b.Role != "", "the first key has the role %s, unless another is given", b.Role)
	said.add(len(b.Scopes) > 0, "the first key has the scopes %s, unless others are given", strings.Join(b.Scopes, ", "))
	return b.Kind != keys.BootstrapNone, said
}

func (l *Layout) creates() (bool, []string) {
	r := &l.Rules
	said := facts(formFacts(r.Form))
	said = append(said, hashFacts(r)...)
	said.add(r.IDs.Assigned, "the database gives the key its id")
	said.add(r.IDs.Reused, "the id can be one that a deleted key had")
	said.add(r.IDs.Random != keys.Part{}, "the id is %d random characters of %s", r.IDs.Random.Len(0), r.IDs.Random.Of)
	said.add(r.Label.Required, "a label must be given")
	said.add(r.Label.Most > 0, "a label has at most %d characters", r.Label.Most)
	if r.Label.Pattern != nil {
		said.add(true, "a label is made of %s", cmp.Or(r.Label.Says, "what matches "+r.Label.Pattern.String()))
	}
	said.add(r.Label.Unique, "no two active keys have the same label")
	said.add(r.Label.Published != "", "the label is published: %s", r.Label.Published)
	if r.Roles != nil {
		said = append(said, vocabulary("role", r.Roles.Required, r.Roles.Words))
	}
	if r.Scopes != nil {
		said = append(said, vocabulary("scope", r.Scopes.Required, r.Scopes.Words))
	}
	said.add(r.Lifetime.Least > 0, "a key lives at least %s", keys.FormatDuration(r.Lifetime.Least))
	said.add(r.Lifetime.Most > 0, "a key lives at most %s", keys.FormatDuration(r.Lifetime.Most))
	return true, said
}

func vocabulary(word string, required bool, words []string) string {
	if required {
		return "a " + word + " must be given: " + strings.Join(words, ", ")
	}
	return "a " + word + " may be given: " + strings.Join(words, ", ")
}

func (l *Layout) lists() (bool, []string) {
	var shown, absent []string
	has := l.fields()
	for _, f := range keys.ShownFields() {
		if has.Has(f) {
			shown = append(shown, f.String())
		} else {
			absent = append(absent, f.String())
		}
	}
	said := facts{"shows " + strings.Join(shown, ", "), "never shows the hash"}
	said.add(len(absent) > 0, "the table has no column for %s", strings.Join(absent, ", "))
	return true, said
}

// switched say what switches a key off, and what switches it on again; each names
// the column of a field and, for a flag, its value.
var switched = map[keys.RevokeKind]struct {
	field   keys.Field
	off, on string
}{
	keys.RevokeFlag: {keys.FieldEnabled, "sets %[1]s to %[2]v", "sets %[1]s to %[2]v"},
	keys.RevokeTime: {keys.FieldRevokedAt, "sets %[1]s to now", "empties %[1]s"},
	keys.RevokeExpiry: {keys.FieldExpiresAt, "sets %[1]s to now: the key counts as expired",
		"puts back the %[1]s of before, where the audit of the latest revoke knows it, else one must be given"},
}

func (l *Layout) revokes() (bool, []string) {
	how, able := switched[l.Rules.Revoke]
	if !able {
		return false, []string{"refused: the table has nothing that switches a key off; delete removes it"}
	}
	return true, []string{fmt.Sprintf(how.off, l.columnName(how.field), l.flagFor(false))}
}

func (l *Layout) activates() (bool, []string) {
	how, able := switched[l.Rules.Revoke]
	if !able {
		return false, []string{"refused: the table has nothing that switches a key on; create makes another"}
	}
	return true, []string{fmt.Sprintf(how.on, l.columnName(how.field), l.flagFor(true))}
}

func (l *Layout) deletes() (bool, []string) {
	said := facts{"removes the row, for good"}
	said.add(l.Rules.KeepActive != "", "an active key only by force: %s", l.Rules.KeepActive)
	return true, said
}

func (l *Layout) guards() (bool, []string) {
	switch l.Rules.Guard {
	case keys.GuardActive:
		return true, []string{"revoke, delete, update, prune and rotate --finish refuse the last active key, unless forced"}
	case keys.GuardAdmin:
		return true, []string{fmt.Sprintf("revoke, delete, update, prune and rotate --finish refuse the last active key with the role %s, unless forced", l.Rules.AdminRole)}
	}
	return false, []string{"none: to have no key at all is a normal state of this server"}
}

// flagFor returns what the column holds of a key that is on or off, which is the
// other way round in some tables; nil without such a column.
func (l *Layout) flagFor(on bool) any {
	for i := range l.Columns {
		if c := &l.Columns[i]; c.Field == keys.FieldEnabled {
			return c.codec().encode(&on)
		}
	}
	return nil
}

// columnName returns where the field lives.
func (l *Layout) columnName(f keys.Field) string {
	for _, c := range l.Columns {
		if c.Field == f {
			return c.Name
		}
	}
	return f.String()
}
