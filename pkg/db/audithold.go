package db

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// auditHold is where one change is recorded: the file is open, and from before the
// change until its outcome was written no other process writes it. A nil one is for
// databases that record changes themselves.
type auditHold struct {
	log    *auditLog
	file   *os.File         // nil for a stream, and where there is no file yet
	bare   bool             // goes on without the file's lock
	failed error            // why the last try did not get it
	grace  <-chan time.Time // for a lock that need not be had; nil while nobody waits
}

// grace is how long a lock is waited for that need not be had.
const grace = time.Second

// errOutwaited ends a wait for a lock that need not be had.
var errOutwaited = errors.New("it is not waited for any longer")

// reserve opens the file where there is one. What is wrong with it is said by
// whoever writes: not every change does.
func (a *auditLog) reserve() *auditHold {
	if a == nil {
		return nil
	}
	h := &auditHold{log: a}
	if a.file != "" {
		if path, there, err := a.place(); err == nil && there != nil {
			h.file, _ = os.OpenFile(path, appendFlags, 0)
		}
	}
	return h
}

// begin takes the write lock and with it that of the audit file. Whoever waits for
// either holds neither: nobody else has to wait for this process meanwhile.
func (d *DB) begin(ctx context.Context, s session, h *auditHold) error {
	begin := func() error {
		_, err := s.exec(ctx, "BEGIN IMMEDIATE")
		return err
	}
	wait := func(try func() error) error {
		return acquire(ctx, d.options.Timeout, h.announced(d.options.Waiting), try)
	}
	err := wait(func() error {
		if err := h.try(true); err != nil {
			return err
		}
		if err := begin(); err != nil {
			return err
		}
		err := h.try(false)
		if err != nil {
			rollback(ctx, s)
		}
		return err
	})
	if !h.blocked(err) {
		return err
	}
	if h.log.must {
		return h.log.refusal(h.failed)
	}
	h.log.say(h.log.refusal(h.failed).Message + ": changes are recorded all the same")
	h.bare, h.failed = true, nil
	return wait(begin)
}

// try takes the file's lock at once or not at all, and lets go of it again if it is
// only to find out.
func (h *auditHold) try(only bool) error {
	if h == nil || h.file == nil || h.bare {
		return nil
	}
	h.failed = lockFile(h.file)
	switch {
	case h.failed == nil:
		if h.grace = nil; only {
			return unlockFile(h.file)
		}
	case !h.log.must && h.patient():
		return errOutwaited
	}
	return h.failed
}

// patient begins to wait, or tells that the wait has lasted long enough.
func (h *auditHold) patient() (over bool) {
	if h.grace == nil {
		h.grace = time.After(grace)
	}
	select {
	case <-h.grace:
		return true
	default:
		return false
	}
}

// blocked tells whether it is the audit file that a change could not begin for.
func (h *auditHold) blocked(err error) bool {
	return err != nil && h != nil && h.failed != nil && !errors.Is(err, &keys.Error{Reason: keys.ReasonInterrupted})
}

// announced is waiting, less for waits that are not for the database.
func (h *auditHold) announced(waiting func()) func() {
	if h == nil {
		return waiting
	}
	return func() {
		switch {
		case h.failed == nil && waiting != nil:
			waiting()
		case h.failed != nil && h.log.must && h.log.warn != nil:
			h.log.warn("waiting for a lock on the audit log " + h.log.name())
		}
	}
}

// open makes the file where it is missing. It waits for nobody: the write lock is held.
func (h *auditHold) open() (err error) {
	switch {
	case h.log.file == "":
		return h.log.streamed()
	case h.file != nil:
		return nil
	}
	if h.file, err = h.log.open(); err == nil {
		_ = lockFile(h.file) // it is new: who comes meanwhile adds whole lines too
	}
	return err
}

// write adds whole lines in one write, behind what a crash left of a line.
func (h *auditHold) write(sync bool, lines []byte) error {
	if h.file == nil {
		_, err := h.log.to.Write(lines)
		return err
	}
	if torn(h.file) {
		lines = append([]byte{lineFeed}, lines...)
	}
	if _, err := h.file.Write(lines); err != nil || !sync {
		return err
	}
	return h.file.Sync()
}

// close lets go of the file, and of its lock with it.
func (h *auditHold) close() {
	if h != nil && h.file != nil {
		_ = h.file.Close() // what matters was synced
	}
}

// torn tells whether the last line of a file has no end.
func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != lineFeed
}
