package keys

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"math"
	"strings"
)

// The parts that [TokenForm].Text and MaskText speak of.
const (
	selectorMark = "{selector}"
	secretMark   = "{secret}"
)

// alphabets are the characters of a part's encodings, see [Part].Of.
var alphabets = map[string]string{
	"base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", // RFC 4648, section 5
	"hex":       "0123456789abcdef",
	"base62":    base62,
}

// Len returns how many characters a part has that is drawn from so many bytes; 0
// bytes are the part's own.
func (p Part) Len(bytes int) int {
	if bytes == 0 {
		bytes = p.Bytes
	}
	switch {
	case p.Chars > 0:
		return p.Chars
	case p.Of == "base64url":
		return base64.RawURLEncoding.EncodedLen(bytes)
	case p.Of == "hex":
		return hex.EncodedLen(bytes)
	}
	return base62Len(bytes)
}

// base62Len returns how many base62 characters hold n bytes of randomness.
func base62Len(n int) int { return int(math.Ceil(8 * float64(n) / math.Log2(62))) }

// Draw returns new random characters from rand, which must be cryptographically
// secure: bytes of randomness, 0 for the part's own number. Another number gives
// ReasonInvalid unless it is within Least and Most, a part of no length or of an
// unknown encoding ReasonUnsupported, a rand that fails ReasonFailed.
func (p Part) Draw(rand io.Reader, bytes int) (string, error) {
	if err := p.checkBytes(bytes); err != nil {
		return "", err
	}
	alphabet, known := alphabets[p.Of]
	if !known || p.Chars <= 0 && p.Bytes <= 0 {
		return "", Errorf(ReasonUnsupported, "the layout does not say what the random part of a token is")
	}
	if bytes == 0 {
		bytes = p.Bytes
	}
	if p.Chars > 0 || p.Of == "base62" {
		return drawChars(rand, alphabet, p.Len(bytes))
	}
	drawn := make([]byte, bytes)
	if _, err := io.ReadFull(rand, drawn); err != nil {
		return "", Errorf(ReasonFailed, "cannot read randomness").Because(err)
	}
	if p.Of == "hex" {
		return hex.EncodeToString(drawn), nil
	}
	return base64.RawURLEncoding.EncodeToString(drawn), nil
}

// checkBytes refuses a number of bytes that the server would not make.
func (p Part) checkBytes(bytes int) error {
	switch {
	case bytes == 0 || bytes == p.Bytes && p.Chars == 0:
		return nil
	case p.Least <= 0 || p.Chars > 0:
		return Errorf(ReasonInvalid, "the server makes tokens of one length only: %d bytes of randomness cannot be asked for", bytes)
	case bytes < p.Least || bytes > p.Most:
		return Errorf(ReasonInvalid, "a secret of %d bytes is not one that the server makes: %d to %d", bytes, p.Least, p.Most)
	}
	return nil
}

// drawChars returns n characters of an alphabet of at most 64, each equally
// likely: as many bits as number them give a power of two of values, of which
// those without a character are thrown away rather than folded back.
func drawChars(rand io.Reader, alphabet string, n int) (string, error) {
	mask := byte(1)
	for int(mask)+1 < len(alphabet) {
		mask = mask<<1 | 1
	}
	drawn, chunk := make([]byte, 0, n), make([]byte, 64)
	for range 32 + n/16 { // only a source that is not random needs more
		if _, err := io.ReadFull(rand, chunk); err != nil {
			return "", Errorf(ReasonFailed, "cannot read randomness").Because(err)
		}
		for _, b := range chunk {
			if b &= mask; int(b) < len(alphabet) && len(drawn) < n {
				drawn = append(drawn, alphabet[b])
			}
		}
		if len(drawn) == n {
			return string(drawn), nil
		}
	}
	return "", Errorf(ReasonFailed, "the source of randomness is not random")
}

// New returns a new token with so many bytes of randomness in its secret, 0 for
// what the server uses itself. Errors are those of [Part.Draw]; a form without a
// Text, whose tokens must be supplied, gives ReasonUnsupported.
func (f *TokenForm) New(rand io.Reader, secretBytes int) (string, error) {
	return f.draw(rand, secretBytes, "")
}

// draw is New with a selector that is settled already, "" for a new one.
func (f *TokenForm) draw(rand io.Reader, secretBytes int, selector string) (string, error) {
	if !strings.Contains(f.Text, secretMark) {
		return "", Errorf(ReasonUnsupported, "nothing is known of how the server makes tokens: one must be supplied")
	}
	secret, err := f.Secret.Draw(rand, secretBytes)
	if err != nil {
		return "", err
	}
	if selector == "" && strings.Contains(f.Text, selectorMark) {
		if selector, err = f.Selector.Draw(rand, 0); err != nil {
			return "", err
		}
	}
	token := strings.NewReplacer(selectorMark, selector, secretMark, secret).Replace(f.Text)
	if _, ok := f.Parse(token); !ok {
		return "", Errorf(ReasonUnsupported, "the layout makes tokens that its own pattern does not take")
	}
	return token, nil
}

// TokenParts are the parts of a presented token.
type TokenParts struct {
	Selector string // what the server looks for among visible prefixes, "" if it has none
	Hashed   string // what the server hashes
	Masked   string // how the table shows the token, "" where it keeps no such form
}

// Parse takes a token apart as the server does. False means that the server does
// not take it for a token, whatever its table holds.
func (f *TokenForm) Parse(token string) (TokenParts, bool) {
	parts := TokenParts{Hashed: token}
	if f.Pattern != nil {
		at := f.Pattern.FindStringSubmatchIndex(token)
		if at == nil {
			return TokenParts{}, false
		}
		for i, name := range f.Pattern.SubexpNames() {
			if i > 0 && at[2*i] >= 0 {
				parts.set(name, token[at[2*i]:at[2*i+1]])
			}
		}
	}
	if token == "" || parts.Hashed == "" {
		return TokenParts{}, false
	}
	if parts.Selector != "" || !strings.Contains(f.MaskText, selectorMark) {
		parts.Masked = strings.ReplaceAll(f.MaskText, selectorMark, parts.Selector)
	}
	return parts, true
}

func (p *TokenParts) set(group, text string) {
	switch group {
	case "selector":
		p.Selector = text
	case "hashed":
		p.Hashed = text
	}
}
