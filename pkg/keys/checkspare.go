package keys

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// spare is a key that is made for a guard: what the words of a command say of it.
type spare struct {
	Key
	name  string
	life  time.Duration
	words []string
}

// spare are the words that make one more key which the guard counts, with what the
// server and the policy demand of it; else those that show the rule by which somebody
// has to say more.
func (g *guardCount) spare() []string {
	r, j := g.rules, g.rules.judged()
	s := &spare{name: g.freeName(), life: g.lifeOf(&Key{}), words: []string{"create"}}
	s.CreatedAt = g.now
	if r.Settings {
		j.fill(&s.Key)
		if s.Prefix = j.prefixLike(&Key{}); s.Prefix != j.usualPrefix() {
			s.say("--prefix", s.Prefix)
		}
	}
	for _, f := range g.wanted().List() {
		if give := spareValues[f]; give != nil && (f == FieldRole || !f.isSet(&s.Key)) {
			give(s, g)
		}
	}
	var e *Error
	if err := j.attributes(&s.Key, g.now); errors.As(err, &e) && e.Setting != "" {
		return []string{"policy", "show", e.Setting}
	}
	return s.words
}

// wanted are the fields that a key must have which the guard counts.
func (g *guardCount) wanted() Fields {
	r, p := g.rules, g.rules.obeyed()
	want := p.Required
	for f, demanded := range map[Field]bool{
		FieldLabel: r.Label.Required, FieldOwner: p.OneFullKey, FieldExpiresAt: p.MaxLifetime > 0,
		FieldRole: g.role != "" || r.Roles != nil && r.Roles.Required, FieldScopes: r.Scopes != nil && r.Scopes.Required,
	} {
		if demanded {
			want |= FieldsOf(f)
		}
	}
	return want
}

// spareValues give a spare key what it must have. Bound to a resource it were none.
var spareValues = map[Field]func(s *spare, g *guardCount){
	FieldLabel:       func(s *spare, _ *guardCount) { s.Label = s.say("--label", s.name) },
	FieldDescription: func(s *spare, _ *guardCount) { s.Description = s.say("--description", s.name) },
	FieldOwner:       func(s *spare, _ *guardCount) { s.Owner = s.say("--owner", s.name) },
	FieldRole: func(s *spare, g *guardCount) {
		s.Role = s.say("--role", cmp.Or(g.role, g.rules.Bootstrap.Role, first(g.rules.obeyed().Roles), s.name))
	},
	FieldScopes: func(s *spare, g *guardCount) { s.Scopes = []string{s.say("--scope", g.spareScope())} },
	FieldNetworks: func(s *spare, _ *guardCount) {
		s.Networks = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
		s.say("--allow-ip", "0.0.0.0/0,::/0")
	},
	FieldRateLimit: func(s *spare, _ *guardCount) {
		s.RateLimit = Rate{1000, time.Hour}
		s.say("--rate-limit", s.RateLimit.String())
	},
	FieldNotBefore: func(s *spare, g *guardCount) {
		s.NotBefore = g.now
		s.say("--not-before", g.now.String())
	},
	FieldExpiresAt: func(s *spare, g *guardCount) {
		s.ExpiresAt = g.now.Add(s.life)
		s.say("--expires", FormatDuration(s.life))
	},
	FieldMetadata: func(s *spare, _ *guardCount) {
		s.Metadata = map[string]string{"purpose": s.name}
		s.say("--metadata", "purpose="+s.name)
	},
}

// say adds a flag, and returns its value.
func (s *spare) say(flag, value string) string {
	s.words = append(s.words, flag, value)
	return value
}

func (g *guardCount) spareScope() string {
	r, words := g.rules, g.rules.Bootstrap.Scopes
	if r.Scopes != nil {
		words = append(words[:len(words):len(words)], r.Scopes.Words...)
	}
	return cmp.Or(first(words), AllScopes)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// freeName is what the key is called, where it must be: no spare key was seen that is
// called so.
func (g *guardCount) freeName() string {
	if g.spares == 0 {
		return "spare"
	}
	return fmt.Sprintf("spare-%d", g.spares+1)
}

func isSpare(k *Key) bool {
	return strings.HasPrefix(k.Label, "spare") || strings.HasPrefix(k.Owner, "spare")
}

// lifeOf is how long the successor of a key lives: as long as the key was made for, but
// not so short that it would be told of at once, unless the policy wants it so.
func (w *watch) lifeOf(k *Key) time.Duration {
	life := max(90*day, w.within+day)
	if !k.CreatedAt.IsNone() && !k.untold(FieldCreatedAt) {
		life = max(k.ExpiresAt.Sub(k.CreatedAt).Round(time.Hour), w.within+day)
	}
	if most := w.policy.MaxLifetime; most > 0 {
		return min(life, most)
	}
	return life
}

// ending are the words after which a key that never expires does.
func (w *watch) ending(k *Key) []string {
	if w.policy.MaxLifetime > 0 {
		return w.policy.mendLife(k, w.now)
	}
	return []string{"update", k.ID, "--expires", FormatDuration(90 * day)}
}

// renewal are the words that give a key another token and hash.
func (w *watch) renewal(k *Key) []string {
	if !w.current(k) {
		return []string{"rotate", "--finish", k.ID}
	}
	return w.policy.renewal(k)
}
