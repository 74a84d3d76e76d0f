package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/pkg/db"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// access is what a command needs of the database.
type access = db.Access

const (
	toRead   = db.ReadOnly
	toWrite  = db.ReadWrite
	toCreate = db.Create
)

// open opens the database of the command line. The caller closes it.
func (g *globals) open(ctx context.Context, a access) (*keys.Service, *db.DB, error) {
	return g.openFor(ctx, a, false)
}

// openFor is open, for a dry run where no database is made.
func (g *globals) openFor(ctx context.Context, a access, dryRun bool) (*keys.Service, *db.DB, error) {
	if g.secret.given() {
		if err := g.readServerSecret(ctx); err != nil {
			return nil, nil, err
		}
	}
	o, err := g.storeOptions(a)
	if err != nil {
		return nil, nil, err
	}
	o.DryRun = dryRun
	store, err := db.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	info := store.Info()
	if g.opens(&info); a != toRead && o.AuditLog == "" && g.guest() {
		g.note("changes are not recorded: without HOME there is no place for that, name one with --audit-log")
	}
	svc := &keys.Service{Store: store, Now: g.Now, Rand: g.Rand}
	if svc.Secret, err = g.serverSecret(ctx, info.Rules); err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	if a != toRead {
		svc.Actor = g.Actor() // to ask who we are takes time, which a read need not spend
	}
	return svc, store, nil
}

// storeOptions says which database it is and how to open it.
func (g *globals) storeOptions(a access) (db.Options, error) {
	path, named, err := g.path()
	if err != nil {
		return db.Options{}, err
	}
	if g.found != "" && g.info == nil && (a != toRead || g.ErrTTY) {
		g.note("the database is %s", path)
	}
	o := db.Options{
		Path: path, Layout: g.layout, Access: a, Timeout: g.timeout.Duration, MakeDir: !named,
		Warn:    func(text string) { g.note("%s", text) },
		Waiting: func() { g.note("waiting for a lock on %s, at most %s", path, keys.FormatDuration(g.timeout.Duration)) },
	}
	if !g.ErrLost {
		o.AuditTo = g.Err
	}
	o.AuditLog, o.AuditMust = g.auditPath() // also to read, for who deleted a key
	return o, nil
}

// opens keeps what hints need to know of the database, and says once what whoever
// works on it should know.
func (g *globals) opens(info *keys.Info) {
	for _, w := range info.Warnings {
		if g.info == nil {
			g.note("%s", w)
		}
	}
	g.info = info
}

// glance opens the database for somebody who will not wait long and wants to
// hear of no problem.
func (g *globals) glance(ctx context.Context, wait time.Duration) (keys.Store, error) {
	path, _, err := g.path()
	if err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Options{Path: path, Layout: g.layout, Access: toRead, Timeout: wait})
}

// path returns the database's path, and whether somebody named it: a layout that
// belongs to a server knows where that keeps its file.
func (g *globals) path() (path string, named bool, err error) {
	switch {
	case g.db != "":
		return g.db, true, nil
	case g.found != "":
		return g.found, true, nil
	case g.foreign():
		path, err = db.Find(g.layout, g.Getenv)
		switch {
		case err != nil:
			return "", true, err
		case path == "":
			return "", true, keys.Errorf(keys.ReasonInvalid, "the layout %s does not say where its server keeps the database: name it with --db", shown(g.layout))
		}
		g.found = path
		return path, true, nil
	}
	path, err = g.defaultPath()
	return path, false, err
}

// foreign tells whether the flags name the layout of another server.
func (g *globals) foreign() bool { return g.layout != "" && g.layout != db.NativeFamily }

// What there is to know of layouts without a database, and how one fits it.
type (
	layoutFit     = db.Fit
	layoutAbility = db.Ability
)

// backupMade is what a finished backup holds.
type backupMade = db.Backup

// backedUp copies the database that s works on to a file.
func backedUp(ctx context.Context, s *keys.Service, file string, replace bool) (backupMade, error) {
	return s.Store.(*db.DB).Backup(ctx, db.BackupOptions{Path: file, Replace: replace})
}

// backupOf opens a backup of the database that s works on; of another one of
// keyreeve's own if that may be.
func backupOf(ctx context.Context, s *keys.Service, file string, another bool) (keys.Store, error) {
	return s.Store.(*db.DB).OpenBackup(ctx, file, another)
}

func builtInLayouts() []db.LayoutName           { return db.Layouts() }
func layoutServers() (map[string]string, error) { return db.LayoutServers() }
func layoutSource(name string) ([]byte, error)  { return db.LayoutSource(name) }

// checked tells what a layout does, and how the database fits it that is named.
func (g *globals) checked(ctx context.Context, name string) (*db.Check, error) {
	if g.db == "" {
		return db.CheckLayout(ctx, name, nil)
	}
	g.layout = name // for hints
	o, err := g.storeOptions(toRead)
	if err != nil {
		return nil, err
	}
	return db.CheckLayout(ctx, name, &o)
}

// What there is to know of a database without trusting it.
type (
	examination = db.Examination
	unexamined  = db.Failure
)

// examined looks at the database, and has its keys looked at while it is open. It does
// not wait for a lock for long: who holds it is an answer too.
func (g *globals) examined(ctx context.Context, full bool, look func(context.Context, keys.Store) ([]keys.Finding, error)) (*examination, error) {
	o, err := g.storeOptions(toRead)
	if err != nil {
		return nil, err
	}
	o.Timeout = min(o.Timeout, 2*time.Second)
	return db.Examine(ctx, o, db.Examiner{Full: full, Now: keys.At(g.Now()), Keys: look})
}
