package cmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/cmd/render"
)

// Each thing is said once, and no more of them than somebody would read, however many
// keys were changed.
func TestAdviseIsBounded(t *testing.T) {
	var talk bytes.Buffer
	g := &globals{Env: NewEnv()}
	g.Err = &talk
	list := make([]render.Result, 200_000)
	for i := range list {
		list[i].Advice = []string{"restart the server", fmt.Sprintf("key %d is remembered", i)}
	}
	began := time.Now()
	g.advise(list)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	lines := strings.Split(strings.TrimSpace(talk.String()), "\n")
	if len(lines) != mostAdvice+1 || strings.Count(talk.String(), "restart") != 1 || !strings.HasSuffix(lines[mostAdvice], "and 199981 more such notes") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
