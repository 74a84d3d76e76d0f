package keys_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A number names exactly its key, and nothing that begins with it.
func TestRefsToNumbers(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	b.put(keys.Key{ID: "12345", Label: "a", Hash: "x", Masked: "hw_AAAAAAAAAAAAAAAA…"}, keys.Key{ID: "123456", Label: "12345", Hash: "y"},
		keys.Key{ID: "123", Label: "same", Hash: "z"}, keys.Key{ID: "124", Label: "same", Hash: "w"})
	for text, want := range map[string]string{"123456": "123456", "123": "123", "a": "12345", "hw_AAAAAAAAAAAAAAAA…": "12345"} {
		got, err := b.Select(t.Context(), keys.TextRef(text))
		if err != nil || got[0].ID != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, reason := range map[string]keys.Reason{
		"1234": keys.ReasonNotFound, "12345": keys.ReasonAmbiguous, "same": keys.ReasonAmbiguous,
		"hw_": keys.ReasonNotFound, "hw_AAAAAAAAAAAAAAAA": keys.ReasonNotFound,
	} {
		_, err := b.Select(t.Context(), keys.TextRef(text))
		wantReason(t, text, err, reason)
	}
	_, err := b.Select(t.Context(), keys.TextRef("9"))
	wantSays(t, "a number", err, keys.ReasonNotFound, `"9"`)
	if err != nil && err.Error() != `no key is called "9"` {
		t.Errorf("%q talks of the beginnings of ids", err)
	}
}

func TestRefsToTextsOfAServer(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.put(keys.Key{ID: "-abcdefghijklmnopqrst", Label: "a", Hash: "x"}, keys.Key{ID: "_bcdefghijklmnopqrstu", Hash: "y"})
	for text, want := range map[string]string{"-abc": "-", "-abcdefghijklmnopqrst": "-", "_bcd": "_", "a": "-"} {
		got, err := b.Select(t.Context(), keys.TextRef(text))
		if err != nil || got[0].ID[:1] != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// The token of a key names it where the server finds it, revoked ones too.
func TestRefsByToken(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	b.patch(issued.Key.ID, func(k *keys.Key) { k.Enabled = false })
	got, err := b.Select(t.Context(), keys.TokenRef(issued.Token))
	if err != nil || got[0].ID != issued.Key.ID {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = b.Select(t.Context(), keys.TokenRef("wh_"+issued.Token[20:]))
	wantReason(t, "what is no token", err, keys.ReasonNotFound)
}
