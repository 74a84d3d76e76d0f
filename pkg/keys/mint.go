package keys

import (
	"context"
	"slices"
	"strings"
)

// draft is a token with what its key takes from it.
type draft struct {
	token, hashed      string
	id, prefix, masked string // id is "" where the database assigns it
}

// mint makes the keys of a request with their tokens and hashes, before any lock
// is taken. They are in the order of their ids, which is also that of a listing:
// stored so, a page of many keys made at once lies in one place of the file.
func (s *Service) mint(ctx context.Context, r *Rules, q CreateRequest) ([]Issued, error) {
	drafts, err := s.drafts(r, q)
	if err != nil {
		return nil, err
	}
	now, without := s.now(), lacking(s.Store.Info().Fields)
	issued := make([]Issued, len(drafts))
	for i, d := range drafts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k := &issued[i].Key
		*k = q.Key.unused()
		if q.Count > 0 && k.Label != "" {
			k.Label = numbered(k.Label, i+1)
		}
		k.ID, k.Prefix, k.Masked = d.id, d.prefix, d.masked
		k.Scheme, k.Enabled, k.CreatedAt, k.UpdatedAt, k.CreatedBy = q.Scheme, true, now, now, s.Actor.Who()
		if k.Hash, err = q.Scheme.Hash(d.hashed, HashOptions{Cost: q.BcryptCost, Secret: s.Secret}); err != nil {
			return nil, err
		}
		k.drop(without)
		issued[i].Token = d.token
	}
	return issued, nil
}

// unused returns k without what only becomes of a key once it exists.
func (k Key) unused() Key {
	k.RevokedAt, k.RevokedBy, k.RevokedReason, k.RevokedUntil = Instant{}, "", "", Instant{}
	k.LastUsedAt, k.LastUsedFrom = Instant{}, ""
	k.Successor, k.Predecessor, k.RequestID = "", "", ""
	k.Damage = nil
	return k
}

// drafts draws as many as the request wants, in the order of their ids.
func (s *Service) drafts(r *Rules, q CreateRequest) ([]draft, error) {
	draw := s.nativeDraft
	if r.Form != nil {
		draw = s.formDraft
	}
	drafts := make([]draft, max(q.Count, 1))
	for i := range drafts {
		d, err := draw(r, q)
		if err != nil {
			return nil, err
		}
		drafts[i] = d
	}
	if !r.IDs.Assigned {
		slices.SortFunc(drafts, func(a, b draft) int { return strings.Compare(a.id, b.id) })
	}
	return drafts, nil
}

// nativeDraft makes a token for keyreeve's own tables, in the form of their policy.
func (s *Service) nativeDraft(r *Rules, q CreateRequest) (d draft, err error) {
	form := r.obeyed().form(q.Key.Prefix, q.SecretBytes)
	switch {
	case q.Supplied != "":
		d, err = s.foundDraft(q.Supplied)
		d.prefix, d.masked = r.obeyed().mask(q.Supplied)
	case form != nil:
		d, err = s.policyDraft(form, q)
	default:
		var t Token
		if t, err = NewToken(s.Rand, q.Key.Prefix, q.SecretBytes); len(q.id) == idChars && isBase62(q.id) {
			t.ID, t.Check = q.id, Checksum(q.id+t.Secret)
		}
		d = draft{id: t.ID, prefix: t.Prefix, masked: t.Masked(), token: t.String()}
	}
	if err != nil {
		return draft{}, err
	}
	d.hashed = d.token
	d.id, err = s.newID(r, q, d.id)
	return d, err
}

// policyDraft makes a token of another form than keyreeve's own. Where it has a
// selector, that is the id of its key.
func (s *Service) policyDraft(form *TokenForm, q CreateRequest) (draft, error) {
	again := "" // the selector of the token before
	if len(q.id) == form.Selector.Len(0) && strings.Trim(q.id, alphabets["hex"]) == "" {
		again = q.id
	}
	token, err := form.draw(s.Rand, q.SecretBytes, again)
	if err != nil {
		return draft{}, err
	}
	if prefix, selector, ok := cutSelector(token); ok {
		return draft{token: token, id: selector, prefix: prefix, masked: Token{Prefix: prefix, ID: selector}.Masked()}, nil
	}
	d, err := s.foundDraft(token)
	d.prefix, d.masked = q.Key.Prefix, maskAfter(q.Key.Prefix, token)
	return d, err
}

// foundDraft is one for a token that holds no id.
func (s *Service) foundDraft(token string) (d draft, err error) {
	d.token = token
	d.id, err = drawChars(s.Rand, base62, idChars)
	return d, err
}

// formDraft makes a token of the server's own form.
func (s *Service) formDraft(r *Rules, q CreateRequest) (d draft, err error) {
	if d.token = q.Supplied; d.token == "" {
		again := ""
		if r.IDs.fromToken() {
			again = q.id
		}
		if d.token, err = r.Form.draw(s.Rand, q.SecretBytes, again); err != nil {
			return d, err
		}
	}
	parts, _ := r.Form.Parse(d.token) // both ways to it made sure that it can be parsed
	d.hashed, d.masked = parts.Hashed, parts.Masked
	if q.id != "" && r.IDs.fromToken() && parts.Selector != q.id {
		return d, Errorf(ReasonInvalid, "the supplied token names another key than %s", q.id).OnKey(q.id)
	}
	d.id, err = s.newID(r, q, parts.Selector)
	return d, err
}

// newID returns the id of a key whose token contains this one.
func (s *Service) newID(r *Rules, q CreateRequest, inToken string) (string, error) {
	switch {
	case q.id != "":
		return q.id, nil
	case r.IDs.Assigned:
		return "", nil
	case r.IDs.drawn():
		return r.IDs.Random.Draw(s.Rand, 0)
	}
	return inToken, nil
}
