// Keys that make spellings of one name meet. FoldName and LatinKey stand on disk: what they give
// for a text changes only with the format.
//
// Threads: any.
#ifndef STORAGE_GRAPH_FOLD_TEXT_H_
#define STORAGE_GRAPH_FOLD_TEXT_H_

#include <string>
#include <string_view>

namespace annals {

// Case and compatibility forms folded (NFKC_Casefold), without white space, hyphens and dashes,
// apostrophes, controls, invisible characters and accents: "Kim Jong-un", "KIM JONG UN" and
// "Kím Jongun" give "kimjongun", "Горбачёв" and "горбачев" the same. Accents are the marks that no
// script owns, Hebrew points and Arabic vowel signs; the voicing marks of kana, the vowel signs of
// other scripts and Hangul syllables stay. Malformed UTF-8 is read as U+FFFD. Holds no byte 0. What
// consists of nothing but such characters folds to itself, in lower case.
std::string FoldName(std::string_view text);

// In Latin letters a-z and digits, words apart by one space: "Андрей Белоусов" gives
// "andrej belousov". Empty for text without letters and digits.
std::string LatinKey(std::string_view text);
// What LatinKey gives, always by all of the rules: slower, and here to be compared with.
std::string LatinKeyOfWhole(std::string_view text);

bool IsAsciiText(std::string_view text);

}  // namespace annals

#endif  // STORAGE_GRAPH_FOLD_TEXT_H_
