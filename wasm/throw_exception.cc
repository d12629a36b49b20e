// What Boost calls where it would throw: without exceptions there is nobody to catch, so the module
// ends.
#include <boost/throw_exception.hpp>

#include "core/base/check.h"

namespace boost {

void throw_exception(const std::exception& exception) {
  tidemark::CheckFailed(__FILE__, __LINE__, exception.what());
}

void throw_exception(const std::exception& exception, const source_location&) {
  throw_exception(exception);
}

}  // namespace boost
