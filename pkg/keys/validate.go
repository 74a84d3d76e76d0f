package keys

import "strconv"

// mostKeys bounds what one request makes, in one transaction and in memory.
const mostKeys = 1_000_000

// Validate checks of a request what holds whatever database it is for, before
// anything is opened or generated, and puts its scopes in order. Errors are
// ReasonInvalid. The service does it again, and adds the rules of its database.
func (q *CreateRequest) Validate(now Instant) (err error) {
	k := &q.Key
	if q.Count < 0 || q.Count > mostKeys {
		return Errorf(ReasonInvalid, "%d keys at once: the number is 1 to %d", q.Count, mostKeys)
	}
	if k.Scopes, err = NormalizeScopes(k.Scopes); err != nil {
		return err
	}
	if err := q.validateTexts(); err != nil {
		return err
	}
	if err := ValidateMetadata(k.Metadata); err != nil {
		return err
	}
	if err := k.validateSpan(now); err != nil {
		return err
	}
	return q.validateToken()
}

func (q *CreateRequest) validateTexts() error {
	k := &q.Key
	for _, check := range []struct {
		value string
		valid func(string) error
	}{
		{q.lastLabel(), ValidateLabel}, {k.Description, ValidateDescription}, {k.Owner, ValidateOwner},
		{k.Role, ValidateRole}, {k.Resource, ValidateResource}, {q.Reason, ValidateReason}, {k.Prefix, ValidatePrefix},
	} {
		if err := optional(check.value, check.valid); err != nil {
			return err
		}
	}
	return nil
}

// lastLabel returns the label of the last key that the request makes, which is the
// longest.
func (q *CreateRequest) lastLabel() string {
	if q.Count > 0 && q.Key.Label != "" {
		return numbered(q.Key.Label, q.Count)
	}
	return q.Key.Label
}

// numbered is the label of one of many keys, counted from 1.
func numbered(label string, n int) string { return label + "-" + strconv.Itoa(n) }

func (k *Key) validateSpan(now Instant) error {
	switch {
	case k.ExpiresAt.Reached(now):
		return Errorf(ReasonInvalid, "the key would have expired at %s already", k.ExpiresAt)
	case !k.NotBefore.IsNone() && k.ExpiresAt.Reached(k.NotBefore):
		return Errorf(ReasonInvalid, "the key would expire at %s, before it begins at %s", k.ExpiresAt, k.NotBefore)
	}
	return nil
}

func (q *CreateRequest) validateToken() error {
	if q.Supplied != "" && q.Count > 1 {
		return Errorf(ReasonInvalid, "one supplied token cannot be %d keys", q.Count)
	}
	if q.SecretBytes != 0 && q.SecretBytes < minSecretBytes {
		return Errorf(ReasonInvalid, "a secret of %d bytes is too easy to guess: at least %d", q.SecretBytes, minSecretBytes)
	}
	_, err := bcryptCost(q.BcryptCost)
	return err
}
