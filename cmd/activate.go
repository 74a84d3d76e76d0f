package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newActivate(g *globals) *cobra.Command {
	o := &change{globals: g, revives: true}
	expires := value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseExpiry(s, keys.At(o.Now())) }}
	c := &cobra.Command{
		Use: "activate REF... | FILTER...", Short: "Switch revoked keys on again",
		Long: "Switch revoked keys on again. An expired key stays expired without --expires. A\n" +
			"label that another active key has taken meanwhile is a conflict. Where a table\n" +
			"can only let keys expire, their expiry becomes what the audit knows it was. The\n" +
			"last usable key is guarded against an end within the hour.",
		Example: "  keyreeve activate 7fQ2bX9a --reason 'laptop found'\n" +
			"  keyreeve activate ci --expires 90d\n  keyreeve activate --owner alice --status revoked",
		SuggestFor: []string{"enable", "reactivate", "unrevoke", "unblock"},
		RunE: g.run(o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) {
			o.q.ExpiresAt, o.q.Expires = expires.v, expires.text != ""
			return s.Activate(ctx, o.q)
		})),
	}
	o.addFlags(c, "override the guard of the last usable key")
	c.Flags().Var(&expires, "expires", "new end of their life: 90d, 2027-01-31 (00:00 UTC), RFC 3339, or never")
	complete(c, "expires", "30d", "90d", "1y", "never")
	return c
}
