package cmd

import (
	"context"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newVersion(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Tell which version this is and how it was built",
		Example: "  keyreeve version\n  keyreeve version -o json",
		RunE:    g.offline(func(context.Context, []string) error { return g.version() }),
	}
}

// version returns the version that the build recorded.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (g *globals) version() error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	opts, err := g.options(keys.Fields(0))
	if err != nil {
		return err
	}
	doc := []render.Pair{{Name: "version", Value: version()}}
	if info, ok := debug.ReadBuildInfo(); ok {
		doc = append(doc, recorded(info)...)
	}
	return render.Document(g.Out, opts, append(doc,
		render.Pair{Name: "go", Value: runtime.Version()},
		render.Pair{Name: "platform", Value: runtime.GOOS + "/" + runtime.GOARCH},
	))
}

// recorded returns what the build says of its sources, as far as it knows them.
func recorded(info *debug.BuildInfo) []render.Pair {
	var doc []render.Pair
	for _, want := range [][2]string{{"revision", "vcs.revision"}, {"built_from", "vcs.time"}, {"modified", "vcs.modified"}} {
		for _, s := range info.Settings {
			if s.Key == want[1] {
				doc = append(doc, render.Pair{Name: want[0], Value: recordedValue(s)})
			}
		}
	}
	for _, dep := range info.Deps {
		if dep.Path == "modernc.org/sqlite" {
			doc = append(doc, render.Pair{Name: "sqlite_driver", Value: dep.Version})
		}
	}
	return doc
}

func recordedValue(s debug.BuildSetting) any {
	if truth, err := strconv.ParseBool(s.Value); err == nil && s.Key == "vcs.modified" {
		return truth
	}
	return s.Value
}
