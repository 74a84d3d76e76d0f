package keys

// Actor is who makes a change, as the operating system tells it.
type Actor struct {
	User    string // the effective OS user
	Claimed string // the user behind sudo, who could be forged by that user
	Host    string
	Process string // program name and process id
}

// Action is what was done to a key or to the database.
type Action string

// The actions.
const (
	ActionBootstrap Action = "bootstrap"
	ActionCreate    Action = "create"
	ActionRevoke    Action = "revoke"
	ActionActivate  Action = "activate"
	ActionDelete    Action = "delete"
	ActionMigrate   Action = "migrate"
	ActionUnlock    Action = "unlock" // of an address, in Before
	ActionUpdate    Action = "update"
	ActionRotate    Action = "rotate"  // of the key that is replaced; its successor gets an ActionCreate
	ActionFinish    Action = "finish"  // of the key whose rotation ends
	ActionPolicy    Action = "policy"  // Before and After hold the settings that changed
	ActionRestore   Action = "restore" // of a key, from a backup, or of the policy
)

// ActionList is one that [Rules].Advice can be about. It has no type, since no event
// is one of it.
const ActionList = "list"

// Event is one line of the audit. It never holds a token or a hash.
type Event struct {
	At     Instant
	Action Action
	KeyID  string // "" where the database itself was changed
	Actor  Actor
	Reason string // what the operator gave with --reason
	Forced bool   // a guard was overridden
	Before string // JSON object of the fields that changed, "" for a new key
	After  string // likewise, "" for a deleted key
	Unsure bool   // of what Last returns: no outcome is recorded, and only the rows tell whether it happened
}

// Who returns the name of the person behind a change: the user behind sudo
// where there is one, else the OS user.
func (a Actor) Who() string {
	if a.Claimed != "" {
		return a.Claimed
	}
	return a.User
}
