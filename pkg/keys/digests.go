package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Digest returns the lower-case hex SHA-256 of the token's bytes: what [SHA256]
// stores.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func hashSHA256(token string, _ HashOptions) (string, error) { return Digest(token), nil }

func checkSHA256(stored string) error { return checkDigest(stored, sha256.Size) }

func equalSHA256(stored, token string, _ []byte) (bool, error) {
	return sameDigest(stored, Digest(token)), nil
}

func hashSHA512(token string, _ HashOptions) (string, error) {
	sum := sha512.Sum512([]byte(token))
	return hex.EncodeToString(sum[:]), nil
}

func checkSHA512(stored string) error { return checkDigest(stored, sha512.Size) }

func equalSHA512(stored, token string, _ []byte) (bool, error) {
	digest, err := hashSHA512(token, HashOptions{})
	return err == nil && sameDigest(stored, digest), err
}

func hashHMAC(token string, o HashOptions) (string, error) {
	if len(o.Secret) == 0 {
		return "", Errorf(ReasonInvalid, "hmac-sha256 needs the server's secret")
	}
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

func equalHMAC(stored, token string, secret []byte) (bool, error) {
	digest, err := hashHMAC(token, HashOptions{Secret: secret})
	return err == nil && sameDigest(stored, digest), err
}

// sameDigest compares in constant time, so that nobody learns a stored digest
// byte by byte (OWASP ASVS 11.2.4).
func sameDigest(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// checkDigest accepts lower-case hex digits of so many bytes. Systems that compare
// text would refuse a key whose digest is in capitals, so it is not folded here.
func checkDigest(stored string, size int) error {
	if len(stored) != hex.EncodedLen(size) || strings.Trim(stored, "0123456789abcdef") != "" {
		return Errorf(ReasonCorrupt, "the stored digest is not %d lower-case hex digits", hex.EncodedLen(size))
	}
	return nil
}

func hashClear(token string, _ HashOptions) (string, error) { return token, nil }

func checkClear(stored string) error {
	if stored == "" {
		return Errorf(ReasonCorrupt, "the stored token is empty")
	}
	return nil
}

// equalClear compares digests: the time to compare texts would tell their length.
func equalClear(stored, token string, _ []byte) (bool, error) {
	return sameDigest(Digest(stored), Digest(token)), nil
}
