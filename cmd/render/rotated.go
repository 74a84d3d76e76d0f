package render

import "slices"

// shownMore are the names of [Result].More that a table has a column for.
var shownMore = []string{"replaces", "file", "use"}

// moreNames returns the names of what else a list has to say. Its members have the
// same ones.
func moreNames(list []Result) (names []string) {
	if len(list) > 0 {
		for _, p := range list[0].More {
			names = append(names, p.Name)
		}
	}
	return names
}

// moreTexts returns what a row of CSV has for each of them.
func (r *Result) moreTexts(o *Options) (texts []string) {
	_, texts = o.flatten("", r.More)
	return texts
}

func moreColumns(list []Result) (columns []column) {
	for _, name := range moreNames(list) {
		if slices.Contains(shownMore, name) {
			columns = append(columns, column{title: title(name)})
		}
	}
	return columns
}

func (r *Result) moreShown(o *Options) (texts []string) {
	for _, p := range r.More {
		if slices.Contains(shownMore, p.Name) {
			texts = append(texts, o.recordText(p.Value))
		}
	}
	return texts
}
