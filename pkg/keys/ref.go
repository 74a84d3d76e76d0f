package keys

import (
	"context"
	"errors"
	"strings"
)

// minPrefix is the least number of characters of an id that name a key.
const minPrefix = 4

// Ref is how a command names a key: what a person typed, the token itself, or
// the id of a key that is already known.
type Ref struct {
	text  string
	token string
	id    string
}

// TextRef names a key by its id, a unique prefix of it, its label, or its
// masked form.
func TextRef(text string) Ref { return Ref{text: text} }

// TokenRef names the key that a token belongs to, whatever its status.
func TokenRef(token string) Ref { return Ref{token: token} }

// IDRef names exactly the key with this id.
func IDRef(id string) Ref { return Ref{id: id} }

// resolve returns the key that ref names. None gives ReasonNotFound, as an absent for
// lookedUp; several give ReasonAmbiguous with the candidates.
func (s *Service) resolve(ctx context.Context, r Reader, ref Ref) (Key, error) {
	if ref.id == "" {
		return s.resolveText(ctx, r, ref.text)
	}
	k, err := r.Key(ctx, ref.id)
	if errors.Is(err, &Error{Reason: ReasonNotFound}) {
		err = &absent{ref.id, err}
	}
	return k, err
}

// settle replaces the tokens among refs by the ids of their keys, and so labels that only
// an audit tells the key of. It runs before a transaction: neither a slow hash nor a long
// file must hold a lock.
func (s *Service) settle(ctx context.Context, refs []Ref) ([]Ref, error) {
	settled := make([]Ref, len(refs))
	for i, ref := range refs {
		settled[i] = ref
		if ref.token == "" {
			continue
		}
		k, _, err := s.match(ctx, ref.token, s.now())
		if err == nil && k == nil {
			err = Errorf(ReasonNotFound, "the token belongs to no key of this database")
		}
		if err == nil {
			err = identified(*k)
		}
		if err != nil {
			return nil, err
		}
		settled[i] = IDRef(k.ID)
	}
	return settled, s.settleCurrent(ctx, settled)
}

func (s *Service) resolveText(ctx context.Context, r Reader, text string) (Key, error) {
	if text == "" {
		return Key{}, Errorf(ReasonInvalid, "an empty REF names no key")
	}
	q := s.refQuery(text)
	if q.ID == "" && s.rules().Form == nil {
		if k, err := byMaskedID(ctx, r, strings.TrimSuffix(text, "…")); err == nil && k.Masked == text {
			return k, nil
		}
	}
	const enough = 20 // candidates to show
	found, err := r.Page(ctx, Query{Ref: &q, Limit: enough})
	if err != nil {
		return Key{}, err
	}
	found = exactFirst(found, text)
	switch len(found) {
	case 0:
		return Key{}, &absent{text, s.notFound(text)}
	case 1:
		return found[0], nil
	}
	e := Errorf(ReasonAmbiguous, "%q could mean any of %d keys", PrintableText(text), len(found))
	e.Ref, e.Matches = text, found
	return Key{}, e
}

// refQuery selects what a text could name. The beginning of an id that is a number
// names nothing: once the meant key is gone it would hit another one.
func (s *Service) refQuery(text string) RefQuery {
	q := RefQuery{ID: text, Label: text}
	form := s.rules().Form
	switch {
	case form == nil && strings.HasSuffix(text, "…"):
		return RefQuery{Masked: text}
	case form != nil && form.MaskText != "": // which need not look like ours
		q.Masked = text
	}
	if s.Store.Info().PrefixID && len(text) >= minPrefix {
		q.IDPrefix = text
	}
	return q
}

// byMaskedID returns the key whose id ends a masked form, as it does in that of
// our own tokens: its row is one lookup away, where the masked form has no index.
func byMaskedID(ctx context.Context, r Reader, masked string) (Key, error) {
	if len(masked) < idChars {
		return Key{}, Errorf(ReasonNotFound, "no id is so short")
	}
	return r.Key(ctx, masked[len(masked)-idChars:])
}

// exactFirst drops the keys that match by a prefix of their id only, where the
// id of one matches exactly.
func exactFirst(found []Key, text string) []Key {
	exact := false
	for _, k := range found {
		exact = exact || k.ID == text
	}
	if !exact {
		return found
	}
	var kept []Key
	for _, k := range found {
		if k.ID == text || k.Label == text || k.Masked == text {
			kept = append(kept, k)
		}
	}
	return kept
}

func (s *Service) notFound(text string) error {
	const short = "no key is called %q: an id can be cut to no less than %d characters"
	if s.Store.Info().PrefixID && len(text) < minPrefix {
		return Errorf(ReasonNotFound, short, PrintableText(text), minPrefix)
	}
	return Errorf(ReasonNotFound, "no key is called %.*q", labelText.max, PrintableText(text))
}

// absent is that no key has the name, which may be the id of one that is gone.
type absent struct {
	name string
	err  error
}

func (a *absent) Error() string { return a.err.Error() }
func (a *absent) Unwrap() error { return a.err }

// lookedUp makes ReasonDeleted of an absent where the audit tells who deleted the
// key. It comes once nothing of the database is held any more.
func (s *Service) lookedUp(ctx context.Context, err error) error {
	var a *absent
	if !errors.As(err, &a) {
		return err
	}
	found, failed := s.Store.Last(ctx, ActionDelete, a.name)
	e, ok := found[a.name]
	if failed != nil || !ok { // that there is no such key is true all the same
		return a.err
	}
	gone := Errorf(ReasonDeleted, "key %s was deleted at %s by %s", e.KeyID, e.At, e.Actor.Who()).OnKey(e.KeyID)
	if e.Reason != "" {
		gone.Message += " (" + PrintableText(e.Reason) + ")"
	}
	return gone
}
