package db

import (
	"errors"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The years that a moment of a key can be in: those that RFC 3339 can write.
var (
	earliest = keys.At(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	latest   = keys.Millis(keys.At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)).Millis() - 1)
)

// oddError is about a value that a server takes in its own way, and that was read so.
type oddError string

func (e oddError) Error() string { return string(e) }

func isOdd(err error) bool { return errors.As(err, new(oddError)) }

const (
	tooEarly       oddError = "is a moment before the year 0"
	tooLate        oddError = "is a moment after the year 9999"
	tooLateSeconds oddError = tooLate + ", as milliseconds would be where seconds belong"
)

// bounded is the codec of moments that reads what is out of the years as the first or
// the last moment there is, and notes it: no server will ever see the difference. One
// that ends something, too late to be reached, is none.
func (c codec) bounded(ends bool) codec {
	decode := c.decode
	c.decode = func(v, ref any) error {
		err, at := decode(v, ref), ref.(*keys.Instant)
		switch {
		case err != nil || at.IsNone():
			return err
		case at.Millis() < earliest.Millis():
			*at = earliest
			return tooEarly
		case at.Millis() <= latest.Millis():
			return nil
		}
		if *at = latest; ends {
			*at = keys.Instant{}
		}
		return c.late
	}
	return c
}

// moment is the expression of the milliseconds that a key has as this field: NULL
// where it has none. What is out of the years that a key can have is what it is.
func (t *table) moment(f keys.Field) string {
	ms := t.codecOf(f).moment(t.column[f])
	for _, i := range t.asCreated {
		if t.Columns[i].Field == f {
			return "nullif(" + ms + ", " + t.moment(keys.FieldCreatedAt) + ")"
		}
	}
	return ms
}

// inUnits is the expression of what [decodeUnits] reads. From 9e15 on, no real number
// has a fraction.
func inUnits(scale string) func(column string) string {
	const whole = "typeof({c}) = 'integer' OR typeof({c}) = 'real' AND ({c} = CAST({c} AS INTEGER) OR {c} NOT BETWEEN -9e15 AND 9e15)"
	return func(column string) string {
		return strings.ReplaceAll("CASE WHEN "+whole+" THEN {c} * "+scale+" END", "{c}", column)
	}
}

// inRealSeconds is the expression of what [decodeRealSeconds] reads. The engine has
// no function that is sure to be there for the integer below a number.
func inRealSeconds(column string) string {
	return strings.ReplaceAll(`(SELECT CAST(ms AS INTEGER) - (ms < CAST(ms AS INTEGER)) FROM (`+
		`SELECT {c} * 1000.0 + abs({c} * 1000.0) / 4503599627370496.0 AS ms WHERE typeof({c}) IN ('integer', 'real')))`, "{c}", column)
}

// inText is the expression of what [decodeTextTime] reads, step by step the same:
// v is the text, d its date, t its time, r the rest, f the fraction, z the zone, o the
// same less a space, then less the colon. LIMIT keeps the engine from working out each
// step as often as the next one uses it.
func inText(column string) string { return strings.ReplaceAll(momentOfText, "{c}", column) }

const momentOfText = `(SELECT CAST(strftime('%s', d || ' ' || t) AS INTEGER) * 1000 + CAST(substr(f || '000', 1, 3) AS INTEGER)
 - CASE WHEN o IN ('', 'Z') THEN 0
 WHEN o GLOB '[+-][0-2][0-9][0-5][0-9]*' AND substr(o, 2, 2) < '24'
 AND (substr(o, 6) = '' OR substr(o, 6) GLOB ' [A-Za-z+-]*' AND substr(o, 6) NOT GLOB ' *[^A-Za-z0-9+-]*')
 THEN (substr(o, 2, 2) * 60 + substr(o, 4, 2)) * (substr(o, 1, 1) || '60000') END
 FROM (SELECT d, t, f, CASE WHEN substr(o, 4, 1) = ':' THEN substr(o, 1, 3) || substr(o, 5) ELSE o END AS o
 FROM (SELECT d, t, substr(r, 2, max(0, length(r) - length(z) - 1)) AS f, CASE WHEN z GLOB ' ?*' THEN substr(z, 2) ELSE z END AS o
 FROM (SELECT d, t, r, CASE WHEN r GLOB '.[0-9]*' THEN ltrim(substr(r, 2), '0123456789') ELSE r END AS z
 FROM (SELECT substr(v, 1, 10) AS d, substr(v, 12, 8) AS t, substr(v, 20) AS r
 FROM (SELECT CASE instr({c}, ' m=') WHEN 0 THEN {c} ELSE substr({c}, 1, instr({c}, ' m=') - 1) END AS v
 WHERE typeof({c}) = 'text' AND instr({c}, char(0)) = 0 LIMIT 1)
 WHERE v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]*' LIMIT 1)
 WHERE t < '24' AND date(d, '+0 days') = d LIMIT 1) LIMIT 1) LIMIT 1) LIMIT 1)`
