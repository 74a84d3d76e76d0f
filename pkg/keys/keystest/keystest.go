// Package keystest holds what every [keys.Store] promises, as cases that run
// against any store, layout and era: [Run] is the test of a store. The rules of
// [keys.Service] that a store could break are among them. [Memory] is a store
// for tests that need one without a file.
package keystest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Database is a database of no keys, never claimed, made for one case.
type Database struct {
	// Open returns one more handle on it, for writing. The case closes it.
	Open func() (keys.Store, error)
	// Audit returns every event of the database's audit, oldest first.
	Audit func() ([]keys.Event, error)
	// Changes returns the change counter. It is nil where there is none.
	Changes func() (int64, error)
	// Secret is that of the server, where its hashes need one.
	Secret []byte
	// LockOut remembers failures of an address as the server does. It is nil
	// where there is no table of them.
	LockOut func(address string, failures int, since keys.Instant) error
	// Brief has fewer rounds of everything random: for a database of which another
	// one, tried in full, differs in its layout only.
	Brief bool
}

// promise is one thing that a store promises. check stops at the first failure
// that leaves nothing to go on with.
type promise struct {
	name  string
	needs keys.Fields // what a table must hold for the promise to mean anything
	check func(l *lab)
}

// Run checks every promise, each in a subtest with a database of its own. Those
// that mean nothing to the store's table, or to the server behind it, are skipped
// and say why.
func Run(t *testing.T, fresh func(t *testing.T) Database) {
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) {
			skipped, err := p.kept(fresh(t))
			if err != nil {
				t.Error(err)
			}
			if skipped != "" {
				t.Skip(skipped)
			}
		})
	}
}

func promises() []promise {
	var all []promise
	for _, part := range [][]promise{
		rowPromises, pagePromises, queryPromises, statePromises, candidatePromises, transactionPromises, crowdPromises, ledgerPromises,
		bootstrapPromises, createPromises, demandPromises, changePromises, updatePromises, guardPromises, updateGuardPromises, selectPromises, selectionPromises, prunePromises, pruneLimitPromises, verdictPromises, lockoutPromises,
		rotationPromises, policyPromises, restorePromises,
	} {
		all = append(all, part...)
	}
	return all
}

// kept tells why the promise means nothing to the store, and otherwise how the
// store breaks it.
func (p promise) kept(d Database) (skipped string, err error) {
	l := &lab{database: d, rnd: rand.New(rand.NewPCG(1, 2)), used: map[string]bool{}}
	defer func() { skipped, err = l.skipped, errors.Join(append(l.failures, l.close())...) }()
	defer func() {
		if r := recover(); r != nil && r != any(enough{}) {
			panic(r)
		}
	}()
	l.store = l.open()
	l.fields, l.rules = l.store.Info().Fields, rulesOf(l.store.Info())
	if lacking := p.needs.Without(l.fields).List(); len(lacking) > 0 {
		l.skip("the table has no %v", lacking)
	}
	p.check(l)
	return "", nil
}

// enough ends a case.
type enough struct{}

// skip ends a case that means nothing here.
func (l *lab) skip(format string, args ...any) {
	l.skipped = fmt.Sprintf(format, args...)
	panic(enough{})
}

func (l *lab) errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failures) < mostFailures {
		l.failures = append(l.failures, cut{fmt.Errorf(format, args...)})
	}
}

// mostFailures is how many of one case are told, and mostText how much of each.
const mostFailures, mostText = 5, 2000

// cut is an error with the beginning of its text.
type cut struct{ error }

func (c cut) Error() string {
	text := c.error.Error()
	return strings.ToValidUTF8(text[:min(len(text), mostText)], "")
}

func (c cut) Unwrap() error { return c.error }

// must ends the case if err is an error. Only the case's own goroutine may call it.
func (l *lab) must(err error) {
	if err != nil {
		l.errorf("unexpected error: %w", err)
		panic(enough{})
	}
}

// want notes an error whose reason is not this one.
func (l *lab) want(err error, r keys.Reason, format string, args ...any) {
	l.wantAny(err, []keys.Reason{r}, format, args...)
}

// wantAny notes an error whose reason is none of these.
func (l *lab) wantAny(err error, list []keys.Reason, format string, args ...any) {
	for _, r := range list {
		if errors.Is(err, &keys.Error{Reason: r}) {
			return
		}
	}
	l.errorf("%s: error %w, want the reason %q", fmt.Sprintf(format, args...), orNone(err), list)
}

func orNone(err error) error {
	if err == nil {
		return errors.New("none")
	}
	return err
}
