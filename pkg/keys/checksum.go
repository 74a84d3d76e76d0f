package keys

import (
	"hash/crc32"
	"strings"
)

// base62 is the alphabet of native tokens, in the order of the digits' values.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Checksum returns the six characters that end a native token: the CRC-32
// (IEEE) of body, which is the id and the secret, in base62, padded with zeros
// on the left. It finds typing errors and leaked tokens without a database. It
// authenticates nothing, since anyone can compute it.
func Checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var digits [checkChars]byte
	for i := range digits {
		digits[checkChars-1-i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

// rightlyEnds tells whether b is a body followed by its checksum.
func rightlyEnds(b []byte) bool {
	if len(b) < checkChars {
		return false
	}
	body, check := b[:len(b)-checkChars], b[len(b)-checkChars:]
	var sum uint64
	for _, c := range check {
		digit := strings.IndexByte(base62, c)
		if digit < 0 {
			return false
		}
		sum = sum*62 + uint64(digit)
	}
	return sum == uint64(crc32.ChecksumIEEE(body))
}
