package keys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const checkDay = 24 * time.Hour

func TestCheckTellsOfManyKeysByTheirNumber(t *testing.T) {
	n, s := newNoted()
	ends := keys.At(s.Now()).Add(3 * checkDay)
	if _, err := s.Create(t.Context(), keys.CreateRequest{Count: 1005, Key: keys.Key{ExpiresAt: ends}}, n); err != nil {
		t.Fatal(err)
	}
	found, err := s.Check(t.Context(), 14*checkDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1002 || found[0].Check != "guard" || found[0].At != ends { // all of them end
		t.Fatalf("%d findings, the first: %+v", len(found), found[0])
	}
	if last := found[1001]; !strings.HasPrefix(last.Reason, "5 more keys expire within 14d") || last.Mend[0] != "list" {
		t.Errorf("the last: %+v", last)
	}
	if found, err := s.Check(t.Context(), 2*checkDay); err != nil || len(found) > 0 {
		t.Errorf("%d findings for a shorter time, %v", len(found), err)
	}
	_, err = s.Check(t.Context(), -1)
	wantReason(t, "time below zero", err, keys.ReasonInvalid)
	_, err = s.CheckUp(t.Context(), -1)
	wantReason(t, "time below zero", err, keys.ReasonInvalid)
}

// The guard is one key from refusing exactly where revoking the keys that there are,
// one after the other, is refused at the next.
func TestCheckKnowsTheGuard(t *testing.T) {
	for _, c := range []struct {
		name string
		made []keys.Key
		want string // in the reason, "" for no finding
	}{
		{"none", nil, "there is no active key"},
		{"one", []keys.Key{{}}, "is the only active key"},
		{"two", []keys.Key{{}, {}}, ""},
		{"one is bound", []keys.Key{{}, {Resource: "tv"}}, "is the only active key"},
		{"one begins later", []keys.Key{{}, {NotBefore: keys.Millis(4e12)}}, "is the only active key"},
		{"bound alone", []keys.Key{{Resource: "tv"}}, "there is no active key"},
	} {
		n, s := newNoted()
		for _, k := range c.made {
			if _, err := s.Create(t.Context(), keys.CreateRequest{Count: 1, Key: k}, n); err != nil {
				t.Fatal(err)
			}
		}
		for name, look := range map[string]func() ([]keys.Finding, error){
			"check":    func() ([]keys.Finding, error) { return s.Check(t.Context(), checkDay) },
			"check-up": func() ([]keys.Finding, error) { return s.CheckUp(t.Context(), checkDay) },
		} {
			found, err := look()
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(found, func(f keys.Finding) bool { return f.Check == "guard" && f.Level.Failing() })
			switch {
			case (at >= 0) != (c.want != ""):
				t.Errorf("%s, %s: %+v", c.name, name, found)
			case at >= 0 && (!strings.Contains(found[at].Reason, c.want) || found[at].Mend[0] != "create"):
				t.Errorf("%s, %s: %+v", c.name, name, found[at])
			}
		}
	}
}
