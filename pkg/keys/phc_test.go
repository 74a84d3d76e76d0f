package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// argon returns PHC text of the right form.
func argon(version, params, salt, sum string) string {
	return "$argon2id$" + version + "$" + params + "$" + salt + "$" + sum
}

func TestStoredArgon2idRefused(t *testing.T) {
	good, sum := strings.Repeat("A", 22), strings.Repeat("A", 43)
	checkRefused(t, keys.Argon2id, []refusal{
		{"argon2i", strings.Replace(argon1, "2id", "2i", 1), keys.ReasonCorrupt},
		{"no version", strings.Replace(argon1, "v=19$", "", 1), keys.ReasonCorrupt},
		{"version 16", argon("v=16", "m=64,t=1,p=1", good, sum), keys.ReasonUnsupported},
		{"over 256 MiB", argon("v=19", "m=262145,t=1,p=1", good, sum), keys.ReasonUnsupported},
		{"2^32 KiB", argon("v=19", "m=4294967296,t=1,p=1", good, sum), keys.ReasonCorrupt},
		{"too much work", argon("v=19", "m=262144,t=5,p=1", good, sum), keys.ReasonUnsupported},
		{"65 passes", argon("v=19", "m=64,t=65,p=1", good, sum), keys.ReasonUnsupported},
		{"33 lanes", argon("v=19", "m=1024,t=1,p=33", good, sum), keys.ReasonUnsupported},
		{"no lanes", argon("v=19", "m=64,t=1,p=0", good, sum), keys.ReasonCorrupt},
		{"no passes", argon("v=19", "m=64,t=0,p=1", good, sum), keys.ReasonCorrupt},
		{"little memory", argon("v=19", "m=15,t=1,p=2", good, sum), keys.ReasonCorrupt},
		{"leading zero", argon("v=19", "m=064,t=1,p=1", good, sum), keys.ReasonCorrupt},
		{"other order", argon("v=19", "t=1,m=64,p=1", good, sum), keys.ReasonCorrupt},
		{"key id", argon("v=19", "m=64,t=1,p=1,keyid=AA", good, sum), keys.ReasonCorrupt},
		{"short salt", argon("v=19", "m=64,t=1,p=1", "AAAAAAAAA", sum), keys.ReasonCorrupt},
		{"short sum", argon("v=19", "m=64,t=1,p=1", good, "AAAAAA"), keys.ReasonCorrupt},
		{"long sum", argon("v=19", "m=64,t=1,p=1", good, strings.Repeat("A", 87)), keys.ReasonCorrupt},
		{"padded", argon("v=19", "m=64,t=1,p=1", good, sum+"="), keys.ReasonCorrupt},
		{"line break", argon("v=19", "m=64,t=1,p=1", good+"\n", sum), keys.ReasonCorrupt},
	})
}

func TestLargestArgon2idIsComputed(t *testing.T) {
	stored := argon("v=19", "m=262144,t=4,p=1", strings.Repeat("A", 86), strings.Repeat("A", 86))
	if err := keys.Argon2id.Check(stored); err != nil {
		t.Error(err)
	}
}
