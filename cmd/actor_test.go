package cmd

import (
	"os"
	"runtime"
	"testing"
)

func TestAccountName(t *testing.T) {
	const accounts = "root:x:0:0:root:/root:/bin/sh\n# a remark\n:x:7:7::/:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n"
	for uid, want := range map[int]string{0: "root", 1000: "alice", 100: "uid 100", 7: "uid 7"} {
		if got := accountName(accounts, uid); got != want {
			t.Errorf("user %d is %q, not %q", uid, got, want)
		}
	}
}

// Whoever runs a command chooses its variables: none of them may choose the name
// in the audit.
func TestActorIsNotWhatAVariableSays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system tells the name itself")
	}
	t.Setenv("USER", "somebody-else")
	t.Setenv("LOGNAME", "somebody-else")
	if name := actor(os.Getenv).User; name == "somebody-else" || name == "" {
		t.Errorf("the actor is %q (user %d)", name, os.Geteuid())
	}
}
