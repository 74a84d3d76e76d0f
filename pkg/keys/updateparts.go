package keys

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
)

// asked returns the fields that the request is about.
func (q *UpdateRequest) asked() Fields {
	fields := q.Set | q.Clear
	for _, part := range []struct {
		n     int
		field Field
	}{
		{len(q.AddScopes) + len(q.RemoveScopes), FieldScopes},
		{len(q.AddNetworks) + len(q.RemoveNetworks), FieldNetworks},
		{len(q.SetMetadata) + len(q.RemoveMetadata), FieldMetadata},
	} {
		if part.n > 0 {
			fields |= FieldsOf(part.field)
		}
	}
	return fields
}

// applyParts adds to lists of k, and takes from them.
func (q *UpdateRequest) applyParts(k *Key) (err error) {
	if len(q.AddScopes)+len(q.RemoveScopes) > 0 {
		k.Scopes = with(k.Scopes, q.AddScopes, q.RemoveScopes)
	}
	if len(q.AddNetworks)+len(q.RemoveNetworks) > 0 {
		k.Networks = with(k.Networks, q.AddNetworks, q.RemoveNetworks)
	}
	if len(q.SetMetadata)+len(q.RemoveMetadata) > 0 {
		k.Metadata = maps.Clone(k.Metadata) // it may be another key's, too
		if k.Metadata == nil {
			k.Metadata = map[string]string{}
		}
		maps.Copy(k.Metadata, q.SetMetadata)
		for _, name := range q.RemoveMetadata {
			delete(k.Metadata, name)
		}
		err = onKey(ValidateMetadata(k.Metadata), k)
	}
	return err
}

// with returns the list with some members more, at its end, and some less.
func with[T comparable](list, more, less []T) (changed []T) {
	for _, v := range slices.Concat(list, more) {
		if !slices.Contains(changed, v) && !slices.Contains(less, v) {
			changed = append(changed, v)
		}
	}
	return changed
}

// same tells whether two keys have the same value there.
func (f Field) same(a, b *Key) bool {
	return bytes.Equal(f.AppendJSON(nil, a, Instant{}), f.AppendJSON(nil, b, Instant{}))
}

// copy gives k the value that from has there.
func (f Field) copy(k, from *Key) {
	switch to := f.Ref(k).(type) {
	case *string:
		*to = *f.Ref(from).(*string)
	case *Instant:
		*to = *f.Ref(from).(*Instant)
	case *Rate:
		*to = *f.Ref(from).(*Rate)
	case *[]string:
		*to = *f.Ref(from).(*[]string)
	case *[]netip.Prefix:
		*to = *f.Ref(from).(*[]netip.Prefix)
	case *map[string]string:
		*to = *f.Ref(from).(*map[string]string)
	}
}
