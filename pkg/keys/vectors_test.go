package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// None of these hashes was made by this program or by Go: the digests come from
// openssl dgst -sha256 [-hmac] and -sha512, the bcrypt texts from libxcrypt by Python's
// crypt.crypt, the argon2id texts from OpenSSL by Python's cryptography.
const (
	typed    = "a-token-that-a-person-typed-0123456789"
	hmacKey  = "server secret of thirty-two bytes"
	typedSHA = "f31e4aa40233386fa5eace5cd8a8b4d7" + "bf0554f11f8d77e27453e0116f8c16ef"
	typed512 = "30daf2fed19f160430092c27cdda2d86" + "3f2525d2fcb6c75a4914dd628c402684" +
		"1c86c430fc0362425954e62b53ded229" + "3a7f95b3df0efdd3ed389d9e04ca5187"
	typedHMAC = "27077163cf22c4acf96deedd82b5fe45" + "1dee01db51c31bc6ef0152fd2e39da3f"

	bcryptSalt  = "04$KeyreeveVectorSaltAbCu"
	typedBcrypt = bcryptSalt + "y/R3.hxpiDRkWM2rVdWfG7OS3JnQDli"
	longBcrypt  = bcryptSalt + "AhnAxtvGBws4giSAL/9HFqVuUCbfP8S" // of bytes72
	utf8Bcrypt  = bcryptSalt + ".TmFk.TbOQRf6K5uolghPCGsK7ATey2"

	argonSalt = "$c2FsdHNhbHRzYWx0c2FsdA$"
	argon1    = "$argon2id$v=19$m=64,t=1,p=1" + argonSalt + "PZqo+SkYHE4UFGMoWNgfI0mlOHCbw/AFF2cYH+bLfnE"
	argon2    = "$argon2id$v=19$m=64,t=3,p=2" + argonSalt + "dX0diFL/NeQtZ23TaYQFqJe5bXoMJ7i/lC37EUZWKB4"
	argon4    = "$argon2id$v=19$m=1024,t=2,p=4" + argonSalt + "d5XI8fYLu3YJdVAX2JW/OnVEoOgdDrerZ7oESkzquJg"

	bytes72 = "0123456789012345678901234567890123456789012345678901234567890123456789ab"
)

func TestMatchesForeignHashes(t *testing.T) {
	for _, c := range []struct {
		name   string
		scheme keys.Scheme
		stored string
		token  string
		want   bool
	}{
		{"sha256", keys.SHA256, typedSHA, typed, true},
		{"sha256, wrong", keys.SHA256, typedSHA, typed + "x", false},
		{"sha512", keys.SHA512, typed512, typed, true},
		{"sha512, wrong", keys.SHA512, typed512, typed + "x", false},
		{"clear", keys.Clear, typed, typed, true},
		{"clear, wrong", keys.Clear, typed, typed + "x", false},
		{"clear, cut", keys.Clear, typed, typed[:37], false},
		{"clear is no digest", keys.Clear, typedSHA, typed, false},
		{"hmac", keys.HMACSHA256, typedHMAC, typed, true},
		{"hmac, wrong", keys.HMACSHA256, typedHMAC, typed + "x", false},
		{"hmac is not sha256", keys.HMACSHA256, typedSHA, typed, false},
		{"bcrypt 2a", keys.Bcrypt, "$2a$" + typedBcrypt, typed, true},
		{"bcrypt 2b", keys.Bcrypt, "$2b$" + typedBcrypt, typed, true},
		{"bcrypt 2y", keys.Bcrypt, "$2y$" + typedBcrypt, typed, true},
		{"bcrypt, wrong", keys.Bcrypt, "$2b$" + typedBcrypt, typed + "x", false},
		{"bcrypt, UTF-8", keys.Bcrypt, "$2b$" + utf8Bcrypt, "händler-tokén-0123456789-abcdefgh", true},
		{"bcrypt, 72 bytes", keys.Bcrypt, "$2b$" + longBcrypt, bytes72, true},
		{"bcrypt, 73 bytes", keys.Bcrypt, "$2b$" + longBcrypt, bytes72 + "c", false},
		{"bcrypt, 71 bytes", keys.Bcrypt, "$2b$" + longBcrypt, bytes72[:71], false},
		{"bcrypt repeats after NUL", keys.Bcrypt, "$2b$" + typedBcrypt, typed + "\x00" + typed[:33], false},
		{"bcrypt72, 72 bytes", keys.Bcrypt72, "$2b$" + longBcrypt, bytes72, true},
		{"bcrypt72, any tail", keys.Bcrypt72, "$2b$" + longBcrypt, bytes72 + strings.Repeat("z", 34), true},
		{"bcrypt72, 71 bytes", keys.Bcrypt72, "$2b$" + longBcrypt, bytes72[:71], false},
		{"bcrypt72, short", keys.Bcrypt72, "$2a$" + typedBcrypt, typed, true},
		{"argon2id, one lane", keys.Argon2id, argon1, typed, true},
		{"argon2id, two lanes", keys.Argon2id, argon2, typed, true},
		{"argon2id, four lanes", keys.Argon2id, argon4, typed, true},
		{"argon2id, wrong", keys.Argon2id, argon1, typed + "x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.scheme.Matches(c.stored, c.token, []byte(hmacKey))
			if err != nil || got != c.want {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}
