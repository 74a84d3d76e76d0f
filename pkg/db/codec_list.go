package db

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func encodeList(ref any) any {
	list := *ref.(*[]string)
	if len(list) == 0 {
		return "[]"
	}
	return marshal(list)
}

func decodeList(v, ref any) error {
	var list []string
	if err := unmarshal(v, &list, "[]", "a JSON array of texts"); err != nil {
		return err
	}
	if slices.Contains(list, "") && hasNull(v.(string)) {
		return errShape("a JSON array of texts", v)
	}
	*ref.(*[]string) = list
	return nil
}

func encodeNetworks(ref any) any {
	list := *ref.(*[]netip.Prefix)
	if len(list) == 0 {
		return "[]"
	}
	return marshal(list)
}

func decodeNetworks(v, ref any) error {
	var list []netip.Prefix
	if err := unmarshal(v, &list, "[]", "a JSON array of networks"); err != nil {
		return err
	}
	if slices.Contains(list, netip.Prefix{}) { // null leaves it so
		return errShape("a JSON array of networks", v)
	}
	*ref.(*[]netip.Prefix) = list
	return nil
}

func encodeObject(ref any) any {
	m := *ref.(*map[string]string)
	if len(m) == 0 {
		return "{}"
	}
	return marshal(m)
}

func decodeObject(v, ref any) error {
	var m map[string]string
	if err := unmarshal(v, &m, "{}", "a JSON object of texts"); err != nil {
		return err
	}
	for _, value := range m {
		if value == "" && hasNull(v.(string)) {
			return errShape("a JSON object of texts", v)
		}
	}
	*ref.(*map[string]string) = m
	return nil
}

// marshal never fails on the lists and maps of text that it is given.
func marshal(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// unmarshal reads JSON text into a list or map. NULL is an empty one, as is the
// text that most rows have.
func unmarshal(v, ref any, empty, want string) error {
	if v == nil || v == empty {
		return nil
	}
	s, ok := v.(string)
	// The words of package json would tell a part of the value.
	if !ok || !strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), empty[:1]) || json.Unmarshal([]byte(s), ref) != nil {
		return errShape(want, v)
	}
	return nil
}

// hasNull tells whether an element of the JSON text is null, which package json
// reads as an empty text.
func hasNull(s string) bool {
	var list []any
	if json.Unmarshal([]byte(s), &list) == nil {
		return slices.Contains(list, nil)
	}
	var m map[string]any
	_ = json.Unmarshal([]byte(s), &m) // it was read before
	for _, value := range m {
		if value == nil {
			return true
		}
	}
	return false
}

// encodeCommas returns nil for a list that would be read as another.
func encodeCommas(ref any) any {
	text := strings.Join(*ref.(*[]string), ",")
	if !slices.Equal(splitCommas(text), *ref.(*[]string)) {
		return nil
	}
	return text
}

func decodeCommas(v, ref any) error {
	switch v := v.(type) {
	case string:
		*ref.(*[]string) = splitCommas(v)
	case nil:
	default:
		return errShape("text with commas", v)
	}
	return nil
}

// splitCommas drops empty elements and the spaces around the others.
func splitCommas(s string) (list []string) {
	for element := range strings.SplitSeq(s, ",") {
		if element = strings.Trim(element, " "); element != "" {
			list = append(list, element)
		}
	}
	return list
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
