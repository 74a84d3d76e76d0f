package keys

import "fmt"

// guardCount counts the keys that a guard relies on, see [Reader].Survivor.
type guardCount struct {
	*watch
	role         string
	all, lasting int
	replaced     int     // those that a successor replaces
	spares       int     // keys that are called as those are which are made for a guard
	last         Instant // the end of the one that ends last
	only         string  // how the one is called that was seen last
}

func (w *watch) guard() *guardCount { return &guardCount{watch: w, role: w.guardRole()} }

// guardRole is the role that alone counts, "" for any.
func (w *watch) guardRole() string {
	switch {
	case w.noAdmin: // see [Service.guardedRole]
		return ""
	case w.policy.AdminRole != "":
		return w.policy.AdminRole
	case w.rules.Guard == GuardAdmin:
		return w.rules.AdminRole
	}
	return ""
}

// add counts the key if the guard would.
func (g *guardCount) add(k *Key) {
	if isSpare(k) {
		g.spares++
	}
	switch {
	case g.rules.Guard == GuardNone || !g.relies(k):
		return
	case !g.current(k): // it ends soon, and its successor is counted
		g.replaced++
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
	return k.lasts(g.role, g.now) && !k.unread(^Fields(0)) && g.rules.Hash.Compares(k.Scheme, k.Hash)
}

// enough tells whether more keys would change nothing.
func (g *guardCount) enough() bool { return g.all > 1 && g.lasting > 0 }

// kind is how findings call the keys.
func (g *guardCount) kind() string {
	kind := "active key"
	if g.role != "" {
		kind += " with the role " + PrintableText(g.role)
	}
	return kind + countsOn(g.held)
}

// findings says how far the guard is from refusing.
func (g *guardCount) findings() []Finding { return append(g.admins(), g.standing()...) }

func (g *guardCount) standing() []Finding {
	f := Finding{Check: "guard", Level: Warning, Mend: g.spare()}
	switch {
	case g.rules.Guard == GuardNone:
		return []Finding{{Check: "guard", Level: Fine, Reason: "no keys at all are a normal state of this server"}}
	case g.all == 0 && g.replaced > 0:
		f.Reason = fmt.Sprintf("every %s is being replaced, and no successor could be used instead", g.kind())
	case g.all == 0:
		f.Level, f.Reason = Problem, "there is no "+g.kind()
	case g.lasting == 0:
		f.At, f.Reason = g.last, fmt.Sprintf("every %s expires within %s", g.kind(), FormatDuration(g.within))
	case g.all == 1:
		f.Reason = g.only + " is the only " + g.kind() + ": whoever loses it is locked out"
	default:
		return []Finding{{Check: "guard", Level: Fine, Reason: "more than one " + g.kind() + " would remain without the other"}}
	}
	return []Finding{f}
}

// admins tells that the guard protects nobody of the role that it should.
func (g *guardCount) admins() []Finding {
	if !g.noAdmin {
		return nil
	}
	of := *g
	of.role = g.policy.AdminRole
	return []Finding{{Check: "guard", Level: Warning, Mend: of.spare(), Reason: "no active key has the role " + PrintableText(of.role) +
		", which the policy admin_role protects: until one has, any other counts"}}
}
