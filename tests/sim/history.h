// What really happened, beside what the parts under test say happened: every call of a mutator and
// what its page was told, every commit of the server, and the result of every query at every
// version. The laws are checked against it. Keeps the first violation; never steers anything.
#ifndef TIDEMARK_TESTS_SIM_HISTORY_H_
#define TIDEMARK_TESTS_SIM_HISTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/hub/hub.h"
#include "core/ivm/pipeline.h"
#include "core/store/source.h"
#include "server/authority.h"

namespace tidemark::sim {

/// One call of a mutator that returned without an error.
struct Call {
  std::string name;
  std::string counter;  // with counter.add
  int by = 0;
  bool durable = false;
  bool confirmed = false;
  bool rejected = false;
  bool listed = false;  // in a list of rejections that a page was shown
};

/// The results of the app's queries as JSON, in the order of AppQueries().
using Results = std::vector<std::string>;
Results Evaluate(const store::Store& store);

class History {
 public:
  // ---- pages ----
  void OnCall(const ClientID& client, MutationID id, Call call);
  void OnDurable(const ClientID& client, MutationID id);
  void OnSettled(const ClientID& client, MutationID id, bool confirmed);
  void OnListed(const ClientID& client, MutationID id);

  // ---- the server ----
  void OnCommit(const hub::Commit& commit, const store::Store& replica);
  void OnOutside(const std::string& counter, int by) { totals_[counter] += by; }
  void OnStart(const Version& version, const store::Store& replica);
  const Results* At(std::uint64_t position) const;
  /// Somebody said which rows it holds, to be told what it lacks.
  void OnCompared() { ++comparisons_; }
  /// A row was altered on the way.
  void OnAltered() { ++alterations_; }

  // ---- laws ----
  void Require(bool holds, const std::string& law) {
    if (!holds && violation_.empty()) violation_ = law;
  }
  const std::string& violation() const { return violation_; }

  /// At rest. `alive`: pages that are still open; `behind_relay`: clients of a relay.
  void CheckAtRest(const store::Store& database, const std::set<ClientID>& alive,
                   const std::set<ClientID>& behind_relay);
  std::uint64_t calls() const { return calls_; }
  std::uint64_t commits() const { return results_.size(); }
  std::uint64_t failures() const { return failed_.size(); }
  std::uint64_t comparisons() const { return comparisons_; }
  std::uint64_t alterations() const { return alterations_; }

 private:
  void CheckClient(const ClientID& client, const std::vector<std::uint64_t>& applied, bool is_alive,
                   bool is_behind_relay);
  void CheckCounters(const store::Store& database);

  std::map<ClientID, std::vector<Call>> clients_;
  std::map<ClientID, MutationID> lmids_;
  std::set<std::pair<std::string, MutationID>> failed_;  // client, id
  std::map<std::string, int> totals_;                    // of outside commits
  std::map<std::uint64_t, Results> results_;             // by position
  std::uint64_t calls_ = 0;
  std::uint64_t last_position_ = 0;
  std::uint64_t comparisons_ = 0;
  std::uint64_t alterations_ = 0;
  std::string violation_;
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_HISTORY_H_
