// Keyreeve administers API keys directly in the SQLite database that servers
// read them from.
package main

import (
	"os"

	"github.com/keyreeve/keyreeve/cmd"
)

//go:generate go test ./cmd -run TestGenerated -update
//go:generate go test ./pkg/db -run TestLayoutIndex -update

func main() { os.Exit(cmd.Main()) }
