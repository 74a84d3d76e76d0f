package keys

import (
	"bytes"
	"net/netip"
)

// everywhere are the fields that every table holds, if only by way of others.
const everywhere = Fields(1<<FieldID | 1<<FieldScheme | 1<<FieldStatus | 1<<FieldEnabled | 1<<FieldHash)

// lacking returns the fields that a table with these has no way to hold.
func lacking(held Fields) []Field {
	return Fields(1<<fieldCount - 1).Without(held | everywhere).List()
}

// instead tells of each field that a request can set what to do where the table
// cannot hold it.
var instead = map[Field]string{
	FieldLabel:       "the key goes by its id alone",
	FieldDescription: "a --reason is kept in the audit",
	FieldOwner:       "a --reason is kept in the audit",
	FieldMetadata:    "a --reason is kept in the audit",
	FieldRole:        "every key may do the same there",
	FieldScopes:      "every key may do the same there",
	FieldResource:    "every key opens everything there",
	FieldNetworks:    "limit the addresses in front of the server",
	FieldRateLimit:   "limit the requests in front of the server",
	FieldNotBefore:   "create the key once its time has come",
	FieldExpiresAt:   "revoke the key once its time is over",
}

// checkColumns refuses what a request sets and the table cannot hold.
func (r *Rules) checkColumns(k *Key, held Fields) error {
	for _, f := range lacking(held) {
		if instead[f] != "" && f.isSet(k) {
			return r.noColumn(f)
		}
	}
	return nil
}

func (r *Rules) noColumn(f Field) error {
	return Errorf(ReasonUnsupported, "the key table of %s has no column for %s: %s", r.server(), f, instead[f])
}

// server names the server in messages.
func (r *Rules) server() string {
	if r.Server == "" {
		return "this database"
	}
	return r.Server
}

func (f Field) isSet(k *Key) bool {
	return !bytes.Equal(f.AppendJSON(nil, k, Instant{}), f.AppendJSON(nil, &Key{}, Instant{}))
}

// drop takes out of k what the table cannot hold, so that nothing is shown or
// recorded that is not stored.
func (k *Key) drop(lacking []Field) {
	for _, f := range lacking {
		switch v := f.Ref(k).(type) {
		case *string:
			*v = ""
		case *Instant:
			*v = Instant{}
		case *Rate:
			*v = Rate{}
		case *[]string:
			*v = nil
		case *[]netip.Prefix:
			*v = nil
		case *map[string]string:
			*v = nil
		}
	}
}
