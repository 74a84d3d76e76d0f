package keystest

import (
	"reflect"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var policyPromises = []promise{
	{"policy/is kept as it was set", 0, keepsPolicy},
	{"policy/every setting is kept", 0, keepsSettings},
	{"policy/all of it or none", 0, policyAllOrNone},
	{"policy/is its server's elsewhere", 0, policyOfServer},
	{"policy/tokens of every form are found", candidateFields | keys.FieldsOf(keys.FieldScheme), findsForms},
	{"policy/one of a crowd gets the full key", keys.FieldsOf(keys.FieldOwner, keys.FieldResource, keys.FieldSuccessor), fullKeyCrowd},
}

// needsPolicy skips a case of databases that store none.
func (l *lab) needsPolicy() {
	if !l.rules.Settings {
		l.skip("the rules of this database are its server's")
	}
}

func policyRequest(settings ...string) (q keys.PolicyRequest) {
	for i := 0; i < len(settings); i += 2 {
		q.Settings = append(q.Settings, keys.Setting{Name: settings[i], Value: settings[i+1]})
	}
	return q
}

func (l *lab) setPolicy(settings ...string) keys.PolicyChange {
	done, err := l.service(l.store).SetPolicy(ctx, policyRequest(settings...))
	l.must(err)
	return done
}

// policy reads it through another handle.
func (l *lab) policy() keys.Policy {
	p, err := l.service(l.open()).Policy(ctx)
	l.must(err)
	return p
}

func keepsPolicy(l *lab) {
	l.needsPolicy()
	l.setPolicy("admin_role", "root", "slow_keys", "3", "scopes", "read,write")
	want := l.setPolicy("slow_keys", "4", "scopes", keys.DefaultValue).After
	if got := l.policy(); !reflect.DeepEqual(got, want) || got.SlowKeys != 4 || got.AdminRole != "root" || got.Scopes != nil {
		l.errorf("the policy is %+v, want %+v", got, want)
	}
	events := l.shadow().Audit
	l.audited(events, keys.ActionPolicy, "", "")
	if e := events[1]; e.Before != `{"slow_keys":"3","scopes":"read,write"}` || e.After != `{"slow_keys":"4","scopes":""}` {
		l.errorf("the audit says %+v", e)
	}
	before := l.shadow()
	l.setPolicy("slow_keys", "4")
	l.unchanged(before, "a policy that is set already")
}

func keepsSettings(l *lab) {
	l.needsPolicy()
	for _, preset := range keys.Presets() {
		done, err := l.service(l.store).SetPolicy(ctx, preset.Request())
		l.must(err)
		if got := l.policy(); !reflect.DeepEqual(got, done.After) {
			l.errorf("the policy of %s is %+v, want %+v", preset.Name, got, done.After)
		}
	}
	_, err := l.service(l.store).SetPolicy(ctx, keys.PolicyRequest{Reset: true})
	l.must(err)
	if got := l.policy(); !reflect.DeepEqual(got, keys.DefaultPolicy()) {
		l.errorf("the policy is %+v after it was reset", got)
	}
}

func policyAllOrNone(l *lab) {
	l.needsPolicy()
	l.setPolicy("roles", "root,user")
	before, was := l.shadow(), l.policy()
	_, err := l.service(l.store).SetPolicy(ctx, policyRequest("slow_keys", "3", "admin_role", "boss"))
	l.want(err, keys.ReasonPolicy, "a role that the policy does not know")
	q := policyRequest("slow_keys", "3")
	q.DryRun = true
	_, err = l.service(l.store).SetPolicy(ctx, q)
	l.must(err)
	l.unchanged(before, "a refusal and a dry run")
	if is := l.policy(); !reflect.DeepEqual(is, was) {
		l.errorf("the policy is %+v, want %+v", is, was)
	}
}

func policyOfServer(l *lab) {
	if l.rules.Settings {
		l.skip("this database stores its policy")
	}
	before := l.shadow()
	_, err := l.service(l.store).SetPolicy(ctx, policyRequest("slow_keys", "3"))
	l.want(err, keys.ReasonUnsupported, "a policy for a server that has its own")
	l.unchanged(before, "a policy that cannot be kept")
}

// findsForms makes tokens of every form by every hash, and one that was supplied and
// looks like another key's.
func findsForms(l *lab) {
	l.needsPolicy()
	var tokens []string
	for _, form := range []string{"hex", "base64url", "selector", "native"} {
		for _, hash := range []string{"sha256", "bcrypt"} {
			l.setPolicy("token_format", form, "hash", hash)
			q := keys.CreateRequest{}
			if hash == "bcrypt" {
				q.BcryptCost = 4
			}
			made := l.create(l.service(l.store), q)
			tokens = append(tokens, made.Token)
			if form == "selector" {
				like := l.supply(made.Token[:20]+l.word(40), keys.Bcrypt)
				tokens = append(tokens, l.create(l.service(l.store), like).Token)
			}
		}
	}
	for _, token := range tokens {
		l.outcome(token, keys.OK, "a token of some form")
	}
}

func fullKeyCrowd(l *lab) {
	l.needsPolicy()
	l.setPolicy("one_full_key", "true", "unique_labels", "false")
	var winners atomic.Int32
	services := l.services(crowd)
	together(crowd, func(i int) {
		_, err := services[i].Create(ctx, keys.CreateRequest{Key: keys.Key{Owner: "ann"}}, delivered{})
		if err == nil {
			winners.Add(1)
			return
		}
		l.want(err, keys.ReasonPolicy, "another full key")
	})
	if n := winners.Load(); n != 1 || len(l.stored()) != 1 {
		l.errorf("%d full keys of one owner", n)
	}
}
