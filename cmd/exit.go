package cmd

import (
	"context"
	"errors"
	"syscall"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// exit is one way for the program to end.
type exit struct {
	code int
	word string // in JSON errors
	when string
	kind keys.Kind // of the errors that end so; 0 and 3 are no errors
}

// exits is THE table of exit codes: the help topic, the man page and the JSON
// errors are made from it.
var exits = []exit{
	{0, "ok", "done; nothing to do; an empty list; the token is accepted", noError},
	{1, "failed", "anything that no other code describes", keys.KindFailed},
	{2, "usage", "wrong flags, arguments or values, or --yes is missing where nobody can be asked", keys.KindUsage},
	{3, "findings", "a token is not accepted, or a check found something: the verdict is on standard output", noError},
	{4, "not_found", "no such key, or a REF that could mean several", keys.KindNotFound},
	{5, "conflict", "the state of the database forbids it: already bootstrapped, label taken, last active key, policy, a role or scope that the server does not know, file exists", keys.KindConflict},
	{6, "busy", "the database stayed locked for longer than --timeout: try again", keys.KindBusy},
	{7, "database", "missing, unreadable, not a database, of an unknown kind or schema, or unable to hold what was asked", keys.KindDatabase},
	{130, "interrupted", "by a signal, or by declining a prompt", keys.KindInterrupted},
}

// noError is the kind of what is no error.
const noError keys.Kind = 255

// exitOf returns the exit code for an error of this kind.
func exitOf(kind keys.Kind) int {
	for _, e := range exits {
		if e.kind == kind {
			return e.code
		}
	}
	return exits[1].code
}

// errFindings ends a command whose verdict is on standard output already.
var errFindings = errors.New("findings")

const exitFindings = 3

// verdict ends a command that answers by its exit code: what it said of a bad
// token holds, also where nobody read it.
func verdict(good bool, written error) error {
	if !good && (written == nil || errors.Is(written, syscall.EPIPE)) {
		return errFindings
	}
	return written
}

func exitWord(code int) string {
	for _, e := range exits {
		if e.code == code {
			return e.word
		}
	}
	return exits[1].word
}

// asError gives every error a reason. What cobra and the system report by text
// is usage while flags are parsed and a plain failure afterwards.
func asError(err error, parsed bool) *keys.Error {
	var known *keys.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled):
		return keys.Errorf(keys.ReasonInterrupted, "interrupted: nothing was changed")
	case parsed:
		return keys.Errorf(keys.ReasonFailed, "%v", err).Because(err)
	}
	return keys.Errorf(keys.ReasonInvalid, "%v", err).Because(err)
}
