package keys

import (
	"cmp"
	"slices"
	"strings"
)

// selectorPart is the public part of a token of [SelectorTokens]: the id of its key.
var selectorPart = Part{Bytes: 8, Of: "hex"}

// tokenForms are the forms that are not keyreeve's own, without their prefix. They
// make tokens; what is presented is found whatever it looks like.
var tokenForms = map[TokenFormat]TokenForm{
	HexTokens:       {Text: secretMark, Secret: Part{Of: "hex"}},
	Base64URLTokens: {Text: secretMark, Secret: Part{Of: "base64url"}},
	SelectorTokens:  {Text: selectorMark + "." + secretMark, Selector: selectorPart, Secret: Part{Of: "base64url"}},
}

// form returns that of generated tokens, nil for keyreeve's own.
func (p *Policy) form(prefix string, bytes int) *TokenForm {
	form, other := tokenForms[p.TokenFormat]
	if !other {
		return nil
	}
	if prefix != "" {
		form.Text = prefix + "_" + form.Text
	}
	form.Secret.Bytes = bytes
	return &form
}

// tokenLen returns how many characters generated tokens have.
func (p *Policy) tokenLen(prefix string, bytes int) int {
	form := p.form(prefix, bytes)
	if form == nil {
		return len(prefix) + 1 + idChars + base62Len(bytes) + checkChars
	}
	text := strings.NewReplacer(selectorMark, "", secretMark, "").Replace(form.Text)
	if strings.Contains(form.Text, selectorMark) {
		return len(text) + form.Selector.Len(0) + form.Secret.Len(0)
	}
	return len(text) + form.Secret.Len(0)
}

func (p *Policy) usualBytes() int { return cmp.Or(p.TokenBytes, DefaultSecretBytes) }

// usualPrefix is the prefix where none is asked for. Of all forms only base64url
// goes without.
func (p *Policy) usualPrefix() string {
	switch {
	case len(p.TokenPrefixes) > 0:
		return p.TokenPrefixes[0]
	case p.TokenFormat == Base64URLTokens:
		return ""
	}
	return DefaultPrefix
}

func (p *Policy) suppliedBounds() (least, most int) {
	return cmp.Or(p.SuppliedLeast, minSuppliedBytes), cmp.Or(p.SuppliedMost, MaxTokenBytes)
}

// checkToken is [Rules.checkToken] for keyreeve's own tables.
func (p *Policy) checkToken(q *CreateRequest) error {
	if q.Supplied != "" {
		return p.checkSupplied(q)
	}
	return p.checkGenerated(q)
}

// checkGenerated fills in what the request leaves open of a token, and tells whether
// it can be made.
func (p *Policy) checkGenerated(q *CreateRequest) error {
	q.Key.Prefix = cmp.Or(q.Key.Prefix, p.usualPrefix())
	q.SecretBytes = cmp.Or(q.SecretBytes, p.usualBytes())
	if !p.allowsPrefix(q.Key.Prefix) {
		return Errorf(ReasonPolicy, "the policy token_prefixes lets tokens begin with %s, not with %s", anyOf(p.TokenPrefixes), q.Key.Prefix).OnSetting("token_prefixes")
	}
	form := p.form(q.Key.Prefix, q.SecretBytes)
	switch {
	case form == nil && q.SecretBytes < p.TokenBytes:
		return Errorf(ReasonPolicy, "the policy token_bytes wants secrets of at least %d bytes, not %d", p.TokenBytes, q.SecretBytes).OnSetting("token_bytes")
	case form == nil:
		_, err := secretChars(q.Key.Prefix, q.SecretBytes)
		return err
	case p.TokenBytes != 0 && q.SecretBytes != p.TokenBytes:
		return Errorf(ReasonPolicy, "the policy token_bytes wants secrets of %d bytes, not %d", p.TokenBytes, q.SecretBytes).OnSetting("token_bytes")
	case p.tokenLen(q.Key.Prefix, q.SecretBytes) > MaxTokenBytes:
		return Errorf(ReasonInvalid, "a secret of %d bytes makes the token longer than %d bytes", q.SecretBytes, MaxTokenBytes)
	}
	return nil
}

func (p *Policy) allowsPrefix(prefix string) bool {
	return len(p.TokenPrefixes) == 0 || slices.Contains(p.TokenPrefixes, prefix)
}

// checkSupplied tells whether the token of the request may be supplied, and fills in
// its prefix.
func (p *Policy) checkSupplied(q *CreateRequest) error {
	if err := ValidateSupplied(q.Supplied); err != nil {
		return err
	}
	n := len(q.Supplied)
	least, most := p.suppliedBounds()
	switch {
	case n < least:
		return Errorf(ReasonPolicy, "the policy supplied_least wants tokens of at least %d characters: this one has %d", least, n).OnSetting("supplied_least")
	case n > most:
		return Errorf(ReasonPolicy, "the policy supplied_most wants tokens of at most %d characters: this one has %d", most, n).OnSetting("supplied_most")
	}
	q.Key.Prefix, _ = p.mask(q.Supplied)
	if !p.allowsPrefix(q.Key.Prefix) {
		return Errorf(ReasonPolicy, "the policy token_prefixes lets tokens begin with %s: this one does not", anyOf(p.TokenPrefixes)).OnSetting("token_prefixes")
	}
	return nil
}

// mask is [MaskSupplied], but knows the prefixes that the policy names.
func (p *Policy) mask(token string) (prefix, masked string) {
	named := p.TokenPrefixes
	for _, bound := range p.PrefixResources {
		named = append(slices.Clip(named), bound.Prefix)
	}
	for _, known := range named {
		if strings.HasPrefix(token, known+"_") && len(known) > len(prefix) {
			prefix = known
		}
	}
	if prefix == "" {
		return MaskSupplied(token)
	}
	return prefix, maskAfter(prefix, token)
}

// maskAfter shows a token that begins with a prefix, if it has one.
func maskAfter(prefix, token string) string {
	start := 0
	if prefix != "" {
		start = len(prefix) + 1
	}
	return token[:start] + displayStart(token[start:]) + "…"
}

// cutSelector takes a token of [SelectorTokens] apart. One that somebody supplied can
// look the same.
func cutSelector(token string) (prefix, selector string, ok bool) {
	head, secret, dotted := strings.Cut(token, ".")
	prefix, selector, ok = cutBody(head)
	ok = ok && dotted && len(selector) == selectorPart.Len(0) && strings.Trim(selector, alphabets["hex"]) == ""
	if !ok || len(secret) < minSecretChars || strings.Trim(secret, alphabets["base64url"]) != "" {
		return "", "", false
	}
	return prefix, selector, true
}
