package db

import (
	"path/filepath"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// bulkKeys is how many keys each of the big changes is about.
const bulkKeys = 20_000

// BenchmarkBulk measures changes of every key of a database.
//
//	go test ./pkg/db -run '^$' -bench Bulk -benchtime 3x -cpuprofile cpu.out
func BenchmarkBulk(b *testing.B) {
	every := keys.ChangeRequest{Where: &keys.Query{}, All: true, Force: true}
	said := "said"
	for _, verb := range []struct {
		name string
		do   func(s *keys.Service) error
	}{
		{"update", func(s *keys.Service) error {
			_, err := s.Update(b.Context(), keys.UpdateRequest{ChangeRequest: every, Key: keys.Key{Description: said}, Set: keys.FieldsOf(keys.FieldDescription)})
			return err
		}},
		{"revoke", func(s *keys.Service) error {
			_, err := s.Revoke(b.Context(), every)
			return err
		}},
		{"delete", func(s *keys.Service) error {
			_, err := s.Delete(b.Context(), every)
			return err
		}},
	} {
		b.Run(verb.name, func(b *testing.B) { benchBulk(b, verb.do) })
	}
}

// benchBulk does it to a new database in each round.
func benchBulk(b *testing.B, do func(*keys.Service) error) {
	b.ReportAllocs()
	for range b.N {
		b.StopTimer()
		d := mustOpen(b, Options{Path: filepath.Join(ownDir(b), "keys.db"), Access: Create})
		fill(b, d, bulkKeys)
		b.StartTimer()
		if err := do(serviceOver(d)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		d.Close()
		b.StartTimer()
	}
}
