package cmd_test

import (
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the generated and expected files")

// TestMain lets scripts run this test binary as keyreeve, and others on a terminal.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"keyreeve": func() { os.Exit(runKeyreeve()) },
		"terminal": func() { os.Exit(runTerminal()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../testscripts",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("KEYREEVE_DB", filepath.Join(env.WorkDir, "keys.db"))
			env.Values["locks"] = map[string]*sql.DB{}
			return os.Chmod(env.WorkDir, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "capture": capture, "save": save, "sqlquery": sqlQuery, "sqlexec": sqlExec, "mode": fileMode,
			"lock": lock, "sqldump": sqlDump,
		},
	})
}

// exits N COMMAND... runs a command that must end with exactly this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		coder, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = coder.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// capture VAR puts the last standard output, less one newline, into a variable.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: capture VAR")
	}
	ts.Setenv(args[0], strings.TrimSuffix(ts.ReadFile("stdout"), "\n"))
}

// save FILE writes the last standard output to a file that only its owner can read.
func save(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: save FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile("stdout")), 0o600))
}

// sqlquery DB SQL [ROW...] compares the rows, columns joined by |, with those given.
func sqlQuery(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sqlquery db sql [row...]")
	}
	got := queryRows(ts, ts.MkAbs(args[0]), args[1])
	same := strings.Join(got, "\n") == strings.Join(args[2:], "\n")
	if same == neg {
		ts.Fatalf("rows are:\n%s", strings.Join(got, "\n"))
	}
}

func queryRows(ts *testscript.TestScript, path, query string) []string {
	db, err := sql.Open("sqlite", "file:"+path)
	ts.Check(err)
	defer db.Close()
	rs, err := db.Query(query)
	ts.Check(err)
	defer rs.Close()
	columns, err := rs.Columns()
	ts.Check(err)
	var rows []string
	for rs.Next() {
		values, refs := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			refs[i] = &values[i]
		}
		ts.Check(rs.Scan(refs...))
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = v.String
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	ts.Check(rs.Err())
	return rows
}

// sqlexec DB SQL|FILE.sql runs statements, as some other program would.
func sqlExec(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqlexec db sql|file.sql")
	}
	statements := args[1]
	if strings.HasSuffix(statements, ".sql") {
		statements = ts.ReadFile(statements)
	}
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(statements)
	ts.Check(err)
}

// sqldump DB FILE writes everything that is in a database: settings of the file, the
// schema, and every value of every row with its type.
func sqlDump(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqldump db file")
	}
	path := ts.MkAbs(args[0])
	var all []string
	for _, name := range []string{"user_version", "application_id", "page_size", "encoding", "auto_vacuum", "journal_mode"} {
		all = append(all, name+"="+strings.Join(queryRows(ts, path, "PRAGMA "+name), ""))
	}
	all = append(all, queryRows(ts, path, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")...)
	for _, table := range queryRows(ts, path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		columns := queryRows(ts, path, "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('"+table+"')")
		rows := queryRows(ts, path, "SELECT "+strings.Join(columns, ", ")+` FROM "`+table+`" ORDER BY rowid`)
		for _, row := range rows {
			all = append(all, table+": "+row)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(all, "\n")+"\n"), 0o600))
}

// lock DB keeps everybody else from writing, and where there is no write-ahead
// log also from reading, until ! lock DB.
func lock(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: lock db")
	}
	locks := ts.Value("locks").(map[string]*sql.DB)
	if db := locks[args[0]]; neg && db != nil {
		ts.Check(db.Close())
		return
	}
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec("BEGIN EXCLUSIVE")
	ts.Check(err)
	locks[args[0]] = db
}

// mode FILE OCTAL compares the permissions of a file.
func fileMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode file octal")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatInt(int64(info.Mode().Perm()), 8); got != args[1] {
		ts.Fatalf("mode of %s is %s, want %s", args[0], got, args[1])
	}
}
