package keys

// Used tells whether somebody has used the key since it was made, as far as that is
// recorded: some servers write the making of a key as its first use.
func (k *Key) Used() bool {
	return !k.LastUsedAt.IsNone() && k.LastUsedAt.Millis() > k.CreatedAt.Millis()
}
