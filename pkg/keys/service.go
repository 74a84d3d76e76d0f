package keys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Service holds the use cases. Its rules are the same over every [Store].
type Service struct {
	Store Store
	Now   func() time.Time
	Rand  io.Reader // cryptographically secure
	Actor Actor     // who the audit says it was
	// Secret is that of the server whose table this is, where its hashes need one.
	Secret []byte
}

// rules returns those of the store's database.
func (s *Service) rules() *Rules {
	if r := s.Store.Info().Rules; r != nil {
		return r
	}
	return NativeRules()
}

func (s *Service) now() Instant { return At(s.Now()) }

// Select returns the keys that refs name, each once, in the order given.
func (s *Service) Select(ctx context.Context, refs ...Ref) ([]Key, error) {
	refs, err := s.settle(ctx, refs)
	if err != nil {
		return nil, err
	}
	var list []Key
	err = s.Store.View(ctx, func(r Reader) (err error) {
		list, err = s.selectIn(ctx, r, refs)
		return err
	})
	return list, s.lookedUp(ctx, err)
}

func (s *Service) selectIn(ctx context.Context, r Reader, refs []Ref) ([]Key, error) {
	var list []Key
	seen := map[string]bool{}
	for _, ref := range refs {
		k, err := s.resolve(ctx, r, ref)
		if err != nil {
			return nil, err
		}
		if !seen[k.ID] || !k.Identified() {
			list = append(list, k)
		}
		seen[k.ID] = true
	}
	return list, nil
}

// Summary tells how a database stands.
type Summary struct {
	Info
	Claimed        Instant // none where it never was, or where its server keeps no claim
	NeedsBootstrap bool    // by the rules of its server
	Counts         map[Status]int
}

// Status returns the state of the database.
func (s *Service) Status(ctx context.Context) (Summary, error) {
	sum := Summary{Info: s.Store.Info()}
	err := s.Store.View(ctx, func(r Reader) (err error) {
		if sum.Claimed, err = r.Claimed(ctx); err != nil {
			return err
		}
		sum.Counts, err = r.Count(ctx, s.now())
		return err
	})
	sum.NeedsBootstrap = sum.Claimed.IsNone() && s.rules().Bootstrap.open(sum.Counts)
	return sum, err
}

// List gives the keys that match q to show, page by page. Nothing of the
// database is held while show runs; the next page is read meanwhile. Once List
// has returned nothing reads any more, also where show failed. A query by what the
// table has no column for gives ReasonUnsupported.
func (s *Service) List(ctx context.Context, q Query, show func([]Key) error) error {
	if err := s.checkFilter(&q); err != nil {
		return err
	}
	return s.list(ctx, q, show)
}

// list is List, where no key meets a condition that the table keeps nothing of.
func (s *Service) list(ctx context.Context, q Query, show func([]Key) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	q.Now = s.now()
	pages := make(chan []Key, 1)
	failed := make(chan error, 1)
	go func() {
		failed <- s.readPages(ctx, q, pages)
		close(pages)
	}()
	for page := range pages {
		if err := show(page); err != nil {
			stop()
			for range pages { // until the reader has let go of the database, which may be closed next
			}
			return err
		}
	}
	return <-failed
}

func (s *Service) readPages(ctx context.Context, q Query, pages chan<- []Key) error {
	for {
		page, err := s.page(ctx, q)
		if err != nil || len(page) == 0 {
			return err
		}
		select {
		case pages <- page:
		case <-ctx.Done():
			return ctx.Err()
		}
		q.After = &page[len(page)-1]
	}
}

func (s *Service) page(ctx context.Context, q Query) (page []Key, err error) {
	err = s.Store.View(ctx, func(r Reader) error {
		page, err = r.Page(ctx, q)
		return err
	})
	return page, err
}

// Migrate brings the database's schema to the current version, and tells from
// which one. A store whose schema is not keyreeve's gives ReasonUnsupported.
func (s *Service) Migrate(ctx context.Context, q ChangeRequest) (from, to int, err error) {
	m, ok := s.Store.(Migrator)
	if !ok {
		return 0, 0, Errorf(ReasonUnsupported, "the schema of this database is its server's: keyreeve never changes it")
	}
	err = m.Migrate(ctx, func(tx Tx, was, is int) error {
		from, to = was, is
		if was == is {
			return nil
		}
		if q.DryRun {
			return errDryRun
		}
		return tx.Record(ctx, []Event{{
			At: s.now(), Action: ActionMigrate, Actor: s.Actor, Reason: q.Reason,
			Before: fmt.Sprintf(`{"schema":%d}`, was), After: fmt.Sprintf(`{"schema":%d}`, is),
		}})
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return from, to, err
}
