#include "core/query/like.h"

#include <cstddef>

#include "core/model/text.h"

namespace tidemark::query {
namespace {

char Fold(char c, Case letter_case) {
  if (letter_case == Case::kSensitive || c < 'A' || c > 'Z') return c;
  return static_cast<char>(c - 'A' + 'a');
}

}  // namespace

// Greedy with one place to go back to: a later `%` makes an earlier one's choices irrelevant.
bool LikeMatches(std::string_view text, std::string_view pattern, Case letter_case) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t after_percent = kNone;  // in the pattern
  std::size_t resume = 0;             // in the text: where the last `%` may end next
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      after_percent = ++p;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      ++p;
      t += model::CodePointSize(text, t);
    } else if (p < pattern.size() && Fold(pattern[p], letter_case) == Fold(text[t], letter_case)) {
      ++p;
      ++t;
    } else if (after_percent != kNone) {
      resume += model::CodePointSize(text, resume);
      t = resume;
      p = after_percent;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

std::string FoldAscii(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = Fold(c, Case::kFoldAscii);
  return folded;
}

std::string GlobPattern(std::string_view like_pattern) {
  std::string glob;
  glob.reserve(like_pattern.size() + 8);
  for (const char c : like_pattern) {
    if (c == '%') {
      glob.push_back('*');
    } else if (c == '_') {
      glob.push_back('?');
    } else if (c == '*' || c == '?' || c == '[') {
      glob.append({'[', c, ']'});
    } else {
      glob.push_back(c);
    }
  }
  return glob;
}

}  // namespace tidemark::query
