package db

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The phases of an audit line.
const (
	phaseIntent    = "intent"
	phaseCommitted = "committed"
	phaseFailed    = "failed"
)

// auditLine is one line of an audit file. One of the phase intent is an event; the
// others have no more than the first five fields.
type auditLine struct {
	At       string          `json:"at"`
	Phase    string          `json:"phase"`
	Tx       string          `json:"tx"` // the same in all lines of one change
	Database string          `json:"database"`
	Layout   string          `json:"layout"`
	Action   keys.Action     `json:"action,omitempty"`
	Key      string          `json:"key,omitempty"`
	User     string          `json:"user,omitempty"`
	Claimed  string          `json:"claimed_user,omitempty"`
	Host     string          `json:"host,omitempty"`
	Process  string          `json:"process,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Forced   bool            `json:"forced,omitempty"`
	Before   json.RawMessage `json:"before,omitempty"`
	After    json.RawMessage `json:"after,omitempty"`
}

// event is the reverse of [auditEntry.intent].
func (l *auditLine) event() keys.Event {
	e := keys.Event{
		Action: l.Action, KeyID: l.Key, Reason: l.Reason, Forced: l.Forced, Before: string(l.Before), After: string(l.After),
		Actor: keys.Actor{User: l.User, Claimed: l.Claimed, Host: l.Host, Process: l.Process},
	}
	if at, err := time.Parse(time.RFC3339, l.At); err == nil {
		e.At = keys.At(at)
	}
	return e
}

// auditEntry is one change in the audit.
type auditEntry struct {
	*auditHold
	tx string
	at string // of its last event
}

// record records what is about to be committed. Without an error and an entry, a
// file that nobody named could not be written.
func (h *auditHold) record(tx string, events []keys.Event) (*auditEntry, error) {
	e := &auditEntry{auditHold: h, tx: tx, at: events[len(events)-1].At.String()}
	if err := h.open(); err != nil {
		return nil, h.log.tolerate(err)
	}
	if err := h.write(true, e.intents(events)); err != nil {
		return nil, h.log.tolerate(err)
	}
	return e, nil
}

// end records what became of it. The change stands or does not, whatever happens here.
func (e *auditEntry) end(committed bool) {
	line := e.line(phaseFailed, e.at)
	if committed {
		line.Phase = phaseCommitted
	}
	if err := e.write(false, text(line)); err != nil {
		e.log.say(e.log.refusal(err).Message + ": the outcome of the change is not recorded")
	}
}

func (e *auditEntry) line(phase, at string) auditLine {
	return auditLine{At: at, Phase: phase, Tx: e.tx, Database: e.log.database, Layout: e.log.layout}
}

func (e *auditEntry) intents(events []keys.Event) []byte {
	lines := make([]auditLine, len(events))
	for i := range events {
		lines[i] = e.intent(&events[i])
	}
	return text(lines...)
}

func (e *auditEntry) intent(event *keys.Event) auditLine {
	l := e.line(phaseIntent, event.At.String())
	l.Action, l.Key, l.Reason, l.Forced = event.Action, event.KeyID, event.Reason, event.Forced
	l.User, l.Claimed, l.Host, l.Process = event.Actor.User, event.Actor.Claimed, event.Actor.Host, event.Actor.Process
	l.Before, l.After = object(event.Before), object(event.After)
	return l
}

// object is the JSON of an event as it is, or as a text if it were none.
func object(s string) json.RawMessage {
	if s == "" || json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	quoted, _ := json.Marshal(s) // a text always works
	return quoted
}

// text is the lines in their file.
func text(lines ...auditLine) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for i := range lines {
		_ = encoder.Encode(&lines[i]) // texts, and JSON that was checked
	}
	return b.Bytes()
}
