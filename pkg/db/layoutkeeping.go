package db

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// updates tells which attributes can be changed.
func (l *Layout) updates() (bool, []string) {
	held := l.fields()
	can := held & keys.UpdatableFields()
	if can == 0 {
		return false, []string{"refused: the table has no column for anything that can be changed"}
	}
	said := facts{"changes " + fieldNames(can)}
	said.add(held.Has(keys.FieldUpdatedAt), "sets %s to now, as every change does", l.columnName(keys.FieldUpdatedAt))
	return true, said
}

// prunes tells by what it can be told which keys have outlived their use.
func (l *Layout) prunes() (bool, []string) {
	var said facts
	held, kind := l.fields(), l.Rules.Revoke
	said.add(held.Has(keys.FieldExpiresAt), "removes keys that expired long enough ago")
	switch {
	case kind == keys.RevokeNone, kind == keys.RevokeExpiry:
	case held.Has(keys.FieldRevokedAt):
		said.add(true, "removes keys that were revoked long enough ago")
	default:
		said.add(true, "removes keys that were revoked long enough ago, where the audit tells when that was")
	}
	said.add(held.Has(keys.FieldLastUsedAt), "removes keys that were not used for long enough, where the use of any key is recorded")
	if len(said) == 0 {
		return false, []string{"refused: the table has nothing that tells which keys have outlived their use"}
	}
	return true, said
}

func fieldNames(fields keys.Fields) string {
	var names []string
	for _, f := range fields.List() {
		names = append(names, f.String())
	}
	return strings.Join(names, ", ")
}
