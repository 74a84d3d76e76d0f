package keys

import "slices"

// AllScopes is the scope that grants every other.
const AllScopes = "*"

// wordChars is what scopes and roles are made of: the scope-token of RFC 6749
// section 3.3, less the comma, which separates them on a command line.
var wordChars = alphabet{
	refuses: func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == ',' || r == '\\' },
	says:    "printable ASCII without space, comma, double quote and backslash is allowed",
}

var (
	scopeText    = textRule{name: "scope", min: 1, max: 128, of: wordChars, not: []trait{withNative}}
	roleText     = textRule{name: "role", min: 1, max: 64, of: wordChars, not: []trait{withNative}}
	resourceText = textRule{name: "resource", min: 1, max: 256, of: visibleChars, not: []trait{edgeSpace, withNative}}
)

// ValidateScope gives ReasonInvalid unless s is 1 to 128 characters of printable
// ASCII without space, comma, double quote and backslash, and no native token. A
// "*" within a longer scope is a plain character: "read:*" is granted by "read:*"
// and by "*" alone.
func ValidateScope(s string) error { return scopeText.check(s) }

// ValidateRole gives ReasonInvalid unless s is 1 to 64 characters of the kind
// that scopes are made of.
func ValidateRole(s string) error { return roleText.check(s) }

// ValidateResource gives ReasonInvalid unless s is 1 to 256 visible characters
// without a space at either end. It may look like the tokens of other systems,
// since digests name things, but not hold a native token.
func ValidateResource(s string) error { return resourceText.check(s) }

// Grants tells whether a key with these scopes may do what demands one: it has
// exactly that scope or [AllScopes]. No scopes grant nothing.
func Grants(scopes []string, demanded string) bool {
	return slices.Contains(scopes, demanded) || slices.Contains(scopes, AllScopes)
}

// NormalizeScopes returns the scopes in their order, each once, or the error of
// the first that is not valid. No scopes give nil.
func NormalizeScopes(list []string) ([]string, error) {
	var scopes []string
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if err := ValidateScope(s); err != nil {
			return nil, err
		}
		if !seen[s] {
			seen[s] = true
			scopes = append(scopes, s)
		}
	}
	return scopes, nil
}
