package db

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// coded is an error as SQLite's drivers for Go make them.
type coded int

func (c coded) Error() string { return "the driver's words" }
func (c coded) Code() int     { return int(c) }

// lockedFor returns a try that is busy until d has passed, and the number of tries.
func lockedFor(d time.Duration) (try func() error, tries *int) {
	end := time.Now().Add(d)
	tries = new(int)
	return func() error {
		*tries++
		if time.Now().Before(end) {
			return coded(5)
		}
		return nil
	}, tries
}

func TestAcquireWaits(t *testing.T) {
	for _, tt := range []struct {
		name             string
		locked, timeout  time.Duration
		want             keys.Reason
		atLeast, atMost  time.Duration
		minTry, maxTries int
		announced        int
	}{
		{"free", 0, 10 * time.Second, "", 0, 0, 1, 1, 0},
		{"free, no patience", 0, 0, "", 0, 0, 1, 1, 0},
		{"locked, no patience", time.Hour, 0, keys.ReasonBusy, 0, 0, 2, 2, 0},
		{"short lock", 3 * time.Millisecond, 10 * time.Second, "", 3 * time.Millisecond, 4 * time.Millisecond, 3, 4, 0},
		{"just below the notice", 900 * time.Millisecond, 10 * time.Second, "", 900 * time.Millisecond, 950 * time.Millisecond, 10, 30, 0},
		{"long lock", 5 * time.Second, 10 * time.Second, "", 5 * time.Second, 5050 * time.Millisecond, 90, 120, 1},
		{"too long", time.Hour, 3 * time.Second, keys.ReasonBusy, 3 * time.Second, 3 * time.Second, 50, 80, 1},
		{"freed within the last sleep", 2995 * time.Millisecond, 3 * time.Second, "", 2995 * time.Millisecond, 3 * time.Second, 50, 80, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				try, tries := lockedFor(tt.locked)
				announced, start := 0, time.Now()
				err := acquire(t.Context(), tt.timeout, func() {
					announced++
					if since := time.Since(start); since != time.Second {
						t.Errorf("announced after %s", since)
					}
				}, try)
				wantReason(t, err, tt.want)
				if took := time.Since(start); took < tt.atLeast || took > tt.atMost {
					t.Errorf("took %s, want %s to %s", took, tt.atLeast, tt.atMost)
				}
				if *tries < tt.minTry || *tries > tt.maxTries {
					t.Errorf("tried %d times, want %d to %d", *tries, tt.minTry, tt.maxTries)
				}
				if announced != tt.announced {
					t.Errorf("announced %d times, want %d", announced, tt.announced)
				}
			})
		})
	}
}

func TestAcquireTellsHowLongItWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		try, _ := lockedFor(time.Hour)
		err := acquire(t.Context(), 3*time.Second, nil, try)
		const want = "the database stayed locked by another process for 3s"
		if err == nil || err.Error() != want || !isBusy(err) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestAcquireStopsAtOtherErrors(t *testing.T) {
	other := errors.New("other")
	for _, err := range []error{other, coded(11), context.Canceled} {
		if got := acquire(t.Context(), time.Hour, nil, func() error { return err }); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestAcquireIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel)
		try, tries := lockedFor(time.Hour)
		start := time.Now()
		err := acquire(ctx, time.Hour, nil, try)
		wantReason(t, err, keys.ReasonInterrupted)
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("took %s", took)
		}
		before := *tries
		wantReason(t, acquire(ctx, time.Hour, nil, try), keys.ReasonInterrupted)
		if *tries != before {
			t.Error("tried although the context had ended")
		}
	})
}

func TestAcquireWaitsForSQLite(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	other := serverPool(t, path, "delete")
	mustExec(t, other, "BEGIN IMMEDIATE")
	pool := mustConnect(t, path, ReadWrite)
	begin := func() error { _, err := pool.Exec("BEGIN IMMEDIATE"); return err }
	wantReason(t, acquire(t.Context(), 20*time.Millisecond, nil, begin), keys.ReasonBusy)
	time.AfterFunc(150*time.Millisecond, func() { other.Exec("COMMIT") })
	if err := acquire(t.Context(), time.Minute, nil, begin); err != nil {
		t.Error(err)
	}
}
