package cmd

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// actor tells who runs this process, as well as the system knows.
func actor(getenv func(string) string) keys.Actor {
	a := keys.Actor{User: osUser(), Host: "unknown", Claimed: getenv("SUDO_USER")}
	if host, err := os.Hostname(); err == nil {
		a.Host = host
	}
	a.Process = fmt.Sprintf("%s[%d]", filepath.Base(os.Args[0]), os.Getpid())
	return a
}

// osUser names the effective user. Where a static program has only the file of
// accounts to ask, Go's own lookup believes $USER about a user who is not in it,
// as in a container: an audit must not.
func osUser() string {
	uid := os.Geteuid()
	if runtime.GOOS == "linux" || runtime.GOOS == "freebsd" {
		accounts, _ := os.ReadFile("/etc/passwd") // without it a number is all that is known
		return accountName(string(accounts), uid)
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return accountName("", uid)
}

// accountName finds a user's name in the text of /etc/passwd.
func accountName(accounts string, uid int) string {
	for line := range strings.Lines(accounts) {
		fields := strings.Split(line, ":")
		if len(fields) > 2 && fields[0] != "" && fields[2] == strconv.Itoa(uid) {
			return fields[0]
		}
	}
	return "uid " + strconv.Itoa(uid)
}
