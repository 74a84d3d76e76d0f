package db

// layoutYAML is a layout as its file has it. What each field means, and what is
// assumed where one is left out, is in keyreeve-layout(5). Names in the file are
// those of the fields in lower case, unless a tag says otherwise.
type layoutYAML struct {
	Layout      string
	Era         string
	Title       string
	Server      string
	Since       string
	Recognise   recogniseYAML
	Find        findYAML
	Table       string
	Columns     map[string]columnYAML
	Copies      map[string]copyYAML
	Constants   map[string]any
	IDs         idsYAML
	Token       tokenYAML
	Hash        hashYAML
	Label       labelYAML
	Roles       rolesYAML
	Scopes      scopesYAML
	Lifetime    lifetimeYAML
	Revoke      string
	Guard       guardYAML
	Bootstrap   bootstrapYAML
	Lockout     lockoutYAML
	ActiveFirst bool `yaml:"active_first"`
	Advice      map[string][]string
	KeepActive  string `yaml:"keep_active"`
}

type recogniseYAML struct {
	Columns   []string
	Exact     bool
	Without   []string
	Beside    []string
	Tables    []string
	NotTables []string `yaml:"not_tables"`
	InsteadOf []string `yaml:"instead_of"`
}

type findYAML struct {
	Variable   string
	Paths      []string
	Config     *configYAML
	Superseded string `yaml:"superseded_by"`
}

type configYAML struct {
	Variable string
	Paths    []string
	Wrapper  string
	Key      string
	File     string
}

type columnYAML struct {
	Column    string
	As        string
	Before    string
	After     string
	AsCreated bool `yaml:"as_created"`
}

type copyYAML struct {
	Of     string
	As     string
	Always bool
}

type idsYAML struct {
	From   string
	Reused bool
	Of     string
	Chars  int
}

type tokenYAML struct {
	Form     string
	Selector *selectorYAML
	Secret   *partYAML
	Pattern  string
	Mask     string
	Supplied suppliedYAML
}

type selectorYAML struct {
	Of    string
	Bytes int
	Chars int
}

type partYAML struct {
	Of    string
	Bytes int
	Chars int
	Least int
	Most  int
}

type suppliedYAML struct {
	LeastChars int `yaml:"least_chars"`
	MostBytes  int `yaml:"most_bytes"`
}

type hashYAML struct {
	Scheme  string
	Legacy  []string
	Accepts []string
	Cost    *costYAML
	Secret  *secretYAML
}

type costYAML struct{ Default, Least, Most int }

type secretYAML struct {
	Variable   string
	Forbidden  []string
	Weak       []string
	LeastBytes int `yaml:"least_bytes"`
}

type labelYAML struct {
	Required  bool
	Most      int
	Pattern   string
	Says      string
	Published string
	Unique    bool
}

type rolesYAML struct {
	Required bool
	Words    []string
	Ranked   bool
	Empty    string
}

type scopesYAML struct {
	Required  bool
	Words     []string
	GrantedBy map[string]string `yaml:"granted_by"`
}

type lifetimeYAML struct{ Least, Most string }

type guardYAML struct{ Keep, Role string }

type bootstrapYAML struct {
	By     string
	Table  string
	Row    map[string]any
	At     *momentYAML
	Role   string
	Scopes []string
	Label  string
}

// momentYAML is a column that holds a moment.
type momentYAML struct{ Column, As string }

type lockoutYAML struct {
	Table    string
	Address  string
	Failures string
	Since    *momentYAML
	Limit    int
	Window   string
	Strict   bool
	Else     string
}
