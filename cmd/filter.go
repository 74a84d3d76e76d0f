package cmd

import (
	"slices"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// filter holds the flags that choose keys by what they are like. They are a set of
// their own, which a command takes over, or fills by other means.
type filter struct {
	flags     *pflag.FlagSet
	q         keys.Query
	statuses  list[keys.Status]
	olderThan duration
	unusedFor duration
	expiring  duration
}

// offered are values to complete of filters that take any.
var offered = []struct {
	flag   string
	values []string
}{
	{"older-than", []string{"30d", "90d", "1y"}},
	{"unused-for", []string{"30d", "90d"}},
	{"expiring", []string{"7d", "14d", "30d"}},
}

// mostGlob is how many characters a pattern may have: twice as many as a label. The
// engine refuses very long ones.
const mostGlob = 256

func (f *filter) glob(s string) (string, error) {
	if n := utf8.RuneCountInString(s); n > mostGlob {
		return "", keys.Errorf(keys.ReasonInvalid, "the pattern has %d characters: at most %d", n, mostGlob)
	}
	f.q.LabelGlob = s
	return s, nil
}

// newFilter returns a filter that nothing is set of.
func newFilter() *filter {
	f := &filter{flags: pflag.NewFlagSet("filter", pflag.ContinueOnError)}
	f.statuses = list[keys.Status]{kind: "status", parse: parseStatus}
	fs := f.flags
	fs.SortFlags = false
	fs.Var(&f.statuses, "status", "only keys with this status: revoked, expired, pending or active; repeat for more")
	fs.StringVar(&f.q.Owner, "owner", "", "only keys of this owner")
	fs.Var(&value[string]{kind: "pattern", parse: f.glob}, "label", "only keys whose label matches this `pattern`, such as 'ci-*'")
	fs.StringVar(&f.q.Scope, "scope", "", "only keys that have this scope, or *")
	fs.StringVar(&f.q.Role, "role", "", "only keys with this role")
	fs.StringVar(&f.q.Resource, "resource", "", "only keys bound to this resource")
	fs.Var(&f.olderThan, "older-than", "only keys that were made this long ago, or earlier")
	fs.Var(&f.unusedFor, "unused-for", "only keys that were not used for this long, while they could be: active ones, unless --status is given")
	fs.Var(&f.expiring, "expiring", "only keys that expire within this time: active and pending ones, unless --status is given")
	fs.BoolVar(&f.q.Endless, "never-expires", false, "only keys that never expire: active and pending ones, unless --status is given")
	for _, name := range []string{"older-than", "unused-for", "expiring"} {
		fs.Lookup(name).DefValue = ""
	}
	return f
}

// addTo makes the filters flags of a command, but for those that mean something
// else there.
func (f *filter) addTo(c *cobra.Command, except ...string) {
	f.flags.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(except, flag.Name) {
			c.Flags().AddFlag(flag)
		}
	})
	completeChoice(c, "status", statusWords())
	for _, o := range offered {
		if !slices.Contains(except, o.flag) {
			complete(c, o.flag, o.values...)
		}
	}
}

func statusWords() []string {
	var words []string
	for _, s := range keys.Statuses() {
		words = append(words, string(s))
	}
	return words
}

func parseStatus(s string) (keys.Status, error) {
	c := choice{allowed: statusWords()}
	return keys.Status(s), c.Set(s)
}

// given tells whether this filter is set.
func (f *filter) given(name string) bool {
	flag := f.flags.Lookup(name)
	return flag.Changed && (flag.NoOptDefVal == "" || flag.Value.String() == flag.NoOptDefVal)
}

// any tells whether some filter is set.
func (f *filter) any() bool {
	found := false
	f.flags.VisitAll(func(flag *pflag.Flag) { found = found || f.given(flag.Name) })
	return found
}

// query returns what the flags choose at now.
func (f *filter) query(now keys.Instant) (keys.Query, error) {
	q := f.q
	q.Statuses = f.statuses.v
	if q.Scope != "" {
		if err := keys.ValidateScope(q.Scope); err != nil {
			return q, err
		}
	}
	if f.given("older-than") {
		q.CreatedBy = now.Add(-f.olderThan.Duration)
	}
	if f.given("unused-for") {
		q.UnusedBy = now.Add(-f.unusedFor.Duration)
	}
	if f.given("expiring") {
		q.ExpiresBy = now.Add(f.expiring.Duration)
	}
	if usable := f.given("expiring") || f.given("unused-for") || q.Endless; usable && len(q.Statuses) == 0 { // what these tell matters while a key can be used
		q.Statuses = []keys.Status{keys.Pending, keys.Active}
	}
	return q, nil
}

// words are the filters that are set, as flags for a shell.
func (f *filter) words() []string {
	var words []string
	f.flags.VisitAll(func(flag *pflag.Flag) {
		switch {
		case !f.given(flag.Name):
		case flag.NoOptDefVal != "":
			words = append(words, "--"+flag.Name)
		default:
			words = append(words, "--"+flag.Name, shellQuote(flag.Value.String()))
		}
	})
	return words
}
