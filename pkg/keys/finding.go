package keys

// Level is how much a finding matters.
type Level string

// The levels.
const (
	Fine    Level = "ok"      // looked at, and nothing is wrong
	Notice  Level = "notice"  // worth knowing; a check does not fail for it
	Warning Level = "warning" // will hurt one day, or weakens the server
	Problem Level = "problem" // hurts already
)

// Failing tells whether a check that found this fails.
func (l Level) Failing() bool { return l == Warning || l == Problem }

// Finding is what a check of a database tells of one thing.
type Finding struct {
	Check  string // what was looked at, a word such as "guard"
	Level  Level
	Key    string // the id of the key concerned, if one is
	Path   string // the file concerned, if one is
	Reason string // the verdict in one sentence, without a full stop
	// Mend are the words of a keyreeve command that mends it, without "keyreeve" and the
	// flags that name the database, which belong before a word "--"; nil if none does.
	Mend  []string
	Shell string  // another command that does, "" if none does
	At    Instant // when it comes to pass, none where it has
}
