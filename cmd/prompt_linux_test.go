package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with a person at it.
type terminal struct {
	person, program *os.File

	mu     sync.Mutex
	screen bytes.Buffer
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here")
	}
	t.Cleanup(func() { person.Close() })
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	term := &terminal{person: person, program: program}
	go term.watch()
	return term
}

func (term *terminal) watch() {
	b := make([]byte, 1024)
	for {
		n, err := term.person.Read(b)
		term.mu.Lock()
		term.screen.Write(b[:n])
		term.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.screen.String()
}

func (term *terminal) echoes() bool {
	state, err := unix.IoctlGetTermios(int(term.program.Fd()), unix.TCGETS)
	return err == nil && state.Lflag&unix.ECHO != 0
}

// run starts keyreeve at the terminal and types keys once it asks. It returns
// the exit code and standard output, which is no terminal.
func (term *terminal) run(t *testing.T, keys string, args ...string) (int, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := &exec.Cmd{
		Path: self, Args: append([]string{"keyreeve"}, args...), Stdin: term.program, Stdout: &out, Stderr: term.program,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() }).Stop()
	waitFor(t, "a prompt", func() bool { return strings.HasSuffix(term.text(), ": ") && !term.echoes() })
	if _, err := term.person.WriteString(keys); err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String()
}

func waitFor(t *testing.T, what string, there func() bool) {
	t.Helper()
	for range 1000 {
		if there() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestTokenIsAskedForWithoutEcho(t *testing.T) {
	token := strings.Repeat("no-entropy-", 4)
	for _, c := range []struct {
		name, keys string
		code       int
		out, says  string
	}{
		{"typed", token + "\n", 0, token + "\n", "created key"},
		{"corrected", "wrong\x15" + token + "X\x7f\n", 0, token + "\n", "created key"},
		{"too short", "short\n", 2, "", "the token is 5 bytes long"},
		{"nothing", "\n", 2, "", "standard input holds no token"},
		{"interrupted", "no-entr\x03", 130, "", "keyreeve: interrupted: nothing was changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "keys.db")
			term := openTerminal(t)
			code, out := term.run(t, c.keys, "bootstrap", "--db", db, "--key-file", "-", "--bcrypt-cost", "4")
			if code != c.code || out != c.out {
				t.Errorf("exit code %d, want %d; standard output %q, want %q", code, c.code, out, c.out)
			}
			waitFor(t, "the message", func() bool { return strings.Contains(term.text(), c.says) })
			if screen := term.text(); !strings.HasPrefix(screen, "token: \r\n") || strings.Contains(screen, "no-entr") || strings.Contains(screen, "short\r") {
				t.Errorf("the screen shows %q", screen)
			}
			if !term.echoes() {
				t.Error("the terminal was left without echo")
			}
			if _, err := os.Stat(db); (err == nil) != (code == 0) {
				t.Errorf("the database: %v", err)
			}
		})
	}
}
