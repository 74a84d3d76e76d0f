package keys

import (
	"slices"
	"unicode/utf8"
)

// judge holds a request to the rules of the database, and fills in what it leaves
// open. It runs before anything is drawn, hashed or locked.
func (s *Service) judge(q *CreateRequest, r *Rules, now Instant) error {
	held := s.Store.Info().Fields
	if err := q.ValidateFor(r, held, now); err != nil {
		return err
	}
	return s.settleHash(q, r, held)
}

// ValidateFor is Validate with the rules of one database, whose table holds these
// fields. Whether the hash can be computed is left to the service.
func (q *CreateRequest) ValidateFor(r *Rules, held Fields, now Instant) error {
	if err := q.Validate(now); err != nil {
		return err
	}
	r.obeyed().fill(&q.Key)
	if err := r.checkColumns(&q.Key, held); err != nil {
		return err
	}
	if err := r.checkWords(&q.Key); err != nil {
		return err
	}
	if err := r.checkLabels(q, now); err != nil {
		return err
	}
	if err := r.checkLifetime(q.Key.ExpiresAt, now); err != nil {
		return err
	}
	if err := r.checkToken(q); err != nil { // which knows the prefix
		return err
	}
	last := q.Key
	last.Label = q.lastLabel()
	return r.judged().attributes(&last, now)
}

// checkLabels holds the labels of all keys to what the server takes, and those before
// the last, which is judged with the rest of its key, to the policy.
func (r *Rules) checkLabels(q *CreateRequest, now Instant) error {
	if err := r.checkLabel(q.lastLabel()); err != nil || q.Key.Label == "" || r.Label.Pattern == nil && r.judged().label == nil {
		return err
	}
	for i := 1; i < q.Count; i++ {
		k := Key{Label: numbered(q.Key.Label, i)}
		if err := r.checkLabel(k.Label); err != nil {
			return err
		}
		if err := r.judged().refuse(&labelDemand, &k, now); err != nil {
			return err
		}
	}
	return nil
}

// checkLabel holds a label to what the server takes.
func (r *Rules) checkLabel(label string) error {
	v := &r.Label
	switch n := utf8.RuneCountInString(label); {
	case label == "" && v.Required:
		return Errorf(ReasonPolicy, "%s demands a label", r.server())
	case label == "":
	case v.Most > 0 && n > v.Most:
		return Errorf(ReasonPolicy, "the label has %d characters: %s takes at most %d", n, r.server(), v.Most)
	case v.Pattern != nil && !v.Pattern.MatchString(label):
		return Errorf(ReasonPolicy, "the label %s is not one for %s, which takes %s", quote(label), r.server(), v.Says)
	}
	return nil
}

// checkToken tells whether tokens can be what the request wants of them.
func (r *Rules) checkToken(q *CreateRequest) error {
	if r.Form == nil {
		return r.obeyed().checkToken(q)
	}
	form, secret := r.Form.Text, &r.Form.Secret
	switch {
	case q.Supplied != "":
		return r.Form.ValidateSupplied(q.Supplied, r.Hash)
	case q.Key.Prefix != "":
		return Errorf(ReasonUnsupported, "the tokens of %s are made like %s: their prefix cannot be chosen", r.server(), form)
	case q.SecretBytes == 0 || q.SecretBytes == secret.Bytes:
	case secret.Most == 0:
		return Errorf(ReasonUnsupported, "the tokens of %s are made like %s: the length of their secret cannot be chosen", r.server(), form)
	case q.SecretBytes < secret.Least || q.SecretBytes > secret.Most:
		return Errorf(ReasonInvalid, "the secrets of %s have %d to %d bytes, not %d", r.server(), secret.Least, secret.Most, q.SecretBytes)
	}
	return nil
}

// settleHash decides how the tokens are hashed, and whether that can be done.
func (s *Service) settleHash(q *CreateRequest, r *Rules, held Fields) (err error) {
	if q.Scheme, err = r.schemeFor(q, held); err != nil {
		return err
	}
	switch q.Scheme {
	case Bcrypt, Bcrypt72:
		q.BcryptCost, err = r.costFor(q.BcryptCost)
	default:
		err = s.checkSecretFor(q.Scheme, r, q.WeakSecret)
	}
	return err
}

// schemeFor returns the scheme for new keys. Where the table keeps each key's
// scheme it can be chosen; a supplied token, whose randomness nobody knows, gets a
// slow one there.
func (r *Rules) schemeFor(q *CreateRequest, held Fields) (Scheme, error) {
	h, free := &r.Hash, held.Has(FieldScheme)
	usual := h.Scheme
	switch {
	case q.Legacy && len(h.Legacy) == 0:
		return "", Errorf(ReasonUnsupported, "%s accepts no hash of an older kind than %s", r.server(), usual)
	case q.Legacy:
		usual = h.Legacy[0]
	case q.Supplied != "" && free && r.Form == nil && !usual.Slow():
		usual = Bcrypt
	}
	switch {
	case q.Scheme == "":
		return usual, nil
	case r.obeyed().Hash.Slow() && !q.Scheme.Slow():
		return "", Errorf(ReasonPolicy, "the policy hash is %s: no key is hashed by %s", r.obeyed().Hash, q.Scheme).OnSetting("hash")
	case q.Scheme == usual || free && !q.Legacy || slices.Contains(h.Legacy, q.Scheme):
		return q.Scheme, nil
	}
	return "", Errorf(ReasonUnsupported, "%s hashes its keys by %s, not by %s", r.server(), usual, q.Scheme)
}

// costFor returns the cost of bcrypt for new keys: the one asked for, or the
// server's own.
func (r *Rules) costFor(asked int) (int, error) {
	h := &r.Hash
	least, most := max(h.LeastCost, minBcryptCost), maxBcryptCost
	if h.MostCost > 0 {
		most = min(h.MostCost, most)
	}
	if asked == 0 {
		asked = h.Cost
	}
	if asked == 0 {
		asked = DefaultBcryptCost
	}
	if set := r.obeyed().BcryptCost; set > 0 && asked < set {
		return 0, Errorf(ReasonPolicy, "the policy bcrypt_cost wants a cost of at least %d, not %d", set, asked).OnSetting("bcrypt_cost")
	}
	if asked < least || asked > most {
		return 0, Errorf(ReasonPolicy, "%s takes bcrypt costs of %d to %d, not %d", r.server(), least, most, asked)
	}
	return asked, nil
}

// checkSecretFor gives ReasonSecret where a scheme needs the server's secret and
// that is missing, not allowed, or weaker than the server likes and weak not set.
func (s *Service) checkSecretFor(scheme Scheme, r *Rules, weak bool) error {
	if scheme != HMACSHA256 || r.Secret == nil {
		return nil
	}
	feeble, err := r.Secret.Check(s.Secret)
	switch {
	case err != nil || !feeble || weak:
		return err
	case isWord(s.Secret, r.Secret.Weak):
		return Errorf(ReasonSecret, "the secret is a well-known word, with which %s does not always start: see its %s", r.server(), r.Secret.Name)
	}
	return Errorf(ReasonSecret, "%s warns of secrets under %d bytes: this one has %d", r.server(), r.Secret.LeastLen, len(s.Secret))
}
