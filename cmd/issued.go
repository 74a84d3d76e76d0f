package cmd

import (
	"bytes"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// place tells where the tokens went.
func (d *delivery) place() string {
	switch {
	case d.out != "":
		return "in " + d.out
	case d.outDir != "":
		return "in " + d.outDir
	case d.envFile != "":
		return "in " + d.envFile + " as " + d.envName
	}
	return "on standard output"
}

// render returns the new keys in the output format, with or without tokens.
func (d *delivery) render(withTokens bool) ([]byte, error) {
	o, err := d.g.options(d.fields)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	switch {
	case o.Format == render.K8sSecret && withTokens:
		err = render.Secrets(&b, d.results(true))
	case withTokens || !forPeople(o.Format) && o.Format != render.K8sSecret:
		err = render.Results(&b, o, d.results(withTokens), d.single)
	}
	return b.Bytes(), err
}

func (d *delivery) results(withTokens bool) []render.Result {
	list := make([]render.Result, len(d.issued))
	for i, is := range d.issued {
		list[i] = render.Result{Key: is.Key, Result: string(keys.Created), Advice: is.Advice}
		if is.Rotated != nil {
			d.tellRotated(&list[i], is.Rotated, i)
		}
		if withTokens {
			list[i].Token = is.Token
		}
	}
	return list
}

// warnPublic says so where everybody can read the file that the token went into.
func (d *delivery) warnPublic() {
	if d.dotenv != nil && d.dotenv.public() {
		d.g.note("every user can read %s: keep others from it by chmod o-r %s", d.dotenv.path, shellQuote(d.dotenv.path))
	}
}

// forPeople tells whether advice goes to standard error alone.
func forPeople(f render.Format) bool { return f == render.Table || f == render.Wide }
