package db

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// home is a place where a server of the tests could keep its files.
type home struct {
	t   *testing.T
	dir string
	env map[string]string
}

// newHome returns a home without files, and the layout whose places are there: that
// of Zoneweaver Agent before 0.3.8, as a file of one's own.
func newHome(t *testing.T) (*home, string) {
	t.Helper()
	h := &home{t, ownDir(t), map[string]string{}}
	text, err := LayoutSource("zoneweaver/role")
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.NewReplacer("/etc/", h.dir+"/etc/", "/var/", h.dir+"/var/", "  config:", "  variable: SERVERS_FILE\n  config:",
		"database.sqlite]", "database.sqlite, "+h.dir+"/old.db]").Replace(string(text))
	return h, h.put("layout.yaml", moved)
}

func (h *home) put(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *home) find(layout string) (string, error) {
	return Find(layout, func(name string) string { return h.env[name] })
}

func (h *home) want(layout, want string) {
	h.t.Helper()
	if got, err := h.find(layout); got != want || err != nil {
		h.t.Errorf("found %q, %v, want %s", got, err, want)
	}
}

func (h *home) refused(layout string, reason keys.Reason, says ...string) {
	h.t.Helper()
	got, err := h.find(layout)
	if reasonOf(err) != reason {
		h.t.Fatalf("found %q, %v, want %s", got, err, reason)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			h.t.Errorf("%v\nwithout %q", err, s)
		}
	}
}

const (
	usual  = "var/lib/zoneweaver-agent/database/database.sqlite"
	config = "etc/zoneweaver-agent/config.yaml"
)

func TestFindInUsualPlaces(t *testing.T) {
	h, layout := newHome(t)
	h.refused(layout, keys.ReasonMissing, filepath.Join(h.dir, usual), filepath.Join(h.dir, "old.db"))
	old := h.put("old.db", "")
	h.want(layout, old)
	path := h.put(usual, "")
	h.refused(layout, keys.ReasonAmbiguousFile, path, old)
	if err := os.Remove(old); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, old); err != nil {
		t.Fatal(err)
	}
	h.want(layout, path) // one file by two names
}

func TestFindByVariable(t *testing.T) {
	h, layout := newHome(t)
	h.put(usual, "")
	h.put(config, "database: {storage: /nowhere}")
	h.env["SERVERS_FILE"] = h.dir + "/mine.db"
	h.refused(layout, keys.ReasonMissing, "mine.db", "SERVERS_FILE")
	mine := h.put("mine.db", "")
	h.want(layout, mine)
}

func TestFindByConfiguration(t *testing.T) {
	h, layout := newHome(t)
	h.put(usual, "")
	own := h.put("srv/keys.db", "")
	for _, text := range []string{
		"database:\n  storage: " + own + "\n",
		"other: 1\nzoneweaver_api_backend:\n  x: [1]\n  database:\n    dialect: sqlite\n    storage: \"" + own + "\"\n",
	} {
		h.put(config, text)
		h.want(layout, own)
	}
	for _, silent := range []string{"", "# nothing\n", "database: {directory: /x}", "database: 5", "[]"} {
		h.put(config, silent)
		h.want(layout, filepath.Join(h.dir, usual))
	}
	h.put(config, "database: {storage: "+h.dir+"/gone.db}")
	h.refused(layout, keys.ReasonMissing, "gone.db")
	h.put(config, "a: 1\ndatabase: {storage: ./here.db}")
	h.refused(layout, keys.ReasonUnreadable, ":2: database.storage is not a path from the root")
	h.put(config, "a: [")
	h.refused(layout, keys.ReasonUnreadable, "config.yaml:1: the file is not YAML")
	h.env["CONFIG_PATH"] = h.put("other.yaml", "database: {storage: "+own+"}")
	h.want(layout, own)
	h.env["CONFIG_PATH"] = h.dir + "/nosuch.yaml"
	h.refused(layout, keys.ReasonUnreadable, "nosuch.yaml")
}

// A file that the server no longer reads counts only where there is no other.
func TestFindSuperseded(t *testing.T) {
	h, layout := newHome(t)
	path := h.put(usual, "")
	h.put(filepath.Dir(usual)+"/core.sqlite", "")
	h.want(layout, path)
	old := h.put("old.db", "")
	h.want(layout, old)
}

// TestFindAmongEras looks for what the eras of a built-in layout name.
func TestFindAmongEras(t *testing.T) {
	h, _ := newHome(t)
	dir := filepath.Join(h.dir, "data")
	h.env["CONFIG_PATH"] = h.put("config.yaml", "database: {directory: "+dir+", storage: "+dir+"/database.sqlite}")
	h.refused("zoneweaver", keys.ReasonMissing, dir+"/core.sqlite", dir+"/database.sqlite")
	old := h.put("data/database.sqlite", "")
	h.want("zoneweaver", old)
	h.want("zoneweaver/role", old)
	h.refused("zoneweaver/key_id", keys.ReasonMissing)
	newer := h.put("data/core.sqlite", "")
	h.want("zoneweaver", newer)
	h.want("zoneweaver/role", old)
	for name, variable := range map[string]string{"proxbox": "PROXBOX_DATABASE_PATH", "proxyos/sha": "PROXYOS_DB_PATH"} {
		h.env[variable] = h.put(variable, "")
		h.want(name, h.env[variable])
	}
}

// What the configuration says for one era keeps the usual places of the others out,
// whichever comes first, and is not made up for by them.
func TestFindByOneErasConfiguration(t *testing.T) {
	h, _ := newHome(t)
	usual := h.put("usual/old.db", "")
	own := filepath.Join(h.dir, "srv", "core.sqlite")
	config := h.put(config, "database: {directory: "+filepath.Dir(own)+"}")
	eras := []indexed{
		{find: Finding{Paths: []string{usual}, Config: &ConfigFile{Paths: []string{config}, Key: "database.storage"}}},
		{find: Finding{Config: &ConfigFile{Paths: []string{config}, Key: "database.directory", File: "core.sqlite"}}},
		{find: Finding{Paths: []string{usual}}},
	}
	for range eras {
		eras = append(eras[1:], eras[0])
		f := finder{getenv: func(string) string { return "" }, layout: "eras"}
		if err := f.look(eras); err != nil {
			t.Fatal(err)
		}
		if got, err := f.only(); reasonOf(err) != keys.ReasonMissing || strings.Contains(err.Error(), usual) {
			t.Errorf("without the file found %q, %v", got, err)
		}
		h.put("srv/core.sqlite", "")
		f = finder{getenv: f.getenv, layout: "eras"}
		err := f.look(eras)
		if got, only := f.only(); got != own || err != nil || only != nil {
			t.Errorf("found %q, %v, %v", got, err, only)
		}
		if err := os.Remove(own); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFindNowhere(t *testing.T) {
	h, _ := newHome(t)
	h.want("", "")
	h.want(NativeFamily, "")
	text := strings.Replace(clubYAML, clubYAML[strings.Index(clubYAML, "find:"):strings.Index(clubYAML, "table: member")], "", 1)
	h.want(h.put("club.yaml", text), "")
	h.refused("nosuch", keys.ReasonInvalid)
}
