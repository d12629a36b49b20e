// The app under simulation: its schema, its queries and its mutators in C++. Every mutator first
// appends the mutation's id to its client's list `author.applied`, so that what was applied, how
// often and in which order can be read off the data itself.
#ifndef TIDEMARK_TESTS_SIM_APP_H_
#define TIDEMARK_TESTS_SIM_APP_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema.h"
#include "core/mutation/mutator.h"

namespace tidemark::sim {

const model::Schema& AppSchema();

/// `{"client","n",…}`: whose mutation it is and its id, then the mutator's own arguments.
void RegisterMutators(mutation::MutatorRegistry& registry);

struct AppQuery {
  std::string name;
  std::string args_json;
  bool sees_members = false;  // and not every row of the page: exists, or a limit
};
/// Every query that tabs watch.
const std::vector<AppQuery>& AppQueries();
/// The tree of a query, on both sides.
Result<std::string> ResolveQuery(std::string_view name, std::string_view args_json);

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_APP_H_
