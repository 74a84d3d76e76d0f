package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// completeSettings offers the names of settings that are not on the line yet.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, s := range keys.PolicySettings() {
		if !slices.Contains(args, s.Name) {
			list = append(list, cobra.CompletionWithDesc(s.Name, s.Doc))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeAssignments offers names with =, then what there is to choose from.
func completeAssignments(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if name, value, valued := strings.Cut(typed, "="); valued {
		return offeredValues(name, value), cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, s := range keys.PolicySettings() {
		if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, s.Name+"=") }) {
			list = append(list, cobra.CompletionWithDesc(s.Name+"=", s.Doc))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// offeredValues are the values of a setting of which there are only so many, and the
// members that a list does not have yet.
func offeredValues(name, value string) []cobra.Completion {
	settings, err := settingsNamed([]string{name})
	if err != nil {
		return nil
	}
	s, before := settings[0], ""
	if manyOf(s) {
		before = value[:strings.LastIndexByte(value, ',')+1]
	}
	given := strings.Split(before, ",")
	var list []cobra.Completion
	for _, v := range s.Values {
		if !slices.Contains(given, v) {
			list = append(list, name+"="+before+v)
		}
	}
	if before == "" {
		list = append(list, name+"="+keys.DefaultValue)
	}
	return list
}

func completePresets(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, p := range keys.Presets() {
		if len(args) == 0 {
			list = append(list, cobra.CompletionWithDesc(p.Name, p.Title))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
