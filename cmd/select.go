package cmd

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// selection is which keys a command works on: those that it is given by name, or
// every one that the filters match.
type selection struct {
	*filter
	refs    refs
	all     bool
	expect  value[int]
	example string // of a filter
}

// addFlags makes the REFs of a command, and the filters as flags of their own.
func (s *selection) addFlags(c *cobra.Command, g *globals) {
	s.filter, s.example = newFilter(), "--owner alice"
	s.filter.addTo(c)
	s.addRest(c, g)
}

// addWhere is addFlags where the names of the filters mean something else: they
// are values of --where.
func (s *selection) addWhere(c *cobra.Command, g *globals) {
	s.filter, s.example = newFilter(), "--where owner=alice"
	addWhere(c, g, s.filter)
	s.addRest(c, g)
}

func (s *selection) addRest(c *cobra.Command, g *globals) {
	s.refs.addFlags(c, g)
	c.Flags().BoolVar(&s.all, "all", false, "every key, or as many as the filters match, be it every one")
	s.addExpect(c)
}

func (s *selection) addExpect(c *cobra.Command) {
	s.expect = value[int]{kind: "number", parse: parseExpect}
	c.Flags().Var(&s.expect, "expect", "go on without a question if the filters match this `number` of keys, else refuse")
}

func parseExpect(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, keys.Errorf(keys.ReasonInvalid, "%s is no number of keys to change", shown(text))
	}
	return n, nil
}

// filtered tells whether the keys are chosen by what they are like.
func (s *selection) filtered() bool { return s.all || s.filter.any() }

// counted tells whether somebody has said how many keys it will be.
func (s *selection) counted() bool { return s.expect.v > 0 }

// check refuses what names no key, or names keys in two ways.
func (s *selection) check(args []string) error {
	switch named := len(args) > 0 || s.refs.given(); {
	case named && s.filtered():
		return keys.Errorf(keys.ReasonInvalid, "REFs and filters contradict each other: name the keys, or say what they are like")
	case named && s.counted():
		return keys.Errorf(keys.ReasonInvalid, "--expect counts the keys that filters match: there is none")
	case !named && !s.filtered():
		return keys.Errorf(keys.ReasonInvalid,
			"which key? name it by its id or label, or by its token with --%s, or choose keys by what they are like, as in %s", s.refs.file(), s.example)
	}
	return nil
}

// request puts into q which keys it is about.
func (s *selection) request(ctx context.Context, g *globals, args []string, q *keys.ChangeRequest) error {
	err := s.check(args)
	if err != nil {
		return err
	}
	if !s.filtered() {
		q.Refs, err = s.refs.read(ctx, g, args)
		return err
	}
	where, err := s.filter.query(keys.At(g.Now()))
	q.Where, q.All, q.Expect = &where, s.all, s.expect.v
	g.chosen = s.filter.words()
	return err
}

func idRefs(ids []string) []keys.Ref {
	refs := make([]keys.Ref, len(ids))
	for i, id := range ids {
		refs[i] = keys.IDRef(id)
	}
	return refs
}

// noneOf says that nothing is to be done for any of the keys that the filters match but
// for the clock: none of them is what it takes.
func (g *globals) noneOf(ctx context.Context, svc *keys.Service, s *selection, idle, is string) error {
	n, err := s.matching(ctx, svc)
	switch {
	case err != nil:
		return err
	case n == 0: // nobody was named who could have had some
		g.note("%s: the database has no keys", idle)
	default:
		g.note("%s: of %s none %s", idle, number(n), is)
	}
	return nil
}

// matching counts the keys that match the filters but for those that keys come to
// match by the clock.
func (s *selection) matching(ctx context.Context, svc *keys.Service) (n int, err error) {
	asked, err := s.filter.query(keys.At(svc.Now()))
	if err != nil {
		return 0, err
	}
	q := asked.Enduring()
	q.Fields = keys.FieldsOf(keys.FieldID)
	err = svc.List(ctx, q, func(page []keys.Key) error { n += len(page); return nil })
	return n, err
}

// number counts keys in words.
func number(n int) string {
	if n == 1 {
		return "1 key"
	}
	return strconv.Itoa(n) + " keys"
}
