package keys

import (
	"context"
	"slices"
	"strconv"
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
			k.Label += "-" + strconv.Itoa(i+1)
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

func (s *Service) nativeDraft(r *Rules, q CreateRequest) (draft, error) {
	t, err := NewToken(s.Rand, q.Key.Prefix, q.SecretBytes)
	if err != nil {
		return draft{}, err
	}
	d := draft{id: t.ID, prefix: t.Prefix, masked: t.Masked(), token: q.Supplied}
	if d.token == "" {
		d.token = t.String()
	} else {
		d.prefix, d.masked = MaskSupplied(d.token)
	}
	d.hashed = d.token
	d.id, err = s.newID(r, d.id)
	return d, err
}

// formDraft makes a token of the server's own form.
func (s *Service) formDraft(r *Rules, q CreateRequest) (d draft, err error) {
	if d.token = q.Supplied; d.token == "" {
		if d.token, err = r.Form.New(s.Rand, q.SecretBytes); err != nil {
			return d, err
		}
	}
	parts, _ := r.Form.Parse(d.token) // both ways to it made sure that it can be parsed
	d.hashed, d.masked = parts.Hashed, parts.Masked
	d.id, err = s.newID(r, parts.Selector)
	return d, err
}

// newID returns the id of a new key whose token contains this one.
func (s *Service) newID(r *Rules, inToken string) (string, error) {
	switch {
	case r.IDs.Assigned:
		return "", nil
	case r.IDs.drawn():
		return r.IDs.Random.Draw(s.Rand, 0)
	}
	return inToken, nil
}
