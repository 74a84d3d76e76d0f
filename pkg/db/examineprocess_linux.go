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
			p := process{id: id, name: commandOf(id)}
			p.identify(dir)
			list = append(list, p)
		}
	}
	return list
}

// identify finds out who it acts as, https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
func (p *process) identify(proc string) {
	text, _ := os.ReadFile(filepath.Join(proc, "status")) // it may have ended
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		switch numbers := numbersIn(rest); {
		case name == "Uid" && len(numbers) > 1:
			p.known, p.uid = true, numbers[1] // the effective one
		case name == "Gid" && len(numbers) > 1:
			p.groups = append(p.groups, numbers[1])
		case name == "Groups":
			p.groups = append(p.groups, numbers...)
		}
	}
}

func numbersIn(text string) (list []int) {
	for _, word := range strings.Fields(text) {
		if n, err := strconv.Atoi(word); err == nil {
			list = append(list, n)
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
