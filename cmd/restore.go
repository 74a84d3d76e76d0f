package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// restoring holds the flags of restore.
type restoring struct {
	*globals
	file   string
	q      keys.RestoreRequest
	yes    bool
	warned bool // of what others may write
}

func newRestore(g *globals) *cobra.Command {
	o := &restoring{globals: g}
	c := &cobra.Command{
		Use: "restore FILE", Short: "Make the keys what they were in a backup",
		Long: "Make the keys of the database, and its policy, those of a backup, in one\n" +
			"transaction in the file that servers have open. Keys that the backup does not\n" +
			"hold are deleted. The audit, the lockouts, the claim, and what is known of the\n" +
			"last use of a key stay as they are; of another server's database only the key\n" +
			"table is touched, and in that the columns that its layout names.\n\n" +
			"What would change is shown first, above all the keys that would come back to\n" +
			"life: a key that was revoked because its token leaked is accepted again. It\n" +
			"asks, or needs --yes. A backup that would let nobody in is refused, except of\n" +
			"a server that may have no keys at all.\n\n" +
			"This is not for a database that is lost or damaged. Stop its server, take the\n" +
			"-wal and -shm files away, and put the backup in its place. For a database on\n" +
			"another host, bring the backup there by scp -p first.",
		Example: "  keyreeve restore /var/backups/keys.db --dry-run\n" +
			"  keyreeve restore /var/backups/keys.db --reason 'deleted by mistake'",
		SuggestFor: []string{"recover", "undelete", "rollback"},
		Args:       cobra.ExactArgs(1), ValidArgsFunction: completeFile,
		RunE: g.run(func(ctx context.Context, args []string) error {
			o.file = args[0]
			return o.restore(ctx)
		}),
	}
	fs := c.Flags()
	fs.StringVar(&o.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&o.q.DryRun, "dry-run", false, "say what would change, and change nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, "go on without a question")
	fs.BoolVar(&o.q.Force, "force", false, "override the guards, and take the keys of another database of keyreeve's own; the audit says so")
	return c
}

func (o *restoring) restore(ctx context.Context) error {
	switch {
	case o.file == "" || o.file == "-":
		return keys.Errorf(keys.ReasonInvalid, "keys are restored from a file: name the backup")
	case o.yes || o.q.DryRun:
	default:
		if err := o.needYes(false); err != nil {
			return err
		}
		return o.confirmed(ctx)
	}
	done, info, err := o.once(ctx)
	if err != nil {
		return err
	}
	return o.show(&done, info)
}

// once restores, or rehearses it. The databases are closed before anything is said.
func (o *restoring) once(ctx context.Context) (done keys.Restored, info keys.Info, err error) {
	err = o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		q := o.q
		q.From, err = backupOf(ctx, s, o.file, q.Force)
		if err != nil {
			return err
		}
		o.warnWritable()
		done, err = s.Restore(ctx, q)
		return errors.Join(err, q.From.Close())
	})
	return done, info, err
}

// confirmed asks a person about exactly what is done afterwards. Whatever changes
// while the person thinks is shown, and asked about, again.
func (o *restoring) confirmed(ctx context.Context) error {
	for {
		o.q.DryRun, o.q.Plan = true, ""
		planned, info, err := o.once(ctx)
		o.q.DryRun, o.q.Plan = false, planned.Plan
		if err != nil {
			return err
		}
		if idle(&planned) {
			return o.show(&planned, info)
		}
		if err := o.askAbout(ctx, &planned); err != nil {
			return err
		}
		done, info, err := o.once(ctx)
		switch {
		case errors.Is(err, &keys.Error{Reason: keys.ReasonOvertaken}):
			o.note("somebody changed the keys meanwhile")
			continue
		case err != nil:
			return err
		}
		return o.show(&done, info)
	}
}

func idle(r *keys.Restored) bool { return len(r.Keys) == 0 && len(r.Policy) == 0 }
