package cmd

import (
	"strings"
	"testing"
)

func TestLookupDotenv(t *testing.T) {
	const secret = "an-invented-secret-of-a-test-server"
	for _, c := range []struct{ name, text, want string }{
		{"plain", "A=1\nSECRET=" + secret + "\nB=2\n", secret},
		{"without a last newline", "SECRET=" + secret, secret},
		{"DOS lines and a BOM", "\uFEFFSECRET=" + secret + "\r\nB=2\r\n", secret},
		{"exported, spaced", "  export  SECRET = " + secret + "  \n", secret},
		{"commented", "# SECRET=no\nSECRET=" + secret + " # SECRET=no\n", secret},
		{"single quotes", "SECRET='a $ # \" b'\n", `a $ # " b`},
		{"double quotes", `SECRET="a # ' \" \\ \$ b" # no` + "\n", `a # ' " \ $ b`},
		{"escaped newline", `SECRET="a\nb"`, "a\nb"},
		{"spaces within", "SECRET=three words here\n", "three words here"},
		{"the last one counts", "SECRET=one\nOTHER=x\nSECRET=two\n", "two"},
		{"lines of another value", "CERT=\"-----\nSECRET=no\n-----\"\nSECRET=yes\n", "yes"},
		{"lines of another value alone", "SECRET=yes\nCERT='-----\nSECRET=no\n-----'\n", "yes"},
		{"an unfinished quote elsewhere", "NOTE=\"oops\nSECRET=yes\n", "yes"},
		{"names that only begin so", "SECRET_OLD=no\nSECRET=yes\nMY_SECRET=no\n", "yes"},
		{"empty", "SECRET=\n", ""},
		{"empty quotes", "SECRET=\"\"\n", ""},
		{"a comment instead", "SECRET= # later\n", ""},
	} {
		got, err := lookupDotenv([]byte(c.text), "file", "SECRET")
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// A secret that is slightly wrong would only be noticed when a server refuses
// every new key.
func TestLookupDotenvRefusesWhatReadersDifferAbout(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"OTHER=1\n", "does not set SECRET"},
		{"", "does not set SECRET"},
		{"SECRET\n", "does not set SECRET"},
		{"SECRET=abc#def\n", "a number sign could begin a comment"},
		{"SECRET=abc$def\n", "a dollar sign or backslash"},
		{`SECRET=abc\def` + "\n", "a dollar sign or backslash"},
		{"SECRET=\"abc$def\"\n", "a dollar sign could begin a variable"},
		{`SECRET="abc\qdef"` + "\n", "a backslash before a character that needs none"},
		{`SECRET='abc\def'` + "\n", "a backslash within single quotes"},
		{"SECRET=\"abc\n", "its quote is not closed"},
		{"SECRET=`abc`\n", "none that all know"},
		{"SECRET='abc'def\n", "something follows the closing quote"},
		{"SECRET='abc\ndef'\n", "several lines"},
		{"SECRET=a\x00b\n", "binary data"},
	} {
		got, err := lookupDotenv([]byte(c.text), "the-file", "SECRET")
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "the-file") {
			t.Errorf("%q: %q, %v, want an error that says %q", c.text, got, err, c.says)
		} else if strings.Contains(err.Error(), "abc") {
			t.Errorf("%q: the error shows the value: %v", c.text, err)
		}
	}
}

// FuzzLookupDotenv reads back what is written into any file: what a line sets, the
// last one wins over whatever came before.
func FuzzLookupDotenv(f *testing.F) {
	f.Add("A=1\n", "abc")
	f.Add("export SECRET='x'\r\n#\n", "a b$c#d")
	f.Add("CERT=\"a\nSECRET=no\n\"\n", "0123456789")
	f.Add("SECRET=\"\\", "'")
	f.Fuzz(func(t *testing.T, text, token string) {
		value, err := lookupDotenv([]byte(text), "file", "SECRET")
		if err != nil && value != "" {
			t.Errorf("%q: both %q and %v", text, value, err)
		}
		written, err := dotenvValue(token)
		if err != nil || strings.ContainsAny(token, "\x00\r\n") || strings.Count(text, `"`)+strings.Count(text, "'") > 0 {
			return
		}
		content := text + "\nSECRET=" + written + "\n"
		if got, err := lookupDotenv([]byte(content), "file", "SECRET"); !strings.Contains(text, "\x00") && (err != nil || got != token) {
			t.Errorf("%q: %q, %v, want %q", content, got, err, token)
		}
	})
}
