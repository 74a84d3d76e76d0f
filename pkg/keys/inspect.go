package keys

import "strings"

// Inspection is what can be told of a pasted string without any database. It
// holds nothing that must be kept secret: the id of a native token is public.
type Inspection struct {
	Kind     string   // one of the Pasted constants
	Valid    bool     // cleaned of what Problems lists, it is a native token with a right checksum
	Prefix   string   // "" where there is none or it cannot be told from a secret
	ID       string   // of a native token, even one whose checksum is wrong
	Masked   string   // what may be shown, "" if that is nothing
	Length   int      // in bytes, as pasted
	Problems []string // what is wrong, in words; positions are characters of the paste, from 1
}

// What a pasted string can be.
const (
	PastedToken    = "token"    // native, whole or damaged
	PastedMasked   = "masked"   // the form that list prints
	PastedID       = "id"       // of a native key, by its shape
	PastedSupplied = "supplied" // could be supplied by a caller, or be another system's token
	PastedEmpty    = "empty"
	PastedUnknown  = "unknown"
)

// maxInspected is how many bytes are looked at: a file is not a paste.
const maxInspected = 4096

// looks are tried in turn; the first that recognises the paste ends the search.
var looks = []func(*Inspection, *paste) bool{
	lookEmpty, lookMasked, lookID, lookWhole, lookEmbedded, lookJoined, lookShaped,
	lookPrefixless, lookDamaged, lookCut, lookSupplied, lookUnknown,
}

// Inspect tells what s is, whether its checksum is right, and what is wrong
// with the paste: quotes, "Bearer", a header's or variable's name, white space,
// invisible characters, a cut, or characters that are swapped or mistyped. It
// opens no database. A caller that reads standard input takes one newline off
// first, with [TrimNewline].
func Inspect(s string) Inspection {
	in := Inspection{Kind: PastedUnknown, Length: len(s)}
	if len(s) > maxInspected {
		in.Problems = []string{"is far too long to be a token"}
		return in
	}
	p := newPaste(s)
	for _, look := range looks {
		if look(&in, p) {
			break
		}
	}
	in.Problems = p.problems
	return in
}

func lookEmpty(in *Inspection, p *paste) bool {
	if len(p.chars) > 0 {
		return false
	}
	in.Kind = PastedEmpty
	p.note("is empty")
	return true
}

// lookMasked knows a masked form with an ellipsis, and a native one without.
func lookMasked(in *Inspection, p *paste) bool {
	text := p.text()
	start := strings.TrimRight(text, "….")
	dotted := strings.HasSuffix(text, "…") || strings.HasSuffix(text, "...")
	prefix, id, ok := cutBody(start)
	switch {
	case ok && len(id) == idChars && isBase62(id):
		in.show(prefix, id)
	case dotted && start != "" && len(start) <= maxPrefixBytes+1+maxDisplayed && firstOutside(start) < 0:
		in.Masked = start + "…"
	default:
		return false
	}
	in.Kind = PastedMasked
	return true
}

func lookID(in *Inspection, p *paste) bool {
	text := p.text()
	if len(text) != idChars || !isBase62(text) {
		return false
	}
	in.Kind, in.ID = PastedID, text
	return true
}

func lookWhole(in *Inspection, p *paste) bool {
	t, err := ParseToken(p.text())
	if err != nil {
		return false
	}
	in.accept(t)
	return true
}

// lookEmbedded finds a token in a line of JSON, a URL or a command.
func lookEmbedded(in *Inspection, p *paste) bool {
	text := p.text()
	t, at, ok := findToken(text)
	if !ok {
		return false
	}
	in.accept(t)
	if rest := text[len(t.String()):]; at == 0 && isBase62(rest) {
		p.note("has %s too many at its end", counted(len(rest)))
	} else {
		p.note("stands inside other text")
	}
	return true
}

// lookJoined takes out what a line break or a chat program put in.
func lookJoined(in *Inspection, p *paste) bool { return p.join() && lookWhole(in, p) }

func lookPrefixless(in *Inspection, p *paste) bool {
	body := strings.TrimPrefix(p.text(), "_")
	if len(body) != defaultBodyChars || !rightlyEnds([]byte(body)) {
		return false
	}
	in.Kind, in.ID = PastedToken, body[:idChars]
	p.note("its prefix is missing")
	return true
}

// lookDamaged knows a native token by its prefix and length, however wrong.
func lookDamaged(in *Inspection, p *paste) bool {
	text := p.text()
	prefix, body, ok := cutBody(text)
	if !ok || !resemblesBody(body, prefix == DefaultPrefix) {
		return false
	}
	in.Kind = PastedToken
	if id := body[:idChars]; isBase62(id) {
		in.show(prefix, id)
	}
	if len(text) > MaxTokenBytes {
		p.note("is %s long, more than %d", counted(len(text)), MaxTokenBytes)
	}
	p.diagnose(body, len(prefix)+1)
	return true
}

func lookSupplied(in *Inspection, p *paste) bool {
	text := p.text()
	if ValidateSupplied(text) != nil {
		return false
	}
	in.Kind = PastedSupplied
	in.Prefix, in.Masked = MaskSupplied(text)
	return true
}

func lookUnknown(_ *Inspection, p *paste) bool {
	if at := firstOutside(p.text()); at >= 0 {
		p.noteChar(p.chars[at])
	}
	switch n := len(p.chars); {
	case n < minSuppliedBytes:
		p.note("is too short to be a token: %s", counted(n))
	case n > MaxTokenBytes:
		p.note("is too long to be a token: %s", counted(n))
	}
	return true
}

// accept takes over what may be shown of a token whose checksum is right.
func (in *Inspection) accept(t Token) {
	in.Kind, in.Valid = PastedToken, true
	in.show(t.Prefix, t.ID)
}

func (in *Inspection) show(prefix, id string) {
	in.Prefix, in.ID, in.Masked = prefix, id, Token{Prefix: prefix, ID: id}.Masked()
}
