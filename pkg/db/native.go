package db

import "github.com/keyreeve/keyreeve/pkg/keys"

// NativeFamily is the layout of keyreeve's own database.
const NativeFamily = "native"

// nativeLayout describes keyreeve_keys of the current schema. It is the one
// layout that is not read from a file: it is recognised first and must cost nothing.
func nativeLayout() *Layout {
	return &Layout{
		Family: NativeFamily, Title: "keyreeve's own tables", Table: "keyreeve_keys", PrefixID: true,
		Selector: keys.FieldID, Rules: *keys.NativeRules(), ledger: newNativeLedger, checked: true,
		Columns: []Column{
			{Field: keys.FieldID, Name: "id", Codec: "text"},
			{Field: keys.FieldLabel, Name: "label", Codec: "optional-text"},
			{Field: keys.FieldDescription, Name: "description", Codec: "optional-text"},
			{Field: keys.FieldOwner, Name: "owner", Codec: "optional-text"},
			{Field: keys.FieldPrefix, Name: "prefix", Codec: "optional-text"},
			{Field: keys.FieldMasked, Name: "masked", Codec: "text"},
			{Field: keys.FieldScheme, Name: "scheme", Codec: "text"},
			{Field: keys.FieldHash, Name: "hash", Codec: "text"},
			{Field: keys.FieldRole, Name: "role", Codec: "optional-text"},
			{Field: keys.FieldScopes, Name: "scopes", Codec: "json-list"},
			{Field: keys.FieldResource, Name: "resource", Codec: "optional-text"},
			{Field: keys.FieldNetworks, Name: "networks", Codec: "json-networks"},
			{Field: keys.FieldRateLimit, Name: "rate_limit", Codec: "rate-ms"},
			{Field: keys.FieldEnabled, Name: "enabled", Codec: "flag"},
			{Field: keys.FieldNotBefore, Name: "not_before", Codec: "unix-ms"},
			{Field: keys.FieldExpiresAt, Name: "expires_at", Codec: "unix-ms"},
			{Field: keys.FieldCreatedAt, Name: "created_at", Codec: "unix-ms"},
			{Field: keys.FieldCreatedBy, Name: "created_by", Codec: "optional-text"},
			{Field: keys.FieldRevokedAt, Name: "revoked_at", Codec: "unix-ms"},
			{Field: keys.FieldRevokedBy, Name: "revoked_by", Codec: "optional-text"},
			{Field: keys.FieldRevokedReason, Name: "revoked_reason", Codec: "optional-text"},
			{Field: keys.FieldRevokedUntil, Name: "revoked_until", Codec: "unix-ms"},
			{Field: keys.FieldLastUsedAt, Name: "last_used_at", Codec: "unix-ms"},
			{Field: keys.FieldLastUsedFrom, Name: "last_used_from", Codec: "optional-text"},
			{Field: keys.FieldSuccessor, Name: "successor", Codec: "optional-text"},
			{Field: keys.FieldPredecessor, Name: "predecessor", Codec: "optional-text"},
			{Field: keys.FieldRequestID, Name: "request_id", Codec: "optional-text"},
			{Field: keys.FieldMetadata, Name: "metadata", Codec: "json-object"},
		},
	}
}
