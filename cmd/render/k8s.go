package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// K8sSecret is the format of a Kubernetes manifest: only new tokens have it.
const K8sSecret Format = "k8s-secret"

// Tokens writes the tokens and nothing else, one a line.
func Tokens(out io.Writer, list []Result) error { return writeTokens(out, list) }

// Secrets writes one v1 Secret of type Opaque for each token, as a stream of YAML
// documents. Its name is the key's label as far as Kubernetes allows one, else
// the prefix and id; the id itself is in an annotation.
func Secrets(out io.Writer, list []Result) error {
	var b bytes.Buffer
	for i := range list {
		if i > 0 {
			b.WriteString("---\n")
		}
		k := &list[i].Key
		b.WriteString("apiVersion: v1\nkind: Secret\nmetadata:\n  name: " + string(keys.AppendString(nil, secretName(k))))
		b.WriteString("\n  annotations:\n    keyreeve/key-id: " + string(keys.AppendString(nil, k.ID)))
		b.WriteString("\ntype: Opaque\nstringData:\n  token: " + string(keys.AppendString(nil, list[i].Token)) + "\n")
	}
	_, err := out.Write(b.Bytes())
	return err
}

// secretName makes a name by RFC 1123: lower-case letters, digits and dashes.
func secretName(k *keys.Key) string {
	const longest = 63
	text := k.Label
	if text == "" {
		text = k.Prefix + "-" + k.ID
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, text)
	name = strings.Trim(name[:min(len(name), longest)], "-")
	if name == "" {
		return "key-" + strings.ToLower(k.ID)
	}
	return name
}
