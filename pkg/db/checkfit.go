package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Fit is how a database fits a layout.
type Fit struct {
	Path       string
	Recognised bool     // it would be found to be of this layout by its tables alone
	Evidence   []string // what speaks for that, or against it
	TakenFor   []string // other built-in layouts that it would be found to be of
	Rows       int
	Damaged    int        // rows with values that are not what they should be
	Keys       []keys.Key // the first few, and of the rest the first few damaged ones
	Unfilled   []string   // columns that must hold a value and would get none in a new row
	Problems   []string   // what is wrong, for people; none if all is well
}

// shownRows is how many keys a check shows.
const shownRows = 10

// look reads the schema as far as it tells layouts apart.
func (d *DB) look(ctx context.Context, l *Layout) (*seenSchema, error) {
	s, err := d.session(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := chosen{list: layoutIndex, own: l}
	seen := &seenSchema{columns: map[string][]tableColumn{}}
	err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() (err error) {
		if seen.tables, err = tableNames(ctx, s); err != nil {
			return err
		}
		return seen.read(ctx, s, all.tables())
	})
	return seen, wrap(err, d.options.Path, "reading the schema")
}

// read looks at every row.
func (f *Fit) read(ctx context.Context, d *DB) error {
	var q keys.Query
	for {
		var page []keys.Key
		err := d.View(ctx, func(r keys.Reader) (err error) {
			page, err = r.Page(ctx, q)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			f.row(&page[i])
		}
		q.After = &page[len(page)-1]
	}
}

func (f *Fit) row(k *keys.Key) {
	f.Rows++
	if len(k.Damage) > 0 {
		f.Damaged++
	}
	if f.Rows <= shownRows || len(k.Damage) > 0 && f.Damaged <= shownRows {
		f.Keys = append(f.Keys, *k)
	}
}

// judge says what is wrong.
func (f *Fit) judge() {
	if f.Damaged > 0 {
		f.Problems = append(f.Problems, fmt.Sprintf("%d of %d rows have values that are not what they should be", f.Damaged, f.Rows))
	}
	switch {
	case f.Recognised:
	case len(f.TakenFor) > 0:
		f.Problems = append(f.Problems, "without a name the database is taken for "+strings.Join(f.TakenFor, " or "))
	default:
		f.Problems = append(f.Problems, "without a name the database is not recognised")
	}
}

// recognise tells whether the tables alone would tell the layout. A user's own is
// always named: for it this is about what its file says of recognition.
func (f *Fit) recognise(l *Layout, own bool, seen *seenSchema) {
	e := l.indexed("")
	if isNative(seen.tables) {
		f.TakenFor = append(f.TakenFor, NativeFamily)
	} else {
		for _, fit := range fittingLayouts(chosen{list: layoutIndex}, seen) {
			f.TakenFor = append(f.TakenFor, fit.name())
		}
	}
	f.Evidence = e.misses(seen, false)
	f.Recognised = own && len(f.Evidence) == 0
	if len(f.TakenFor) == 1 && f.TakenFor[0] == e.name() && !own {
		f.Recognised, f.TakenFor = true, nil
	}
	if len(f.Evidence) == 0 {
		f.Evidence = []string{e.evidence(seen)}
	}
}
