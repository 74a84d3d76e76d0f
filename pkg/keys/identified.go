package keys

import "errors"

// Identified tells whether the id of k, read from a row, names that row and no
// other. A row whose id is empty or cannot be read is shown, and never changed: what
// stands in the place of its id may be the id of another row.
func (k *Key) Identified() bool { return k.ID != "" && !k.unread(FieldsOf(FieldID)) }

// errNoID is the cause of the refusal to change a row that its id does not name.
var errNoID = errors.New("no usable id")

// NotIdentified tells whether err is the refusal to change a key that is not
// [Key.Identified].
func NotIdentified(err error) bool { return errors.Is(err, errNoID) }

// identified gives ReasonCorrupt unless the ids of all keys can be used.
func identified(list ...Key) error {
	for i := range list {
		k := &list[i]
		if k.Identified() {
			continue
		}
		whose := ""
		if k.Label != "" {
			whose = " of " + PrintableText(k.Label)
		}
		return Errorf(ReasonCorrupt, "the row%s has no usable id: what works on it could hit another row", whose).Because(errNoID)
	}
	return nil
}
