package keys

import (
	"io"
	"strings"
)

// ValidateSupplied tells whether a caller may supply this token to a server whose
// tokens have this form and are hashed by h. Beyond what the server demands it
// must be printable ASCII without spaces, since headers carry no more. The error
// has ReasonInvalid and says what is wrong and where, counting characters from
// 1, never what the token is.
func (f *TokenForm) ValidateSupplied(token string, h HashRules) error {
	if err := checkPrintable(token); err != nil {
		return err
	}
	if err := f.checkLength(len(token)); err != nil {
		return err
	}
	parts, ok := f.Parse(token)
	if !ok {
		return Errorf(ReasonInvalid, "the server would not take this for a token%s", f.example())
	}
	if h.Scheme == Bcrypt && len(parts.Hashed) > bcryptBytes {
		return Errorf(ReasonInvalid, "the token has %d bytes that the server hashes with bcrypt: it fails on more than %d",
			len(parts.Hashed), bcryptBytes)
	}
	return nil
}

// checkLength holds a number of ASCII characters against the bounds.
func (f *TokenForm) checkLength(n int) error {
	least := f.LeastChars
	if least == 0 {
		least = minSuppliedBytes
	}
	switch {
	case n < least:
		return Errorf(ReasonInvalid, "the token is %d characters long: at least %d", n, least)
	case f.MostBytes > 0 && n > f.MostBytes:
		return Errorf(ReasonInvalid, "the token is %d bytes long: at most %d", n, f.MostBytes)
	}
	return nil
}

// example shows the form where it says more than that there is a secret.
func (f *TokenForm) example() string {
	if f.Text == "" || f.Text == secretMark {
		return ""
	}
	return ": its tokens look like " + f.Text
}

// Validate tells what contradictions are in a form whose tokens are hashed by h,
// with ReasonLayoutFile: tokens that would have no randomness, that its own
// pattern does not take, or that its hash cannot hold.
func (f *TokenForm) Validate(h HashRules) error {
	switch {
	case strings.Contains(f.MaskText, secretMark):
		return Errorf(ReasonLayoutFile, "the mask %q shows the secret", f.MaskText)
	case f.MostBytes > 0 && f.MostBytes < f.LeastChars:
		return Errorf(ReasonLayoutFile, "a supplied token cannot have %d characters in %d bytes", f.LeastChars, f.MostBytes)
	case f.Text == "":
		return nil
	case strings.Count(f.Text, secretMark) != 1:
		return Errorf(ReasonLayoutFile, "the form %q does not have the mark %s once", f.Text, secretMark)
	case strings.Count(f.Text, selectorMark) > 1:
		return Errorf(ReasonLayoutFile, "the form %q has the mark %s more than once", f.Text, selectorMark)
	case f.Secret.Least < 0 || f.Secret.Least > f.Secret.Most || f.Secret.Least > 0 && f.Secret.Chars > 0:
		return Errorf(ReasonLayoutFile, "the bounds of the secret, %d to %d bytes, are none", f.Secret.Least, f.Secret.Most)
	}
	return f.tryLengths(h)
}

// tryLengths makes tokens of each length, of as many as hold every character.
func (f *TokenForm) tryLengths(h HashRules) error {
	const enough = 12
	source := new(counter)
	for _, bytes := range []int{0, f.Secret.Least, f.Secret.Most} {
		for range enough {
			if err := f.try(source, bytes, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *TokenForm) try(source io.Reader, bytes int, h HashRules) error {
	token, err := f.New(source, bytes)
	if err != nil {
		return Errorf(ReasonLayoutFile, "%s", err)
	}
	parts, _ := f.Parse(token)
	if strings.Contains(f.MaskText, selectorMark) && parts.Selector == "" {
		return Errorf(ReasonLayoutFile, "the mask %q needs a group %q in the pattern", f.MaskText, "selector")
	}
	if h.Scheme == Bcrypt && len(parts.Hashed) > bcryptBytes {
		return Errorf(ReasonLayoutFile, "a token of %d bytes has no bcrypt hash, only one cut to %d", len(parts.Hashed), bcryptBytes)
	}
	return nil
}

// counter is a source of all bytes in turn: no randomness, but every value.
type counter byte

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*c)
		*c++
	}
	return len(p), nil
}
