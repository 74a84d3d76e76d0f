package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newCreate(g *globals) *cobra.Command {
	n := &newKey{globals: g}
	c := &cobra.Command{
		Use: "create [flags]", Short: "Create a key and print its token, once",
		Long: "Create a key and print its token. The token is shown this once and stored\n" +
			"nowhere; the database keeps its hash. On a database whose keys are all gone\n" +
			"this is the way back in.",
		Example: "  keyreeve create --label ci --expires 90d\n" +
			"  keyreeve create --label web --env-file .env --env-name API_KEY\n" +
			"  keyreeve create --label agent --allow-ip 10.0.0.0/8 --rate-limit 100/1h",
		SuggestFor: []string{"generate", "add", "new", "register", "issue", "mint"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return n.create(ctx, toWrite) }),
	}
	n.addFlags(c)
	c.Flags().IntVar(&n.q.Count, "count", 1, "make this `number` of keys, in one transaction")
	exclusive(c, "count", "key-file")
	return c
}

// create makes the keys, or the first key of a database.
func (n *newKey) create(ctx context.Context, a access) error {
	if err := n.request(ctx); err != nil {
		return err
	}
	svc, store, err := n.openFor(ctx, a, n.q.DryRun)
	if err != nil {
		return err
	}
	issued, err := n.issue(ctx, svc, a)
	n.obeys(ctx, svc, err)
	if closed := store.Close(); err == nil {
		err = closed
	}
	switch {
	case store.Created() && err != nil: // it stays: another bootstrap may be using it already
		n.note("left a new, empty database at %s, good for another bootstrap", store.Info().Path)
	case store.Created():
		n.note("created new database at %s", store.Info().Path)
	}
	if err != nil {
		return err
	}
	return n.say(issued)
}

func (n *newKey) issue(ctx context.Context, svc *keys.Service, a access) ([]keys.Issued, error) {
	n.delivery.ctx, n.delivery.fields = ctx, n.info.Fields
	n.delivery.single = n.q.Count == 0
	if err := n.costs(ctx, svc); err != nil {
		return nil, err
	}
	issue := svc.Create
	if a == toCreate {
		issue = svc.Bootstrap
	}
	return issue(ctx, n.q, &n.delivery)
}

// say tells what was made, and shows what a delivery does not.
func (n *newKey) say(issued []keys.Issued) error {
	n.delivery.issued = issued
	defer n.delivery.warnPublic()
	switch {
	case len(issued) == 0:
		n.note("the database has been bootstrapped already: no token is needed")
		return nil
	case n.q.DryRun:
		if err := n.delivery.vacant(); err != nil {
			return err
		}
		n.note("dry run: nothing was created")
		list := n.delivery.results(false)
		for i := range list {
			list[i].Dry = true
		}
		n.advise(list)
		return n.showResults(list, n.delivery.fields, n.delivery.single)
	case n.structured():
		return nil // the document says it
	case len(issued) > 1:
		n.note("created %d keys; their tokens are %s and nowhere else", len(issued), n.delivery.place())
	case n.keyFile != "":
		n.note("created key %s; its token is %s", n.describe(&issued[0].Key), n.delivery.place())
	default:
		n.note("created key %s; its token is %s and nowhere else", n.describe(&issued[0].Key), n.delivery.place())
	}
	n.advise(n.delivery.results(false))
	return nil
}
