//go:build unix

package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// runTerminal runs "terminal [-stdin] FILE COMMAND...": the command on a terminal at
// which somebody types what the file holds. What the terminal shows ends up, all of
// it, in the file tty. What is typed is shown before the command starts, so that it
// never stands in the middle of what the command prints.
func runTerminal() int {
	args := os.Args[1:]
	stdin := args[0] == "-stdin"
	if stdin {
		args = args[1:]
	}
	typed, err := os.ReadFile(args[0])
	if err != nil {
		return fail(err)
	}
	screen, tty, err := pty.Open()
	if err != nil {
		return fail(err)
	}
	shown := show(screen, typed)
	code := onTerminal(exec.Command(args[1], args[2:]...), tty, stdin)
	if err := os.WriteFile("tty", <-shown, 0o600); err != nil {
		return fail(err)
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "terminal:", err)
	return 125
}

// show types into a terminal, and returns once it has shown that; the channel gives
// everything that it shows until nobody has it open any more.
func show(screen *os.File, typed []byte) <-chan []byte {
	echoed, all := make(chan struct{}), make(chan []byte, 1)
	go func() {
		var seen bytes.Buffer
		want := len(typed) + bytes.Count(typed, []byte("\n")) // each is shown as CR LF
		_, _ = io.CopyN(&seen, screen, int64(want))
		close(echoed)
		_, _ = io.Copy(&seen, screen)
		all <- seen.Bytes()
	}()
	const endOfInput = 4
	_, _ = screen.Write(append(bytes.Clone(typed), endOfInput))
	select {
	case <-echoed:
	case <-time.After(10 * time.Second):
	}
	return all
}

// onTerminal runs a command whose terminal this is, and lets go of it.
func onTerminal(c *exec.Cmd, tty *os.File, stdin bool) int {
	defer tty.Close()
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.ExtraFiles = []*os.File{tty}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if stdin {
		c.Stdin = tty
	}
	err := c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return fail(err)
	}
	return 0
}
