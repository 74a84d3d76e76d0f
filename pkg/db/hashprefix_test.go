package db

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A hash has a prefix in front of whatever form a layout's file gives it.
func TestEveryHashMayHaveAPrefix(t *testing.T) {
	for as, want := range map[string]string{
		"text": "'sha256:" + hexDigest + "'", "base64": "'sha256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='", "base64url": "'sha256:n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'",
		"raw": "X'" + strings.ToUpper("7368613235363a"+hexDigest) + "'", "blob": "CAST('sha256:" + hexDigest + "' AS BLOB)",
	} {
		text := `layout: tags
title: tagd
server: tagd
table: tags
columns:
  id: {column: id, as: integer}
  hash: {column: h, as: ` + as + `, before: 'sha256:'}
token: {form: 'tag_{secret}', secret: {of: base62, chars: 32}}
hash: {scheme: sha256}
revoke: none
guard: {keep: none}
`
		l, err := ParseLayout("tags.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", as, err)
			continue
		}
		lab := labOver(t, l, "CREATE TABLE tags (id INTEGER PRIMARY KEY, h BLOB)")
		lab.mustInsert(keys.Key{Hash: hexDigest})
		var same bool
		if err := lab.server.QueryRow("SELECT h = " + want + " FROM tags").Scan(&same); err != nil || !same {
			t.Errorf("%s: the row is %s, %v", as, lab.row("1"), err)
		}
		list, err := lab.Candidates(t.Context(), keys.Presented{Digests: []keys.Digested{{Scheme: keys.SHA256, Hash: hexDigest}}})
		if len(list) != 1 || list[0].Hash != hexDigest || len(list[0].Damage) > 0 || err != nil {
			t.Errorf("%s: %+v, %v", as, list, err)
		}
	}
}
