package db

import "github.com/keyreeve/keyreeve/pkg/keys"

// NativeFamily is the layout of keyreeve's own database.
const NativeFamily = "native"

// nativeLayout describes keyreeve_keys of the current schema. It is the one
// layout that is not read from a file: it is recognised first and must cost nothing.
func nativeLayout() *Layout {
	return &Layout{
		Family: NativeFamily, Table: "keyreeve_keys", PrefixID: true,
		Columns: []Column{
			{keys.FieldID, "id", "text"},
			{keys.FieldLabel, "label", "optional-text"},
			{keys.FieldDescription, "description", "optional-text"},
			{keys.FieldOwner, "owner", "optional-text"},
			{keys.FieldPrefix, "prefix", "optional-text"},
			{keys.FieldMasked, "masked", "text"},
			{keys.FieldScheme, "scheme", "text"},
			{keys.FieldHash, "hash", "text"},
			{keys.FieldRole, "role", "optional-text"},
			{keys.FieldScopes, "scopes", "json-list"},
			{keys.FieldResource, "resource", "optional-text"},
			{keys.FieldNetworks, "networks", "json-networks"},
			{keys.FieldRateLimit, "rate_limit", "rate-ms"},
			{keys.FieldEnabled, "enabled", "flag"},
			{keys.FieldNotBefore, "not_before", "unix-ms"},
			{keys.FieldExpiresAt, "expires_at", "unix-ms"},
			{keys.FieldCreatedAt, "created_at", "unix-ms"},
			{keys.FieldCreatedBy, "created_by", "optional-text"},
			{keys.FieldRevokedAt, "revoked_at", "unix-ms"},
			{keys.FieldRevokedBy, "revoked_by", "optional-text"},
			{keys.FieldRevokedReason, "revoked_reason", "optional-text"},
			{keys.FieldRevokedUntil, "revoked_until", "unix-ms"},
			{keys.FieldLastUsedAt, "last_used_at", "unix-ms"},
			{keys.FieldLastUsedFrom, "last_used_from", "optional-text"},
			{keys.FieldSuccessor, "successor", "optional-text"},
			{keys.FieldPredecessor, "predecessor", "optional-text"},
			{keys.FieldRequestID, "request_id", "optional-text"},
			{keys.FieldMetadata, "metadata", "json-object"},
		},
	}
}
