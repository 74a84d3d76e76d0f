package render

import (
	"github.com/fatih/color"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var statusColors = map[keys.Status]color.Attribute{
	keys.Active:  color.FgGreen,
	keys.Pending: color.FgCyan,
	keys.Expired: color.FgYellow,
	keys.Revoked: color.FgRed,
}

// paint sets the colour switch of each Color itself: the package's own looks at
// the environment and at standard output, and is shared by the whole process.
func paint(on bool, text string, as color.Attribute) string {
	if !on {
		return text
	}
	c := color.New(as)
	c.EnableColor()
	return c.Sprint(text)
}
