package keys

// Preset is the policy under which keys are those of another system, as its
// documentation describes them.
type Preset struct {
	Name     string
	Title    string     // what system it is, for people
	Settings []Setting  // all others are restored
	Not      []Omission // what of that system is not reproduced
}

// Omission is a statement about another system that a policy does not make true.
type Omission struct {
	Statement string
	Reason    string
}

// Presets returns all presets by name.
func Presets() []Preset { return []Preset{boxwatch(), workspace()} }

// Request returns what makes the policy of a database that of the preset.
func (p *Preset) Request() PolicyRequest { return PolicyRequest{Settings: p.Settings, Reset: true} }

// The reasons that several omissions share.
const (
	byMiddleware = "how a token travels, and how a refusal is worded, is for the server: a policy says what keys are"
	notKeys      = "it is not about API keys"
	byCommand    = "keyreeve changes the database itself: there is no endpoint and no page to be protected"
)

// boxwatch is the monitoring service with one key per account, and keys for one
// endpoint or dashboard each.
func boxwatch() Preset {
	return Preset{
		Name: "boxwatch", Title: "bw_ keys in hex: one full key an owner, and keys bound to one endpoint or dashboard",
		Settings: []Setting{
			{"token_format", "hex"}, {"token_bytes", "32"}, {"token_prefixes", "bw,bw_api,bw_tv"},
			{"prefix_resources", "bw=,bw_api=endpoint/*,bw_tv=dashboard/*"}, {"one_full_key", "true"}, {"required", "owner"},
			{"address_rate", "100/1m"},
		},
		Not: []Omission{
			{"The Authorization header is the only place the API reads the token from; endpoint and TV keys go in X-API-Key or ?key=", byMiddleware},
			{"The error bodies with a timestamp, the statuses 401 and 500, and the RateLimit headers", byMiddleware},
			{"401 User not found: the token's account was deleted", "accounts are not in the database of keys: delete --owner NAME removes the keys of one"},
			{"The dashboard, POST /api-keys and DELETE /api-keys/:id", byCommand},
			{"There is no rotation endpoint: delete, then create", "rotate does it without a gap, and a key that has a successor does not count as a second one. Delete, then create works, too; where nobody else has a key, delete wants --force"},
			{"Agent heartbeats are excluded from 100 requests a minute", "which requests count is for the server: address_rate is for those that do"},
			{"The limits on /auth/login, /auth/register, /auth/forgot-password, /admin/* and /ping/:slug", notKeys},
			{"CORS_ORIGINS and the cookie boxwatch_token", notKeys},
			{"The key that the guide shows", "it has 65 hex digits, one more than the guide says and than any key has"},
		},
	}
}

// workspace is the app that keeps its keys in a JSON file and its environment.
func workspace() Preset {
	return Preset{
		Name: "workspace", Title: "long keys in base64url without a prefix, and 100 requests an hour for each",
		Settings: []Setting{
			{"token_format", "base64url"}, {"token_bytes", "54"}, {"supplied_least", "32"}, {"roles", "admin,client"}, {"default_rate", "100/1h"},
		},
		Not: []Omission{
			{"Keys of 64 random bytes, 86 characters", "bcrypt reads no further than 72 characters, and what it would cut is never hashed here: keys have 54 bytes, which are those 72 characters"},
			{"Stored bcrypt hashes of generated keys", "a slow hash is for secrets that people choose; sha256 of 432 random bits costs a server less and hides as much. Supplied keys are hashed by bcrypt"},
			{"ADMIN_API_KEY and VALID_API_KEYS are read from the environment", "a key there is nobody's secret for long: create --key-file registers it, with the role admin or client"},
			{"client-key-1, client-key-2: keys of any length", "32 characters are the least that may be supplied, which the guide recommends, too"},
			{"ALLOWED_IPS restricts every request", "networks belong to a key: default_networks gives them to new ones, update changes those of others. No network is any address, as * is there"},
			{"ALLOWED_IPS and X-Forwarded-For behind a trusted proxy", byMiddleware},
			{"Session authentication, and the order session, stored keys, admin key, client keys", "sessions are not API keys, and no token is that of two keys: there is no order to keep"},
			{"x-api-key or Authorization: Bearer", byMiddleware},
			{"All authentication attempts are logged", "keyreeve's audit is of changes to keys: requests are for the server to log"},
			{"The statuses 401, 403 and 429 with their texts", byMiddleware},
			{"workspaces/api-keys.json", "it is no database: a policy says what keys are, not where those of others are kept"},
			{"Generating a key in the dashboard replaces the one before", byCommand + ", and a new key ends no other unless it is made by rotate"},
			{"Monitor usage, HTTPS only, rate limiting in Redis", notKeys},
		},
	}
}
