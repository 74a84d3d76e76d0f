package keys

// present takes a token apart for a search.
func (s *Service) present(token string, now Instant, inactive bool) Presented {
	p := Presented{Digests: []Digested{{SHA256, Digest(token)}}, Scan: true, Now: now, Inactive: inactive}
	if t, err := ParseToken(token); err == nil {
		p.Selector, p.Scan = t.ID, false
	}
	return p
}
