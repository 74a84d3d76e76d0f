// Package keys is the domain of keyreeve: API keys, their tokens and hashes,
// the rules that decide whether a key is accepted, and the guards that keep an
// operator from locking everyone out.
//
// It knows no SQL and no HTTP. A [Service] holds the use cases; it works on any
// [Store]. Times are Unix milliseconds UTC, wrapped in [Instant].
package keys
