package cmd

import "strings"

// chosen is a token as the guide advises to make one: 64 characters in hex.
func chosen(digit string) string { return strings.Repeat(digit+"3c5d7e9", 8) }

// workspaceGuide are the statements of its page about authentication, and what its
// source says of the keys that it generates.
func workspaceGuide() []statement {
	return []statement{
		{says: "whoever is logged in needs no key", omits: "Session authentication"},
		{says: "a key may be limited to addresses and to a rate", prove: func(s *served) {
			token := s.create("--label", "client", "--allow-ip", "192.168.1.100", "--rate-limit", "10/1h")
			s.has("client", "rate_limit", `"10/1h"`)
			s.judged("ok", token, "--ip", "192.168.1.100")
			s.judged("network", token, "--ip", "192.168.1.101")
		}},
		{says: "keys are generated in a dashboard", omits: "Generating a key in the dashboard"},
		{says: "a key is shown once, when it is made", prove: func(s *served) {
			token := s.create("--label", "client")
			if all := s.do("list", "-o", "jsonl") + s.do("show", "client", "-o", "wide"); strings.Contains(all, token) {
				s.t.Fatalf("the token is in\n%s", all)
			}
		}},
		{says: "keys are kept in workspaces/api-keys.json", omits: "api-keys.json"},
		{says: "of a key only a hash is stored", prove: func(s *served) {
			s.keptSecret(s.create("--label", "client"))
			s.give(chosen("1"), "create", "--label", "chosen", "--key-file", "-", "--bcrypt-cost", "4")
			s.keptSecret(chosen("1"))
		}},
		{says: "that hash is bcrypt", omits: "Stored bcrypt hashes"},
		{says: "a generated key is 64 bytes in base64url", omits: "86 characters"},
		{says: "a new key takes the place of all others", omits: "replaces the one before"},
		{says: "keys can be chosen by hand, an administrator's and some of clients", prove: func(s *served) {
			s.give(chosen("1"), "create", "--label", "admin", "--role", "admin", "--key-file", "-", "--bcrypt-cost", "4")
			s.give(chosen("2"), "create", "--label", "client-1", "--role", "client", "--key-file", "-", "--bcrypt-cost", "4")
			s.judged("ok", chosen("1"), "--role", "admin")
			s.judged("ok", chosen("2"), "--role", "client")
			s.judged("role", chosen("2"), "--role", "admin")
			s.judged("unknown", chosen("4"))
		}},
		{says: "a client's key may be as short as client-key-1", omits: "client-key-1"},
		{says: "ADMIN_API_KEY and VALID_API_KEYS are variables", omits: "VALID_API_KEYS"},
		{says: "an administrator's key has 32 characters or more", prove: func(s *served) {
			s.setting("supplied_least", "32")
			code, out, _ := s.run(strings.Repeat("ab1", 10)+"x", "create", "--label", "admin", "--key-file", "-")
			if code == 0 || out != "" {
				s.t.Fatalf("31 characters: exit %d", code)
			}
			s.give(strings.Repeat("ab1", 10)+"xy", "create", "--label", "admin", "--key-file", "-", "--bcrypt-cost", "4")
		}},
		{says: "100 requests an hour of each client", prove: func(s *served) {
			s.setting("default_rate", `"100/1h"`)
			s.create("--label", "client")
			s.has("client", "rate_limit", `"100/1h"`)
			s.create("--label", "fast", "--rate-limit", "500/1h")
			s.has("fast", "rate_limit", `"500/1h"`)
		}},
		{says: "a list of addresses is for all clients; without one every address is allowed", prove: func(s *served) {
			token := s.create("--label", "client")
			s.judged("ok", token, "--ip", "203.0.113.9")
			s.do("policy", "set", "default_networks=192.168.1.100,10.0.0.50")
			token = s.create("--label", "listed")
			s.judged("ok", token, "--ip", "10.0.0.50")
			s.judged("network", token, "--ip", "203.0.113.9")
		}},
		{says: "that list is for every request, whatever the key", omits: "ALLOWED_IPS restricts"},
		{says: "sessions come first, then keys by where they are from", omits: "the order session"},
		{says: "a key is sent in the header x-api-key, or as a bearer token", omits: "x-api-key"},
		{says: "every request needs a valid key", prove: func(s *served) {
			s.judged("no_token", "")
			s.judged("unknown", chosen("1"))
		}},
		{says: "every attempt is logged", omits: "attempts are logged"},
		{says: "401 for a key that is not valid, 403 for an address that is not allowed, 429 beyond the rate", omits: "401, 403 and 429"},
		{says: "rates are counted in a database, for several processes", omits: "Redis"},
		{says: "only HTTPS", omits: "HTTPS"},
		{says: "a proxy in front says where a request comes from", omits: "trusted proxy"},
		{says: "the use of keys is watched", prove: func(s *served) {
			s.create("--label", "client")
			s.now = s.now.AddDate(0, 0, 100)
			if idle := s.do("list", "--unused-for", "90d", "-o", "name"); !strings.Contains(idle, "client\n") {
				s.t.Fatalf("not among those that nobody uses:\n%s", idle)
			}
		}},
		{says: "keys are rotated from time to time", prove: func(s *served) {
			old := s.create("--label", "client")
			token := strings.TrimSpace(s.do("rotate", "client", "--overlap", "1h"))
			s.judged("ok", old)
			s.judged("ok", token)
			s.now = s.now.AddDate(0, 0, 1)
			s.judged("expired", old)
			s.judged("ok", token)
			s.has("client", "rate_limit", `"100/1h"`)
		}},
		{says: "a key made by hand is 32 random bytes in hex", prove: func(s *served) {
			s.give(chosen("1")+"\n", "create", "--label", "by-hand", "--key-file", "-", "--bcrypt-cost", "4")
			s.judged("ok", chosen("1"))
		}},
	}
}
