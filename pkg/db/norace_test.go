//go:build !race

package db

// raceDetector makes everything many times slower.
const raceDetector = false
