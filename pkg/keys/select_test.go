package keys

import (
	"reflect"
	"slices"
	"testing"
)

// notChosenBy are what a query has besides conditions of whoever asks: its moment, what
// is asked for by the code alone, and how to read.
var notChosenBy = []string{"Now", "Current", "Replaced", "Unbound", "Holding", "Fields", "Ref", "After", "Limit", "Any"}

// Every condition of a query tells which column it is about: no table answers one that
// it has nothing of.
func TestEveryConditionHasAField(t *testing.T) {
	set := map[string]reflect.Value{
		"string": reflect.ValueOf("x"), "bool": reflect.ValueOf(true),
		"keys.Instant": reflect.ValueOf(Millis(1)), "[]keys.Status": reflect.ValueOf([]Status{Active}),
	}
	kind := reflect.TypeFor[Query]()
	for i := range kind.NumField() {
		f := kind.Field(i)
		if slices.Contains(notChosenBy, f.Name) {
			continue
		}
		var q Query
		reflect.ValueOf(&q).Elem().Field(i).Set(set[f.Type.String()])
		told := slices.ContainsFunc(q.conditions(), func(c condition) bool { return c.set && c.says != "" })
		if !told {
			t.Errorf("%s is no condition", f.Name)
		}
	}
}
