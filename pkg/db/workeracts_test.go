package db

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// workerActs is what worker processes can do.
var workerActs = map[string]func(task, *json.Encoder) (answer, error){
	"bootstrap": func(j task, _ *json.Encoder) (a answer, err error) {
		err = work(j, Create, func(ctx context.Context, s *keys.Service) error {
			a.Keys, err = s.Bootstrap(ctx, keys.CreateRequest{BcryptCost: j.Cost}, quiet{})
			return err
		})
		return a, err
	},
	"revoke": func(j task, _ *json.Encoder) (answer, error) {
		return answer{}, work(j, ReadWrite, func(ctx context.Context, s *keys.Service) error {
			_, err := s.Revoke(ctx, keys.ChangeRequest{Refs: refsTo(j.IDs...)})
			return err
		})
	},
	"create": func(j task, _ *json.Encoder) (a answer, err error) {
		return a, work(j, ReadWrite, func(ctx context.Context, s *keys.Service) error {
			for range j.Count {
				issued, err := s.Create(ctx, keys.CreateRequest{}, quiet{})
				if err != nil {
					return err
				}
				a.Keys = append(a.Keys, issued...)
			}
			return nil
		})
	},
	"create until killed": func(j task, out *json.Encoder) (answer, error) {
		return answer{}, work(j, ReadWrite, func(ctx context.Context, s *keys.Service) error {
			for {
				issued, err := s.Create(ctx, keys.CreateRequest{Count: j.Count}, quiet{})
				if err != nil {
					return err
				}
				if err := out.Encode(answer{Keys: issued}); err != nil {
					return err
				}
			}
		})
	},
	"hold":   holdLock,
	"admit":  admitting,
	"rotate": rotateInProcess,
}

// holdLock holds a lock as an application would, for j.Timeout.
func holdLock(j task, out *json.Encoder) (a answer, err error) {
	l, err := lookAt(j.Path)
	if err != nil {
		return a, err
	}
	pool, err := connect(context.Background(), l, ReadWrite, engineWait)
	if err != nil {
		return a, err
	}
	defer pool.Close()
	if _, err = pool.Exec("BEGIN " + j.Journal); err != nil {
		return a, err
	}
	if err = out.Encode(answer{Held: true}); err != nil {
		return a, err
	}
	time.Sleep(j.Timeout)
	_, err = pool.Exec("COMMIT")
	return a, err
}

// work opens the database of a task as a command does.
func work(j task, access Access, use func(context.Context, *keys.Service) error) error {
	ctx := context.Background()
	d, err := Open(ctx, Options{Path: j.Path, Access: access, Timeout: j.Timeout})
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, serviceOver(d)), d.Close())
}

func serviceOver(s keys.Store) *keys.Service {
	return &keys.Service{Store: s, Now: time.Now, Rand: rand.Reader, Actor: keys.Actor{User: "root", Host: "h", Process: "worker"}}
}

func refsTo(ids ...string) (list []keys.Ref) {
	for _, id := range ids {
		list = append(list, keys.IDRef(id))
	}
	return list
}

// quiet is a delivery to nobody.
type quiet struct{}

func (quiet) Stage([]keys.Issued) error { return nil }
func (quiet) Deliver() (bool, error)    { return false, nil }
func (quiet) Publish() error            { return nil }
func (quiet) Discard()                  {}
