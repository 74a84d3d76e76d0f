package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func settingsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	rs, err := plainPool(t, path).Query("SELECT name, value FROM keyreeve_settings")
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	stored := map[string]string{}
	for rs.Next() {
		var name, value string
		if err := rs.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		stored[name] = value
	}
	return stored
}

// Only what differs from the default is stored, so that a default can get better.
func TestPolicyIsStoredAsItDiffers(t *testing.T) {
	path := nativeFile(t)
	s := serviceOver(mustOpen(t, Options{Path: path, Access: ReadWrite}))
	for _, tt := range []struct {
		set  []keys.Setting
		want map[string]string
	}{
		{[]keys.Setting{{Name: "slow_keys", Value: "3"}, {Name: "default_rate", Value: "10/s"}}, map[string]string{"slow_keys": "3", "default_rate": "10/1s"}},
		{[]keys.Setting{{Name: "slow_keys", Value: "16"}}, map[string]string{"default_rate": "10/1s"}},
		{[]keys.Setting{{Name: "default_rate", Value: "default"}, {Name: "unique_labels", Value: "false"}}, map[string]string{"unique_labels": "false"}},
	} {
		if _, err := s.SetPolicy(t.Context(), keys.PolicyRequest{Settings: tt.set}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, settingsOf(t, path)); diff != "" {
			t.Errorf("%v: stored\n%s", tt.set, diff)
		}
	}
}

// A database that does not keep what it is given says so, and keeps nothing.
func TestPolicyThatATriggerUndoes(t *testing.T) {
	path := nativeFile(t)
	mustExec(t, plainPool(t, path), `CREATE TRIGGER undo AFTER INSERT ON keyreeve_settings
		BEGIN DELETE FROM keyreeve_settings WHERE name = 'slow_keys'; END`)
	s := serviceOver(mustOpen(t, Options{Path: path, Access: ReadWrite}))
	q := keys.PolicyRequest{Settings: []keys.Setting{{Name: "admin_role", Value: "root"}, {Name: "slow_keys", Value: "3"}}}
	_, err := s.SetPolicy(t.Context(), q)
	wantReason(t, err, keys.ReasonUndone)
	if stored := settingsOf(t, path); len(stored) > 0 {
		t.Errorf("stored %v", stored)
	}
}

// What another version or a hand left there is found out, and can be left behind.
func TestPolicyOfAnotherVersionIsRestored(t *testing.T) {
	path := nativeFile(t)
	s := serviceOver(mustOpen(t, Options{Path: path, Access: ReadWrite}))
	mustExec(t, plainPool(t, path), "INSERT INTO keyreeve_settings VALUES ('from_the_future', '1'), ('slow_keys', 'many'), ('admin_role', 'root')")
	list := []keys.Setting{{Name: "from_the_future", Value: "default"}}
	for _, list := range [][]keys.Setting{list, {{Name: "slow_keys", Value: "5"}}} { // one by one, as hints name them
		if _, err := s.SetPolicy(t.Context(), keys.PolicyRequest{Settings: list}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{"slow_keys": "5", "admin_role": "root"}, settingsOf(t, path)); diff != "" {
		t.Errorf("stored\n%s", diff)
	}
}
