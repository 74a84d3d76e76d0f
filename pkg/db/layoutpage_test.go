package db

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// layoutPage returns the man page of the format as text, less its fonts.
func layoutPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../man/keyreeve-layout.5")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(`\fB`, "", `\fR`, "", `\-`, "-", `\(aq`, "'", `\(ga`, "`", `\(ha`, "^", `\(ti`, "~", `\e`, `\`).Replace(string(page))
	return regexp.MustCompile(`\\\[u([0-9A-F]{4})\]`).ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[3:7], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		return string(rune(n))
	})
}

// pageSection returns what the page says under a heading of its kind.
func pageSection(t *testing.T, page, kind, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, "\n"+kind+" "+heading+"\n")
	if !found {
		t.Fatalf("the page has no %s", heading)
	}
	return strings.SplitN(rest, "\n"+kind+" ", 2)[0]
}

// pageItems returns what a text explains.
func pageItems(text string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^\.TP\n\.B (.+)$`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return list
}

// TestLayoutPageExample reads the example as a layout, which is more than a form.
func TestLayoutPageExample(t *testing.T) {
	section := pageSection(t, layoutPage(t), ".SH", "A COMPLETE EXAMPLE")
	_, text, _ := strings.Cut(section, ".EX\n")
	text, _, found := strings.Cut(text, "\n.EE")
	l, err := ParseLayout("example.yaml", []byte(text))
	if err != nil || !found {
		t.Fatal(err)
	}
	parts, ok := l.Rules.Form.Parse("pcl_00ff00ff_" + strings.Repeat("a", 32))
	if !ok || parts.Hashed != strings.Repeat("a", 32) || parts.Masked != "pcl_00ff00ff…" || l.Rules.Bootstrap.Kind != keys.BootstrapRow {
		t.Errorf("%+v", parts)
	}
}

// placeholders are what the page writes for names that a file chooses.
var placeholders = map[string]string{
	"columns": "FIELD", "copies": "COLUMN", "constants": "COLUMN", "scopes.granted_by": "SCOPE", "bootstrap.row": "COLUMN", "advice": "ACTION",
}

// yamlPaths lists every value that a layout file can have.
func yamlPaths(at string, v reflect.Type) []string {
	switch v.Kind() {
	case reflect.Pointer:
		return yamlPaths(at, v.Elem())
	case reflect.Map:
		return yamlPaths(at+"."+placeholders[at], v.Elem())
	case reflect.Struct:
		var list []string
		for i := range v.NumField() {
			list = append(list, yamlPaths(strings.TrimPrefix(at+"."+yamlName(v.Field(i)), "."), v.Field(i).Type)...)
		}
		return list
	}
	return []string{at}
}

func TestLayoutPageFields(t *testing.T) {
	page := layoutPage(t)
	elsewhere := pageItems(pageSection(t, page, ".SH", "CODECS"))
	elsewhere = append(elsewhere, pageItems(pageSchemes(t, page))...)
	said := pageItems(page)
	for _, word := range elsewhere {
		at := slices.Index(said, word)
		said = slices.Delete(said, at, at+1)
	}
	is := yamlPaths("", reflect.TypeFor[layoutYAML]())
	slices.Sort(is)
	if diff := cmp.Diff(is, said); diff != "" {
		t.Errorf("the format (-) and its page (+) differ:\n%s", diff)
	}
}

func pageSchemes(t *testing.T, page string) string {
	t.Helper()
	return pageSection(t, pageSection(t, page, ".SH", "HASHES"), ".SS", "SCHEMES")
}

func TestLayoutPageWords(t *testing.T) {
	page := layoutPage(t)
	known := slices.Sorted(maps.Keys(codecs))
	if diff := cmp.Diff(known, slices.Compact(pageItems(pageSection(t, page, ".SH", "CODECS")))); diff != "" {
		t.Errorf("the codecs (-) and their page (+) differ:\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(layoutSchemes)), pageItems(pageSchemes(t, page))); diff != "" {
		t.Errorf("the schemes (-) and their page (+) differ:\n%s", diff)
	}
	for _, word := range slices.Concat(advised, alphabets, bcryptMinors, bootstraps, []string{"last_active", "last_admin", "flag", "time", "expiry", "database", "random", "token"}) {
		if !regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(word) + `(\W|$)`).MatchString(page) {
			t.Errorf("the page does not tell of %s", word)
		}
	}
}
