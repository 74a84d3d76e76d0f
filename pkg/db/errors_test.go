package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The errors of two drivers that we do not link, in the shapes that they have.
type (
	number16   uint16
	withMethod struct{ code number16 }
	number32   int32
	withField  struct{ Code, ExtendedCode number32 }
)

func (e *withMethod) Error() string          { return "one driver's words" }
func (e *withMethod) ExtendedCode() number16 { return e.code }
func (e withField) Error() string            { return "another driver's words" }

func TestWrapByResultCode(t *testing.T) {
	for code, want := range map[int]keys.Reason{
		1:    keys.ReasonFailed,
		5:    keys.ReasonBusy,
		261:  keys.ReasonBusy, // recovery
		517:  keys.ReasonBusy, // snapshot
		6:    keys.ReasonBusy,
		262:  keys.ReasonBusy, // shared cache
		8:    keys.ReasonReadOnly,
		264:  keys.ReasonHotJournal, // recovery of the log
		776:  keys.ReasonHotJournal, // rollback
		1544: keys.ReasonReadOnly,   // directory
		9:    keys.ReasonInterrupted,
		10:   keys.ReasonUnreadable,
		4874: keys.ReasonFull, // no room for -shm
		11:   keys.ReasonCorrupt,
		267:  keys.ReasonCorrupt, // virtual table
		13:   keys.ReasonFull,
		14:   keys.ReasonUnreadable,
		526:  keys.ReasonUnreadable, // a directory
		26:   keys.ReasonNotDatabase,
		19:   keys.ReasonFailed,
		275:  keys.ReasonFailed, // CHECK
		1811: keys.ReasonUndone, // RAISE in a trigger
		1555: keys.ReasonTokenTaken,
		2067: keys.ReasonTokenTaken,
		28:   keys.ReasonFailed,
	} {
		for _, cause := range []error{
			coded(code), fmt.Errorf("doing: %w", coded(code)), errors.Join(errors.New("x"), coded(code)),
			&withMethod{number16(code)}, withField{number32(code & 0xff), number32(code)},
			fmt.Errorf("doing: %w", &withField{number32(code & 0xff), number32(code)}),
		} {
			err := wrap(cause, "/srv/a.db", "reading keys")
			if got := reasonOf(err); got != want {
				t.Errorf("%d in a %T: reason %q, want %q", code, cause, got, want)
			}
			if isBusy(err) != (want == keys.ReasonBusy) || isBusy(cause) != isBusy(err) {
				t.Errorf("%d in a %T: busy is %t", code, cause, isBusy(err))
			}
		}
	}
}

func TestWrapSpeaksOurWords(t *testing.T) {
	cause := coded(5)
	err := wrap(cause, "/srv/a.db", "reading keys")
	if got, want := err.Error(), "reading keys: /srv/a.db is locked by another process"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if got, want := wrap(coded(26), "", "reading keys").Error(), "reading keys: the database is not a SQLite database"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for code, meant := range meanings {
		m := wrap(coded(code), "/srv/100%d.db", "x").Error()
		vague := meant.reason == keys.ReasonFailed || meant.reason == keys.ReasonUndone
		if strings.Contains(m, "driver") != vague || strings.Contains(m, "!") {
			t.Errorf("%d says %q", code, m)
		}
	}
}

func TestWrapKeepsWhatIsKnown(t *testing.T) {
	if err := wrap(nil, "/srv/a.db", "reading"); err != nil {
		t.Errorf("nothing became %v", err)
	}
	known := keys.Errorf(keys.ReasonNotFound, "no such key").OnKey("k")
	var e *keys.Error
	if err := wrap(known, "/srv/a.db", "reading"); !errors.As(err, &e) || e.Path != "/srv/a.db" || e.Message != known.Message || e.Key != "k" {
		t.Errorf("became %+v", e)
	}
	if known.Path != "" {
		t.Error("changed an error of somebody else")
	}
	located := keys.Errorf(keys.ReasonMissing, "none").OnPath("/first")
	if err := wrap(located, "/second", "reading"); err != error(located) || located.Path != "/first" {
		t.Errorf("became %v", err)
	}
	outer := fmt.Errorf("outer: %w", known)
	if err := wrap(outer, "/srv/a.db", "reading"); err != outer {
		t.Errorf("became %v", err)
	}
}

func TestWrapContext(t *testing.T) {
	for _, cause := range []error{context.Canceled, fmt.Errorf("x: %w", context.DeadlineExceeded)} {
		wantReason(t, wrap(cause, "/srv/a.db", "reading"), keys.ReasonInterrupted)
	}
}

func TestBusyIsNothingElse(t *testing.T) {
	for _, err := range []error{nil, errors.New("busy"), context.Canceled, coded(0), coded(1), withField{}} {
		if isBusy(err) {
			t.Errorf("%v is busy", err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for cause, want := range map[error]keys.Reason{
		syscall.EACCES: keys.ReasonUnreadable, syscall.EPERM: keys.ReasonUnreadable, syscall.ENOENT: keys.ReasonMissing,
		syscall.ENOTDIR: keys.ReasonMissing, syscall.EROFS: keys.ReasonReadOnly, syscall.ENOSPC: keys.ReasonFull,
		errors.New("odd"): keys.ReasonUnreadable,
	} {
		err := fileError(&fs.PathError{Op: "open", Path: "/srv/a.db", Err: cause}, "/srv/a.db", "creating")
		wantReason(t, err, want)
		if !errors.Is(err, cause) || err.Path != "/srv/a.db" {
			t.Errorf("%v: %+v", cause, err)
		}
	}
	err := fileError(&fs.PathError{Op: "open", Path: "/srv/a.db", Err: errors.New("100% odd")}, "/srv/a.db", "creating")
	if err.Message != "creating: the operating system refused /srv/a.db: 100% odd" {
		t.Error(err.Message)
	}
}
