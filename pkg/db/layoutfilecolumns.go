package db

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// fitting lists the codecs by what they are for.
var fitting = map[string][]string{
	"id":       {"integer", "text"},
	"hash":     {"text", "blob", "raw", "base64", "base64url"},
	"text":     {"text", "optional-text"},
	"flag":     {"flag", "inverted-flag"},
	"moment":   {"unix-ms", "unix-seconds", "real-seconds", "sequelize", "iso", "sqlite", "go", "go-offset"},
	"list":     {"json-list", "comma-list"},
	"networks": {"json-networks"},
	"object":   {"json-object"},
	"rate":     {"rate-ms"},
}

// kindOfField tells which codecs are for a field.
func kindOfField(f keys.Field) string {
	switch f {
	case keys.FieldID:
		return "id"
	case keys.FieldHash:
		return "hash"
	}
	switch f.Ref(&keys.Key{}).(type) {
	case *bool:
		return "flag"
	case *keys.Instant:
		return "moment"
	case *[]string:
		return "list"
	case *[]netip.Prefix:
		return "networks"
	case *map[string]string:
		return "object"
	case *keys.Rate:
		return "rate"
	}
	return "text"
}

// storedFields returns the fields that a column can hold, by name.
func storedFields() map[string]keys.Field {
	all := map[string]keys.Field{}
	for f := keys.FieldID; f <= keys.FieldHash; f++ {
		if f != keys.FieldStatus {
			all[f.String()] = f
		}
	}
	return all
}

func (c *checker) mapped() {
	known := storedFields()
	for _, name := range slices.Sorted(maps.Keys(c.f.Columns)) {
		path, col := "columns."+name, c.f.Columns[name]
		f, ok := known[name]
		if !ok {
			c.wrong(path, "no field of a key is called %q: there are %s", brief(name), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
			continue
		}
		if col.Column == "" {
			c.wrong(path, "%s does not name its column", path)
		}
		c.codec(path+".as", col.As, kindOfField(f), name)
		c.affixes(path, col)
		if col.AsCreated && (kindOfField(f) != "moment" || f == keys.FieldCreatedAt) {
			c.wrong(path+".as_created", "as_created is for moments other than created_at")
		}
		if col.AsCreated {
			c.needs(path, keys.FieldCreatedAt)
		}
	}
	for _, f := range []keys.Field{keys.FieldID, keys.FieldHash} {
		if !c.given("columns." + f.String()) {
			c.wrong("columns", "columns has no %s, which every key has", f)
		}
	}
}

// codec checks that a codec exists and is for what it is used for.
func (c *checker) codec(path, name, kind, what string) {
	allowed := strings.Join(fitting[kind], ", ")
	known := slices.ContainsFunc(slices.Collect(maps.Values(fitting)), func(list []string) bool { return slices.Contains(list, name) })
	switch {
	case slices.Contains(fitting[kind], name):
	case name == "":
		c.wrong(path, "as is missing: %s can be stored as %s", what, allowed)
	case !known:
		c.wrong(path, "there is no codec %q: %s can be stored as %s", brief(name), what, allowed)
	default:
		c.wrong(path, "%s cannot be stored as %s, but as %s", what, name, allowed)
	}
}

// affixes checks what a column adds to texts.
func (c *checker) affixes(path string, col columnYAML) {
	hash := path == "columns.hash" // whole or with a prefix, whatever its form
	if (col.Before != "" || col.After != "") && !hash && !slices.Contains(fitting["text"], col.As) {
		c.wrong(path, "before and after are for texts, and %s is stored as %s", path, col.As)
	}
	if hash && col.After != "" {
		c.wrong(path, "a hash has nothing behind it: only before is allowed")
	}
	if path == "columns.id" && col.Before+col.After != "" {
		c.wrong(path, "an id is what the column holds: before and after are not allowed")
	}
}

// filled checks that no two values go to one column.
func (c *checker) filled() {
	users := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.f.Columns)) {
		c.sole(users, c.f.Columns[name].Column, "columns."+name)
	}
	for _, column := range slices.Sorted(maps.Keys(c.f.Copies)) {
		c.sole(users, column, "copies."+column)
		c.copied("copies."+column, c.f.Copies[column])
	}
	for _, column := range slices.Sorted(maps.Keys(c.f.Constants)) {
		c.sole(users, column, "constants."+column)
	}
	for _, column := range c.f.Recognise.Without {
		if user := users[strings.ToLower(column)]; user != "" {
			c.wrong("recognise.without", "recognise.without has the column %s, which %s uses", brief(column), user)
		}
	}
}

func (c *checker) sole(users map[string]string, column, path string) {
	folded := strings.ToLower(column) // as SQLite compares names
	if other := users[folded]; other != "" && column != "" {
		c.wrong(path, "the column %s is given twice: by %s and by %s", brief(column), other, path)
	}
	users[folded] = path
}

func (c *checker) copied(path string, copied copyYAML) {
	f, ok := storedFields()[copied.Of]
	if _, mapped := c.f.Columns[copied.Of]; !ok || !mapped {
		c.wrong(path, "%s is a copy of %q: a field of columns is needed", path, brief(copied.Of))
		return
	}
	if f == keys.FieldID || f == keys.FieldHash {
		c.wrong(path, "%s is a copy of %s, which is stored once", path, f)
		return
	}
	c.codec(path+".as", copied.As, kindOfField(f), copied.Of)
}

// ids checks where ids come from.
func (c *checker) ids() {
	ids, as := c.f.IDs, c.f.Columns["id"].As
	c.oneOf("ids.from", ids.From, "database", "random", "token")
	if ids.From != "random" && (ids.Of != "" || ids.Chars != 0) {
		c.wrong("ids", "ids.of and ids.chars are for ids from: random")
	}
	if ids.Reused && as != "integer" {
		c.wrong("ids.reused", "ids.reused is for ids from: database")
	}
	switch {
	case as == "text" && ids.From == "":
		c.wrong("columns.id", "ids that are text need ids: {from: random, of: base64url, chars: 21}, or from: token where the token's selector is the id")
	case as == "text" && ids.From == "database", as == "integer" && (ids.From == "random" || ids.From == "token"):
		c.wrong("ids.from", "the database assigns integers, and only those: ids from %s cannot be stored as %s", ids.From, as)
	case ids.From == "random":
		c.oneOf("ids.of", ids.Of, alphabets...)
		if ids.Of == "" || ids.Chars < 8 || ids.Chars > 64 {
			c.wrong("ids", "random ids need of, one of %s, and chars from 8 to 64", strings.Join(alphabets, ", "))
		}
	case ids.From == "token" && !c.f.selects():
		c.wrong("ids.from", "ids from the token are what the group selector of token.pattern takes out of it, which is missing")
	}
}
