// SQL's LIKE without an escape character: `%` is any text, `_` is any one character, everything
// else (the backslash too) is itself.
#ifndef TIDEMARK_CORE_QUERY_LIKE_H_
#define TIDEMARK_CORE_QUERY_LIKE_H_

#include <string>
#include <string_view>

namespace tidemark::query {

enum class Case { kSensitive, kFoldAscii };

/// Both are valid UTF-8.
bool LikeMatches(std::string_view text, std::string_view pattern, Case letter_case);

/// Upper-case ASCII letters to lower case, the rest unchanged: SQLite's lower().
std::string FoldAscii(std::string_view text);

/// The pattern for SQLite's GLOB (which no pragma makes case-insensitive) that matches the same.
std::string GlobPattern(std::string_view like_pattern);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_LIKE_H_
