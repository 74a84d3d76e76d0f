package keys

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Unfit is a key that does not comply with a policy.
type Unfit struct {
	Key     Key
	Setting string // the name of the rule
	Problem string // what is wrong, said of the key: "never expires"
	Missing Fields // what the setting wants and the key has not
}

// Judge tells what of an existing key does not comply with the policy, as far as one
// key can tell. What nobody can see in a hash any more, such as the length of the
// token, is not asked. Keys are not refused for it: a policy binds who makes them.
func (p *Policy) Judge(k *Key, now Instant) []Unfit { return p.judge().existing(k, now) }

// judge is a policy with what is prepared once for many keys.
type judge struct {
	*Policy
	label *regexp.Regexp // nil for any
}

func (p *Policy) judge() *judge {
	j := &judge{Policy: p}
	if p.LabelPattern != "" {
		j.label = regexp.MustCompile(wholly(p.LabelPattern)) // no policy is set, read or obeyed before it was compiled
	}
	return j
}

// demand is what one setting asks of a key.
type demand struct {
	setting string
	reason  Reason
	problem func(j *judge, k *Key, now Instant) string // said of the key, "" where it complies
	news    func(before, after *Key) *Key              // what of a change is judged, nil for nothing
}

// demands are those on the attributes of a key, which [keyDemands] adds to.
var demands = []demand{
	{required, ReasonPolicy, (*judge).lacks, all},
	lifetimeDemand,
	{"scopes", ReasonVocabulary, (*judge).strangeScope, newScopes},
	{"roles", ReasonVocabulary, (*judge).strangeRole, newRole},
	labelDemand,
	{oneFullKey, ReasonPolicy, (*judge).nobodys, newlyFree},
	resourceDemand,
}

var (
	lifetimeDemand = demand{maxLifetime, ReasonPolicy, (*judge).outlives, newEnd}
	labelDemand    = demand{"label_pattern", ReasonPolicy, (*judge).strangeLabel, newLabel}
	resourceDemand = demand{"prefix_resources", ReasonPolicy, (*judge).wrongResource, newResource}
)

const (
	required    = "required"
	maxLifetime = "max_lifetime"
	oneFullKey  = "one_full_key"
	adminRole   = "admin_role"
)

// keyDemands are those on the token of a key, of which new ones are made accordingly.
var keyDemands = []demand{
	{"token_prefixes", ReasonPolicy, (*judge).strangePrefix, all},
	{"hash", ReasonPolicy, (*judge).weakHash, all},
	{"bcrypt_cost", ReasonPolicy, (*judge).cheapHash, all},
}

func (j *judge) existing(k *Key, now Instant) (list []Unfit) {
	for _, d := range slices.Concat(demands, keyDemands) {
		if problem := d.problem(j, k, now); problem != "" {
			list = append(list, Unfit{*k, d.setting, problem, j.wanted(d.setting, k)})
		}
	}
	return list
}

func (j *judge) lacks(k *Key, _ Instant) string {
	var names []string
	for _, f := range j.missing(k).List() {
		names = append(names, f.String())
	}
	if len(names) == 0 {
		return ""
	}
	return "has no " + strings.Join(names, " and no ")
}

// missing are the fields that the key must have and has not.
func (j *judge) missing(k *Key) (missing Fields) {
	for _, f := range j.Required.List() {
		if !f.isSet(k) && !k.unread(FieldsOf(f)) {
			missing |= FieldsOf(f)
		}
	}
	return missing
}

func (j *judge) outlives(k *Key, now Instant) string {
	made := k.CreatedAt
	if made.IsNone() {
		made = now
	}
	switch most := FormatDuration(j.MaxLifetime); {
	case j.MaxLifetime <= 0 || k.unread(FieldsOf(FieldExpiresAt)):
		return ""
	case k.ExpiresAt.IsNone():
		return "never expires: at most " + most + " from when it is made"
	case k.ExpiresAt.Sub(made) > j.MaxLifetime:
		return fmt.Sprintf("expires at %s, more than %s from when it is made", k.ExpiresAt, most)
	}
	return ""
}

func (j *judge) strangeScope(k *Key, _ Instant) string {
	for _, s := range k.Scopes {
		if len(j.Scopes) > 0 && !slices.Contains(j.Scopes, s) {
			return "has the scope " + quote(s) + ": allowed are only " + strings.Join(j.Scopes, ", ")
		}
	}
	return ""
}

func (j *judge) strangeRole(k *Key, _ Instant) string {
	if k.Role == "" || len(j.Roles) == 0 || slices.Contains(j.Roles, k.Role) {
		return ""
	}
	return "has the role " + quote(k.Role) + ": allowed are only " + strings.Join(j.Roles, ", ")
}

func (j *judge) strangeLabel(k *Key, _ Instant) string {
	if k.Label == "" || j.label == nil || j.label.MatchString(k.Label) {
		return ""
	}
	return "has the label " + quote(k.Label) + ", which does not match " + j.LabelPattern
}

func (j *judge) nobodys(k *Key, _ Instant) string {
	if !j.OneFullKey || k.Owner != "" || k.Resource != "" {
		return ""
	}
	return "has no owner and is not bound to a resource"
}

func (j *judge) wrongResource(k *Key, _ Instant) string {
	for _, bound := range j.PrefixResources {
		switch {
		case bound.Prefix != k.Prefix:
		case bound.Pattern == "" && k.Resource != "":
			return "is bound to a resource, as none with the prefix " + k.Prefix + " may be"
		case bound.Pattern != "" && !MatchGlob(bound.Pattern, k.Resource):
			return "is not bound to a resource like " + quote(bound.Pattern) + ", as those with the prefix " + k.Prefix + " must be"
		}
	}
	return ""
}

func (j *judge) strangePrefix(k *Key, _ Instant) string {
	if j.allowsPrefix(k.Prefix) {
		return ""
	}
	return "has a token that does not begin with " + anyOf(j.TokenPrefixes)
}

func (j *judge) weakHash(k *Key, _ Instant) string {
	if !j.Hash.Slow() || k.Scheme.Slow() {
		return ""
	}
	return fmt.Sprintf("is hashed by %s, not by %s", cmp.Or(k.Scheme, "nothing known"), j.Hash)
}

func (j *judge) cheapHash(k *Key, _ Instant) string {
	if k.Scheme != Bcrypt && k.Scheme != Bcrypt72 || k.Scheme.Check(k.Hash) != nil {
		return ""
	}
	cost, err := strconv.Atoi(k.Hash[len("$2b$"):][:2])
	if err != nil || cost >= j.BcryptCost {
		return ""
	}
	return fmt.Sprintf("is hashed by bcrypt at cost %d, not %d", cost, j.BcryptCost)
}
