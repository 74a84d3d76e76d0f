package db

import (
	"strings"
	"testing"
)

// Of several mistakes in one line the same one is told each time.
func TestMistakesAreToldInOneOrder(t *testing.T) {
	for _, change := range [][]string{
		{"title: The club's door\n", "", "server: Club\n", ""},
		{"{columns: [shoe], without: [hat], beside: [room], not_tables: [bar]}", "{columns: [a, a], without: [b, b], beside: [c, c], tables: [d, d]}"},
		{"says: small letters, published: at the door", `says: "a\nb", published: "c\nd"`},
		{", role: boss, scopes: [cellar], label: first", ""},
	} {
		text := strings.NewReplacer(change...).Replace(clubYAML)
		_, first := ParseLayout("x.yaml", []byte(text))
		for range 40 {
			if _, err := ParseLayout("x.yaml", []byte(text)); err == nil || err.Error() != first.Error() {
				t.Errorf("%v, and then %v", first, err)
				break
			}
		}
	}
}
