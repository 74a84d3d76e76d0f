package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// clearing holds the flags of lockout clear.
type clearing struct {
	*globals
	q   keys.UnlockRequest
	yes bool
}

func newLockoutClear(g *globals) *cobra.Command {
	o := &clearing{globals: g}
	c := &cobra.Command{
		Use: "clear [ADDRESS | --all]", Short: "Forget the failures of an address, and let it in again",
		Long: "Forget the failures of one address, or of all. The next request from there is\n" +
			"treated as the first. An IPv4 address and the same one mapped into IPv6 are one;\n" +
			"where IPv6 addresses count by their /64, so does this. What a server counts that\n" +
			"is no address is named as lockout list shows it.",
		Example: "  keyreeve lockout clear 192.0.2.7 --reason 'typing error'\n" +
			"  keyreeve lockout clear --all --dry-run",
		SuggestFor: []string{"unlock", "unban", "lockouts", "unlockout"},
		Args:       cobra.MaximumNArgs(1), ValidArgsFunction: g.completeLocked,
		RunE: g.run(o.clear),
	}
	fs := c.Flags()
	fs.BoolVar(&o.q.All, "all", false, "forget the failures of every address")
	fs.StringVar(&o.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&o.q.DryRun, "dry-run", false, "say what would change, and change nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, "accepted by every command that changes something")
	return c
}

func (o *clearing) clear(ctx context.Context, args []string) (err error) {
	var unread error
	switch {
	case len(args) == 0 && !o.q.All:
		return keys.Errorf(keys.ReasonInvalid, "which address? give one, or --all")
	case len(args) > 0 && o.q.All:
		return keys.Errorf(keys.ReasonInvalid, "an address and --all contradict each other: give one of them")
	case len(args) > 0:
		// What is stored need not be an address, so that is not refused yet.
		o.q.Address = args[0]
		o.q.Addr, unread = parseLocked(args[0])
	}
	var cleared []keys.Lockout
	var info keys.Info
	err = o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		cleared, err = s.Unlock(ctx, o.q)
		return err
	})
	if unread != nil && errors.Is(err, &keys.Error{Reason: keys.ReasonNotFound}) {
		return unread
	}
	if err != nil {
		return err
	}
	if len(cleared) == 0 {
		o.otherLimit(info)
	}
	return o.show(cleared, info)
}

// parseLocked reads an address, also as lockout list shows it where addresses
// count by network.
func parseLocked(s string) (netip.Addr, error) {
	if p, err := netip.ParsePrefix(s); err == nil && keys.LockoutAddress(p.Addr()) == p.String() {
		return p.Addr(), nil
	}
	return keys.ParseAddr(s)
}

func (o *clearing) show(cleared []keys.Lockout, info keys.Info) error {
	opts, err := o.options(info.Fields)
	if err != nil {
		return err
	}
	r := lockoutRecords(cleared)
	r.Short = []string{"address", "failures", "until", "result"}
	r.Names = records["lockout clear"]
	for i := range r.Rows {
		r.Rows[i] = append(r.Rows[i], string(keys.Deleted))
	}
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
		r.Names = append(slices.Clone(r.Names), "dry_run")
		for i := range r.Rows {
			r.Rows[i] = append(r.Rows[i], true)
		}
	}
	err = render.List(o.Out, opts, r)
	if o.q.DryRun {
		return err
	}
	return unread(err)
}

// completeLocked offers the addresses that have failures, and says nothing on
// errors, as completeRefs does.
func (g *globals) completeLocked(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, stop := context.WithTimeout(c.Context(), completeSoon)
	defer stop()
	store, err := g.glance(ctx, completeSoon)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer store.Close()
	var locked []keys.Lockout
	_ = store.View(ctx, func(r keys.Reader) (err error) {
		locked, err = r.Lockouts(ctx, keys.At(g.Now()))
		return err
	})
	var list []cobra.Completion
	for _, l := range locked[:min(len(locked), completions)] {
		if l.Address == "" {
			continue // a shell would take the description for it
		}
		list = append(list, cobra.CompletionWithDesc(keys.PrintableText(l.Address), fmt.Sprintf("%d failures", l.Failures)))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
