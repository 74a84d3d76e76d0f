package db

import (
	"fmt"
)

// codec translates between a field's value, given as the pointer that
// [keys.Field.Ref] returns, and what the driver binds or scans.
type codec struct {
	// encode returns what the column holds for the value. A value that the column
	// cannot hold gives nil, which is NULL in a row and matches nothing in a query.
	encode func(ref any) any
	// decode leaves the value alone if it fails. The error tells what was found, by
	// its type and never by its value.
	decode func(v, ref any) error

	// sorts is the condition that what the column holds can be compared with what the
	// codec writes, in which %[1]s is the column; "" if nothing can.
	sorts string
	// moment returns the expression of the Unix milliseconds that decode reads in the
	// column, for moments.
	moment func(column string) string
	late   error // about what is read as a moment after the year 9999
	exact  bool  // no two values within the years of a key are read as one moment
	lossy  bool  // keeps less than the field may hold
	// nullIsOn is for truth values: NULL is read as true.
	nullIsOn bool
	// has returns the condition that the column's list has the element, for lists.
	has func(column, element string) cond
}

// codecs by the names that a Column uses.
var codecs = map[string]codec{
	"integer":       {encode: encodeInteger, decode: decodeInteger, sorts: typed + "'integer'"},
	"text":          {encode: encodeText, decode: decodeText, sorts: typed + "'text'"},
	"optional-text": {encode: encodeOptionalText, decode: decodeText, sorts: typed + "'text'"},

	"blob":      {encode: encodeBlob, decode: decodeBlob},
	"raw":       {encode: encodeRaw, decode: decodeRaw},
	"base64":    {encode: encodeBase64, decode: decodeBase64},
	"base64url": {encode: encodeBase64URL, decode: decodeBase64},

	"flag":          {encode: encodeFlag, decode: decodeFlag},
	"inverted-flag": {encode: encodeInvertedFlag, decode: decodeInvertedFlag, nullIsOn: true},

	"unix-ms":      {encode: encodeMillis, decode: decodeMillis, moment: inUnits("1"), late: tooLate, exact: true},
	"unix-seconds": {encode: encodeSeconds, decode: decodeSeconds, moment: inUnits("1000"), late: tooLateSeconds, exact: true, lossy: true},
	"real-seconds": {encode: encodeRealSeconds, decode: decodeRealSeconds, moment: inRealSeconds, late: tooLateSeconds},
	"sequelize":    textTime("2006-01-02 15:04:05.000 -07:00"),
	"iso":          textTime("2006-01-02T15:04:05.000Z"),
	"sqlite":       textTime("2006-01-02 15:04:05").cut(),
	"go":           textTime("2006-01-02 15:04:05.999999999 -0700 MST"),
	"go-offset":    textTime("2006-01-02 15:04:05.999999999-07:00"),

	"json-list":     {encode: encodeList, decode: decodeList, has: hasInJSON},
	"comma-list":    {encode: encodeCommas, decode: decodeCommas, has: hasInCommas},
	"json-networks": {encode: encodeNetworks, decode: decodeNetworks},
	"json-object":   {encode: encodeObject, decode: decodeObject},
	"rate-ms":       {encode: encodeRate, decode: decodeRate},
}

const typed = "typeof(%[1]s) = "

// cut marks a codec that keeps less than a field may hold.
func (c codec) cut() codec { c.lossy = true; return c }

// errShape says that a column holds a value of another type than it should.
func errShape(want string, v any) error { return fmt.Errorf("%s expected, found %s", want, typeOf(v)) }

// typeOf describes the type of what a driver scanned, never the value.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "NULL"
	case int64:
		return "an integer"
	case float64:
		return "a real number"
	case string:
		return "other text"
	case []byte:
		return "a blob"
	}
	return fmt.Sprintf("a %T", v)
}
