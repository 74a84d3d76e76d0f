package db

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func (l *Layout) verifies() (bool, []string) {
	r := &l.Rules
	said := facts{l.lookup()}
	said.add(r.Hash.Scheme == keys.Bcrypt72, "only the first 72 bytes of a token count: what follows them is not checked")
	said.add(len(r.Hash.Accepts) > 0, "a stored hash must begin with %s", strings.Join(r.Hash.Accepts, " or "))
	said.add(len(r.Hash.Legacy) > 0, "accepts hashes by %s as well", schemeNames(r.Hash.Legacy))
	if r.Form != nil && r.Form.Pattern != nil {
		said.add(true, "takes nothing for a token that does not match %s", r.Form.Pattern)
	}
	if r.Secret != nil {
		said.add(true, "needs the secret that the server has as %s", r.Secret.Name)
	}
	said.add(r.ActiveFirst, "looks first whether any key is active: without one, nothing presented is no_keys too")
	if r.Roles != nil {
		said.add(r.Roles.Ranked, "a role also does what those after it do: %s", strings.Join(r.Roles.Words, ", "))
		said.add(r.Roles.Empty != "", "a row with an empty role acts as %s", r.Roles.Empty)
	}
	if r.Scopes != nil {
		for _, word := range slices.Sorted(maps.Keys(r.Scopes.By)) {
			said.add(true, "the scope %s is also granted by %s", word, granter(r.Scopes.By[word]))
		}
	}
	return true, said
}

func granter(by string) string {
	if by == keys.AnyScope {
		return "any other scope"
	}
	return by
}

// lookup says how a server finds the key of a token.
func (l *Layout) lookup() string {
	r := &l.Rules
	selects := r.Form != nil && r.Form.Pattern != nil && slices.Contains(r.Form.Pattern.SubexpNames(), "selector")
	switch {
	case selects:
		return fmt.Sprintf("finds the key by the part of the token that %s holds, and compares the hash", l.columnName(l.Selector))
	case !r.Hash.Scheme.Slow():
		return fmt.Sprintf("finds the key by the hash of the token in %s", l.columnName(keys.FieldHash))
	}
	return "tries the token on every active key in turn, one slow hash for each"
}

// formFacts say what tokens look like, without an example: one would look alive.
func formFacts(form *keys.TokenForm) []string {
	if form == nil {
		return []string{"makes tokens of keyreeve's own form: see keyreeve help formats"}
	}
	var said facts
	said.add(form.Text != "", "makes tokens of the form %s, %d characters", form.Text, formChars(form))
	for _, part := range []struct {
		name string
		is   keys.Part
	}{{"{selector}", form.Selector}, {"{secret}", form.Secret}} {
		said.add(strings.Contains(form.Text, part.name), "%s is %d random characters of %s%s", part.name, part.is.Len(0), part.is.Of, partRange(part.is))
	}
	said.add(form.Text == "", "makes no tokens: each must be supplied")
	said.add(form.LeastChars > 0, "a supplied token has at least %d characters", form.LeastChars)
	said.add(form.MostBytes > 0, "a supplied token has at most %d bytes", form.MostBytes)
	return said
}

func partRange(p keys.Part) string {
	if p.Most == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d bytes, or any from %d to %d)", p.Bytes, p.Least, p.Most)
}

// formChars returns how long a new token is.
func formChars(form *keys.TokenForm) int {
	n := len(form.Text)
	for name, part := range map[string]keys.Part{"{selector}": form.Selector, "{secret}": form.Secret} {
		n += strings.Count(form.Text, name) * (part.Len(0) - len(name))
	}
	return n
}

// hashFacts say what is stored of a token.
func hashFacts(r *keys.Rules) []string {
	said := facts{"stores " + hashWords[r.Hash.Scheme]}
	said.add(r.Hash.Scheme.Slow(), "the cost of bcrypt is %d, or any from %d to %d", r.Hash.Cost, r.Hash.LeastCost, r.Hash.MostCost)
	if r.Secret != nil {
		said.add(true, "needs the secret that the server has as %s", r.Secret.Name)
		said.add(r.Secret.LeastLen > 0, "the secret should have at least %d bytes", r.Secret.LeastLen)
		said.add(len(r.Hash.Legacy) > 0, "without the secret it can hash by %s, where that is asked for", schemeNames(r.Hash.Legacy))
	}
	return said
}

// hashWords say what each scheme stores.
var hashWords = map[keys.Scheme]string{
	keys.SHA256:     "the SHA-256 of the token",
	"sha512":        "the SHA-512 of the token",
	keys.HMACSHA256: "the HMAC-SHA-256 of the token under the server's secret",
	keys.Bcrypt:     "bcrypt of the token, which may have at most 72 bytes",
	keys.Bcrypt72:   "bcrypt of the first 72 bytes of the token",
	keys.Argon2id:   "argon2id of the token",
	"clear":         "the token as it is: whoever reads the table has the keys; nothing prints it",
}

func schemeNames(list []keys.Scheme) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

func (l *Layout) locks() (bool, []string) {
	r := l.Rules.Lockout
	said := facts{}
	said.add(!r.Kept, "refused: the server keeps no lockouts in this database")
	if t := l.Lockouts; t != nil {
		said.add(true, "lists and clears the rows of %s", t.Table)
		said.add(true, "%d failures within %s of the first lock an address out until then", t.Limit, keys.FormatDuration(t.Window))
	}
	said.add(r.Kept && l.Lockouts == nil, "lists and clears the addresses that keyreeve's tables count failures of")
	said.add(r.Networks, "IPv6 addresses count by their /64")
	said.add(r.Kept && r.Strict, "a locked address is refused with a valid key too")
	said.add(r.Kept && !r.Strict, "a valid key passes from a locked address")
	said.add(r.Else != "", "%s", r.Else)
	return r.Kept, said
}
