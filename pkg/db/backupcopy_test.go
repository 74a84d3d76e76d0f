package db

import (
	"testing"
	"testing/synctest"
	"time"
)

// slowCopy is a copy of a database that somebody writes after so many steps, each of a
// millisecond: then it begins again, unless it is whole by then.
type slowCopy struct {
	size, each  int // in steps
	done, steps int
	wholes      int
	finished    bool
}

func (c *slowCopy) Step(pages int32) (bool, error) {
	time.Sleep(time.Millisecond)
	if c.steps++; c.each > 0 && c.steps%c.each == 0 {
		c.done = 0
	}
	if c.done++; pages < 0 {
		c.wholes++
		c.done = c.size
	}
	return c.done < c.size, nil
}

func (c *slowCopy) Remaining() int { return (c.size - c.done) * stepPages }

func (c *slowCopy) Finish() error {
	c.finished = true
	return nil
}

// TestBackupGivesWayWhileThereIsTime: writers have to wait for all of a copy only if
// they kept it from being finished for as long as a lock is waited for.
func TestBackupGivesWayWhileThereIsTime(t *testing.T) {
	const slack = 50 * time.Millisecond
	for name, tt := range map[string]struct {
		timeout time.Duration
		copied  slowCopy
		took    time.Duration
		wholes  int
	}{
		"nobody writes":             {time.Second, slowCopy{size: 100}, 200 * time.Millisecond, 0},
		"a large one takes longer":  {time.Second, slowCopy{size: 10_000}, 20 * time.Second, 0},
		"written once, while large": {time.Second, slowCopy{size: 9_000, each: 9_500}, 18 * time.Second, 0},
		"written now and then":      {time.Minute, slowCopy{size: 100, each: 150}, 200 * time.Millisecond, 0},
		"written all the time":      {time.Second, slowCopy{size: 100, each: 10}, time.Second, 1},
		"written even more":         {time.Minute, slowCopy{size: 100, each: 1}, time.Minute, 1},
		"no patience":               {0, slowCopy{size: 100, each: 10}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, c, began := &DB{options: Options{Timeout: tt.timeout}}, &tt.copied, time.Now()
				if err := d.copyPages(t.Context(), c); err != nil {
					t.Error(err)
				}
				took := time.Since(began)
				if took < tt.took || took > tt.took+slack || c.wholes != tt.wholes || !c.finished {
					t.Errorf("took %s, want %s, with %d steps, %d of them the whole, want %d", took, tt.took, c.steps, c.wholes, tt.wholes)
				}
			})
		})
	}
}
