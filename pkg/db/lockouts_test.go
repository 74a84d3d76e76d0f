package db

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const lockedNow = 1_800_000_000_000

func lockoutsOf(t testing.TB, d *DB) (list []keys.Lockout) {
	t.Helper()
	err := d.View(t.Context(), func(r keys.Reader) (err error) {
		list, err = r.Lockouts(t.Context(), keys.Millis(lockedNow))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func lockedUntil(t testing.TB, d *DB, addr string) (until keys.Instant) {
	t.Helper()
	err := d.View(t.Context(), func(r keys.Reader) (err error) {
		until, err = r.LockedUntil(t.Context(), netip.MustParseAddr(addr), keys.Millis(lockedNow))
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", addr, err)
	}
	return until
}

func sameLockouts(t testing.TB, d *DB, want ...keys.Lockout) {
	t.Helper()
	if diff := cmp.Diff(want, lockoutsOf(t, d), cmp.Comparer(func(a, b keys.Instant) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestForeignLockouts(t *testing.T) {
	path := clubFile(t, "delete")
	d := mustClub(t, Options{Path: path})
	mustExec(t, plainPool(t, path), `INSERT INTO failures VALUES
		('192.0.2.1', 5, 1799999700001), ('192.0.2.2', 5, 1799999700000), ('192.0.2.3', 4, 1800000000000),
		('::ffff:192.0.2.4', 9, 1799999900000), ('192.0.2.5', 5, 1800000000500), ('2001:DB8:0::7', 5, 1799999900000),
		('fe80::1%eth0', 5, 1799999900000), ('unix', 5, 1799999900000)`)
	at := keys.Millis
	sameLockouts(t, d,
		keys.Lockout{Address: "192.0.2.1", Failures: 5, Since: at(1799999700001), Until: at(1800000000001)},
		keys.Lockout{Address: "192.0.2.2", Failures: 5, Since: at(1799999700000)},
		keys.Lockout{Address: "192.0.2.3", Failures: 4, Since: at(1800000000000)},
		keys.Lockout{Address: "192.0.2.5", Failures: 5, Since: at(1800000000500), Until: at(1800000300500)},
		keys.Lockout{Address: "2001:DB8:0::7", Failures: 5, Since: at(1799999900000), Until: at(1800000200000)},
		keys.Lockout{Address: "::ffff:192.0.2.4", Failures: 9, Since: at(1799999900000), Until: at(1800000200000)},
		keys.Lockout{Address: "fe80::1%eth0", Failures: 5, Since: at(1799999900000), Until: at(1800000200000)},
		keys.Lockout{Address: "unix", Failures: 5, Since: at(1799999900000), Until: at(1800000200000)},
	)
	for addr, want := range map[string]keys.Instant{
		"192.0.2.1": at(1800000000001), "::ffff:192.0.2.1": at(1800000000001), "192.0.2.2": {}, "192.0.2.3": {},
		"192.0.2.4": at(1800000200000), "::ffff:192.0.2.4": at(1800000200000), "192.0.2.5": at(1800000300500),
		"2001:db8::7": at(1800000200000), "2001:db8::8": {}, "fe80::1": at(1800000200000), "192.0.2.9": {},
	} {
		if got := lockedUntil(t, d, addr); got != want {
			t.Errorf("%s is locked until %q, want %q", addr, got, want)
		}
	}
}

// A server with two ways to write an address has two rows of it.
func TestForeignLockoutThatEndsLastCounts(t *testing.T) {
	path := clubFile(t, "delete")
	d := mustClub(t, Options{Path: path})
	mustExec(t, plainPool(t, path), "INSERT INTO failures VALUES ('192.0.2.1', 5, 1799999990000), ('::ffff:192.0.2.1', 5, 1799999980000), ('::ffff:c000:201', 1, 1800000000000)")
	if got := lockedUntil(t, d, "192.0.2.1"); got != keys.Millis(1800000290000) {
		t.Errorf("locked until %s", got)
	}
}

func TestDamagedLockoutsAreListedAndCleared(t *testing.T) {
	path := clubFile(t, "delete")
	d := mustClub(t, Options{Path: path, Access: ReadWrite})
	mustExec(t, plainPool(t, path), "INSERT INTO failures VALUES ('192.0.2.1', 'many', 1799999990000), ('192.0.2.2', 5, 'today'), ('192.0.2.3', 5, 1799999990000), (x'6162', 5.5, x'00'), ('', 1, 1)")
	at := keys.Millis
	sameLockouts(t, d,
		keys.Lockout{Address: "", Failures: 1, Since: at(1)},
		keys.Lockout{Address: "192.0.2.1", Since: at(1799999990000), FailuresDamage: "column n: a number expected, found other text"},
		keys.Lockout{Address: "192.0.2.2", Failures: 5, SinceDamage: "column since: integer milliseconds expected, found other text"},
		keys.Lockout{Address: "192.0.2.3", Failures: 5, Since: at(1799999990000), Until: at(1800000290000)},
		keys.Lockout{Address: "ab", Failures: 5, SinceDamage: "column since: integer milliseconds expected, found a blob"},
	)
	for _, l := range lockoutsOf(t, d) {
		if err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Unlock(t.Context(), l.Address) }); err != nil {
			t.Errorf("%q: %v", l.Address, err)
		}
	}
	sameLockouts(t, d)
}

func TestUnlock(t *testing.T) {
	path := clubFile(t, "delete")
	mustExec(t, plainPool(t, path), "INSERT INTO failures VALUES ('192.0.2.1', 5, 1799999990000), ('192.0.2.2', 5, 1799999990000)")
	native := nativeFile(t)
	mustExec(t, plainPool(t, native), "INSERT INTO keyreeve_lockouts VALUES ('192.0.2.1', 5, 1799999990000, 1800000000001), ('192.0.2.2', 5, 1799999990000, 1800000290000)")
	for _, d := range []*DB{mustClub(t, Options{Path: path, Access: ReadWrite}), mustOpen(t, Options{Path: native, Access: ReadWrite})} {
		unlock := func(address string) error {
			return d.Update(t.Context(), func(tx keys.Tx) error { return tx.Unlock(t.Context(), address) })
		}
		if err := unlock("192.0.2.1"); err != nil {
			t.Error(err)
		}
		for _, address := range []string{"192.0.2.1", "192.0.2", "", "192.0.2.2 "} {
			wantReason(t, unlock(address), keys.ReasonNotFound)
		}
		if got := lockedUntil(t, d, "192.0.2.1"); !got.IsNone() {
			t.Errorf("still locked until %s", got)
		}
		sameLockouts(t, d, keys.Lockout{Address: "192.0.2.2", Failures: 5, Since: keys.Millis(1799999990000), Until: keys.Millis(1800000290000)})
	}
}

func TestNativeLockoutsAreListed(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path})
	sameLockouts(t, d)
	mustExec(t, plainPool(t, path), `INSERT INTO keyreeve_lockouts VALUES ('2001:db8::/64', 7, 1799999990000, 1800000000001),
		('192.0.2.8', 5, 3, 1800000000000), ('192.0.2.9', 1, 4, NULL)`)
	sameLockouts(t, d,
		keys.Lockout{Address: "192.0.2.8", Failures: 5, Since: keys.Millis(3)},
		keys.Lockout{Address: "192.0.2.9", Failures: 1, Since: keys.Millis(4)},
		keys.Lockout{Address: "2001:db8::/64", Failures: 7, Since: keys.Millis(1799999990000), Until: keys.Millis(1800000000001)})
}

func TestNoTableNoLockouts(t *testing.T) {
	d := mustClub(t, Options{Path: clubFile(t, "delete"), Access: ReadWrite}, func(l *Layout) { l.Lockouts = nil })
	sameLockouts(t, d)
	err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Unlock(t.Context(), "192.0.2.1") })
	wantReason(t, err, keys.ReasonUnsupported)
}

// As for the other tables, see TestTriggersThatUndoWhatTheLedgerWrites.
func TestTriggerThatUndoesNativeUnlock(t *testing.T) {
	path := nativeFile(t)
	mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_lockouts VALUES ('192.0.2.1', 5, 1, 2)",
		"CREATE TRIGGER back AFTER UPDATE ON keyreeve_state BEGIN INSERT INTO keyreeve_lockouts VALUES ('192.0.2.1', 5, 1, 2); END")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Unlock(t.Context(), "192.0.2.1") })
	wantReason(t, err, keys.ReasonUndone)
}
