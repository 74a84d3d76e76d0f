package db

import (
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// bootstraps are the kinds of bootstrap.
var bootstraps = []string{
	string(keys.BootstrapClaim), string(keys.BootstrapRow), string(keys.BootstrapActive), string(keys.BootstrapNone),
}

func (c *checker) bootstrap() {
	b := c.f.Bootstrap
	c.oneOf("bootstrap.by", b.By, bootstraps...)
	switch keys.BootstrapKind(b.By) {
	case keys.BootstrapClaim:
		c.claim(b)
	case keys.BootstrapRow, keys.BootstrapActive:
		if b.Table != "" || len(b.Row) > 0 || b.At != nil {
			c.wrong("bootstrap", "bootstrap.table, row and at are for bootstrap.by: claim")
		}
	default:
		if c.given("bootstrap") && len(c.lines) > 0 && (b.Table+b.Role+b.Label != "" || len(b.Row)+len(b.Scopes) > 0 || b.At != nil) {
			c.wrong("bootstrap", "bootstrap has no first key unless by is claim, any_row or any_active")
		}
		return
	}
	c.firstKey(b)
}

// claim checks the row that says that the database was bootstrapped.
func (c *checker) claim(b bootstrapYAML) {
	if b.Table == "" || len(b.Row) != 1 {
		c.wrong("bootstrap", "bootstrap.by: claim needs the table of the claim and its row, such as row: {id: 1}")
	}
	if strings.EqualFold(b.Table, c.f.Table) {
		c.wrong("bootstrap.table", "bootstrap.table is the key table: a claim outlives the keys")
	}
	for column, value := range b.Row {
		if column == "" || value == nil {
			c.wrong("bootstrap.row", "bootstrap.row needs a column and its value")
		}
		if b.At != nil && strings.EqualFold(column, b.At.Column) {
			c.wrong("bootstrap.at", "the column %s is given twice: by bootstrap.row and by bootstrap.at", brief(column))
		}
	}
	c.moment("bootstrap.at", b.At)
}

// firstKey checks the first key.
func (c *checker) firstKey(b bootstrapYAML) {
	if c.given("bootstrap.role") {
		c.needs("bootstrap.role", keys.FieldRole)
		c.role("bootstrap.role", b.Role)
	}
	if c.given("bootstrap.scopes") {
		c.needs("bootstrap.scopes", keys.FieldScopes)
	}
	for _, s := range b.Scopes {
		if len(c.f.Scopes.Words) > 0 {
			c.oneOf("bootstrap.scopes", s, c.f.Scopes.Words...)
		}
	}
	c.fitsLabel("bootstrap.label", b.Label)
	for what, missing := range inOrder(map[string]bool{
		"role": c.f.Roles.Required && b.Role == "", "scopes": c.f.Scopes.Required && len(b.Scopes) == 0, "label": c.f.Label.Required && b.Label == "",
	}) {
		if missing {
			c.wrong("bootstrap", "bootstrap.%s is missing: every key needs one", what)
		}
	}
}

// moment checks a column of another table that holds a moment.
func (c *checker) moment(path string, m *momentYAML) {
	if m == nil {
		return
	}
	if m.Column == "" {
		c.wrong(path, "%s does not name its column", path)
	}
	c.codec(path+".as", m.As, "moment", "a moment")
}

func (c *checker) lockout() {
	l := c.f.Lockout
	c.sentence("lockout.else", l.Else)
	window := c.duration("lockout.window", l.Window)
	if l.Table == "" {
		if l.Address+l.Failures != "" || l.Since != nil || l.Limit != 0 || window != 0 || l.Strict {
			c.wrong("lockout", "lockout.table is missing: without it only lockout.else can be said")
		}
		return
	}
	c.locks(l, window)
	c.moment("lockout.since", l.Since)
}

// locks checks that a table of lockouts is complete, each column for one thing.
func (c *checker) locks(l lockoutYAML, window time.Duration) {
	if l.Address == "" || l.Failures == "" || l.Since == nil || l.Limit < 1 || window == 0 {
		c.wrong("lockout", "lockout needs table, address, failures, since, limit above 0 and window")
		return
	}
	if strings.EqualFold(l.Table, c.f.Table) || strings.EqualFold(l.Table, c.f.Bootstrap.Table) {
		c.wrong("lockout.table", "lockout.table is a table with another use")
	}
	seen := map[string]bool{}
	for _, column := range []string{l.Address, l.Failures, l.Since.Column} {
		if folded := strings.ToLower(column); seen[folded] {
			c.wrong("lockout", "the column %s of lockout is given twice", brief(column))
		} else {
			seen[folded] = true
		}
	}
}
