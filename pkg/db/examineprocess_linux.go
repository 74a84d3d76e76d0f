package db

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// usersOf returns the other processes that have the database open, of those whose
// files this user may see.
func usersOf(path string) (list []process) {
	found, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	for _, dir := range found {
		id, err := strconv.Atoi(filepath.Base(dir))
		if err == nil && id != os.Getpid() && opens(dir, path) {
			list = append(list, process{id, commandOf(id)})
		}
	}
	return list
}

// opens tells whether a process has the database open, or a file of its own beside it.
func opens(proc, path string) bool {
	open, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		return false
	}
	for _, fd := range open {
		target, err := os.Readlink(filepath.Join(proc, "fd", fd.Name()))
		if err != nil {
			continue
		}
		if rest, ok := strings.CutPrefix(target, path); ok && (rest == "" || rest == "-wal" || rest == "-shm") {
			return true
		}
	}
	return false
}

// commandOf returns the name of a process, "" where there is none to see.
func commandOf(id int) string {
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "comm"))
	if id <= 0 || err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
