package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// clubYAML is a layout that uses nearly everything there is. Its lines are counted
// by the tests.
const clubYAML = `layout: club
era: late
title: The club's door
server: Club
since: 2026-01-31
recognise: {columns: [shoe], without: [hat], beside: [room], not_tables: [bar]}
find:
  variable: CLUB_DB
  paths: [/var/club.db]
  config: {variable: CLUB_CONFIG, paths: [/etc/club.yaml], key: storage.file}
  superseded_by: newer.db
table: member
columns:
  id: {column: no, as: text}
  label: {column: name, as: text}
  masked: {column: badge, as: text, before: c_, after: …}
  hash: {column: digest, as: text, before: 'bcrypt:'}
  role: {column: rank, as: text}
  scopes: {column: rooms, as: json-list}
  enabled: {column: allowed, as: flag}
  created_at: {column: joined, as: iso}
  last_used_at: {column: seen, as: unix-seconds, as_created: true}
  expires_at: {column: ends, as: unix-ms}
copies:
  joined2: {of: created_at, as: sqlite, always: true}
constants: {tenant: 7, note: hello, rate: 1.5, empty: null}
ids: {from: random, of: base62, chars: 12}
token:
  form: c_{selector}.{secret}
  selector: {of: hex, bytes: 4}
  secret: {of: base64url, bytes: 24, least: 16, most: 32}
  pattern: '^c_(?P<selector>[0-9a-f]{8})\.(?P<hashed>[A-Za-z0-9_-]+)$'
  mask: c_{selector}…
  supplied: {least_chars: 20, most_bytes: 100}
hash: {scheme: bcrypt, legacy: [hmac-sha256], accepts: [$2a$, $2b$], cost: {default: 11, least: 5, most: 31}, secret: {variable: CLUB_SECRET, forbidden: [changeme], weak: [devel], least_bytes: 8}}
label: {required: true, most: 20, pattern: '^[a-z ]+$', says: small letters, published: at the door, unique: true}
roles: {required: true, words: [boss, guest], ranked: true, empty: guest}
scopes: {required: true, words: [hall, cellar], granted_by: {hall: any, cellar: hall}}
lifetime: {least: 1d, most: 2y}
revoke: flag
guard: {keep: last_admin, role: boss}
bootstrap: {by: claim, table: opened, row: {id: 1}, at: {column: at, as: iso}, role: boss, scopes: [cellar], label: first}
lockout: {table: rude, address: ip, failures: n, since: {column: first, as: unix-ms}, limit: 3, window: 5m, strict: true, else: the doorman}
advice: {revoke: ['tell {id}'], list: [nobody counts]}
keep_active: they stay
active_first: true
`

// TestLayoutFileMistakes holds each mistake to its line and to what is said of it.
func TestLayoutFileMistakes(t *testing.T) {
	if _, err := ParseLayout("club.yaml", []byte(clubYAML)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, says string }{
		{clubYAML, "", "1: the file is empty"},
		{clubYAML, "[]", "1: the file is a list: a mapping of names to values is needed"},
		{"era: late", "era: [", "the file is not YAML"},
		{"era: late", "layout: again", "2: "},
		{"era: late", "---\na: 1\n---\nera: late", ": a second document begins"},
		{"era: late", "erra: late", `2: there is no "erra" here: known are active_first, advice, bootstrap, columns, constants, copies, era, `},
		{"era: late", "era: 2026", "2: era is a number: text, in quotes where it looks like something else, is needed"},
		{"era: late", "era: &a late", "2: era is an anchor"},
		{"era: late", "era:", "2: era is left empty"},
		{"era: late", "era: Late", `2: era is "Late": allowed is small letters`},
		{"layout: club", "layout: native", "1: native is keyreeve's own layout"},
		{"layout: club", "layout: ''", "1: layout is missing"},
		{"title: The club's door\n", "", "1: title is missing"},
		{"title: The club's door", `title: "a\nb"`, "3: title must be one line"},
		{"since: 2026-01-31", "since: January", "5: since is \"January\": allowed is a date"},
		{"without: [hat]", "without: [name]", "6: recognise.without has the column name, which columns.label uses"},
		{"without: [hat]", "without: hat", "6: recognise.without is text: a list"},
		{"not_tables: [bar]", "not_tables: [ROOM]", "6: ROOM cannot be in recognise.not_tables and in recognise.beside"},
		{"not_tables: [bar]", "not_tables: [opened]", "6: opened cannot be"},
		{"not_tables: [bar]", "instead_of: [late]", "6: an era cannot stand instead of itself"},
		{"variable: CLUB_DB", "variable: CLUB DB", "8: find.variable is"},
		{"[/var/club.db]", "[club.db]", `9: find.paths holds "club.db": a path from the root is needed`},
		{"key: storage.file}", "key: storage..file}", "10: find.config.key is"},
		{"variable: CLUB_CONFIG, paths: [/etc/club.yaml], key", "key", "10: find.config needs a variable or paths"},
		{"superseded_by: newer.db", "superseded_by: ../newer.db", `11: find.superseded_by is "../newer.db": the name of a file without a directory`},
		{"table: member\n", "", "1: table is missing"},
		{"table: member", "table: Keyreeve_keys", "12: tables whose names begin with keyreeve_"},
		{"  id: {column: no, as: text}\n", "", "13: columns has no id, which every key has"},
		{"  hash: {column: digest, as: text, before: 'bcrypt:'}\n", "", "13: columns has no hash"},
		{"label: {column: name, as: text}", "name: {column: name, as: text}", `15: no field of a key is called "name": there are created_at, created_by, `},
		{"label: {column: name, as: text}", "status: {column: name, as: text}", `15: no field of a key is called "status"`},
		{"label: {column: name, as: text}", "label: {column: No, as: text}", "15: the column No is given twice: by columns.id and by columns.label"},
		{"label: {column: name, as: text}", "label: {as: text}", "15: columns.label does not name its column"},
		{"label: {column: name, as: text}", "label: {column: name}", "15: as is missing: label can be stored as text, optional-text"},
		{"label: {column: name, as: text}", "label: {column: name, as: string}", `15: there is no codec "string": label can be stored as text, optional-text`},
		{"label: {column: name, as: text}", "label: {column: name, as: iso}", "15: label cannot be stored as iso, but as text, optional-text"},
		{"label: {column: name, as: text}", "label: {column: name, as: text, after_: x}", `15: there is no "after_" here: known are after, as, as_created, before, column`},
		{"before: c_, after: …}", "before: d_, after: …}", "16: token.mask must begin with before and end with after"},
		{"before: 'bcrypt:'}", "after: x}", "17: a hash has nothing behind it"},
		{"as: text, before: 'bcrypt:'}", "as: raw}", "17: raw is for digests, and hashes of bcrypt are text"},
		{"as: flag}", "as: flag, before: x}", "20: before and after are for texts"},
		{"as: flag}", "as: flag, as_created: true}", "20: as_created is for moments other than created_at"},
		{"as: iso}", "as: iso, as_created: true}", "21: as_created is for moments other than created_at"},
		{"as_created: true}", "as_created: yes}", "22: columns.last_used_at.as_created is text: true or false is needed"},
		{"joined2: {of: created_at", "joined2: {of: updated_at", `25: copies.joined2 is a copy of "updated_at": a field of columns is needed`},
		{"joined2: {of: created_at", "joined2: {of: hash", "25: copies.joined2 is a copy of hash, which is stored once"},
		{"as: sqlite, always", "as: flag, always", "25: created_at cannot be stored as flag"},
		{"joined2:", "ENDS:", "25: the column ENDS is given twice: by columns.expires_at and by copies.ENDS"},
		{"tenant: 7", "joined2: 7", "26: the column joined2 is given twice"},
		{"tenant: 7", "tenant: true", "26: constants.tenant is true or false: text, a number or null is needed"},
		{"tenant: 7", "tenant: [7]", "26: constants.tenant is a list"},
		{"tenant: 7", "7: tenant", "26: a name is needed"},
		{"ids: {from: random, of: base62, chars: 12}\n", "", "14: ids that are text need ids"},
		{"ids: {from: random", "ids: {from: somewhere", `27: ids.from is "somewhere": allowed are database, random, token`},
		{"ids: {from: random, of: base62, chars: 12}", "ids: {from: database}", "27: the database assigns integers"},
		{"column: no, as: text", "column: no, as: integer", "27: the database assigns integers"},
		{"ids: {from: random, of: base62, chars: 12}", "ids: {from: random}", "27: random ids need of"},
		{"ids: {from: random, of: base62, chars: 12}", "ids: {from: token, chars: 12}", "27: ids.of and ids.chars are for ids from: random"},
		{"chars: 12}", "chars: 12, reused: true}", "27: ids.reused is for ids from: database"},
		{"chars: 12}", "chars: 5}", "27: random ids need of"},
		{"chars: 12}", "chars: 12.5}", "27: ids.chars is a number: a whole number is needed"},
		{"chars: 12}", "chars: '12'}", "27: ids.chars is text: a whole number is needed"},
		{"form: c_{selector}.{secret}", "form: c_{selector}.{secrt}", "29: token.form has {secrt}: allowed are {selector} and {secret}"},
		{"form: c_{selector}.{secret}", "form: c_{selector}.{secret}{secret}", "29: token.form has {secret} more than once"},
		{"form: c_{selector}.{secret}", "form: c_{selector}", "29: token.form has no {secret}"},
		{"  form: c_{selector}.{secret}\n", "", "29: token.form does not use token.selector"},
		{"form: c_{selector}.{secret}", "form: ''", "29: token.form is empty"},
		{"  selector: {of: hex, bytes: 4}\n", "", "28: token.selector is missing: token.form uses it"},
		{"form: c_{selector}.", "form: c_.", "30: token.form does not use token.selector"},
		{"{of: hex, bytes: 4}", "{of: octal, bytes: 4}", `30: token.selector.of is "octal": allowed are base64url, hex, base62`},
		{"{of: hex, bytes: 4}", "{of: hex}", "30: token.selector needs either bytes"},
		{"{of: hex, bytes: 4}", "{of: hex, bytes: 4, chars: 8}", "30: token.selector needs either bytes"},
		{"{of: hex, bytes: 4}", "{of: hex, bytes: 5}", "32: token: "},
		{"least: 16, most: 32", "least: 25, most: 32", "31: token.secret: least and most go together and bound bytes"},
		{"least: 16, most: 32", "least: 16", "31: token.secret: least and most go together"},
		{"bytes: 24, least: 16", "bytes: 24, least: 4", "31: token.secret has 32 bits of randomness: at least 64"},
		{"bytes: 24, least: 16, most: 32", "bytes: 99", "29: what is hashed of a token has 132 bytes, of which bcrypt takes 72"},
		{`\.(?P<hashed>`, `\.(?P<hashed>(`, "32: token.pattern is not a regular expression"},
		{`\.(?P<hashed>`, `\.(?P<rest>`, `32: token.pattern has a group "rest": selector and hashed are known`},
		{`(?P<selector>[0-9a-f]{8})`, `[0-9a-f]{8}`, "32: token.selector and a group of that name in token.pattern go together"},
		{`^c_(?P<selector>[0-9a-f]{8})`, `^c_[0-9a-f]{2}(?P<selector>[0-9a-f]{6})`, "32: the group selector of token.pattern is not the part"},
		{"'^c_(", "'^d_(", "32: token: "},
		{"  pattern: '^c_(?P<selector>[0-9a-f]{8})\\.(?P<hashed>[A-Za-z0-9_-]+)$'\n", "", "28: token.pattern is missing"},
		{"mask: c_{selector}…", "mask: c_{secret}…", "33: token.mask has {secret}: allowed are {selector}"},
		{"mask: c_{selector}…", "mask: c_…", "33: token.mask does not show {selector}"},
		{"  mask: c_{selector}…\n", "", "16: token.mask is missing"},
		{"  masked: {column: badge, as: text, before: c_, after: …}\n", "", "29: columns.masked is missing: a key is found there by token.selector"},
		{"least_chars: 20, most_bytes: 100", "least_chars: 200, most_bytes: 100", "34: token.supplied.least_chars must be at most most_bytes"},
		{"most_bytes: 100", "most_bytes: 30", "34: token.supplied.most_bytes is 30, less than the 43 of a new token"},
		{"scheme: bcrypt,", "scheme: md5,", `35: hash.scheme is "md5": allowed are sha256, sha512, hmac-sha256, bcrypt, bcrypt72, argon2id, clear`},
		{"scheme: bcrypt,", "", "35: hash.scheme is missing"},
		{"legacy: [hmac-sha256]", "legacy: [bcrypt]", "35: hash.legacy has bcrypt, which is hash.scheme"},
		{"legacy: [hmac-sha256]", "legacy: []", "35: hash.secret is for hmac-sha256"},
		{"secret: {variable: CLUB_SECRET, ", "secret: {", "35: hash.secret.variable is missing"},
		{", secret: {variable: CLUB_SECRET, forbidden: [changeme], weak: [devel], least_bytes: 8}", "", "35: hash.secret is missing: hmac-sha256"},
		{"accepts: [$2a$, $2b$]", "accepts: [$2a$]", "35: hash.accepts lacks $2b$"},
		{"accepts: [$2a$, $2b$]", "accepts: [$2x$, $2b$]", `35: hash.accepts is "$2x$": allowed are $2a$, $2b$, $2y$`},
		{"least: 5, most: 31", "least: 3, most: 31", "35: hash.cost needs 4 <= least"},
		{"least: 5, most: 31", "least: 5, most: 32", "35: hash.cost needs"},
		{"default: 11", "default: 16", "35: hash.cost needs"},
		{"most: 20, pattern: '^[a-z ]+$'", "most: 20, pattern: '['", "36: label.pattern is not a regular expression"},
		{", says: small letters", "", "36: label.pattern and label.says"},
		{"most: 20,", "most: 0,", "36: label.most must be above 0"},
		{"label: {column: name, as: text}", "owner: {column: name, as: text}", "36: label is about label, for which columns has no column"},
		{"role: {column: rank, as: text}", "owner: {column: rank, as: text}", "37: roles is about role, for which columns has no column"},
		{"words: [boss, guest]", "words: []", "37: roles has no words"},
		{"words: [boss, guest]", "words: [boss, boss]", "37: roles.words holds boss twice"},
		{"words: [boss, guest]", "words: [boss, 'a guest']", `37: roles.words has "a guest": a word has no space or comma`},
		{"empty: guest", "empty: nobody", `37: roles.empty is "nobody": allowed are boss, guest`},
		{"cellar: hall}", "cellar: attic}", `38: scopes.granted_by.cellar is "attic": allowed are any, hall, cellar`},
		{"cellar: hall}", "attic: hall}", `38: scopes.granted_by.attic is "attic": allowed are hall, cellar`},
		{"cellar: hall}", "cellar: cellar}", "38: cellar grants itself anyway"},
		{"words: [hall, cellar]", "words: [hall, cellar, any]", `38: "any" is no scope here`},
		{"least: 1d, most: 2y", "least: 3y, most: 2y", "39: lifetime.least is longer than lifetime.most"},
		{"least: 1d, most: 2y", "least: 1 day, most: 2y", "39: lifetime.least: duration"},
		{"least: 1d, most: 2y", "least: 86400, most: 2y", "39: lifetime.least is a number: text"},
		{"expires_at: {", "not_before: {", "39: lifetime is about expires_at"},
		{"revoke: flag", "revoke: time", "40: revoke: time needs a column for revoked_at"},
		{"revoke: flag", "revoke: expiry", "40: revoke is expiry, but columns has enabled"},
		{"revoke: flag", "revoke: none", "40: revoke is none, but columns has enabled"},
		{"revoke: flag", "revoke: never", `40: revoke is "never": allowed are flag, time, expiry, none`},
		{"  enabled: {column: allowed, as: flag}\n", "", "39: revoke: flag needs a column for enabled"},
		{"keep: last_admin, role: boss", "keep: last_admin", "41: guard.keep: last_admin needs guard.role"},
		{"keep: last_admin, role: boss", "keep: last_active, role: boss", "41: guard.role is for guard.keep: last_admin"},
		{"keep: last_admin, role: boss", "keep: last_admin, role: admin", `41: guard.role is "admin": allowed are boss, guest`},
		{"by: claim, table: opened, ", "by: claim, ", "42: bootstrap.by: claim needs the table of the claim and its row"},
		{"row: {id: 1}", "row: {}", "42: bootstrap.by: claim needs"},
		{"row: {id: 1}", "row: {at: 1}", "42: the column at is given twice"},
		{"table: opened", "table: MEMBER", "42: bootstrap.table is the key table"},
		{"weak: [devel]", "weak: [changeme]", `hash.secret.weak has "changeme", which hash.secret.forbidden has too`},
		{"list: [nobody counts]", "list: ['of {id}']", "advice.list has {id}: allowed are {path}"},
		{"by: claim", "by: any_active", "42: bootstrap.table, row and at are for bootstrap.by: claim"},
		{"by: claim", "by: any_row", "42: bootstrap.table, row and at are for bootstrap.by: claim"},
		{"by: claim", "by: none", "42: bootstrap has no first key"},
		{"at: {column: at, as: iso}, role: boss", "at: {column: at, as: flag}, role: boss", "42: a moment cannot be stored as flag"},
		{"as: iso}, role: boss", "as: iso}, role: king", `42: bootstrap.role is "king"`},
		{"scopes: [cellar], label: first", "label: first", "42: bootstrap.scopes is missing: every key needs one"},
		{"scopes: [cellar], label: first", "scopes: [attic], label: first", `42: bootstrap.scopes is "attic"`},
		{"label: first}", "label: First}", "42: bootstrap.label is not a label that label allows"},
		{"lockout: {table: rude, ", "lockout: {", "43: lockout.table is missing"},
		{"limit: 3", "limit: 0", "43: lockout needs table, address"},
		{"window: 5m", "window: 5", "43: lockout.window is a number"},
		{"failures: n", "failures: IP", "43: the column IP of lockout is given twice"},
		{"table: rude", "table: opened", "43: lockout.table is a table with another use"},
		{"advice: {revoke:", "advice: {destroy:", `44: advice.destroy is "destroy": allowed are activate, bootstrap`},
		{"tell {id}", "tell {key}", "44: advice.revoke has {key}: allowed are {id} and {label} and {path}"},
		{"keep_active: they stay", `keep_active: "\e[31m"`, "45: keep_active must be one line"},
	} {
		text := strings.Replace(clubYAML, c.old, c.new, 1)
		if text == clubYAML {
			t.Errorf("nothing is replaced by %q", c.new)
		}
		_, err := ParseLayout("club.yaml", []byte(text))
		if !errors.Is(err, &keys.Error{Reason: keys.ReasonLayoutFile}) || !strings.HasPrefix(err.Error(), "club.yaml:") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q for %q:\n got %v\nwant %s", c.new, c.old, err, c.says)
		}
	}
}

// TestLayoutFileSaysAll reads what the file of the club says.
func TestLayoutFileSaysAll(t *testing.T) {
	l, err := ParseLayout("club.yaml", []byte(clubYAML))
	if err != nil {
		t.Fatal(err)
	}
	r := &l.Rules
	for what, holds := range map[string]bool{
		"name":       l.Name() == "club/late" && l.Title == "The club's door" && l.Since == "2026-01-31",
		"columns":    len(l.Columns) == 10 && l.Columns[0] == Column{Field: keys.FieldID, Name: "no", Codec: "text"},
		"affixes":    l.Columns[2].Before == "c_" && l.Columns[2].After == "…",
		"copies":     len(l.Copies) == 1 && l.Copies[0] == Copy{keys.FieldCreatedAt, "joined2", "sqlite", true},
		"constants":  len(l.Constants) == 4 && l.Constants[1].Value == "hello" && l.Constants[0].Value == nil && l.Constants[2].Value == 1.5 && l.Constants[3].Value == int64(7),
		"selector":   l.Selector == keys.FieldMasked && l.PrefixID,
		"claim":      *l.Claim == ClaimTable{"opened", "id", int64(1), "at", "iso"},
		"lockouts":   l.Lockouts.Limit == 3 && l.Lockouts.Window.Minutes() == 5 && r.Lockout.Kept && r.Lockout.Strict && r.Lockout.Else == "the doorman",
		"find":       l.Find.Config.Key == "storage.file" && l.Find.Superseded == "newer.db",
		"ids":        !r.IDs.Assigned && r.IDs.Random == keys.Part{Chars: 12, Of: "base62"},
		"token":      r.Form.LeastChars == 20 && r.Form.MostBytes == 100 && r.Form.Secret == keys.Part{Bytes: 24, Of: "base64url", Least: 16, Most: 32},
		"hash":       r.Hash.Scheme == keys.Bcrypt && r.Hash.Legacy[0] == keys.HMACSHA256 && r.Hash.Cost == 11 && r.Hash.LeastCost == 5 && r.Hash.MostCost == 15,
		"secret":     r.Secret.Name == "CLUB_SECRET" && r.Secret.LeastLen == 8 && r.Secret.Forbidden[0] == "changeme" && r.Secret.Weak[0] == "devel",
		"label":      r.Label.Unique && r.Label.Required && r.Label.Most == 20 && r.Label.Pattern.MatchString("a b") && r.Label.Published == "at the door",
		"vocabulary": r.Roles.Empty == "guest" && r.Roles.Ranked && r.Scopes.By["hall"] == keys.AnyScope && r.Scopes.Required,
		"rules":      r.Revoke == keys.RevokeFlag && r.Guard == keys.GuardAdmin && r.AdminRole == "boss" && r.Lifetime.Least.Hours() == 24,
		"bootstrap":  r.Bootstrap.Kind == keys.BootstrapClaim && r.Bootstrap.Role == "boss" && r.Bootstrap.Label == "first" && r.Bootstrap.Scopes[0] == "cellar",
		"advice":     r.Advice[keys.ActionRevoke][0] == "tell {id}" && r.KeepActive == "they stay" && r.ActiveFirst && r.Server == "Club",
	} {
		if !holds {
			t.Errorf("%s is not what the file says", what)
		}
	}
}

// TestLayoutFileDefaults reads the shortest layout that there is.
func TestLayoutFileDefaults(t *testing.T) {
	l, err := ParseLayout("small.yaml", []byte(`
layout: small
title: Small
server: Small
table: t
columns: {id: {column: id, as: integer}, hash: {column: h, as: text}, enabled: {column: e, as: flag}}
token: {form: '{secret}', secret: {of: hex, bytes: 16}}
hash: {scheme: sha256}
`))
	if err != nil {
		t.Fatal(err)
	}
	r := &l.Rules
	for what, holds := range map[string]bool{
		"ids":       r.IDs.Assigned && !r.IDs.Reused && !l.PrefixID,
		"guard":     r.Guard == keys.GuardActive,
		"bootstrap": r.Bootstrap.Kind == keys.BootstrapNone && l.Claim == nil,
		"revoke":    r.Revoke == keys.RevokeFlag,
		"lockout":   !r.Lockout.Kept && l.Lockouts == nil,
		"supplied":  r.Form.LeastChars == 32 && r.Form.MostBytes == 512 && r.Form.Pattern == nil,
		"cost":      r.Hash.Cost == keys.DefaultBcryptCost && r.Hash.LeastCost == 4 && r.Hash.MostCost == 15,
		"words":     r.Roles == nil && r.Scopes == nil && r.Secret == nil,
		"name":      l.Name() == "small",
	} {
		if !holds {
			t.Errorf("the default of %s is wrong", what)
		}
	}
}

// TestLayoutFileWithoutForm reads a layout whose server alone knows how to make
// tokens. Its ids are in them.
func TestLayoutFileWithoutForm(t *testing.T) {
	text := strings.NewReplacer("  form: c_{selector}.{secret}\n", "", "  selector: {of: hex, bytes: 4}\n", "", "  secret: {of: base64url, bytes: 24, least: 16, most: 32}\n", "",
		"ids: {from: random, of: base62, chars: 12}", "ids: {from: token}", "scheme: bcrypt,", "scheme: argon2id,", ", accepts: [$2a$, $2b$], cost: {default: 11, least: 5, most: 31}", "").Replace(clubYAML)
	l, err := ParseLayout("club.yaml", []byte(text))
	if err != nil || l.Rules.Form.Text != "" || l.Selector != keys.FieldID || !l.PrefixID || l.Rules.IDs != (keys.IDRules{Random: keys.Part{}}) {
		t.Errorf("%+v, %v", l, err)
	}
}

// FuzzParseLayout holds every text to a layout that can be used or an error that
// names file and line.
func FuzzParseLayout(f *testing.F) {
	f.Add(clubYAML)
	for _, e := range layoutIndex {
		text, err := layoutFiles.ReadFile(e.file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("a: &b [*b]\n<<: *b\n? x\n: !!int y\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLayout("f.yaml", []byte(text))
		if err != nil {
			var known *keys.Error
			if !errors.As(err, &known) || known.Reason != keys.ReasonLayoutFile || !strings.HasPrefix(known.Message, "f.yaml:") || strings.Contains(known.Message, "\n") {
				t.Fatalf("%q", err)
			}
			return
		}
		newTable(l)
		if l.Table == "" || len(l.Columns) < 2 || func() *indexed { e := l.indexed(""); return &e }().misses(&seenSchema{}, true) == nil {
			t.Fatalf("a layout of nothing: %+v", l)
		}
	})
}

// TestCodecsAreKnown holds the words of the file format to the codecs that there are.
func TestCodecsAreKnown(t *testing.T) {
	used := map[string]bool{}
	for name, f := range storedFields() {
		for _, codec := range fitting[kindOfField(f)] {
			used[codec] = true
			func() {
				defer func() {
					if why := recover(); why != nil {
						t.Errorf("a layout file may store %s as %s, and that codec does not fit: %v", name, codec, why)
					}
				}()
				ref := f.Ref(&keys.Key{})
				_ = codecs[codec].decode(codecs[codec].encode(ref), ref)
			}()
		}
	}
	for name := range codecs {
		if !used[name] {
			t.Errorf("no layout file can use the codec %s", name)
		}
	}
}
