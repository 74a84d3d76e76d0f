package db

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// codec translates between a field's value, given as the pointer that
// [keys.Field.Ref] returns, and what the driver binds or scans.
type codec struct {
	encode func(ref any) any
	decode func(v, ref any) error
}

// codecs by the names that a Column uses.
var codecs = map[string]codec{
	"text":          {encodeText, decodeText},
	"optional-text": {encodeOptionalText, decodeText},
	"flag":          {encodeFlag, decodeFlag},
	"unix-ms":       {encodeMillis, decodeMillis},
	"json-list":     {encodeList, decodeList},
	"json-networks": {encodeNetworks, decodeNetworks},
	"json-object":   {encodeObject, decodeObject},
	"rate-ms":       {encodeRate, decodeRate},
}

// errShape says that a column holds a value of another type than it should.
func errShape(want string, v any) error { return fmt.Errorf("%s expected, found %T", want, v) }

func encodeText(ref any) any { return *ref.(*string) }

func encodeOptionalText(ref any) any {
	if s := *ref.(*string); s != "" {
		return s
	}
	return nil
}

func decodeText(v, ref any) error {
	switch v := v.(type) {
	case string:
		*ref.(*string) = v
	case nil:
	default:
		return errShape("text", v)
	}
	return nil
}

func encodeFlag(ref any) any {
	if *ref.(*bool) {
		return int64(1)
	}
	return int64(0)
}

func decodeFlag(v, ref any) error {
	n, ok := v.(int64)
	if !ok {
		return errShape("0 or 1", v)
	}
	*ref.(*bool) = n == 1
	return nil
}

func encodeMillis(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return i.Millis()
	}
	return nil
}

func decodeMillis(v, ref any) error {
	switch v := v.(type) {
	case int64:
		*ref.(*keys.Instant) = keys.Millis(v)
	case nil:
	default:
		return errShape("integer milliseconds", v)
	}
	return nil
}

func encodeList(ref any) any {
	list := *ref.(*[]string)
	if len(list) == 0 {
		return "[]"
	}
	return marshal(list)
}

func decodeList(v, ref any) error {
	if v == "[]" {
		return nil
	}
	return unmarshal(v, ref)
}

func encodeNetworks(ref any) any {
	list := *ref.(*[]netip.Prefix)
	if len(list) == 0 {
		return "[]"
	}
	return marshal(list)
}

func decodeNetworks(v, ref any) error { return decodeList(v, ref) }

func encodeObject(ref any) any {
	m := *ref.(*map[string]string)
	if len(m) == 0 {
		return "{}"
	}
	return marshal(m)
}

func decodeObject(v, ref any) error {
	if v == "{}" {
		return nil
	}
	return unmarshal(v, ref)
}

// marshal never fails on the lists and maps of text that it is given.
func marshal(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func unmarshal(v, ref any) error {
	s, ok := v.(string)
	if !ok {
		return errShape("JSON text", v)
	}
	return json.Unmarshal([]byte(s), ref)
}

// A rate is stored as requests/milliseconds, so that a view can split it.
func encodeRate(ref any) any {
	r := ref.(*keys.Rate)
	if r.IsZero() {
		return nil
	}
	return strconv.FormatInt(r.Requests, 10) + "/" + strconv.FormatInt(r.Window.Milliseconds(), 10)
}

func decodeRate(v, ref any) error {
	if v == nil {
		return nil
	}
	s, _ := v.(string)
	n, ms, _ := strings.Cut(s, "/")
	requests, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		return errShape("requests/milliseconds", v)
	}
	window, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return errShape("requests/milliseconds", v)
	}
	*ref.(*keys.Rate) = keys.Rate{Requests: requests, Window: time.Duration(window) * time.Millisecond}
	return nil
}
