package cmd

import (
	"context"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// work is one of the three things that rotate does.
func (o *rotating) work(ctx context.Context, args []string) error {
	if err := o.modes(args); err != nil {
		return err
	}
	switch {
	case o.looks:
		return o.status(ctx, args)
	case o.finishes || o.due:
		return o.finish(ctx, args)
	}
	doubtful, err := o.doubtful()
	if err != nil {
		return err
	}
	if err := o.request(ctx, args); err != nil {
		return err
	}
	if doubtful {
		if going, err := o.confirmed(ctx); !going || err != nil {
			return err
		}
	}
	return o.rotate(ctx)
}

// doubtful tells whether a person must be asked first: about keys that filters chose.
func (o *rotating) doubtful() (bool, error) {
	if o.yes || o.newKey.q.DryRun || o.keys.counted() || !o.keys.filtered() {
		return false, nil
	}
	return true, o.needAnswer()
}

// request completes what the flags say, before the database is opened.
func (o *rotating) request(ctx context.Context, args []string) error {
	if o.keyFile == "-" && o.keys.refs.keyFile == "-" {
		return keys.Errorf(keys.ReasonInvalid, "standard input holds one token: that of the old key, or that of the successor")
	}
	if err := o.destined(args); err != nil {
		return err
	}
	made := &o.newKey.q
	made.Scheme = keys.Scheme(o.scheme.value)
	if err := o.contradictions(); err != nil {
		return err
	}
	o.leaveOpen()
	if err := o.readSupplied(ctx); err != nil {
		return err
	}
	o.q.Reason, o.q.DryRun, o.q.Overlap = made.Reason, made.DryRun, o.overlap.Duration
	o.q.ExpiresAt, o.q.Expires = o.expires.v, o.expires.text != ""
	o.q.Supplied, o.q.SecretBytes, o.q.Scheme, o.q.BcryptCost = made.Supplied, made.SecretBytes, made.Scheme, made.BcryptCost
	o.q.Legacy, o.q.WeakSecret = made.Legacy, made.WeakSecret
	if err := o.keys.request(ctx, o.globals, args, &o.q.ChangeRequest); err != nil {
		return err
	}
	return o.q.Validate(keys.At(o.Now()))
}

// destined checks where the tokens are to go.
func (o *rotating) destined(args []string) error {
	o.delivery.single = !o.keys.filtered() && len(args)+len(o.keys.refs.ids) < 2 && (o.keys.refs.keyFile == "" || len(args)+len(o.keys.refs.ids) == 0)
	if !o.delivery.single && !o.newKey.q.DryRun {
		if err := o.delivery.checkMany(); err != nil {
			return err
		}
	}
	return o.delivery.check(0)
}

func (o *rotating) rotate(ctx context.Context) error {
	done, err := o.run(ctx)
	if err != nil {
		return err
	}
	return o.say(done)
}

// run does the work, of which the delivery is a part.
func (o *rotating) run(ctx context.Context) (done []keys.Rotated, err error) {
	err = o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info := s.Store.Info()
		if err := o.costs(ctx, s); err != nil {
			return err
		}
		o.delivery.ctx, o.delivery.fields = ctx, info.Fields
		done, err = s.Rotate(ctx, o.q, &replacing{delivery: &o.delivery})
		switch {
		case err != nil:
			o.keyStatus = o.statusOf(ctx, s, err)
		case len(done) == 0:
			err = o.none(ctx, s)
		}
		return err
	})
	return done, err
}

// none says that no key is to be rotated, though some match.
func (o *rotating) none(ctx context.Context, s *keys.Service) error {
	return o.noneOf(ctx, s, &o.keys, "nothing to do", "is to be rotated now")
}

// statusOf returns the status of the key that an error is about, "" for none: what helps
// depends on that.
func (o *rotating) statusOf(ctx context.Context, s *keys.Service, err error) keys.Status {
	var known *keys.Error
	if !errors.As(err, &known) || known.Key == "" || known.Reason != keys.ReasonAlreadyRotated && known.Reason != keys.ReasonNotUsable {
		return ""
	}
	found, err := s.Select(ctx, keys.IDRef(known.Key))
	if err != nil {
		return ""
	}
	return found[0].Status(keys.At(o.Now()))
}

// confirmed rehearses the work and asks about exactly the keys that it would replace.
// The database is closed while a person thinks.
func (o *rotating) confirmed(ctx context.Context) (going bool, err error) {
	o.q.DryRun = true
	found, err := o.run(ctx)
	o.q.DryRun = false
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, o.say(found)
	}
	ids, agreed := make([]string, len(found)), keys.Agreed{}
	for i := range found {
		ids[i], agreed[found[i].ID] = found[i].ID, found[i].Was
	}
	o.q.Agreed = agreed
	return true, o.confirmIDs(ctx, o.verb, ids)
}
