package db

import (
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rotates tells how the old key of a rotation ends, which not every table can do by
// itself, and what is known of the use of its successor.
func (l *Layout) rotates() (bool, []string) {
	has := l.fields()
	said := facts{"makes a successor that inherits all but the secret"}
	how, flagged := switched[l.Rules.Revoke]
	switch {
	case has.Has(keys.FieldExpiresAt):
		said.add(true, "sets %s of the old key to the end of the overlap, or leaves it where that is earlier: it ends by itself", l.columnName(keys.FieldExpiresAt))
	case flagged:
		said.add(true, "the old key is accepted until rotate --finish, which "+how.off, l.columnName(how.field), l.flagFor(false))
		said.add(true, "with --overlap 0 that is done at once")
	default:
		said.add(true, "the old key is accepted until rotate --finish, which deletes it")
	}
	lineage := keys.FieldsOf(keys.FieldSuccessor, keys.FieldPredecessor, keys.FieldRequestID)
	said.add(lineage.Without(has) != 0, "only the audit keeps which key replaced which, so every rotate must use the same --audit-log")
	said.add(!has.Has(keys.FieldLastUsedAt), "the use of keys is not recorded: whether a successor is used is unknown")
	return true, said
}
