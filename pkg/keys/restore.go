package keys

import (
	"context"
	"errors"
)

// RestoreRequest says what to restore and how.
type RestoreRequest struct {
	From   Store  // the backup: of the same layout, era and schema as the database
	Reason string // kept in the audit
	Force  bool   // overrides the guards; the audit says so
	DryRun bool   // does everything and keeps nothing
	// Plan is that of a [Restored] which somebody has seen: anything else gives
	// ReasonOvertaken. "" for whatever is due.
	Plan string
}

// Restored is what a restore does to a database.
type Restored struct {
	Keys      []RestoredKey // that are not as they were: deleted, changed, made again
	Unchanged int           // how many others there are
	// Unread are the ids of keys with a value that can be read neither here nor in the
	// backup. They are alike as far as anybody can tell, and left alone.
	Unread []string
	Policy []RestoredSetting
	Plan   string // stands for exactly these changes
}

// RestoredKey is what a restore does to one key.
type RestoredKey struct {
	ID, Label string
	Result    Result
	Was, Is   Status // "" before it is made, and after it is deleted
	Fields    Fields // that a changed key gets from the backup
	// When it lets somebody in, as far as that is not over: as it was, and as it is.
	Before, After Admission
	// Revived: a token is accepted at some moment at which it would not have been.
	Revived bool
	Advice  []string // what to know about it on this server
}

// RestoredSetting is what a restore does to one setting of the policy.
type RestoredSetting struct{ Name, Before, After string }

// Restore makes the keys of the database, and its policy, those of a backup, all or
// none, in the file that servers have open. A key that is not in the backup is
// deleted. The audit, the lockouts and the claim stay, and so does what is known of
// the last use of a key. ReasonOtherDatabase says that the backup is not one of such
// a database, ReasonDamaged that it has a value which cannot be read, and which the
// database does not have. ReasonLastActive and ReasonLastAdmin protect against a
// backup that would let nobody in, ReasonStillActive keys that a running server
// remembers.
func (s *Service) Restore(ctx context.Context, q RestoreRequest) (Restored, error) {
	if err := optional(q.Reason, ValidateReason); err != nil {
		return Restored{}, err
	}
	if err := s.restorable(q.From.Info()); err != nil {
		return Restored{}, err
	}
	var w *restoring
	err := q.From.View(ctx, func(from Reader) error {
		var err error
		if w, err = s.newRestoring(ctx, q, from); err != nil {
			return onBackup(err, q.From)
		}
		return s.Store.Update(ctx, func(tx Tx) error { return w.run(ctx, tx) })
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return Restored{}, err
	}
	return w.done, nil
}

// restorable refuses a backup of something else.
func (s *Service) restorable(from Info) error {
	here := s.Store.Info()
	switch {
	case from.Layout != here.Layout || from.Era != here.Era:
		return Errorf(ReasonOtherDatabase, "%s holds the keys of another server, or of another of its eras", from.Path).OnPath(from.Path)
	case from.Schema < here.Schema:
		return Errorf(ReasonOldSchema, "%s has schema %d: this database has %d", from.Path, from.Schema, here.Schema).OnPath(from.Path)
	case from.Schema > here.Schema:
		return Errorf(ReasonNewSchema, "%s has schema %d: this database has %d", from.Path, from.Schema, here.Schema).OnPath(from.Path)
	}
	return nil
}

// onBackup says of an error that no file is named in that it is the backup's.
func onBackup(err error, from Store) error {
	var e *Error
	if !errors.As(err, &e) || e.Path != "" {
		return err
	}
	located := *e
	return located.OnPath(from.Info().Path)
}
