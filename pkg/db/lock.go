package db

import (
	"context"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// engineWait is how long SQLite itself may wait for a lock. It is short because
// that wait can neither be interrupted nor announced: longer ones are [acquire]'s.
const engineWait = 100 * time.Millisecond

// noticeAfter is how long a wait lasts before the user is told of it.
const noticeAfter = time.Second

// delays between tries, the last one again and again: short at first since most
// locks are held for a few milliseconds, and never long, since sleepers do not
// queue and one that sleeps longer loses to those that sleep less.
var delays = [...]time.Duration{
	1 * time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
	15 * time.Millisecond, 20 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
}

// acquire calls try until it returns something other than a busy error, which
// acquire returns. After timeout it gives up with ReasonBusy; once ctx has ended,
// with ReasonInterrupted. waiting, which may be nil, is called once, when the
// wait has lasted a second.
func acquire(ctx context.Context, timeout time.Duration, waiting func(), try func() error) error {
	if ctx.Err() != nil {
		return keys.Errorf(keys.ReasonInterrupted, "interrupted").Because(context.Cause(ctx))
	}
	err := try()
	if !isBusy(err) {
		return err
	}
	w := newWait(timeout, waiting)
	defer w.stop()
	for n := 0; isBusy(err); n++ {
		if w.over {
			return keys.Errorf(keys.ReasonBusy, "the database stayed locked by another process for %s", timeout).Because(err)
		}
		if !w.sleep(ctx, delays[min(n, len(delays)-1)]) {
			return interrupted(ctx)
		}
		err = try()
	}
	return err
}

func interrupted(ctx context.Context) error {
	return keys.Errorf(keys.ReasonInterrupted, "interrupted while waiting for a lock").Because(context.Cause(ctx))
}

// wait is one wait for a lock, from its first sleep on.
type wait struct {
	deadline, notice *time.Timer
	waiting          func()
	over             bool // the deadline has passed: one last try, then give up
}

func newWait(timeout time.Duration, waiting func()) *wait {
	if waiting == nil {
		waiting = func() {}
	}
	return &wait{deadline: time.NewTimer(timeout), notice: time.NewTimer(noticeAfter), waiting: waiting}
}

// sleep returns after d, or earlier at the deadline. It is false once ctx has ended.
func (w *wait) sleep(ctx context.Context, d time.Duration) bool {
	rest := time.NewTimer(d)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-w.notice.C:
			w.waiting()
			continue
		case <-w.deadline.C:
			w.over = true
		case <-rest.C:
		}
		return true
	}
}

func (w *wait) stop() {
	w.deadline.Stop()
	w.notice.Stop()
}
