package keys

import (
	"context"
	"errors"
)

// Delivery brings the tokens of new keys to whoever asked for them. A token
// must be in safe hands before its key exists, and must not be in a live place
// if the key does not.
type Delivery interface {
	// Stage does all that can fail ahead of the transaction.
	Stage(issued []Issued) error
	// Deliver is the last step before the commit. It tells whether a token can
	// be seen already, which would be dead if the commit failed.
	Deliver() (seen bool, err error)
	// Publish runs after the commit.
	Publish() error
	// Discard undoes Stage after a failure.
	Discard()
}

// deliver stages, commits what insert does, and publishes.
func (s *Service) deliver(ctx context.Context, q CreateRequest, issued []Issued, d Delivery, insert func(Tx) error) error {
	if q.DryRun {
		d = noDelivery{}
	}
	if err := d.Stage(issued); err != nil {
		return err
	}
	seen := false
	err := s.Store.Update(ctx, func(tx Tx) error {
		if err := insert(tx); err != nil {
			return err
		}
		if q.DryRun {
			return errDryRun
		}
		err := tx.Seal(ctx)
		if err == nil {
			seen, err = d.Deliver()
		}
		return err
	})
	if err == nil {
		return d.Publish()
	}
	d.Discard()
	if errors.Is(err, errDryRun) {
		return nil
	}
	if seen {
		return deadToken(err)
	}
	return err
}

// deadToken says of a failure that a token was shown which belongs to no key.
func deadToken(err error) error {
	var known *Error
	if !errors.As(err, &known) {
		known = Errorf(ReasonFailed, "%v", err)
	}
	dead := *known
	dead.Message += "; nothing was created: the token that was printed is dead"
	return &dead
}

type noDelivery struct{}

func (noDelivery) Stage([]Issued) error   { return nil }
func (noDelivery) Deliver() (bool, error) { return false, nil }
func (noDelivery) Publish() error         { return nil }
func (noDelivery) Discard()               {}
