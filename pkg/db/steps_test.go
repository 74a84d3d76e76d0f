package db

import "testing"

// Steps of versions that are yet to come.
const (
	stepTwo    = "CREATE TABLE keyreeve_two (a INTEGER NOT NULL); INSERT INTO keyreeve_two SELECT count(*) FROM keyreeve_keys;"
	stepThree  = "ALTER TABLE keyreeve_two ADD COLUMN b TEXT; CREATE INDEX keyreeve_two_b ON keyreeve_two (b);"
	brokenStep = "CREATE TABLE keyreeve_half (a); DELETE FROM keyreeve_keys; UPDATE keyreeve_state SET schema_version = 9; SELECT no_such_function();"
)

// programOf opens a database with a program that knows these further steps.
func programOf(t testing.TB, path string, access Access, further ...string) (*DB, error) {
	t.Helper()
	pool := plainPool(t, path)
	pool.SetMaxOpenConns(1)
	d := &DB{pool: pool, options: Options{Path: path, Access: access, Timeout: patience}, steps: append(migrations(), further...)}
	return d, d.start(t.Context(), look{})
}

func mustProgram(t testing.TB, path string, access Access, further ...string) *DB {
	t.Helper()
	d, err := programOf(t, path, access, further...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// oldFile returns the path of a database of the first schema with three keys.
func oldFile(t testing.TB) string {
	t.Helper()
	path := guestFile(t, "delete")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	fill(t, d, 3)
	d.Close()
	return path
}
