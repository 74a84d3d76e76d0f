package keys_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// refusing is a store that refuses every change at its very end.
type refusing struct{ keys.Store }

var errUnsealed = errors.New("the audit is full")

func (r refusing) Update(ctx context.Context, fn func(keys.Tx) error) error {
	return r.Store.Update(ctx, func(tx keys.Tx) error { return fn(unsealed{tx}) })
}

type unsealed struct{ keys.Tx }

func (unsealed) Seal(context.Context) error { return errUnsealed }

// handing tells whether a token was handed over.
type handing struct{ handed *bool }

func (handing) Stage([]keys.Issued) error { return nil }
func (h handing) Deliver() (bool, error)  { *h.handed = true; return true, nil }
func (handing) Publish() error            { return nil }
func (handing) Discard()                  {}

// Whatever can refuse a change does so before anybody sees the token.
func TestTokenIsHandedOverLast(t *testing.T) {
	memory, handed := keystest.NewMemory(), false
	s := &keys.Service{Store: refusing{memory}, Now: time.Now, Rand: rand.Reader}
	_, err := s.Create(t.Context(), keys.CreateRequest{}, handing{&handed})
	if !errors.Is(err, errUnsealed) || handed {
		t.Errorf("%v, handed over %t", err, handed)
	}
}
