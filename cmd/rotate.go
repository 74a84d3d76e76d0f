package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rotating holds the flags of rotate.
type rotating struct {
	newKey
	keys     selection
	q        keys.RotateRequest
	overlap  duration
	expires  value[keys.Instant]
	finishes bool // --finish
	due      bool
	looks    bool // --status
}

func newRotate(g *globals) *cobra.Command {
	o := &rotating{newKey: newKey{globals: g}, overlap: duration{24 * time.Hour}}
	c := &cobra.Command{
		Use: "rotate REF... | FILTER...", Short: "Replace keys without an interruption",
		Long: "Make a successor for a key and print its token. The successor inherits all but\n" +
			"the secret. For the time of the overlap the server accepts both; then the old\n" +
			"key ends, and never later than it would have. Where a table cannot do that by\n" +
			"itself, the answer has the command that ends it, and --finish --due ends all\n" +
			"that are due.\n" +
			"\n" +
			"The same --request-id again makes no third key: it gives the successor a fresh\n" +
			"token, and the one given before is refused. That is how to go on after a crash\n" +
			"or a lost answer. Once the successor is in use, or the old key has ended and\n" +
			"nothing tells, the request is refused. A file that an interrupted run had\n" +
			"prepared beside its target is named by the next run: it can also be moved into\n" +
			"its place.",
		Example: "  keyreeve rotate ci\n" +
			"  keyreeve rotate ci --overlap 0 --reason 'found in a log'\n" +
			"  keyreeve rotate web --env-file .env --env-name API_KEY --request-id 47\n" +
			"  keyreeve rotate --older-than 90d --out-dir new-tokens\n" +
			"  keyreeve rotate --status\n" +
			"  keyreeve rotate --finish web",
		SuggestFor: []string{"roll", "renew", "replace", "regenerate", "reissue", "rekey", "cycle", "refresh"},
	}
	c.RunE = g.run(o.work)
	o.addModes(c)
	o.addFlags(c)
	return c
}

// addModes adds the flags for rotations that were begun before.
func (o *rotating) addModes(c *cobra.Command) {
	fs := c.Flags()
	fs.BoolVar(&o.looks, "status", false, "list the rotations that are not finished, or those of the keys that are named")
	fs.BoolVar(&o.finishes, "finish", false, "make the old key of a rotation refused, before its overlap is over or where nothing else does it")
	fs.BoolVar(&o.due, "due", false, "finish every rotation whose overlap is over; exit 3 if one has to be left")
	fs.BoolVar(&o.q.Force, "force", false, "with --finish: also while the successor is unused, and over the guard of the last usable key; the audit says so")
}

func (o *rotating) addFlags(c *cobra.Command) {
	g := o.globals
	o.keys.refs.fileFlag = "old-key-file"
	o.keys.filter, o.keys.example = newFilter(), "--owner alice"
	o.keys.filter.addTo(c, "status")
	o.keys.addRest(c, g)
	o.expires = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseExpiry(s, keys.At(g.Now())) }}
	fs := c.Flags()
	fs.Var(&o.overlap, "overlap", "how long the old key is still accepted, at most; 0 ends it at once")
	fs.Var(&o.expires, "expires", "end of the successor's life instead of the old key's: 90d, 2027-01-31 (00:00 UTC), RFC 3339, or never")
	fs.StringVar(&o.q.RequestID, "request-id", "", "a `word` of yours: whoever repeats it gets no third key, but a fresh token for the same successor")
	o.addTokenFlags(c)
	o.delivery.addDirFlag(c)
	complete(c, "overlap", "0", "1h", "24h", "7d")
	complete(c, "expires", "30d", "90d", "1y", "never")
}
