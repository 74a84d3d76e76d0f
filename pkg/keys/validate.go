package keys

import "strconv"

// mostKeys bounds what one request makes, in one transaction and in memory.
const mostKeys = 1_000_000

// Validate checks a request before anything is opened or generated, and fills in
// what it leaves open. Errors are ReasonInvalid. The service does it again.
func (q *CreateRequest) Validate(now Instant) (err error) {
	k := &q.Key
	if q.Count < 0 || q.Count > mostKeys {
		return Errorf(ReasonInvalid, "%d keys at once: the number is 1 to %d", q.Count, mostKeys)
	}
	if k.Prefix == "" {
		k.Prefix = DefaultPrefix
	}
	if q.SecretBytes == 0 {
		q.SecretBytes = DefaultSecretBytes
	}
	if k.Scopes, err = NormalizeScopes(k.Scopes); err != nil {
		return err
	}
	label := k.Label
	if q.Count > 0 && label != "" {
		label += "-" + strconv.Itoa(q.Count)
	}
	for _, check := range []struct {
		value string
		valid func(string) error
	}{
		{label, ValidateLabel}, {k.Description, ValidateDescription}, {k.Owner, ValidateOwner},
		{k.Role, ValidateRole}, {k.Resource, ValidateResource}, {q.Reason, ValidateReason},
	} {
		if err := optional(check.value, check.valid); err != nil {
			return err
		}
	}
	if err := ValidateMetadata(k.Metadata); err != nil {
		return err
	}
	if err := k.validateSpan(now); err != nil {
		return err
	}
	return validateToken(q)
}

func (k *Key) validateSpan(now Instant) error {
	switch {
	case k.ExpiresAt.Reached(now):
		return Errorf(ReasonInvalid, "the key would have expired at %s already", k.ExpiresAt)
	case !k.NotBefore.IsNone() && k.ExpiresAt.Reached(k.NotBefore):
		return Errorf(ReasonInvalid, "the key would expire at %s, before it begins at %s", k.ExpiresAt, k.NotBefore)
	}
	return nil
}

func validateToken(q *CreateRequest) error {
	if q.Scheme == "" {
		q.Scheme = SHA256
		if q.Supplied != "" {
			q.Scheme = Bcrypt
		}
	}
	if q.Scheme == Bcrypt {
		if _, err := bcryptCost(q.BcryptCost); err != nil {
			return err
		}
	}
	if q.Supplied == "" {
		if err := ValidatePrefix(q.Key.Prefix); err != nil {
			return err
		}
		_, err := secretChars(q.Key.Prefix, q.SecretBytes)
		return err
	}
	if q.Count > 1 {
		return Errorf(ReasonInvalid, "one supplied token cannot be %d keys", q.Count)
	}
	return ValidateSupplied(q.Supplied)
}
