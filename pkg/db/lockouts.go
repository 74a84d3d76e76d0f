package db

import (
	"context"
	"database/sql/driver"
	"net/netip"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// lockouts is a table of failures by address: keyreeve's own or a server's.
type lockouts struct {
	table   string
	address string // column
	session session
	path    string
}

// each reads the table, in the order of the addresses. Columns are read through
// expressions: of a declared type, drivers would make values of their own.
func (t *lockouts) each(ctx context.Context, columns []string, row func(address string, values []driver.Value)) error {
	query := "SELECT " + t.text()
	for _, name := range columns {
		query += ", +" + quote(name)
	}
	err := t.session.each(ctx, query+" FROM "+quote(t.table)+" ORDER BY 1", nil, func(values []driver.Value) error {
		address, _ := values[0].(string)
		row(address, values[1:])
		return nil
	})
	return wrap(err, t.path, "reading the lockouts")
}

// text is an address as text, whatever a damaged row holds.
func (t *lockouts) text() string { return "coalesce(CAST(" + quote(t.address) + " AS TEXT), '')" }

// clear forgets an address, or gives ReasonNotFound.
func (t *lockouts) clear(ctx context.Context, u *upheld, address string) error {
	there, err := t.holdsAddress(ctx, address)
	if err == nil && !there {
		err = keys.Errorf(keys.ReasonNotFound, "no failures of %q are recorded", keys.PrintableText(address)).OnPath(t.path)
	}
	if err != nil {
		return err
	}
	if _, err := t.session.change(ctx, "DELETE FROM "+quote(t.table)+" WHERE "+t.text()+" = ?", address); err != nil {
		return wrap(err, t.path, "clearing a lockout")
	}
	return u.hold(ctx, func(ctx context.Context) error {
		there, err := t.holdsAddress(ctx, address)
		if err == nil && there {
			return undone(t.path, "forget the failures of "+keys.PrintableText(address))
		}
		return err
	})
}

func (t *lockouts) holdsAddress(ctx context.Context, address string) (n bool, err error) {
	err = t.session.queryRow(ctx, "SELECT count(*) > 0 FROM "+quote(t.table)+" WHERE "+t.text()+" = ?", address).Scan(&n)
	return n, wrap(err, t.path, "reading the lockouts")
}

// whole returns a number of a row, 0 for what is none.
func whole(v driver.Value) int64 {
	n, _ := wholeNumber(v)
	return n
}

func wholeNumber(v driver.Value) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case float64:
		return int64(v), nil
	}
	return 0, errShape("a number", v)
}

func (l *nativeLedger) lockouts() *lockouts {
	return &lockouts{table: "keyreeve_lockouts", address: "address", session: l.session, path: l.path}
}

// LockedUntil implements [keys.LedgerReader].
func (l *nativeLedger) LockedUntil(ctx context.Context, addr netip.Addr, now keys.Instant) (keys.Instant, error) {
	var until any
	rs, err := l.session.query(ctx, "SELECT locked_until FROM keyreeve_lockouts WHERE address = ?", keys.LockoutAddress(addr))
	if err != nil {
		return keys.Instant{}, wrap(err, l.path, "reading the lockouts")
	}
	defer rs.Close()
	for rs.Next() {
		if err := rs.Scan(&until); err != nil {
			return keys.Instant{}, wrap(err, l.path, "reading the lockouts")
		}
	}
	return yetToCome(now, until), wrap(rs.Err(), l.path, "reading the lockouts")
}

// yetToCome returns the moment in a value of Unix milliseconds, none unless it is yet to come.
func yetToCome(now keys.Instant, v driver.Value) keys.Instant {
	if ms := whole(v); ms > now.Millis() {
		return keys.Millis(ms)
	}
	return keys.Instant{}
}

// Lockouts implements [keys.LedgerReader].
func (l *nativeLedger) Lockouts(ctx context.Context, now keys.Instant) (list []keys.Lockout, err error) {
	columns := []string{"failures", "first_failure_at", "locked_until"}
	err = l.lockouts().each(ctx, columns, func(address string, v []driver.Value) {
		list = append(list, keys.Lockout{Address: address, Failures: whole(v[0]), Since: keys.Millis(whole(v[1])), Until: yetToCome(now, v[2])})
	})
	return list, err
}

// Unlock implements [keys.Ledger].
func (l *nativeLedger) Unlock(ctx context.Context, address string) error {
	l.changed = true
	return l.lockouts().clear(ctx, &l.upheld, address)
}

func (l *foreignLedger) lockouts() *lockouts {
	t := l.layout.Lockouts
	return &lockouts{table: t.Table, address: t.Address, session: l.session, path: l.path}
}

// LockedUntil implements [keys.LedgerReader]. Where the server has rows of an
// address in several ways of writing, the one that locks longest counts.
func (l *foreignLedger) LockedUntil(ctx context.Context, addr netip.Addr, now keys.Instant) (until keys.Instant, err error) {
	list, err := l.Lockouts(ctx, now)
	for _, o := range list {
		if sameAddress(o.Address, addr) && o.Until.Millis() > until.Millis() {
			until = o.Until
		}
	}
	return until, err
}

// sameAddress tells whether text is this address: IPv4-mapped IPv6 is IPv4.
func sameAddress(text string, addr netip.Addr) bool {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return text == addr.String()
	}
	return a.Unmap().WithZone("") == addr.Unmap().WithZone("")
}

// Lockouts implements [keys.LedgerReader]. A row whose numbers are none is listed
// with what can be read of it, so that it can be cleared.
func (l *foreignLedger) Lockouts(ctx context.Context, now keys.Instant) (list []keys.Lockout, err error) {
	if l.layout.Lockouts == nil {
		return nil, nil
	}
	columns := []string{l.layout.Lockouts.Failures, l.layout.Lockouts.Since}
	err = l.lockouts().each(ctx, columns, func(address string, v []driver.Value) {
		list = append(list, l.lockout(address, v[0], v[1], now))
	})
	return list, err
}

func (l *foreignLedger) lockout(address string, failures, since driver.Value, now keys.Instant) keys.Lockout {
	t := l.layout.Lockouts
	o := keys.Lockout{Address: address}
	var err error
	if o.Failures, err = wholeNumber(failures); err != nil {
		o.FailuresDamage = "column " + t.Failures + ": " + err.Error()
	}
	if err := codecs[t.Codec].decode(since, &o.Since); err != nil {
		o.Since, o.SinceDamage = keys.Instant{}, "column "+t.Since+": "+err.Error()
	}
	if end := o.Since.Add(t.Window); o.Failures >= t.Limit && end.Millis() > now.Millis() {
		o.Until = end
	}
	return o
}

// Unlock implements [keys.Ledger].
func (l *foreignLedger) Unlock(ctx context.Context, address string) error {
	if l.layout.Lockouts == nil {
		return keys.Errorf(keys.ReasonUnsupported, "the layout %s knows no table of lockouts", l.layout.Name()).OnPath(l.path)
	}
	return l.lockouts().clear(ctx, &l.upheld, address)
}
