package keystest

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The contract walks once over every store; over those in memory there is time for
// many more ways.
func TestRotationsAtRandom(t *testing.T) {
	for _, info := range []keys.Info{NewMemory().Info(), agentRules(), proxyRules(), timedRules()} {
		t.Run(info.Layout, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(40) {
				m := NewMemoryOf(info)
				l := &lab{
					database: Database{Secret: []byte("a secret of more than thirty-two bytes"), Brief: true},
					rnd:      rand.New(rand.NewPCG(seed, 3)), used: map[string]bool{}, store: m, fields: info.Fields, rules: rulesOf(info),
				}
				rotatesAtRandom(l)
				if err := errors.Join(l.failures...); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}
