package keys

import "fmt"

// Kind sorts errors by what a caller can do about them. The command line maps
// each kind to one exit code, an HTTP server to a status.
type Kind uint8

// The kinds.
const (
	KindFailed      Kind = iota // anything unclassified
	KindUsage                   // the request is wrong whatever the database holds
	KindNotFound                // no such key, or more than one
	KindConflict                // the database's state forbids it
	KindBusy                    // locked longer than the timeout: try again
	KindDatabase                // missing, unreadable, unknown or unsuitable database
	KindInterrupted             // a signal, or a prompt declined
)

// Reason is the machine-readable word for an error. Words are a contract:
// they are only ever added.
type Reason string

// The reasons of errors. What a token is refused for is in the table of
// verdicts.
const (
	ReasonFailed        Reason = "failed"
	ReasonInvalid       Reason = "invalid"
	ReasonTokenArgument Reason = "token_argument"
	ReasonOutput        Reason = "output"
	ReasonTarget        Reason = "target" // no file can be where one is asked for
	ReasonSecret        Reason = "secret" // the server's, which is missing or not allowed
	ReasonLayoutFile    Reason = "layout_file"
	ReasonAudit         Reason = "audit" // the audit file cannot be written

	ReasonNotFound  Reason = "not_found"
	ReasonAmbiguous Reason = "ambiguous"
	ReasonDeleted   Reason = "deleted"

	ReasonAlreadyBootstrapped Reason = "already_bootstrapped"
	ReasonLabelTaken          Reason = "label_taken"
	ReasonTokenTaken          Reason = "token_taken"
	ReasonLastActive          Reason = "last_active"
	ReasonLastAdmin           Reason = "last_admin"
	ReasonPolicy              Reason = "policy"
	ReasonFileExists          Reason = "file_exists"
	ReasonUndone              Reason = "undone"
	ReasonVocabulary          Reason = "vocabulary"   // a role or scope is missing, or unknown to the server
	ReasonStillActive         Reason = "still_active" // a running server would not notice that it is gone

	ReasonNotUsable      Reason = "not_usable"      // the key is revoked or expired
	ReasonAlreadyRotated Reason = "already_rotated" // Matches holds the successor
	ReasonNotRotated     Reason = "not_rotated"
	ReasonTooEarly       Reason = "too_early"      // the successor is not in use yet
	ReasonEverything     Reason = "everything"     // a filter matches every key
	ReasonOtherCount     Reason = "other_count"    // a filter matches another number of keys than was expected
	ReasonOtherDatabase  Reason = "other_database" // a backup is one of another database
	ReasonOvertaken      Reason = "overtaken"      // somebody changed what was agreed on

	ReasonBusy Reason = "busy"

	ReasonMissing         Reason = "missing"
	ReasonEmpty           Reason = "empty"
	ReasonNotDatabase     Reason = "not_a_database"
	ReasonUnreadable      Reason = "unreadable"
	ReasonReadOnly        Reason = "read_only"
	ReasonUnknownLayout   Reason = "unknown_layout"
	ReasonAmbiguousLayout Reason = "ambiguous_layout"
	ReasonAmbiguousFile   Reason = "ambiguous_file" // a server's database could be any of several files
	ReasonOldSchema       Reason = "old_schema"
	ReasonNewSchema       Reason = "new_schema"
	ReasonUnsupported     Reason = "unsupported"
	ReasonWrongUser       Reason = "wrong_user"
	ReasonUnsafeDir       Reason = "unsafe_directory"
	ReasonHotJournal      Reason = "hot_journal"
	ReasonCorrupt         Reason = "corrupt"
	ReasonFull            Reason = "disk_full"
	ReasonDamaged         Reason = "damaged" // a value of the key's row cannot be read

	ReasonInterrupted Reason = "interrupted"
	ReasonDeclined    Reason = "declined"
)

var reasonKinds = map[Reason]Kind{
	ReasonFailed: KindFailed, ReasonOutput: KindFailed,
	ReasonAudit:   KindFailed,
	ReasonInvalid: KindUsage, ReasonTarget: KindUsage, ReasonTokenArgument: KindUsage, ReasonSecret: KindUsage, ReasonLayoutFile: KindUsage,
	ReasonNotFound: KindNotFound, ReasonAmbiguous: KindNotFound, ReasonDeleted: KindNotFound,
	ReasonAlreadyBootstrapped: KindConflict, ReasonLabelTaken: KindConflict,
	ReasonTokenTaken: KindConflict, ReasonLastActive: KindConflict, ReasonLastAdmin: KindConflict,
	ReasonPolicy: KindConflict, ReasonFileExists: KindConflict, ReasonUndone: KindConflict,
	ReasonVocabulary: KindConflict, ReasonStillActive: KindConflict,
	ReasonNotUsable: KindConflict, ReasonAlreadyRotated: KindConflict, ReasonNotRotated: KindConflict,
	ReasonTooEarly: KindConflict, ReasonEverything: KindConflict, ReasonOtherCount: KindConflict, ReasonOtherDatabase: KindConflict, ReasonOvertaken: KindConflict,
	ReasonBusy:    KindBusy,
	ReasonMissing: KindDatabase, ReasonEmpty: KindDatabase, ReasonNotDatabase: KindDatabase,
	ReasonUnreadable: KindDatabase, ReasonReadOnly: KindDatabase, ReasonUnknownLayout: KindDatabase,
	ReasonAmbiguousLayout: KindDatabase, ReasonAmbiguousFile: KindDatabase,
	ReasonOldSchema: KindDatabase, ReasonNewSchema: KindDatabase, ReasonUnsupported: KindDatabase,
	ReasonWrongUser: KindDatabase, ReasonUnsafeDir: KindDatabase, ReasonHotJournal: KindDatabase,
	ReasonCorrupt: KindDatabase, ReasonFull: KindDatabase, ReasonDamaged: KindDatabase,
	ReasonInterrupted: KindInterrupted, ReasonDeclined: KindInterrupted,
}

// Error is a refusal that a caller can act on: what failed, on which key and
// which file. The command line adds the hint that belongs to its reason.
type Error struct {
	Reason  Reason
	Message string // lower case, no period, no secret
	Key     string // the id of the key concerned, if one is
	Path    string // the file concerned, if one is
	Owner   string // the user who may do it, if another may
	Ref     string // that could mean several keys
	Matches []Key  // what an ambiguous REF could mean
	Setting string // of the policy that refuses, or that this version does not understand; "" for none
	Missing Fields // what that setting, or the server, wants and the key has not
	Err     error  // the cause, if any; shown only where it says more
}

// Errorf returns an error with this reason.
func Errorf(r Reason, format string, args ...any) *Error {
	return &Error{Reason: r, Message: fmt.Sprintf(format, args...)}
}

// Kind returns the kind of the error's reason.
func (e *Error) Kind() Kind { return reasonKinds[e.Reason] }

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }

// Is tells whether target is an *Error of the same reason, so that
// errors.Is(err, &Error{Reason: ReasonNotFound}) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}

// OnKey returns e, saying which key it concerns.
func (e *Error) OnKey(id string) *Error { e.Key = id; return e }

// OnPath returns e, saying which file it concerns.
func (e *Error) OnPath(path string) *Error { e.Path = path; return e }

// OnSetting returns e, saying which setting of the policy it is about.
func (e *Error) OnSetting(name string) *Error { e.Setting = name; return e }

// Because returns e with its cause.
func (e *Error) Because(err error) *Error { e.Err = err; return e }
