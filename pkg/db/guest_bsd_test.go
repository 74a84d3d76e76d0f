//go:build unix && !linux

package db

import "testing"

func dropChown(t *testing.T) { t.Fatal("only Linux takes single rights from root") }
