package db

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestCreateFile(t *testing.T) {
	path := filepath.Join(ownDir(t), "a.db")
	created, err := createFile(path)
	if err != nil || !created {
		t.Fatalf("created %t, %v", created, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != 0 {
		t.Fatalf("%v, %v", info, err)
	}
	if worldWritable(0o002) && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestCreateLeavesExistingFile(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
	if created, err := createFile(path); err != nil || created {
		t.Errorf("created %t, %v", created, err)
	}
	if n, err := visit(path, ReadOnly, currentIdentity()); err != nil || n != 3 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestCreateMakesNoParents(t *testing.T) {
	dir := ownDir(t)
	created, err := createFile(filepath.Join(dir, "no", "a.db"))
	wantReason(t, err, keys.ReasonMissing)
	if names := namesIn(t, dir); created || names != nil {
		t.Errorf("created %t, %v", created, names)
	}
}

func TestOnlyOneCreates(t *testing.T) {
	path := filepath.Join(ownDir(t), "a.db")
	var winners atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if created, err := createFile(path); err != nil {
				t.Error(err)
			} else if created {
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if n := winners.Load(); n != 1 {
		t.Errorf("%d of them created it", n)
	}
}

func TestMakeDefaultDir(t *testing.T) {
	home := ownDir(t)
	dir := filepath.Join(home, ".local", "share", "keyreeve")
	for range 2 { // a second time changes nothing
		if err := MakeDefaultDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	for made := dir; made != home; made = filepath.Dir(made) {
		info, err := os.Stat(made)
		if err != nil || worldWritable(0o002) && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", made, info, err)
		}
	}
	if info, err := os.Stat(home); err != nil || worldWritable(0o002) && info.Mode().Perm() != 0o755 {
		t.Errorf("an existing directory became %v, %v", info.Mode(), err)
	}
}

func TestMakeDefaultDirOverFile(t *testing.T) {
	file := write(t, filepath.Join(ownDir(t), "file"), nil)
	for _, dir := range []string{file, filepath.Join(file, "keyreeve")} {
		wantReason(t, MakeDefaultDir(dir), keys.ReasonMissing)
	}
}
