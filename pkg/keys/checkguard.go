package keys

import "fmt"

// guardCount counts the keys that a guard relies on, see [Reader].Survivor.
type guardCount struct {
	*watch
	role         string
	all, lasting int
	last         Instant // the end of the one that ends last
	only         string  // how the one is called that was seen last
}

func (w *watch) guard() *guardCount { return &guardCount{watch: w, role: w.guardRole()} }

// guardRole is the role that alone counts, "" for any.
func (w *watch) guardRole() string {
	if w.policy.AdminRole != "" {
		return w.policy.AdminRole
	}
	if w.rules.Guard == GuardAdmin {
		return w.rules.AdminRole
	}
	return ""
}

// add counts the key if the guard would.
func (g *guardCount) add(k *Key) {
	if g.rules.Guard == GuardNone || !g.relies(k) {
		return
	}
	g.all++
	g.only = k.name()
	if k.ExpiresAt.IsNone() || !k.ExpiresAt.Reached(g.by) {
		g.lasting++
	}
	if k.ExpiresAt.Millis() > g.last.Millis() {
		g.last = k.ExpiresAt
	}
}

func (g *guardCount) relies(k *Key) bool {
	if !k.lasts(g.role, g.now) || k.unread(^Fields(0)) {
		return false
	}
	err := k.Scheme.Check(k.Hash)
	return g.rules.Hash.Acceptable(k.Hash) && (err == nil || TooCostly(err)) // the server computes what we do not
}

// enough tells whether more keys would change nothing.
func (g *guardCount) enough() bool { return g.all > 1 && g.lasting > 0 }

// kind is how findings call the keys.
func (g *guardCount) kind() string {
	kind := "active key"
	if g.role != "" {
		kind += " with the role " + PrintableText(g.role)
	}
	if g.held.Has(FieldResource) {
		kind += " that is not bound to a resource"
	}
	return kind
}

// findings says how far the guard is from refusing.
func (g *guardCount) findings() []Finding {
	f := Finding{Check: "guard", Level: Warning, Mend: g.spare()}
	switch {
	case g.rules.Guard == GuardNone:
		return []Finding{{Check: "guard", Level: Fine, Reason: "no keys at all are a normal state of this server"}}
	case g.all == 0:
		f.Level, f.Reason = Problem, "there is no "+g.kind()+" that lasts another hour"
	case g.lasting == 0:
		f.At, f.Reason = g.last, fmt.Sprintf("every %s expires within %s", g.kind(), FormatDuration(g.within))
	case g.all == 1:
		f.Reason = g.only + " is the only " + g.kind() + ": whoever loses it is locked out"
	default:
		return []Finding{{Check: "guard", Level: Fine, Reason: "more than one " + g.kind() + " would remain without the other"}}
	}
	return []Finding{f}
}

// spare are the words that make one more such key, with what the server demands.
func (g *guardCount) spare() []string {
	r, words := g.rules, []string{"create"}
	if r.Label.Required {
		words = append(words, "--label", "spare")
	}
	role := g.role
	if role == "" && r.Roles != nil && r.Roles.Required {
		role = r.Bootstrap.Role
	}
	if role != "" {
		words = append(words, "--role", role)
	}
	if r.Scopes != nil && r.Scopes.Required {
		for _, scope := range append(r.Bootstrap.Scopes, r.Scopes.Words...) {
			return append(words, "--scope", scope)
		}
	}
	return words
}
