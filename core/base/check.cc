#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "tidemark: check failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace tidemark
