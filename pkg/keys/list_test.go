package keys_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// counted is a store that counts how often it is read.
type counted struct {
	keys.Store
	reads atomic.Int32
}

func (c *counted) View(ctx context.Context, fn func(keys.Reader) error) error {
	c.reads.Add(1)
	return c.Store.View(ctx, fn)
}

// However slow its reader, a list holds a few pages and ends when it is told to.
func TestListReadsLittleAhead(t *testing.T) {
	c := &counted{Store: keystest.NewMemory()}
	n, _ := newNoted()
	if _, err := serviceOver(c).Create(t.Context(), keys.CreateRequest{Count: 100}, n); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		c.reads.Store(0)
		ctx, cancel := context.WithCancel(t.Context())
		pages := 0
		err := serviceOver(c).List(ctx, keys.Query{Limit: 1}, func([]keys.Key) error {
			synctest.Wait() // whoever reads ahead has gone as far as it will
			if pages++; pages == 3 {
				cancel()
			}
			return nil
		})
		if ahead := int(c.reads.Load()) - pages; ahead > 3 {
			t.Errorf("%d pages were read ahead", ahead)
		}
		if !errors.Is(err, context.Canceled) || pages > 6 {
			t.Errorf("%d pages after the end was asked for, %v", pages, err)
		}
	}) // which fails if a goroutine is left behind
}

// unhurried is a store whose reads take a while.
type unhurried struct {
	keys.Store
	reading atomic.Int32
}

func (u *unhurried) View(ctx context.Context, fn func(keys.Reader) error) error {
	u.reading.Add(1)
	defer u.reading.Add(-1)
	time.Sleep(time.Second)
	return u.Store.View(ctx, fn)
}

// Whoever has seen enough closes the database next: a read in progress would
// leave files beside it.
func TestListLeavesNoReadBehind(t *testing.T) {
	n, s := newNoted()
	if _, err := s.Create(t.Context(), keys.CreateRequest{Count: 10}, n); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		u := &unhurried{Store: n.Store}
		enough := errors.New("enough")
		err := serviceOver(u).List(t.Context(), keys.Query{Limit: 1}, func([]keys.Key) error {
			synctest.Wait() // the next page is being read
			return enough
		})
		if reading := u.reading.Load(); reading != 0 || !errors.Is(err, enough) {
			t.Errorf("%d reads go on, %v", reading, err)
		}
	})
}

func TestListTellsWhyItEndedEarly(t *testing.T) {
	err := serviceOver(down{keystest.NewMemory()}).List(t.Context(), keys.Query{}, func([]keys.Key) error { return nil })
	wantReason(t, "list", err, keys.ReasonUnreadable)
}
