package db

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// logAt is an audit file of this text, for the database /d.
func logAt(t testing.TB, text string) *auditLog {
	t.Helper()
	return &auditLog{file: write(t, filepath.Join(ownDir(t), "audit.jsonl"), []byte(text)), database: "/d", layout: "club/text"}
}

// lastIn is the latest event of one key in a file.
func lastIn(t testing.TB, a *auditLog, action keys.Action, id string) (keys.Event, error) {
	t.Helper()
	found, err := a.last(t.Context(), action, []string{id})
	e, ok := found[id]
	if err == nil && !ok {
		err = keys.Errorf(keys.ReasonNotFound, "nothing is recorded")
	}
	return e, err
}

// changeLines is what one change leaves in a file.
func changeLines(a *auditLog, tx, phase string, events ...keys.Event) string {
	e := &auditEntry{auditHold: &auditHold{log: a}, tx: tx}
	all := e.intents(events)
	if phase != phaseIntent {
		all = append(all, text(e.line(phase, ""))...)
	}
	return string(all)
}

func reasonedEvent(action keys.Action, id, reason string) keys.Event {
	e := clubEvent(action, id)
	e.Reason = reason
	return e
}

func TestLast(t *testing.T) {
	ours, other := &auditLog{database: "/d"}, &auditLog{database: "/d2"}
	revoke := func(a *auditLog, tx, phase, id, reason string) string {
		return changeLines(a, tx, phase, reasonedEvent(keys.ActionRevoke, id, reason))
	}
	done := revoke(ours, "t1", phaseCommitted, "a", "first")
	for name, tt := range map[string]struct{ file, want string }{
		"nothing":                 {"", ""},
		"one":                     {done, "first"},
		"two":                     {done + revoke(ours, "t2", phaseCommitted, "a", "second"), "second"},
		"failed later":            {done + revoke(ours, "t2", phaseFailed, "a", "second"), "first"},
		"unknown later":           {done + revoke(ours, "t2", phaseIntent, "a", "second"), "first"},
		"only unknown":            {revoke(ours, "t2", phaseIntent, "a", "second"), ""},
		"another key":             {done + revoke(ours, "t2", phaseCommitted, "ab", "second"), "first"},
		"another action":          {done + changeLines(ours, "t2", phaseCommitted, clubEvent(keys.ActionDelete, "a")), "first"},
		"another database":        {done + revoke(other, "t2", phaseCommitted, "a", "second"), "first"},
		"another's outcome":       {revoke(ours, "t1", phaseIntent, "a", "x") + revoke(other, "t1", phaseCommitted, "a", "y"), ""},
		"outcome before intent":   {strings.Join(reversed(strings.SplitAfter(done, "\n")), ""), ""},
		"outcomes out of order":   {revoke(ours, "t3", phaseIntent, "a", "third") + done + changeLines(ours, "t3", phaseCommitted), "first"},
		"an outcome that is late": {revoke(ours, "t3", phaseIntent, "b", "third") + done + changeLines(ours, "t3", phaseCommitted), "first"},
		"several in one":          {changeLines(ours, "t4", phaseCommitted, reasonedEvent(keys.ActionRevoke, "a", "1"), reasonedEvent(keys.ActionRevoke, "b", "2"), reasonedEvent(keys.ActionRevoke, "a", "3")), "3"},
		"torn behind":             {done + `{"at":"2027","phase":"committed","tx":"t`, "first"},
		"torn intent":             {done[:strings.Index(done, "\n")/2] + "\n" + done[strings.Index(done, "\n")+1:], ""},
		"broken between":          {done + "\x00\x00\x00\n\n{}\n[1]\nnull\n\"phase\":\"committed\"\n", "first"},
		"no line feed at the end": {strings.TrimSuffix(done, "\n"), "first"},
		"words in a reason":       {done + revoke(ours, "t2", phaseIntent, "b", `"key":"a" "phase":"committed"`), "first"},
	} {
		e, err := lastIn(t, logAt(t, tt.file), keys.ActionRevoke, "a")
		if e.Reason != tt.want || (reasonOf(err) == keys.ReasonNotFound) != (tt.want == "") {
			t.Errorf("%s: %q, %v, want %q", name, e.Reason, err, tt.want)
		}
	}
}

// A rotation that was cut off right after its commit must not be made again.
func TestLastWithoutAnOutcome(t *testing.T) {
	ours := &auditLog{database: "/d"}
	rotate := func(tx, phase, reason string) string {
		return changeLines(ours, tx, phase, reasonedEvent(keys.ActionRotate, "a", reason))
	}
	done := rotate("t1", phaseCommitted, "first")
	for name, tt := range map[string]struct{ file, want string }{
		"committed":          {done, "first"},
		"unknown":            {rotate("t2", phaseIntent, "second"), "second"},
		"unknown later":      {done + rotate("t2", phaseIntent, "second"), "second"},
		"unknown earlier":    {rotate("t2", phaseIntent, "second") + done, "first"},
		"failed":             {rotate("t2", phaseFailed, "second"), ""},
		"failed later":       {done + rotate("t2", phaseFailed, "second"), "first"},
		"intents in between": {rotate("t2", phaseIntent, "second") + done + changeLines(ours, "t2", phaseFailed), "first"},
	} {
		e, err := lastIn(t, logAt(t, tt.file), keys.ActionRotate, "a")
		if e.Reason != tt.want || (reasonOf(err) == keys.ReasonNotFound) != (tt.want == "") || e.Unsure != (tt.want == "second") {
			t.Errorf("%s: %q, %v, want %q", name, e.Reason, err, tt.want)
		}
	}
}

func reversed(list []string) []string { slices.Reverse(list); return list }

// A path or an id of bytes that are no text must not be taken for another.
func TestLastOfStrangeNames(t *testing.T) {
	for _, name := range []string{"/a\"b", "/\xff\xfe", "/ü\u2028<&>", "/\ufffd"} {
		a := logAt(t, "")
		a.database = name
		write(t, a.file, []byte(changeLines(a, "t", phaseCommitted, clubEvent(keys.ActionRevoke, "id"+name))))
		if _, err := lastIn(t, a, keys.ActionRevoke, "id"+name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		_, err := lastIn(t, a, keys.ActionRevoke, "id")
		wantReason(t, err, keys.ReasonNotFound)
	}
}

// The event that is sought is moved over every place of a piece's edge.
func TestLastInALongFile(t *testing.T) {
	a := &auditLog{database: "/d"}
	wanted := reasonedEvent(keys.ActionDelete, "wanted", "why")
	block := changeLines(a, "t0", phaseCommitted, wanted)
	filler := changeLines(a, "t1", phaseCommitted, clubEvent(keys.ActionDelete, "other"))
	after := strings.Repeat(filler, piece/len(filler)-1)
	for shift := range len(block) + len(filler) + 2 {
		file := strings.Repeat(filler, 3) + block + after + strings.Repeat(" ", shift) + "\n"
		if got, err := lastIn(t, logAt(t, file), keys.ActionDelete, "wanted"); !reflect.DeepEqual(got, wanted) {
			t.Fatalf("moved by %d: %+v, %v", shift, got, err)
		}
	}
	huge := block + strings.Repeat("\x00", 3*longest) + "\n" + filler
	if got, err := lastIn(t, logAt(t, huge), keys.ActionDelete, "wanted"); !reflect.DeepEqual(got, wanted) {
		t.Errorf("before a damaged stretch: %+v, %v", got, err)
	}
}

// forwards is the plain way to do what fromEnd does.
func forwards(text []byte) (lines []string) {
	for _, line := range bytes.Split(text, []byte("\n")) {
		lines = append(lines, string(line))
	}
	return reversed(lines)
}

func FuzzFromEnd(f *testing.F) {
	for _, seed := range []string{"", "\n", "a\nbc\n\n{", changeLines(&auditLog{database: "/d"}, "t", phaseCommitted, clubEvent(keys.ActionRevoke, "a"))} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(7))
	}
	f.Fuzz(func(t *testing.T, content []byte, piece byte) {
		var lines []string
		s := (&auditLog{database: "/d"}).search(keys.ActionRevoke, []string{"a"})
		err := fromEnd(bytes.NewReader(content), int64(len(content)), 1+int64(piece), func(line []byte) bool {
			lines = append(lines, string(line))
			s.line(line)
			return true
		})
		if want := forwards(content); err != nil || !slices.Equal(lines, want) {
			t.Errorf("%v, %q, want %q", err, lines, want)
		}
	})
}

// All ids of a command are looked for in one pass.
func TestLastOfMany(t *testing.T) {
	a := &auditLog{database: "/d"}
	one := changeLines(a, "t1", phaseCommitted, reasonedEvent(keys.ActionDelete, "1", "first"), reasonedEvent(keys.ActionDelete, "2", "x"))
	file := one + changeLines(a, "t2", phaseCommitted, reasonedEvent(keys.ActionDelete, "1", "second"), clubEvent(keys.ActionCreate, "3")) +
		changeLines(a, "t3", phaseFailed, reasonedEvent(keys.ActionDelete, "2", "third"))
	found, err := logAt(t, file).last(t.Context(), keys.ActionDelete, []string{"1", "2", "3", "1"})
	if err != nil || len(found) != 2 || found["1"].Reason != "second" || found["2"].Reason != "x" {
		t.Errorf("%+v, %v", found, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := logAt(t, file).last(ended, keys.ActionDelete, []string{"1"}); err == nil {
		t.Errorf("%+v after the end", found)
	}
}

// A file that grew without bound is not read to its beginning.
func TestLastIsNotSoughtForEver(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 256 MiB")
	}
	a := &auditLog{database: "/d"}
	block := changeLines(a, "t1", phaseCommitted, clubEvent(keys.ActionDelete, "1"))
	for gap, want := range map[int64]int{0: 1, recent: 0} {
		a := logAt(t, block)
		f, err := os.OpenFile(a.file, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt([]byte("\n"+changeLines(a, "t2", phaseCommitted, clubEvent(keys.ActionDelete, "2"))), int64(len(block))+gap)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		found, err := a.last(t.Context(), keys.ActionDelete, []string{"1", "2"})
		if _, old := found["1"]; err != nil || len(found) != 1+want || old != (want > 0) {
			t.Errorf("behind %d bytes: %+v, %v", gap, found, err)
		}
	}
}
