package keystest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// now is the moment of every case: whole seconds would hide a lost millisecond.
var now = keys.Millis(1_800_000_000_123)

var ctx = context.Background()

// lab is where one case works.
type lab struct {
	database Database
	store    keys.Store // the first handle
	fields   keys.Fields
	rules    *keys.Rules
	rnd      *rand.Rand
	used     map[string]bool // ids
	skipped  string          // why the case means nothing here

	mu       sync.Mutex
	opened   []keys.Store
	failures []error
	seeds    byte
}

// open returns one more handle.
func (l *lab) open() keys.Store {
	s, err := l.database.Open()
	l.must(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened = append(l.opened, s)
	return s
}

func (l *lab) handles(n int) []keys.Store {
	list := make([]keys.Store, n)
	for i := range list {
		list[i] = l.open()
	}
	return list
}

// rounds is how often something random is tried.
func (l *lab) rounds(n int) int {
	if l.database.Brief {
		return max(n/5, 2)
	}
	return n
}

func (l *lab) close() error {
	var failed []error
	for _, s := range l.opened {
		failed = append(failed, s.Close())
	}
	return errors.Join(failed...)
}

// actor is who the audit must say it was.
var actor = keys.Actor{User: "root", Claimed: "ann", Host: "tower", Process: "keystest[7]"}

// service returns the use cases over a handle, with randomness of its own.
func (l *lab) service(s keys.Store) *keys.Service {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seeds++
	return &keys.Service{
		Store: s, Actor: actor, Rand: rand.NewChaCha8([32]byte{l.seeds}), Secret: l.database.Secret,
		Now: func() time.Time { return now.Time() },
	}
}

// services returns the use cases over n handles.
func (l *lab) services(n int) []*keys.Service {
	list := make([]*keys.Service, n)
	for i := range list {
		list[i] = l.service(l.open())
	}
	return list
}

// update changes the database or ends the case.
func (l *lab) update(fn func(tx keys.Tx) error) { l.must(l.store.Update(ctx, fn)) }

// view reads the database or ends the case.
func (l *lab) view(fn func(r keys.Reader) error) { l.must(l.store.View(ctx, fn)) }

// stored returns every key, in the order of a listing.
func (l *lab) stored() (list []keys.Key) {
	l.view(func(r keys.Reader) (err error) {
		list, err = r.Page(ctx, keys.Query{Now: now, Limit: 1 << 20})
		return err
	})
	return list
}

// empty removes every key.
func (l *lab) empty() {
	list := l.stored()
	l.update(func(tx keys.Tx) error {
		for _, k := range list {
			if err := tx.Delete(ctx, k.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// shadow is all that can be seen of a database.
type shadow struct {
	Keys    []keys.Key
	Claimed keys.Instant
	Audit   []keys.Event
	Changes int64
}

func (l *lab) shadow() (s shadow) {
	s.Keys = l.stored()
	l.view(func(r keys.Reader) (err error) {
		s.Claimed, err = r.Claimed(ctx)
		return err
	})
	var err error
	s.Audit, err = l.database.Audit()
	l.must(err)
	if l.database.Changes != nil {
		s.Changes, err = l.database.Changes()
		l.must(err)
	}
	return s
}

// unchanged notes a database that is not as it was.
func (l *lab) unchanged(before shadow, format string, args ...any) {
	if after := l.shadow(); !reflect.DeepEqual(before, after) {
		l.errorf("%s: the database changed from\n%+v\nto\n%+v", fmt.Sprintf(format, args...), before, after)
	}
}

// same notes a difference of two keys in the fields that the table can hold.
func (l *lab) same(got, want keys.Key, format string, args ...any) {
	l.sameIn(l.fields, got, want, format, args...)
}

func (l *lab) sameIn(fields keys.Fields, got, want keys.Key, format string, args ...any) {
	for _, f := range fields.List() {
		if f == keys.FieldStatus {
			continue
		}
		g, w := reflect.ValueOf(f.Ref(&got)).Elem(), reflect.ValueOf(f.Ref(&want)).Elem()
		if !reflect.DeepEqual(g.Interface(), w.Interface()) && !(isEmpty(g) && isEmpty(w)) {
			l.errorf("%s: %s is %v, want %v", fmt.Sprintf(format, args...), f, g, w)
		}
	}
}

func isEmpty(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

// sameIDs notes lists of keys that differ in members or order.
func (l *lab) sameIDs(got, want []keys.Key, format string, args ...any) {
	if g, w := ids(got), ids(want); !slices.Equal(g, w) {
		l.errorf("%s: keys %q, want %q", fmt.Sprintf(format, args...), g, w)
	}
}

func ids(list []keys.Key) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].ID
	}
	return names
}
