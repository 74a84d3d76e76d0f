package db

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func policyOf(t *testing.T, d *DB) (p keys.Policy, err error) {
	t.Helper()
	err = d.View(t.Context(), func(r keys.Reader) (err error) {
		p, err = r.Policy(t.Context())
		return err
	})
	return p, err
}

func TestPolicyIsReadFromTheDatabase(t *testing.T) {
	path := nativeFile(t)
	pool, d := plainPool(t, path), mustOpen(t, Options{Path: path, Access: ReadWrite})
	for _, tt := range []struct {
		setting string
		want    keys.Policy
	}{
		{"('unique_labels', 'false')", keys.Policy{UniqueLabels: false, SlowKeys: 16}},
		{"('slow_keys', '0')", keys.Policy{UniqueLabels: true}},
		{"('admin_role', 'admin'), ('slow_keys', '3')", keys.Policy{UniqueLabels: true, SlowKeys: 3, AdminRole: "admin"}},
	} {
		mustExec(t, pool, "DELETE FROM keyreeve_settings", "INSERT INTO keyreeve_settings VALUES "+tt.setting)
		got, err := policyOf(t, d)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.setting, err, diff)
		}
	}
}

// A rule that is not understood must not be taken for no rule, nor keep a key alive.
func TestPolicyThatIsNotUnderstoodStopsNewKeys(t *testing.T) {
	for _, setting := range []string{"('from_the_future', '1')", "('unique_labels', 'perhaps')", "('slow_keys', '')", "('admin_role', 'a b')"} {
		path := nativeFile(t)
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		fill(t, d, 2)
		mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_settings VALUES "+setting)
		before := dump(t, path)
		_, err := serviceOver(d).Update(t.Context(), keys.UpdateRequest{
			ChangeRequest: keys.ChangeRequest{Refs: refsTo("00000001")}, Clear: keys.FieldsOf(keys.FieldLabel)})
		wantReason(t, err, keys.ReasonPolicy)
		_, err = serviceOver(d).Create(t.Context(), keys.CreateRequest{Key: keys.Key{Label: "a"}}, quiet{})
		wantReason(t, err, keys.ReasonPolicy)
		if diff := cmp.Diff(before, dump(t, path)); diff != "" {
			t.Errorf("%s: changed\n%s", setting, diff)
		}
		if _, err := serviceOver(d).Delete(t.Context(), keys.ChangeRequest{Refs: refsTo("00000001"), Force: true}); err != nil {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

// What is understood of a policy is known, whatever comes before it.
func TestAPolicyIsUnderstoodInParts(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_settings VALUES ('aaa', '1'), ('admin_role', 'boss'), ('slow_keys', 'x'), ('unique_labels', 'false')")
	p, err := policyOf(t, d)
	wantReason(t, err, keys.ReasonPolicy)
	if p.AdminRole != "boss" || p.UniqueLabels {
		t.Errorf("%+v", p)
	}
}

func TestPolicyIsObeyed(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_settings VALUES ('admin_role', 'admin'), ('unique_labels', '0'), ('slow_keys', '1')")
	s, ctx := serviceOver(d), t.Context()
	create := func(q keys.CreateRequest) (string, error) {
		issued, err := s.Create(ctx, q, quiet{})
		if err != nil {
			return "", err
		}
		return issued[0].Key.ID, nil
	}
	admin, err1 := create(keys.CreateRequest{Key: keys.Key{Role: "admin", Label: "same"}})
	user, err2 := create(keys.CreateRequest{Key: keys.Key{Role: "user", Label: "same"}})
	_, err3 := create(keys.CreateRequest{Supplied: "supplied-by-somebody-and-long-enough", BcryptCost: 4})
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	_, err := create(keys.CreateRequest{Supplied: "supplied-by-another-and-long-enough", BcryptCost: 4})
	wantReason(t, err, keys.ReasonPolicy)
	_, err = s.Revoke(ctx, keys.ChangeRequest{Refs: refsTo(admin)})
	wantReason(t, err, keys.ReasonLastAdmin)
	if _, err := s.Revoke(ctx, keys.ChangeRequest{Refs: refsTo(user)}); err != nil {
		t.Errorf("a key that is no admin's: %v", err)
	}
}

func TestLockouts(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path})
	now := keys.Millis(1_800_000_000_000)
	mustExec(t, plainPool(t, path), `INSERT INTO keyreeve_lockouts VALUES
		('192.0.2.7', 5, 0, 1800000000001), ('192.0.2.8', 5, 0, 1800000000000), ('192.0.2.9', 5, 0, NULL),
		('2001:db8:1:2::/64', 5, 0, 1800000060000)`)
	for addr, want := range map[string]keys.Instant{
		"192.0.2.7": keys.Millis(1_800_000_000_001), "::ffff:192.0.2.7": keys.Millis(1_800_000_000_001),
		"192.0.2.8": {}, "192.0.2.9": {}, "192.0.2.10": {},
		"2001:db8:1:2::": keys.Millis(1_800_000_060_000), "2001:db8:1:2:3:4:5:6%eth0": keys.Millis(1_800_000_060_000),
		"2001:db8:1:3::": {},
	} {
		err := d.View(t.Context(), func(r keys.Reader) error {
			got, err := r.LockedUntil(t.Context(), netip.MustParseAddr(addr), now)
			if got != want {
				t.Errorf("%s is locked until %q, want %q", addr, got, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// The answer to a wrong token from a locked address is locked; a right one passes.
func TestLockedAddressInVerdicts(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	s, ctx := serviceOver(d), t.Context()
	issued, err := s.Create(ctx, keys.CreateRequest{}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_lockouts VALUES ('192.0.2.7', 5, 0, 9000000000000)")
	q := keys.Request{Addr: netip.MustParseAddr("192.0.2.7")}
	for token, want := range map[string]keys.Outcome{issued[0].Token: keys.OK, "wrong-but-of-a-length-that-is-possible": keys.Locked} {
		if v, err := s.Verify(ctx, token, q); err != nil || v.Outcome != want {
			t.Errorf("%+v, %v, want %s", v, err, want)
		}
	}
	if v, err := s.Verify(ctx, "wrong-but-of-a-length-that-is-possible", keys.Request{}); err != nil || v.Outcome != keys.Unknown {
		t.Errorf("without an address: %+v, %v", v, err)
	}
}
