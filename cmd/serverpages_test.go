package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// served is where a page's server keeps things on the machine of the test, below
// a directory that stands for the root.
type served struct {
	page, schema string
	databases    []string          // made from the schema
	rows         string            // in the first of them
	files        map[string]string // what else there is
	env          []string          // of the server
	before       []string          // commands that the page takes for done
}

// serverSecret is no secret: it only has to be long.
var serverSecret = strings.Repeat("not-a-secret-", 4)

var servers = []served{
	{"proxbox", "proxbox", []string{"/data/database.db", "/home/new/database.db"},
		`INSERT INTO api_key_bootstrap_claim VALUES (1, 1790000000.25);
		INSERT INTO apikey VALUES (1, 'lost', 'of no known token', 1, 1790000000.25);
		INSERT INTO authlockout VALUES ('192.0.2.7', 5, (julianday('2026-11-22 11:59') - 2440587.5) * 86400.0)`,
		map[string]string{"/home/held.token": strings.Repeat("held-by-netbox-", 3) + "\n"},
		[]string{"PROXBOX_DATABASE_PATH=/data/database.db"}, nil},
	{"zoneweaver", "zoneweaver", []string{"/var/lib/zoneweaver-agent/database/core.sqlite", "/home/new/core.sqlite"},
		`INSERT INTO entities VALUES (1, 'lost', 'Ab3_Ab3_Ab3_Ab3a', 'of no known token', NULL, 'admin', 1,
		'2026-01-02 03:04:05.678 +00:00', '2026-01-02 03:04:05.678 +00:00', '2026-01-02 03:04:05.678 +00:00', '2026-01-02 03:04:05.678 +00:00')`,
		map[string]string{
			"/home/held.token":                  "hw_" + strings.Repeat("Ab3_", 4) + "." + strings.Repeat("x7-Q", 21) + "zz\n",
			"/etc/zoneweaver-agent/config.yaml": "database:\n  directory: ROOT/var/lib/zoneweaver-agent/database\n",
		},
		[]string{"CONFIG_PATH=/etc/zoneweaver-agent/config.yaml"}, nil},
	{"proxyos", "proxyos", []string{"/data/proxyos/proxyos.db"}, "",
		map[string]string{
			"/home/held.token":     "pxos_" + strings.Repeat("Zx9-", 8) + "\n",
			"/run/secrets/proxyos": serverSecret + "\n",
			"/etc/proxyos.env":     "# of the server\nPROXYOS_SECRET=" + serverSecret + "\n",
		},
		[]string{"PROXYOS_DB_PATH=/data/proxyos/proxyos.db"}, nil},
	{"rotation", "proxbox", []string{"/data/database.db"},
		`INSERT INTO api_key_bootstrap_claim VALUES (1, 1790000000.25);
		INSERT INTO apikey VALUES (7, 'netbox', 'of no known token', 1, 1790000000.25)`,
		map[string]string{"/home/README": ""}, []string{"GITHUB_RUN_ID=4711"}, []string{"keyreeve bootstrap --out admin.token"}},
}

// stubs are programs that the pages use and that a test cannot. Each does what
// matters here: run keyreeve, or be content with a token.
var stubs = map[string]string{
	"sudo":   `shift 2; exec "$@"`,
	"docker": `while test $# -gt 0; do case $1 in */keyreeve) shift; exec keyreeve "$@";; cp) exit 0;; esac; shift; done; exit 1`,
	"curl":   `for a in "$@"; do case $a in *Bearer*|*Key:*) exit 2;; esac; done; grep -q '^header = "[A-Z].*: ....................*"$'`,
	"ssh":    `test "$1" = -T && shift 2 && exec sh -c "$*" < /dev/null`,
	"gh":     `test "$1 $2" = "secret set" && test $(wc -c) -ge 60`,
	"svcadm": `test "$*" = "restart zoneweaver-agent"`,
}

func TestServerPages(t *testing.T) {
	for _, s := range servers {
		t.Run(s.page, func(t *testing.T) {
			root := s.machine(t)
			for _, example := range slices.Concat(s.before, examples(t, "../man/keyreeve-"+s.page+".7")) {
				c := exec.Command("bash", "-euo", "pipefail", "-c", atRoot(root, example))
				c.Dir = filepath.Join(root, "home")
				c.Env = []string{
					"HOME=" + c.Dir, "USER=alice", "LANG=C.UTF-8", "TEST_NOW=2026-11-22T12:00:00Z",
					"PATH=" + filepath.Join(root, "bin") + ":" + os.Getenv("PATH"),
				}
				for _, v := range s.env {
					c.Env = append(c.Env, atRoot(root, v))
				}
				if out, err := c.CombinedOutput(); err != nil {
					t.Fatalf("%s\n%v\n%s", example, err, out)
				}
			}
		})
	}
}

// machine makes the directory that stands for the root.
func (s served) machine(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range stubs {
		s.write(t, filepath.Join(root, "bin", name), "#!/bin/sh\n"+script+"\n", 0o700)
	}
	for name, content := range s.files {
		s.write(t, root+name, strings.ReplaceAll(content, "ROOT", root), 0o600)
	}
	for i, path := range s.databases {
		if err := os.MkdirAll(filepath.Dir(root+path), 0o700); err != nil {
			t.Fatal(err)
		}
		pool := openSQL(t, root+path)
		statements := readText(t, "testdata/"+s.schema+".sql")
		if i == 0 {
			statements += s.rows
		}
		if _, err := pool.Exec(statements); err != nil {
			t.Fatal(err)
		}
		pool.Close()
	}
	return root
}

func (served) write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

var absolute = regexp.MustCompile(`(^|[ =])(/(data|etc|run|var)/)`)

// atRoot puts the absolute paths in text below root.
func atRoot(root, text string) string { return absolute.ReplaceAllString(text, "${1}"+root+"${2}") }

// examples returns the commands of a page, one text for each block.
func examples(t *testing.T, page string) (list []string) {
	t.Helper()
	plain := strings.NewReplacer(`\-`, `-`, `\e`, `\`, `\(aq`, `'`)
	for _, part := range strings.Split(readText(t, page), "\n.EX\n")[1:] {
		text, _, ended := strings.Cut(part, "\n.EE")
		if !ended {
			t.Fatalf("%s has an example without an end", page)
		}
		list = append(list, plain.Replace(text))
	}
	return list
}
