package db

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"regexp"
	"time"

	"golang.org/x/crypto/bcrypt"
)

var agentForm = regexp.MustCompile(`^hw_([A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]+$`)

// authenticates are the servers' own ways to a key: its id, nil for none.
var authenticates = map[string]func(s *peer, token string) (any, error){
	"proxbox/claim": func(s *peer, token string) (any, error) {
		return s.scan(token, "SELECT id, key_hash FROM apikey WHERE is_active = 1")
	},
	"zoneweaver/key_id": func(s *peer, token string) (any, error) {
		parts := agentForm.FindStringSubmatch(token)
		if parts == nil {
			return nil, nil
		}
		return s.scan(token[:min(len(token), 72)], "SELECT id, api_key_hash FROM entities WHERE key_id = ? AND is_active = 1", parts[1])
	},
	"proxyos/hmac": func(s *peer, token string) (id any, err error) {
		mac := hmac.New(sha256.New, []byte(s.is.Secret))
		mac.Write([]byte(token))
		err = s.pool.QueryRow("SELECT id FROM api_keys WHERE key_hash = ? AND (expires_at IS NULL OR expires_at > ?)",
			hex.EncodeToString(mac.Sum(nil)), time.Now().Unix()).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		return id, err
	},
}

// scan tries the token on each row, as the servers do that use bcrypt.
func (s *peer) scan(token, query string, args ...any) (found any, err error) {
	rs, err := s.pool.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var id any
		var hash string
		if err := rs.Scan(&id, &hash); err != nil {
			return nil, err
		}
		if bcrypt.CompareHashAndPassword([]byte(hash), []byte(token)) == nil {
			found = id
		}
	}
	return found, rs.Err()
}

// records are what the servers write at a request, id being nil for a failure.
var records = map[string]func(s *peer, id any) error{
	"proxbox/claim": func(s *peer, id any) error {
		if id != nil {
			return s.exec("DELETE FROM authlockout WHERE ip_address = '198.51.100.1'")
		}
		return s.exec("INSERT INTO authlockout VALUES ('203.0.113.66', 1, ?) ON CONFLICT (ip_address) DO UPDATE SET attempts = attempts + 1", float64(time.Now().UnixMicro())/1e6)
	},
	"zoneweaver/key_id": func(s *peer, id any) error {
		if id == nil {
			return nil
		}
		at := time.Now().UTC().Format("2006-01-02 15:04:05.000 +00:00")
		return s.exec("UPDATE `entities` SET `last_used`=?,`updatedAt`=? WHERE `id` = ?", at, at, id)
	},
	"proxyos/hmac": func(*peer, any) error { return nil },
}
