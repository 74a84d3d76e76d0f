package db

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// serverEnv makes TestServerProcess a server.
const serverEnv = "KEYREEVE_TEST_SERVER"

// peerIs is what a server process is told first: which server it is.
type peerIs struct {
	Name, Path, Journal string
	Busy, Sync          int
	Secret              string
	Known               string // a token that it authenticates all the time
}

// asked is a request to the server, or the end.
type asked struct {
	Token string
	Stop  bool
}

// told is what the server answers, and at its end what it has seen.
type told struct {
	Accepted        bool
	Error           string
	Requests, Saved int
	Slowest         time.Duration
	Errors          []string
}

// TestServerProcess is no test: it is the server that others run beside.
func TestServerProcess(t *testing.T) {
	if os.Getenv(serverEnv) == "" {
		return
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var is peerIs
	if err := in.Decode(&is); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, is)
	if err := out.Encode(told{}); err != nil {
		t.Fatal(err)
	}
	for {
		var q asked
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if q.Stop {
			close(s.stop)
			s.busy.Wait()
			_ = s.pool.Close()
			_ = out.Encode(s.seen)
			return
		}
		var a told
		a.Accepted = s.request(q.Token)
		if err := out.Encode(a); err != nil {
			t.Fatal(err)
		}
	}
}

// peer authenticates and writes as one of the real ones, with none of our code.
type peer struct {
	is   peerIs
	pool *sql.DB
	stop chan struct{}
	busy sync.WaitGroup
	mu   sync.Mutex
	seen told
}

func newServer(t *testing.T, is peerIs) *peer {
	pool, err := sql.Open("sqlite", fmt.Sprintf("file://%s?_pragma=busy_timeout(%d)&_pragma=journal_mode(%s)&_pragma=synchronous(%d)&_pragma=foreign_keys(1)",
		uriEscaped(is.Path), is.Busy, is.Journal, is.Sync))
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(2)
	s := &peer{is: is, pool: pool, stop: make(chan struct{})}
	s.busy.Go(func() { s.repeat(3*time.Millisecond, func() { s.mustAccept(is.Known) }) })
	s.busy.Go(func() { s.repeat(7*time.Millisecond, func() { s.request("nobody's") }) })
	s.busy.Go(func() { s.repeat(50*time.Millisecond, s.housekeeping) })
	return s
}

func (s *peer) repeat(every time.Duration, work func()) {
	for tick := time.NewTicker(every); ; {
		select {
		case <-s.stop:
			tick.Stop()
			return
		case <-tick.C:
			work()
		}
	}
}

func (s *peer) mustAccept(token string) {
	if !s.request(token) {
		s.note(errors.New("the known key was refused"))
	}
}

func (s *peer) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && len(s.seen.Errors) < 10 {
		s.seen.Errors = append(s.seen.Errors, err.Error())
	}
}

// request authenticates a token and writes what the server writes then.
func (s *peer) request(token string) bool {
	begun := time.Now()
	id, err := authenticates[s.is.Name](s, token)
	if err == nil {
		err = records[s.is.Name](s, id)
	}
	s.note(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Requests++
	s.seen.Slowest = max(s.seen.Slowest, time.Since(begun))
	return id != nil
}

func (s *peer) exec(query string, args ...any) error {
	_, err := s.pool.Exec(query, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Saved++
	return err
}

// housekeeping is what servers do that has nothing to do with keys.
func (s *peer) housekeeping() {
	if s.is.Name == "proxyos/hmac" {
		s.note(s.exec("UPDATE system_settings SET value = value || '', updated_at = unixepoch()"))
		s.note(s.exec("PRAGMA wal_checkpoint(PASSIVE)"))
	}
}

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
