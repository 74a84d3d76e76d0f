package db

import (
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
	Audit   string // file
	IDs     []string
	Count   int
	Cost    int // of bcrypt
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
