package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// meaning is what a failure means to whoever asked. %s in its text is the file.
type meaning struct {
	reason keys.Reason
	text   string
}

// meanings of SQLite's result codes. An extended code that is not listed means
// what its primary code means, https://www.sqlite.org/rescode.html
var meanings = map[int]meaning{
	sqlite3.SQLITE_PERM:      {keys.ReasonUnreadable, "this user may not open %s"},
	sqlite3.SQLITE_BUSY:      {keys.ReasonBusy, "%s is locked by another process"},
	sqlite3.SQLITE_LOCKED:    {keys.ReasonBusy, "%s is locked by another connection"},
	sqlite3.SQLITE_PROTOCOL:  {keys.ReasonBusy, "%s is too busy to agree on a lock"},
	sqlite3.SQLITE_READONLY:  {keys.ReasonReadOnly, "this user may not write %s, or a file beside it"},
	sqlite3.SQLITE_INTERRUPT: {keys.ReasonInterrupted, "interrupted"},
	sqlite3.SQLITE_IOERR:     {keys.ReasonUnreadable, "the disk failed to read or write %s"},
	sqlite3.SQLITE_CORRUPT:   {keys.ReasonCorrupt, "%s is damaged"},
	sqlite3.SQLITE_FULL:      {keys.ReasonFull, "no space is left for %s"},
	sqlite3.SQLITE_CANTOPEN:  {keys.ReasonUnreadable, "%s, or a file beside it, cannot be opened"},
	sqlite3.SQLITE_NOTADB:    {keys.ReasonNotDatabase, "%s is not a SQLite database"},

	sqlite3.SQLITE_CONSTRAINT:            {keys.ReasonFailed, "a constraint in %s forbids it"},
	sqlite3.SQLITE_CONSTRAINT_UNIQUE:     {keys.ReasonTokenTaken, "%s already has a key with one of these values"},
	sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: {keys.ReasonTokenTaken, "%s already has a key with this id"},
	sqlite3.SQLITE_CONSTRAINT_TRIGGER:    {keys.ReasonUndone, "a trigger in %s forbids it"},

	sqlite3.SQLITE_READONLY_ROLLBACK:  {keys.ReasonHotJournal, "a crash left %s in the middle of a change, which only a user who may write it can undo"},
	sqlite3.SQLITE_READONLY_RECOVERY:  {keys.ReasonHotJournal, "a crash left %s with a write-ahead log, which only a user who may write it can recover"},
	sqlite3.SQLITE_READONLY_CANTLOCK:  {keys.ReasonReadOnly, "this user may not write the files beside %s"},
	sqlite3.SQLITE_READONLY_DIRECTORY: {keys.ReasonReadOnly, "this user may not create the files that opening %s needs beside it"},
	sqlite3.SQLITE_READONLY_DBMOVED:   {keys.ReasonReadOnly, "%s was moved or replaced while it was open"},

	// A full disk keeps even a reader from making room for the shared memory.
	sqlite3.SQLITE_IOERR_SHMSIZE:   {keys.ReasonFull, "no space is left for the shared memory file of %s"},
	sqlite3.SQLITE_IOERR_CORRUPTFS: {keys.ReasonCorrupt, "the file system under %s is damaged"},
}

// isBusy tells whether err is a lock that somebody else holds, of SQLite's BUSY
// or LOCKED family, whatever the driver.
func isBusy(err error) bool {
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return false
}

// wrap turns a driver's error into a *keys.Error that tells what failed and why,
// in our words and with the driver's as its cause. doing is a phrase like
// "reading keys". An error that already is a *keys.Error only gets the path.
func wrap(err error, path, doing string) error {
	var known *keys.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return onPath(err, path)
	}
	m := meaningOf(err)
	about := m.about(path)
	if m.reason == keys.ReasonFailed || m.reason == keys.ReasonUndone { // our words say little here
		about += ": " + err.Error()
	}
	return keys.Errorf(m.reason, "%s: %s", doing, about).OnPath(path).Because(err)
}

// onPath fills in a path that is not known yet, on a copy: whoever made the
// error may hold on to it.
func onPath(err error, path string) error {
	e, ok := err.(*keys.Error)
	if !ok || e.Path != "" || path == "" {
		return err
	}
	located := *e
	return located.OnPath(path)
}

func meaningOf(err error) meaning {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return meanings[sqlite3.SQLITE_INTERRUPT]
	}
	code := resultCode(err)
	if m, ok := meanings[code]; ok {
		return m
	}
	if m, ok := meanings[code&0xff]; ok {
		return m
	}
	return meaning{keys.ReasonFailed, "%s gave an unexpected error"}
}

func (m meaning) about(path string) string {
	if path == "" {
		path = "the database"
	}
	if m.reason == keys.ReasonInterrupted {
		return m.text
	}
	return fmt.Sprintf(m.text, path)
}

// resultCode returns the SQLite result code in err, extended if the driver gives
// that, or 0.
func resultCode(err error) int {
	var coded interface{ Code() int } // modernc.org/sqlite
	if errors.As(err, &coded) {
		return coded.Code()
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if code := extendedCode(reflect.ValueOf(err)); code != 0 {
			return code
		}
	}
	return 0
}

// extendedCode finds the code in the error of a driver that we do not link: the
// others give theirs a number type of their own, in a method or a field of this name.
func extendedCode(v reflect.Value) int {
	if m := v.MethodByName("ExtendedCode"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
		return number(m.Call(nil)[0])
	}
	if v = reflect.Indirect(v); v.Kind() == reflect.Struct {
		return number(v.FieldByName("ExtendedCode"))
	}
	return 0
}

func number(v reflect.Value) int {
	switch {
	case v.IsValid() && v.CanInt():
		return int(v.Int())
	case v.IsValid() && v.CanUint():
		return int(v.Uint())
	}
	return 0
}

// fileMeanings of what the operating system says about files.
var fileMeanings = []struct {
	is error
	meaning
}{
	{fs.ErrPermission, meaning{keys.ReasonUnreadable, "this user may not access %s"}},
	{fs.ErrNotExist, meaning{keys.ReasonMissing, "%s does not exist"}},
	{syscall.ENOTDIR, meaning{keys.ReasonMissing, "%s does not exist: a part of the path is not a directory"}},
	{syscall.EROFS, meaning{keys.ReasonReadOnly, "%s is on a read-only file system"}},
	{syscall.ENOSPC, meaning{keys.ReasonFull, "no space is left for %s"}},
}

// fileError is wrap for errors of the operating system.
func fileError(err error, path, doing string) *keys.Error {
	reason := err
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		reason = at.Err // the path is said already
	}
	said := meaning{keys.ReasonUnreadable, "the operating system refused %s: " + strings.ReplaceAll(reason.Error(), "%", "%%")}
	for _, m := range fileMeanings {
		if errors.Is(err, m.is) {
			said = m.meaning
			break
		}
	}
	return keys.Errorf(said.reason, "%s: %s", doing, said.about(path)).OnPath(path).Because(err)
}
