// Random JSON documents and random changes of them, small enough to meet often: few keys (some a
// prefix of another, some that need escapes), few values, nested.
#ifndef TIDEMARK_TESTS_CORE_MODEL_JSON_GENERATOR_H_
#define TIDEMARK_TESTS_CORE_MODEL_JSON_GENERATOR_H_

#include <boost/json/value.hpp>
#include <string>

#include "core/base/random.h"
#include "core/model/json_path.h"

namespace tidemark::testing {

std::string RandomKey(Random& random);
boost::json::value RandomDocument(Random& random, int depth);
/// Changes some parts of `document`.
void ChangeDocument(Random& random, boost::json::value& document);
/// A path that is often, but not always, one of `document`.
model::JsonPath RandomPath(Random& random, const boost::json::value& document);

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_MODEL_JSON_GENERATOR_H_
