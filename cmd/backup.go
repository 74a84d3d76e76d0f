package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newBackup(g *globals) *cobra.Command {
	replace := false
	c := &cobra.Command{
		Use: "backup FILE", Short: "Copy the database to a new file, while servers use it",
		Long: "Copy the whole database, as it is at one moment, to a new file of mode 0600; a\n" +
			"server may go on writing. The copy is checked and on disk before it gets its\n" +
			"name. It is one file, without others beside it, in a rollback-journal mode\n" +
			"whatever the mode of the database: a server that wants a write-ahead log sets\n" +
			"that itself. It holds no token, but hashes: keep it as you keep the database.\n\n" +
			"The keys of a backup come back into a database that servers have open by\n" +
			"restore. A database that is lost, or damaged, is replaced while its server is\n" +
			"stopped: take its -wal and -shm files away too, and put the backup in its place.\n\n" +
			"From another host: let ssh run this there, and fetch the file with scp -p.",
		Example: "  keyreeve backup keys-2026-11-22.db\n" +
			"  keyreeve backup /var/backups/keys.db --force",
		SuggestFor: []string{"dump", "copy", "save", "snapshot"},
		Args:       cobra.ExactArgs(1), ValidArgsFunction: completeFile,
		RunE: g.run(func(ctx context.Context, args []string) error { return g.backup(ctx, args[0], replace) }),
	}
	c.Flags().BoolVar(&replace, "force", false, "replace the file if it exists")
	return c
}

// completeFile leaves the one argument to the shell.
func completeFile(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func (g *globals) backup(ctx context.Context, file string, replace bool) error {
	if err := g.placeForBackup(file); err != nil {
		return err
	}
	var made backupMade
	var info keys.Info
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		made, err = backedUp(ctx, s, file, replace)
		return err
	})
	if err != nil {
		return err
	}
	opts, err := g.options(info.Fields)
	if err != nil {
		return err
	}
	return unread(render.Document(g.Out, opts, []render.Pair{
		{Name: "path", Value: made.Path}, {Name: "bytes", Value: int(made.Bytes)}, {Name: "keys", Value: made.Keys},
		{Name: "layout", Value: made.Layout}, {Name: "era", Value: orNil(made.Era)}, {Name: "sha256", Value: made.SHA256},
	}))
}

// placeForBackup refuses what cannot be the place of a backup, before anything is
// opened.
func (g *globals) placeForBackup(file string) error {
	switch file {
	case "":
		return keys.Errorf(keys.ReasonInvalid, "an empty name is no file")
	case "-":
		return keys.Errorf(keys.ReasonInvalid, "a backup is a file that is checked before it gets its name: name one instead of -")
	}
	audit, _ := g.auditPath()
	for _, used := range []struct{ path, flag string }{
		{audit, "--audit-log"}, {g.secret.file, "--secret-file"}, {g.secret.envFile, "--secret-env-file"},
	} {
		if sameFile(file, used.path) {
			return keys.Errorf(keys.ReasonInvalid, "the backup cannot go into the file of %s", used.flag)
		}
	}
	if err := placeOfFile(file); err != nil {
		return err
	}
	g.nameLeftBackups(file)
	return nil
}
