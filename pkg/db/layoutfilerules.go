package db

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// vocabulary checks the roles and scopes that the server knows.
func (c *checker) vocabulary() {
	r, s := c.f.Roles, c.f.Scopes
	c.needs("roles", keys.FieldRole)
	c.needs("scopes", keys.FieldScopes)
	for path, words := range inOrder(map[string][]string{"roles": r.Words, "scopes": s.Words}) {
		if c.given(path) && len(words) == 0 {
			c.wrong(path, "%s has no words: list those that the server knows, or leave %s out where any will do", path, path)
		}
		c.distinct(path+".words", words)
		c.spoken(path+".words", words)
	}
	if r.Empty != "" {
		c.oneOf("roles.empty", r.Empty, r.Words...)
	}
	for _, word := range slices.Sorted(maps.Keys(s.GrantedBy)) {
		path := "scopes.granted_by." + word
		c.oneOf(path, word, s.Words...)
		c.oneOf(path, s.GrantedBy[word], append([]string{keys.AnyScope}, s.Words...)...)
		if word == s.GrantedBy[word] {
			c.wrong(path, "%s grants itself anyway", brief(word))
		}
	}
}

// spoken checks words that people type.
func (c *checker) spoken(path string, words []string) {
	for _, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r == ',' || r == 0x7f }) || w != keys.PrintableText(w) {
			c.wrong(path, "%s has %q: a word has no space or comma", path, brief(w))
		}
	}
	if path == "scopes.words" && slices.Contains(words, keys.AnyScope) {
		c.wrong(path, "%q is no scope here: it stands for any in granted_by", keys.AnyScope)
	}
}

func (c *checker) label() {
	l := c.f.Label
	c.needs("label", keys.FieldLabel)
	c.pattern("label.pattern", l.Pattern)
	if (l.Pattern == "") != (l.Says == "") {
		c.wrong("label", "label.pattern and label.says, which puts it in words, go together")
	}
	if l.Most < 0 || c.given("label.most") && l.Most == 0 {
		c.wrong("label.most", "label.most must be above 0: leave it out where there is no bound")
	}
	for path, text := range inOrder(map[string]string{"label.says": l.Says, "label.published": l.Published}) {
		c.sentence(path, text)
	}
}

func (c *checker) lifetime() {
	c.needs("lifetime", keys.FieldExpiresAt)
	least := c.duration("lifetime.least", c.f.Lifetime.Least)
	if most := c.duration("lifetime.most", c.f.Lifetime.Most); most > 0 && least > most {
		c.wrong("lifetime", "lifetime.least is longer than lifetime.most")
	}
}

// revocations are what each kind of revocation needs of the table.
var revocations = map[keys.RevokeKind]keys.Field{
	keys.RevokeFlag:   keys.FieldEnabled,
	keys.RevokeTime:   keys.FieldRevokedAt,
	keys.RevokeExpiry: keys.FieldExpiresAt,
}

func (c *checker) revocation() {
	c.oneOf("revoke", c.f.Revoke, "flag", "time", "expiry", "none")
	kind := c.revokeKind()
	field, any := revocations[kind]
	if _, mapped := c.f.Columns[field.String()]; any && !mapped {
		c.wrong("revoke", "revoke: %s needs a column for %s: flag needs enabled, time needs revoked_at, expiry needs expires_at, and with none keys can only be deleted", kind, field)
	}
	if _, flagged := c.f.Columns[keys.FieldEnabled.String()]; flagged && kind != keys.RevokeFlag {
		c.wrong("revoke", "revoke is %s, but columns has enabled: revoke: flag clears it", kind)
	}
}

func (c *checker) revokeKind() keys.RevokeKind {
	if c.f.Revoke == "" {
		return keys.RevokeFlag
	}
	return keys.RevokeKind(c.f.Revoke)
}

func (c *checker) guard() {
	g := c.f.Guard
	c.oneOf("guard.keep", g.Keep, "last_active", "last_admin", "none")
	admin := g.Keep == string(keys.GuardAdmin)
	switch {
	case admin && g.Role == "":
		c.wrong("guard", "guard.keep: last_admin needs guard.role, the role of administrators")
	case !admin && g.Role != "":
		c.wrong("guard.role", "guard.role is for guard.keep: last_admin")
	case admin:
		c.needs("guard", keys.FieldRole)
		c.role("guard.role", g.Role)
	}
}

// role checks a role that the layout itself gives.
func (c *checker) role(path, role string) {
	if role != "" && len(c.f.Roles.Words) > 0 {
		c.oneOf(path, role, c.f.Roles.Words...)
	}
}

// fitsLabel checks a label that the layout itself gives.
func (c *checker) fitsLabel(path, label string) {
	l := c.f.Label
	if label == "" {
		return
	}
	r, err := regexp.Compile(l.Pattern)
	if err == nil && !r.MatchString(label) || l.Most > 0 && utf8.RuneCountInString(label) > l.Most || keys.ValidateLabel(label) != nil {
		c.wrong(path, "%s is not a label that label allows", path)
	}
}

// advised are the actions that advice can be given on. After a list it is about
// what the list does not tell.
var advised = []string{"activate", "bootstrap", "create", "delete", "list", "revoke", "rotate", "update"}

func (c *checker) advice() {
	c.sentence("keep_active", c.f.KeepActive)
	for _, action := range slices.Sorted(maps.Keys(c.f.Advice)) {
		path := "advice." + action
		c.oneOf(path, action, advised...)
		c.distinct(path, c.f.Advice[action])
		slots := []string{"{id}", "{label}", "{path}"}
		if action == keys.ActionList { // of many keys
			slots = []string{"{path}"}
		}
		for _, text := range c.f.Advice[action] {
			c.slots(path, text, slots...)
		}
	}
}
