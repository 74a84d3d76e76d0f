package db

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// The hash of a key is lower-case hex where it is a digest, and its scheme's text
// where it is not, whatever the column has.

// blob is a text's bytes.
func encodeBlob(ref any) any { return []byte(*ref.(*string)) }

func decodeBlob(v, ref any) error {
	b, ok := v.([]byte)
	if !ok {
		return errShape("a blob", v)
	}
	*ref.(*string) = string(b)
	return nil
}

// raw is a digest's bytes.
func encodeRaw(ref any) any {
	if b := digestBytes(ref); b != nil {
		return b
	}
	return nil // and not a slice that is nil
}

func decodeRaw(v, ref any) error {
	b, ok := v.([]byte)
	if !ok || len(b) == 0 {
		return errShape("the bytes of a digest", v)
	}
	*ref.(*string) = hex.EncodeToString(b)
	return nil
}

func encodeBase64(ref any) any { return encodeDigest(ref, base64.StdEncoding) }

func encodeBase64URL(ref any) any { return encodeDigest(ref, base64.RawURLEncoding) }

func encodeDigest(ref any, by *base64.Encoding) any {
	if b := digestBytes(ref); b != nil {
		return by.EncodeToString(b)
	}
	return nil
}

// decodeBase64 reads either alphabet, padded or not: none can be taken for another.
func decodeBase64(v, ref any) error {
	s, ok := v.(string)
	if !ok {
		return errShape("base64 text", v)
	}
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || len(b) == 0 {
		return errShape("base64 text", v)
	}
	*ref.(*string) = hex.EncodeToString(b)
	return nil
}

// digestBytes returns nil for what is no digest.
func digestBytes(ref any) []byte {
	b, err := hex.DecodeString(*ref.(*string))
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}
