// CHECK for bugs, on in release builds: a broken invariant ends the process with a message rather
// than corrupting a database. Never used for bad input: that is an Error (result.h).
#ifndef TIDEMARK_CORE_BASE_CHECK_H_
#define TIDEMARK_CORE_BASE_CHECK_H_

namespace tidemark {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace tidemark

#define TIDEMARK_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::tidemark::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // TIDEMARK_CORE_BASE_CHECK_H_
