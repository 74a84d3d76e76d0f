package cmd_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var benchKeys = flag.Int("keys", 1_000_000, "how many keys the database of the process benchmark holds")

// BenchmarkProcess measures whole processes beside what they are to be compared
// with: a Go program that says hello, and the sqlite3 shell with the same
// statement. Both sides run in turns; the medians and their ratio are printed.
//
//	go test ./cmd -run '^$' -bench Process -benchtime 1x
func BenchmarkProcess(b *testing.B) {
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		b.Skip("no sqlite3 shell to compare with")
	}
	p := newProcessBench(b, shell)
	for _, row := range p.rows() {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				p.measure(b, row)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// command is one side of a row; sql goes to the shell, on the same database.
type command struct {
	args  []string
	stdin string
}

type benchRow struct {
	name         string
	limit        float64
	ours, theirs func(i int) command
	rounds       int // 0 for the usual number
}

type processBench struct {
	b                               *testing.B
	dir, keyreeve, hello, shell, db string
	id, token, digest               string
}

func newProcessBench(b *testing.B, shell string) *processBench {
	dir := b.TempDir()
	p := &processBench{b: b, dir: dir, shell: shell, db: filepath.Join(dir, "keys.db")}
	p.keyreeve, p.hello = build(b, dir, "keyreeve", ".."), build(b, dir, "hello", helloSource(b, dir))
	p.run(b, command{args: []string{p.keyreeve, "bootstrap", "--db", p.db}})
	p.run(b, command{args: []string{p.keyreeve, "create", "--label", "flip", "--db", p.db}})
	tokens := filepath.Join(dir, "tokens")
	p.run(b, command{args: []string{p.keyreeve, "create", "--count", fmt.Sprint(*benchKeys), "--out", tokens, "--db", p.db}})
	list, err := os.ReadFile(tokens)
	if err != nil {
		b.Fatal(err)
	}
	lines := strings.Fields(string(list))
	p.token = lines[len(lines)/2]
	p.id = strings.TrimPrefix(p.token, "kr_")[:8]
	p.digest = p.query(b, "SELECT hash FROM keyreeve_keys WHERE id = '"+p.id+"'")
	return p
}

func helloSource(b *testing.B, dir string) string {
	src := filepath.Join(dir, "hello.go")
	text := "package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(\"hello\\n\") }\n"
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return src
}

func build(b *testing.B, dir, name, source string) string {
	built, out := filepath.Join(dir, name+".built"), filepath.Join(dir, name)
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", built, source)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	// Copied, as an installed program is: what a linker has just written lies in
	// memory so that starting it takes a tenth longer.
	program, err := os.ReadFile(built)
	if err == nil {
		err = os.WriteFile(out, program, 0o700)
	}
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// everyColumn is what show and verify read.
const everyColumn = "id, label, description, owner, prefix, masked, scheme, role, scopes, resource, networks, rate_limit, enabled, " +
	"not_before, expires_at, created_at, created_by, revoked_at, revoked_by, revoked_reason, revoked_until, last_used_at, " +
	"last_used_from, successor, predecessor, request_id, metadata"

func (p *processBench) rows() []benchRow {
	us := func(args ...string) func(int) command {
		return func(int) command { return command{args: append(append([]string{p.keyreeve}, args...), "--db", p.db)} }
	}
	sql := func(statement string) func(int) command {
		return func(int) command {
			return command{args: append([]string{p.shell, p.db}, strings.Split(statement, "\n")...)}
		}
	}
	hello := func(int) command { return command{args: []string{p.hello}} }
	byID := sql("SELECT " + everyColumn + " FROM keyreeve_keys WHERE id = '" + p.id + "'")
	insert := func(i int) command {
		return sql(fmt.Sprintf("PRAGMA synchronous = FULL; INSERT INTO keyreeve_keys (id, masked, scheme, hash, created_at)"+
			" VALUES ('shell%d', 'kr_shell', 'sha256', '%064x', %d)", time.Now().UnixNano(), time.Now().UnixNano(), i))(i)
	}
	byHash := sql("SELECT " + everyColumn + " FROM keyreeve_keys WHERE hash = '" + p.digest + "'")
	newest := sql("SELECT id, label FROM keyreeve_keys ORDER BY created_at DESC, id LIMIT 200")
	prefixed := sql("SELECT id, label FROM keyreeve_keys WHERE id >= 'ab' AND id < 'ac' LIMIT 200")
	everything := sql(".mode csv\nSELECT " + everyColumn + " FROM keyreeve_keys ORDER BY created_at DESC, id")
	many := min(*benchKeys, 100_000)
	return []benchRow{
		{name: "help", limit: 2.0, ours: us("help"), theirs: hello},
		{name: "version", limit: 2.0, ours: us("version"), theirs: hello},
		{name: "completion-bash", limit: 2.0, ours: us("completion", "bash"), theirs: hello},
		{name: "show-json", limit: 1.8, ours: us("show", p.id, "-o", "json"), theirs: byID},
		{name: "show-table", limit: 2.0, ours: us("show", p.id), theirs: byID},
		{name: "verify", limit: 1.8, ours: withInput(us("verify", "-o", "json"), p.token), theirs: byHash},
		{name: "complete-newest", limit: 1.8, ours: p.complete(""), theirs: newest},
		{name: "complete-prefix", limit: 1.8, ours: p.complete("ab"), theirs: prefixed},
		{name: "create", limit: 2.0, ours: us("create"), theirs: insert},
		{name: "revoke", limit: 2.0, ours: func(i int) command { return us([]string{"revoke", "activate"}[i%2], "flip")(i) }, theirs: insert},
		{name: "list-jsonl", limit: 1 / 0.7, rounds: 5, ours: us("list", "-o", "jsonl"), theirs: everything},
		{name: "create-count", limit: 1 / 0.5, rounds: 5, ours: p.bulk(many), theirs: p.imported(many)},
	}
}

func withInput(c func(int) command, text string) func(int) command {
	return func(i int) command {
		with := c(i)
		with.stdin = text
		return with
	}
}

// bulk creates n keys in a database of their own.
func (p *processBench) bulk(n int) func(int) command {
	return func(i int) command {
		db := filepath.Join(p.dir, fmt.Sprintf("bulk%d.db", i))
		p.run(p.b, command{args: []string{p.keyreeve, "bootstrap", "--db", db}})
		return command{args: []string{p.keyreeve, "create", "--count", fmt.Sprint(n), "--out", db + ".tokens", "--db", db}}
	}
}

// imported reads as many rows from CSV into the same table, the checks and indexes
// included. The shell knows no NULL in CSV, so every column has a value.
func (p *processBench) imported(n int) func(int) command {
	csv := filepath.Join(p.dir, "import.csv")
	p.query(p.b, fmt.Sprintf(".mode csv\n.output %s\nSELECT id, 'l' || id, 'd', 'o', prefix, masked, scheme, hash, 'r', scopes, 'x', networks,"+
		" '1/1', 1, 1, 1, created_at, 'o', 1, 'o', 'r', 1, 1, 'f', 's', 'p', 'q', '{}' FROM keyreeve_keys LIMIT %d", csv, n))
	return func(i int) command {
		db := filepath.Join(p.dir, fmt.Sprintf("import%d.db", i))
		p.run(p.b, command{args: []string{p.keyreeve, "bootstrap", "--db", db}})
		return command{args: []string{p.shell, db, ".mode csv", ".import " + csv + " keyreeve_keys"}}
	}
}

// complete asks for ids as a shell does: the database is in a variable, since
// what is typed comes last.
func (p *processBench) complete(typed string) func(int) command {
	return func(int) command {
		return command{args: []string{p.keyreeve, "__complete", "show", "--db", p.db, typed}}
	}
}

// measure runs both sides in turns and prints their medians.
func (p *processBench) measure(b *testing.B, row benchRow) {
	rounds := cmp.Or(row.rounds, 40)
	var ours, theirs []time.Duration
	for i := range rounds + 2 {
		us, them := row.ours(i), row.theirs(i)
		a, c := p.run(b, us), p.run(b, them)
		if i >= 2 { // the first runs fill the caches
			ours, theirs = append(ours, a), append(theirs, c)
		}
	}
	a, c := median(ours), median(theirs)
	ratio := float64(a) / float64(c)
	b.ReportMetric(ratio, "ratio")
	fmt.Fprintf(os.Stderr, "%-16s ours %7.2f ms   theirs %7.2f ms   %.2fx of at most %.1fx\n",
		row.name, milliseconds(a), milliseconds(c), ratio, row.limit)
}

func (p *processBench) run(b *testing.B, c command) time.Duration {
	process := exec.Command(c.args[0], c.args[1:]...)
	process.Stdin = strings.NewReader(c.stdin)
	var stderr strings.Builder
	process.Stderr = &stderr
	begin := time.Now()
	if err := process.Run(); err != nil {
		b.Fatalf("%v: %v\n%s", c.args, err, stderr.String())
	}
	return time.Since(begin)
}

func (p *processBench) query(b *testing.B, statement string) string {
	out, err := exec.Command(p.shell, append([]string{p.db}, strings.Split(statement, "\n")...)...).Output()
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
