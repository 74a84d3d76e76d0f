package render

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The columns of a table that nobody chose: what is needed to act on a key,
// within 80 characters.
var tableColumns = []keys.Field{
	keys.FieldID, keys.FieldLabel, keys.FieldStatus, keys.FieldOwner,
	keys.FieldExpiresAt, keys.FieldLastUsedAt,
}

// Columns that may be cut on a terminal. Ids, words and times are never cut:
// they would be useless or wrong.
var elastic = keys.FieldsOf(
	keys.FieldLabel, keys.FieldDescription, keys.FieldOwner, keys.FieldRole, keys.FieldScopes,
	keys.FieldResource, keys.FieldNetworks, keys.FieldCreatedBy, keys.FieldRevokedBy,
	keys.FieldRevokedReason, keys.FieldLastUsedFrom, keys.FieldMetadata,
)

// ColumnNames returns the names of the columns of a list of keys, in output order.
func ColumnNames() []string {
	shown := keys.ShownFields()
	names := make([]string, len(shown))
	for i, f := range shown {
		names[i] = f.String()
	}
	return names
}

// ParseColumns splits a comma-separated list of column names, of which known are
// those that there are, such as [ColumnNames]. A name that is
// unknown, empty or given twice is a [keys.Error] of ReasonInvalid.
func ParseColumns(list string, known []string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case keys.LooksLikeToken(name):
			return nil, keys.Errorf(keys.ReasonInvalid, "what looks like a token is no column: there are %s", strings.Join(known, ", "))
		case !slices.Contains(known, name):
			return nil, keys.Errorf(keys.ReasonInvalid, "no column is called %q: there are %s", name, strings.Join(known, ", "))
		case slices.Contains(names, name):
			return nil, keys.Errorf(keys.ReasonInvalid, "column %s is given twice", name)
		}
		names = append(names, name)
	}
	return names, nil
}

// columns returns the fields to show: those that were chosen, else the given
// ones, without any that the table cannot hold.
func (o *Options) columns(otherwise []keys.Field) []keys.Field {
	fields := otherwise
	if len(o.Columns) > 0 {
		fields = chosen(o.Columns)
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f keys.Field) bool { return !o.holds(f) })
}

func chosen(names []string) []keys.Field {
	var fields []keys.Field
	shown := keys.ShownFields()
	for _, name := range names {
		if i := slices.IndexFunc(shown, func(f keys.Field) bool { return f.String() == name }); i >= 0 {
			fields = append(fields, shown[i])
		}
	}
	return fields
}

// holds tells whether the table has the field. The status is computed, so every
// table has it.
func (o *Options) holds(f keys.Field) bool { return f == keys.FieldStatus || o.Fields.Has(f) }

// wideColumns returns the columns of a table, then every other one.
func wideColumns() []keys.Field {
	wide := slices.Clone(tableColumns)
	for _, f := range keys.ShownFields() {
		if !slices.Contains(tableColumns, f) {
			wide = append(wide, f)
		}
	}
	return wide
}

// title is what people call a field: "expires" and not "expires_at".
func title(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(name, "_at"), "_", " ")
}
