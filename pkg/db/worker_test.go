package db

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// workerEnv makes TestWorkerProcess work.
const workerEnv = "KEYREEVE_TEST_WORKER"

// task is what a worker process is told, as a line of JSON.
type task struct {
	Do      string
	Path    string
	Journal string
	IDs     []string
	Count   int
	Timeout time.Duration
	At      time.Time // when to begin, so that many begin at once
}

// answer is what it says, one or more for a task.
type answer struct {
	Reason keys.Reason
	Text   string
	Keys   []keys.Issued
	Held   bool
}

// TestWorkerProcess is no test: it is what the other processes of these tests run.
func TestWorkerProcess(t *testing.T) {
	if os.Getenv(workerEnv) == "" {
		return
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var job task
		if err := in.Decode(&job); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(job.At))
		done, err := workerActs[job.Do](job, out)
		done.Reason = reasonOf(err)
		if err != nil {
			done.Text = err.Error()
		}
		if err := out.Encode(done); err != nil {
			t.Fatal(err)
		}
	}
}

var workerActs = map[string]func(task, *json.Encoder) (answer, error){
	"bootstrap": func(j task, _ *json.Encoder) (a answer, err error) {
		err = work(j, Create, func(ctx context.Context, s *keys.Service) error {
			a.Keys, err = s.Bootstrap(ctx, keys.CreateRequest{}, quiet{})
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
	"hold": holdLock,
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

// worker is another process.
type worker struct {
	cmd *exec.Cmd
	in  *json.Encoder
	out *json.Decoder
}

func startWorkers(t testing.TB, n int) []worker {
	t.Helper()
	list := make([]worker, n)
	for i := range list {
		list[i] = startWorker(t)
	}
	return list
}

func startWorker(t testing.TB) worker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestWorkerProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), workerEnv+"=1")
	cmd.Dir = filepath.Dir(exe)
	cmd.Stderr = os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	return worker{cmd, json.NewEncoder(in), json.NewDecoder(out)}
}

// tell gives every worker the task, to begin at once.
func tell(t testing.TB, list []worker, j func(i int) task) {
	t.Helper()
	at := time.Now().Add(5 * time.Millisecond)
	for i, w := range list {
		job := j(i)
		job.At = at
		if err := w.in.Encode(job); err != nil {
			t.Fatal(err)
		}
	}
}

func (w worker) answer(t testing.TB) (a answer) {
	t.Helper()
	if err := w.out.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}
