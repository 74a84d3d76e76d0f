package keys

import "math/bits"

// Field names one attribute of a key. Its text form is the name in JSON output,
// in --columns and in the audit.
type Field uint8

// The fields, in the order in which output shows them.
const (
	FieldID Field = iota
	FieldLabel
	FieldMasked
	FieldPrefix
	FieldScheme
	FieldDescription
	FieldOwner
	FieldRole
	FieldScopes
	FieldResource
	FieldNetworks
	FieldRateLimit
	FieldStatus // computed; every layout has it
	FieldCreatedAt
	FieldCreatedBy
	FieldUpdatedAt
	FieldNotBefore
	FieldExpiresAt
	FieldRevokedAt
	FieldRevokedBy
	FieldRevokedReason
	FieldRevokedUntil
	FieldLastUsedAt
	FieldLastUsedFrom
	FieldPredecessor
	FieldSuccessor
	FieldMetadata
	FieldEnabled   // stored, shown as status
	FieldRequestID // stored, not shown
	FieldHash      // stored, never shown
	fieldCount
)

// field describes a field: its name, and where its value lives in a Key.
type field struct {
	name  string
	ref   func(*Key) any
	shown bool
}

var fields = [fieldCount]field{
	FieldID:            {"id", func(k *Key) any { return &k.ID }, true},
	FieldLabel:         {"label", func(k *Key) any { return &k.Label }, true},
	FieldMasked:        {"masked", func(k *Key) any { return &k.Masked }, true},
	FieldPrefix:        {"prefix", func(k *Key) any { return &k.Prefix }, true},
	FieldScheme:        {"scheme", func(k *Key) any { return (*string)(&k.Scheme) }, true},
	FieldDescription:   {"description", func(k *Key) any { return &k.Description }, true},
	FieldOwner:         {"owner", func(k *Key) any { return &k.Owner }, true},
	FieldRole:          {"role", func(k *Key) any { return &k.Role }, true},
	FieldScopes:        {"scopes", func(k *Key) any { return &k.Scopes }, true},
	FieldResource:      {"resource", func(k *Key) any { return &k.Resource }, true},
	FieldNetworks:      {"networks", func(k *Key) any { return &k.Networks }, true},
	FieldRateLimit:     {"rate_limit", func(k *Key) any { return &k.RateLimit }, true},
	FieldStatus:        {"status", nil, true},
	FieldCreatedAt:     {"created_at", func(k *Key) any { return &k.CreatedAt }, true},
	FieldCreatedBy:     {"created_by", func(k *Key) any { return &k.CreatedBy }, true},
	FieldUpdatedAt:     {"updated_at", func(k *Key) any { return &k.UpdatedAt }, true},
	FieldNotBefore:     {"not_before", func(k *Key) any { return &k.NotBefore }, true},
	FieldExpiresAt:     {"expires_at", func(k *Key) any { return &k.ExpiresAt }, true},
	FieldRevokedAt:     {"revoked_at", func(k *Key) any { return &k.RevokedAt }, true},
	FieldRevokedBy:     {"revoked_by", func(k *Key) any { return &k.RevokedBy }, true},
	FieldRevokedReason: {"revoked_reason", func(k *Key) any { return &k.RevokedReason }, true},
	FieldRevokedUntil:  {"revoked_until", func(k *Key) any { return &k.RevokedUntil }, true},
	FieldLastUsedAt:    {"last_used_at", func(k *Key) any { return &k.LastUsedAt }, true},
	FieldLastUsedFrom:  {"last_used_from", func(k *Key) any { return &k.LastUsedFrom }, true},
	FieldPredecessor:   {"predecessor", func(k *Key) any { return &k.Predecessor }, true},
	FieldSuccessor:     {"successor", func(k *Key) any { return &k.Successor }, true},
	FieldMetadata:      {"metadata", func(k *Key) any { return &k.Metadata }, true},
	FieldEnabled:       {"enabled", func(k *Key) any { return &k.Enabled }, false},
	FieldRequestID:     {"request_id", func(k *Key) any { return &k.RequestID }, false},
	FieldHash:          {"hash", func(k *Key) any { return &k.Hash }, false},
}

// String returns the field's name in JSON output and the audit.
func (f Field) String() string { return fields[f].name }

// Ref returns a pointer to the field's value in k, one of *string, *bool,
// *Instant, *Rate, *[]string, *[]netip.Prefix and *map[string]string, or nil
// for the computed status.
func (f Field) Ref(k *Key) any {
	if fields[f].ref == nil {
		return nil
	}
	return fields[f].ref(k)
}

// ShownFields returns, in order, the fields that output may show. The hash is
// not among them.
func ShownFields() []Field {
	var shown []Field
	for f := range fieldCount {
		if fields[f].shown {
			shown = append(shown, f)
		}
	}
	return shown
}

// Fields is a set of fields.
type Fields uint64

// FieldsOf returns the set of the given fields.
func FieldsOf(list ...Field) Fields {
	var s Fields
	for _, f := range list {
		s |= 1 << f
	}
	return s
}

// Has tells whether f is in the set.
func (s Fields) Has(f Field) bool { return s&(1<<f) != 0 }

// Without returns the fields of s that are not in t.
func (s Fields) Without(t Fields) Fields { return s &^ t }

// List returns the set's fields in output order.
func (s Fields) List() []Field {
	list := make([]Field, 0, bits.OnesCount64(uint64(s)))
	for f := range fieldCount {
		if s.Has(f) {
			list = append(list, f)
		}
	}
	return list
}
