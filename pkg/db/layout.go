package db

import (
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Layout describes one server's key table as data: how it is recognised, which
// column holds which field and how it is written, and the rules of its server. The
// layouts of other servers are read from files, see [ParseLayout].
type Layout struct {
	Family    string // of the server, such as "proxbox"
	Era       string // "" where the family has only one
	Title     string // one line for people
	Since     string // the day from which the server has this table, "" if nobody says
	Recognise Recognition
	Find      Finding
	Table     string
	Columns   []Column
	Copies    []Copy     // columns that repeat a field
	Constants []Constant // columns that get the same value in every new row
	Selector  keys.Field // the field by which a token's selector finds its key
	PrefixID  bool       // ids are random text, so that a prefix can name a key
	Claim     *ClaimTable
	Lockouts  *LockoutTable
	Rules     keys.Rules

	source *placed   // where the layout's file says what; nil without one
	ledger newLedger // nil for that of another server's database
	// checked: the table's own constraints refuse what its columns are not for, NULL
	// where a value must be, and a hash twice.
	checked bool
}

// Name returns the layout's name on the command line: the family, and the era
// where there is one.
func (l *Layout) Name() string {
	if l.Era == "" {
		return l.Family
	}
	return l.Family + "/" + l.Era
}

// Recognition is what tells a layout's database from others. A table's name alone
// never does, and the order of its columns never matters.
type Recognition struct {
	Columns   []string // that the key table has, besides those that the layout maps
	Exact     bool     // it has no others
	Without   []string // that it does not have: they belong to another era
	Beside    []string // tables of the server, any of which must be there too
	Tables    []string // tables that must all be there
	NotTables []string // tables that must not be there
	// InsteadOf names eras of the family with the same table: where both fit, this
	// layout is meant.
	InsteadOf []string
}

// Finding tells where the server keeps the file.
type Finding struct {
	Variable string   // environment variable of the server that holds the path
	Paths    []string // where it usually is
	Config   *ConfigFile
	// Superseded is the name of a file beside this one: where it exists, the server
	// reads that one and not this.
	Superseded string
}

// ConfigFile is a YAML file of the server that holds the database's directory.
type ConfigFile struct {
	Variable string   // environment variable that holds its path
	Paths    []string // where it usually is
	Wrapper  string   // a mapping around everything, where there is one
	Key      string   // of the directory, such as database.directory
	File     string   // the database's name in that directory; "" if the key holds the whole path
}

// Column says where a field lives and by which codec it is written.
type Column struct {
	Field  keys.Field
	Name   string
	Codec  string // a name in the table of codecs
	Before string // text that the field has in front of what the column holds
	After  string // and behind it
	// AsCreated is for moments that a new row gets from its creation: that value
	// means none.
	AsCreated bool
}

// Copy is a column that repeats a field in another column's way.
type Copy struct {
	Of     keys.Field
	Name   string
	Codec  string
	Always bool // also when the field changes, not only in a new row
}

// Constant is the value of a column in new rows: text, integer, real or nil.
type Constant struct {
	Name  string
	Value any
}

// ClaimTable is where a server remembers that it was bootstrapped.
type ClaimTable struct {
	Table  string
	Column string // that tells the row
	Value  any    // what it holds in the claim's row
	At     string // column of the moment, "" if there is none
	Codec  string // of At
}

// LockoutTable is where a server counts failures by address.
type LockoutTable struct {
	Table    string
	Address  string // column of the address
	Failures string // column of the number
	Since    string // column of the first failure's moment
	Codec    string // of Since
	Limit    int64  // so many failures lock the address out
	Window   time.Duration
}

// fields returns what the table can hold. The status is computed everywhere.
func (l *Layout) fields() keys.Fields {
	set := keys.FieldsOf(keys.FieldStatus)
	for _, c := range l.Columns {
		set |= keys.FieldsOf(c.Field)
	}
	return set
}
