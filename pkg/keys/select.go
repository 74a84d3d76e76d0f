package keys

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// condition is one of a query, as messages tell of it.
type condition struct {
	set   bool
	field Field
	says  string // after "a key that"
	clock bool   // keys come to meet it by the clock, or by what becomes of them
}

// conditions are those that a query can make, whether it does or not.
func (q *Query) conditions() []condition {
	return []condition{
		{q.Owner != "", FieldOwner, "has the owner " + quote(q.Owner), false},
		{q.LabelGlob != "", FieldLabel, "has a label like " + quote(q.LabelGlob), false},
		{q.Role != "", FieldRole, "has the role " + quote(q.Role), false},
		{q.Scope != "", FieldScopes, "has the scope " + quote(q.Scope), false},
		{q.Resource != "", FieldResource, "is bound to " + quote(q.Resource), false},
		{len(q.Statuses) > 0, FieldStatus, "has such a status", true},
		{!q.CreatedBy.IsNone(), FieldCreatedAt, "is so old", true},
		{!q.UnusedBy.IsNone(), FieldLastUsedAt, "was not used for so long", true},
		{!q.UsedSince.IsNone(), FieldLastUsedAt, "was used since", true},
		{!q.ExpiresBy.IsNone(), FieldExpiresAt, "expires so soon", true},
		{!q.RevokedBy.IsNone(), FieldRevokedAt, "was revoked so long ago", true},
		{q.Endless, FieldExpiresAt, "never expires", true},
	}
}

// Enduring returns the query without the conditions that keys come to meet by the
// clock or by what becomes of them: that no key meets those today is no mistake of
// whoever asks every day.
func (q *Query) Enduring() Query {
	return Query{Now: q.Now, Owner: q.Owner, LabelGlob: q.LabelGlob, Role: q.Role, Scope: q.Scope, Resource: q.Resource}
}

// says tells the conditions of a query that have this to do with the clock.
func (q *Query) says(clock bool) string {
	var said []string
	for _, c := range q.conditions() {
		if c.set && c.clock == clock {
			said = append(said, c.says)
		}
	}
	return strings.Join(said, " and ")
}

// checkFilter refuses to choose keys by what the table does not have: the answer
// would be about something else.
func (s *Service) checkFilter(q *Query) error {
	held := s.Store.Info().Fields | FieldsOf(FieldStatus)
	for _, c := range q.conditions() {
		if c.set && !held.Has(c.field) {
			return Errorf(ReasonUnsupported, "the key table of %s has no column for %s: keys cannot be chosen by it", s.rules().server(), c.field).OnPath(s.Store.Info().Path)
		}
	}
	return nil
}

// chosen returns the keys that a request names, whose refs are settled, or describes.
// It refuses a description that no key could ever meet (ReasonNotFound), that another
// number of keys meets than was expected (ReasonOtherCount), that every key meets
// without q.All (ReasonEverything), and that is about use where no use is recorded
// (ReasonUnsupported). No key and no error: none meets it now. Where keys were agreed on
// it returns exactly those, or gives ReasonOvertaken.
func (s *Service) chosen(ctx context.Context, r Reader, q *ChangeRequest, now Instant) ([]Key, error) {
	if q.Where == nil {
		return s.named(ctx, r, q, now)
	}
	if len(q.Refs) > 0 {
		return nil, Errorf(ReasonInvalid, "keys are named or described, not both")
	}
	where := *q.Where
	where.Now = now
	if err := s.checkFilter(&where); err != nil {
		return nil, err
	}
	list, err := s.everyMatch(ctx, r, where)
	if err != nil {
		return nil, err
	}
	if q.Agreed != nil {
		return q.Agreed.of(ctx, r, list, now)
	}
	return list, s.allowChoice(ctx, r, q, &where, len(list))
}

// look is chosen outside of a change. It settles the request's refs.
func (s *Service) look(ctx context.Context, q *ChangeRequest) (list []Key, err error) {
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(r Reader) (err error) {
		list, err = s.chosen(ctx, r, q, s.now())
		return err
	})
	return list, s.lookedUp(ctx, err)
}

// allowChoice holds the number of keys that match to what the request allows.
func (s *Service) allowChoice(ctx context.Context, r Reader, q *ChangeRequest, where *Query, n int) error {
	switch err := somebody(ctx, r, where, n); {
	case err != nil:
		return err
	case q.Expect > 0 && n != q.Expect:
		return Errorf(ReasonOtherCount, "%s, not %d", matchText(n), q.Expect)
	case n == 0 || q.All:
		return nil
	}
	bare := where.says(true)+where.says(false) == ""
	return few(ctx, r, Query{Now: where.Now}, n, bare, "of the database")
}

// few gives ReasonEverything where n keys that were described are all that another query
// selects, whose kind is told. Of a single key that is so only where the description is
// bare.
func few(ctx context.Context, r Reader, of Query, n int, bare bool, kind string) error {
	of.Fields, of.Limit = FieldsOf(FieldID), n+1
	all, err := r.Page(ctx, of)
	if err == nil && len(all) == n && (n > 1 || bare) {
		return Errorf(ReasonEverything, "%s, which is every key %s", matchText(n), kind)
	}
	return err
}

func matchText(n int) string {
	if n == 1 {
		return "1 key matches"
	}
	return strconv.Itoa(n) + " keys match"
}

// somebody gives ReasonNotFound where no key matches and the clock is not why.
func somebody(ctx context.Context, r Reader, where *Query, n int) error {
	enduring := where.Enduring()
	said := enduring.says(false)
	if n > 0 || said == "" {
		return nil
	}
	enduring.Fields, enduring.Limit = FieldsOf(FieldID), 1
	found, err := r.Page(ctx, enduring)
	if err == nil && len(found) == 0 {
		return Errorf(ReasonNotFound, "no key %s", said)
	}
	return err
}

// everyKey returns all keys that match, newest first.
func everyKey(ctx context.Context, r Reader, q Query) (list []Key, err error) {
	q.Fields, q.After, q.Limit = 0, nil, 0
	var pages [][]Key // one list that grew would be in memory many times over
	for {
		page, err := r.Page(ctx, q)
		if err != nil || len(page) == 0 {
			return slices.Concat(pages...), err
		}
		pages = append(pages, page)
		after := page[len(page)-1]
		if !after.Identified() { // it has no place in the order, and what has none comes last
			return slices.Concat(pages...), nil
		}
		q.After = &after
	}
}
