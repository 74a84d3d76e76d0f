package cmd

import (
	"regexp"
	"strings"
)

var (
	boxwatchFull = regexp.MustCompile(`^bw_[0-9a-f]{64}$`)
	boxwatchAPI  = regexp.MustCompile(`^bw_api_[0-9a-f]{64}$`)
	boxwatchTV   = regexp.MustCompile(`^bw_tv_[0-9a-f]{64}$`)
)

// wholeKey makes the key of an account that opens everything.
func (s *served) wholeKey(owner string) string {
	s.t.Helper()
	return s.create("--owner", owner, "--label", owner)
}

func (s *served) matches(what *regexp.Regexp, token string) {
	s.t.Helper()
	if !what.MatchString(token) {
		s.t.Fatalf("a token of %d characters does not match %s", len(token), what)
	}
}

// boxwatchGuide are the statements of its page about authentication. The example of
// a key there has a digit too many for its own rule; the rule is what counts.
func boxwatchGuide() []statement {
	return []statement{
		{says: "a key is sent as a bearer token in the header Authorization, and nowhere else", omits: "The Authorization header"},
		{says: "keys are generated in a dashboard, or by an endpoint", omits: "The dashboard, POST"},
		{says: "a key is shown once, when it is made; then only its beginning", prove: func(s *served) {
			token := s.wholeKey("ann")
			all := s.do("list", "-o", "jsonl") + s.do("show", "ann", "-o", "wide")
			if strings.Contains(all, token) || !strings.Contains(s.shown("ann", "masked"), `"bw_`) {
				s.t.Fatalf("the token, or not its beginning, is in\n%s", all)
			}
			s.keptSecret(token)
		}},
		{says: "a full-scope key has 67 characters: bw_ and 64 in hex", prove: func(s *served) {
			token := s.wholeKey("ann")
			s.matches(boxwatchFull, token)
			s.judged("ok", token)
		}},
		{says: "the 64 characters are 256 random bits, which nobody can ask fewer of", prove: func(s *served) {
			if a, b := s.wholeKey("ann"), s.wholeKey("bob"); a[:11] == b[:11] || a[len(a)-8:] == b[len(b)-8:] {
				s.t.Fatal("two tokens are alike")
			}
			s.setting("token_bytes", "32")
			s.refused("token_bytes", "create", "--owner", "eve", "--label", "eve", "--bytes", "16")
		}},
		{says: "bw_api_ is bound to one custom endpoint", prove: func(s *served) {
			s.refused("prefix_resources", "create", "--owner", "ann", "--label", "a", "--prefix", "bw_api")
			s.refused("prefix_resources", "create", "--owner", "ann", "--label", "a", "--prefix", "bw_api", "--resource", "dashboard/hall")
			token := s.create("--owner", "ann", "--label", "a", "--prefix", "bw_api", "--resource", "endpoint/weather")
			s.matches(boxwatchAPI, token)
			s.judged("ok", token, "--resource", "endpoint/weather")
			s.judged("resource", token, "--resource", "endpoint/other")
		}},
		{says: "bw_tv_ is bound to one dashboard", prove: func(s *served) {
			s.refused("prefix_resources", "create", "--owner", "ann", "--label", "a", "--prefix", "bw_tv", "--resource", "endpoint/weather")
			token := s.create("--owner", "ann", "--label", "a", "--prefix", "bw_tv", "--resource", "dashboard/hall")
			s.matches(boxwatchTV, token)
			s.judged("ok", token, "--resource", "dashboard/hall")
			s.judged("resource", token, "--resource", "dashboard/other")
		}},
		{says: "there are no other prefixes, and a full-scope key is bound to nothing", prove: func(s *served) {
			s.refused("token_prefixes", "create", "--owner", "ann", "--label", "a", "--prefix", "bw_web")
			s.refused("prefix_resources", "create", "--owner", "ann", "--label", "a", "--resource", "endpoint/weather")
		}},
		{says: "an example of a key", omits: "The key that the guide shows"},
		{says: "those two come in the header X-API-Key or the query parameter key", omits: "X-API-Key"},
		{says: "those two do not open the main interface", prove: func(s *served) {
			api := s.create("--owner", "ann", "--label", "a", "--prefix", "bw_api", "--resource", "endpoint/weather")
			tv := s.create("--owner", "ann", "--label", "t", "--prefix", "bw_tv", "--resource", "dashboard/hall")
			s.judged("resource", api)
			s.judged("resource", tv)
		}},
		{says: "a key is rotated by deleting it and making a new one", prove: func(s *served) {
			old := s.wholeKey("ann")
			s.do("delete", "ann", "--yes")
			token := s.wholeKey("ann")
			s.judged("unknown", old)
			s.judged("ok", token)
		}},
		{says: "an account has one full-scope key, and must delete it before the next is made", prove: func(s *served) {
			s.wholeKey("ann")
			s.refused("one_full_key", "create", "--owner", "ann", "--label", "second")
			s.wholeKey("bob")
			s.create("--owner", "ann", "--label", "a", "--prefix", "bw_api", "--resource", "endpoint/weather")
			s.do("delete", "ann", "--yes")
			s.create("--owner", "ann", "--label", "second")
		}},
		{says: "that goes for the only account, too", prove: func(s *served) {
			s.wholeKey("ann")
			s.do("delete", "bootstrap", "--yes")
			code, out, said := s.run("", "delete", "ann", "--yes")
			if code != 5 || out != "" || !strings.Contains(said, "hint: give the key a successor instead: keyreeve rotate ") {
				s.t.Fatalf("exit %d\n%s%s", code, out, said)
			}
			s.do("rotate", "ann", "--overlap", "0")
			s.do("delete", "ann", "--yes", "--force")
			s.judged("ok", s.wholeKey("ann"))
		}},
		{says: "there is no rotation that leaves time to change over", omits: "There is no rotation endpoint"},
		{says: "consumers should have the new key before the old one ends", prove: func(s *served) {
			old := s.wholeKey("ann")
			token := strings.TrimSpace(s.do("rotate", "ann", "--overlap", "1h"))
			s.matches(boxwatchFull, token)
			s.judged("ok", old)
			s.judged("ok", token)
			s.refused("one_full_key", "create", "--owner", "ann", "--label", "second")
			s.now = s.now.AddDate(0, 0, 1)
			s.judged("expired", old)
			s.judged("ok", token)
		}},
		{says: "a key belongs to an account", prove: func(s *served) {
			s.refused("required", "create", "--label", "nobody's")
			s.judged("owner", s.wholeKey("ann"), "--owner", "bob")
		}},
		{says: "a deleted or revoked key is refused from the next request on", prove: func(s *served) {
			gone, off := s.wholeKey("ann"), s.wholeKey("bob")
			s.do("delete", "ann", "--yes")
			s.do("revoke", "bob")
			s.judged("unknown", gone)
			s.judged("revoked", off)
		}},
		{says: "401 without a token; 401 for one that is wrong, deleted or expired", prove: func(s *served) {
			token := s.create("--owner", "ann", "--label", "ann", "--expires", "1d")
			s.judged("ok", token)
			s.judged("no_token", "")
			s.judged("unknown", token[:len(token)-1]+flip(token[len(token)-1]))
			s.now = s.now.AddDate(0, 0, 2)
			s.judged("expired", token)
		}},
		{says: "the bodies of errors, their time, and 500 where it is worth another try", omits: "error bodies"},
		{says: "401 where the account was deleted", omits: "User not found"},
		{says: "100 requests a minute of one address, whatever their key", prove: func(s *served) {
			s.wholeKey("ann")
			s.setting("address_rate", `"100/1m"`)
			s.setting("default_rate", "null")
			s.has("ann", "rate_limit", "null")
		}},
		{says: "requests that agents send by themselves do not count", omits: "Agent heartbeats"},
		{says: "other limits on logins, administration and heartbeats", omits: "/auth/login"},
		{says: "429 with the headers RateLimit", omits: "RateLimit headers"},
		{says: "other origins are allowed by a list of the server's", omits: "CORS"},
		{says: "the dashboard's own cookie is accepted as well", omits: "cookie"},
		{says: "a key has no end unless somebody gives it one", prove: func(s *served) {
			s.wholeKey("ann")
			s.has("ann", "expires_at", "null")
		}},
	}
}

// flip returns another digit.
func flip(digit byte) string {
	if digit == '0' {
		return "1"
	}
	return "0"
}
