package keys

import (
	"context"
	"errors"
	"slices"
)

// CreateRequest describes the keys to make.
type CreateRequest struct {
	Key         Key    // the attributes; what the service decides itself is ignored
	Count       int    // how many, each with a token of its own, and labelled label-1 and so on; 0 is one, labelled label
	Supplied    string // a token chosen by the caller, "" to generate one
	SecretBytes int    // of randomness in a generated token, 0 is the server's number
	Scheme      Scheme // "" is the server's; in keyreeve's own tables sha256, bcrypt for supplied tokens
	BcryptCost  int    // 0 is the server's
	Reason      string
	DryRun      bool
	IfNeeded    bool // bootstrap only: an existing claim is no error
	Legacy      bool // hash by the server's legacy scheme, which needs no secret
	WeakSecret  bool // hash under a secret that the server warns of

	id string // of the key that is to get another token, "" for new keys
}

// Issued is a new key with its token, which nothing stores.
type Issued struct {
	Key    Key
	Token  string
	Advice []string // what to know about it on this server
	// Rotated tells what a successor replaces, but for New; nil for other keys.
	Rotated *Rotated
}

// Create makes keys, all or none. On a database that was never claimed it
// claims it, and on one whose keys are all gone it is the way back in.
func (s *Service) Create(ctx context.Context, q CreateRequest, d Delivery) ([]Issued, error) {
	return s.issue(ctx, q, d, ActionCreate)
}

// redraws is how often ids that happen to exist are drawn again.
const redraws = 5

func (s *Service) issue(ctx context.Context, q CreateRequest, d Delivery, action Action) ([]Issued, error) {
	for try := 0; ; try++ {
		issued, err := s.issueOnce(ctx, q, d, action)
		switch {
		case err == nil:
			s.tellUsedBefore(ctx, q, issued)
			return issued, nil
		case errors.Is(err, errOvertaken):
		case try < redraws && q.Supplied == "" && errors.Is(err, &Error{Reason: ReasonTokenTaken}):
		default:
			return nil, err
		}
	}
}

// issueOnce is one try of issue: what is slow comes before the lock, and what it was
// built on is looked at again with the lock held.
func (s *Service) issueOnce(ctx context.Context, q CreateRequest, d Delivery, action Action) ([]Issued, error) {
	r, policy, err := s.ruled(ctx)
	if err != nil {
		return nil, err
	}
	if action == ActionBootstrap {
		r.Bootstrap.fill(&q.Key, s.Store.Info().Fields)
	}
	if err := s.judge(&q, r, s.now()); err != nil {
		return nil, err
	}
	tried, err := s.unusedToken(ctx, q.Supplied)
	if err != nil {
		return nil, err
	}
	issued, err := s.mint(ctx, r, q)
	if err != nil {
		return nil, err
	}
	return issued, s.deliver(ctx, q, issued, d, func(tx Tx) error {
		if err := s.stillUnused(ctx, tx, q.Supplied, tried); err != nil {
			return err
		}
		if err := s.stillRuled(ctx, tx, r, policy); err != nil {
			return err
		}
		return s.insert(ctx, tx, q, policy, issued, action)
	})
}

// insert is the part of issue that holds the lock.
func (s *Service) insert(ctx context.Context, tx Tx, q CreateRequest, policy Policy, issued []Issued, action Action) error {
	now := s.now()
	if action == ActionBootstrap {
		if err := s.stillOpen(ctx, tx); err != nil {
			return err
		}
	}
	if err := s.labelsFree(ctx, tx, q, issued, now); err != nil {
		return err
	}
	if policy.OneFullKey || issued[0].Key.Scheme.Slow() { // else a copy of all keys is spared
		list := keysOf(issued)
		if err := s.slowAllowed(ctx, tx, policy, list, now); err != nil {
			return err
		}
		if err := s.policyAllows(ctx, tx, policy, list, now); err != nil {
			return err
		}
	}
	if err := s.claimIfOpen(ctx, tx, now); err != nil {
		return err
	}
	for some := range slices.Chunk(issued, atOnce) {
		if err := s.insertSome(ctx, tx, q, some, action, now); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many new keys are given to the store at a time: what the store and
// the audit need of them besides is not kept for all of them.
const atOnce = 1000

func (s *Service) insertSome(ctx context.Context, tx Tx, q CreateRequest, issued []Issued, action Action, now Instant) error {
	list := keysOf(issued)
	if err := tx.Insert(ctx, list); err != nil {
		return err
	}
	events := make([]Event, len(issued))
	r, path := s.rules(), s.Store.Info().Path
	for i := range list {
		issued[i].Key = list[i]
		if !q.DryRun {
			issued[i].Advice = r.adviceOnNew(action, &list[i], path)
		}
		events[i] = s.event(action, now, ChangeRequest{Reason: q.Reason}, nil, &list[i])
	}
	return tx.Record(ctx, events)
}

func keysOf(issued []Issued) []Key {
	list := make([]Key, len(issued))
	for i := range issued {
		list[i] = issued[i].Key
	}
	return list
}
