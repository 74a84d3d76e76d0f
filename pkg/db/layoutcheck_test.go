package db

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// everyLayout returns each that is built in.
func everyLayout(t *testing.T) []*Layout {
	t.Helper()
	list := []*Layout{nativeLayout()}
	for i := range layoutIndex {
		l, err := layoutIndex[i].load()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

func ability(t *testing.T, l *Layout, verb string) Ability {
	t.Helper()
	list := l.Abilities()
	i := slices.IndexFunc(list, func(a Ability) bool { return a.Verb == verb })
	if i < 0 {
		t.Fatalf("%s says nothing of %s", l.Name(), verb)
	}
	return list[i]
}

// What a check says is what the rules make the service do.
func TestAbilitiesFollowTheRules(t *testing.T) {
	for _, l := range everyLayout(t) {
		for verb, want := range map[string]bool{
			"bootstrap": l.Rules.Bootstrap.Kind != keys.BootstrapNone,
			"create":    true, "list": true, "update": true, "delete": true, "verify": true,
			"prune":    l.fields()&keys.FieldsOf(keys.FieldExpiresAt, keys.FieldLastUsedAt) != 0 || l.Rules.Revoke == keys.RevokeFlag || l.Rules.Revoke == keys.RevokeTime,
			"revoke":   l.Rules.Revoke != keys.RevokeNone,
			"activate": l.Rules.Revoke != keys.RevokeNone,
			"guard":    l.Rules.Guard != keys.GuardNone,
			"lockout":  l.Rules.Lockout.Kept,
		} {
			if a := ability(t, l, verb); a.Able != want {
				t.Errorf("%s: %s is able: %v", l.Name(), verb, a.Able)
			}
		}
		for _, a := range l.Abilities() {
			for _, sentence := range append(a.Does, a.Verb) {
				if sentence == "" || strings.Contains(sentence, "%!") || sentence != strings.TrimSpace(sentence) || strings.HasSuffix(sentence, " ") {
					t.Errorf("%s: %s says %q", l.Name(), a.Verb, sentence)
				}
			}
			if len(a.Does) == 0 {
				t.Errorf("%s says nothing of %s", l.Name(), a.Verb)
			}
		}
	}
}

// The length that is said is that of the tokens that are made.
func TestSaidLengthOfTokens(t *testing.T) {
	for _, l := range everyLayout(t)[1:] {
		token, err := l.Rules.Form.New(rand.Reader, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("makes tokens of the form %s, %d characters", l.Rules.Form.Text, len(token))
		if does := ability(t, l, "create").Does; !slices.Contains(does, want) {
			t.Errorf("%s: no %q in %q", l.Name(), want, does)
		}
	}
}

// A kind or scheme that the tables of sentences do not know would be silence.
func TestEveryRuleHasItsSentence(t *testing.T) {
	for _, kind := range []keys.BootstrapKind{keys.BootstrapClaim, keys.BootstrapRow, keys.BootstrapNone} {
		if bootstrapFacts[kind] == "" {
			t.Errorf("no sentence for bootstrap by %s", kind)
		}
	}
	for _, kind := range []keys.RevokeKind{keys.RevokeFlag, keys.RevokeTime, keys.RevokeExpiry} {
		if switched[kind].on == "" || switched[kind].off == "" {
			t.Errorf("no sentence for revoke by %s", kind)
		}
	}
	for _, l := range everyLayout(t) {
		for _, scheme := range append(l.Rules.Hash.Legacy, l.Rules.Hash.Scheme) {
			if hashWords[scheme] == "" {
				t.Errorf("no word for %s", scheme)
			}
		}
	}
}

func TestLayoutServersAndNames(t *testing.T) {
	servers, err := LayoutServers()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range Layouts() {
		if _, known := servers[n.Name()]; known == (n.Family == NativeFamily) {
			t.Errorf("%s: has a server: %v", n.Name(), known)
		}
	}
}

// A check shows the first rows, counts all, finds damage behind them, and leaves
// the database as it was.
func TestCheckReadsEveryRow(t *testing.T) {
	path := proxboxFile(t, "DELETE")
	pool := plainPool(t, path)
	mustExec(t, pool, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"+
		" INSERT INTO apikey SELECT i, 'key ' || i, '"+bcryptText("2b")+"', 1, 1767322925.5 + i FROM n",
		"UPDATE apikey SET is_active = 'tuesday' WHERE id = 17")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check, err := CheckLayout(t.Context(), "proxbox", &Options{Path: path, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	f := check.Fit
	if f.Rows != 5000 || f.Damaged != 1 || len(f.Keys) != shownRows+1 {
		t.Errorf("%d rows, %d damaged, %d shown", f.Rows, f.Damaged, len(f.Keys))
	}
	if !slices.ContainsFunc(f.Keys, func(k keys.Key) bool { return k.ID == "17" && len(k.Damage) == 1 }) {
		t.Error("the damaged row is not shown")
	}
	if !f.Recognised || len(f.Problems) != 1 || strings.Contains(strings.Join(f.Problems, ""), "tuesday") {
		t.Errorf("recognised: %v, problems: %q", f.Recognised, f.Problems)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file is no longer what it was: %v", err)
	}
	if beside, _ := filepath.Glob(path + "-*"); len(beside) > 0 {
		t.Errorf("left behind: %v", beside)
	}
}

func TestCheckOfWhatIsNone(t *testing.T) {
	for name, want := range map[string]keys.Reason{
		"nonsense": keys.ReasonInvalid, "proxbox/nonsense": keys.ReasonInvalid, "./missing.yaml": keys.ReasonLayoutFile,
	} {
		_, err := CheckLayout(t.Context(), name, nil)
		if !errors.Is(err, &keys.Error{Reason: want}) {
			t.Errorf("%s gives %v", name, err)
		}
	}
	missing := filepath.Join(ownDir(t), "missing.db")
	_, err := CheckLayout(t.Context(), "proxbox", &Options{Path: missing, Access: Create, Timeout: patience})
	if !errors.Is(err, &keys.Error{Reason: keys.ReasonMissing}) {
		t.Errorf("a database that is not there gives %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a check made a database")
	}
}
