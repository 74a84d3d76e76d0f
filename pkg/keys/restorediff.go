package keys

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// kept are the fields that a restore leaves as they are: what servers write by
// themselves, and what is no more than a trace of a change.
const kept = Fields(1<<FieldStatus | 1<<FieldLastUsedAt | 1<<FieldLastUsedFrom | 1<<FieldUpdatedAt)

// print is what a key is told by, without keeping it: many are compared at once.
type print [16]byte

// printOf stands for all that a restore would make of k.
func printOf(k *Key) print {
	b := make([]byte, 0, 1024)
	for f := range fieldCount {
		if !kept.Has(f) {
			b = append(f.appendStored(b, k), 0)
		}
	}
	for _, d := range k.Damage {
		if kept.Has(d.Field) {
			continue
		}
		b = append(append(b, d.Column...), 0)
		b = append(append(b, d.Problem...), 0)
	}
	sum := sha256.Sum256(b)
	return print(sum[:])
}

// appendStored is AppendJSON with the hash.
func (f Field) appendStored(b []byte, k *Key) []byte {
	if f == FieldHash {
		return AppendString(b, k.Hash)
	}
	return f.AppendJSON(b, k, Instant{})
}

// differing returns the fields that a restore has to write, so that was becomes is.
func differing(was, is *Key) (fields Fields) {
	for f := range fieldCount {
		same := string(f.appendStored(nil, was)) == string(f.appendStored(nil, is))
		if !kept.Has(f) && (!same || was.damageOf(f) != is.damageOf(f)) {
			fields |= FieldsOf(f)
		}
	}
	return fields
}

// damageOf returns what is wrong with the stored value of a field, "" for nothing.
func (k *Key) damageOf(f Field) string {
	var said []string
	for _, d := range k.Damage {
		if d.Field == f {
			said = append(said, d.Problem)
		}
	}
	return strings.Join(said, "\n")
}

// held are the keys of a backup, or of what is left of it.
type held struct {
	prints map[string]print
	order  []string // ids, as they are listed
}

// readHeld takes in every key. What a row without a usable id is nobody could say.
func readHeld(ctx context.Context, r Reader) (h held, err error) {
	h.prints = map[string]print{}
	return h, eachKey(ctx, r, func(k *Key) error {
		if _, twice := h.prints[k.ID]; twice {
			return Errorf(ReasonCorrupt, "two keys of the backup have the id %s", PrintableText(k.ID)).OnKey(k.ID)
		}
		h.prints[k.ID] = printOf(k)
		h.order = append(h.order, k.ID)
		return identified(*k)
	})
}

// eachKey gives every key to fn, page by page.
func eachKey(ctx context.Context, r Reader, fn func(*Key) error) error {
	var q Query
	for {
		page, err := r.Page(ctx, q)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
		q.After = &page[len(page)-1]
	}
}

// planned is what a restore has to do, by ids.
type planned struct {
	deleted, changed, created []string
	unread                    []string
	unchanged                 int
}

// plan compares the keys of the database with those of the backup, which it uses up.
func (h *held) plan(ctx context.Context, r Reader) (p planned, err error) {
	err = eachKey(ctx, r, func(k *Key) error {
		want, there := h.prints[k.ID]
		delete(h.prints, k.ID)
		switch {
		case !there:
			p.deleted = append(p.deleted, k.ID)
		case want != printOf(k):
			p.changed = append(p.changed, k.ID)
		default:
			p.unchanged++
			if k.unread(^kept) {
				p.unread = append(p.unread, k.ID)
			}
		}
		return identified(*k)
	})
	for _, id := range h.order {
		if _, left := h.prints[id]; left {
			p.created = append(p.created, id)
		}
	}
	return p, err
}

// fingerprint stands for a list of changes: whoever has seen one can ask for the same.
type fingerprint struct{ sum print }

func (f *fingerprint) add(parts ...any) {
	sum := sha256.Sum256(fmt.Appendf(f.sum[:], "%q", parts))
	f.sum = print(sum[:])
}

func (f *fingerprint) String() string { return hex.EncodeToString(f.sum[:]) }
