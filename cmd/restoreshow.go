package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// askAbout shows what a restore would change, and asks.
func (o *restoring) askAbout(ctx context.Context, r *keys.Restored) error {
	shown := slices.Clone(r.Keys)
	slices.SortStableFunc(shown, func(a, b keys.RestoredKey) int { return rank(&a) - rank(&b) })
	for i := range shown[:min(len(shown), mostAsked)] {
		fmt.Fprintf(o.Err, "  %s\n", restoredLine(&shown[i]))
	}
	if more := len(shown) - mostAsked; more > 0 {
		fmt.Fprintf(o.Err, "  and %d more\n", more)
	}
	for _, set := range r.Policy {
		fmt.Fprintf(o.Err, "  policy %s: %s instead of %s\n", set.Name, nothing(set.After), nothing(set.Before))
	}
	o.revivals(r)
	return o.ask(ctx, fmt.Sprintf("restore %s from %s", counted(r), keys.PrintableText(o.file)))
}

// rank puts first what somebody has to see.
func rank(k *keys.RestoredKey) int {
	if k.Revived {
		return 0
	}
	return 1
}

func nothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return keys.PrintableText(value)
}

func counted(r *keys.Restored) string {
	switch {
	case len(r.Keys) == 0:
		return "the policy"
	case len(r.Keys) == 1:
		return "1 key"
	}
	return fmt.Sprintf("%d keys", len(r.Keys))
}

// restoredLine says of one key what becomes of it, for a person.
func restoredLine(k *keys.RestoredKey) string {
	text := k.ID
	if k.Label != "" {
		text += "  " + keys.PrintableText(k.Label)
	}
	switch k.Result {
	case keys.Deleted:
		text += "  " + string(k.Was) + ", is not in the backup and will be deleted"
	case keys.Created:
		text += "  deleted, will be " + string(k.Is)
	default:
		text += "  " + string(k.Was) + ", will be " + string(k.Is) + " with another " + strings.Join(restoredFields(k.Fields), ", ")
	}
	return text
}

// restoredFields names fields, and of the hash only that the token is another one.
func restoredFields(fields keys.Fields) []string {
	list := []string{}
	for _, f := range fields.List() {
		if f == keys.FieldHash {
			list = append(list, "token")
		} else {
			list = append(list, f.String())
		}
	}
	return list
}

// revivals warns of keys that come back to life.
func (o *restoring) revivals(r *keys.Restored) {
	verb := "comes"
	if o.q.DryRun || o.q.Plan != "" && !o.yes {
		verb = "would come"
	}
	n := 0
	for i := range r.Keys {
		k := &r.Keys[i]
		if !k.Revived {
			continue
		}
		if n++; n <= mostAsked {
			o.note("key %s %s back to life: %s", k.ID, verb, formerly(k))
		}
	}
	if n > mostAsked {
		o.note("%d more keys likewise: -o json tells which", n-mostAsked)
	}
}

// formerly says what kept the token from being accepted when it will be.
func formerly(k *keys.RestoredKey) string {
	switch {
	case k.Was == "":
		return "it was deleted"
	case k.Before.Never() && k.Was == keys.Active:
		return "nobody could get in with it"
	case k.Before.Never():
		return "it was " + string(k.Was)
	case k.Fields.Has(keys.FieldHash) || k.Fields.Has(keys.FieldScheme):
		return "its token of then is another one"
	case !k.Before.From.Reached(k.After.From):
		return "it was " + string(k.Was) + " until " + k.Before.From.String()
	}
	return "its end was " + k.Before.Until.String()
}

// show renders what became of the keys.
func (o *restoring) show(r *keys.Restored, info keys.Info) error {
	opts, err := o.options(info.Fields)
	if err != nil {
		return err
	}
	if o.yes || o.q.DryRun { // else a person was told before
		o.revivals(r)
	}
	for _, id := range r.Unread {
		o.note("key %s has a value that can be read neither here nor in the backup: it stays as it is", id)
	}
	list := make([]render.Result, len(r.Keys))
	for i := range r.Keys {
		list[i].Advice = r.Keys[i].Advice
	}
	o.advise(list)
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
	}
	err = render.Document(o.Out, opts, o.document(r, info))
	if o.q.DryRun || idle(r) {
		return err
	}
	return unread(err)
}

func (o *restoring) document(r *keys.Restored, info keys.Info) []render.Pair {
	counts := map[keys.Result]int{}
	revived := 0
	for i := range r.Keys {
		counts[r.Keys[i].Result]++
		revived += 1 - rank(&r.Keys[i])
	}
	result := keys.Changed
	if idle(r) {
		result = keys.Unchanged
	}
	doc := []render.Pair{
		{Name: "path", Value: info.Path}, {Name: "backup", Value: o.file}, {Name: "result", Value: string(result)},
	}
	if o.q.DryRun {
		doc = append(doc, render.Pair{Name: "dry_run", Value: true})
	}
	return append(doc, render.Pair{Name: "keys", Value: []render.Pair{
		{Name: "created", Value: counts[keys.Created]}, {Name: "changed", Value: counts[keys.Changed]},
		{Name: "deleted", Value: counts[keys.Deleted]}, {Name: "unchanged", Value: r.Unchanged}, {Name: "revived", Value: revived},
	}}, render.Pair{Name: "changes", Value: restoredKeys(r.Keys)}, render.Pair{Name: "policy", Value: restoredSettings(r.Policy)})
}

func restoredKeys(list []keys.RestoredKey) render.Records {
	r := render.Records{
		Names: []string{"id", "label", "result", "was", "is", "revived", "fields", "advice"},
		Short: []string{"id", "label", "result", "was", "is", "revived", "fields"},
	}
	for i := range list {
		k := &list[i]
		r.Rows = append(r.Rows, []any{
			k.ID, orNil(k.Label), string(k.Result), orNil(string(k.Was)), orNil(string(k.Is)), k.Revived, restoredFields(k.Fields), append([]string{}, k.Advice...),
		})
	}
	return r
}

func restoredSettings(list []keys.RestoredSetting) render.Records {
	r := render.Records{Names: []string{"name", "before", "after"}}
	for _, set := range list {
		r.Rows = append(r.Rows, []any{set.Name, orNil(set.Before), orNil(set.After)})
	}
	return r
}
