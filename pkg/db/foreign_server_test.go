package db

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// serverEnv makes TestServerProcess a server.
const serverEnv = "KEYREEVE_TEST_SERVER"

// peerIs is what a server process is told first: which server it is.
type peerIs struct {
	Name, Path, Journal string
	Busy, Sync, Pool    int
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
		if err := in.Decode(&q); err != nil { // whoever asked has gone
			return
		}
		if err := out.Encode(s.answer(q)); err != nil || q.Stop {
			return
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
	pool.SetMaxOpenConns(is.Pool)
	s := &peer{is: is, pool: pool, stop: make(chan struct{})}
	s.busy.Go(func() { s.repeat(3*time.Millisecond, func() { s.mustAccept(is.Known) }) })
	s.busy.Go(func() { s.repeat(7*time.Millisecond, func() { s.request("nobody's") }) })
	s.busy.Go(func() { s.repeat(50*time.Millisecond, s.housekeeping) })
	return s
}

// answer says whether a token is accepted, or at the end what was seen.
func (s *peer) answer(q asked) told {
	if !q.Stop {
		return told{Accepted: s.request(q.Token)}
	}
	close(s.stop)
	s.busy.Wait()
	s.note(s.pool.Close())
	return s.seen
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
