package db

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

const indexFile = "layoutindex.go"

// TestLayoutIndex holds the index to the layouts' files. With -update it writes it.
func TestLayoutIndex(t *testing.T) {
	want := generatedIndex(t)
	if *update {
		if err := os.WriteFile(indexFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(indexFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the files in layouts make: run go generate ./... (%v)", indexFile, err)
	}
}

func generatedIndex(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintln(&b, "// Code generated from layouts/*.yaml by go generate; DO NOT EDIT.\n\npackage db\n\nvar layoutIndex = []indexed{")
	for _, e := range parsedIndex(t) {
		literal(&b, reflect.ValueOf(e))
		fmt.Fprintln(&b, ",")
	}
	fmt.Fprintln(&b, "}")
	text, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	return text
}

// parsedIndex is the index as the files say it.
func parsedIndex(t *testing.T) []indexed {
	t.Helper()
	entries, err := os.ReadDir("layouts")
	if err != nil {
		t.Fatal(err)
	}
	var list []indexed
	for _, entry := range entries {
		file := path.Join("layouts", entry.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l, err := ParseLayout(file, text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, l.indexed(file))
	}
	slices.SortFunc(list, newestFirst)
	return list
}

// literal writes a value as Go source, one field a line and none that is zero.
func literal(b *bytes.Buffer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		fmt.Fprintf(b, "&%s", v.Elem().Type().Name())
		literal(b, v.Elem())
	case reflect.Struct:
		fmt.Fprintln(b, "{")
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				fmt.Fprintf(b, "%s: ", v.Type().Field(i).Name)
				if f.Kind() == reflect.Struct {
					fmt.Fprint(b, f.Type().Name())
				}
				literal(b, f)
				fmt.Fprintln(b, ",")
			}
		}
		fmt.Fprint(b, "}")
	case reflect.Slice:
		fmt.Fprint(b, "[]string{")
		for i := range v.Len() {
			fmt.Fprintf(b, "%q, ", v.Index(i).String())
		}
		fmt.Fprint(b, "}")
	case reflect.Bool:
		fmt.Fprint(b, v.Bool())
	default:
		fmt.Fprintf(b, "%q", v.String())
	}
}

// newestFirst orders the index.
func newestFirst(a, b indexed) int {
	return cmp.Or(strings.Compare(a.family, b.family), strings.Compare(b.since, a.since))
}
