package db

func (l *Layout) backsUp() (bool, []string) {
	return true, []string{"copies the whole database, whatever else is in it"}
}

func (l *Layout) restores() (bool, []string) {
	said := facts{"makes the rows of " + l.Table + " what they were in a backup; other tables stay as they are"}
	said.add(!l.checked, "a column that is not listed here keeps its value, and gets its default in a row that is made again")
	return true, said
}
